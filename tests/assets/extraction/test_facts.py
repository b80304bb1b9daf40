"""Facts and signs per language, and sentences that state none."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.facts import FACT_SCHEMA, extract_facts
from assets.extraction.money import parse_amount
from assets.extraction.signs import SIGNS, all_sign_rules


def facts(
    text: str, region: str | None = None, lang: str | None = None, about: str | None = None
) -> pl.DataFrame:
    names = ("id", "text", "region", "lang", "about")
    frame = pl.DataFrame(
        [("1", text, region, lang, about)], schema=dict.fromkeys(names, pl.String), orient="row"
    )
    found = extract_facts(frame)
    for row in found.iter_rows(named=True):
        if row["start"] is not None:
            assert text[row["start"] : row["end"]] == row["raw"]
    return found


def values(found: pl.DataFrame, kind: str) -> list[str]:
    return found.filter(pl.col("kind") == kind)["value"].to_list()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Looking for a quiet room near the station, please write to me", "en"),
        ("Busco una habitación tranquila cerca de la estación, escríbeme", "es"),
        ("Procuro um quarto sossegado perto da estação, escreva-me", "pt"),
        ("Je cherche une chambre calme près de la gare, écrivez-moi", "fr"),
        ("Ich suche ein ruhiges Zimmer in der Nähe vom Bahnhof", "de"),
        ("Cerco una stanza tranquilla vicino alla stazione, scrivetemi", "it"),
        ("Caut o cameră liniștită lângă gară, scrieți-mi vă rog", "ro"),
    ],
)
def test_the_language_of_a_sentence_is_known(text: str, language: str) -> None:
    assert values(facts(text), "language") == [language]


def test_the_hint_decides_where_there_is_little_text() -> None:
    assert values(facts("ok 100", lang="ro"), "language") == ["ro"]


@pytest.mark.parametrize(
    ("text", "lang", "country"),
    [
        ("I am a Colombian girl", "en", "CO"),
        ("Ukrainian lady here", "en", "UA"),
        ("soy venezolana", "es", "VE"),
        ("chica rumana", "es", "RO"),
        ("sou brasileira", "pt", "BR"),
        ("je suis nigériane", "fr", "NG"),
        ("je suis ivoirienne", "fr", "CI"),
        ("kolumbianisches Mädchen", "de", "CO"),
        ("hübsche Thailänderin", "de", "TH"),
        ("ragazza albanese", "it", "AL"),
        ("fată columbiancă", "ro", "CO"),
        ("româncă frumoasă", "ro", "RO"),
        ("hungara joven", "es", "HU"),
    ],
)
def test_a_claimed_nationality_is_found(text: str, lang: str, country: str) -> None:
    assert values(facts(text, lang=lang), "nationality") == [country]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("I speak English and Spanish", "en"),
        ("Thai massage and Italian food", "en"),
        ("hablo francés e inglés", "es"),
        ("francés natural y griego profundo", "es"),
        ("je parle anglais et espagnol", "fr"),
        ("ich spreche Deutsch und Englisch", "de"),
        ("parlo inglese", "it"),
        ("vorbesc engleză și germană", "ro"),
    ],
)
def test_a_language_or_a_dish_is_no_nationality(text: str, lang: str) -> None:
    assert values(facts(text, lang=lang), "nationality") == []


@pytest.mark.parametrize(
    ("text", "lang", "age"),
    [
        ("I am 19 and new", "en", 19),
        ("19yo student", "en", 19),
        ("22 years old", "en", 22),
        ("twenty one years old", "en", 21),
        ("tengo 19 años", "es", 19),
        ("veintidós añitos", "es", 22),
        ("tenho vinte e dois anos", "pt", 22),
        ("j'ai 23 ans", "fr", 23),
        ("22 Jahre jung", "de", 22),
        ("zweiundzwanzig Jahre alt", "de", 22),
        ("22-jährige Studentin", "de", 22),
        ("ho 25 anni", "it", 25),
        ("am 21 de ani", "ro", 21),
        ("am douăzeci și unu de ani", "ro", 21),
        ("мне 21 год", "ru", 21),
    ],
)
def test_a_claimed_age_is_found(text: str, lang: str, age: float) -> None:
    assert facts(text, lang=lang).filter(pl.col("kind") == "age")["number"].to_list() == [age]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("15 years of experience", "en"),
        ("20 años de experiencia", "es"),
        ("10 ans d'expérience", "fr"),
        ("I am 50€ cheaper", "en"),
        ("over 80 years", "en"),
        ("18 cm, 60 kg", "en"),
    ],
)
def test_other_years_are_no_age(text: str, lang: str) -> None:
    assert values(facts(text, lang=lang), "age") == []


def test_an_age_below_eighteen_is_a_sign() -> None:
    assert "claimed_age_under_18" in values(facts("tengo 17 años", lang="es"), "sign")
    assert "claimed_age_under_18" not in values(facts("tengo 18 años", lang="es"), "sign")


@pytest.mark.parametrize(
    ("text", "region", "kind", "number", "unit"),
    [
        ("100€ one hour", None, "price", 100, "EUR/hour"),
        ("150 euros la hora", None, "price", 150, "EUR/hour"),
        ("£80 half hour", None, "price", 80, "GBP/half_hour"),
        ("$200", "US", "price", 200, "USD"),
        ("$200", "MX", "price", 200, "MXN"),
        ("Salary 1.500,50 EUR per month", None, "pay", 1500.5, "EUR/month"),
        ("earn up to 3,000 EUR a week", None, "pay", 3000, "EUR/week"),
        ("Gehalt 2.800 Euro im Monat", None, "pay", 2800, "EUR/month"),
        ("salariu 3000 euro pe lună", None, "pay", 3000, "EUR/month"),
        ("rembourser la dette de 3000 euros", None, "debt", 3000, "EUR"),
        ("deuda de 5.000 €", None, "debt", 5000, "EUR"),
        ("agency fee of 250 GBP", None, "fee", 250, "GBP"),
        ("Vermittlungsgebühr 400 CHF", None, "fee", 400, "CHF"),
        ("taxă de 300 lei", None, "fee", 300, "RON"),
    ],
)
def test_an_amount_is_read_with_its_purpose(
    text: str, region: str | None, kind: str, number: float, unit: str
) -> None:
    found = facts(text, region).filter(pl.col("kind").is_in(["price", "debt", "fee", "pay"]))
    assert found.select("kind", "number", "unit").rows() == [(kind, float(number), unit)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Deposit of 50 pounds to hold the booking", "price"),
        ("Deposit of 50 pounds for the job", "fee"),
        ("señal de 50 euros por adelantado", "price"),
        ("Miete 500 Euro im Voraus, Kaution 500 Euro", "price"),
        ("acompte de 50 euros", "price"),
        ("предоплата 1000 руб", "price"),
        ("аванс 1000 долларов на билет", "debt"),
        ("debes venir con 50 euros", "price"),
        ("nos debes 50 euros", "debt"),
    ],
)
def test_what_is_paid_ahead_is_a_debt_or_fee_only_where_it_is_about_work(text: str, kind: str) -> None:
    language = {"De": "en", "se": "es", "Mi": "de", "ac": "fr", "пр": "ru", "ав": "ru"}.get(text[:2], "es")
    found = facts(text, None, language).filter(pl.col("kind").is_in(["price", "debt", "fee", "pay"]))
    assert set(found["kind"]) == {kind}


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("1.500,50", 1500.5),
        ("1,500.50", 1500.5),
        ("1 500", 1500),
        ("1'500", 1500),
        ("80", 80),
        ("1.500", 1500),
        ("9,5", 9.5),
    ],
)
def test_the_last_separator_with_one_or_two_digits_is_decimal(spelling: str, number: float) -> None:
    assert parse_amount(spelling) == number


@pytest.mark.parametrize(
    ("text", "region", "place"),
    [
        ("now in Manchester", "GB", "Manchester, GB"),
        ("estoy en Madrid", "ES", "Madrid, ES"),
        ("in München am Bahnhof", "DE", "Munich, DE"),
        ("à Nice centre", "FR", "Nice, FR"),
        ("din București", "RO", "Bucharest, RO"),
        ("em Lisboa", "PT", "Lisbon, PT"),
        ("da Milano", "IT", "Milan, IT"),
        ("LONDON visit", "GB", "London, GB"),
        ("a Londres", "ES", "London, GB"),
        ("в Москве и Москва", "RU", "Moscow, RU"),
    ],
)
def test_a_city_is_found_in_its_country(text: str, region: str, place: str) -> None:
    found = facts(text, region).filter(pl.col("kind") == "place")
    assert found["value"].to_list() == [place]
    assert found["unit"].to_list() == [place[-2:]]


@pytest.mark.parametrize(
    "text",
    [
        "have a nice day",
        "most of us can read",
        "Sofia is my name",
        "reading a book in bath",
        "Perto do centro",
        "apartament curat",
    ],
)
def test_a_word_or_a_name_is_no_city(text: str) -> None:
    assert values(facts(text, "GB", "en"), "place") == []


@pytest.mark.parametrize(
    ("text", "country"),
    [("nach Deutschland", "DE"), ("en Alemania", "DE"), ("in Italia", "IT"), ("to the UK", "GB")],
)
def test_a_country_is_found(text: str, country: str) -> None:
    assert values(facts(text), "country") == [country]


def test_a_form_field_says_more_than_a_word_in_prose() -> None:
    assert values(facts("19", about="age"), "age") == ["19"]
    assert values(facts("francesa", about="nationality"), "nationality") == ["FR"]
    assert values(facts("Nice", "FR", about="place"), "place") == ["Nice, FR"]
    # A part of a town stands for the town.
    assert values(facts("Hamburg-Altona", "DE", about="place"), "place") == ["Hamburg, DE"]
    assert values(facts("Baden-Baden", "DE", about="place"), "place") == ["Baden-Baden, DE"]
    assert values(facts("Stratford-upon-Avon", "GB", about="place"), "place") != ["Stratford, GB"]
    assert values(facts("17", about="age"), "sign") == ["claimed_age_under_18"]
    assert values(facts("19", about="age"), "language") == []


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(ValueError, match="'height'"):
        facts("180", about="height")


@pytest.mark.parametrize(
    ("text", "lang", "sign"),
    [
        ("You pay back the debt from your wages", "en", "debt_owed"),
        ("There is a registration fee of 200", "en", "recruitment_fee"),
        ("Your passport will be kept by the agency", "en", "documents_held"),
        ("We buy your flight", "en", "transport_paid"),
        ("Accommodation provided", "en", "accommodation_tied"),
        ("The first month is without pay, no salary until you have finished", "en", "pay_withheld"),
        ("You are not allowed to leave the house", "en", "movement_restricted"),
        ("barely legal", "en", "youth_wording"),
        ("Our lovely ladies await", "en", "third_party_wording"),
        ("three sweet girls", "en", "several_persons_offered"),
        ("100% safe, trust us", "en", "trust_wording"),
        ("Earn 5000 a week, no experience needed", "en", "high_pay_no_experience"),
        ("Waitress jobs in Dubai, visa and ticket arranged", "en", "abroad_offer"),
        ("WhatsApp only", "en", "messenger_only_contact"),
        ("only for a few days", "en", "short_stay_wording"),
        ("new in town", "en", "new_in_town"),
        ("do not tell anyone in your family", "en", "secrecy_required"),
        ("Tu deuda se descuenta del sueldo", "es", "debt_owed"),
        ("Guardamos tu pasaporte", "es", "documents_held"),
        ("No puedes salir sola", "es", "movement_restricted"),
        ("Sin experiencia, buen sueldo semanal", "es", "high_pay_no_experience"),
        ("Os passaportes ficam connosco", "pt", "documents_held"),
        ("Ganhe 3000 euros sem experiência", "pt", "high_pay_no_experience"),
        ("Nous gardons les passeports", "fr", "documents_held"),
        ("Vous devez rembourser le billet", "fr", "debt_owed"),
        ("Nos charmantes hôtesses vous attendent", "fr", "third_party_wording"),
        ("Die Pässe werden bei uns abgegeben", "de", "documents_held"),
        ("Nur per WhatsApp", "de", "messenger_only_contact"),
        ("Die Schulden werden vom Lohn abgezogen", "de", "debt_owed"),
        ("Actele rămân la noi", "ro", "documents_held"),
        ("Nu ai voie să ieși", "ro", "movement_restricted"),
        ("Fără experiență, salarii mari", "ro", "high_pay_no_experience"),
        ("I passaporti restano in ufficio", "it", "documents_held"),
        ("Guadagna 3000 euro, nessuna esperienza", "it", "high_pay_no_experience"),
        ("Wij bewaren je paspoort", "nl", "documents_held"),
    ],
)
def test_a_sign_is_found(text: str, lang: str, sign: str) -> None:
    assert sign in values(facts(text, lang=lang), "sign")


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Cleaner wanted for two mornings, 13 EUR per hour, contract from the first day", "en"),
        ("Vendo bicicleta en buen estado, 80 euros, se puede ver por la tarde", "es"),
        ("Vends canapé, très bon état, à venir chercher", "fr"),
        ("Suche Nachhilfe in Mathematik, einmal die Woche, 20 Euro", "de"),
        ("Explicações de matemática, horário a combinar", "pt"),
        ("Vendo bicicletta usata, ottimo stato, ritiro in zona", "it"),
        ("Fiets te koop in goede staat, ophalen in de avond", "nl"),
        ("Vând canapea, stare bună, se ridică personal", "ro"),
    ],
)
def test_an_ordinary_advertisement_shows_no_sign(text: str, lang: str) -> None:
    assert values(facts(text, lang=lang), "sign") == []


def test_every_rule_names_a_known_sign_and_cites_a_list() -> None:
    rules = all_sign_rules()
    assert len({rule.id for rule in rules}) == len(rules)
    assert {rule.meaning for rule in rules} <= SIGNS
    assert all(rule.citation and 0 < rule.confidence <= 1 for rule in rules)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=80)), max_size=4))
def test_any_texts_give_rows_whose_spans_slice_to_the_raw_spelling(texts: list[str | None]) -> None:
    frame = pl.DataFrame(
        {"id": [str(place) for place in range(len(texts))], "text": texts},
        schema={"id": pl.String, "text": pl.String},
    )
    found = extract_facts(frame)
    assert found.schema == pl.Schema(FACT_SCHEMA)
    for row in found.iter_rows(named=True):
        text = texts[int(row["id"])]
        assert text is not None
        if row["start"] is not None:
            assert text[row["start"] : row["end"]] == row["raw"]


def _facts(kind: str, text: str, language: str | None = None, region: str | None = None) -> list[str]:
    frame = pl.DataFrame(
        [("1", text, language, region)], schema=["id", "text", "lang", "region"], orient="row"
    ).cast(pl.String)
    return extract_facts(frame).filter(pl.col("kind") == kind)["value"].to_list()


@pytest.mark.parametrize("text", ["Mirela, 23, calm person", "Hello.\nAnouk (31)", "Zofka, 19"])
def test_a_number_behind_a_name_is_an_age(text: str) -> None:
    assert len(_facts("age", text, "en")) == 1


@pytest.mark.parametrize(
    "text",
    ["August, 23, we are open", "Madrid, 28, calle", "Room, 45 euros", "Price, 25.50", "see room 3, 24"],
)
def test_a_number_behind_a_month_a_place_or_a_price_is_none(text: str) -> None:
    assert _facts("age", text, "en") == []


@pytest.mark.parametrize(
    ("text", "country"),
    [("Ich bin Uruguayerin", "UY"), ("zwei Israelinnen", "IL"), ("freundliche Kosovarinnen", "XK")],
)
def test_german_words_for_women_of_a_country(text: str, country: str) -> None:
    assert _facts("nationality", text, "de") == [country]


def test_a_citys_own_name_goes_before_a_foreign_name_of_another() -> None:
    assert _facts("place", "apartment in Porto", "en") == ["Porto, PT"]


def test_a_shared_name_is_the_citys_in_the_sources_country() -> None:
    assert _facts("place", "estoy en Valencia", "es", "ES") == ["Valencia, ES"]
    assert _facts("place", "estoy en Valencia", "es", "VE") == ["Valencia, VE"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("Nada de prisas", "es"), ("Solo tardes", "es"), ("Waren und Ende", "de"), ("Tarde livre", "pt")],
)
def test_frequent_words_are_no_places(text: str, language: str) -> None:
    assert _facts("place", text, language) == []


@pytest.mark.parametrize(
    ("region", "text", "cities"),
    [
        ("GB", "NYC / LDN / BCN tour", {"New York City", "London", "Barcelona"}),
        ("BR", "SP capital e RJ", {"São Paulo", "Rio de Janeiro"}),
        ("RU", "девушки МСК", {"Moscow"}),
        ("GB", "Hi I'm Chelsea, new photos", set()),
        ("GB", "London (23) is back", set()),
        ("ES", "Soy Valencia, colombiana", set()),
        ("GB", "touring: London, Paris, Milan", {"London", "Paris", "Milan"}),
        ("GB", "I'm mad about you", set()),
    ],
)
def test_short_forms_of_cities_are_places_and_names_of_persons_are_none(
    region: str, text: str, cities: set[str]
) -> None:
    facts = extract_facts(pl.DataFrame({"id": ["1"], "text": [text], "region": [region]}))
    found = facts.filter(pl.col("kind") == "place")["value"]
    assert {place.rsplit(", ", 1)[0] for place in found} == cities


def test_english_words_are_taken_back_by_english_ones_where_the_site_is_not_english() -> None:
    for lang in ("en", "es"):
        assert "debt_owed" not in values(facts("Debt relief: owe", lang=lang), "sign")
        assert "debt_owed" in values(facts("in debt: owe", lang=lang), "sign")

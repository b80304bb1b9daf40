"""Movements, offered work, roles, employers, and what takes a sign back."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.detection.indicators import load_indicators
from assets.detection.item_signs import EARNINGS_TAKEN, MOVED_ON
from assets.extraction.ages import age_rules
from assets.extraction.alternatives import one_of
from assets.extraction.concepts import concept_rules, lexicon
from assets.extraction.facts import extract_facts
from assets.extraction.movements import movement_rules
from assets.extraction.required_words import required_strings
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import candidates
from assets.extraction.signs import reporting_rules, sign_rules

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "ro", "ru", "uk")


def found(text: str, lang: str | None, kind: str) -> list[tuple[str | None, str | None]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]}, schema_overrides={"lang": pl.String})
    return extract_facts(frame).filter(pl.col("kind") == kind).select("value", "unit").rows()


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("I am here until Thursday", "en", [("departure", "thursday")]),
        ("Staying in Bath from 28 May to 2 June", "en", [("stay", "--05-28/--06-02")]),
        (
            "Llego mañana y me quedo dos semanas, solo dos semanas",
            "es",
            [("arrival", "tomorrow"), ("stay", "P2W")],
        ),
        ("Je suis ici jusqu'au 14 juillet", "fr", [("departure", "--07-14")]),
        ("Bin nur am Wochenende hier, nur dieses Wochenende", "de", [("stay", "this_weekend")]),
        ("Sono qui fino al 3.12.2026", "it", [("departure", "2026-12-03")]),
        ("Jestem tu do piątku", "pl", [("departure", "friday")]),
        ("Буду здесь до пятницы", "ru", [("departure", "friday")]),
        ("Open until Thursday, offer valid until Friday", "en", []),
        ("Wij zijn open van maandag tot vrijdag", "nl", []),
    ],
)
def test_a_movement_has_its_time(text: str, lang: str, expected: list[tuple[str, str]]) -> None:
    assert sorted(found(text, lang, "movement")) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "lang", "ends"),
    [
        ("From Porto to Bath on 3 May", "en", [("Porto, PT", "Bath, GB")]),
        ("Flying out of Porto, arriving in Ghent on Friday", "en", [("Porto, PT", "Gent, BE")]),
        ("Visiting Bath until Sunday", "en", [("Bath, GB", None)]),
        ("I go back to Porto on Monday", "en", [(None, "Porto, PT")]),
        ("Tour: Ulm 3. bis 5. Mai, Kassel 6. bis 9. Mai", "de", [(None, "Ulm, DE"), (None, "Kassel, DE")]),
        ("Llego de Bogotá a Vigo el 3 de mayo", "es", [("Bogotá, CO", "Vigo, ES")]),
        ("J'arrive de Paris à Lille vendredi", "fr", [("Paris, FR", "Lille, FR")]),
        ("Przyjadę z Gdańska do Łodzi w piątek", "pl", [("Gdańsk, PL", "Łódź, PL")]),
        ("Вернусь в Минск из Омска в пятницу", "ru", [("Omsk, RU", "Minsk, BY")]),
        ("Here until Sunday", "en", [(None, None)]),
    ],
)
def test_a_movement_has_the_places_that_its_sentence_names(
    text: str, lang: str, ends: list[tuple[str | None, str | None]]
) -> None:
    region = {"en": "GB"}.get(lang, lang.upper())
    facts = extract_facts(pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang], "region": [region]}))
    moved = facts.filter((pl.col("kind") == "movement") & (pl.col("value") != "route")).sort("start")
    assert moved.select("origin", "destination").rows() == ends
    others = facts.filter(pl.col("kind") != "movement")
    assert others["origin"].null_count() == others["destination"].null_count() == others.height


@pytest.mark.parametrize(
    ("text", "lang", "jobs"),
    [
        ("Seamstress wanted, ask for details", "en", [("seamstress", "8153")]),
        ("Suche Arbeit als Köchin", "de", []),
        ("Poszukujemy szwaczek do zakładu", "pl", [("seamstress", "8153")]),
        ("Требуются швеи", "ru", [("seamstress", "8153")]),
        ("My sister is a waitress", "en", []),
    ],
)
def test_a_job_is_one_that_is_offered(text: str, lang: str, jobs: list[tuple[str, str]]) -> None:
    assert found(text, lang, "job") == jobs


def test_an_employer_is_named_beside_his_house_or_by_his_legal_form() -> None:
    assert found("Job offer: cooks for restaurant Blue Heron", "en", "employer") == [("Blue Heron", None)]
    assert found("Stellenangebot der Nordlicht Reinigung GmbH", "de", "employer") == [
        ("Nordlicht Reinigung GmbH", None)
    ]
    assert found("We met at restaurant Blue Heron", "en", "employer") == []


def test_a_role_needs_a_word_that_sends_to_it() -> None:
    assert found("Please call our driver", "en", "role") == [("driver", None)]
    assert found("The driver of the bus was hurt", "en", "role") == []
    assert found("Hi there. Call the driver", "en", "role") == [("driver", None)]


@pytest.mark.parametrize(
    ("text", "lang", "role"),
    [
        ("Our manager: Rita", "en", "manager"),
        ("My boss (07700 900123)", "en", "boss"),
        ("La jefa @casa_azul_12", "es", "boss"),
        ("Unsere Managerin Tina 030 23125 014", "de", "manager"),
    ],
)
def test_a_role_that_introduces_a_contact_counts(text: str, lang: str, role: str) -> None:
    assert found(text, lang, "role") == [(role, None)]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("My boss is kind and the office is warm", "en"),
        ("Our manager won 200 points", "en"),
        ("Mi jefe vive en Madrid", "es"),
        ("Mein Chef wohnt in Berlin", "de"),
        ("Mon patron habite à Lyon", "fr"),
        ("Мой начальник живёт в Москве", "ru"),
        ("Мій начальник живе у Львові", "uk"),
        ("Mój szef mieszka w Gdańsku", "pl"),
        ("Call me, my boss is away", "en"),
    ],
)
def test_a_role_mentioned_in_passing_is_no_contact(text: str, lang: str) -> None:
    assert found(text, lang, "role") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_rule_for_every_sign_that_counts(language: str) -> None:
    """Four have none of their own: the age is read as an age, the disguise of a number with the number, and detection
    tells two from the signs of pay withheld and of short stays, by the trade."""
    read_elsewhere = {"claimed_age_under_18", "obscured_phone", EARNINGS_TAKEN, MOVED_ON}
    counted = {i.indicator_id for i in load_indicators() if i.level == "item" and i.is_weighted}
    by_ideas = {rule.meaning for rule in concept_rules()} if lexicon(language) is not None else set()
    assert counted - read_elsewhere <= {rule.meaning for rule in sign_rules(language)} | by_ideas


def test_a_point_inside_a_number_does_not_end_the_sentence() -> None:
    signs = [value for value, _ in found("Auch Anfänger, 2.200 Euro im Monat", "de", "sign")]
    assert signs == ["high_pay_no_experience"]


@pytest.mark.parametrize(
    ("told", "denied", "lang", "sign"),
    [
        ("We hold your passport", "We never hold your passport", "en", "documents_held"),
        ("Registration fee applies", "There is no registration fee", "en", "recruitment_fee"),
        ("Guardamos tu pasaporte", "No guardamos tu pasaporte", "es", "documents_held"),
        ("Die Pässe bleiben bei uns", "Die Pässe bleiben bei dir", "de", "documents_held"),
        ("Zatrzymujemy paszporty", "Nie zatrzymujemy paszportów", "pl", "documents_held"),
        ("Забираем паспорт", "Никогда не забираем паспорт", "ru", "documents_held"),
    ],
)
def test_a_negation_takes_a_sign_back(told: str, denied: str, lang: str, sign: str) -> None:
    assert sign in [value for value, _ in found(told, lang, "sign")]
    assert sign not in [value for value, _ in found(denied, lang, "sign")]


def test_a_report_of_others_is_no_sign_of_the_poster() -> None:
    text = "Two men were arrested, police said: they kept the passports and the women owed them 2,000 euros"
    assert found(text, "en", "sign") == []
    assert found(text, "en", "debt") == []


def test_a_mixed_text_has_its_languages() -> None:
    text = (
        "Hola, soy nueva en la ciudad y estoy aqui para ti. I am here for you and we can meet in the evening"
    )
    assert {value for value, _ in found(text, None, "language")} == {"en", "es"}


def test_rent_taken_from_the_pay_is_no_debt() -> None:
    assert "debt_owed" not in [v for v, _ in found("The rent is deducted from your wages", "en", "sign")]
    assert "debt_owed" in [v for v, _ in found("The ticket is deducted from your wages", "en", "sign")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_there_and_every_rule_compiles(language: str) -> None:
    for folder in ("ages", "amounts", "movements", "nationalities", "numbers", "signs", "work"):
        assert language in languages_with(folder)
    rules = (*age_rules(language), *movement_rules(language), *sign_rules(language))
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(0 < rule.confidence <= 1 for rule in rules)
    for folder in ("amounts", "movements", "nationalities", "signs", "work"):
        assert not _truths(read_yaml(f"{folder}/{language}.yaml")), (
            "a bare yes, no, on or off was read as a truth"
        )


def _truths(node: object) -> bool:
    """Whether a list somewhere in `node` holds True or False, as YAML reads bare words like `no`."""
    if isinstance(node, dict):
        return any(_truths(below) for below in node.values())
    return isinstance(node, list) and any(isinstance(item, bool) or _truths(item) for item in node)


TEXTS = (
    "I'm 23 yo and here until 4 May, no debt, passports are kept by us, police said",
    "Tengo veintidós años, estoy en Madrid del 3 al 7 de mayo, guardamos el pasaporte, según la policía",
    "Ich bin 22 Jahre alt und bis Sonntag da, Vermittlungsgebühr, ohne Lohn, laut Polizei",
    "мне 21 год, здесь до пятницы, паспорт забираем, взнос за трудоустройство, полиция",
    "Mam 24 lata, jestem tu do niedzieli, paszport trzymamy, opłata rejestracyjna, policja",
    "j'ai 19 ans, du 3 au 5 mars, frais de dossier, les passeports restent au bureau",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scan_leaves_out_no_rule_that_matches(language: str) -> None:
    rules = (
        *age_rules(language),
        *movement_rules(language),
        *sign_rules(language),
        *reporting_rules(language),
    )
    texts = [text.lower() for text in TEXTS]
    for text, likely in zip(texts, candidates(texts, rules), strict=True):
        assert {rule.id for rule in rules if rule.compiled.search(text)} <= {rule.id for rule in likely}


@pytest.mark.parametrize(
    ("pattern", "sets"),
    [
        (r"\bpassports?\b.{0,9}\b(?:kept|held)\b", [{"passport"}, {"kept", "held"}]),
        (r"(?:ab)?\d+", []),
        (r"(?:abc|\d)", []),
        (r"foo[ -]?bar", [{"foobar", "foo bar", "foo-bar"}]),
        (r"(?:xyz)*abc(?!def)", [{"abc"}]),
    ],
)
def test_required_strings(pattern: str, sets: list[set[str]]) -> None:
    assert [set(strings) for strings in required_strings(pattern)] == sets


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text("abc ё.", min_size=1, max_size=5), min_size=1, max_size=8), st.text("abc ё.", max_size=8)
)
def test_a_letter_tree_matches_the_words_and_no_more(words: list[str], other: str) -> None:
    import re

    pattern = re.compile(one_of(words))
    assert all(pattern.fullmatch(word) for word in words)
    assert (pattern.fullmatch(other) is not None) == (other in words)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from((*TEXTS, "«", "\u0130", "ß", "\n", "👍🏽", "12/", "ООО «", "€")), max_size=6),
    st.data(),
)
def test_cut_and_joined_texts_give_spans_that_slice(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    text = text[: data.draw(st.integers(0, len(text)))]
    for row in extract_facts(pl.DataFrame({"id": ["1"], "text": [text]})).iter_rows(named=True):
        if row["start"] is not None:
            assert 0 <= row["start"] < row["end"]
            assert text[row["start"] : row["end"]] == row["raw"]

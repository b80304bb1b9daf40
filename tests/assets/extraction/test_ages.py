"""Ages by the grammar of an age: what is a person's, and what is a duration, a size, an address or a count."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.extraction.ages import OF_A_THING
from assets.extraction.facts import extract_facts


def ages(text: str, lang: str | None) -> list[int]:
    """The claimed ages in the order of the text."""
    frame = pl.DataFrame([("1", text, lang)], schema=["id", "text", "lang"], orient="row").cast(pl.String)
    found = extract_facts(frame).filter(pl.col("kind") == "age").sort("start")
    return [int(number) for number in found["number"].to_list()]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Plumber, 15 years in business, call anytime"),
        ("en", "Lady cleaner, 14 years doing houses"),
        ("es", "Carpintero, 15 años en el barrio"),
        ("es", "Mujer seria, 12 años cuidando ancianos"),
        ("fr", "Peintre, 12 ans dans la rue, demandez aux voisins"),
        ("pt", "Arranjo telhados, 12 anos no bairro"),
        ("de", "Malermeister, seit 25 Jahren im Viertel"),
        ("de", "Reinigungskraft, 20 Jahre im Geschäft"),
        ("it", "Imbianchino, 18 anni nel quartiere"),
        ("nl", "Klusjesman, 30 jaar in het vak"),
        ("ro", "Instalator, 15 ani în domeniu"),
        ("pl", "Hydraulik, 20 lat w branży"),
        ("ru", "Уборка квартир, 15 лет на рынке"),
        ("uk", "Прибирання, 12 років на ринку"),
    ],
)
def test_years_of_work_are_no_age(lang: str, text: str) -> None:
    assert ages(text, lang) == []
    assert ages(text, None) == []


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Latina 1,65 m, 55 kg, talla 38, pie 37"),
        ("en", "Blonde girl, size 36, height 170, weight 55"),
        ("en", "25 girls arrested, 34 men held"),
        ("es", "Chicas (34) Masajes (22)"),
        ("de", "Damen (25) in Berlin, Zimmer (20)"),
        ("es", "Colombiana 50 media hora, 80 una hora"),
        ("es", "Colombianas, 24 horas, todos los días"),
        ("fr", "Marie 30 € la coupe, 35, rue des Lilas"),
        ("pl", "Pani do sprzątania, 25 zł za godzinę, ul. Polna, 22"),
        ("uk", "Адреса: вул. Тиха, 38"),
        ("de", "Anna, 24. Mai, 38 Std. pro Woche"),
        ("es", "Sofía, 24 y 25 de marzo"),
        ("fr", "Taille 1 m 70, pointure 39"),
        ("en", "Emma, 30 mins from London, Maria 24/7"),
        ("en", "Babysitter for my 14 year old daughter"),
    ],
)
def test_other_numbers_beside_a_person_are_no_age(lang: str, text: str) -> None:
    assert ages(text, lang) == []


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("es", "Vuelve Nina (34) a Madrid", [34]),
        ("de", "Mia, Kolumbianerin, 19, unkompliziert", [19]),
        ("es", "Señora boliviana de 46, en Murcia", [46]),
        ("es", "peruana 25, novedad", [25]),
        ("en", "28yrs, blonde, independent", [28]),
        ("en", "hi im Kelly 24 from Leeds", [24]),
        ("nl", "Lieve meid, 20 jr, Utrecht", [20]),
        ("nl", "meid van 41, zelfstandig", [41]),
        ("fr", "jolie brune 33ans Lyon", [33]),
        ("fr", "Âge 23", [23]),
        ("ru", "Настя 22, Казань", [22]),
        ("ru", "Подруги, узбечка и киргизка, 22 и 25.", [22, 25]),
        ("uk", "Дочці 19, шукає роботу", [19]),
        ("es", "Chicas de 20 a 25 añitos", [20, 25]),
        ("pl", "Dopiero osiemnastka", [18]),
        ("de", "Meine Tochter (18) sucht einen Ferienjob", [18]),
        ("es", "Lucía, 17 añitos", [17]),
        ("fr", "fille de 16 ans", [16]),
        ("nl", "Ze is 17, zit nog op school", [17]),
        ("ro", "am 17 ani", [17]),
    ],
)
def test_ages_beside_a_person_are_read(lang: str, text: str, expected: list[int]) -> None:
    assert ages(text, lang) == expected


@given(
    st.sampled_from(["en", "es", "pt", "fr", "de", "it", "ro", "nl", "pl", "ru", "uk"]),
    st.text(alphabet="aeñ ,.()-|0123456789€\nЛюдA", max_size=60),
    st.sampled_from(["", " years", " años", "ans", " jr", " лет", " anni"]),
)
def test_whatever_the_text_an_age_is_a_two_digit_number_of_it(lang: str, text: str, unit: str) -> None:
    frame = pl.DataFrame({"id": ["1"], "text": [f"Ana {text}{unit}"], "lang": [lang]})
    for row in extract_facts(frame).filter(pl.col("kind") == "age").iter_rows(named=True):
        assert row["raw"] == frame["text"][0][row["start"] : row["end"]]
        assert row["raw"] == str(int(row["number"]))
        assert 12 <= row["number"] <= 79


@pytest.mark.parametrize(
    ("lang", "text", "bounds"),
    [
        ("en", "girls aged 19 to 24", [19, 24]),
        ("it", "ragazze dai 20 ai 25 anni", [20, 25]),
        ("ru", "девушки от 19 до 24 лет", [19, 24]),
        ("en", "girls, open 20 to 24 h", []),
        ("en", "shifts of 20 to 24", []),
    ],
)
def test_a_range_of_ages_belongs_to_people(lang: str, text: str, bounds: list[int]) -> None:
    facts = extract_facts(pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]}))
    assert sorted(facts.filter(pl.col("kind") == "age")["number"]) == bounds


@pytest.mark.parametrize(
    ("lang", "text", "age"),
    [
        ("fr", "Libre le matin.\n16 ans, lycéenne.", 16),
        ("fr", "bientôt 18, pour l'instant 15 ans", 15),
        ("it", "17 anni, quarta superiore", 17),
        ("es", "17 años, en primavera cumplo los siguientes", 17),
        ("de", "werde bald 18, jetzt 17", 17),
        ("de", "letzten Monat 17 geworden", 17),
        ("en", "turned 17 last month", 17),
        ("pt", "faço 18 em maio, agora 17 anos", 17),
        ("ru", "скоро 18, пока 17", 17),
        ("en", "almost 18 years of experience, 15 in London", None),
        ("de", "fast 18 Jahre Erfahrung, davon 15 in Köln", None),
        ("de", "15 Jahre Erfahrung, Schüler willkommen", None),
        ("en", "15 years, school cleaning experience", None),
        ("en", "open till 18, 17 places left", None),
        ("es", "Clases: 15 años de experiencia, bachillerato y ESO", None),
        ("fr", "garde de 2 enfants, 12 ans, collégienne", None),
        ("it", "Cerco badante. Figlio 16 anni, quarta superiore", None),
    ],
)
def test_what_stands_beside_years_tells_a_minor(lang: str, text: str, age: int | None) -> None:
    facts = extract_facts(pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]}))
    minors = facts.filter((pl.col("kind") == "age") & (pl.col("number") < 18))["number"].to_list()
    assert minors == ([] if age is None else [age])
    assert ("claimed_age_under_18" in facts["value"].to_list()) is (age is not None)


def told_under_18(text: str, lang: str) -> bool:
    frame = pl.DataFrame([("1", text, lang)], schema=["id", "text", "lang"], orient="row").cast(pl.String)
    return "claimed_age_under_18" in extract_facts(frame).filter(pl.col("kind") == "sign")["value"].to_list()


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("es", "Aún no tengo los 18 pero parezco mayor"),
        ("es", "Cumplo 18 en abril"),
        ("en", "I'm not 18 yet but I look older"),
        ("en", "I turn 18 next week"),
        ("de", "Bin noch keine 18, seh aber älter aus"),
        ("de", "Ich werde im August erst 18"),
        ("fr", "J'aurai 18 ans dans un mois"),
        ("it", "Faccio 18 anni tra due settimane"),
        ("pt", "Faço 18 no próximo mês"),
        ("ro", "N-am încă 18 ani"),
        ("pl", "W sierpniu skończę 18 lat"),
        ("nl", "Ik ben nog geen 18"),
        ("ru", "Мне ещё нет 18"),
        ("uk", "Мені скоро виповниться 18"),
        ("en", "She's underage and they advertise her as 20"),
        ("en", "Shy and sweet, turning 18 only next winter"),
        ("en", "sweet and shy turning eighteen this summer, call"),
        ("en", "I'm not of age yet, ask first"),
        ("es", "hago los 18 recién en primavera"),
        ("es", "todavía soy menor de edad"),
        ("pt", "completo 18 só no outono"),
        ("fr", "je suis encore mineure"),
        ("de", "werde nächsten Sommer 18"),
        ("de", "Bin noch minderjährig, aber reif"),
        ("it", "compio 18 anni solo in primavera"),
        ("nl", "word pas volgend jaar 18"),
        ("ro", "fac 18 ani doar la primăvară"),
        ("pl", "jeszcze nie jestem pełnoletnia"),
        ("ru", "весной мне только исполнится 18"),
        ("uk", "восени мені буде 18"),
    ],
)
def test_who_says_to_be_below_eighteen_without_a_number_of_years_is_a_sign(lang: str, text: str) -> None:
    assert told_under_18(text, lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "If you are not 18 leave this site"),
        ("es", "Si no tiene 18 años abandone la web"),
        ("es", "Cumplo 18 años en esta empresa"),
        ("es", "Aún no tengo los 18 puntos del carnet"),
        ("de", "Wenn Sie noch keine 18 sind, verlassen Sie die Seite"),
        ("de", "Ich werde um 18 Uhr da sein"),
        ("fr", "Si vous n'avez pas encore 18 ans quittez ce site"),
        ("pl", "Kończę o 18, przyjdź"),
        ("ru", "Если вам нет 18 лет, покиньте сайт"),
        ("en", "My son is underage and needs a signature"),
        ("en", "My daughter, turning 18 next winter, needs a dress"),
        ("en", "Everyone turning 18 this year may vote"),
        ("es", "Si aún no eres mayor de edad, sal de la página"),
        ("de", "Wenn du noch nicht volljährig bist, verlasse die Seite"),
        ("de", "Ich werde nach 18 Uhr zurückrufen"),
        ("pt", "Faço 18 anos de casa em maio"),
        ("it", "Se non sei ancora maggiorenne esci"),
    ],
)
def test_a_notice_at_the_door_and_hours_tell_no_minor(lang: str, text: str) -> None:
    assert not told_under_18(text, lang)


@pytest.mark.parametrize(
    ("lang", "text", "of_a_thing"),
    [
        ("de", "Reihenhaus am Stadtrand, inzwischen 16 Jahre alt, gut gedämmt", True),
        ("de", "Wallach, brav im Gelände, ist jetzt 15 Jahre alt", True),
        ("en", "Two berth caravan, 17 years old, some damp", True),
        ("en", "Caravan trips with Nina, 17 years old", False),
        ("en", "Cosy flat. Girl, 17 years old, shy", False),
        ("de", "Junge Frau, 17 Jahre alt, eigene Wohnung", False),
    ],
)
def test_the_years_of_a_thing_are_doubtful(lang: str, text: str, of_a_thing: bool) -> None:
    texts = pl.DataFrame({"id": ["a"], "text": [text], "lang": [lang]})
    ages = extract_facts(texts).filter(pl.col("kind") == "age", pl.col("number") < 18)
    assert (ages["confidence"] <= OF_A_THING).all() if of_a_thing else (ages["confidence"] > OF_A_THING).any()


def goes_to_school(text: str, lang: str) -> bool:
    frame = pl.DataFrame([("1", text, lang)], schema=["id", "text", "lang"], orient="row").cast(pl.String)
    return "school_age_wording" in extract_facts(frame)["value"].to_list()


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Still in 10th grade, free at weekends"),
        ("en", "I go to high school, so text me in the evening"),
        ("es", "sigo en segundo de bachillerato, libre los sábados"),
        ("pt", "ando no 8º ano, livre à tarde"),
        ("fr", "je suis en seconde au lycée, libre le mercredi"),
        ("it", "faccio la terza superiore, libera il sabato"),
        ("de", "bin noch in der achten Klasse"),
        ("nl", "ik zit nog op de middelbare school"),
        ("ro", "sunt încă la liceu, liberă seara"),
        ("pl", "jestem jeszcze w liceum, wolne weekendy"),
        ("ru", "я ещё учусь в школе, свободна вечером"),
        ("uk", "я ще навчаюся у 9 класі"),
    ],
)
def test_who_goes_to_a_school_of_minors_says_so_in_the_present(lang: str, text: str) -> None:
    assert goes_to_school(text, lang)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "I was in 10th grade when we moved here"),
        ("en", "I am in a school uniform, do you like it?"),
        ("en", "She is at a language school near the station"),
        ("es", "Doy clases a alumnos que van al instituto, después de clase"),
        ("es", "estoy junto al colegio, portal discreto"),
        ("pt", "Sou mãe, ando com o meu filho no 8º ano"),
        ("fr", "Ancienne élève, je suis prof au lycée"),
        ("it", "sono alla scuola serale per adulti"),
        ("de", "Bin Nachhilfelehrerin, 8. Klasse, nach der Schule"),
        ("nl", "ik zit naast de middelbare school"),
        ("ru", "я рядом с автошколой"),
    ],
)
def test_tutors_parents_costumes_and_schools_of_adults_tell_no_pupil(lang: str, text: str) -> None:
    assert not goes_to_school(text, lang)

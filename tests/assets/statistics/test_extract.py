"""Figures of invented releases in seven languages, the traps around them, and the measured quality on real ones."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.statistics.extract import extract_operations
from assets.statistics.language_data import languages
from assets.statistics.names import normalise_name

HERE = Path(__file__).parent
RELEASES: list[dict[str, Any]] = yaml.safe_load((HERE / "releases.yaml").read_text(encoding="utf-8"))
PRESS_RELEASES = Path(__file__).parents[4] / "shared" / "press_releases"


def figures(text: str, language: str | None = None) -> set[tuple[str, float]]:
    """(metric, value) of all operations of a text."""
    result = extract_operations(text, doc_id="x", lang=language)
    return {(m["metric"], float(m["value"])) for o in result["operations"] for m in o["metrics"]}


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release["id"])
def test_figures_of_an_invented_release(release: dict[str, Any]) -> None:
    result = extract_operations(release["text"], doc_id=release["id"], published=release["published"])
    found = {(m["metric"], float(m["value"]), m["unit"]) for o in result["operations"] for m in o["metrics"]}
    expected = {(metric, float(value), unit) for metric, value, unit in release["expected"]}
    assert result["lang"] == release["lang"]
    assert len(found & expected) >= 0.85 * len(expected), expected - found
    assert len(found - expected) <= 1 + 0.1 * len(expected), found - expected
    if "name" in release:
        assert normalise_name(result["operations"][0]["name"]) == release["name"]
    if "start" in release:
        assert result["operations"][0]["start"] == str(release["start"])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Two men, aged 32 and 52, and a 14-year-old will appear in court."),
        ("en", "He was sentenced to 168 months in prison and 10 years of supervised release."),
        ("en", "Call the hotline on 020 7946 0321 or 1-800-555-0100 at any hour, 24/7."),
        ("en", "The UN estimates that 27.6 million people live in forced labour each year."),
        ("en", "The project received a grant of 4 million euros from the ministry."),
        ("en", "Section 12 and article 177 apply; see resolution 1325."),
        ("es", "Los arrestados, de entre 25 y 58 años, pueden ser condenados a 12 años de prisión."),
        ("es", "El presupuesto de 25 millones de euros se aprobó según la ley 27.126."),
        ("fr", "Ils encourent 10 ans d'emprisonnement. Numéro : 01 99 00 12 34."),
        ("de", "Der 34-jährige Mann wohnt seit 12 Jahren hier. Telefon: 030 23125 140."),
        ("de", "Ihnen drohen Freiheitsstrafen von bis zu 10 Jahren nach § 232 StGB."),
        ("pt", "As penas podem chegar a 20 anos de reclusão, conforme o artigo 149."),
        ("nl", "De 29-jarige verdachte kan 8 jaar celstraf krijgen op grond van artikel 273."),
        ("it", "L'uomo, di 45 anni, rischia fino a 12 anni di reclusione ai sensi dell'articolo 603."),
    ],
)
def test_ages_terms_telephones_statutes_and_context_are_no_figures(language: str, text: str) -> None:
    assert figures(text, language) == set()


def test_percentages_and_dates_are_no_figures() -> None:
    assert (
        figures("Arrests rose 40% and 12 per cent of suspects were held on 3 May 2024 at 10:30.", "en")
        == set()
    )


def test_a_rounded_title_yields_to_the_exact_figure() -> None:
    text = "More than 70 arrests in global sting\n\nOfficers worldwide made 75 arrests during the operation this month."
    assert figures(text, "en") == {("arrests", 75)}


def test_an_amount_in_brackets_in_another_currency_is_not_a_second_figure() -> None:
    assert figures("Police seized EUR 67.5 million (USD 76.5 million) in cash.", "en") == {
        ("money_seized", 67_500_000)
    }


def test_a_distribution_over_places_continues_the_metric() -> None:
    found = figures("Se realizaron 30 allanamientos: 21 en Brasil, siete en Panamá y dos en Francia.", "es")
    assert found == {("searches", 30), ("searches", 21), ("searches", 7), ("searches", 2)}


def test_items_under_a_heading_take_its_action() -> None:
    text = "The following items were seized:\n- 14 firearms\n- 3.2 kg of cocaine\n- 25 mobile phones\n"
    assert figures(text, "en") == {("seizure_firearms", 14), ("seizure_drugs", 3.2), ("seizure_devices", 25)}


def test_news_teasers_at_the_foot_are_left_out() -> None:
    text = (
        "Officers arrested 12 suspects during raids in three cities and seized two firearms on Monday morning.\n\n"
        "They will be brought before a judge, the police said in a statement published on its own pages today.\n\n"
        "Related news\n\n260 suspected scammers arrested in another operation\n"
    )
    assert ("arrests", 260) not in figures(text, "en")


def test_an_overview_is_read_as_several_operations() -> None:
    text = (
        "Our work in the region has been going on for many years and brought many results, among them these.\n\n"
        "Operation Red Dune (2021) led to 12 arrests across the region.\n\n"
        "Operation Blue Reef (2022) led to 31 arrests in six countries.\n\n"
        "Operation Green Fjord (2023) led to the rescue of 44 victims.\n"
    )
    operations = extract_operations(text, doc_id="x", lang="en")["operations"]
    assert [(o["name"], o["start"]) for o in operations] == [
        ("Operation Red Dune", "2021"),
        ("Operation Blue Reef", "2022"),
        ("Operation Green Fjord", "2023"),
    ]
    assert [m["value"] for m in operations[2]["metrics"]] == [44]


def test_the_header_lines_are_metadata_not_text() -> None:
    header = "https://police.example/news/1\nPolice of Example\n2024-05-06\n"
    text = f"{header}\nTitle of it\n\nPolice arrested 9 men on 4 May."
    operation = extract_operations(text, doc_id="x")["operations"][0]
    assert operation["start"] == "2024-05-04"
    assert [(m["metric"], m["value"]) for m in operation["metrics"]] == [("arrests", 9)]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release["id"])
def test_every_quote_and_span_is_literal(release: dict[str, Any]) -> None:
    for operation in extract_operations(release["text"], doc_id="x")["operations"]:
        for metric in operation["metrics"]:
            assert squeezed(metric["quote"]) in squeezed(release["text"])
            assert release["text"][metric["start"] : metric["end"]] == metric["quote"]


WORDS = (
    "12 1.250 3,5 zwei dos mil two dozen arrests detenidos suspects victims of in and , . ; : ( ) € USD kg \n - "
    'Operation Operación " “X” 2024 March mars 31 countries París France ß İ ﬁ 1/2 24/7 5'
)
PIECES = st.sampled_from(WORDS.split(" "))


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40), st.sampled_from([None, *languages(), "xx"]))
def test_any_text_is_read_without_error(pieces: list[str], language: str | None) -> None:
    text = " ".join(pieces)
    for operation in extract_operations(text, doc_id="x", lang=language)["operations"]:
        for metric in operation["metrics"]:
            assert text[metric["start"] : metric["end"]] == metric["quote"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_noise_is_read_without_error(text: str) -> None:
    assert extract_operations(text, doc_id="x")["doc"] == "x"


NOISE = ["A" * 100_000, "(" * 100_000, "1" * 100_000, "Mr. A. " * 14_000, "1 May - " * 12_000]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("noise", NOISE, ids=["letters", "brackets", "digits", "abbreviations", "dates"])
def test_noise_of_one_hundred_thousand_characters_is_read_in_seconds(noise: str) -> None:
    assert extract_operations(noise, doc_id="x")["doc"] == "x"


def test_what_stands_before_another_number_acts_on_that_one() -> None:
    found = figures(
        "Se ha identificado a otras tres personas y se han aprehendido 7725 litros de combustible.", "es"
    )
    assert found == {("suspects_identified", 3), ("seizure_other", 7725)}


def test_a_weight_told_again_in_doses_is_one_figure() -> None:
    assert figures("A polícia apreendeu 190 gramas de heroína (2240 doses).", "pt") == {
        ("seizure_drugs", 190)
    }


def test_a_line_broken_around_a_number_is_read_whole() -> None:
    assert figures("Police seized more than\n130\nfirearms in the raids.", "en") == {
        ("seizure_firearms", 130)
    }


@pytest.mark.skipif(
    not PRESS_RELEASES.exists(), reason="the annotated releases are not part of the repository"
)
def test_the_annotated_releases_are_read_better_than_nine_tenths(tmp_path: Path) -> None:
    predictions = tmp_path / "predictions.jsonl"
    with predictions.open("w", encoding="utf-8") as stream:
        for path in sorted((PRESS_RELEASES / "texts").glob("*.txt")):
            result = extract_operations(path.read_text(encoding="utf-8"), doc_id=path.name)
            stream.write(json.dumps(result) + "\n")
    command = [
        sys.executable,
        str(PRESS_RELEASES / "score.py"),
        str(PRESS_RELEASES / "gold"),
        str(predictions),
    ]
    scored = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # The bar a user was promised is 0.5; this one keeps what has been reached.
    assert float(scored.strip().splitlines()[-1]) >= 0.93


def test_an_operation_that_is_only_named_is_a_mention() -> None:
    text = (
        "Operation Silver Lake: 15 arrests in four countries\n\nDuring Operation Silver Lake, from 2 to 4 March 2026, "
        "officers in Spain, France, Italy and Germany arrested 15 suspects. The action builds on the experience of "
        "Operation Blue Harbour. In 2024, Operation Red Field led to 40 arrests.\n"
    )
    told = extract_operations(text, doc_id="doc")["operations"]
    assert [(one["name"], one["role"], len(one["metrics"])) for one in told] == [
        ("Operation Silver Lake", "main", 2),
        ("Operation Red Field", "past", 1),
        ("Operation Blue Harbour", "mention", 0),
    ]


@pytest.mark.parametrize(
    ("line", "figures"),
    [
        (
            "Arrests: 10 – four in Spain, three in Italy",
            [("arrests", 10, None), ("arrests", 4, "ES"), ("arrests", 3, "IT")],
        ),
        (
            "Durchsuchte Objekte: 46 (Deutschland: 21, Ungarn: 25)",
            [("searches", 46, None), ("searches", 21, "DE"), ("searches", 25, "HU")],
        ),
        ("Befreite Frauen: sechzehn", [("victims_rescued", 16, None)]),
        ("Bevrijde vrouwen: 16", [("victims_rescued", 16, None)]),
        ("Arrestations : 12 – 14 personnes", [("arrests", 12, None), ("arrests", 14, None)]),
    ],
)
def test_label_lines_with_figures_by_country(line: str, figures: list[tuple[str, int, str | None]]) -> None:
    (told,) = extract_operations(line + "\n", doc_id="line")["operations"]
    assert [(one["metric"], one["value"], one["country"]) for one in told["metrics"]] == figures


@pytest.mark.parametrize(
    ("lang", "text", "figures"),
    [
        (
            "en",
            "Inspectors found 18 workers without a contract at the packing hall.",
            {("persons_checked", 18)},
        ),
        ("en", "Between 20 and 30 victims were rescued.", {("victims_rescued", 20), ("victims_rescued", 30)}),
        ("en", "Officers recovered £7,200 in cash.", {("money_seized", 7200)}),
        (
            "es",
            "Se inspeccionaron nueve talleres y se identificó a 61 trabajadores, de los cuales seis se encontraban en "
            "situación irregular.",
            {("locations_checked", 9), ("persons_checked", 61), ("irregular_migrants", 6)},
        ),
        (
            "fr",
            "Ils ont payé entre 2 000 et 3 000 euros.",
            {("victim_payment", 2000), ("victim_payment", 3000)},
        ),
        (
            "de",
            "Es wurden 31 Bußgeld- und 14 Strafverfahren eingeleitet; sieben Männer waren unerlaubt im Land.",
            {("investigations_opened", 31), ("investigations_opened", 14), ("irregular_migrants", 7)},
        ),
        (
            "de",
            "Acht Verdächtige wurden festgenommen, sieben in Österreich und einer in Ungarn.",
            {("arrests", 8), ("arrests", 7), ("arrests", 1)},
        ),
        ("nl", "In Gent is nog een aanhouding verricht, in Brugge zijn er drie.", {("arrests", 1)}),
        (
            "it",
            "Le vittime pagavano tra i 4 e i 6 mila euro.",
            {("victim_payment", 4000), ("victim_payment", 6000)},
        ),
        ("pt", "Foram detidos 5 suspeitos, um dos quais em Faro.", {("arrests", 5), ("arrests", 1)}),
        (
            "pt",
            "Participaram 14 inspetores da ASAE e nove da Segurança Social.",
            {("officers", 14), ("officers", 9)},
        ),
        (
            "nl",
            "In de vrachtwagen zijn negen mannen aangetroffen, verstopt in de laadruimte.",
            {("irregular_migrants", 9)},
        ),
        ("nl", "Drie mannen en een vrouw zijn opgepakt.", {("arrests", 3), ("arrests", 1)}),
        (
            "es",
            "Detuvieron a seis personas -cuatro hombres y una mujer-.",
            {("arrests", 6), ("arrests", 4), ("arrests", 1)},
        ),
        (
            "de",
            "Es gab 820 Personen- und 310 Fahrzeugkontrollen.",
            {("persons_checked", 820), ("vehicles_checked", 310)},
        ),
        (
            "fr",
            "Ont été saisis : 4 300 euros en espèces ; 12 kg de résine de cannabis ; deux pistolets.",
            {("money_seized", 4300), ("seizure_drugs", 12), ("seizure_firearms", 2)},
        ),
        ("it", "Sequestrate 6 tonnellate di nocciole.", {("seizure_other", 6)}),
        ("en", "The scheme defrauded 5,200 people.", {("victims_identified", 5200)}),
        (
            "it",
            "Soccorsi 48 migranti, di cui una donna e tre minori.",
            {("irregular_migrants", 48), ("irregular_migrants", 1), ("irregular_migrants", 3)},
        ),
        ("es", "Los agentes desplegados fueron 415.", {("officers", 415)}),
        ("nl", "Bij 1 op de 10 gecontroleerde bedrijven was er iets mis.", set()),
        ("de", "Unter den Festgenommenen sind zwei Frauen.", {("arrests", 2)}),
        ("en", "Police found 22 people in the attic.", set()),
        ("pt", "A polícia identificou 41 cidadãos num bar.", {("persons_checked", 41)}),
        ("es", "Secuestraron 16 maquinas de tejer.", {("seizure_other", 16)}),
        (
            "es",
            "Hablaron con varias personas; cuatro residían de manera ilegal en el país.",
            {("irregular_migrants", 4)},
        ),
        (
            "it",
            "Identificati 13 stranieri clandestini, dei quali uno è stato arrestato.",
            {("irregular_migrants", 13), ("arrests", 1)},
        ),
        ("it", "Impegnati 60 uomini della Guardia di Finanza.", {("officers", 60)}),
        (
            "de",
            "Drei Männer und vier Frauen wurden kontrolliert.",
            {("persons_checked", 3), ("persons_checked", 4)},
        ),
        (
            "en",
            "Cash was found in four of the seven flats, which officers searched.",
            {("searches", 4), ("searches", 7)},
        ),
    ],
)
def test_ranges_descriptions_and_parts_of_one(lang: str, text: str, figures: set[tuple[str, int]]) -> None:
    told = extract_operations(text, doc_id="x", lang=lang)["operations"]
    assert {(one["metric"], one["value"]) for operation in told for one in operation["metrics"]} == figures


@pytest.mark.parametrize(
    ("lang", "text", "countries"),
    [
        ("it", "I carabinieri hanno arrestato nove persone.", ["IT"]),
        ("es", "La Policía Nacional detuvo a siete personas.", ["ES"]),
        ("es", "La Policía Nacional de Colombia detuvo a siete personas.", ["CO"]),
        ("nl", "De marechaussee hield zes mannen aan.", ["NL"]),
        ("en", "Officers arrested nine people.", []),
    ],
)
def test_forces_tell_the_country(lang: str, text: str, countries: list[str]) -> None:
    (told,) = extract_operations(text, doc_id="x", lang=lang)["operations"]
    assert told["countries"] == countries


@pytest.mark.parametrize(
    ("lang", "text", "names"),
    [
        (
            "es",
            "Se explotaron las operaciones Marisma, contra el contrabando, y Tejado.",
            {"Marisma", "Tejado"},
        ),
        (
            "it",
            "La settimana di vigilanza «Campi Puliti» ha portato a nove arresti. «Campi Puliti» è finita.",
            {"Campi Puliti"},
        ),
        (
            "en",
            "Police from 11 states took part in the Joint Action Days Sava 3. Sava 3 led to 41 arrests.",
            {"Sava 3"},
        ),
        ("de", "Die Soko Hafen nahm neun Männer fest, teilte die Soko Hafen mit.", {"Hafen"}),
        ("de", "Bei der Operation 340 Männer und 12 Frauen zu kontrollieren, war das Ziel.", set()),
    ],
)
def test_names_beside_the_word_operation(lang: str, text: str, names: set[str]) -> None:
    told = extract_operations(text, doc_id="x", lang=lang)["operations"]
    assert {one["name"] for one in told if one["name"]} == names


def test_an_operation_named_with_its_day_keeps_it() -> None:
    text = "Operation Harbour led to 12 arrests on 4 May 2024.\n\nOn 20 May 2024 Operation Quay began in the next port."
    told = {
        one["name"]: one["start"] for one in extract_operations(text, doc_id="x", lang="en")["operations"]
    }
    assert told["Operation Quay"] == "2024-05-20"

"""Documents in several languages, under several names, become one operation; series and towns stay apart."""

from datetime import datetime

import polars as pl
import pytest

from assets.statistics.affairs import name_key
from assets.statistics.names import find_aliases
from tests.assets.statistics.test_operations import document, tables

ENGLISH = (
    "Operation Glass Harbour (4 - 9 March 2024) led to 1,347 arrests and 2,918 potential victims were identified, "
    "including 312 minors. Officers seized 58 firearms."
)
SPANISH = (
    "La operación «Puerto de Cristal» se desarrolló del 4 al 9 de marzo de 2024. Fueron detenidas 1.347 personas y se "
    "identificó a 2.918 posibles víctimas, de las cuales 312 eran menores. Los agentes incautaron 58 armas de fuego."
)
FRENCH = (
    "L'opération « Port de Verre », menée du 4 au 9 mars 2024, a permis l'arrestation de 1 347 personnes. "
    "2 918 victimes potentielles ont été identifiées, dont 312 mineurs. Les policiers ont saisi 58 armes à feu."
)
GERMAN_UNNAMED = (
    "Bei einem weltweiten Einsatz vom 4. bis 9. März 2024 wurden 1.347 Verdächtige festgenommen. Die Ermittler "
    "identifizierten 2.918 mögliche Opfer, darunter 312 Minderjährige. Sichergestellt wurden 58 Schusswaffen."
)
DAY = datetime(2024, 3, 12)


def texts(*pieces: str | tuple[str, datetime]) -> list[dict[str, object]]:
    documents = []
    for number, piece in enumerate(pieces):
        text, day = piece if isinstance(piece, tuple) else (piece, DAY)
        documents.append({**document(f"d{number}", text, day), "lang": None})
    return documents


def test_translations_of_one_release_are_one_operation_and_no_figure_counts_twice() -> None:
    result = tables(*texts(ENGLISH, SPANISH, FRENCH, GERMAN_UNNAMED))
    assert result.operations.select("name", "document_count", "role").rows() == [
        ("Operation Glass Harbour", 4, "main")
    ]
    figures = result.operation_metrics.filter(pl.col("metric").is_in(["arrests", "potential_victims"]))
    assert sorted(figures.select("metric", "value").rows()) == [
        ("arrests", 1347.0),
        ("potential_victims", 312.0),
        ("potential_victims", 2918.0),
    ]
    assert result.operation_conflicts.is_empty()


def test_a_translation_with_another_number_is_a_conflict_with_both_quotes() -> None:
    later = (SPANISH.replace("58 armas", "61 armas"), datetime(2024, 3, 20))
    result = tables(*texts(ENGLISH, later))
    assert result.operations.height == 1
    conflict = result.operation_conflicts.filter(pl.col("metric") == "seizure_firearms").row(0, named=True)
    assert (conflict["value_kept"], conflict["value_other"], conflict["rule"]) == (
        61.0,
        58.0,
        "latest_publication",
    )
    assert "61 armas" in conflict["quote_kept"]
    assert "58 firearms" in conflict["quote_other"]


def test_the_next_edition_is_another_operation_whatever_it_found() -> None:
    second = ENGLISH.replace("Glass Harbour", "Glass Harbour II").replace("4 - 9 March", "11 - 15 March")
    assert tables(*texts(ENGLISH, second)).operations.height == 2


def test_two_unnamed_raids_of_one_day_with_few_figures_stay_two() -> None:
    one = "Police arrested 12 suspects and seized 3 firearms in the north on 4 March 2024."
    other = "Police arrested 12 suspects and seized 7 vehicles in the south on 4 March 2024."
    assert tables(*texts(one, other)).operations.height == 2


def test_what_a_later_release_says_of_an_operation_joins_it_and_yields_to_its_own_release() -> None:
    later = (
        "Operation Amber Quay ran from 3 to 7 June 2025 and led to 77 arrests in 12 countries. "
        "Last year, Operation Glass Harbour ended with 1,350 arrests.",
        datetime(2025, 6, 12),
    )
    result = tables(*texts(ENGLISH, later))
    assert sorted(result.operations.select("normalised_name", "document_count").rows()) == [
        ("amber quay", 1),
        ("glass harbour", 2),
    ]
    conflict = result.operation_conflicts.row(0, named=True)
    assert (conflict["value_kept"], conflict["value_other"]) == (1347.0, 1350.0)
    assert conflict["rule"] == "own_release_over_mention"


def test_a_running_total_is_not_added_to_the_operation() -> None:
    total = (
        "Operation Glass Harbour led to 1,347 arrests. Since 2019, the operations have led to 9,120 arrests."
    )
    result = tables(*texts((total, DAY)))
    assert sorted(result.operations["role"].to_list()) == ["cumulative", "main"]


def test_the_id_stays_when_another_document_joins() -> None:
    alone = tables(*texts(ENGLISH)).operations["operation_id"].to_list()
    assert tables(*texts(ENGLISH, FRENCH, GERMAN_UNNAMED)).operations["operation_id"].to_list() == alone


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Operation HAECHI-V", "Operación Haechi 5", True),
        ("Operation EMMA 7", "EMMA VII", True),
        ("Opération Synergia 2.0", "Operation Synergia II", True),
        ("Operation Trigger IX", "Operation Trigger X", False),
        ("Operation Trigger", "Operation Trigger II", False),
    ],
)
def test_series_numbers_are_read_in_any_writing(one: str, other: str, same: bool) -> None:
    assert (name_key(one) == name_key(other)) is same


@pytest.mark.parametrize(
    ("language", "text", "alias"),
    [
        ("en", "Operation Glass Harbour, also known as Operation Blue Pier, ended.", "Operation Blue Pier"),
        (
            "es",
            "La Operación Puerto de Cristal (también conocida como «Muelle Azul») terminó.",
            "Muelle Azul",
        ),
        ("fr", "L'opération Port de Verre, aussi appelée « Quai Bleu », a pris fin.", "Quai Bleu"),
        ("pt", "A Operação Porto de Vidro, também conhecida como “Cais Azul”, terminou.", "Cais Azul"),
        ("de", "Die Operation Glashafen, auch bekannt als „Blauer Kai“, ist beendet.", "Blauer Kai"),
        ("nl", "Operatie Glazen Haven, ook bekend als ‘Blauwe Kade’, is afgerond.", "Blauwe Kade"),
        ("it", "L'operazione Porto di Vetro, nota anche come «Molo Blu», è finita.", "Molo Blu"),
    ],
)
def test_another_name_behind_the_name_is_an_alias(language: str, text: str, alias: str) -> None:
    names = {
        "en": "Glass Harbour", "es": "Puerto de Cristal", "fr": "Port de Verre", "pt": "Porto de Vidro",
        "de": "Glashafen", "nl": "Glazen Haven", "it": "Porto di Vetro",
    }  # fmt: skip
    assert find_aliases(text, language, names[language]) == [alias]


def test_a_place_in_brackets_is_no_alias() -> None:
    assert (
        find_aliases("Operation Glass Harbour (Lisbon, March) ended.", "en", "Operation Glass Harbour") == []
    )


def test_documents_under_two_names_meet_in_one_that_gives_both() -> None:
    first = "Operation Glass Harbour led to 41 arrests."
    bridge = "Operation Glass Harbour, also known as Operation Blue Pier, led to 41 arrests."
    other = "Operation Blue Pier led to 41 arrests and 12 house searches."
    result = tables(*texts(first, bridge, other))
    assert result.operations["document_count"].to_list() == [3]

"""Dates of operations in seven languages, with the year taken from the release where it is not written."""

from datetime import date

import pytest

from assets.statistics.dates import find_dates
from assets.statistics.extract import extract_operations

PUBLISHED = date(2024, 12, 3)


@pytest.mark.parametrize(
    ("language", "text", "first", "last"),
    [
        ("en", "between September 15 and November 30, 2021", "2021-09-15", "2021-11-30"),
        ("en", "(2 September - 31 October)", "2024-09-02", "2024-10-31"),
        ("en", "on 4 March, 2026", "2026-03-04", "2026-03-04"),
        ("en", "from 28 December 2023 to 3 January 2024", "2023-12-28", "2024-01-03"),
        ("es", "del 3 al 9 de julio de 2023", "2023-07-03", "2023-07-09"),
        ("es", "entre julio y diciembre de 2023", "2023-07", "2023-12"),
        ("pt", "entre 24 e 26 de julho", "2024-07-24", "2024-07-26"),
        ("pt", "nesta terça-feira, 27/2,", "2024-02-27", "2024-02-27"),
        ("fr", "de juillet à novembre 2024", "2024-07", "2024-11"),
        ("fr", "du 1er au 15 mars 2024", "2024-03-01", "2024-03-15"),
        ("de", "vom 3. bis 7. Juni 2024", "2024-06-03", "2024-06-07"),
        ("de", "am 21.11.2023", "2023-11-21", "2023-11-21"),
        ("nl", "in de periode van 10 tot 21 maart", "2024-03-10", "2024-03-21"),
        ("it", "dal 6 all'8 maggio 2024", None, None),
        ("it", "il 12 settembre 2024", "2024-09-12", "2024-09-12"),
        ("en", "in early March", "2024-03", None),
        ("es", "a mediados de noviembre", "2024-11", None),
        ("fr", "début juin", "2024-06", None),
        ("de", "Mitte November", "2024-11", None),
        ("de", "im Januar des vergangenen Jahres", "2023-01", None),
        ("nl", "van maandag tot donderdag", "2024-11-25", "2024-11-28"),
        ("it", "il mese scorso", "2024-11", None),
        ("pt", "nesta terça feira (26)", "2024-11-26", "2024-11-26"),
        ("pt", "entre os dias 4 e 9 deste mês", "2024-12-04", "2024-12-09"),
        ("en", "last week", "2024-11-25", "2024-12-01"),
    ],
)
def test_a_date_is_read_in_its_language(
    language: str, text: str, first: str | None, last: str | None
) -> None:
    mentions = find_dates(text, language, PUBLISHED)
    if first is not None:
        assert [(mention.first, mention.last) for mention in mentions] == [(first, last)]


def test_a_date_without_year_after_the_release_day_is_of_the_year_before() -> None:
    assert find_dates("20 December", "en", PUBLISHED)[0].first == "2023-12-20"


def test_impossible_dates_are_left_out() -> None:
    assert find_dates("31 February 2024", "en", PUBLISHED) == []


def test_the_day_of_the_raids_wins_over_the_start_of_the_inquiry_and_the_court_date() -> None:
    text = (
        "The investigation began in November 2022. On 28 November 2024, officers carried out 12 raids "
        "and made 9 arrests in Operation Silver Fern. The suspects will appear in court on 20 December 2024."
    )
    operation = extract_operations(text, doc_id="x", published=PUBLISHED)["operations"][0]
    assert (operation["start"], operation["end"]) == ("2024-11-28", "2024-11-28")


def test_a_release_without_a_date_of_action_gets_none() -> None:
    text = (
        "Published 2 December 2024\n\nPolice arrested 12 suspects in a large operation against a drug ring."
    )
    operation = extract_operations(text, doc_id="x", published=PUBLISHED)["operations"][0]
    assert operation["start"] is None

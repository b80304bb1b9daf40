"""Notices by dotted paths, from lists and details."""

import orjson
import pytest

from assets.capture.source import Source
from assets.parsing.notices import NoticeFormatError, at_path, birth_date, merge_notices, read_notices

SOURCE = Source.model_validate(
    {"name": "wanted_list", "kind": "notices", "start": ["https://api.example/red"]}
)
ASKED = "https://api.example/red?arrestWarrantCountryId=FR&page=1"
ENTRY = {
    "entity_id": "2026/1",
    "name": "EXAMPLE",
    "forename": "Ana",
    "date_of_birth": "1985/03/12",
    "nationalities": ["RO", "MD"],
    "_links": {"self": {"href": "/red/2026-1"}},
}


def test_a_list_with_the_usual_mapping() -> None:
    answer = orjson.dumps({"total": 1, "_embedded": {"notices": [ENTRY]}})
    (row,) = read_notices(SOURCE, answer, ASKED)
    assert row["notice_id"] == "2026/1"
    assert (row["name"], row["forename"], row["birth_date"]) == ("EXAMPLE", "Ana", "1985-03-12")
    assert row["nationalities"] == ["RO", "MD"]
    assert row["warrant_countries"] == ["FR"]
    assert row["url"] == "https://api.example/red/2026-1"
    assert row["notice_kind"] == "wanted"


def test_a_detail_completes_the_list_s_row_and_countries_add_up() -> None:
    (listed,) = read_notices(SOURCE, orjson.dumps({"_embedded": {"notices": [ENTRY]}}), ASKED)
    detail = {
        **ENTRY,
        "sex_id": "F",
        "arrest_warrants": [{"issuing_country_id": "ES"}, {"issuing_country_id": "PT"}],
    }
    (detailed,) = read_notices(SOURCE, orjson.dumps(detail), "https://api.example/red/2026-1")
    for merged in (merge_notices(listed, detailed), merge_notices(detailed, listed)):
        assert merged["warrant_countries"] == ["ES", "FR", "PT"]
        assert merged["sex"] == "F"
        assert b"issuing_country_id" in merged["detail_json"].encode()
    assert listed["item_id"] == detailed["item_id"]


def test_another_api_by_its_own_paths() -> None:
    source = Source.model_validate(
        {
            "name": "missing_list",
            "kind": "notices",
            "start": ["https://missing.example/api"],
            "notices": {
                "kind": "missing",
                "items": "data.people",
                "fields": {
                    "notice_id": "id",
                    "name": "who.0.last",
                    "nationalities": "who.country",
                    "birth_date": "born",
                },
            },
        }
    )
    answer = {
        "data": {
            "people": [{"id": 7, "who": [{"last": "B", "country": "UA"}, {"country": "PL"}], "born": 2009}]
        }
    }
    (row,) = read_notices(source, orjson.dumps(answer), "https://missing.example/api")
    assert (row["notice_id"], row["name"], row["birth_date"]) == ("7", "B", "2009")
    assert row["nationalities"] == ["UA", "PL"]
    assert (row["notice_kind"], row["warrant_countries"]) == ("missing", [])


def test_no_results_are_no_problem_but_another_shape_is() -> None:
    assert read_notices(SOURCE, b'{"total": 0}', ASKED) == []
    assert read_notices(SOURCE, b'{"total": 0, "_embedded": {"notices": []}}', ASKED) == []
    for answer, rule in [
        (b"<html>", "not_json"),
        (b'{"results": []}', "selector_matched_nothing"),
        (b'{"_embedded": {"notices": [{"id": 1}]}}', "selector_matched_nothing"),
        (b"[1, 2]", "selector_matched_nothing"),
    ]:
        with pytest.raises(NoticeFormatError) as caught:
            read_notices(SOURCE, answer, ASKED)
        assert caught.value.rule == rule


def test_paths_and_birth_dates() -> None:
    assert at_path({"a": [{"b": 1}, {}, {"b": 2}]}, "a.b") == [1, 2]
    assert at_path([1], "") == [1]
    assert at_path({"a": 1}, "a.b.c") is None
    assert [
        birth_date(text) for text in ("1985/03/12", "1985-3", "1985", "", None, "1985/00/00", "unknown")
    ] == [
        "1985-03-12",
        "1985-03",
        "1985",
        None,
        None,
        "1985",
        None,
    ]

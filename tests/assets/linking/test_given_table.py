"""Which columns of a given table mean what, and what is told where one cannot be read."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from assets.linking.given_table import TableError, form_of, one_row_each, read_given


def test_columns_are_known_by_their_names_and_the_others_are_told() -> None:
    table = pl.DataFrame(
        {"ID": ["1"], "Phones": [["+447700900123", "+447700900124"]], "E-Mail": ["a@b.example"], "x": [2]}
    )
    given = read_given(table)
    assert given.cells.select("column", "kind").rows() == [("Phones", "phone")] * 2 + [("E-Mail", "email")]
    assert given.notes == ["columns read: `ID`, `Phones`, `E-Mail`; not read: `x`"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"text": ["a"]}, "no column `item_id`"),
        ({"id;text": ["1;a"]}, "part the cells by commas"),
        ({"i\x00d\x00": ["1"]}, "save the file as UTF-8"),
        ({"id": [], "text": []}, "no rows"),
        ({"id": ["1", None], "text": ["a", "b"]}, "column `id` is empty in row 2"),
        ({"id": ["1"], "text": ["a"], "Text": ["b"]}, "columns `text` and `Text` both give `text`"),
        ({"id": ["1", "2"], "region": ["es", "Spanien"]}, "column `region`: row 2: 7 letters"),
        (
            {"id": ["1", "2"], "posted_at": ["2026-01-01", "2026-13-01"]},
            "column `posted_at`: row 2: 4 digits - 2 digits",
        ),
        ({"id": ["1"], "first_seen": [1767225600]}, "column `first_seen` is Int64: wanted a date as"),
        ({"id": ["1"], "text": [{"a": 1}]}, "column `text` is Struct"),
        ({"id": ["1"], "phone": [{"a": 1}]}, "column `phone` is Struct"),
        (
            {"id": ["1", "2"], "kind": ["phone", "fax"], "value": ["1", "2"]},
            "unknown words in `kind`: row 2: 3 letters",
        ),
    ],
)
def test_what_cannot_be_read_is_told_by_row_and_form(columns: dict[str, list[object]], said: str) -> None:
    with pytest.raises(TableError) as error:
        read_given(pl.DataFrame(columns))
    assert said in str(error.value)
    assert "Spanien" not in str(error.value)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31)),
        ("2026/01/31", datetime(2026, 1, 31)),
        ("20260131", datetime(2026, 1, 31)),
        ("31/01/2026", datetime(2026, 1, 31)),
        ("3.1.2026", datetime(2026, 1, 3)),
        ("03/01/2026 10:20", datetime(2026, 1, 3, 10, 20)),
        ("2026-01-31 10:20", datetime(2026, 1, 31, 10, 20)),
        ("2026-01-31T10:20:30Z", datetime(2026, 1, 31, 10, 20, 30)),
        ("2026-01-31T10:20:30.5+02:00", datetime(2026, 1, 31, 8, 20, 30, 500_000)),
    ],
)
def test_dates_are_read_in_the_forms_that_are_documented(written: str, moment: datetime) -> None:
    given = read_given(pl.DataFrame({"id": ["1", "2"], "posted_at": [written, None]}))
    assert given.rows["posted_at"].to_list() == [moment.replace(tzinfo=UTC), None]
    assert any("day first" in note for note in given.notes) == (written[2] in "/" or written[1] == ".")


def test_days_that_are_missing_are_those_of_the_posting_or_the_other_day() -> None:
    table = pl.DataFrame(
        {
            "id": ["posted", "first", "last", "none"],
            "posted_at": ["2026-01-05T23:00:00Z", None, None, None],
            "first_seen": [None, "2026-01-06", None, None],
            "last_seen": [None, None, "2026-01-07", None],
        }
    )
    items, notes = one_row_each(read_given(table))
    days = {row["item_id"]: (row["first_seen"], row["last_seen"]) for row in items.to_dicts()}
    assert days["posted"] == (date(2026, 1, 5),) * 2
    assert days["first"] == (date(2026, 1, 6),) * 2
    assert days["last"] == (date(2026, 1, 7),) * 2
    assert days["none"] == (None, None)
    assert notes == []


def test_rows_of_one_id_are_one_item_whatever_their_order_and_told() -> None:
    table = pl.DataFrame(
        {
            "id": ["1", "1", "2"],
            "site": ["b.example", "a.example", None],
            "text": ["later", "earlier", None],
            "first_seen": ["2026-01-02", "2026-01-01", None],
            "last_seen": ["2026-01-09", None, None],
        }
    )
    items, notes = one_row_each(read_given(table))
    again, _ = one_row_each(read_given(table.reverse()))
    assert items.equals(again)
    first, second = items.to_dicts()
    assert (first["text"], first["site"]) == ("earlier", "a.example")
    assert (first["first_seen"], first["last_seen"]) == (date(2026, 1, 1), date(2026, 1, 9))
    assert second["site"] == "unknown"
    [note] = notes
    assert note.startswith("1 row with the id of an earlier one (1 id)")
    assert "1 text beside" in note
    assert "1 id on several sites" in note


def test_a_region_is_that_of_the_row_else_the_one_given() -> None:
    rows = read_given(pl.DataFrame({"id": ["1", "2"], "region": ["uk", None]}), "es").rows
    assert rows["region"].to_list() == ["GB", "ES"]
    with pytest.raises(TableError, match="--region"):
        read_given(pl.DataFrame({"id": ["1"]}), "Spain")


def test_a_form_says_nothing_of_the_value() -> None:
    assert form_of("5 Jan 2026") == "1 digit blank 3 letters blank 4 digits"
    assert form_of("a1" * 9).endswith("…")


def test_values_without_a_kind_are_told_and_second_columns_of_one_name_are_read() -> None:
    given = read_given(
        pl.DataFrame({"id": ["1", "2"], "kind": ["Phones", None], "value": ["+447700900123", "a"]})
    )
    assert given.cells["kind"].to_list() == ["phone"]
    assert given.notes[-1] == "`value`: 1 value without `kind`: left out"
    twice = pl.DataFrame({"id": ["1"], "phone": ["+447700900123"], "phone_duplicated_0": ["+447700900124"]})
    assert read_given(twice).cells.height == 2

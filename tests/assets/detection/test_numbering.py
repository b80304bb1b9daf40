"""Keys are found by their orders where a join finds them."""

import numpy as np
import polars as pl
import pytest

from assets.detection import numbering
from assets.detection.numbering import (
    extended,
    found,
    ordered,
    picked,
    places,
    ranges,
    rows_about,
    rows_where,
)


@pytest.mark.parametrize("covered", [0, 300, 1000])
@pytest.mark.parametrize("several", [1, 3])
def test_what_is_found_by_orders_is_what_a_join_finds(covered: int, several: int) -> None:
    # Keys of which the first bytes are the same, some of them known several times.
    known = pl.Series([f"{number // several:012d}".encode() for number in range(1000)])
    wanted = pl.Series([f"{number:012d}".encode() for number in (5, 5, 99, 299, 333, 7777)])
    halves = [known[: covered // 3], known[covered // 3 : covered]]
    orders = [ordered(halves[0], 0), ordered(halves[1], covered // 3)]
    told = found(known, orders, wanted).sort("key", "place")
    assert told.equals(places(known, wanted).sort("key", "place"))
    assert told.height == {1: 4, 3: 10}[several]


def test_keys_of_one_hash_are_not_taken_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    known = pl.Series([bytes([number]) * 12 for number in range(100)])
    order = ordered(known, 0).with_columns(pl.lit(known[:1].hash()[0], pl.UInt64).alias("hash"))
    told = found(known, [order], known[:1])
    assert told.rows() == [(bytes(12), 0)]


def test_new_keys_stand_behind_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "MANY", 1)
    known = pl.Series("key", [b"b" * 12, b"a" * 12])
    keys, placed = extended(known, [pl.Series([b"a" * 12, None, b"c" * 12])], [ordered(known, 0)])
    assert keys.to_list() == [b"b" * 12, b"a" * 12, b"c" * 12]
    assert dict(placed.iter_rows()) == {b"a" * 12: 1, b"c" * 12: 2}


@pytest.mark.parametrize("searches", [0, 200])
def test_rows_about_items(searches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "SEARCHES", searches)
    whole = pl.Series("item", [0, 0, 3, 3, 3, 4, 9], dtype=pl.UInt32)
    for items in (whole, pl.concat([whole[:4], whole[4:]], rechunk=False)):
        assert rows_about(items, np.array([0, 1, 3, 9, 12])).tolist() == [0, 1, 2, 3, 4, 6]
        assert rows_about(items, np.array([5])).tolist() == []
    assert rows_about(whole[:0], np.array([5])).tolist() == []
    assert ranges(np.array([2, 2, 7]), np.array([4, 2, 8])).tolist() == [2, 3, 7]


def test_rows_are_found_and_picked_in_whatever_chunks_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbering, "CACHED_ROWS", 3)
    number = pl.Series("number", [5, None, 2, 5, 7, None, 5, 1], dtype=pl.UInt32)
    told = pl.Series("told", list("abcdefgh"))
    chunked = pl.concat([number[:2], number[2:7], number[7:]], rechunk=False)
    frame = pl.DataFrame([chunked, told])
    rows = rows_where(frame, ("number",), lambda some: some == 5, none=5)
    assert rows.tolist() == [0, 1, 3, 5, 6]
    assert picked(frame, ("told", "number"), rows).rows() == [
        *[("a", 5), ("b", None), ("d", 5), ("f", None), ("g", 5)]
    ]
    assert picked(frame, ("told",), rows[:0]).rows() == []
    assert picked(frame[:0], ("told",), rows[:0]).rows() == []

"""Keys are found by their orders where a join finds them."""

import numpy as np
import polars as pl
import pytest

from assets.detection import numbering
from assets.detection.numbering import extended, found, ordered, places, ranges, rows_about


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


def test_rows_about_items() -> None:
    items = np.array([0, 0, 3, 3, 3, 4, 9])
    assert rows_about(items, np.array([0, 1, 3, 9])).tolist() == [0, 1, 2, 3, 4, 6]
    assert ranges(np.array([2, 2, 7]), np.array([4, 2, 8])).tolist() == [2, 3, 7]

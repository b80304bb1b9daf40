"""Newcomers: each account once in a series, whatever comes and goes later."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from assets.detection.newcomers import find_newcomers
from assets.detection.series import NO_SERIES

FIRST = date(2026, 1, 1)
# Series 1 is of a place, 0 the same over all places, 2 another nationality.
WHOLE = np.array([0, 0, 2], dtype=np.uint32)
NONE = np.zeros(0, dtype=np.int64)


def _items(*rows: tuple[str, int | None, int, int]) -> pl.DataFrame:
    """Items of (key, poster, series, day), all standing."""
    return pl.DataFrame(
        {
            "item_id": pl.Series([row[0].encode() for row in rows], dtype=pl.Binary),
            "poster": pl.Series([row[1] for row in rows], dtype=pl.UInt64),
            "series": pl.Series([row[2] for row in rows], dtype=pl.UInt32),
            "day": pl.Series([FIRST + timedelta(days=row[3]) for row in rows], dtype=pl.Date),
            "stands": pl.Series([True] * len(rows), dtype=pl.Boolean),
        }
    )


def _found(items: pl.DataFrame) -> list[str]:
    everything = np.arange(items.height)
    now = find_newcomers(items, WHOLE, everything, NONE, first=True).now
    return sorted(key.decode() for key in items["item_id"].filter(pl.Series(now)))


def test_an_account_comes_once_in_all_places_of_a_nationality() -> None:
    items = _items(
        ("late", 7, 0, 9), ("first", 7, 1, 3), ("other nationality", 7, 2, 5), ("unclaimed", 7, NO_SERIES, 6)
    )
    assert _found(items) == ["first", "other nationality", "unclaimed"]


def test_items_without_account_come_for_themselves() -> None:
    assert _found(_items(("a", None, 0, 1), ("b", None, 0, 1), ("c", None, 0, 8))) == ["a", "b", "c"]


def test_which_item_of_a_day_is_the_first_does_not_hang_on_the_order_of_reading() -> None:
    rows = [(f"item {number}", number % 3, 0, 4) for number in range(12)]
    assert len(_found(_items(*rows))) == 3
    assert _found(_items(*rows)) == _found(_items(*rows[::-1]))


@pytest.mark.parametrize("seed", range(5))
def test_what_comes_and_goes_gives_what_a_look_at_all_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = _items()
    before: np.ndarray = np.zeros(0, dtype=bool)
    for day in range(20):
        rows = [
            (
                f"{day} {number}",
                poster if (poster := int(rng.integers(30))) else None,
                int(series),
                int(rng.integers(day + 1)),
            )
            for number, series in enumerate(rng.choice([0, 1, 2, NO_SERIES], 8))
        ]
        standing = np.flatnonzero(items["stands"].to_numpy())
        gone = rng.choice(standing, min(3, len(standing)), replace=False)
        come = np.arange(items.height, items.height + len(rows))
        stands = np.append(items["stands"].to_numpy(), np.ones(len(rows), dtype=bool))
        stands[gone] = False
        expected = np.append(before, np.zeros(len(rows), dtype=bool))
        items = pl.concat([items.drop("is_newcomer", strict=False), _items(*rows)]).with_columns(
            pl.Series("stands", stands), pl.Series("is_newcomer", expected)
        )
        followed = find_newcomers(items, WHOLE, come, gone, first=False)
        anew = find_newcomers(items, WHOLE, np.flatnonzero(stands), NONE, first=True)
        assert followed.now.tolist() == anew.now.tolist()
        expected[followed.come] = True
        expected[followed.gone] = False
        assert expected.tolist() == anew.now.tolist()
        before = anew.now

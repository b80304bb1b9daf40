"""Which items are newcomers: the first of their account that claims a nationality on its site.

Posters put up several items and come back within the week, so that items of a series vary more than by chance; accounts
that come, each once, hardly do. What is stable counts: an account of a site, whatever actor it is joined with later.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.detection.series import NO_SERIES

# 2^64 over the golden ratio: the products of small numbers with it lie far apart.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_DAY_BITS, _KEY_BITS = np.uint64(16), np.uint64(48)


@dataclass(frozen=True)
class Newcomers:
    """`now`: mask of the items that are newcomers. `come`, `gone`: rows that are and were not, or were and are not."""

    now: np.ndarray
    come: np.ndarray
    gone: np.ndarray


def find_newcomers(
    items: pl.DataFrame, whole: np.ndarray, come: np.ndarray, gone: np.ndarray, *, first: bool
) -> Newcomers:
    """The newcomers among the items that stand.

    `items`: item_id, poster (UInt64: of site and account; null: the item comes for itself), series, day, stands,
    is_newcomer (at the last look; false of rows that came since). `whole`: of each series, the one over all places.
    `come`, `gone`: rows that stand and did not, or did and do not, since the last look; at `first` there was none.
    """
    stands = items["stands"].to_numpy()
    if first:
        now, rows = np.zeros(len(stands), dtype=bool), np.flatnonzero(stands)
    else:
        # Only where an item came or went may another be the first.
        now, rows = items["is_newcomer"].to_numpy().copy(), _beside(items["poster"], come, gone)
    before = now[rows]
    now[rows] = False
    standing = rows[stands[rows]]
    now[standing[_least(*_ordered(items, standing, whole))]] = True
    changed = rows[now[rows] != before]
    return Newcomers(now, changed[now[changed]], changed[~now[changed]])


def _beside(poster: pl.Series, come: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """The rows that came or went, and all others of their posters."""
    moved = np.concatenate([come, gone])
    posters = poster.gather(moved).drop_nulls().unique()
    beside = poster.is_in(posters.implode()).fill_null(False).to_numpy().copy()
    beside[moved] = True
    return np.flatnonzero(beside)


def _ordered(items: pl.DataFrame, rows: np.ndarray, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of some rows a number of the account and what it claims, and one that is least for the first of these."""
    told = items.select("item_id", "poster", "series", "day")[rows]
    series = told["series"].to_numpy()
    claims = series != NO_SERIES
    group = np.full(len(series), np.uint64(len(whole)))
    group[claims] = whole[series[claims]]
    item = told["item_id"].hash()
    key = told["poster"].fill_null(item).to_numpy() ^ (group + np.uint64(1)) * _SPREAD
    day = np.clip(told["day"].to_physical().fill_null(0).to_numpy(), 0, 2**16 - 1).astype(np.uint64)
    # Of the items of one day the first is told by the item itself, not by the order in which it was read.
    return key, (day << _KEY_BITS) | (item.to_numpy() >> _DAY_BITS)


def _least(key: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Mask of the least of each key."""
    rows = pl.DataFrame({"key": key, "order": order})
    found: np.ndarray = rows.select(pl.col("order") == pl.col("order").min().over("key"))["order"].to_numpy()
    return found

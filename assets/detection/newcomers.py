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

    `items`: item_id, poster (UInt64: of site and account; null: the item comes for itself), series, day, stands.
    `whole`: of each series, the one over all places. `come`, `gone`: rows that stand and did not, or did and do not,
    since the last look; at `first` there was none.
    """
    stands = items["stands"].to_numpy()
    series = items["series"].to_numpy()
    claims = series != NO_SERIES
    group = np.full(len(series), np.uint64(len(whole)))
    group[claims] = whole[series[claims]]
    item = items["item_id"].hash()
    key = items["poster"].fill_null(item).to_numpy() ^ (group + np.uint64(1)) * _SPREAD
    day = np.clip(items["day"].to_physical().fill_null(0).to_numpy(), 0, 2**16 - 1).astype(np.uint64)
    # Of the items of one day the first is told by the item itself, not by the order in which it was read.
    order = (day << _KEY_BITS) | (item.to_numpy() >> _DAY_BITS)
    now = np.zeros(len(stands), dtype=bool)
    standing = np.flatnonzero(stands)
    now[standing[_least(key[standing], order[standing])]] = True
    if first:
        return Newcomers(now, np.flatnonzero(now), come[:0])
    # Only where an item came or went may another be the first.
    moved = pl.Series(key[np.concatenate([come, gone])]).unique()
    touched = pl.Series(key).is_in(moved.implode()).to_numpy()
    stood = stands.copy()
    stood[come], stood[gone] = False, True
    rows = np.flatnonzero(touched & stood)
    before = np.zeros(len(stands), dtype=bool)
    before[rows[_least(key[rows], order[rows])]] = True
    changed = np.flatnonzero(touched & (now != before))
    return Newcomers(now, changed[now[changed]], changed[before[changed]])


def _least(key: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Mask of the least of each key."""
    rows = pl.DataFrame({"key": key, "order": order})
    found: np.ndarray = rows.select(pl.col("order") == pl.col("order").min().over("key"))["order"].to_numpy()
    return found

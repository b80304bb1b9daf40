"""How much more the counts of series vary than by chance: each by itself, and the sparse ones of a site together.

Posters put up several items a day and come back within the week, so that sums of several days vary more than days alone
let expect. A sparse series alone cannot tell its own dispersion; it is drawn towards that of the sparse series of its
site (empirical Bayes).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

BASELINE_DAYS = 84
# A rise is not to be measured by its own size: the last fortnight tells nothing of the dispersion.
GUARD_DAYS = 14
# Half an item more in the past and in the exposure (Jeffreys' prior): no past is a small expectation, not none.
PRIOR_ITEMS = 0.5
# The dispersion of a series is half its own and half its site's after this many expected items and this many sums.
POOL_ITEMS = 20.0
POOL_SUMS = 20.0
# Before anything is known of a site: posters put up their items in twos.
PRIOR_DISPERSION = 2.0
# Series of up to one item a day tell the dispersion of sparse series.
SPARSE_ITEMS = float(BASELINE_DAYS)
# Days that are summed to tell how much items of one poster on several days make sums vary.
LONG_DAYS = 7
LENGTHS = (1, LONG_DAYS)
# What is pooled is rounded to a part of this: then sums are exact, and the same in whatever order and shares they are
# made. A power of two.
PARTS = 2.0**20
# Rows of which sums are made at once.
CACHED_ROWS = 256


def running(values: np.ndarray) -> np.ndarray:
    """Sums of the columns before each, and of all: one column more."""
    padded = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=padded[:, 1:])
    return padded


def odds(past: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Odds of an item to be the series', of so many of it and of the rest of its site."""
    found: np.ndarray = (past + PRIOR_ITEMS) / (rest + PRIOR_ITEMS)
    return found


@dataclass(frozen=True)
class Sums:
    """Running sums (one column more than there are days) of the items of series and of the rest of their sites.

    `first`: of each series, the column at which its site begins.
    """

    counts: np.ndarray
    rest: np.ndarray
    first: np.ndarray

    def past(self, rows: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Items of the series and of the rest in the baseline that ends before column `start`."""
        first = np.maximum(start - BASELINE_DAYS, 0)
        return (
            self.counts[rows, start] - self.counts[rows, first],
            self.rest[rows, start] - self.rest[rows, first],
        )

    def odds_before(self, row: int, start: int) -> float:
        """Odds of an item to be the series' in the baseline before column `start`."""
        first = max(start - BASELINE_DAYS, 0)
        past, rest = (float(each[row, start] - each[row, first]) for each in (self.counts, self.rest))
        return (past + PRIOR_ITEMS) / (rest + PRIOR_ITEMS)


@dataclass(frozen=True)
class Pools:
    """Squared differences and means of the sparse series of sites, of single days and of `LONG_DAYS` together: each
    2 × sites × days. What is added to it may be taken from it again, without a trace."""

    squares: np.ndarray
    means: np.ndarray

    def dispersion(self) -> np.ndarray:
        """Variance over mean that the days before each column tell (2 × sites × one column more), from the prior."""
        least = POOL_ITEMS * np.array(LENGTHS)[:, None, None]
        sums = [np.stack([running(each) for each in values]) for values in (self.squares, self.means)]
        # A day belongs to several sums; its items count once.
        found: np.ndarray = (sums[0] + least * PRIOR_DISPERSION) / (sums[1] + least)
        return found


def settled_days(days: int) -> int:
    """How many columns are pooled, of so many: what is behind them is asked for by none of these days."""
    return max(days - 1 - GUARD_DAYS, 0)


@dataclass(frozen=True)
class Exposure:
    """Where and when series are looked at. `totals`: days × groups, the items of whatever a series is compared with;
    `group`: of each series; `trained_from`: column from which each counts; `member`: number of its site, series of one
    site together."""

    totals: np.ndarray
    group: np.ndarray
    trained_from: np.ndarray
    member: np.ndarray


def pooled(
    counts: Callable[[int], np.ndarray],
    past: np.ndarray,
    exposure: Exposure,
    columns: range,
    sites: int,
) -> Pools:
    """What series add to the pools of so many sites on some days (columns).

    `counts` gives the items of the series on a column, from `LONG_DAYS` − 1 before the first one asked for on (but of
    none below 0), and on those that lie `BASELINE_DAYS` before these; `past`: their items on the `BASELINE_DAYS`
    before.
    """
    pools = Pools(np.zeros((2, sites, len(columns))), np.zeros((2, sites, len(columns))))
    if not len(past) or not len(columns):
        return pools
    begin = max(columns.start - LONG_DAYS + 1, 0)
    totals, group, member = exposure.totals, exposure.group, exposure.member
    past = past.astype(float)
    past_total = totals[max(begin - BASELINE_DAYS, 0) : begin].sum(axis=0)
    starts = np.flatnonzero(np.diff(member, prepend=-1))
    of_starts = member[starts]
    items_of: list[np.ndarray] = []
    means_of: list[np.ndarray] = []
    for day in range(begin, columns.stop):
        today = counts(day)
        trained = day >= exposure.trained_from
        expected = (
            odds(past, past_total[group] - past) * np.maximum(totals[day][group] - today, 0.0) * trained
        )
        items_of = [*items_of[1 - LONG_DAYS :], today * trained]
        means_of = [*means_of[1 - LONG_DAYS :], expected]
        if day >= columns.start:
            sparse = (past <= SPARSE_ITEMS) * PARTS
            long = sum(means_of[1:], start=means_of[0]), sum(items_of[1:], start=items_of[0])
            for which, (means, items) in enumerate(((expected, items_of[-1]), long)):
                for pool, values in ((pools.squares, (items - means) ** 2), (pools.means, means)):
                    # The same site may begin several times.
                    summed = np.add.reduceat(np.rint(values * sparse), starts)
                    np.add.at(pool[which, :, day - columns.start], of_starts, summed)
        past += today
        past_total = past_total + totals[day]
        if day >= BASELINE_DAYS:
            past -= counts(day - BASELINE_DAYS)
            past_total = past_total - totals[day - BASELINE_DAYS]
    return Pools(pools.squares / PARTS, pools.means / PARTS)


def dispersion(
    counts: np.ndarray,
    rest: np.ndarray,
    sums: Sums,
    trained_from: np.ndarray,
    pool: np.ndarray,
    member: np.ndarray,
    row: np.ndarray,
    day: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Variance over mean of single days and of `LONG_DAYS` together, and its relative standard deviation.

    Each 2 × cells (row, day), in order of rows; the deviation of one from so many sums is √(2 / sums).

    Dispersion is the ratio of summed squares to summed means of all days but the last `GUARD_DAYS`, drawn towards that
    of the site: `pool` from `Pools.dispersion`, `member` the site of each row.
    """
    known = np.maximum(day - GUARD_DAYS, 0)
    own_squares, own_means = np.empty((2, len(row))), np.empty((2, len(row)))
    asked, place = np.unique(row, return_inverse=True)
    # A few rows at once stay in the processor's cache.
    for begin in range(0, len(asked), CACHED_ROWS):
        rows = asked[begin : begin + CACHED_ROWS]
        trained = np.arange(counts.shape[1]) >= trained_from[rows, None]
        expected = _expected(rows, rest, sums) * trained
        items = counts[rows] * trained
        inside = slice(*np.searchsorted(place, (begin, begin + len(rows))))
        for which, length in enumerate(LENGTHS):
            means = _sliding(expected, length)
            squares = (_sliding(items, length) - means) ** 2
            own_squares[which, inside] = running(squares)[place[inside] - begin, known[inside]]
            own_means[which, inside] = running(means)[place[inside] - begin, known[inside]]
    found, doubt = np.empty((2, 2, len(row)))
    for which, length in enumerate(LENGTHS):
        # Few sums tell little, however many items are in each: sd √(2 / number of sums).
        weight = POOL_ITEMS * length + own_means[which] * POOL_SUMS * length / np.maximum(
            known - trained_from[row], 1
        )
        found[which] = (own_squares[which] + weight * pool[which, member[row], known]) / (
            own_means[which] + weight
        )
        doubt[which] = np.sqrt(2 / (np.maximum(known - trained_from[row], 0) / length + POOL_SUMS))
    return found, doubt


def _expected(rows: np.ndarray, rest: np.ndarray, sums: Sums) -> np.ndarray:
    """Of some rows on all days: how many items the baseline lets expect."""
    counted, of_rest = sums.counts[rows], sums.rest[rows]
    days = rest.shape[1]
    past, past_rest = counted[:, :days].copy(), of_rest[:, :days].copy()
    past[:, BASELINE_DAYS:] -= counted[:, : max(days - BASELINE_DAYS, 0)]
    past_rest[:, BASELINE_DAYS:] -= of_rest[:, : max(days - BASELINE_DAYS, 0)]
    expected: np.ndarray = odds(past, past_rest) * rest[rows]
    return expected


def _sliding(values: np.ndarray, length: int) -> np.ndarray:
    """Sums of the `length` columns that end at each."""
    if length == 1:
        return values
    summed = running(values)
    sums = summed[:, 1:].copy()
    sums[:, length:] -= summed[:, 1:-length]
    return sums

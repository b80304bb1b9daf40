"""A prospective temporal scan over many series at once, each against its share of its site.

Method: the prospective scan statistic (Kulldorff 2001, "Prospective time periodic geographical disease surveillance
using a scan statistic", JRSS A 164(1)), of one series: every window of `WINDOWS` days that ends today is compared with
the 84 days before it. Kulldorff's likelihood ratio is replaced by the tail of the negative binomial that predicts the
window from its past, as in the Bayesian detector of Riebler (2004; `algo.bayes` of R's surveillance) and the improved
Farrington detector (Noufaily et al. 2013, "An improved algorithm for outbreak detection in multiple surveillance
systems", Statistics in Medicine 32(7)): it holds in sparse series, whose past is itself uncertain, and in clustered
ones. The exposure is the rest of the site, so that a growing, a back-filled or an uncrawled day is no rise.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc

WINDOWS = (1, 2, 3, 5, 7, 14, 28)
BASELINE_DAYS = 84
TRAINING_DAYS = 28
# The alarm: −ln of the probability of so many items in the window. `benchmarks/surges.py`, 4,000 series without a rise:
# .046 false alarms per series-year at 10, .039 at 10.5.
ALARM = 10.5
# Drift and season of one series within its site stay below this ratio; a smaller rise is none.
MIN_RATIO = 1.5
MIN_RISE_ITEMS = 5
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
# A rise is over when the log-likelihood for a doubling has lost this much from its peak.
LOSS = 8.0


@dataclass(frozen=True)
class Rises:
    """Arrays of one length, a row per rise: series (row of the counts), start, alarm, end (columns), peak (highest
    statistic), odds (of an item to be the series', against the rest of its site, before the rise)."""

    series: np.ndarray
    start: np.ndarray
    alarm: np.ndarray
    end: np.ndarray
    peak: np.ndarray
    odds: np.ndarray


@dataclass(frozen=True)
class _Sums:
    """Running sums (one column more than there are days) of the items of series and of the rest of their sites."""

    counts: np.ndarray
    rest: np.ndarray

    def past(self, rows: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Items of the series and of the rest in the baseline that ends before column `start`."""
        first = np.maximum(start - BASELINE_DAYS, 0)
        return (
            self.counts[rows, start] - self.counts[rows, first],
            self.rest[rows, start] - self.rest[rows, first],
        )

    def odds_before(self, row: int, start: int) -> float:
        """Odds of an item to be the series' in the baseline before column `start`."""
        return float(_odds(*self.past(np.array([row]), np.array([start])))[0])


@dataclass(frozen=True)
class _Cells:
    """Days on which a series has items, in order of row and day, with both dispersions (2 × cells)."""

    row: np.ndarray
    day: np.ndarray
    dispersion: np.ndarray

    def where(self, chosen: np.ndarray) -> "_Cells":
        """Those of a mask or of places."""
        return _Cells(self.row[chosen], self.day[chosen], self.dispersion[:, chosen])


def find_rises(
    counts: np.ndarray, totals: np.ndarray, first_day: np.ndarray, site: np.ndarray, alarm: float = ALARM
) -> Rises:
    """Rises of daily counts.

    `counts`: series × days. `totals`: series × days, the items of the series' site. `first_day`: per series, the
    column at which its site begins; the first `TRAINING_DAYS` from there only train. `site`: per series, a number;
    series of one site share a dispersion while they are sparse. A rise alarms on the first day on which a window's
    statistic reaches `alarm`; no later day changes that. Start and end are the most likely ones (greatest Poisson
    likelihood ratio) among the 28 days before the alarm and those after, until the likelihood of a doubling has lost
    `LOSS`, or `BASELINE_DAYS` have passed: by then it is the norm.
    """
    rest = np.maximum(totals - counts, 0.0)
    sums = _Sums(_running(counts), _running(rest))
    trained_from = first_day + TRAINING_DAYS
    row, day = np.nonzero(counts)
    late = day >= trained_from[row]
    row, day = row[late], day[late]
    cells = _Cells(row, day, _dispersion(counts, rest, sums, trained_from, site, row, day))
    statistic = _scan(sums, cells, trained_from[row])
    alarmed = np.flatnonzero(statistic >= alarm)
    found = _episodes(cells.where(alarmed), statistic[alarmed], counts, rest, sums, trained_from, alarm)
    columns = [np.array(column) for column in zip(*found, strict=True)] if found else [np.zeros(0)] * 6
    whole = [column.astype(np.int64) for column in columns[:4]]
    return Rises(whole[0], whole[1], whole[2], whole[3], columns[4].astype(float), columns[5].astype(float))


def _running(values: np.ndarray) -> np.ndarray:
    padded = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=padded[:, 1:])
    return padded


def _odds(past: np.ndarray, rest: np.ndarray) -> np.ndarray:
    odds: np.ndarray = (past + PRIOR_ITEMS) / (rest + PRIOR_ITEMS)
    return odds


def _scan(sums: _Sums, cells: _Cells, earliest: np.ndarray) -> np.ndarray:
    """Per cell: the highest −ln p of the windows that end there and begin on column `earliest` or later."""
    best = np.zeros(len(cells.row))
    for window in WINDOWS:
        start = cells.day + 1 - window
        observed = sums.counts[cells.row, cells.day + 1] - sums.counts[cells.row, np.maximum(start, 0)]
        places = np.flatnonzero((start >= earliest) & (observed >= MIN_RISE_ITEMS))
        inside, first, seen = cells.where(places), start[places], observed[places]
        past, rest_past = sums.past(inside.row, first)
        rest = sums.rest[inside.row, inside.day + 1] - sums.rest[inside.row, first] + PRIOR_ITEMS
        expected = _odds(past, rest_past) * rest
        # Relative variance of a ratio of counts: the items', the past's, the rest's and the rest's past (delta method).
        inflation = 1 + expected * (1 / (past + PRIOR_ITEMS) + 1 / rest + 1 / (rest_past + PRIOR_ITEMS))
        several = min(window - 1, LONG_DAYS - 1) / (LONG_DAYS - 1)
        spread = ((1 - several) * inside.dispersion[0] + several * inside.dispersion[1]) * inflation
        # Below two standard deviations no tail comes near the alarm.
        likely = (seen >= MIN_RATIO * expected) & ((seen - expected) ** 2 >= 4 * spread * expected)
        seen, expected, spread = seen[likely], expected[likely], spread[likely]
        tail = betainc(seen, expected / (spread - 1), 1 - 1 / spread)
        best[places[likely]] = np.maximum(best[places[likely]], -np.log(np.maximum(tail, 1e-300)))
    return best


def _dispersion(
    counts: np.ndarray,
    rest: np.ndarray,
    sums: _Sums,
    trained_from: np.ndarray,
    site: np.ndarray,
    row: np.ndarray,
    day: np.ndarray,
) -> np.ndarray:
    """Variance over mean, at least 1, of single days and of `LONG_DAYS` together: 2 × cells (row, day).

    Posters put up several items a day and come back within the week, so that sums of several days vary more than days
    alone let expect. Each is the ratio of summed squares to summed means of all days but the last `GUARD_DAYS`, drawn
    towards that of the sparse series of the site (empirical Bayes): a sparse series alone cannot tell its own.
    """
    days = counts.shape[1]
    end = np.arange(days)
    first = np.maximum(end - BASELINE_DAYS, 0)
    past = sums.counts[:, end] - sums.counts[:, first]
    expected = _odds(past, sums.rest[:, end] - sums.rest[:, first]) * rest
    trained = end[None, :] >= trained_from[:, None]
    expected *= trained
    sites, member = np.unique(site, return_inverse=True)
    sparse = past <= SPARSE_ITEMS
    found = np.empty((2, len(row)))
    for which, length in enumerate((1, LONG_DAYS)):
        means = _sliding(expected, length)
        squares = (_sliding(counts * trained, length) - means) ** 2
        pool_squares, pool_means = np.zeros((len(sites), days)), np.zeros((len(sites), days))
        np.add.at(pool_squares, member, squares * sparse)
        np.add.at(pool_means, member, means * sparse)
        # A day belongs to `length` sums; its items count once.
        least = POOL_ITEMS * length
        pool = (_running(pool_squares) + least * PRIOR_DISPERSION) / (_running(pool_means) + least)
        known = np.maximum(day - GUARD_DAYS, 0)
        own_squares, own_means = _running(squares)[row, known], _running(means)[row, known]
        # Few sums tell little, however many items are in each: sd √(2 / number of sums).
        weight = least + own_means * POOL_SUMS * length / np.maximum(known - trained_from[row], 1)
        found[which] = (own_squares + weight * pool[member[row], known]) / (own_means + weight)
    return np.maximum(found, 1.0)


def _sliding(values: np.ndarray, length: int) -> np.ndarray:
    """Sums of the `length` columns that end at each."""
    if length == 1:
        return values
    running = _running(values)
    sums = running[:, 1:].copy()
    sums[:, length:] -= running[:, 1:-length]
    return sums


def _episodes(
    cells: _Cells,
    statistic: np.ndarray,
    counts: np.ndarray,
    rest: np.ndarray,
    sums: _Sums,
    trained_from: np.ndarray,
    alarm: float,
) -> list[tuple[int, int, int, int, float, float]]:
    """Alarmed cells as rises: series, start, alarm, end, peak, odds."""
    found: list[tuple[int, int, int, int, float, float]] = []
    current, over_on, fresh_from = -1, -1, 0
    for place, (which, when) in enumerate(zip(cells.row.tolist(), cells.day.tolist(), strict=True)):
        if which != current:
            current, over_on, fresh_from = which, -1, int(trained_from[which])
        elif when <= over_on:
            if when <= found[-1][3]:
                found[-1] = (*found[-1][:4], max(found[-1][4], float(statistic[place])), found[-1][5])
            continue
        elif _scan(sums, cells.where(np.array([place])), np.array([fresh_from]))[0] < alarm:
            # What a long window still holds of the last rise is no new one.
            continue
        starts = np.arange(max(fresh_from, when + 1 - WINDOWS[-1]), when + 1)
        start = _likeliest_start(which, starts, when, sums)
        stop = _stop(which, start, when, float(cells.dispersion[0, place]), counts, rest, sums)
        end = _likeliest_end(which, start, np.arange(when, stop + 1), sums)
        start = _likeliest_start(which, starts, end, sums)
        over_on, fresh_from = stop, end + 1
        found.append((which, start, when, end, float(statistic[place]), sums.odds_before(which, start)))
    return found


def _stop(
    row: int, start: int, alarm: int, dispersion: float, counts: np.ndarray, rest: np.ndarray, sums: _Sums
) -> int:
    """The column on which the rise from `start` is over, or the last one looked at."""
    span = slice(start, min(start + BASELINE_DAYS, counts.shape[1]))
    gain = counts[row, span] * np.log(2) - sums.odds_before(row, start) * (rest[row, span] + PRIOR_ITEMS)
    level = np.cumsum(gain / dispersion)
    lost = np.maximum.accumulate(level) - level >= LOSS
    after = np.flatnonzero((np.arange(len(level)) > alarm - start) & lost)
    return start + (int(after[0]) if len(after) else len(level) - 1)


def _likelihood(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The likelihood ratio O ln(O/E) − (O − E) of a rise (Kulldorff 1997), 0 where there is none."""
    ratio = np.maximum(observed / expected, 1.0)
    gain: np.ndarray = observed * np.log(ratio) - (ratio > 1) * (observed - expected)
    return gain


def _likeliest_start(row: int, starts: np.ndarray, end: int, sums: _Sums) -> int:
    # One baseline for all: that of a later start would already hold the rise.
    observed = sums.counts[row, end + 1] - sums.counts[row, starts]
    expected = sums.odds_before(row, int(starts[0])) * (
        sums.rest[row, end + 1] - sums.rest[row, starts] + PRIOR_ITEMS
    )
    return int(starts[np.argmax(_likelihood(observed, expected))])


def _likeliest_end(row: int, start: int, ends: np.ndarray, sums: _Sums) -> int:
    observed = sums.counts[row, ends + 1] - sums.counts[row, start]
    expected = sums.odds_before(row, start) * (sums.rest[row, ends + 1] - sums.rest[row, start] + PRIOR_ITEMS)
    return int(ends[np.argmax(_likelihood(observed, expected))])

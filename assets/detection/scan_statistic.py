"""A prospective temporal scan over many series at once, each against its share of its site.

Method: the prospective scan statistic (Kulldorff 2001, "Prospective time periodic geographical disease surveillance
using a scan statistic", JRSS A 164(1)), of one series: every window of `WINDOWS` days that ends today is compared with
the 84 days before it. Kulldorff's likelihood ratio is replaced by the tail of the negative binomial that predicts the
window from its past, as in the Bayesian detector of Riebler (2004; `algo.bayes` of R's surveillance) and the improved
Farrington detector (Noufaily et al. 2013, "An improved algorithm for outbreak detection in multiple surveillance
systems", Statistics in Medicine 32(7)): it holds in sparse series, whose past is itself uncertain, and in clustered
ones. The exposure is the rest of the site, so that a growing, a back-filled or an uncrawled day is no rise.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaln

# Each at most half as long again as the one before, but for the shortest: a rise that no window fits is told by one
# that holds a third of quiet days, or leaves a third of it out.
WINDOWS = (1, 2, 3, 5, 7, 10, 14, 21, 28)
BASELINE_DAYS = 84
TRAINING_DAYS = 28
# The alarm: −ln of the probability of so many items in the window. `benchmarks/surges.py`, 4,000 series without a rise:
# .049 false alarms per series-year at 10.25, .042 at 10.5.
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
# By so much a sum of logarithms may be wrong.
ROUNDING = 1e-6
# Rows of which sums are made at once.
CACHED_ROWS = 256
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
    likely = _likely(sums, row[late], day[late], trained_from)
    row, day = row[late][likely], day[late][likely]
    cells = _Cells(row, day, _dispersion(counts, rest, sums, trained_from, site, row, day))
    statistic = _scan(sums, cells, trained_from[row], alarm)
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


@dataclass(frozen=True)
class _Window:
    """What is seen and expected in one window of some cells: `places` of these, and how much wider than a Poisson
    count's the spread is for each dispersion of 1."""

    places: np.ndarray
    several: float
    seen: np.ndarray
    expected: np.ndarray
    inflation: np.ndarray


def _windows(sums: _Sums, row: np.ndarray, day: np.ndarray, earliest: np.ndarray) -> Iterator[_Window]:
    """The windows that end at each cell (row, day) and begin on column `earliest` or later, and hold a rise."""
    # What is not there in the longest window is in none.
    longest = sums.counts[row, day + 1] - sums.counts[row, np.maximum(day + 1 - WINDOWS[-1], 0)]
    asked = np.flatnonzero(longest >= MIN_RISE_ITEMS)
    row, day, earliest = row[asked], day[asked], earliest[asked]
    width = sums.counts.shape[1]
    counts, others = sums.counts.ravel(), sums.rest.ravel()
    # Places in the running sums, which lie row behind row.
    begin = row * width
    end = begin + day + 1
    items, rest_items = counts[end], others[end]
    room = day + 1 - earliest
    for window in WINDOWS:
        # A window that has no room begins in the row before, or behind the last: what it holds is not asked for.
        places = np.flatnonzero((items - counts[end - window] >= MIN_RISE_ITEMS) & (room >= window))
        first = end[places] - window
        before = begin[places] + np.maximum(day[places] + 1 - window - BASELINE_DAYS, 0)
        seen = items[places] - counts[first]
        past, rest_past = counts[first] - counts[before], others[first] - others[before]
        rest = rest_items[places] - others[first] + PRIOR_ITEMS
        expected = _odds(past, rest_past) * rest
        # Relative variance of a ratio of counts: the items', the past's, the rest's and the rest's past (delta method).
        inflation = 1 + expected * (1 / (past + PRIOR_ITEMS) + 1 / rest + 1 / (rest_past + PRIOR_ITEMS))
        several = min(window - 1, LONG_DAYS - 1) / (LONG_DAYS - 1)
        rises = (seen >= MIN_RATIO * expected) & _is_far(seen, expected, inflation)
        yield _Window(asked[places[rises]], several, seen[rises], expected[rises], inflation[rises])


def _is_far(seen: np.ndarray, expected: np.ndarray, spread: np.ndarray) -> np.ndarray:
    # Below two standard deviations no tail comes near the alarm.
    far: np.ndarray = (seen - expected) ** 2 >= 4 * spread * expected
    return far


def _likely(sums: _Sums, row: np.ndarray, day: np.ndarray, trained_from: np.ndarray) -> np.ndarray:
    """Which cells may alarm if they spread as little as can be (a dispersion of 1): their places, in order."""
    likely = np.zeros(len(row), dtype=bool)
    for window in _windows(sums, row, day, trained_from[row]):
        likely[window.places] = True
    return np.flatnonzero(likely)


def _scan(sums: _Sums, cells: _Cells, earliest: np.ndarray, alarm: float) -> np.ndarray:
    """Per cell: the highest −ln p of the windows that end there and begin on column `earliest` or later; of a cell that
    does not reach `alarm`, any number below it."""
    best = np.zeros(len(cells.row))
    for window in _windows(sums, cells.row, cells.day, earliest):
        single, summed = cells.dispersion[:, window.places]
        spread = ((1 - window.several) * single + window.several * summed) * window.inflation
        # A tail is at least its first term, which is found faster.
        far = np.flatnonzero(_is_far(window.seen, window.expected, spread))
        far = far[_rarity(window.seen[far], window.expected[far], spread[far]) >= alarm - ROUNDING]
        places, seen, expected, spread = (
            values[far] for values in (window.places, window.seen, window.expected, spread)
        )
        tail = betainc(seen, expected / (spread - 1), 1 - 1 / spread)
        best[places] = np.maximum(best[places], -np.log(np.maximum(tail, 1e-300)))
    return best


def _rarity(seen: np.ndarray, expected: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """−ln of the probability of just so many items: negative binomial with this mean and variance over mean."""
    size = expected / (spread - 1)
    rarity: np.ndarray = (
        gammaln(seen + 1)
        + gammaln(size)
        - gammaln(seen + size)
        + size * np.log(spread)
        - seen * np.log1p(-1 / spread)
    )
    return rarity


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
    sites, member = np.unique(site, return_inverse=True)
    pool_squares, pool_means = (np.zeros((2, len(sites), days)) for _ in range(2))
    known = np.maximum(day - GUARD_DAYS, 0)
    own_squares, own_means = np.empty((2, len(row))), np.empty((2, len(row)))
    # Cells are in order of rows; a few rows at once stay in the processor's cache.
    for begin in range(0, len(counts), CACHED_ROWS):
        rows = slice(begin, min(begin + CACHED_ROWS, len(counts)))
        trained = np.arange(days) >= trained_from[rows, None]
        past, expected = _expected(rows, rest, sums)
        expected *= trained
        items = counts[rows] * trained
        sparse = past <= SPARSE_ITEMS
        starts = np.flatnonzero(np.diff(member[rows], prepend=-1))
        inside = slice(*np.searchsorted(row, (rows.start, rows.stop)))
        # Only rows that are asked for need sums of their own.
        asked, place = np.unique(row[inside] - begin, return_inverse=True)
        for which, length in enumerate((1, LONG_DAYS)):
            means = _sliding(expected, length)
            squares = (_sliding(items, length) - means) ** 2
            own_squares[which, inside] = _running(squares[asked])[place, known[inside]]
            own_means[which, inside] = _running(means[asked])[place, known[inside]]
            for pool, values in ((pool_squares, squares), (pool_means, means)):
                summed = np.add.reduceat(values * sparse, starts, axis=0)
                np.add.at(pool[which], member[rows][starts], summed)
    found = np.empty((2, len(row)))
    for which, length in enumerate((1, LONG_DAYS)):
        # A day belongs to `length` sums; its items count once.
        least = POOL_ITEMS * length
        pool = (_running(pool_squares[which]) + least * PRIOR_DISPERSION) / (
            _running(pool_means[which]) + least
        )
        # Few sums tell little, however many items are in each: sd √(2 / number of sums).
        weight = least + own_means[which] * POOL_SUMS * length / np.maximum(known - trained_from[row], 1)
        found[which] = (own_squares[which] + weight * pool[member[row], known]) / (own_means[which] + weight)
    return np.maximum(found, 1.0)


def _expected(rows: slice, rest: np.ndarray, sums: _Sums) -> tuple[np.ndarray, np.ndarray]:
    """Of some rows on all days: items in the baseline, and how many of the day they let expect."""
    running, of_rest = sums.counts[rows], sums.rest[rows]
    days = rest.shape[1]
    past, expected = running[:, :days].copy(), of_rest[:, :days].copy()
    past[:, BASELINE_DAYS:] -= running[:, : max(days - BASELINE_DAYS, 0)]
    expected[:, BASELINE_DAYS:] -= of_rest[:, : max(days - BASELINE_DAYS, 0)]
    return past, _odds(past, expected) * rest[rows]


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
        elif _scan(sums, cells.where(np.array([place])), np.array([fresh_from]), alarm)[0] < alarm:
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

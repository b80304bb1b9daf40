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

from assets.detection.dispersion import (
    BASELINE_DAYS,
    LONG_DAYS,
    PRIOR_ITEMS,
    Exposure,
    Sums,
    dispersion,
    odds,
    pooled,
    running,
    settled_days,
)

# Each at most half as long again as the one before, but for the shortest: a rise that no window fits is told by one
# that holds a third of quiet days, or leaves a third of it out.
WINDOWS = (1, 2, 3, 5, 7, 10, 14, 21, 28)
TRAINING_DAYS = 28
# The alarm: −ln of the probability of so many items in the window. False alarms per series-year: .034 on 4,000 series
# of `benchmarks/planted_series.py`, .039 where posters come in clusters and company (`benchmarks/planted_posters.py`).
ALARM = 10.0
# Of all items, where newcomers are counted, too: both together raise .048 (`benchmarks/planted_posters.py`).
ITEMS_ALARM = 13.0
# Drift and season of one series within its site stay below this ratio; a smaller rise is none.
MIN_RATIO = 1.5
# Nor is one that has hardly more than its own past: where the rest of a site pauses, who goes on does not rise. When
# the rest has less than usual, a series is expected to follow it by this power.
PAUSE = 0.5
# When the rest of a site has e times as many items as usual, as on a day that old items are found, the share of a
# series varies by this much (standard deviation over mean) beyond chance: such days bring another mixture.
MIXTURE = 0.2
MIN_RISE_ITEMS = 5
# By so much a sum of logarithms may be wrong.
ROUNDING = 1e-6
# A rise is over when the log-likelihood for a doubling has lost this much from its peak.
LOSS = 8.0
# A series whose statistic stays below the alarm even with a dispersion lower by this share may not alarm, as long as
# that of its site does not sink by more.
SLACK = 0.1


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
    sites, member = np.unique(site, return_inverse=True)
    by_day = np.ascontiguousarray(counts.T)
    exposure = Exposure(totals.T, np.arange(len(counts)), trained_from(first_day), member)
    pools = pooled(
        by_day.__getitem__,
        np.zeros(len(counts)),
        exposure,
        range(settled_days(counts.shape[1])),
        len(sites),
    )
    return scanned(counts, totals, first_day, member, pools.dispersion(), alarm=alarm)[0]


def trained_from(first_day: np.ndarray) -> np.ndarray:
    """The columns from which series are looked at, by those at which their sites begin."""
    return first_day + TRAINING_DAYS


def scanned(
    counts: np.ndarray,
    totals: np.ndarray,
    first_day: np.ndarray,
    member: np.ndarray,
    pool: np.ndarray,
    since: np.ndarray | None = None,
    alarm: float = ALARM,
) -> tuple[Rises, np.ndarray]:
    """As `find_rises`, of some of the series of sites whose dispersion is known: `pool` from `Pools.dispersion`,
    `member` the site of each series in it. `since`: per series, the column before which nothing may alarm. Also the
    series (rows) that may alarm once their site's dispersion is lower by `SLACK`."""
    begin = trained_from(first_day)
    rest = np.maximum(totals - counts, 0.0)
    sums = Sums(running(counts), running(rest), first_day)
    row, day = np.nonzero(counts)
    late = day >= (begin if since is None else np.maximum(begin, since))[row]
    likely = _likely(sums, row[late], day[late], begin)
    row, day = row[late][likely], day[late][likely]
    found, doubt = dispersion(counts, rest, sums, begin, pool, member, row, day)
    lowest = _Cells(row, day, _predictive((1 - SLACK) * found, doubt))
    near = np.flatnonzero(_scan(sums, lowest, begin[row], alarm) >= alarm)
    cells = _Cells(row, day, _predictive(found, doubt)).where(near)
    statistic = _scan(sums, cells, begin[cells.row], alarm)
    alarmed = np.flatnonzero(statistic >= alarm)
    told = _episodes(cells.where(alarmed), statistic[alarmed], counts, rest, sums, begin, alarm)
    columns = [np.array(column) for column in zip(*told, strict=True)] if told else [np.zeros(0)] * 6
    whole = [column.astype(np.int64) for column in columns[:4]]
    rises = Rises(whole[0], whole[1], whole[2], whole[3], columns[4].astype(float), columns[5].astype(float))
    return rises, np.unique(cells.row)


def _predictive(dispersion: np.ndarray, doubt: np.ndarray) -> np.ndarray:
    """The dispersion to reckon with: one that was found in few sums may be higher. None is below chance."""
    reckoned: np.ndarray = 1 + np.maximum(dispersion - 1, 0.0) * (1 + doubt)
    return reckoned


@dataclass(frozen=True)
class _Window:
    """What is seen and expected in one window of some cells: `places` of these, and how much wider than a Poisson
    count's the spread is for each dispersion of 1."""

    places: np.ndarray
    several: float
    seen: np.ndarray
    expected: np.ndarray
    inflation: np.ndarray


def _windows(sums: Sums, row: np.ndarray, day: np.ndarray, earliest: np.ndarray) -> Iterator[_Window]:
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
    since = sums.first[row]
    for window in WINDOWS:
        # A window that has no room begins in the row before, or behind the last: what it holds is not asked for.
        places = np.flatnonzero((items - counts[end - window] >= MIN_RISE_ITEMS) & (room >= window))
        first = end[places] - window
        before = begin[places] + np.maximum(day[places] + 1 - window - BASELINE_DAYS, 0)
        seen = items[places] - counts[first]
        past, rest_past = counts[first] - counts[before], others[first] - others[before]
        rest = rest_items[places] - others[first] + PRIOR_ITEMS
        expected = odds(past, rest_past) * rest
        # Relative variance of a ratio of counts: the items', the past's, the rest's and the rest's past (delta method).
        inflation = 1 + expected * (1 / (past + PRIOR_ITEMS) + 1 / rest + 1 / (rest_past + PRIOR_ITEMS))
        days = np.maximum(day[places] + 1 - window - np.maximum(since[places], before - begin[places]), 1)
        # How much more, or less, the rest has than it usually has.
        crowd = np.log(rest * days / (window * (rest_past + PRIOR_ITEMS)))
        expected *= np.exp(-PAUSE * np.minimum(crowd, 0.0))
        inflation += expected * (MIXTURE * np.maximum(crowd, 0.0)) ** 2
        # Pairs of a cluster's items lie nearer to each other than two days drawn from its span: sums of two or three
        # days already vary by more than their part, and those of a month by more than those of a week.
        several = np.log(window) / np.log(LONG_DAYS)
        rises = (seen >= MIN_RATIO * expected) & _is_far(seen, expected, inflation)
        rises &= seen * days >= MIN_RATIO * window * past
        yield _Window(asked[places[rises]], several, seen[rises], expected[rises], inflation[rises])


def _is_far(seen: np.ndarray, expected: np.ndarray, spread: np.ndarray) -> np.ndarray:
    # Below two standard deviations no tail comes near the alarm.
    far: np.ndarray = (seen - expected) ** 2 >= 4 * spread * expected
    return far


def _likely(sums: Sums, row: np.ndarray, day: np.ndarray, trained_from: np.ndarray) -> np.ndarray:
    """Which cells may alarm if they spread as little as can be (a dispersion of 1): their places, in order."""
    likely = np.zeros(len(row), dtype=bool)
    for window in _windows(sums, row, day, trained_from[row]):
        likely[window.places] = True
    return np.flatnonzero(likely)


def _scan(sums: Sums, cells: _Cells, earliest: np.ndarray, alarm: float) -> np.ndarray:
    """Per cell: the highest −ln p of the windows that end there and begin on column `earliest` or later; of a cell that
    does not reach `alarm`, any number below it."""
    best = np.zeros(len(cells.row))
    for window in _windows(sums, cells.row, cells.day, earliest):
        single, summed = cells.dispersion[:, window.places]
        spread = single + window.several * (summed - single)
        if window.several > 1:
            # Beyond the sums that were measured only what grows goes on.
            spread = np.maximum(spread, summed)
        spread *= window.inflation
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


def _episodes(
    cells: _Cells,
    statistic: np.ndarray,
    counts: np.ndarray,
    rest: np.ndarray,
    sums: Sums,
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
        # One baseline for all: that of a later start would already hold the rise.
        before_all = sums.odds_before(which, int(starts[0]))
        start = _likeliest_start(which, starts, when, before_all, sums)
        before = sums.odds_before(which, start)
        stop = _stop(which, start, when, float(cells.dispersion[0, place]), counts, rest, before)
        end = _likeliest_end(which, start, np.arange(when, stop + 1), before, sums)
        start = _likeliest_start(which, starts, end, before_all, sums)
        over_on, fresh_from = stop, end + 1
        found.append((which, start, when, end, float(statistic[place]), sums.odds_before(which, start)))
    return found


def _stop(
    row: int, start: int, alarm: int, dispersion: float, counts: np.ndarray, rest: np.ndarray, before: float
) -> int:
    """The column on which the rise from `start` is over, or the last one looked at. `before`: the odds before it."""
    span = slice(start, min(start + BASELINE_DAYS, counts.shape[1]))
    gain = counts[row, span] * np.log(2) - before * (rest[row, span] + PRIOR_ITEMS)
    level = np.cumsum(gain / dispersion)
    lost = np.maximum.accumulate(level) - level >= LOSS
    after = np.flatnonzero((np.arange(len(level)) > alarm - start) & lost)
    return start + (int(after[0]) if len(after) else len(level) - 1)


def _likelihood(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """The likelihood ratio O ln(O/E) − (O − E) of a rise (Kulldorff 1997), 0 where there is none."""
    ratio = np.maximum(observed / expected, 1.0)
    gain: np.ndarray = observed * np.log(ratio) - (ratio > 1) * (observed - expected)
    return gain


def _likeliest_start(row: int, starts: np.ndarray, end: int, before: float, sums: Sums) -> int:
    observed = sums.counts[row, end + 1] - sums.counts[row, starts]
    expected = before * (sums.rest[row, end + 1] - sums.rest[row, starts] + PRIOR_ITEMS)
    return int(starts[np.argmax(_likelihood(observed, expected))])


def _likeliest_end(row: int, start: int, ends: np.ndarray, before: float, sums: Sums) -> int:
    observed = sums.counts[row, ends + 1] - sums.counts[row, start]
    expected = before * (sums.rest[row, ends + 1] - sums.rest[row, start] + PRIOR_ITEMS)
    return int(ends[np.argmax(_likelihood(observed, expected))])

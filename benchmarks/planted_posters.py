"""Series of sites whose posters are known: what counting newcomers beside items brings, at as many false alarms.

`python -m benchmarks.planted_posters [SITES]` (default 60 without a rise, two thirds of that per factor).
"""

from dataclasses import dataclass

import numpy as np

from assets.detection.scan_statistic import ALARM, ITEMS_ALARM, MIN_RISE_ITEMS, TRAINING_DAYS, find_rises
from benchmarks.command_line import words_asked
from benchmarks.planted_series import DAYS, RISE_DAYS

# Mean items of an account (geometric), and over how many days it puts them up.
POSTERS = ((1, 1), (2, 7), (4, 7), (4, 30), (12, 120))
RATES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
FACTORS = (3.0, 5.0, 10.0)
WITHIN_DAYS = 3
# A rise that is not found by then is missed, and counts as so many days.
_MISSED_AFTER, _MISSED_DAYS = 21, 28
# Days before the first that is seen, so that posters of long standing are there from the beginning.
_BEFORE = 250
_FIRST_RISE, _RISE_GAP = 150, 28
# On every second site an account of this share comes with others, so many on average, within so many days.
_IN_COMPANY, _COMPANY, _COMPANY_DAYS = 0.2, 3, 5


@dataclass(frozen=True)
class Posted:
    """`items`, `newcomers`: series × days; of whole sites (`site_items`, `site_newcomers`): sites × days; `site` and
    `start` of each series' rise (−1: none)."""

    items: np.ndarray
    newcomers: np.ndarray
    site_items: np.ndarray
    site_newcomers: np.ndarray
    site: np.ndarray
    start: np.ndarray


def _arrivals(rng: np.random.Generator, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean accounts that come by day (series, then the rest of the site by kind of poster), and the rises' days.

    The site grows, has a week, a year and days of its own, as `planted_series.planted_site`; one in four finds thirty
    days of old items at once.
    """
    days = np.arange(_BEFORE + DAYS)
    count = len(POSTERS) * len(RATES)
    several = np.array([items for items, _ in POSTERS])
    shape = 1 + rng.uniform(0, 2) * np.clip(days - _BEFORE, 0, None) / DAYS
    shape = shape * (1 + rng.uniform(0.1, 0.4) * np.sin(2 * np.pi * days / 7 + rng.uniform(0, 6)))
    shape = shape * (1 + rng.uniform(0, 0.3) * np.sin(2 * np.pi * days / 365.25 + rng.uniform(0, 6)))
    shape = shape * rng.lognormal(0, 0.1, len(days))
    own = 1 + 0.15 * np.sin(2 * np.pi * days / 365.25 + rng.uniform(0, 6, (count, 1)))
    own = own * np.exp(rng.uniform(-1 / 3, 1 / 3, (count, 1)) * (days - _BEFORE) / DAYS)
    rate = np.tile(RATES, len(POSTERS)) / np.repeat(several, len(RATES))
    means = rate[:, None] * own * shape
    start = np.full(count, -1)
    if factor > 1:
        chosen = rng.permutation(count)
        for which, first in zip(chosen, range(_FIRST_RISE, DAYS - 30, _RISE_GAP), strict=False):
            start[which] = first + int(rng.integers(7))
            means[which, _BEFORE + start[which] :][:RISE_DAYS] *= factor
    means = np.vstack([means, (sum(RATES) / len(POSTERS) / several)[:, None] * shape])
    if rng.random() < 0.25:
        day = int(rng.integers(_BEFORE + 120, len(days)))
        means[:, day] += means[:, day - 30 : day].sum(axis=1)
    return means, start


def planted_site(rng: np.random.Generator, factor: float = 1.0) -> Posted:
    """One site: every kind of poster with every rate; with a factor, every 28 days so many more accounts of one series
    come for a fortnight. One day in fifty is not crawled, but none on which a rise begins."""
    means, start = _arrivals(rng, factor)
    rows = len(means)
    kind = np.append(np.repeat(np.arange(len(POSTERS)), len(RATES)), np.arange(len(POSTERS)))
    company = _IN_COMPANY if rng.random() < 0.5 else 0.0
    series, day = _each(rng.poisson(means * (1 - company)))
    led, led_day = _each(rng.poisson(means * company / _COMPANY))
    size = rng.geometric(1 / _COMPANY, len(led))
    series = np.append(series, np.repeat(led, size))
    day = np.append(day, np.repeat(led_day, size) + rng.integers(0, _COMPANY_DAYS, size.sum()))
    several, span = np.array(POSTERS)[kind[series]].T
    account = np.repeat(np.arange(len(series)), rng.geometric(1 / several))
    is_first = np.append(True, np.diff(account) > 0)
    # The first item when the account comes, the others in its days; half of those beside the one before.
    later = np.where(is_first, 0, rng.integers(0, span[account]))
    beside = np.flatnonzero(~is_first[1:] & ~is_first[:-1] & (rng.random(len(later) - 1) < 0.5)) + 1
    later[beside] = later[beside - 1]
    posted = day[account] + later - _BEFORE
    loses = rng.random() < 0.5
    for lost in np.flatnonzero(rng.random(DAYS - 1) < 0.02):
        if not np.any((start >= 0) & (lost >= start) & (lost < start + 4)):
            posted[posted == lost] = -1 if loses else lost + 1
    seen = (posted >= 0) & (posted < DAYS)
    account, posted = account[seen], posted[seen]
    order = np.lexsort((posted, account))
    account, posted = account[order], posted[order]
    is_first = np.append(True, np.diff(account) > 0)
    items, newcomers = np.zeros((2, rows, DAYS))
    np.add.at(items, (series[account], posted), 1)
    np.add.at(newcomers, (series[account[is_first]], posted[is_first]), 1)
    count = len(start)
    totals = items.sum(axis=0, keepdims=True), newcomers.sum(axis=0, keepdims=True)
    return Posted(items[:count], newcomers[:count], *totals, np.zeros(count, dtype=int), start)


def _each(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of each of so many."""
    row, column = np.nonzero(counts)
    return np.repeat(row, counts[row, column]), np.repeat(column, counts[row, column])


def planted_posters(seed: int, sites: int, factor: float = 1.0) -> Posted:
    """`sites` sites of `planted_site`, one below the other."""
    rng = np.random.default_rng(seed)
    parts = [planted_site(rng, factor) for _ in range(sites)]
    told = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Posted.__annotations__}
    return Posted(**{**told, "site": np.repeat(np.arange(sites), len(parts[0].site))})


def _rises(posted: Posted, items: float | None, newcomers: float | None) -> list[tuple[int, int, int, int]]:
    """Row, start, end and alarm of each rise that items or newcomers raise at these alarms (None: not asked), in order.
    Rises of a series that share days are one, which alarms when the first does."""
    each: list[tuple[int, int, int, int]] = []
    for counts, totals, alarm in (
        (posted.items, posted.site_items, items),
        (posted.newcomers, posted.site_newcomers, newcomers),
    ):
        if alarm is not None:
            rows = np.flatnonzero(counts.sum(axis=1) >= MIN_RISE_ITEMS)
            site = posted.site[rows]
            found = find_rises(counts[rows], totals[site], np.zeros(len(rows), dtype=int), site, alarm)
            columns = (rows[found.series], found.start, found.end, found.alarm)
            each += zip(*(column.tolist() for column in columns), strict=True)
    told: list[tuple[int, int, int, int]] = []
    for row, start, end, alarm_day in sorted(each):
        if told and told[-1][0] == row and start <= told[-1][2]:
            _, begin, last, first = told.pop()
            told.append((row, begin, max(last, end), min(first, alarm_day)))
        else:
            told.append((row, start, end, alarm_day))
    return told


def _delays(posted: Posted, rises: list[tuple[int, int, int, int]]) -> np.ndarray:
    """Of each planted rise the day (1: its first) on which it is found."""
    found = np.full(len(posted.start), _MISSED_DAYS)
    for row, _, _, alarm in rises:
        day = alarm - posted.start[row] + 1
        if posted.start[row] >= 0 and 1 <= day <= _MISSED_AFTER:
            found[row] = min(found[row], day)
    return found[posted.start >= 0]


def main() -> None:
    """Print false alarms and what is found by items, by newcomers, and by both."""
    words = words_asked(__doc__)
    sites = int(words[0]) if words else 60
    quiet = planted_posters(1, sites)
    rising = {
        factor: planted_posters(round(factor) + 50, max(sites * 2 // 3, 1), factor) for factor in FACTORS
    }
    years = len(quiet.site) * (DAYS - TRAINING_DAYS) / 365
    print(f"{len(quiet.site)} series without a rise, {years:.0f} series-years")
    print("| alarm at, items | newcomers | false alarms per series-year | ", end="")
    print(" | ".join(f"×{factor:g}: found, by day {WITHIN_DAYS}, mean day" for factor in FACTORS) + " |")
    print("|---|---|---|" + "---|" * len(FACTORS))
    for items, newcomers in (
        (ALARM, None),
        (ITEMS_ALARM, None),
        (None, ALARM),
        (ALARM, ALARM),
        *((ITEMS_ALARM + more, ALARM + more) for more in (-1.0, -0.5, 0.0, 0.5, 1.0)),
    ):
        told = []
        for posted in rising.values():
            days = _delays(posted, _rises(posted, items, newcomers))
            shares = (days < _MISSED_DAYS).mean(), (days <= WITHIN_DAYS).mean()
            told.append(f"{shares[0]:.3f}, {shares[1]:.3f}, {days.mean():.1f}")
        false = len(_rises(quiet, items, newcomers)) / years
        print(f"| {items or '–'} | {newcomers or '–'} | {false:.4f} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()

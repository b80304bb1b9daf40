"""Surges: false alarms, delay and who is behind them, on thousands of planted series beside two established methods.

`python -m benchmarks.surges [SITES]`: sites of forty series each (default 100 without a rise, as many per factor).
"Possible" is what one finds who knows each day's true mean and dispersion, at the same false alarms.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from assets.detection.scan_statistic import TRAINING_DAYS, find_rises
from benchmarks.command_line import words_asked
from benchmarks.planted_floods import flood_lines
from benchmarks.planted_series import CLUSTERS, DAYS, RATES, RISE_DAYS, Series, planted_series
from benchmarks.surge_peers import clairvoyant, ears_c2, farrington

FACTORS = (2.0, 3.0, 5.0, 10.0)
ALLOWED = 0.05
WITHIN_DAYS = 3
# Alarms of a peer so near to each other are one.
_SAME_ALARM_DAYS = 14
# The regression is fitted for so few sites and rises: a fit takes milliseconds, a series-year has hundreds.
_PEER_SITES, _PEER_FROM, _PEER_AHEAD, _PEER_RISES = 4, 200, 14, 25
# Where the one who knows the truth finds this share, a rise can be found.
_POSSIBLE = 0.95


@dataclass(frozen=True)
class _Shares:
    """Of some rises: found by the third day, in their fortnight, median day of that, by who knows, by EARS C2."""

    early: float
    found: float
    median_day: float | None
    possible: float
    ears: float


def _years(series: Series, first: int = TRAINING_DAYS) -> float:
    return len(series.counts) * (DAYS - first) / 365


def _alarms(statistic: np.ndarray, threshold: float) -> int:
    """Runs of days over the threshold, a fortnight's pause between them."""
    count = 0
    for row in statistic:
        days = np.flatnonzero(row >= threshold)
        count += int(len(days) > 0) + int((np.diff(days) > _SAME_ALARM_DAYS).sum())
    return count


def lowest_threshold(statistic: np.ndarray, years: float) -> float:
    """The lowest threshold with at most `ALLOWED` alarms a year."""
    low, high = 0.0, max(float(statistic.max()), 1.0)
    for _ in range(14):
        middle = (low + high) / 2
        if _alarms(statistic, middle) > ALLOWED * years:
            low = middle
        else:
            high = middle
    return high


def _ours(series: Series) -> list[tuple[int, int]]:
    """(row, day) of each alarm."""
    rises = find_rises(series.counts, series.totals, np.zeros(len(series.counts), dtype=int), series.site)
    return list(zip(rises.series.tolist(), rises.alarm.tolist(), strict=True))


def _cells(series: Series) -> Iterator[tuple[int, int, np.ndarray]]:
    """Kind of cluster, rate, rows."""
    for cluster in range(len(CLUSTERS)):
        for place, rate in enumerate(RATES):
            yield cluster, place, (series.cluster == cluster) & (series.rate == rate)


def _table(title: str, cell: Callable[[int, int], str]) -> None:
    print(f"\n{title}\n")
    print("| clusters | " + " | ".join(f"{rate:g} a day" for rate in RATES) + " |")
    print("|---|" + "---|" * len(RATES))
    for cluster, (dispersion, days) in enumerate(CLUSTERS):
        name = "none" if dispersion <= 1 else f"{dispersion:g} in {days} d"
        print(f"| {name} | " + " | ".join(cell(cluster, place) for place in range(len(RATES))) + " |")


def _farrington_quiet(series: Series) -> np.ndarray:
    rest = series.totals - series.counts
    found = np.zeros((len(series.counts), DAYS - _PEER_FROM))
    for row in range(len(found)):
        for day in range(_PEER_FROM, DAYS, _PEER_AHEAD):
            ahead = min(_PEER_AHEAD, DAYS - day)
            begin = day - _PEER_FROM
            found[row, begin : begin + ahead] = farrington(series.counts[row], rest[row], day, ahead)
    return found


@dataclass(frozen=True)
class _Limits:
    """Thresholds at which each method raises `ALLOWED` alarms a year; for the one who knows, per kind and rate."""

    known: dict[tuple[int, int], float]
    ears: float
    farrington: float


def _quiet(sites: int) -> _Limits:
    """Print what is raised where nothing rises; returns the peers' thresholds."""
    series = planted_series(1, sites)
    started = time.process_time()
    rows = np.array([row for row, _ in _ours(series)])
    seconds = time.process_time() - started
    years = _years(series)
    print(
        f"{len(series.counts)} series of {DAYS} days without a rise, {years:.0f} series-years, {seconds:.1f} s CPU"
    )
    print(f"false alarms per series-year: {len(rows) / years:.3f}")

    def false_alarms(cluster: int, place: int) -> str:
        mine = (series.cluster == cluster) & (series.rate == RATES[place])
        return f"{np.isin(rows, np.flatnonzero(mine)).sum() / (years * mine.mean()):.3f}"

    _table(
        "False alarms per series-year, by kind of cluster (variance over mean, days) and mean rate",
        false_alarms,
    )
    known, ears = clairvoyant(series)[:, TRAINING_DAYS:], ears_c2(series)[:, TRAINING_DAYS:]
    few = planted_series(2, min(sites, _PEER_SITES))
    regression = _farrington_quiet(few)
    limits = _Limits(
        {
            (cluster, place): lowest_threshold(known[mine], years * float(mine.mean()))
            for cluster, place, mine in _cells(series)
        },
        lowest_threshold(ears, years),
        lowest_threshold(regression, _years(few, _PEER_FROM)),
    )
    usual = _alarms(regression, -np.log(0.01)) / _years(few, _PEER_FROM)
    print(
        f"\nEARS C2 at its usual 3 standard deviations: {_alarms(ears, 3.0) / years:.1f} false alarms per series-year;"
    )
    print(f"improved Farrington, day by day, at its usual 99 % quantile: {usual:.2f}.")
    print(
        f"Below, both have the threshold that gives {ALLOWED}: {limits.ears:.1f}, a tail of e^-{limits.farrington:.1f}."
    )
    return limits


def _shares(
    series: Series, rows: np.ndarray, alarms: dict[int, list[int]], passed: dict[str, np.ndarray]
) -> _Shares:
    """Shares of the rises of `rows` that each method finds; `passed`: cells over the peers' thresholds."""
    starts = series.start[rows]
    firsts = [
        min(
            (day - start for day in alarms.get(int(row), []) if start <= day < start + RISE_DAYS),
            default=None,
        )
        for row, start in zip(rows, starts, strict=True)
    ]
    days = starts[:, None] + np.arange(WITHIN_DAYS)
    early = {name: float(cells[rows[:, None], days].any(axis=1).mean()) for name, cells in passed.items()}
    found = [first + 1 for first in firsts if first is not None]
    return _Shares(
        sum(day <= WITHIN_DAYS for day in found) / len(rows),
        len(found) / len(rows),
        float(np.median(found)) if found else None,
        early["known"],
        early["ears"],
    )


def _rising(sites: int, factor: float, limits: _Limits) -> None:
    """Print what is found of rises by one factor."""
    series = planted_series(round(factor) + 10, sites, (factor,))
    alarms: dict[int, list[int]] = {}
    for row, day in _ours(series):
        alarms.setdefault(row, []).append(day)
    known_limits = np.array([[limits.known[c, p] for p in range(len(RATES))] for c in range(len(CLUSTERS))])
    of_row = known_limits[series.cluster, np.searchsorted(RATES, series.rate)]
    passed = {
        "known": clairvoyant(series) >= of_row[:, None],
        "ears": ears_c2(series) >= limits.ears,
    }
    rest = series.totals - series.counts
    cells: dict[tuple[int, int], tuple[_Shares, float]] = {}
    for cluster, place, mine in _cells(series):
        rows = np.flatnonzero(mine & (series.start >= 0))
        regression = [
            (
                farrington(series.counts[row], rest[row], int(series.start[row]), WITHIN_DAYS)
                >= limits.farrington
            ).any()
            for row in rows[:_PEER_RISES]
        ]
        cells[cluster, place] = (_shares(series, rows, alarms, passed), float(np.mean(regression)))

    def found_of(cluster: int, place: int) -> str:
        shares, regression = cells[cluster, place]
        day = "" if shares.median_day is None else f", day {shares.median_day:.0f}"
        return (
            f"{shares.early:.2f} of {shares.possible:.2f} "
            f"({shares.found:.2f}{day}; {shares.ears:.2f}, {regression:.2f})"
        )

    _table(
        f"Rises of ×{factor:g}: share found by the end of the third day, of what is possible (in their fortnight, "
        "median day; EARS C2, Farrington by the third day)",
        found_of,
    )
    possible = [cell for cell in cells.values() if cell[0].possible >= _POSSIBLE]
    if possible:
        print(
            f"\n×{factor:g}, the {len(possible)} of {len(cells)} cells where at least {_POSSIBLE:.0%} is possible: "
            f"found in three days {np.mean([shares.early for shares, _ in possible]):.3f}, in a fortnight "
            f"{np.mean([shares.found for shares, _ in possible]):.3f}; EARS C2 "
            f"{np.mean([shares.ears for shares, _ in possible]):.3f}, Farrington "
            f"{np.mean([regression for _, regression in possible]):.3f}"
        )


def main() -> None:
    """Print false alarms, what is found in three days, and who is found behind floods."""
    words = words_asked(__doc__)
    sites = int(words[0]) if words else 100
    limits = _quiet(sites)
    for factor in FACTORS:
        _rising(sites, factor, limits)
    for line in flood_lines():
        print(line)


if __name__ == "__main__":
    main()

"""Worlds in which nothing rises and much else happens: false alarms of each, and what is found of rises of ×5 there.

`python -m benchmarks.planted_worlds [SITES]` (default 40 of each world, as many with rises).
"""

import numpy as np

from assets.detection.scan_statistic import TRAINING_DAYS, find_rises
from benchmarks.command_line import words_asked
from benchmarks.planted_series import CLUSTERS, DAYS, RATES, RISE_DAYS, Series, clustered

WORLDS = {
    "plain": "nothing else",
    "weeks": "the site has a week of ±80 %, each series one of ±40 % and a day of its own",
    "months": "in the last three days of a month the site has twice as much, every third series thrice",
    "growth": "the site grows threefold in half a year, twice; every third series stays as it is",
    "gaps": "four times a fortnight is not crawled: items are lost, or found on the day after",
    "imports": "three times ninety days of old items at once, of every series another share (σ of its logarithm 0.5)",
    "holidays": "twice a year the site falls to a fifth for ten days, and every third series does not",
    "reposts": "in every fourth series an agency puts up six items together, every 10 to 40 days",
    "small": "a site a fortieth as large",
}
FACTOR = 5.0
_FIRST_RISE, _RISE_GAP = 200, 28
WITHIN_DAYS = 3


def _means(rng: np.random.Generator, world: str) -> np.ndarray:
    """Mean items (series, then what claims nothing, × days): every rate with every kind of cluster."""
    days = np.arange(DAYS)
    rate = np.repeat(RATES, len(CLUSTERS))
    means = np.append(rate, rate.sum())[:, None] * rng.lognormal(0, 0.1, DAYS)
    count = len(means)
    third = (np.arange(count) + rng.integers(3)) % 3 == 0
    phase = rng.uniform(0, 7)
    if world == "weeks":
        means = means * (1 + 0.8 * np.sin(2 * np.pi * (days + phase) / 7))
        own = rng.uniform(0, 7, (count, 1))
        means = means * (1 + 0.4 * np.sin(2 * np.pi * (days + own) / 7))
    elif world == "months":
        means[:, days % 30 >= 27] *= np.where(third, 3.0, 2.0)[:, None]
    elif world == "growth":
        grown = 3.0 ** (np.clip(days - 100, 0, 180) / 180 + np.clip(days - 450, 0, 180) / 180)
        means = means * np.where(third[:, None], 1.0, grown)
    elif world == "holidays":
        pause = (days + int(rng.integers(100))) % 182 < 10
        means = means * np.where(pause & ~third[:, None], 0.2, 1.0)
    elif world == "small":
        means = means / 40
    return means


def _site(rng: np.random.Generator, number: int, world: str, factor: float) -> Series:
    means = _means(rng, world)
    count = len(means) - 1
    rate, cluster = np.repeat(RATES, len(CLUSTERS)), np.tile(np.arange(len(CLUSTERS)), len(RATES))
    start = np.full(count, -1)
    if factor > 1:
        chosen = rng.permutation(count)
        for which, first in zip(chosen, range(_FIRST_RISE, DAYS - RISE_DAYS - 7, _RISE_GAP), strict=False):
            start[which] = first + int(rng.integers(7))
            means[which, start[which] :][:RISE_DAYS] *= factor
    quiet = np.ones(DAYS, dtype=bool)
    for begin in start[start >= 0]:
        quiet[max(begin - 14, 0) : begin + 4] = False
    if world == "imports":
        for day in rng.choice(np.flatnonzero(quiet & (np.arange(DAYS) > 120)), 3, replace=False):
            share = rng.lognormal(0, 0.5, (len(means), 1))
            means[:, day] += (means[:, day - 90 : day] * share).sum(axis=1)
    counts = np.empty_like(means)
    for kind, (dispersion, spread_days) in enumerate(CLUSTERS):
        of_kind = np.append(cluster == kind, kind == 1)
        counts[of_kind] = clustered(rng, means[of_kind], dispersion, spread_days)
    if world == "reposts":
        for row in range(0, count, 4):
            when = np.cumsum(rng.integers(10, 40, DAYS // 10))
            np.add.at(counts[row], when[when < DAYS], 6)
    if world == "gaps":
        loses = rng.random() < 0.5
        ends = np.flatnonzero(quiet & (np.arange(DAYS) > 60) & (np.arange(DAYS) < DAYS - 1))
        for end in rng.choice(ends, 4, replace=False):
            gap = slice(end - 13, end + 1)
            if not loses:
                counts[:, end + 1] += counts[:, gap].sum(axis=1)
            counts[:, gap] = 0
    totals = np.broadcast_to(counts.sum(axis=0), (count, DAYS))
    factors = np.where(start >= 0, factor, 1.0)
    return Series(counts[:-1], totals, means[:-1], np.full(count, number), rate, cluster, factors, start)


def planted_world(seed: int, sites: int, world: str, factor: float = 1.0) -> Series:
    """`sites` sites of one of the `WORLDS`, one below the other; with a factor, every 28 days one series of each rises
    by it for a fortnight."""
    rng = np.random.default_rng(seed)
    parts = [_site(rng, number, world, factor) for number in range(sites)]
    return Series(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Series.__annotations__)
    )


def _alarms(series: Series) -> tuple[np.ndarray, np.ndarray]:
    """Row and day of each alarm."""
    rises = find_rises(series.counts, series.totals, np.zeros(len(series.counts), dtype=int), series.site)
    return rises.series, rises.alarm


def main() -> None:
    """Print false alarms, and what is found of rises, of every world."""
    words = words_asked(__doc__)
    sites = int(words[0]) if words else 40
    print(f"| world | false alarms per series-year | ×{FACTOR:g}: found, by day {WITHIN_DAYS}, median day |")
    print("|---|---|---|")
    for world, told in WORLDS.items():
        quiet = planted_world(1, sites, world)
        years = len(quiet.counts) * (DAYS - TRAINING_DAYS) / 365
        false = len(_alarms(quiet)[0]) / years
        rising = planted_world(2, sites, world, FACTOR)
        row, day = _alarms(rising)
        late = day - rising.start[row] + 1
        inside = (rising.start[row] >= 0) & (late >= 1) & (late <= RISE_DAYS)
        first = np.full(len(rising.start), DAYS)
        np.minimum.at(first, row[inside], late[inside])
        first = first[rising.start >= 0]
        found = first[first < DAYS]
        shares = f"{len(found) / len(first):.3f}, {(first <= WITHIN_DAYS).mean():.3f}, {np.median(found):.0f}"
        print(f"| {world}: {told} | {false:.3f} | {shares} |", flush=True)


if __name__ == "__main__":
    main()

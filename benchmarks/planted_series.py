"""Daily series of new items whose truth is known: rates, clusters, seasons, growth, gaps, and planted rises."""

from dataclasses import dataclass

import numpy as np

DAYS = 728
RATES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
# Variance over mean, and over how many days the items of one cluster (a poster's, a visitor's) are spread.
CLUSTERS = ((1.0, 1), (1.5, 1), (2.0, 1), (2.0, 7))
RISE_DAYS = 14
# Rises of one site lie apart, or one would be the growth of the site to the other.
_FIRST_RISE, _RISE_GAP = 200, 28


@dataclass(frozen=True)
class Series:
    """`counts`, `totals` (of the site) and `means` (the true ones, without the rise): series × days. Per series:
    `site`, `rate` (mean items a day), `cluster` (place in `CLUSTERS`), `factor` (1: no rise), `start` (−1: none)."""

    counts: np.ndarray
    totals: np.ndarray
    means: np.ndarray
    site: np.ndarray
    rate: np.ndarray
    cluster: np.ndarray
    factor: np.ndarray
    start: np.ndarray


def clustered(rng: np.random.Generator, means: np.ndarray, dispersion: float, spread_days: int) -> np.ndarray:
    """Counts with these means (series × days) whose sums over `spread_days` have variance = `dispersion` × mean.

    Negative-binomial: Poisson around a gamma level that holds for a block of `spread_days`; Poisson at dispersion 1.
    """
    if dispersion <= 1:
        return rng.poisson(means).astype(float)
    shift = int(rng.integers(spread_days))
    block = (np.arange(means.shape[1]) + shift) // spread_days
    sums = np.zeros((means.shape[0], block[-1] + 1))
    np.add.at(sums.T, block, means.T)
    sums = np.maximum(sums, 1e-9)
    level = rng.gamma(sums / (dispersion - 1), (dispersion - 1) / sums)
    return rng.poisson(means * level[:, block]).astype(float)


def planted_site(rng: np.random.Generator, number: int, factors: tuple[float, ...] = ()) -> Series:
    """One site of forty series (every rate with every kind of cluster) and as many items again that claim nothing.

    It grows up to threefold in two years, has a week, a year and days of its own; each series has another year of
    ±15 % and drifts by up to a third. One day in fifty is not crawled: half of the sites lose its items, the others
    find them on the next. One site in four finds thirty days of old items at once. With `factors`, every 28 days one
    series rises by one of them for a fortnight.
    """
    days = np.arange(DAYS)
    rate, cluster = (axis.ravel() for axis in np.meshgrid(RATES, np.arange(len(CLUSTERS))))
    count = len(rate)
    shape = 1 + rng.uniform(0, 2) * days / DAYS
    shape = shape * (1 + rng.uniform(0.1, 0.4) * np.sin(2 * np.pi * days / 7 + rng.uniform(0, 6)))
    shape = shape * (1 + rng.uniform(0, 0.3) * np.sin(2 * np.pi * days / 365.25 + rng.uniform(0, 6)))
    shape = shape * rng.lognormal(0, 0.1, DAYS)
    phase = rng.uniform(0, 6, (count, 1))
    own = 1 + 0.15 * np.sin(2 * np.pi * days / 365.25 + phase)
    own = own * np.exp(rng.uniform(-1 / 3, 1 / 3, (count, 1)) * days / DAYS)
    means = rate[:, None] * own * shape / shape.mean()
    other = np.full(DAYS, rate.sum()) * shape / shape.mean()
    means = np.concatenate([means, other[None, :]])

    if rng.random() < 0.25:
        day = int(rng.integers(120, DAYS))
        means[:, day] += means[:, day - 30 : day].sum(axis=1)
    factor, start = np.ones(count), np.full(count, -1)
    rising = means.copy()
    if factors:
        chosen = rng.permutation(count)
        for turn, first in enumerate(range(_FIRST_RISE, DAYS - RISE_DAYS - 7, _RISE_GAP)):
            which, begin = int(chosen[turn]), first + int(rng.integers(7))
            factor[which], start[which] = float(rng.choice(factors)), begin
            rising[which, begin : begin + RISE_DAYS] *= factor[which]
    counts = np.empty_like(means)
    for kind, (dispersion, spread_days) in enumerate(CLUSTERS):
        of_kind = np.append(cluster == kind, kind == 1)
        counts[of_kind] = clustered(rng, rising[of_kind], dispersion, spread_days)
    loses = rng.random() < 0.5
    for day in np.flatnonzero(rng.random(DAYS - 1) < 0.02):
        # A day on which a rise begins is crawled: its delay is that of the method.
        if np.any((start >= 0) & (day >= start) & (day < start + 4)):
            continue
        if not loses:
            counts[:, day + 1] += counts[:, day]
            means[:, day + 1] += means[:, day]
        counts[:, day] = 0
        means[:, day] = 0
    totals = np.broadcast_to(counts.sum(axis=0), (count, DAYS))
    return Series(counts[:-1], totals, means[:-1], np.full(count, number), rate, cluster, factor, start)


def planted_series(seed: int, sites: int, factors: tuple[float, ...] = ()) -> Series:
    """`sites` sites of `planted_site`, one below the other."""
    rng = np.random.default_rng(seed)
    parts = [planted_site(rng, number, factors) for number in range(sites)]
    return Series(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Series.__annotations__)
    )

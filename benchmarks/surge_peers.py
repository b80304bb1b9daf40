"""Established detectors of rises in daily counts, and one that knows the truth; each gives a statistic per day."""

import warnings

import numpy as np
import statsmodels.api as sm
from scipy.special import betainc

from benchmarks.planted_series import CLUSTERS, Series

LONGEST_WINDOW = 3
_HISTORY_DAYS = 364
_LARGE_RESIDUAL = 2.58
# With fewer items in its past no regression is fitted; with fewer in four weeks nothing is raised (their rule).
_LEAST_ITEMS = 5


def tail(observed: np.ndarray, means: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    """−ln P(X ≥ observed) of negative-binomial counts with these means and variances = `dispersion` × means."""
    spread = np.maximum(dispersion, 1 + 1e-6)
    likely = (observed >= 1) & (observed > means)
    chance = np.ones(observed.shape)
    means, spread = np.maximum(means, 1e-9), np.broadcast_to(spread, observed.shape)
    chance[likely] = betainc(observed[likely], means[likely] / (spread[likely] - 1), 1 - 1 / spread[likely])
    surprise: np.ndarray = -np.log(np.maximum(chance, 1e-300))
    return surprise


def clairvoyant(series: Series) -> np.ndarray:
    """What one would say who knew each day's true mean and the dispersion: the best window of one to three days."""
    dispersion = np.array([kind[0] for kind in CLUSTERS])[series.cluster][:, None]
    best = np.zeros(series.counts.shape)
    for window in range(1, LONGEST_WINDOW + 1):
        observed, means = (windows(values, window) for values in (series.counts, series.means))
        best = np.maximum(best, tail(observed, means, dispersion))
    return best


def windows(values: np.ndarray, window: int) -> np.ndarray:
    """Sums of the last `window` days up to each day (series × days)."""
    running = np.cumsum(values, axis=1)
    running[:, window:] = running[:, window:] - running[:, :-window]
    return running


def ears_c2(series: Series) -> np.ndarray:
    """EARS C2 (Hutwagner et al. 2003): standard deviations above the mean of the seven days that end three days ago.

    A standard deviation below 0.2 counts as 0.2, as CDC's implementation does.
    """
    counts = series.counts
    statistic = np.zeros(counts.shape)
    for day in range(9, counts.shape[1]):
        past = counts[:, day - 9 : day - 2]
        statistic[:, day] = (counts[:, day] - past.mean(axis=1)) / np.maximum(past.std(axis=1, ddof=1), 0.2)
    return statistic


def farrington(counts: np.ndarray, rest: np.ndarray, day: int, ahead: int) -> np.ndarray:
    """−ln p of the `ahead` days from column `day`, by the improved Farrington algorithm (Noufaily et al. 2013).

    `counts` and `rest` (of the site): days. A quasi-Poisson regression on the year before: trend, day of the week, the
    site's rest as offset; days with Anscombe residuals over 2.58 weigh less; the threshold is a negative-binomial
    quantile; fewer than five items in four weeks are no alarm. Made for weeks of many years; here each day is judged
    with what there is, at most 364 days.
    """
    first = max(day - _HISTORY_DAYS, 0)
    columns = np.arange(first, day + ahead)
    week = (columns[:, None] % 7 == np.arange(6)).astype(float)
    design = np.column_stack([np.ones(len(columns)), (columns - day) / 365, week])
    offset = np.log(rest[first : day + ahead] + 0.5)
    past = slice(0, day - first)
    seen = counts[first:day]
    if seen.sum() < _LEAST_ITEMS:
        return np.zeros(ahead)
    weights = np.ones(day - first)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            fit = sm.GLM(
                seen,
                design[past],
                family=sm.families.Poisson(),
                offset=offset[past],
                var_weights=weights,
            ).fit(maxiter=15)
            degrees = max(len(seen) - design.shape[1], 1)
            dispersion = max(float(fit.pearson_chi2) / degrees, 1.0)
            leverage = np.clip(fit.get_hat_matrix_diag(), 0, 0.99)
            residuals = fit.resid_anscombe / np.sqrt(dispersion * (1 - leverage))
            large = residuals > _LARGE_RESIDUAL
            weights = np.where(large, np.maximum(residuals, 1.0) ** -2, 1.0)
            weights *= len(weights) / weights.sum()
    future = slice(day - first, None)
    with np.errstate(over="ignore", invalid="ignore"):
        means = np.exp(np.minimum(design[future] @ fit.params + offset[future], 12.0))
    recent = np.array([counts[max(now - 27, 0) : now + 1].sum() for now in range(day, day + ahead)])
    statistic = tail(counts[day : day + ahead], means, np.full(ahead, dispersion))
    return np.where(recent >= _LEAST_ITEMS, statistic, 0.0)

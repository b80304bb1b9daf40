"""When a planted rise could have been known at the earliest: by somebody who knows how many items are usual."""

import numpy as np

from assets.detection.scan_statistic import TRAINING_DAYS
from benchmarks.planted_series import DAYS
from benchmarks.surge_peers import tail, windows
from benchmarks.surges import lowest_threshold

# Rises of days to weeks, as `scan_statistic` looks for them.
LONGEST_WINDOW = 28
# So many series without a rise tell which threshold keeps to the false alarms allowed.
QUIET_SERIES = 200
SEED = 5


def usual_rate(counts: np.ndarray, start: int) -> float:
    """Items a day before day `start`, over the days that the method asks for before it raises an alarm (fewer than it
    looks back at most); half an item at least in all.

    `counts`: items by day.
    """
    before = counts[max(start - TRAINING_DAYS, 0) : start]
    return max(float(before.sum()), 0.5) / max(len(before), 1)


def first_possible_day(counts: np.ndarray, rate: float, start: int) -> int | None:
    """The day of the rise (1: `start`) on which whoever knows the usual `rate` of independent items would alarm first,
    at the false alarms allowed; None for never. `counts`: items by day."""
    quiet = np.random.default_rng(SEED).poisson(rate, (QUIET_SERIES, DAYS)).astype(float)
    threshold = lowest_threshold(_best_window(quiet, rate), QUIET_SERIES * DAYS / 365)
    reached = np.flatnonzero(
        _best_window(counts[None, start:].astype(float), rate)[0] >= max(threshold, 1e-9)
    )
    return int(reached[0]) + 1 if len(reached) else None


def _best_window(counts: np.ndarray, rate: float) -> np.ndarray:
    """−ln of the Poisson tail of the rarest window that ends on each day (series × days)."""
    best = np.zeros(counts.shape)
    means = np.full(counts.shape, rate)
    for window in range(1, LONGEST_WINDOW + 1):
        best = np.maximum(best, tail(windows(counts, window), windows(means, window), np.ones(1)))
    return best

"""The CUSUM: few false alarms, fast on real rises, blind to a site's own growth."""

import numpy as np

from assets.detection.cusum import BASELINE_DAYS, GUARD_DAYS, TRAINING_DAYS, find_rises

DAYS = 364


def _series(count: int, mean: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Poisson counts with a weekly season on sites that triple in a year, and the rest of their sites."""
    rng = np.random.default_rng(seed)
    days = np.arange(DAYS)
    shape = (1 + 0.3 * np.sin(2 * np.pi * days / 7)) * (1 + 2 * days / DAYS)
    return (
        rng.poisson(np.tile(mean * shape, (count, 1))).astype(float),
        rng.poisson(np.tile(20 * mean * shape, (count, 1))).astype(float),
    )


def test_false_alarms_stay_rare_on_growing_seasonal_sites() -> None:
    for mean in (0.1, 1.0, 5.0):
        counts, rest = _series(1500, mean, seed=1)
        rises = find_rises(counts, counts + rest, np.zeros(1500, dtype=np.int64))
        years = 1500 * (DAYS - TRAINING_DAYS) / 365
        assert len(rises.series) / years <= 0.05


def test_a_threefold_rise_is_found_within_days() -> None:
    counts, rest = _series(400, 2.0, seed=2)
    counts[:, 200:221] += np.random.default_rng(3).poisson(counts[:, 200:221].mean() * 2, (400, 21))
    rises = find_rises(counts, counts + rest, np.zeros(400, dtype=np.int64))
    during = (rises.alarm >= 200) & (rises.alarm < 221)
    delay = rises.alarm[during] - 200
    assert len(np.unique(rises.series[during])) >= 0.95 * 400
    assert np.median(delay) <= 3
    assert np.median(np.abs(rises.start[during] - 200)) <= 3
    assert np.median(np.abs(rises.end[during] - 220)) <= 3


def test_nothing_alarms_while_training() -> None:
    counts, rest = _series(200, 1.0, seed=4)
    counts[:, :TRAINING_DAYS] *= 10
    first = np.zeros(200, dtype=np.int64)
    assert (find_rises(counts, counts + rest, first).alarm >= TRAINING_DAYS).all()


def test_a_site_that_doubles_as_a_whole_is_no_rise() -> None:
    counts, rest = _series(300, 2.0, seed=5)
    more_counts, more_rest = _series(300, 2.0, seed=6)
    counts[:, 250:] += more_counts[:, 250:]
    rest[:, 250:] += more_rest[:, 250:]
    rises = find_rises(counts, counts + rest, np.zeros(300, dtype=np.int64))
    assert (rises.alarm >= 250).sum() <= 0.05 * 300


def test_the_expectation_is_the_share_of_the_baseline_by_hand() -> None:
    counts, totals = np.ones((1, 200)), np.full((1, 200), 10.0)
    counts[0, 150:160] = 9.0
    rises = find_rises(counts, totals, np.zeros(1, dtype=np.int64))
    assert rises.start.tolist() == [150]
    # 84 days of 1 in 10, half an item added on either side; the guard week keeps the rise out.
    assert BASELINE_DAYS == 84
    assert GUARD_DAYS == 7
    np.testing.assert_allclose(rises.share, [(84 + 0.5) / (840 + 1)])
    # 9 ln 2 − 1.005 a day: 5.23, 10.47 → the alarm of 8 on the second day; the peak on the last.
    assert rises.alarm.tolist() == [151]
    assert rises.end.tolist() == [159]


def test_the_rows_of_the_matrix_do_not_touch_each_other() -> None:
    counts, rest = _series(50, 1.0, seed=6)
    counts[7, 220:230] += 12
    alone = find_rises(counts[7:8], (counts + rest)[7:8], np.zeros(1, dtype=np.int64))
    together = find_rises(counts, counts + rest, np.zeros(50, dtype=np.int64))
    mine = together.series == 7
    np.testing.assert_array_equal(together.start[mine], alone.start)
    np.testing.assert_allclose(together.peak[mine], alone.peak)

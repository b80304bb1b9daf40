"""The scan statistic: few false alarms, fast on real rises, blind to a site's own growth."""

from math import log

import numpy as np
from scipy.stats import nbinom

from assets.detection.dispersion import BASELINE_DAYS, PRIOR_DISPERSION
from assets.detection.scan_statistic import ALARM, TRAINING_DAYS, Rises, find_rises

DAYS = 364


def _series(count: int, mean: float, seed: int, cluster: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Counts (variance over mean: `cluster`) with weekly season on sites that triple, and the rest of their sites."""
    rng = np.random.default_rng(seed)
    days = np.arange(DAYS)
    shape = (1 + 0.3 * np.sin(2 * np.pi * days / 7)) * (1 + 2 * days / DAYS)
    means = np.tile(mean * shape, (count, 1))
    if cluster > 1:
        means = rng.gamma(means / (cluster - 1), cluster - 1)
    return rng.poisson(means).astype(float), rng.poisson(np.tile(20 * mean * shape, (count, 1))).astype(float)


def _found(counts: np.ndarray, rest: np.ndarray) -> Rises:
    return find_rises(
        counts, counts + rest, np.zeros(len(counts), dtype=np.int64), np.arange(len(counts)) // 20
    )


def test_false_alarms_stay_rare_on_growing_seasonal_and_clustered_sites() -> None:
    for mean, cluster in ((0.1, 1.0), (1.0, 1.0), (5.0, 1.0), (0.3, 1.8), (2.0, 1.8)):
        rises = _found(*_series(1000, mean, seed=1, cluster=cluster))
        years = 1000 * (DAYS - TRAINING_DAYS) / 365
        assert len(rises.series) / years <= 0.05, (mean, cluster)


def test_false_alarms_stay_rare_where_posters_come_back_for_weeks() -> None:
    rng = np.random.default_rng(8)
    counts = np.zeros((1000, DAYS))
    row = np.repeat(np.arange(1000), rng.poisson(0.25 * DAYS, 1000))
    size = rng.geometric(1 / 4, len(row))
    day = np.repeat(rng.integers(0, DAYS, len(row)), size) + rng.integers(0, 14, size.sum())
    np.add.at(counts, (np.repeat(row, size)[day < DAYS], day[day < DAYS]), 1)
    rises = _found(counts, rng.poisson(40.0, counts.shape).astype(float))
    assert len(rises.series) / (1000 * (DAYS - TRAINING_DAYS) / 365) <= 0.05


def test_where_the_rest_of_a_site_pauses_few_who_go_on_rise() -> None:
    rng = np.random.default_rng(9)
    counts, rest = rng.poisson(5.0, (300, DAYS)).astype(float), rng.poisson(100.0, (300, DAYS)).astype(float)
    rest[:, 250:260] = rng.poisson(20.0, (300, 10))
    rises = _found(counts, rest)
    assert ((rises.alarm >= 250) & (rises.alarm < 260)).sum() <= 0.2 * 300
    counts[0, 252:262] *= 4
    assert _found(counts, rest).alarm[0] in range(252, 255)


def test_a_day_that_brings_old_items_brings_another_mixture() -> None:
    rng = np.random.default_rng(10)
    counts, rest = _series(300, 1.0, seed=10)
    share = rng.lognormal(0, 0.5, 300)
    counts[:, 250] += rng.poisson(counts[:, 190:250].sum(axis=1) * share)
    rest[:, 250] += rest[:, 190:250].sum(axis=1)
    rises = _found(counts, rest)
    assert ((rises.alarm >= 250) & (rises.alarm < 253)).sum() <= 3
    counts[0, 250] += 400
    found = _found(counts, rest)
    assert 250 in found.alarm[found.series == 0]


def test_a_threefold_rise_is_found_within_days() -> None:
    counts, rest = _series(400, 2.0, seed=2)
    counts[:, 200:221] += np.random.default_rng(3).poisson(counts[:, 200:221].mean() * 2, (400, 21))
    rises = _found(counts, rest)
    during = (rises.alarm >= 200) & (rises.alarm < 221)
    delay = rises.alarm[during] - 200
    assert len(np.unique(rises.series[during])) >= 0.99 * 400
    assert (delay < 3).mean() >= 0.8
    assert np.median(np.abs(rises.start[during] - 200)) <= 1
    assert np.median(np.abs(rises.end[during] - 220)) <= 1


def test_nothing_alarms_while_training() -> None:
    counts, rest = _series(200, 1.0, seed=4)
    counts[:, :TRAINING_DAYS] *= 10
    assert (_found(counts, rest).alarm >= TRAINING_DAYS).all()


def test_a_site_that_doubles_as_a_whole_is_no_rise() -> None:
    counts, rest = _series(300, 2.0, seed=5)
    more_counts, more_rest = _series(300, 2.0, seed=6)
    counts[:, 250:] += more_counts[:, 250:]
    rest[:, 250:] += more_rest[:, 250:]
    assert (_found(counts, rest).alarm >= 250).sum() <= 0.02 * 300


def test_a_day_without_a_crawl_and_a_day_of_old_items_are_no_rise() -> None:
    counts, rest = _series(300, 2.0, seed=7)
    for matrix in (counts, rest):
        matrix[:, 251] += matrix[:, 250]
        matrix[:, 250] = 0
        matrix[:, 300] += matrix[:, 260:300].sum(axis=1)
    alarms = _found(counts, rest).alarm
    assert np.isin(alarms, [251, 252, 300, 301]).sum() <= 0.02 * 300


def test_the_statistic_is_the_predictive_tail_by_hand() -> None:
    counts, rest = np.ones((1, 200)), np.full((1, 200), 9.0)
    counts[0, 150:160] = 9.0
    rises = find_rises(counts, counts + rest, np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
    assert rises.start.tolist() == [150]
    assert rises.end.tolist() == [159]
    assert BASELINE_DAYS == 84
    np.testing.assert_allclose(rises.odds, [84.5 / 756.5])
    # Every day as expected: the dispersion falls below 1, is 1, and what remains is the uncertainty of the counts.
    assert PRIOR_DISPERSION > 1

    def surprise(days: int) -> float:
        outside = 9.0 * days + 0.5
        expected = 84.5 / 756.5 * outside
        spread = 1 + expected * (1 / 84.5 + 1 / outside + 1 / 756.5)
        return -log(nbinom.sf(9 * days - 1, expected / (spread - 1), 1 / spread))

    first = next(days for days in (1, 2, 3) if surprise(days) >= ALARM)
    assert rises.alarm.tolist() == [149 + first]
    assert rises.peak[0] >= surprise(7) > surprise(5)


def test_what_a_long_window_holds_of_a_past_rise_is_no_new_one() -> None:
    counts, rest = _series(100, 1.0, seed=8)
    counts[:, 200:207] += 15
    rises = _found(counts, rest)
    assert len(np.unique(rises.series[rises.alarm < 210])) == 100
    assert ((rises.alarm > 210) & (rises.alarm < 240)).sum() <= 1


def test_days_to_come_change_no_alarm() -> None:
    counts, rest = _series(60, 1.0, seed=9)
    counts[:30, 220:230] += 6
    whole, part = _found(counts, rest), _found(counts[:, :260], rest[:, :260])
    before = whole.alarm < 260
    assert part.alarm.tolist() == whole.alarm[before].tolist()
    assert part.series.tolist() == whole.series[before].tolist()


def test_the_series_of_one_site_do_not_touch_another() -> None:
    counts, rest = _series(60, 1.0, seed=6)
    counts[7, 220:230] += 12
    alone, together = _found(counts[:20], rest[:20]), _found(counts, rest)
    mine = together.series < 20
    np.testing.assert_array_equal(together.start[mine], alone.start)
    np.testing.assert_allclose(together.peak[mine], alone.peak)

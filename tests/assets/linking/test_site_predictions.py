"""What two sites share by chance: sizes, busy sites and unlike pairs explain much; what is beyond them stands out."""

import numpy as np

from assets.linking.site_predictions import apart_from_ties, chosen_elsewhere, predicted_tails

SIZES = np.array([900.0, 400.0, 300.0, 300.0, 200.0, 200.0, 150.0, 100.0])
PRODUCTS = chosen_elsewhere(np.outer(SIZES, SIZES), SIZES)
BASE = np.zeros((8, 8))


def _counted(means: np.ndarray, seed: int = 0) -> np.ndarray:
    counts = np.triu(np.random.default_rng(seed).poisson(means), 1).astype(float)
    return counts + counts.T


def _test(observed: np.ndarray, base: np.ndarray = BASE) -> tuple[np.ndarray, np.ndarray]:
    return predicted_tails(observed, PRODUCTS, base, least=4, min_lift=2.0)


def test_everybody_chooses_one_of_the_other_sites() -> None:
    assert np.allclose(PRODUCTS.sum(), SIZES.sum())
    assert (PRODUCTS == PRODUCTS.T).all()
    assert not PRODUCTS.diagonal().any()
    # Two sites of a country, and one abroad, which nobody likes: its posters have no other choice.
    liking = np.array([[0, 1, 0.01], [1, 0, 0.01], [0.01, 0.01, 0]])
    assert np.allclose(chosen_elsewhere(liking, np.full(3, 10.0))[2, :2], (5 + 10 * 0.01 / 1.01) / 2)
    assert not chosen_elsewhere(np.zeros((2, 2)), np.ones(2)).any()


def test_those_on_both_of_two_sites_do_not_make_them_large() -> None:
    observed = np.zeros((6, 6))
    observed[0, 1] = observed[1, 0] = 8
    left = apart_from_ties(observed, np.array([9.0, 99, 5, 5, 5, 5]))
    assert np.isclose(left[0, 1], np.sqrt((1 + 1) / (9 + 1) * (91 + 1) / (99 + 1)))
    assert (np.delete(np.triu(left, 1)[np.triu_indices(6, 1)], 0) == 1).all()
    assert (apart_from_ties(observed[:5, :5], np.full(5, 9.0)) == 1).all()


def test_what_the_other_pairs_do_not_explain_stands_out() -> None:
    observed = _counted(0.05 * PRODUCTS)
    observed[6, 7] = observed[7, 6] = 15
    tails, means = _test(observed)
    assert tails[6, 7] == tails[7, 6] < -6
    assert means[6, 7] < 1
    assert (np.delete(np.triu(tails, 1).ravel(), 6 * 8 + 7) > -2).all()
    # Fewer than are wanted, and those whom one expects whatever the rate, are no surprise.
    observed[6, 7] = observed[7, 6] = 3
    assert _test(observed)[0][6, 7] == 0
    observed[6, 7] = observed[7, 6] = 15
    expected = np.where(PRODUCTS > 0, 7.0, 0.0)
    tails, means = _test(observed, expected)
    assert means[6, 7] > 7
    assert tails[6, 7] > -3


def test_a_pair_does_not_teach_the_chance_that_it_has_to_beat() -> None:
    observed = _counted(0.05 * PRODUCTS)
    means = []
    for seen in (20, 200):
        observed[6, 7] = observed[7, 6] = seen
        means.append(_test(observed)[1][6, 7])
    assert np.isclose(*means, rtol=0.1)


def test_a_site_whose_posters_go_everywhere_is_tied_to_none() -> None:
    busy = np.where(np.arange(8) == 6, 5.0, 1.0)
    usual, gone = 0.05 * PRODUCTS, 0.05 * PRODUCTS * np.outer(busy, busy)
    for seed in range(20):
        observed = _counted(gone, seed)
        assert _test(observed)[0].min() > -4
        # One pair with as many as the busy site has, between two quiet ones, is more surprising.
        alone = _counted(usual, seed)
        alone[6, 7] = alone[7, 6] = 12
        assert _test(alone)[0][6, 7] < _test(np.where(observed > 0, observed, alone))[0][6, 7]


def test_where_all_pairs_are_unlike_none_stands_out() -> None:
    rng = np.random.default_rng(3)
    among_alike, among_unlike = [], []
    for seed in range(20):
        unlike = rng.gamma(2.0, 0.5, PRODUCTS.shape)
        uneven = _counted(0.1 * PRODUCTS * (unlike + unlike.T) / 2, seed)
        assert _test(uneven)[0].min() > -4.5
        even = _counted(0.1 * PRODUCTS, seed)
        for observed, tails in ((even, among_alike), (uneven, among_unlike)):
            observed[4, 5] = observed[5, 4] = 6 * 0.1 * PRODUCTS[4, 5]
            tails.append(_test(observed)[0][4, 5])
    # The same excess, where all others are alike, is less likely by chance: by a factor of three at least.
    assert np.median(among_alike) < np.median(among_unlike) - 0.5


def test_nothing_seen_nothing_expected_but_the_base() -> None:
    tails, means = _test(np.zeros((8, 8)), BASE + 0.5)
    assert not tails.any()
    assert (means == 0.5).all()

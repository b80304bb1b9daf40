"""What two sites share by chance, as all other pairs of sites predict it, with how unlike these are.

Some sites share more than their sizes explain, with whomever: their posters look for a second site more often, or
firms are many there. And pairs are unlike each other for reasons that nobody told (a language, a niche, a region). A
test that knows sizes only takes both for ties. So each pair is compared with what the others of its two sites tell,
and with numbers as widely spread as those of all others are: negative binomial, whose rate and shape are averaged over
what the others make likely (the posterior predictive distribution; Gelman et al., Bayesian Data Analysis, 2013, 1.3).
"""

import numpy as np
from scipy.special import betainc, gammaln

from assets.linking.site_chances import LEAST_LOG10

# How unlike pairs may be: shapes of the gamma distribution of their rates (relative standard deviations of .2, .29,
# .41, .58, .82), and how likely each is before anything is seen (assumed).
SHAPES = np.array([25.0, 12.0, 6.0, 3.0, 1.5])
LIKELY = np.array([0.3, 0.3, 0.2, 0.15, 0.05])
# How unlike sites are in what they share with all others, before anything is seen: gamma distributed with this shape,
# a relative standard deviation of a third (assumed).
SITES_ALIKE = 10.0
# The part of a site's posters who use a second one by chance: rates tried, and how likely each is before anything is
# seen (log-normal: one in a hundred; in two thirds of worlds between one in 330 and one in 30; assumed).
RATES = np.geomspace(1e-4, 3.0, 60)
USUAL_RATE, SPREAD = 0.01, 1.2
# More than so many times what the others of two sites explain, and so many, may be a tie.
EXPLICABLE, FEW = 3.0, 3.0
# With fewer sites the sizes of two count with what both have. Measured on drawn worlds of three to five sites without
# ties (40): 3 false ties otherwise, none so (`benchmarks.site_ties_null`).
MIN_SITES_APART = 6
_ROUNDS = 6
# Pairs that share nothing are told together where their products differ by no more than an eighth.
_STEPS_OF_E = 8
_LEAST = 1e-12


def chosen_elsewhere(liking: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """How many use both of two sites if everybody uses a second one (float64, sites × sites, the diagonal 0).

    Each of a site's `sizes` chooses one of the others in proportion to `liking` (symmetrical): whoever posts on a
    country's only large site chooses a small one, or one abroad, for want of others. Of both directions the mean.
    """
    others = np.where(np.eye(len(liking), dtype=bool), 0.0, liking)
    whole = others.sum(axis=1, keepdims=True)
    chosen = others * sizes[:, None] / np.where(whole > 0, whole, 1.0)
    both: np.ndarray = (chosen + chosen.T) / 2
    return both


def apart_from_ties(observed: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """What is left of the sizes of two sites without what both have (float64, sites × sites; their geometric mean).

    Those who tie two small sites are many of their controllers: without them, fewer would be on both by chance. Of
    some of them chance may be the reason: so the mean, and one more on either site. Of few sites a pair has most of
    what there is to learn from; there the sizes stay as they are.
    """
    if len(observed) < MIN_SITES_APART:
        return np.ones(observed.shape)
    left = (np.maximum(sizes[:, None] - observed, 0.0) + 1) / (sizes[:, None] + 1)
    both: np.ndarray = np.sqrt(left * left.T)
    return both


def predicted_tails(
    observed: np.ndarray, products: np.ndarray, base: np.ndarray, *, least: int, min_lift: float
) -> tuple[np.ndarray, np.ndarray]:
    """log10 of the probability of so many observations or more, and the number expected, both sites × sites.

    `observed`, `products` (`chosen_elsewhere` × `apart_from_ties`) and `base` (expected whatever the rate), symmetrical
    float64, of all sites; the diagonal tells nothing. Pairs with fewer observations than `least` or less than
    `min_lift` times the expected have probability 1.
    """
    upper = np.triu_indices(len(observed), 1)
    seen = observed[upper]
    tails, means = np.zeros(observed.shape), base.astype(float)
    if not (seen > 0).any() or products.sum() <= 0:
        return tails, means
    weights = _by_sites(observed, products)[upper]
    log10_p, mean = _of_pairs(seen, weights, base[upper], least, min_lift)
    for whole, values in ((tails, log10_p), (means, mean)):
        whole[upper] = values
        whole.T[upper] = values
    return tails, means


def _by_sites(observed: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Products times how much more or less than it should either site shares with all others but the other one."""
    seen = np.where(np.eye(len(observed), dtype=bool), 0.0, observed)
    upper = np.triu_indices(len(seen), 1)
    expected = products * _best_rate(_costs(seen[upper], products[upper])[1])
    by_sites = expected * _without(seen, expected)
    # Whatever ties two sites makes neither of them busy: a pair counts for no more than the others of both can explain.
    at_most = EXPLICABLE * by_sites + FEW
    weights: np.ndarray = products * _without(np.minimum(seen, at_most), expected)
    return weights


def _without(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """How much more or less than expected both sites of each pair share with all others, as a factor of the pair."""
    effects, of_site = np.ones(len(seen)), seen.sum(axis=1)
    for _ in range(_ROUNDS):
        ratio = (SITES_ALIKE + of_site) / (SITES_ALIKE + (expected * effects).sum(axis=1))
        effects = np.sqrt(effects * ratio)
    of_others = expected * effects
    without = (SITES_ALIKE + of_site[:, None] - seen) / (
        SITES_ALIKE + of_others.sum(axis=1, keepdims=True) - of_others
    )
    both: np.ndarray = without * without.T
    return both


def _of_pairs(
    seen: np.ndarray,
    weights: np.ndarray,
    base: np.ndarray,
    least: int,
    min_lift: float,
) -> tuple[np.ndarray, np.ndarray]:
    """log10 of the tail and the mean of each pair (all arrays: of all pairs).

    `base` teaches nothing, being more than most pairs have.
    """
    costs, whole = _costs(seen, weights)
    shares = np.flatnonzero(seen > 0)
    number, mean = seen[shares], RATES[:, None] * weights[shares] + _LEAST
    log10_p, expected = np.zeros(len(seen)), _best_rate(whole) * weights + base
    for place in np.flatnonzero(number >= least):
        of_others = costs[:, :, place] - whole
        likely = np.exp(of_others - of_others.max())
        likely /= likely.sum()
        pair = shares[place]
        means = mean[:, place] + base[pair]
        expected[pair] = float((likely @ means).sum())
        if number[place] >= min_lift * expected[pair]:
            of_shape = betainc(number[place], SHAPES[:, None], means / (SHAPES[:, None] + means))
            tail = float((likely * of_shape).sum())
            log10_p[pair] = min(np.log10(max(tail, 10.0**LEAST_LOG10)), 0.0)
    return log10_p, expected


def _costs(seen: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How unlikely each shape and rate makes the pairs: each that shares something (shapes × rates × pairs), and all of
    them together, with what was assumed (shapes × rates).

    A pair may be taken for a tie, at the price of naming it among all (ln(pairs)): ties do not teach chance.
    """
    number, weight = seen[seen > 0], weights[seen > 0]
    mean = RATES[:, None] * weight + _LEAST
    # What a pair costs that is taken for a tie: its price, and the likelihood of the best mean it could have.
    as_tie = np.log(max(len(seen), 2)) - (number * np.log(number) - number - gammaln(number + 1))
    costs = np.stack(
        [
            np.where(number > mean, np.minimum(cost, as_tie), cost)
            for cost in (-_log_likelihood(number, mean, shape) for shape in SHAPES)
        ]
    )
    whole = costs.sum(axis=2) + _of_silent(weights[seen == 0])
    whole += 0.5 * (np.log(RATES / USUAL_RATE) / SPREAD) ** 2 - np.log(LIKELY)[:, None]
    return costs, whole


def _best_rate(whole: np.ndarray) -> float:
    return float(RATES[np.argmin(whole) % len(RATES)])


def _log_likelihood(number: np.ndarray, mean: np.ndarray, shape: float) -> np.ndarray:
    """Of numbers (of pairs) by negative binomial distributions of these means (rates × pairs)."""
    constant = gammaln(number + shape) - gammaln(shape) - gammaln(number + 1) + shape * np.log(shape)
    log_likelihood: np.ndarray = constant + number * np.log(mean) - (number + shape) * np.log(shape + mean)
    return log_likelihood


def _of_silent(weights: np.ndarray) -> np.ndarray:
    """What the pairs that share nothing cost, shapes × rates; many are alike, so they are told together."""
    steps = np.round(np.log(np.maximum(weights, _LEAST)) * _STEPS_OF_E)
    alike, counts = np.unique(steps, return_counts=True)
    mean = RATES[:, None] * np.exp(alike / _STEPS_OF_E)
    return np.stack([(shape * np.log1p(mean / shape)) @ counts for shape in SHAPES])

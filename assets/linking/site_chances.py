"""What sites have in common by chance: the rate that pairs teach, tails over it, false discoveries among pairs."""

import numpy as np
import polars as pl
from scipy.special import betainc

# Sites of one country are not all alike: what two of them share by chance varies by a fifth of its mean from pair to
# pair (gamma distributed rates of this shape, so that counts are negative binomial).
SHAPE = 25.0
# Rates tried: none, and from half an observation among all pairs to the highest rate of a pair.
LEAST_OBSERVATIONS = 0.5
RATES_TRIED = 400
LEAST_LOG10 = -300.0
_LEAST_MEAN = 1e-12


def degrees_of(counted: pl.DataFrame) -> tuple[np.ndarray, dict[str, int]]:
    """Things of each site by country (float64; a last row of zeros), and the row of each site."""
    sites = {site: row for row, site in enumerate(counted["site"].unique().sort())}
    countries = {country: column for column, country in enumerate(counted["country"].unique().sort())}
    degrees = np.zeros((len(sites) + 1, max(len(countries), 1)))
    for site, country, things in counted.select("site", "country", "things").iter_rows():
        degrees[sites[site], countries[country]] = things
    return degrees, sites


def log10_tail(observed: np.ndarray, mean: np.ndarray, shape: float | np.ndarray = SHAPE) -> np.ndarray:
    """log10 of the negative binomial probability of so many or more, by its form as an incomplete beta function."""
    mean = np.maximum(mean, _LEAST_MEAN)
    tail = betainc(np.maximum(observed, 1), shape, mean / (shape + mean))
    log10_p: np.ndarray = np.where(observed > 0, np.log10(np.maximum(tail, 10.0**LEAST_LOG10)), 0.0)
    return log10_p


def false_discovery(log10_p: np.ndarray, pairs: int, *, are_independent: bool = False) -> np.ndarray:
    """log10 of the adjusted probabilities of Benjamini and Yekutieli (2001) among `pairs` tests, or of Benjamini and
    Hochberg (1995) where these `are_independent`."""
    order = np.argsort(log10_p, kind="stable")
    harmonic = 1.0 if are_independent else np.log(pairs) + np.euler_gamma + 1 / (2 * pairs)
    rank = np.arange(1, len(order) + 1)
    adjusted = log10_p[order] + np.log10(pairs * max(harmonic, 1.0)) - np.log10(rank)
    adjusted = np.minimum.accumulate(adjusted[::-1])[::-1]
    log10_q: np.ndarray = np.empty_like(adjusted)
    log10_q[order] = np.minimum(adjusted, 0.0)
    return log10_q


def rates_of_others(
    observations: np.ndarray, product: np.ndarray, base: np.ndarray, all_products: float, pairs: int
) -> np.ndarray:
    """For each pair the observations per product of degrees, beyond `base`, among all the others that are not tied.

    The rate of greatest likelihood (negative binomial) when a pair may leave the fit at a price (a
    truncated likelihood). The price is ln(pairs), what it takes to name one of them; whether it is a tie is tested
    afterwards. A mean over all pairs would take the ties for chance where a few sites have several; and a pair with
    much of all products would teach the chance that it has to beat. `observations`, `product` and `base` (expected
    without any rate) of pairs with an observation and a product; `all_products`: sum over all `pairs` pairs.
    """
    rates, costs, silent = _costs(observations, product, base, all_products, pairs)
    of_others: np.ndarray = rates[np.argmin((costs.sum(axis=1) + silent)[:, None] - costs, axis=0)]
    return of_others


def _costs(
    seen: np.ndarray, weight: np.ndarray, base: np.ndarray, all_products: float, pairs: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rates tried, what each costs (its half deviance, bought off or not) each pair, and all the silent ones."""
    price = np.log(max(pairs, 2))
    highest = max((seen / weight).max(), 1.0 / all_products)
    rates = np.append(0.0, np.geomspace(LEAST_OBSERVATIONS / all_products, highest, RATES_TRIED))
    mean = rates[:, None] * weight[None, :] + np.maximum(base, _LEAST_MEAN)[None, :]
    # Half deviance of each pair; more than expected may be bought off at the price, less may not.
    deviance = seen * np.log(seen / mean) - (seen + SHAPE) * np.log((seen + SHAPE) / (mean + SHAPE))
    costs = np.where(seen > mean, np.minimum(deviance, price), deviance)
    return rates, costs, rates * (all_products - weight.sum())

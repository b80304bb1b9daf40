"""Controllers on a site for adults and on one of work: few are there by chance, so few tie the two.

Posters keep to a trade as they keep to a country, so of these pairs less is expected than of two sites of one trade;
and the pairs are few, as both sites need controllers enough to be tied by them. Those without could not be found
whatever they had in common, so they count for nothing where the pairs are corrected for their number (Tarone, "A
modified Bonferroni method for discrete data", 1990; Gilbert, "A modified false discovery rate multiple-comparisons
procedure for discrete data", 2005), and these pairs are a family of their own.
"""

import numpy as np
import polars as pl

from assets.linking.site_chances import SHAPE, degrees_of, false_discovery, log10_tail, rates_of_others
from assets.linking.site_evidence import PAIR

# What trade the categories of listings are of, and its number (0: of none).
TRADES = {"adult": 1, "domestic": 2, "job_offer": 2}
ADULT, WORK = 1, 2
# A site's trade is that of so many of all its items; a general directory has none.
MOST_ITEMS = 0.8
# Of those who post on a second site, this part looks for one regardless of the trade. Assumed: in 1,000 worlds of 5 to
# 40 sites with nobody tied, where a site of another trade is a tenth as likely as one of the own, 0.1 gave three false
# ties and 0.2 none; where it is half as likely, 13 and 9.
OTHER_TRADE = 0.2
# Before anything is seen, half an observation among all pairs counts as chance (Jeffreys' prior of a rate).
UNSEEN = 0.5
_LEAST = 1e-9


def trade(columns: list[str]) -> pl.Expr:
    """The number of the trade (UInt8) of items of a table with these columns; 0 where no category tells."""
    if "category" not in columns:
        return pl.lit(0, pl.UInt8).alias("trade")
    return pl.col("category").replace_strict(TRADES, default=0, return_dtype=pl.UInt8).alias("trade")


def trades_of_sites(counted: pl.DataFrame) -> pl.DataFrame:
    """The trade of each site that has one: site, trade (UInt8). `counted`: site, items, adult, work (how many)."""
    most = MOST_ITEMS * pl.col("items")
    number = pl.when(pl.col("adult") >= most).then(ADULT).when(pl.col("work") >= most).then(WORK)
    return (
        counted.filter(pl.col("items") > 0).select("site", number.cast(pl.UInt8).alias("trade")).drop_nulls()
    )


def tests_of_two_trades(
    links: pl.DataFrame,
    controllers: pl.DataFrame,
    trades: pl.DataFrame,
    pairs: int,
    *,
    least: int,
    by_chance: float,
    abroad: float,
    min_lift: float,
    is_untold: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """log10 of the tail probability of the controllers of each pair, and of the adjusted one; 0 where not tested.

    `links`: site_a, site_b, shared_controllers; `controllers`: site, country, things (how many); `trades` from
    `trades_of_sites`; `pairs`: how many there are. Tested are pairs of two trades with `least` controllers on either
    site. `by_chance`: the part of the larger site's controllers who are on the other for no reason; `abroad`: of those
    on a second site, the part that looks regardless of the country; fewer than `min_lift` times the expected are none,
    as are pairs that `is_untold`.

    The rate is learnt from all other pairs, and from the other pairs of two trades; the less surprising counts. How
    sure it is widens the distribution: the observations that it rests on are gamma distributed.
    """
    degrees, place = degrees_of(controllers)
    of_trade = trades_by_place(trades, place)
    products = products_of_sites(degrees, of_trade, abroad)
    present = degrees.sum(axis=1)
    two = (of_trade[:, None] * of_trade[None, :]) == ADULT * WORK
    tested = two & (np.minimum.outer(present, present) >= least)
    first, second = (
        np.array([place.get(site, len(place)) for site in links[side].to_list()], dtype=int) for side in PAIR
    )
    observed = links["shared_controllers"].to_numpy().astype(float)
    weight, base = products[first, second], by_chance * np.maximum(present[first], present[second])
    is_tested = tested[first, second]
    log10_p = np.zeros(len(observed))
    for family, unseen in ((np.ones_like(two), UNSEEN), (two, 0.0)):
        among = (observed > 0) & (weight > 0) & family[first, second]
        if not (among & is_tested).any():
            continue
        here = (observed[among], weight[among], base[among])
        whole = float(np.triu(np.where(family, products, 0.0), 1).sum())
        rates = rates_of_others(*here, whole, pairs)
        mean, shape = _expected(here[1], here[2], rates, whole, unseen)
        enough = (here[0] >= least) & (here[0] >= min_lift * mean) & ~is_untold[among] & is_tested[among]
        tail = np.where(enough, log10_tail(here[0], mean, shape), 0.0)
        log10_p[among] = np.maximum(log10_p[among], tail) if family is two else tail
    log10_q = np.zeros(len(observed))
    log10_q[is_tested] = false_discovery(log10_p[is_tested], max(int(np.triu(tested, 1).sum()), 1))
    return log10_p, log10_q


def _expected(
    weight: np.ndarray, base: np.ndarray, rates: np.ndarray, whole: float, unseen: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and shape of the negative binomial numbers of pairs, by the rates of the others and how sure these are."""
    share = weight / np.maximum(whole - weight, _LEAST)
    seen_by_chance = rates * np.maximum(whole - weight, _LEAST) + unseen
    mean = np.maximum(base + seen_by_chance * share, _LEAST)
    return mean, mean**2 / (mean**2 / SHAPE + seen_by_chance * share**2)


def trades_by_place(trades: pl.DataFrame, place: dict[str, int]) -> np.ndarray:
    """The trades (int, 0 for none) of sites by their rows in `site_chances.degrees_of`, whose last is nobody's."""
    of_trade = np.zeros(len(place) + 1, dtype=int)
    for site, number in trades.iter_rows():
        of_trade[place.get(site, -1)] = number
    of_trade[-1] = 0
    return of_trade


def products_of_sites(degrees: np.ndarray, of_trade: np.ndarray, abroad: float) -> np.ndarray:
    """How many both of two sites have per unit of the rate, by chance (float64, sites × sites).

    Of a country's posters a part goes to a second site of it and of the trade, to the larger the likelier; some to any
    trade, some to any country. A site of no trade is of any.
    """
    fits = (of_trade[:, None] == of_trade[None, :]) | (of_trade[:, None] * of_trade[None, :] == 0)
    products = np.zeros(fits.shape)
    for part, counts in ((1 - abroad, degrees), (abroad, degrees.sum(axis=1, keepdims=True))):
        of_any_trade = counts / np.maximum(counts.sum(axis=0), 1.0) @ counts.T
        of_one_trade = counts / np.maximum(fits @ counts, 1.0) @ counts.T
        of_one_trade = np.where(fits, of_one_trade + of_one_trade.T, 0.0) / 2
        products += part * ((1 - OTHER_TRADE) * of_one_trade + OTHER_TRADE * of_any_trade)
    return products

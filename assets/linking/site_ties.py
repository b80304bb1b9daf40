"""Site ties: pairs of sites that have more in common than their sizes explain.

Raw counts, Jaccard and IDF sums find large sites, not tied ones; the lift over what both sites' degrees predict
found 25 of 25 planted ties among 200 sites. What is expected, and how far chance goes beyond it, is predicted from all
other pairs (`site_predictions`); `python -m benchmarks.site_ties_null` counts false ties where nobody is tied.

Each kind of evidence is tested by itself (`site_evidence` counts it): identifiers and equal account names of users, the
actors of several accounts among them, links, and ids of measuring services of the sites themselves. Users who post on
two sites show there the same numbers and the same names, so of these three the most surprising counts, three times
(Bonferroni); links and measuring ids are independent of it, and combined with it by Fisher's method (Fisher 1925). The
pairs are corrected for their number by Benjamini and Yekutieli (2001), the form of Benjamini and Hochberg's procedure
(1995) that holds for tests that depend on each other. Texts and single images of strangers are counted and shown, and
tie nobody: they are copied. Images of many strangers are tested for themselves at the same level (`site_copies`).

One measuring id alone can tie sites, too, where it is the only one of its kind there (Papadogiannakis et al.,
"Leveraging Google's Publisher-specific IDs to Detect Website Administration", 2022, tell administrators of sites by
such ids). Joined with tests of posters who have nothing to do with it, it would be lost; so such ids are tested for
themselves, at the same level, by Benjamini and Hochberg's procedure, as ids do not depend on each other.

Controllers on a site for adults and on one of work are tested for themselves as well, at the same level, by Benjamini
and Yekutieli's procedure (`site_trades`): an adult site tied to a domestic one is what nobody should overlook.
"""

import numpy as np
import polars as pl
from scipy.special import chdtrc

from assets.linking.site_chances import LEAST_LOG10, degrees_of, false_discovery, log10_tail
from assets.linking.site_copies import BASE_COPYING, MIN_COPIERS, MIN_COPY_LIFT, pairs_that_may_be
from assets.linking.site_evidence import MAX_SITES_OF_AN_IDENTIFIER, PAIR
from assets.linking.site_predictions import apart_from_ties, chosen_elsewhere, predicted_tails
from assets.linking.site_shares import SharedBySites, shared_by_sites, things_of_sites
from assets.linking.site_trades import products_of_sites, tests_of_two_trades, trades_by_place
from quality.contracts import CONTRACTS

SITE_LINKS = CONTRACTS["site_links"].schema

# Fewer people on two sites than this tie the people, not the sites; of those who work with several accounts or numbers
# fewer are enough, as of those who link.
MIN_SHARED = 4
MIN_CONTROLLERS = 3
# False discovery rate of all pairs together.
LEVEL = 0.01
# A tie is strong as well as sure: on big sites a lift of 1.1 can be significant.
MIN_LIFT = 2.0
# With fewer sites there are no other pairs to learn chance from.
MIN_SITES = 3
# Of a site's posters one in two hundred uses any other given site without reason, as with links. How many do differs
# from pair to pair, and with few pairs nothing tells how much: so the larger site counts, from which more may come.
BASE_CROSS_POSTING = 0.005
# Of those who post on a second site, this part looks for one regardless of the country.
ABROAD = 0.1
# One poster in two hundred links to any other given site without reason.
BASE_LINKING = 0.005
MIN_LINKERS = 3
# Two sites show one measuring id by a copied page or a common web designer this often, per pair of their ids.
BASE_COPIED_ID = 0.0001


def tie_sites(
    items: pl.DataFrame,
    mentions: pl.DataFrame,
    actor_members: pl.DataFrame,
    texts: pl.DataFrame | None = None,
    identifiers: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Pairs of sites that have something in common (contract `site_links`), sorted.

    All frames as `site_shares.shared_by_sites` wants them; things on more than five sites are left out.
    """
    return ties_among(shared_by_sites(items, mentions, actor_members, texts, identifiers))


def ties_among(shared: SharedBySites) -> pl.DataFrame:
    """Pairs of sites that have something in common (contract `site_links`), sorted, and which of them are tied.

    Expected numbers: of a site's things on at most five sites a part stands on a second one, chosen among the others
    by their size, country (of the phone numbers) and perhaps trade; which part, and how unlike pairs of sites are in
    it, all other pairs tell (`site_predictions`): posters of one country use the same sites without any tie between
    these. `log10_p` combines the tail probabilities of as many independent observations or more: the five numbers of
    one actor are one observation, so shared identifiers count by actor, and the expectation is scaled alike.
    """
    links = shared.pairs
    if links.is_empty():
        return pl.DataFrame(schema=SITE_LINKS)
    sites = shared.identifiers["site"].n_unique()
    pairs = max(sites * (sites - 1) // 2, 1)

    posters = dict(shared.posters.iter_rows())
    by_identifiers, expected, lift = _tested(
        links, "shared_identifiers", "observations", shared.identifiers, posters, shared.trades
    )
    by_names, _, _ = _tested(
        links, "shared_accounts", "named_observations", shared.names, posters, shared.trades
    )
    by_links = _link_tests(links, shared.directed)
    by_analytics = _analytics_tests(links, shared.analytics)
    controllers = dict(shared.controllers.group_by("site").agg(pl.col("things").sum()).iter_rows())
    by_actors, _, _ = _tested(
        links,
        "shared_controllers",
        "shared_controllers",
        shared.controllers,
        controllers,
        shared.trades,
        MIN_CONTROLLERS,
    )
    users = np.minimum(np.minimum.reduce([by_identifiers, by_names, by_actors]) + np.log10(3), 0.0)
    by_copies = _copy_tests(links, shared)
    is_untold = _without_equals(links, shared.home)
    users = np.where(is_untold, 0.0, users)
    log10_p = _combined(users, by_links, by_analytics)
    log10_q = false_discovery(log10_p, pairs)
    by_only_id = _tests_of_only_ids(links, shared.only_ids)
    q_of_only_id = false_discovery(by_only_id, pairs, are_independent=True)
    by_trades, q_of_trades = tests_of_two_trades(
        links,
        shared.controllers,
        shared.trades,
        pairs,
        least=MIN_CONTROLLERS,
        by_chance=BASE_CROSS_POSTING,
        abroad=ABROAD,
        min_lift=MIN_LIFT,
        is_untold=is_untold,
    )
    by_copies = np.where(is_untold, 0.0, by_copies)
    q_of_copies = np.zeros(len(by_copies))
    is_tested = by_copies < 0
    q_of_copies[is_tested] = false_discovery(by_copies[is_tested], pairs_that_may_be(shared.pictures))
    for p_alone, q_alone in (
        (by_only_id, q_of_only_id),
        (by_trades, q_of_trades),
        (by_copies, q_of_copies),
    ):
        by_it_alone = (q_alone <= np.log10(LEVEL)) & (log10_q > np.log10(LEVEL))
        log10_p = np.where(by_it_alone, p_alone, log10_p)
        log10_q = np.where(by_it_alone, q_alone, log10_q)
    is_tie = (log10_q <= np.log10(LEVEL)) & (sites >= MIN_SITES)
    tests = {
        "identifiers": by_identifiers,
        "accounts": by_names,
        "controllers": np.minimum(by_actors, by_trades),
        "links": np.nan_to_num(by_links),
        "analytics": np.nan_to_num(by_analytics),
        "images": by_copies,
    }
    told = [
        ", ".join(kind for kind, values in tests.items() if values[row] <= np.log10(0.01)) if tie else None
        for row, tie in enumerate(is_tie)
    ]
    return links.with_columns(
        pl.Series("expected", expected),
        pl.Series("lift", lift),
        pl.Series("log10_p", log10_p),
        pl.Series("log10_q", log10_q),
        pl.Series("is_tie", is_tie),
        pl.Series("tied_by", told, dtype=pl.String),
    ).select(*SITE_LINKS)


def _without_equals(links: pl.DataFrame, home: pl.DataFrame) -> np.ndarray:
    """Which pairs (bool) are the only two sites of a country: how many use both by chance, no other pair can tell."""
    few = home.filter(pl.len().over("country") < MIN_SITES)
    only: np.ndarray = (
        links.join(
            few.rename({"site": "site_a", "country": "country_a"}),
            on="site_a",
            how="left",
            maintain_order="left",
        )
        .join(
            few.rename({"site": "site_b", "country": "country_b"}),
            on="site_b",
            how="left",
            maintain_order="left",
        )
        .select((pl.col("country_a") == pl.col("country_b")).fill_null(False))
        .to_series()
        .to_numpy()
    )
    return only


def _tested(
    links: pl.DataFrame,
    counted: str,
    observed: str,
    things: pl.DataFrame,
    posters: dict[str, int],
    trades: pl.DataFrame,
    least: int = MIN_SHARED,
    *,
    by_chance: float = BASE_CROSS_POSTING,
    min_lift: float = MIN_LIFT,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """log10 of the tail probability of the observations, expected number of things and lift over it, for each pair.

    `things`: site, country, things (how many). `posters`: those of each site who could have been observed on both.
    `trades` from `site_trades.trades_of_sites`. Observations that are fewer than `least`, or hardly more than expected,
    have probability 1. Whether posters keep to a trade as they keep to a country, nobody told: of both the less
    surprising counts.
    """
    degrees, place = degrees_of(things)
    first, second = (
        np.array([place.get(site, len(place)) for site in links[side].to_list()]) for side in PAIR
    )
    count = links[counted].to_numpy().astype(float)
    observations = links[observed].to_numpy().astype(float)
    seen = np.zeros((len(degrees), len(degrees)))
    seen[first, second] = seen[second, first] = observations
    base = by_chance * np.maximum.outer(*[np.array([posters.get(site, 0) for site in place])] * 2)
    of_trade = trades_by_place(trades, place)
    tails, chance = np.full(len(count), LEAST_LOG10), np.zeros(len(count))
    for told in (of_trade, np.zeros_like(of_trade)) if of_trade.any() else (of_trade,):
        liking, sizes = products_of_sites(degrees, told, ABROAD)[:-1, :-1], degrees[:-1].sum(axis=1)
        products = chosen_elsewhere(liking, sizes) * apart_from_ties(seen[:-1, :-1], sizes)
        tail, mean = predicted_tails(seen[:-1, :-1], products, base, least=least, min_lift=min_lift)
        tails = np.maximum(tails, np.pad(tail, (0, 1))[first, second])
        chance = np.maximum(chance, np.pad(mean, (0, 1))[first, second])
    expected = chance * max(count.sum() / max(observations.sum(), 1.0), 1.0)
    lift = np.divide(count, expected, out=np.zeros_like(count), where=expected > 0)
    return tails, expected, lift


def _copy_tests(links: pl.DataFrame, shared: SharedBySites) -> np.ndarray:
    """log10 of the tail of those who show pictures of strangers of the other site; 0 where that is not tested.

    Only pairs that may be copied are tested (`site_copies.may_be_copied`); all others tell by every picture of
    strangers on both how much is copied by chance.
    """
    if not shared.copies["copiers"].count():
        return np.zeros(links.height)
    told = links.join(shared.copies, on=PAIR, how="left", maintain_order="left").with_columns(
        pl.coalesce("copiers", "copied", 0).alias("observed")
    )
    by_copies, _, _ = _tested(
        told,
        "observed",
        "observed",
        things_of_sites(shared.pictures, shared.home),
        dict(shared.pictures.iter_rows()),
        shared.trades,
        MIN_COPIERS,
        by_chance=BASE_COPYING,
        min_lift=MIN_COPY_LIFT,
    )
    log10_p: np.ndarray = np.where(told["copiers"].is_not_null(), by_copies, 0.0)
    return log10_p


def _link_tests(links: pl.DataFrame, directed: pl.DataFrame) -> np.ndarray:
    """log10 of the tail of those who link from one site to the other; nan where neither links to any.

    Of both ways the rarer counts, twice. Expected: as many of the site's posters as link to the target from other
    sites, and at least one in two hundred.
    """
    elsewhere = directed["elsewhere_linkers"].to_numpy() / np.maximum(
        directed["elsewhere_posters"].to_numpy(), 1
    )
    mean = directed["posters"].to_numpy() * np.maximum(elsewhere, BASE_LINKING)
    linkers = directed["linkers"].to_numpy()
    tail = log10_tail(linkers, mean)
    popular = directed["linking_sites"].to_numpy() > MAX_SITES_OF_AN_IDENTIFIER
    tail = np.where((linkers >= MIN_LINKERS) & ~popular, np.maximum(tail, LEAST_LOG10), 0.0)
    rarer = (
        directed.select(
            pl.min_horizontal("site", "target").alias("site_a"),
            pl.max_horizontal("site", "target").alias("site_b"),
            pl.Series("log10_p", tail, dtype=pl.Float64),
        )
        .group_by(PAIR)
        .agg((pl.col("log10_p").min() + float(np.log10(2))).clip(upper_bound=0.0))
    )
    linking = directed["site"].unique().implode()
    tested = pl.col("site_a").is_in(linking) | pl.col("site_b").is_in(linking)
    log10_p: np.ndarray = (
        links.join(rarer, on=PAIR, how="left", maintain_order="left")
        .select(pl.when(tested).then(pl.col("log10_p").fill_null(0.0)))
        .to_series()
        .fill_null(np.nan)
        .to_numpy()
    )
    return log10_p


def _analytics_tests(links: pl.DataFrame, of_sites: pl.DataFrame) -> np.ndarray:
    """log10 of the tail probability of the measuring ids of both sites; nan where one of them shows none."""
    ids = of_sites.select("site", pl.col("ids").cast(pl.Float64))
    both = links.join(ids.rename({"site": "site_a"}), on="site_a", how="left", maintain_order="left").join(
        ids.rename({"site": "site_b"}), on="site_b", how="left", maintain_order="left", suffix="_b"
    )
    mean = (both["ids"] * both["ids_b"]).cast(pl.Float64).fill_null(np.nan).to_numpy() * BASE_COPIED_ID
    shared = links["shared_analytics"].to_numpy()
    return np.where(np.isnan(mean), np.nan, log10_tail(shared, np.nan_to_num(mean)))


def _tests_of_only_ids(links: pl.DataFrame, only: pl.DataFrame) -> np.ndarray:
    """log10 of the probability that both sites of a pair have one id, and no more sites than have it, if it is a
    platform's; 0 where they have none in common (`only`: `site_evidence.only_ids`).

    Among platforms there are as many with a share of the sites above f as 1/f (Zipf's law), so many that two sites
    have one in common with the probability `BASE_COPIED_ID`. Then each number of sites from 2 to all is equally
    likely: the integral of C(n-2, k-2) f^(k-2) (1-f)^(n-k) over f is 1/(n-1).
    """
    both = only.rename({"site": "site_a"}).join(only.select("key", pl.col("site").alias("site_b")), on="key")
    rarest = both.group_by(PAIR).agg(pl.col("holders").min(), pl.col("sites").first())
    chance = BASE_COPIED_ID * (pl.col("holders") - 1) / (pl.col("sites") - 1)
    log10_p: np.ndarray = (
        links.join(rarest, on=PAIR, how="left", maintain_order="left")
        .select(chance.log10().fill_null(0.0))
        .to_series()
        .to_numpy()
    )
    return log10_p


def _combined(*tests: np.ndarray) -> np.ndarray:
    """log10 of the joint probability of independent tests by Fisher's method; a nan is a test not made."""
    log10_p = np.stack(tests)
    made = ~np.isnan(log10_p)
    statistic = -2 * np.log(10) * np.where(made, log10_p, 0.0).sum(axis=0)
    # The chi-square tail; scipy.stats, which gives the same, takes a second to import.
    joint = chdtrc(2 * np.maximum(made.sum(axis=0), 1), statistic)
    log10_joint: np.ndarray = np.log10(np.maximum(joint, 10.0**LEAST_LOG10))
    return log10_joint

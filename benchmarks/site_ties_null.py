"""False site ties where nobody is tied, and planted ones found: `python -m benchmarks.site_ties_null`.

Sites of several countries and trades are drawn, with posters of whom some use a second site, and firms with
heavy-tailed numbers of accounts and telephone numbers on a few sites: the larger a site the likelier, of their country
and trade rather than others. Nothing else ties any two. Where pictures are drawn, every account shows one; thieves show
those of strangers on other sites, some with several accounts that nothing else joins. `found`: the share of the same
worlds with eight controllers added to two sites in which these two are tied; where pictures are drawn, with 25 copied
from one of them to the other. `hypergeometric`: false ties of the usual test, of the actors on both sites given how
many are on each, of those on several (Fisher's exact test, corrected by Benjamini and Hochberg's procedure at the same
level, four actors at least).
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import polars as pl
from scipy.stats import hypergeom

from assets.linking.site_chances import false_discovery
from assets.linking.site_ties import LEVEL, MIN_SHARED, tie_sites

CONTROLLERS = 8
COPIES = 25
PLANTED = ("site000.example", "site001.example")
_CATEGORIES = ("adult", "domestic", "job_offer", "other", None)
_TRADES = np.array([1, 2, 2, 0, 0])
_NUMBERS = ("+39312{:07}", "+346390{:05}", "+33639{:06}", "+491713{:06}", "+44770090{:05}", "+1202555{:05}")
_LARGEST = 3000


@dataclass(frozen=True)
class Null:
    """How a world is drawn. `abroad`, `other_trade`: how likely a site of another country or trade is chosen, beside
    one of the own; `firms`: of a site's posters; `moves`: the part of a firm's accounts on other sites; `tours`: a firm
    shows every number on each of its sites; `unlike`: standard deviation of the logarithm of what pairs of sites share;
    `tail`: exponent of the sizes of sites; `thieves`: the part of all accounts that show a stranger's picture (0: no
    pictures are drawn); `rings`: the part of the thieves who have 3 to 12 accounts and take all from one site."""

    name: str
    sites: tuple[int, int] = (5, 40)
    countries: int = 6
    trades: tuple[float, ...] = (0.5, 0.15, 0.1, 0.1, 0.15)
    abroad: float = 0.1
    other_trade: float = 0.1
    firms: float = 0.04
    moves: float = 0.3
    tours: bool = False
    unlike: float = 0.3
    tail: float = 1.3
    thieves: float = 0.0
    rings: float = 0.0


NULLS = (
    Null("agencies"),
    Null("many agencies, everywhere", firms=0.08, moves=0.6),
    Null("firms of one trade and country", countries=1, trades=(1, 0, 0, 0, 0), firms=0.08),
    Null("tours of clubs", tours=True, firms=0.06, moves=0.6),
    Null("trades mixed", other_trade=1.0),
    Null("pairs very unlike", unlike=1.0),
    Null("sizes very unlike", tail=0.7),
    Null("three to five sites", sites=(3, 5)),
    Null("200 sites", sites=(200, 200)),
    Null("thieves of pictures", thieves=0.05),
    Null("many thieves, pairs very unlike", thieves=0.15, unlike=1.0),
    Null("thieves with several accounts", thieves=0.1, rings=0.3),
    Null("thieves on four to eight sites", sites=(4, 8), thieves=0.1),
)


@dataclass
class _Posts:
    """What is posted: the columns of items, one identifier each."""

    site: list[int] = field(default_factory=list)
    account: list[str] = field(default_factory=list)
    number: list[str] = field(default_factory=list)
    actor: list[str] = field(default_factory=list)

    def add(self, site: int, account: str, number: str, actor: str) -> None:
        self.site.append(site)
        self.account.append(account)
        self.number.append(number)
        self.actor.append(actor)


def world(null: Null, seed: int, controllers: int = 0, *, is_copied: bool = False) -> dict[str, pl.DataFrame]:
    """Items, mentions and actors as `tie_sites` wants them; so many controllers on the first two sites, or pictures of
    one copied to the other."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(null.sites[0], null.sites[1] + 1))
    country = rng.integers(min(null.countries, max(count // 3, 1)), size=count)
    category = rng.choice(len(_CATEGORIES), size=count, p=null.trades)
    sizes = np.clip((rng.pareto(null.tail, count) * 60).astype(int), 30, _LARGEST)
    chosen = _choices(null, rng, country, _TRADES[category], sizes)
    # Of sites with more to choose from more go elsewhere.
    whole = chosen.sum(axis=1)
    goes = whole / (whole + 0.3 * np.median(whole) + 1e-9)
    usual = np.exp(rng.normal(np.log(0.03), 0.5))
    posts, serial = _Posts(), 0

    def number(site: int) -> str:
        nonlocal serial
        serial += 1
        return _NUMBERS[country[site]].format(serial)

    for site in range(count):
        others = chosen[site] / whole[site]
        second = iter(
            rng.choice(count, size=rng.binomial(sizes[site], min(usual * goes[site], 0.5)), p=others)
        )
        for poster in range(sizes[site]):
            name, own = f"user_{site}_{poster}", number(site)
            posts.add(site, name, own, f"a{site}-{poster}")
            if (where := next(second, None)) is not None:
                again = name if rng.random() < 0.5 else f"again_{site}_{poster}"
                posts.add(int(where), again, own, f"a{site}-{poster}")
        for firm in range(rng.binomial(sizes[site], null.firms)):
            accounts = 3 + min(int(rng.pareto(1.2) * 2), 40)
            pool = rng.choice(count, size=rng.integers(1, 4), p=others)
            moves = rng.beta(0.6, 0.6 / null.moves - 0.6) * goes[site]
            numbers = [number(site) for _ in range(max(accounts // 2, 1))]
            away = rng.random(accounts - 1) < moves
            where_to = [site, *np.where(away, rng.choice(pool, size=accounts - 1), site).tolist()]
            for account, place in enumerate(where_to):
                shown = numbers if null.tours else [numbers[account % len(numbers)]]
                for each in shown:
                    posts.add(place, f"firm_{site}_{firm}_{account}", each, f"f{site}-{firm}")
    for controller in range(controllers):
        numbers = [number(controller % 2) for _ in range(2)]
        for account in range(4):
            name = f"c_{controller}_{account}"
            posts.add(account % 2, name, numbers[account // 2], f"c{controller}")
    frames = _frames(posts, [_CATEGORIES[each] for each in category])
    if null.thieves:
        pictures = _pictures(null, np.random.default_rng([seed, 1]), np.array(posts.site), chosen, is_copied)
        frames["mentions"] = pl.concat([frames["mentions"], pictures])
    return frames


def _pictures(
    null: Null, rng: np.random.Generator, site: np.ndarray, chosen: np.ndarray, is_copied: bool
) -> pl.DataFrame:
    """Mentions of the picture of each item: its own, or that of a stranger on another site; `is_copied`: `COPIES` of
    the second site's items show those of the first."""
    picture, count = np.arange(len(site)), len(chosen)
    on_site = [np.flatnonzero(site == each) for each in range(count)]
    part = min(null.thieves * np.exp(rng.normal(0, 0.5)), 0.5)
    for thief in np.flatnonzero(rng.random(len(site)) < part / (1 + 6.5 * null.rings)):
        robbed = rng.choice(count, p=chosen[site[thief]] / chosen[site[thief]].sum())
        accounts = [thief]
        if rng.random() < null.rings:
            accounts = [thief, *rng.choice(on_site[site[thief]], size=rng.integers(2, 12))]
        picture[accounts] = rng.choice(on_site[robbed], size=len(accounts))
    if is_copied:
        number = min(COPIES, len(on_site[0]), len(on_site[1]))
        picture[rng.choice(on_site[1], number, replace=False)] = rng.choice(on_site[0], number, replace=False)
    name = pl.Series("identifier_id", [f"picture {each}" for each in picture])
    item = pl.Series("item_id", [f"i{row}" for row in range(len(site))])
    return pl.DataFrame(
        [item, name, pl.repeat("image", len(site), eager=True).alias("kind"), name.alias("value")]
    )


def _choices(
    null: Null, rng: np.random.Generator, country: np.ndarray, trade: np.ndarray, sizes: np.ndarray
) -> np.ndarray:
    """How likely who posts on one site (row) takes another for the second (column; in proportion to these)."""
    fits = (trade[:, None] == trade[None, :]) | (trade[:, None] * trade[None, :] == 0)
    unlike = np.exp(rng.normal(0, null.unlike, fits.shape))
    chosen = np.where(country[:, None] == country[None, :], 1.0, null.abroad) * sizes * unlike
    chosen *= np.where(fits, 1.0, null.other_trade)
    np.fill_diagonal(chosen, 0.0)
    return chosen


def _frames(posts: _Posts, categories: list[str | None]) -> dict[str, pl.DataFrame]:
    items = pl.DataFrame(
        {
            "site": [f"site{site:03}.example" for site in posts.site],
            "account": posts.account,
            "category": pl.Series([categories[site] for site in posts.site], dtype=pl.String),
        }
    ).with_row_index("row")
    items = items.select(pl.format("i{}", "row").alias("item_id"), pl.exclude("row"))
    return {
        "items": items,
        "mentions": items.select(
            "item_id",
            pl.Series("identifier_id", posts.number),
            pl.lit("phone").alias("kind"),
            pl.Series("value", posts.number),
        ),
        "actor_members": items.select(
            pl.Series("actor_id", posts.actor),
            pl.lit("item").alias("member_kind"),
            pl.col("item_id").alias("member_id"),
            "site",
            "account",
        ),
    }


def hypergeometric_ties(actor_members: pl.DataFrame) -> set[tuple[str, str]]:
    """Pairs of sites with more actors in common than drawing those of either from all on several sites would give."""
    several = actor_members.filter(pl.col("site").n_unique().over("actor_id") > 1)
    on = several.group_by("site").agg(pl.col("actor_id").unique()).sort("site")
    sites = {site: set(actors) for site, actors in on.iter_rows()}
    everybody = len(set().union(*sites.values()))
    pairs = list(combinations(sites, 2))
    log10_p = np.array(
        [
            hypergeom.logsf(len(sites[one] & sites[two]) - 1, everybody, len(sites[one]), len(sites[two]))
            / np.log(10)
            for one, two in pairs
        ]
    )
    log10_q = false_discovery(log10_p, len(pairs), are_independent=True)
    return {
        (one, two)
        for (one, two), log10 in zip(pairs, log10_q, strict=True)
        if log10 <= np.log10(LEVEL) and len(sites[one] & sites[two]) >= MIN_SHARED
    }


def measure(null: Null, worlds: int) -> dict[str, float]:
    """Means of so many worlds: false ties, worlds with any, planted ones found, false ones beside them, the peer's
    false ties, seconds a test."""
    false, with_any, found, beside, peer, seconds = [], [], [], [], [], 0.0
    for seed in range(worlds):
        drawn = world(null, seed)
        started = time.process_time()
        ties = tie_sites(**drawn)["is_tie"].sum()
        seconds += time.process_time() - started
        false.append(ties)
        with_any.append(ties > 0)
        peer.append(len(hypergeometric_ties(drawn["actor_members"])))
        tied = set(
            tie_sites(**world(null, seed, 0 if null.thieves else CONTROLLERS, is_copied=null.thieves > 0))
            .filter("is_tie")
            .select("site_a", "site_b")
            .iter_rows()
        )
        found.append(PLANTED in tied)
        beside.append(len(tied - {PLANTED}))
    named = {"false": false, "with_any": with_any, "found": found, "beside": beside, "peer": peer}
    return {name: float(np.mean(values)) for name, values in named.items()} | {"seconds": seconds / worlds}


def lines(worlds: int, only: str = "") -> Iterator[str]:
    """A table, a line for each kind of world."""
    yield "| worlds | false ties a world | worlds with any | found | false beside | hypergeometric | CPU seconds |"
    yield "|---|---|---|---|---|---|---|"
    for null in NULLS:
        if only in null.name:
            mean = measure(null, worlds)
            yield (
                f"| {null.name} | {mean['false']:.3f} | {mean['with_any']:.1%} | {mean['found']:.0%} "
                f"| {mean['beside']:.3f} | {mean['peer']:.1f} | {mean['seconds']:.2f} |"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--only", default="", help="kinds of worlds whose name contains this")
    given = parser.parse_args()
    for line in lines(given.worlds, given.only):
        print(line, flush=True)

"""What sites have in common, gathered for the tests of `site_ties`: numbers by pair of sites, and by site."""

from dataclasses import dataclass

import polars as pl

from assets.linking.site_copies import may_be_copied, pictures_of_sites, strangers_pictures, with_copiers
from assets.linking.site_evidence import (
    MAX_SITES_OF_AN_IDENTIFIER,
    PAIR,
    controllers_on_sites,
    identifiers_on_sites,
    links_between,
    main_countries,
    names_on_sites,
    observed_pairs,
    on_few_sites,
    only_ids,
    own_analytics,
    pairs_of,
)
from assets.linking.site_trades import ADULT, WORK, trade, trades_of_sites

COUNTS = (
    "shared_identifiers",
    "shared_contacts",
    "shared_images",
    "shared_texts",
    "shared_accounts",
    "shared_analytics",
    "direct_links",
    "shared_actors",
    "shared_controllers",
)


@dataclass(frozen=True)
class SharedBySites:
    """What sites have in common; things on more than five sites are left out.

    `pairs`: site_a, site_b (in order, sorted), the numbers `COUNTS`, observations, named_observations (Int64), of
    pairs with anything in common. `identifiers`, `names`, `controllers`: site, country (that of the thing, else of
    the site, else empty), things: how many the site has. `posters`: site, posters: its actors and its items of nobody.
    `directed` from `site_evidence.links_between`. `analytics`: site, ids: how many measuring ids of its own. `only_ids`
    from `site_evidence.only_ids`. `home`: site, country, of sites that show numbers. `trades` from
    `site_trades.trades_of_sites`. `pictures` and `copies` (`PICTURES` and `COPIES` of `site_copies`): how many
    pictures sites show, where a pair may be copied, and pictures of strangers on both sites.
    """

    pairs: pl.DataFrame
    identifiers: pl.DataFrame
    names: pl.DataFrame
    controllers: pl.DataFrame
    posters: pl.DataFrame
    directed: pl.DataFrame
    analytics: pl.DataFrame
    only_ids: pl.DataFrame
    home: pl.DataFrame
    trades: pl.DataFrame
    pictures: pl.DataFrame
    copies: pl.DataFrame


def shared_by_sites(
    items: pl.DataFrame,
    mentions: pl.DataFrame,
    actor_members: pl.DataFrame,
    texts: pl.DataFrame | None = None,
    identifiers: pl.DataFrame | None = None,
) -> SharedBySites:
    """What the sites of these items have in common.

    `items`: item_id, site, optionally account and category (of a listing). `mentions`: item_id, identifier_id, kind.
    `identifiers`: identifier_id, kind, value; where left out, the mentions may have the values. `actor_members` as in
    its contract. `texts`: item_id, text_cluster_id. Keys may be strings, packed or numbers.
    """
    if "account" not in items.columns:
        items = items.with_columns(pl.lit(None, dtype=pl.String).alias("account"))
    of_items = actor_members.filter(pl.col("member_kind") == "item")
    actors = of_items.select(pl.col("member_id").alias("item_id"), "actor_id")
    if identifiers is None and "value" in mentions.columns:
        identifiers = mentions.select("identifier_id", "kind", "value").unique()
    identified = identifiers_on_sites(mentions, items, identifiers)
    rare = identified.filter(pl.col("site").n_unique().over("key") <= MAX_SITES_OF_AN_IDENTIFIER)
    things = rare.group_by("site", "country").agg(pl.len().alias("things"))
    home = main_countries(things)
    key = pl.col("key").hash() if mentions.schema["identifier_id"].is_numeric() else pl.col("key")
    names = names_on_sites(items).with_columns(key.cast(mentions.schema["identifier_id"]))
    rare_names = on_few_sites(names.select("key", "site")).with_columns(pl.lit(True).alias("is_strong"))
    several = rare.filter(pl.len().over("key") > 1).select(pl.col("key").alias("identifier_id")).unique()
    shown = mentions.join(several, on="identifier_id", how="semi")
    shown = shown.select("item_id", pl.col("identifier_id").alias("key")).join(
        items.select("item_id", "site"), on="item_id"
    )
    users = _users(shown, actors)
    shared = observed_pairs(rare, users, "shared_identifiers")
    named = observed_pairs(
        rare_names, _users(names.join(rare_names, on="key", how="semi"), actors), "shared_accounts"
    ).rename({"observations": "named_observations"})
    strong = rare.filter("is_strong").select("key", "site")
    controlled = controllers_on_sites(
        of_items, actor_members, mentions, users.join(strong, on=["key", "site"], how="semi")
    )
    actors_on_sites = of_items.select("actor_id", "site").drop_nulls().unique()
    own = own_analytics(mentions, items, identifiers)
    analytics = on_few_sites(own.select("key", "site"))
    posters = _posters(items, of_items, actors_on_sites)
    directed = links_between(mentions, items, actors, identifiers, posters)
    pairs = together(
        [
            shared,
            named,
            pairs_of(rare.filter("is_strong").select("key", "site"), "shared_contacts"),
            pairs_of(rare.filter(pl.col("kind") == "image").select("key", "site"), "shared_images"),
            pairs_of(_texts_on_sites(texts, items), "shared_texts"),
            pairs_of(controlled, "shared_controllers"),
            pairs_of(analytics, "shared_analytics"),
            either_way(directed),
            pairs_of(actors_on_sites.rename({"actor_id": "key"}), "shared_actors"),
        ]
    )
    pictures, copies = _copied(pairs, mentions, items, actors)
    return SharedBySites(
        pairs,
        things_of_sites(things, home),
        things_of_sites(rare_names.group_by("site").agg(pl.len().alias("things")), home),
        things_of_sites(controlled.group_by("site").agg(pl.len().alias("things")), home),
        posters,
        directed,
        analytics.group_by("site").agg(pl.len().alias("ids")),
        only_ids(own, posters),
        home,
        trades_of_sites(
            items.select("site", trade(items.columns))
            .group_by("site")
            .agg(
                pl.len().alias("items"),
                *(
                    (pl.col("trade") == number).sum().alias(name)
                    for name, number in (("adult", ADULT), ("work", WORK))
                ),
            )
        ),
        pictures,
        copies,
    )


def together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Numbers of pairs of sites (site_a, site_b, some of `COUNTS` or observations) side by side, sorted; 0 for none."""
    links = parts[0]
    for part in parts[1:]:
        links = links.join(part, on=PAIR, how="full", coalesce=True)
    return links.with_columns(pl.col(*COUNTS, "observations", "named_observations").fill_null(0)).sort(PAIR)


def things_of_sites(counted: pl.DataFrame, home: pl.DataFrame) -> pl.DataFrame:
    """How many things a site has by country: site, country, things.

    `counted`: site, things, optionally country. Things without a country get that of their site (`home`: site,
    country), empty where it has none.
    """
    country = pl.col("country") if "country" in counted.columns else pl.lit(None, dtype=pl.String)
    return (
        counted.join(home.rename({"country": "home"}), on="site", how="left")
        .group_by("site", pl.coalesce(country, "home", pl.lit("")).alias("country"))
        .agg(pl.col("things").sum())
    )


def either_way(directed: pl.DataFrame) -> pl.DataFrame:
    """Items that link from one of two sites to the other: site_a, site_b, direct_links."""
    return (
        directed.select(
            pl.min_horizontal("site", "target").alias("site_a"),
            pl.max_horizontal("site", "target").alias("site_b"),
            "items",
        )
        .group_by(PAIR)
        .agg(pl.col("items").sum().alias("direct_links"))
    )


def _posters(items: pl.DataFrame, of_items: pl.DataFrame, actors_on_sites: pl.DataFrame) -> pl.DataFrame:
    """How many post on each site, an item of no actor being a poster of its own: site, posters."""
    return (
        items.group_by("site")
        .agg(pl.len().cast(pl.Int64).alias("items"))
        .join(of_items.group_by("site").agg(pl.len().alias("placed")), on="site", how="left")
        .join(actors_on_sites.group_by("site").agg(pl.len().alias("actors")), on="site", how="left")
        .select("site", pl.col("items") - pl.col("placed").fill_null(0) + pl.col("actors").fill_null(0))
        .rename({"items": "posters"})
    )


def _users(shown: pl.DataFrame, actors: pl.DataFrame) -> pl.DataFrame:
    """Which actors show what where: key, site, actor_id. `shown`: item_id, key, site."""
    return shown.join(actors, on="item_id").select("key", "site", "actor_id").unique()


def _texts_on_sites(texts: pl.DataFrame | None, items: pl.DataFrame) -> pl.DataFrame:
    if texts is None:
        return pl.DataFrame(schema={"key": pl.String, "site": pl.String})
    return on_few_sites(
        texts.select("item_id", pl.col("text_cluster_id").alias("key"))
        .join(items.select("item_id", "site"), on="item_id")
        .select("key", "site")
    )


def _copied(
    pairs: pl.DataFrame, mentions: pl.DataFrame, items: pl.DataFrame, actors: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`pictures` and `copies` of `SharedBySites`. `actors`: item_id, actor_id."""
    shown = (
        mentions.filter(pl.col("kind") == "image")
        .select("item_id", pl.col("identifier_id").alias("key"))
        .join(items.select("item_id", "site"), on="item_id")
        .join(actors, on="item_id", how="left")
    )
    few = shown.filter(pl.col("site").n_unique().over("key") <= MAX_SITES_OF_AN_IDENTIFIER)
    posted = few.select("key", "site", pl.coalesce("actor_id", "item_id").alias("poster")).unique()
    held = (
        posted.rename({"site": "site_a"})
        .join(posted.rename({"site": "site_b"}), on=["key", "poster"])
        .filter(pl.col("site_a") < pl.col("site_b"))
        .select(*PAIR, "key")
        .unique()
    )
    copied = strangers_pictures(pairs, held)
    pictures = pictures_of_sites(copied, shown.select("key", "site").unique())
    return pictures, with_copiers(copied, may_be_copied(copied, pictures), posted)

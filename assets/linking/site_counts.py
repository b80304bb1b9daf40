"""What sites have in common, counted from what linking remembers of them (`site_following`), by numbers."""

import numpy as np
import polars as pl

from assets.linking.site_copies import (
    MIN_COPIERS,
    PICTURES,
    may_be_copied,
    pictures_of_sites,
    strangers_pictures,
    with_copiers,
)
from assets.linking.site_evidence import (
    MAX_SITES_OF_AN_IDENTIFIER,
    PAIR,
    PRESENT,
    directed_links,
    forms_of,
    main_countries,
    on_few_sites,
    only_ids,
    pairs_of,
    site_wide,
)
from assets.linking.site_shares import SharedBySites, either_way, things_of_sites, together
from assets.linking.site_trades import trades_of_sites
from assets.linking.standing import Standing
from assets.linking.things_on_sites import NAME, is_strong, kind_number, rows_among


def remembered_shares(standing: Standing) -> SharedBySites:
    """What sites have in common; the same as `site_shares.shared_by_sites` finds in all items and mentions."""
    sites = standing.site_numbers
    counted = standing.rare_things.with_columns(
        pl.when(pl.col("country") > 0).then(pl.col("country").cast(pl.String)).alias("country")
    )
    things = _with_sites(counted, sites)
    of_identifiers = things.filter(~pl.col("is_name")).select("site", "country", "things")
    home = main_countries(of_identifiers)
    controlled = _controllers(standing)
    own = _own_measuring_ids(standing)
    few = on_few_sites(own.select("key", "site"))
    posters = _posters(standing)
    directed = directed_links(_linking(standing), posters)
    of_things = _things_of_pairs(standing)
    pictures, copies = _copied(standing, of_things)
    pairs = [
        of_things,
        pairs_of(controlled, "shared_controllers"),
        pairs_of(few, "shared_analytics"),
        pairs_of(_actors_on_several(standing), "shared_actors"),
    ]
    return SharedBySites(
        together(
            [
                *(_named_pairs(part, sites) for part in pairs),
                either_way(directed),
            ]
        ),
        things_of_sites(of_identifiers, home),
        things_of_sites(things.filter("is_name").select("site", "things"), home),
        things_of_sites(_with_sites(controlled.group_by("site").agg(pl.len().alias("things")), sites), home),
        posters,
        directed,
        _with_sites(few.group_by("site").agg(pl.len().alias("ids")), sites),
        only_ids(_with_sites(own, sites), posters),
        home,
        trades_of_sites(standing.site_numbers),
        _with_sites(pictures, sites),
        _named_pairs(copies, sites),
    )


def _with_sites(counted: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    return counted.with_columns(sites["site"].gather(counted["site"]).alias("site"))


def _named_pairs(pairs: pl.DataFrame, sites: pl.DataFrame) -> pl.DataFrame:
    """Pairs of numbers as pairs of names, these in order."""
    one, other = (sites["site"].gather(pairs[side]) for side in PAIR)
    return pairs.drop(PAIR).select(
        pl.min_horizontal(one.alias("one"), other.alias("other")).alias("site_a"),
        pl.max_horizontal(one.alias("one"), other.alias("other")).alias("site_b"),
        pl.all(),
    )


def _things_of_pairs(standing: Standing) -> pl.DataFrame:
    """Pairs of sites with the things on both, and what of them are observations (`site_evidence.observations_of`)."""
    is_name = pl.col("what") == NAME
    strong, held = is_strong() & ~is_name, pl.col("holder")
    holders = standing.holders.group_by(PAIR).agg(
        (~is_strong()).sum().cast(pl.Int64).alias("weak_held"),
        strong.sum().cast(pl.Int64).alias("strong_held"),
        held.filter(~is_name).n_unique().cast(pl.Int64).alias("holders"),
        is_name.sum().cast(pl.Int64).alias("names_held"),
        held.filter(is_name).n_unique().cast(pl.Int64).alias("name_holders"),
    )
    both = standing.things_of_pairs.join(holders, on=PAIR, how="full", coalesce=True)
    both = both.with_columns(pl.exclude(PAIR).cast(pl.Int64).fill_null(0))
    shared = pl.col("shared_contacts") + pl.col("weak_held")
    alone = pl.col("shared_contacts") - pl.col("strong_held")
    return both.select(
        *PAIR,
        "shared_contacts",
        "shared_images",
        "shared_texts",
        "shared_accounts",
        shared.alias("shared_identifiers"),
        (alone + pl.col("holders")).alias("observations"),
        (pl.col("shared_accounts") - pl.col("names_held") + pl.col("name_holders")).alias(
            "named_observations"
        ),
    ).filter(pl.max_horizontal(pl.exclude(PAIR)) > 0)


def _copied(standing: Standing, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`pictures` and `copies` of `SharedBySites`, by the numbers of sites."""
    held = standing.holders.filter(pl.col("what") == kind_number("image")).select(PAIR)
    copied = strangers_pictures(pairs, held)
    if not (copied["copied"] >= MIN_COPIERS).any():
        return pl.DataFrame(schema=PICTURES | {"site": pl.UInt32()}), copied.with_columns(
            pl.lit(None, pl.Int64).alias("copiers")
        )
    on_sites = standing.things_on_sites.of_kind("image").select("key", "site")
    pictures = pictures_of_sites(copied, on_sites)
    asked = may_be_copied(copied, pictures)
    keys = pl.Series("key", [], pl.UInt64)
    if not asked.is_empty():
        here = pl.col("site").is_in(pl.concat([asked["site_a"], asked["site_b"]]).unique().implode())
        is_on_few = pl.len().over("key").is_between(2, MAX_SITES_OF_AN_IDENTIFIER)
        keys = on_sites.filter(is_on_few).filter(here)["key"].unique()
    return pictures, with_copiers(copied, asked, _posters_of(standing, keys))


def _posters_of(standing: Standing, keys: pl.Series) -> pl.DataFrame:
    """Who shows these things where: key, site, poster."""
    mentions = standing.mentions.select("item", pl.col("shown").alias("key"), "stands")
    shown = rows_among(mentions, "key", keys.to_numpy()).filter("stands")
    numbers = standing.site_numbers.select("site", pl.int_range(pl.len(), dtype=pl.UInt32).alias("number"))
    posted = shown.select("key").hstack(_who(standing, shown["item"])).join(numbers, on="site")
    return posted.select("key", pl.col("number").alias("site"), "poster")


def _controllers(standing: Standing) -> pl.DataFrame:
    """Where actors of several accounts or numbers are (`site_evidence.controllers_on_sites`): key, site."""
    several = np.zeros(standing.items.height, dtype=bool)
    of_several = standing.actor_sites.filter("is_several")
    several[of_several["label"].to_numpy()] = True
    shown = standing.crossings.filter(pl.Series(several[standing.crossings["label"].to_numpy()]))
    by_contacts = shown.group_by("label", "site").len().filter(pl.col("len") >= PRESENT)
    return (
        pl.concat(
            [of_several.filter("is_present").select("label", "site"), by_contacts.select("label", "site")]
        )
        .unique()
        .rename({"label": "key"})
    )


def _own_measuring_ids(standing: Standing) -> pl.DataFrame:
    """Ids of measuring services that are a site's own: key, site, items, form (`site_evidence.own_analytics`)."""
    numbers = standing.site_numbers.with_row_index("number").select(
        pl.col("number").cast(pl.UInt32).alias("site"), "measured"
    )
    shown = standing.things_on_sites.of_kind("analytics")
    own = site_wide(shown.select("key", "site", "items"), numbers)
    of_kind = np.flatnonzero((standing.identifiers["kind"] == "analytics").to_numpy())
    identifiers = standing.identifiers.select("key", "kind", "value")[of_kind]
    return own.join(forms_of(identifiers), on="key", how="left")


def _posters(standing: Standing) -> pl.DataFrame:
    """How many post on each site, an item of nobody being a poster of its own: site, posters."""
    sites = standing.site_numbers
    actors = np.bincount(standing.actor_sites["site"].to_numpy(), minlength=sites.height)
    return sites.select("site", (pl.col("alone") + pl.Series(actors)).alias("posters")).filter(
        pl.col("posters") > 0
    )


def _linking(standing: Standing) -> pl.DataFrame:
    """Who links to which site from where: site, target, poster, a row per item and target."""
    hosts = standing.site_numbers.select(pl.col("site").hash().alias("host"), pl.col("site").alias("target"))
    addresses = rows_among(standing.addresses, "host", hosts["host"].to_numpy()).join(hosts, on="host")
    mentions = standing.mentions.select("item", pl.col("shown").alias("key"), "stands")
    shown = rows_among(mentions, "key", addresses["key"].to_numpy()).filter("stands")
    linking = shown.join(addresses, on="key").select("item", "target").unique()
    posted = _who(standing, linking["item"])
    return posted.with_columns(linking["target"]).select("site", "target", "poster")


def _who(standing: Standing, numbers: pl.Series) -> pl.DataFrame:
    """Where these items are and whose: site, poster (an actor, or an item of nobody)."""
    items = standing.items.select("site", "label", "is_placed")[numbers.to_numpy()]
    poster = (
        pl.when("is_placed").then(pl.col("label").cast(pl.UInt64)).otherwise(numbers.cast(pl.UInt64) + 2**32)
    )
    return items.select("site", poster.alias("poster"))


def _actors_on_several(standing: Standing) -> pl.DataFrame:
    """The actors on more than one site: key, site."""
    labels = standing.actor_sites["label"].to_numpy()
    on_sites = np.bincount(labels, minlength=standing.items.height)
    return standing.actor_sites.filter(pl.Series(on_sites[labels] > 1)).select(
        pl.col("label").alias("key"), "site"
    )

"""What two sites have in common, kind by kind, and what of it is an independent observation.

What is on many sites is everybody's and left out. The five numbers of one actor are one observation; so are an actor's
equal account names.
"""

import polars as pl

from assets.linking.contacts import KIND_WEIGHT, STRONG_WEIGHT
from assets.linking.phone_regions import calling_code

# A thing on more sites than this is everybody's.
MAX_SITES_OF_AN_IDENTIFIER = 5
PAIR = ["site_a", "site_b"]
# An actor of so many accounts, or phone numbers, is one who controls several.
SEVERAL = 3
# One account on a site may be another's who was given an old number; with so many it is there, and so it is with so
# many contacts that it shows on another site as well.
PRESENT = 2
# A measuring service's id is the site's own where it stands on this share of the items that show any.
SITE_WIDE = 0.5
# An account name that says whose it is: no first name, but one with a digit or a sign in it, or a long one.
_DISTINCT_NAME = r"^\S*[0-9_.\-]\S*$"
_DISTINCT_LENGTH, _LONG_LENGTH = 6, 12
_STRONG_KINDS = [kind for kind, weight in KIND_WEIGHT.items() if weight >= STRONG_WEIGHT]
_HOST = r"^(?i)(?:https?://)?(?:www\.)?([^/:?#\s]+\.[^/:?#\s]+)"


def on_few_sites(on_sites: pl.DataFrame) -> pl.DataFrame:
    """The rows (key, site) of things on at most `MAX_SITES_OF_AN_IDENTIFIER` sites, each pair once."""
    return on_sites.unique().filter(pl.len().over("key") <= MAX_SITES_OF_AN_IDENTIFIER)


def pairs_of(on_sites: pl.DataFrame, name: str) -> pl.DataFrame:
    """Pairs of sites with the number of keys on both: site_a, site_b, `name` (Int64). `on_sites`: key, site."""
    return (
        on_sites.rename({"site": "site_a"})
        .join(on_sites.rename({"site": "site_b"}), on="key")
        .filter(pl.col("site_a") < pl.col("site_b"))
        .group_by(PAIR)
        .agg(pl.len().cast(pl.Int64).alias(name))
    )


def identifiers_on_sites(
    mentions: pl.DataFrame, items: pl.DataFrame, identifiers: pl.DataFrame | None
) -> pl.DataFrame:
    """Which identifiers stand on which sites: key, site, kind, is_strong, country (calling code of a phone, else null).

    `mentions`: item_id, identifier_id, kind. `identifiers`: identifier_id, kind, value, for the countries.
    """
    found = (
        mentions.select("item_id", pl.col("identifier_id").alias("key"), "kind")
        .join(items.select("item_id", "site"), on="item_id")
        .select("key", "site", "kind")
        .unique()
        .with_columns(pl.col("kind").is_in(_STRONG_KINDS).alias("is_strong"))
    )
    if identifiers is None:
        return found.with_columns(pl.lit(None, dtype=pl.String).alias("country"))
    numbers = (
        identifiers.filter(pl.col("kind") == "phone")
        .select(pl.col("identifier_id").alias("key"), pl.col("value").alias("number"))
        .unique("key")
        .select("key", calling_code().alias("country"))
    )
    return found.join(numbers, on="key", how="left")


def main_countries(on_sites: pl.DataFrame) -> pl.DataFrame:
    """The country (calling code) of most phone numbers of each site: site, country. `on_sites`: key, site, country."""
    return (
        on_sites.drop_nulls("country")
        .group_by("site", "country")
        .agg(pl.len().alias("numbers"))
        .sort("site", "numbers", "country", descending=[False, True, False])
        .unique("site", keep="first", maintain_order=True)
        .select("site", "country")
    )


def names_on_sites(items: pl.DataFrame) -> pl.DataFrame:
    """Account names that say whose they are, by site: item_id, key, site. `items`: item_id, site, account."""
    if "account" not in items.columns:
        return pl.DataFrame(schema={"item_id": pl.String, "key": pl.String, "site": pl.String})
    name = pl.col("account").str.strip_chars().str.to_lowercase()
    length = name.str.len_chars()
    distinct = name.str.contains(_DISTINCT_NAME) & (length >= _DISTINCT_LENGTH)
    return items.filter(distinct | (length >= _LONG_LENGTH)).select("item_id", name.alias("key"), "site")


def observed_pairs(rare: pl.DataFrame, users: pl.DataFrame, name: str) -> pl.DataFrame:
    """Pairs of sites with what both show: site_a, site_b, `name`, observations (both Int64).

    `rare`: key, site, is_strong. `users`: key, site, actor_id. An observation is an actor who shows something on both
    sites, or a strong thing that no common actor shows. A photo or an address that different actors show on two sites
    is stolen or quoted, and is none.
    """
    several = rare.filter(pl.len().over("key") > 1)
    on_both = (
        several.rename({"site": "site_a"})
        .join(several.select("key", pl.col("site").alias("site_b")), on="key")
        .filter(pl.col("site_a") < pl.col("site_b"))
    )
    holders = (
        on_both.join(users.rename({"site": "site_a"}), on=["key", "site_a"])
        .join(users.rename({"site": "site_b"}), on=["key", "site_b", "actor_id"])
        .group_by("key", *PAIR)
        .agg(pl.col("actor_id").min().alias("holder"))
    )
    return (
        on_both.join(holders, on=["key", *PAIR], how="left")
        .filter(pl.col("holder").is_not_null() | pl.col("is_strong"))
        .group_by(PAIR)
        .agg(
            pl.len().cast(pl.Int64).alias(name),
            pl.coalesce("holder", "key").n_unique().cast(pl.Int64).alias("observations"),
        )
    )


def controllers_on_sites(
    of_items: pl.DataFrame, actor_members: pl.DataFrame, mentions: pl.DataFrame, users: pl.DataFrame
) -> pl.DataFrame:
    """Where actors of several accounts or numbers are: key (actor_id), site.

    Somebody who posts an advertisement on two sites has two accounts and a number; who has more of either works with
    many, and is on two sites for another reason. `of_items`: actor_id, member_id, site, and account where known; an
    item without account counts as one. `users`: key, site, actor_id of strong contacts that are on several sites.
    """
    named = pl.col("account") if "account" in of_items.columns else pl.lit(None, dtype=pl.String)
    spelled = (
        pl.col("member_id").bin.encode("hex")
        if of_items.schema["member_id"] == pl.Binary
        else pl.col("member_id").cast(pl.String)
    )
    held = of_items.select("actor_id", "site", pl.coalesce(named, spelled).alias("holder")).unique()
    accounts = held.group_by("actor_id").agg(pl.len().alias("number"))
    phones = mentions.filter(pl.col("kind") == "phone").select(pl.col("identifier_id").alias("member_id"))
    numbers = (
        actor_members.filter(pl.col("member_kind") == "identifier")
        .join(phones.unique(), on="member_id", how="semi")
        .group_by("actor_id")
        .agg(pl.len().alias("number"))
    )
    several = pl.concat([accounts, numbers]).filter(pl.col("number") >= SEVERAL).select("actor_id").unique()
    shown_again = users.filter(pl.len().over("key", "actor_id") > 1)
    return (
        pl.concat([frame.group_by("actor_id", "site").len() for frame in (held, shown_again)])
        .filter(pl.col("len") >= PRESENT)
        .join(several, on="actor_id", how="semi")
        .select(pl.col("actor_id").alias("key"), "site")
        .drop_nulls()
        .unique()
    )


def own_analytics(mentions: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Ids of measuring services that are a site's own, on few sites: key, site."""
    shown = (
        mentions.filter(pl.col("kind") == "analytics")
        .select("item_id", pl.col("identifier_id").alias("key"))
        .unique()
        .join(items.select("item_id", "site"), on="item_id")
    )
    of_site = shown.group_by("site").agg(pl.col("item_id").n_unique().alias("measured"))
    own = (
        shown.group_by("key", "site")
        .agg(pl.len().alias("items"))
        .join(of_site, on="site")
        .filter(pl.col("items") >= SITE_WIDE * pl.col("measured"))
    )
    return on_few_sites(own.select("key", "site"))


def links_between(
    mentions: pl.DataFrame, items: pl.DataFrame, actors: pl.DataFrame, identifiers: pl.DataFrame | None
) -> pl.DataFrame:
    """Links from one site to another: site, target, items, linkers, posters (of the site), elsewhere_linkers,
    elsewhere_posters (of all other sites), linking_sites; Int64.

    `mentions`: item_id, identifier_id. `identifiers`: identifier_id, kind, value. `actors`: item_id, actor_id; an item
    of no actor is a poster of its own.
    """
    schema = {"site": pl.String(), "target": pl.String()}
    counts = ("items", "linkers", "posters", "elsewhere_linkers", "elsewhere_posters", "linking_sites")
    if identifiers is None:
        return pl.DataFrame(schema={**schema, **{name: pl.Int64() for name in counts}})
    posted = (
        items.select("item_id", "site")
        .join(actors, on="item_id", how="left")
        .with_columns(pl.coalesce("actor_id", "item_id").alias("poster"))
    )
    posters = posted.group_by("site").agg(pl.col("poster").n_unique().cast(pl.Int64).alias("posters"))
    everybody = int(posters["posters"].sum())
    sites = posters.select(pl.col("site").alias("target"))
    addresses = (
        identifiers.filter(pl.col("kind") == "url")
        .select("identifier_id", pl.col("value").str.extract(_HOST, 1).str.to_lowercase().alias("target"))
        .join(sites, on="target", how="semi")
        .unique()
    )
    links = (
        mentions.select("item_id", "identifier_id")
        .join(addresses, on="identifier_id")
        .select("item_id", "target")
        .unique()
        .join(posted, on="item_id")
        .filter(pl.col("site") != pl.col("target"))
        .group_by("site", "target")
        .agg(
            pl.len().cast(pl.Int64).alias("items"),
            pl.col("poster").n_unique().cast(pl.Int64).alias("linkers"),
        )
        .join(posters, on="site")
    )
    own = posters.select(pl.col("site").alias("target"), pl.col("posters").alias("of_target"))
    return (
        links.join(own, on="target")
        .with_columns(
            (pl.col("linkers").sum().over("target") - pl.col("linkers")).alias("elsewhere_linkers"),
            (everybody - pl.col("posters") - pl.col("of_target")).alias("elsewhere_posters"),
            pl.len().cast(pl.Int64).over("target").alias("linking_sites"),
        )
        .select("site", "target", *counts)
        .sort("site", "target")
    )

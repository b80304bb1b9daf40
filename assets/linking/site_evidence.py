"""What two sites have in common, kind by kind, and what of it is an independent observation.

What is on many sites is everybody's and left out. The five numbers of one actor are one observation; so are an actor's
equal account names.
"""

import polars as pl

from assets.linking.accounts import account_name
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
# One id ties sites by itself where no more than this have it, and this share of all, each on so many items: what
# somebody writes in a forum stands on one.
MAX_SITES_OF_AN_OWNER = 3
MAX_SHARE_OF_AN_OWNER = 1 / 3
MIN_ITEMS_OF_AN_ID = 4
# An account name that says whose it is: no first name, but one with a digit or a sign in it, or a long one.
_DISTINCT_NAME = r"^\S*[0-9_.\-]\S*$"
_DISTINCT_LENGTH, _LONG_LENGTH = 6, 12
_STRONG_KINDS = [kind for kind, weight in KIND_WEIGHT.items() if weight >= STRONG_WEIGHT]
_DIRECTED = (
    "site",
    "target",
    "items",
    "linkers",
    "posters",
    "elsewhere_linkers",
    "elsewhere_posters",
    "linking_sites",
)
_CHATS = r"^(?:t|telegram)\.me(?:/|$)"
_FORM = r"^([^:]*:(?:[A-Za-z]+-)?)"
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
    """The country (calling code) of most phone numbers of each site: site, country.

    `on_sites`: site, country (null: none), things (how many).
    """
    return (
        on_sites.drop_nulls("country")
        .sort("site", "things", "country", descending=[False, True, False])
        .unique("site", keep="first", maintain_order=True)
        .select("site", "country")
    )


def names_on_sites(items: pl.DataFrame) -> pl.DataFrame:
    """Account names that say whose they are, by site: item_id, key, site. `items`: item_id, site, account."""
    if "account" not in items.columns:
        return pl.DataFrame(schema={"item_id": pl.String, "key": pl.String, "site": pl.String})
    name = account_name()
    length = name.str.len_chars()
    distinct = name.str.contains(_DISTINCT_NAME) & (length >= _DISTINCT_LENGTH)
    return items.filter(distinct | (length >= _LONG_LENGTH)).select("item_id", name.alias("key"), "site")


def observed_pairs(rare: pl.DataFrame, users: pl.DataFrame, name: str) -> pl.DataFrame:
    """Pairs of sites with what both show: site_a, site_b, `name`, observations (both Int64).

    `rare`: key, site, is_strong. `users`: key, site, actor_id.
    """
    several = rare.filter(pl.len().over("key") > 1)
    on_both = (
        several.rename({"site": "site_a"})
        .join(several.select("key", pl.col("site").alias("site_b")), on="key")
        .filter(pl.col("site_a") < pl.col("site_b"))
    )
    return counted_pairs(observations_of(on_both, users), name)


def observations_of(on_both: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """The things on two sites that are observed there: the rows of `on_both` (key, site_a, site_b, …) with holder.

    `on_both`: key, site_a, site_b, is_strong, any more. `users`: key, site, actor_id. An observation is an actor who
    shows something on both sites (`holder`: the first of several), or a strong thing that no common actor shows (null).
    A photo or an address that different actors show on two sites is stolen or quoted, and is none.
    """
    holders = (
        on_both.join(users.rename({"site": "site_a"}), on=["key", "site_a"])
        .join(users.rename({"site": "site_b"}), on=["key", "site_b", "actor_id"])
        .group_by("key", *PAIR)
        .agg(pl.col("actor_id").min().alias("holder"))
    )
    return on_both.join(holders, on=["key", *PAIR], how="left").filter(
        pl.col("holder").is_not_null() | pl.col("is_strong")
    )


def counted_pairs(observed: pl.DataFrame, name: str) -> pl.DataFrame:
    """Pairs of sites with their numbers of things and of observations: site_a, site_b, `name`, observations (Int64).

    `observed` from `observations_of`: the things of one holder are one observation.
    """
    return observed.group_by(PAIR).agg(
        pl.len().cast(pl.Int64).alias(name),
        pl.coalesce("holder", "key").n_unique().cast(pl.Int64).alias("observations"),
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


def own_analytics(
    mentions: pl.DataFrame, items: pl.DataFrame, identifiers: pl.DataFrame | None
) -> pl.DataFrame:
    """Ids of measuring services that are a site's own, on however many sites: key, site, items that show it there, form
    (`forms_of`; null where no values are known).
    """
    shown = (
        mentions.filter(pl.col("kind") == "analytics")
        .select("item_id", pl.col("identifier_id").alias("key"))
        .unique()
        .join(items.select("item_id", "site"), on="item_id")
    )
    of_site = shown.group_by("site").agg(pl.col("item_id").n_unique().alias("measured"))
    own = site_wide(shown.group_by("key", "site").agg(pl.len().alias("items")), of_site)
    if identifiers is None:
        return own.with_columns(pl.lit(None, pl.String).alias("form"))
    forms = forms_of(identifiers.rename({"identifier_id": "key"})).unique("key")
    return own.join(forms, on="key", how="left")


def forms_of(identifiers: pl.DataFrame) -> pl.DataFrame:
    """What kind of id measuring ids (key, kind, value) are, by their service and how they begin: key, form.

    `google-analytics:UA-90000412` is another form than `google-analytics:G-ABCDEF1`: a site has one of each.
    """
    return identifiers.filter(pl.col("kind") == "analytics").select(
        "key", pl.col("value").str.extract(_FORM, 1).alias("form")
    )


def site_wide(shown: pl.DataFrame, of_sites: pl.DataFrame) -> pl.DataFrame:
    """Measuring ids that are a site's own: the rows of `shown` (key, site, items that show it there). `of_sites`: site,
    measured: items there that show any.
    """
    own = shown.join(of_sites, on="site").filter(pl.col("items") >= SITE_WIDE * pl.col("measured"))
    return own.select("key", "site", "items")


def only_ids(own: pl.DataFrame, posters: pl.DataFrame) -> pl.DataFrame:
    """Measuring ids on few sites, none of which has another of that form: key, site, holders (sites that have it),
    sites (how many there are).

    `own` from `own_analytics`, `posters`: site, of all. An id beside which a site has its own may be that of the
    platform that it stands on, and what is on many sites is a platform's, or that of whoever builds them. Pages of
    chats are the messenger's. One page with forty items shows its id once.
    """
    sites = posters.filter(~pl.col("site").str.contains(_CHATS)).height
    on_sites = (
        own.filter(~pl.col("site").str.contains(_CHATS))
        .select("key", "site", "items", "form", pl.len().over("site", "form").alias("of_form"))
        .with_columns(
            pl.len().over("key").alias("holders"),
            pl.col("of_form").max().over("key"),
            pl.col("items").min().over("key"),
        )
        .filter(
            pl.col("holders").is_between(2, MAX_SITES_OF_AN_OWNER)
            & (pl.col("holders") <= MAX_SHARE_OF_AN_OWNER * sites)
            & (pl.col("of_form") == 1)
            & (pl.col("items") >= MIN_ITEMS_OF_AN_ID)
        )
    )
    return on_sites.select("key", "site", "holders", pl.lit(sites).alias("sites"))


def links_between(
    mentions: pl.DataFrame,
    items: pl.DataFrame,
    actors: pl.DataFrame,
    identifiers: pl.DataFrame | None,
    posters: pl.DataFrame,
) -> pl.DataFrame:
    """Links from one site to another, as from `directed_links`.

    `mentions`: item_id, identifier_id. `identifiers`: identifier_id, kind, value. `actors`: item_id, actor_id; an item
    of no actor is a poster of its own. `posters`: site, posters, of all sites with items.
    """
    posted = (
        items.select("item_id", "site")
        .join(actors, on="item_id", how="left")
        .select("item_id", "site", pl.coalesce("actor_id", "item_id").alias("poster"))
    )
    if identifiers is None:
        return directed_links(posted.clear().with_columns(pl.lit("").alias("target")), posters)
    linking = (
        mentions.select("item_id", "identifier_id")
        .join(
            hosts_of(identifiers).filter(pl.col("target").is_in(posters["site"].implode())),
            on="identifier_id",
        )
        .select("item_id", "target")
        .unique()
        .join(posted, on="item_id")
    )
    return directed_links(linking, posters)


def hosts_of(identifiers: pl.DataFrame) -> pl.DataFrame:
    """Whose pages addresses are: identifier_id, target (the host without www.; each row once).

    `identifiers`: identifier_id, kind, value.
    """
    return (
        identifiers.filter(pl.col("kind") == "url")
        .select("identifier_id", pl.col("value").str.extract(_HOST, 1).str.to_lowercase().alias("target"))
        .drop_nulls("target")
        .unique()
    )


def directed_links(linking: pl.DataFrame, posters: pl.DataFrame) -> pl.DataFrame:
    """Links from one site to another: site, target, items, linkers, posters (of the site), elsewhere_linkers,
    elsewhere_posters (of all other sites), linking_sites; Int64; sorted.

    `linking`: site, target, poster, a row per item and target. `posters`: site, posters.
    """
    posters = posters.select("site", pl.col("posters").cast(pl.Int64))
    everybody = int(posters["posters"].sum())
    own = posters.select(pl.col("site").alias("target"), pl.col("posters").alias("of_target"))
    return (
        linking.filter(pl.col("site") != pl.col("target"))
        .group_by("site", "target")
        .agg(
            pl.len().cast(pl.Int64).alias("items"),
            pl.col("poster").n_unique().cast(pl.Int64).alias("linkers"),
        )
        .join(posters, on="site")
        .join(own, on="target")
        .with_columns(
            (pl.col("linkers").sum().over("target") - pl.col("linkers")).alias("elsewhere_linkers"),
            (everybody - pl.col("posters") - pl.col("of_target")).alias("elsewhere_posters"),
            pl.len().cast(pl.Int64).over("target").alias("linking_sites"),
        )
        .select(*_DIRECTED)
        .sort("site", "target")
    )

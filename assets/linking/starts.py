"""Where joining starts: items that one account of one site, or one contact block of one site, holds together.

A display name such as "Maria" is shared by strangers; an account is believed only as far as its items agree.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking.contacts import STRONG_WEIGHT

# An account whose identified items fall into more islands (sets joined by a shared contact) than this is a
# display name, unless one island holds half of them: people change numbers, but rarely use four at once.
MAX_ISLANDS = 3
DOMINANT_ISLAND = 0.5
# A name that this many unconnected islands use elsewhere too is a common name.
COMMON_NAME_ISLANDS = 3
# A site on which most accounts with several identified items disagree with themselves shows display names. Names of
# letters alone and those with digits or signs are judged apart: a site may let its posters choose either.
DISPLAY_NAME_SITE_SHARE = 0.5
DISPLAY_NAME_SITE_ACCOUNTS = 10
# A contact on more starting groups than this may be a support line; it does not hold an account together.
WIDESPREAD = 12

# Of each account: is_plain (its name is of letters alone), islands of its identified items, how many these are.
ACCOUNTS = {
    "site": pl.String(),
    "name": pl.String(),
    "is_plain": pl.Boolean(),
    "islands": pl.Int64(),
    "identified": pl.Int64(),
}


@dataclass(frozen=True)
class Starts:
    """Where some items start.

    `firsts`: item (UInt32), first (Int64: the smallest item of its group); items that are not there start alone.
    `edges`: left_item, right_item (UInt32), contact (UInt64 or null: the same account). `accounts` (`ACCOUNTS`): what
    the items under each name of a site show.
    """

    firsts: pl.DataFrame
    edges: pl.DataFrame
    accounts: pl.DataFrame


def start_groups(
    numbered: pl.DataFrame, contacts: pl.DataFrame, uses: pl.DataFrame
) -> tuple[np.ndarray, pl.DataFrame]:
    """Starting group of each item, and the edges that made them.

    `numbered` from `number_items`, `contacts` and `uses` from `number_contacts`. Returns an array of group labels
    (the smallest item number of the group, Int64, one per item) and edges as of `Starts`.
    """
    named = numbered.select("item", "site", account_name())
    strong = contacts.filter(pl.col("weight") >= STRONG_WEIGHT).select("contact")
    private = private_contacts(uses.join(strong, on="contact", how="semi"), named)
    starts = start_some(named, uses.join(private, on="contact", how="semi"))
    labels = np.arange(numbered.height, dtype=np.int64)
    labels[starts.firsts["item"].to_numpy()] = starts.firsts["first"].to_numpy()
    return labels, starts.edges


def account_name() -> pl.Expr:
    """The `account` as it is compared: lower case, null where there is none."""
    return pl.col("account").str.strip_chars().str.to_lowercase().replace("", None).alias("name")


def start_some(named: pl.DataFrame, uses: pl.DataFrame, shows: pl.DataFrame | None = None) -> Starts:
    """Where items start that hold all of their names: of each name in `named` all items of all sites.

    `named`: item, site, name; of items without name those whose contacts have changed users, with all that have the
    same contacts. `uses`: item, contact of their private contacts. `shows` from `display_name_sites`; where left out,
    from these items, which then are all.
    """
    identified = named.join(uses, on="item", how="inner")
    with_name = identified.filter(pl.col("name").is_not_null())
    island = _islands(with_name, ["site", "name"])
    accounts = _accounts(named, with_name, island)
    trusted = _trusted_accounts(accounts, with_name, display_name_sites(accounts) if shows is None else shows)

    keyed = (
        named.join(trusted, on=["site", "name"], how="left", maintain_order="left")
        .with_columns(pl.col("trusted").fill_null(False))
        .sort("item")
    )
    account_first = keyed.filter("trusted").with_columns(
        pl.col("item").min().over("site", "name").alias("first")
    )
    account_edges = account_first.filter(pl.col("item") != pl.col("first")).select(
        pl.col("first").alias("left_item"),
        pl.col("item").alias("right_item"),
        pl.lit(None, dtype=pl.UInt64).alias("contact"),
    )

    untrusted = keyed.filter(~pl.col("trusted") & pl.col("name").is_not_null()).select("item")
    doubtful = identified.join(untrusted, on="item")
    doubtful_edges = _chains(doubtful, ["site", "name", "contact"])
    inside = _islands(doubtful, ["site", "name"]).rename({"island": "first"})

    nameless = identified.filter(pl.col("name").is_null())
    block_first, block_edges = _contact_blocks(nameless)
    firsts = [
        frame.select("item", pl.col("first").cast(pl.Int64)) for frame in (account_first, inside, block_first)
    ]
    return Starts(
        pl.concat(firsts),
        pl.concat([account_edges, doubtful_edges, block_edges]),
        accounts.select(*ACCOUNTS),
    )


def private_contacts(uses: pl.DataFrame, named: pl.DataFrame) -> pl.DataFrame:
    """Of strong contacts (`uses`: item, contact) those that few accounts, or items without account, share: contact.

    `named`: item, site, name (of any type). A site's items without account count as one.
    """
    return few_share(uses.join(named, on="item").select("contact", "site", "name"))


def few_share(shows: pl.DataFrame) -> pl.DataFrame:
    """The contacts that few accounts show: contact. `shows`: contact, site, name of each item that shows it."""
    return shows.unique().group_by("contact").len().filter(pl.col("len") <= WIDESPREAD).select("contact")


def _islands(identified: pl.DataFrame, within: list[str]) -> pl.DataFrame:
    """Sets of items joined by shared contacts within one account or name: item, island (its smallest item)."""
    if identified.is_empty():
        return pl.DataFrame(schema={"item": pl.UInt32, "island": pl.Int64})
    place = identified.select(
        "item", pl.struct(*within, "contact").rank("dense").cast(pl.Int64).alias("hold") - 1
    )
    items, index = np.unique(place["item"].to_numpy(), return_inverse=True)
    holds = place["hold"].to_numpy() + len(items)
    size = int(holds.max()) + 1
    graph = coo_matrix((np.ones(len(index), dtype=np.int8), (index, holds)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    label = label[: len(items)]
    smallest = np.full(int(label.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(smallest, label, items.astype(np.int64))
    return pl.DataFrame({"item": items, "island": smallest[label]}, schema_overrides={"item": pl.UInt32})


def _accounts(named: pl.DataFrame, with_name: pl.DataFrame, island: pl.DataFrame) -> pl.DataFrame:
    """What the items of each account show: the columns of `ACCOUNTS`, and largest (items of the largest island)."""
    accounts = named.filter(pl.col("name").is_not_null()).select("site", "name").unique()
    agreement = (
        with_name.select("item", "site", "name")
        .unique()
        .join(island, on="item")
        .group_by("site", "name", "island")
        .agg(pl.len().alias("size"))
        .group_by("site", "name")
        .agg(
            pl.len().alias("islands"),
            pl.col("size").max().alias("largest"),
            pl.col("size").sum().alias("identified"),
        )
    )
    return accounts.join(agreement, on=["site", "name"], how="left").with_columns(
        pl.col("islands", "largest", "identified").cast(pl.Int64).fill_null(0), _is_plain()
    )


def display_name_sites(accounts: pl.DataFrame) -> pl.DataFrame:
    """Where accounts are but names to show: site, is_plain, shows_names. `accounts` (`ACCOUNTS`): all of each site."""
    return (
        accounts.filter(pl.col("identified") >= 2)
        .group_by("site", "is_plain")
        .agg((pl.col("islands") > 1).mean().alias("disagreeing"), pl.len().alias("accounts"))
        .select(
            "site",
            "is_plain",
            (
                (pl.col("disagreeing") > DISPLAY_NAME_SITE_SHARE)
                & (pl.col("accounts") >= DISPLAY_NAME_SITE_ACCOUNTS)
            ).alias("shows_names"),
        )
    )


def _trusted_accounts(accounts: pl.DataFrame, with_name: pl.DataFrame, shows: pl.DataFrame) -> pl.DataFrame:
    """Accounts believed to be one holder's: site, name, trusted (Boolean), one row per account."""
    common = (
        with_name.select("item", "name")
        .unique()
        .join(_islands(with_name, ["name"]), on="item")
        .group_by("name")
        .agg(pl.col("island").n_unique().cast(pl.Int64).alias("name_islands"))
    )
    few_islands = pl.col("islands") <= MAX_ISLANDS
    dominated = pl.col("largest") >= DOMINANT_ISLAND * pl.col("identified")
    common_name = pl.col("name_islands").fill_null(0) - pl.col("islands") >= COMMON_NAME_ISLANDS
    # A steady account under a common name needs no trust: its contacts hold it together.
    return (
        accounts.join(common, on="name", how="left")
        .join(shows, on=["site", "is_plain"], how="left")
        .select(
            "site",
            "name",
            ((few_islands | dominated) & ~common_name & ~pl.col("shows_names").fill_null(False)).alias(
                "trusted"
            ),
        )
        .sort("site", "name")
    )


def _is_plain() -> pl.Expr:
    """Whether a name is of letters alone, as first names are."""
    return (~pl.col("name").str.contains(r"[\p{Nd}_.@\-]")).alias("is_plain")


def _chains(uses: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Edges between neighbours among the items that share a contact within `by`."""
    ordered = uses.sort(*by, "item")
    return (
        ordered.with_columns(pl.col("item").shift(1).over(by).alias("left_item"))
        .filter(pl.col("left_item").is_not_null())
        .select("left_item", pl.col("item").alias("right_item"), "contact")
    )


def _contact_blocks(nameless: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items without account that show the very same contacts on one site: (item, first) and their edges."""
    blocks = (
        nameless.sort("item", "contact")
        .group_by("item", "site", maintain_order=True)
        .agg(pl.col("contact").alias("block"), pl.col("contact").min().alias("contact"))
        .with_columns(pl.col("block").cast(pl.List(pl.String)).list.join(","))
        .with_columns(pl.col("item").min().over("site", "block").alias("first"))
    )
    edges = blocks.filter(pl.col("item") != pl.col("first")).select(
        pl.col("first").alias("left_item"), pl.col("item").alias("right_item"), "contact"
    )
    return blocks.select("item", "first"), edges

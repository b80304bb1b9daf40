"""Where joining starts: items that one account of one site, or one contact block of one site, holds together.

A display name such as "Maria" is shared by strangers; an account is believed only as far as its items agree. Two who
are called so on one site are one where they share a contact, or claim one nationality and one age.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking.accounts import account_name, is_anybodys
from assets.linking.contacts import STRONG_WEIGHT
from assets.linking.holders import CLAIMS, PAUSE, claimed, day_of
from assets.linking.shown_rows import begins

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
    (the smallest item number of the group, Int64, one per item) and edges as of `Starts`. Items and uses are sorted.
    """
    named = numbered.select("item", "site", account_name(), day_of(), *claimed(numbered))
    strong = contacts.filter(pl.col("weight") >= STRONG_WEIGHT).select("contact")
    private = private_contacts(uses.join(strong, on="contact", how="semi"), named)
    starts = start_some(named, uses.join(private, on="contact", how="semi", maintain_order="left"))
    labels = np.arange(numbered.height, dtype=np.int64)
    labels[starts.firsts["item"].to_numpy()] = starts.firsts["first"].to_numpy()
    return labels, starts.edges


def start_some(named: pl.DataFrame, uses: pl.DataFrame, shows: pl.DataFrame | None = None) -> Starts:
    """Where items start that hold all of their names: of each name in `named` all items of all sites.

    `named`: item, site, name, day (`holders.day_of`), `CLAIMS`, sorted by item; of items without name those whose
    contacts have changed users, with all that have the same contacts. `uses`: item, contact of their private contacts,
    each pair once, sorted by item. `shows` from `display_name_sites`; where left out, from these items, which then are
    all.
    """
    item = named["item"].to_numpy()
    name, account = _numbers_of_names(named)
    who = np.searchsorted(item, uses["item"].to_numpy())
    contact = uses["contact"].to_numpy()
    is_named = account[who] >= 0
    who_named, contact_named = who[is_named], contact[is_named]
    left, right, shared = _links(account[who_named], contact_named, who_named)
    island = _islands((left, right), who_named, len(item))
    accounts = _accounts(named, account, island)
    common = _common_names(name, account, island, who_named, contact_named)
    site_shows = display_name_sites(agreement_of_sites(accounts)) if shows is None else shows
    trusted = accounts.join(site_shows, on=["site", "is_plain"], how="left", maintain_order="left").select(
        (pl.col("islands") <= MAX_ISLANDS) | (pl.col("largest") >= DOMINANT_ISLAND * pl.col("identified")),
        ~pl.col("shows_names").fill_null(False),
    )
    # A steady account under a common name needs no trust: its contacts hold it together.
    is_trusted = trusted["islands"].to_numpy() & trusted["shows_names"].to_numpy() & ~common
    apart = _apart(named, accounts, account, island, (left, right), is_trusted)
    is_trusted[apart.accounts] = False
    island[apart.who] = apart.island
    is_trusted = np.append(is_trusted, False)[account]

    with_account = np.flatnonzero(is_trusted)
    oldest = _smallest(account[with_account], item[with_account])
    inside = np.flatnonzero(~is_trusted & (island >= 0))
    doubtful = ~is_trusted[left]
    nameless = pl.DataFrame({"item": item[who[~is_named]], "contact": contact[~is_named]}).with_columns(
        named[name][who[~is_named]].alias(name) for name in ("site", "day")
    )
    block_first, block_edges = _contact_blocks(nameless)
    firsts = pl.DataFrame(
        {
            "item": item[np.concatenate([with_account, inside])],
            "first": np.concatenate([oldest, item[island[inside]]]).astype(np.int64),
        }
    )
    joins = oldest != item[with_account]
    edges = pl.DataFrame(
        {
            "left_item": np.concatenate([oldest[joins], item[apart.left], item[left[doubtful]]]),
            "right_item": np.concatenate(
                [item[with_account][joins], item[apart.right], item[right[doubtful]]]
            ),
            "contact": pl.concat(
                [
                    pl.repeat(None, int(joins.sum()) + len(apart.left), dtype=pl.UInt64, eager=True),
                    pl.Series(shared[doubtful]),
                ]
            ),
        }
    )
    return Starts(
        pl.concat([firsts, block_first.select("item", pl.col("first").cast(pl.Int64))]),
        pl.concat([edges, block_edges]),
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


def _numbers_of_names(named: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """A number of each item's name, and of its name on its site (0, 1, … in the order of their oldest items); -1 where
    it has none.
    """
    site, name = (named[column].hash().to_numpy() for column in ("site", "name"))
    has_name = np.flatnonzero(named["name"].is_not_null().to_numpy())
    numbers = []
    for key in (name, site * np.uint64(0x9E3779B97F4A7C15) ^ name):
        number = np.full(named.height, -1, dtype=np.int64)
        number[has_name] = _numbered(key[has_name])
        numbers.append(number)
    return numbers[0], numbers[1]


def _numbered(keys: np.ndarray) -> np.ndarray:
    """0, 1, … for each of these numbers, in the order in which they come."""
    order = np.argsort(keys, kind="stable")
    begin = begins(keys[order])
    first = order[begin]
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbers = np.empty(len(keys), dtype=np.int64)
    numbers[order] = np.repeat(rank, np.diff(np.append(begin, len(keys))))
    return numbers


def _links(
    within: np.ndarray, contact: np.ndarray, who: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Neighbours among those (in order) that share a contact `within` the same: the one, the next one, the contact."""
    # Equal ones stand together; others that do by chance are told apart.
    key = (within.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) ^ contact
    order = np.argsort(key, kind="stable")
    within, contact, who = within[order], contact[order], who[order]
    same = np.flatnonzero((within[1:] == within[:-1]) & (contact[1:] == contact[:-1]))
    return who[same], who[same + 1], contact[same]


def _islands(links: tuple[np.ndarray, np.ndarray], who: np.ndarray, count: int) -> np.ndarray:
    """The smallest of those that are linked with each of `who`; -1 for whoever is not among these. `count`: of all."""
    left, right = links
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    label = connected_components(graph, directed=False)[1]
    island = np.full(count, -1, dtype=np.int64)
    island[who] = _smallest(label, np.arange(count))[who]
    return island


def _present(islands: np.ndarray) -> np.ndarray:
    """Each island once."""
    is_there = np.zeros(len(islands), dtype=bool)
    is_there[islands[islands >= 0]] = True
    return np.flatnonzero(is_there)


def _smallest(groups: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Of each row the first of these ordered numbers that is of its group (0, 1, …)."""
    first = np.zeros(int(groups.max(initial=-1)) + 1, dtype=ordered.dtype)
    first[groups[::-1]] = ordered[::-1]
    smallest: np.ndarray = first[groups]
    return smallest


def _accounts(named: pl.DataFrame, account: np.ndarray, island: np.ndarray) -> pl.DataFrame:
    """What the items of each account show, by its number: site, name, islands, identified, largest (items of the
    largest island), is_plain.
    """
    count = int(account.max(initial=-1)) + 1
    oldest = np.zeros(count, dtype=np.int64)
    with_account = np.flatnonzero(account >= 0)[::-1]
    oldest[account[with_account]] = with_account
    identified = np.flatnonzero(island >= 0)
    size = np.bincount(island[identified], minlength=len(account))
    islands = np.flatnonzero(size)
    largest = np.zeros(count, dtype=np.int64)
    np.maximum.at(largest, account[islands], size[islands])
    return named.select("site", "name")[oldest].with_columns(
        pl.Series("islands", np.bincount(account[islands], minlength=count), pl.Int64),
        pl.Series("identified", np.bincount(account[identified], minlength=count), pl.Int64),
        pl.Series("largest", largest, pl.Int64),
        _is_plain(),
    )


def _common_names(
    name: np.ndarray, account: np.ndarray, island: np.ndarray, who: np.ndarray, contact: np.ndarray
) -> np.ndarray:
    """Which accounts (bool, by number) have a name that unconnected islands use elsewhere too. `who`, `contact`: what
    items with a name show.
    """
    count = int(account.max(initial=-1)) + 1
    with_account = np.flatnonzero(account >= 0)
    name_of = np.zeros(count, dtype=np.int64)
    name_of[account[with_account]] = name[with_account]
    several = (np.bincount(name_of) > 1)[name[who]] if count else np.zeros(0, dtype=bool)
    theirs = who[several]
    left, right, _ = _links(name[theirs], contact[several], theirs)
    merged = _islands((island[left], island[right]), island[who], len(account))
    used = np.bincount(name[_present(merged)], minlength=int(name_of.max(initial=-1)) + 1)
    own = np.bincount(account[_present(island)], minlength=count)
    common: np.ndarray = used[name_of] - own >= COMMON_NAME_ISLANDS
    return common


@dataclass(frozen=True)
class _Apart:
    """`accounts` (numbers) that are several persons'; of their items that show or claim anything (`who`) the `island`;
    and neighbours (`left`, `right`) who claim the same under one name.
    """

    accounts: np.ndarray
    who: np.ndarray
    island: np.ndarray
    left: np.ndarray
    right: np.ndarray


def _apart(
    named: pl.DataFrame,
    accounts: pl.DataFrame,
    account: np.ndarray,
    island: np.ndarray,
    links: tuple[np.ndarray, np.ndarray],
    is_trusted: np.ndarray,
) -> _Apart:
    """Which of the trusted accounts (bool, by number) are several persons' who have a given name in common.

    A site where strangers may have one name shows many such names once only, so that its habit tells nothing; and
    people who change their number mostly go on to claim what they claimed. `links`: neighbours who share a contact.
    """
    several = np.flatnonzero(is_trusted & (accounts["islands"].to_numpy() > 1))
    asked = np.zeros(len(is_trusted) + 1, dtype=bool)
    asked[
        several[accounts["name"][several].to_frame("name").select(is_anybodys("name"))["name"].to_numpy()]
    ] = True
    theirs = np.flatnonzero(asked[account])
    claims = named.select(*CLAIMS)[theirs]
    says = np.flatnonzero(claims.select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_numpy())
    claim, claiming = claims[says].hash_rows().to_numpy(), theirs[says]
    left, right, _ = _links(account[claiming], claim, claiming)
    by_contact = asked[account[links[0]]]
    both = [
        np.concatenate([side, of_contact[by_contact]])
        for side, of_contact in zip((left, right), links, strict=True)
    ]
    who = np.union1d(claiming, theirs[island[theirs] >= 0])
    merged = _islands((both[0], both[1]), who, len(account))
    present = np.unique(merged[theirs[island[theirs] >= 0]])
    number = np.bincount(account[present], minlength=len(asked))
    apart = np.flatnonzero(number > 1)
    is_apart = np.isin(account, apart)
    who, joined = who[is_apart[who]], is_apart[left]
    return _Apart(apart, who, merged[who], left[joined], right[joined])


def agreement_of_sites(accounts: pl.DataFrame, counts: pl.Expr | None = None) -> pl.DataFrame:
    """How many accounts with several identified items disagree with themselves: site, is_plain, disagreeing, accounts
    (Int64). `accounts` (`ACCOUNTS`); `counts` says which of them are meant, where not all are.
    """
    return (
        accounts.lazy()
        .filter((pl.col("identified") >= 2) & (pl.lit(True) if counts is None else counts))
        .group_by("site", "is_plain")
        .agg(
            (pl.col("islands") > 1).sum().cast(pl.Int64).alias("disagreeing"),
            pl.len().cast(pl.Int64).alias("accounts"),
        )
        .collect()
    )


def display_name_sites(agreement: pl.DataFrame) -> pl.DataFrame:
    """Where accounts are but names to show: site, is_plain, shows_names. `agreement` (`agreement_of_sites`): of all
    accounts.
    """
    return agreement.filter(pl.col("accounts") > 0).select(
        "site",
        "is_plain",
        (
            (pl.col("disagreeing") / pl.col("accounts") > DISPLAY_NAME_SITE_SHARE)
            & (pl.col("accounts") >= DISPLAY_NAME_SITE_ACCOUNTS)
        ).alias("shows_names"),
    )


def _is_plain() -> pl.Expr:
    """Whether a name is of letters alone, as first names are."""
    return (~pl.col("name").str.contains(r"[\p{Nd}_.@\-]")).alias("is_plain")


def _contact_blocks(nameless: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items without account that show the very same contacts on one site, without a pause in which a number may have
    been given to somebody else: (item, first) and their edges. `nameless`: item, contact, site, day.
    """
    blocks = (
        nameless.sort("item", "contact")
        .group_by("item", "site", "day", maintain_order=True)
        .agg(pl.col("contact").alias("block"), pl.col("contact").min().alias("contact"))
        .with_columns(pl.col("block").cast(pl.List(pl.String)).list.join(","))
        .sort("site", "block", "day")
    )
    same = (pl.col(name) == pl.col(name).shift() for name in ("site", "block"))
    goes_on = pl.all_horizontal(*same, pl.col("day").diff() < PAUSE).fill_null(False)
    blocks = (
        blocks.with_columns((~goes_on).cum_sum().alias("stretch"))
        .with_columns(pl.col("item").min().over("stretch").alias("first"))
        .sort("item")
    )
    edges = blocks.filter(pl.col("item") != pl.col("first")).select(
        pl.col("first").alias("left_item"), pl.col("item").alias("right_item"), "contact"
    )
    return blocks.select("item", "first"), edges

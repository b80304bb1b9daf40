"""Where joining starts, looked at again only for names and contacts that changed.

Where an item starts depends on the items under its name, on all sites; without a name, on the items of its site that
have the same contacts; on which of their contacts are private; and on whether its site shows names for show. So the
names of changed items are looked at again, and of items whose contacts became private or ceased to be; and all of a
site that changed its habit.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.accounts import account_name
from assets.linking.holders import CLAIMS, day_of
from assets.linking.merging import Merged
from assets.linking.slotted import Slotted, is_strong
from assets.linking.standing import ACCOUNTS, Behind, Standing, put_behind, put_together
from assets.linking.starts import agreement_of_sites, display_name_sites, few_share, start_some


@dataclass(frozen=True)
class ChangedStarts:
    """Starting groups of all items.

    `labels`: the smallest item of each item's group (Int64). `again`: items (bool) that were looked at again. `edges`:
    theirs (`starts.Starts`). `accounts` (`ACCOUNTS`, stands): of all. `is_private` (bool, by slot): contacts that
    few accounts share.
    """

    labels: np.ndarray
    again: np.ndarray
    edges: pl.DataFrame
    accounts: pl.DataFrame
    is_private: np.ndarray


def start_again(
    standing: Standing,
    merged: Merged,
    shown: Slotted,
    is_line: np.ndarray,
    behind: Behind = put_together,
) -> ChangedStarts:
    """`is_line` (bool, by slot) from `lines.lines_of`. `behind` puts new rows behind those that stand."""
    items = merged.items
    looked_at = shown.looked_at | (is_line != shown.was_line)
    places = np.flatnonzero(looked_at.take(shown.slot))
    is_private = _private(shown, is_line, looked_at, places, items)
    item, slot = shown.item[places], shown.slot[places]
    changed = np.zeros(items.height, dtype=bool)
    changed[merged.changed] = True
    turned = item[(is_private != shown.was_private)[slot]]
    changed[turned] = True
    # Items without a name start together where they show the same; those that did before shared a contact.
    near = np.zeros(items.height, dtype=bool)
    near[item[(is_private | shown.was_private)[slot]]] = True
    is_nameless = items["name"].is_null().to_numpy()
    near[_beside(turned[is_nameless[turned]], is_private, shown)] = True
    nameless = is_nameless & (near | changed)
    names = pl.concat(
        [items["name"].filter(pl.Series(changed)), standing.items["name"][merged.former]]
    ).unique()

    stood = standing.accounts
    accounts_before = agreement_of_sites(stood, pl.col("stands"))
    shown_before = display_name_sites(accounts_before)
    while True:
        wanted = names.drop_nulls()
        again = nameless | _among(items["name"], wanted)
        numbers = np.flatnonzero(again)
        named = items.select("site", "account", "posted_at", "first_seen", *CLAIMS)[numbers].select(
            pl.Series("item", numbers.astype(np.uint32)), "site", account_name(), day_of(), *CLAIMS
        )
        theirs = np.flatnonzero(again.take(shown.item))
        theirs = theirs[is_private[shown.slot[theirs]]]
        uses = pl.DataFrame(
            {"item": shown.item[theirs], "contact": shown.slots["contact"][shown.slot[theirs]]}
        )
        is_gone = _among(stood["name"], wanted) & stood["stands"].to_numpy()
        # Where all accounts are looked at, as in a first run, they say themselves which sites show names for show.
        of_all = int(is_gone.sum()) == stood["stands"].sum()
        first = start_some(named, uses, None if of_all else shown_before)
        if of_all:
            break
        left = agreement_of_sites(stood[np.flatnonzero(is_gone)]).with_columns(
            -pl.col("disagreeing", "accounts")
        )
        shows = display_name_sites(
            pl.concat([accounts_before, left, agreement_of_sites(first.accounts)])
            .group_by("site", "is_plain")
            .agg(pl.col("disagreeing", "accounts").sum())
        )
        turned = shows.join(
            shown_before, on=["site", "is_plain"], how="full", suffix="_before", coalesce=True
        ).filter(pl.col("shows_names").fill_null(False) != pl.col("shows_names_before").fill_null(False))
        if turned.is_empty():
            break
        accounts = (stood.filter("stands"), _numbered(first.accounts))
        theirs_too = (each.join(turned, on=["site", "is_plain"], how="semi")["name"] for each in accounts)
        names, shown_before = pl.concat([names, *theirs_too]).unique(), shows

    stays = np.flatnonzero(~again & items["start"].is_not_null().to_numpy())
    labels = np.arange(items.height, dtype=np.int64)
    labels[stays] = merged.renumbered[items["start"].to_numpy()[stays].astype(np.int64)]
    labels[first.firsts["item"].to_numpy()] = first.firsts["first"].to_numpy()
    accounts_now = put_behind(stood, is_gone, _numbered(first.accounts), behind, "accounts")
    return ChangedStarts(labels, again, first.edges, accounts_now, is_private)


def _beside(turned: np.ndarray, is_private: np.ndarray, shown: Slotted) -> np.ndarray:
    """The items that show a private contact (bool, by slot) of one of the items that `turned`, these among them.

    Of what such an item shows something became private or ceased to be, so that the rest is what others show, or is not
    any more.
    """
    if not len(turned):
        return turned
    has_turned = np.zeros(int(shown.item[-1]) + 1, dtype=bool)
    has_turned[turned] = True
    theirs = np.zeros(len(is_private), dtype=bool)
    theirs[shown.slot[np.flatnonzero(has_turned.take(shown.item))]] = True
    found: np.ndarray = shown.item[np.flatnonzero((theirs & is_private).take(shown.slot))]
    return found


def _private(
    shown: Slotted, is_line: np.ndarray, looked_at: np.ndarray, places: np.ndarray, items: pl.DataFrame
) -> np.ndarray:
    """Which slots (bool) are private now. `looked_at`: slots (bool) of which that may be another answer than before,
    `places`: of their uses.
    """
    asked = places[is_strong(shown.lined(is_line))[shown.slot[places]]]
    shows = pl.DataFrame({"contact": shown.slot[asked]}).hstack(
        items.select("site", "name")[shown.item[asked]]
    )
    now: np.ndarray = shown.was_private & ~looked_at
    now[few_share(shows)["contact"].to_numpy()] = True
    return now


def _numbered(accounts: pl.DataFrame) -> pl.DataFrame:
    return accounts.with_columns(pl.col("name").hash()).select(*ACCOUNTS)


def _among(names: pl.Series, wanted: pl.Series) -> np.ndarray:
    """Which names (bool) are among those wanted."""
    return names.is_in(wanted.implode()).fill_null(False).to_numpy()

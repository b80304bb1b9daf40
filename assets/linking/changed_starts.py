"""Where joining starts, looked at again only for names and contacts that changed.

Where an item starts depends on the items under its name, on all sites; without a name, on the items of its site that
have the same contacts; on which of their contacts are private; and on whether its site shows names for show. So the
names of changed items are looked at again, and of items whose contacts became private or ceased to be; and all of a
site that changed its habit.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.best_partner import EDGES
from assets.linking.contacts import STRONG_WEIGHT
from assets.linking.merging import Merged
from assets.linking.standing import ACCOUNTS, Standing
from assets.linking.starts import account_name, display_name_sites, private_contacts, start_some


@dataclass(frozen=True)
class ChangedStarts:
    """Starting groups of all items.

    `labels`: the smallest item of each item's group (Int64). `edges`: those of items that were looked at again
    (`starts.Starts`). `kept`: of the others, as `best_partner.EDGES`. `accounts` (`ACCOUNTS`): of all. `private`: the
    contacts (UInt64) that few accounts share. `items`: how many were looked at again.
    """

    labels: np.ndarray
    edges: pl.DataFrame
    kept: pl.DataFrame
    accounts: pl.DataFrame
    private: pl.DataFrame
    items: int


def start_again(
    standing: Standing, merged: Merged, contacts: pl.DataFrame, former_edges: pl.DataFrame
) -> ChangedStarts:
    """`contacts`: contact, weight, is_line, for all of `merged`. `former_edges`: those of `standing` by new numbers."""
    items, uses = merged.items, merged.uses
    private, flipped, known = _private(standing, merged, contacts)
    changed = np.zeros(items.height, dtype=bool)
    changed[merged.changed] = True
    changed[uses.join(flipped, on="contact", how="semi")["item"].to_numpy()] = True
    # Items without a name start together where they show the same; those that did before shared a contact.
    near = np.zeros(items.height, dtype=bool)
    near[uses.join(known, on="contact", how="semi")["item"].to_numpy()] = True
    nameless = items["name"].is_null().to_numpy() & (near | changed)
    names = pl.concat(
        [items["name"].filter(pl.Series(changed)), standing.items["name"][merged.former]]
    ).unique()

    shown_before = display_name_sites(standing.accounts)
    while True:
        again = nameless | (items["name"].is_in(names.drop_nulls().implode()).fill_null(False).to_numpy())
        numbers = np.flatnonzero(again)
        named = items.select("site", "account")[numbers].select(
            pl.Series("item", numbers.astype(np.uint32)), "site", account_name()
        )
        theirs = uses.filter(pl.Series(again[uses["item"].to_numpy()])).join(
            private, on="contact", how="semi"
        )
        kept_accounts = standing.accounts.filter(~pl.col("name").is_in(names.drop_nulls().implode()))
        first = start_some(named, theirs, shown_before)
        accounts = pl.concat([kept_accounts, _numbered(first.accounts)])
        shows = display_name_sites(accounts)
        turned = shows.join(
            shown_before, on=["site", "is_plain"], how="full", suffix="_before", coalesce=True
        ).filter(pl.col("shows_names").fill_null(False) != pl.col("shows_names_before").fill_null(False))
        if turned.is_empty():
            break
        theirs_too = accounts.join(turned, on=["site", "is_plain"], how="semi")["name"]
        names, shown_before = pl.concat([names, theirs_too]).unique(), shows

    labels = np.arange(items.height, dtype=np.int64)
    stays = ~again
    before = items["start"].fill_null(0).to_numpy().astype(np.int64)
    labels[stays] = merged.renumbered[before[stays]] if stays.any() else labels[stays]
    labels[first.firsts["item"].to_numpy()] = first.firsts["first"].to_numpy()
    kept = former_edges.filter(pl.col("round") == 0).select(*EDGES)
    kept = kept.filter(pl.Series(stays[kept["right_item"].to_numpy()]))
    return ChangedStarts(labels, first.edges, kept, accounts, private, int(again.sum()))


def _private(
    standing: Standing, merged: Merged, contacts: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Which contacts are private now, which changed that, and which of those looked at are or were private: contact."""
    was_line = standing.contacts.select("contact", "is_line", pl.col("is_private").alias("was_private"))
    both = contacts.select("contact", "weight", "is_line").join(
        was_line, on="contact", how="left", suffix="_before"
    )
    touched = pl.DataFrame({"contact": merged.touched_contacts}).with_columns(pl.lit(True).alias("touched"))
    looked_at = both.join(touched, on="contact", how="left").filter(
        pl.col("touched").fill_null(False) | pl.col("is_line").ne_missing(pl.col("is_line_before"))
    )
    strong = looked_at.filter(pl.col("weight") >= STRONG_WEIGHT).select("contact")
    now = private_contacts(
        merged.uses.join(strong, on="contact", how="semi"),
        merged.items.select("site", "name")
        .with_row_index("item")
        .with_columns(pl.col("item").cast(pl.UInt32)),
    )
    was = looked_at.filter(pl.col("was_private").fill_null(False)).select("contact")
    flipped = pl.concat([now.join(was, on="contact", how="anti"), was.join(now, on="contact", how="anti")])
    others = (
        standing.contacts.filter("is_private").select("contact").join(looked_at, on="contact", how="anti")
    )
    return pl.concat([others, now]), flipped, pl.concat([now, was]).unique()


def _numbered(accounts: pl.DataFrame) -> pl.DataFrame:
    return accounts.with_columns(pl.col("name").hash()).select(*ACCOUNTS)

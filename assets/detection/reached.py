"""How many items show an identifier, by which one the poster of an item is reached, and who else shows it."""

from dataclasses import replace

import numpy as np
import polars as pl

from assets.detection.common_contacts import CONTACT_KINDS, ShownContacts
from assets.detection.context import own_contact, rarest_of
from assets.detection.notes import IDENTIFIERS, Notes
from assets.detection.numbering import marked, marks, picked, rows_about, rows_where


def with_new_identifiers(notes: Notes, ids: pl.Series, mentions: pl.DataFrame) -> pl.DataFrame:
    """The identifiers with the new ones behind the others, these not counted yet. `mentions`: with their numbers."""
    known, unknown = notes.identifiers.height, np.iinfo(np.uint32).max
    kinds = np.full(len(ids), unknown, dtype=np.uint32)
    kinds[mentions["identifier"].to_numpy()] = mentions["kind"].to_numpy()
    kind = pl.Series("kind", kinds[known:]).replace(int(unknown), None)
    new = pl.DataFrame({"identifier_id": ids[known:], "kind": kind})
    return pl.concat(
        [
            notes.identifiers,
            new.with_columns(pl.lit(0, IDENTIFIERS["uses"]).alias("uses")).select(*IDENTIFIERS),
        ]
    )


def recounted_identifiers(notes: Notes, gone: pl.DataFrame, read: pl.DataFrame) -> tuple[Notes, np.ndarray]:
    """The notes with as many uses of identifiers as there are now; which (by number) have another number of them."""
    uses = notes.identifiers["uses"].to_numpy().copy()
    shown, one = pl.concat([read["identifier"], gone["identifier"]]).to_numpy(), np.ones(1, uses.dtype)
    before = uses[shown]
    np.add.at(uses, shown[: read.height], one)
    np.subtract.at(uses, shown[read.height :], one)
    identifiers = notes.identifiers.with_columns(pl.Series("uses", uses))
    return replace(notes, identifiers=identifiers), marks(len(uses), shown[uses[shown] != before])[:-1]


def contacts_now(notes: Notes, recounted: np.ndarray, stay: int) -> tuple[pl.Series, np.ndarray]:
    """The contact of each item, and the numbers of those, of the first `stay`, that are reached otherwise than before.

    `recounted`: identifiers by which somebody may be reached otherwise, as others show them.
    """
    items, mentions = notes.items, notes.mentions
    is_contact = notes.of_kinds(CONTACT_KINDS)
    showing = rows_where(mentions, ("identifier",), marked(recounted & is_contact))
    counted = marks(items.height, picked(mentions, ("item",), showing)["item"])
    counted[:-1] &= items["stands"].to_numpy()
    counted[stay:-1] = True
    rows = picked(mentions, ("item", "identifier"), rows_about(mentions["item"], np.flatnonzero(counted)))
    item, identifier = rows["item"].to_numpy(), rows["identifier"].to_numpy()
    item, identifier = item[is_contact[identifier]], identifier[is_contact[identifier]]
    # Whoever shows one contact only is reached by it, whoever else shows it.
    alone = np.diff(item, prepend=-1).astype(bool) & np.diff(item, append=-1).astype(bool)
    asked = ~alone | (item >= stay)
    rarest = _rarest(notes, item[asked], identifier[asked])
    # Who is not new here shows a contact.
    new = items[stay:].select("item_id", "account_key").with_row_index("number", stay)
    of_new = new.join(rarest, on="number", how="left", maintain_order="left").select(own_contact("rarest"))
    contact = np.concatenate(
        [items["contact"][:stay].fill_null(0).to_numpy(), np.zeros(items.height - stay, np.uint64)]
    )
    contact[stay:] = of_new.to_series().to_numpy()
    rarest = rarest.filter(pl.col("number") < stay)
    number, now = rarest["number"].to_numpy(), rarest["rarest"].to_numpy()
    others = contact[number] != now
    contact[number] = now
    return pl.Series("contact", contact), number[others]


def contacts_in_rises(notes: Notes, risen: np.ndarray) -> ShownContacts:
    """The contacts of the items in a rise (rising numbers), named by the numbers of identifiers."""
    mentions, columns = notes.mentions, ("item", "identifier")
    shown = picked(mentions, columns, rows_about(mentions["item"], risen))
    shown = shown.filter(pl.Series(notes.of_kinds(CONTACT_KINDS)[shown["identifier"].to_numpy()]))

    def elsewhere(asked: pl.Series) -> pl.DataFrame:
        wanted = marks(notes.identifiers.height, asked)
        rows = picked(mentions, columns, rows_where(mentions, ("identifier",), marked(wanted)))
        items, of_each = np.unique(rows["item"].to_numpy(), return_inverse=True)
        told = notes.in_words(picked(notes.items, ("site", "day", "stands"), items))[of_each]
        return told.with_columns(rows["identifier"].alias("contact")).filter("stands").drop("stands")

    return ShownContacts(
        shown.select(notes.items["item_id"].gather(shown["item"]), contact="identifier"),
        elsewhere,
        notes.in_words(notes.site_days.select("site", "day", "items")),
    )


def _rarest(notes: Notes, item: np.ndarray, identifier: np.ndarray) -> pl.DataFrame:
    """As `context.rarest_of`, of items (rising numbers) and their contacts: number, rarest."""
    uses = notes.identifiers["uses"].to_numpy()[identifier]
    begin = np.flatnonzero(np.diff(item, prepend=-1))
    lengths = np.diff(begin, append=len(item))
    fewest = uses == np.repeat(np.minimum.reduceat(uses, begin), lengths) if len(item) else uses > 0
    several = np.repeat(np.add.reduceat(fewest, begin, dtype=np.int64), lengths) > 1 if len(item) else fewest
    keys = notes.identifiers["identifier_id"]
    alone, tied = fewest & ~several, fewest & several
    shown = pl.DataFrame({"item_id": item[tied], "identifier_id": keys.gather(identifier[tied])})
    return pl.concat(
        [
            pl.DataFrame({"number": item[alone], "rarest": keys.gather(identifier[alone]).hash()}),
            rarest_of(shown.with_columns(pl.lit(0).alias("uses"))).rename(
                {"item_id": "number", "contact": "rarest"}
            ),
        ]
    )

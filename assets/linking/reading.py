"""What linking reads of the items that changed: batch by batch, turned into numbers as soon as it is read.

Keys and kinds of millions of mentions as they stand in the tables take gigabytes; their numbers take a tenth.
"""

import polars as pl

from assets.linking.contacts import TERMS, terms_of, with_contacts
from assets.linking.holders import CLAIMS, claims_of
from assets.linking.merging import (
    CHANGED_IDENTIFIERS,
    CHANGED_ITEMS,
    CHANGED_MENTIONS,
    CHANGED_TERMS,
    ChangedItems,
)
from assets.linking.quoting import may_be_talk
from assets.linking.site_trades import trade
from assets.linking.standing import identifier_number
from assets.linking.text_index import LEAST_SHINGLES
from assets.parsing.changes import Batch, Changes, batches, read_about, read_items
from assets.parsing.packed import packed
from warehouse.parts import PartStore

# The tables about items that linking reads; a unit whose part of one is new has its items looked at again.
ABOUT = ("mentions", "facts")
# What linking reads; the other columns of a million items take gigabytes.
ITEM_COLUMNS = ("item_id", "unit_date", "site", "account", "posted_at", "category", "text")
MENTION_COLUMNS = ("item_id", "identifier_id", "kind", "value", "obscured")
FACT_COLUMNS = ("item_id", "kind", "value", "number", "unit")


def read_changes(store: PartStore, changes: Changes) -> ChangedItems:
    """What linking needs of the changed items, as they stand now."""
    items, mentions = [pl.DataFrame(schema=CHANGED_ITEMS)], [pl.DataFrame(schema=CHANGED_MENTIONS)]
    identifiers, terms = [pl.DataFrame(schema=CHANGED_IDENTIFIERS)], [pl.DataFrame(schema=CHANGED_TERMS)]
    count = 0
    for batch in batches(store, changes.items.drop_nulls("item_table"), ABOUT):
        here = _items(store, batch)
        rows = here.select("item_id").with_row_index("row", offset=count)
        count += here.height
        shown = numbered_mentions(read_about(store, batch, "mentions", MENTION_COLUMNS))
        theirs = of_rows(shown, rows)
        mentions.append(theirs.select(pl.col(name).cast(kind) for name, kind in CHANGED_MENTIONS.items()))
        identifiers.append(shown.select(*CHANGED_IDENTIFIERS).unique("key"))
        facts = read_about(store, batch, "facts", FACT_COLUMNS)
        items.append(with_claims(here, claims_of(facts)))
        stated = terms_of(facts)
        terms.append(of_rows(numbered_terms(stated), rows).select(*CHANGED_TERMS))
    return ChangedItems(
        changes.items.select("item_id"),
        pl.concat(items),
        pl.concat(mentions),
        pl.concat(identifiers).unique("key"),
        pl.concat(terms),
    )


def of_rows(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of `frame` (item_id, …) about these items (row, item_id), with `row` (UInt32)."""
    return frame.join(rows.with_columns(pl.col("row").cast(pl.UInt32)), on="item_id")


def with_claims(items: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """The items with what they claim (`holders.CLAIMS`), as `CHANGED_ITEMS`."""
    return items.join(claims, on="item_id", how="left", maintain_order="left").select(*CHANGED_ITEMS)


def numbered_mentions(mentions: pl.DataFrame) -> pl.DataFrame:
    """Mentions (identifier_id as in the table) with the number of their identifier: the columns of
    `CHANGED_IDENTIFIERS` and `CHANGED_MENTIONS` but row."""
    return (
        packed(mentions, "identifier_id")
        .with_columns(identifier_number().alias("key"))
        .with_columns(pl.col(name).cast(kind) for name, kind in CHANGED_IDENTIFIERS.items())
    )


def numbered_terms(terms: pl.DataFrame) -> pl.DataFrame:
    """Terms (item_id, terms) with the number of the contact that they count as: item_id, contact."""
    stated = terms.select("item_id", pl.lit(TERMS).alias("kind"), pl.col("terms").alias("value"))
    return with_contacts(stated).select("item_id", "contact")


def _items(store: PartStore, batch: Batch) -> pl.DataFrame:
    days = batch.items.select("item_id", "first_seen", "last_seen")
    long_enough = pl.col("text").str.len_chars() >= LEAST_SHINGLES
    of_facts = {name: kind for name, kind in CHANGED_ITEMS.items() if name not in CLAIMS}
    frames = [pl.DataFrame(schema=of_facts)]
    for rows in read_items(store, batch, ITEM_COLUMNS).values():
        frames.append(
            rows.join(days, on="item_id").select(
                *(name for name in of_facts if name != "trade" and not name.startswith("is_")),
                long_enough.fill_null(False).alias("is_compared"),
                may_be_talk(rows.columns),
                trade(rows.columns),
            )
        )
    return pl.concat(frames)

"""The current items: of each item its latest version, with the days on which it was seen.

A listing that stays on a site for weeks is in many units; every later stage wants it once.
"""

import polars as pl

from quality.contract import Contract
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

ITEM_SCHEMA: dict[str, pl.DataType] = {
    "item_id": pl.String(),
    "item_table": pl.String(),
    "source": pl.String(),
    "unit_date": pl.Date(),
    "capture_id": pl.String(),
    "site": pl.String(),
    "url": pl.String(),
    "account": pl.String(),
    "category": pl.String(),
    "posted_at": pl.Datetime("us", "UTC"),
    "first_seen": pl.Date(),
    "last_seen": pl.Date(),
    "title": pl.String(),
    "text": pl.String(),
    "language": pl.String(),
}


def latest(frame: pl.LazyFrame) -> pl.DataFrame:
    """One row per `item_id`: the one of the latest `unit_date`, plus `first_seen` and `last_seen` (Date)."""
    return (
        frame.sort("unit_date", "item_id")
        .with_columns(
            pl.col("unit_date").min().over("item_id").alias("first_seen"),
            pl.col("unit_date").max().over("item_id").alias("last_seen"),
        )
        .unique("item_id", keep="last", maintain_order=True)
        .collect()
    )


def current_table(store: PartStore, table: str) -> pl.DataFrame:
    """The current rows of one item table: its contract's stored columns, `first_seen` and `last_seen`."""
    return latest(store.scan(table, CONTRACTS[table].schema))


def current_items(store: PartStore) -> pl.DataFrame:
    """Current listings and messages in one shape (`ITEM_SCHEMA`)."""
    frames = []
    for table in ("listings", "messages"):
        rows = current_table(store, table)
        added = [pl.lit(table).alias("item_table")]
        if table == "messages":
            added += [pl.lit("message").alias("category"), pl.lit(None, pl.String).alias("title")]
        frames.append(
            rows.with_columns(added).select(pl.col(name).cast(kind) for name, kind in ITEM_SCHEMA.items())
        )
    return pl.concat(frames)


def current_rows(store: PartStore, contract: Contract, items: pl.DataFrame) -> pl.DataFrame:
    """Rows of a table about items (`mentions`, `facts`) that belong to the current version of each item."""
    return (
        store.scan(contract.table, contract.schema)
        .join(items.lazy().select("item_id", "unit_date"), on=["item_id", "unit_date"], how="semi")
        .collect()
    )

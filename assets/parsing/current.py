"""The current items: of each item its latest version, with the days on which it was seen.

A listing that stays on a site for weeks is in many units; every later stage wants it once.
"""

from collections.abc import Collection

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
    rows = frame.collect()
    # Days and places of the rows are sorted, not the rows: they hold whole texts.
    seen = (
        rows.select("item_id", "unit_date", pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
        .sort("unit_date", "item_id", "row")
        .group_by("item_id", maintain_order=True)
        .agg(
            pl.col("unit_date").first().alias("first_seen"),
            pl.col("unit_date").last().alias("last_seen"),
            pl.col("row").last(),
        )
    )
    return rows[seen["row"]].with_columns(seen["first_seen"], seen["last_seen"])


def current_table(store: PartStore, table: str, columns: Collection[str] | None = None) -> pl.DataFrame:
    """The current rows of one item table: its contract's stored columns (or `columns`), `first_seen`, `last_seen`."""
    wanted = None if columns is None else [name for name in CONTRACTS[table].schema if name in columns]
    return latest(store.scan(table, CONTRACTS[table].schema, columns=wanted))


def current_items(store: PartStore, columns: Collection[str] | None = None) -> pl.DataFrame:
    """Current listings and messages in one shape: `ITEM_SCHEMA`, or item_id, unit_date and those of its `columns`.

    Ten million items fit into memory by the columns that a stage reads, not by all of them.
    """
    wanted = set(ITEM_SCHEMA) if columns is None else {"item_id", "unit_date", *columns}
    frames = []
    for table in ("listings", "messages"):
        rows = current_table(store, table, wanted)
        added = [pl.lit(table).alias("item_table")]
        if table == "messages":
            added += [pl.lit("message").alias("category"), pl.lit(None, pl.String).alias("title")]
        frames.append(
            rows.with_columns(added).select(
                pl.col(name).cast(kind) for name, kind in ITEM_SCHEMA.items() if name in wanted
            )
        )
    return pl.concat(frames)


def current_rows(
    store: PartStore,
    contract: Contract,
    items: pl.DataFrame,
    columns: Collection[str] | None = None,
    where: pl.Expr | None = None,
) -> pl.DataFrame:
    """Rows of a table about items (`mentions`, `facts`) that belong to the current version of each item.

    All columns of its contract, or those of `columns`; `where` (of these columns) leaves rows out as they are read.
    """
    wanted = [name for name in contract.schema if columns is None or name in columns]
    read = list(dict.fromkeys([*wanted, "item_id", "unit_date"]))
    rows = store.scan(contract.table, contract.schema, columns=read)
    return (
        (rows if where is None else rows.filter(where))
        .join(items.lazy().select("item_id", "unit_date"), on=["item_id", "unit_date"], how="semi")
        .select(wanted)
        .collect()
    )

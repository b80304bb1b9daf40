"""What changed among the items since a stage last looked, at the cost of what changed.

An item lives in one table and one source (its id is made of them) and is in the unit of each day on which it was seen;
its current version is that of the latest day. So whatever is new of an item came with a unit whose parts are new, or
went with one whose parts are gone: only items of such units, before or now, are looked at. A first look finds all.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl

from assets.parsing.packed import packed
from quality.contract import Contract
from quality.contracts import CONTRACTS
from warehouse.parts import Part, PartStore

ITEM_TABLES = ("listings", "messages")
ABOUT_ITEMS = ("mentions", "facts")
# Rows of items that are read together in a first look: bounds the memory.
BATCH_ROWS = 400_000
FEW_DAYS = 8

PARTS = {"part_id": pl.Int64(), "source": pl.String(), "unit_date": pl.Date()}
UNITS = {"unit": pl.UInt32(), "item_table": pl.String(), "source": pl.String(), "unit_date": pl.Date()}
SIGHTINGS = {"item_id": pl.Binary(), "unit": pl.UInt32()}
CURRENT = {
    "item_id": pl.Binary(),
    "item_table": pl.String(),
    "source": pl.String(),
    "unit_date": pl.Date(),
    "first_seen": pl.Date(),
    "last_seen": pl.Date(),
}


@dataclass(frozen=True)
class Seen:
    """What a stage had looked at: parts (`PARTS`), units by number (`UNITS`), and the units of each item (`SIGHTINGS`,
    keys packed)."""

    parts: pl.DataFrame
    units: pl.DataFrame
    sightings: pl.DataFrame


def nothing_seen() -> Seen:
    """The state before a first look."""
    return Seen(pl.DataFrame(schema=PARTS), pl.DataFrame(schema=UNITS), pl.DataFrame(schema=SIGHTINGS))


@dataclass(frozen=True)
class Changes:
    """`items`: the items of units that are new, made again or gone, where they stand now (`CURRENT`; keys packed; all
    but item_id null where an item is gone). `units`: how many such units. `seen`: the state after this look."""

    items: pl.DataFrame
    units: int
    seen: Seen


@dataclass(frozen=True)
class Batch:
    """Items of a few units, to be read together: `items` (`CURRENT`), `parts` of each table that hold them."""

    items: pl.DataFrame
    parts: dict[str, list[Part]]


def look_for_changes(store: PartStore, seen: Seen, about: Collection[str] = ABOUT_ITEMS) -> Changes:
    """The items whose units, in the tables of items or those `about` them, are not the parts that were seen."""
    parts = [part for table in (*ITEM_TABLES, *about) for part in store.parts(table)]
    now = pl.DataFrame(
        [(part.part_id, part.source, part.unit_date) for part in parts], schema=PARTS, orient="row"
    )
    new = now.join(seen.parts, on="part_id", how="anti")
    gone = seen.parts.join(now, on="part_id", how="anti")
    touched = pl.concat([new, gone]).select("source", "unit_date").unique()
    keys = set(touched.iter_rows())

    old_units = seen.units.join(touched, on=["source", "unit_date"], how="semi")
    new_units, fresh = _sightings(
        store,
        [part for part in parts if part.table in ITEM_TABLES and (part.source, part.unit_date) in keys],
        first=1 + max(seen.units["unit"].to_list(), default=-1),
    )
    before, kept = seen.sightings.clear(), seen.sightings
    if old_units.height:
        before = kept.join(old_units.select("unit"), on="unit", how="semi")
        kept = kept.join(old_units.select("unit"), on="unit", how="anti")
    sightings = pl.concat([kept, fresh])
    units = pl.concat([seen.units.join(old_units.select("unit"), on="unit", how="anti"), new_units])
    ids = pl.concat([before.select("item_id"), fresh.select("item_id")]).unique()
    theirs = sightings
    if ids.height < sightings.height:
        theirs = _of_items(sightings, ids)
    return Changes(
        ids.join(_current(theirs, units), on="item_id", how="left"),
        touched.height,
        Seen(now, units, sightings),
    )


def _of_items(sightings: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The sightings of these items (item_id, …)."""
    return sightings.filter(sightings["item_id"].is_in(items["item_id"].implode()))


def _sightings(store: PartStore, parts: Sequence[Part], first: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The units of these parts, numbered from `first`, and the items in each."""
    numbers: dict[tuple[object, ...], int] = {}
    for part in parts:
        numbers.setdefault((part.table, part.source, part.unit_date), first + len(numbers))
    frames = [pl.DataFrame(schema=SIGHTINGS)]
    for table in ITEM_TABLES:
        for some in _by_rows([part for part in parts if part.table == table]):
            scan = store.scan_parts(some, CONTRACTS[table].schema, columns=["item_id"])
            # A scan gives the rows in the order of its parts.
            units = np.repeat(
                np.array([numbers[(part.table, part.source, part.unit_date)] for part in some], np.uint32),
                [part.rows for part in some],
            )
            rows = packed(scan, "item_id").collect().with_columns(pl.Series("unit", units))
            frames.append(rows.unique())
    units_frame = pl.DataFrame(
        [(number, *unit) for unit, number in numbers.items()], schema=UNITS, orient="row"
    )
    return units_frame, pl.concat(frames)


def _by_rows(parts: Sequence[Part]) -> Iterator[list[Part]]:
    some: list[Part] = []
    for part in parts:
        some.append(part)
        if sum(each.rows for each in some) >= BATCH_ROWS:
            yield some
            some = []
    if some:
        yield some


def _current(sightings: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Where each item was seen last, and its first and last day: `CURRENT`."""
    # An item is in one unit of a day: its table and its source are its own.
    day = pl.col("unit_date").to_physical().cast(pl.Int64)
    of_unit = units.select("unit", (day * 2**32 + pl.col("unit")).alias("day_and_unit"))
    return (
        sightings.join(of_unit, on="unit")
        .group_by("item_id")
        .agg(
            pl.col("day_and_unit").min().alias("first"),
            pl.col("day_and_unit").max().alias("last"),
        )
        .select(
            "item_id",
            (pl.col("first") // 2**32).cast(pl.Int32).cast(pl.Date).alias("first_seen"),
            (pl.col("last") % 2**32).cast(pl.UInt32).alias("unit"),
        )
        .join(units, on="unit")
        .with_columns(pl.col("unit_date").alias("last_seen"))
        .select(*CURRENT)
    )


def batches(
    store: PartStore,
    items: pl.DataFrame,
    about: Collection[str] = ABOUT_ITEMS,
    rows: int = BATCH_ROWS,
) -> Iterator[Batch]:
    """The items (`CURRENT`, none of them gone) in batches of whole units, of about so many rows, day by day, with the
    parts to read."""
    by_unit: dict[tuple[str | None, object], dict[str, list[Part]]] = {}
    days = items["unit_date"].unique().to_list()
    for table in (*ITEM_TABLES, *about):
        # Of a few days the parts are asked for day by day: a table has thousands.
        few = len(days) <= FEW_DAYS
        found = chain.from_iterable(store.parts(table, unit_date=day) for day in days)
        for part in found if few else store.parts(table):
            by_unit.setdefault((part.source, part.unit_date), {}).setdefault(table, []).append(part)
    counted = items.group_by("source", "unit_date").agg(pl.len().alias("rows")).sort("unit_date", "source")
    numbered = counted.with_columns((pl.col("rows").cum_sum() // rows).alias("batch"))
    placed = items.join(numbered.select("source", "unit_date", "batch"), on=["source", "unit_date"])
    for (number,), frame in placed.partition_by("batch", as_dict=True, include_key=False).items():
        held: dict[str, list[Part]] = {}
        for source, day in (
            numbered.filter(pl.col("batch") == number).select("source", "unit_date").iter_rows()
        ):
            for table, parts in by_unit[(source, day)].items():
                held.setdefault(table, []).extend(parts)
        yield Batch(frame, held)


def read_items(store: PartStore, batch: Batch, columns: Sequence[str]) -> dict[str, pl.DataFrame]:
    """The current rows of a batch's items, by table: item_id (packed), unit_date and those of `columns` it has."""
    read = {}
    for table, parts in batch.parts.items():
        if table not in ITEM_TABLES:
            continue
        contract = CONTRACTS[table]
        wanted = [name for name in contract.schema if name in {"item_id", "unit_date", *columns}]
        rows = _rows(store, contract, parts, wanted, batch.items.filter(pl.col("item_table") == table))
        # An item that stands twice in one unit is what it was last.
        read[table] = rows.sort("row").unique("item_id", keep="last", maintain_order=True).drop("row")
    return read


def read_about(store: PartStore, batch: Batch, table: str, columns: Sequence[str]) -> pl.DataFrame:
    """The rows of a table about items (`mentions`, `facts`) that belong to the current versions of a batch's items:
    `columns`, item_id packed."""
    contract = CONTRACTS[table]
    wanted = list(dict.fromkeys([*columns, "item_id", "unit_date"]))
    return _rows(store, contract, batch.parts.get(table, []), wanted, batch.items).select(columns)


def _rows(
    store: PartStore, contract: Contract, parts: Sequence[Part], columns: Sequence[str], items: pl.DataFrame
) -> pl.DataFrame:
    """The rows of these parts about current versions of the items, numbered in order as `row`."""
    return (
        packed(store.scan_parts(parts, contract.schema, columns=columns).with_row_index("row"), "item_id")
        .join(items.lazy().select("item_id", "unit_date"), on=["item_id", "unit_date"], how="semi")
        .collect()
    )

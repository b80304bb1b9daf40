"""What changed in a table of replaced rows since a reader last looked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from warehouse.parts import PartStore
from warehouse.row_replacement import REMOVALS, ROW


@dataclass(frozen=True)
class ChangedRows:
    """Rows that came and rows that went; a row that was replaced is in both, though it may be equal."""

    added: pl.DataFrame
    removed: pl.DataFrame


def newest_part(store: PartStore, table: str) -> int | None:
    """The `part_id` by which a reader of a table remembers how far it has come; None of a table without parts.

    What names the rows that a commit replaced is a part, too, and comes after the new rows.
    """
    parts, removals = store.parts_and_removals(table)
    return max((part.part_id for part in (*parts, *removals)), default=None)


def changed_rows(
    store: PartStore,
    table: str,
    schema: Mapping[str, pl.DataType],
    *,
    since: int,
    columns: Sequence[str] | None = None,
) -> ChangedRows | None:
    """The rows of a table without units that came and went since `newest_part` was `since`.

    Both with the columns of `schema`, or those of `columns`. None where that cannot be told, as the table was written
    anew meanwhile: read all of it. Rows that went cost no reading of the parts they were in where `columns` are among
    those they were found by.
    """
    parts, removals = store.parts_and_removals(table)
    if since not in (part.part_id for part in (*parts, *removals)):
        return None
    wanted = list(columns) if columns is not None else list(schema)
    new = [part.path for part in parts if part.part_id > since]
    old = {part.path for part in parts if part.part_id <= since}
    nothing = pl.DataFrame(schema=schema).select(wanted)
    added, removed, left = [nothing], [nothing], [pl.DataFrame(schema=REMOVALS)]
    for part in removals:
        # What was gone when the reader looked is not gone since.
        if part.part_id <= since:
            continue
        gone = pl.read_parquet(store.home / part.path)
        named = gone.select(*REMOVALS)
        # What went from a part that is new itself came and went since.
        left.append(named.filter(pl.col("path").is_in(new)))
        if set(wanted) <= set(gone.columns):
            removed.append(gone.filter(pl.col("path").is_in(old)).select(wanted))
            continue
        for (path,), rows in (
            named.filter(pl.col("path").is_in(old)).partition_by("path", as_dict=True).items()
        ):
            removed.append(_rows(store, str(path), schema, wanted, rows["row"], kept=True))
    without = pl.concat(left)
    for path in new:
        marked = without.filter(pl.col("path") == path)["row"]
        added.append(_rows(store, path, schema, wanted, marked, kept=False))
    return ChangedRows(pl.concat(added), pl.concat(removed))


def _rows(
    store: PartStore,
    path: str,
    schema: Mapping[str, pl.DataType],
    wanted: list[str],
    marked: pl.Series,
    *,
    kept: bool,
) -> pl.DataFrame:
    """The marked rows of a part (`kept`), or all others."""
    rows = pl.scan_parquet(
        store.home / path,
        schema=dict(schema),
        missing_columns="insert",
        extra_columns="ignore",
        row_index_name=ROW,
    )
    is_marked = pl.col(ROW).is_in(marked.cast(pl.get_index_type()).implode())
    return rows.filter(is_marked if kept else ~is_marked).select(wanted).collect()

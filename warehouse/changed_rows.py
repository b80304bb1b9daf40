"""What changed in a table of replaced rows since a reader last looked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from warehouse.parts import PartStore
from warehouse.row_replacement import ROW


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
    anew meanwhile: read all of it.
    """
    parts, removals = store.parts_and_removals(table)
    known = [part for part in parts if part.part_id <= since]
    if since not in (part.part_id for part in (*parts, *removals)):
        return None
    wanted = list(columns) if columns is not None else list(schema)
    new = [part.path for part in parts if part.part_id > since]
    gone: dict[str, list[pl.Series]] = {}
    for part in removals:
        frame = pl.read_parquet(store.home / part.path)
        for (path,), rows in frame.partition_by("path", as_dict=True).items():
            # What went from a part that is new itself came and went since.
            if path in new or part.part_id > since:
                gone.setdefault(str(path), []).append(rows["row"])
    added, removed = (
        [pl.DataFrame(schema=schema).select(wanted)],
        [pl.DataFrame(schema=schema).select(wanted)],
    )
    for path in new:
        added.append(_rows(store, path, schema, wanted, gone.get(path), kept=False))
    for part in known:
        if part.path in gone:
            removed.append(_rows(store, part.path, schema, wanted, gone[part.path], kept=True))
    return ChangedRows(pl.concat(added), pl.concat(removed))


def _rows(
    store: PartStore,
    path: str,
    schema: Mapping[str, pl.DataType],
    wanted: list[str],
    marked: list[pl.Series] | None,
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
    if marked is not None:
        is_marked = pl.col(ROW).is_in(pl.concat(marked).cast(pl.get_index_type()).implode())
        rows = rows.filter(is_marked if kept else ~is_marked)
    return rows.select(wanted).collect()

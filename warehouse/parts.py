"""Parts: Parquet files that commit whole or not at all.

Order of a commit: temporary file → fsync → (write lock) → rename → fsync of the folder → manifest row →
COMMIT. A kill before COMMIT leaves files that no row names; `PartStore.recover` removes them. A kill after it
leaves at most files of replaced parts, which no row names either.
"""

import fcntl
import hashlib
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from warehouse import row_keys
from warehouse.committed import CommittedParts, Part
from warehouse.manifest import Manifest
from warehouse.part_files import (
    CHAINED_TABLE,
    LateColumn,
    PendingFile,
    part_folder,
    remove_if_abandoned,
    sync_path,
    write_rows,
)
from warehouse.row_replacement import (
    ROW,
    gone_rows,
    removal_frame,
    removals_of,
    worth_rewriting,
)

CHAIN_GENESIS = hashlib.sha256(b"stormlantern").hexdigest()
PART_FOLDERS = ("raw", "staged", "quarantine", "core")

_TEMPORARY_SUFFIX = ".tmp"
_SYNCERS = 4


@dataclass(frozen=True)
class PartWrite:
    """Rows to commit. `replace` puts them in the place of the part of (table, source, unit_date); else
    appended.

    With `removes`, which is for tables without units, only rows are replaced: those of the table go that equal a row of
    `removes` or of `frame` in the columns of `removes`.

    `found_by`: columns of which it is known that rows will be replaced by them; what finds these rows is kept beside
    the part (`row_keys`), else made of it when it is first asked for.

    `table` may name a folder inside another (`quarantine/listings`); such a table lives under that folder.
    """

    table: str
    frame: pl.DataFrame
    source: str | None = None
    unit_date: date | None = None
    inputs: str | None = None
    replace: bool = True
    late: LateColumn | None = None
    removes: pl.DataFrame | None = None
    found_by: tuple[str, ...] = ()


class StaleTableError(RuntimeError):
    """Another process changed a table between the search for the rows to replace and the commit: run the step again."""


@dataclass(frozen=True)
class Recovery:
    """What `PartStore.recover` found: files removed, and paths of committed parts whose file is gone."""

    temporary_removed: int
    unmanifested_removed: int
    missing: tuple[str, ...]


class PartStore:
    """The parts under one home folder, and the manifest that names them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for folder in PART_FOLDERS:
            (home / folder).mkdir(parents=True, exist_ok=True)
        self.manifest = Manifest(home / "manifest.db")
        self._committed = CommittedParts(self.manifest)

    def commit(
        self,
        writes: Iterable[PartWrite],
        *,
        run_id: str | None = None,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> list[Part]:
        """Commit all writes, and what `also` does to the manifest, in one transaction; returns the new parts.

        The writes are taken one by one, and the frame of one is let go before the next is asked for. Replaced files are
        deleted after the commit. On any error nothing is committed and the files are removed. Raises `ValueError` for a
        write that would replace captures: these are only ever appended; `StaleTableError` where rows are replaced of a
        table that another process changed meanwhile.
        """
        read: dict[str, tuple[list[Part], list[Part]]] = {}
        pending: list[tuple[PartWrite, PendingFile]] = []
        placed: list[Path] = []
        replaced: list[str] = []
        try:
            # Files are written one after the other, since each thread that compresses bodies keeps 20 MB for itself,
            # and synced side by side: most of the time goes into waiting for that.
            with ThreadPoolExecutor(_SYNCERS) as pool:
                synced = []
                for write in self._to_write(writes, read):
                    pending.append(self._write_temporary(write))
                    del write
                    synced.append(pool.submit(pending[-1][1].sync))
            for future in synced:
                future.result()
            with self.manifest.transaction() as connection:
                for table, (before, _) in read.items():
                    if self.parts(table) != before:
                        raise StaleTableError(
                            f"table {table} was changed by another process: run the step again"
                        )
                parts = []
                for emptied, file in pending:
                    replaced += self._drop_replaced(connection, emptied)
                    parts.append(self._place(connection, emptied, file, placed, run_id))
                for folder in {path.parent for path in placed}:
                    sync_path(folder)
                if also is not None:
                    also(connection)
        except BaseException:
            for path in self._unnamed(placed) + [file.temporary for _, file in pending]:
                path.unlink(missing_ok=True)
            raise
        finally:
            for _, file in pending:
                file.handle.close()
        for name in replaced:
            (self.home / name).unlink(missing_ok=True)
        if replaced:
            row_keys.forget(self.home, replaced)
        for (emptied, _), part in zip(pending, parts, strict=True):
            if emptied.found_by and not (emptied.replace and worth_rewriting({part.path: part.rows}, 0)):
                kinds = {name: emptied.frame.schema[name] for name in emptied.found_by}
                # All is committed; what is kept beside it can be made later, too.
                with suppress(OSError, pl.exceptions.PolarsError):
                    row_keys.kept_keys(self.home, part.path, part.rows, kinds)
        return parts

    def parts(self, table: str, *, source: str | None = None, unit_date: date | None = None) -> list[Part]:
        """The committed parts of a table, oldest first; of one source or one day when given."""
        if source is None and unit_date is None:
            return self._committed.of(table)[table]
        return self._committed.of_unit(table, source, unit_date)

    def scan(
        self,
        table: str,
        schema: Mapping[str, pl.DataType | type[pl.DataType]],
        *,
        source: str | None = None,
        unit_date: date | None = None,
        columns: Sequence[str] | None = None,
    ) -> pl.LazyFrame:
        """The rows of the committed parts with exactly the columns of `schema` (or those of `columns`), in
        its order.

        A column that an older part lacks is null there; a column that `schema` does not name is left out.
        """
        if source is None and unit_date is None:
            parts, removals = self.parts_and_removals(table)
        else:
            parts, removals = self.parts(table, source=source, unit_date=unit_date), []
        frame = self._numbered(parts, removals, schema) if parts else pl.LazyFrame(schema=dict(schema))
        return frame.select(list(columns) if columns is not None else list(schema))

    def scan_parts(
        self,
        parts: Sequence[Part],
        schema: Mapping[str, pl.DataType | type[pl.DataType]],
        *,
        columns: Sequence[str] | None = None,
    ) -> pl.LazyFrame:
        """The rows of some parts of a table with units, as `scan` gives those of all, in the order of the parts."""
        frame = self._numbered(parts, [], schema) if parts else pl.LazyFrame(schema=dict(schema))
        return frame.select(list(columns) if columns is not None else list(schema))

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        parts, removals = self.parts_and_removals(table)
        return sum(part.rows for part in parts) - sum(part.rows for part in removals)

    def made_from(self, table: str) -> str | None:
        """The `inputs` of the newest part of a table without units; None where there is none."""
        parts = self.parts(table)
        return parts[-1].inputs if parts else None

    def parts_and_removals(self, table: str) -> tuple[list[Part], list[Part]]:
        """The parts of a table, and those that name its rows that are gone, as of one moment."""
        removals = removals_of(table)
        parts = self._committed.of(table, removals)
        return parts[table], parts[removals]

    def _numbered(
        self,
        parts: Sequence[Part],
        removals: Sequence[Part],
        schema: Mapping[str, pl.DataType | type[pl.DataType]],
    ) -> pl.LazyFrame:
        """The rows that are there, with `ROW` where some are not or a table is to lose some."""
        rows = pl.scan_parquet(
            [self.home / part.path for part in parts],
            schema=dict(schema),
            missing_columns="insert",
            extra_columns="ignore",
            hive_partitioning=False,
            glob=False,
            row_index_name=ROW if removals else None,
        )
        if not removals:
            return rows
        gone = gone_rows(_sizes(parts), [self.home / part.path for part in removals])
        return rows.filter(~pl.col(ROW).is_in(gone.implode()))

    def _to_write(
        self, writes: Iterable[PartWrite], read: dict[str, tuple[list[Part], list[Part]]]
    ) -> Iterator[PartWrite]:
        """The parts to write. `read` learns how tables stood of which rows are replaced (`parts_and_removals`)."""
        for write in writes:
            if write.table == CHAINED_TABLE and write.replace:
                raise ValueError("captures are never replaced: use PartWrite(..., replace=False)")
            if write.removes is not None and write.table not in read:
                read[write.table] = self.parts_and_removals(write.table)
            parts = self._resolved(write, *read.get(write.table, ([], [])))
            del write
            while parts:
                yield parts.pop(0)

    def _resolved(self, write: PartWrite, parts: list[Part], removals: list[Part]) -> list[PartWrite]:
        """The parts to write: for a replacement of rows the new ones and where the old ones are, or all anew."""
        if write.removes is None:
            return [write]
        if write.source is not None or write.unit_date is not None or write.late is not None:
            raise ValueError(f"table {write.table} has units: replace them, not rows")
        keys = write.removes.columns
        whole = replace(write, removes=None, replace=True, found_by=tuple(keys))
        if not parts:
            return [whole]
        wanted = pl.concat([write.removes, write.frame.select(keys)])
        sizes = _sizes(parts)
        gone = pl.Series(ROW, [], pl.get_index_type())
        if removals:
            gone = gone_rows(sizes, [self.home / part.path for part in removals])
        found = gone.clear()
        if not worth_rewriting(sizes, len(gone)):
            found = row_keys.places_of(
                self.home, sizes, wanted, {name: write.frame.schema[name] for name in keys}
            )
            found = found.filter(~found.is_in(gone.implode()))
        if worth_rewriting(sizes, len(gone) + len(found)):
            kept = self._numbered(parts, removals, write.frame.schema).select(write.frame.columns)
            left = kept.join(wanted.lazy().unique(), on=keys, how="anti", nulls_equal=True).collect()
            return [replace(whole, frame=pl.concat([left, write.frame]))]
        added = [replace(whole, replace=False)]
        if len(found):
            removal = removal_frame(sizes, found)
            added.append(PartWrite(removals_of(write.table), removal, inputs=write.inputs, replace=False))
        return added

    def recover(self) -> Recovery:
        """Remove what interrupted commits left: temporary files without a living writer, files no row
        names.
        """
        temporary = unmanifested = 0
        # The write lock keeps out a commit that has renamed its files but not yet inserted their rows.
        with self.manifest.transaction() as connection:
            known = {row["path"] for row in connection.execute("SELECT path FROM parts")}
            present = set()
            for folder in PART_FOLDERS:
                for file in (self.home / folder).rglob("*"):
                    if not file.is_file():
                        continue
                    name = file.relative_to(self.home).as_posix()
                    present.add(name)
                    if file.name.endswith(_TEMPORARY_SUFFIX):
                        temporary += remove_if_abandoned(file)
                    elif name not in known:
                        file.unlink()
                        unmanifested += 1
            row_keys.forget_others(self.home, known)
        return Recovery(temporary, unmanifested, tuple(sorted(known - present)))

    def _write_temporary(self, write: PartWrite) -> tuple[PartWrite, PendingFile]:
        """The write without its rows, and the file that has them."""
        folder = self.home / part_folder(write.table, write.source, write.unit_date)
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{uuid.uuid4().hex}{_TEMPORARY_SUFFIX}"
        handle = temporary.open("w+b")
        try:
            # The lock tells `recover` of another process that this file's writer is alive; a kill releases
            # it.
            fcntl.flock(handle, fcntl.LOCK_EX)
            write_rows(write.frame, write.late, handle)
            handle.flush()
            emptied = replace(write, frame=write.frame.clear(), late=None, removes=None)
            return emptied, PendingFile(handle, temporary, write.frame.height)
        except BaseException:
            handle.close()
            temporary.unlink(missing_ok=True)
            raise

    def _unnamed(self, placed: list[Path]) -> list[Path]:
        """The files that no row names. An interrupt that arrives just after COMMIT finds its files named."""
        if not placed:
            return []
        named = {row["path"] for row in self.manifest.read().execute("SELECT path FROM parts")}
        return [path for path in placed if path.relative_to(self.home).as_posix() not in named]

    def _drop_replaced(self, connection: sqlite3.Connection, write: PartWrite) -> list[str]:
        if not write.replace:
            return []
        # A table that is written anew has lost no rows.
        names = (write.table, removals_of(write.table))
        key = (*names, write.source, write.unit_date.isoformat() if write.unit_date else None)
        where = "table_name IN (?, ?) AND source IS ? AND unit_date IS ?"
        rows = connection.execute(f"SELECT path FROM parts WHERE {where}", key).fetchall()
        connection.execute(f"DELETE FROM parts WHERE {where}", key)
        return [row["path"] for row in rows]

    def _place(
        self,
        connection: sqlite3.Connection,
        write: PartWrite,
        file: PendingFile,
        placed: list[Path],
        run_id: str | None,
    ) -> Part:
        unit_date = write.unit_date.isoformat() if write.unit_date else None
        # AUTOINCREMENT never gives a number twice, so a path is never reused even after its part was
        # replaced.
        part_id = 1 + _first(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'parts'", ())
        sequence = 1 + _first(
            connection,
            "SELECT max(sequence) FROM parts WHERE table_name = ? AND source IS ? AND unit_date IS ?",
            (write.table, write.source, unit_date),
        )
        number = sequence if write.table == CHAINED_TABLE else part_id
        name = f"{number:06d}-{file.sha256[:8]}.parquet"
        path = part_folder(write.table, write.source, write.unit_date) / name
        file.temporary.rename(self.home / path)
        placed.append(self.home / path)
        chain = None
        if write.table == CHAINED_TABLE:
            row = connection.execute(
                "SELECT chain FROM parts WHERE table_name = ? ORDER BY part_id DESC LIMIT 1", (CHAINED_TABLE,)
            ).fetchone()
            chain = next_chain(row["chain"] if row else CHAIN_GENESIS, file.sha256)
        part = Part(
            part_id=part_id,
            table=write.table,
            source=write.source,
            unit_date=write.unit_date,
            sequence=sequence,
            path=path.as_posix(),
            rows=file.rows,
            bytes=file.size,
            sha256=file.sha256,
            inputs=write.inputs,
            run_id=run_id,
            committed_at=datetime.now(UTC),
            chain=chain,
        )
        connection.execute(
            "INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(part.part_id, part.table, part.source, unit_date, part.sequence, part.path, part.rows),
                *(
                    part.bytes,
                    part.sha256,
                    part.inputs,
                    part.run_id,
                    part.committed_at.isoformat(),
                    part.chain,
                ),
            ),
        )
        return part


def next_chain(previous: str, sha256: str) -> str:
    """The custody link of a captures part: sha256 over the previous link and the part's digest, both as hex
    text.
    """
    return hashlib.sha256((previous + sha256).encode("ascii")).hexdigest()


def _first(connection: sqlite3.Connection, query: str, values: tuple[str | None, ...]) -> int:
    row = connection.execute(query, values).fetchone()
    return int(row[0]) if row is not None and row[0] is not None else 0


def _sizes(parts: Sequence[Part]) -> dict[str, int]:
    """Rows of each part by its path, in order."""
    return {part.path: part.rows for part in parts}

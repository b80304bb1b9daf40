"""Parts: Parquet files that commit whole or not at all.

Order of a commit: temporary file → fsync → (write lock) → rename → fsync of the folder → manifest row →
COMMIT. A kill before COMMIT leaves files that no row names; `PartStore.recover` removes them. A kill after it
leaves at most files of replaced parts, which no row names either.
"""

import fcntl
import hashlib
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl
import pyarrow
import pyarrow.parquet as parquet

from warehouse.manifest import Manifest

STAGED_TABLES = frozenset({"listings", "messages", "documents", "notices", "mentions", "facts", "images"})
CHAINED_TABLE = "captures"
CHAIN_GENESIS = hashlib.sha256(b"stormlantern").hexdigest()
PART_FOLDERS = ("raw", "staged", "quarantine", "core")

_TEMPORARY_SUFFIX = ".tmp"
_SYNCERS = 4
# Small row groups where a column holds whole bodies, so that neither a writer nor a reader of one body holds thousands.
_ROW_GROUP_WITH_BINARY = 500
_ROW_GROUP_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One committed Parquet file. `path` is relative to the home, `bytes` is its size, `sha256` its
    digest.
    """

    part_id: int
    table: str
    source: str | None
    unit_date: date | None
    sequence: int
    path: str
    rows: int
    bytes: int
    sha256: str
    inputs: str | None
    run_id: str | None
    committed_at: datetime
    chain: str | None


@dataclass(frozen=True)
class LateColumn:
    """A Binary column that the frame of a write holds as nulls, and that is read only on its way to disk.

    `read` gives the values for some rows of the frame, in their order; `size` names the column that says how many bytes
    a row's value may have. So a part of any size is written in the memory of one row group.
    """

    name: str
    size: str
    read: Callable[[pl.DataFrame], list[bytes | None]]


@dataclass(frozen=True)
class PartWrite:
    """Rows to commit. `replace` puts them in the place of the part of (table, source, unit_date); else
    appended.

    `table` may name a folder inside another (`quarantine/listings`); such a table lives under that folder.
    """

    table: str
    frame: pl.DataFrame
    source: str | None = None
    unit_date: date | None = None
    inputs: str | None = None
    replace: bool = True
    late: LateColumn | None = None


@dataclass(frozen=True)
class Recovery:
    """What `PartStore.recover` found: files removed, and paths of committed parts whose file is gone."""

    temporary_removed: int
    unmanifested_removed: int
    missing: tuple[str, ...]


@dataclass
class _Pending:
    write: PartWrite
    handle: IO[bytes]
    temporary: Path
    sha256: str = ""
    size: int = 0

    def sync(self) -> None:
        """Wait until the file is on disk; digest what is there."""
        os.fsync(self.handle.fileno())
        self.handle.seek(0)
        self.sha256 = hashlib.file_digest(self.handle, "sha256").hexdigest()  # type: ignore[arg-type]  # opened "w+b"
        self.size = self.handle.tell()


def part_folder(table: str, source: str | None, unit_date: date | None) -> Path:
    """The folder, relative to the home, where parts of a table's unit live."""
    if table == CHAINED_TABLE:
        folder = Path("raw")
    elif table.startswith("quarantine/"):
        folder = Path(table)
    elif table in STAGED_TABLES:
        folder = Path("staged") / table
    else:
        folder = Path("core") / table
    if source is not None:
        folder /= f"source={source}"
    if unit_date is not None:
        folder /= f"date={unit_date.isoformat()}"
    return folder


class PartStore:
    """The parts under one home folder, and the manifest that names them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        for folder in PART_FOLDERS:
            (home / folder).mkdir(parents=True, exist_ok=True)
        self.manifest = Manifest(home / "manifest.db")

    def commit(
        self,
        writes: Sequence[PartWrite],
        *,
        run_id: str | None = None,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> list[Part]:
        """Commit all writes, and what `also` does to the manifest, in one transaction; returns the new parts.

        Replaced files are deleted after the commit. On any error nothing is committed and the files are
        removed. Raises `ValueError` for a write that would replace captures: these are only ever appended.
        """
        for write in writes:
            if write.table == CHAINED_TABLE and write.replace:
                raise ValueError("captures are never replaced: use PartWrite(..., replace=False)")
        pending: list[_Pending] = []
        placed: list[Path] = []
        replaced: list[str] = []
        try:
            # Files are written one after the other, since each thread that compresses bodies keeps 20 MB for itself,
            # and synced side by side: most of the time goes into waiting for that.
            with ThreadPoolExecutor(_SYNCERS) as pool:
                synced = []
                for write in writes:
                    pending.append(self._write_temporary(write))
                    synced.append(pool.submit(pending[-1].sync))
            for future in synced:
                future.result()
            with self.manifest.transaction() as connection:
                parts = []
                for item in pending:
                    replaced += self._drop_replaced(connection, item.write)
                    parts.append(self._place(connection, item, placed, run_id))
                for folder in {path.parent for path in placed}:
                    _sync_folder(folder)
                if also is not None:
                    also(connection)
        except BaseException:
            for path in self._unnamed(placed) + [item.temporary for item in pending]:
                path.unlink(missing_ok=True)
            raise
        finally:
            for item in pending:
                item.handle.close()
        for name in replaced:
            (self.home / name).unlink(missing_ok=True)
        return parts

    def parts(self, table: str, *, source: str | None = None, unit_date: date | None = None) -> list[Part]:
        """The committed parts of a table, oldest first; of one source or one day when given."""
        query, values = "SELECT * FROM parts WHERE table_name = ?", [table]
        if source is not None:
            query, values = query + " AND source = ?", [*values, source]
        if unit_date is not None:
            query, values = query + " AND unit_date = ?", [*values, unit_date.isoformat()]
        rows = self.manifest.read().execute(query + " ORDER BY part_id", values)
        return [_part_of(row) for row in rows]

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
        files = [self.home / part.path for part in self.parts(table, source=source, unit_date=unit_date)]
        if files:
            frame = pl.scan_parquet(
                files,
                schema=dict(schema),
                missing_columns="insert",
                extra_columns="ignore",
                hive_partitioning=False,
                glob=False,
            )
        else:
            frame = pl.LazyFrame(schema=dict(schema))
        return frame.select(list(columns) if columns is not None else list(schema))

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
                        temporary += _remove_if_abandoned(file)
                    elif name not in known:
                        file.unlink()
                        unmanifested += 1
        return Recovery(temporary, unmanifested, tuple(sorted(known - present)))

    def _write_temporary(self, write: PartWrite) -> _Pending:
        folder = self.home / part_folder(write.table, write.source, write.unit_date)
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{uuid.uuid4().hex}{_TEMPORARY_SUFFIX}"
        handle = temporary.open("w+b")
        try:
            # The lock tells `recover` of another process that this file's writer is alive; a kill releases
            # it.
            fcntl.flock(handle, fcntl.LOCK_EX)
            _write_parquet(write, handle)
            handle.flush()
            return _Pending(write, handle, temporary)
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
        key = (write.table, write.source, write.unit_date.isoformat() if write.unit_date else None)
        where = "table_name = ? AND source IS ? AND unit_date IS ?"
        rows = connection.execute(f"SELECT path FROM parts WHERE {where}", key).fetchall()
        connection.execute(f"DELETE FROM parts WHERE {where}", key)
        return [row["path"] for row in rows]

    def _place(
        self, connection: sqlite3.Connection, item: _Pending, placed: list[Path], run_id: str | None
    ) -> Part:
        write = item.write
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
        name = f"{number:06d}-{item.sha256[:8]}.parquet"
        path = part_folder(write.table, write.source, write.unit_date) / name
        item.temporary.rename(self.home / path)
        placed.append(self.home / path)
        chain = None
        if write.table == CHAINED_TABLE:
            row = connection.execute(
                "SELECT chain FROM parts WHERE table_name = ? ORDER BY part_id DESC LIMIT 1", (CHAINED_TABLE,)
            ).fetchone()
            chain = next_chain(row["chain"] if row else CHAIN_GENESIS, item.sha256)
        part = Part(
            part_id=part_id,
            table=write.table,
            source=write.source,
            unit_date=write.unit_date,
            sequence=sequence,
            path=path.as_posix(),
            rows=write.frame.height,
            bytes=item.size,
            sha256=item.sha256,
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


def _part_of(row: sqlite3.Row) -> Part:
    return Part(
        part_id=row["part_id"],
        table=row["table_name"],
        source=row["source"],
        unit_date=date.fromisoformat(row["unit_date"]) if row["unit_date"] else None,
        sequence=row["sequence"],
        path=row["path"],
        rows=row["rows"],
        bytes=row["bytes"],
        sha256=row["sha256"],
        inputs=row["inputs"],
        run_id=row["run_id"],
        committed_at=datetime.fromisoformat(row["committed_at"]),
        chain=row["chain"],
    )


def _write_parquet(write: PartWrite, handle: IO[bytes]) -> None:
    frame = write.frame
    binary = {name for name, kind in frame.schema.items() if kind == pl.Binary}
    if not binary:
        frame.write_parquet(handle, compression="zstd")
        return
    # Dictionaries and minimum/maximum statistics of whole page bodies cost time and space and serve nobody.
    plain = [name for name in frame.columns if name not in binary and not frame.schema[name].is_nested()]
    groups = _row_groups(frame, write.late)
    first = _arrow(next(groups), write.late)
    with parquet.ParquetWriter(
        handle,
        first.schema,
        compression="zstd",
        compression_level=3,
        use_dictionary=plain,
        write_statistics=plain,
    ) as writer:
        writer.write_table(first)
        for group in groups:
            writer.write_table(_arrow(group, write.late))


def _row_groups(frame: pl.DataFrame, late: LateColumn | None) -> Iterator[pl.DataFrame]:
    """The frame in pieces of so many rows or bytes at most, one row at least; one empty piece for an empty frame."""
    sizes = frame[late.size].to_list() if late is not None else [0] * frame.height
    start = held = 0
    for row, size in enumerate(sizes):
        if row > start and (row - start >= _ROW_GROUP_WITH_BINARY or held + size > _ROW_GROUP_BYTES):
            yield frame[start:row]
            start, held = row, 0
        held += size
    yield frame[start:]


def _arrow(frame: pl.DataFrame, late: LateColumn | None) -> pyarrow.Table:
    # The newest types are views of the bytes, not copies of them.
    table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    if late is None:
        return table
    place = table.schema.get_field_index(late.name)
    return table.set_column(place, late.name, _binary_array(late.read(frame)))


def _binary_array(values: list[bytes | None]) -> pyarrow.Array:
    """The values as Arrow's large binary; a single one is not copied. (`pyarrow.array` would import pandas first.)"""
    present = [value for value in values if value is not None]
    data = present[0] if len(present) == 1 else b"".join(present)
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value or b"") for value in values], out=offsets[1:])
    validity = np.packbits([value is not None for value in values], bitorder="little")
    buffers = [pyarrow.py_buffer(validity), pyarrow.py_buffer(offsets), pyarrow.py_buffer(data)]
    return pyarrow.Array.from_buffers(pyarrow.large_binary(), len(values), buffers)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_if_abandoned(file: Path) -> int:
    try:
        with file.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.unlink()
            return 1
    except (BlockingIOError, FileNotFoundError):
        return 0

"""Part files: rows written as Parquet, in the memory of one row group where they hold whole bodies."""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from io import BufferedRandom
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl
import pyarrow
import pyarrow.parquet as parquet

STAGED_TABLES = frozenset({"listings", "messages", "documents", "notices", "mentions", "facts", "images"})
CHAINED_TABLE = "captures"

# Small row groups where a column holds whole bodies, so that neither a writer nor a reader of one body holds thousands.
_ROW_GROUP_WITH_BINARY = 500
_ROW_GROUP_BYTES = 2 * 1024 * 1024
# Rows without bodies are mostly keys of random digits, in which higher levels find nothing: at the library's own level
# (3) such files took twice the time to write, and were 1 to 6 % larger.
LEVEL = 1


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


@dataclass(frozen=True)
class LateColumn:
    """A Binary column that the frame of a write holds as nulls, and that is read only on its way to disk.

    `read` gives the values for some rows of the frame, in their order; `size` names the column that says how many bytes
    a row's value may have. So a part of any size is written in the memory of one row group.
    """

    name: str
    size: str
    read: Callable[[pl.DataFrame], list[bytes | None]]


@dataclass
class PendingFile:
    """A file of so many rows that is written and not yet committed; its digest and size once it is synced."""

    handle: BufferedRandom
    temporary: Path
    rows: int
    sha256: str = ""
    size: int = 0

    def sync(self) -> None:
        """Wait until the file is on disk; digest what is there."""
        os.fsync(self.handle.fileno())
        self.handle.seek(0)
        self.sha256 = hashlib.file_digest(self.handle, "sha256").hexdigest()
        self.size = self.handle.tell()


def write_rows(frame: pl.DataFrame, late: LateColumn | None, handle: IO[bytes]) -> None:
    """Write the frame to the open file as Parquet, its late column group by group."""
    binary = {name for name, kind in frame.schema.items() if kind == pl.Binary}
    if not binary:
        frame.write_parquet(handle, compression="zstd", compression_level=LEVEL)
        return
    # Dictionaries and minimum/maximum statistics of whole page bodies cost time and space and serve nobody.
    plain = [name for name in frame.columns if name not in binary and not frame.schema[name].is_nested()]
    groups = _row_groups(frame, late)
    first = _arrow(next(groups), late)
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
            writer.write_table(_arrow(group, late))


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


def remove_if_abandoned(file: Path) -> int:
    """Remove a temporary file whose writer is dead; how many were removed."""
    try:
        with file.open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.unlink()
            return 1
    except (BlockingIOError, FileNotFoundError):
        return 0


def sync_path(path: Path) -> None:
    """Wait until a file, or a folder's list of files, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

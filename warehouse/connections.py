"""DuckDB connections: opened with the same settings everywhere, closed whatever happens.

Extensions are never fetched, times are shown in UTC. Analysts open the versioned file behind a symlink, never
the symlink itself: DuckDB caches instances by path within a process, so a reader of one fixed name would stay on
the old file after the symlink moved.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb


class NoSnapshotError(FileNotFoundError):
    """Nothing has been published under the home yet."""


def connect(
    file: Path | None = None, *, read_only: bool = False, memory_limit: str | None = None
) -> duckdb.DuckDBPyConnection:
    """An open connection to `file`, or to a database in memory; the caller closes it.

    `memory_limit` is DuckDB's notation (`2GB`); without it DuckDB takes its default share of the machine.
    """
    connection = duckdb.connect(
        str(file) if file is not None else ":memory:",
        read_only=read_only,
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        if memory_limit is not None:
            connection.execute("SET memory_limit = ?", [memory_limit])
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def reading(file: Path, *, memory_limit: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to an existing file, closed at the end of the block."""
    with closing(connect(file, read_only=True, memory_limit=memory_limit)) as connection:
        yield connection


@contextmanager
def writing(
    file: Path | None = None, *, memory_limit: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-write connection (in memory without `file`), closed at the end of the block.

    It locks the file against every other process: never for a published snapshot.
    """
    with closing(connect(file, memory_limit=memory_limit)) as connection:
        yield connection


def newest_snapshot(home: Path, *, restricted: bool = False) -> Path:
    """The versioned file that the home's symlink points to now. Raises `NoSnapshotError` when there is none."""
    link = home / ("restricted.duckdb" if restricted else "warehouse.duckdb")
    file = link.resolve()
    if not file.is_file():
        raise NoSnapshotError(f"no snapshot under {home}: nothing has been published yet (stormlantern run)")
    return file


@contextmanager
def connect_snapshot(
    home: Path, restricted: bool = False, *, memory_limit: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The newest snapshot, read-only: the analysts', or the case officers' when `restricted`.

    Raises `NoSnapshotError` when nothing has been published yet.
    """
    with reading(newest_snapshot(home, restricted=restricted), memory_limit=memory_limit) as connection:
        yield connection

"""Dagster's history, written without a wait for the disk at every event.

Dagster keeps its runs and events in SQLite and opens a connection for each of them. The last connection to close
empties the write-ahead log into the database and removes it, so each event waits for the disk four or five times: a
run of two small sources did so some 8,000 times (`strace -f -e trace=fsync,fdatasync`), and 350 times as it is written
here. While `written_together` lasts, one more connection to each such database stays open, so that the log goes on, and
a commit need not reach the disk before the next begins. SQLite's documentation (pragma synchronous) says what that
gives up: after a power cut, not after a kill, the last events may be missing from the history. What was captured and
committed stands in the home's own manifest, which waits for the disk.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def written_together(folder: Path) -> Iterator[None]:
    """Within it, databases of Dagster below `folder` (its home) are written as the module says, by this process."""
    # SQLite names files by their real paths.
    below = folder.resolve()
    held: dict[str, sqlite3.Connection] = {}

    def opened(connection: Any, _: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        file = connection.execute("PRAGMA database_list").fetchone()[2]
        if not Path(file).is_relative_to(below):
            return
        connection.execute("PRAGMA synchronous=NORMAL")
        if file not in held and connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            # Events come from several threads; this connection only stays open, and is closed by whoever began.
            held[file] = sqlite3.connect(file, check_same_thread=False)
            # A connection takes part in the log from its first statement on.
            held[file].execute("SELECT count(*) FROM sqlite_master").fetchone()

    event.listen(Engine, "connect", opened)
    try:
        yield
    finally:
        event.remove(Engine, "connect", opened)
        for connection in held.values():
            connection.close()

"""The manifest: one SQLite file that says what is committed.

A Parquet file without a row here does not exist for any reader. Other rooms may keep their own bookkeeping
tables in the same file (the crawl frontier does), so that their progress commits together with the parts it
belongs to.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Another process may hold the write lock while it renames and fsyncs a batch of parts; that takes seconds at
# most.
BUSY_TIMEOUT_SECONDS = 60.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS parts (
    part_id      INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name   TEXT NOT NULL,
    source       TEXT,
    unit_date    TEXT,
    sequence     INTEGER NOT NULL,
    path         TEXT NOT NULL UNIQUE,
    rows         INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    sha256       TEXT NOT NULL,
    inputs       TEXT,
    run_id       TEXT,
    committed_at TEXT NOT NULL,
    chain        TEXT
);
CREATE INDEX IF NOT EXISTS parts_by_unit ON parts (table_name, source, unit_date, sequence);
"""


class Manifest:
    """The SQLite manifest at `file`, created when absent. One connection per thread, write-ahead log, full
    sync.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        self._local = threading.local()
        with self.transaction() as connection:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.file, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            # FULL: in WAL mode NORMAL may lose the last commits at a power cut, and a commit here is a
            # promise.
            connection.execute("PRAGMA synchronous=FULL")
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction (`BEGIN IMMEDIATE`): commits at the end of the block, rolls back on any
        exception.
        """
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def read(self) -> sqlite3.Connection:
        """This thread's connection, for selects; rows are `sqlite3.Row`."""
        return self._connection()

    def version(self) -> tuple[object, ...] | None:
        """What this thread's connection sees: another value after every commit, whoever made it.

        None within a transaction of this thread, whose changes may yet be taken back.
        """
        connection = self._connection()
        if connection.in_transaction:
            return None
        # SQLite counts the commits of others by connection, and this connection's changes apart from these.
        (of_others,) = connection.execute("PRAGMA data_version").fetchone()
        return connection, of_others, connection.total_changes

    def close(self) -> None:
        """Close this thread's connection; the next use opens a new one."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

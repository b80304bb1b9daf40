"""The frontier: what a crawl has asked, has still to ask, and will not ask; kept in the manifest's SQLite file.

One crawl of a unit is a round. Answers wait in `landing` until enough of them make a Parquet part. An address is
marked done in the same transaction that lands its answer, so a kill repeats no request whose answer was kept and
loses none that was marked done.
"""

import sqlite3
import time
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import orjson

from assets.capture.rows import CaptureRow, capture_frame, pack, unpack
from warehouse.parts import PartStore, PartWrite

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS rounds (
        round_id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, unit_date TEXT NOT NULL,
        round INTEGER NOT NULL, state TEXT NOT NULL, opened_at TEXT NOT NULL, closed_at TEXT,
        UNIQUE (source, unit_date, round))""",
    """CREATE TABLE IF NOT EXISTS frontier (
        round_id INTEGER NOT NULL, url TEXT NOT NULL, role TEXT NOT NULL, depth INTEGER NOT NULL,
        referrer TEXT, state TEXT NOT NULL, reason TEXT, attempts INTEGER NOT NULL, not_before REAL NOT NULL,
        PRIMARY KEY (round_id, url)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS landing (
        landing_id INTEGER PRIMARY KEY, round_id INTEGER NOT NULL, packed BLOB NOT NULL, body BLOB)""",
    "CREATE INDEX IF NOT EXISTS landing_by_round ON landing (round_id)",
    """CREATE TABLE IF NOT EXISTS validators (
        source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT, last_modified TEXT, capture_id TEXT NOT NULL,
        body_sha256 TEXT, links_json BLOB, PRIMARY KEY (source, url)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS claimed_totals (
        source TEXT NOT NULL, url TEXT NOT NULL, total INTEGER NOT NULL, PRIMARY KEY (source, url)) WITHOUT ROWID""",
    # Units whose run has not ended yet. A row that another run finds was left by a killed one.
    """CREATE TABLE IF NOT EXISTS under_way (
        source TEXT NOT NULL, unit_date TEXT NOT NULL, run_id TEXT NOT NULL, after_round INTEGER NOT NULL,
        PRIMARY KEY (source, unit_date)) WITHOUT ROWID""",
)
# One transaction of leftovers at a time, so that recovering a large crawl stays small in memory.
_RECOVERY_ROWS = 500


@dataclass(frozen=True, slots=True)
class Round:
    """One crawl of a unit: its key in the manifest, its number on that day, and whether it was begun before."""

    round_id: int
    number: int
    resumed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """An address of the frontier as stored. `not_before` is in seconds since 1970."""

    url: str
    role: str
    depth: int
    referrer: str | None
    state: str
    reason: str | None
    attempts: int
    not_before: float


@dataclass(frozen=True, slots=True)
class Validator:
    """What is known of a page from its last complete answer: for conditional requests and for unchanged bodies.

    `capture_id` names the capture that holds the body; `links` are the (address, role) pairs found on the page.
    """

    etag: str | None
    last_modified: str | None
    capture_id: str
    body_sha256: str | None
    links: list[tuple[str, str]]


@dataclass
class Batch:
    """Changes of the frontier that are to land together."""

    rows: list[tuple[int, CaptureRow]] = field(default_factory=list)
    added: list[tuple[int, str, str, int, str | None, str, str | None]] = field(default_factory=list)
    changed: list[tuple[str, str | None, int, float, int, str]] = field(default_factory=list)
    validators: dict[tuple[str, str], Validator] = field(default_factory=dict)
    totals: dict[tuple[str, str], int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows or self.added or self.changed or self.validators)


class Frontier:
    """The crawl's tables in the manifest of a part store."""

    def __init__(self, store: PartStore, run_id: str | None = None) -> None:
        self._store = store
        self._run_id = run_id
        with store.manifest.transaction() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)

    def open_rounds(self, units: Sequence[tuple[str, date]]) -> list[Round]:
        """The open round of each unit (source, day), or a new one; all in one transaction, hence one fsync.

        A new round forgets the frontier of the source's older ones. A round that a killed run had completed counts as
        open: what it asked is not asked again for the sake of the steps that come after the crawl.
        """
        with self._store.manifest.transaction() as connection:
            return [self._open_round(connection, source, day.isoformat()) for source, day in units]

    def _open_round(self, connection: sqlite3.Connection, source: str, day: str) -> Round:
        row = connection.execute(
            "SELECT round_id, round, state FROM rounds WHERE source = ? AND unit_date = ? "
            "ORDER BY round DESC LIMIT 1",
            (source, day),
        ).fetchone()
        goes_on = self._goes_on(connection, (source, day), row)
        if row is not None and goes_on:
            return Round(row["round_id"], row["round"], True)
        number = (row["round"] if row is not None else 0) + 1
        connection.execute(
            "DELETE FROM frontier WHERE round_id IN (SELECT round_id FROM rounds WHERE source = ?)", (source,)
        )
        cursor = connection.execute(
            "INSERT INTO rounds (source, unit_date, round, state, opened_at) VALUES (?, ?, ?, 'open', ?)",
            (source, day, number, datetime.now(UTC).isoformat()),
        )
        assert cursor.lastrowid is not None
        return Round(cursor.lastrowid, number, False)

    def _goes_on(
        self, connection: sqlite3.Connection, unit: tuple[str, str], last: sqlite3.Row | None
    ) -> bool:
        """Note that this run is under way with a unit; whether its last round, reopened if need be, goes on."""
        is_open = last is not None and last["state"] == "open"
        if self._run_id is None:
            return is_open
        left = connection.execute(
            "SELECT after_round FROM under_way WHERE source = ? AND unit_date = ?", unit
        ).fetchone()
        if left is not None and last is not None and not is_open:
            is_open = last["state"] == "complete" and last["round"] > left["after_round"]
            if is_open:
                connection.execute("UPDATE rounds SET state = 'open' WHERE round_id = ?", (last["round_id"],))
        after = 0 if last is None else last["round"] - is_open
        connection.execute(
            "INSERT OR REPLACE INTO under_way VALUES (?, ?, ?, ?)", (*unit, self._run_id, after)
        )
        return is_open

    def end_run(self) -> None:
        """Note that this run has ended, well or badly: its rounds are history, the next run begins new ones."""
        with self._store.manifest.transaction() as connection:
            connection.execute("DELETE FROM under_way WHERE run_id = ?", (self._run_id,))

    def known(self, round_id: int) -> list[Known]:
        """Every address of a round."""
        rows = self._store.manifest.read().execute(
            "SELECT url, role, depth, referrer, state, reason, attempts, not_before FROM frontier "
            "WHERE round_id = ? ORDER BY depth",
            (round_id,),
        )
        return [Known(*row) for row in rows]

    def validator(self, source: str, url: str) -> Validator | None:
        """What is known of a page of a source."""
        row = (
            self._store.manifest.read()
            .execute(
                "SELECT etag, last_modified, capture_id, body_sha256, links_json FROM validators "
                "WHERE source = ? AND url = ?",
                (source, url),
            )
            .fetchone()
        )
        if row is None:
            return None
        links = orjson.loads(zlib.decompress(row["links_json"])) if row["links_json"] else []
        pairs = [(address, role) for address, role in links]
        return Validator(row["etag"], row["last_modified"], row["capture_id"], row["body_sha256"], pairs)

    def claimed_totals(self, source: str) -> dict[str, int]:
        """The totals that answers of an API source have claimed, by address."""
        rows = self._store.manifest.read().execute(
            "SELECT url, total FROM claimed_totals WHERE source = ?", (source,)
        )
        return {row["url"]: row["total"] for row in rows}

    def land(self, batch: Batch) -> None:
        """Commit a batch: answers into `landing`, the frontier and validators beside them."""
        with self._store.manifest.transaction() as connection:
            connection.executemany(
                "INSERT INTO landing (round_id, packed, body) VALUES (?, ?, ?)",
                [(round_id, *pack(row)) for round_id, row in batch.rows],
            )
            self._apply(connection, batch)

    def store_parts(self, units: Iterable[tuple[int, str, date, list[CaptureRow]]]) -> None:
        """Move landed rows, given as (round_id, source, unit_date, rows), from `landing` into Parquet parts."""
        units = [unit for unit in units if unit[3]]
        if not units:
            return
        writes = [
            PartWrite("captures", capture_frame(rows), source, unit_date, replace=False)
            for _, source, unit_date, rows in units
        ]

        def also(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM landing WHERE round_id = ?", [(unit[0],) for unit in units])

        self._store.commit(writes, run_id=self._run_id, also=also)

    def close_rounds(self, closing: Sequence[tuple[int, str]]) -> None:
        """Close rounds, given as (round_id, `complete` or `failed`)."""
        if not closing:
            return
        now = datetime.now(UTC).isoformat()
        with self._store.manifest.transaction() as connection:
            connection.executemany(
                "UPDATE rounds SET state = ?, closed_at = ? WHERE round_id = ?",
                [(state, now, round_id) for round_id, state in closing],
            )

    def recover_landing(self, source: str) -> int:
        """Move what an interrupted crawl of a source left in `landing` into parts; returns the number of rows."""
        moved = 0
        while True:
            rows = self._store.manifest.read().execute(
                "SELECT landing_id, source, unit_date, packed, body FROM landing JOIN rounds USING (round_id) "
                "WHERE source = ? ORDER BY landing_id LIMIT ?",
                (source, _RECOVERY_ROWS),
            )
            units: dict[tuple[str, str], list[CaptureRow]] = {}
            numbers: list[tuple[int]] = []
            for row in rows:
                units.setdefault((row["source"], row["unit_date"]), []).append(
                    unpack(row["packed"], row["body"])
                )
                numbers.append((row["landing_id"],))
            if not numbers:
                return moved
            writes = [
                PartWrite("captures", capture_frame(captures), name, date.fromisoformat(day), replace=False)
                for (name, day), captures in units.items()
            ]

            def also(connection: sqlite3.Connection, landed: list[tuple[int]] = numbers) -> None:
                connection.executemany("DELETE FROM landing WHERE landing_id = ?", landed)

            self._store.commit(writes, run_id=self._run_id, also=also)
            moved += len(numbers)

    def commit_files(self, source: str, unit_date: date, rows: list[CaptureRow], batch: Batch) -> None:
        """Commit imported files as a part at once, with the frontier beside it; large bodies skip `landing`."""
        write = PartWrite("captures", capture_frame(rows), source, unit_date, replace=False)
        self._store.commit(
            [write], run_id=self._run_id, also=lambda connection: self._apply(connection, batch)
        )

    @staticmethod
    def _apply(connection: sqlite3.Connection, batch: Batch) -> None:
        connection.executemany(
            "INSERT OR IGNORE INTO frontier (round_id, url, role, depth, referrer, state, reason, attempts, not_before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)",
            batch.added,
        )
        connection.executemany(
            "UPDATE frontier SET state = ?, reason = ?, attempts = ?, not_before = ? WHERE round_id = ? AND url = ?",
            batch.changed,
        )
        connection.executemany(
            "INSERT OR REPLACE INTO validators VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(source, url, value.etag, value.last_modified, value.capture_id, value.body_sha256),
                    zlib.compress(orjson.dumps(value.links), 1) if value.links else None,
                )
                for (source, url), value in batch.validators.items()
            ],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO claimed_totals VALUES (?, ?, ?)",
            [(source, url, total) for (source, url), total in batch.totals.items()],
        )


def epoch_after(seconds: float) -> float:
    """The moment so many seconds from now, in seconds since 1970: readable by a process that resumes later."""
    return time.time() + seconds

"""The frontier: what a crawl has asked, has still to ask, and will not ask; kept in the manifest's SQLite file.

One crawl of a unit is a round. Answers wait in `landing` until enough of them make a Parquet part. An address is
marked done in the same transaction that lands its answer, so a kill repeats no request whose answer was kept and
loses none that was marked done.
"""

import sqlite3
import time
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from itertools import groupby

import orjson
import polars as pl

from assets.capture.discovery import Role
from assets.capture.rows import CaptureRow, capture_frame, pack, unpack
from assets.capture.spool import Extent, Spool
from warehouse.part_files import LateColumn
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
    # Answers that no part holds yet: the row as JSON, and where in the spool its body lies. No number is given twice,
    # so that numbers name the same answers to whoever has read them.
    """CREATE TABLE IF NOT EXISTS landed (
        landing_id INTEGER PRIMARY KEY AUTOINCREMENT, round_id INTEGER NOT NULL, packed BLOB NOT NULL,
        file TEXT, start INTEGER, length INTEGER)""",
    "CREATE INDEX IF NOT EXISTS landed_by_round ON landed (round_id)",
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
# Rows as Python objects are ten times as large as in a frame.
_ROWS_AT_A_TIME = 500


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
    role: Role
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
        self._spool = Spool(store.home)
        with store.manifest.transaction() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)

    def open_rounds(self, units: Sequence[tuple[str, date]]) -> list[Round]:
        """The open round of each unit (source, day), or a new one; all in one transaction, hence one fsync.

        A new round forgets the frontier of the source's older ones, but not of days that a run is under way with; one
        that was still open is `abandoned`, since nobody knows any more what it asked. A round that a killed run had
        completed counts as open: what it asked is not asked again for the sake of the steps that come after the crawl.
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
        forgotten = [
            (row["round_id"],)
            for row in connection.execute(
                "SELECT round_id FROM rounds LEFT JOIN under_way USING (source, unit_date) "
                "WHERE source = ? AND (run_id IS NULL OR unit_date = ?)",
                (source, day),
            ).fetchall()
        ]
        connection.executemany("DELETE FROM frontier WHERE round_id = ?", forgotten)
        connection.executemany(
            "UPDATE rounds SET state = 'abandoned' WHERE round_id = ? AND state = 'open'", forgotten
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
        """Commit a batch: bodies into the spool, then what names them, the frontier and validators beside them."""
        extents = self._spool.append([row["body"] for _, row in batch.rows])
        landed = [
            (round_id, pack(row), *(extent or (None, None, None)))
            for (round_id, row), extent in zip(batch.rows, extents, strict=True)
        ]
        with self._store.manifest.transaction() as connection:
            connection.executemany(
                "INSERT INTO landed (round_id, packed, file, start, length) VALUES (?, ?, ?, ?, ?)", landed
            )
            self._apply(connection, batch)

    def store_parts(self, units: Sequence[tuple[int, str, date]]) -> int:
        """Move what has landed of rounds, given as (round_id, source, unit_date), into Parquet parts; the rows moved.

        Rounds of one unit stand side by side: a commit gates and writes each unit once. Work and memory are in
        proportion to what has landed since the last time; bodies go from file to file. Raises `RuntimeError`, and moves
        nothing, when another process has moved some of it meanwhile.
        """
        found, bodies, moved = self._landed([round_id for round_id, _, _ in units])
        if not moved:
            return 0
        late = LateColumn("body", "wire_bytes", partial(self._bodies_of, bodies))
        writes: list[PartWrite] = []
        start = 0
        for (source, unit_date), rounds in groupby(units, key=lambda unit: unit[1:]):
            count = sum(moved[round_id][1] for round_id, _, _ in rounds if round_id in moved)
            frame = found.slice(start, count)
            start += count
            if count:
                writes.append(PartWrite("captures", frame, source, unit_date, replace=False, late=late))

        def also(connection: sqlite3.Connection) -> None:
            for round_id, (last, count) in moved.items():
                cursor = connection.execute(
                    "DELETE FROM landed WHERE round_id = ? AND landing_id <= ?", (round_id, last)
                )
                # Else the same answers would be in two parts.
                if cursor.rowcount != count:
                    raise RuntimeError("two crawls work in the same home: end one of them")

        self._store.commit(writes, run_id=self._run_id, also=also)
        self._spool.sweep(self._named_files)
        return found.height

    def _landed(
        self, rounds: Sequence[int]
    ) -> tuple[pl.DataFrame, dict[str, Extent], dict[int, tuple[int, int]]]:
        """What has landed of rounds, in their order: capture rows without bodies; where these lie, by capture; and of
        each round that has any, the last landing and the number of rows.

        One frame for all: each frame takes 200 KB however few rows it has, and a part of it takes nothing.
        """
        frames: list[pl.DataFrame] = []
        captures: list[CaptureRow] = []
        bodies: dict[str, Extent] = {}
        ends: dict[int, tuple[int, int]] = {}
        for round_id in rounds:
            for row in self._store.manifest.read().execute(
                "SELECT landing_id, packed, file, start, length FROM landed WHERE round_id = ? ORDER BY landing_id",
                (round_id,),
            ):
                capture = unpack(row["packed"])
                captures.append(capture)
                if row["file"] is not None:
                    bodies[capture["capture_id"]] = Extent(row["file"], row["start"], row["length"])
                ends[round_id] = (row["landing_id"], ends.get(round_id, (0, 0))[1] + 1)
                if len(captures) == _ROWS_AT_A_TIME:
                    frames.append(capture_frame(captures))
                    captures = []
        return pl.concat([capture_frame(captures[:0]), *frames, capture_frame(captures)]), bodies, ends

    def _bodies_of(self, bodies: dict[str, Extent], frame: pl.DataFrame) -> list[bytes | None]:
        extents = (bodies.get(capture) for capture in frame["capture_id"])
        return [None if extent is None else self._spool.read(extent) for extent in extents]

    def _named_files(self) -> set[str]:
        rows = self._store.manifest.read().execute("SELECT DISTINCT file FROM landed")
        return {row["file"] for row in rows if row["file"]}

    def landed(self) -> tuple[int, int]:
        """How much has landed that no part holds yet: rows, and bytes of bodies."""
        row = (
            self._store.manifest.read()
            .execute("SELECT count(*) AS rows, coalesce(sum(length), 0) AS bytes FROM landed")
            .fetchone()
        )
        return row["rows"], row["bytes"]

    def close(self) -> None:
        """Close the spool, and remove it if all that it held is in parts."""
        self._spool.close()
        self._spool.sweep(self._named_files)

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

    def recover_landing(self, sources: Collection[str]) -> int:
        """Move what interrupted crawls of the sources left into parts; returns the number of rows."""
        rows = self._store.manifest.read().execute(
            "SELECT DISTINCT round_id, source, unit_date FROM landed JOIN rounds USING (round_id) "
            "ORDER BY source, unit_date, round_id"
        )
        left = [
            (row["round_id"], row["source"], date.fromisoformat(row["unit_date"]))
            for row in rows
            if row["source"] in sources
        ]
        moved = self.store_parts(left)
        self._spool.sweep(self._named_files)
        return moved

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

"""Custody: every digest recomputed, from the bytes of one answer to the head of the chain.

What is compared, and with what, is told in docs/custody.md. Nothing here writes to the home: the manifest is opened
read-only, so that a copy of a home on read-only media can be checked as well.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as arrow
import pyarrow.parquet as parquet
from cryptography.x509 import Certificate

from assets.capture.body import BodyError, read_body
from assets.capture.capture_references import reference_faults
from assets.capture.rows import capture_id
from assets.capture.timestamps import stamped_heads, timestamp_faults
from warehouse.part_files import CHAINED_TABLE
from warehouse.parts import CHAIN_GENESIS, PART_FOLDERS, next_chain

# Rows read at a time: with bodies of at most 16 MiB this bounds the memory, and two threads stay busy.
BATCH_ROWS = 64
# A decoded body whose size the row does not state (an error page) may be this large.
DECODED_LIMIT = 256 * 1024 * 1024
# Beyond so many the first tell all there is to tell: the home is another one, or the disk is damaged.
MOST_DIFFERENCES = 1_000

_THREADS = 2
_COLUMNS = (
    "capture_id",
    "source",
    "unit_date",
    "request_url",
    "fetched_at",
    "body",
    "content_encoding",
    "wire_bytes",
    "decoded_bytes",
    "wire_sha256",
    "body_sha256",
)


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was committed.

    `place` is a part's path under the home, or `manifest`; `row` counts from 0 within the part. `kind` is a column
    of `captures`, or what of a part differs: missing, size, sha256, rows, unreadable, chain, sequence, head,
    timestamp. No value of a row is shown but its digests, sizes and ids.
    """

    place: str
    row: int | None
    kind: str
    expected: str | None
    found: str | None

    def __str__(self) -> str:
        where = self.place if self.row is None else f"{self.place} row {self.row}"
        return f"{where}: {self.kind}: expected {self.expected or 'none'}, found {self.found or 'none'}"


@dataclass(frozen=True)
class CustodyProgress:
    """How far a check has come; bytes are those of Parquet files."""

    parts: int
    parts_total: int
    bytes: int
    bytes_total: int
    rows: int
    seconds: float


@dataclass
class CustodyReport:
    """What a check found. `head` is the last link of the chain (its genesis when nothing was captured).

    `rows` counts captures, `bodies` those with a body, `landed` answers that wait in the manifest to become part of
    a file, `unnamed` files that no row of the manifest names. `anchors` tells for each head that was asked for how
    many links the chain has grown since. `stamps` are time-stamps of heads, `stamped_at` the moment that the newest
    states, `signed` whether their signatures could be checked.
    """

    head: str = CHAIN_GENESIS
    links: int = 0
    parts: int = 0
    bytes: int = 0
    rows: int = 0
    bodies: int = 0
    landed: int = 0
    unnamed: int = 0
    seconds: float = 0.0
    stamps: int = 0
    stamped_at: datetime | None = None
    signed: bool = False
    anchors: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    @property
    def intact(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


@dataclass(frozen=True)
class _Entry:
    part_id: int
    table: str
    source: str | None
    unit_date: str | None
    sequence: int
    path: str
    rows: int
    bytes: int
    sha256: str
    chain: str | None


def open_evidence(home: Path) -> sqlite3.Connection:
    """The manifest of a home, read-only. Raises `FileNotFoundError` when there is none."""
    file = home / "manifest.db"
    if not file.exists():
        raise FileNotFoundError(f"no manifest in {home}: nothing was captured there; check --home")
    address = file.resolve().as_uri()
    # A database in WAL mode cannot be read from read-only media unless it is declared unchanging.
    is_alone = not file.with_name(file.name + "-wal").exists()
    for mode in ("mode=ro", "mode=ro&immutable=1") if is_alone else ("mode=ro",):
        connection = sqlite3.connect(f"{address}?{mode}", uri=True, timeout=60.0, isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return connection
        except sqlite3.OperationalError:
            connection.close()
    raise FileNotFoundError(f"the manifest in {home} cannot be read")


def verify_custody(
    home: Path,
    *,
    heads: Sequence[str] = (),
    roots: Sequence[Certificate] = (),
    on_progress: Callable[[CustodyProgress], None] | None = None,
) -> CustodyReport:
    """Recompute every digest of the committed parts of a home; differences come in the order of the chain.

    `heads` are links written down earlier: each must still be a link of the chain, which shows that nothing was cut
    off its end and that it was not written anew. `roots` are certificates that time-stamps must lead to; without any
    their signatures are not checked. Raises `FileNotFoundError` when the home has no manifest.
    """
    with closing(open_evidence(home)) as connection:
        return _Check(home, connection, on_progress).run(heads, roots)


class _Check:
    def __init__(
        self, home: Path, manifest: sqlite3.Connection, on_progress: Callable[[CustodyProgress], None] | None
    ) -> None:
        self._home = home
        self._manifest = manifest
        self._on_progress = on_progress
        self._report = CustodyReport()
        self._started = time.monotonic()
        # One moment of the manifest: a run may be adding parts and time-stamps.
        manifest.execute("BEGIN")
        entries = [_Entry(*row) for row in manifest.execute(_PARTS)]
        self._stamps = stamped_heads(manifest)
        manifest.execute("COMMIT")
        self._captures = [entry for entry in entries if entry.table == CHAINED_TABLE]
        self._others = [entry for entry in entries if entry.table != CHAINED_TABLE]
        self._named = {entry.path for entry in entries}
        self._bytes_total = sum(entry.bytes for entry in entries)
        self._readable: list[str] = []

    def run(self, heads: Sequence[str], roots: Sequence[Certificate]) -> CustodyReport:
        report = self._report
        previous, sequences = CHAIN_GENESIS, dict[tuple[str | None, str | None], int]()
        with ThreadPoolExecutor(_THREADS) as pool:
            for entry in self._captures:
                self._check_link(entry, previous, sequences)
                # After a break the chain is followed from the link as stated, so that each break is told once.
                previous = entry.chain or previous
                if self._check_file(entry):
                    self._check_captures(entry, pool)
                self._step(entry)
        report.head, report.links = previous, len(self._captures)
        self._check_references()
        for entry in self._others:
            self._check_file(entry)
            self._step(entry)
        self._check_heads(heads)
        self._check_timestamps(roots)
        self._count_loose()
        report.seconds = time.monotonic() - self._started
        return report

    # --- the chain -----------------------------------------------------------------------------------------------

    def _check_link(
        self, entry: _Entry, previous: str, sequences: dict[tuple[str | None, str | None], int]
    ) -> None:
        link = next_chain(previous, entry.sha256)
        if entry.chain != link:
            self._differ(entry.path, None, "chain", link, entry.chain)
        unit = (entry.source, entry.unit_date)
        due = sequences.get(unit, 0) + 1
        if entry.sequence != due:
            self._differ(entry.path, None, "sequence", str(due), str(entry.sequence))
        sequences[unit] = entry.sequence

    def _check_heads(self, heads: Sequence[str]) -> None:
        links = [CHAIN_GENESIS, *(entry.chain for entry in self._captures)]
        for head in heads:
            wanted = head.strip().lower()
            if wanted in links:
                self._report.anchors[wanted] = len(links) - 1 - links.index(wanted)
            else:
                self._differ("manifest", None, "head", wanted, self._report.head)

    def _check_timestamps(self, roots: Sequence[Certificate]) -> None:
        stamps = self._stamps
        self._report.stamps = len(stamps)
        self._report.stamped_at = max((stamp.stamped_at for stamp in stamps), default=None)
        self._report.signed = bool(stamps and roots)
        links = {entry.part_id: entry.chain or "" for entry in self._captures}
        places = {entry.part_id: entry.path for entry in self._captures}
        for part_id, expected, found in timestamp_faults(stamps, links, roots):
            self._differ(places.get(part_id, "manifest"), None, "timestamp", expected, found)

    # --- files ---------------------------------------------------------------------------------------------------

    def _check_file(self, entry: _Entry) -> bool:
        """Compare a file with its row of the manifest; whether there is a file to look into."""
        file = self._home / entry.path
        try:
            with file.open("rb") as handle:
                size = file.stat().st_size
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError as error:
            # A part that is not a capture may have been replaced since the manifest was read.
            if entry.table == CHAINED_TABLE or self._is_named_still(entry):
                kind = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
                self._differ(entry.path, None, kind, entry.sha256, None)
            return False
        if digest != entry.sha256:
            if size != entry.bytes:
                self._differ(entry.path, None, "size", str(entry.bytes), str(size))
            self._differ(entry.path, None, "sha256", entry.sha256, digest)
        elif size != entry.bytes:
            self._differ(entry.path, None, "size", str(entry.bytes), str(size))
        return True

    def _is_named_still(self, entry: _Entry) -> bool:
        found = self._manifest.execute("SELECT 1 FROM parts WHERE part_id = ?", (entry.part_id,)).fetchone()
        return found is not None

    # --- captures ------------------------------------------------------------------------------------------------

    def _check_captures(self, entry: _Entry, pool: ThreadPoolExecutor) -> None:
        row = 0
        try:
            with parquet.ParquetFile(self._home / entry.path) as file:
                if file.metadata.num_rows != entry.rows:
                    self._differ(entry.path, None, "rows", str(entry.rows), str(file.metadata.num_rows))
                absent = [name for name in _COLUMNS if name not in file.schema_arrow.names]
                if absent:
                    self._differ(entry.path, None, "unreadable", "columns of captures", "others")
                    return
                for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=list(_COLUMNS)):
                    # Not `to_pylist`: for times with a zone it loads pandas, which takes seconds.
                    rows = _frame_of(batch).to_dicts()
                    checked = pool.map(_row_differences, rows, [entry] * len(rows))
                    for number, faults in enumerate(checked, start=row):
                        for kind, expected, found in faults:
                            self._differ(entry.path, number, kind, expected, found)
                    row += len(rows)
                    self._report.rows += len(rows)
                    self._report.bodies += sum(each["body"] is not None for each in rows)
        except (OSError, arrow.ArrowException, ValueError) as error:
            self._differ(entry.path, row, "unreadable", "a Parquet file", type(error).__name__)
            return
        self._readable.append(entry.path)

    def _check_references(self) -> None:
        quarantined = [entry.path for entry in self._others if entry.table == f"quarantine/{CHAINED_TABLE}"]
        present = [path for path in quarantined if (self._home / path).exists()]
        for path, row, kind, expected, found in reference_faults(self._home, self._readable, present):
            self._differ(path, row, kind, expected, found)

    # --- the account ---------------------------------------------------------------------------------------------

    def _differ(
        self, place: str, row: int | None, kind: str, expected: str | None, found: str | None
    ) -> None:
        if len(self._report.differences) < MOST_DIFFERENCES:
            self._report.differences.append(Difference(place, row, kind, expected, found))

    def _step(self, entry: _Entry) -> None:
        report = self._report
        report.parts += 1
        report.bytes += entry.bytes
        if self._on_progress is not None:
            self._on_progress(
                CustodyProgress(
                    report.parts,
                    len(self._captures) + len(self._others),
                    report.bytes,
                    self._bytes_total,
                    report.rows,
                    time.monotonic() - self._started,
                )
            )

    def _count_loose(self) -> None:
        has_landing = self._manifest.execute("SELECT 1 FROM sqlite_master WHERE name = 'landed'").fetchone()
        if has_landing is not None:
            self._report.landed = self._manifest.execute("SELECT count(*) FROM landed").fetchone()[0]
        names = (
            file.relative_to(self._home).as_posix()
            for folder in PART_FOLDERS
            for file in (self._home / folder).rglob("*.parquet")
        )
        self._report.unnamed = sum(name not in self._named for name in names)


def _frame_of(batch: arrow.RecordBatch) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _row_differences(row: dict[str, Any], entry: _Entry) -> list[tuple[str, str | None, str | None]]:
    """(kind, expected, found) of each value of a capture row that does not follow from the others."""
    return list(_faults_of(row, entry))


def _faults_of(row: dict[str, Any], entry: _Entry) -> Iterator[tuple[str, str | None, str | None]]:
    if row["source"] != entry.source:
        yield "source", entry.source, row["source"]
    day = row["unit_date"].isoformat() if isinstance(row["unit_date"], date) else None
    if day != entry.unit_date:
        yield "unit_date", entry.unit_date, day
    due = capture_id(row["source"], row["request_url"], row["fetched_at"], row["wire_sha256"])
    if row["capture_id"] != due:
        yield "capture_id", due, row["capture_id"]
    body: bytes | None = row["body"]
    if body is None:
        return
    digest = hashlib.sha256(body).hexdigest()
    if row["wire_sha256"] != digest:
        yield "wire_sha256", row["wire_sha256"], digest
    if row["wire_bytes"] != len(body):
        yield "wire_bytes", str(row["wire_bytes"]), str(len(body))
    if row["body_sha256"] is None:
        return
    stated = row["decoded_bytes"]
    try:
        decoded = read_body(body, row["content_encoding"], DECODED_LIMIT if stated is None else stated, 0)
    except BodyError:
        yield "body_sha256", row["body_sha256"], "a body that cannot be decoded"
        return
    if row["body_sha256"] != decoded.sha256:
        yield "body_sha256", row["body_sha256"], decoded.sha256
    if stated is not None and stated != decoded.size:
        yield "decoded_bytes", str(stated), str(decoded.size)


_PARTS = """
SELECT part_id, table_name, source, unit_date, sequence, path, rows, bytes, sha256, chain FROM parts ORDER BY part_id
"""

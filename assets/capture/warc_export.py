"""Captures as WARC records: what was asked, what was answered, what was only seen again, and our own account of it.

Which record says what is told in docs/custody.md.
"""

import hashlib
import importlib.metadata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import polars as pl
import pyarrow.parquet as parquet

from assets.capture.custody import open_evidence
from assets.capture.rows import capture_schema
from assets.capture.warc import (
    FIELDS,
    HTTP_REQUEST,
    HTTP_RESPONSE,
    IDENTICAL_PAYLOAD,
    NOT_MODIFIED,
    ExportError,
    WarcFile,
    WarcRecord,
    WarcSummary,
    fields_block,
    header_block,
    record_id,
    warc_date,
)
from warehouse.part_files import CHAINED_TABLE
from warehouse.parts import CHAIN_GENESIS

FORMAT = "WARC File Format 1.1"
CONFORMS_TO = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
BATCH_ROWS = 64

# Said by the records themselves; all other columns, also those that a later version adds, go into `metadata`.
_IN_RECORDS = frozenset({"body", "request_headers", "response_headers", "part_path", "part_row"})
_ORIGINAL = ("capture_id", "url", "fetched_at", "elapsed_ms", "wire_sha256")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Part:
    path: str
    committed_at: datetime


@dataclass(frozen=True)
class _Evidence:
    """What the manifest says of the selected parts, of all parts, and of the chain."""

    selected: list[_Part]
    paths: list[str]
    head: str
    links: int


def export_warc(home: Path, file: Path, sources: Sequence[str] = (), day: date | None = None) -> WarcSummary:
    """Write the captures of a home, of some sources or of one day (UTC), to a WARC file with mode 0600.

    The same evidence under the same file name gives the same bytes. Raises `FileNotFoundError` when the home or the
    file's folder does not exist, `ExportError` when nothing is selected, or when a body is not the one that was
    committed.
    """
    evidence = _evidence(home, sources, day)
    if not evidence.selected:
        wanted = " ".join([*sources, *([day.isoformat()] if day else [])]) or "any source"
        raise ExportError(f"no captures of {wanted} in {home}")
    originals = _originals(home, evidence)
    with WarcFile(file) as target:
        info = _warcinfo(file.name, evidence, sources, day)
        target.write(info)
        for part in evidence.selected:
            for row, number in _rows(home / part.path):
                for record in capture_records(row, f"{part.path} row {number}", originals, info.record_id):
                    target.write(record)
    return target.summary


def capture_records(row: Row, place: str, originals: Mapping[str, Row], info_id: str) -> Iterator[WarcRecord]:
    """The records of one capture row (contract `captures`): the answer, the request, our account of both.

    `originals` has, by id, the captures that rows name in `same_as_capture_id` (columns `url`, `fetched_at`,
    `elapsed_ms`, `wire_sha256`). `place` goes into the account and into errors. Raises `ExportError` for a body
    that is not the one its digest names.
    """
    shared = [("WARC-Target-URI", _address(row["url"])), ("WARC-Warcinfo-ID", info_id)]
    main = _main_record(row, place, originals, shared)
    concurrent: list[tuple[str, str]] = []
    if main is not None:
        yield main
        concurrent = [("WARC-Concurrent-To", main.record_id)]
    if main is not None and row["method"] != "FILE":
        head = header_block(
            f"{row['method']} {_request_target(row['url'])} HTTP/1.1", orjson.loads(row["request_headers"])
        )
        yield WarcRecord(
            "request", _id(row, "request"), _began(row), [*shared, *concurrent], HTTP_REQUEST, (head,)
        )
    account = [
        (name, _text(value)) for name, value in row.items() if name not in _IN_RECORDS and value is not None
    ]
    yield WarcRecord(
        "metadata",
        _id(row, "metadata"),
        _began(row),
        [*shared, *concurrent],
        FIELDS,
        (fields_block([*account, ("part", place)]),),
    )


def _main_record(
    row: Row, place: str, originals: Mapping[str, Row], shared: list[tuple[str, str]]
) -> WarcRecord | None:
    is_file = row["method"] == "FILE"
    pieces: tuple[bytes, ...] = ()
    headers = list(shared)
    if not is_file:
        if not row["status"]:
            return None  # nothing was answered
        pieces = (header_block(_status_line(row["status"]), orjson.loads(row["response_headers"])),)
        if row["remote_address"]:
            headers.append(("WARC-IP-Address", row["remote_address"].rpartition(":")[0].strip("[]")))
    if row["same_as_capture_id"] is not None:
        return _revisit(row, originals, headers, pieces, None if is_file else HTTP_RESPONSE)
    body: bytes | None = row["body"]
    if body is None:
        # A file that could not be read has no bytes; an answer without a body (304 to nobody's question) has.
        if is_file:
            return None
        body = b""
    digest = hashlib.sha256(body).hexdigest()
    if row["body"] is not None and digest != row["wire_sha256"]:
        raise ExportError(f"{place}: the body is not the one that was committed; run `stormlantern verify`")
    if row["outcome"] == "truncated" and (reason := _truncation(row["error"] or "")):
        headers.append(("WARC-Truncated", reason))
    kind, content_type = ("resource", row["content_type"]) if is_file else ("response", HTTP_RESPONSE)
    return WarcRecord(
        kind,
        _id(row, "capture"),
        _began(row),
        headers,
        content_type or "application/octet-stream",
        (*pieces, body),
        digest,
    )


def _revisit(
    row: Row,
    originals: Mapping[str, Row],
    headers: list[tuple[str, str]],
    pieces: tuple[bytes, ...],
    content_type: str | None,
) -> WarcRecord:
    profile = NOT_MODIFIED if row["outcome"] == "not_modified" else IDENTICAL_PAYLOAD
    headers = [
        *headers,
        ("WARC-Profile", profile),
        ("WARC-Refers-To", record_id(_name(row["same_as_capture_id"], "capture"))),
    ]
    original = originals.get(row["same_as_capture_id"])
    digest = None
    if original is not None:
        headers += [
            ("WARC-Refers-To-Target-URI", _address(original["url"])),
            ("WARC-Refers-To-Date", warc_date(_began(original))),
        ]
        digest = original["wire_sha256"]
    return WarcRecord("revisit", _id(row, "capture"), _began(row), headers, content_type, pieces, digest)


def _warcinfo(name: str, evidence: _Evidence, sources: Sequence[str], day: date | None) -> WarcRecord:
    fields = [
        ("software", f"Stormlantern/{importlib.metadata.version('stormlantern')}"),
        ("format", FORMAT),
        ("conformsTo", CONFORMS_TO),
        ("robots", "RFC 9309 obeyed; verdict and rule in each metadata record"),
        ("description", "Captures as received; contains personal data in clear"),
        ("sources", " ".join(sources) or "all"),
        ("day", day.isoformat() if day else "all"),
        ("custody-chain-head", evidence.head),
        ("custody-chain-links", evidence.links),
    ]
    # Not the clock: the same evidence gives the same file.
    made = max(part.committed_at for part in evidence.selected)
    identity = f"warcinfo:{name}:{evidence.head}:{' '.join(sources)}:{day}"
    return WarcRecord(
        "warcinfo",
        record_id(identity),
        made,
        [("WARC-Filename", quote(name))],
        FIELDS,
        (fields_block(fields),),
    )


def _evidence(home: Path, sources: Sequence[str], day: date | None) -> _Evidence:
    with closing(open_evidence(home)) as manifest:
        rows = manifest.execute(
            "SELECT path, source, unit_date, committed_at, chain FROM parts WHERE table_name = ? ORDER BY part_id",
            (CHAINED_TABLE,),
        ).fetchall()
    selected = [
        _Part(row["path"], datetime.fromisoformat(row["committed_at"]))
        for row in rows
        if (not sources or row["source"] in sources) and (day is None or row["unit_date"] == day.isoformat())
    ]
    head = rows[-1]["chain"] if rows else CHAIN_GENESIS
    return _Evidence(selected, [row["path"] for row in rows], head, len(rows))


def _originals(home: Path, evidence: _Evidence) -> dict[str, Row]:
    """The captures, also those outside of the selection, that selected rows name as holding their body."""

    def scan(paths: list[str], *columns: str) -> pl.LazyFrame:
        schema = capture_schema()
        return pl.scan_parquet(
            [home / path for path in paths],
            schema={name: schema[name] for name in columns},
            missing_columns="insert",
            extra_columns="ignore",
            hive_partitioning=False,
            glob=False,
        )

    wanted = (
        scan([part.path for part in evidence.selected], "same_as_capture_id")
        .select(capture_id=pl.col("same_as_capture_id").drop_nulls().unique())
        .collect()
    )
    if wanted.is_empty():
        return {}
    found = scan(evidence.paths, *_ORIGINAL).join(wanted.lazy(), on="capture_id", how="semi").collect()
    return {row["capture_id"]: row for row in found.iter_rows(named=True)}


def _rows(file: Path) -> Iterator[tuple[Row, int]]:
    number = 0
    with parquet.ParquetFile(file) as table:
        for batch in table.iter_batches(batch_size=BATCH_ROWS):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            for row in frame.iter_rows(named=True):
                yield row, number
                number += 1


def _name(capture_id: str, kind: str) -> str:
    return f"capture:{capture_id}:{kind}"


def _id(row: Row, kind: str) -> str:
    return record_id(_name(row["capture_id"], kind))


def _began(row: Row) -> datetime:
    """When the exchange began: WARC-Date is that moment (ISO 28500:2017, 5.4); a row has its end and its length."""
    fetched_at: datetime = row["fetched_at"]
    return fetched_at - timedelta(milliseconds=row["elapsed_ms"] or 0.0)


def _address(url: str) -> str:
    # Names of files are no addresses yet: spaces and letters beyond ASCII.
    return f"file:{quote(url.removeprefix('file:'), errors='replace')}" if url.startswith("file:") else url


def _request_target(url: str) -> str:
    path = url.partition("#")[0].partition("://")[2]
    start = min((index for mark in "/?" if (index := path.find(mark)) >= 0), default=len(path))
    target = path[start:]
    return target if target.startswith("/") else f"/{target}"


def _status_line(status: int) -> str:
    # The reason phrase means nothing (RFC 9112, 4) and is not in the capture; the registered one helps a reader.
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP/1.1 {status} "


def _truncation(error: str) -> str | None:
    """WARC-Truncated (ISO 28500:2017, 5.13) of a body that stops short; None where only its decoding failed."""
    if error.startswith("body:"):
        return None
    if error.startswith("limit:"):
        return "length"
    return "time" if error.startswith("timeout") else "disconnect"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)

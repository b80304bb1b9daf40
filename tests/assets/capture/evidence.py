"""A small home with every kind of capture, built without a network: for the tests of custody and of exports."""

import gzip
import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from assets.capture.rows import CaptureRow, Origin, as_json, capture_frame, capture_row
from warehouse.parts import Part, PartStore, PartWrite

DAY = date(2026, 3, 1)
START = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
AGENT = "Lanterntest/1.0 (+https://crawler.example/)"
REQUEST = [["Host", "board.example"], ["User-Agent", AGENT], ["Accept", "*/*"]]


def origin(url: str, *, source: str = "board", day: date = DAY, role: str = "item") -> Origin:
    """Where a row of these tests comes from."""
    return Origin(source, day, 1, role, url, f"{source}.example", 1, "http://board.example/", AGENT)


def page(
    asked: str,
    body: bytes | None,
    headers: list[list[str]],
    *,
    at: int = 0,
    decoded: bytes | None = None,
    source: str = "board",
    day: date = DAY,
    **columns: Any,
) -> CaptureRow:
    """A capture of the address `asked`, fetched `at` seconds after START, that took 250 ms."""
    plain = decoded if decoded is not None else body
    values: dict[str, Any] = {
        "status": 200,
        "elapsed_ms": 250.0,
        "request_headers": as_json(REQUEST),
        "response_headers": as_json(headers),
        "content_type": next((value for name, value in headers if name.lower() == "content-type"), None),
        "content_encoding": next((v for name, v in headers if name.lower() == "content-encoding"), None),
        "decoded_bytes": len(plain) if plain is not None else None,
        "body_sha256": hashlib.sha256(plain).hexdigest() if plain is not None else None,
        "remote_address": "127.0.0.1:8080",
        "outcome": "ok",
        **columns,
    }
    return capture_row(origin(asked, source=source, day=day), START + timedelta(seconds=at), body, **values)


def first_rows() -> list[CaptureRow]:
    """Answers of a first round: plain, compressed, chunked, empty, refused, redirected, cut off, failed."""
    html = "<p>Bogotá — zażółć</p>".encode()
    packed = gzip.compress(html * 20, mtime=0)
    return [
        page(
            "http://board.example/plain?b=2&a=1",
            html,
            [
                ["Server", "x"],
                ["ETag", '"1"'],
                ["set-cookie", "a=1"],
                ["set-cookie", "b=2"],
                ["X-Odd", "\xe9  \xff"],
            ],
        ),
        page(
            "http://board.example/packed",
            packed,
            [["Content-Type", "text/html"], ["Content-Encoding", "gzip"], ["Transfer-Encoding", "chunked"]],
            at=1,
            decoded=html * 20,
        ),
        page("http://board.example/empty", b"", [["Content-Length", "0"]], at=2),
        page(
            "http://board.example/gone",
            b"gone\r\n\r\n",
            [],
            at=3,
            status=404,
            outcome="http_error",
            decoded_bytes=None,
        ),
        page(
            "http://board.example/from",
            b"moved here",
            [["Content-Type", "text/plain"]],
            at=4,
            url="https://[2001:db8::7]:8443/to#part",
            remote_address="[2001:db8::7]:8443",
            redirect_chain=as_json(
                [
                    {
                        "url": "http://board.example/from",
                        "status": 302,
                        "location": "https://[2001:db8::7]:8443/to",
                    }
                ]
            ),
        ),
        page(
            "http://board.example/cut",
            b"0123456789",
            [["Content-Length", "99"]],
            at=5,
            outcome="truncated",
            error="limit: body exceeds 10 bytes on the wire",
            body_sha256=None,
            decoded_bytes=None,
        ),
        page(
            "http://board.example/dead",
            None,
            [],
            at=6,
            status=0,
            outcome="failed",
            error="timeout: no answer after 30.0 s",
            remote_address=None,
        ),
    ]


def second_rows(earlier: list[CaptureRow]) -> list[CaptureRow]:
    """A later day: one page not modified, one unchanged, one new with two thousand bytes of everything."""
    plain, packed = earlier[0], earlier[1]
    day = DAY + timedelta(days=1)
    shared = {"day": day, "source": "board"}
    return [
        page(
            plain["request_url"],
            None,
            [["ETag", '"1"'], ["Date", "Mon, 02 Mar 2026 09:30:00 GMT"]],
            at=86_400,
            status=304,
            outcome="not_modified",
            same_as_capture_id=plain["capture_id"],
            body_sha256=plain["body_sha256"],
            **shared,
        ),
        page(
            packed["request_url"],
            None,
            [["Content-Type", "text/html"], ["Content-Encoding", "gzip"]],
            at=86_401,
            outcome="unchanged",
            same_as_capture_id=packed["capture_id"],
            body_sha256=packed["body_sha256"],
            **shared,
        ),
        page(
            "http://board.example/all",
            bytes(range(256)) * 8,
            [["Content-Type", "image/x"]],
            at=86_402,
            **shared,
        ),
    ]


def file_rows() -> list[CaptureRow]:
    """An imported file with an awkward name, and one that was known."""
    shared: dict[str, Any] = {
        "source": "reports",
        "status": 0,
        "method": "FILE",
        "robots_verdict": "not_applicable",
        "remote_address": None,
        "request_headers": "[]",
        "elapsed_ms": 0.0,
    }
    report = page("file:année/report one.pdf", b"%PDF-1.7\r\n\x00\xff", [], at=10, **shared)
    shared.update(
        outcome="unchanged", same_as_capture_id=report["capture_id"], body_sha256=report["body_sha256"]
    )
    return [report, page("file:année/copy.pdf", None, [], at=11, **shared)]


def append(store: PartStore, rows: list[CaptureRow]) -> Part:
    """Commit rows of one unit as one part."""
    write = PartWrite("captures", capture_frame(rows), rows[0]["source"], rows[0]["unit_date"], replace=False)
    return store.commit([write], run_id="test")[0]


def build_evidence(home: Path) -> list[CaptureRow]:
    """Commit three parts of captures and one of another table; returns the capture rows in order."""
    store = PartStore(home)
    earlier, files = first_rows(), file_rows()
    later = second_rows(earlier)
    for rows in (earlier, files, later):
        append(store, rows)
    store.commit([PartWrite("leads", capture_frame(earlier).select("source", "status"))])
    store.manifest.close()
    return [*earlier, *files, *later]

"""WARC 1.1 (ISO 28500:2017): records as bytes, a file of them. What a capture says in records is `warc_export`'s.

Written here rather than by a library because the bytes must be ours to the last: header pairs as received, in
order, and the same file for the same evidence (ids from capture ids, no clock, no time in the gzip header).
"""

import hashlib
import os
import re
import uuid
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO

Pairs = Sequence[tuple[str, str]]

VERSION = b"WARC/1.1\r\n"
# ISO 28500:2017, 6.7.2 and 6.7.3.
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
HTTP_REQUEST = "application/http;msgtype=request"
HTTP_RESPONSE = "application/http;msgtype=response"
FIELDS = "application/warc-fields"

# The transfer-encoding was undone on receipt. Left under its own name the header would make readers look for chunks
# that are not there; Common Crawl and StormCrawler keep it under this name.
RENAMED = {"transfer-encoding": "X-Crawler-Transfer-Encoding"}
GZIP_LEVEL = 6

_GZIP = 31
_BREAKS = re.compile(r"[\r\n]+")


class ExportError(ValueError):
    """Evidence that cannot be exported: nothing selected, or bytes that are not those that were committed."""


@dataclass(frozen=True)
class WarcRecord:
    """One record. `pieces` are the block, in order; `payload_sha256` is in hexadecimal digits."""

    type: str
    record_id: str
    date: datetime
    headers: Pairs = ()
    content_type: str | None = None
    pieces: tuple[bytes, ...] = ()
    payload_sha256: str | None = None


@dataclass
class WarcSummary:
    """What a file holds: records by type, and its size in bytes."""

    records: dict[str, int] = field(default_factory=dict)
    bytes: int = 0


def record_id(name: str) -> str:
    """A WARC-Record-ID that is the same for the same name, on every machine (UUID of version 5)."""
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:stormlantern:{name}')}>"


def warc_date(moment: datetime) -> str:
    """A moment in WARC's form (W3C date and time, UTC, microseconds)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def header_block(first_line: str, pairs: Iterable[Sequence[str]]) -> bytes:
    """An HTTP head: first line, the pairs as received and in order, an empty line.

    `Transfer-Encoding` is renamed (see `RENAMED`). A line break inside of a value, which only a malformed or folded
    header has, becomes a space, so that a value cannot pass for a header.
    """
    lines = [first_line, *(f"{RENAMED.get(name.lower(), name)}: {value}" for name, value in pairs)]
    text = "\r\n".join(_BREAKS.sub(" ", line) for line in lines)
    # Header bytes were read as Latin-1, so this gives them back as they were.
    return text.encode("latin-1", "replace") + b"\r\n\r\n"


def fields_block(fields: Iterable[tuple[str, object]]) -> bytes:
    """`application/warc-fields`: one `name: value` a line, UTF-8."""
    lines = (f"{name}: {_BREAKS.sub(' ', str(value))}\r\n" for name, value in fields)
    return "".join(lines).encode("utf-8", "replace")


def _record_head(record: WarcRecord) -> bytes:
    digest = hashlib.sha256()
    for piece in record.pieces:
        digest.update(piece)
    pairs = [
        ("WARC-Type", record.type),
        ("WARC-Record-ID", record.record_id),
        ("WARC-Date", warc_date(record.date)),
        *record.headers,
    ]
    if record.payload_sha256 is not None:
        pairs.append(("WARC-Payload-Digest", f"sha256:{record.payload_sha256}"))
    pairs.append(("WARC-Block-Digest", f"sha256:{digest.hexdigest()}"))
    if record.content_type is not None:
        pairs.append(("Content-Type", record.content_type))
    pairs.append(("Content-Length", str(sum(len(piece) for piece in record.pieces))))
    return VERSION + fields_block(pairs) + b"\r\n"


class WarcFile:
    """A WARC file that is there whole or not at all, readable by its owner alone. Use as a context manager.

    Each record is a gzip member of its own, so that a reader can start at any; a name that ends in `.warc` gets no
    compression.
    """

    def __init__(self, file: Path) -> None:
        self.summary = WarcSummary()
        self._file = file
        self._temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
        self._is_packed = file.suffix.lower() != ".warc"
        self._handle: IO[bytes] | None = None

    def __enter__(self) -> "WarcFile":
        self._temporary.unlink(missing_ok=True)
        descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._handle = os.fdopen(descriptor, "wb")
        return self

    def write(self, record: WarcRecord) -> None:
        """Append one record."""
        assert self._handle is not None
        packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP) if self._is_packed else None
        for piece in (_record_head(record), *record.pieces, b"\r\n\r\n"):
            self._put(packer.compress(piece) if packer is not None else piece)
        if packer is not None:
            self._put(packer.flush())
        self.summary.records[record.type] = self.summary.records.get(record.type, 0) + 1

    def _put(self, data: bytes) -> None:
        assert self._handle is not None
        self._handle.write(data)
        self.summary.bytes += len(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._handle is not None
        try:
            if kind is None:
                self._handle.flush()
                os.fsync(self._handle.fileno())
                self._temporary.replace(self._file)
        finally:
            self._handle.close()
            self._temporary.unlink(missing_ok=True)

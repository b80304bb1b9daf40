"""Capture rows: an answer in the columns of the `captures` contract.

A row travels as JSON (`pack`, `unpack`), its body apart from it, while it waits to become part of a Parquet file.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
import polars as pl

from quality.contracts import CONTRACTS

CaptureRow = dict[str, Any]

_SCHEMA = CONTRACTS["captures"].schema


def capture_schema() -> dict[str, pl.DataType]:
    """Column types of `captures`."""
    return dict(_SCHEMA)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a row says about its request: the unit, the round, and how the address was found."""

    source: str
    unit_date: date
    round: int
    role: str
    request_url: str
    site: str
    depth: int
    referrer_url: str | None
    crawler: str
    source_sha256: str | None = None


def capture_id(source: str, request_url: str, fetched_at: datetime, wire_sha256: str | None) -> str:
    """First 24 hexadecimal digits of sha256 over source|request_url|fetched_at|wire_sha256."""
    text = f"{source}|{request_url}|{fetched_at.isoformat()}|{wire_sha256 or ''}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def capture_row(
    origin: Origin, fetched_at: datetime, body: bytes | None, wire_sha256: str | None = None, **columns: Any
) -> CaptureRow:
    """A full row; columns that are not given are null. `body` are the wire bytes, digested here if not before."""
    if wire_sha256 is None and body is not None:
        wire_sha256 = hashlib.sha256(body).hexdigest()
    row: CaptureRow = dict.fromkeys(_SCHEMA)
    row.update(
        source=origin.source,
        unit_date=origin.unit_date,
        round=origin.round,
        role=origin.role,
        request_url=origin.request_url,
        url=origin.request_url,
        site=origin.site,
        method="GET",
        status=0,
        fetched_at=fetched_at,
        elapsed_ms=0.0,
        request_headers="[]",
        response_headers="[]",
        body=body,
        wire_bytes=len(body) if body is not None else 0,
        wire_sha256=wire_sha256,
        redirect_chain="[]",
        robots_verdict="allowed",
        attempts=1,
        depth=origin.depth,
        referrer_url=origin.referrer_url,
        crawler=origin.crawler,
        source_sha256=origin.source_sha256,
    )
    unknown = columns.keys() - row.keys()
    if unknown:
        raise KeyError(f"not columns of captures: {sorted(unknown)}")
    row.update(columns)
    row["capture_id"] = capture_id(origin.source, origin.request_url, fetched_at, wire_sha256)
    return row


def as_json(value: object) -> str:
    """Compact JSON text; lone surrogates, which headers can hold, are replaced."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return orjson.dumps(_clean(value)).decode()


def pack(row: CaptureRow) -> bytes:
    """The row without its body as JSON."""
    try:
        return orjson.dumps({**row, "body": None})
    except TypeError:
        return orjson.dumps(_clean({**row, "body": None}))


def unpack(packed: bytes) -> CaptureRow:
    """The inverse of `pack`, the body being null."""
    row: CaptureRow = orjson.loads(packed)
    row["unit_date"] = date.fromisoformat(row["unit_date"])
    row["fetched_at"] = datetime.fromisoformat(row["fetched_at"])
    return row


def capture_frame(rows: Sequence[CaptureRow]) -> pl.DataFrame:
    """The rows as a frame in the types of the contract."""
    return pl.DataFrame({name: [row[name] for row in rows] for name in _SCHEMA}, schema=_SCHEMA, strict=True)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value

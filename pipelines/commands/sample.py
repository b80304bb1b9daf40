"""A sample of a source, for `doctor`: its first page and, where items have pages of their own, the first of those."""

import tempfile
from datetime import date
from pathlib import Path

import polars as pl

from assets.capture.body import BodyError, decode_body
from assets.capture.crawling import crawl
from assets.capture.discovery import Page, discover, starts
from assets.capture.policy import CapturePolicy
from assets.capture.rows import CaptureRow, capture_schema
from assets.capture.single import fetch_one
from assets.capture.source import FOLDER_KINDS, Source
from assets.capture.unit_run import Unit
from assets.parsing.parse import item_roles
from warehouse.parts import PartStore

# An index may lead to another index (by place, by month) before it leads to an item.
MOST_PAGES = 4


def _links(source: Source, row: CaptureRow, limit: int) -> list[tuple[str, str]]:
    if row["body"] is None:
        return []
    try:
        body = decode_body(row["body"], row["content_encoding"], limit)
    except BodyError:
        return []
    page = Page(row["url"], row["role"], body, row["content_type"])
    return [(request.url, request.role) for request in discover(source, page)]


def _web_sample(source: Source, policy: CapturePolicy, url: str | None) -> list[CaptureRow]:
    roles = item_roles(source)
    queue = (
        [(url, "item" if "item" in roles else "index")] if url else [(r.url, r.role) for r in starts(source)]
    )
    rows: list[CaptureRow] = []
    seen: set[str] = set()
    while queue and len(rows) < MOST_PAGES:
        address, role = queue.pop(0)
        if address in seen:
            continue
        seen.add(address)
        rows.append(fetch_one(source, address, policy, role))
        if role in roles and rows[-1]["outcome"] == "ok":
            break
        found = _links(source, rows[-1], policy.max_decoded_bytes)
        queue = [link for link in found if link[1] in roles][:1] + queue + found[:1]
    return rows


def sample_captures(source: Source, policy: CapturePolicy, url: str | None, day: date) -> pl.DataFrame:
    """Captures (contract `captures`) of a few pages, or of the files of a folder; nothing is kept."""
    if source.kind not in FOLDER_KINDS:
        rows = [{**row, "source": source.name, "unit_date": day} for row in _web_sample(source, policy, url)]
        return pl.DataFrame(rows, schema=capture_schema())
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        store = PartStore(Path(folder))
        crawl([Unit(source, day)], store, policy)
        captures = store.scan("captures", capture_schema()).collect()
        store.manifest.close()
    return captures

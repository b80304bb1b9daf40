"""Rows of an invented house, and the part store that they are written into."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from assets.operation import Operation
from assets.publishing.warehouse import Snapshot, publish
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore, PartWrite

DAY_ONE, DAY_TWO, DAY_THREE = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
VICTIM_PHONE, SUSPECT_PHONE, BYSTANDER_PHONE = "+447700900123", "+447700900777", "+33639981234"
VICTIM_URL = "https://ads.test/ad/4711"
KEY = b"an invented key of 32 bytes....."
OPERATION = Operation(
    code="lantern",
    name="Operation Lantern",
    start=DAY_ONE,
    end=DAY_THREE,
    countries=("GB", "RO"),
    crime_areas=("human_trafficking",),
)
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def identity(*parts: object) -> str:
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:24]


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    schema = CONTRACTS[table].schema
    unknown = {name for row in rows for name in row} - set(schema)
    assert not unknown, f"{table} has no column {unknown}"
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def capture(source: str, day: date, url: str, **more: object) -> dict[str, object]:
    fetched = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    digest = hashlib.sha256(f"{url}{day}".encode()).hexdigest()
    row: dict[str, object] = {
        "capture_id": identity(source, url, fetched),
        "source": source,
        "unit_date": day,
        "round": 1,
        "role": "item",
        "request_url": url,
        "url": url,
        "site": url.split("/")[2],
        "method": "GET",
        "status": 200,
        "fetched_at": fetched,
        "elapsed_ms": 12.5,
        "request_headers": "[]",
        "response_headers": "[]",
        "body": b"<p>invented</p>",
        "content_type": "text/html",
        "wire_bytes": 15,
        "decoded_bytes": 15,
        "wire_sha256": digest,
        "body_sha256": digest,
        "redirect_chain": "[]",
        "robots_verdict": "allowed",
        "outcome": "ok",
        "attempts": 1,
        "depth": 1,
        "crawler": "test",
    }
    return row | more


def listing(day: date, number: int, text: str, held: dict[str, object], **more: object) -> dict[str, object]:
    row: dict[str, object] = {
        "item_id": identity("listings", "ads", number),
        "source": "ads",
        "unit_date": day,
        "capture_id": held["capture_id"],
        "site": "ads.test",
        "url": held["url"],
        "external_id": str(number),
        "category": "adult",
        "text": text,
        "title": "invented title",
        "place_text": "London",
        "region": "GB",
        "content_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    return row | more


def mention(item: dict[str, object], kind: str, value: str) -> dict[str, object]:
    return {
        "mention_id": identity(item["item_id"], kind, value),
        "item_id": item["item_id"],
        "item_table": "listings",
        "source": item["source"],
        "unit_date": item["unit_date"],
        "site": item["site"],
        "identifier_id": identity(kind, value),
        "kind": kind,
        "value": value,
        "raw": value,
        "field": "text",
        "span_start": 0,
        "span_end": 5,
        "obscured": False,
        "method": "test",
    }


def lead(kind: str, subject_kind: str, subject_id: str, label: str, score: float) -> dict[str, object]:
    return {
        "lead_id": identity("lantern", kind, subject_id),
        "operation": "lantern",
        "type": kind,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "subject_label": label,
        "score": score,
        "grade": "C3",
        "state": "new",
        "countries": "GB,RO",
        "first_seen": DAY_ONE,
        "last_seen": DAY_TWO,
        "tlp": "AMBER",
        "expires_on": date(2026, 6, 1),
        "indicator_count": 1,
        "evidence_count": 1,
    }


LISTS = (("file:partner", "file"), ("notices:notices", "wanted"), ("notices:lost", "missing"))


def watch_list(name: str, kind: str) -> dict[str, object]:
    return {
        "screening_list_id": identity(name),
        "list_name": name,
        "list_kind": kind,
        "version_sha256": hashlib.sha256(name.encode()).hexdigest(),
        "entry_count": 3,
        "unread_values": 0,
        "query_count": 2,
        "first_checked_on": DAY_TWO,
    }


def check(
    name: str, kind: str, query: str, item: dict[str, object], countries: str | None
) -> dict[str, object]:
    return {
        "screening_check_id": identity(name, query),
        "list_name": name,
        "query_kind": kind,
        "query_id": query,
        "evidence_item_id": item["item_id"],
        "countries": countries,
        "checked_on": DAY_TWO,
    }


def hit(checked: dict[str, object], reference: str | None, notice: object = None) -> dict[str, object]:
    copied = ("screening_check_id", "list_name", "query_kind", "query_id", "evidence_item_id", "countries")
    return {
        **{name: checked[name] for name in copied},
        "screening_hit_id": identity(checked["screening_check_id"], reference, notice),
        "entry_item_id": notice,
        "entry_reference": reference,
        "score": 0.6,
        "strength": "likely",
        "contributions": "phone_equal 0.6",
        "explanation": "phone number equal",
        "first_hit_on": DAY_TWO,
    }


class House:
    """The part store under a home, filled; `publish` publishes it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = PartStore(home)
        self.tables: dict[str, list[dict[str, object]]] = {}

    def write(self, table: str, rows: list[dict[str, object]]) -> None:
        """Replace a table by these rows, part by part."""
        self.tables[table] = rows
        contract = CONTRACTS[table]
        writes = []
        if contract.per_unit:
            units = sorted({(str(row["source"]), row["unit_date"]) for row in rows}, key=str)
            for source, day in units:
                assert isinstance(day, date)
                of_unit = [row for row in rows if (row["source"], row["unit_date"]) == (source, day)]
                writes.append(
                    PartWrite(table, frame(table, of_unit), source, day, replace=table != "captures")
                )
        else:
            writes.append(PartWrite(table, frame(table, rows)))
        self.store.commit(writes)

    def publish(self, now: datetime = NOW, *, key: bytes = KEY, keep: int = 5) -> Snapshot:
        return publish(
            self.store, self.home, run_id="run-1", operation=OPERATION, key=key, now=now, keep=keep
        )

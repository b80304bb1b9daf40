"""An invented house: a part store with a few rows in every table, tied together as a real run ties them.

Two persons matter. `VICTIM_PHONE` stands in an advertisement that evidences a potential victim's lead, posted by
the account `lucia_invented`; `SUSPECT_PHONE` stands in recruiting offers only. A third, `BYSTANDER_PHONE`, is in
an advertisement nobody suspects. Numbers are from ranges reserved for fiction.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from assets.operation import Operation
from assets.publishing.warehouse import Snapshot, publish
from assets.screening.stage import count_screening
from assets.statistics.own_operation import own_operation_tables
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


def furnish(house: House) -> House:
    """Small invented rows in every table."""
    victim_page = capture("ads", DAY_ONE, VICTIM_URL)
    victim_again = capture(
        *("ads", DAY_THREE, VICTIM_URL),
        outcome="not_modified",
        status=304,
        body=None,
        wire_sha256=None,
        body_sha256=None,
        same_as_capture_id=victim_page["capture_id"],
    )
    job_one = capture("ads", DAY_ONE, "https://ads.test/ad/4712")
    job_two = capture("ads", DAY_TWO, "https://ads.test/ad/4712")
    bystander_page = capture("ads", DAY_TWO, "https://ads.test/ad/4713")
    release_page = capture("newsroom", DAY_ONE, "https://news.test/releases/1")
    house.write("captures", [victim_page, victim_again, job_one, job_two, bystander_page, release_page])

    victim = listing(DAY_ONE, 4711, f"call {VICTIM_PHONE}", victim_page, account="lucia_invented")
    old_job = listing(DAY_ONE, 4712, "old words", job_one, account="boss", category="job_offer")
    job = listing(DAY_TWO, 4712, "new words", job_two, account="boss", category="job_offer")
    bystander = listing(DAY_TWO, 4713, "hello", bystander_page, place_text="Leeds 06 39 98 12 34")
    house.write("listings", [victim, old_job, job, bystander])
    document = {
        "item_id": identity("documents", 1),
        "source": "newsroom",
        "unit_date": DAY_ONE,
        "capture_id": release_page["capture_id"],
        "site": "news.test",
        "url": release_page["url"],
        "title": "Twelve arrested",
        "publisher": "news",
        "text": "Twelve arrested in Operation Invented.",
        "published_at": datetime(2026, 2, 20, tzinfo=UTC),
        "language": "en",
        "format": "html",
    }
    house.write("documents", [document])
    message = {
        "item_id": identity("messages", 1),
        "source": "channel",
        "unit_date": DAY_ONE,
        "site": "chat.test",
        "capture_id": job_one["capture_id"],
        "url": "https://chat.test/jobs/5",
        "channel": "jobs",
        "message_id": 5,
        "message_type": "text",
        "text": "work abroad",
        "account": "boss",
        "views": 10,
    }
    house.write("messages", [message])
    notice = {
        "item_id": identity("notices", 1),
        "source": "notices",
        "unit_date": DAY_ONE,
        "site": "notices.test",
        "capture_id": job_one["capture_id"],
        "notice_id": "2026/1",
        "notice_kind": "wanted",
        "name": "INVENTED",
        "forename": "Person",
        "birth_date": "1980-01-02",
        "nationalities": ["RO"],
    }
    house.write("notices", [notice])
    mentions = [
        mention(victim, "phone", VICTIM_PHONE),
        mention(victim, "username", "lucia_invented"),
        mention(victim, "email", "lucia@mail.example"),
        mention(old_job, "phone", "+447700900778"),
        mention(job, "phone", SUSPECT_PHONE),
        mention(job, "url", "https://jobs.test/apply"),
        mention(bystander, "phone", BYSTANDER_PHONE),
    ]
    house.write("mentions", mentions)
    house.write(
        "facts",
        [
            {
                "fact_id": identity("fact", item["item_id"], kind),
                "item_id": item["item_id"],
                "item_table": "listings",
                "source": "ads",
                "unit_date": item["unit_date"],
                "kind": kind,
                "site": "ads.test",
                "value": value,
                "raw": value,
                "field": "text",
                "rule_id": "test",
            }
            for item in (victim, job)
            for kind, value in (("language", "en"), ("place", "London, GB"))
        ],
    )
    house.write(
        "identifiers",
        [
            {
                "identifier_id": row["identifier_id"],
                "kind": row["kind"],
                "value": row["value"],
                "mention_count": 1,
                "item_count": 1,
                "site_count": 1,
                "obscured_count": 0,
                "first_seen": row["unit_date"],
                "last_seen": row["unit_date"],
            }
            for row in mentions
        ],
    )
    boss = identity("actor", "boss")
    house.write(
        "actors",
        [
            {
                "actor_id": boss,
                "item_count": 2,
                "account_count": 2,
                "site_count": 2,
                "sites": "ads.test",
                "identifier_count": 1,
                "first_seen": DAY_ONE,
                "last_seen": DAY_TWO,
            }
        ],
    )
    house.write(
        "actor_members",
        [
            *(
                {
                    "actor_id": boss,
                    "member_kind": "item",
                    "member_id": row["item_id"],
                    "site": row["site"],
                    "account": "boss",
                }
                for row in (job, message)
            ),
            {"actor_id": boss, "member_kind": "identifier", "member_id": identity("phone", SUSPECT_PHONE)},
        ],
    )
    house.write(
        "actor_edges",
        [
            {
                "actor_edge_id": identity("edge"),
                "actor_id": boss,
                "left_item_id": job["item_id"],
                "right_item_id": message["item_id"],
                "reason": "shared_phone",
                "support": 2,
                "share": 0.5,
                "identifier_id": identity("phone", SUSPECT_PHONE),
                "round": 1,
            }
        ],
    )
    house.write(
        "actor_changes",
        [
            {
                "actor_change_id": identity("change"),
                "changed_on": DAY_TWO,
                "run_id": "run-0",
                "actor_id": boss,
                "kind": "merged",
                "other_actor_id": identity("an actor that ended"),
                "items_moved": 1,
                "actor_edge_id": identity("edge"),
                "reason": "shared_phone",
                "identifier_id": identity("phone", SUSPECT_PHONE),
            }
        ],
    )
    house.write(
        "site_links",
        [
            {
                "site_a": "ads.test",
                "site_b": "chat.test",
                "shared_identifiers": 4,
                "shared_actors": 1,
                "shared_controllers": 1,
                "tied_by": "identifiers",
                "expected": 0.1,
                "lift": 40.0,
                "log10_p": -6.2,
                "is_tie": True,
            }
        ],
    )
    house.write(
        "surges",
        [
            {
                "surge_id": identity("surge"),
                "site": "ads.test",
                "place": "London, GB",
                "nationality": "RO",
                "kind": "adult",
                "start_date": DAY_ONE,
                "alarm_date": DAY_TWO,
                "end_date": DAY_THREE,
                "observed": 30,
                "expected": 6.5,
                "ratio": 4.6,
                "statistic": 12.0,
                "actor_count": 5,
                "largest_actor_id": boss,
                "largest_actor_share": 0.6,
                "largest_actor_accounts": 4,
                "rank_score": 21.0,
            }
        ],
    )
    house.write(
        "indicators",
        [
            {
                "indicator_id": name,
                "name": name.replace("_", " "),
                "level": "item",
                "weight": 3.0,
                "citation": "An invented report (2020), p. 1",
                "is_weighted": True,
                "points_to": "x",
            }
            for name in ("claims_to_be_minor", "free_travel")
        ],
    )
    leads = [
        lead("potential_victim", "item", str(victim["item_id"]), "lucia_invented", 6.0),
        lead("potential_recruiter", "actor", boss, "boss", 8.5),
        lead("phone", "identifier", identity("phone", BYSTANDER_PHONE), BYSTANDER_PHONE, 2.0),
        lead("site", "site", "ads.test", "ads.test", 4.0),
    ]
    house.write("leads", leads)
    house.write(
        "lead_reviews",
        [
            {
                "lead_review_id": identity("review"),
                "lead_id": leads[0]["lead_id"],
                "operation": "lantern",
                "reviewed_at": NOW,
                "decision": "in_progress",
                "reviewed_by": "Officer Invented",
                "note": f"Lucia answered on {VICTIM_PHONE}",
                "score": 6.0,
                "evidence_count": 1,
                "evidence_item_ids": [victim["item_id"]],
                "indicator_ids": ["free_travel"],
            }
        ],
    )
    evidence = (victim, job, bystander, bystander)
    house.write(
        "lead_indicators",
        [
            {
                "lead_id": row["lead_id"],
                "indicator_id": "free_travel",
                "contribution": row["score"],
                "occurrences": 1,
                "evidence_item_id": item["item_id"],
                "explanation": "found once",
            }
            for row, item in zip(leads, evidence, strict=True)
        ],
    )
    house.write(
        "lead_evidence",
        [
            {
                "lead_id": row["lead_id"],
                "item_id": item["item_id"],
                "item_table": "listings",
                "capture_id": item["capture_id"],
            }
            for row, item in zip(leads, evidence, strict=True)
        ],
    )
    house.write(
        "units",
        [
            {
                "source": source,
                "unit_date": day,
                "kind": kind,
                "captures": 2,
                "not_modified": 0,
                "errors": 0,
                "items": 2,
                "problems": 0,
                "expected_min": 1,
                "expected_max": 100,
            }
            for source, day, kind in (("ads", DAY_ONE, "listings"), ("newsroom", DAY_ONE, "newsroom"))
        ],
    )
    house.write("screening_lists", [watch_list(name, kind) for name, kind in LISTS])
    looked_up = [
        check("file:partner", "phone", identity("phone", VICTIM_PHONE), victim, "GB"),
        check("file:partner", "phone", identity("phone", SUSPECT_PHONE), job, "GB,RO"),
        check("file:partner", "phone", identity("phone", BYSTANDER_PHONE), bystander, None),
        check("notices:notices", "person", identity("person", "chat.test", "boss"), message, "RO"),
        check("notices:lost", "person", identity("person", "chat.test", "boss"), message, "RO"),
        check("notices:notices", "person", identity("person", "ads.test", "lucia"), victim, "GB"),
    ]
    house.write("screening_checks", looked_up)
    met = [hit(looked_up[number], "P-1") for number in (0, 1)]
    met += [hit(looked_up[number], None, notice["item_id"]) for number in (3, 4, 5)]
    house.write("screening_hits", met)
    counts = count_screening(frame("screening_checks", looked_up), frame("screening_hits", met))
    house.write("screening_counts", counts.to_dicts())
    own_tables = (
        *("leads", "lead_evidence", "listings", "messages", "units"),
        *("screening_lists", "screening_checks", "screening_hits"),
    )
    counted = {table: frame(table, house.tables[table]) for table in own_tables}
    counted["places"] = (
        frame("facts", house.tables["facts"]).filter(kind="place").select("item_id", country="unit")
    )
    own = own_operation_tables(OPERATION, counted, DAY_THREE)
    published = identity("operation", "invented")
    house.write(
        "operations",
        [
            {
                "operation_id": published,
                "name": "Operation Invented",
                "normalised_name": "invented",
                "start_date": "2026-02-01",
                "end_date": "2026-02-05",
                "role": "main",
                "origin": "published",
                "country_count": 2,
                "document_count": 1,
                "lang": "en",
            },
            *own.operations.to_dicts(),
        ],
    )
    house.write(
        "operation_countries",
        [
            *({"operation_id": published, "country": country} for country in ("GB", "RO")),
            *own.operation_countries.to_dicts(),
        ],
    )
    house.write(
        "operation_metrics",
        [
            {
                "operation_metric_id": identity("metric"),
                "operation_id": published,
                "metric": "arrests",
                "value": 12.0,
                "qualifier": "exact",
                "quote": "Twelve arrested",
                "source": "newsroom",
                "document_item_id": document["item_id"],
                "is_best": True,
            },
            *own.operation_metrics.to_dicts(),
        ],
    )
    house.write("operation_conflicts", [])
    house.write(
        "quality_results",
        [
            {
                "quality_result_id": identity("quality"),
                "run_id": "run-1",
                "judged_at": NOW,
                "table_name": "listings",
                "rule": "has_text",
                "severity": "critical",
                "success": False,
                "expectation": "unexpected_rows_expectation",
                "checked": 10,
                "unexpected": 1,
            }
        ],
    )
    house.write(
        "quarantine_counts",
        [
            {
                "table_name": "units",
                "source": "changed",
                "unit_date": DAY_TWO,
                "rows": 1,
                "rule": "items_reach_minimum",
            },
            {"table_name": "listings", "source": "ads", "unit_date": DAY_ONE, "rule": "has_text", "rows": 1},
        ],
    )
    return house


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A furnished house of the test's own, unpublished."""
    return furnish(House(tmp_path / "home"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, Snapshot]:
    """A furnished, published house that the tests of a module share and only read."""
    house = furnish(House(tmp_path_factory.mktemp("published") / "home"))
    return house, house.publish()


@pytest.fixture
def empty_house(tmp_path: Path) -> Callable[[], House]:
    """Makes a house without any part."""
    return lambda: House(tmp_path / "empty")

"""An invented house: a part store with a few rows in every table, tied together as a real run ties them.

Two persons matter. `VICTIM_PHONE` stands in an advertisement that evidences a potential victim's lead, posted by
the account `lucia_invented`; `SUSPECT_PHONE` stands in recruiting offers only. A third, `BYSTANDER_PHONE`, is in
an advertisement nobody suspects. Numbers are from ranges reserved for fiction.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from tests.assets.publishing.furnished_counts import counted, judged, screened
from tests.assets.publishing.house_rows import (
    BYSTANDER_PHONE,
    DAY_ONE,
    DAY_THREE,
    DAY_TWO,
    NOW,
    SUSPECT_PHONE,
    VICTIM_PHONE,
    VICTIM_URL,
    House,
    capture,
    identity,
    lead,
    listing,
    mention,
)


class Items(NamedTuple):
    """Rows of `listings` (the first four), `documents`, `messages` and `notices`."""

    victim: dict[str, object]
    old_job: dict[str, object]
    job: dict[str, object]
    bystander: dict[str, object]
    document: dict[str, object]
    message: dict[str, object]
    notice: dict[str, object]


def furnish(house: House) -> House:
    """Small invented rows in every table."""
    items = _captured(house)
    boss = _linked(house, items)
    _detected(house, items, boss)
    screened(house, items.victim, items.job, items.bystander, items.message, items.notice)
    counted(house, items.document)
    judged(house)
    return house


def _captured(house: House) -> Items:
    """Captures, and what was parsed of them."""
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
    return Items(victim, old_job, job, bystander, document, message, notice)


def _linked(house: House, items: Items) -> str:
    """What items show, and the one actor among them, whose id is given back."""
    mentions = [
        mention(items.victim, "phone", VICTIM_PHONE),
        mention(items.victim, "username", "lucia_invented"),
        mention(items.victim, "email", "lucia@mail.example"),
        mention(items.old_job, "phone", "+447700900778"),
        mention(items.job, "phone", SUSPECT_PHONE),
        mention(items.job, "url", "https://jobs.test/apply"),
        mention(items.bystander, "phone", BYSTANDER_PHONE),
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
            for item in (items.victim, items.job)
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
                for row in (items.job, items.message)
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
                "left_item_id": items.job["item_id"],
                "right_item_id": items.message["item_id"],
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
    return boss


def _detected(house: House, items: Items, boss: str) -> None:
    """Four leads, of which one has been reviewed."""
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
        lead("potential_victim", "item", str(items.victim["item_id"]), "lucia_invented", 6.0),
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
                "evidence_item_ids": [items.victim["item_id"]],
                "indicator_ids": ["free_travel"],
            }
        ],
    )
    evidence = (items.victim, items.job, items.bystander, items.bystander)
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

"""Decisions of people over several days: they hold until there is evidence that their maker did not see."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.detection.reviews import UnknownLead, apply_reviews, record_review
from quality.contracts import CONTRACTS
from quality.contracts.detection import MAX_EVIDENCE
from quality.gate import Blocked
from warehouse.parts import PartStore, PartWrite

DAY = date(2026, 5, 1)
Evidence = dict[str, tuple[int, int]]


class Desk:
    """A store with the leads of the day, as detection would leave them, and the reviewers' decisions."""

    def __init__(self, home: Path) -> None:
        self.store = PartStore(home)
        self.evidence: dict[str, Evidence] = {}

    def detect(self, evidence: dict[str, Evidence], signs: dict[str, set[str]] | None = None) -> pl.DataFrame:
        """Leads by their items, each with (day first seen, signs it shows), and by their indicators."""
        signs = signs or {}
        leads = pl.DataFrame(
            [
                {
                    "lead_id": lead,
                    "operation": "demo",
                    "type": "potential_exploiter",
                    "subject_kind": "actor",
                    "subject_id": lead,
                    "score": 5.0,
                    "state": "new",
                    "tlp": "AMBER",
                    "indicator_count": 1,
                    "evidence_count": len(items),
                }
                for lead, items in evidence.items()
            ]
        )
        leads = pl.concat([pl.DataFrame(schema=CONTRACTS["leads"].schema), leads], how="diagonal_relaxed")
        rows = [
            (lead, item, "listings", "c", shown)
            for lead, items in evidence.items()
            for item, (_, shown) in items.items()
        ]
        lead_evidence = pl.DataFrame(rows, schema=CONTRACTS["lead_evidence"].schema, orient="row")
        lead_indicators = pl.DataFrame(
            [
                (lead, sign, 5.0, 1, None, "words")
                for lead in evidence
                for sign in sorted(signs.get(lead, {"third_party_wording"}))
            ],
            schema=CONTRACTS["lead_indicators"].schema,
            orient="row",
        )
        first_seen = pl.DataFrame(
            [
                (item, DAY + timedelta(days=day))
                for items in evidence.values()
                for item, (day, _) in items.items()
            ],
            schema={"item_id": pl.String, "first_seen": pl.Date},
            orient="row",
        )
        leads = apply_reviews(leads, lead_indicators, lead_evidence, first_seen, self.reviews)
        frames = {"leads": leads, "lead_evidence": lead_evidence, "lead_indicators": lead_indicators}
        self.store.commit([PartWrite(table, frame) for table, frame in frames.items()])
        return leads

    @property
    def reviews(self) -> pl.DataFrame:
        return self.store.scan("lead_reviews", CONTRACTS["lead_reviews"].schema).collect()

    def decide(self, lead: str, decision: str, day: int, by: str = "officer 7") -> str:
        now = datetime(DAY.year, DAY.month, DAY.day, 15, tzinfo=UTC) + timedelta(days=day)
        return record_review(
            self.store, lead, decision=decision, by=by, note="seen it", now=now, run_id="review"
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def states(leads: pl.DataFrame) -> dict[str, tuple[str, int | None]]:
    return {row["lead_id"]: (row["state"], row["new_evidence_count"]) for row in leads.iter_rows(named=True)}


def test_a_closed_lead_reopens_on_new_evidence_only(desk: Desk) -> None:
    first: dict[str, Evidence] = {"a": {"i1": (0, 1)}, "b": {"i2": (0, 1)}, "c": {"i3": (0, 2)}}
    assert states(desk.detect(first)) == dict.fromkeys("abc", ("new", None))
    desk.decide("a", "dismissed", 0)
    desk.decide("b", "in_progress", 0)
    assert states(desk.detect(first)) == {"a": ("dismissed", 0), "b": ("in_progress", 0), "c": ("new", None)}

    # The same subject goes on advertising, without a sign: nothing that the reviewer did not know.
    second = first | {"a": {"i1": (0, 1), "i4": (1, 0)}}
    assert states(desk.detect(second))["a"] == ("dismissed", 0)

    third: dict[str, Evidence] = {
        "a": {"i1": (0, 1), "i4": (1, 0), "i5": (2, 1)},
        "b": {"i2": (0, 1), "i6": (2, 1)},
        "c": {"i3": (0, 2)},
    }
    assert states(desk.detect(third)) == {"a": ("reopened", 1), "b": ("in_progress", 1), "c": ("new", None)}

    # A second look closes it again: what reopened it is known by now.
    desk.decide("a", "confirmed", 2, by="officer 8")
    desk.decide("b", "referred", 2)
    assert states(desk.detect(third)) == {"a": ("confirmed", 0), "b": ("referred", 0), "c": ("new", None)}
    history = desk.reviews.filter(pl.col("lead_id") == "a").sort("reviewed_at")
    assert history["decision"].to_list() == ["dismissed", "confirmed"]
    assert history["evidence_item_ids"].to_list() == [["i1"], ["i1", "i4", "i5"]]


def test_a_sign_that_the_lead_did_not_show_is_new_evidence(desk: Desk) -> None:
    evidence: dict[str, Evidence] = {"a": {"i1": (0, 1)}}
    desk.detect(evidence)
    desk.decide("a", "dismissed", 0)
    found = desk.detect(evidence, {"a": {"third_party_wording", "claimed_age_under_18"}})
    assert states(found) == {"a": ("reopened", 1)}


def test_an_old_item_that_did_not_fit_into_a_full_list_is_not_new(desk: Desk) -> None:
    full: Evidence = {f"i{number}": (0, 1) for number in range(MAX_EVIDENCE)}
    desk.detect({"a": full})
    desk.decide("a", "dismissed", 1)
    others = dict(list(full.items())[1:])
    assert states(desk.detect({"a": others | {"other": (0, 1)}})) == {"a": ("dismissed", 0)}
    assert states(desk.detect({"a": others | {"later": (2, 1)}})) == {"a": ("reopened", 1)}


def test_a_lead_that_was_gone_comes_back_as_it_was_left(desk: Desk) -> None:
    desk.detect({"a": {"i1": (0, 1)}, "b": {"i2": (0, 1)}})
    desk.decide("a", "dismissed", 0)
    desk.detect({"b": {"i2": (0, 1)}})
    assert states(desk.detect({"a": {"i1": (0, 1)}})) == {"a": ("dismissed", 0)}


def test_what_nobody_can_decide_is_refused_and_not_recorded(desk: Desk) -> None:
    desk.detect({"a": {"i1": (0, 1)}})
    with pytest.raises(UnknownLead):
        desk.decide("nobody", "dismissed", 0)
    with pytest.raises(Blocked):
        desk.decide("a", "convicted", 0)
    with pytest.raises(Blocked):
        desk.decide("a", "dismissed", 0, by=" ")
    assert desk.reviews.is_empty()

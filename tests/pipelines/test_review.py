"""`stormlantern review`: decisions enter by the id that analysts see, and nothing else of the house is touched."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from assets.publishing.pseudonyms import keyed_id
from pipelines.cli import Decision, app
from pipelines.house import pseudonym_key
from pipelines.settings import load_settings
from quality.contracts import CONTRACTS
from quality.contracts.detection import DECISIONS
from warehouse.parts import PartStore, PartWrite

LEADS = ("00000000aaaaaaaaaaaaaaaa", "00000000bbbbbbbbbbbbbbbb")


@pytest.fixture
def store(home: Path) -> PartStore:
    """A home with two leads, each with one item and one sign."""
    store = PartStore(home)
    rows = {
        "leads": [
            {"lead_id": lead, "operation": "demo", "score": 5.0, "first_seen": date(2026, 5, 1)}
            for lead in LEADS
        ],
        "lead_evidence": [{"lead_id": lead, "item_id": f"item of {lead}", "signs": 1} for lead in LEADS],
        "lead_indicators": [{"lead_id": lead, "indicator_id": "debt_owed"} for lead in LEADS],
    }
    store.commit(
        [
            PartWrite(table, pl.DataFrame(found, schema=CONTRACTS[table].schema))
            for table, found in rows.items()
        ]
    )
    return store


def reviews(store: PartStore) -> pl.DataFrame:
    return store.scan("lead_reviews", CONTRACTS["lead_reviews"].schema).collect()


def test_a_decision_is_recorded_under_the_id_that_analysts_see(store: PartStore) -> None:
    shown = keyed_id(pseudonym_key(load_settings()), LEADS[0])
    words = [
        "review",
        shown[:8],
        "--decision",
        "dismissed",
        "--by",
        "Officer Invented",
        "--note",
        "a licensed agency",
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "Invented" not in done.output
    again = CliRunner().invoke(app, ["review", LEADS[0], "--decision", "confirmed", "--by", "Officer Other"])
    assert again.exit_code == 0
    found = reviews(store).sort("reviewed_at")
    assert found.select("lead_id", "decision", "reviewed_by", "note").rows() == [
        (LEADS[0], "dismissed", "Officer Invented", "a licensed agency"),
        (LEADS[0], "confirmed", "Officer Other", None),
    ]
    assert found["evidence_item_ids"].to_list() == [[f"item of {LEADS[0]}"]] * 2
    assert found["lead_review_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("given", "words"), [("00000000", "2 leads"), ("ffffffffffff", "no lead"), ("00", "at least")]
)
def test_an_id_of_no_lead_or_of_two_is_refused(store: PartStore, given: str, words: str) -> None:
    done = CliRunner().invoke(app, ["review", given, "--decision", "confirmed", "--by", "Officer Invented"])
    assert done.exit_code == 1
    assert words in done.output
    assert reviews(store).is_empty()


def test_the_words_of_the_command_are_those_of_the_contract() -> None:
    assert tuple(decision.value for decision in Decision) == DECISIONS

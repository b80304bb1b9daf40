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


def _file(folder: Path, *rows: str) -> Path:
    file = folder / "reviews.csv"
    file.write_text("\n".join(("lead_id,decision,by,note,reviewed_at", *rows)) + "\n", encoding="utf-8")
    return file


def test_a_file_of_decisions_is_taken_in_once(store: PartStore, tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        f'{LEADS[0]},dismissed,Officer Invented,"licensed, and known",2026-05-02T10:00:00+02:00',
        f"{LEADS[1][:9]},confirmed,Officer Other,,",
    )
    done = CliRunner().invoke(app, ["review", "--file", str(file)])
    assert done.exit_code == 0, done.output
    assert "2 decisions recorded" in done.output
    first = reviews(store).sort("lead_id")
    assert first.select("lead_id", "decision", "reviewed_by", "note").rows() == [
        (LEADS[0], "dismissed", "Officer Invented", "licensed, and known"),
        (LEADS[1], "confirmed", "Officer Other", None),
    ]
    assert first["reviewed_at"][0].isoformat() == "2026-05-02T08:00:00+00:00"
    again = CliRunner().invoke(app, ["review", "--file", str(file)])
    assert again.exit_code == 0
    assert "0 decisions recorded, 2 known before" in again.output
    assert reviews(store).sort("lead_id").equals(first)


def test_bad_rows_of_a_file_go_to_quarantine_with_a_reason_and_the_others_in(
    store: PartStore, tmp_path: Path
) -> None:
    file = _file(
        tmp_path,
        f"{LEADS[0]},guilty,Officer Invented,,",
        f"{LEADS[0]},confirmed, ,,",
        f"{LEADS[0]},confirmed,Officer Invented,,2026-05-02",
        "ffffffffffff,confirmed,Officer Invented,,",
        f"{LEADS[1]},referred,Officer Invented,,",
    )
    done = CliRunner().invoke(app, ["review", "--file", str(file)])
    assert done.exit_code == 3
    assert "line 2: decision" in done.output
    assert "guilty" not in done.output
    assert "Invented" not in done.output
    assert reviews(store)["lead_id"].to_list() == [LEADS[1]]
    refused = store.scan(
        "quarantine/lead_reviews", {**CONTRACTS["lead_reviews"].schema, "rejected_by": pl.String()}
    ).collect()
    assert sorted(refused["rejected_by"]) == ["by", "decision", "lead_id", "reviewed_at"]


def test_a_file_without_its_columns_is_refused_whole(store: PartStore, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("name;verdict\nx;y\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["review", "--file", str(file)])
    assert done.exit_code == 1
    assert "no column lead_id" in done.output
    both = CliRunner().invoke(app, ["review", LEADS[0], "--file", str(file)])
    assert both.exit_code == 2
    assert reviews(store).is_empty()

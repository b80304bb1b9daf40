"""Whole runs over a web that no part of the house was made for."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.commands.run import EXIT_BLOCKED, EXIT_FAILED, EXIT_PASSED, run
from pipelines.settings import load_settings
from quality.contracts import CONTRACTS
from tests.pipelines.conftest import OFFERS, SmallWeb, offers_source
from warehouse.connections import connect_snapshot

RELEASE = """Operation Grey Heron ends with 42 arrests

15 March 2026. Police of Spain and Portugal arrested 42 suspects in Operation Grey Heron, which ran from 2 to 6
March 2026. Officers searched 17 houses and rescued 9 victims.
"""

# Written by the house itself or by persons; and pictures, which no source of this run asks for.
NEVER_JUDGED_HERE = {"quality_results", "snapshots", "lead_reviews", "images", "image_clusters"}


def count(home: Path, query: str) -> int:
    """One number from the analysts' snapshot."""
    with connect_snapshot(home) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def papers(tmp_path: Path) -> dict[str, object]:
    """A folder source with one release."""
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "heron.txt").write_text(RELEASE, encoding="utf-8")
    return {"kind": "documents", "path": str(folder)}


def start(only: tuple[str, ...] = (), day: date | None = None) -> int:
    """Run the daily operation as the command line does."""
    return run(load_settings(), "daily", only, day)


def test_a_site_and_a_folder_described_in_yaml_become_tables(
    home: Path, small_web: SmallWeb, describe: Callable[..., None], papers: dict[str, object], capsys
):
    describe(offers=offers_source(small_web.address), papers=papers)
    assert start() == EXIT_PASSED
    said = capsys.readouterr()
    assert "Snapshot" in said.out
    assert "offers: complete" in said.err
    assert "+336" not in said.out + said.err
    assert count(home, "SELECT count(*) FROM listings") == OFFERS
    assert count(home, "SELECT count(DISTINCT identifier_id) FROM mentions WHERE kind = 'phone'") == 21
    assert count(home, "SELECT max(item_count) FROM actors") == 10
    assert count(home, "SELECT max(value) FROM operation_metrics WHERE metric = 'arrests'") == 42
    assert count(home, "SELECT count(*) FROM operations WHERE origin = 'own'") == 1
    assert count(home, "SELECT count(*) FROM units WHERE state = 'passed'") == 2
    judged = "SELECT count(DISTINCT table_name) FROM quality_results"
    assert count(home, judged) == len(set(CONTRACTS) - NEVER_JUDGED_HERE)
    assert (home / "reports" / "report.html").stat().st_size > 1_000

    # The same command again: nothing is doubled, nothing is asked of history.
    first = count(home, "SELECT count(*) FROM mentions")
    appeared = count(home, "SELECT count(*) FROM actor_changes WHERE kind = 'appeared'")
    assert appeared == count(home, "SELECT count(*) FROM actors")
    assert start() == EXIT_PASSED
    assert count(home, "SELECT count(*) FROM actor_changes") == appeared
    assert count(home, "SELECT count(*) FROM listings") == OFFERS
    assert count(home, "SELECT count(*) FROM mentions") == first
    assert count(home, "SELECT count(*) FROM captures WHERE outcome = 'unchanged' AND role = 'index'") == 3
    assert count(home, "SELECT count(*) FROM snapshots") == 2


def test_what_breaks_blocks_itself_alone_and_says_why(
    home: Path, small_web: SmallWeb, describe: Callable[..., None], papers: dict[str, object], capsys
):
    """A layout that changed, a host that is dead and an area that is closed, beside two sources that are well."""
    changed = offers_source(f"{small_web.address}/changed")
    small_web.instead["/changed/"] = (
        "<ul><li class='new'>Another layout</li></ul><a class='older' href='/closed/1'>x</a>"
    )
    describe(
        offers=offers_source(small_web.address),
        papers=papers,
        changed=changed,
        dead=offers_source("http://127.0.0.1:9"),
    )
    assert start() == EXIT_BLOCKED
    said = capsys.readouterr().out
    assert re.search(r"changed on \S+: 0 items", said)
    assert "layout may have changed" in said
    assert "listings.item 'tr.ad' matched nothing" in said
    assert not [path for path in small_web.asked if path.startswith("/closed/")]
    with connect_snapshot(home) as connection:
        states = dict(connection.execute("SELECT source, state FROM units").fetchall())
    assert states == {"offers": "passed", "papers": "passed", "changed": "blocked", "dead": "blocked"}
    assert count(home, "SELECT count(*) FROM listings") == OFFERS
    assert count(home, "SELECT count(*) FROM documents") == 1


@pytest.mark.slow
def test_a_past_day_is_not_captured_and_a_future_one_fails(
    home: Path, small_web: SmallWeb, describe: Callable[..., None], capsys
):
    describe(offers=offers_source(small_web.address))
    today = datetime.now(UTC).date()
    assert start(day=today - timedelta(days=3)) == EXIT_BLOCKED
    assert "a past day cannot be captured" in capsys.readouterr().err
    assert not small_web.asked
    assert start(day=today + timedelta(days=1)) == EXIT_FAILED


@pytest.mark.slow
def test_only_one_source_when_asked(
    home: Path, small_web: SmallWeb, describe: Callable[..., None], papers: dict[str, object]
):
    describe(offers=offers_source(small_web.address), papers=papers)
    assert start(("papers",)) == EXIT_PASSED
    assert not small_web.asked
    assert count(home, "SELECT count(*) FROM documents") == 1

"""A crawl killed at any moment goes on where its last commit stands: no capture lost, none twice."""

import asyncio
import hashlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from assets.capture.crawling import crawl
from assets.capture.engine import Engine
from assets.capture.frontier import Batch, Frontier
from assets.capture.rows import Origin, capture_row, capture_schema
from assets.capture.source import Source
from assets.capture.unit_run import Job, Unit
from tests.assets.capture.loopback import LoopbackWeb
from warehouse.parts import CHAIN_GENESIS, PartStore, next_chain

CRAWLER = textwrap.dedent(
    """
    import sys
    from datetime import date
    from pathlib import Path
    from assets.capture.crawling import crawl
    from assets.capture.policy import CapturePolicy
    from assets.capture.source import Source
    from assets.capture.unit_run import Unit
    from warehouse.parts import PartStore

    home, port = Path(sys.argv[1]), sys.argv[2]
    source = Source.model_validate({
        "name": "board", "kind": "listings", "start": ["http://a.test/0"], "politeness": {"delay_seconds": 0.002},
        "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
    })
    policy = CapturePolicy(
        allow_loopback=True, resolve={"a.test": f"127.0.0.1:{port}"}, landing_seconds=0.02, part_rows=20
    )
    store = PartStore(home)
    store.recover()
    print("crawling", flush=True)
    [outcome] = crawl([Unit(source, date(2026, 3, 1))], store, policy)
    print(outcome.state, flush=True)
    """
)


def crawl_until_done(web: LoopbackWeb, home: Path, kills: int, seed: int) -> int:
    """Run the crawl again and again, killed at random moments up to `kills` times, until it says it is complete."""
    generator = random.Random(seed)
    root = Path(__file__).parents[3]
    killed = 0
    while True:
        process = subprocess.Popen(
            [sys.executable, "-c", CRAWLER, str(home), str(web.port)],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "crawling\n"
        if killed < kills:
            time.sleep(generator.uniform(0.0, 0.2))
            process.kill()
        said, status = process.stdout.read().strip(), process.wait()
        if said == "complete":
            return killed
        assert status == -signal.SIGKILL
        killed += 1


def tree_of_pages(web: LoopbackWeb, count: int) -> None:
    for n in range(count):
        links = "".join(f'<a href="/{child}">x</a>' for child in (2 * n + 1, 2 * n + 2) if child < count)
        web.pages[f"/{n}"] = f"<p>page {n}</p>{links}"


def check(web: LoopbackWeb, home: Path, count: int, killed: int) -> None:
    store = PartStore(home)
    recovery = store.recover()
    assert (recovery.temporary_removed, recovery.unmanifested_removed, recovery.missing) == (0, 0, ())
    rows = store.scan("captures", capture_schema()).collect()
    assert sorted(rows["url"]) == sorted(f"http://a.test/{n}" for n in range(count))
    assert rows["capture_id"].n_unique() == count
    assert set(rows["round"]) == {1}
    for body, digest in rows.select("body", "wire_sha256").iter_rows():
        assert hashlib.sha256(body).hexdigest() == digest
    link = CHAIN_GENESIS
    for part in store.parts("captures"):
        assert hashlib.sha256((home / part.path).read_bytes()).hexdigest() == part.sha256
        link = next_chain(link, part.sha256)
        assert link == part.chain
    # What was answered but not yet landed (20 ms of pages every 2 ms, plus one in flight) may be asked again.
    repeated = len(web.paths()) - count
    assert repeated <= killed * 25
    assert store.manifest.read().execute("SELECT count(*) FROM landed").fetchone()[0] == 0


@pytest.mark.slow
def test_two_kills_lose_and_repeat_nothing(web: LoopbackWeb, tmp_path: Path) -> None:
    tree_of_pages(web, 150)
    killed = crawl_until_done(web, tmp_path, kills=2, seed=1)
    check(web, tmp_path, 150, killed)


def test_what_yesterdays_crawl_left_behind_becomes_a_part_of_yesterday(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    tree_of_pages(web, 3)
    source = Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": ["http://a.test/0"],
            "politeness": {"delay_seconds": 0},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }
    )
    store = PartStore(tmp_path)
    engine = Engine(store, web.policy(), None, None)
    engine._loop = asyncio.new_event_loop()
    engine._begin([Unit(source, date(2026, 3, 1))])
    [run] = engine._units
    row = capture_row(
        run.origin_of(Job(run, "http://a.test/0", "index", 0, None, "http://a.test/0"), "http://a.test/0"),
        datetime.now(UTC),
        b"landed",
        outcome="ok",
    )
    engine._landing.batch.rows.append((run.round.round_id, row))
    engine._frontier.land(engine._landing.batch)
    engine._loop.close()

    [outcome] = crawl([Unit(source, date(2026, 3, 2))], store, web.policy())
    assert outcome.captured == 3
    rows = store.scan("captures", capture_schema()).collect()
    assert rows.filter(rows["unit_date"] == date(2026, 3, 1))["body"].to_list() == [b"landed"]
    assert rows.height == 4


def test_a_round_completed_by_a_killed_run_is_not_asked_again_until_a_run_has_ended(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    tree_of_pages(web, 5)
    source = Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": ["http://a.test/0"],
            "politeness": {"delay_seconds": 0},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }
    )
    store, unit = PartStore(tmp_path), Unit(source, date(2026, 3, 1))

    def capture(run_id: str) -> tuple[str, bool, int]:
        [outcome] = crawl([unit], store, web.policy(), run_id=run_id)
        return outcome.state, outcome.resumed, len(web.paths())

    assert capture("killed") == ("complete", False, 5)
    # The first run never says that it ended; the second is killed, too; the third ends.
    assert capture("killed_too") == ("complete", True, 5)
    assert capture("ends") == ("complete", True, 5)
    Frontier(store, "ends").end_run()
    assert capture("tomorrow") == ("complete", False, 10)
    assert store.scan("captures", capture_schema()).collect()["round"].value_counts().sort(
        "round"
    ).rows() == [
        (1, 5),
        (2, 5),
    ]


def test_another_day_in_between_makes_no_page_be_asked_twice_in_a_round(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    tree_of_pages(web, 5)
    source = Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": ["http://a.test/0"],
            "politeness": {"delay_seconds": 0},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }
    )
    store, first, second = PartStore(tmp_path), date(2026, 3, 1), date(2026, 3, 2)

    def capture(day: date, run_id: str | None) -> tuple[str, bool]:
        [outcome] = crawl([Unit(source, day)], store, web.policy(), run_id=run_id)
        return outcome.state, outcome.resumed

    # A run killed before its round was closed is gone on with, although the next day was captured first.
    assert capture(first, "killed") == ("complete", False)
    with store.manifest.transaction() as connection:
        connection.execute("UPDATE rounds SET state = 'open'")
    assert capture(second, "other") == ("complete", False)
    assert capture(first, "goes on") == ("complete", True)
    # Without the account of a run, nobody knows what the open round asked: a new one begins.
    assert capture(date(2026, 3, 3), None) == ("complete", False)
    with store.manifest.transaction() as connection:
        connection.execute("DELETE FROM under_way")
        connection.execute("UPDATE rounds SET state = 'open' WHERE unit_date = '2026-03-03'")
    assert capture(date(2026, 3, 4), None) == ("complete", False)
    assert capture(date(2026, 3, 3), None) == ("complete", False)
    rows = store.scan("captures", capture_schema()).select("unit_date", "round", "request_url").collect()
    assert rows.n_unique() == rows.height == 25


def test_answers_that_two_crawls_move_at_once_become_one_part(
    web: LoopbackWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PartStore(tmp_path)
    frontier = Frontier(store)
    [opened] = frontier.open_rounds([("board", date(2026, 3, 1))])
    unit = (opened.round_id, "board", date(2026, 3, 1))

    def land(number: int) -> None:
        origin = Origin(
            "board", unit[2], 1, "index", f"http://a.test/{number}", "a.test", 0, None, "test", None
        )
        row = capture_row(origin, datetime.now(UTC), b"%d" % number, outcome="ok")
        frontier.land(Batch(rows=[(opened.round_id, row)]))

    commit, rival = PartStore.commit, Frontier(PartStore(tmp_path))

    def late(self: PartStore, *args: Any, **options: Any) -> Any:
        # Between what the slower one has read and its commit, the other moves the same answers, and new ones land.
        monkeypatch.setattr(PartStore, "commit", commit)
        assert rival.store_parts([unit]) == 2
        land(3)
        land(4)
        return commit(self, *args, **options)

    land(1)
    land(2)
    monkeypatch.setattr(PartStore, "commit", late)
    with pytest.raises(RuntimeError, match="two crawls"):
        frontier.store_parts([unit])
    assert frontier.store_parts([unit]) == 2
    bodies = store.scan("captures", capture_schema()).collect()["body"].to_list()
    assert sorted(bodies) == [b"1", b"2", b"3", b"4"]
    assert store.recover().unmanifested_removed == 0

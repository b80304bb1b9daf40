"""One campaign of the capture engine under kills: every page once, no bad digest, and a clear report."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.assets.capture.campaign import HOSTS, asked_by_run, build_site, check_home, finish, landed, start
from tests.assets.capture.loopback import LoopbackWeb

# Where a run is killed: at a random moment of its start or its crawl (seconds), or at the n-th call of a function.
START = [("start", 1.2)] * 3
CRAWL = [("crawl", 0.4)] * 7
POINTS = [
    ("recover", 1),
    ("after_recover", 1),
    ("recover_landing", 1),
    ("after_recover_landing", 1),
    ("fsync", 1),
    ("fsync", 3),
    ("rename", 1),
    ("after_rename", 1),
    ("land", 2),
    ("after_land", 2),
    ("store_parts", 2),
    ("after_store_parts", 3),
    ("after_commit", 2),
    ("close_rounds", 1),
]


def kill_one(
    web: LoopbackWeb, home: Path, run: int, where: tuple[str, float], generator: random.Random
) -> bool:
    """One run, killed where told; False when it had ended before."""
    name, number = where
    if name in ("start", "crawl"):
        process = start(web, home, run=run)
        assert process.stdout is not None
        if name == "crawl":
            assert process.stdout.readline() == "ready\n"
        time.sleep(generator.uniform(0.0, number))
        process.kill()
    else:
        process = start(web, home, run=run, kill=[name, int(number)])
    process.communicate(timeout=60)
    if process.returncode == 0:
        return False
    assert process.returncode == -signal.SIGKILL
    return True


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_twenty_kills_at_any_stage_lose_nothing_and_repeat_only_what_had_not_landed(
    web: LoopbackWeb, tmp_path: Path, seed: int
) -> None:
    generator = random.Random(seed)
    pages = build_site(web, 700)
    plan = START + CRAWL + generator.sample(POINTS, 10)
    generator.shuffle(plan)
    safe_after: dict[int, set[str]] = {}
    for run, where in enumerate(plan):
        assert kill_one(web, tmp_path, run, where, generator), (
            f"the crawl ended before it was killed at {where}"
        )
        safe_after[run] = landed(tmp_path)
    assert len(safe_after) == 20
    last = finish(start(web, tmp_path, run=len(plan)))

    assert last["status"] == 0, last
    assert last["complaints"] == ""
    assert {(o["state"], o["resumed"], o["detail"], o["errors"]) for o in last["outcomes"]} == {
        ("complete", True, None, 0)
    }
    check_home(tmp_path, pages)
    # No run asks for what had landed before it. A page is asked once by the run that landed it and once by each run
    # that was killed with its answer under way; no bound could be closer.
    runs = asked_by_run(web)
    lost = 0
    for run, asked in runs.items():
        before = safe_after.get(run - 1, set())
        assert not asked.keys() & before, f"run {run} asked again for what had landed"
        if run in safe_after:
            assert landed_in_order(safe_after, run)
            lost += sum(
                count for page, count in asked.items() if page in pages and page not in safe_after[run]
            )
        assert all(count == 1 for page, count in asked.items() if page in pages)
    requests = sum(count for asked in runs.values() for page, count in asked.items() if page in pages)
    assert requests == len(pages) + lost
    robots = sum(
        count for asked in runs.values() for page, count in asked.items() if page.endswith("/robots.txt")
    )
    assert robots <= len(HOSTS) * len(runs)


def landed_in_order(safe_after: dict[int, set[str]], run: int) -> bool:
    """What was safe stays safe."""
    return safe_after.get(run - 1, set()) <= safe_after[run]


def test_a_kill_inside_a_commit_is_recovered_from(web: LoopbackWeb, tmp_path: Path) -> None:
    pages = build_site(web, 20)
    assert kill_one(web, tmp_path, 0, ("rename", 1), random.Random(0))
    safe = landed(tmp_path)
    last = finish(start(web, tmp_path, run=1))
    assert last["status"] == 0
    assert [outcome["resumed"] for outcome in last["outcomes"]] == [True, True]
    assert not asked_by_run(web)[1].keys() & safe
    check_home(tmp_path, pages)

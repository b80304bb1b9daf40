"""Every host of the battery: none hangs, none crashes, none harms its neighbours, memory stays small."""

import json
import os
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from assets.capture.crawling import crawl
from assets.capture.custody import verify_custody
from assets.capture.rows import capture_schema
from assets.capture.unit_run import Unit, UnitOutcome
from tests.assets.capture.hostile_hosts import Hostile, battery, host_of, source_of
from tests.assets.capture.loopback import LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)
# What one hostile host may cost: the deadline of each of its few requests, and the work on large pages.
DEADLINE_SECONDS = 4.0
CASE_SECONDS = 60.0
LIMIT_MB = 300


def serve(web: LoopbackWeb, cases: dict[str, Hostile]) -> None:
    for number, case in enumerate(cases.values()):
        host = host_of(number)
        for path, answer in {"/bad": case.bad, "/good": "<p>good</p>", **case.pages}.items():
            if isinstance(answer, str):
                answer = answer.replace("HOST", host)
            elif isinstance(answer, bytes):
                answer = answer.replace(b"HOST", host.encode())
            if case.kind == "notices" and path in ("/bad", "/good"):
                path += "?resultPerPage=20&page=1"
            place = path if not path.startswith("/") else host + path
            web.pages[place] = response(answer) if isinstance(answer, str) else answer


@cache
def small() -> dict[str, Hostile]:
    return battery(1)


@pytest.fixture(scope="module")
def crawled(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, UnitOutcome], dict[str, dict[str, str]], Path]:
    """By unit, the outcome of the crawl and of each page: the whole battery side by side, in two crawls.

    Those who keep us waiting meet a short deadline, those who send much work a long one.
    """
    home = tmp_path_factory.mktemp("battery")
    cases = small()
    slow = {name for name, case in cases.items() if any(map(callable, [case.bad, *case.pages.values()]))}
    outcomes: dict[str, UnitOutcome] = {}
    with LoopbackWeb() as web:
        serve(web, cases)
        hosts = [*(host_of(number) for number in range(len(cases))), "other.test"]
        for are_slow, deadline in ((True, DEADLINE_SECONDS), (False, CASE_SECONDS)):
            policy = web.policy(
                *hosts,
                total_deadline_seconds=deadline,
                max_wire_bytes=2_000_000,
                max_decoded_bytes=10_000_000,
                robots_attempts=1,
            )
            units = [
                Unit(source_of(case, number), DAY)
                for number, (name, case) in enumerate(cases.items())
                if (name in slow) is are_slow
            ]
            outcomes |= {outcome.source: outcome for outcome in crawl(units, PartStore(home), policy)}
    rows = PartStore(home).scan("captures", capture_schema()).collect()
    pages: dict[str, dict[str, str]] = {}
    for row in rows.sort("fetched_at").iter_rows(named=True):
        path = row["request_url"].partition(".test")[2]
        pages.setdefault(row["source"], {}).setdefault(path.partition("?")[0], row["outcome"])
    return outcomes, pages, home


def test_the_battery_has_at_least_sixty_distinct_hosts() -> None:
    assert len(small()) >= 60


@pytest.mark.parametrize("name", list(small()))
def test_a_hostile_host_ends_in_time_and_as_it_should(
    crawled: tuple[dict[str, UnitOutcome], dict[str, dict[str, str]], Path], name: str
) -> None:
    number = list(small()).index(name)
    case = small()[name]
    outcome, pages = crawled[0][f"board_{number}"], crawled[1].get(f"board_{number}", {})
    assert outcome.seconds < CASE_SECONDS
    if case.outcome:
        assert pages.get("/bad") in case.outcome.split()
    else:
        assert "/bad" not in pages
    assert (pages.get("/good") == "ok") is case.good


def test_what_hostile_hosts_sent_is_good_evidence(
    crawled: tuple[dict[str, UnitOutcome], dict[str, dict[str, str]], Path],
) -> None:
    report = verify_custody(crawled[2])
    assert report.intact, [str(difference) for difference in report.differences]
    assert report.rows >= len(small())


CRAWLER = """
import json, sys
from pathlib import Path
from assets.capture.policy import CapturePolicy
from tests.assets.capture.hostile_hosts import Hostile, host_of, source_of
from assets.capture.crawling import crawl
from assets.capture.unit_run import Unit
from warehouse.parts import PartStore
from datetime import date
home, port, kinds = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
assert "great_expectations" not in sys.modules
units = [Unit(source_of(Hostile(b"", "", kind=kind), n), date(2026, 3, 1)) for n, kind in enumerate(kinds)]
hosts = [*(host_of(n) for n in range(len(kinds))), "other.test"]
policy = CapturePolicy(
    allow_loopback=True, resolve=dict.fromkeys(hosts, f"127.0.0.1:{port}"), total_deadline_seconds=20,
    robots_attempts=1, backoff_seconds=0.05,
)
outcomes = crawl(units, PartStore(home), policy)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(len(outcomes), int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
def test_memory_stays_below_300_megabytes_with_all_of_them_at_once(web: LoopbackWeb, tmp_path: Path) -> None:
    cases = small()
    serve(web, cases)
    kinds = json.dumps([case.kind for case in cases.values()])
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWLER, str(tmp_path), str(web.port), kinds],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        text=True,
    )
    said, _ = process.communicate()
    assert process.returncode == 0
    # Not what `wait4` tells: that includes the size of the process that started it.
    crawled, peak = map(int, said.split())
    assert crawled == len(cases)
    assert peak < LIMIT_MB

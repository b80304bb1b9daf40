"""No host is asked earlier than it should be, and no host waits for another."""

import asyncio
import time
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from assets.capture.crawling import crawl
from assets.capture.source import Source
from assets.capture.unit_run import Unit
from tests.assets.capture.loopback import Asked, LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)
# The server reads its clock when it gets to a request, and may be late for the earlier of two: on a busy machine
# it sees them this much closer than they were sent.
TOLERANCE = 0.02


def source(host: str, delay: float) -> Source:
    return Source.model_validate(
        {
            "name": "site_" + host.partition(".")[0],
            "kind": "listings",
            "start": [f"http://{host}/"],
            "politeness": {"delay_seconds": delay},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }
    )


def gaps(web: LoopbackWeb) -> dict[str, list[float]]:
    times: dict[str, list[float]] = defaultdict(list)
    for asked in web.asked:
        times[asked.host].append(asked.at)
    return {
        host: [later - earlier for earlier, later in pairwise(moments)] for host, moments in times.items()
    }


def links(count: int) -> str:
    return "".join(f'<a href="/{n}">x</a>' for n in range(count))


def test_every_request_counts_robots_retries_and_redirects_included(web: LoopbackWeb, tmp_path: Path) -> None:
    calls = 0

    async def stumbling(_: Asked, __: object) -> bytes:
        nonlocal calls
        calls += 1
        return response("<p>up</p>" if calls > 1 else "down", 200 if calls > 1 else 502)

    web.pages.update({"/": links(6), "/0": response("", 301, {"Location": "/1"}), "/1": "<p>1</p>"})
    web.pages.update({"/2": stumbling, "/3": response("", 302, {"Location": "/5"}), "/4": "<p>4</p>"})
    web.pages.update({"/5": response("", 302, {"Location": "/6"}), "/6": "<p>6</p>"})
    crawl([Unit(source("a.test", 0.1), DAY)], PartStore(tmp_path), web.policy(backoff_seconds=0.01))
    # /0 and /3 lead to pages that are asked for anyway; /5 leads on; /2 is asked twice.
    assert len(web.asked) == 10
    assert min(gaps(web)["a.test"]) >= 0.1 - TOLERANCE


@pytest.mark.parametrize("round_number", [1, 2])
def test_a_longer_crawl_delay_wins_in_every_round(
    web: LoopbackWeb, tmp_path: Path, round_number: int
) -> None:
    web.pages.update({"/": links(3), **{f"/{n}": "<p>x</p>" for n in range(3)}})
    web.pages["/robots.txt"] = "User-agent: *\nCrawl-delay: 0.15\nDisallow: /never\n"
    for _ in range(round_number):
        web.asked.clear()
        crawl([Unit(source("a.test", 0.01), DAY)], PartStore(tmp_path), web.policy())
    assert len(web.asked) == (5 if round_number == 1 else 4)
    assert min(gaps(web)["a.test"]) >= 0.15 - TOLERANCE


def test_two_sources_on_one_host_share_its_pace(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages.update({"/": links(3), **{f"/{n}": "<p>x</p>" for n in range(3)}})
    one = source("a.test", 0.05)
    two = one.model_copy(
        update={"name": "slower", "politeness": one.politeness.model_copy(update={"delay_seconds": 0.1})}
    )
    first, second = crawl([Unit(one, DAY), Unit(two, DAY)], PartStore(tmp_path), web.policy())
    assert (first.captured, second.captured) == (4, 4)
    assert min(gaps(web)["a.test"]) >= 0.1 - TOLERANCE


def test_hosts_run_side_by_side(web: LoopbackWeb, tmp_path: Path) -> None:
    hosts = [f"h{n}.test" for n in range(20)]
    web.pages.update({"/": links(5), **{f"/{n}": "<p>x</p>" for n in range(5)}})
    started = time.monotonic()
    units = [Unit(source(host, 0.1), DAY) for host in hosts]
    outcomes = crawl(units, PartStore(tmp_path), web.policy(*hosts))
    assert {outcome.captured for outcome in outcomes} == {6}
    assert time.monotonic() - started < 3
    assert min(min(found) for found in gaps(web).values()) >= 0.1 - TOLERANCE


async def only_sleep(hosts: int, times: int, delay: float) -> None:
    async def one() -> None:
        for _ in range(times):
            await asyncio.sleep(delay)

    await asyncio.gather(*(one() for _ in range(hosts)))


@pytest.mark.slow
def test_thirty_hosts_with_forty_pages_take_eight_seconds(web: LoopbackWeb, tmp_path: Path) -> None:
    hosts = [f"h{n}.test" for n in range(30)]
    web.pages.update({"/": links(39), **{f"/{n}": "<p>x</p>" for n in range(39)}})
    # What this machine makes of the same pauses without any work: 8.0 s when it is idle.
    started = time.monotonic()
    asyncio.run(only_sleep(30, 40, 0.2))
    ideal = time.monotonic() - started
    units = [Unit(source(host, 0.2), DAY) for host in hosts]
    outcomes = crawl(units, PartStore(tmp_path), web.policy(*hosts))
    assert {outcome.captured for outcome in outcomes} == {40}
    # From the first robots.txt to the last page, as the server saw them.
    moments = [asked.at for asked in web.asked]
    assert max(moments) - min(moments) <= ideal * 1.05
    assert min(min(found) for found in gaps(web).values()) >= 0.2 - TOLERANCE

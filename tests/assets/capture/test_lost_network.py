"""A network that goes away and comes back, and a clock that jumps: no page lost, none twice, and it is said."""

import itertools
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

import polars as pl
import pytest

from assets.capture.crawling import crawl
from assets.capture.custody import verify_custody
from assets.capture.frontier import Frontier
from assets.capture.progress import CrawlProgress
from assets.capture.rows import capture_schema
from assets.capture.source import Source
from assets.capture.transport import MappingResolver
from assets.capture.unit_run import Unit
from tests.assets.capture.loopback import Asked, LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)


def source(delay: float = 0.01) -> Source:
    return Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": ["http://a.test/"],
            "scope": {"hosts": ["a.test", "b.test"]},
            "politeness": {"delay_seconds": delay},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }
    )


def build(web: LoopbackWeb, at_page: Callable[[int], None], count: int = 30) -> set[str]:
    """A chainless site: one index page, `count` pages on a.test, three on b.test; `at_page` is told of each."""
    addresses = [f"http://a.test/{n}" for n in range(count)] + [f"http://b.test/{n}" for n in range(3)]
    web.pages["/"] = "".join(f'<a href="{address}">x</a>' for address in addresses)

    def page(n: int) -> Callable[[Asked, object], object]:
        async def answer(asked: Asked, _: object) -> bytes:
            at_page(n)
            return response(f"<p>{asked.host} {n}</p>")

        return answer

    web.pages.update({f"a.test/{n}": page(n) for n in range(count)})
    web.pages.update({f"b.test/{n}": f"<p>b {n}</p>" for n in range(3)})
    return {"http://a.test/", *addresses}


def good(store: PartStore) -> list[str]:
    rows = store.scan("captures", capture_schema()).filter(pl.col("outcome") == "ok").collect()
    return sorted(rows["url"])


def test_a_network_that_comes_back_in_time_costs_no_page(
    web: LoopbackWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = threading.Event()
    over: list[float] = []

    def outage() -> None:
        web.vanish()
        time.sleep(0.5)
        web.come_back()
        gone.clear()
        over.append(time.monotonic())

    def at_page(n: int) -> None:
        if n == 8 and not over and not gone.is_set():
            gone.set()
            threading.Thread(target=outage).start()

    honest = MappingResolver.resolve

    async def resolve(self: MappingResolver, host: str, *place: object, **named: object) -> object:
        if host == "b.test" and not over:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return await honest(self, host, *place, **named)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(MappingResolver, "resolve", resolve)
    pages = build(web, at_page)
    store = PartStore(tmp_path)
    told: list[CrawlProgress] = []
    policy = web.policy("a.test", "b.test", backoff_seconds=0.2, robots_attempts=6)
    [outcome] = crawl([Unit(source(), DAY)], store, policy, told.append)
    assert over
    assert (outcome.state, outcome.detail, outcome.captured, outcome.errors) == (
        "complete",
        None,
        len(pages),
        0,
    )
    assert good(store) == sorted(pages)
    assert told[-1].retries >= 3
    assert "retries" in told[-1].render()
    assert verify_custody(tmp_path).intact
    attempts = store.scan("captures", capture_schema(), columns=["attempts"]).collect()["attempts"]
    assert (attempts > 1).any()


@pytest.mark.parametrize("retries", [0, 3])
def test_a_network_that_stays_away_leaves_every_page_for_the_next_run(
    web: LoopbackWeb, tmp_path: Path, retries: int
) -> None:
    subject = source()
    subject = subject.model_copy(
        update={"politeness": subject.politeness.model_copy(update={"max_retries": retries})}
    )
    absent = threading.Event()

    def at_page(n: int) -> None:
        if n == 8 and not absent.is_set():
            absent.set()
            threading.Thread(target=web.vanish).start()

    pages = build(web, at_page)
    store = PartStore(tmp_path)
    told: list[CrawlProgress] = []
    policy = web.policy("a.test", "b.test", backoff_seconds=0.02)
    [outcome] = crawl([Unit(subject, DAY)], store, policy, told.append)
    assert outcome.state == "interrupted"
    assert outcome.detail in (
        "a.test unreachable: the rest waits for the next run",
        "b.test unreachable: the rest waits for the next run",
    )
    assert "left alone: " in told[-1].render()
    assert "a.test (unreachable)" in told[-1].render()
    before = good(store)
    assert 8 <= len(before) < len(pages)
    asked = len(web.asked)

    web.come_back()
    [resumed] = crawl([Unit(subject, DAY)], store, policy)
    assert (resumed.state, resumed.resumed, resumed.detail) == ("complete", True, None)
    assert good(store) == sorted(pages)
    again = {f"http://{a.host}{a.path}" for a in web.asked[asked:]}
    assert not again & set(before)
    assert verify_custody(tmp_path).intact


def test_robots_that_nobody_answers_for_keep_the_pages_for_the_next_run(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    pages = build(web, lambda n: None, 4)
    web.pages["b.test/robots.txt"] = b""
    store = PartStore(tmp_path)
    policy = web.policy("a.test", "b.test", backoff_seconds=0.01, read_timeout_seconds=0.1, robots_attempts=2)
    [outcome] = crawl([Unit(source(), DAY)], store, policy)
    assert (outcome.state, outcome.captured, outcome.skipped) == ("interrupted", 5, {})
    assert "b.test unreachable (" in (outcome.detail or "")
    assert "the rest waits for the next run" in (outcome.detail or "")
    del web.pages["b.test/robots.txt"]
    [resumed] = crawl([Unit(source(), DAY)], store, policy)
    assert (resumed.state, resumed.captured) == ("complete", 3)
    assert good(store) == sorted(pages)


class SteppedClock:
    """Wall clocks that run on, shifted by `shift` seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shift = 0.0
        clock, wall = self, time.time

        class Stepped(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # rows hold plain moments
                return datetime.now(tz) + timedelta(seconds=clock.shift)

        monkeypatch.setattr(time, "time", lambda: wall() + clock.shift)
        for module in ("capture.fetching", "capture.frontier", "capture.answers"):
            monkeypatch.setattr(f"assets.{module}.datetime", Stepped)
        monkeypatch.setattr("warehouse.parts.datetime", Stepped)


HOUR = 3600.0


@pytest.mark.parametrize("steps", [(7 * HOUR, -9 * HOUR), (-30 * HOUR, 50 * HOUR)])
def test_a_clock_that_jumps_by_hours_stalls_nothing_and_hurries_nothing(
    web: LoopbackWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: tuple[float, float]
) -> None:
    clock = SteppedClock(monkeypatch)
    stumbled: set[int] = set()

    def at_page(n: int) -> None:
        clock.shift = {5: steps[0], 15: steps[1]}.get(n, clock.shift)

    pages = build(web, at_page)
    ordinary = web.pages["a.test/7"]

    async def busy_once(asked: Asked, writer: object) -> object:
        if not stumbled:
            stumbled.add(7)
            return response("busy", 503, {"Retry-After": "0"})
        return await ordinary(asked, writer)  # type: ignore[operator]  # a function, as built above

    web.pages["a.test/7"] = busy_once
    store = PartStore(tmp_path)
    started = time.monotonic()
    [outcome] = crawl([Unit(source(0.02), DAY)], store, web.policy("a.test", "b.test"))
    took = time.monotonic() - started
    assert (outcome.state, outcome.captured, outcome.errors) == ("complete", len(pages), 0)
    assert took < 15
    on_a = [asked.at for asked in web.asked if asked.host == "a.test"]
    assert min(late - early for early, late in itertools.pairwise(on_a)) >= 0.019
    assert good(store) == sorted(pages)
    rows = store.scan("captures", capture_schema()).collect()
    assert rows["fetched_at"].max() - rows["fetched_at"].min() > timedelta(hours=6)  # type: ignore[operator]
    assert verify_custody(tmp_path).intact


@pytest.mark.parametrize("step", [-100 * HOUR, 100 * HOUR])
def test_a_resumed_crawl_waits_no_longer_than_a_retry_may_although_the_clock_went_back(
    web: LoopbackWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    clock = SteppedClock(monkeypatch)
    pages = build(web, lambda n: None, 3)
    store = PartStore(tmp_path)
    frontier = Frontier(store)
    [opened] = frontier.open_rounds([("board", DAY)])
    with store.manifest.transaction() as connection:
        connection.execute(
            "INSERT INTO frontier VALUES (?, 'http://a.test/2', 'index', 1, NULL, 'pending', NULL, 1, ?)",
            (opened.round_id, datetime.now(UTC).timestamp() + 60),
        )
    clock.shift = step
    started = time.monotonic()
    [outcome] = crawl(
        [Unit(source(), DAY)], store, web.policy("a.test", "b.test", retry_after_limit_seconds=0.5)
    )
    assert time.monotonic() - started < 10
    assert (outcome.state, outcome.captured) == ("complete", len(pages))

"""Limits that a source or the policy sets: how deep, how many, how much, and how often again."""

import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from assets.capture import robots_cache
from assets.capture.answers import backoff
from assets.capture.crawling import crawl
from assets.capture.policy import CapturePolicy
from assets.capture.source import Source
from assets.capture.unit_run import Unit, UnitOutcome
from tests.assets.capture.loopback import LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)


def chain_of_pages(web: LoopbackWeb, count: int) -> None:
    """Pages that each lead to the next, 1,000 bytes each."""
    for n in range(count):
        web.pages[f"/{n}"] = f'<a href="/{n + 1}">x</a>'.ljust(1_000)


def run(
    web: LoopbackWeb, home: Path, scope: dict[str, object], *starts: str, **settings: object
) -> UnitOutcome:
    source = Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": [f"http://a.test{start}" for start in starts or ("/0",)],
            "scope": scope,
            "politeness": {"delay_seconds": 0, "max_retries": 2},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }
    )
    [outcome] = crawl([Unit(source, DAY)], PartStore(home), web.policy(**settings))
    return outcome


@pytest.mark.parametrize(
    ("scope", "asked", "reason"),
    [
        ({"max_depth": 3}, 4, "max_depth"),
        ({"max_pages": 5}, 5, "max_pages"),
        ({"max_bytes": 5_500}, 6, "max_bytes"),
        ({"allow": [r"/[0-6]$"]}, 7, "not_allowed_by_scope"),
        ({"deny": [r"/2$"]}, 2, "denied_by_scope"),
    ],
)
def test_a_crawl_ends_at_its_budget_and_says_which(
    web: LoopbackWeb, tmp_path: Path, scope: dict[str, object], asked: int, reason: str
) -> None:
    chain_of_pages(web, 12)
    outcome = run(web, tmp_path, scope)
    assert web.paths() == [f"/{n}" for n in range(asked)]
    assert (outcome.state, outcome.skipped) == ("complete", {reason: 1})


def test_a_host_is_asked_again_only_as_often_as_its_budget_allows(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/good"] = "<p>good</p>"
    web.pages.update({f"/{n}": response("busy", 503, {"Retry-After": "0"}) for n in range(5)})
    outcome = run(web, tmp_path, {}, "/good", *(f"/{n}" for n in range(5)), host_retry_budget=3)
    # Each page by itself may be asked three times; then the host's budget is used up, and the rest is not asked at all.
    assert web.paths() == ["/good", "/0", "/0", "/0", "/1", "/1"]
    assert outcome.state == "interrupted"
    assert outcome.detail is not None
    assert "out_of_retries" in outcome.detail


def test_pauses_double_up_to_a_limit_and_no_two_are_alike() -> None:
    policy = CapturePolicy(backoff_seconds=1.0, backoff_limit_seconds=60.0)
    for attempts, longest in [(1, 1.0), (2, 2.0), (5, 16.0), (7, 60.0), (1_000, 60.0)]:
        pauses = [backoff(attempts, policy) for _ in range(50)]
        assert all(longest / 2 <= pause <= longest for pause in pauses)
        assert len(set(pauses)) > 40


@pytest.mark.parametrize(("status", "lifetime"), [(200, 86_400), (404, 86_400), (503, 0)])
def test_robots_are_kept_for_a_day_and_trouble_only_for_the_run(
    web: LoopbackWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, lifetime: int
) -> None:
    chain_of_pages(web, 1)
    web.pages["/robots.txt"] = response("User-agent: *\nAllow: /\n", status)
    now = time.time()

    def asked_after(seconds: float) -> bool:
        """Whether a crawl that begins so much later asks for the rules again."""
        before = len(web.asked)
        monkeypatch.setattr(robots_cache, "time", SimpleNamespace(time=lambda: now + seconds))
        run(web, tmp_path, {"max_depth": 0}, robots_attempts=1)
        return "/robots.txt" in [asked.path for asked in web.asked[before:]]

    assert asked_after(0)
    assert asked_after(60) is (lifetime == 0)
    if lifetime:
        assert not asked_after(lifetime - 60)
        assert asked_after(lifetime + 60)
        # A clock put back by a day must not make the rules last for two.
        assert asked_after(-86_400)

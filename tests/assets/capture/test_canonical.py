"""Canonical addresses, scope and traps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.capture.canonical import bare_host, canonical_url, hostname, netloc, origin
from assets.capture.policy import CapturePolicy
from assets.capture.scope import SourceScope, TrapGuard
from assets.capture.source import Source


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("HTTP://WWW.A.TEST:80/x/../y", "http://www.a.test/y"),
        ("/ad?id=7&utm_source=mail&fbclid=1#photos", "http://a.test/ad?id=7"),
        ("ad?PHPSESSID=abc", "http://a.test/list/ad"),
        ("ad;jsessionid=0A1B?x=1", "http://a.test/list/ad?x=1"),
        ("?page=2", "http://a.test/list/?page=2"),
        ("http://user:secret@a.test/", "http://a.test/"),
        ("//b.test/ü?q=ß", "http://b.test/%C3%BC?q=%C3%9F"),
        ("http://①②⑦.1/", "http://127.0.0.1/"),
        ("  /x\n", "http://a.test/x"),
        ("?", "http://a.test/list/"),
        ("mailto:x@a.test", None),
        ("javascript:void(0)", None),
        ("http://[::1", None),
        ("tel:+15550100", None),
    ],
)
def test_canonical(href: str, url: str | None) -> None:
    assert canonical_url(href, "http://a.test/list/") == url


@given(st.text(max_size=80))
def test_canonical_is_stable(href: str) -> None:
    once = canonical_url(href, "http://a.test/list/")
    if once is not None:
        assert canonical_url(once) == once
        assert "#" not in once
        assert origin(once) + "/" == once[: len(origin(once)) + 1]
        assert hostname(once)


def test_parts_of_an_address() -> None:
    assert netloc("http://a.test:8080/x") == "a.test:8080"
    assert hostname("http://[::1]:80/") == "[::1]"
    assert bare_host("www.a.test") == "a.test"


def scope(**limits: object) -> SourceScope:
    data = {"name": "site", "kind": "telegram_preview", "start": ["http://www.a.test/"], "scope": limits}
    return SourceScope(Source.model_validate(data))


def test_scope_of_hosts() -> None:
    assert scope().refusal("http://a.test/x") is None
    assert scope().refusal("http://sub.a.test/x") == "other_host"
    assert scope().refusal("http://evil-a.test/x") == "other_host"
    assert scope(hosts=["*.a.test"]).refusal("http://sub.a.test/x") is None
    assert scope(hosts=["*.a.test"]).refusal("http://nota.test/x") == "other_host"
    assert scope(hosts=["b.test"]).refusal("http://b.test/x") is None


def test_scope_of_patterns() -> None:
    limited = scope(allow=["/ads/"], deny=[r"\?print="])
    assert limited.refusal("http://a.test/ads/1") is None
    assert limited.refusal("http://a.test/about") == "not_allowed_by_scope"
    assert limited.refusal("http://a.test/about", named=True) is None
    assert limited.refusal("http://a.test/ads/1?print=1", named=True) == "denied_by_scope"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.test/ads/paris/1", None),
        ("http://a.test/x/y/x/y/x/y/x", "trap_repeated_segments"),
        ("http://a.test/2026/1/1/1/1/1", None),
        ("http://a.test/" + "a/" * 40, "trap_deep_path"),
        ("http://a.test/" + "b" * 3000, "trap_long_address"),
        ("http://a.test/?" + "&".join(f"k{n}=1" for n in range(20)), "trap_many_parameters"),
    ],
)
def test_traps(url: str, reason: str | None) -> None:
    assert TrapGuard(CapturePolicy()).refusal(url, "index") == reason


def test_a_calendar_ends_but_items_do_not() -> None:
    guard = TrapGuard(CapturePolicy(max_index_pages_per_template=100))
    days = [guard.refusal(f"http://a.test/calendar/{n // 28}/{n % 28}", "index") for n in range(150)]
    assert days.count("trap_template") == 50
    assert not any(guard.refusal(f"http://a.test/ad/{n}", "item") for n in range(150))

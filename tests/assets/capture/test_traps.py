"""Sites that make addresses without end: the crawl ends within its budget and has the real pages."""

import hashlib
import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from assets.capture.canonical import canonical_url
from assets.capture.policy import CapturePolicy
from assets.capture.scope import TrapGuard

SITE = "http://a.test"
BUDGET = 100
REAL = [f"/rooms/{city}/{n}" for city in ("paris", "lyon", "nice") for n in range(1, 21)] + [
    "/about",
    "/contact",
]


def walk(links: Callable[[str], Iterator[str]], at_most: int = 20_000) -> set[str]:
    """The index pages that a crawl would ask, breadth first, of a site whose pages have these links."""
    guard = TrapGuard(CapturePolicy(max_index_pages_per_template=BUDGET))
    first = f"{SITE}/"
    seen, asked, waiting = {first}, {first}, [first]
    for page in waiting:
        for href in links(page):
            url = canonical_url(href, page)
            if url is None or url in seen:
                continue
            seen.add(url)
            if guard.refusal(url, "index") is None:
                asked.add(url)
                waiting.append(url)
        assert len(asked) < at_most, "the walk does not end"
    return asked


def real(_: str) -> Iterator[str]:
    yield from REAL


def calendar(page: str) -> Iterator[str]:
    parts = page.rpartition("/calendar/")[2].split("/")
    year, month = (int(parts[0]), int(parts[1])) if "/calendar/" in page else (2026, 1)
    yield f"/calendar/{year + month // 12}/{month % 12 + 1}"
    yield f"/calendar/{year - (month == 1)}/{(month - 2) % 12 + 1}"


def calendar_query(page: str) -> Iterator[str]:
    month = int(page.rpartition("=")[2]) if "month=" in page else 0
    yield f"/calendar?month={month + 1}"


def calendar_names(page: str) -> Iterator[str]:
    names = ["january", "february", "march"]
    number = int(page.rpartition("-")[2]) * 3 if "calendar" in page else 0
    yield f"/calendar/{names[number % 3]}-{number + 1}"


def relative_loop(page: str) -> Iterator[str]:
    yield "a/b/"
    yield "news/index"
    yield "../x/"


def growing_path(page: str) -> Iterator[str]:
    yield page.rstrip("/") + "/more/"


_draw = random.Random(7)


def token(length: int = 32, alphabet: str = "0123456789abcdef") -> str:
    return "".join(_draw.choices(alphabet, k=length))


def session_in_query(_: str) -> Iterator[str]:
    for path in REAL:
        yield f"{path}?visit={token()}"


def session_in_named_query(_: str) -> Iterator[str]:
    for name, path in itertools.product(
        ("PHPSESSID", "jsessionid", "sid", "SessionId", "s_id", "sessid"), REAL[:9]
    ):
        yield f"{path}?{name}={token()}"


def session_in_path(_: str) -> Iterator[str]:
    for path in REAL:
        yield f"/{token()}{path}"


def session_in_aspnet_path(_: str) -> Iterator[str]:
    for path in REAL:
        yield f"/(S({token(24, 'abcdefghijklmnopqrstuvwxyz012345')})){path}"


def session_in_parameter(_: str) -> Iterator[str]:
    for path in REAL:
        yield f"{path};jsessionid={token().upper()}"


def session_mixed_letters(_: str) -> Iterator[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    for path in REAL:
        yield f"/{token(22, letters)}{path}"


def sort_and_filter(page: str) -> Iterator[str]:
    kept = page.partition("?")[2]
    for name, value in itertools.product(
        ("sort", "order", "size", "colour", "price", "place", "page"), range(9)
    ):
        pairs = dict(pair.split("=") for pair in kept.split("&") if pair)
        pairs[name] = str(value)
        yield "/rooms?" + "&".join(f"{key}={each}" for key, each in pairs.items())


TRAPS: dict[str, Callable[[str], Iterator[str]]] = {
    "calendar": calendar,
    "calendar in the query": calendar_query,
    "calendar with names": calendar_names,
    "relative links in a circle": relative_loop,
    "a path that grows": growing_path,
    "session in the query": session_in_query,
    "session by name": session_in_named_query,
    "session in the path": session_in_path,
    "session of ASP.NET": session_in_aspnet_path,
    "session in a path parameter": session_in_parameter,
    "session of mixed letters": session_mixed_letters,
    "sort and filter": sort_and_filter,
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_ends_within_the_budget_and_hides_no_page(name: str) -> None:
    trap = TRAPS[name]

    def links(page: str) -> Iterator[str]:
        yield from real(page)
        yield from trap(page)

    asked = walk(links)
    assert {f"{SITE}{path}" for path in REAL} <= asked
    # A session doubles each of the real pages' five templates; the other traps have fewer.
    assert len(asked) <= len(REAL) + 1 + 6 * BUDGET


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/x;jsessionid=1A2B", "/x"),
        ("/x?PHPSESSID=1&a=2", "/x?a=2"),
        ("/x?sessid=abc", "/x"),
        ("/(S(lit3py55t21z5v55vlm25s55))/x", "/x"),
    ],
)
def test_named_sessions_are_no_part_of_an_address(one: str, other: str) -> None:
    assert canonical_url(one, SITE) == canonical_url(other, SITE)


@pytest.mark.parametrize(
    "path",
    [
        "/article/a-quiet-room-near-the-station-12345678",
        "/d41d8cd98f00b204e9800998ecf8427e.html",
        "/item?id=5f2a",
        "/s/x",
    ],
)
def test_addresses_of_pages_stay_whole(path: str) -> None:
    assert canonical_url(path, SITE) == SITE + path


def test_pages_named_by_digests_are_pages_up_to_the_budget_of_their_template() -> None:
    guard = TrapGuard(CapturePolicy(max_index_pages_per_template=BUDGET))
    pages = [f"{SITE}/p/{hashlib.md5(str(n).encode()).hexdigest()}" for n in range(BUDGET)]
    assert [guard.refusal(page, "index") for page in pages] == [None] * BUDGET
    assert guard.refusal(f"{SITE}/p/{token()}", "index") == "trap_template"

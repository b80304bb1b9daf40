"""Hosts that misbehave: nothing hangs, nothing crashes, the evidence says what happened."""

import asyncio
import gzip
import json
import time
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import polars as pl
import pytest

from assets.capture.answers import retry_after
from assets.capture.crawling import crawl
from assets.capture.fetching import Answer
from assets.capture.policy import CapturePolicy
from assets.capture.rows import CaptureRow, capture_schema
from assets.capture.single import fetch_one
from assets.capture.source import Source
from assets.capture.unit_run import Unit, UnitOutcome
from tests.assets.capture.loopback import Asked, LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)
Page = Callable[[Asked, asyncio.StreamWriter], Awaitable[bytes | None]]


def source(*paths: str, **changes: object) -> Source:
    return Source.model_validate(
        {
            "name": "board",
            "kind": "listings",
            "start": [f"http://a.test{path}" for path in paths or ("/",)],
            "politeness": {"delay_seconds": 0, "max_retries": 2},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
            **changes,
        }
    )


def run(
    web: LoopbackWeb, home: Path, subject: Source | None = None, **settings: object
) -> tuple[UnitOutcome, list[CaptureRow]]:
    store = PartStore(home)
    [outcome] = crawl([Unit(subject or source(), DAY)], store, web.policy("a.test", "b.test", **settings))
    rows = store.scan("captures", capture_schema()).sort("fetched_at").collect()
    return outcome, list(rows.iter_rows(named=True))


def raw(data: bytes, *, then_close: bool = True) -> Page:
    async def page(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if not then_close:
            await asyncio.sleep(30)

    return page


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_holds_back_the_whole_host(web: LoopbackWeb, tmp_path: Path, form: str) -> None:
    calls = 0

    async def busy(_: Asked, __: object) -> bytes:
        nonlocal calls
        calls += 1
        if calls > 1:
            return response("<p>open again</p>")
        moment = datetime.now(UTC) + timedelta(seconds=2)
        value = "1" if form == "seconds" else format_datetime(moment, usegmt=True)
        return response("busy", 429, {"Retry-After": value})

    web.pages.update({"/busy": busy, "/other": "<p>other</p>"})
    outcome, rows = run(web, tmp_path, source("/busy", "/other"))
    assert outcome.state == "complete"
    assert web.paths() == ["/busy", "/busy", "/other"]
    times = [asked.at for asked in web.asked if asked.path != "/robots.txt"]
    assert times[1] - times[0] >= (1.0 if form == "seconds" else 0.9)
    assert rows[0]["attempts"] == 2


def test_a_host_that_waits_takes_no_place_from_others(web: LoopbackWeb, tmp_path: Path) -> None:
    calls = 0

    async def busy(_: Asked, __: object) -> bytes:
        nonlocal calls
        calls += 1
        return response("busy", 503, {"Retry-After": "1"}) if calls == 1 else response("<p>open again</p>")

    web.pages["a.test/"] = busy
    web.pages.update({f"b.test/{n}": "<p>page</p>" for n in range(5)})
    other = source(name="other", start=[f"http://b.test/{n}" for n in range(5)])
    # One request under way at a time: a worker that waited for the busy host would hold up the other.
    policy = web.policy("a.test", "b.test", concurrency=1)
    outcomes = crawl([Unit(source(), DAY), Unit(other, DAY)], PartStore(tmp_path), policy)
    assert [outcome.state for outcome in outcomes] == ["complete", "complete"]
    pages = [asked.host for asked in web.asked if asked.path != "/robots.txt"]
    assert (sorted(pages[:-1]), pages[-1]) == (["a.test"] + ["b.test"] * 5, "a.test")


def test_retry_after_is_clamped(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/"] = response("busy", 503, {"Retry-After": "86400"})
    started = time.monotonic()
    outcome, rows = run(web, tmp_path, retry_after_limit_seconds=0.1)
    assert time.monotonic() - started < 5
    assert (outcome.state, rows[0]["status"], rows[0]["outcome"]) == ("failed", 503, "http_error")
    assert len(web.paths()) == 3


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("86400", 300.0),
        ("9" * 400, 300.0),
        (timedelta(seconds=60), 60.0),
        (timedelta(days=30), 300.0),
        (timedelta(days=-30), 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("\u0663", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_within_the_limit(
    value: str | timedelta | None, seconds: float | None
) -> None:
    if isinstance(value, timedelta):
        value = format_datetime(datetime.now(UTC) + value, usegmt=True)
    headers = [] if value is None else [("Retry-After", value)]
    answer = Answer("http://a.test/", datetime.now(UTC), 0.0, [], status=429, headers=headers)
    wait = retry_after(answer, 300.0)
    assert wait == (seconds if seconds is None else pytest.approx(seconds, abs=2.0))


def test_a_stumbling_page_is_tried_again_while_others_go_on(web: LoopbackWeb, tmp_path: Path) -> None:
    calls = 0

    async def stumbling(_: Asked, __: object) -> bytes:
        nonlocal calls
        calls += 1
        return response("<p>up</p>") if calls == 3 else response("down", 500)

    web.pages.update({"/a": stumbling, "/b": "<p>b</p>"})
    outcome, rows = run(web, tmp_path, source("/a", "/b"))
    assert outcome.captured == 2
    assert {row["url"][-1]: row["attempts"] for row in rows} == {"a": 3, "b": 1}
    assert web.paths()[:2] == ["/a", "/b"]


@pytest.mark.parametrize("status", [500, 503, 429, 401, 403])
def test_robots_that_cannot_be_read_forbid_everything(web: LoopbackWeb, tmp_path: Path, status: int) -> None:
    web.pages.update({"/robots.txt": response("no", status), "/": "<p>secret</p>"})
    outcome, rows = run(web, tmp_path)
    assert web.paths() == []
    assert rows == []
    assert outcome.state == "failed"
    assert outcome.skipped == ({"robots": 1} if status in (401, 403) else {"robots_unreachable": 1})


def test_robots_are_asked_again_after_a_stumble(web: LoopbackWeb, tmp_path: Path) -> None:
    calls = 0

    async def robots(_: Asked, __: object) -> bytes:
        nonlocal calls
        calls += 1
        return (
            response("User-agent: *\nDisallow: /b", headers={"Content-Type": "text/plain"})
            if calls > 1
            else (response("oops", 500))
        )

    web.pages.update({"/robots.txt": robots, "/a": "<p>a</p>", "/b": "<p>b</p>"})
    outcome, _ = run(web, tmp_path, source("/a", "/b"))
    assert web.paths() == ["/a"]
    assert outcome.skipped == {"robots": 1}


def test_robots_redirects_are_followed(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["a.test/robots.txt"] = response("", 301, {"Location": "http://b.test/rules"})
    web.pages["b.test/rules"] = "User-agent: *\nDisallow: /"
    outcome, _ = run(web, tmp_path)
    assert outcome.skipped == {"robots": 1}


def test_robots_rules_beyond_500_kib_are_not_read_but_those_before_are(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    filler = "# x\n" * 200_000
    web.pages["/robots.txt"] = f"User-agent: *\nDisallow: /a\n{filler}Disallow: /b\n"
    web.pages.update({"/a": "<p>a</p>", "/b": "<p>b</p>"})
    run(web, tmp_path, source("/a", "/b"))
    assert web.paths() == ["/b"]


def test_a_redirect_chain_is_kept(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/"] = response("", 301, {"Location": "/two"})
    web.pages["/two"] = response("", 302, {"Location": "http://a.test/three#part"})
    web.pages["/three"] = "<p>here</p>"
    _, [row] = run(web, tmp_path)
    assert (row["request_url"], row["url"]) == ("http://a.test/", "http://a.test/three")
    hops = json.loads(row["redirect_chain"])
    assert [(hop["url"], hop["status"], hop["location"]) for hop in hops] == [
        ("http://a.test/", 301, "/two"),
        ("http://a.test/two", 302, "http://a.test/three#part"),
    ]
    assert {hop["remote_address"] for hop in hops} == {row["remote_address"]} == {f"127.0.0.1:{web.port}"}
    assert 0 < row["first_byte_ms"] <= row["elapsed_ms"]
    assert row["tls_certificate_sha256"] is None


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("/", "redirect: loop"),
        ("http://b.test/", "redirect: other_host"),
        ("javascript:alert(1)", "redirect: not a web address"),
        ("http://[::1", "redirect: not a web address"),
    ],
)
def test_redirects_that_lead_nowhere(web: LoopbackWeb, tmp_path: Path, location: str, problem: str) -> None:
    web.pages["/"] = response("moved", 302, {"Location": location})
    outcome, [row] = run(web, tmp_path)
    assert (row["outcome"], row["error"], row["body"]) == ("http_error", problem, b"moved")
    assert outcome.state == "failed"
    assert len(web.paths()) == 1


def test_redirects_without_end_stop_after_five(web: LoopbackWeb, tmp_path: Path) -> None:
    async def onward(asked: Asked, _: object) -> bytes:
        return response("", 302, {"Location": asked.path + "x"})

    web.pages.update({"/" + "x" * n: onward for n in range(10)})
    _, [row] = run(web, tmp_path)
    assert row["error"] == "redirect: more than 5 hops"
    assert len(web.paths()) == 6


def test_a_redirect_into_a_disallowed_area_is_not_followed(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/robots.txt"] = "User-agent: *\nDisallow: /private"
    web.pages["/"] = response("", 302, {"Location": "/private/x"})
    outcome, rows = run(web, tmp_path)
    assert web.paths() == ["/"]
    assert (outcome.skipped, rows) == ({"robots": 1}, [])


def test_two_ways_to_one_page_are_one_capture(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/a"] = response("", 301, {"Location": "/b"})
    web.pages["/b"] = "<p>b</p>"
    outcome, rows = run(web, tmp_path, source("/a", "/b"))
    assert outcome.state == "complete"
    assert [row["url"] for row in rows] == ["http://a.test/b"]


BOMB = gzip.compress(b"\0" * 30_000_000)
TEXT = b"<p>a text long enough to be packed</p>" * 200


@pytest.mark.parametrize(
    ("page", "outcome", "error"),
    [
        (response(BOMB, headers={"Content-Encoding": "gzip"}), "truncated", "body: decoded body exceeds"),
        (
            response(gzip.compress(TEXT)[:-20], headers={"Content-Encoding": "gzip"}),
            "truncated",
            "body: truncated stream",
        ),
        (response(TEXT, headers={"Content-Encoding": "gzip"}), "truncated", "body: damaged gzip"),
        (
            response(TEXT, headers={"Content-Encoding": "rot13"}),
            "truncated",
            "body: unknown content-encoding",
        ),
        (raw(response(TEXT, length=len(TEXT) + 500)), "truncated", "ContentLength"),
        (response(b"x" * 3_000_000), "truncated", "limit: body exceeds 2000000 bytes"),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"h" * 100_000 + b"\r\n\r\nbody"), "failed", "ClientResponseError"),
        (raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "failed", "ClientResponseError"),
        (raw(b"\x00\xff\xfe" * 100), "failed", "ClientResponseError"),
        (raw(b""), "failed", "ServerDisconnectedError"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nbody"), "failed", "ClientResponseError"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nbody"), "failed", "ClientResponseError"),
        (
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbody\r\n0\r\n\r\n"),
            "failed",
            "ClientResponseError",
        ),
        (
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n"),
            "truncated",
            "TransferEncodingError",
        ),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", then_close=False), "truncated", "timeout"),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Le", then_close=False), "failed", "timeout: no answer"),
        (raw(b"", then_close=False), "failed", "timeout: no answer"),
    ],
    ids=lambda value: None if not isinstance(value, str) else value[:30],
)
def test_broken_answers(web: LoopbackWeb, tmp_path: Path, page: object, outcome: str, error: str) -> None:
    web.pages.update({"/bad": page, "/good": "<p>good</p>"})
    subject = source("/bad", "/good", politeness={"delay_seconds": 0, "max_retries": 0})
    result, rows = run(
        web,
        tmp_path,
        subject,
        max_decoded_bytes=10_000_000,
        max_wire_bytes=2_000_000,
        total_deadline_seconds=0.6,
    )
    found = {row["url"]: row for row in rows}
    bad = found["http://a.test/bad"]
    assert bad["outcome"] == outcome
    assert error in (bad["error"] or "")
    assert bad["body_sha256"] is None
    assert found["http://a.test/good"]["outcome"] == "ok"
    assert (result.state, result.captured, result.errors) == ("complete", 1, 1)


def test_a_dripping_sender_meets_the_total_deadline(web: LoopbackWeb, tmp_path: Path) -> None:
    async def drip(__: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(300):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    web.pages["/"] = drip
    started = time.monotonic()
    subject = source(politeness={"delay_seconds": 0, "max_retries": 0})
    _, [row] = run(web, tmp_path, subject, total_deadline_seconds=0.5)
    assert time.monotonic() - started < 4
    assert row["outcome"] == "truncated"
    assert 3 <= len(row["body"]) <= 15


def test_an_endless_sender_is_cut_off(web: LoopbackWeb, tmp_path: Path) -> None:
    async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"y" * 65_536)
            await writer.drain()

    web.pages["/"] = endless
    _, [row] = run(web, tmp_path, max_wire_bytes=1_000_000)
    assert (row["outcome"], len(row["body"])) == ("truncated", 1_000_000)


def test_more_body_than_announced_is_reported(web: LoopbackWeb, tmp_path: Path) -> None:
    # aiohttp reads the surplus as a second answer and gives up on both; the row says so.
    web.pages["/"] = raw(response("<p>five</p>and more", length=len("<p>five</p>")))
    outcome, [row] = run(web, tmp_path)
    assert (outcome.state, row["outcome"], row["attempts"]) == ("failed", "failed", 3)
    assert "ClientResponseError" in row["error"]


def test_wire_bytes_and_header_pairs_are_kept_as_sent(web: LoopbackWeb, tmp_path: Path) -> None:
    packed = zlib.compress(TEXT)
    web.pages["/"] = raw(
        b"HTTP/1.1 200 OK\r\nX-One: 1\r\nset-cookie: a=1\r\nSet-Cookie: b=\xe9\r\nContent-Encoding: deflate\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(packed), packed)
    )
    _, [row] = run(web, tmp_path)
    assert row["body"] == packed
    assert row["decoded_bytes"] == len(TEXT)
    assert row["response_headers"].startswith(
        '[["X-One","1"],["set-cookie","a=1"],["Set-Cookie","b=é"],["Content-Encoding","deflate"]'
    )


def test_a_host_that_refuses_is_left_alone(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/"] = "".join(f'<a href="/{n}">x</a>' for n in range(20))
    web.pages.update({f"/{n}": response("no", 403) for n in range(20)})
    outcome, rows = run(web, tmp_path)
    assert len(web.paths()) == 4
    assert outcome.skipped == {"host_refused": 17}
    assert [row["status"] for row in rows] == [200, 403, 403, 403]


def test_an_unreachable_host_leaves_the_round_open(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/"] = "".join(f'<a href="/{n}">x</a>' for n in range(20))
    web.pages.update({f"/{n}": raw(b"") for n in range(20)})
    subject = source(politeness={"delay_seconds": 0, "max_retries": 0})
    outcome, _ = run(web, tmp_path, subject)
    assert outcome.state == "interrupted"
    assert "unreachable" in (outcome.detail or "")
    web.pages.update({f"/{n}": f"<p>{n}</p>" for n in range(20)})
    resumed, rows = run(web, tmp_path, subject)
    assert resumed.state == "complete"
    assert {row["round"] for row in rows} == {1}
    assert sum(row["outcome"] == "ok" for row in rows) == 1 + 20


def test_a_name_that_resolves_to_loopback_is_refused(web: LoopbackWeb) -> None:
    policy = CapturePolicy(resolve={"a.test": f"127.0.0.1:{web.port}"})
    row = fetch_one(source(), "http://a.test/", policy)
    assert (row["outcome"], web.asked) == ("failed", [])


def test_a_redirect_to_loopback_is_refused_at_the_hop(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["a.test/"] = response("", 302, {"Location": "http://10.0.0.7/inside"})
    subject = source(scope={"hosts": ["10.0.0.7"]})
    outcome, rows = run(web, tmp_path, subject)
    assert outcome.skipped == {"address_refused": 1}
    assert web.paths() == ["/"]
    assert rows == []


def test_one_bad_unit_does_not_touch_another(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["a.test/"] = raw(b"")
    web.pages["b.test/"] = "<p>fine</p>"
    store = PartStore(tmp_path)
    units = [
        Unit(source(), DAY),
        Unit(source(name="other", start=["http://b.test/"]), DAY),
        Unit(Source(name="files", kind="documents", path=tmp_path / "absent"), DAY),
    ]
    bad, good, absent = crawl(units, store, web.policy("a.test", "b.test"))
    assert (bad.state, good.state, absent.state) == ("failed", "complete", "failed")
    assert "no such file or folder" in (absent.detail or "")
    assert store.scan("captures", capture_schema()).filter(pl.col("source") == "other").collect().height == 1

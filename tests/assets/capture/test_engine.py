"""The crawl from start to parts: what is asked, what is kept, what a second round costs."""

import asyncio
import errno
import gzip
import hashlib
import json
import random
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

from assets.capture.crawling import crawl, crawl_async
from assets.capture.progress import CrawlProgress
from assets.capture.rows import capture_schema
from assets.capture.source import Source
from assets.capture.unit_run import Unit
from tests.assets.capture.loopback import Asked, LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)


def listing_source(**changes: object) -> Source:
    data: dict[str, object] = {
        "name": "board",
        "kind": "listings",
        "start": ["http://a.test/"],
        "politeness": {"delay_seconds": 0},
        "listings": {"follow": ["a.next"], "item_link": "a.item", "fields": {"text": "p"}},
    }
    return Source.model_validate({**data, **changes})


def captures(store: PartStore) -> pl.DataFrame:
    return store.scan("captures", capture_schema()).collect()


def board(web: LoopbackWeb, pages: int = 3, items: int = 4) -> None:
    for page in range(pages):
        links = "".join(
            f'<a class="item" href="/ad/{page}-{n}?utm_source=x#top">ad</a>' for n in range(items)
        )
        following = f'<a class="next" href="/?page={page + 1}">next</a>' if page + 1 < pages else ""
        web.pages["/" if page == 0 else f"/?page={page}"] = f"<html>{links}{following}</html>"
        for n in range(items):
            web.pages[f"/ad/{page}-{n}"] = f"<p>advertisement {page} {n}</p>"


def test_a_crawl_follows_pages_and_keeps_every_answer(web: LoopbackWeb, tmp_path: Path) -> None:
    board(web)
    store = PartStore(tmp_path)
    [outcome] = crawl([Unit(listing_source(), DAY)], store, web.policy())
    assert (outcome.state, outcome.captured, outcome.errors) == ("complete", 15, 0)
    rows = captures(store)
    assert sorted(rows["url"]) == sorted("http://a.test" + path for path in web.paths())
    assert len(set(web.paths())) == len(web.paths()) == 15
    item = rows.filter(pl.col("url") == "http://a.test/ad/2-3").row(0, named=True)
    assert item["body"] == b"<p>advertisement 2 3</p>"
    assert (item["role"], item["depth"], item["status"], item["outcome"]) == ("item", 3, 200, "ok")
    assert item["referrer_url"] == "http://a.test/?page=2"
    assert item["remote_address"] == f"127.0.0.1:{web.port}"


def test_a_second_round_asks_conditionally_and_keeps_small_rows(web: LoopbackWeb, tmp_path: Path) -> None:
    board(web, pages=2, items=2)
    index = str(web.pages["/"])

    async def tagged(asked: Asked, _: object) -> bytes:
        if asked.headers.get("if-none-match") == '"v1"':
            return response("", 304)
        return response(index, headers={"ETag": '"v1"'})

    web.pages["/"] = tagged
    store = PartStore(tmp_path)
    crawl([Unit(listing_source(), DAY)], store, web.policy())
    web.pages["/ad/1-1"] = "<p>changed</p>"
    [second] = crawl([Unit(listing_source(), DAY)], store, web.policy())
    assert (second.captured, second.not_modified, second.unchanged) == (1, 1, 4)
    rows = captures(store)
    first_index = rows.filter((pl.col("url") == "http://a.test/") & (pl.col("round") == 1)).row(0, named=True)
    again = rows.filter((pl.col("url") == "http://a.test/") & (pl.col("round") == 2)).row(0, named=True)
    assert (again["status"], again["outcome"], again["body"]) == (304, "not_modified", None)
    assert again["same_as_capture_id"] == first_index["capture_id"]
    same = rows.filter((pl.col("outcome") == "unchanged") & (pl.col("url") == "http://a.test/ad/0-0"))
    assert same["body"].to_list() == [None]
    assert same["same_as_capture_id"][0] in set(rows.filter(pl.col("round") == 1)["capture_id"])


def test_robots_rules_are_respected_and_recorded(web: LoopbackWeb, tmp_path: Path) -> None:
    board(web, pages=1, items=2)
    web.pages["/robots.txt"] = "User-agent: *\nAllow: /ad/0-0\nDisallow: /ad/\n"
    store = PartStore(tmp_path)
    [outcome] = crawl([Unit(listing_source(), DAY)], store, web.policy())
    assert outcome.skipped == {"robots": 1}
    assert web.paths() == ["/", "/ad/0-0"]
    rules = dict(captures(store).select("url", "robots_rule").iter_rows())
    assert rules == {"http://a.test/": None, "http://a.test/ad/0-0": "Allow: /ad/0-0"}


def test_indexes_of_sitemaps_end_at_a_depth_and_packed_sitemaps_are_read(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    # An index that leads to an index without end, and a page that only a packed sitemap names.
    for n in range(12):
        further = f"<sitemap><loc>http://a.test/map{n + 1}.xml</loc></sitemap>"
        web.pages[f"/map{n}.xml"] = f"<sitemapindex>{further}</sitemapindex>"
    packed = gzip.compress(b"<urlset><url><loc>http://a.test/news/packed</loc></url></urlset>")
    web.pages["/map2.xml"] = (
        "<sitemapindex><sitemap><loc>http://a.test/pages.xml.gz</loc></sitemap>"
        "<sitemap><loc>http://a.test/map3.xml</loc></sitemap></sitemapindex>"
    )
    web.pages["/pages.xml.gz"] = response(packed, headers={"Content-Type": "application/gzip"})
    web.pages["/news/packed"] = "<p>found</p>"
    source = Source.model_validate(
        {
            "name": "news",
            "kind": "newsroom",
            "start": ["http://a.test/"],
            "politeness": {"delay_seconds": 0},
            "newsroom": {"sitemaps": ["/map0.xml"]},
        }
    )
    [outcome] = crawl([Unit(source, DAY)], PartStore(tmp_path), web.policy())
    assert (outcome.state, outcome.skipped) == ("complete", {"sitemap_depth": 1})
    assert "/news/packed" in web.paths()
    assert "/map4.xml" in web.paths()
    assert "/map5.xml" not in web.paths()


def test_a_page_too_large_for_its_reader_is_kept_whole_and_reported(web: LoopbackWeb, tmp_path: Path) -> None:
    body = b'<a class=item href="/first">x</a>' + b" " * 5_000_000 + b'<a class=item href="/beyond">x</a>'
    web.pages["/"] = response(gzip.compress(body), headers={"Content-Encoding": "gzip"})
    web.pages["/first"] = "<p>first</p>"
    [outcome] = crawl([Unit(listing_source(), DAY)], PartStore(tmp_path), web.policy())
    assert (outcome.state, outcome.captured, outcome.skipped) == ("complete", 2, {"page_size_limit": 1})
    rows = captures(PartStore(tmp_path)).filter(pl.col("url") == "http://a.test/")
    assert rows["decoded_bytes"].to_list() == [len(body)]
    assert rows["body_sha256"].to_list() == [hashlib.sha256(body).hexdigest()]
    assert gzip.decompress(rows["body"][0]) == body


def notice_api(web: LoopbackWeb, people: list[tuple[str, int | None]], cap: int = 160) -> None:
    """A capped API; people are (country, age), and nobody without an age is in an answer about ages."""

    async def answer(asked: Asked, _: object) -> bytes:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        low, high = query.get("ageMin"), query.get("ageMax")
        hits = [
            {"entity_id": f"{country}-{age}-{number}"}
            for number, (country, age) in enumerate(people)
            if country != "withdrawn"
            and query.get("arrestWarrantCountryId") in (None, country)
            and (low is None or (age is not None and int(low) <= age <= int(high or 0)))
        ]
        size, page = int(query["resultPerPage"]), int(query["page"])
        shown = hits[:cap][(page - 1) * size : page * size]
        body = json.dumps({"total": len(hits), "_embedded": {"notices": shown}})
        tag = f'"{hashlib.sha256(body.encode()).hexdigest()}"'
        if asked.headers.get("if-none-match") == tag:
            return response("", 304)
        return response(body, headers={"Content-Type": "application/json", "ETag": tag})

    class Everything(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            return answer if "/red?" in key else default

    web.pages = Everything()


def test_the_second_day_of_a_notice_walk_carries_only_what_changed(web: LoopbackWeb, tmp_path: Path) -> None:
    people: list[tuple[str, int | None]] = [("FR", 18 + n % 50) for n in range(300)]
    people += [("RO", 30)] * 50
    notice_api(web, people)
    source = Source.model_validate(
        {
            "name": "sought",
            "kind": "notices",
            "start": ["http://a.test/red"],
            "politeness": {"delay_seconds": 0},
            "notices": {"countries": ["FR", "RO"]},
        }
    )
    store = PartStore(tmp_path)

    def walk(day: date) -> tuple[set[str], int]:
        """The notices that are public on a day by its captures, and the bytes of bodies that the day took."""
        [outcome] = crawl([Unit(source, day)], store, web.policy())
        assert (outcome.state, outcome.detail, outcome.errors) == ("complete", None, 0)
        rows = captures(store)
        bodies = {row["capture_id"]: row["body"] for row in rows.iter_rows(named=True)}
        today = rows.filter(pl.col("unit_date") == day)
        kept = [bodies[row["same_as_capture_id"] or row["capture_id"]] for row in today.iter_rows(named=True)]
        shown = {notice["entity_id"] for body in kept for notice in json.loads(body)["_embedded"]["notices"]}
        return shown, sum(len(body) for body in today["body"] if body is not None)

    def public() -> set[str]:
        return {f"{country}-{age}-{n}" for n, (country, age) in enumerate(people) if country != "withdrawn"}

    first, first_bytes = walk(date(2026, 3, 1))
    assert first == public()
    first_asked = len(web.asked)
    assert not any("if-none-match" in asked.headers for asked in web.asked)

    # Nothing has changed: every query is asked on condition, and no body travels.
    assert walk(date(2026, 3, 2)) == (first, 0)
    second_day = [asked for asked in web.asked[first_asked:] if "/red?" in asked.path]
    assert all("if-none-match" in asked.headers for asked in second_day)
    assert len(second_day) == len({asked.path for asked in second_day}) <= first_asked

    # One is withdrawn and one is new: both show, and only the pages that list them travel again.
    people[299] = ("withdrawn", None)
    people.append(("RO", 31))
    third, third_bytes = walk(date(2026, 3, 3))
    assert third == public()
    assert (len(first - third), third - first) == (1, {"RO-31-350"})
    assert 0 < third_bytes < first_bytes / 2

    # A country grows above what one query shows: it is split, and none of its notices is lost.
    people += [("RO", 20 + n % 40) for n in range(200)]
    fourth, _ = walk(date(2026, 3, 4))
    assert fourth == public()
    assert len(fourth) == 550


def test_notices_without_an_age_are_found_by_reconciling(web: LoopbackWeb, tmp_path: Path) -> None:
    people: list[tuple[str, int | None]] = [("RO", None)] * 100 + [("FR", 18 + n % 50) for n in range(200)]
    random.Random(3).shuffle(people)
    notice_api(web, people)
    source = Source.model_validate(
        {
            "name": "sought",
            "kind": "notices",
            "start": ["http://a.test/red"],
            "politeness": {"delay_seconds": 0},
            "notices": {"countries": ["FR", "RO"]},
        }
    )
    store = PartStore(tmp_path)
    for _ in range(2):
        [outcome] = crawl([Unit(source, DAY)], store, web.policy())
        assert (outcome.state, outcome.detail) == ("complete", None)
    bodies = captures(store).filter(pl.col("outcome") == "ok")["body"]
    seen = {notice["entity_id"] for body in bodies for notice in json.loads(body)["_embedded"]["notices"]}
    assert len(seen) == 300


def test_a_store_that_fails_stops_the_crawl_and_loses_nothing(
    web: LoopbackWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board(web, pages=2, items=3)
    store = PartStore(tmp_path)
    with monkeypatch.context() as patch:

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(PartStore, "commit", full)
        with pytest.raises(OSError, match="No space left"):
            crawl([Unit(listing_source(), DAY)], store, web.policy(part_rows=2))
    asked = len(web.paths())
    assert captures(store).height == 0
    [outcome] = crawl([Unit(listing_source(), DAY)], store, web.policy())
    assert outcome.state == "complete"
    assert sorted(captures(store)["url"].unique()) == sorted({"http://a.test" + path for path in web.paths()})
    assert captures(store).height == 8
    assert len(web.paths()) <= 8 + 1 or asked <= 8


def test_a_cancelled_crawl_keeps_what_was_answered(web: LoopbackWeb, tmp_path: Path) -> None:
    board(web, pages=3, items=10)
    store = PartStore(tmp_path)
    source = listing_source(politeness={"delay_seconds": 0.03})

    async def cancelled() -> None:
        task = asyncio.create_task(crawl_async([Unit(source, DAY)], store, web.policy(landing_seconds=60)))
        while len(web.paths()) < 6:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    kept = captures(store).height
    assert 4 <= kept <= len(web.paths())
    [outcome] = crawl([Unit(listing_source(), DAY)], store, web.policy())
    assert outcome.state == "complete"
    assert captures(store).height == 33
    assert len(web.paths()) <= 33 + 1


def test_progress_names_hosts_and_counts_but_no_addresses(web: LoopbackWeb, tmp_path: Path) -> None:
    board(web)
    web.pages["/robots.txt"] = "User-agent: *\nDisallow: /ad/0-\n"
    said: list[CrawlProgress] = []
    crawl([Unit(listing_source(), DAY)], PartStore(tmp_path), web.policy(progress_seconds=0), said.append)
    assert said[-1].pages == 11
    assert "11 pages" in said[-1].render()
    assert "robots 4" in said[-1].render()
    assert "/ad/" not in said[-1].render()


def test_a_crawl_whose_last_answer_makes_a_landing_due_ends(web: LoopbackWeb, tmp_path: Path) -> None:
    web.pages["/"] = "<p>" + "x" * 1000

    async def crawl_in_time() -> str:
        policy = web.policy(landing_bytes=500)
        async with asyncio.timeout(20):
            [outcome] = await crawl_async([Unit(listing_source(), DAY)], PartStore(tmp_path), policy)
        return outcome.state

    assert asyncio.run(crawl_in_time()) == "complete"

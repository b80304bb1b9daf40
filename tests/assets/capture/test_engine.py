"""The crawl from start to parts: what is asked, what is kept, what a second round costs."""

from datetime import date
from pathlib import Path

import polars as pl
from tests.assets.capture.loopback import Asked, LoopbackWeb, response

from assets.capture.engine import crawl
from assets.capture.rows import capture_schema
from assets.capture.source import Source
from assets.capture.unit_run import Unit
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

"""Pictures that items show: asked for after the pages, gently, once, and never at the cost of pages."""

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.capture.crawling import crawl
from assets.capture.discovery import Page, discover
from assets.capture.rows import capture_schema
from assets.capture.source import Source
from assets.capture.unit_run import Unit, UnitOutcome
from tests.assets.capture.loopback import LoopbackWeb, response
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)
PICTURE = response(b"\x89PNG not really", headers={"Content-Type": "image/png"})


def source(images: dict[str, object] | None = None, **changes: object) -> Source:
    """A site with an advertisement a page, each with pictures."""
    data: dict[str, object] = {
        "name": "board",
        "kind": "listings",
        "start": ["http://a.test/"],
        "politeness": {"delay_seconds": 0},
        "images": {"fetch": True, "hosts": ["img.test"], **(images or {})},
        "listings": {
            "follow": ["a.next"],
            "item_link": "a.item",
            "fields": {"text": "p", "images": ".photos"},
        },
    }
    return Source.model_validate({**data, **changes})


def site(web: LoopbackWeb, items: int = 3) -> None:
    """Pages that link on, each advertisement with a picture of its own, one elsewhere and one of the site."""
    for number in range(items):
        following = f'<a class="next" href="/?page={number + 1}">next</a>' if number + 1 < items else ""
        page = "/" if number == 0 else f"/?page={number}"
        web.pages[page] = f'<a class="item" href="/ad/{number}">ad</a>{following}<img src="/logo.png">'
        web.pages[f"/ad/{number}"] = (
            f'<p>words</p><div class="photos"><img data-src="/p/{number}.png" src="/blank.gif">'
            f'<img src="//img.test/q/{number}.png?w=90"><img src="http://other.test/r.png">'
            '<img src="data:image/gif;base64,R0lGOD"><img src="/p/same.png"></div>'
        )
        web.pages[f"/p/{number}.png"] = web.pages[f"/q/{number}.png?w=90"] = PICTURE
    web.pages["/p/same.png"] = PICTURE


def run(web: LoopbackWeb, home: Path, of: Source, day: date = DAY) -> UnitOutcome:
    [outcome] = crawl([Unit(of, day)], PartStore(home), web.policy("a.test", "img.test", "other.test"))
    return outcome


def rows(home: Path) -> pl.DataFrame:
    return PartStore(home).scan("captures", capture_schema()).collect()


def test_pictures_of_items_are_asked_for_after_the_pages_and_kept_as_received(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    site(web)
    outcome = run(web, tmp_path, source())
    assert outcome.state == "complete"
    assert outcome.skipped == {"picture_on_other_host": 1}
    asked = [path for path in web.paths("a.test") if path.startswith("/p/")]
    assert sorted(asked) == ["/p/0.png", "/p/1.png", "/p/2.png", "/p/same.png"]
    assert web.paths("a.test")[-4:] == asked
    assert sorted(web.paths("img.test")) == [f"/q/{number}.png?w=90" for number in range(3)]
    assert "/robots.txt" in [entry.path for entry in web.asked if entry.host == "img.test"]
    taken = rows(tmp_path).filter(pl.col("role") == "image")
    assert taken.height == 7
    assert set(taken["body"]) == {b"\x89PNG not really"}
    assert set(taken["outcome"]) == {"ok"}
    headers = {entry.headers["accept"] for entry in web.asked if entry.path.endswith("same.png")}
    assert all(accept.startswith("image/") for accept in headers)


def test_without_the_setting_no_picture_is_asked_for(web: LoopbackWeb, tmp_path: Path) -> None:
    site(web)
    run(web, tmp_path, source({"fetch": False}))
    assert not [path for path in web.paths() if ".png" in path]


def test_robots_and_limits_hold_for_pictures_too(web: LoopbackWeb, tmp_path: Path) -> None:
    site(web)
    web.pages["img.test/robots.txt"] = response("User-agent: *\nDisallow: /q/")
    web.pages["/p/0.png"] = response(b"x" * 5000, headers={"Content-Type": "image/png"})
    outcome = run(web, tmp_path, source({"max_bytes": 1000, "max_per_item": 2}))
    assert not web.paths("img.test")
    assert outcome.state == "complete"
    assert outcome.skipped["robots"] == 3
    pictures = rows(tmp_path).filter(pl.col("role") == "image").sort("url")
    assert pictures["outcome"].to_list() == ["truncated", "ok", "ok"]


def test_a_budget_of_pictures_is_none_of_pages(web: LoopbackWeb, tmp_path: Path) -> None:
    site(web, items=4)
    few = source({"max_pictures": 2}, scope={"max_pages": 8})
    outcome = run(web, tmp_path, few)
    taken = rows(tmp_path)
    assert taken.filter(pl.col("role") == "image").height == 2
    assert taken.filter(pl.col("role") != "image").height == 8
    assert outcome.skipped["max_pictures"] == 7


def test_a_picture_is_asked_for_once_and_again_only_on_its_day(web: LoopbackWeb, tmp_path: Path) -> None:
    site(web, items=1)
    web.pages["/p/0.png"] = response(b"one", headers={"Content-Type": "image/png", "ETag": '"1"'})
    often = source({"again_after_days": 3})
    asked = []
    for days in range(4):
        before = len(web.asked)
        outcome = run(web, tmp_path, often, DAY + timedelta(days=days))
        asked.append([entry for entry in web.asked[before:] if entry.path == "/p/0.png"])
        assert outcome.state == "complete"
    assert [len(entries) for entries in asked[1:]].count(1) == 1
    assert len(asked[0]) == 1
    assert next(entries for entries in asked[1:] if entries)[0].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize("answer", [response("no", 403), response("no", 500), response("no", 404)])
def test_a_host_that_keeps_its_pictures_still_gives_its_pages(
    web: LoopbackWeb, tmp_path: Path, answer: bytes
) -> None:
    site(web, items=6)
    for path in list(web.pages):
        if path.startswith(("/p/", "/q/")):
            web.pages[path] = answer
    outcome = run(web, tmp_path, source())
    assert outcome.state == "complete"
    pages = rows(tmp_path).filter(pl.col("role") != "image")
    assert set(pages["outcome"]) == {"ok"}
    assert pages.height == 12
    if b"403" in answer:
        assert outcome.skipped["pictures_refused"] > 0
        assert len(web.paths("img.test")) == 3


def test_a_host_of_pictures_that_does_not_answer_leaves_the_unit_complete(
    web: LoopbackWeb, tmp_path: Path
) -> None:
    site(web)

    async def silent(*_: object) -> None:
        return None

    for path in ("/robots.txt", "/q/0.png?w=90", "/q/1.png?w=90", "/q/2.png?w=90"):
        web.pages["img.test" + path] = silent
    outcome = run(web, tmp_path, source())
    assert outcome.state == "complete"
    assert outcome.skipped["pictures_out_of_reach"] == 3


def test_pictures_of_a_channel_are_those_of_its_posts() -> None:
    page = (
        '<img src="/avatar.jpg"><div class="tgme_widget_message" data-post="chan/7">'
        '<i class="tgme_widget_message_user_photo"><img src="/face.jpg"></i>'
        '<a class="tgme_widget_message_photo_wrap" style="width:8px;background-image:url(\'https://cdn.test/a.jpg\')">'
        '</a><i class="emoji" style="background-image:url(\'//x.test/e.png\')"></i></div>'
    )
    channel = Source.model_validate(
        {"name": "chan", "kind": "telegram_preview", "start": ["chan"], "images": {"fetch": True}}
    )
    found = discover(channel, Page("https://t.me/s/chan", "preview", page.encode()))
    assert [request.url for request in found if request.role == "image"] == ["https://cdn.test/a.jpg"]


def test_cards_on_a_list_page_give_so_many_pictures_each() -> None:
    cards = "".join(f"<li>{''.join(f'<img src=/{card}-{n}.jpg>' for n in (1, 2, 3))}</li>" for card in "ab")
    page = f"<ul>{cards}</ul>"
    listed = source({"max_per_item": 1}, listings={"item": "li", "fields": {"text": "b", "images": "img"}})
    found = discover(listed, Page("http://a.test/", "index", page.encode()))
    assert [request.url for request in found] == ["http://a.test/a-1.jpg", "http://a.test/b-1.jpg"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"listings": {"item": "li", "fields": {"text": "b"}}}, "listings.fields.images"),
        ({"kind": "notices", "listings": None}, "shows no pictures"),
    ],
)
def test_a_source_file_that_asks_for_pictures_in_vain_is_refused(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        source(**changes)

"""One page for a person who writes a source."""

import pytest

from assets.capture.single import fetch_one
from assets.capture.source import Source
from tests.assets.capture.loopback import LoopbackWeb, response

SOURCE = Source.model_validate(
    {
        "name": "channel",
        "kind": "telegram_preview",
        "start": ["http://a.test/s/x"],
        "politeness": {"delay_seconds": 0},
    }
)


def test_a_page_is_fetched_through_its_redirects(web: LoopbackWeb) -> None:
    web.pages.update({"/old": response("", 301, {"Location": "/new"}), "/new": "<p>here</p>"})
    row = fetch_one(SOURCE, "http://a.test/old", web.policy())
    assert (row["outcome"], row["url"], row["body"]) == ("ok", "http://a.test/new", b"<p>here</p>")


def test_robots_are_obeyed_at_every_hop(web: LoopbackWeb) -> None:
    web.pages["/robots.txt"] = "User-agent: stormlantern\nDisallow: /new"
    web.pages["/old"] = response("", 301, {"Location": "/new"})
    row = fetch_one(SOURCE, "http://a.test/old", web.policy())
    assert row["outcome"] == "failed"
    assert row["error"] == "refused (robots): Disallow: /new"
    assert web.paths() == ["/old"]


def test_what_is_no_address_is_said_so() -> None:
    with pytest.raises(ValueError, match="not a web address"):
        fetch_one(SOURCE, "a.test", LoopbackWeb().policy())

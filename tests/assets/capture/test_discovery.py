"""Discovery: which requests follow from a page, by kind of source."""

import gzip
import json
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.capture.discovery import Page, discover, newsroom, notices, starts, telegram, xml
from assets.capture.discovery.page import Role
from assets.capture.discovery.xml import parse_time, read_feed, read_sitemap
from assets.capture.source import Source

NOW = datetime(2026, 3, 10, tzinfo=UTC)


def make(kind: str, **data: object) -> Source:
    return Source.model_validate({"name": "subject", "kind": kind, "start": ["http://a.test/"], **data})


LISTINGS = make(
    "listings", listings={"follow": ["a.next", "li.page"], "item_link": "h2", "fields": {"text": "p"}}
)
NEWSROOM = make(
    "newsroom",
    newsroom={
        "follow": ["a.more"],
        "article_link": "a.head",
        "feeds": ["/feed"],
        "sitemaps": ["http://a.test/sitemap.xml"],
        "article_pattern": "/news/",
    },
    scope={"since_days": 30},
)
CHANNEL = make("telegram_preview", start=["@somechannel"])
NOTICES = make("notices", start=["http://api.test/v1/red?type=x"], notices={"countries": ["FR", "RO"]})


def page(
    role: Role, body: bytes | str, url: str = "http://a.test/list/", content_type: str | None = None
) -> Page:
    return Page(url, role, body.encode() if isinstance(body, str) else body, content_type)


def found(source: Source, subject: Page) -> list[tuple[str, str]]:
    return [(request.url, request.role) for request in discover(source, subject)]


def test_listings_items_before_pages_links_in_and_around_the_match() -> None:
    body = """
      <a class=next href="?p=2">next</a> <li class=page><a href="/list/3">3</a></li>
      <h2><a href="/ad/1?utm_medium=x">one</a></h2> <a href="/ad/2"><h2>two</h2></a> <h2>none</h2>
      <a class=next href="#top">up</a> <a class=next href="javascript:go()">go</a>"""
    assert found(LISTINGS, page("index", body)) == [
        ("http://a.test/ad/1", "item"),
        ("http://a.test/ad/2", "item"),
        ("http://a.test/list/?p=2", "index"),
        ("http://a.test/list/3", "index"),
    ]


def test_item_pages_are_leaves() -> None:
    assert found(LISTINGS, page("item", '<a class=next href="/x">x</a>')) == []


def test_a_base_element_and_a_foreign_charset_are_honoured() -> None:
    body = '<base href="http://a.test/deep/"><a class=next href="caf\u00e9">x</a>'.encode("latin-1")
    subject = page("index", body, content_type="text/html; charset=ISO-8859-1")
    assert found(LISTINGS, subject) == [("http://a.test/deep/caf%C3%A9", "index")]


def test_newsroom_starts_with_feeds_sitemaps_and_pages() -> None:
    assert [(request.url, request.role) for request in starts(NEWSROOM)] == [
        ("http://a.test/feed", "feed"),
        ("http://a.test/sitemap.xml", "sitemap"),
        ("http://a.test/", "index"),
    ]


def test_newsroom_index_keeps_articles_of_the_pattern() -> None:
    body = (
        '<a class=head href=/news/1>1</a><a class=head href=/jobs/1>2</a><a class=more href="?p=2">more</a>'
    )
    assert found(NEWSROOM, page("index", body)) == [
        ("http://a.test/news/1", "article"),
        ("http://a.test/list/?p=2", "index"),
    ]


RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
<link>http://a.test/</link><atom:link rel="self" href="http://a.test/feed"/>
<item><title>new &nbsp; caf&eacute;</title><link>http://a.test/news/new?a=1&amp;b=2</link>
  <pubDate>Mon, 09 Mar 2026 10:00:00 +0100</pubDate></item>
<item><link>http://a.test/news/old</link><pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate></item>
<item><guid isPermaLink="false">17</guid></item>
<item><guid>http://a.test/news/guid</guid></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><link href="http://a.test/"/>
<entry><link rel="edit" href="/edit"/><link href="/news/atom"/><updated>2026-03-01T00:00:00Z</updated></entry>
</feed>"""


def test_feeds() -> None:
    got = newsroom.discover(NEWSROOM, page("feed", RSS), now=NOW)
    assert [request.url for request in got] == ["http://a.test/news/new?a=1&b=2", "http://a.test/news/guid"]
    got = newsroom.discover(NEWSROOM, page("feed", ATOM), now=NOW)
    assert [request.url for request in got] == ["http://a.test/news/atom"]


RDF = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://a.test/rss"><title>t</title><link>http://a.test/</link>
  <items><rdf:Seq><rdf:li rdf:resource="http://a.test/news/one"/></rdf:Seq></items></channel>
<item rdf:about="http://a.test/news/one"><title>t</title><link>http://a.test/news/one</link>
  <dc:date>2026-03-09T08:00:00+01:00</dc:date></item>
<item rdf:about="http://a.test/news/old"><link>http://a.test/news/old</link><dc:date>2024-03-09</dc:date></item>
</rdf:RDF>"""


def test_feeds_in_rdf_are_rss_1_0() -> None:
    got = newsroom.discover(NEWSROOM, page("feed", RDF), now=NOW)
    assert [(request.url, request.role) for request in got] == [("http://a.test/news/one", "article")]
    assert read_feed(RDF.encode()).entries[0].changed_at == datetime(2026, 3, 9, 7, tzinfo=UTC)


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_json_feeds(version: str) -> None:
    feed: dict[str, object] = {
        "version": f"https://jsonfeed.org/version/{version}",
        "title": "t",
        "home_page_url": "http://a.test/news/home",
        "next_url": "http://a.test/feed?page=2",
        "items": [
            {"id": "1", "url": "http://a.test/news/new", "date_published": "2026-03-09T08:00:00-05:00"},
            {"id": "http://a.test/news/id", "content_text": "http://a.test/news/text"},
            {"id": "3", "url": "/news/relative", "date_modified": "no date"},
            {"id": "4", "url": "http://a.test/news/old", "date_published": "2020-01-01T00:00:00Z"},
            {"id": "5", "url": "http://a.test/news/revised", "date_published": "2020-01-01T00:00:00Z",
             "date_modified": "2026-03-01T00:00:00Z"},
            {"id": 6}, {"id": "no address"}, {"url": 7}, "no item", None,
        ],
    }  # fmt: skip
    got = newsroom.discover(NEWSROOM, page("feed", b"\xef\xbb\xbf" + json.dumps(feed).encode()), now=NOW)
    assert [(request.url, request.role) for request in got] == [
        ("http://a.test/news/new", "article"),
        ("http://a.test/news/id", "article"),
        ("http://a.test/news/relative", "article"),
        ("http://a.test/news/revised", "article"),
        ("http://a.test/feed?page=2", "feed"),
    ]
    # Older pages of a feed are of no use when this one has nothing recent.
    feed["items"] = [{"id": "4", "url": "http://a.test/news/old", "date_published": "2020-01-01T00:00:00Z"}]
    assert newsroom.discover(NEWSROOM, page("feed", json.dumps(feed)), now=NOW) == []
    assert read_feed(json.dumps(feed)[:-9].encode()).is_cut


def test_what_a_sitemap_holds_beyond_the_limits_is_counted() -> None:
    urls = b"".join(b"<url><loc>http://a.test/news/%d</loc></url>" % n for n in range(50_003))
    whole = b"<urlset>" + urls + b"</urlset>"
    for body in (whole, gzip.compress(whole, 1)):
        subject = page("sitemap", body)
        got = newsroom.discover(NEWSROOM, subject, now=NOW)
        assert (len(got), got[-1].url) == (50_000, "http://a.test/news/49999")
        assert subject.left_out == {"sitemap_limit": 3}
    lines = b"".join(b"http://a.test/news/%d\r\n" % n for n in range(50_003))
    assert (read_sitemap(lines).beyond, read_sitemap(lines).pages[-1].url) == (
        3,
        "http://a.test/news/49999",
    )


def test_a_sitemap_above_50_megabytes_is_read_as_far_and_that_is_said() -> None:
    entry = b"<url><loc>http://a.test/news/%d</loc></url><!--" + b" " * 1_000_000 + b"-->"
    body = gzip.compress(b"<urlset>" + b"".join(entry % n for n in range(60)) + b"</urlset>", 1)
    subject = page("sitemap", body)
    got = newsroom.discover(NEWSROOM, subject, now=NOW)
    assert 50 <= len(got) <= 53
    assert subject.left_out == {"sitemap_cut": 1}


@given(st.integers(1, 400), st.integers(0, 40))
def test_entities_between_two_pieces_are_read(entries: int, shift: int) -> None:
    body = "<urlset>" + " " * shift + "<url><loc>http://a.test/&eacute;?a=1&amp;b=2</loc></url>" * entries
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml, "_PIECE_BYTES", 61)
        pages = read_sitemap((body + "</urlset>").encode()).pages
    assert [entry.url for entry in pages] == ["http://a.test/\u00e9?a=1&b=2"] * entries


def test_sitemaps_index_gzip_and_broken_tail() -> None:
    index = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
      <sitemap><loc>http://a.test/s1.xml.gz</loc><lastmod>2026-03-05</lastmod></sitemap>
      <sitemap><loc>http://a.test/s0.xml.gz</loc><lastmod>2020-01-01</lastmod></sitemap></sitemapindex>"""
    urls = """<urlset><url><loc> http://a.test/news/a </loc></url><url><loc>http://a.test/news/b</loc></url>
      <url><loc>http://a.test/news/c</l"""
    got = newsroom.discover(NEWSROOM, page("sitemap", index), now=NOW)
    assert [(request.url, request.role) for request in got] == [("http://a.test/s1.xml.gz", "sitemap")]
    got = newsroom.discover(NEWSROOM, page("sitemap", gzip.compress(urls.encode())), now=NOW)
    assert [request.url for request in got] == ["http://a.test/news/a", "http://a.test/news/b"]


def test_entities_cannot_be_nested_into_a_bomb() -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    body = (
        f'<!DOCTYPE x [<!ENTITY e0 "ha">{levels}]><urlset><url><loc>http://a.test/&e9;</loc></url></urlset>'
    )
    assert all(len(entry.url) < 100 for entry in read_sitemap(body.encode()).pages)


@pytest.mark.parametrize(
    ("start", "address"),
    [
        ("@somechannel", "https://t.me/s/somechannel"),
        ("somechannel", "https://t.me/s/somechannel"),
        ("t.me/somechannel", "https://t.me/s/somechannel"),
        ("https://t.me/s/somechannel?before=7", "https://t.me/s/somechannel"),
        ("http://telegram.me/somechannel/", "https://t.me/s/somechannel"),
        ("http://telegram.test/s/somechannel", "http://telegram.test/s/somechannel"),
        ("http://other.test/preview/x", "http://other.test/preview/x"),
    ],
)
def test_names_of_channels(start: str, address: str) -> None:
    assert telegram.preview_address(start) == address


def preview(numbers: list[int], more: str = "", day: str = "2026-03-09") -> str:
    posts = "".join(
        f'<div class="tgme_widget_message" data-post="somechannel/{n}">'
        f'<time datetime="{day}T10:00:00+00:00"></time></div>'
        for n in numbers
    )
    return f"<html>{more}{posts}</html>"


def test_previews_page_backwards_until_the_first_message() -> None:
    at = "https://t.me/s/somechannel"
    assert found(CHANNEL, page("preview", preview([21, 22, 40]), at)) == [(f"{at}?before=21", "preview")]
    assert found(CHANNEL, page("preview", preview([1, 2, 20]), f"{at}?before=21")) == []
    assert found(CHANNEL, page("preview", "<html>no messages</html>", at)) == []
    link = '<a class="tme_messages_more" data-before="15" href="/s/somechannel?before=15">'
    assert found(CHANNEL, page("preview", preview([17, 18], link), at)) == [(f"{at}?before=15", "preview")]


def test_previews_that_do_not_go_back_end() -> None:
    at = "https://t.me/s/somechannel?before=21"
    assert found(CHANNEL, page("preview", preview([21, 22]), at)) == []


def test_previews_end_at_the_wanted_age() -> None:
    limited = CHANNEL.model_copy(update={"scope": CHANNEL.scope.model_copy(update={"since_days": 5})})
    at = "https://t.me/s/somechannel"
    recent, old = preview([21, 22]), preview([21, 22], day="2026-03-01")
    assert len(telegram.discover(limited, page("preview", recent, at), now=NOW)) == 1
    assert telegram.discover(limited, page("preview", old, at), now=NOW) == []


def walk(people: list[tuple[str, int]], cap: int = 160) -> tuple[set[int], int]:
    """Ask a model of the capped API until nothing follows; returns the notices seen and the number of queries."""
    source = make(
        "notices", start=["http://api.test/v1/red"], notices={"countries": ["FR", "RO", "BR"], "cap": cap}
    )
    waiting = [request.url for request in starts(source)]
    asked: set[str] = set()
    seen: set[int] = set()
    while waiting:
        url = waiting.pop()
        if url in asked:
            continue
        asked.add(url)
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        hits = [
            number
            for number, (country, age) in enumerate(people)
            if query.get("arrestWarrantCountryId") in (None, country)
            and int(query.get("ageMin", 0)) <= age <= int(query.get("ageMax", 999))
        ]
        size, number = int(query["resultPerPage"]), int(query["page"])
        shown = hits[:cap][(number - 1) * size : number * size]
        seen.update(shown)
        answer = {"total": len(hits), "_embedded": {"notices": [{"entity_id": str(n)} for n in shown]}}
        waiting += [r.url for r in discover(source, page("api", json.dumps(answer), url))]
    return seen, len(asked)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(["FR", "RO", "BR"]), st.integers(min_value=0, max_value=90)), max_size=400
    )
)
def test_the_notice_walk_loses_none(people: list[tuple[str, int]]) -> None:
    seen, _ = walk(people, cap=40)
    crowded = {pair for pair in people if people.count(pair) > 40}
    assert {n for n, pair in enumerate(people) if pair not in crowded} <= seen


def test_the_notice_walk_costs_little_more_than_its_pages() -> None:
    people = [("FR", 18 + n % 60) for n in range(900)] + [("RO", 30)] * 100
    seen, queries = walk(people)
    assert len(seen) == 1000
    assert queries <= 1000 / 20 + 40


def test_notices_keep_the_parameters_of_the_start_and_follow_details() -> None:
    [first] = starts(NOTICES)
    assert first.url == "http://api.test/v1/red?type=x&resultPerPage=20&page=1"
    detailed = make("notices", start=["http://api.test/v1/red"], notices={"detail": "_links.self.href"})
    answer = {"total": 1, "_embedded": {"notices": [{"_links": {"self": {"href": "/v1/red/2026-1"}}}]}}
    assert found(detailed, page("api", json.dumps(answer), "http://api.test/v1/red?page=1")) == [
        ("http://api.test/v1/red/2026-1", "item")
    ]


@pytest.mark.parametrize("answer", ["", "<html>", "[]", "null", '{"total": "many"}', '{"total": 9e99}'])
def test_odd_answers_of_the_api_lead_nowhere(answer: str) -> None:
    assert found(NOTICES, page("api", answer, "http://api.test/v1/red?page=1")) == []


ANY_PAGE = st.one_of(
    st.binary(max_size=400),
    st.lists(
        st.sampled_from(
            [b"<a class=next href=", b"<h2>", b"<a href='/x'>", b"<base href=", b"<url><loc>", b"</loc>", b"<item>",
             b"<link>", b"http://a.test/", b"<?xml?>", b"]]>", b"&amp;", b"&x;", b"<!DOCTYPE", b"\x1f\x8b",
             b'{"total":', b"999", b"}", b"data-post='c/7'", b"<div ", b">", b"\xff\xfe", b'"']
        ),
        max_size=30,
    ).map(b"".join),
)  # fmt: skip


def test_elements_nested_without_end_cost_little_time() -> None:
    body = '<a class=next href="/2">x</a>' + "<div>" * 1_000_000
    started = time.process_time()
    assert found(LISTINGS, page("index", body)) == [("http://a.test/2", "index")]
    assert time.process_time() - started < 2


def test_a_long_page_of_ordinary_elements_is_read_to_its_end() -> None:
    body = (
        "<p>text<br><img src=x>" * 20_000 + "<div><b>x</b></div>" * 20_000 + '<a class=next href="/2">x</a>'
    )
    assert found(LISTINGS, page("index", body)) == [("http://a.test/2", "index")]


@given(ANY_PAGE, st.sampled_from(["index", "item", "article", "feed", "sitemap", "api", "preview"]))
def test_any_bytes_are_digested(body: bytes, role: Role) -> None:
    for source in (LISTINGS, NEWSROOM, CHANNEL, NOTICES):
        for request in discover(source, page(role, body)):
            assert request.url.startswith(("http://", "https://"))
    read_feed(body)
    read_sitemap(body)


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    moment = parse_time(text)
    assert moment is None or moment.tzinfo is UTC


def test_totals_are_read() -> None:
    assert notices.total_of(NOTICES, b'{"total": 2}') == 2
    assert notices.total_of(NOTICES, b'{"total": "2"}') is None
    assert notices.total_of(NOTICES, b"<html>") is None


def test_a_split_that_loses_notices_reads_the_capped_pages_of_the_whole() -> None:
    [whole] = starts(NOTICES)
    parts = [whole.url.replace("page=1", f"page=1&arrestWarrantCountryId={code}") for code in ("FR", "RO")]
    fits = {whole.url: 200, parts[0]: 120, parts[1]: 80}
    assert notices.reconcile(NOTICES, fits) == ([], 0)
    requests, beyond = notices.reconcile(NOTICES, {**fits, whole.url: 230})
    assert [request.url[-6:] for request in requests] == [f"page={n}" for n in range(2, 9)]
    # The first 160 of the whole may all be among the 200 that the parts show.
    assert beyond == 230 - 200
    assert notices.reconcile(NOTICES, {**fits, whole.url: 500})[1] == 500 - 200

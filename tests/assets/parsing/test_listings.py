"""Listing pages of unlike layouts become the same kind of rows, by rules alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from assets.capture.source import Source
from assets.parsing.listings import ListingReader

FETCHED = datetime(2026, 7, 10, 15, 30, tzinfo=UTC)


def source_of(fields: dict[str, Any], **changes: Any) -> Source:
    section: dict[str, Any] = {"fields": fields}
    own = ("item", "item_link", "category", "leave_out")
    section.update({name: changes.pop(name) for name in own if name in changes})
    return Source.model_validate(
        {
            "name": "site_one",
            "kind": "listings",
            "start": ["https://ads.example/list"],
            "language": "es",
            "region": "ES",
            "listings": section,
            **changes,
        }
    )


def rows_of(source: Source, html: str, url: str = "https://ads.example/list?page=1") -> list[dict[str, Any]]:
    return ListingReader(source).read_page(html, url, FETCHED).rows


def test_cards_with_links_of_their_own() -> None:
    source = source_of(
        {
            "external_id": "@data-id",
            "url": "h2 a@href",
            "title": "h2",
            "text": ".body",
            "account": ".by",
            "posted_at": "time",
            "phone": {"selector": "a.call", "attribute": "href", "pattern": "tel:(.+)"},
            "place": {"selector": ".facts", "pattern": r"City: ([^\n|]+)"},
            "age": {"selector": ".facts", "pattern": r"(\d+) years"},
            "price": ".price",
            "images": ".gallery",
        },
        item="article",
        category="adult",
    )
    html = """<html lang="en"><body><article data-id="7"><h2><a href="/ad/7#top">Two
      words</a></h2><div class="body"><p>First line<br>second &amp; last</p><ul><li>point</li></ul>
      <script>var hidden = "not text"</script></div><span class="by">rosa</span>
      <time datetime="2026-07-01T10:00:00+02:00">
      1 July</time><a class="call" href="tel:+34600000001">call</a><a href="https://wa.me/34600000002?text=hi">chat</a>
      <div class="facts">City: Vigo | 24 years</div><b class="price">120 €</b>
      <div class="gallery"><img src="/blank.gif" data-src="/p/1.jpg"><img srcset="/p/2-s.jpg 300w, /p/2-l.jpg 900w">
      <i style="background-image:url('/p/3.jpg')"></i></div></article>
      <article data-id="8"><h2><a href="ad/8">Other</a></h2><div class="body">x</div></article></body></html>"""
    first, second = rows_of(source, html)
    assert first["external_id"] == "7"
    assert first["url"] == "https://ads.example/ad/7"
    assert first["title"] == "Two words"
    assert first["text"] == "First line\nsecond & last\npoint"
    assert first["account"] == "rosa"
    assert first["posted_at"] == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert first["phone_text"] == "+34600000001"
    assert first["contact_text"] == "tel:+34600000001\nhttps://wa.me/34600000002?text=hi"
    assert (first["place_text"], first["age_text"], first["price_text"]) == ("Vigo", "24", "120 €")
    assert first["image_urls"] == ["https://ads.example/p/1.jpg", "https://ads.example/p/2-l.jpg"]
    assert first["category"] == "adult"
    assert (first["language"], first["region"]) == ("es", "ES")
    assert second["url"] == "https://ads.example/ad/8"
    assert second["image_urls"] == []
    assert second["phone_text"] is None
    assert first["item_id"] != second["item_id"]


def test_rows_of_a_table_without_classes() -> None:
    source = source_of(
        {
            "posted_at": {"selector": "td:nth-child(1)", "format": "%d.%m.%Y"},
            "title": "td:nth-child(2)",
            "text": "td:nth-child(3)",
            "phone": "td:nth-child(4)",
        },
        item="table#offers tr:has(td)",
    )
    html = """<table id=offers><tr><th>Day<th>What<th>Text<th>Tel
      <tr><td>03.07.2026<td>Cook<td>Work on a farm<br>room included<td>600 00 00 03
      <tr><td>04.07.2026<td>Nanny<td>Two children<td>600 00 00 04</table>"""
    rows = rows_of(source, html)
    assert [row["title"] for row in rows] == ["Cook", "Nanny"]
    assert rows[0]["text"] == "Work on a farm\nroom included"
    assert rows[1]["posted_at"] == datetime(2026, 7, 4, tzinfo=UTC)
    assert rows[0]["url"] is None
    assert len({row["item_id"] for row in rows}) == 2


def test_a_definition_list_on_a_detail_page() -> None:
    source = source_of(
        {
            "title": "h1",
            "text": 'dt:contains("description") + dd',
            "place": 'dt:contains("City") + dd',
            "account": {"selector": "p.by", "pattern": "Posted by (.+)"},
            "posted_at": {"selector": ".when", "languages": ["en"]},
        },
        item_link="a.ad",
    )
    html = """<html lang=en><header><a href="mailto:office@ads.example">us</a></header><h1>Waitress</h1>
      <p class=by>Posted by <b>Lena 22</b></p><p class=when>Posted: 3 days ago</p>
      <dl><dt>Description<dd>Good pay, write to <a href="https://other.example/me">my page</a><dt>City:<dd>Lugo</dl>
      <p><a href="mailto:lena%40mail.example">mail</a></p>
      <footer><a href="https://t.me/ads_example">channel</a></footer></html>"""
    (row,) = rows_of(source, html, "https://ads.example/ad/9")
    assert row["url"] == "https://ads.example/ad/9"
    assert row["text"] == "Good pay, write to my page"
    assert row["place_text"] == "Lugo"
    assert row["account"] == "Lena 22"
    assert row["posted_at"] == datetime(2026, 7, 7, 15, 30, tzinfo=UTC)
    assert row["contact_text"] == "https://other.example/me\nmailto:lena@mail.example"


def test_microdata_and_a_base_address() -> None:
    source = source_of(
        {
            "external_id": "@itemid",
            "url": "link[itemprop=url]",
            "title": "[itemprop=title]",
            "text": "[itemprop=description]",
            "posted_at": "[itemprop=datePosted]",
            "price": "[itemprop=baseSalary]",
            "images": "meta[itemprop=image]",
        },
        item="[itemtype$='/JobPosting']",
        category="job_offer",
    )
    html = """<head><base href="https://cdn.example/root/"></head><div itemscope itemid="urn:42"
      itemtype="https://schema.org/JobPosting"><link itemprop=url href="job/42"><span itemprop=title>Cleaner</span>
      <meta itemprop=datePosted content="2026-06-30"><meta itemprop=baseSalary content="1200 EUR">
      <meta itemprop=image content="i/42.png"><div itemprop=description><p>One</p><p>Two</p></div></div>"""
    (row,) = rows_of(source, html)
    assert row["external_id"] == "urn:42"
    assert row["url"] == "https://cdn.example/root/job/42"
    assert row["text"] == "One\nTwo"
    assert row["posted_at"] == datetime(2026, 6, 30, tzinfo=UTC)
    assert row["price_text"] == "1200 EUR"
    assert row["image_urls"] == ["https://cdn.example/root/i/42.png"]


def test_constants_all_matches_and_a_badge_that_decides_the_category() -> None:
    source = source_of(
        {
            "text": {"selector": "p", "all": True},
            "place": {"value": "Porto"},
            "category": {"selector": ".badge", "value": "adult"},
        },
        item="li",
        category="domestic",
    )
    rows = rows_of(source, "<ul><li><p>a<p>b<i class=badge></i><li><p>c</ul>")
    assert [row["text"] for row in rows] == ["a\nb", "c"]
    assert [row["category"] for row in rows] == ["adult", "domestic"]
    assert {row["place_text"] for row in rows} == {"Porto"}


def test_a_page_where_nothing_matches_names_the_selector() -> None:
    listed = ListingReader(source_of({"text": "p"}, item="article.offer"))
    page = listed.read_page("<div><p>changed</p></div>", "https://ads.example/", FETCHED)
    assert page.rows == []
    assert page.missed == [("selector_matched_nothing", "listings.item 'article.offer' matched nothing")]
    detailed = ListingReader(source_of({"title": "h2.t", "text": "#d"}, item_link="a"))
    ((rule, detail),) = detailed.read_page("<p>changed</p>", "https://ads.example/1", FETCHED).missed
    assert rule == "selector_matched_nothing"
    assert "listings.fields.title 'h2.t'" in detail
    assert "listings.fields.text '#d'" in detail


def test_an_error_page_with_a_heading_is_no_advertisement() -> None:
    reader = ListingReader(source_of({"title": "h1", "text": "#d", "phone": ".tel"}, item_link="a"))
    page = reader.read_page("<h1>Page not found</h1>", "https://ads.example/1", FETCHED)
    assert page.rows == []
    assert page.missed[0][0] == "selector_matched_nothing"
    kept = reader.read_page("<h1>Nanny</h1><p class=tel>600 000 001</p>", "https://ads.example/2", FETCHED)
    assert [row["text"] for row in kept.rows] == ["Nanny"]


def test_a_required_field_that_is_missing_rejects_only_its_item() -> None:
    reader = ListingReader(source_of({"text": "p", "phone": {"selector": "b", "required": True}}, item="li"))
    page = reader.read_page("<ul><li><p>a</p><b>1</b><li><p>b</p></ul>", "https://ads.example/", FETCHED)
    assert [row["text"] for row in page.rows] == ["a"]
    assert page.missed == [("required_field_missing", "listings.fields.phone 'b' matched nothing")]


@pytest.mark.parametrize(
    "href",
    [
        "https://www.facebook.example/sharer?u=https://wa.me/",
        "https://t.me/share/url?url=x",
        "https://evil.example/?q=t.me/someone",
    ],
)
def test_links_that_share_or_only_mention_a_messenger_are_no_contact(href: str) -> None:
    (row,) = rows_of(source_of({"title": "b"}, item="li"), f'<ul><li><b>a</b><a href="{href}">x</a></ul>')
    assert row["contact_text"] is None


def test_one_text_under_two_telephones_is_two_items_and_one_content() -> None:
    html = "<ul><li><p>same</p><b>600 000 001</b><li><p>SAME </p><b>600 000 002</b></ul>"
    first, second = rows_of(source_of({"text": "p", "phone": "b"}, item="li"), html)
    assert first["item_id"] != second["item_id"]
    assert first["content_sha256"] == second["content_sha256"]


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        ('<a href="tel:+34600000001">me</a>', "tel:+34600000001"),
        ("600 000 001", None),
        ("no number", "tel:+34600000009"),
    ],
)
def test_a_box_beside_the_advertisement_counts_only_where_it_has_no_contact_itself(
    own: str, kept: str | None
) -> None:
    source = source_of({"title": "h1", "text": "#d"}, item_link="a.ad")
    page = f'<h1>Ad</h1><div id=d>text</div><p>{own}</p><aside><a href="tel:+34600000009">sponsor</a></aside>'
    (row,) = rows_of(
        source,
        page.replace("<div id=d>text</div><p>", "<div id=d>text ").replace("</p><aside", "</div><aside"),
        "https://ads.example/ad/1",
    )
    assert row["contact_text"] == kept


def test_what_is_not_the_poster_s_is_left_out() -> None:
    """Quotes within quotes and a box of the site's, their links too; what is left keeps its lines."""
    html = """<ul><li><div class="post"><p>She is back.</p><blockquote>old words <blockquote>older
      <a href="https://wa.me/34600000001">chat</a></blockquote> 600 000 001</blockquote><p>Ask for Ana.</p>
      <p class="report">Report: 600 000 002</p></div></li><li><div class="post">Alone</div></li></ul>"""
    fields = {"text": ".post"}
    rows = rows_of(source_of(fields, item="li", leave_out=["blockquote", '.report:contains("REPORT")']), html)
    assert [row["text"] for row in rows] == ["She is back.\nAsk for Ana.", "Alone"]
    assert [row["contact_text"] for row in rows] == [None, None]
    whole = rows_of(source_of(fields, item="li"), html)[0]
    assert "older" in whole["text"]
    assert "34600000001" in whole["contact_text"]
    # A page is never left out whole.
    assert len(rows_of(source_of(fields, item="li", leave_out=["html, body"]), html)) == 2

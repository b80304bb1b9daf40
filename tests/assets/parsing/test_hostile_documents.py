"""Documents made to hang or break a parser end as a problem with a reason, quickly; the others go on."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import polars as pl
import pytest

from assets.capture.rows import Origin, capture_row, capture_schema
from assets.capture.source import Source
from assets.parsing.parse import parse_unit
from assets.parsing.text import visible_text

DAY = date(2026, 3, 1)
KINDS: dict[str, dict[str, Any]] = {
    "listings": {
        "listings": {"follow": ["a"], "item_link": "a.item", "fields": {"text": "p", "title": "h1"}}
    },
    "newsroom": {"newsroom": {"article_link": "a"}},
    "telegram_preview": {},
    "notices": {"notices": {}},
    "documents": {"path": "inbox"},
    "telegram_export": {"path": "inbox"},
}
ROLES = {
    "listings": "item",
    "newsroom": "article",
    "telegram_preview": "preview",
    "notices": "api",
    "documents": "file",
    "telegram_export": "file",
}
GOOD = {
    "listings": b"<h1>Room</h1><p>A quiet room.</p>",
    "newsroom": b"<html><body><article><h1>Release</h1><p>" + b"A sentence about nothing. " * 9 + b"</p></article>",
    "telegram_preview": b'<div data-post="c/7"><div class="tgme_widget_message_text">hello</div></div>',
    "notices": b'{"total": 1, "_embedded": {"notices": [{"entity_id": "2026/1", "name": "INVENTED"}]}}',
    "documents": b"A report about nothing much.\nIt has two lines.",
    "telegram_export": b'{"name": "c", "messages": [{"id": 1, "type": "message", "date": "2026-03-01", "text": "x"}]}',
}  # fmt: skip
HTML_BOMBS = {
    "nested": b"<h1>x</h1><div>" * 60_000,
    "nested with stray ends": b"<p><div></x>" * 60_000,
    "formatting left open": b"<p>" + b"".join(b"<b id=%d>" % n for n in range(999)) + b"</p>" + b"<p>x" * 5_000,
    "attributes": b"<p " + b" ".join(b"a%d=b" % n for n in range(60_000)) + b">",
    "tables": b"<table><tr><td>" * 60_000,
}  # fmt: skip
JSON_BOMBS = {
    "nested": b"[" * 500_000,
    "nested objects": b'{"messages":' * 100_000,
    "cut short": b'{"total": 3, "_embedded": {"notices": [{"ent',
    "no text": bytes(range(256)) * 100,
}
PDF_HEAD = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
PDF_BOMBS = {
    "a page tree in a circle": PDF_HEAD
    + b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "a table of references that leads to itself": PDF_HEAD
    + b"xref\n0 1\n0000000000 65535 f\ntrailer<</Root 1 0 R/Prev 60>>\nstartxref\n60\n%%EOF",
    "nothing but the head": b"%PDF-1.7\n",
    "arrays in arrays": PDF_HEAD + b"2 0 obj" + b"[" * 50_000 + b"endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
}


def source(kind: str) -> Source:
    start = {} if kind in ("documents", "telegram_export") else {"start": ["http://a.test/"]}
    return Source.model_validate({"name": "one", "kind": kind, **start, **KINDS[kind]})


def captures(kind: str, bodies: list[bytes], content_type: str | None = None) -> pl.DataFrame:
    rows = []
    for number, body in enumerate(bodies):
        address = f"http://a.test/{number}"
        origin = Origin("one", DAY, 1, ROLES[kind], address, "a.test", 1, None, "test")
        moment = datetime(2026, 3, 1, 12, number, tzinfo=UTC)
        rows.append(capture_row(origin, moment, body, outcome="ok", status=200, content_type=content_type))
    return pl.DataFrame(rows, schema=capture_schema())


def check(kind: str, bomb: bytes, content_type: str | None = None) -> None:
    good = GOOD[kind]
    unit = parse_unit(
        source(kind), captures(kind, [good, bomb, good.replace(b"2026/1", b"2026/2")], content_type)
    )
    table = {"newsroom": "documents", "telegram_preview": "messages", "telegram_export": "messages"}.get(
        kind, kind
    )
    items = getattr(unit, table)
    assert items.height >= 1
    bad = captures(kind, [good, bomb], content_type)["capture_id"][1]
    [problem] = unit.problems.filter(capture_id=bad).iter_rows(named=True)
    assert problem["rule"] in ("broken", "not_json", "not_an_export", "not_text", "empty")
    assert problem["detail"]
    assert bad not in items["capture_id"].to_list()


@pytest.mark.parametrize("bomb", HTML_BOMBS)
@pytest.mark.parametrize("kind", ["listings", "newsroom", "telegram_preview", "documents"])
def test_pages(kind: str, bomb: str) -> None:
    if kind == "documents":
        check(kind, b"<!doctype html>" + HTML_BOMBS[bomb])
    else:
        check(kind, HTML_BOMBS[bomb], "text/html")


@pytest.mark.parametrize("bomb", JSON_BOMBS)
@pytest.mark.parametrize("kind", ["notices", "telegram_export"])
def test_json(kind: str, bomb: str) -> None:
    check(kind, JSON_BOMBS[bomb])


@pytest.mark.parametrize("bomb", PDF_BOMBS)
def test_pdf(bomb: str) -> None:
    check("documents", PDF_BOMBS[bomb])


def content_stream(operators: bytes) -> bytes:
    """A PDF of one page with this content."""
    return (
        PDF_HEAD
        + b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        + b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>endobj\n"
        + b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF"
        % (len(operators), operators)
    )


def test_a_pdf_page_that_would_be_drawn_for_hours_is_a_problem() -> None:
    check("documents", content_stream(b"q Q " * 5_000_000))


ODD_MESSAGES = [
    {"id": 10**18, "date_unixtime": "²²"},
    {"id": 2**63, "date_unixtime": "9999999999"},
    {"id": 3, "views": 2**63, "reply_to_message_id": 2**64 - 1},
    {"id": -5, "text": [{"type": "text_link", "href": 5}, None, {"type": "phone", "text": "\x00"}]},
    {"id": True, "poll": {"answers": {"text": 1}}},
    {"id": 4, "photo": 7, "edited_unixtime": -1, "from": []},
]


@pytest.mark.parametrize("message", ODD_MESSAGES, ids=str)
def test_an_odd_message_harms_no_other(message: dict[str, Any]) -> None:
    plain = {"type": "message", "date": "2026-03-01T00:00:00", "text": "x"}
    export = {"name": "c", "messages": [{**plain, "id": 1}, {**plain, **message}, {**plain, "id": 2}]}
    unit = parse_unit(source("telegram_export"), captures("telegram_export", [orjson.dumps(export)]))
    assert {1, 2} <= set(unit.messages["message_id"])


@pytest.mark.parametrize("number", ["²", "99999999999999", "١٢"])
def test_an_odd_number_of_a_post_harms_no_other(number: str) -> None:
    odd = GOOD["telegram_preview"].replace(b"c/7", f"c/{number}".encode())
    unit = parse_unit(
        source("telegram_preview"), captures("telegram_preview", [GOOD["telegram_preview"] + odd])
    )
    assert 7 in set(unit.messages["message_id"])


@pytest.mark.parametrize(
    "serialised",
    [
        "<noembed>" + "<script " * 60_000 + "</noembed>",
        "<noframes>" + "<!--" * 100_000 + "</noframes>",
        '<a title="<!--">x</a>' * 40_000,
        '<a title="<pre>">x</a>' * 40_000,
    ],
)
def test_text_is_read_in_time_though_nothing_is_closed(serialised: str) -> None:
    # With a search to the end of the page for each of the openings, these take minutes.
    assert len(visible_text("<p>before</p>" + serialised)) < 1_000_000

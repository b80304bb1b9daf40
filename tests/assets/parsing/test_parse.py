"""A unit's captures become frames of exact schemas; what cannot be read is a problem, never an exception."""

import gzip
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.capture.source import Source
from assets.parsing import schemas
from assets.parsing.parse import item_roles, parse_unit, table_of
from quality.contracts import CONTRACTS

DAY = date(2026, 7, 10)
START = datetime(2026, 7, 10, 6, tzinfo=UTC)

SECTIONS: dict[str, dict[str, Any]] = {
    "listings": {
        "start": ["https://one.example/"],
        "listings": {
            "item": "li",
            "fields": {"external_id": "@id", "title": "b", "text": "p", "posted_at": "i"},
        },
    },
    "newsroom": {"start": ["https://one.example/"], "newsroom": {"article_link": "a"}},
    "telegram_preview": {"start": ["@one_example"]},
    "telegram_export": {"path": "exports"},
    "notices": {"start": ["https://one.example/"]},
    "documents": {"path": "inbox"},
}
SOURCES: dict[str, Source] = {
    kind: Source.model_validate({"name": f"a_{kind}", "kind": kind, "site": "one.example", **rest})
    for kind, rest in SECTIONS.items()
}
DETAILED = Source.model_validate(
    {
        "name": "detailed",
        "kind": "listings",
        "start": ["https://one.example/"],
        "listings": {"item_link": "a", "fields": {"title": "h1", "text": "#d"}},
    }
)
ROLES = {
    "listings": "index",
    "newsroom": "article",
    "telegram_preview": "preview",
    "telegram_export": "file",
    "notices": "api",
    "documents": "file",
}


def capture(source: Source, body: bytes | None, number: int = 0, **changes: Any) -> dict[str, Any]:
    url = f"https://one.example/{number}"
    return {
        "capture_id": f"{number:024x}",
        "source": source.name,
        "unit_date": DAY,
        "role": ROLES[source.kind],
        "request_url": url,
        "url": url,
        "site": "one.example",
        "fetched_at": START + timedelta(minutes=number),
        "body": body,
        "content_type": "text/html; charset=utf-8",
        "content_encoding": None,
        "outcome": "ok",
        **changes,
    }


def captures_of(*rows: dict[str, Any]) -> pl.DataFrame:
    schema = {name: CONTRACTS["captures"].schema[name] for name in capture(SOURCES["listings"], None)}
    return pl.DataFrame(list(rows), schema=schema)


def schema_of(table: str) -> dict[str, pl.DataType]:
    return schemas.PROBLEMS_SCHEMA if table == "problems" else CONTRACTS[table].schema


@pytest.mark.parametrize("kind", SOURCES)
def test_an_empty_unit_has_empty_frames_of_the_right_schemas(kind: str) -> None:
    unit = parse_unit(SOURCES[kind], captures_of())
    for table in ("listings", "messages", "documents", "notices", "problems"):
        frame = getattr(unit, table)
        assert frame.height == 0
        assert dict(frame.schema) == schema_of(table)


def test_an_item_seen_twice_is_kept_as_last_seen_and_wire_bytes_are_decoded() -> None:
    source = SOURCES["listings"]
    early = capture(source, b"<li id=7><b>t</b><p>old</p><li id=8><p>stays</p>", 1)
    late = capture(source, gzip.compress(b"<li id=7><b>t</b><p>new</p>"), 2, content_encoding="gzip")
    unit = parse_unit(source, captures_of(late, early))
    texts = dict(unit.listings.select("external_id", "text").iter_rows())
    assert texts == {"7": "new", "8": "stays"}
    by_id = dict(unit.listings.select("external_id", "capture_id").iter_rows())
    assert by_id["7"] == late["capture_id"]
    assert unit.listings["item_id"].is_unique().all()
    assert unit.problems.height == 0


def test_only_item_pages_with_a_body_are_read() -> None:
    page = b"<h1>Nanny</h1><div id=d>text</div>"
    rows = [
        capture(DETAILED, page, 1, role="index"),
        capture(DETAILED, page, 2, role="item"),
        capture(DETAILED, page, 3, role="item", outcome="http_error"),
        capture(DETAILED, None, 4, role="item", outcome="unchanged"),
        capture(DETAILED, page, 5, role="item", outcome="truncated"),
    ]
    unit = parse_unit(DETAILED, captures_of(*rows))
    assert unit.listings["url"].to_list() == ["https://one.example/2", "https://one.example/5"]


def test_a_changed_layout_is_a_problem_that_names_the_selector() -> None:
    source = SOURCES["listings"]
    unit = parse_unit(source, captures_of(capture(source, b"<article>all new</article>")))
    (problem,) = unit.problems.to_dicts()
    assert problem["rule"] == "selector_matched_nothing"
    assert problem["detail"] == "listings.item 'li' matched nothing"
    assert problem["table"] == "listings"
    assert unit.listings.height == 0


def test_a_page_that_only_leads_on_is_no_problem_unless_nothing_is_found_at_all() -> None:
    source = SOURCES["listings"]
    assert source.listings is not None
    section = source.listings.model_copy(update={"follow": ("nav a", "a.next@href")})
    source = source.model_copy(update={"listings": section})
    cities = capture(source, b"<nav><a href=/a>A</a></nav>", 1)
    unit = parse_unit(source, captures_of(cities, capture(source, b"<li id=1><p>text</p>", 2)))
    assert unit.problems["rule"].to_list() == ["page_without_items"]
    assert unit.problems["rule"].is_in(list(schemas.ADVISORY_RULES)).all()
    unit = parse_unit(source, captures_of(cities))
    assert unit.problems["rule"].to_list() == ["page_without_items", "selector_matched_nothing"]
    assert unit.problems["detail"][1] == "listings.item 'li' matched nothing on 1 pages"


def test_headings_that_survive_a_new_layout_are_no_items() -> None:
    source = SOURCES["listings"]
    page = b"".join(b"<li id=%d><b>title</b><div>text elsewhere</div>" % number for number in range(5))
    unit = parse_unit(source, captures_of(capture(source, page)))
    assert unit.listings.height == 0
    assert unit.problems["detail"].to_list() == ["listings.fields.text 'p' matched nothing in 5 items"]


def test_a_field_that_nothing_shows_is_mentioned_and_rejects_nothing() -> None:
    source = SOURCES["listings"]
    page = b"".join(b"<li id=%d><b>title</b><p>text</p>" % number for number in range(25))
    unit = parse_unit(source, captures_of(capture(source, page)))
    assert unit.listings.height == 25
    (rule,) = unit.problems["rule"].to_list()
    assert rule == "field_never_matched"
    assert rule in schemas.ADVISORY_RULES


def test_a_contact_beside_every_advertisement_is_the_site_s_own() -> None:
    page = (
        '<h1>Ad</h1><div id=d>text <a href="tel:+34600000777">me</a></div><a href="tel:+346000001{0}">mine</a>'
        '<div><a href="https://wa.me/34600000999">help</a></div>'
    )
    rows = [capture(DETAILED, page.format(n).encode(), n, role="item") for n in range(10, 22)]
    unit = parse_unit(DETAILED, captures_of(*rows))
    assert unit.listings["contact_text"].to_list() == [
        f"tel:+34600000777\ntel:+346000001{n}" for n in range(10, 22)
    ]
    few = parse_unit(DETAILED, captures_of(*rows[:5]))
    assert all("wa.me" in contact for contact in few.listings["contact_text"])


def test_an_invalid_selector_is_reported_once() -> None:
    source = DETAILED.model_copy(
        update={"listings": DETAILED.listings.model_copy(update={"item_link": "a[[", "item": "::"})}  # type: ignore[union-attr]
    )
    unit = parse_unit(
        source, captures_of(capture(source, b"<p>", 1, role="item"), capture(source, b"<p>", 2, role="item"))
    )
    assert unit.problems["detail"].to_list() == [
        "listings.item_link 'a[[' is not valid CSS",
        "listings.item '::' is not valid CSS",
    ]


def test_a_body_that_cannot_be_decoded_leaves_the_others_alone() -> None:
    source = SOURCES["listings"]
    cut = gzip.compress(b"<li id=1><p>a</p>" * 50)[:-12]
    unit = parse_unit(
        source,
        captures_of(
            capture(source, cut, 1, content_encoding="gzip"),
            capture(source, bytes(range(256)) * 9, 2),
            capture(source, b"<li id=3><p>fine</p>", 3),
        ),
    )
    assert unit.listings["text"].to_list() == ["fine"]
    assert unit.problems["rule"].to_list() == ["body_undecodable", "not_text"]
    assert unit.problems["capture_id"].to_list() == [f"{1:024x}", f"{2:024x}"]


def test_messages_of_a_preview_and_an_empty_channel() -> None:
    source = SOURCES["telegram_preview"]
    post = (
        b'<div data-post="one_example/7"><div class="tgme_widget_message_text">hi</div>'
        b'<time datetime="2026-07-01T08:00:00+00:00"></time></div>'
    )
    empty = b'<div class="tme_no_messages_found">No posts found</div>'
    unit = parse_unit(
        source, captures_of(capture(source, post, 1), capture(source, empty, 2), capture(source, b"x", 3))
    )
    (row,) = unit.messages.to_dicts()
    assert (row["channel"], row["message_id"], row["url"]) == ("one_example", 7, "https://t.me/one_example/7")
    assert unit.problems["capture_id"].to_list() == [f"{3:024x}"]


def test_messages_of_an_export() -> None:
    source = SOURCES["telegram_export"]
    export = {
        "name": "Jobs",
        "messages": [{"id": 1, "type": "message", "date": "2026-07-01T08:00:00", "text": "hi"}],
    }
    file = {"url": "file:result.json", "content_type": "application/json"}
    unit = parse_unit(
        source, captures_of(capture(source, orjson.dumps(export), 1, **file), capture(source, b"{}", 2))
    )
    (row,) = unit.messages.to_dicts()
    assert (row["channel"], row["text"], row["url"]) == ("Jobs", "hi", None)
    assert unit.problems["rule"].to_list() == ["not_an_export"]


def test_notices_of_two_queries_are_one_row() -> None:
    source = SOURCES["notices"]
    answer = orjson.dumps({"total": 1, "_embedded": {"notices": [{"entity_id": "1", "name": "EXAMPLE"}]}})
    asked = "https://one.example/?arrestWarrantCountryId="
    unit = parse_unit(
        source,
        captures_of(
            capture(source, answer, 1, request_url=asked + "FR"),
            capture(source, answer, 2, request_url=asked + "ES"),
        ),
    )
    (row,) = unit.notices.to_dicts()
    assert row["warrant_countries"] == ["ES", "FR"]


def test_documents_of_a_folder_take_the_source_s_publisher() -> None:
    source = SOURCES["documents"].model_copy(
        update={"documents": SOURCES["documents"].documents.model_copy(update={"publisher": "Ministry"})}
    )
    file = {"url": "file:a/b.txt", "content_type": None}
    unit = parse_unit(
        source, captures_of(capture(source, "Año 2026: 15 detenidos".encode("latin-1"), 1, **file))
    )
    (row,) = unit.documents.to_dicts()
    assert (row["text"], row["publisher"], row["format"]) == ("Año 2026: 15 detenidos", "Ministry", "txt")
    assert row["url"] == "file:a/b.txt"


def test_every_kind_has_a_table_and_roles() -> None:
    assert {table_of(source) for source in SOURCES.values()} == {
        "listings",
        "messages",
        "documents",
        "notices",
    }
    assert item_roles(SOURCES["listings"]) == {"index"}
    assert item_roles(DETAILED) == {"item"}


FRAGMENTS = st.sampled_from(
    [b"<li id=1>", b"<p>", b"</p>", b"<b>x", b"<i>3 days ago", b"<a href='tel:%2", b"<img srcset=' , 2x'>", b"\xff\xfe",
     b'<div data-post="a/9">', b'{"messages":[{"id":1}]}', b'{"_embedded":{"notices":[{"entity_id":1}]}}', b"%PDF-1.4",
     b"<base href='::'>", b"<table>", b"\x00", b"&#xd800;"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*SOURCES.values(), DETAILED]),
    st.lists(FRAGMENTS | st.binary(max_size=40), max_size=8).map(b"".join),
    st.sampled_from([None, "gzip", "br", "zstd", "nonsense"]),
)
def test_no_body_makes_it_raise(source: Source, body: bytes, encoding: str | None) -> None:
    role = "item" if source is DETAILED else ROLES[source.kind]
    unit = parse_unit(source, captures_of(capture(source, body, role=role, content_encoding=encoding)))
    for table in ("listings", "messages", "documents", "notices", "problems"):
        assert dict(getattr(unit, table).schema) == schema_of(table)

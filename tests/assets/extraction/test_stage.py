"""The stage's own work: what a page's source adds, and which rules re-read which table."""

import gzip
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.extraction import made_from
from assets.extraction.stage import mentions_of
from quality.contracts import CONTRACTS


def listings(*texts: str) -> pl.DataFrame:
    rows = [
        {
            "item_id": f"{place:024x}", "source": "s", "unit_date": date(2026, 1, 1), "capture_id": "c" * 24,
            "site": "site.test", "text": text, "region": "GB", "language": "en", "image_urls": [],
        }
        for place, text in enumerate(texts)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema_overrides=CONTRACTS["listings"].schema).with_columns(
        pl.lit(None, kind).alias(name)
        for name, kind in CONTRACTS["listings"].schema.items()
        if name not in rows[0]
    )


def test_a_page_s_measuring_id_is_a_mention_of_its_first_item_alone() -> None:
    page = gzip.compress(b"<script>gtag('config', 'G-TEST00TEST')</script>")
    captures = pl.DataFrame(
        {"capture_id": ["c" * 24, "d" * 24], "body": [page, b"\xff"], "content_encoding": ["gzip", "br"]}
    )
    mentions = mentions_of(listings("call 07700 900123", "second"), "listings", captures)
    assert mentions.select("item_id", "kind", "value", "field", "span_start").rows() == [
        ("0" * 24, "phone", "+447700900123", "text", 5),
        ("0" * 24, "analytics", "google-analytics:G-TEST00TEST", "page", None),
    ]


def test_a_report_is_read_for_measuring_ids_and_not_for_telephone_numbers() -> None:
    documents = CONTRACTS["documents"].completed(
        listings("Press office 07700 900123. Both sites use GTM-TEST00.")
    )
    mentions = mentions_of(documents, "documents")
    assert mentions.select("item_table", "kind", "value", "field", "span_start").rows() == [
        ("documents", "analytics", "google-tag-manager:GTM-TEST00", "text", 42)
    ]


def test_whom_a_message_was_forwarded_from_is_no_contact_of_whoever_forwards_it() -> None:
    source, own = "https://t.me/foo_board", "https://t.me/foo_own"
    rows = {
        "item_id": ["0" * 24, "1" * 24], "source": "s", "unit_date": date(2026, 1, 1), "site": "t.me/s/foo",
        "channel": "foo", "text": ["write @foo_board", "news"], "links": [[own, source], [source]],
        "forwarded_from": ["Foo (the board) (https://t.me/foo_board)", None],
    }  # fmt: skip
    messages = CONTRACTS["messages"].completed(pl.DataFrame(rows))
    found = mentions_of(messages, "messages").select("item_id", "field", "kind", "value").rows()
    assert sorted(found) == [
        ("0" * 24, "links", "messenger", "telegram:foo_own"),
        ("0" * 24, "links", "url", source),
        ("0" * 24, "links", "username", "foo_own"),
        ("0" * 24, "text", "username", "foo_board"),
        ("1" * 24, "links", "messenger", "telegram:foo_board"),
        ("1" * 24, "links", "username", "foo_board"),
    ]


@pytest.mark.parametrize(
    ("region", "place", "text", "phones"),
    [
        (None, "Lyon", "call 06 39 98 12 34", ["+33639981234"]),
        (None, None, "new in Lyon, call 06 39 98 12 34", ["+33639981234"]),
        (None, "Wien", "call 01632 960123", ["+431632960123"]),
        (None, "London", "call 01632 960123", ["+441632960123"]),
        ("GB", "Lyon", "call 01632 960123", ["+441632960123"]),
        # Two countries, and no word which of them: the language decides.
        (None, None, "from Lyon to Wien, call 01632 960123", ["+441632960123"]),
    ],
)
def test_where_the_source_has_no_country_the_place_tells_how_a_number_is_dialled(
    region: str | None, place: str | None, text: str, phones: list[str]
) -> None:
    items = listings(text).with_columns(
        pl.lit(region, pl.String).alias("region"), pl.lit(place, pl.String).alias("place_text")
    )
    mentions = mentions_of(items, "listings")
    assert mentions.filter(pl.col("kind") == "phone")["value"].to_list() == phones


@pytest.mark.parametrize(
    ("rule", "touched"),
    [
        ("phone_cues.yaml", {"mentions"}),
        ("platforms.yaml", {"mentions"}),
        ("top_level_domains.txt", {"mentions"}),
        # A place tells where a number without a country code is dialled.
        ("places.yaml", {"mentions", "facts"}),
        ("signs/es.yaml", {"facts"}),
        ("concepts/es.yaml", {"facts"}),
        ("senses/es.yaml", {"facts"}),
        ("learned/signs.parquet", {"facts"}),
        ("numbers/es.yaml", {"mentions", "facts"}),
    ],
)
def test_a_changed_rule_touches_the_tables_that_are_made_from_it(
    rule: str, touched: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "extraction"
    shutil.copytree(Path(made_from.__file__).parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(made_from, "_FOLDER", folder)
    before = {table: made_from.table_digest.__wrapped__(table) for table in made_from.ENTRIES}
    file = folder / "rules" / rule
    file.write_bytes(file.read_bytes() + b"\n# changed\n")
    after = {table: made_from.table_digest.__wrapped__(table) for table in made_from.ENTRIES}
    assert {table for table in before if before[table] != after[table]} == touched

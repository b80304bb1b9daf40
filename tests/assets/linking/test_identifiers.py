"""Identifiers: counted once per item and site, phones with their country."""

from datetime import date

import polars as pl

from assets.linking.actors import HELD, link_actors
from assets.linking.identifiers import build_identifiers
from quality.contracts import CONTRACTS


def _mention(item: str, kind: str, value: str, site: str, obscured: bool = False) -> dict[str, object]:
    return {
        "item_id": item,
        "identifier_id": f"{kind}:{value}",
        "kind": kind,
        "value": value,
        "site": site,
        "obscured": obscured,
    }


ITEMS = pl.DataFrame(
    {
        "item_id": ["a", "b"],
        "first_seen": [date(2026, 1, 2), date(2026, 1, 1)],
        "last_seen": [date(2026, 1, 3), date(2026, 1, 2)],
    }
)

NOBODY = pl.DataFrame(schema=HELD)
NO_LINES = pl.Series("identifier_id", [], dtype=pl.String)


def test_counts_days_and_regions() -> None:
    mentions = pl.DataFrame(
        [
            _mention("a", "phone", "+442079460123", "s"),
            _mention("a", "phone", "+442079460123", "s", obscured=True),
            _mention("b", "phone", "+442079460123", "t"),
            _mention("b", "email", "x@y.example", "t"),
            _mention("b", "phone", "+88213300655", "t"),
        ]
    )
    found = build_identifiers(mentions, ITEMS, NOBODY, NO_LINES)
    assert dict(found.schema) == CONTRACTS["identifiers"].schema
    phone = found.row(by_predicate=pl.col("value") == "+442079460123", named=True)
    assert phone["region"] == "GB"
    assert (phone["mention_count"], phone["item_count"], phone["site_count"]) == (3, 2, 2)
    assert phone["obscured_count"] == 1
    assert (phone["first_seen"], phone["last_seen"]) == (date(2026, 1, 1), date(2026, 1, 3))
    assert found.filter(pl.col("value") != "+442079460123")["region"].null_count() == 2
    shuffled = build_identifiers(mentions.reverse(), ITEMS.reverse(), NOBODY, NO_LINES)
    assert shuffled.equals(found)


def test_no_mentions_no_identifiers() -> None:
    none = pl.DataFrame(schema=CONTRACTS["mentions"].schema)
    assert dict(build_identifiers(none, ITEMS, NOBODY, NO_LINES).schema) == CONTRACTS["identifiers"].schema


def test_what_would_glue_strangers_is_marked_with_the_reason() -> None:
    """Twenty posters with numbers of their own; lines, photos, addresses and one recycled number among them."""
    mentions = []
    for number in range(40):
        own = [("phone", f"+1555555{number // 2:04d}"), ("image", f"img.example/{number // 2}.jpg")]
        mentions += [_mention(f"i{number:02}", kind, value, "s") for kind, value in own]
        mentions.append(_mention(f"i{number:02}", "phone", "+18885550100", "s"))
        mentions.append(_mention(f"i{number:02}", "url", "https://safe.example/", "s"))
    mentions += [_mention("i02", "messenger", "wa.me/18885550100", "s")]
    mentions += [_mention(item, "image", "img.example/stolen.jpg", "s") for item in ("i02", "i10")]
    mentions += [_mention(item, "phone", "+15555559999", "s") for item in ("i04", "i12")]
    frame = pl.DataFrame(mentions)
    items = pl.DataFrame(
        {
            "item_id": [f"i{number:02}" for number in range(40)],
            "site": "s",
            "account": [f"u{number // 2}" for number in range(40)],
            "first_seen": date(2026, 1, 1),
            "last_seen": date(2026, 1, 2),
            "posted_at": pl.Series([None] * 40, dtype=pl.Datetime("us", "UTC")),
        }
    )
    linked = link_actors(items, frame)
    assert linked.actors.height == 20
    found = build_identifiers(frame, items, linked.held, linked.lines)
    told = {row["value"]: row for row in found.iter_rows(named=True)}
    for value, reason, weight in (
        ("+18885550100", "support_line", 0.5),
        ("wa.me/18885550100", "support_line", 0.5),
        ("https://safe.example/", "everybody", 0.0),
        ("img.example/stolen.jpg", "copied_image", 0.5),
        ("+15555559999", "several_holders", 1.0),
        ("+15555550000", None, 1.0),
    ):
        row = told[value]
        assert (row["damped_because"], row["is_super_connector"], row["weight"]) == (
            reason,
            bool(reason),
            weight,
        )
    assert told["https://safe.example/"]["actor_count"] == 20
    assert found["is_super_connector"].sum() == 5

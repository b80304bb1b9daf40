"""Identifiers: counted once per item and site, phones with their country."""

from datetime import date

import polars as pl

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
    found = build_identifiers(mentions, ITEMS)
    assert dict(found.schema) == CONTRACTS["identifiers"].schema
    phone = found.row(by_predicate=pl.col("value") == "+442079460123", named=True)
    assert phone["region"] == "GB"
    assert (phone["mention_count"], phone["item_count"], phone["site_count"]) == (3, 2, 2)
    assert phone["obscured_count"] == 1
    assert (phone["first_seen"], phone["last_seen"]) == (date(2026, 1, 1), date(2026, 1, 3))
    assert found.filter(pl.col("value") != "+442079460123")["region"].null_count() == 2
    shuffled = build_identifiers(mentions.reverse(), ITEMS.reverse())
    assert shuffled.equals(found)


def test_no_mentions_no_identifiers() -> None:
    none = pl.DataFrame(schema=CONTRACTS["mentions"].schema)
    assert dict(build_identifiers(none, ITEMS).schema) == CONTRACTS["identifiers"].schema

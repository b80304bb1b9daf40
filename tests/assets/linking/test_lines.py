"""Lines found in arrays are those found in tables: invented worlds of posters, lines, mailboxes and circles."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from assets.linking.contacts import mark_lines, number_items
from assets.linking.lines import lines_of
from assets.linking.slotted import Slotted
from assets.linking.starts import account_name

KINDS = ("phone", "email", "username", "image", "url", "analytics", "text")
WEIGHTS = {"phone": 1.0, "email": 1.0, "username": 1.0, "text": 0.4}


def world(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Items as `number_items` has them, contacts with is_mailbox, and uses."""
    chance = np.random.default_rng(seed)
    count, posters = int(chance.integers(30, 400)), int(chance.integers(3, 80))
    items = number_items(
        pl.DataFrame(
            {
                "item_id": [f"{number:06}" for number in range(count)],
                "site": [f"site{number}.example" for number in chance.integers(0, 3, count)],
                "account": [
                    None if chance.random() < 0.2 else f"Poster{number}"
                    for number in chance.integers(0, posters, count)
                ],
                "first_seen": date(2026, 1, 1),
                "last_seen": date(2026, 1, 1),
                "posted_at": datetime(2026, 1, 1, tzinfo=UTC),
            },
            schema_overrides={"account": pl.String},
        )
    )
    contacts = int(chance.integers(20, 300))
    kinds = [KINDS[number] for number in chance.integers(0, len(KINDS), contacts)]
    for line in range(4):
        kinds[line] = "phone"
    shown: set[tuple[int, int]] = set()
    for item, site, account in items.select("item", "site", "account").iter_rows():
        poster = 0 if account is None else int(account[6:])
        own = np.random.default_rng(poster).integers(4, contacts, 3)
        shown |= {(item, int(each)) for each in own if chance.random() < 0.6}
        # A platform's line on one site, an agency's on all, and the second number of a circle with photos of its own.
        if site.startswith("site0") and chance.random() < 0.7:
            shown.add((item, 0))
        if chance.random() < 0.3:
            shown.add((item, 1))
        if poster < 6:
            shown |= {(item, 2 + poster % 2), (item, 4 + poster % 3)}
        if chance.random() < 0.1:
            shown.add((item, int(chance.integers(0, contacts))))
    uses = pl.DataFrame(sorted(shown), schema={"item": pl.UInt32, "contact": pl.UInt64}, orient="row")
    weighed = pl.DataFrame(
        {
            "contact": np.arange(contacts, dtype=np.uint64),
            "identifier_id": [f"{number}" for number in range(contacts)],
            "kind": kinds,
            "weight": np.array([WEIGHTS.get(kind, 0.5) for kind in kinds], dtype=np.float32),
            "is_mailbox": [kind == "email" and chance.random() < 0.2 for kind in kinds],
        }
    )
    return items, weighed, uses


def by_slots(weighed: pl.DataFrame, uses: pl.DataFrame) -> Slotted:
    """Contacts at the places of their numbers, uses sorted by item."""
    none = np.zeros(weighed.height, dtype=bool)
    weight = weighed["weight"].to_numpy()
    item, slot = uses["item"].to_numpy(), uses["contact"].cast(pl.UInt32).to_numpy()
    return Slotted(weighed.drop("weight"), weight, none, none, weight, ~none, item, slot, True)


@pytest.mark.parametrize("seeds", [range(30), pytest.param(range(1000, 1600), marks=pytest.mark.slow)])
def test_lines_are_those_of_the_tables(seeds: range) -> None:
    found, circles = 0, 0
    for seed in seeds:
        items, weighed, uses = world(seed)
        expected = mark_lines(weighed, uses, items)["is_line"].to_numpy()
        named = items.select("site", account_name().hash())
        named = named.with_columns(pl.when(items["account"].is_not_null()).then("name").alias("name"))
        own = lines_of(by_slots(weighed, uses), named)
        assert np.array_equal(own, expected), seed
        found += int(expected.sum() - weighed["is_mailbox"].sum())
        circles += int(not expected[2])
    assert found > len(seeds) / 4
    assert circles


def test_nobody_shows_anything() -> None:
    items, weighed, uses = world(1)
    assert not lines_of(by_slots(weighed.with_columns(is_mailbox=False), uses.clear()), items).any()

"""Lines found in arrays are those found in tables: invented worlds of posters, lines, mailboxes and circles."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

from assets.linking.contacts import LINE_WEIGHT, mark_lines, number_items
from assets.linking.lines import Lines, lines_of
from assets.linking.round_memory import KINDS as ROUND_KINDS
from assets.linking.slotted import Slotted
from assets.linking.starts import account_name

KINDS = ("phone", "email", "username", "image", "url", "analytics", "text")
WEIGHTS = {"phone": 1.0, "email": 1.0, "username": 1.0, "text": 0.4}


def world(seed: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Items as `number_items` has them, contacts with is_mailbox, and uses."""
    chance = np.random.default_rng(seed)
    count, posters = int(chance.integers(30, 400)), int(chance.integers(3, 80))
    poster_of = chance.integers(0, posters, count)
    # Some sites name hardly any poster.
    nameless = chance.choice([0.2, 0.9])
    items = number_items(
        pl.DataFrame(
            {
                "item_id": [f"{number:06}" for number in range(count)],
                "site": [f"site{number}.example" for number in chance.integers(0, 3, count)],
                "account": [
                    None if chance.random() < nameless else f"Poster{number}" for number in poster_of
                ],
                "first_seen": date(2026, 1, 1),
                "last_seen": date(2026, 1, 1),
                "posted_at": datetime(2026, 1, 1, tzinfo=UTC),
            },
            schema_overrides={"account": pl.String},
        )
    )
    contacts = int(chance.integers(20, 900))
    kinds = [KINDS[number] for number in chance.integers(0, len(KINDS), contacts)]
    for line in range(4):
        kinds[line] = "phone"
    shown: set[tuple[int, int]] = set()
    for item, item_id, site in items.select("item", "item_id", "site").iter_rows():
        poster = int(poster_of[int(item_id)])
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


def by_slots(
    weighed: pl.DataFrame,
    uses: pl.DataFrame,
    then: Lines | None = None,
    looked_at: np.ndarray | None = None,
    before: pl.DataFrame | None = None,
) -> Slotted:
    """Contacts at the places of their numbers, uses sorted by item; the lines of the day before, what changed, and
    the uses before.
    """
    weighed = weighed.with_columns(pl.col("kind").cast(ROUND_KINDS))
    none = np.zeros(weighed.height, dtype=bool)
    is_new = then is None or looked_at is None
    then, looked_at = then or Lines(none, none), none if looked_at is None else looked_at
    weight = weighed["weight"].to_numpy()
    lined = np.where(then.is_line, np.float32(LINE_WEIGHT), weight)
    item, slot = uses["item"].to_numpy(), uses["contact"].cast(pl.UInt32).to_numpy()
    return Slotted(
        weighed.drop("weight"),
        weight,
        then.is_line,
        then.is_beside,
        none,
        lined,
        looked_at | is_new,
        item,
        slot,
        shows_of(uses, weighed.height) - shows_of(uses.clear() if before is None else before, weighed.height),
        is_new,
    )


def shows_of(uses: pl.DataFrame, contacts: int) -> np.ndarray:
    """How many items show each contact."""
    return np.bincount(uses["contact"].to_numpy().astype(np.int64), minlength=contacts)


def named(items: pl.DataFrame) -> pl.DataFrame:
    """Site and name, by number."""
    names = items.select("site", account_name().hash())
    return names.with_columns(pl.when(items["account"].is_not_null()).then("name").alias("name"))


def changed(
    chance: np.random.Generator, items: pl.DataFrame, uses: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, np.ndarray]:
    """The world a day later: some items are on another site, under another name or show other contacts; numbers of
    the contacts that these show or showed.
    """
    again = np.zeros(items.height, dtype=bool)
    again[chance.integers(0, items.height, int(chance.integers(1, 12)))] = True
    which = pl.Series(again)
    other = items.select("site", "account")[chance.permutation(items.height)]
    after = items.with_columns(
        pl.when(which & pl.Series(chance.random(items.height) < 0.5))
        .then(other[name])
        .otherwise(name)
        .alias(name)
        for name in other.columns
    )
    theirs = pl.Series(again[uses["item"].to_numpy()])
    stays = ~theirs | pl.Series(chance.random(uses.height) < 0.5)
    new = uses.select(pl.Series("item", chance.permutation(uses["item"].to_numpy())), "contact")
    new = new.filter(pl.Series(again[new["item"].to_numpy()]) & pl.Series(chance.random(uses.height) < 0.5))
    now = pl.concat([uses.filter(stays), new]).unique().sort("item", "contact")
    touched = pl.concat([uses.filter(theirs)["contact"], new["contact"]]).unique().to_numpy()
    return after, now, touched


@pytest.mark.parametrize("seeds", [range(15), pytest.param(range(1000, 1400), marks=pytest.mark.slow)])
def test_lines_are_those_of_the_tables(seeds: range) -> None:
    found, circles, turned = 0, 0, 0
    for seed in seeds:
        items, weighed, uses = world(seed)
        chance = np.random.default_rng(seed)
        lines, looked_at, before = None, None, None
        for day in range(4):
            expected = mark_lines(weighed, uses, items)["is_line"].to_numpy()
            own = lines_of(by_slots(weighed, uses, lines, looked_at, before), named(items))
            assert np.array_equal(own.is_line, expected), (seed, day)
            turned += 0 if lines is None else int((own.is_line != lines.is_line).sum())
            lines, looked_at, before = own, np.zeros(weighed.height, dtype=bool), uses
            items, uses, touched = changed(chance, items, uses)
            looked_at[touched] = True
        found += int(expected.sum() - weighed["is_mailbox"].sum())
        circles += int(not expected[2])
    assert found > len(seeds) / 4
    assert circles
    assert turned


def test_what_others_show_elsewhere_makes_a_line_none() -> None:
    items = pl.DataFrame({"site": ["one.example"] * 8, "name": np.arange(8, dtype=np.uint64)})
    weighed = pl.DataFrame(
        {
            "contact": np.arange(5, dtype=np.uint64),
            "kind": ["phone"] * 5,
            "weight": np.ones(5, dtype=np.float32),
            "is_mailbox": [False] * 5,
        }
    )
    # Four posters stand beside a line, each with a number of his own.
    shown = [(item, contact) for item in range(4) for contact in (0, 1 + item)]
    schema = {"item": pl.UInt32, "contact": pl.UInt64}
    uses = pl.DataFrame(shown, schema=schema, orient="row")
    then = lines_of(by_slots(weighed, uses), items)
    assert then.is_line.tolist() == [True, False, False, False, False]
    # The number of one of them is no rarer than the line now; nobody new shows the line.
    more = pl.DataFrame([*shown, *((item, 1) for item in range(4, 8))], schema=schema, orient="row")
    now = lines_of(by_slots(weighed, more, then, np.arange(5) == 1, uses), items)
    assert not now.is_line.any()


def test_nobody_shows_anything() -> None:
    items, weighed, uses = world(1)
    shown = by_slots(weighed.with_columns(is_mailbox=False), uses.clear())
    assert not lines_of(shown, items).is_line.any()


def test_a_line_of_many_posters_on_a_site_without_accounts_is_none_of_theirs() -> None:
    """Each poster's advertisements have his own number in common; that makes no circle of those who quote a line."""
    count = 40
    items = pl.DataFrame(
        {"site": ["one.example"] * count, "name": pl.Series([None] * count, dtype=pl.UInt64)}
    )
    # Ten posters of four advertisements, three with the poster's number and the line, one with the line alone.
    shown = [(item, 0) for item in range(count)]
    shown += [(item, 1 + item // 4) for item in range(count) if item % 4]
    # Their photos are their own, too, or two women's are all of them.
    for photos, is_line in ((range(20, 30), True), ((20, 21), False)):
        pictures = [(item, photos[item // 4 % len(photos)]) for item in range(count)]
        uses = pl.DataFrame(
            sorted(shown + pictures), schema={"item": pl.UInt32, "contact": pl.UInt64}, orient="row"
        )
        weighed = pl.DataFrame(
            {
                "contact": np.arange(30, dtype=np.uint64),
                "kind": ["phone"] * 20 + ["image"] * 10,
                "weight": np.array([1.0] * 20 + [0.5] * 10, dtype=np.float32),
                "is_mailbox": [False] * 30,
            }
        )
        assert lines_of(by_slots(weighed, uses), items).is_line[0] == is_line


@pytest.mark.parametrize("posters", [3, 4])
def test_as_few_posters_as_no_line_has_make_none_however_many_numbers_they_show(posters: int) -> None:
    """Six advertisements, each with a number of its own beside a common one, by so many accounts."""
    account = [f"poster{item % posters}" for item in range(6)]
    items = pl.DataFrame({"site": ["one.example"] * 6, "name": pl.Series(account).hash()})
    weighed = pl.DataFrame(
        {
            "contact": np.arange(7, dtype=np.uint64),
            "identifier_id": [f"{number}" for number in range(7)],
            "kind": ["phone"] * 7,
            "weight": np.ones(7, dtype=np.float32),
            "is_mailbox": [False] * 7,
        }
    )
    shown = [(item, contact) for item in range(6) for contact in (0, 1 + item)]
    uses = pl.DataFrame(shown, schema={"item": pl.UInt32, "contact": pl.UInt64}, orient="row")
    numbered = items.select(pl.Series("item", range(6), pl.UInt32), "site", pl.Series("account", account))
    expected = [posters == 4, *[False] * 6]
    assert lines_of(by_slots(weighed, uses), items).is_line.tolist() == expected
    assert mark_lines(weighed, uses, numbered)["is_line"].to_list() == expected

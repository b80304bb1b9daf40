"""An index kept from day to day holds what one made at once would hold."""

import random
from datetime import date, timedelta

import polars as pl
import pytest

from assets.linking import text_runs
from assets.linking.near_duplicates import build_index, near_duplicates_of, update_index
from benchmarks.families_of_texts import families

FIRST = date(2026, 1, 1)
TEMPLATE = (
    "Ask at the red gate behind the saddlery for whoever mends harness, then wait under the walnut tree. "
)


def _world(size: int, seed: int) -> pl.DataFrame:
    """Texts in disguise with the day on which each is first seen, half of the days out of order."""
    rng = random.Random(seed)
    items = families(size, seed).items
    # A template that many fill in, each with another text's words around it: long rows of texts that are near.
    filled = items.head(60).with_columns(
        ("t" + pl.col("item_id")).alias("item_id"),
        (pl.lit(TEMPLATE) + pl.col("text").str.head(120)).alias("text"),
    )
    items = pl.concat([items, filled])
    repeated = items.sample(size // 10, seed=seed).with_columns(("r" + pl.col("item_id")).alias("item_id"))
    items = pl.concat([items, repeated])
    days = [FIRST + timedelta(days=rng.randrange(12)) for _ in range(items.height)]
    return items.with_columns(pl.Series("first_seen", days), pl.lit(None, pl.String).alias("holder"))


def _together(members: pl.DataFrame) -> pl.DataFrame:
    return members.sort("item_id")


@pytest.mark.parametrize(("seed", "most_runs"), [(0, None), (1, None), (2, 3)])
def test_days_in_any_order_with_changes_give_what_all_at_once_gives(
    seed: int, most_runs: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if most_runs is not None:
        # Few runs are put together again and again, and the first is left as it is.
        monkeypatch.setattr(text_runs, "MOST_RUNS", most_runs)
        monkeypatch.setattr(text_runs, "MOST_BEHIND", 100)
    rng = random.Random(seed)
    world = _world(500, seed)
    base = world.filter(pl.col("first_seen") < FIRST + timedelta(days=6))
    known = base
    index = build_index(known, None, base)
    kept = near_duplicates_of(index).members
    days = [FIRST + timedelta(days=day) for day in range(6, 12)]
    rng.shuffle(days)
    gone_so_far = 0
    for day in days:
        new = world.filter(pl.col("first_seen") == day)
        ids = known["item_id"].to_list()
        edited = known.filter(pl.col("item_id").is_in(rng.sample(ids, 15)))
        # An edited item takes another's words, or has only its first words left, or says something more.
        texts = [
            rng.choice([rng.choice(world["text"].to_list()), text[:25], f"{text} Ring twice."])
            for text in edited["text"].to_list()
        ]
        edited = edited.with_columns(pl.Series("text", texts))
        moved = known.filter(pl.col("item_id").is_in(rng.sample(ids, 5))).with_columns(
            pl.lit(FIRST + timedelta(days=rng.randrange(12))).alias("first_seen")
        )
        changed = pl.concat([edited, moved, new]).unique("item_id", keep="first", maintain_order=True)
        removed = pl.Series("item_id", rng.sample(ids, 10))
        gone_so_far += len(removed)
        changed = changed.filter(~pl.col("item_id").is_in(removed.to_list()))
        replaced = pl.concat([changed["item_id"], removed]).to_list()
        known = pl.concat([known.filter(~pl.col("item_id").is_in(replaced)), changed])
        rows, stale = update_index(index, changed.sample(fraction=1, shuffle=True, seed=seed), None, removed)
        kept = pl.concat([kept.filter(~pl.col("item_id").is_in(stale.to_list())), rows])
        assert set(rows["item_id"]) <= set(stale)
    if most_runs is not None:
        assert 1 < len(index.items.runs) <= most_runs
        assert 1 < len(index.near.runs) <= most_runs
    made_at_once = near_duplicates_of(build_index(known, None, base))
    whole = made_at_once.members
    assert whole.height > 200
    assert _together(near_duplicates_of(index).members).equals(_together(whole))
    assert _together(kept).equals(_together(whole))
    assert near_duplicates_of(index).pairs.equals(made_at_once.pairs)


def test_a_day_without_news_touches_nothing() -> None:
    world = _world(300, 1)
    index = build_index(world)
    rows, stale = update_index(index, world, None, pl.Series("item_id", [], pl.String))
    assert rows.is_empty()
    assert stale.is_empty()


def test_all_items_may_go_and_come_back() -> None:
    world = _world(300, 2)
    index = build_index(world)
    before = near_duplicates_of(index).members
    nothing = pl.Series("item_id", [], pl.String)
    rows, stale = update_index(index, world.clear(), None, world["item_id"])
    assert rows.is_empty()
    assert set(before["item_id"]) <= set(stale)
    assert near_duplicates_of(index).members.is_empty()
    rows, _ = update_index(index, world, None, nothing)
    assert _together(rows).equals(_together(before))

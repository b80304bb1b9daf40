"""What changed since a stage last looked: followed day by day it is what stands in the tables."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from assets.parsing.changes import (
    CURRENT,
    Seen,
    batches,
    look_for_changes,
    nothing_seen,
    read_about,
    read_items,
)
from assets.parsing.current import current_items, current_rows
from assets.parsing.packed import packed
from benchmarks.planted_house import FIRST_DAY, plant
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore, PartWrite

DAYS = 12


def _follow(store: PartStore, seen: Seen, known: pl.DataFrame) -> tuple[Seen, pl.DataFrame, pl.DataFrame]:
    """Look again and bring `known` (the items' current versions) up to date; also what had changed."""
    changes = look_for_changes(store, seen)
    standing = changes.items.filter(pl.col("source").is_not_null())
    known = pl.concat([known.join(changes.items, on="item_id", how="anti"), standing])
    return changes.seen, known, changes.items


def _as_read_whole(store: PartStore) -> pl.DataFrame:
    columns = [name for name in CURRENT if name != "item_id"]
    return packed(current_items(store, columns), "item_id").select(*CURRENT).sort("item_id")


@pytest.mark.parametrize("seed", [1, 2])
def test_following_units_in_any_order_gives_the_current_items(tmp_path: Path, seed: int) -> None:
    planted = plant(150, seed, days=DAYS)
    rng = np.random.default_rng(seed)
    store = PartStore(tmp_path)
    seen, known = nothing_seen(), pl.DataFrame(schema=CURRENT)
    for day in rng.permutation(DAYS)[:5].tolist():
        planted.commit(tmp_path, day, day + 1)
        seen, known, _ = _follow(store, seen, known)
    assert known.height > 50
    assert known.sort("item_id").equals(_as_read_whole(store))
    for batch in batches(store, known):
        assert (
            sum(frame.height for frame in read_items(store, batch, ["site"]).values()) == batch.items.height
        )


def test_a_unit_made_again_gives_up_its_items(tmp_path: Path) -> None:
    planted = plant(100, 4, days=DAYS)
    planted.commit(tmp_path, 0, DAYS)
    store = PartStore(tmp_path)
    seen, known, _ = _follow(store, nothing_seen(), pl.DataFrame(schema=CURRENT))
    unit = max(store.parts("listings"), key=lambda part: part.rows)
    rows = store.scan_parts([unit], CONTRACTS["listings"].schema).collect()
    store.commit([PartWrite("listings", rows[1:], unit.source, unit.unit_date, "again")])
    seen, known, changed = _follow(store, seen, known)
    assert known.sort("item_id").equals(_as_read_whole(store))
    assert set(changed["item_id"]) == set(packed(rows, "item_id")["item_id"])
    _, _, none = _follow(store, seen, known)
    assert none.is_empty()


def test_new_facts_of_a_unit_are_read_with_its_items(tmp_path: Path) -> None:
    planted = plant(100, 5, days=DAYS)
    planted.commit(tmp_path, 0, DAYS)
    store = PartStore(tmp_path)
    seen, _, first = _follow(store, nothing_seen(), pl.DataFrame(schema=CURRENT))
    columns = ["item_id", "kind", "value"]
    read = pl.concat([read_about(store, batch, "facts", columns) for batch in batches(store, first)])
    items = current_items(store, ["unit_date"])
    whole = packed(current_rows(store, CONTRACTS["facts"], items, columns), "item_id")
    assert read.sort(columns).equals(whole.sort(columns))
    day = FIRST_DAY + timedelta(days=5)
    unit = next(part for part in store.parts("facts", unit_date=day) if part.rows)
    store.commit(
        [PartWrite("facts", pl.DataFrame(schema=CONTRACTS["facts"].schema), unit.source, day, "none")]
    )
    theirs = store.scan("listings", CONTRACTS["listings"].schema, source=unit.source, unit_date=day).collect()
    _, _, changed = _follow(store, seen, first)
    assert set(changed["item_id"]) == set(packed(theirs, "item_id")["item_id"])

"""Edges told again are those that a plain look at all of them tells."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.linking.actors import named_edges
from assets.linking.best_partner import EDGES
from assets.linking.standing import NUMBERED_EDGES
from assets.linking.told_edges import Edges, told_again

ITEMS, CONTACTS = 12, 6
TOLD = ["actor_edge_id", "actor_id", "support", "share", "weight", "strength", "is_bridge", "round"]


def _contacts(respelled: bool) -> pl.DataFrame:
    """Of the first two, which are terms, either goes by the same name; the last may be known by another identifier."""
    ids = [None, None, *(bytes([n]) * 12 for n in range(2, CONTACTS))]
    if respelled:
        ids[-1] = b"x" * 12
    return pl.DataFrame(
        {
            "contact": pl.Series(range(CONTACTS), dtype=pl.UInt64),
            "identifier_id": pl.Series(ids, dtype=pl.Binary),
            "kind": ["terms", "terms", *["phone"] * (CONTACTS - 2)],
        }
    )


def _items(actors: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "item_id": [bytes([100 + n]) * 12 for n in range(ITEMS)],
            "actor_id": [bytes([200 + n % actors]) * 12 for n in range(ITEMS)],
        }
    )


def _edges(random: np.random.Generator) -> pl.DataFrame:
    """Few edges of one group after the other, each pair of items by several contacts, or by none: one account."""
    count = 40
    contact = random.integers(-1, CONTACTS, count)
    left = random.integers(0, ITEMS - 2, count)
    return pl.DataFrame(
        {
            "left_item": left,
            "right_item": left + 1,
            "contact": pl.Series([None if number < 0 else number for number in contact]),
            "support": random.integers(1, 3, count),
            "share": 1.0,
            "weight": random.choice([0.5, 1.0], count),
            "strength": 1.0,
            "is_bridge": False,
            "round": random.integers(0, 2, count),
        },
        schema=EDGES,
    ).unique(["left_item", "right_item", "contact"], keep="first", maintain_order=True)


def _plain(edges: pl.DataFrame, items: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    actor_id = items["actor_id"].gather(edges["left_item"]).alias("actor_id")
    told = named_edges(edges, items["item_id"], contacts).with_columns(actor_id)
    return told.unique("actor_edge_id", keep="first", maintain_order=True).select(*NUMBERED_EDGES)


@pytest.mark.parametrize("seed", range(20))
def test_edges_keep_their_names_and_only_what_differs_is_told(seed: int) -> None:
    random = np.random.default_rng(seed)
    before, now = _edges(random), _edges(random)
    # Half of what was there stays as it was.
    stays = before.filter(pl.Series(random.random(before.height) < 0.5))
    now = pl.concat(
        [stays, now.join(stays, on=["left_item", "right_item", "contact"], how="anti", nulls_equal=True)]
    )
    stood = _plain(before, _items(1 + seed % 2), _contacts(False))
    respelled = pl.Series([CONTACTS - 1] if seed % 3 else [], dtype=pl.UInt64)
    contacts, items = _contacts(bool(len(respelled))), _items(1)

    of_dirty = np.ones(ITEMS, dtype=bool)
    told = told_again(
        Edges(now, stood, contacts, respelled), items["item_id"], items["actor_id"].gather, of_dirty, stood
    )
    expected = _plain(now, items, contacts)
    assert_frame_equal(told.now, expected, check_row_order=False)
    assert_frame_equal(
        told.now.filter(told.differs),
        expected.join(stood, on=TOLD, how="anti", nulls_equal=True),
        check_row_order=False,
    )
    assert_frame_equal(
        told.gone,
        stood.join(expected, on="actor_edge_id", how="anti").select("actor_edge_id"),
        check_row_order=False,
    )
    assert told.differs.any()
    assert told.gone.height
    assert not told.differs.all()

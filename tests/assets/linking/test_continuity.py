"""Actors over three days: ids stay with the people, mergers and splits are written down with their reason."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import ModuleType

import polars as pl
import pytest

from assets.linking.actors import ActorTables, link_actors
from assets.linking.continuity import keep_actor_ids
from quality.contracts import CONTRACTS
from quality.gate import gate
from tests.assets.linking.test_actors import DAY, _clusters, _items, _mentions

NONE = ActorTables(
    *(pl.DataFrame(schema=CONTRACTS[t].schema) for t in ("actors", "actor_members", "actor_edges"))
)
OLD, YOUNG = "+15555550100", "+15555550101"


def run(linked: ActorTables, before: ActorTables, day: int) -> tuple[ActorTables, pl.DataFrame]:
    return keep_actor_ids(
        linked, before.actor_members, before.actor_edges, day=DAY + timedelta(days=day), run_id=f"run {day}"
    )


def linked(phones: Mapping[str, tuple[str, ...]]) -> ActorTables:
    """Items by their numbers, in the order of age; an item's account is the word before its dash."""
    return link_actors(
        _items(*((item, "s", item.split("-")[0]) for item in phones)),
        _mentions(*((item, "phone", phone) for item, given in phones.items() for phone in given)),
    )


def partition(tables: ActorTables) -> set[frozenset[str]]:
    together: dict[str, set[str]] = {}
    for item, actor in _clusters(tables).items():
        together.setdefault(actor, set()).add(item)
    return {frozenset(items) for items in together.values()}


def happened(changes: pl.DataFrame) -> set[tuple[str, str | None, int]]:
    return set(changes.select("kind", "other_actor_id", "items_moved").iter_rows())


APART = {"old-1": (OLD,), "old-2": (OLD,), **{f"young-{n}": (YOUNG,) for n in range(5)}}
JOINED = APART | {"old-1": (OLD, YOUNG), "old-2": (OLD, YOUNG)}


def test_the_larger_keeps_its_id_in_a_merger_and_after_the_split() -> None:
    first, appeared = run(linked(APART), NONE, 0)
    old, young = _clusters(first)["old-1"], _clusters(first)["young-0"]
    assert happened(appeared) == {("appeared", None, 2), ("appeared", None, 5)}

    second, merged = run(linked(JOINED), first, 1)
    # The oldest item alone would have given the whole to the smaller actor.
    assert set(_clusters(linked(JOINED)).values()) == {old}
    assert set(_clusters(second).values()) == {young}
    assert set(second.actors["actor_id"]) == set(second.actor_edges["actor_id"]) == {young}
    [row] = merged.iter_rows(named=True)
    assert (row["actor_id"], row["kind"], row["other_actor_id"], row["items_moved"]) == (
        young,
        "merged",
        old,
        2,
    )
    assert (row["reason"], row["identifier_id"]) == ("shared_phone", f"phone:{YOUNG}")
    assert row["changed_on"] == DAY + timedelta(days=1)
    edge = second.actor_edges.row(by_predicate=pl.col("actor_edge_id") == row["actor_edge_id"], named=True)
    assert {edge["left_item_id"][:3], edge["right_item_id"][:3]} == {"old", "you"}

    third, split = run(linked(APART), second, 2)
    assert _clusters(third) == _clusters(first)
    [row] = split.iter_rows(named=True)
    assert (row["actor_id"], row["kind"], row["other_actor_id"], row["items_moved"]) == (
        old,
        "split",
        young,
        2,
    )
    # The edge that held them yesterday is named, though it is gone.
    assert row["actor_edge_id"] == edge["actor_edge_id"]
    assert row["actor_edge_id"] not in third.actor_edges["actor_edge_id"]


def test_a_piece_that_holds_the_naming_item_gets_a_new_id_once_and_keeps_it() -> None:
    whole = {"old-1": (OLD, YOUNG), "old-2": (OLD, YOUNG), **{f"young-{n}": (YOUNG,) for n in range(5)}}
    first, _ = run(linked(whole), NONE, 0)
    [name] = set(_clusters(first).values())
    second, split = run(linked(APART), first, 1)
    assert _clusters(second)["young-0"] == name
    piece = _clusters(second)["old-1"]
    assert piece != name
    assert happened(split) == {("split", name, 2)}
    grown = APART | {"old-9": (OLD,)}
    third, changes = run(linked(grown), second, 2)
    assert {_clusters(third)[item] for item in ("old-1", "old-2", "old-9")} == {piece}
    assert changes.select("actor_id", "kind", "items_moved").rows() == [(piece, "grown", 1)]
    assert changes["reason"].to_list() == ["same_account"]


@pytest.mark.parametrize("seed", [3, 4])
def test_over_three_days_the_partition_is_that_of_a_rebuild(planted: ModuleType, seed: int) -> None:
    """Half of the world, three quarters, all of it; then again with nothing new."""
    world = planted.planted_world(4_000, seed, stolen_photos=0.05, recycled_phones=0.005)
    days = sorted(world.items["first_seen"].unique())
    before, history = NONE, []
    for number, share in enumerate((0.5, 0.75, 1.0)):
        last: date = days[int(share * len(days)) - 1]
        items = world.items.filter(pl.col("first_seen") <= last)
        fresh = link_actors(items, world.mentions.join(items, on="item_id", how="semi"))
        now, changes = run(fresh, before, number)
        assert partition(now) == partition(fresh)
        assert now.actors["actor_id"].is_unique().all()
        for table, frame in (
            ("actors", now.actors),
            ("actor_members", now.actor_members),
            ("actor_edges", now.actor_edges),
            ("actor_changes", changes),
        ):
            assert gate(CONTRACTS[table], frame).rejected.is_empty(), table
        again, nothing = run(fresh, now, number)
        assert nothing.is_empty()
        assert _clusters(again) == _clusters(now)
        if number:
            # Whoever keeps most of the people keeps the name.
            kept = now.actors.join(before.actors, on="actor_id", how="semi").height
            assert kept >= 0.9 * before.actors.height
            joined = changes.filter(pl.col("kind").is_in(["merged", "grown"]))
            assert joined["reason"].null_count() <= 0.02 * joined.height
        before = now
        history.append(changes)
    # Nobody ends without a word: each id of the past is there, or its end is told.
    ended = set(pl.concat(history).filter(pl.col("kind") == "appeared")["actor_id"]) - set(
        before.actors["actor_id"]
    )
    assert ended <= set(pl.concat(history)["other_actor_id"])


def test_ties_are_broken_the_same_way_in_any_order() -> None:
    first, _ = run(linked(JOINED), NONE, 0)
    [name] = set(_clusters(first).values())
    halves = {"old-1": (OLD,), "old-2": (OLD,), "young-0": (YOUNG,), "young-1": (YOUNG,)}
    second, _ = run(linked(halves), first, 1)
    # Both halves hold two of its items: the one that gave the id keeps it.
    assert _clusters(second)["old-1"] == name
    shuffled = ActorTables(
        first.actors, first.actor_members.sample(fraction=1, shuffle=True, seed=1), first.actor_edges
    )
    other, _ = run(linked(halves), shuffled, 1)
    assert _clusters(other) == _clusters(second)

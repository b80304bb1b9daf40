"""Telling actors: who they are, what holds them together, and which rows of their tables differ from before.

All is told by numbers, of groups that differ from those that stood there; the rows of a table are spelled when it is
that table's turn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from assets.linking.actors import ACTOR_EDGES, actors_of, ids_of_oldest, members_of, named_edges
from assets.linking.continuity import changes_of, kept_ids
from assets.linking.merging import Merged
from assets.linking.shares import shares_of
from assets.linking.standing import ACTORS, NUMBERED_EDGES, Standing

SIDES = ("left_item", "right_item")
# What a change of actors is explained by, beside the items on both sides.
_EXPLAINING = ("actor_id", "actor_edge_id", "reason", "identifier_id", "support", "share")
_TOLD_OF_AN_EDGE = ("actor_id", "support", "share", "weight", "strength", "is_bridge", "round")


@dataclass(frozen=True)
class Difference:
    """How a table differs from before.

    `rows` gives the rows to put in; `gone` has the values of columns of the key of the rows that go; keys packed.
    """

    rows: Callable[[], pl.DataFrame]
    gone: pl.DataFrame


@dataclass(frozen=True)
class Edges:
    """The edges between placed items: `now` (`best_partner.EDGES`), `then` (`NUMBERED_EDGES`) by new numbers.

    Items that are gone have numbers behind all others. `contacts` (contact, identifier_id, kind) are those that `now`
    names; `respelled` (UInt64) those of them that are known by another identifier than then.
    """

    now: pl.DataFrame
    then: pl.DataFrame
    contacts: pl.DataFrame
    respelled: pl.Series


@dataclass(frozen=True)
class Told:
    """Items, actors and edges of the state, the tables' differences, and what changed (`continuity.changes_of`)."""

    items: pl.DataFrame
    actors: pl.DataFrame
    edges: pl.DataFrame
    differences: dict[str, Difference]
    changes: pl.DataFrame
    actor_count: int


def tell(
    standing: Standing,
    merged: Merged,
    labels: np.ndarray,
    edges: Edges,
    held: pl.DataFrame,
    is_dirty: np.ndarray,
    *,
    day: date,
    run_id: str,
    former: tuple[pl.DataFrame, pl.DataFrame] | None,
) -> Told:
    """Actors, members and edges of the dirty labels, and how they differ from what stood there.

    `labels`: of all items. `held` (`HELD`): of all groups. `former`: members and edges of the last run (as committed,
    keys packed), where `standing` is empty and does not have them.
    """
    then = numbers_then(merged.renumbered, len(labels))
    was = np.ones(len(then), dtype=bool)
    stays = merged.renumbered >= 0
    was[stays] = is_dirty[merged.renumbered[stays]]
    numbers = np.flatnonzero(is_dirty[labels] & merged.items["is_placed"].to_numpy())

    oldest = ids_of_oldest(merged.items["item_id"], numbers, labels[numbers])
    place = np.searchsorted(oldest["label"].to_numpy(), labels[numbers])
    members_then = _members_then(standing, merged.items, then, was, former)
    edges_then = _edges_then(edges.then, labels, is_dirty, merged.items, former)
    changed_hands = members_then.height > 0
    ids = oldest.select("label", pl.col("group").alias("actor_id"))
    if changed_hands:
        groups = pl.DataFrame(
            {"item_id": pl.Series(numbers, dtype=pl.UInt32), "group": oldest["group"].gather(place)}
        )
        known = standing.actors["actor_id"] if former is None else members_then["former"]
        ids = oldest.join(kept_ids(groups, members_then, known), on="group").sort("label")
        ids = ids.select("label", "actor_id")

    items = merged.items.with_columns(
        pl.Series("label", labels.astype(np.uint32)),
        _actor_column(merged.items["actor_id"], numbers, ids["actor_id"].gather(place), is_dirty[labels]),
    )
    fresh = _actors(items, numbers, held, is_dirty, ids)
    was_told = pl.Series(was[standing.actors["label"].to_numpy()])
    kept = standing.actors.filter(~was_told)
    kept = kept.with_columns(
        pl.Series("label", merged.renumbered[kept["label"].to_numpy()].astype(np.uint32))
    )
    is_still = _is_still(edges.then, labels, is_dirty)
    now = _named_now(edges, items, is_dirty, edges.then.filter(~is_still))
    changes = changes_of(
        items.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("item_id"), "actor_id")[numbers],
        members_then,
        _explaining(now if changed_hands else now.clear()),
        edges_then,
        day=day,
        run_id=run_id,
    )
    if standing.items.is_empty():
        differences = _everything(items, held, merged.identifiers, fresh, now)
    else:
        differences = {
            "actors": _of_actors(fresh, standing.actors.filter(was_told)),
            "actor_members": _of_members(
                standing,
                merged,
                items,
                numbers,
                (
                    _belonging(held, is_dirty, ids),
                    _belonging(standing.held, was, standing.actors.select("label", "actor_id")),
                ),
                then,
                was,
            ),
            "actor_edges": _of_edges(now, edges.then.filter(~is_still), items["item_id"]),
        }
    return Told(
        items,
        pl.concat([kept, fresh]),
        pl.concat([edges.then.filter(is_still), now]),
        differences,
        changes,
        fresh.height,
    )


def numbers_then(renumbered: np.ndarray, count: int) -> np.ndarray:
    """The number (Int64) of each former item: its new one, or one behind all `count` of them where it is gone."""
    return np.where(renumbered >= 0, renumbered, count + np.arange(len(renumbered)))


def by_numbers(edges: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """The edges with their sides (`SIDES`) by other numbers."""
    if np.array_equal(numbers, np.arange(len(numbers))):
        return edges
    return edges.with_columns(
        pl.Series(side, numbers[edges[side].to_numpy()].astype(np.uint32)) for side in SIDES
    )


def _members_then(
    standing: Standing,
    items: pl.DataFrame,
    then: np.ndarray,
    was: np.ndarray,
    former: tuple[pl.DataFrame, pl.DataFrame] | None,
) -> pl.DataFrame:
    """The actors that items of dirty labels had: item_id (its number now), former."""
    if former is not None:
        members = former[0].filter(pl.col("member_kind") == "item")
        members = members.select(pl.col("member_id").alias("item_id"), pl.col("actor_id").alias("former"))
        return _numbered(members, items, "item_id")
    theirs = _theirs(standing.items, was)
    return pl.DataFrame(
        {
            "item_id": pl.Series(then[theirs], dtype=pl.UInt32),
            "former": standing.items["actor_id"].gather(theirs),
        }
    )


def _numbered(frame: pl.DataFrame, items: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The frame with these columns (item_id) as the numbers of the items; others have numbers behind them."""
    known = items.select("item_id").with_row_index("number")
    for column in columns:
        numbers = frame.select(pl.col(column).alias("item_id")).join(
            known, on="item_id", how="left", maintain_order="left"
        )["number"]
        others = pl.int_range(items.height, items.height + len(numbers), dtype=pl.UInt32, eager=True)
        frame = frame.with_columns(
            numbers.cast(pl.UInt32).zip_with(numbers.is_not_null(), others).alias(column)
        )
    return frame


def _edges_then(
    then: pl.DataFrame,
    labels: np.ndarray,
    is_dirty: np.ndarray,
    items: pl.DataFrame,
    former: tuple[pl.DataFrame, pl.DataFrame] | None,
) -> pl.DataFrame:
    """What held the dirty groups together, in the shape of `changes_of`, items by number."""
    if former is None:
        return _explaining(then.filter(~_is_still(then, labels, is_dirty)))
    sides = [f"{side}_id" for side in SIDES]
    return _numbered(former[1].select(*_EXPLAINING, *sides), items, *sides)


def _explaining(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.select(*_EXPLAINING, *(pl.col(side).alias(f"{side}_id") for side in SIDES))


def _is_still(edges: pl.DataFrame, labels: np.ndarray, is_dirty: np.ndarray) -> pl.Series:
    """Which edges by new numbers hold groups together that are not dirty."""
    sides = [edges[side].to_numpy() for side in SIDES]
    still = (sides[0] < len(labels)) & (sides[1] < len(labels))
    still[still] = ~is_dirty[labels[sides[0][still]]]
    return pl.Series(still)


def _actor_column(former: pl.Series, numbers: np.ndarray, ids: pl.Series, is_dirty: np.ndarray) -> pl.Series:
    """actor_id of all items: `ids` of these numbers; none of other dirty ones (Boolean, by item); else the former."""
    source = np.arange(len(former), dtype=np.int64)
    source[is_dirty] = len(former) + len(ids)
    source[numbers] = len(former) + np.arange(len(ids))
    none = pl.Series([None], dtype=former.dtype)
    return pl.concat([former, ids, none]).gather(source).alias("actor_id")


def _actors(
    items: pl.DataFrame, numbers: np.ndarray, held: pl.DataFrame, is_dirty: np.ndarray, ids: pl.DataFrame
) -> pl.DataFrame:
    """The actors (`ACTORS`) of dirty labels. `numbers`: their items. `ids`: label, actor_id."""
    placed = items.select("label").with_row_index("item")[numbers]
    theirs = held.select("label", "key").filter(
        held["belongs"] & pl.Series(is_dirty[held["label"].to_numpy()])
    )
    frames = [pl.DataFrame(schema=ACTORS)]
    for share in shares_of(placed.height):
        some = items.select(pl.col("label").alias("actor_id"), "site", "account", "first_seen", "last_seen")
        some = some[placed.filter(share("label"))["item"]].with_columns(_account())
        of_some = theirs.filter(share("label")).rename({"label": "actor_id", "key": "identifier_id"})
        frames.append(
            actors_of(some, of_some).rename({"actor_id": "label"}).join(ids, on="label").select(*ACTORS)
        )
    return pl.concat(frames)


def _account() -> pl.Expr:
    return pl.col("account").str.strip_chars().replace("", None)


def _named_now(edges: Edges, items: pl.DataFrame, is_dirty: np.ndarray, then: pl.DataFrame) -> pl.DataFrame:
    """The edges of dirty labels now (`NUMBERED_EDGES`). Those that stood among `then` keep their names."""
    label = items["label"].gather(edges.now["left_item"])
    now = edges.now.with_columns(label).filter(pl.Series(is_dirty[label.to_numpy()]))
    naming = ["actor_edge_id", "reason", "identifier_id"]
    named = (
        then.filter(~pl.col("contact").is_in(edges.respelled.implode()).fill_null(False))
        .select(*SIDES, "contact", *naming)
        .unique([*SIDES, "contact"])
    )
    frames = [pl.DataFrame(schema=NUMBERED_EDGES)]
    for share in shares_of(now.height):
        some = now.filter(share("label")).join(
            named, on=[*SIDES, "contact"], how="left", nulls_equal=True, maintain_order="left"
        )
        is_new = some["actor_edge_id"].is_null()
        if is_new.any():
            new = named_edges(some.filter(is_new).drop(naming), items["item_id"], edges.contacts)
            place = np.zeros(some.height, dtype=np.int64)
            place[is_new.to_numpy()] = np.arange(new.height)
            some = some.with_columns(
                pl.when(is_new).then(new[name].gather(place)).otherwise(name).alias(name) for name in naming
            )
        some = some.unique("actor_edge_id", keep="first")
        actor_id = items["actor_id"].gather(some["left_item"])
        frames.append(some.with_columns(actor_id.alias("actor_id")).select(*NUMBERED_EDGES))
    return pl.concat(frames)


def _everything(
    items: pl.DataFrame,
    held: pl.DataFrame,
    identifiers: pl.DataFrame,
    actors: pl.DataFrame,
    edges: pl.DataFrame,
) -> dict[str, Difference]:
    """The whole tables, where nothing stood before."""
    items = items.select("item_id", "site", "account", "actor_id")
    belonging = held.filter("belongs").select("label", "key")
    identified = identifiers.select("key", "identifier_id")
    ids = actors.select("label", "actor_id")

    def members() -> pl.DataFrame:
        placed = items.drop_nulls("actor_id").with_columns(_account())
        theirs = belonging.join(ids, on="label").join(identified, on="key")
        return members_of(placed, theirs.select("actor_id", "identifier_id"))

    nothing = pl.DataFrame(schema={"actor_id": pl.Binary()})
    return {
        "actors": Difference(lambda: actors.drop("label"), nothing),
        "actor_members": Difference(members, nothing.with_columns(member_id="actor_id")),
        "actor_edges": Difference(
            lambda: _spelled(edges, items["item_id"]), nothing.rename({"actor_id": "actor_edge_id"})
        ),
    }


def _spelled(edges: pl.DataFrame, item_ids: pl.Series) -> pl.DataFrame:
    """Edges (`NUMBERED_EDGES`) as their table has them."""
    return edges.with_columns(item_ids.gather(edges[side]).alias(f"{side}_id") for side in SIDES).select(
        *ACTOR_EDGES
    )


def _of_actors(fresh: pl.DataFrame, stood: pl.DataFrame) -> Difference:
    rows, before = fresh.drop("label"), stood.drop("label")
    differing = rows.join(before, on=rows.columns, how="anti", nulls_equal=True)
    gone = before.join(rows, on="actor_id", how="anti").select("actor_id")
    return Difference(lambda: differing, gone)


def _of_edges(now: pl.DataFrame, then: pl.DataFrame, item_ids: pl.Series) -> Difference:
    told = ["actor_edge_id", *_TOLD_OF_AN_EDGE]
    differing = now.join(then.select(told), on=told, how="anti", nulls_equal=True)
    gone = then.join(now, on="actor_edge_id", how="anti").select("actor_edge_id")
    return Difference(lambda: _spelled(differing, item_ids), gone)


def _of_members(
    standing: Standing,
    merged: Merged,
    items: pl.DataFrame,
    numbers: np.ndarray,
    belonging: tuple[pl.DataFrame, pl.DataFrame],
    then: np.ndarray,
    was: np.ndarray,
) -> Difference:
    """`belonging`: actor_id, key of what belongs to dirty labels now, and then."""
    told = ["item", "actor_id", "site", "account"]
    before = _with_items(standing.items, _theirs(standing.items, was), then)
    now = _with_items(items, numbers, np.arange(items.height))
    rows = now.join(before, on=told, how="anti", nulls_equal=True)
    gone = before.join(now, on=["item", "actor_id"], how="anti")
    shows, showed = belonging
    more = _identified(shows.join(showed, on=["actor_id", "key"], how="anti"), merged.identifiers)
    less = _identified(showed.join(shows, on=["actor_id", "key"], how="anti"), standing.identifiers)
    member_id = pl.col("item_id").alias("member_id")
    return Difference(
        lambda: members_of(rows, more),
        pl.concat(
            [
                gone.select("actor_id", member_id),
                less.select("actor_id", pl.col("identifier_id").alias("member_id")),
            ]
        ),
    )


def _theirs(items: pl.DataFrame, is_dirty: np.ndarray) -> np.ndarray:
    """Numbers of the placed items of dirty labels."""
    return np.flatnonzero(is_dirty[items["label"].to_numpy()] & items["is_placed"].to_numpy())


def _with_items(items: pl.DataFrame, numbers: np.ndarray, known_as: np.ndarray) -> pl.DataFrame:
    return (
        items.select("item_id", "actor_id", "site", "account")[numbers]
        .with_columns(_account())
        .with_columns(pl.Series("item", known_as[numbers], pl.UInt32))
    )


def _belonging(held: pl.DataFrame, is_dirty: np.ndarray, ids: pl.DataFrame) -> pl.DataFrame:
    """What belongs to actors (label, actor_id) of dirty labels: actor_id, key."""
    theirs = held["belongs"] & pl.Series(is_dirty[held["label"].to_numpy()])
    return held.select("label", "key").filter(theirs).join(ids, on="label").select("actor_id", "key")


def _identified(belonging: pl.DataFrame, identifiers: pl.DataFrame) -> pl.DataFrame:
    """actor_id, identifier_id of what belongs to actors (actor_id, key)."""
    wanted = belonging["key"].unique()
    known = identifiers.select("key", "identifier_id").filter(pl.col("key").is_in(wanted.implode()))
    return belonging.join(known, on="key").select("actor_id", "identifier_id")

"""Telling actors: who they are, what holds them together, and which rows of their tables differ from before.

All is told by numbers, of groups that differ from those that stood there; the rows of a table are spelled when it is
that table's turn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from assets.linking.accounts import account
from assets.linking.actors import ids_of_oldest, members_of
from assets.linking.continuity import changes_of, kept_ids
from assets.linking.merging import Merged
from assets.linking.shares import shares_of
from assets.linking.standing import ACTORS, Behind, Standing, put_behind
from assets.linking.told_edges import (
    SIDES,
    Edges,
    is_still,
    spelled_edges,
    still_standing,
    told_again,
)

# What a change of actors is explained by, beside the items on both sides.
_EXPLAINING = ("actor_id", "actor_edge_id", "reason", "identifier_id", "support", "share")


@dataclass(frozen=True)
class Difference:
    """How a table differs from before.

    `rows` gives the rows to put in; `gone` has the values of columns of the key of the rows that go; keys packed.
    """

    rows: Callable[[], pl.DataFrame]
    gone: pl.DataFrame


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
    behind: Behind,
) -> Told:
    """Actors, members and edges of the dirty labels, and how they differ from what stood there.

    `labels`: of all items. `held` (`HELD`): of all groups. `former`: members and edges of the last run (as committed,
    keys packed), where `standing` is empty and does not have them.
    """
    was = np.ones(len(merged.renumbered), dtype=bool)
    stays = merged.renumbered >= 0
    was[stays] = is_dirty[merged.renumbered[stays]]
    of_dirty = is_dirty[labels]
    numbers = np.flatnonzero(of_dirty & merged.items["is_placed"].to_numpy())
    theirs = np.flatnonzero(
        was.take(standing.items["label"].to_numpy()) & standing.items["is_placed"].to_numpy()
    )

    item_ids = merged.items["item_id"].rechunk()
    actors, stood_there = _stood(standing, merged, was)
    told_then = standing.actors[stood_there]
    whose_then = _Whose(told_then, standing.items)
    members_then = _members_then(merged, theirs, whose_then, former)
    changed_hands = members_then.height > 0
    known = (
        standing.actors["actor_id"].filter(standing.actors["stands"])
        if former is None
        else members_then["former"]
    )
    ids = _ids(item_ids, numbers, labels, members_then, known)
    items = merged.items.with_columns(item_ids, pl.Series("label", labels.astype(np.uint32)))
    whose = _Whose(ids, items)
    moved = _moved(members_then, whose, items.height)
    belonging = _belonging(held, is_dirty)
    fresh = _actors(items, numbers, belonging, ids)
    places = np.flatnonzero(edges.then["stands"].to_numpy() & ~is_still(edges.then, of_dirty).to_numpy())
    stood = edges.then[places]
    told = told_again(edges, item_ids, whose.of, of_dirty, stood)
    changes = changes_of(
        pl.DataFrame({"item_id": pl.Series(numbers, dtype=pl.UInt32), "actor_id": whose.of(numbers)}),
        members_then,
        _between_moved(_explaining(told.now if changed_hands else told.now.clear()), moved),
        _between_moved(_explaining(stood) if former is None else _former_edges(former[1], items), moved),
        day=day,
        run_id=run_id,
    )
    if standing.items.is_empty():
        differences = _everything(items, whose, belonging, merged.identifiers, fresh, told.now)
    else:
        differing = told.now.filter(told.differs)
        showed = _belonging(standing.held, was).join(told_then.select("label", "actor_id"), on="label")
        shows = belonging.join(ids, on="label")
        differences = {
            "actors": _of_actors(fresh, told_then),
            "actor_members": _of_members(
                standing, merged, items, numbers, theirs, (whose, whose_then), moved, (shows, showed)
            ),
            "actor_edges": Difference(lambda: spelled_edges(differing, item_ids), told.gone),
        }
    return Told(
        items,
        _still_standing(actors, stood_there, fresh, behind),
        still_standing(edges, items.height, places, told, behind),
        differences,
        changes,
        fresh.height,
    )


class _Whose:
    """Of which actor items of some groups are."""

    def __init__(self, actors: pl.DataFrame, items: pl.DataFrame) -> None:
        """`actors`: label, actor_id of all actors of these groups. `items`: label, is_placed."""
        self.actors = actors.select("label", "actor_id").sort("label")
        self.labels, self.is_placed = items["label"].to_numpy(), items["is_placed"].to_numpy()

    def of(self, numbers: np.ndarray) -> pl.Series:
        """actor_id of the items of these numbers, null of those of nobody."""
        place = np.searchsorted(self.actors["label"].to_numpy(), self.labels[numbers])
        nobody = pl.Series(~self.is_placed[numbers])
        return self.actors["actor_id"].gather(pl.Series(place, dtype=pl.get_index_type()).set(nobody, None))


def _ids(
    item_ids: pl.Series, numbers: np.ndarray, labels: np.ndarray, former: pl.DataFrame, known: pl.Series
) -> pl.DataFrame:
    """The ids of the groups of these items: label (sorted), actor_id.

    `former`: item_id (its number), former, of items that had an actor. `known`: ids that are given out.
    """
    groups = pl.DataFrame(
        {"item_id": pl.Series(numbers, dtype=pl.UInt32), "label": labels[numbers].astype(np.uint32)}
    )
    # Most have items of one actor alone, and all that are left of his: what their oldest would name them is not asked.
    pairs = groups.join(former, on="item_id").select("label", pl.col("former").alias("actor_id")).unique()
    same = pairs.filter(pl.col("label").is_unique() & pl.col("actor_id").is_unique())
    others = ~groups["label"].is_in(same["label"].implode())
    oldest = ids_of_oldest(item_ids, numbers[others.to_numpy()], labels[numbers][others.to_numpy()])
    named = oldest.select("label", pl.col("group").alias("actor_id"))
    if former.height:
        theirs = groups.filter(others).join(oldest, on="label").select("item_id", "group")
        named = oldest.join(kept_ids(theirs, former, known), on="group").select("label", "actor_id")
    return pl.concat([same, named]).sort("label")


def _members_then(
    merged: Merged,
    theirs: np.ndarray,
    whose: _Whose,
    former: tuple[pl.DataFrame, pl.DataFrame] | None,
) -> pl.DataFrame:
    """The actors that items of dirty labels, `theirs` by former numbers, had: item_id (its number now), former."""
    if former is not None:
        members = former[0].filter(pl.col("member_kind") == "item")
        members = members.select(pl.col("member_id").alias("item_id"), pl.col("actor_id").alias("former"))
        return _numbered(members, merged.items, "item_id")
    return pl.DataFrame(
        {
            "item_id": pl.Series(merged.numbers_of(theirs), dtype=pl.UInt32),
            "former": whose.of(theirs),
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


def _former_edges(former: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The committed edges in the shape of `changes_of`, items by number."""
    sides = [f"{side}_id" for side in SIDES]
    return _numbered(former.select(*_EXPLAINING, *sides), items, *sides)


def _explaining(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.select(*_EXPLAINING, *(pl.col(side).alias(f"{side}_id") for side in SIDES))


def _moved(members_then: pl.DataFrame, whose: _Whose, count: int) -> np.ndarray:
    """Which items (bool, by number) are not of the actor that they were of, of those that anybody was looked at for.

    Numbers behind those of all items, the last of these standing for more, are of items that are gone.
    """
    number = members_then["item_id"].to_numpy()
    moved = np.ones(max(count, int(number.max(initial=0)) + 1) + 1, dtype=bool)
    here = number < count
    stays = members_then["former"].filter(pl.Series(here)).eq_missing(whose.of(number[here]))
    moved[number[here][stays.to_numpy()]] = False
    return moved


def _between_moved(edges: pl.DataFrame, moved: np.ndarray) -> pl.DataFrame:
    """Of the edges (`_explaining`) those that explain anything: an item of theirs is not whose it was."""
    left, right = (moved[np.minimum(edges[f"{side}_id"].to_numpy(), len(moved) - 1)] for side in SIDES)
    return edges.filter(pl.Series(left | right))


def _actors(
    items: pl.DataFrame, numbers: np.ndarray, belonging: pl.DataFrame, ids: pl.DataFrame
) -> pl.DataFrame:
    """The actors (`ACTORS`) of dirty labels, as `actors.actors_of` tells them. `numbers`: their items. `belonging`:
    label, key of what belongs to them. `ids`: label, actor_id."""
    columns = ["label", "site", "name", "first_seen", "last_seen"]
    placed = pl.DataFrame({"item": numbers, "label": items["label"].gather(numbers)})
    frames = [pl.DataFrame(schema=ACTORS)]
    for share in shares_of(len(numbers)):
        theirs = placed.filter(share("label"))["item"].to_numpy()
        some = _rows(items.select(columns), theirs).with_columns(pl.col("site").cast(pl.Categorical))
        sites = (
            some.select("label", "site")
            .unique()
            .with_columns(pl.col("site").cast(pl.String))
            .sort("label", "site")
            .group_by("label", maintain_order=True)
            .agg(pl.len().cast(pl.Int64).alias("site_count"), pl.col("site").str.join(",").alias("sites"))
        )
        # Accounts are compared by hashes of their names, as where items start.
        accounts = some.select("label", "site", "name").drop_nulls("name").unique()
        counted = (
            some.group_by("label")
            .agg(
                pl.len().cast(pl.Int64).alias("item_count"),
                pl.col("first_seen").min(),
                pl.col("last_seen").max(),
            )
            .join(sites, on="label")
        )
        for name, rows in (("account_count", accounts), ("identifier_count", belonging)):
            count = rows.group_by("label").agg(pl.len().cast(pl.Int64).alias(name))
            counted = counted.join(count, on="label", how="left")
        frames.append(
            counted.with_columns(pl.col("account_count", "identifier_count").fill_null(0))
            .join(ids, on="label")
            .select(*ACTORS)
        )
    return pl.concat(frames)


def _everything(
    items: pl.DataFrame,
    whose: _Whose,
    belonging: pl.DataFrame,
    identifiers: pl.DataFrame,
    actors: pl.DataFrame,
    edges: pl.DataFrame,
) -> dict[str, Difference]:
    """The whole tables, where nothing stood before. `belonging`: label, key of what belongs to whom."""
    items = items.select("item_id", "site", "account")
    identified = identifiers.select("key", "identifier_id")
    ids = actors.select("label", "actor_id")

    def members() -> pl.DataFrame:
        numbers = np.flatnonzero(whose.is_placed)
        placed = items[numbers].with_columns(account(), whose.of(numbers).alias("actor_id"))
        theirs = belonging.join(ids, on="label").join(identified, on="key")
        return members_of(placed, theirs.select("actor_id", "identifier_id"))

    nothing = pl.DataFrame(schema={"actor_id": pl.Binary()})
    return {
        "actors": Difference(lambda: actors.drop("label"), nothing),
        "actor_members": Difference(members, nothing.with_columns(member_id="actor_id")),
        "actor_edges": Difference(
            lambda: spelled_edges(edges, items["item_id"]), nothing.rename({"actor_id": "actor_edge_id"})
        ),
    }


def _stood(standing: Standing, merged: Merged, was: np.ndarray) -> tuple[pl.DataFrame, np.ndarray]:
    """The actors by new labels, and the places of those that stood there for former labels `was` (bool)."""
    actors = standing.actors
    label = actors["label"].to_numpy()
    places = np.flatnonzero(was[label] & actors["stands"].to_numpy())
    if merged.keeps_numbers:
        return actors, places
    # Of what stands no more no number is left; the groups of items that are gone are told again.
    now = merged.renumbered[label].clip(0).astype(np.uint32)
    return actors.with_columns(pl.Series("label", now)), places


def _still_standing(
    actors: pl.DataFrame, places: np.ndarray, fresh: pl.DataFrame, behind: Behind
) -> pl.DataFrame:
    """The actors with `fresh` ones for those at these places, where they are others."""
    then = actors.select(*ACTORS)[places].with_columns(pl.Series("row", places))
    row = fresh.join(then, on=list(ACTORS), how="left", nulls_equal=True, maintain_order="left")["row"]
    gone = np.zeros(actors.height, dtype=bool)
    gone[places] = True
    gone[row.drop_nulls().to_numpy()] = False
    return put_behind(actors, gone, fresh.filter(row.is_null()), behind, "actors")


def _of_actors(fresh: pl.DataFrame, stood: pl.DataFrame) -> Difference:
    rows, before = fresh.drop("label"), stood.select(fresh.columns).drop("label")
    differing = rows.join(before, on=rows.columns, how="anti", nulls_equal=True)
    gone = before.join(rows, on="actor_id", how="anti").select("actor_id")
    return Difference(lambda: differing, gone)


def _of_members(
    standing: Standing,
    merged: Merged,
    items: pl.DataFrame,
    numbers: np.ndarray,
    theirs: np.ndarray,
    actors: tuple[_Whose, _Whose],
    moved: np.ndarray,
    belonging: tuple[pl.DataFrame, pl.DataFrame],
) -> Difference:
    """`numbers`: of the placed items of dirty labels; `theirs`: of those that were, by former numbers. `actors`: whose
    they are now, and were then. `belonging`: key, actor_id of what belongs to them now, and then.
    """
    # Only of these anything else may be told than before.
    asked = moved.copy()
    asked[merged.changed] = True
    then = merged.numbers_of(theirs)
    is_asked = asked[then]
    told = ["item", "actor_id", "site", "account"]
    before = _with_items(standing.items, theirs[is_asked], then[is_asked], actors[1])
    numbers = numbers[asked[numbers]]
    now = _with_items(items, numbers, numbers, actors[0])
    rows = now.join(before, on=told, how="anti", nulls_equal=True)
    gone = before.join(now, on=["item", "actor_id"], how="anti")
    shows, showed = belonging
    more = shows.join(showed, on=["actor_id", "key"], how="anti")
    less = showed.join(shows, on=["actor_id", "key"], how="anti")
    known = _named(pl.concat([more["key"], less["key"]]), merged.identifiers)
    # That of which nothing is shown any more has its name of then alone.
    lost = less.join(known, on="key", how="anti")["key"]
    named_then = pl.concat([known, _named(lost, standing.identifiers)]) if len(lost) else known
    more = more.join(known, on="key").select("actor_id", "identifier_id")
    less = less.join(named_then, on="key")
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


def _with_items(
    items: pl.DataFrame, numbers: np.ndarray, known_as: np.ndarray, whose: _Whose
) -> pl.DataFrame:
    return _rows(items.select("item_id", "site", "account"), numbers).with_columns(
        account(), whose.of(numbers).alias("actor_id"), pl.Series("item", known_as, pl.UInt32)
    )


def _rows(items: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """The items of these numbers, which ascend."""
    return pl.DataFrame([_gathered(column, numbers) for column in items])


def _gathered(column: pl.Series, numbers: np.ndarray) -> pl.Series:
    """The values at these places, which ascend. Polars would copy a column that lies in several pieces as one first."""
    pieces, start = [], 0
    for piece in column.get_chunks():
        first, last = np.searchsorted(numbers, (start, start + len(piece)))
        pieces.append(piece.gather(numbers[first:last] - start))
        start += len(piece)
    return pl.concat(pieces)


def _belonging(held: pl.DataFrame, is_dirty: np.ndarray) -> pl.DataFrame:
    """What belongs to dirty labels: label, key."""
    theirs = held["belongs"] & pl.Series(is_dirty.take(held["label"].to_numpy()))
    return held.select("label", "key").filter(theirs)


def _named(keys: pl.Series, identifiers: pl.DataFrame) -> pl.DataFrame:
    """key, identifier_id of these keys."""
    return identifiers.select("key", "identifier_id").filter(pl.col("key").is_in(keys.unique().implode()))

"""What a day changes in the tables of actors: only groups that differ from those that stand are told again."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from assets.linking.actors import (
    ACTOR_EDGES,
    ActorTables,
    Grouping,
    actors_of,
    edges_of,
    holdings_of,
    join_started,
    members_of,
    name_groups,
)
from assets.linking.best_partner import EDGES
from assets.linking.changed_starts import start_again
from assets.linking.contacts import mark_lines
from assets.linking.continuity import keep_actor_ids
from assets.linking.merging import Merged
from assets.linking.standing import ACTORS, CONTACTS, HELD, IDENTIFIERS, NUMBERED_EDGES, Standing
from assets.linking.super_connectors import mark_super_connectors
from quality.contracts import CONTRACTS

_DAMPED = ("actor_count", "weight", "is_super_connector", "damped_because")
# What an edge's key does not tell of it.
_TOLD_OF_AN_EDGE = (
    "actor_edge_id",
    "actor_id",
    "support",
    "share",
    "weight",
    "strength",
    "is_bridge",
    "round",
)


@dataclass(frozen=True)
class Difference:
    """Rows of a table to put in, and the values of columns of its key whose rows go (keys packed)."""

    rows: pl.DataFrame
    gone: pl.DataFrame


@dataclass(frozen=True)
class Day:
    """The state after the day without what was seen, the differences of the tables, the changes of actors.

    `actors` and `items`: how many actors were told again, and how many items were looked at for it. `is_dirty`: which
    labels (bool) were looked at again.
    """

    standing: Standing
    differences: dict[str, Difference]
    changes: pl.DataFrame
    actors: int
    items: int
    is_dirty: np.ndarray


def link_day(
    standing: Standing,
    merged: Merged,
    texts: tuple[pl.DataFrame, pl.DataFrame],
    *,
    day: date,
    run_id: str,
    former: tuple[pl.DataFrame, pl.DataFrame] | None = None,
) -> Day:
    """Group the merged items, and tell what differs from `standing`.

    `texts`: contacts (as `CONTACTS` without is_line) and uses of near-duplicate texts. `former`: members and edges of
    the last run (as committed, keys packed), where `standing` is empty and does not have them.
    """
    numbered = merged.items.with_row_index("item").with_columns(pl.col("item").cast(pl.UInt32))
    weighed = pl.concat([merged.contacts, texts[0]])
    uses = pl.concat([merged.uses, texts[1]])
    lined = mark_lines(weighed, uses, numbered)
    former_edges = _renumbered_edges(standing.edges, merged.renumbered)
    starts = start_again(standing, merged, lined, former_edges)
    grouping = join_started(numbered, lined, uses, starts.labels, starts.edges, starts.kept)
    contacts = (
        merged.contacts.join(lined.select("contact", "is_line"), on="contact", how="left")
        .join(starts.private.with_columns(pl.lit(True).alias("is_private")), on="contact", how="left")
        .with_columns(pl.col("is_private").fill_null(False))
        .select(*CONTACTS)
    )

    is_dirty = _dirty(standing, merged, grouping, former_edges)
    held, keys = _held(standing.held, merged, grouping.labels, is_dirty)
    held, resettled = _settled(held, keys)
    is_dirty[resettled] = True
    told = _told_again(standing, merged, grouping, held, is_dirty, (day, run_id), former)

    flipped = standing.contacts.join(contacts, on="contact").filter(
        pl.col("is_line") != pl.col("is_line_right")
    )
    respelled = merged.identifiers.join(flipped, on="contact", how="semi")["key"]
    concerned = pl.concat([keys, merged.touched, respelled]).unique()
    identifiers, again = _damped(merged.identifiers, held, contacts, concerned)
    stood = standing.identifiers.join(pl.DataFrame({"key": concerned}), on="key", how="semi")
    rows = again.join(stood, on=list(IDENTIFIERS), how="anti", nulls_equal=True)
    told.differences["identifiers"] = Difference(
        rows.select(*CONTRACTS["identifiers"].schema),
        stood.join(again, on="key", how="anti").select("identifier_id"),
    )
    after = replace(
        standing,
        items=told.items.with_columns(pl.Series("start", starts.labels.astype(np.uint32))),
        mentions=merged.mentions,
        identifiers=identifiers,
        uses=merged.uses,
        contacts=contacts,
        accounts=starts.accounts,
        edges=told.edges,
        held=held,
        actors=told.actors,
    )
    items = int(is_dirty[grouping.labels].sum())
    return Day(after, told.differences, told.changes, told.actor_count, items, is_dirty)


def _dirty(standing: Standing, merged: Merged, grouping: Grouping, former_edges: pl.DataFrame) -> np.ndarray:
    """Which labels (bool) are looked at again: those, now and before, of items that changed, came, went or have another
    label, and those that other evidence holds together.
    """
    renumbered, labels = merged.renumbered, grouping.labels
    former = merged.items["label"].fill_null(0).to_numpy().astype(np.int64)
    known = merged.items["label"].is_not_null().to_numpy()
    before = np.full(len(labels), -1, dtype=np.int64)
    before[known] = renumbered[former[known]]
    changed = before != labels
    changed[merged.changed] = True
    is_dirty = np.zeros(len(labels), dtype=bool)
    is_dirty[labels[changed]] = True
    is_dirty[before[changed & (before >= 0)]] = True
    gone = np.flatnonzero(renumbered < 0)
    left = renumbered[standing.items["label"].to_numpy()[gone].astype(np.int64)]
    is_dirty[left[left >= 0]] = True
    is_placed = merged.items["is_placed"].to_numpy()
    now, then = _of_placed(grouping.edges, is_placed), former_edges
    # Edges are compared by the hash of all that is said of them.
    said = pl.struct(*EDGES).hash().alias("said")
    now, then = (edges.select("left_item", said) for edges in (now, then))
    for one, other in ((now, then), (then, now)):
        differs = one.join(other, on="said", how="anti")["left_item"].to_numpy()
        is_dirty[labels[differs]] = True
    return is_dirty


def _of_placed(edges: pl.DataFrame, is_placed: np.ndarray) -> pl.DataFrame:
    both = is_placed[edges["left_item"].to_numpy()] & is_placed[edges["right_item"].to_numpy()]
    return edges.filter(pl.Series(both))


def _renumbered_edges(edges: pl.DataFrame, renumbered: np.ndarray) -> pl.DataFrame:
    """Former edges under new numbers, without those of items that are gone."""
    sides = {side: renumbered[edges[side].to_numpy()] for side in ("left_item", "right_item")}
    stays = (sides["left_item"] >= 0) & (sides["right_item"] >= 0)
    return edges.filter(pl.Series(stays)).with_columns(
        pl.Series(side, numbers[stays].astype(np.uint32)) for side, numbers in sides.items()
    )


def _held(
    standing: pl.DataFrame, merged: Merged, labels: np.ndarray, is_dirty: np.ndarray
) -> tuple[pl.DataFrame, pl.Series]:
    """What groups show (`HELD`, belongs null where it is new), and the identifiers concerned (UInt64)."""
    label = merged.renumbered[standing["label"].to_numpy()]
    stays = label >= 0
    stays[stays] = ~is_dirty[label[stays]]
    kept = standing.filter(pl.Series(stays)).with_columns(pl.Series("label", label[stays].astype(np.uint32)))
    gone = standing.filter(pl.Series(~stays))["key"]
    item = merged.mentions["item"].to_numpy()
    again = is_dirty[labels[item]] & merged.items["is_placed"].to_numpy()[item]
    fresh = _shown_by(merged.mentions.filter(pl.Series(again)), labels).with_columns(
        pl.lit(None, pl.Boolean).alias("belongs")
    )
    return pl.concat([kept, fresh.select(*HELD)]), pl.concat([gone, fresh["key"]]).unique()


def _shown_by(mentions: pl.DataFrame, labels: np.ndarray) -> pl.DataFrame:
    """How many items of a group show an identifier: label, key, items. `mentions`: item, shown."""
    shown = mentions.select("item", pl.col("shown").alias("key")).drop_nulls().unique()
    return (
        shown.with_columns(pl.Series("label", labels[shown["item"].to_numpy()].astype(np.uint32)))
        .group_by("label", "key")
        .agg(pl.len().cast(pl.Int64).alias("items"))
    )


def _settled(held: pl.DataFrame, keys: pl.Series) -> tuple[pl.DataFrame, np.ndarray]:
    """`held` with `belongs` of these identifiers settled anew, and the labels that were settled otherwise before."""
    concerned = pl.DataFrame({"key": keys})
    settled = settle(held.join(concerned, on="key", how="semi"))
    other = settled.filter(pl.col("belongs") != pl.col("before"))["label"]
    rest = held.join(concerned, on="key", how="anti")
    return pl.concat([rest, settled.select(*HELD)]), other.unique().to_numpy()


def settle(held: pl.DataFrame) -> pl.DataFrame:
    """The rows (`HELD`, all of each identifier) with `belongs`; what stood there is `before`."""
    belong = holdings_of(held.rename({"label": "actor_id", "key": "identifier_id"}))
    return (
        held.rename({"belongs": "before"})
        .join(
            belong.select(
                pl.col("actor_id").alias("label"),
                pl.col("identifier_id").alias("key"),
                pl.lit(True).alias("belongs"),
            ),
            on=["label", "key"],
            how="left",
        )
        .with_columns(pl.col("belongs").fill_null(False))
    )


@dataclass(frozen=True)
class _Told:
    """Items, actors and edges of the state, the tables' differences, and what changed."""

    items: pl.DataFrame
    actors: pl.DataFrame
    edges: pl.DataFrame
    differences: dict[str, Difference]
    changes: pl.DataFrame
    actor_count: int


def _told_again(
    standing: Standing,
    merged: Merged,
    grouping: Grouping,
    held: pl.DataFrame,
    is_dirty: np.ndarray,
    run: tuple[date, str],
    former: tuple[pl.DataFrame, pl.DataFrame] | None,
) -> _Told:
    """Actors, members and edges of the dirty labels, and how they differ from what stood there."""
    labels, renumbered = grouping.labels, merged.renumbered
    is_placed = merged.items["is_placed"].to_numpy()
    again = is_dirty[labels] & is_placed
    placed = _placed(merged.items, labels, np.flatnonzero(again))
    groups = placed.select(pl.col("group").cast(pl.UInt32).alias("label"), "actor_id").unique()
    holdings = _holdings(held, groups, merged.identifiers)
    of_placed = _of_placed(grouping.edges, is_placed)
    fresh_edges = of_placed.filter(pl.Series(again[of_placed["left_item"].to_numpy()]))
    numbered = edges_of(fresh_edges, placed, grouping.contacts)
    tables = ActorTables(
        actors_of(placed, holdings),
        members_of(placed, holdings),
        numbered.select(*ACTOR_EDGES),
    )

    # The former labels that were told of these items: those under dirty numbers, and those whose number is gone.
    was = np.ones(len(renumbered), dtype=bool)
    was[renumbered >= 0] = is_dirty[renumbered[renumbered >= 0]]
    former_items = standing.items.filter(
        pl.Series(was[standing.items["label"].to_numpy()]) & pl.col("is_placed")
    ).with_columns(pl.col("account").str.strip_chars().replace("", None))
    former_actors = standing.actors.filter(pl.Series(was[standing.actors["label"].to_numpy()]))
    former_edges = standing.edges.filter(
        pl.Series(was[standing.items["label"].to_numpy()[standing.edges["left_item"].to_numpy()]])
    )
    former_members = members_of(
        former_items,
        _holdings(standing.held, former_actors.select("label", "actor_id"), standing.identifiers),
    )
    before = (former_members, _spelled_edges(former_edges, standing.items)) if former is None else former
    known = standing.actors["actor_id"] if former is None else None
    tables, changes = keep_actor_ids(tables, *before, day=run[0], run_id=run[1], known=known)

    ids = placed.select("item", "item_id", "group").join(
        tables.actor_members.filter(pl.col("member_kind") == "item").select(
            pl.col("member_id").alias("item_id"), "actor_id"
        ),
        on="item_id",
    )
    items = merged.items.with_columns(
        pl.Series("label", labels.astype(np.uint32)),
        _actor_column(merged.items["actor_id"], ids, is_dirty[labels]),
    )
    kept = standing.actors.filter(pl.Series(~was[standing.actors["label"].to_numpy()]))
    kept = kept.with_columns(pl.Series("label", renumbered[kept["label"].to_numpy()].astype(np.uint32)))
    of_actors = ids.select(pl.col("group").cast(pl.UInt32).alias("label"), "actor_id").unique()
    actors = pl.concat([kept, tables.actors.join(of_actors, on="actor_id").select(*ACTORS)])

    still = _renumbered_edges(standing.edges, renumbered)
    still = still.filter(pl.Series(~is_dirty[labels[still["left_item"].to_numpy()]]))
    named = numbered.drop("actor_id").join(
        tables.actor_edges.select("actor_edge_id", "actor_id"), on="actor_edge_id"
    )
    edges = pl.concat([still, named.select(*NUMBERED_EDGES)])
    differences = {
        "actors": _difference(tables.actors, former_actors.select(tables.actors.columns), ["actor_id"]),
        "actor_members": _difference(tables.actor_members, former_members, ["actor_id", "member_id"]),
        "actor_edges": Difference(
            tables.actor_edges.join(former_edges, on=_TOLD_OF_AN_EDGE, how="anti", nulls_equal=True),
            former_edges.join(tables.actor_edges, on="actor_edge_id", how="anti").select("actor_edge_id"),
        ),
    }
    return _Told(items, actors, edges, differences, changes, tables.actors.height)


def _placed(items: pl.DataFrame, labels: np.ndarray, numbers: np.ndarray) -> pl.DataFrame:
    """These items (numbers in order), with group and actor_id of the grouping, as from `actors.placed_items`."""
    chosen = items.select("item_id", "site", "account", "first_seen", "last_seen")[numbers]
    return name_groups(
        chosen.with_columns(
            pl.Series("item", numbers.astype(np.uint32)),
            pl.Series("group", labels[numbers]),
            pl.col("account").str.strip_chars().replace("", None),
        )
    )


def _holdings(held: pl.DataFrame, groups: pl.DataFrame, identifiers: pl.DataFrame) -> pl.DataFrame:
    """What belongs to these groups (label, actor_id): actor_id, identifier_id."""
    return (
        held.filter("belongs")
        .join(groups, on="label")
        .join(identifiers.select("key", "identifier_id"), on="key")
        .select("actor_id", "identifier_id")
    )


def _spelled_edges(edges: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Former edges as their table has them."""
    sides = {f"{side}_id": items["item_id"].gather(edges[side]) for side in ("left_item", "right_item")}
    return edges.with_columns(pl.Series(name, ids) for name, ids in sides.items()).select(*ACTOR_EDGES)


def _actor_column(former: pl.Series, ids: pl.DataFrame, is_dirty: np.ndarray) -> pl.Series:
    """actor_id of all items: those of `ids` (item, actor_id); none of the other dirty ones; else the former one."""
    source = np.arange(len(former), dtype=np.int64)
    nobody = len(former) + ids.height
    source[is_dirty] = nobody
    source[ids["item"].to_numpy()] = len(former) + np.arange(ids.height)
    none = pl.Series([None], dtype=former.dtype)
    return pl.concat([former, ids["actor_id"], none])[source].alias("actor_id")


def _difference(rows: pl.DataFrame, former: pl.DataFrame, key: list[str]) -> Difference:
    return Difference(
        rows.join(former, on=rows.columns, how="anti", nulls_equal=True),
        former.join(rows, on=key, how="anti").select(key),
    )


def _damped(
    identifiers: pl.DataFrame, held: pl.DataFrame, contacts: pl.DataFrame, concerned: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All identifiers, and those concerned (numbers), with what the groups that show them say of them."""
    keys = pl.DataFrame({"key": concerned})
    again = identifiers.join(keys, on="key", how="semi").drop(*_DAMPED)
    lines = again.join(contacts.filter("is_line"), on="contact", how="semi")["key"]
    by_number = again.rename({"identifier_id": "spelled", "key": "identifier_id"})
    marked = mark_super_connectors(
        by_number,
        held.join(keys, on="key", how="semi").rename({"label": "actor_id", "key": "identifier_id"}),
        lines,
    )
    again = marked.rename({"identifier_id": "key", "spelled": "identifier_id"}).select(*IDENTIFIERS)
    return pl.concat([identifiers.join(keys, on="key", how="anti").select(*IDENTIFIERS), again]), again

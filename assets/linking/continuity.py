"""Actors over the days: the same people keep their id, and merges and splits are written down.

Each run groups all items anew and knows nothing of the day before. Here its groups take over the ids of the actors
that were committed last, by the items that both hold:

1. Of all pairs of a former actor and a present group, the pair with most common items goes first; ties go to the
   group whose oldest item gave the actor its id, then to the smaller actor id, then to the smaller group id.
2. A pair whose actor and group are both free is matched: the group takes the actor's id. Each id goes to one group,
   each group takes one id. (Maximum overlap matching, greedily, as for tracking communities over time in Greene,
   Doyle & Cunningham, Tracking the evolution of communities in dynamic social networks, ASONAM 2010.)
3. A group without a match takes the key of its oldest item; where that was an actor's id in the last run, a further
   key. Whoever was merged and comes apart again therefore gets the old id back.

The partition is never touched: a rebuild from nothing gives the same actors, under the keys of their oldest items.
The same partition again gives the same ids and no change, so a second run records nothing.
"""

from collections.abc import Iterator
from datetime import date

import polars as pl

from assets.linking.actors import ActorTables
from assets.linking.digests import key_column
from assets.parsing.packed import packed
from quality.contracts import CONTRACTS

ACTOR_CHANGES = CONTRACTS["actor_changes"].schema


def keep_actor_ids(
    linked: ActorTables,
    former_members: pl.DataFrame,
    former_edges: pl.DataFrame,
    *,
    day: date,
    run_id: str,
    known: pl.Series | None = None,
) -> tuple[ActorTables, pl.DataFrame]:
    """The linked tables with the ids that their actors had before, and what changed (contract `actor_changes`).

    `former_members` and `former_edges` are the committed `actor_members` and `actor_edges` of the last run, empty at
    the first. `day` (UTC) and `run_id` date the changes. Items that were of no actor, or are of none now, move no id.
    Where the tables are of some actors only, `known` are the ids of all that there were.
    """
    groups = _items_of(linked.actor_members).rename({"actor_id": "group"})
    former = _items_of(former_members).rename({"actor_id": "former"})
    ids = kept_ids(groups, former, former["former"] if known is None else known)
    renamed = ActorTables(
        _renamed(linked.actors, ids, ["actor_id"]),
        _renamed(linked.actor_members, ids, ["actor_id", "member_kind", "member_id"]),
        _renamed(linked.actor_edges, ids, ["actor_id", "round", "actor_edge_id"]),
        linked.held,
        linked.lines,
    )
    items = _items_of(renamed.actor_members)
    return renamed, changes_of(items, former, renamed.actor_edges, former_edges, day=day, run_id=run_id)


def changes_of(
    items: pl.DataFrame,
    former: pl.DataFrame,
    edges: pl.DataFrame,
    former_edges: pl.DataFrame,
    *,
    day: date,
    run_id: str,
) -> pl.DataFrame:
    """What changed (contract `actor_changes`; keys packed where those of actors are).

    `items`: item_id, actor_id; `former`: item_id, former (its actor before). `edges`, `former_edges`: actor_edge_id,
    actor_id, reason, identifier_id, support, share, left_item_id, right_item_id. An item's id may be any number of it.
    """
    changes = _changes(items, former)
    reasons = _reasons(changes, edges, former_edges, former, items)
    changes = changes.join(
        reasons, on=["actor_id", "kind", "other_actor_id"], how="left", nulls_equal=True
    ).with_columns(pl.lit(day, pl.Date).alias("changed_on"), pl.lit(run_id, pl.String).alias("run_id"))
    changes = changes.with_columns(
        key_column(changes, "run_id", "actor_id", "kind", "other_actor_id").alias("actor_change_id")
    )
    return changes.select(*ACTOR_CHANGES).sort("actor_id", "kind", "other_actor_id")


def _items_of(members: pl.DataFrame) -> pl.DataFrame:
    """item_id, actor_id of the members that are items."""
    return members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("item_id"), "actor_id"
    )


def kept_ids(groups: pl.DataFrame, former: pl.DataFrame, all_known: pl.Series) -> pl.DataFrame:
    """The id of every group: group, actor_id.

    `groups`: item_id, group (the id of an actor that its oldest item would give); `former`: item_id, former.
    `all_known`: ids that are given out.
    """
    matched = _matches(
        groups.join(former, on="item_id")
        .group_by("group", "former")
        .agg(pl.len().alias("items"))
        .with_columns((pl.col("group") == pl.col("former")).alias("is_own"))
        .sort(["items", "is_own", "former", "group"], descending=[True, True, False, False])
        .with_row_index("order")
    )
    fresh = groups.select("group").unique().join(matched, on="group", how="anti").sort("group")
    is_known = _among(fresh["group"], all_known)
    own = pl.col("group").alias("actor_id")
    return pl.concat(
        [
            matched.select("group", pl.col("former").alias("actor_id")),
            fresh.filter(~is_known).select("group", own),
            *_further_ids(fresh.filter(is_known), all_known),
        ]
    )


def _further_ids(reborn: pl.DataFrame, known: pl.Series) -> Iterator[pl.DataFrame]:
    """The first further id of each of these groups that is not given out: group, actor_id.

    A further id is digested from another text than any group's own, so that no group of this run has it as its own.
    """
    number = 2
    while reborn.height:
        further = key_column(
            reborn.with_columns(pl.lit("actor").alias("what"), pl.lit(str(number)).alias("number")),
            *("what", "group", "number"),
        )
        ids = reborn.with_columns(further.alias("actor_id"))
        if reborn.schema["group"] == pl.Binary:
            ids = packed(ids, "actor_id")
        is_taken = _among(ids["actor_id"], known)
        yield ids.filter(~is_taken)
        reborn = reborn.filter(is_taken)
        number += 1


def _among(ids: pl.Series, known: pl.Series) -> pl.Series:
    """Which of some ids are among all that are known, which are many more."""
    found = known.filter(known.is_in(ids.implode()))
    return ids.is_in(found.implode())


def _matches(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that the greedy order picks: group, former. `pairs` has them in `order`, the best first.

    A pair that is the best left of both its sides is what the greedy order picks next of either; so all such pairs
    are taken at once, and a few rounds do.
    """
    picked = [pairs.clear().select("group", "former")]
    while pairs.height:
        best = pairs.filter(
            (pl.col("order") == pl.col("order").min().over("group"))
            & (pl.col("order") == pl.col("order").min().over("former"))
        )
        picked.append(best.select("group", "former"))
        pairs = pairs.join(best, on="group", how="anti").join(best, on="former", how="anti")
    return pl.concat(picked)


def _renamed(frame: pl.DataFrame, ids: pl.DataFrame, order: list[str]) -> pl.DataFrame:
    columns = frame.columns
    return frame.rename({"actor_id": "group"}).join(ids, on="group", how="left").select(columns).sort(order)


def _changes(items: pl.DataFrame, former: pl.DataFrame) -> pl.DataFrame:
    """What happened to whom: actor_id, kind, other_actor_id, items_moved."""
    present = items.select("actor_id").unique()
    before = former.select(pl.col("former").alias("actor_id")).unique()
    moves = (
        items.join(former, on="item_id", how="left")
        .group_by("actor_id", "former")
        .agg(pl.len().cast(pl.Int64).alias("items_moved"))
        .filter(pl.col("former").is_null() | (pl.col("former") != pl.col("actor_id")))
        .join(before.with_columns(pl.lit(True).alias("is_known")), on="actor_id", how="left")
        .join(
            present.select(pl.col("actor_id").alias("former"), pl.lit(True).alias("goes_on")),
            on="former",
            how="left",
        )
        .with_columns(pl.col("is_known", "goes_on").fill_null(False))
    )
    from_others = moves.filter(pl.col("former").is_not_null())
    born_of_others = from_others.filter(~pl.col("is_known")).select("actor_id").unique()
    new_items = moves.filter(pl.col("former").is_null()).join(
        born_of_others.with_columns(pl.lit(True).alias("is_split")), on="actor_id", how="left"
    )
    kinds = (
        pl.when(pl.col("is_known") | pl.col("is_split").fill_null(False))
        .then(pl.lit("grown"))
        .otherwise(pl.lit("appeared"))
    )
    return pl.concat(
        [
            new_items.select(
                "actor_id",
                kinds.alias("kind"),
                pl.lit(None, items.schema["actor_id"]).alias("other_actor_id"),
                "items_moved",
            ),
            from_others.select(
                "actor_id",
                pl.when("goes_on").then(pl.lit("split")).otherwise(pl.lit("merged")).alias("kind"),
                pl.col("former").alias("other_actor_id"),
                "items_moved",
            ),
        ]
    )


def _reasons(
    changes: pl.DataFrame,
    edges: pl.DataFrame,
    former_edges: pl.DataFrame,
    former: pl.DataFrame,
    items: pl.DataFrame,
) -> pl.DataFrame:
    """The strongest edge behind each change: actor_id, kind, other_actor_id, actor_edge_id, reason, identifier_id.

    Of a merger and of growth, an edge of today between the items that came and the others; of a split, an edge of the
    last run that held both sides together and is gone.
    """
    today = _sided(edges, former, "before")
    came = pl.concat(
        [
            today.select(
                "actor_id",
                "actor_edge_id",
                "reason",
                "identifier_id",
                "support",
                "share",
                pl.col(f"{one}_before").alias("other_actor_id"),
                (pl.col(f"{other}_before") == pl.col("actor_id")).fill_null(False).alias("is_direct"),
            ).filter(pl.col("other_actor_id").is_null() | (pl.col("other_actor_id") != pl.col("actor_id")))
            for one, other in (("left", "right"), ("right", "left"))
        ]
    ).with_columns(
        pl.when(pl.col("other_actor_id").is_null())
        .then(pl.lit("grown"))
        .otherwise(pl.lit("merged"))
        .alias("kind")
    )
    # An edge among the newcomers says nothing of why they belong here.
    inside = today.filter(pl.col("left_before").eq_missing(pl.col("right_before"))).select("actor_edge_id")
    came = came.join(inside, on="actor_edge_id", how="anti")
    apart = _sided(
        former_edges.rename({"actor_id": "other_actor_id"}), items.rename({"actor_id": "former"}), "now"
    ).filter(pl.col("left_now").ne_missing(pl.col("right_now")))
    went = pl.concat(
        [
            apart.filter(pl.col(f"{one}_now").is_not_null()).select(
                pl.col(f"{one}_now").alias("actor_id"),
                "actor_edge_id",
                "reason",
                "identifier_id",
                "support",
                "share",
                "other_actor_id",
                (pl.col(f"{other}_now") == pl.col("other_actor_id")).fill_null(False).alias("is_direct"),
                pl.lit("split").alias("kind"),
            )
            for one, other in (("left", "right"), ("right", "left"))
        ]
    )
    keys = ["actor_id", "kind", "other_actor_id"]
    return (
        pl.concat([came, went])
        .join(changes.select(keys), on=keys, how="semi", nulls_equal=True)
        .sort(
            [*keys, "is_direct", "support", "share", "actor_edge_id"],
            descending=[False, False, False, True, True, True, False],
            nulls_last=True,
        )
        .unique(keys, keep="first", maintain_order=True)
        .select(*keys, "actor_edge_id", "reason", "identifier_id")
    )


def _sided(edges: pl.DataFrame, holders: pl.DataFrame, when: str) -> pl.DataFrame:
    """The edges with the actor that holds each side's item in `holders` (item_id, former): left_…, right_…"""
    for side in ("left", "right"):
        edges = edges.join(
            holders.select(
                pl.col("item_id").alias(f"{side}_item_id"), pl.col("former").alias(f"{side}_{when}")
            ),
            on=f"{side}_item_id",
            how="left",
        )
    return edges

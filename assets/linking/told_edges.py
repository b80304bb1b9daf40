"""What holds actors together, named as their table has it, and which of its rows differ from before."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.actors import ACTOR_EDGES, named_edges
from assets.linking.shares import shares_of
from assets.linking.standing import NUMBERED_EDGES, Behind, put_behind

SIDES = ("left_item", "right_item")
_NAMING = ["actor_edge_id", "reason", "identifier_id"]
_TOLD = ["actor_id", "support", "share", "weight", "strength", "is_bridge", "round"]


@dataclass(frozen=True)
class Edges:
    """The edges between placed items: `now` (`best_partner.EDGES`), at least those of dirty groups; `then`
    (`NUMBERED_EDGES`, stands) by new numbers.

    Items that are gone have numbers behind all others. `contacts` (contact, identifier_id, kind) are those that `now`
    names; `respelled` (UInt64) those of them that are known by another identifier than then.
    """

    now: pl.DataFrame
    then: pl.DataFrame
    contacts: pl.DataFrame
    respelled: pl.Series


@dataclass(frozen=True)
class ToldEdges:
    """The edges of dirty groups (`NUMBERED_EDGES`): all there are `now`, and which of them (Boolean) differ from those
    that stood there; `gone` (actor_edge_id): of which of these there is none any more. `is_same` (bool): which of `now`
    are one of those as it was, `stays` (bool): which of those these are."""

    now: pl.DataFrame
    differs: pl.Series
    gone: pl.DataFrame
    is_same: np.ndarray
    stays: np.ndarray


def by_numbers(edges: pl.DataFrame, numbers: np.ndarray) -> pl.DataFrame:
    """The edges with their sides (`SIDES`) by other numbers."""
    return edges.with_columns(
        pl.Series(side, numbers[edges[side].to_numpy()].astype(np.uint32)) for side in SIDES
    )


def is_still(edges: pl.DataFrame, of_dirty: np.ndarray) -> pl.Series:
    """Which edges by new numbers hold groups together that are not dirty. `of_dirty` (bool): items of dirty ones."""
    left, right = (edges[side].to_numpy() for side in SIDES)
    if edges.is_empty() or max(left.max(), right.max()) < len(of_dirty):
        return pl.Series(~of_dirty[left])
    still = (left < len(of_dirty)) & (right < len(of_dirty))
    still[still] = ~of_dirty[left[still]]
    return pl.Series(still)


def told_again(
    edges: Edges,
    item_ids: pl.Series,
    actors_of: Callable[[np.ndarray], pl.Series],
    of_dirty: np.ndarray,
    stood: pl.DataFrame,
) -> ToldEdges:
    """The edges of dirty groups. Those among `stood`, what held them together before, keep their names.

    `of_dirty` (bool): items of dirty groups. `actors_of` gives the actors of some of these by number.
    """
    now = edges.now.filter(pl.Series(of_dirty[edges.now["left_item"].to_numpy()]))
    then = (
        stood.select(*SIDES, "contact")
        .with_row_index("stood")
        .filter(~pl.col("contact").is_in(edges.respelled.implode()).fill_null(False))
    )
    frames = [pl.DataFrame(schema={**NUMBERED_EDGES, "stood": pl.get_index_type()})]
    for share in shares_of(now.height):
        some = now.filter(share("left_item"))
        place = some.select(*SIDES, "contact").join(
            then, on=[*SIDES, "contact"], how="left", nulls_equal=True, maintain_order="left"
        )["stood"]
        some = some.with_columns(actors_of(some["left_item"].to_numpy()).alias("actor_id"), place)
        is_new = place.is_null()
        new = named_edges(some.filter(is_new), item_ids, edges.contacts)
        known = some.filter(~is_new).hstack(stood.select(*_NAMING)[place.drop_nulls()])
        both = pl.concat([frame.select(frames[0].columns) for frame in (known, new)])
        # In the order that they had: of several that go by one name the first is told.
        places = np.empty(both.height, dtype=np.int64)
        places[np.concatenate([np.flatnonzero(~is_new), np.flatnonzero(is_new)])] = np.arange(both.height)
        frames.append(both[places].filter(pl.col("actor_edge_id").is_first_distinct()))
    told = pl.concat(frames)
    return _compared(told, stood)


def _compared(told: pl.DataFrame, stood: pl.DataFrame) -> ToldEdges:
    """`told` have their rows among those that stood (`stood`), where they know them."""
    known = told["stood"].is_not_null()
    place = told["stood"].drop_nulls()
    same, then = told.select(_TOLD).filter(known), stood.select(_TOLD)[place]
    is_other = np.zeros(len(place), dtype=bool)
    for name in _TOLD:
        is_other |= same[name].ne_missing(then[name]).to_numpy()
    # Of the others the name may still be that of one that stood: several contacts may go by one name.
    left = np.ones(stood.height, dtype=bool)
    left[place.to_numpy()] = False
    rest, others = stood.filter(pl.Series(left)), told.filter(~known).with_row_index("row")
    columns = ["actor_edge_id", *_TOLD]
    fresh = others.join(rest.select(columns), on=columns, how="anti", nulls_equal=True)["row"]
    differs = np.zeros(told.height, dtype=bool)
    differs[np.flatnonzero(known)[is_other]] = True
    differs[np.flatnonzero(~known)[fresh.to_numpy()]] = True
    gone = rest.join(others, on="actor_edge_id", how="anti").select("actor_edge_id")
    is_same = np.zeros(told.height, dtype=bool)
    is_same[np.flatnonzero(known)[~is_other]] = True
    stays = np.zeros(stood.height, dtype=bool)
    stays[place.filter(pl.Series(~is_other)).to_numpy()] = True
    return ToldEdges(told.drop("stood"), pl.Series("differs", differs), gone, is_same, stays)


def still_standing(
    edges: Edges, count: int, stood: np.ndarray, told: ToldEdges, behind: Behind
) -> pl.DataFrame:
    """The edges (`NUMBERED_EDGES`, stands) of all `count` items. `stood`: the places of those that were told again."""
    gone = np.zeros(edges.then.height, dtype=bool)
    gone[stood[~told.stays]] = True
    then = edges.then
    if then.height and then.select(pl.max_horizontal(pl.col(SIDES).max())).item() >= count:
        # Of items that are gone no number is left.
        then = then.with_columns(pl.col(SIDES).clip(upper_bound=max(count - 1, 0)))
    rows = told.now.filter(~pl.Series(told.is_same)) if told.is_same.any() else told.now
    return put_behind(then, gone, rows, behind, "edges")


def spelled_edges(edges: pl.DataFrame, item_ids: pl.Series) -> pl.DataFrame:
    """Edges (`NUMBERED_EDGES`) as their table has them."""
    return edges.with_columns(item_ids.gather(edges[side]).alias(f"{side}_id") for side in SIDES).select(
        *ACTOR_EDGES
    )

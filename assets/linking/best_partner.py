"""Joining groups by best-partner share: rounds in which each group joins the one it shares most with.

Plain connected components put two thirds of a million listings into one actor as soon as photos are stolen and
numbers recycled, whatever the cap on degrees. Here a shared contact must weigh something against all that a
group shows, contacts of everybody are left out, and a group joins one partner at a time, so that one strange
contact does not chain strangers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.contacts import STRONG_WEIGHT
from assets.linking.holders import are_two
from assets.linking.joined_labels import carried, merged_labels
from assets.linking.pairing import (
    BY_RARITY,
    SEVERAL_WEIGHT,
    SHARE,
    WIDESPREAD,
    counted_as,
    held_of,
    is_star,
    is_usable,
    pairs_in_shares,
)
from assets.linking.round_memory import KINDS, NARROW, STAR, UNUSABLE, Recorder, RoundMemory
from assets.linking.used_together import at_the_same_time, talks

MAX_ROUNDS = 10
EVIDENCE_PER_JOIN = 3


@dataclass(frozen=True)
class Joining:
    """Result of the rounds.

    `labels`: group of each item (its smallest item number, Int64). `edges`: left_item, right_item (UInt32), contact
    (UInt64), support (Int64), share (Float64), weight (Float64: what the contact counted), strength (Float64: what all
    that both groups shared counted), is_bridge (Boolean: the join hangs on this one contact though both groups
    have several items, as what else they share would not join them, or on weak ones alone), round (Int64, from 1): the
    evidence of every join. `memory`: what the rounds did, for `rounds_again`. `kept`: which (bool) of the edges of the
    run before (`rounds_again.Before`) are evidence, too, as they were; None where all rounds were gone through.
    """

    labels: np.ndarray
    edges: pl.DataFrame
    memory: RoundMemory
    kept: np.ndarray | None = None


EDGES = {
    "left_item": pl.UInt32(),
    "right_item": pl.UInt32(),
    "contact": pl.UInt64(),
    "support": pl.Int64(),
    "share": pl.Float64(),
    "weight": pl.Float64(),
    "strength": pl.Float64(),
    "is_bridge": pl.Boolean(),
    "round": pl.Int64(),
}


def join_groups(
    labels: np.ndarray, contacts: pl.DataFrame, uses: pl.DataFrame, posters: pl.DataFrame
) -> Joining:
    """Join starting groups until no pair is acceptable, at most `MAX_ROUNDS` times.

    `labels`: starting group per item. `contacts`: contact, kind, weight. `uses`: item, contact, each pair once.
    `posters` (`holders.posters_of`): what each item says of its poster.
    The order of rows does not matter. Source of the method and of the thresholds .2/.35, a dozen groups and 10 %:
    measured on listings with planted truth (precision .979, recall .900 at a million listings, 2 % stolen photos
    and .1 % recycled numbers); the other constants are explained beside them.
    """
    labels = labels.copy()
    slots = contacts.select("contact", pl.col("kind").cast(KINDS), "weight").with_row_index("slot")
    recorder = Recorder(len(labels), slots)
    reach, has_own = np.zeros(len(labels), dtype=bool), np.zeros(len(labels), dtype=bool)
    shared = []
    for rows in _rows_in_shares(labels, slots, uses):
        recorder.rows(rows)
        strong = rows.filter(pl.col("weight") >= STRONG_WEIGHT)
        reach[strong["group"].to_numpy()] = True
        has_own[strong.filter(pl.col("spread") == 1)["group"].to_numpy()] = True
        shared.append(rows.filter(pl.col("spread") > 1).drop("slot"))
    counted = pl.concat(shared)
    del shared
    sizes = np.bincount(labels, minlength=len(labels))
    reached = _reached(contacts, uses, len(labels))
    edges: list[pl.DataFrame] = []
    joined: np.ndarray | None = None
    rows = counted.clear()
    ever_wide = counted.filter(pl.col("spread") > WIDESPREAD).select("contact").unique()
    for number in range(1, MAX_ROUNDS + 1):
        # A contact that one group has left to itself stays its own; no later round looks at it again.
        alone = pl.col("spread") == 1
        has_own[counted.filter(alone & (pl.col("weight") >= STRONG_WEIGHT))["group"].to_numpy()] = True
        recorder.own(number, has_own)
        recorder.wide(number, _wide(counted.join(ever_wide, on="contact", how="semi")))
        rows = pl.concat([rows, counted.filter(~alone)])
        active = _active(rows, joined, len(labels))
        held = held_of(_of_active(rows, active), sizes, has_own, reach)
        pairs = pairs_in_shares(held)
        pairs = pairs.filter(_shown_at_once(pairs, held, labels, uses, posters, reached))
        pairs = pairs.filter(~pl.Series(_had_by_two(pairs, held, labels, uses, posters)))
        if number == 1:
            recorder.first_pairs(pairs)
        joins = best_partners(pairs)
        joins = joins.filter(pl.Series(active[joins["smaller"].to_numpy()]))
        if joins.is_empty():
            break
        found, cut = evidence_of(joins, held, number)
        edges.append(found)
        recorder.joins(number, joins.join(cut, on="smaller"))
        renamed = np.arange(len(labels))
        gone, into = merged_labels(joins["smaller"].to_numpy(), joins["larger"].to_numpy(), renamed)
        renamed[gone] = into
        joined = np.unique(renamed[joins["smaller"].to_numpy()])
        labels = renamed[labels]
        sizes = np.bincount(labels, minlength=len(labels))
        has_own, reach = carried(has_own, renamed), carried(reach, renamed)
        rows, counted = _after(rows, renamed, joined)
    told = pl.concat(edges) if edges else pl.DataFrame(schema=EDGES)
    return Joining(labels, told, recorder.memory())


def _days_shown(
    contacts: pl.Series, labels: np.ndarray, uses: pl.DataFrame, posters: pl.DataFrame
) -> pl.DataFrame:
    """contact, group, day of each item that shows one of these contacts."""
    shown = uses.filter(pl.col("contact").is_in(contacts.unique().implode()))
    return shown.select(
        "contact",
        pl.Series("group", labels[shown["item"].to_numpy()]),
        posters["day"].gather(shown["item"]).alias("day"),
    )


def _had_by_two(
    pairs: pl.DataFrame, held: pl.DataFrame, labels: np.ndarray, uses: pl.DataFrame, posters: pl.DataFrame
) -> np.ndarray:
    """Which pairs (bool) share but a number that the one had before the other (`holders.are_two`); contacts on many
    groups are nobody's that was given to another.
    """
    narrow = held.filter(pl.col("spread") <= WIDESPREAD)["contact"].unique()
    rows = np.flatnonzero(pairs["number"].is_in(narrow.implode()).fill_null(False).to_numpy())
    asked = pairs[rows].select(
        pl.col("smaller").alias("one"), pl.col("larger").alias("other"), pl.col("number").alias("contact")
    )
    shown = _days_shown(asked["contact"], labels, uses, posters)

    def members(groups: np.ndarray) -> pl.DataFrame:
        items = np.flatnonzero(np.isin(labels, groups))
        return posters[items].with_columns(pl.Series("group", labels[items]))

    apart = np.zeros(pairs.height, dtype=bool)
    apart[rows] = are_two(asked, shown, members)
    return apart


def _reached(contacts: pl.DataFrame, uses: pl.DataFrame, count: int) -> np.ndarray:
    """Which items (bool, of so many) show a strong contact."""
    strong = contacts.filter(pl.col("weight") >= STRONG_WEIGHT)["contact"]
    reached = np.zeros(count, dtype=bool)
    reached[uses.filter(pl.col("contact").is_in(strong.implode()))["item"].to_numpy()] = True
    return reached


def _shown_at_once(
    pairs: pl.DataFrame,
    held: pl.DataFrame,
    labels: np.ndarray,
    uses: pl.DataFrame,
    posters: pl.DataFrame,
    reached: np.ndarray,
) -> pl.Series:
    """Which pairs suffice: those that share too little only if both show a strong contact at the same time
    (`used_together`). `reached`: items (bool) that show a strong contact."""
    narrow = held.filter(pl.col("spread") <= WIDESPREAD)["contact"].unique()
    suffices = pairs["asked"].is_null().to_numpy().copy()
    asked = (
        pairs.select("smaller", "larger", pl.col("asked").alias("contact"))
        .with_row_index("place")
        .drop_nulls("contact")
        .explode("contact")
        .filter(pl.col("contact").is_in(narrow.implode()))
        .with_row_index("pair")
    )
    shown = _days_shown(asked["contact"], labels, uses, posters)
    sizes, reaching = np.bincount(labels), np.bincount(labels[reached], minlength=len(labels))
    is_talk = talks(sizes, reaching[: len(sizes)])
    sides = [
        asked.join(shown, left_on=[name, "contact"], right_on=["group", "contact"]).select(
            "pair", "day", pl.lit(name == "larger").alias("is_other")
        )
        for name in ("smaller", "larger")
    ]
    pair, day, is_other = (column.to_numpy() for column in pl.concat(sides))
    is_one = at_the_same_time(pair.astype(np.int64), is_other, day.astype(np.int64), asked.height)
    is_one &= ~is_talk[asked["smaller"].to_numpy()] & ~is_talk[asked["larger"].to_numpy()]
    suffices[asked["place"].to_numpy()[is_one]] = True
    return pl.Series(suffices)


def _rows_in_shares(labels: np.ndarray, slots: pl.DataFrame, uses: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What groups show, by shares of the contacts: slot, and as `spread_of` has it."""
    shares = 1 + uses.height // SHARE
    for number in range(shares):
        theirs = (pl.col("contact") // 64) % shares == number
        some = uses.filter(theirs)
        rows = (
            some.with_columns(pl.Series("group", labels[some["item"].to_numpy()]))
            .group_by("group", "contact")
            .agg(pl.len().cast(pl.Int64).alias("items"), pl.col("item").min().alias("first"))
            .join(slots.filter(theirs), on="contact")
        )
        yield spread_of(rows)


def spread_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows (group, contact, items, …; all of each contact) with spread (groups), most and all_items of each."""
    spread = rows.group_by("contact").agg(
        pl.len().cast(pl.Int64).alias("spread"),
        pl.col("items").max().alias("most"),
        pl.col("items").sum().alias("all_items"),
    )
    return rows.join(spread, on="contact")


def _after(rows: pl.DataFrame, renamed: np.ndarray, joined: np.ndarray) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows after a round: those of contacts that no group of `joined` shows, and the others, counted again."""
    is_new = np.zeros(len(renamed), dtype=bool)
    is_new[joined] = True
    group = renamed[rows["group"].to_numpy()]
    is_theirs = pl.Series(is_new[group])
    rows = rows.with_columns(pl.Series("group", group))
    theirs = (
        rows.filter(is_theirs)
        .group_by("group", "contact")
        .agg(pl.col("items").sum(), pl.col("first").min(), pl.col("kind", "weight").first())
    )
    others, concerned = rows.filter(~is_theirs), theirs.select("contact").unique()
    again = others.join(concerned, on="contact", how="semi").select(theirs.columns)
    return others.join(concerned, on="contact", how="anti"), spread_of(pl.concat([again, theirs]))


def _active(rows: pl.DataFrame, joined: np.ndarray | None, count: int) -> np.ndarray:
    """Which groups (bool, by label) may join now: all at first, then those that share a usable contact with one of
    `joined`, which have just come to be. Whoever meets nobody new joins nobody that it did not join before.

    `rows`: group, contact, kind, weight, spread, most, all_items.
    """
    if joined is None:
        return np.ones(count, dtype=bool)
    is_new = np.zeros(count, dtype=bool)
    is_new[joined] = True
    usable = rows.filter(is_usable())
    met = usable.filter(pl.Series(is_new[usable["group"].to_numpy()])).select("contact").unique()
    active = np.zeros(count, dtype=bool)
    active[usable.join(met, on="contact", how="semi")["group"].to_numpy()] = True
    return active


def _of_active(rows: pl.DataFrame, active: np.ndarray) -> pl.DataFrame:
    """The rows of all usable contacts of these groups (bool, by label), and others of whoever shows one of them."""
    is_theirs = active[rows["group"].to_numpy()]
    if is_theirs.all():
        return rows
    usable = rows.filter(is_usable())
    theirs = usable.filter(pl.Series(active[usable["group"].to_numpy()])).select("contact").unique()
    shared = usable.join(theirs, on="contact", how="semi")
    met = np.zeros(len(active), dtype=bool)
    met[shared["group"].to_numpy()] = True
    others = rows.filter(pl.Series(met[rows["group"].to_numpy()]) & ~is_usable())
    return pl.concat([shared, others])


def best_partners(pairs: pl.DataFrame) -> pl.DataFrame:
    """The joins of this round: smaller, larger, support, share, strength, is_bridge; one row per smaller group.

    A group joins its best partner if that is the larger one. Where its best partner is smaller it waits to be
    joined: going to a larger second best is how one recycled number drags a controller's accounts to a stranger.
    """
    numbers = ["weight", "share", "support"]
    either = pl.concat(
        [
            pairs.select(pl.col("smaller").alias("group"), pl.col("larger").alias("partner"), *numbers),
            pairs.select(pl.col("larger").alias("group"), pl.col("smaller").alias("partner"), *numbers),
        ]
    )
    best = either.sort(["group", *numbers, "partner"], descending=[False, True, True, True, False]).unique(
        "group", keep="first", maintain_order=True
    )
    return best.join(
        pairs.select(
            pl.col("smaller").alias("group"), pl.col("larger").alias("partner"), "things", "size_small"
        ),
        on=["group", "partner"],
    ).select(
        pl.col("group").alias("smaller"),
        pl.col("partner").alias("larger"),
        "support",
        "share",
        pl.col("weight").cast(pl.Float64).alias("strength"),
        # Beside one strong contact less than this counts for nothing (`pairing.acceptable`).
        (
            ((pl.col("weight") < SEVERAL_WEIGHT) & (pl.col("size_small") > 1))
            | (pl.col("weight") < STRONG_WEIGHT)
        ).alias("is_bridge"),
    )


def evidence_of(joins: pl.DataFrame, held: pl.DataFrame, number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The contacts behind each join of this round, heaviest and rarest first (`EDGES`); and smaller, is_cut (not all
    that the two share is told, or it is told by its rarity). Contacts on many groups are equally rare."""
    # What counts by its rarity is told with a weight of 0 when a third party shows it, and not when everybody does.
    by_rarity = pl.col("kind").is_in(BY_RARITY)
    side = (
        held.filter(~by_rarity | (pl.col("spread") <= WIDESPREAD))
        .with_columns(counted_as().alias("weight"), by_rarity.alias("by_rarity"))
        .with_columns(pl.col("spread").clip(upper_bound=WIDESPREAD + 1))
        .select("group", "contact", "first", "items", "weight", "spread", "by_rarity")
    )
    shared = joins.join(side, left_on="smaller", right_on="group").join(
        side.select("group", "contact", "first", "items"),
        left_on=["larger", "contact"],
        right_on=["group", "contact"],
        suffix="_large",
    )
    cut = shared.group_by("smaller").agg(
        ((pl.len() > EVIDENCE_PER_JOIN) | pl.col("by_rarity").any()).alias("is_cut")
    )
    told = (
        shared.sort(["smaller", "weight", "spread", "contact"], descending=[False, True, False, False])
        .group_by("smaller", maintain_order=True)
        .head(EVIDENCE_PER_JOIN)
        .select(
            pl.col("first").alias("left_item"),
            pl.col("first_large").alias("right_item"),
            "contact",
            pl.min_horizontal("items", "items_large").cast(pl.Int64).alias("support"),
            pl.col("share").cast(pl.Float64),
            pl.col("weight").cast(pl.Float64),
            "strength",
            pl.col("is_bridge")
            & ((pl.col("weight") >= STRONG_WEIGHT) | (pl.col("strength") < STRONG_WEIGHT)),
            pl.lit(number, dtype=pl.Int64).alias("round"),
        )
    )
    return told, cut


def _wide(rows: pl.DataFrame) -> pl.DataFrame:
    """What contacts (rows with their spread, all of each) are good for: contact, use, holder; see `round_memory`."""
    use = (
        pl.when(pl.col("spread") <= WIDESPREAD)
        .then(NARROW)
        .when(is_star())
        .then(STAR)
        .otherwise(UNUSABLE)
        .cast(pl.UInt8)
    )
    return (
        rows.sort(["items", "group"], descending=[True, False])
        .unique("contact", keep="first", maintain_order=True)
        .select("contact", use.alias("use"), pl.col("group").alias("holder"))
    )

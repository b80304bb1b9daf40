"""Joining groups by best-partner share: rounds in which each group joins the one it shares most with.

Plain connected components put two thirds of a million listings into one actor as soon as photos are stolen and
numbers recycled, whatever the cap on degrees. Here a shared contact must weigh something against all that a
group shows, contacts of everybody are left out, and a group joins one partner at a time, so that one strange
contact does not chain strangers.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.contacts import NO_IDENTIFIERS, STRONG_WEIGHT, rarer
from assets.linking.joined_labels import carried, merged_labels
from assets.linking.round_memory import KINDS, NARROW, STAR, UNUSABLE, Recorder, RoundMemory

MAX_ROUNDS = 10
# A contact on more groups than this says nothing about any two of them …
WIDESPREAD = 12
# … unless one group holds this share of its items (others join it or nobody) …
HOLDER_SHARE = 0.10
# … or it is strong and on no more groups than this: one line behind many throw-away accounts. Support lines, which
# stand beside each poster's own contact, are not strong (`contacts.number_contacts`).
MAX_STAR = 300
# Accepted pairs: several contacts (weights as in `contacts`), one of them strong, and this share of the smaller, where
# texts count for nothing: who names a number in one of many messages, in words that others use as well, holds it not …
SEVERAL_WEIGHT = 1.5
SEVERAL_SHARE = 0.2
# … or one strong contact on two items of each side and this share …
SINGLE_SUPPORT = 2
SINGLE_SHARE = 0.35
# … or one strong contact that is a single item's, or this share of a group that has no contact of its own: a
# recycled number stands beside the numbers of its new holder, a pool's numbers are all shared.
LONELY_SHARE = 0.3
# Photos together, or texts together, count no more than this: whoever steals one photo steals the set.
COPIED_CAP = 0.9
# Without a strong contact in common: things of two kinds of this weight, counted by their rarity, on this share of a
# side that shows no strong contact at all. Two who can be reached by different contacts are not joined so: whole
# advertisements are copied, photo, text, price and all, with the copier's number in place of the poster's. For the
# same reason a thing that two others show, who can be told apart by their contacts, joins nobody to either.
WEAK_KINDS = 2
WEAK_WEIGHT = 0.75
WEAK_SHARE = 0.5
EVIDENCE_PER_JOIN = 3
# Kinds that say less the more groups show them, even among the few that are looked at.
BY_RARITY = ("analytics", *NO_IDENTIFIERS)


@dataclass(frozen=True)
class Joining:
    """Result of the rounds.

    `labels`: group of each item (its smallest item number, Int64). `edges`: left_item, right_item (UInt32), contact
    (UInt64), support (Int64), share (Float64), weight (Float64: what the contact counted), strength (Float64: what all
    that both groups shared counted), is_bridge (Boolean: the join hangs on this one contact though both groups
    have several items, or on weak ones alone), round (Int64, from 1): the evidence of every join. `memory`: what the
    rounds did, for `rounds_again`.
    """

    labels: np.ndarray
    edges: pl.DataFrame
    memory: RoundMemory


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


def join_groups(labels: np.ndarray, contacts: pl.DataFrame, uses: pl.DataFrame) -> Joining:
    """Join starting groups until no pair is acceptable, at most `MAX_ROUNDS` times.

    `labels`: starting group per item. `contacts`: contact, kind, weight. `uses`: item, contact, each pair once.
    The order of rows does not matter. Source of the method and of the thresholds .2/.35, a dozen groups and 10 %:
    measured on listings with planted truth (precision .979, recall .900 at a million listings, 2 % stolen photos
    and .1 % recycled numbers); the other constants are explained beside them.
    """
    labels = labels.copy()
    slots = contacts.select("contact", pl.col("kind").cast(KINDS), "weight").with_row_index("slot")
    rows = (
        uses.with_columns(pl.Series("group", labels[uses["item"].to_numpy()]))
        .group_by("group", "contact")
        .agg(pl.len().cast(pl.Int64).alias("items"), pl.col("item").min().alias("first"))
        .join(slots, on="contact")
    )
    recorder = Recorder(len(labels), slots, rows)
    rows = rows.drop("slot")
    reach = np.zeros(len(labels), dtype=bool)
    reach[rows.filter(pl.col("weight") >= STRONG_WEIGHT)["group"].to_numpy()] = True
    has_own = np.zeros(len(labels), dtype=bool)
    sizes = np.bincount(labels, minlength=len(labels))
    edges: list[pl.DataFrame] = []
    joined: np.ndarray | None = None
    counted = spread_of(rows)
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
        pairs = acceptable(candidates(held))
        if number == 1:
            recorder.first_pairs(pairs)
        joins = best_partners(pairs)
        joins = joins.filter(pl.Series(active[joins["smaller"].to_numpy()]))
        if joins.is_empty():
            break
        found, cut = evidence_of(joins, held, number)
        edges.append(found)
        recorder.joins(number, joins.join(cut, on="smaller"))
        gone, into = merged_labels(joins["smaller"].to_numpy(), joins["larger"].to_numpy(), len(labels))
        renamed = np.arange(len(labels))
        renamed[gone] = into
        joined = np.unique(renamed[joins["smaller"].to_numpy()])
        labels = renamed[labels]
        sizes = np.bincount(labels, minlength=len(labels))
        has_own, reach = carried(has_own, renamed), carried(reach, renamed)
        rows, counted = _after(rows, renamed, joined)
    told = pl.concat(edges) if edges else pl.DataFrame(schema=EDGES)
    return Joining(labels, told, recorder.memory())


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
    usable = rows.filter(_is_usable())
    met = usable.filter(pl.Series(is_new[usable["group"].to_numpy()])).select("contact").unique()
    active = np.zeros(count, dtype=bool)
    active[usable.join(met, on="contact", how="semi")["group"].to_numpy()] = True
    return active


def _of_active(rows: pl.DataFrame, active: np.ndarray) -> pl.DataFrame:
    """The rows of all usable contacts of these groups (bool, by label), and others of whoever shows one of them."""
    is_theirs = active[rows["group"].to_numpy()]
    if is_theirs.all():
        return rows
    usable = rows.filter(_is_usable())
    theirs = usable.filter(pl.Series(active[usable["group"].to_numpy()])).select("contact").unique()
    shared = usable.join(theirs, on="contact", how="semi")
    met = np.zeros(len(active), dtype=bool)
    met[shared["group"].to_numpy()] = True
    others = rows.filter(pl.Series(met[rows["group"].to_numpy()]) & ~_is_usable())
    return pl.concat([shared, others])


def _is_usable() -> pl.Expr:
    """Whether a contact can join any two that show it."""
    return (pl.col("spread") <= WIDESPREAD) | _is_star()


def _is_star() -> pl.Expr:
    """Whether a contact that is on many groups leads to the one that holds it."""
    return ~pl.col("kind").is_in(BY_RARITY) & (
        (pl.col("most") >= HOLDER_SHARE * pl.col("all_items"))
        | ((pl.col("weight") >= STRONG_WEIGHT) & (pl.col("spread") <= MAX_STAR))
    )


def held_of(rows: pl.DataFrame, sizes: np.ndarray, has_own: np.ndarray, reach: np.ndarray) -> pl.DataFrame:
    """Contacts of more than one group: group, contact, items (count), first (item), size (of the group), has_own
    (the group has a strong contact that no other has), reach (it has a strong contact), spread (groups), most (items
    in one group), all_items, reachable (groups with strong contacts that have it), kind, weight, rare_weight (by
    rarity). `sizes`, `has_own`, `reach`: by label."""
    group = rows["group"].to_numpy()
    return rows.with_columns(
        pl.Series("has_own", has_own[group]),
        pl.Series("reach", reach[group]),
        pl.Series("size", sizes[group], dtype=pl.Int64),
        rarer(pl.col("weight").cast(pl.Float64), pl.col("spread")).alias("rare_weight"),
    ).with_columns(pl.col("reach").sum().cast(pl.Int64).over("contact").alias("reachable"))


def candidates(held: pl.DataFrame, concerned: np.ndarray | None = None) -> pl.DataFrame:
    """Pairs of groups that share a usable contact: smaller, larger, contact, n_small, n_large, size_small,
    size_large, own_small, reach_small, reach_large, reachable, kind, weight, rare_weight. The larger group is the one
    with more items, then the older. `concerned` (bool, by label): only pairs with one of these."""
    held = _worth_pairing(held)
    narrow = held.filter(pl.col("spread") <= WIDESPREAD)
    columns = ["contact", "group", "items", "size", "has_own", "reach"]
    side = narrow.select(columns)
    pairs = side.join(side, on="contact", suffix="_right").filter(pl.col("group") < pl.col("group_right"))

    wide = held.filter((pl.col("spread") > WIDESPREAD) & _is_star())
    holders = wide.sort(["items", "group"], descending=[True, False]).unique(
        "contact", keep="first", maintain_order=True
    )
    star = holders.select(columns).join(wide.select(columns), on="contact", suffix="_right")
    pairs = pl.concat([pairs, star.filter(pl.col("group") != pl.col("group_right"))])
    if concerned is not None:
        either = concerned[pairs["group"].to_numpy()] | concerned[pairs["group_right"].to_numpy()]
        pairs = pairs.filter(pl.Series(either))

    left_larger = (pl.col("size") > pl.col("size_right")) | (
        (pl.col("size") == pl.col("size_right")) & (pl.col("group") < pl.col("group_right"))
    )
    return pairs.select(
        pl.when(left_larger).then("group_right").otherwise("group").alias("smaller"),
        pl.when(left_larger).then("group").otherwise("group_right").alias("larger"),
        "contact",
        pl.when(left_larger).then("items_right").otherwise("items").alias("n_small"),
        pl.when(left_larger).then("items").otherwise("items_right").alias("n_large"),
        pl.when(left_larger).then("size_right").otherwise("size").alias("size_small"),
        pl.when(left_larger).then("size").otherwise("size_right").alias("size_large"),
        pl.when(left_larger).then("has_own_right").otherwise("has_own").alias("own_small"),
        pl.when(left_larger).then("reach_right").otherwise("reach").alias("reach_small"),
        pl.when(left_larger).then("reach").otherwise("reach_right").alias("reach_large"),
    ).join(
        held.select("contact", "kind", "weight", "rare_weight", "reachable").unique("contact"), on="contact"
    )


def _worth_pairing(held: pl.DataFrame) -> pl.DataFrame:
    """Rows of groups that share strong contacts, and of contacts that a group without any shows: no others suffice."""
    group = held["group"].to_numpy()
    shares = np.zeros(group.max(initial=0) + 1, dtype=bool)
    shares[group[(held["weight"] >= STRONG_WEIGHT).to_numpy()]] = True
    without = held["contact"].filter(~held["reach"]).unique()
    return held.filter(pl.Series(shares[group]) | pl.col("contact").is_in(without.implode()))


def acceptable(candidates: pl.DataFrame) -> pl.DataFrame:
    """Pairs whose shared contacts suffice: smaller, larger, weight, support, share, things (contacts shared),
    size_small."""
    strong = pl.col("weight") >= STRONG_WEIGHT
    both = pl.min_horizontal("n_small", "n_large").cast(pl.Int64)
    copied = pl.col("kind").is_in(["image", "text"])
    pairs = (
        candidates.with_columns(strong.alias("strong"), both.alias("both"), _counted().alias("counted"))
        # Weak things alone are looked at only where they may join.
        .filter(
            (pl.col("strong").any().over("smaller", "larger"))
            | ~(pl.col("reach_small") & pl.col("reach_large"))
        )
        .with_columns(
            *(
                pl.when(pl.col("kind") == kind).then("counted").otherwise(0.0).alias(f"of_{kind}")
                for kind in ("image", "text")
            ),
            pl.when(copied).then(0.0).otherwise("counted").alias("of_others"),
            pl.when("strong").then("both").otherwise(0).alias("strong_both"),
        )
        .group_by("smaller", "larger")
        .agg(
            pl.col("size_small", "size_large", "own_small", "reach_small", "reach_large").first(),
            pl.col("strong").sum(),
            (
                pl.col("of_others").sum()
                + pl.min_horizontal(pl.col("of_image").sum(), pl.lit(COPIED_CAP))
                + pl.min_horizontal(pl.col("of_text").sum(), pl.lit(COPIED_CAP))
            )
            # Sums come out by the order of their terms, and pairs are compared.
            .round(9)
            .alias("weight"),
            pl.col("both").sum().alias("support"),
            pl.col("strong_both").max().alias("best_support"),
            pl.col("both").filter(~pl.col("kind").is_in(NO_IDENTIFIERS)).sum().alias("shown"),
            pl.len().cast(pl.Int64).alias("things"),
        )
        .join(_weak(candidates), on=["smaller", "larger"], how="left")
    )
    share = pl.min_horizontal(pl.col("support") / pl.col("size_small"), pl.lit(1.0))
    single = pl.col("best_support") / pl.col("size_small")
    shown = pl.col("shown") / pl.col("size_small")
    several = (pl.col("weight") >= SEVERAL_WEIGHT) & (shown >= SEVERAL_SHARE)
    one = (pl.col("best_support") >= SINGLE_SUPPORT) & (single >= SINGLE_SHARE)
    lonely = (single >= LONELY_SHARE) & ((pl.col("size_small") == 1) | ~pl.col("own_small"))
    by_strong = (pl.col("strong") >= 1) & (several | one | lonely)
    return (
        pairs.filter(by_strong | ((pl.col("strong") == 0) & pl.col("is_weak_join").fill_null(False)))
        .with_columns(share.alias("share"))
        .select("smaller", "larger", "weight", "support", "share", "things", "size_small")
    )


def _counted() -> pl.Expr:
    """What a shared contact counts beside a strong one: by rarity, and nothing once a third party shows it too."""
    by_rarity = pl.col("kind").is_in(BY_RARITY)
    theirs = pl.when(pl.col("reachable") <= 2).then("rare_weight").otherwise(0.0)
    return pl.when(by_rarity).then(theirs).otherwise("weight")


def _weak(candidates: pl.DataFrame) -> pl.DataFrame:
    """Pairs that their weak things join (the constants `WEAK_…`): smaller, larger, is_weak_join (all true)."""
    usable = candidates.filter(
        (pl.col("weight") < STRONG_WEIGHT)
        & (pl.col("reachable") <= 1)
        & ~(pl.col("reach_small") & pl.col("reach_large"))
    )
    by_kind = usable.group_by("smaller", "larger", "kind").agg(
        pl.col("rare_weight").max(),
        (pl.col("n_small") / pl.col("size_small")).max().alias("part_small"),
        (pl.col("n_large") / pl.col("size_large")).max().alias("part_large"),
        pl.col("reach_small", "reach_large").first(),
    )
    return (
        by_kind.group_by("smaller", "larger")
        .agg(
            pl.len().alias("kinds"),
            pl.col("rare_weight").sum().round(9),
            pl.col("part_small", "part_large").max(),
            pl.col("reach_small", "reach_large").first(),
        )
        .filter(
            (pl.col("kinds") >= WEAK_KINDS)
            & (pl.col("rare_weight") >= WEAK_WEIGHT)
            & (pl.col("reach_small") | (pl.col("part_small") >= WEAK_SHARE))
            & (pl.col("reach_large") | (pl.col("part_large") >= WEAK_SHARE))
        )
        .select("smaller", "larger", pl.lit(True).alias("is_weak_join"))
    )


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
        (((pl.col("things") == 1) & (pl.col("size_small") > 1)) | (pl.col("weight") < STRONG_WEIGHT)).alias(
            "is_bridge"
        ),
    )


def evidence_of(joins: pl.DataFrame, held: pl.DataFrame, number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The contacts behind each join of this round, heaviest and rarest first (`EDGES`); and smaller, is_cut (not all
    that the two share is told, or it is told by its rarity). Contacts on many groups are equally rare."""
    # What counts by its rarity is told with a weight of 0 when a third party shows it, and not when everybody does.
    by_rarity = pl.col("kind").is_in(BY_RARITY)
    side = (
        held.filter(~by_rarity | (pl.col("spread") <= WIDESPREAD))
        .with_columns(_counted().alias("weight"), by_rarity.alias("by_rarity"))
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
            "is_bridge",
            pl.lit(number, dtype=pl.Int64).alias("round"),
        )
    )
    return told, cut


def _wide(rows: pl.DataFrame) -> pl.DataFrame:
    """What contacts (rows with their spread, all of each) are good for: contact, use, holder; see `round_memory`."""
    use = (
        pl.when(pl.col("spread") <= WIDESPREAD)
        .then(NARROW)
        .when(_is_star())
        .then(STAR)
        .otherwise(UNUSABLE)
        .cast(pl.UInt8)
    )
    return (
        rows.sort(["items", "group"], descending=[True, False])
        .unique("contact", keep="first", maintain_order=True)
        .select("contact", use.alias("use"), pl.col("group").alias("holder"))
    )

"""Pairs of groups that share enough to be joined: what shared contacts must weigh, and against what."""

import itertools

import numpy as np
import polars as pl

from assets.linking.contacts import NO_IDENTIFIERS, STRONG_WEIGHT, rarer
from assets.linking.holders import GIVEN_AGAIN
from assets.linking.used_together import OWN_ITEMS, OWN_SHARE

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
# Kinds that say less the more groups show them, even among the few that are looked at.
BY_RARITY = ("analytics", *NO_IDENTIFIERS)
# So many rows at once: what is made of them takes some hundred bytes a row.
SHARE = 4_000_000


def is_usable() -> pl.Expr:
    """Whether a contact can join any two that show it."""
    return (pl.col("spread") <= WIDESPREAD) | is_star()


def is_star() -> pl.Expr:
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


def pairs_in_shares(held: pl.DataFrame) -> pl.DataFrame:
    """The pairs that are acceptable, found by shares of the groups."""
    held = worth_pairing(held)
    shares = 1 + 4 * held.height // SHARE
    last = int(held["group"].to_numpy().max(initial=0)) + 1
    bounds = np.linspace(0, last, shares + 1).astype(np.int64).tolist()
    return pl.concat(acceptable(candidates(held, between=between)) for between in itertools.pairwise(bounds))


def candidates(
    held: pl.DataFrame, concerned: np.ndarray | None = None, between: tuple[int, int] | None = None
) -> pl.DataFrame:
    """Pairs of groups that share a usable contact: smaller, larger, contact, n_small, n_large, size_small,
    size_large, own_small, reach_small, reach_large, reachable, kind, weight, rare_weight. The larger group is the one
    with more items, then the older. `concerned` (bool, by label): only pairs with one of these. `between`: only
    pairs whose first label is not below the one and below the other."""
    narrow = held.filter(pl.col("spread") <= WIDESPREAD)
    columns = ["contact", "group", "items", "size", "has_own", "reach"]
    of_contact = ["kind", "weight", "rare_weight", "reachable"]
    first = narrow if between is None else narrow.filter(pl.col("group").is_between(*between, closed="left"))
    pairs = first.select(*columns, *of_contact).join(narrow.select(columns), on="contact", suffix="_right")
    pairs = pairs.filter(pl.col("group") < pl.col("group_right"))

    wide = held.filter((pl.col("spread") > WIDESPREAD) & is_star())
    holders = wide.sort(["items", "group"], descending=[True, False]).unique(
        "contact", keep="first", maintain_order=True
    )
    star = holders.select(*columns, *of_contact).join(wide.select(columns), on="contact", suffix="_right")
    star = star.filter(pl.col("group") != pl.col("group_right"))
    if between is not None:
        star = star.filter(pl.min_horizontal("group", "group_right").is_between(*between, closed="left"))
    pairs = pl.concat([pairs, star])
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
        *of_contact,
    )


def worth_pairing(held: pl.DataFrame) -> pl.DataFrame:
    """Rows of groups that share strong contacts, and of contacts that a group without any shows: no others suffice.
    Those of contacts on many groups stay, as it is asked who holds them."""
    group = held["group"].to_numpy()
    shares = np.zeros(group.max(initial=0) + 1, dtype=bool)
    shares[group[(held["weight"] >= STRONG_WEIGHT).to_numpy()]] = True
    without = held["contact"].filter(~held["reach"]).unique()
    return held.filter(
        pl.Series(shares[group])
        | pl.col("contact").is_in(without.implode())
        | ((pl.col("spread") > WIDESPREAD) & is_star())
    )


def acceptable(candidates: pl.DataFrame) -> pl.DataFrame:
    """Pairs whose shared contacts suffice: smaller, larger, weight, support, share, things (contacts shared),
    size_small, number (the contact, where they share nothing but one of those that are given to others), asked (of
    those that suffice only if one of these strong contacts is shown at the same time, `used_together`)."""
    strong = pl.col("weight") >= STRONG_WEIGHT
    both = pl.min_horizontal("n_small", "n_large").cast(pl.Int64)
    copied = pl.col("kind").is_in(["image", "text"])
    pairs = (
        candidates.with_columns(strong.alias("strong"), both.alias("both"), counted_as().alias("counted"))
        # Weak things alone are looked at only where they may join.
        .filter(
            (pl.col("strong").any().over("smaller", "larger"))
            | ~(pl.col("reach_small") & pl.col("reach_large"))
        )
        .with_columns(
            (pl.col("strong") & pl.col("kind").is_in(GIVEN_AGAIN)).alias("is_number"),
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
            pl.when((pl.len() == 1) & pl.col("is_number").first())
            .then(pl.col("contact").first())
            .alias("number"),
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
    by_weak = (pl.col("strong") == 0) & pl.col("is_weak_join").fill_null(False)
    return (
        pairs.with_columns((by_strong | by_weak).alias("suffices"), share.alias("share"))
        .join(
            _asked(candidates, pairs.filter(~by_strong & (pl.col("strong") > 0))),
            on=["smaller", "larger"],
            how="left",
        )
        .filter(pl.col("suffices") | pl.col("asked").is_not_null())
        .select("smaller", "larger", "weight", "support", "share", "things", "size_small", "number", "asked")
    )


def _asked(candidates: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Of the `pairs` that share too little those whose strong contacts are enough if they are shown at the same time
    (the constants of `used_together`): smaller, larger, asked. `strong`: how many they share, `weight`: what all count.
    """
    both = ["smaller", "larger"]
    shared = pairs.select(*both, pl.col("strong").alias("of_pair"), pl.col("weight").alias("of_all"))
    own = [pl.col(f"n_{side}") >= OWN_SHARE * pl.col(f"size_{side}") for side in ("small", "large")]
    often = (pl.min_horizontal("n_small", "n_large") >= OWN_ITEMS) | ~pl.col("kind").is_in(GIVEN_AGAIN)
    return (
        candidates.filter(pl.col("weight") >= STRONG_WEIGHT)
        .join(shared, on=both)
        .filter(
            (pl.col("of_pair") > 1) | (pl.any_horizontal(own) & (often | (pl.col("of_all") > STRONG_WEIGHT)))
        )
        .group_by(both)
        .agg(pl.col("contact").alias("asked"))
    )


def counted_as() -> pl.Expr:
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

"""What groups show and what of it is theirs, brought up to date for groups and identifiers that changed."""

import numpy as np
import polars as pl

from assets.linking.actors import is_theirs
from assets.linking.merging import Merged
from assets.linking.round_memory import typed
from assets.linking.shares import shares_of
from assets.linking.standing import DAMPED, HELD, IDENTIFIERS, Behind, Standing, overwritten, put_behind
from assets.linking.super_connectors import mark_super_connectors

# What rows of groups that are gone are no longer.
_MARKS = ("belongs", "stands")


def held_again(
    standing: Standing, merged: Merged, labels: np.ndarray, moved: np.ndarray, behind: Behind
) -> tuple[pl.DataFrame, pl.Series, np.ndarray]:
    """What groups show (`HELD`; of rows that do not stand nothing `belongs`), the identifiers concerned (UInt64), and
    the labels to which something belongs now that did not before, or the other way.

    `moved` (bool): items that are new, changed or have another label than before. What they showed is taken from what
    their former groups show, and what they show now is added to their present ones.
    """
    renumbered = merged.renumbered
    stays = renumbered >= 0
    left = np.ones(len(stays), dtype=bool)
    left[stays] = moved[renumbered[stays]]
    label_then = renumbered.take(standing.items["label"].to_numpy())
    left &= standing.items["is_placed"].to_numpy() & (label_then >= 0)
    went = _shown_by(standing.mentions, left)
    came = _shown_by(merged.mentions, moved & merged.items["is_placed"].to_numpy())
    held, of_gone = _renumbered(standing.held, merged)
    stands, gone = held["stands"], np.zeros(held.height, dtype=bool)
    fresh, concerned, others = [], [], []
    for share in shares_of(max(came.height, went.height)):
        differs = (
            pl.concat(
                _counted(shown.filter(share("key")).unique(), of, one)
                for shown, of, one in ((came, labels, 1), (went, label_then, -1))
            )
            .group_by("label", "key")
            .agg(pl.col("more").sum())
            .filter(pl.col("more") != 0)
        )
        keys = pl.concat([differs["key"], of_gone.filter(share("key"))["key"]]).unique()
        places = np.flatnonzero((held["key"].is_in(keys.implode()) & stands).to_numpy())
        settled = settle(held.select(*HELD)[places].with_columns(pl.Series("row", places)), differs)
        # What a group did not show before differs from before as it is.
        others.append(settled.filter(pl.col("belongs") != pl.col("before"))["label"])
        concerned.append(keys)
        is_same = (settled["belongs"] == settled["before"]).fill_null(False)
        gone[places] = True
        gone[settled["row"].filter(is_same).to_numpy()] = False
        fresh.append(settled.filter(~is_same).select(*HELD))
    held = held.with_columns(pl.col("belongs") & ~pl.Series(gone))
    return (
        put_behind(held, gone, pl.concat(fresh), behind, "held"),
        pl.concat(concerned),
        pl.concat(others).unique().to_numpy(),
    )


def _shown_by(mentions: pl.DataFrame, is_asked: np.ndarray) -> pl.DataFrame:
    """What these items (bool, by number) show: item, key."""
    theirs = pl.Series(is_asked.take(mentions["item"].to_numpy())) & mentions["stands"]
    return mentions.select("item", pl.col("shown").alias("key")).filter(theirs).drop_nulls()


def _counted(shown: pl.DataFrame, labels: np.ndarray, one: int) -> pl.DataFrame:
    """How many items more of a group show an identifier, each counted as `one`: label, key, more. `shown`: item, key,
    each pair once."""
    label = pl.Series("label", labels[shown["item"].to_numpy()].astype(np.uint32))
    return shown.select(label, "key", pl.lit(one, pl.Int64).alias("more"))


def _renumbered(held: pl.DataFrame, merged: Merged) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What groups showed, by new labels, and the rows of those whose label is gone, which stand no more."""
    if merged.keeps_numbers:
        return held, held.clear()
    label = merged.renumbered.take(held["label"].to_numpy())
    stays = pl.Series("stays", label >= 0)
    now = held.with_columns(
        pl.Series("label", label.clip(0).astype(np.uint32)), *(pl.col(name) & stays for name in _MARKS)
    )
    return now, held.filter(held["stands"] & ~stays)


def settle(held: pl.DataFrame, differs: pl.DataFrame) -> pl.DataFrame:
    """What groups show of some identifiers, and what of it is theirs (`HELD`).

    `held`: all rows of these as they were, `row` being their numbers. `differs` (label, key, more): how many items more
    show them. `before` is what `belongs` was; it and `row` are null where a row differs.
    """
    # Only rows of groups that show more or less than before are joined.
    label, differing = held["label"].to_numpy(), differs["label"].to_numpy()
    is_other = np.zeros(1 + int(max(label.max(initial=0), differing.max(initial=0))), dtype=bool)
    is_other[differing] = True
    other = pl.Series(is_other[label])
    count = pl.col("items").fill_null(0) + pl.col("more").fill_null(0)
    again = (
        held.filter(other)
        .join(differs, on=["label", "key"], how="full", coalesce=True)
        .select(
            "label",
            "key",
            count.alias("items"),
            pl.when(pl.col("more").is_null()).then("belongs").alias("before"),
            pl.when(pl.col("more").is_null()).then("row").alias("row"),
        )
    )
    rows = pl.concat([held.filter(~other).rename({"belongs": "before"}), again])
    return rows.filter(pl.col("items") > 0).with_columns(is_theirs("key").alias("belongs"))


def damped(
    identifiers: pl.DataFrame, held: pl.DataFrame, contacts: pl.DataFrame, concerned: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame, np.ndarray]:
    """All identifiers, and those concerned (numbers), with what the groups that show them say of them, the latter with
    their weight; and the places of the latter."""
    lines = contacts.filter("is_line").select("contact")
    places = np.flatnonzero(identifiers["key"].is_in(concerned.implode()).to_numpy())
    again = identifiers[places]
    held = held.select(*HELD).filter(held["key"].is_in(concerned.implode()) & held["stands"])
    told = {name: IDENTIFIERS[name] for name in ("key", *DAMPED)} | {"weight": pl.Float64()}
    frames = [pl.DataFrame(schema=told)]
    for share in shares_of(again.height):
        some = again.select("key", "kind", "contact").filter(share("key"))
        marked = mark_super_connectors(
            some.select("key", pl.col("key").alias("identifier_id"), pl.col("kind").cast(pl.String)),
            held.filter(share("key")).rename({"label": "actor_id", "key": "identifier_id"}),
            some.join(lines, on="contact", how="semi")["key"],
        )
        frames.append(typed(marked.with_columns((pl.col("weight") == 0).alias("is_ignored")), told))
    marked = again.select("key").join(pl.concat(frames), on="key", how="left", maintain_order="left")
    now = marked.drop("key")
    return overwritten(identifiers, places, now.select(*DAMPED)), again.with_columns(now), places

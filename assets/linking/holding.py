"""What groups show and what of it is theirs, brought up to date for groups and identifiers that changed."""

import numpy as np
import polars as pl

from assets.linking.actors import holdings_of
from assets.linking.merging import Merged
from assets.linking.round_memory import typed
from assets.linking.shares import shares_of
from assets.linking.standing import DAMPED, HELD, IDENTIFIERS, overwritten
from assets.linking.super_connectors import mark_super_connectors


def held_again(
    standing: pl.DataFrame, merged: Merged, labels: np.ndarray, is_dirty: np.ndarray
) -> tuple[pl.DataFrame, pl.Series, np.ndarray]:
    """What groups show (`HELD`), the identifiers concerned (UInt64), and the labels to which something belongs now
    that did not before, or the other way.

    `is_dirty`: the labels whose items or evidence differ from before, whose rows are counted anew.
    """
    label = merged.renumbered[standing["label"].to_numpy()]
    stays = label >= 0
    stays[stays] = ~is_dirty[label[stays]]
    was_here = standing.with_columns(pl.Series("label", label))
    kept, gone = was_here.filter(pl.Series(stays)), was_here.filter(pl.Series(~stays))
    kept = kept.with_columns(pl.col("label").cast(pl.UInt32))
    item = merged.mentions["item"].to_numpy()
    again = is_dirty[labels[item]] & merged.items["is_placed"].to_numpy()[item]
    shown = merged.mentions.select("item", pl.col("shown").alias("key")).filter(pl.Series(again)).drop_nulls()
    frames, concerned, others = [], [], []
    for share in shares_of(max(shown.height, gone.height)):
        fresh, keys = _compared(_shown_by(shown.filter(share("key")), labels), gone.filter(share("key")))
        stood = kept.filter(share("key")) if kept.height else kept
        is_concerned = stood["key"].is_in(keys.implode())
        again_held = fresh["key"].is_in(keys.implode())
        settled = settle(pl.concat([stood.filter(is_concerned), fresh.filter(again_held)]))
        others.append(settled.filter(pl.col("belongs") != pl.col("before"))["label"])
        concerned.append(keys)
        frames += [stood.filter(~is_concerned), fresh.filter(~again_held), settled.select(*HELD)]
    return pl.concat(frames), pl.concat(concerned), pl.concat(others).unique().to_numpy()


def _compared(fresh: pl.DataFrame, gone: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """`fresh` (label, key, items) with `belongs` of the rows of `gone` that are the same, and the keys (UInt64) of
    which rows came, went or changed."""
    same = fresh.join(
        gone.filter(pl.col("label") >= 0).select(pl.col("label").cast(pl.UInt32), "key", "items", "belongs"),
        on=["label", "key", "items"],
        how="left",
    ).select(*HELD)
    is_new = same["belongs"].is_null()
    now = fresh.with_columns(pl.col("label").cast(pl.Int64))
    left = gone.join(now, on=["label", "key", "items"], how="anti")
    return same, pl.concat([same["key"].filter(is_new), left["key"]]).unique()


def _shown_by(mentions: pl.DataFrame, labels: np.ndarray) -> pl.DataFrame:
    """How many items of a group show an identifier: label, key, items. `mentions`: item, key."""
    shown = mentions.unique()
    return (
        shown.with_columns(pl.Series("label", labels[shown["item"].to_numpy()].astype(np.uint32)))
        .group_by("label", "key")
        .agg(pl.len().cast(pl.Int64).alias("items"))
    )


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


def holdings(held: pl.DataFrame, groups: pl.DataFrame, identifiers: pl.DataFrame) -> pl.DataFrame:
    """What belongs to these groups (label, actor_id): actor_id, identifier_id."""
    return (
        held.filter("belongs")
        .join(groups.select("label", "actor_id"), on="label")
        .join(identifiers.select("key", "identifier_id"), on="key")
        .select("actor_id", "identifier_id")
    )


def damped(
    identifiers: pl.DataFrame, held: pl.DataFrame, contacts: pl.DataFrame, concerned: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All identifiers, and those concerned (numbers), with what the groups that show them say of them."""
    lines = contacts.filter("is_line").select("contact")
    places = np.flatnonzero(identifiers["key"].is_in(concerned.implode()).to_numpy())
    again = identifiers[places]
    held = held.filter(pl.col("key").is_in(concerned.implode()))
    frames = [identifiers.select("key", *DAMPED).clear()]
    for share in shares_of(again.height):
        some = again.select("key", "kind", "contact").filter(share("key"))
        marked = mark_super_connectors(
            some.select("key", pl.col("key").alias("identifier_id"), pl.col("kind").cast(pl.String)),
            held.filter(share("key")).rename({"label": "actor_id", "key": "identifier_id"}),
            some.join(lines, on="contact", how="semi")["key"],
        )
        frames.append(typed(marked, {name: IDENTIFIERS[name] for name in ("key", *DAMPED)}))
    marked = again.select("key").join(pl.concat(frames), on="key", how="left", maintain_order="left")
    now = marked.select(*DAMPED)
    return overwritten(identifiers, places, now), again.with_columns(now)

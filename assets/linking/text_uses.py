"""Who uses near-duplicate texts, counted again only for texts whose users changed."""

import numpy as np
import polars as pl

from assets.linking.digests import key_column
from assets.linking.merged_texts import ChangedTexts
from assets.linking.moved import Moved
from assets.linking.standing import TEXTS, Behind, Standing, put_behind, put_together
from assets.linking.text_templates import counted_uses
from assets.linking.things_on_sites import is_among, rows_among
from assets.parsing.packed import unpacked


def used_texts(state: Standing) -> pl.DataFrame:
    """The texts (`TEXTS`) that somebody shows."""
    return state.texts.filter("stands").drop("stands")


def follow_texts(
    standing: Standing, moved: Moved, after: Standing, texts: ChangedTexts, behind: Behind = put_together
) -> pl.DataFrame:
    """`texts` (`TEXTS`, stands) of `after`, which goes on from `standing`; `texts` are what changed among them.
    `behind` puts new rows behind those that stand."""
    shown = [
        state.items["text"][numbers]
        for state, numbers in ((standing, moved.before), (after, np.union1d(moved.now, moved.other)))
    ]
    touched = pl.concat([*shown, texts.rows["contact"]]).drop_nulls().unique().to_numpy()
    if not len(touched):
        return standing.texts
    counted = _counted(after, touched)
    told = texts.rows.select("contact", "text_cluster_id", pl.col("distinct").alias("distinctness")).unique(
        "contact"
    )
    stood = standing.texts
    gone = np.flatnonzero(is_among(stood["contact"], pl.Series(touched)).to_numpy())
    then = stood.select(*TEXTS)[gone].filter(stood["stands"].gather(gone))
    known = then.select(told.columns).join(told, on="contact", how="anti")
    again = counted.join(pl.concat([told, known]), on="contact").select(*TEXTS)
    stands_no_more = np.zeros(stood.height, dtype=bool)
    stands_no_more[gone] = True
    return put_behind(stood, stands_no_more, again, behind, "texts")


def _counted(state: Standing, contacts: np.ndarray) -> pl.DataFrame:
    """How many items, accounts, actors and sites show these texts, and when."""
    shown = rows_among(
        state.items.select(
            pl.col("text").alias("contact"),
            pl.int_range(pl.len(), dtype=pl.UInt64).alias("item"),
            "site",
            "name",
            "first_seen",
            "last_seen",
            pl.when("is_placed").then("label").alias("actor_id"),
        ),
        "contact",
        contacts,
    )
    # An item without account counts as a holder of its own.
    holder = pl.when(pl.col("name").is_null()).then("item").otherwise(pl.struct("site", "name").hash())
    return shown.with_columns(holder.alias("holder")).group_by("contact").agg(*counted_uses())


def members_of_texts(state: Standing, contacts: pl.DataFrame) -> pl.DataFrame:
    """The items that show these texts (contact, text_cluster_id: packed): item_id, text_cluster_id (both spelled),
    is_representative.
    """
    shown = rows_among(
        state.items.select("item_id", pl.col("text").alias("contact")),
        "contact",
        contacts["contact"].to_numpy(),
    )
    named = unpacked(shown.join(contacts.select("contact", "text_cluster_id"), on="contact"))
    # A cluster is named by the item that speaks for it (`near_duplicates`).
    own = key_column(named.with_columns(pl.lit("text").alias("what")), "what", "item_id")
    return named.select(
        "item_id", "text_cluster_id", (pl.col("text_cluster_id") == own).alias("is_representative")
    )

"""Which item shows what, brought up to date: mentions keep their rows, those that are gone being marked."""

import numpy as np
import polars as pl

from assets.linking.standing import MENTIONS, Behind, identifier_number, put_behind


def those_of(mentions: pl.DataFrame, of_changed: np.ndarray) -> tuple[pl.DataFrame, np.ndarray]:
    """The mentions of changed items (bool, by former number) as they were, and which (bool) of all these are."""
    is_out = of_changed.take(mentions["item"].to_numpy()) & mentions["stands"].to_numpy()
    return mentions.select(*MENTIONS)[np.flatnonzero(is_out)], is_out


def merged_mentions(
    stood: pl.DataFrame,
    is_out: np.ndarray,
    left: pl.DataFrame,
    came: pl.DataFrame,
    renumbered: np.ndarray,
    behind: Behind,
) -> pl.DataFrame:
    """The mentions with those that `came` for those that `left`, `is_out` among all; what is the same stays."""
    keeps_numbers = np.array_equal(renumbered, np.arange(len(renumbered)))
    if keeps_numbers and not is_out.any():
        return put_behind(
            stood, is_out, came.select(name for name in stood.columns if name != "stands"), behind, "mentions"
        )
    numbers = renumbered[left["item"].to_numpy()]
    said = ["item", *(name for name in stood.columns if name not in ("item", "stands"))]
    then = left.with_columns(pl.Series("item", numbers.clip(0).astype(np.uint32))).select(said)
    then = then.with_columns(pl.Series("place", np.flatnonzero(is_out)), pl.Series("is_there", numbers >= 0))
    # Of several that are the same, so many stay as there were.
    nth = pl.int_range(pl.len()).over(said).alias("nth")
    were_there = came["item"].is_in(then["item"].unique().implode())
    now = came.select(said).with_row_index("row").filter(were_there).with_columns(nth)
    same = now.join(then.filter("is_there").with_columns(nth), on=[*said, "nth"], nulls_equal=True).select(
        "row", "place"
    )
    gone = is_out.copy()
    gone[same["place"].to_numpy()] = False
    if not keeps_numbers:
        # Of what stands no more no number is left.
        item = renumbered[stood["item"].to_numpy()].clip(0).astype(np.uint32)
        stood = stood.with_columns(pl.Series("item", item))
    is_new = np.ones(came.height, dtype=bool)
    is_new[same["row"].to_numpy()] = False
    rows = came.select(said).filter(pl.Series(is_new))
    return put_behind(stood, gone, rows, behind, "mentions")


def show_pictures(mentions: pl.DataFrame, items: pl.DataFrame, pictures: pl.DataFrame) -> pl.DataFrame:
    """The mentions (`MENTIONS`) with `shown` by what captured pictures show.

    `pictures`: item_id, identifier_id, name (`image_identity.picture_names`).
    """
    if pictures.is_empty():
        return mentions.with_columns(pl.col("key").alias("shown"))
    named = pictures.join(items.select("item_id").with_row_index("item"), on="item_id").select(
        "item",
        identifier_number().alias("key"),
        identifier_number("name").alias("name"),
        pl.lit(True).alias("is_captured"),
    )
    return (
        mentions.drop("shown")
        .join(named, on=["item", "key"], how="left", maintain_order="left")
        .with_columns(pl.when(pl.col("is_captured").is_null()).then("key").otherwise("name").alias("shown"))
        .select(*MENTIONS, "stands")
    )

"""Super-connectors: identifiers that would glue strangers, what each counts as evidence, and why so little.

Joining already leaves them out or counts them low (`contacts`, `best_partner`); here that is told, once it is known
which actors show them.
"""

import polars as pl

from assets.linking.contacts import KIND_WEIGHT, LINE_WEIGHT, STRONG_WEIGHT, rarer
from assets.linking.pairing import BY_RARITY, HOLDER_SHARE, MAX_STAR, WIDESPREAD

# Kinds that are copied, quoted or a platform's own: several who show one are no sign of anything.
_WHY_SEVERAL = {"image": "copied_image", "url": "quoted_address", "analytics": "platform_id"}
# All that may be said of one: `damped_because`.
BECAUSE = ("support_line", "everybody", "several_holders", *_WHY_SEVERAL.values())


def mark_super_connectors(identifiers: pl.DataFrame, held: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """The identifiers with actor_count, weight, is_super_connector and damped_because, as in their contract.

    `identifiers`: identifier_id, kind, and any columns more. `held`: actor_id, identifier_id, items (an actor's items
    that show it). `lines`: identifier_id of support lines and agencies. An identifier that one actor shows, or none,
    is damped by nothing.
    """
    spread = held.group_by("identifier_id").agg(
        pl.len().cast(pl.Int64).alias("actor_count"),
        pl.col("items").max().alias("most"),
        pl.col("items").sum().alias("all_items"),
    )
    several = pl.col("actor_count") > 1
    of_kind = pl.col("kind").replace_strict(KIND_WEIGHT, default=0.5, return_dtype=pl.Float64)
    strong = of_kind >= STRONG_WEIGHT
    has_holder = (pl.col("most") >= HOLDER_SHARE * pl.col("all_items")) & ~pl.col("kind").is_in(BY_RARITY)
    everybody = (pl.col("actor_count") > WIDESPREAD) & ~has_holder
    ignored = everybody & (~strong | (pl.col("actor_count") > MAX_STAR))
    because = (
        pl.when(pl.col("is_line"))
        .then(pl.lit("support_line"))
        .when(everybody)
        .then(pl.lit("everybody"))
        .when(several)
        .then(pl.col("kind").replace_strict(_WHY_SEVERAL, default="several_holders"))
    )
    return (
        identifiers.join(spread, on="identifier_id", how="left", maintain_order="left")
        .with_columns(
            pl.col("identifier_id").is_in(lines.implode()).alias("is_line"),
            pl.col("actor_count").fill_null(0),
        )
        .with_columns(
            pl.when(ignored)
            .then(0.0)
            .when(pl.col("is_line"))
            .then(LINE_WEIGHT)
            .when(pl.col("kind").is_in(BY_RARITY))
            .then(rarer(of_kind, pl.col("actor_count")))
            .otherwise(of_kind)
            .alias("weight"),
            because.alias("damped_because"),
        )
        .with_columns(pl.col("damped_because").is_not_null().alias("is_super_connector"))
        .drop("most", "all_items", "is_line")
    )

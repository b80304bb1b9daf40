"""Identifiers: every normalised handle once, with where and when it occurs."""

import polars as pl

from assets.linking.phone_regions import regions_of
from assets.linking.super_connectors import mark_super_connectors
from quality.contracts import CONTRACTS

IDENTIFIERS = CONTRACTS["identifiers"].schema


def build_identifiers(
    mentions: pl.DataFrame, items: pl.DataFrame, held: pl.DataFrame, lines: pl.Series
) -> pl.DataFrame:
    """One row per identifier of the mentions, sorted by id (contract `identifiers`).

    `mentions` as in its contract; `items` with `item_id`, `first_seen`, `last_seen` (Date). Days are those of the
    items it occurs in; null where the item is not among `items`. `region` is the country of a phone number by
    its numbering plan (phonenumbers), null for other kinds and for ranges of no single country. `held` and `lines`
    from `actors.link_actors` say which actors show it and whether it is a line of many.
    """
    if mentions.is_empty():
        return pl.DataFrame(schema=IDENTIFIERS)
    days = items.group_by("item_id").agg(pl.col("first_seen").min(), pl.col("last_seen").max())
    identifiers = (
        mentions.select("identifier_id", "kind", "value", "item_id", "site", "obscured")
        .join(days, on="item_id", how="left")
        .group_by("identifier_id")
        .agg(
            pl.col("kind").min(),
            pl.col("value").min(),
            pl.len().cast(pl.Int64).alias("mention_count"),
            pl.col("item_id").n_unique().cast(pl.Int64).alias("item_count"),
            pl.col("site").n_unique().cast(pl.Int64).alias("site_count"),
            pl.col("obscured").sum().cast(pl.Int64).alias("obscured_count"),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
        .sort("identifier_id")
    )
    return mark_super_connectors(with_regions(identifiers), held, lines).select(*IDENTIFIERS)


def with_regions(identifiers: pl.DataFrame) -> pl.DataFrame:
    """The identifiers (kind, value, …) with `region`: the country of a phone number, null for other kinds."""
    numbers = identifiers.filter(pl.col("kind") == "phone")["value"].unique(maintain_order=True)
    regions = pl.DataFrame({"value": numbers, "region": regions_of(numbers)}).with_columns(
        pl.lit("phone").alias("kind")
    )
    return identifiers.join(regions, on=["kind", "value"], how="left", maintain_order="left")


def count_mentions(mentions: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """What is counted over the mentions of each identifier: key, and the counts and days of the contract.

    `mentions`: item (a row of `items`), key, obscured. `items`: site, first_seen, last_seen.
    """
    where = items.select("site", "first_seen", "last_seen")[mentions["item"].to_numpy()]
    return (
        mentions.hstack(where)
        .group_by("key")
        .agg(
            pl.len().cast(pl.Int64).alias("mention_count"),
            pl.col("item").n_unique().cast(pl.Int64).alias("item_count"),
            pl.col("site").n_unique().cast(pl.Int64).alias("site_count"),
            pl.col("obscured").sum().cast(pl.Int64).alias("obscured_count"),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
    )

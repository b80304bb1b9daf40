"""Identifiers: every normalised handle once, with where and when it occurs."""

from datetime import date

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
        .agg(pl.col("kind").min(), pl.col("value").min(), *_counts("item_id"))
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
    return counted(with_days(mentions, items))


def with_days(mentions: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The mentions (item: a row of `items`, …) with site, first_seen, last_seen of their items."""
    return mentions.hstack(items.select("site", "first_seen", "last_seen")[mentions["item"].to_numpy()])


def counted(mentions: pl.DataFrame) -> pl.DataFrame:
    """What is counted over the mentions of each identifier: key, and the counts and days of the contract.

    `mentions`: key, item, obscured, and site, first_seen, last_seen of the item.
    """
    return mentions.group_by("key").agg(_counts("item"))


def _counts(item: str) -> list[pl.Expr]:
    """The counts and days of the contract, over mentions; `item` is the column that says where each stands."""
    return [
        pl.len().cast(pl.Int64).alias("mention_count"),
        pl.col(item).n_unique().cast(pl.Int64).alias("item_count"),
        pl.col("site").n_unique().cast(pl.Int64).alias("site_count"),
        pl.col("obscured").sum().cast(pl.Int64).alias("obscured_count"),
        pl.col("first_seen").min(),
        pl.col("last_seen").max(),
    ]


def count_on(
    stood: pl.DataFrame, left: pl.DataFrame, came: pl.DataFrame, known_sites: pl.DataFrame
) -> tuple[pl.DataFrame, pl.Series]:
    """What is counted over the mentions of identifiers that stood, after some of them left and others came.

    `stood`: key and what was counted (`standing.COUNTED`). `left`, `came`: key, item, obscured, and the item's site,
    first_seen, last_seen as they were and as they are. `known_sites`: key, site, where mentions stood; it may have none
    of an identifier's. Returns key and counts (Int64), without identifiers that nothing shows any more, and the keys
    that have to be counted over all their mentions: a day or a site may have gone with those that left, or their sites
    are not known.
    """
    less, more = counted(left), counted(came)
    both = stood.join(less, on="key", how="left", suffix="_left").join(
        more, on="key", how="left", suffix="_came"
    )
    now = [
        (
            pl.col(name).cast(pl.Int64)
            - pl.col(f"{name}_left").fill_null(0)
            + pl.col(f"{name}_came").fill_null(0)
        ).alias(name)
        for name in ("mention_count", "item_count", "obscured_count")
    ]
    gone_earliest = (pl.col("first_seen_left") <= pl.col("first_seen")) & (
        pl.col("first_seen_came").fill_null(date.max) > pl.col("first_seen")
    )
    gone_latest = (pl.col("last_seen_left") >= pl.col("last_seen")) & (
        pl.col("last_seen_came").fill_null(date.min) < pl.col("last_seen")
    )
    ended = both.filter(gone_earliest | gone_latest)["key"]
    pairs_left, pairs_came = (frame.select("key", "site").unique() for frame in (left, came))
    left_sites = pairs_left.join(pairs_came, on=["key", "site"], how="anti")["key"]
    new = pairs_came.join(pairs_left, on=["key", "site"], how="anti")
    unknown = new.join(known_sites, on="key", how="anti")["key"]
    added = (
        new.join(known_sites, on=["key", "site"], how="anti")
        .group_by("key")
        .agg(pl.len().cast(pl.Int64).alias("added"))
    )
    counts = (
        both.join(added, on="key", how="left")
        .select(
            "key",
            *now,
            (pl.col("site_count").cast(pl.Int64) + pl.col("added").fill_null(0)).alias("site_count"),
            pl.min_horizontal("first_seen", "first_seen_came"),
            pl.max_horizontal("last_seen", "last_seen_came"),
        )
        .filter(pl.col("mention_count") > 0)
    )
    doubtful = pl.concat([ended, left_sites, unknown]).unique()
    return counts.filter(~pl.col("key").is_in(doubtful.implode())), doubtful

"""Identifiers: every normalised handle once, with where and when it occurs."""

import phonenumbers
import polars as pl

from quality.contracts import CONTRACTS

IDENTIFIERS = CONTRACTS["identifiers"].schema


def build_identifiers(mentions: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """One row per identifier of the mentions, sorted by id (contract `identifiers`).

    `mentions` as in its contract; `items` with `item_id`, `first_seen`, `last_seen` (Date). Days are those of the
    items it occurs in; null where the item is not among `items`. `region` is the country of a phone number by
    its numbering plan (phonenumbers), null for other kinds and for ranges of no single country.
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
    numbers = identifiers.filter(pl.col("kind") == "phone")["value"].unique(maintain_order=True)
    regions = pl.DataFrame(
        {"value": numbers, "region": [_region(number) for number in numbers]},
        schema={"value": pl.String, "region": pl.String},
    ).with_columns(pl.lit("phone").alias("kind"))
    return identifiers.join(regions, on=["kind", "value"], how="left", maintain_order="left").select(
        *IDENTIFIERS
    )


def _region(number: str) -> str | None:
    """Country (ISO 3166 alpha-2) of an E.164 number; null when it is none or belongs to none."""
    code, regions = _calling_code(number)
    if len(regions) != 1:
        # Several countries share the code (+1, +44, +7 …): only the numbering plan tells them apart.
        try:
            found = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
        except phonenumbers.NumberParseException:
            return None
        return found if found and found.isalpha() else None
    return regions[0] if regions[0].isalpha() and len(number) > len(code) + 1 else None


def _calling_code(number: str) -> tuple[str, tuple[str, ...]]:
    """The calling code with which an E.164 number begins, and its countries; empty where there is none."""
    for digits in (1, 2, 3):
        code = number[1 : 1 + digits]
        if code.isdigit() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code, phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)]
    return "", ()

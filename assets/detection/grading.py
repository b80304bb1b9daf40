"""How far a lead can be trusted, where and when: Admiralty code, countries, days.

Grading: NATO AJP-2.1 / Admiralty code; source reliability A to F, information credibility 1 to 6.
"""

from collections.abc import Mapping

import polars as pl

from assets.detection.routes import DESTINATION, ORIGIN, TRANSIT

UNKNOWN_RELIABILITY = "F"
# Credibility by independence of what confirms it. 1 (confirmed) is left to humans; 4 and 5 need contradiction.
SEVERAL_SITES_CREDIBILITY = "2"
SEVERAL_ITEMS_CREDIBILITY = "3"
SINGLE_ITEM_CREDIBILITY = "6"


def grade_leads(
    evidence: pl.DataFrame, context: pl.DataFrame, reliability: Mapping[str, str]
) -> pl.DataFrame:
    """What the evidence says of each lead: lead_id, grade, first_seen, last_seen, evidence_count.

    `evidence`: lead_id, item_id. `context` from `item_context`. `reliability`: source name to A–F (F if absent); of
    several sources the one with most of the evidence counts, the less reliable when they tie. Credibility: 2 with
    evidence on several sites from several sources, 3 with several items, 6 with one.
    """
    said = context.select("item_id", "site", "source", "first_seen", "last_seen")
    rows = evidence.join(said, on="item_id").with_columns(
        pl.col("source")
        .replace_strict(dict(reliability), default=UNKNOWN_RELIABILITY, return_dtype=pl.String)
        .alias("letter")
    )
    letters = (
        rows.group_by("lead_id", "source", "letter")
        .agg(pl.len().alias("n"))
        .sort(["lead_id", "n", "letter", "source"], descending=[False, True, True, False])
        .unique("lead_id", keep="first", maintain_order=True)
        .select("lead_id", "letter")
    )
    credibility = (
        pl.when((pl.col("sites") > 1) & (pl.col("sources") > 1))
        .then(pl.lit(SEVERAL_SITES_CREDIBILITY))
        .when(pl.col("evidence_count") > 1)
        .then(pl.lit(SEVERAL_ITEMS_CREDIBILITY))
        .otherwise(pl.lit(SINGLE_ITEM_CREDIBILITY))
    )
    return (
        rows.group_by("lead_id")
        .agg(
            pl.col("site").n_unique().alias("sites"),
            pl.col("source").n_unique().alias("sources"),
            pl.len().cast(pl.Int64).alias("evidence_count"),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
        .join(letters, on="lead_id")
        .select(
            "lead_id",
            (pl.col("letter") + credibility).alias("grade"),
            "first_seen",
            "last_seen",
            "evidence_count",
        )
    )


def lead_countries(evidence: pl.DataFrame, context: pl.DataFrame, routes: pl.DataFrame) -> pl.DataFrame:
    """Where the persons behind each lead come from, may have passed, and are exploited.

    `evidence`: lead_id, item_id. `context` from `item_context`, `routes` from `route_countries`. One row per lead:
    lead_id, origin_countries (nationalities claimed in the evidence, and where stated routes begin),
    exploitation_countries (of the place that each item advertises, and where stated routes end), transit_countries
    (said to be passed through; it may be one of the others, too), countries (origin and exploitation): ISO 3166
    alpha-2, sorted, comma-separated; null when none is known. A claimed nationality is advertising, so an origin is a
    claim.
    """
    rows = evidence.join(context.select("item_id", "nationality", "place_country"), on="item_id")
    is_country = pl.col("country").str.contains("^[A-Z]{2}$")
    stated = evidence.join(routes, on="item_id")
    origin, exploitation, transit = (
        pl.concat(
            [
                *(rows.select("lead_id", pl.col(name).alias("country")) for name in columns),
                stated.filter(pl.col("part") == part).select("lead_id", "country"),
            ]
        )
        .unique()
        .filter(is_country)
        for columns, part in ((["nationality"], ORIGIN), (["place_country"], DESTINATION), ([], TRANSIT))
    )
    both = pl.concat([origin, exploitation]).unique()
    leads = evidence.select("lead_id").unique(maintain_order=True)
    for name, countries in (
        ("origin_countries", origin),
        ("transit_countries", transit),
        ("exploitation_countries", exploitation),
        ("countries", both),
    ):
        listed = (
            countries.sort("lead_id", "country")
            .group_by("lead_id", maintain_order=True)
            .agg(pl.col("country").str.join(",").alias(name))
        )
        leads = leads.join(listed, on="lead_id", how="left", maintain_order="left")
    return leads

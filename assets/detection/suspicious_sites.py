"""Leads about sites: ties to adult sites, sudden rises, several probable minors."""

import polars as pl

from assets.detection.common_contacts import CONTROLLER_SHARE
from assets.detection.roles import RoleLeads
from assets.detection.scoring import FINDINGS, score_findings
from assets.detection.surges import surge_items
from assets.linking.site_evidence import MAX_SITES_OF_AN_IDENTIFIER

ADULT_SHARE = 0.5
# A rise counts for a site when it is large and steep; smaller ones stay in the table of surges.
INFLUX_ITEMS = 20
INFLUX_RATIO = 3.0
SEVERAL_MINORS = 3


def suspicious_sites(
    context: pl.DataFrame,
    signs: pl.DataFrame,
    mentions: pl.DataFrame,
    tied: pl.DataFrame,
    surges: pl.DataFrame,
) -> RoleLeads:
    """Leads of type site; inputs from `item_context` (order is not asked for), `item_signs`, `tied_to_adult_sites` and
    as in their contracts.

    All items, or at least those in a surge, those that claim an age under 18, and those that show what
    stands on both of two tied sites, with all mentions of it.
    """
    found = (
        _tied_items(mentions, tied),
        _surge_rows(context, surges),
        _minor_rows(context, signs),
    )
    shown = pl.concat(found)
    order = context.select("item_id", "first_seen").join(shown, on="item_id", how="semi")
    counted = (
        shown.join(order, on="item_id")
        .sort("site", "indicator_id", "first_seen", "item_id")
        .group_by("site", "indicator_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("occurrences"),
            pl.col("words").first(),
            pl.col("item_id").first().alias("evidence_item_id"),
        )
        .select(
            pl.col("site").alias("subject_id"),
            "indicator_id",
            "occurrences",
            (pl.col("words") + pl.format(" ({} items)", "occurrences")).alias("explanation"),
            "evidence_item_id",
        )
    )
    findings = score_findings("site", counted.select(FINDINGS))
    evidence = (
        shown.rename({"site": "subject_id"})
        .join(findings.select("subject_id").unique(), on="subject_id", how="semi")
        .group_by("subject_id", "item_id")
        .agg(pl.len().alias("signs"))
    )
    labels = findings.select("subject_id", pl.col("subject_id").alias("subject_label")).unique()
    return RoleLeads("site", "site", findings, evidence, labels)


def adult_sites(items: pl.DataFrame) -> pl.DataFrame:
    """Which sites are for adult advertisements: site, is_adult. `items`: site, is_adult (the item is one)."""
    return items.group_by("site").agg((pl.col("is_adult").mean() >= ADULT_SHARE).alias("is_adult"))


def tied_to_adult_sites(sites: pl.DataFrame, site_links: pl.DataFrame) -> pl.DataFrame:
    """Sites that are no adult sites, with adult sites that they are tied to: site, other.

    `sites` from `adult_sites`, `site_links` as in their contract."""
    ties = site_links.filter(pl.col("is_tie"))
    both_ways = pl.concat(
        [
            ties.select(pl.col("site_a").alias("site"), pl.col("site_b").alias("other")),
            ties.select(pl.col("site_b").alias("site"), pl.col("site_a").alias("other")),
        ]
    )
    return (
        both_ways.join(sites, on="site")
        .join(
            sites.select(pl.col("site").alias("other"), pl.col("is_adult").alias("other_is_adult")),
            on="other",
        )
        .filter(~pl.col("is_adult") & pl.col("other_is_adult"))
        .select("site", "other")
    )


def _tied_items(mentions: pl.DataFrame, suspicious: pl.DataFrame) -> pl.DataFrame:
    """Items by which a site that is not an adult site is tied to one: site, item_id, indicator_id, words."""
    shown = mentions.select("item_id", "identifier_id", "site")
    on_both = (
        shown.join(suspicious.select("site").unique(), on="site", how="semi")
        .select("identifier_id")
        .unique()
        .join(
            shown.join(suspicious.select(pl.col("other").alias("site")).unique(), on="site", how="semi"),
            on="identifier_id",
            how="semi",
        )
    )
    placed = (
        shown.join(on_both, on="identifier_id", how="semi")
        .unique()
        .with_columns(pl.col("site").n_unique().over("identifier_id").alias("sites"))
        .filter(pl.col("sites") <= MAX_SITES_OF_AN_IDENTIFIER)
    )
    return (
        placed.join(suspicious, on="site")
        .join(
            placed.select("identifier_id", pl.col("site").alias("other")).unique(),
            on=["identifier_id", "other"],
            how="semi",
        )
        .select(
            "site",
            "item_id",
            pl.lit("site_tied_to_adult_site").alias("indicator_id"),
            pl.lit("shares contacts with an adult site beyond chance").alias("words"),
        )
        .unique()
    )


def _surge_rows(context: pl.DataFrame, surges: pl.DataFrame) -> pl.DataFrame:
    """Items of large, steep rises: site, item_id, indicator_id, words."""
    large = surges.filter(
        (pl.col("observed") - pl.col("expected") >= INFLUX_ITEMS) & (pl.col("ratio") >= INFLUX_RATIO)
    )
    dated = context.rename({"category": "kind"})
    return (
        surge_items(large, dated)
        .join(large.select("surge_id", "largest_actor_share"), on="surge_id")
        .select(
            "site",
            "item_id",
            pl.when(pl.col("largest_actor_share") >= CONTROLLER_SHARE)
            .then(pl.lit("one_controller_surge"))
            .otherwise(pl.lit("influx_of_one_nationality"))
            .alias("indicator_id"),
            pl.lit("rise beyond past and growth of the site").alias("words"),
        )
        .unique()
    )


def _minor_rows(context: pl.DataFrame, signs: pl.DataFrame) -> pl.DataFrame:
    """Items that claim an age under 18 on sites with several: site, item_id, indicator_id, words."""
    return (
        signs.filter(pl.col("indicator_id") == "claimed_age_under_18")
        .join(context.select("item_id", "site", "contact"), on="item_id")
        .with_columns(
            pl.col("contact").n_unique().over("site").alias("persons"),
        )
        .filter(pl.col("persons") >= SEVERAL_MINORS)
        .select(
            "site",
            "item_id",
            pl.lit("probable_minors_on_site").alias("indicator_id"),
            pl.lit("claimed ages under 18 by several contacts").alias("words"),
        )
    )

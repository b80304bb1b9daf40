"""From findings to leads: a score that is the sum of named contributions, and the stated thresholds."""

from dataclasses import dataclass

import polars as pl

from assets.detection.indicators import indicator_words, weights_for


@dataclass(frozen=True)
class Threshold:
    """What a lead of one type needs: a score, and two weighted indicators of which one is core, or a strong one, or a
    direct one that weighs `ALONE_WEIGHT` and the score (of a potential victim a debt, papers held, may not leave; of an
    offer of work the last two).

    A core indicator is direct and weighs `CORE_WEIGHT` or more; where `structure_suffices`, structure around the
    subject that weighs `HEAVY_WEIGHT` or more (many accounts, a rise, a suspect's contact) may stand for it. Several
    sites, places, ages and nationalities alone are an agency's, too.
    """

    score: float
    structure_suffices: bool = False


CORE_WEIGHT, ALONE_WEIGHT = 1.5, 3.5
MIN_INDICATORS = 2
# Set on planted worlds so that what ordinary posters show by chance (a hidden number, a short stay, housing, travel
# and work abroad, one account on each of several sites) stays below: sums of at most 3; an offer of work that
# advances the flight, with housing beside it, reaches 4.25. Keeping papers or locking in has no lawful use.
THRESHOLDS = {
    "potential_victim": Threshold(3.5),
    "potential_exploiter": Threshold(4.5, structure_suffices=True),
    "potential_recruiter": Threshold(4.5),
    "potential_facilitator": Threshold(4.5),
    "username": Threshold(4.5, structure_suffices=True),
    "phone": Threshold(4.5, structure_suffices=True),
    # An address has no places and no nationalities of its own: many accounts and one suspected owner are its most.
    "url": Threshold(4.0, structure_suffices=True),
    "site": Threshold(3.0, structure_suffices=True),
}
# A sign must be more than one slip among an actor's many items.
FEW_ITEMS = 10
WEAK_SIGN_SHARE = 0.05
HEAVY_WEIGHT = 2.0

# A finding: what of which subject (key or number), by how many items, in words, and the oldest of these.
FINDINGS = ("subject_id", "indicator_id", "occurrences", "explanation", "evidence_item_id")


def score_findings(role: str, findings: pl.DataFrame) -> pl.DataFrame:
    """The findings of the subjects that reach the role's threshold, with their contributions.

    `findings`: subject_id, indicator_id, occurrences, explanation, evidence_item_id, one row per subject and
    indicator. Findings that do not speak for the role are left out. Adds `contribution` (the indicator's weight) and
    `score` (its sum per subject, exactly).
    """
    threshold = THRESHOLDS[role]
    # Findings come in many small pieces, which would make each further step slower.
    weighted = (
        findings.rechunk()
        .with_columns(pl.col("indicator_id").cast(indicator_words()))
        .join(weights_for(role), on="indicator_id", how="inner")
        .sort("subject_id", "indicator_id")
    )
    core = (pl.col("direct") & (pl.col("weight") >= CORE_WEIGHT)) | (
        pl.lit(threshold.structure_suffices) & (pl.col("weight") >= HEAVY_WEIGHT)
    )
    # Weights are multiples of a quarter, so that sums are exact in binary floating point in any order.
    reached = (
        weighted.group_by("subject_id", maintain_order=True)
        .agg(
            pl.col("weight").sum().alias("score"),
            pl.len().alias("indicators"),
            core.any().alias("has_core"),
            (pl.col("direct") & (pl.col("weight") >= ALONE_WEIGHT)).any().alias("has_enough"),
            pl.col("strong").any().alias("has_strong"),
        )
        .filter(
            (pl.col("score") >= threshold.score)
            & (
                pl.col("has_strong")
                | pl.col("has_enough")
                | ((pl.col("indicators") >= MIN_INDICATORS) & pl.col("has_core"))
            )
        )
        .select("subject_id", "score")
    )
    return weighted.join(reached, on="subject_id").select(
        *FINDINGS, pl.col("weight").alias("contribution"), "score"
    )


def sign_findings(shown: pl.DataFrame, sizes: pl.DataFrame, role: str) -> pl.DataFrame:
    """Findings from signs of items: a row per subject and sign that is no slip.

    `shown`: subject_id, indicator_id (`indicator_words`), item_id, once each, the oldest items first. `sizes`:
    subject_id, items (the items looked at). Heavy
    signs need two items, light ones 5 % of the items, once a subject has more than ten; strong signs need one.
    """
    counted = (
        shown.group_by("subject_id", "indicator_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("occurrences"),
            pl.col("item_id").first().alias("evidence_item_id"),
        )
        .join(sizes.select("subject_id", "items"), on="subject_id")
        .join(weights_for(role), on="indicator_id")
    )
    light = pl.max_horizontal(pl.lit(2), (pl.col("items") * WEAK_SIGN_SHARE).ceil())
    needed = (
        pl.when((pl.col("items") <= FEW_ITEMS) | pl.col("strong"))
        .then(1)
        .when(pl.col("weight") >= HEAVY_WEIGHT)
        .then(2)
        .otherwise(light)
    )
    return counted.filter(pl.col("occurrences") >= needed).select(
        "subject_id",
        "indicator_id",
        "occurrences",
        pl.format("in {} of {} items", "occurrences", "items").alias("explanation"),
        "evidence_item_id",
    )


def structure_finding(
    subjects: pl.DataFrame, indicator_id: str, number: str, words: str, where: pl.Expr
) -> pl.DataFrame:
    """Findings from a number known of each subject: a row per subject of which `where` holds.

    `subjects`: subject_id, evidence_item_id and the column `number`; `words` has one `{}` for it.
    """
    return subjects.filter(where).select(
        "subject_id",
        pl.lit(indicator_id, indicator_words()).alias("indicator_id"),
        pl.max_horizontal(pl.col(number).cast(pl.Int64), pl.lit(1)).alias("occurrences"),
        pl.format(words, pl.col(number).cast(pl.Int64)).alias("explanation"),
        "evidence_item_id",
    )

"""Contracts of the pipeline's own health: units, gate results, quarantine, snapshots."""

from quality.contract import Column, Contract, in_set, not_null, violates
from quality.contracts.columns import FLAG, MOMENT, SOURCE, TEXT, UNIT_DATE, WHOLE

UNITS = Contract(
    table="units",
    stage="parsing",
    grain="one source on one day",
    meaning="What each source brought on each day, and whether it was let through.",
    key=("source", "unit_date"),
    per_unit=True,
    max_rejected_share=1.0,
    columns=(
        SOURCE,
        UNIT_DATE,
        Column("kind", TEXT, "Kind of the source"),
        Column("state", TEXT, "passed or blocked"),
        Column("captures", WHOLE, "Captures of the unit"),
        Column("not_modified", WHOLE, "Captures that repeat a body already held"),
        Column("errors", WHOLE, "Captures that failed or answered with an error"),
        Column("items", WHOLE, "Items observed, those on unchanged pages included"),
        Column("problems", WHOLE, "Pages or files that could not be read"),
        Column("expected_min", WHOLE, "Fewest items expected"),
        Column("expected_max", WHOLE, "Most items expected"),
        Column("detail", TEXT, "What stood out, without personal data"),
    ),
    rules=(
        violates(
            "items_reach_minimum",
            "state = 'passed' AND items < expected_min",
            "the unit brought at least the items expected; fewer mean a changed layout or a dead source",
        ),
        violates(
            "items_within_maximum", "items > expected_max", "the unit brought no more items than expected"
        ),
    ),
)

QUALITY_RESULTS = Contract(
    table="quality_results",
    stage="publishing",
    grain="one rule judged on one part",
    meaning="What Great Expectations found, run by run.",
    key=("quality_result_id",),
    columns=(
        Column("quality_result_id", TEXT, "First 24 hex digits of SHA-256 over run, table, rule"),
        Column("run_id", TEXT, "Run that judged"),
        Column("judged_at", MOMENT, "When (UTC)"),
        Column("table_name", TEXT, "Table"),
        Column("rule", TEXT, "Rule of the table's contract"),
        Column("expectation", TEXT, "Great Expectations type that counts the rows that break it"),
        Column("severity", TEXT, "critical or warning"),
        Column("success", FLAG, "No row broke it"),
        Column("checked", WHOLE, "Rows judged"),
        Column("unexpected", WHOLE, "Rows that broke it"),
    ),
    rules=(not_null("table_name"), not_null("rule"), in_set("severity", ("critical", "warning"))),
)

QUARANTINE_COUNTS = Contract(
    table="quarantine_counts",
    stage="publishing",
    grain="one rule that rejected rows of one unit of one table",
    meaning="How many rows wait in quarantine, and why; the rows stay in the restricted home.",
    key=("table_name", "source", "unit_date", "rule"),
    columns=(
        Column("table_name", TEXT, "Table"),
        SOURCE,
        UNIT_DATE,
        Column("rule", TEXT, "Rule that rejected"),
        Column("rows", WHOLE, "Rows rejected"),
    ),
)

SNAPSHOTS = Contract(
    table="snapshots",
    stage="publishing",
    grain="one published version of the warehouse",
    meaning="Published versions, the newest last.",
    key=("version",),
    columns=(
        Column("version", TEXT, "Version: moment of publication and a digest of its inputs"),
        Column("published_at", MOMENT, "When (UTC)"),
        Column("run_id", TEXT, "Run that published"),
        Column("operation", TEXT, "Code of the operation"),
        Column("inputs_sha256", TEXT, "Digest over the parts it was built from"),
        Column("captures", WHOLE, "Captures in it"),
        Column("items", WHOLE, "Items in it"),
        Column("leads", WHOLE, "Leads in it"),
    ),
)

CONTRACTS = (UNITS, QUALITY_RESULTS, QUARANTINE_COUNTS, SNAPSHOTS)

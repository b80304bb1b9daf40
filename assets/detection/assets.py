"""Dagster assets of the detection stage: surges, the registry of indicators, leads and what speaks for them."""

from collections.abc import Iterator

import dagster as dg

from assets.detection.stage import TABLES, detect_all
from assets.house import House
from assets.tables import RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec

REVIEWS = "lead_reviews"
# People make this table, with `stormlantern review`; no run does.
lead_reviews = table_spec(REVIEWS, [])


@dg.multi_asset(
    name="detect",
    specs=[
        table_spec(table, ["facts", "actors", "actor_members", "site_links", "identifiers", REVIEWS])
        for table in TABLES
    ],
    check_specs=[check for table in TABLES for check in check_specs(table)],
    can_subset=True,
    retry_policy=RETRIES,
)
def detect(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[dg.MaterializeResult]:
    """Find series that rise beyond their past, and subjects worth a human look."""
    with retrying_only_what_may_pass():
        admission = detect_all(house)
    yield from materialized(context, house, TABLES, admission)

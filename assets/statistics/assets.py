"""Dagster assets of the statistics stage: operations, their countries, figures and conflicts."""

from collections.abc import Iterator

import dagster as dg

from assets.house import House
from assets.statistics.stage import TABLES, count_statistics
from assets.tables import RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec


@dg.multi_asset(
    name="statistics",
    specs=[
        table_spec(
            table, ["documents", "leads", "lead_evidence", "units", "screening_checks", "screening_hits"]
        )
        for table in TABLES
    ],
    check_specs=[check for table in TABLES for check in check_specs(table)],
    can_subset=True,
    retry_policy=RETRIES,
)
def statistics(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[dg.MaterializeResult]:
    """Read what published operations achieved, and count our own in the same vocabulary."""
    with retrying_only_what_may_pass():
        admission = count_statistics(house)
    yield from materialized(context, house, TABLES, admission)

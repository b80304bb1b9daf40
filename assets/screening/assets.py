"""Dagster assets of the screening stage: lists, the log of checks, hits, and their counts."""

from collections.abc import Iterator

import dagster as dg

from assets.house import House
from assets.screening.stage import TABLES, screen_all
from assets.tables import RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec


@dg.multi_asset(
    name="screen",
    specs=[table_spec(table, ["notices", "identifiers", "facts"]) for table in TABLES],
    check_specs=[check for table in TABLES for check in check_specs(table)],
    can_subset=True,
    retry_policy=RETRIES,
)
def screen(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[dg.MaterializeResult]:
    """Look up identifiers and named persons in the lists that the house holds."""
    with retrying_only_what_may_pass():
        admission = screen_all(house)
    yield from materialized(context, house, TABLES, admission)

"""Dagster assets of the extraction stage: mentions and facts."""

from collections.abc import Iterator

import dagster as dg

from assets.extraction.stage import extract_changed, extraction_inputs
from assets.house import House
from assets.parsing.stage import changed_units
from assets.tables import RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec

TABLES = ("mentions", "facts")


@dg.multi_asset(
    name="extract",
    specs=[table_spec(table, ["listings", "messages"]) for table in TABLES],
    check_specs=[check for table in TABLES for check in check_specs(table)],
    can_subset=True,
    retry_policy=RETRIES,
)
def extract(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[dg.MaterializeResult]:
    """Read identifiers and facts in the units whose items or rules changed."""
    inputs = extraction_inputs(house.store)
    todo = changed_units(house.store, "facts", inputs)
    with retrying_only_what_may_pass():
        report = extract_changed(house, todo, len(inputs) - len(todo)) if todo else None
    counts = {"units read": len(todo), "units unchanged": len(inputs) - len(todo)}
    yield from materialized(context, house, TABLES, report.admission if report else None, counts)

"""Dagster assets of the extraction stage: mentions and facts, and the pictures' hashes."""

from collections.abc import Iterator

import dagster as dg

from assets.extraction.image_stage import TABLE as IMAGES
from assets.extraction.image_stage import hash_changed
from assets.extraction.stage import TABLES, changed_tables, extract_changed, extraction_inputs
from assets.house import House
from assets.tables import RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec


@dg.multi_asset(
    name="extract",
    specs=[
        *(table_spec(table, ["listings", "messages"]) for table in TABLES),
        table_spec(IMAGES, ["captures"]),
    ],
    check_specs=[check for table in (*TABLES, IMAGES) for check in check_specs(table)],
    can_subset=True,
    retry_policy=RETRIES,
)
def extract(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[dg.MaterializeResult]:
    """Read identifiers and facts in the units whose items or rules changed, and the pictures of changed captures."""
    inputs = extraction_inputs(house.store)
    todo = changed_tables(house.store, inputs)
    units = set().union(*todo.values())
    unchanged = len(inputs["facts"]) - len(units)
    with retrying_only_what_may_pass():
        report = extract_changed(house, todo, unchanged) if units else None
        with_pictures, hashed = hash_changed(house)
    counts = {"units read": len(units), "units unchanged": unchanged}
    yield from materialized(context, house, TABLES, report.admission if report else None, counts)
    yield from materialized(context, house, (IMAGES,), hashed, {"units read": with_pictures})

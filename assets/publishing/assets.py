"""Dagster assets of the publishing stage: health tables, the warehouse, the report."""

from collections.abc import Iterator

import dagster as dg

from assets.house import House
from assets.publishing.stage import publish_snapshot
from assets.tables import OWNERS, RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec
from quality.contracts import CONTRACTS

COUNTS = "quarantine_counts"
# Tables that a snapshot waits for; it is built from all parts.
AWAITED = ("operations", "operation_metrics", "leads", "surges", "site_links", "screening_hits", "units")


@dg.multi_asset(
    name="publish",
    specs=[
        table_spec(COUNTS, ["units"]),
        dg.AssetSpec(
            "warehouse",
            deps=[COUNTS, *AWAITED],
            description=(
                f"The published snapshot: {len(CONTRACTS)} tables in one versioned DuckDB file behind a symlink, "
                "pseudonymised for analysts; a restricted file beside it holds the clear values."
            ),
            group_name="publishing",
            kinds={"duckdb"},
            owners=OWNERS,
            skippable=True,
        ),
        dg.AssetSpec(
            "report",
            deps=["warehouse"],
            description="The operation report: one HTML file that opens offline.",
            group_name="publishing",
            kinds={"html"},
            owners=OWNERS,
            skippable=True,
        ),
    ],
    check_specs=check_specs(COUNTS),
    can_subset=True,
    retry_policy=RETRIES,
)
def publish(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[dg.MaterializeResult]:
    """Build both snapshot files, let the privacy gate look, flip the symlinks, write the report."""
    with retrying_only_what_may_pass():
        published = publish_snapshot(house)
    yield from materialized(context, house, [COUNTS], published.admission)
    if dg.AssetKey("warehouse") in context.selected_asset_keys:
        yield dg.MaterializeResult(
            asset_key="warehouse",
            metadata={
                "version": published.snapshot.version,
                "file": str(published.snapshot.warehouse.relative_to(house.home)),
                "new": published.snapshot.is_new,
                "rows": dg.MetadataValue.json(dict(published.snapshot.rows)),
            },
        )
    if dg.AssetKey("report") in context.selected_asset_keys:
        yield dg.MaterializeResult(
            asset_key="report", metadata={"file": dg.MetadataValue.path(published.report)}
        )

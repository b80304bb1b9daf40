"""Dagster assets of the parsing stage: the item tables and the health of the units."""

from collections.abc import Collection, Iterator

import dagster as dg
import polars as pl

from assets.house import House
from assets.parsing.stage import parse_changed
from assets.tables import RETRIES, check_specs, materialized, retrying_only_what_may_pass, table_spec
from quality.contracts import CONTRACTS
from quality.contracts.columns import ITEM_TABLES

TABLES = (*ITEM_TABLES, "units")
VOLUME_CHECK = "brought_what_was_expected"


@dg.multi_asset(
    name="parse",
    specs=[table_spec(table, ["captures"]) for table in TABLES],
    check_specs=[check for table in TABLES for check in check_specs(table)],
    can_subset=True,
    retry_policy=RETRIES,
)
def parse(
    context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
) -> Iterator[dg.MaterializeResult]:
    """Parse the units whose captures or source files changed; block those that broke."""
    with retrying_only_what_may_pass():
        report = parse_changed(house)
    for source, day in report.parsed:
        # The verdict on a source belongs beside the source, whose asset another step made.
        context.log_event(
            dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(["capture", source]),
                check_name=VOLUME_CHECK,
                passed=(source, day) not in report.admission.blocked,
                metadata={
                    "day": dg.TextMetadataValue(str(day)),
                    "reason": dg.TextMetadataValue(
                        report.admission.blocked.get((source, day), "as expected")
                    ),
                },
                severity=dg.AssetCheckSeverity.ERROR,
                blocking=False,
            )
        )
    counts = {"units parsed": len(report.parsed), "units unchanged": report.unchanged}
    yield from materialized(context, house, TABLES, report.admission if report.parsed else None, counts)


def volume_checks(sources: Collection[str]) -> dg.AssetChecksDefinition:
    """The volume check of each source, as last judged by the parsing step (which reports it run by run)."""

    @dg.multi_asset_check(
        name="volumes",
        specs=[
            dg.AssetCheckSpec(
                VOLUME_CHECK,
                asset=["capture", name],
                description="The unit brought at least the fewest and at most the most items expected",
            )
            for name in sources
        ],
        can_subset=True,
    )
    def volumes(
        context: dg.AssetCheckExecutionContext, house: dg.ResourceParam[House]
    ) -> Iterator[dg.AssetCheckResult]:
        units = house.store.scan("units", CONTRACTS["units"].schema).sort("unit_date").collect()
        for key in context.selected_asset_check_keys:
            rows = units.filter(pl.col("source") == key.asset_key.path[1])
            last = rows.row(-1, named=True) if rows.height else None
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=VOLUME_CHECK,
                passed=last is not None and last["state"] == "passed",
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={
                    "day": str(last["unit_date"]) if last else "never",
                    "reason": str((last["detail"] or "as expected") if last else "not captured yet"),
                },
            )

    return volumes

"""Dagster assets of the capture stage: one per source and day, and the table of all captures.

All selected sources are crawled by one engine in one step, so that slow hosts run side by side and a run of all
sources pays one process start. A source that brought nothing is not materialised; it never stops the others,
because everything downstream depends on `captures` alone.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import dagster as dg

from assets.capture.source import Source
from assets.capture.stage import capture_units
from assets.house import House
from assets.tables import (
    OWNERS,
    RETRIES,
    check_result,
    check_specs,
    column_schema,
    committed_rows,
    retrying_only_what_may_pass,
)
from quality.contracts import CONTRACTS

CAPTURED = "answered"
KINDS = {
    "newsroom": {"html", "parquet"},
    "listings": {"html", "parquet"},
    "telegram_preview": {"telegram", "parquet"},
    "telegram_export": {"telegram", "parquet"},
    "notices": {"json", "parquet"},
    "documents": {"file", "parquet"},
}
# A source is late when it missed its beat by half of it, and overdue when it missed it twice.
BEATS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(days=7)}


def source_key(name: str) -> dg.AssetKey:
    """Asset key of a source."""
    return dg.AssetKey(["capture", name])


def _source_spec(source: Source, days: dg.PartitionsDefinition) -> dg.AssetSpec:
    beat = BEATS[source.cadence]
    return dg.AssetSpec(
        source_key(source.name),
        description=source.description or f"Captures of {source.name}.",
        group_name=f"sources_{source.kind}",
        kinds=KINDS[source.kind],
        owners=list(source.owners) or OWNERS,
        partitions_def=days,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=2 * beat, warn_window=1.5 * beat),
        tags={"cadence": source.cadence, "kind": source.kind},
        metadata={
            "start": dg.MetadataValue.json(list(source.start) or [source.path.name if source.path else ""]),
            "politeness (s between requests)": source.politeness.delay_seconds,
            "retention (days)": source.retention_days,
            "dagster/column_schema": column_schema(CONTRACTS["captures"]),
        },
        skippable=True,
    )


def _captures_spec(sources: Mapping[str, Source], days: dg.PartitionsDefinition) -> dg.AssetSpec:
    contract = CONTRACTS["captures"]
    return dg.AssetSpec(
        "captures",
        deps=[source_key(name) for name in sources],
        description=f"{contract.meaning} One row: {contract.grain}.",
        group_name="capture",
        kinds={"parquet"},
        owners=OWNERS,
        partitions_def=days,
        metadata={"dagster/column_schema": column_schema(contract)},
        skippable=True,
    )


def capture_assets(sources: Mapping[str, Source], days: dg.PartitionsDefinition) -> dg.AssetsDefinition:
    """The capture step for these sources: assets `capture/<source>` and `captures`, by day."""

    @dg.multi_asset(
        name="capture",
        specs=[*(_source_spec(source, days) for source in sources.values()), _captures_spec(sources, days)],
        check_specs=[
            *(
                dg.AssetCheckSpec(
                    CAPTURED,
                    asset=source_key(name),
                    description="The source was reached and its crawl completed",
                )
                for name in sources
            ),
            *check_specs("captures"),
        ],
        can_subset=True,
        retry_policy=RETRIES,
    )
    def capture(
        context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """Crawl the selected sources side by side and land what they answer."""
        names = [key.path[1] for key in context.selected_asset_keys if key.path[0] == "capture"]
        with retrying_only_what_may_pass():
            report = capture_units(house, sorted(names), date.fromisoformat(context.partition_key))
        for name, outcome in report.outcomes.items():
            yield dg.AssetCheckResult(
                asset_key=source_key(name),
                check_name=CAPTURED,
                passed=outcome.is_usable,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={"state": outcome.state, "detail": outcome.detail or ""},
            )
            if outcome.is_usable:
                rows = sum(part.rows for part in house.store.parts("captures", source=name))
                yield dg.MaterializeResult(
                    asset_key=source_key(name), metadata={"dagster/row_count": rows, **outcome.metadata}
                )
        for verdict in report.verdicts:
            yield check_result(verdict)
        if dg.AssetKey("captures") in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key="captures",
                metadata={"dagster/row_count": committed_rows(house, "captures"), **report.metadata},
            )

    return capture

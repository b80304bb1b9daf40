"""From contracts to Dagster: asset specs, check specs and results of a table are derived here, for all stages."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import dagster as dg
import duckdb
from dagster._core.definitions.metadata import RawMetadataValue

from assets.house import House
from quality.admission import Admission
from quality.contract import Contract
from quality.contracts import CONTRACTS
from quality.gate import RuleResult

SEVERITIES = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}
OWNERS = ["team:stormlantern"]

# A transient fault (a full disk, a locked file) deserves a second try; a failed gate does not ask for one.
RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


def column_schema(contract: Contract) -> dg.TableSchema:
    """The contract's columns for Dagster's columns tab, sensitivity as a tag."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=str(column.type),
                description=column.meaning,
                constraints=dg.TableColumnConstraints(
                    nullable=column.name not in contract.key,
                    unique=contract.key == (column.name,),
                ),
                tags={"sensitivity": column.sensitivity.value},
            )
            for column in contract.columns
        ],
        constraints=dg.TableConstraints(other=[rule.meaning or rule.name for rule in contract.all_rules]),
    )


def table_spec(table: str, deps: Sequence[str]) -> dg.AssetSpec:
    """The asset of a contract's table: key = table, group = stage."""
    contract = CONTRACTS[table]
    return dg.AssetSpec(
        table,
        deps=list(deps),
        description=f"{contract.meaning} One row: {contract.grain}.",
        group_name=contract.stage,
        kinds={"polars", "parquet"},
        owners=OWNERS,
        metadata={"dagster/column_schema": column_schema(contract), "key": ", ".join(contract.key)},
        skippable=True,
    )


def check_specs(table: str) -> list[dg.AssetCheckSpec]:
    """One check per rule of the contract. Names carry no bounds, so tightening one keeps its history."""
    return [
        dg.AssetCheckSpec(rule.name, asset=table, description=rule.meaning or None)
        for rule in CONTRACTS[table].all_rules
    ]


def check_result(result: RuleResult, asset: Sequence[str] | None = None) -> dg.AssetCheckResult:
    """A verdict as an asset check result: counts only, no row values."""
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(list(asset) if asset else [result.table]),
        check_name=result.rule,
        passed=result.success,
        severity=SEVERITIES[result.severity],
        metadata={
            "checked": result.checked,
            "unexpected": result.unexpected,
            "expectation": result.expectation,
        },
    )


def committed_rows(house: House, table: str) -> int:
    """Rows of a table's committed parts."""
    return house.store.rows(table)


def materialized(
    context: dg.AssetExecutionContext,
    house: House,
    tables: Iterable[str],
    admission: Admission | None,
    metadata: Mapping[str, RawMetadataValue] | None = None,
) -> Iterator[dg.MaterializeResult]:
    """Results of a stage's selected tables: row counts, what was rejected, and each rule's verdict.

    `admission` is None when nothing had changed: the tables stand as they are, and no rule was judged again.
    """
    for table in tables:
        if dg.AssetKey(table) not in context.selected_asset_keys:
            continue
        details: dict[str, RawMetadataValue] = {
            "dagster/row_count": committed_rows(house, table),
            **(metadata or {}),
        }
        checks: list[dg.AssetCheckResult] = []
        if admission is None:
            details["state"] = "unchanged: same inputs as the last run"
        else:
            gate_result = admission.of(table)
            details["rows accepted"] = gate_result.accepted
            details["rows quarantined"] = gate_result.rejected.height
            checks = [
                check_result(result)
                for result in gate_result.results
                if dg.AssetCheckKey(dg.AssetKey(table), result.rule) in context.selected_asset_check_keys
            ]
        yield dg.MaterializeResult(asset_key=table, metadata=details, check_results=checks)


@contextmanager
def retrying_only_what_may_pass() -> Iterator[None]:
    """Let Dagster retry faults of the machine; end the step at once on everything else.

    A broken contract, a failed gate or a mistake in the code will not mend itself by another try.
    """
    try:
        yield
    except (OSError, sqlite3.OperationalError, duckdb.IOException):
        raise
    except Exception as error:
        raise dg.Failure(
            description=f"{type(error).__name__}: {error}",
            allow_retries=False,
            metadata={"kind": type(error).__name__},
        ) from error

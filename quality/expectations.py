"""The Great Expectations adapter: a contract's suite, and its verdict on a Parquet file.

Great Expectations judges in DuckDB, on a view of the candidate file, so that nothing is copied and pandas is
not touched. It takes seconds to import; callers that do not judge never pay for it.
"""

import os
import sys
import tempfile
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from quality.contract import ROW, Contract, Rule, literal
from quality.deferred_imports import deferred, without_collections

# Read by the library at import; it would otherwise look for its own telemetry host.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

# duckdb-sqlalchemy opens transactions that Great Expectations does not close; without these two settings
# nearly every expectation ends in an IndexError.
ENGINE_SETTINGS = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


class JudgementError(RuntimeError):
    """Great Expectations could not evaluate a rule; the message names table, rule and cause."""


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations said of one rule: how many rows broke it."""

    rule: Rule
    unexpected: int

    @property
    def success(self) -> bool:
        """No row broke the rule."""
        return self.unexpected == 0


def violating_rows(rule: Rule, relation: str) -> str:
    """SQL that selects the row numbers of the relation's bad rows; window functions are allowed."""
    marked = f"SELECT {ROW}, coalesce({rule.violation}, false) AS is_bad FROM {relation}"
    return f"SELECT {ROW} FROM ({marked}) AS marked WHERE is_bad"


def preload() -> None:
    """Import Great Expectations now, so that no gate pays for it later. Every gate does it first."""
    if "great_expectations" not in sys.modules:
        with without_collections(), deferred("altair", "scipy.stats"):
            import great_expectations  # noqa: F401  (the import is the purpose)


def _expectation(rule: Rule) -> Any:
    preload()
    import great_expectations.expectations as expectations
    from great_expectations.expectations.metadata_types import FailureSeverity

    if rule.expectation == "unexpected_rows_expectation":
        # The library fills {batch} by str.format, so every other brace is doubled.
        query = violating_rows(rule, "candidate_batch").replace("{", "{{").replace("}", "}}")
        return expectations.UnexpectedRowsExpectation(
            unexpected_rows_query=query.replace("candidate_batch", "{batch}"),
            severity=FailureSeverity(rule.severity),
            meta={"rule": rule.name},
        )
    name = "".join(word.capitalize() for word in rule.expectation.split("_"))
    return getattr(expectations, name)(**rule.arguments, severity=rule.severity, meta={"rule": rule.name})


def suite(contract: Contract) -> Any:
    """The contract's rules as a `great_expectations.ExpectationSuite`."""
    preload()
    import great_expectations as gx

    return gx.ExpectationSuite(
        name=contract.table, expectations=[_expectation(rule) for rule in contract.all_rules]
    )


def _unexpected(result: Any, contract: Contract, rule: Rule) -> int:
    raised = result.exception_info or {}
    # Some results carry one exception_info per metric instead of one for all.
    entries = [raised] if "raised_exception" in raised else list(raised.values())
    for entry in entries:
        if entry.get("raised_exception"):
            raise JudgementError(
                f"table {contract.table}, rule {rule.name}: Great Expectations could not judge: "
                f"{entry.get('exception_message')}. Check the rule's column names and SQL."
            )
    count = result.result.get("unexpected_count", result.result.get("observed_value"))
    if count is None and result.success:  # an empty table has nothing to count
        return 0
    if count is None:
        raise JudgementError(f"table {contract.table}, rule {rule.name}: Great Expectations gave no count")
    return int(count)


@cache
def _context() -> Any:
    """One context for the life of the process: each new one leaves a folder of empty documents behind."""
    preload()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    return context


def judge(contract: Contract, candidate: Path) -> list[Verdict]:
    """Judge every rule of the contract on a Parquet file that has the contract's columns and `gate_row`.

    Raises `JudgementError` when a rule cannot be evaluated (an engine error is never taken for a verdict).
    """
    preload()
    from great_expectations.datasource.fluent import SQLDatasource

    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        database = Path(folder) / "gate.duckdb"
        connection = duckdb.connect(str(database))
        try:
            connection.execute(
                f"CREATE VIEW candidate AS SELECT * FROM read_parquet({literal(str(candidate))})"
            )
        finally:
            connection.close()
        context = _context()
        name = f"gate-{uuid.uuid4().hex}"
        datasource: SQLDatasource = context.data_sources.add_sql(
            name,
            connection_string=f"duckdb:///{database}",
            kwargs=dict(ENGINE_SETTINGS),
        )
        try:
            asset = datasource.add_table_asset(contract.table, table_name="candidate")
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            results = batch.validate(suite(contract), result_format="SUMMARY").results
        finally:
            datasource.get_engine().dispose()
            context.data_sources.delete(name)
    by_rule = {result.expectation_config.meta["rule"]: result for result in results}
    return [Verdict(rule, _unexpected(by_rule[rule.name], contract, rule)) for rule in contract.all_rules]

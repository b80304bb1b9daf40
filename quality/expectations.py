"""The Great Expectations adapter: a contract's suite, and its verdict on a Parquet file.

Great Expectations judges in DuckDB, on a view of the candidate file, so that nothing is copied and pandas is
not touched. It takes seconds to import; callers that do not judge never pay for it.
"""

import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import polars as pl

from quality.contract import ROW, Contract, Rule, literal, quoted
from quality.deferred_imports import deferred, without_collections

# Read by the library at import; it would otherwise look for its own telemetry host.
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

# duckdb-sqlalchemy opens transactions that Great Expectations does not close; without these two settings
# nearly every expectation ends in an IndexError.
ENGINE_SETTINGS = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}


# Stands for the rows under judgement until Great Expectations puts their name there.
_RELATION = "candidate_batch"


# The view under judgement is one for the process.
_ONE_AT_A_TIME = threading.Lock()


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


def rows_that_break_any(rules: Sequence[Rule], relation: str) -> str:
    """SQL that selects row numbers of the relation, one at least for each rule that a row breaks, or none."""
    by_themselves = " OR ".join(f"({rule.violation})" for rule in rules if not rule.over_rows)
    selections = [f"SELECT {ROW} FROM {relation} WHERE {by_themselves}"] if by_themselves else []
    for rule in rules:
        if rule.one_per:
            columns = ", ".join(map(quoted, rule.one_per))
            selections.append(
                f"SELECT max({ROW}) AS {ROW} FROM {relation} GROUP BY {columns} HAVING count(*) > 1"
            )
        elif rule.over_rows:
            selections.append(violating_rows(rule, relation))
    return " UNION ALL ".join(selections)


def write_candidate(numbered: pl.DataFrame, candidate: Path) -> None:
    """Write rows to a Parquet file for the judge: all columns, and `gate_row`.

    Without statistics: DuckDB would leave out row groups by them, and they know nothing of values that are no number.
    Not compressed: it is read once, and gone before it reaches a disk; a quarter of the time to write it is saved.
    """
    numbered.write_parquet(candidate, compression="uncompressed", statistics=False)


def preload() -> None:
    """Import Great Expectations and make ready where this process judges, so that no gate pays for it later.

    It comes once a process, whatever is judged: 1.4 CPU seconds of imports, 0.13 for a database, a batch over it and a
    first verdict, on no rule of anybody's.
    """
    with _ONE_AT_A_TIME:
        if not _bench.cache_info().currsize:
            nothing = _no_row_breaks_a_rule()(unexpected_rows_query="SELECT 1 FROM {batch} WHERE false")
            _bench().batch.validate(nothing, result_format="BOOLEAN_ONLY")


def _import() -> None:
    """Import Great Expectations. Whatever uses it does this first."""
    if "great_expectations" not in sys.modules:
        with without_collections(), deferred("altair", "scipy.stats"):
            import great_expectations  # noqa: F401  (the import is the purpose)


def _template(query: str) -> str:
    """The query as Great Expectations takes it: it fills {batch} by str.format, so every other brace is doubled."""
    return query.replace("{", "{{").replace("}", "}}").replace(_RELATION, "{batch}")


@cache
def _no_row_breaks_a_rule() -> type[Any]:
    """The expectation that nothing is found by a query.

    The library's own runs the query a second time, for examples of the rows.
    """
    _import()
    import great_expectations.expectations as expectations

    class NoRowBreaksARule(expectations.UnexpectedRowsExpectation):
        metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

        def _validate(
            self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
        ) -> dict[str, Any]:
            found = metrics["unexpected_rows_query.row_count"]
            return {"success": found == 0, "result": {"observed_value": found}}

    return NoRowBreaksARule


def _expectation(rule: Rule) -> Any:
    _import()
    import great_expectations.expectations as expectations
    from great_expectations.expectations.metadata_types import FailureSeverity

    if rule.expectation == "unexpected_rows_expectation":
        return expectations.UnexpectedRowsExpectation(
            unexpected_rows_query=_template(violating_rows(rule, _RELATION)),
            severity=FailureSeverity(rule.severity),
            meta={"rule": rule.name},
        )
    name = "".join(word.capitalize() for word in rule.expectation.split("_"))
    return getattr(expectations, name)(**rule.arguments, severity=rule.severity, meta={"rule": rule.name})


def suite(contract: Contract, rules: Sequence[Rule] | None = None) -> Any:
    """The contract's rules, or some of them, as a `great_expectations.ExpectationSuite`."""
    _import()
    import great_expectations as gx

    chosen = contract.all_rules if rules is None else rules
    return gx.ExpectationSuite(name=contract.table, expectations=[_expectation(rule) for rule in chosen])


def _judged(result: Any, contract: Contract, rule: Rule) -> Any:
    """The result, unless Great Expectations failed to evaluate the rule."""
    raised = result.exception_info or {}
    # Some results carry one exception_info per metric instead of one for all.
    entries = [raised] if "raised_exception" in raised else list(raised.values())
    for entry in entries:
        if entry.get("raised_exception"):
            raise JudgementError(
                f"table {contract.table}, rule {rule.name}: Great Expectations could not judge: "
                f"{entry.get('exception_message')}. Check the rule's column names and SQL."
            )
    return result


def _unexpected(result: Any, contract: Contract, rule: Rule) -> int:
    counts = _judged(result, contract, rule).result
    count = counts.get("unexpected_count", counts.get("observed_value"))
    if not count:
        raise JudgementError(f"table {contract.table}, rule {rule.name}: Great Expectations gave no count")
    return int(count)


@dataclass(frozen=True)
class _Bench:
    """Where this process judges: a database in memory whose view `candidate` is the file under judgement.

    `batch` is Great Expectations' batch over that view, `connection` a connection of ours to the same database.
    """

    connection: Any
    batch: Any


@cache
def _bench() -> _Bench:
    """One context, database and batch for the life of the process: making them costs 0.1 CPU seconds."""
    _import()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    datasource = context.data_sources.add_sql(
        "gate",
        # A name after the colon makes one database of all connections of the process.
        connection_string="duckdb:///:memory:gate",
        kwargs=dict(ENGINE_SETTINGS),
    )
    connection = datasource.get_engine().connect()
    # What does not fit into memory would otherwise be spilled into the folder the process was started in.
    spill = Path(tempfile.gettempdir()) / f"gate-{os.getpid()}"
    connection.exec_driver_sql(f"SET temp_directory = {literal(str(spill))}")
    connection.exec_driver_sql("SET enable_external_file_cache = false")
    connection.exec_driver_sql("SET GLOBAL TimeZone = 'UTC'")
    connection.exec_driver_sql("CREATE VIEW candidate AS SELECT 0 AS nothing")
    asset = datasource.add_table_asset("candidate", table_name="candidate")
    return _Bench(connection, asset.add_batch_definition_whole_table("all").get_batch())


def _results(contract: Contract, rules: Sequence[Rule], result_format: str) -> dict[str, Any]:
    """Great Expectations' results for some rules on the file under judgement, by the rule's name."""
    results = _bench().batch.validate(suite(contract, rules), result_format=result_format).results
    return {result.expectation_config.meta["rule"]: result for result in results}


def _no_row_is_bad(query: str) -> bool:
    """Great Expectations' verdict that a query finds nothing; False, too, where it cannot be evaluated."""
    expectation = _no_row_breaks_a_rule()(unexpected_rows_query=_template(query))
    return bool(_bench().batch.validate(expectation, result_format="BOOLEAN_ONLY").success)


def _file(candidate: Path) -> str:
    return f"read_parquet({literal(str(candidate))})"


def _show(candidate: Path) -> None:
    """Put the file under judgement."""
    _bench().connection.exec_driver_sql(
        f"CREATE OR REPLACE VIEW candidate AS SELECT * FROM {_file(candidate)}"
    )


def judge_together(candidates: Sequence[tuple[Contract, Path]]) -> list[list[Verdict]]:
    """Judge the files of several contracts, as `judge` does each.

    One expectation asks for all of them whether a row breaks any rule of its contract. Where one does, each file is
    judged by itself.
    """
    if len(candidates) > 1:
        with _ONE_AT_A_TIME:
            _show(candidates[0][1])
            relations = [_RELATION, *(_file(candidate) for _, candidate in candidates[1:])]
            asked = [
                rows_that_break_any(contract.all_rules, relation)
                for (contract, _), relation in zip(candidates, relations, strict=True)
            ]
            if _no_row_is_bad(" UNION ALL ".join(asked)):
                return [[Verdict(rule, 0) for rule in contract.all_rules] for contract, _ in candidates]
    return [judge(contract, candidate) for contract, candidate in candidates]


def judge(contract: Contract, candidate: Path) -> list[Verdict]:
    """Judge every rule of the contract on the file that `write_candidate` made of its columns.

    One expectation asks whether a row breaks any rule. Where none does, which is most often so, all rules hold; else
    each is judged by its own expectation, and counted: 0.01 CPU seconds instead of 0.06 for a few rows, one pass over
    many. Raises `JudgementError` when a rule cannot be evaluated (an engine error is never taken for a verdict).
    """
    rules = contract.all_rules
    with _ONE_AT_A_TIME:
        _show(candidate)
        if _no_row_is_bad(rows_that_break_any(rules, _RELATION)):
            return [Verdict(rule, 0) for rule in rules]
        asked = _results(contract, rules, "BOOLEAN_ONLY")
        broken = [rule for rule in rules if not _judged(asked[rule.name], contract, rule).success]
        if not broken:
            raise JudgementError(
                f"table {contract.table}: Great Expectations finds rows that break some rule, but no rule that they "
                "break; a rule's expectation and its violation must say the same"
            )
        counted = _results(contract, broken, "BASIC")
    return [
        Verdict(rule, _unexpected(counted[rule.name], contract, rule) if rule.name in counted else 0)
        for rule in rules
    ]


def bad_rows(rule: Rule, candidate: Path) -> list[int]:
    """The numbers (`gate_row`) of the file's rows that break a rule, by the rule's own predicate."""
    with _ONE_AT_A_TIME:
        rows = _bench().connection.exec_driver_sql(violating_rows(rule, _file(candidate))).fetchall()
    return [row[0] for row in rows]

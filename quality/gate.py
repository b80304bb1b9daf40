"""The gate: what a frame must pass before it is written.

`gate` is pure: a frame in, (valid, rejected, results, blocked units) out. Great Expectations is the judge; rows
are taken out by the same predicates, and a disagreement between the two is an error, never a silent pass.
"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from quality.contract import ROW, Contract, Severity
from quality.expectations import JudgementError, Verdict, bad_rows, judge_together, write_candidate

UNIT_BLOCKED = "unit_blocked"
RULE = "rejected_by"

UnitKey = tuple[str, date]


class ContractError(ValueError):
    """A frame does not have the columns and types of its contract; the message names them."""


@dataclass(frozen=True)
class RuleResult:
    """One rule judged on one frame: rows judged and rows that broke it."""

    table: str
    rule: str
    expectation: str
    severity: Severity
    success: bool
    checked: int
    unexpected: int
    meaning: str


class Blocked(RuntimeError):
    """A table without units broke its contract too widely to be committed at all; `results` are its verdicts."""

    def __init__(self, message: str, results: tuple[RuleResult, ...]) -> None:
        super().__init__(message)
        self.results = results


@dataclass(frozen=True)
class GateResult:
    """Outcome of a gate.

    `valid`: rows to commit, in the contract's schema. `rejected`: rows for the quarantine, the contract's
    columns plus `rejected_by` (String). `blocked`: units (source, day) of which nothing is committed, with the reason.
    `accepted`: how many rows are valid, also after these are let go.
    """

    contract: Contract
    valid: pl.DataFrame
    rejected: pl.DataFrame
    results: tuple[RuleResult, ...]
    blocked: dict[UnitKey, str]
    accepted: int = 0

    @property
    def passed(self) -> bool:
        """No critical rule was broken."""
        return all(result.success for result in self.results if result.severity == "critical")


def conform(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the contract's columns in order. Never casts. Raises `ContractError`."""
    schema = contract.schema
    missing = [name for name in schema if name not in frame.columns]
    foreign = [name for name in frame.columns if name not in schema]
    wrong = [
        f"{name} is {frame.schema[name]}, not {kind}"
        for name, kind in schema.items()
        if name in frame.columns and frame.schema[name] != kind
    ]
    if missing or foreign or wrong:
        raise ContractError(
            f"table {contract.table}: missing columns {missing}, foreign columns {foreign}, wrong types "
            f"{wrong}. Correct the stage that makes it, or its contract in quality/contracts."
        )
    return frame.select(list(schema))


def _violations(contract: Contract, verdicts: list[Verdict], candidate: Path) -> dict[str, list[int]]:
    """Row numbers that break each failed rule, by the rule's own predicate."""
    broken: dict[str, list[int]] = {}
    for verdict in verdicts:
        if verdict.success:
            continue
        rows = broken[verdict.rule.name] = bad_rows(verdict.rule, candidate)
        if len(rows) != verdict.unexpected:
            raise JudgementError(
                f"table {contract.table}, rule {verdict.rule.name}: Great Expectations counts "
                f"{verdict.unexpected} bad rows, the quarantine's predicate {len(rows)}; the rule's "
                "expectation and its violation must say the same"
            )
    return broken


def _blocked_units(
    contract: Contract, numbered: pl.DataFrame, bad_rows: Collection[int]
) -> dict[UnitKey, str]:
    shares = (
        numbered.group_by("source", "unit_date")
        .agg(pl.len().alias("rows"), pl.col(ROW).is_in(list(bad_rows)).sum().alias("bad"))
        .filter(pl.col("bad") > pl.col("rows") * contract.max_rejected_share)
    )
    return {
        (source, day): f"{bad} of {rows} rows of {contract.table} break critical rules"
        for source, day, rows, bad in shares.select("source", "unit_date", "rows", "bad").iter_rows()
    }


def _without_rows(contract: Contract, frame: pl.DataFrame) -> GateResult:
    """What a frame of the contract's shape without rows gives: nothing in it can break a rule of rows."""
    results = tuple(
        RuleResult(contract.table, rule.name, rule.expectation, rule.severity, True, 0, 0, rule.meaning)
        for rule in contract.all_rules
    )
    return GateResult(
        contract, frame, frame.with_columns(pl.lit(None, pl.String).alias(RULE)), results, {}, 0
    )


def gate(contract: Contract, frame: pl.DataFrame) -> GateResult:
    """Judge a frame by its contract.

    Raises `ContractError` (wrong shape), `JudgementError` (a rule could not be evaluated) and, for tables
    without units, `Blocked` when more than the contract's share of rows is bad.
    """
    return gate_together([(contract, frame)])[0]


def gate_together(candidates: Sequence[tuple[Contract, pl.DataFrame]]) -> list[GateResult]:
    """As `gate`, of several frames, which are judged by one expectation where all is well."""
    frames = [conform(contract, frame) for contract, frame in candidates]
    contracts = [contract for contract, _ in candidates]
    asked = [place for place, frame in enumerate(frames) if not frame.is_empty()]
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        files = {place: Path(folder) / f"candidate{place}.parquet" for place in asked}
        for place, file in files.items():
            judged = frames[place].select(contracts[place].judged_columns)
            write_candidate(judged.with_row_index(ROW), file)
        told = judge_together([(contracts[place], files[place]) for place in asked]) if asked else []
        verdicts = dict(zip(asked, told, strict=True))
        broken = {place: _violations(contracts[place], verdicts[place], files[place]) for place in asked}
    return [
        _outcome(contract, frame, verdicts[place], broken[place])
        if place in verdicts
        else _without_rows(contract, frame)
        for place, (contract, frame) in enumerate(zip(contracts, frames, strict=True))
    ]


def _outcome(
    contract: Contract, frame: pl.DataFrame, verdicts: list[Verdict], broken: Mapping[str, list[int]]
) -> GateResult:
    """What the verdicts on a frame mean for its rows. `broken`: the numbers of the rows that break each rule."""
    critical = {rule.name for rule in contract.all_rules if rule.severity == "critical"}
    first_rule: dict[int, str] = {}
    for rule in contract.all_rules:
        if rule.name in critical:
            for row in broken.get(rule.name, ()):
                first_rule.setdefault(row, rule.name)

    results = tuple(
        RuleResult(
            contract.table,
            verdict.rule.name,
            verdict.rule.expectation,
            verdict.rule.severity,
            verdict.success,
            frame.height,
            verdict.unexpected,
            verdict.rule.meaning,
        )
        for verdict in verdicts
    )
    blocked: dict[UnitKey, str] = {}
    if first_rule and contract.per_unit:
        blocked = _blocked_units(contract, frame.with_row_index(ROW), first_rule.keys())
    elif len(first_rule) > frame.height * contract.max_rejected_share:
        raise Blocked(
            f"table {contract.table}: {len(first_rule)} of {frame.height} rows break "
            f"{', '.join(sorted(set(first_rule.values())))}; nothing of it is committed",
            results,
        )

    if not first_rule:
        # Nothing is copied: tables of a first run hold tens of millions of rows.
        rejected = frame.clear().with_columns(pl.lit(None, pl.String).alias(RULE))
        return GateResult(contract, frame, rejected, results, blocked, frame.height)
    reasons = pl.DataFrame(
        {ROW: list(first_rule), RULE: list(first_rule.values())},
        schema={ROW: pl.get_index_type(), RULE: pl.String},
    )
    labelled = frame.with_row_index(ROW).join(reasons, on=ROW, how="left", maintain_order="left")
    if blocked:
        # Typed, since a unit's name may be missing in all of them.
        units = pl.DataFrame(
            list(blocked),
            schema={name: contract.schema[name] for name in ("source", "unit_date")},
            orient="row",
        )
        in_blocked = labelled.join(units, on=units.columns, how="semi", nulls_equal=True)[ROW]
        labelled = labelled.with_columns(
            pl.when(pl.col(ROW).is_in(in_blocked.implode()) & pl.col(RULE).is_null())
            .then(pl.lit(UNIT_BLOCKED))
            .otherwise(pl.col(RULE))
            .alias(RULE)
        )
    valid = labelled.filter(pl.col(RULE).is_null()).select(list(contract.schema))
    rejected = labelled.filter(pl.col(RULE).is_not_null()).drop(ROW)
    return GateResult(contract, valid, rejected, results, blocked, valid.height)

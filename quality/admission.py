"""Admission: frames pass their gates, then all of a step's parts are committed in one transaction.

This is the only way in for every table: valid rows become parts, rejected rows become quarantine parts with the
rule that rejected them, and the verdicts become rows of `quality_results`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain

import polars as pl

from quality.contract import Contract
from quality.contracts import CONTRACTS
from quality.gate import RULE, UNIT_BLOCKED, Blocked, GateResult, RuleResult, UnitKey, gate, gate_together
from warehouse.parts import PartStore, PartWrite

QUARANTINE = "quarantine/"
# Candidates of so many rows in all are judged together: a judgement costs a part whatever it judges.
FEW_ROWS = 200_000


@dataclass(frozen=True)
class Candidate:
    """A frame that asks to become parts of one table.

    For tables with units, `inputs` maps each unit that is (re)made to the digest of what it was made from: a
    unit without rows gets an empty part, so that the next run knows it has been done. For the others it is the
    digest of the whole input. `append` adds a part instead of replacing. `removes` (columns of the key) replaces only
    the rows that equal one of its rows or one of the frame in these columns, so that the gate has to judge no others: a
    key that is new cannot stand elsewhere in the table. `found_by` names these columns where all of the table is
    replaced.
    """

    contract: Contract
    frame: pl.DataFrame
    inputs: Mapping[UnitKey, str] | str
    append: bool = False
    removes: pl.DataFrame | None = None
    found_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Admission:
    """What a step's gates let through: verdicts in order, units blocked with reasons, rows in and out.

    Of tables without units the valid rows are let go once they are written; their gates say how many were accepted.
    """

    gates: tuple[GateResult, ...]
    blocked: dict[UnitKey, str]

    @property
    def results(self) -> tuple[RuleResult, ...]:
        """All verdicts of the step."""
        return tuple(result for gate_result in self.gates for result in gate_result.results)

    def of(self, table: str) -> GateResult:
        """The gate of one table. Raises `KeyError`."""
        for gate_result in self.gates:
            if gate_result.contract.table == table:
                return gate_result
        raise KeyError(f"no gate of table {table} in this step")


def _unit_rows(frame: pl.DataFrame, source: str, day: date) -> pl.DataFrame:
    return frame.filter((pl.col("source") == source) & (pl.col("unit_date") == day))


def _unit_writes(
    store: PartStore, candidate: Candidate, result: GateResult, blocked: Mapping[UnitKey, str]
) -> list[PartWrite]:
    table = candidate.contract.table
    if isinstance(candidate.inputs, str):
        raise TypeError(f"table {table} has units: give the digest of each unit's input")
    quarantined = {(part.source, part.unit_date) for part in store.parts(QUARANTINE + table) if part.rows > 0}
    writes = []
    for (source, day), inputs in candidate.inputs.items():
        valid = _unit_rows(result.valid, source, day)
        rejected = _unit_rows(result.rejected, source, day)
        if (source, day) in blocked:
            # Blocked by another table of the step or by its volume: what was good here waits in quarantine too.
            label = pl.lit(UNIT_BLOCKED, pl.String).alias(RULE)
            rejected = pl.concat([rejected, valid.with_columns(label)])
        else:
            writes.append(PartWrite(table, valid, source, day, inputs, replace=not candidate.append))
        if rejected.height or (source, day) in quarantined:
            replace = not candidate.append
            writes.append(PartWrite(QUARANTINE + table, rejected, source, day, inputs, replace=replace))
    return writes


def _whole_writes(store: PartStore, candidate: Candidate, result: GateResult) -> list[PartWrite]:
    table, removes = candidate.contract.table, candidate.removes
    if not isinstance(candidate.inputs, str):
        raise TypeError(f"table {table} has no units: give one digest of its input")
    if removes is not None:
        if not set(removes.columns) <= set(candidate.contract.key):
            raise ValueError(f"table {table}: rows are replaced by columns of its key")
        # A row that is rejected takes the place of the row before it, and one that is mended leaves the quarantine.
        removes = pl.concat([removes, candidate.frame.select(removes.columns)])
        rows = [(table, result.valid), (QUARANTINE + table, result.rejected)]
        if not (result.rejected.height or store.rows(QUARANTINE + table)):
            rows.pop()
        return [
            PartWrite(name, frame, inputs=candidate.inputs, replace=False, removes=removes)
            for name, frame in rows
        ]
    whole = PartWrite(table, result.valid, inputs=candidate.inputs, replace=not candidate.append)
    writes = [replace(whole, found_by=candidate.found_by)]
    writes.append(PartWrite(QUARANTINE + table, result.rejected, inputs=candidate.inputs))
    return writes if result.rejected.height or not candidate.append else writes[:1]


def admit(
    store: PartStore,
    candidates: Iterable[Candidate],
    *,
    run_id: str,
    blocked: Mapping[UnitKey, str] | None = None,
    beside: Sequence[PartWrite] = (),
) -> Admission:
    """Gate every candidate, then commit all valid and rejected rows in one transaction, with the parts `beside` them.

    The candidates may be made one by one: a table without units that has many rows (`FEW_ROWS`) is gated and written
    before the next is asked for.

    `beside` are a stage's own notes of how far it has come, which no contract describes and nobody else reads.

    A unit blocked in one table of the step (or named in `blocked` beforehand) is blocked in all of them: its
    last good part stays. Raises `Blocked` after recording the verdicts when a whole table fails.
    """
    gates: list[GateResult] = []
    all_blocked = dict(blocked or {})
    writes = _writes(store, candidates, gates, all_blocked)
    try:
        store.commit(chain(writes, beside, _verdicts(gates, run_id)), run_id=run_id)
    except Blocked as error:
        record_results(store, error.results, run_id)
        raise
    return Admission(tuple(gates), all_blocked)


def _writes(
    store: PartStore,
    candidates: Iterable[Candidate],
    gates: list[GateResult],
    blocked: dict[UnitKey, str],
) -> Iterator[PartWrite]:
    """What the gates let through; `gates` and `blocked` learn what they say.

    A table without units is written once it has passed, and its rows are let go: in a first run the tables of a
    step take more memory than a machine has. One with units waits for all gates, as any of them may block a unit.
    """
    waiting = []
    for candidate, result in _gated(candidates):
        for unit, reason in result.blocked.items():
            blocked.setdefault(unit, reason)
        if candidate.contract.per_unit:
            gates.append(result)
            waiting.append((candidate, result))
            continue
        gates.append(replace(result, valid=result.valid.clear()))
        parts = _whole_writes(store, candidate, result)
        del candidate, result
        while parts:
            yield parts.pop(0)
    for candidate, result in waiting:
        yield from _unit_writes(store, candidate, result, blocked)


def _gated(candidates: Iterable[Candidate]) -> Iterator[tuple[Candidate, GateResult]]:
    """Each candidate with what its gate says. Small ones that follow each other are judged together; a large one is let
    go before the next is asked for."""
    some: list[Candidate] = []
    for candidate in candidates:
        rows = candidate.frame.height
        if rows + sum(each.frame.height for each in some) > FEW_ROWS:
            yield from _gated_together(some)
        some.append(candidate)
        del candidate
        if rows > FEW_ROWS:
            yield from _gated_together(some)
    yield from _gated_together(some)


def _gated_together(some: list[Candidate]) -> Iterator[tuple[Candidate, GateResult]]:
    """As `_gated`; none of them is left in the list."""
    results = gate_together([(each.contract, each.frame) for each in some])
    while some:
        yield some.pop(0), results.pop(0)


def _verdicts(gates: Sequence[GateResult], run_id: str) -> Iterator[PartWrite]:
    """The rows of `quality_results`, once all gates have spoken."""
    yield _results_write(tuple(result for gate_result in gates for result in gate_result.results), run_id)


def results_frame(results: Sequence[RuleResult], run_id: str) -> pl.DataFrame:
    """Verdicts as rows of `quality_results`."""
    now = datetime.now(UTC)
    rows = [
        {
            "quality_result_id": hashlib.sha256(
                f"{run_id}|{result.table}|{result.rule}|{now.isoformat()}".encode()
            ).hexdigest()[:24],
            "run_id": run_id,
            "judged_at": now,
            "table_name": result.table,
            "rule": result.rule,
            "expectation": result.expectation,
            "severity": result.severity,
            "success": result.success,
            "checked": result.checked,
            "unexpected": result.unexpected,
        }
        for result in results
    ]
    return pl.DataFrame(rows, schema=CONTRACTS["quality_results"].schema)


def _results_write(results: Sequence[RuleResult], run_id: str) -> PartWrite:
    judged = gate(CONTRACTS["quality_results"], results_frame(results, run_id))
    return PartWrite("quality_results", judged.valid, replace=False)


def record_results(store: PartStore, results: Sequence[RuleResult], run_id: str) -> None:
    """Keep verdicts that led to no commit."""
    if results:
        store.commit([_results_write(results, run_id)], run_id=run_id)

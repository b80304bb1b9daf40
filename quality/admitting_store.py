"""A part store that gates captures as they land.

The crawl engine commits small parts every second or so, each in one transaction with its frontier. This store
puts the gate into that commit, so that no capture becomes a part before it was judged.
"""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from quality.admission import QUARANTINE
from quality.contracts import CONTRACTS
from quality.gate import RuleResult, gate
from warehouse.parts import Part, PartStore, PartWrite


class AdmittingStore(PartStore):
    """Gates every write to `captures`; rejected rows land in quarantine in the same transaction."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self._verdicts: dict[str, RuleResult] = {}

    @property
    def verdicts(self) -> tuple[RuleResult, ...]:
        """The rules' verdicts, summed over all commits of this store's life."""
        return tuple(self._verdicts.values())

    def commit(
        self,
        writes: Iterable[PartWrite],
        *,
        run_id: str | None = None,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> list[Part]:
        """As `PartStore.commit`, after the gate."""
        writes = list(writes)
        captures = [write for write in writes if write.table == "captures"]
        admitted = [write for write in writes if write.table != "captures"]
        if captures:
            # One judgement for all units of a commit: it costs the same for one row as for thousands.
            result = gate(CONTRACTS["captures"], pl.concat([write.frame for write in captures]))
            for verdict in result.results:
                self._add(verdict)
            for write in captures:
                of_unit = (pl.col("source") == write.source) & (pl.col("unit_date") == write.unit_date)
                admitted.append(replace(write, frame=result.valid.filter(of_unit)))
                rejected = result.rejected.filter(of_unit)
                if rejected.height:
                    table = QUARANTINE + "captures"
                    # The bodies of rejected rows are evidence, too: `late` brings them.
                    admitted.append(replace(write, table=table, frame=rejected))
        return super().commit(admitted, run_id=run_id, also=also)

    def _add(self, verdict: RuleResult) -> None:
        known = self._verdicts.get(verdict.rule)
        if known is not None:
            verdict = replace(
                verdict,
                success=known.success and verdict.success,
                checked=known.checked + verdict.checked,
                unexpected=known.unexpected + verdict.unexpected,
            )
        self._verdicts[verdict.rule] = verdict

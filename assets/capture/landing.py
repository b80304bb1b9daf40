"""Landing: from answers in memory to transactions in the manifest and parts on disk.

What is due is taken on the event loop's thread (`take`, quick) and written on another (`write`, seconds when a gate
or an fsync is slow), so that no host's turn waits for a disk.

Landed answers are safe at once; the parts that they become are cheap only when they are large. A gate costs about
0.3 CPU seconds however few rows it judges, and a part a few fsyncs: so one commit takes every unit that has ended or
is full, and units that end wait for company.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from assets.capture.frontier import Batch, Frontier
from assets.capture.policy import CapturePolicy
from assets.capture.rows import CaptureRow
from assets.capture.source import FOLDER_KINDS
from assets.capture.unit_run import UnitRun


@dataclass
class Load:
    """What is to be written in one go: a batch, then rows of units, then the rounds that end with them."""

    batch: Batch = field(default_factory=Batch)
    units: list[tuple[int, str, date, list[CaptureRow]]] = field(default_factory=list)
    closing: list[tuple[int, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.batch or self.units or self.closing)


class Landing:
    """Collects what a crawl learns in `batch` and decides which units are ripe for a part."""

    def __init__(self, frontier: Frontier, policy: CapturePolicy) -> None:
        self.batch = Batch()
        self.fresh_bytes = 0
        self._frontier = frontier
        self._policy = policy
        self._ended: list[UnitRun] = []
        self._stored_at = time.monotonic()

    def add(self, round_id: int, row: CaptureRow) -> None:
        """Note an answer; `fresh_bytes` counts the bodies since the last load was taken."""
        self.batch.rows.append((round_id, row))
        self.fresh_bytes += len(row["body"] or b"")

    def end(self, run: UnitRun) -> None:
        """Note that a unit has nothing left to ask."""
        if run.finished_at is None:
            run.finished_at = time.monotonic()
            self._ended.append(run)

    def take(self, units: Sequence[UnitRun], *, everything: bool = False) -> Load:
        """The batch, and the rows of units that are ripe: full, ended, old, or too much to hold in memory."""
        load = Load(self.batch)
        self.batch = Batch()
        self.fresh_bytes = 0
        holding = [run for run in units if run.rows and run.source.kind not in FOLDER_KINDS]
        held = sum(run.row_bytes for run in holding)
        overdue = time.monotonic() - self._stored_at >= self._policy.part_seconds
        full = [run for run in holding if len(run.rows) >= self._policy.part_rows]
        if not (everything or overdue or full or held > self._policy.part_bytes):
            return load
        self._stored_at = time.monotonic()
        ended, self._ended = self._ended, []
        ripe = [run for run in holding if everything or overdue or run in full or run in ended]
        held -= sum(run.row_bytes for run in ripe)
        # Many units side by side share one allowance of memory; the fullest go first, down to half of it, so that
        # the next commit is not a handful of rows.
        for run in sorted((run for run in holding if run not in ripe), key=lambda run: -run.row_bytes):
            if held <= self._policy.part_bytes / 2:
                break
            ripe.append(run)
            held -= run.row_bytes
        for run in ripe:
            load.units.append((run.round.round_id, run.source.name, run.unit.date, run.rows))
            run.rows, run.row_bytes = [], 0
        load.closing = [
            (run.round.round_id, run.end_state)
            for run in ended
            if run.end_state != "interrupted" and not run.stuck
        ]
        return load

    def write(self, load: Load) -> None:
        """Commit a load. Raises what the store raises; what had landed before is found by the next crawl."""
        if load.batch:
            self._frontier.land(load.batch)
        self._frontier.store_parts(load.units)
        self._frontier.close_rounds(load.closing)

"""Landing: from answers in memory to transactions in the manifest and parts on disk.

What is due is taken on the event loop's thread (`take`, quick) and written on another (`write`, seconds when a gate
or an fsync is slow), so that no host's turn waits for a disk.

Landed answers are safe at once and held by the disk alone; the parts that they become are cheap only when they are
large. A gate costs about 0.3 CPU seconds however few rows it judges, and a part a few fsyncs: so one commit takes
every unit that has ended or is full, and units that end wait for company.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from assets.capture.frontier import Batch, Frontier
from assets.capture.memory import LARGE_BYTES, give_back
from assets.capture.policy import CapturePolicy
from assets.capture.rows import CaptureRow
from assets.capture.unit_run import UnitRun


@dataclass
class Load:
    """What is to be written in one go: a batch, then parts of units, then the rounds that end with them."""

    batch: Batch = field(default_factory=Batch)
    units: list[tuple[int, str, date]] = field(default_factory=list)
    closing: list[tuple[int, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.batch or self.units or self.closing)


class Landing:
    """Collects what a crawl learns in `batch` and decides which units are ripe for a part."""

    def __init__(self, frontier: Frontier, policy: CapturePolicy, *, makes_parts: bool = True) -> None:
        self.batch = Batch()
        self.fresh_bytes = 0
        self.is_due = asyncio.Event()
        self._frontier = frontier
        self._policy = policy
        self._makes_parts = makes_parts
        self._ended: list[UnitRun] = []
        self._stored_at = time.monotonic()

    def add(self, run: UnitRun, row: CaptureRow) -> None:
        """Note an answer; `fresh_bytes` counts the bodies since the last load was taken."""
        self.batch.rows.append((run.round.round_id, row))
        size = len(row["body"] or b"")
        self.fresh_bytes += size
        run.landed_rows += 1
        run.landed_bytes += size
        # A new address weighs in memory what a kilobyte does.
        if self.fresh_bytes + 1024 * len(self.batch.added) >= self._policy.landing_bytes:
            self.is_due.set()

    def end(self, run: UnitRun) -> None:
        """Note that a unit has nothing left to ask."""
        if run.finished_at is None:
            run.finished_at = time.monotonic()
            self._ended.append(run)

    def take(self, units: Sequence[UnitRun], *, everything: bool = False) -> Load:
        """The batch, and the units that are ripe for a part: full, ended, or old."""
        load = Load(self.batch)
        self.batch = Batch()
        self.fresh_bytes = 0
        self.is_due.clear()
        holding = [run for run in units if run.landed_rows]
        overdue = time.monotonic() - self._stored_at >= self._policy.part_seconds
        rows, size = sum(run.landed_rows for run in holding), sum(run.landed_bytes for run in holding)
        if not (everything or overdue or rows >= self._policy.part_rows or size >= self._policy.part_bytes):
            return load
        self._stored_at = time.monotonic()
        ended, self._ended = self._ended, []
        # The fullest go, down to half of the limit, so that the next commit is not a handful of rows either.
        for run in sorted(holding, key=lambda run: -run.landed_bytes):
            is_half = rows <= self._policy.part_rows / 2 and size <= self._policy.part_bytes / 2
            if is_half and not everything and not overdue and run not in ended:
                continue
            load.units.append((run.round.round_id, run.source.name, run.unit.date))
            rows, size = rows - run.landed_rows, size - run.landed_bytes
            run.landed_rows = run.landed_bytes = 0
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
        if self._makes_parts:
            self._frontier.store_parts(load.units)
        self._frontier.close_rounds(load.closing)
        if load.units or any(row["wire_bytes"] > LARGE_BYTES for _, row in load.batch.rows):
            give_back()

"""Landing: from answers in memory to transactions in the manifest and parts on disk."""

import time
from collections.abc import Sequence

from assets.capture.frontier import Batch, Frontier
from assets.capture.policy import CapturePolicy
from assets.capture.source import FOLDER_KINDS
from assets.capture.unit_run import UnitRun


class Landing:
    """Collects what a crawl learns in `batch` and commits it; decides which units are ripe for a part."""

    def __init__(self, frontier: Frontier, policy: CapturePolicy) -> None:
        self.batch = Batch()
        self._frontier = frontier
        self._policy = policy
        self._ended: list[UnitRun] = []

    def end(self, run: UnitRun) -> None:
        """Note that a unit has nothing left to ask."""
        if run.finished_at is None:
            run.finished_at = time.monotonic()
            self._ended.append(run)

    def store(self, units: Sequence[UnitRun], *, everything: bool = False) -> None:
        """Land the batch, move ripe rows into parts, close the rounds of units that have ended.

        Ripe are the rows of a unit that are many enough or old enough, and those of a unit that has ended.
        """
        batch, self.batch = self.batch, Batch()
        if batch:
            self._frontier.land(batch)
        now = time.monotonic()
        ended, self._ended = self._ended, []
        crawled = [run for run in units if run.rows and run.source.kind not in FOLDER_KINDS]
        ripe = [
            run
            for run in crawled
            if everything
            or run in ended
            or len(run.rows) >= self._policy.part_rows
            or now - run.stored_at >= self._policy.part_seconds
        ]
        # Many units side by side share one allowance of memory; the fullest go first.
        waiting = [run for run in crawled if run not in ripe]
        held = sum(run.row_bytes for run in waiting)
        for run in sorted(waiting, key=lambda run: -run.row_bytes):
            if held <= self._policy.part_bytes:
                break
            ripe.append(run)
            held -= run.row_bytes
        self._frontier.store_parts(
            [(run.round.round_id, run.source.name, run.unit.date, run.rows) for run in ripe]
        )
        for run in ripe:
            run.rows, run.row_bytes, run.stored_at = [], 0, now
        for run in ended:
            if run.end_state != "interrupted" and not run.stuck:
                self._frontier.close_round(run.round.round_id, run.end_state)

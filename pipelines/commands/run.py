"""`stormlantern run`: capture → warehouse, in one process, recorded in the home's Dagster instance."""

import sys
import time
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pipelines.busy import run_lock
from pipelines.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

EXIT_PASSED, EXIT_FAILED, EXIT_BLOCKED = 0, 1, 3


class Terminal:
    """Says what happens on standard error, with the seconds since the start."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def _say(self, mark: str, text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - self._start:7.1f}s {mark} {text}\n")
        sys.stderr.flush()

    def info(self, msg: str) -> None:
        """A step forward."""
        self._say(" ", msg)

    def warning(self, msg: str) -> None:
        """Something that a person should look at."""
        self._say("!", msg)


def _failed_steps(result: "dg.ExecuteInProcessResult", terminal: Terminal) -> None:
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            last = (error.message.strip().splitlines() or [""])[0] if error is not None else ""
            terminal.warning(f"step {event.step_key} failed: {last}")


def _blocked_before(settings: Settings, sources: Collection[str], day: date) -> bool:
    """Whether a unit of this run stands blocked, though the run that was cut off before this one judged it."""
    import polars as pl

    from quality.contracts import CONTRACTS
    from warehouse.parts import PartStore

    units = PartStore(settings.home).scan("units", CONTRACTS["units"].schema, unit_date=day)
    stands = (pl.col("state") == "blocked") & pl.col("source").is_in(list(sources))
    return not units.filter(stands).collect().is_empty()


def run(settings: Settings, operation_name: str | None, only: Sequence[str], day: date | None) -> int:
    """Run the daily job for one day and print the summary; returns the exit code of design §2."""
    terminal = Terminal()
    operation = settings.load_operation(operation_name)
    sources = settings.sources_of(operation, tuple(only))
    if not sources:
        terminal.warning(
            "no source is enabled: describe one as docs/sources.md shows and name its file in "
            "STORMLANTERN_SOURCES, or run the demonstration with `make run`"
        )
        return EXIT_FAILED
    today = datetime.now(UTC).date()
    unit_day = day or today
    if unit_day > today:
        terminal.warning(f"--day {unit_day} has not come yet: today is {today} (UTC)")
        return EXIT_FAILED
    terminal.info(f"operation '{operation.name}', {len(sources)} sources, home {settings.home}")
    # A busy home is said before seconds are spent; the run takes the lock for itself later.
    with run_lock(settings.home, settings.lock_wait_seconds):
        pass
    terminal.info("loading Dagster and Great Expectations")

    import logging

    from assets.capture.assets import source_key
    from assets.parsing.assets import VOLUME_CHECK
    from pipelines.assembly import build_definitions
    from pipelines.history import written_together
    from pipelines.instance import PROCESS_TAG, close_dead_runs, dagster_home, open_instance, process_mark
    from pipelines.jobs import DAILY
    from pipelines.summary import run_summary
    from quality.expectations import preload

    # Dagster's own console log repeats every event; its event log keeps them for the UI.
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    preload()
    with written_together(dagster_home(settings.home)), open_instance(settings.home) as instance:
        closed = close_dead_runs(instance)
        if closed:
            words = "earlier run was" if closed == 1 else "earlier runs were"
            terminal.info(f"{closed} {words} killed; going on where it stopped")
        definitions = build_definitions(settings, operation, sources, terminal)
        result = definitions.resolve_job_def(DAILY).execute_in_process(
            instance=instance,
            partition_key=unit_day.isoformat(),
            raise_on_error=False,
            tags={PROCESS_TAG: process_mark(), "stormlantern/operation": operation.code},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        _failed_steps(result, terminal)
        wanted = {source_key(name) for name in sources}
        blocked = sorted(
            {
                evaluation.asset_key.path[1]
                for evaluation in result.get_asset_check_evaluations()
                if not evaluation.passed and evaluation.asset_key in wanted
            }
        )
        broken = [
            evaluation
            for evaluation in result.get_asset_check_evaluations()
            if not evaluation.passed
            and evaluation.severity.value == "ERROR"
            and evaluation.check_name != VOLUME_CHECK
        ]
    sys.stdout.write(run_summary(settings.home, result.run_id, result.success))
    if not result.success:
        return EXIT_FAILED
    is_partial = blocked or broken or _blocked_before(settings, sources, unit_day)
    return EXIT_BLOCKED if is_partial else EXIT_PASSED

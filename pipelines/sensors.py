"""Sensors: runs that something other than the clock starts, and what happens when one fails."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from pipelines.jobs import INBOX


def folder_state(folder: Path) -> str | None:
    """Digest over names, sizes and times of the files in a folder; None when there is none.

    Hidden files and `*.part` are files on their way in; they do not count yet.
    """
    if not folder.is_dir():
        return None
    lines = [
        f"{file.relative_to(folder)}|{file.stat().st_size}|{file.stat().st_mtime_ns}"
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(".") and file.suffix != ".part"
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else None


def inbox_sensor(inbox: Path) -> dg.SensorDefinition:
    """Start the inbox job when files were dropped into the inbox."""

    @dg.sensor(
        name="inbox_arrivals",
        job_name=INBOX,
        minimum_interval_seconds=30,
        description="Starts a run when a document is dropped into the home's inbox folder",
    )
    def inbox_arrivals(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        state = folder_state(inbox)
        if state is None:
            return dg.SkipReason("the inbox is empty")
        if state == context.cursor:
            return dg.SkipReason("nothing new in the inbox")
        context.update_cursor(state)
        return dg.RunRequest(run_key=state, partition_key=datetime.now(UTC).date().isoformat())

    return inbox_arrivals


def failure_sensor(logs: Path) -> dg.SensorDefinition:
    """Write a line to `logs/failures.jsonl` for every failed run: when, which, where; no personal data."""

    @dg.run_failure_sensor(
        name="failed_runs",
        description="Writes every failed run to the home's logs/failures.jsonl",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def failed_runs(context: dg.RunFailureSensorContext) -> None:
        steps = [event.step_key for event in context.get_step_failure_events()]
        line = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "job": context.dagster_run.job_name,
            "run_id": context.dagster_run.run_id,
            "partition": context.partition_key,
            "failed_steps": steps,
        }
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / "failures.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        context.log.error(
            f"run {line['run_id']} of {line['job']} failed in {', '.join(map(str, steps)) or 'launch'}"
        )

    return failed_runs

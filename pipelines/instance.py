"""The Dagster instance of a home: where runs, checks and schedules are kept, so that the UI shows every run."""

import os
import shutil
from pathlib import Path

import dagster as dg

TEMPLATE = Path(__file__).with_name("dagster.yaml")
PROCESS_TAG = "stormlantern/process"


def dagster_home(home: Path) -> Path:
    """The instance's folder under a home, with its `dagster.yaml`; made when absent."""
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "dagster.yaml").exists():
        shutil.copyfile(TEMPLATE, folder / "dagster.yaml")
    return folder


def open_instance(home: Path) -> dg.DagsterInstance:
    """The instance of a home. Sets DAGSTER_HOME for this process, as Dagster's own code reads it."""
    os.environ["DAGSTER_HOME"] = str(dagster_home(home))
    return dg.DagsterInstance.get()


def process_mark() -> str:
    """This process, told from a later one with the same number by its start time."""
    return f"{os.getpid()}:{_started(os.getpid())}"


def _started(pid: int) -> str | None:
    """Start time of a living process in clock ticks since boot (field 22 of /proc/<pid>/stat), where known."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def close_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs whose process was killed as failed; returns how many. Only runs of the command line are marked."""
    begun = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
    open_runs = instance.get_runs(dg.RunsFilter(statuses=begun))
    closed = 0
    for run in open_runs:
        mark = run.tags.get(PROCESS_TAG)
        if mark is None or mark == process_mark():
            continue
        pid, _, started = mark.partition(":")
        if not pid.isdigit() or _started(int(pid)) != started:
            instance.report_run_failed(run, "the process was killed; the next run goes on where it stopped")
            closed += 1
    return closed


if __name__ == "__main__":
    from pipelines.settings import load_settings

    home = load_settings().home
    with open_instance(home) as instance:
        # A run that was killed at the command line would hold the queue's only place.
        close_dead_runs(instance)
    print(dagster_home(home))  # read by `make ui`

"""Dagster's history: complete after a run, and written without a wait for the disk at each event."""

from pathlib import Path

import dagster as dg
from sqlalchemy import NullPool, create_engine, text

from pipelines.history import written_together

INDEX = Path("history/runs/index.db")
FULL, NORMAL = 2, 1


@dg.asset
def nothing() -> None:
    """An asset that does nothing."""


def waiting(file: Path) -> int:
    """How a new connection of Dagster's kind to this database waits for the disk (SQLite's numbers)."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with create_engine(f"sqlite:///{file}", poolclass=NullPool).connect() as connection:
        return int(connection.execute(text("PRAGMA synchronous")).scalar_one())


def test_the_log_of_a_run_goes_on_from_event_to_event_and_is_whole_in_the_end(tmp_path: Path):
    folder = tmp_path / "dagster"
    folder.mkdir()
    log = folder / INDEX.with_name("index.db-wal")
    with written_together(folder):
        with dg.DagsterInstance.local_temp(str(folder)) as instance:
            result = dg.materialize([nothing], instance=instance)
            assert log.exists()
            assert waiting(folder / INDEX) == NORMAL
        assert waiting(tmp_path / "elsewhere.db") == FULL
    assert not log.exists()
    assert waiting(folder / INDEX) == FULL
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        stored = instance.all_logs(result.run_id)
        assert len(stored) >= len(result.all_events)
        assert instance.get_latest_materialization_event(nothing.key) is not None

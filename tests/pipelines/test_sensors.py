"""Sensors and schedule: what starts a run, once."""

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from pipelines.assembly import build_definitions
from pipelines.schedules import daily_schedule
from pipelines.sensors import failure_sensor, folder_state, inbox_sensor
from pipelines.settings import load_settings


def tick(sensor: dg.SensorDefinition, cursor: str | None = None):
    """One evaluation of a sensor."""
    settings = load_settings()
    operation = settings.load_operation("demonstration")
    definitions = build_definitions(settings, operation, settings.sources_of(operation))
    context = dg.build_sensor_context(cursor=cursor, repository_def=definitions.get_repository_def())
    data = sensor.evaluate_tick(context)
    return data.run_requests, data.cursor


def test_the_inbox_starts_a_run_once_per_arrival(tmp_path: Path):
    sensor = inbox_sensor(tmp_path)
    assert tick(sensor)[0] == []
    (tmp_path / "release.txt").write_text("An invented release.")
    requests, cursor = tick(sensor)
    assert [request.partition_key for request in requests] == [datetime.now(UTC).date().isoformat()]
    assert tick(sensor, cursor)[0] == []
    (tmp_path / "second.txt").write_text("Another.")
    assert len(tick(sensor, cursor)[0]) == 1


def test_files_on_their_way_in_do_not_count(tmp_path: Path):
    (tmp_path / ".hidden").write_text("x")
    (tmp_path / "big.pdf.part").write_text("x")
    assert folder_state(tmp_path) is None
    assert folder_state(tmp_path / "absent") is None


def test_the_schedule_asks_for_the_day_of_its_tick():
    schedule = daily_schedule("15 3 * * *")
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 5, 2, 3, 15, tzinfo=UTC))
    request = schedule(context)
    assert request.partition_key == "2026-05-02"


def test_a_failed_run_leaves_a_line(tmp_path: Path):
    @dg.op
    def breaks():
        raise ValueError("invented")

    @dg.job
    def breaking():
        breaks()

    with dg.instance_for_test() as instance:
        result = breaking.execute_in_process(instance=instance, raise_on_error=False)
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_runs",
            dagster_event=next(e for e in result.all_events if e.is_job_event and e.is_failure),
            dagster_instance=instance,
            dagster_run=result.dagster_run,
        ).for_run_failure()
        failure_sensor(tmp_path / "logs")(context)
    line = json.loads((tmp_path / "logs" / "failures.jsonl").read_text())
    assert line["job"] == "breaking"
    assert line["failed_steps"] == ["breaks"]

"""The Dagster definitions: what a data engineer sees before anything has run."""

from pathlib import Path

import dagster as dg
import pytest

from assets.capture.source import Source
from pipelines.assembly import build_definitions
from pipelines.settings import load_settings
from quality.contracts import CONTRACTS

# Tables that no asset makes on its own: their rows are made with every gate or with every snapshot.
BOOKKEEPING = {"quality_results", "snapshots"}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """The definitions of an untouched home."""
    settings = load_settings(home=tmp_path_factory.mktemp("home"))
    operation = settings.load_operation("demonstration")
    return build_definitions(settings, operation, settings.sources_of(operation))


def test_every_table_is_an_asset_with_group_owner_description_and_columns(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    for table, contract in CONTRACTS.items():
        if table in BOOKKEEPING:
            continue
        node = graph.get(dg.AssetKey(table))
        assert node.group_name == contract.stage
        assert node.owners
        assert contract.grain in (node.description or "")
        schema = node.metadata["dagster/column_schema"]
        assert [column.name for column in schema.columns] == [column.name for column in contract.columns]


def test_every_rule_of_a_table_is_an_asset_check(definitions: dg.Definitions):
    keys = definitions.resolve_asset_graph().asset_check_keys
    for table, contract in CONTRACTS.items():
        if table not in BOOKKEEPING | {"lead_reviews"}:
            names = {key.name for key in keys if key.asset_key == dg.AssetKey(table)}
            assert names == {rule.name for rule in contract.all_rules}


def test_every_source_is_an_asset_by_day_with_freshness(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    sources = [key for key in graph.get_all_asset_keys() if key.path[0] == "capture"]
    assert len(sources) >= 8
    for key in sources:
        node = graph.get(key)
        assert isinstance(node.partitions_def, dg.DailyPartitionsDefinition)
        assert node.freshness_policy is not None
        assert node.kinds


def test_only_captures_hangs_on_the_sources(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        parents = {parent.path[0] for parent in graph.get(key).parent_keys}
        assert ("capture" in parents) == (key == dg.AssetKey("captures"))


def test_the_daily_job_runs_one_step_per_stage(definitions: dg.Definitions):
    steps = [node.name for node in definitions.resolve_job_def("daily").nodes]
    assert sorted(steps) == [
        "capture",
        "detect",
        "extract",
        "link",
        "parse",
        "publish",
        "screen",
        "statistics",
    ]


def test_jobs_schedule_and_sensors_are_there(definitions: dg.Definitions):
    repository = definitions.get_repository_def()
    assert {"daily", "inbox", "rebuild"} <= set(repository.job_names)
    assert [schedule.name for schedule in repository.schedule_defs] == ["every_day"]
    assert {sensor.name for sensor in repository.sensor_defs} >= {"inbox_arrivals", "failed_runs"}


def test_five_hundred_sources_still_make_one_step(tmp_path: Path):
    settings = load_settings(home=tmp_path)
    many = {
        f"site_{number}": Source.model_validate(
            {
                "name": f"site_{number}",
                "kind": "listings",
                "start": [f"http://site{number}.test/"],
                "listings": {"item": ".offer", "fields": {"text": ".words"}},
            }
        )
        for number in range(500)
    }
    settings.__dict__["all_sources"] = {**settings.all_sources, **many}
    operation = settings.load_operation("daily")
    job = build_definitions(settings, operation, many).resolve_job_def("daily")
    assert sum(node.name == "capture" for node in job.nodes) == 1
    assert len([key for key in job.asset_layer.selected_asset_keys if key.path[0] == "capture"]) == 500

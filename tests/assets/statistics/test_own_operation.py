"""Our own figures: what is counted, once, in which words."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.operation import Operation
from assets.statistics.own_operation import OwnOperation, own_operation_tables
from quality.contracts import CONTRACTS

TODAY = date(2026, 3, 9)
OPERATION = Operation(code="lantern", name="Operation Lantern", countries=("GB",))


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    schema = CONTRACTS[table].schema
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def count(leads: list[dict[str, object]], **more: list[dict[str, object]]) -> OwnOperation:
    defaults: dict[str, object] = {"operation": "lantern", "state": "new", "subject_kind": "item"}
    tables = {
        "leads": frame(
            "leads", [{**defaults, "lead_id": str(number)} | row for number, row in enumerate(leads)]
        ),
        **{
            table: frame(table, more.get(table, []))
            for table in (
                *("lead_evidence", "listings", "messages", "units"),
                *("screening_lists", "screening_checks", "screening_hits"),
            )
        },
        "places": pl.DataFrame(more.get("places", []), schema={"item_id": pl.String, "country": pl.String}),
    }
    return own_operation_tables(OPERATION, tables, TODAY)


def figures(own: OwnOperation) -> dict[tuple[str, str | None], float]:
    return {
        (metric, country): value
        for metric, country, value in own.operation_metrics.select("metric", "country", "value").iter_rows()
    }


def test_leads_become_figures_in_the_vocabulary() -> None:
    own = count(
        [
            {"type": "potential_victim", "countries": "GB,RO"},
            {"type": "potential_victim", "countries": "GB"},
            {"type": "potential_exploiter", "countries": None},
            {"type": "potential_recruiter", "countries": "RO"},
            {"type": "potential_facilitator", "countries": ""},
            {"type": "username"},
            {"type": "url"},
            {"type": "phone"},
        ]
    )
    found = figures(own)
    assert found[("potential_victims", None)] == 2
    assert found[("potential_victims", "GB")] == 2
    assert found[("potential_victims", "RO")] == 1
    assert found[("suspects_identified", None)] == 1
    assert found[("facilitators_identified", None)] == 2
    assert (found[("usernames", None)], found[("urls", None)]) == (1, 1)
    assert found[("countries", None)] == 2
    assert own.operation_countries["country"].to_list() == ["GB", "RO"]


def test_pages_with_evidence_are_addresses_tied_to_suspicious_activity() -> None:
    evidence = [{"lead_id": "0", "item_id": item, "capture_id": "page"} for item in ("a", "b", "c")]
    listings = [
        {"item_id": "a", "site": "s.test", "url": "https://s.test/1"},
        {"item_id": "b", "site": "s.test"},
        {"item_id": "c", "site": "s.test"},
        {"item_id": "d", "site": "s.test", "url": "https://s.test/4"},
    ]
    places = [{"item_id": "a", "country": "GB"}, {"item_id": "b", "country": "GB"}]
    places += [{"item_id": "c", "country": "GB"}, {"item_id": "d", "country": "FR"}]
    leads: list[dict[str, object]] = [{"type": "potential_victim"}, {"type": "url", "countries": "RO"}]
    found = figures(count(leads, lead_evidence=evidence, listings=listings, places=places))
    assert (found[("urls", None)], found[("urls", "GB")], found[("urls", "RO")]) == (3, 2, 1)
    assert ("urls", "FR") not in found


def test_countries_of_origin_of_potential_victims_are_counted_once() -> None:
    found = figures(
        count(
            [
                {"type": "potential_victim", "origin_countries": "RO,MD"},
                {"type": "potential_victim", "origin_countries": "RO"},
                {"type": "potential_recruiter", "origin_countries": "FR"},
            ]
        )
    )
    assert found[("nationalities", None)] == 2
    assert ("nationalities", None) not in figures(count([{"type": "potential_victim"}]))


def test_other_operations_and_dismissed_leads_do_not_count() -> None:
    own = count(
        [
            {"type": "potential_victim", "operation": "other"},
            {"type": "potential_victim", "state": "dismissed"},
            {"type": "potential_victim", "state": "confirmed"},
        ]
    )
    assert figures(own)[("potential_victims", None)] == 1


def test_nothing_found_is_a_figure_too() -> None:
    found = figures(count([]))
    assert found[("potential_victims", None)] == 0
    assert found[("platforms_checked", None)] == 0
    assert not [country for _, country in found if country]


def test_platforms_are_sites_and_channels() -> None:
    own = count(
        [{"type": "potential_victim"}, {"type": "phone"}],
        listings=[{"item_id": "a", "site": "one.test"}, {"item_id": "b", "site": "two.test"}],
        messages=[
            {"item_id": "c", "site": "chat.test", "channel": "jobs"},
            {"item_id": "d", "site": "chat.test", "channel": "travel"},
            {"item_id": "e", "site": "chat.test", "channel": "travel"},
        ],
        lead_evidence=[
            {"lead_id": "0", "item_id": "d"},
            {"lead_id": "0", "item_id": "e"},
            {"lead_id": "1", "item_id": "a"},
        ],
    )
    found = figures(own)
    assert found[("platforms_checked", None)] == 4
    assert found[("platforms_suspicious", None)] == 1


def test_checks_and_hits_are_those_of_the_log_and_absent_without_a_list() -> None:
    checks: list[dict[str, object]] = [
        {"screening_check_id": "a", "countries": "FR,GB"},
        {"screening_check_id": "b", "countries": None},
    ]
    hits: list[dict[str, object]] = [
        {"screening_check_id": "a", "countries": "FR,GB", "strength": strength}
        for strength in ("possible", "likely")
    ]
    own = count([], screening_lists=[{"list_name": "l"}], screening_checks=checks, screening_hits=hits)
    parts = own.operation_metrics.filter(pl.col("subset").is_not_null())
    assert parts.select("metric", "subset", "value").rows() == [
        ("database_hits", "likely", 1.0),
        ("database_hits", "possible", 1.0),
    ]
    whole = own.operation_metrics.filter(pl.col("subset").is_null())
    found = {row[:2]: row[2] for row in whole.select("metric", "country", "value").iter_rows()}
    assert (found[("database_checks", None)], found[("database_hits", None)]) == (2, 2)
    assert (found[("database_checks", "FR")], found[("database_hits", "GB")]) == (1, 2)
    assert own.operation_metrics["operation_metric_id"].is_unique().all()
    assert figures(count([], screening_lists=[{"list_name": "l"}]))[("database_hits", None)] == 0
    assert ("database_hits", None) not in figures(count([]))


def test_dates_are_the_operations_or_those_of_its_units() -> None:
    [row] = count(
        [], units=[{"source": "a", "unit_date": date(2026, 3, day)} for day in (4, 2)]
    ).operations.to_dicts()
    assert (row["start_date"], row["end_date"]) == ("2026-03-02", "2026-03-04")
    assert (row["origin"], row["role"], row["normalised_name"]) == ("own", "main", "lantern")
    [row] = count([]).operations.to_dicts()
    assert row["start_date"] == "2026-03-09"


@pytest.mark.parametrize("table", ["operations", "operation_countries", "operation_metrics"])
def test_rows_have_the_contracts_schema_and_unique_keys(table: str) -> None:
    own = count([{"type": "potential_victim", "countries": "GB,RO"}, {"type": "url", "countries": "RO"}])
    rows = getattr(own, table)
    assert rows.schema == pl.Schema(CONTRACTS[table].schema)
    assert rows.select(CONTRACTS[table].key).is_unique().all()
    assert not rows.select(pl.any_horizontal(pl.col(CONTRACTS[table].key).is_null())).to_series().any()


def test_every_word_is_in_the_vocabulary() -> None:
    vocabulary = Path(__file__).parents[3].parent / "shared" / "press_releases" / "vocabulary.md"
    if not vocabulary.exists():
        pytest.skip("the vocabulary is not beside the repository")
    words = vocabulary.read_text(encoding="utf-8")
    for metric, _ in figures(count([])):
        assert f"- {metric}:" in words or f"- {metric} " in words, metric

"""Documents become operations: merged by name and time, conflicts kept with both quotes."""

from datetime import date, datetime
from typing import Any

import polars as pl

from assets.statistics.operations import (
    CONFLICTS_SCHEMA,
    COUNTRIES_SCHEMA,
    METRICS_SCHEMA,
    OPERATIONS_SCHEMA,
    StatisticsTables,
    operations_from_documents,
)

SCHEMA: dict[str, Any] = {
    "item_id": pl.String,
    "source": pl.String,
    "unit_date": pl.Date,
    "url": pl.String,
    "title": pl.String,
    "text": pl.String,
    "lang": pl.String,
    "published_at": pl.Datetime("us"),
    "publisher": pl.String,
}


def document(item_id: str, text: str, published: datetime | None, title: str | None = None) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "source": "newsroom",
        "unit_date": date(2024, 6, 30),
        "url": None,
        "title": title,
        "text": text,
        "lang": "en",
        "published_at": published,
        "publisher": None,
    }


def tables(*documents: dict[str, Any]) -> StatisticsTables:
    return operations_from_documents(pl.DataFrame(list(documents), schema=SCHEMA))


FIRST = document("a", "Operation Silver Fern led to 41 arrests and 7 house searches.", datetime(2024, 6, 10))
UPDATE = document("b", "Operation Silver Fern led to 45 arrests and 7 house searches.", datetime(2024, 6, 20))
YEARS_LATER = document("c", "Operation Silver Fern led to 45 arrests.", datetime(2026, 6, 20))
UNNAMED = document("d", "Police arrested 12 suspects and seized 3 firearms.", datetime(2024, 6, 20))


def test_two_releases_of_one_operation_are_one_row() -> None:
    operations = tables(FIRST, UPDATE).operations
    assert operations.select("normalised_name", "document_count").rows() == [("silver fern", 2)]
    assert operations["first_published_at"].dt.date().to_list() == [date(2024, 6, 10)]


def test_the_same_figure_counts_once() -> None:
    metrics = tables(FIRST, UPDATE).operation_metrics
    assert metrics.filter(pl.col("metric") == "searches")["value"].to_list() == [7.0]


def test_the_latest_release_wins_and_the_other_value_is_a_conflict() -> None:
    result = tables(FIRST, UPDATE)
    best = result.operation_metrics.filter((pl.col("metric") == "arrests") & pl.col("is_best"))
    assert best["value"].to_list() == [45.0]
    conflict = result.operation_conflicts.row(0, named=True)
    assert (conflict["value_kept"], conflict["value_other"]) == (45.0, 41.0)
    assert (conflict["document_kept"], conflict["document_other"]) == ("b", "a")
    assert conflict["rule"] == "latest_publication"
    assert "41" in conflict["quote_other"]


def test_on_the_same_day_the_exact_value_wins() -> None:
    same_day = datetime(2024, 6, 10)
    rough = document("a", "Operation Silver Fern led to about 40 arrests.", same_day)
    exact = document("b", "Operation Silver Fern led to 41 arrests.", same_day)
    result = tables(rough, exact)
    assert result.operation_conflicts["rule"].to_list() == ["exact_over_approximate"]
    assert result.operation_conflicts["value_kept"].to_list() == [41.0]


def test_figures_of_two_towns_in_one_release_do_not_conflict() -> None:
    text = "Operation Silver Fern: police made 12 arrests in Spain. Officers made 30 arrests in Spain a week later."
    assert tables(document("a", text, None)).operation_conflicts.is_empty()


def test_the_same_name_years_later_is_another_operation() -> None:
    assert tables(FIRST, YEARS_LATER).operations.height == 2


def test_an_unnamed_operation_stays_with_its_document() -> None:
    other = {**UNNAMED, "item_id": "e"}
    assert tables(UNNAMED, other).operations["document_count"].to_list() == [1, 1]


def test_row_order_does_not_matter() -> None:
    for one, other in zip(tables(FIRST, UPDATE, UNNAMED), tables(UNNAMED, UPDATE, FIRST), strict=True):
        assert one.equals(other)


def test_no_documents_give_empty_tables_of_the_same_shape() -> None:
    result = tables()
    schemas = (OPERATIONS_SCHEMA, COUNTRIES_SCHEMA, METRICS_SCHEMA, CONFLICTS_SCHEMA)
    for frame, schema in zip(result, schemas, strict=True):
        assert frame.is_empty()
        assert dict(frame.schema) == schema


def test_text_without_operation_gives_no_row() -> None:
    assert tables(document("a", "The office is open from 9 to 17.", None)).operations.is_empty()


def test_a_title_outside_the_text_is_read() -> None:
    result = tables(
        document("a", "Officers took part.", datetime(2024, 6, 10), title="Operation Fern: 12 arrests")
    )
    assert result.operation_metrics.select("metric", "value").rows() == [("arrests", 12.0)]


def test_every_metric_belongs_to_an_operation_and_ids_are_unique() -> None:
    result = tables(FIRST, UPDATE, UNNAMED, YEARS_LATER)
    assert result.operations["operation_id"].is_unique().all()
    assert result.operation_metrics["operation_metric_id"].is_unique().all()
    assert set(result.operation_metrics["operation_id"]) <= set(result.operations["operation_id"])

"""The statistics stage: documents become operations with their figures; our own operation stands beside them."""

import polars as pl

from assets.house import House, digest_of, package_digest
from assets.linking.stage import is_made_from
from assets.parsing.current import current_table
from assets.statistics.operations import operations_from_documents
from assets.statistics.own_operation import own_operation_tables
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS

TABLES = ("operations", "operation_countries", "operation_metrics", "operation_conflicts")
INPUT_TABLES = (
    "documents",
    "leads",
    "lead_evidence",
    "identifiers",
    "listings",
    "messages",
    "units",
    "facts",
    "screening_lists",
    "screening_checks",
    "screening_hits",
)


def _whole(house: House, table: str) -> pl.DataFrame:
    return house.store.scan(table, CONTRACTS[table].schema).collect()


def _places(house: House) -> pl.DataFrame:
    """`item_id`, `country` (ISO 3166 alpha-2) of the places that texts name."""
    return (
        house.store.scan("facts", CONTRACTS["facts"].schema)
        .filter((pl.col("kind") == "place") & pl.col("unit").str.contains("^[A-Z]{2}$"))
        .select("item_id", country="unit")
        .unique()
        .collect()
    )


def count_statistics(house: House) -> Admission | None:
    """Read operations in all current documents, count our own, when an input changed; None when nothing has."""
    parts = [part for table in INPUT_TABLES for part in house.store.parts(table)]
    inputs = digest_of(parts, package_digest(__file__), house.operation.model_dump_json())
    if is_made_from(house, TABLES[-1], inputs):
        return None
    # Each document's language is read from its text: the source's is a hint, and folders hold several.
    documents = current_table(house.store, "documents").with_columns(lang=pl.lit(None, pl.String))
    published = operations_from_documents(documents)
    own_tables = {
        table: _whole(house, table) for table in INPUT_TABLES[1:] if table not in ("identifiers", "facts")
    }
    own = own_operation_tables(house.operation, own_tables | {"places": _places(house)}, house.today)
    house.log.info(
        f"read {documents.height} documents: {published.operations.height} operations, "
        f"{published.operation_metrics.height} figures, {published.operation_conflicts.height} conflicts; "
        f"our own operation has {own.operation_metrics.height} figures"
    )
    frames = {
        "operations": pl.concat([published.operations, own.operations]),
        "operation_countries": pl.concat([published.operation_countries, own.operation_countries]),
        "operation_metrics": pl.concat([published.operation_metrics, own.operation_metrics]),
        "operation_conflicts": published.operation_conflicts,
    }
    candidates = [Candidate(CONTRACTS[table], frame, inputs) for table, frame in frames.items()]
    return admit(house.store, candidates, run_id=house.run_id)

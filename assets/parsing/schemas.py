"""The exact columns of what parsing returns: those of the items' contracts, and those of the problems met."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

from quality.contracts import CONTRACTS
from quality.contracts.columns import ITEM_TABLES

Schema = dict[str, pl.DataType]

# What the captures say; `first_seen` and `last_seen` are no columns of a part.
ITEM_SCHEMAS: dict[str, Schema] = {table: CONTRACTS[table].schema for table in ITEM_TABLES}

PROBLEMS_SCHEMA: Schema = {
    "source": pl.String(),
    "unit_date": pl.Date(),
    "capture_id": pl.String(),
    "table": pl.String(),
    "rule": pl.String(),
    "detail": pl.String(),
}

ADVISORY_RULES: frozenset[str] = frozenset(
    {"field_never_matched", "date_not_understood", "page_without_items"}
)
"""Problems that reject nothing: worth showing, no reason to quarantine or to leave with exit code 3."""


class ParsedUnit(NamedTuple):
    """What one unit (source × day) says: a frame per item table and the problems met, all with exact schemas.

    `listings`, `messages`, `documents` and `notices` follow `ITEM_SCHEMAS`, `problems` follows `PROBLEMS_SCHEMA`;
    frames of other kinds than the source's are empty.
    """

    listings: pl.DataFrame
    messages: pl.DataFrame
    documents: pl.DataFrame
    notices: pl.DataFrame
    problems: pl.DataFrame


def frame_of(rows: Iterable[Mapping[str, Any]], schema: Schema) -> pl.DataFrame:
    """Rows (mappings with any subset of the schema's keys) as a frame of exactly that schema."""
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)

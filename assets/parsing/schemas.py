"""The exact columns of what parsing returns, one constant per table; contracts are compared with them."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import polars as pl

Schema = dict[str, pl.DataType]

_TIME = pl.Datetime("us", "UTC")

_ITEM_COLUMNS: Schema = {
    "item_id": pl.String(),
    "source": pl.String(),
    "unit_date": pl.Date(),
    "capture_id": pl.String(),
    "site": pl.String(),
    "url": pl.String(),
}

LISTINGS_SCHEMA: Schema = {
    **_ITEM_COLUMNS,
    "external_id": pl.String(),
    "category": pl.String(),
    "account": pl.String(),
    "title": pl.String(),
    "text": pl.String(),
    "posted_at": _TIME,
    "phone_text": pl.String(),
    "contact_text": pl.String(),
    "place_text": pl.String(),
    "nationality_text": pl.String(),
    "age_text": pl.String(),
    "price_text": pl.String(),
    "image_urls": pl.List(pl.String()),
    "language": pl.String(),
    "region": pl.String(),
    "content_sha256": pl.String(),
}

MESSAGES_SCHEMA: Schema = {
    **_ITEM_COLUMNS,
    "channel": pl.String(),
    "message_id": pl.Int64(),
    "message_type": pl.String(),
    "account": pl.String(),
    "text": pl.String(),
    "posted_at": _TIME,
    "edited_at": _TIME,
    "forwarded_from": pl.String(),
    "reply_to": pl.Int64(),
    "views": pl.Int64(),
    "links": pl.List(pl.String()),
    "image_urls": pl.List(pl.String()),
    "language": pl.String(),
    "region": pl.String(),
    "content_sha256": pl.String(),
}

DOCUMENTS_SCHEMA: Schema = {
    **_ITEM_COLUMNS,
    "title": pl.String(),
    "publisher": pl.String(),
    "text": pl.String(),
    "published_at": _TIME,
    "language": pl.String(),
    "format": pl.String(),
    "content_sha256": pl.String(),
}

NOTICES_SCHEMA: Schema = {
    **_ITEM_COLUMNS,
    "notice_id": pl.String(),
    "notice_kind": pl.String(),
    "name": pl.String(),
    "forename": pl.String(),
    "birth_date": pl.String(),
    "nationalities": pl.List(pl.String()),
    "warrant_countries": pl.List(pl.String()),
    "sex": pl.String(),
    "detail_json": pl.String(),
    "content_sha256": pl.String(),
}

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

    `listings`, `messages`, `documents`, `notices`, `problems` follow `LISTINGS_SCHEMA`, `MESSAGES_SCHEMA`,
    `DOCUMENTS_SCHEMA`, `NOTICES_SCHEMA` and `PROBLEMS_SCHEMA`; frames of other kinds than the source's are empty.
    """

    listings: pl.DataFrame
    messages: pl.DataFrame
    documents: pl.DataFrame
    notices: pl.DataFrame
    problems: pl.DataFrame


def frame_of(rows: Iterable[Mapping[str, Any]], schema: Schema) -> pl.DataFrame:
    """Rows (mappings with any subset of the schema's keys) as a frame of exactly that schema."""
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)

"""The same extraction for a stream of records, as the command line needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import polars as pl

from assets.extraction.identifiers import extract_identifiers

_BATCH = 4_000
_SCHEMA = {"id": pl.String, "text": pl.String, "region": pl.String, "lang": pl.String}
_SHOWN = ("kind", "value", "raw", "start", "end", "obscured")


def extract_texts(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Identifiers of each record, in the order of the records, a few thousand held at a time.

    In: `{"id", "text", "region"?, "lang"?}`; more fields are ignored. Out: `{"id", "identifiers": [{"kind", "value",
    "raw", "start", "end", "obscured"}]}`. Raises ValueError naming the record (counted from 1) and the field when
    `id` or `text` is missing or a field has the wrong type; the records before it in its batch are not answered.
    """
    numbered = enumerate(records, start=1)
    while batch := list(islice(numbered, _BATCH)):
        rows = [_checked(number, record) for number, record in batch]
        # Ids may repeat or be numbers; the place in the batch is what joins mentions to records.
        frame = pl.DataFrame(
            [(str(place), *row[1:]) for place, row in enumerate(rows)], schema=_SCHEMA, orient="row"
        )
        found: list[list[dict[str, Any]]] = [[] for _ in rows]
        for mention in extract_identifiers(frame).iter_rows(named=True):
            found[int(mention["id"])].append({name: mention[name] for name in _SHOWN})
        for row, identifiers in zip(rows, found, strict=True):
            yield {"id": row[0], "identifiers": identifiers}


def _checked(number: int, record: Any) -> tuple[Any, str, str | None, str | None]:
    if not isinstance(record, dict):
        raise ValueError(f"record {number}: expected an object, got {type(record).__name__}")
    identity = record.get("id")
    if not isinstance(identity, str | int) or isinstance(identity, bool):
        raise ValueError(
            f"record {number}: field 'id' must be a string or an integer, got {_kind(record, 'id')}"
        )
    text = record.get("text")
    if not isinstance(text, str):
        raise ValueError(f"record {number}: field 'text' must be a string, got {_kind(record, 'text')}")
    hints: list[str | None] = []
    for name in ("region", "lang"):
        value = record.get(name)
        if value is not None and not isinstance(value, str):
            raise ValueError(
                f"record {number}: field '{name}' must be a string or null, got {_kind(record, name)}"
            )
        hints.append(value or None)
    return identity, _encodable(text), hints[0], hints[1]


def _kind(record: dict[str, Any], name: str) -> str:
    return type(record[name]).__name__ if name in record else "nothing"


def _encodable(text: str) -> str:
    """Half surrogates, which no UTF-8 frame can hold, become replacement characters; places stay the same."""
    if text.isascii():
        return text
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)

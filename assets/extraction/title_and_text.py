"""Telephone numbers that a title begins and its text ends ("Lucía 600" … "last digits: 001234").

Unlike those whose parts stand in one text (`scattered_numbers`), these are told by a title that ends in digits and by a
word in the text that the digits behind it end a number, so other figures of the text do no harm.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import polars as pl

from assets.extraction.alternatives import one_of
from assets.extraction.identifiers import IDENTIFIER_SCHEMA
from assets.extraction.normalise import normalise, offset_map
from assets.extraction.number_series import is_counting
from assets.extraction.phone_validity import regions_for
from assets.extraction.phones import phone_value
from assets.extraction.scattered_numbers import home_value, other_words, tail_words

# Fewest digits that begin a number, at the end of a title.
_HEAD_AT_END = r"[0-9]{3,9}[\s.,…:*_!-]{0,6}$"
_HEAD = re.compile(r"(?:(?P<plus>\+)[0-9]{1,3}[ ]?|(?<![0-9.,€$£+]))[0-9]{3,9}(?=[\s.,…:*_!-]{0,6}$)")
_SENTENCE = re.compile(r"[.!?\n]")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_TAIL = 3


@cache
def _tail() -> re.Pattern[str]:
    """A word for the end of a number, up to three words or numerals, and the digits."""
    return re.compile(
        rf"(?i)(?<![^\W_]){one_of(tail_words())}(?![^\W_])(?:[ ]?[^\W\d_]+){{0,3}}[ ]?[:=>-]{{0,2}}[ ]?"
        r"(?P<digits>[0-9](?:[ ./-]?[0-9]){1,11})(?![0-9%€$£]|[.,][0-9]|[ ]?(?:%|€|eur|h\b|min|km))"
    )


def find_title_and_text(items: pl.DataFrame) -> pl.DataFrame:
    """The numbers whose head is in the title: as from `extract_identifiers`, `id` the item's, the span the tail's.

    `items`: item_id, title, text, region (alpha-2 or null), language (ISO 639-1 or null), all String. Besides the
    columns of mentions `head_start`, where the head begins in the title.
    """
    schema: dict[str, Any] = {**IDENTIFIER_SCHEMA, "head_start": pl.Int64()}
    likely = items.filter(pl.col("title").str.contains(_HEAD_AT_END) & pl.col("text").is_not_null())
    rows = []
    for identity, title, text, region, language in likely.select(
        "item_id", "title", "text", "region", "language"
    ).iter_rows():
        found = _find(normalise(title), normalise(text), regions_for(region, language))
        if found is not None:
            value, head, start, end = found
            start, end = offset_map(text).raw_span(start, end)
            place, _ = offset_map(title).raw_span(head, head + 1)
            rows.append((identity, "phone", value, text[start:end], start, end, True, "scattered", place))
    return pl.DataFrame(rows, schema=schema, orient="row")


def _find(title: str, text: str, regions: tuple[str, ...]) -> tuple[str, int, int, int] | None:
    """E.164, where the head begins in the folded `title`, and the tail's span in the folded `text`."""
    head = _HEAD.search(title)
    if head is None:
        return None
    for tail in _tail().finditer(text):
        sentence = _SENTENCE.split(text[: tail.start()])[-1] + text[tail.start() : tail.start("digits")]
        if not other_words().isdisjoint(word.lower() for word in _WORD.findall(sentence)):
            continue
        digits = "".join(filter(str.isdigit, tail["digits"]))
        if len(digits) < _FEWEST_TAIL or is_counting([head.group(), digits]):
            continue
        begun = head.group().lstrip("+").replace(" ", "")
        value = (
            phone_value(begun + digits, True, regions, False)
            if head["plus"]
            else home_value(begun + digits, regions)
        )
        if value is not None:
            return value, head.start(), *tail.span("digits")
    return None

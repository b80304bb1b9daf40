"""Telephone numbers that a title begins and its text ends ("Lucía 600" … "last digits: 001234", "600…", "…001234").

Unlike those whose parts stand in one text (`scattered_numbers`), these are told by a title that ends in digits, and by
a word in the text that the digits behind it end a number or go on with it, or by signs on both sides that something is
left out; so other figures of the text do no harm.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import polars as pl

from assets.extraction.alternatives import one_of
from assets.extraction.identifiers import IDENTIFIER_SCHEMA
from assets.extraction.normalise import fold, normalise, offset_map
from assets.extraction.number_series import is_counting
from assets.extraction.phone_surroundings import cue_words
from assets.extraction.phone_validity import regions_for
from assets.extraction.phones import phone_value
from assets.extraction.scattered_numbers import going_on_words, home_value, other_words, tail_words

# Signs that point on, arrows and hands among them, and signs for a telephone.
_POINTING = ">→»/~+=*_&|←-⇿▲-◄➔-➾⤴⤵⬅-⬍👆-👉🔺🔻🔼🔽⏩-⏬-"
_PHONES = "☎☏✆📞📱📲🤙"
# Fewest digits that begin a number, at the end of a title, and what may stand behind them there.
_BEHIND = rf"[\s.,…:!()\[\]\x{{fe0f}}{_POINTING}]{{0,6}}$"
_HEAD_AT_END = rf"[0-9]{{3,9}}{_BEHIND}"
_HEAD = re.compile(
    r"(?:(?P<plus>\+)[0-9]{1,3}[ ]?|(?<![0-9.,€$£+]))[0-9]{3,9}" + rf"(?=[\s.,:!()\[\]{_POINTING}]{{0,6}}$)"
)
# What tells that something is left out: behind the head, and before the tail.
_BREAKS_OFF = re.compile(rf"[\s(\[]*(?:\.{{2}}|[{_POINTING}])")
_GOES_ON = re.compile(
    rf"(?:(?<![^\s(\[])(?P<mark>\.{{2,}}|[{_PHONES}{_POINTING}]{{1,3}})[ ]?|(?<![^\s(\[]))(?<![0-9][ ./-])"
    r"(?P<digits>[0-9](?:[ ./-]?[0-9]){2,8})(?![ ./,-]?[0-9]|[^\W_]|[ ]?(?:[%€$£]|eur|h\b|min|km))"
)
# Right before the head.
_PHONE_SIGN = re.compile(rf"[{_PHONES}][ :]{{0,2}}$")
# Ends of what is said: of sentences, and signs (U+2190 to U+2BFF, emoji) that stand for them.
_SENTENCE = re.compile(r"[.!?\n/|•\u2190-\u2bff\U0001f000-\U0001faff]")
# Words before the one that tells of the end, among which one may say that the digits are another thing's.
_NEAR = 8
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_TAIL = 3


@cache
def _tail() -> re.Pattern[str]:
    """A word for the end of a number, up to three words, or one that it goes on, up to one word, and the digits."""
    return re.compile(
        rf"(?i)(?<![^\W_])(?:{one_of(tail_words())}(?![^\W_])(?:[ ]?[^\W\d_]+){{0,3}}"
        rf"|{one_of(going_on_words())}(?![^\W_])(?:[ ]?[^\W\d_]+|[ ]?2(?:/2|[ªº.])?(?![0-9]))?)[ ]?[:=>-]{{0,2}}[ ]?"
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
        before = _WORD.findall(_SENTENCE.split(text[: tail.start()])[-1])[-_NEAR:]
        said = [*before, *_WORD.findall(text, tail.start(), tail.start("digits"))]
        if not other_words().isdisjoint(word.lower() for word in said):
            continue
        value = _put_together(head, tail["digits"], regions)
        if value is not None:
            return value, head.start(), *tail.span("digits")
    return _left_out(title, text, head, regions)


def _put_together(head: re.Match[str], tail: str, regions: tuple[str, ...]) -> str | None:
    """E.164 of a head and a tail."""
    digits = "".join(filter(str.isdigit, tail))
    if len(digits) < _FEWEST_TAIL or is_counting([head.group(), digits]):
        return None
    begun = head.group().lstrip("+").replace(" ", "")
    if head["plus"]:
        return phone_value(begun + digits, True, regions, False)
    return home_value(begun + digits, regions)


def _left_out(
    title: str, text: str, head: re.Match[str], regions: tuple[str, ...]
) -> tuple[str, int, int, int] | None:
    """As `_find`, where two of these say that the title breaks off and the text goes on: a sign behind the head, one
    before the tail, a word or sign for telephones before the head, and that the tail begins or ends the text. Only
    where one tail fits."""
    words = _WORD.findall(title[: head.start()])
    breaks_off = _BREAKS_OFF.match(title, head.end()) is not None
    is_called = _PHONE_SIGN.search(title[: head.start()]) is not None or (
        bool(words) and fold(words[-1]) in cue_words()["phone"]
    )
    found = set()
    for tail in _GOES_ON.finditer(text):
        outside = text[: tail.start()].strip(), text[tail.end() :].strip(" \n.!)]")
        is_at_end = not all(outside)
        has_mark = tail["mark"] is not None
        if breaks_off + has_mark + is_called + is_at_end < 2:
            continue
        value = _put_together(head, tail["digits"], regions)
        if value is not None:
            found.add((value, head.start(), *tail.span("digits")))
    return found.pop() if len(found) == 1 else None

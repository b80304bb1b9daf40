"""A second, more generous look for telephone numbers in the few texts that are worth it, told with array operations.

What the first look reads stands, unless the second one reads a number that it is a part of.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from assets.extraction.foreign_numbers import FIRST_FLAG, LAST_FLAG, find_foreign_phones
from assets.extraction.found import Found, Placed, enter
from assets.extraction.loose_rows import find_loose_phones, homes_of_languages, language_at_home
from assets.extraction.number_words import number_words
from assets.extraction.priced_digits import DRESSES, find_priced_phones
from assets.extraction.rule_files import languages_with
from assets.extraction.runs import DIGITS
from assets.extraction.scan import Scan
from assets.extraction.scattered_numbers import find_scattered_phone
from assets.extraction.vocabulary import CUE, FOREIGN, JOINER, LOOK_ALIKE, NUMBER, TAIL, THEN

# So many parts of a number within so many runs make a row that may have misspelt parts, too.
_PARTS, _RUNS = 4, 7
# How far from a word like "then" the parts are that it stands between, in runs.
_TO_PART = 4
# Characters around the parts that are read with them.
_AROUND = 120
_LONGEST = 2_000
# How far behind a word for a country digits may be, and how far before it, in runs.
_TO_DIGITS, _TO_PAIR = 4, 2
_NEW_LINE = ord("\n")
# How far behind a word like "last" the last part of a number is, in runs; figures of a row with signs of money.
_TO_TAIL, _TO_THIRD = 6, 14
_MOST_PIECES = 12
_DRESSED = np.zeros(0x110000, bool)
_DRESSED[[ord(sign) for sign in DRESSES]] = True
# Fewest words of a language that is read at home only, and groups of digits, that are worth a look.
_FEWEST_AT_HOME = 4

# Text (counted from 0) → stretches of it, places in the scan's text.
Stretches = dict[int, list[tuple[int, int]]]


def at_home(regions: pl.Series, languages: pl.Series) -> pl.Series:
    """Bool per text: whether number words of a language that is read at home only may be in it."""
    codes = [*languages_with("numbers_at_home"), "no", "nn", "sh"]
    named = languages.str.slice(0, 2).str.to_lowercase().is_in(codes).fill_null(False)
    return named | (
        languages.is_null() & regions.str.to_uppercase().is_in(homes_of_languages()).fill_null(False)
    )


def doubtful_stretches(scan: Scan, flags: np.ndarray) -> Stretches:
    """Stretches that have parts of a number close by each other, some of them words or letters, or with a word like
    "then" or "and" between them. `flags` are those of the scan's runs."""
    runs = scan.runs
    part = (runs.kind == DIGITS) | (flags & (NUMBER | LOOK_ALIKE) != 0)
    parts = np.flatnonzero(part)
    if len(parts) < 2:
        return {}
    spoken = np.concatenate([[0], np.cumsum(flags.take(parts) & NUMBER != 0)])
    heads = (
        np.flatnonzero(parts[_PARTS - 1 :] - parts[: 1 - _PARTS] < _RUNS)
        if len(parts) >= _PARTS
        else parts[:0]
    )
    heads = heads[spoken.take(heads + _PARTS) > spoken.take(heads)]
    # Parts with words between: a word like "then" near them, one like "and" right between.
    between = np.flatnonzero(flags & (THEN | JOINER) != 0)
    between = between[~part.take(between)]
    behind = np.searchsorted(parts, between)
    inside = np.flatnonzero((behind > 0) & (behind < len(parts)))
    between, behind = between.take(inside), behind.take(inside)
    before = parts.take(behind - 1)
    reach = np.where(flags.take(between) & THEN != 0, _TO_PART, 1)
    close = np.flatnonzero((between - before <= reach) & (parts.take(behind) - between <= reach))
    first = np.concatenate([parts.take(heads), before.take(close)])
    last = np.concatenate([parts.take(heads + _PARTS - 1), parts.take(behind.take(close))])
    low, high = runs.begin.take(first), runs.end.take(last)
    rows, also = scan.rows(low), scan.rows(high - 1)
    found: Stretches = {}
    for one in np.flatnonzero(rows == also).tolist():
        found.setdefault(int(rows[one]), []).append((int(low[one]), int(high[one])))
    return found


def rows_with_countries(scan: Scan, flags: np.ndarray) -> list[int]:
    """Texts (counted from 0) with digits near a flag, or near a word that may say of which country they are."""
    runs = scan.runs
    named = np.flatnonzero(flags & FOREIGN != 0)
    figures = np.flatnonzero(runs.kind == DIGITS)
    if not len(figures):
        return []
    behind = np.searchsorted(figures, named)
    near = (figures.take(behind, mode="clip") - named <= _TO_DIGITS) & (behind < len(figures))
    near |= (named - figures.take(behind - 1, mode="clip") <= _TO_PAIR) & (behind > 0)
    codes = scan.codes.take(scan.signs)
    flagged = scan.signs[(codes >= FIRST_FLAG) & (codes <= LAST_FLAG)]
    places = np.concatenate([runs.begin.take(named[near]), flagged])
    rows: list[int] = np.unique(scan.rows(places)).tolist() if len(places) else []
    return rows


def rows_of_pieces(scan: Scan, flags: np.ndarray) -> tuple[list[int], list[int]]:
    """Texts (counted from 0) whose figures may be parts of one number in different places, and texts that have signs
    of money or percents at figure after figure."""
    runs, codes = scan.runs, scan.codes
    figures = np.flatnonzero(runs.kind == DIGITS)
    if len(figures) < 2:
        return [], []
    begin, end = runs.begin.take(figures), runs.end.take(figures)
    before, behind = codes.take(begin - 1, mode="wrap"), codes.take(end, mode="clip")
    rows = scan.rows(begin)
    # A part ends its line; or a word says that what follows is the last part, or a word for telephones stands between.
    last = rows[behind == _NEW_LINE]
    spoken = np.flatnonzero(flags & (TAIL | CUE) != 0)
    ahead = np.searchsorted(figures, spoken)
    inside = np.flatnonzero((ahead > 0) & (ahead < len(figures)))
    ahead, spoken = ahead.take(inside), spoken.take(inside)
    near = figures.take(ahead) - spoken <= _TO_TAIL
    told = rows.take(ahead[near])
    told = told[rows.take(ahead[near] - 1) == told]
    scattered = np.unique(np.concatenate([last, told]))
    # All figures of the text have to be one number.
    first = np.searchsorted(rows, scattered)
    stop = np.searchsorted(rows, scattered, side="right")
    total = np.concatenate([[0], np.cumsum(end - begin)])
    digits = total.take(stop) - total.take(first)
    scattered = scattered[
        (stop - first >= 2) & (stop - first <= _MOST_PIECES) & (digits >= 5) & (digits <= 15)
    ]
    dressed = _DRESSED.take(before) | _DRESSED.take(behind)
    three = np.flatnonzero(dressed[:-2] & dressed[1:-1] & dressed[2:] & (rows[:-2] == rows[2:]))
    three = three[begin.take(three + 2) - end.take(three) <= _TO_THIRD]
    return scattered.tolist(), np.unique(rows.take(three)).tolist()


def look_together(
    text: str,
    starts: Sequence[int],
    scattered: Sequence[int],
    dressed: Sequence[int],
    found: list[Placed],
    regions: Sequence[str | None],
    languages: Sequence[str | None],
) -> list[Placed]:
    """`found` (mentions by text) with the numbers whose parts stand apart, in texts without another number."""
    if not scattered and not dressed:
        return found
    have = {entry[0] for entry in found if entry[3] == "phone"}
    more: list[tuple[int, Found]] = []
    for row in dressed:
        if row not in have:
            low, high = starts[row], min(starts[row + 1] - 1, starts[row] + _LONGEST)
            for phone in find_priced_phones(text[low:high], regions[row], languages[row]):
                more.append((row, phone._replace(start=phone.start + low, end=phone.end + low)))
    for row in scattered:
        low, high = starts[row], starts[row + 1] - 1
        if row not in have and high - low <= _LONGEST:
            one = find_scattered_phone(text[low:high], regions[row], languages[row])
            if one is not None:
                more.append((row, one._replace(start=one.start + low, end=one.end + low)))
    return _with(found, more)


def look_abroad(
    text: str,
    starts: Sequence[int],
    rows: Sequence[int],
    found: list[Placed],
    regions: Sequence[str | None],
) -> list[Placed]:
    """`found` (mentions by text) with the numbers of `rows` that words give to another country than the text's.

    They take the place of what was read at home at the same place.
    """
    more: list[tuple[int, Found]] = []
    for row in rows:
        low = starts[row]
        for phone in find_foreign_phones(text[low : starts[row + 1] - 1], regions[row]):
            more.append((row, phone._replace(start=phone.start + low, end=phone.end + low)))
    return _with(found, more)


def look_again(
    text: str,
    starts: Sequence[int],
    stretches: Stretches,
    homes: Sequence[int],
    found: list[Placed],
    regions: Sequence[str | None],
    languages: Sequence[str | None],
) -> list[Placed]:
    """`found` (mentions by text) with what the second look reads in `text`, whose texts begin at `starts`.

    `stretches` are the parts that are looked at, `homes` the texts that are looked at if they have enough words of
    their own language.
    """
    known: dict[int, list[Found]] = {row: [] for row in (*stretches, *homes)}
    if not known:
        return found
    for row, start, end, kind, _, value, obscured, method in found:
        if kind == "phone" and row in known:
            known[row].append(Found(kind, value, start, end, obscured, method))
    more: list[tuple[int, Found]] = []
    for row, phones in known.items():
        low, high = starts[row], starts[row + 1] - 1
        if row in stretches:
            spans = stretches[row]
            if any(p.method == "reversed" for p in phones) or all(
                any(p.start <= a and b <= p.end for p in phones) for a, b in spans
            ):
                continue
            first = _word_border(text, max(low, spans[0][0] - _AROUND), low, -1)
            last = _word_border(text, min(high, max(b for _, b in spans) + _AROUND), high, 1)
        elif phones or not _speaks(text[low:high][:_LONGEST], language_at_home(regions[row], languages[row])):
            continue
        else:
            first, last = low, high
        for phone in find_loose_phones(
            text[first : min(last, first + _LONGEST)], regions[row], languages[row]
        ):
            moved = phone._replace(start=phone.start + first, end=phone.end + first)
            if not any(p.start <= moved.start and moved.end <= p.end for p in phones):
                more.append((row, moved))
    return _with(found, more)


def _with(found: list[Placed], more: list[tuple[int, Found]]) -> list[Placed]:
    """`found` with `more`, without the telephone numbers of the first look that lie where those do."""
    if not more:
        return found
    by_row: dict[int, list[Found]] = {}
    for row, phone in more:
        by_row.setdefault(row, []).append(phone)
    left = [
        entry
        for entry in found
        if entry[3] != "phone"
        or not any(phone.start < entry[2] and entry[1] < phone.end for phone in by_row.get(entry[0], ()))
    ]
    for row, phones in by_row.items():
        enter(left, row, 0, phones)
    return left


def _word_border(text: str, place: int, limit: int, step: int) -> int:
    while place != limit and text[place - 1 : place].isalnum() and text[place : place + 1].isalnum():
        place += step
    return place


def _speaks(text: str, language: str | None) -> bool:
    """Whether the text has enough words or figures for a number in `language`."""
    if language is None:
        return False
    words = number_words(language).words
    counted = sum(token in words or token[0].isdigit() for token in text.lower().replace(",", " ").split())
    return counted >= _FEWEST_AT_HOME

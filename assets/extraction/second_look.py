"""A second, more generous look for telephone numbers in the few texts that are worth it (`worth_a_look`).

What the first look reads stands, unless the second one reads a number that it is a part of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from assets.extraction.foreign_numbers import find_foreign_phones
from assets.extraction.found import Found, Placed, enter
from assets.extraction.loose_rows import find_loose_phones, language_at_home
from assets.extraction.number_words import split_token
from assets.extraction.priced_digits import find_priced_phones
from assets.extraction.scattered_numbers import find_scattered_phone
from assets.extraction.worth_a_look import Stretches, Worth

# Characters around the parts that are read with them.
_AROUND = 120
_LONGEST = 2_000
_PIECE = re.compile(r"\d+|[^\W\d_]+")
# Fewest words of a language that is read at home only, and groups of digits, that are worth a look.
_FEWEST_AT_HOME = 4


def look_twice(
    text: str,
    starts: Sequence[int],
    worth: Worth,
    homes: Sequence[int],
    found: list[Placed],
    regions: Sequence[str | None],
    languages: Sequence[str | None],
) -> list[Placed]:
    """`found` (mentions by text) with the telephone numbers that the second look reads in `text`, whose texts begin
    at `starts`.

    `homes` are texts that are looked at if they have enough words of their own language. The mentions are in no order.
    """
    known: dict[int, list[Found]] = {
        row: [] for row in (*worth.stretches, *homes, *worth.scattered, *worth.dressed)
    }
    if known:
        for row, start, end, kind, _, value, obscured, method in found:
            if kind == "phone" and row in known:
                known[row].append(Found(kind, value, start, end, obscured, method))
        more = _look_again(text, starts, worth.stretches, homes, known, regions, languages)
        have = {row for row, phones in known.items() if phones} | {row for row, _ in more}
        more += _look_together(text, starts, worth, have, regions, languages)
        found = _with(found, more)
    return _look_abroad(text, starts, worth.abroad, found, regions)


def _look_again(
    text: str,
    starts: Sequence[int],
    stretches: Stretches,
    homes: Sequence[int],
    known: Mapping[int, list[Found]],
    regions: Sequence[str | None],
    languages: Sequence[str | None],
) -> list[tuple[int, Found]]:
    """What is read in rows with doubtful parts, by text; `known` are the numbers of the first look."""
    more: list[tuple[int, Found]] = []
    for row in dict.fromkeys((*stretches, *homes)):
        phones = known[row]
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
            moved = phone.moved(first)
            if not any(p.start <= moved.start and moved.end <= p.end for p in phones):
                more.append((row, moved))
    return more


def _look_abroad(
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
            more.append((row, phone.moved(low)))
    return _with(found, more)


def _look_together(
    text: str,
    starts: Sequence[int],
    worth: Worth,
    have: Set[int],
    regions: Sequence[str | None],
    languages: Sequence[str | None],
) -> list[tuple[int, Found]]:
    """The numbers whose parts stand apart or are dressed up, by text; texts that `have` a number are left alone."""
    more: list[tuple[int, Found]] = []
    for row in worth.dressed:
        if row not in have:
            low, high = starts[row], min(starts[row + 1] - 1, starts[row] + _LONGEST)
            for phone in find_priced_phones(text[low:high], regions[row], languages[row]):
                more.append((row, phone.moved(low)))
    for row in worth.scattered:
        low, high = starts[row], starts[row + 1] - 1
        if row not in have and high - low <= _LONGEST:
            one = find_scattered_phone(text[low:high], regions[row], languages[row])
            if one is not None:
                more.append((row, one.moved(low)))
    return more


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
    counted = 0
    for piece in _PIECE.findall(text.lower()):
        counted += 1 if piece.isdigit() else len(split_token(piece, language) or ())
        if counted >= _FEWEST_AT_HOME:
            return True
    return False

"""Telephone numbers whose parts stand in different lines, or in a title and its text, with words between them.

All figures of the text, and the number words beside them, have to be parts of the one number: a text that has a price
or a time as well is left alone.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from phonenumbers import country_code_for_region

from assets.extraction.found import Found
from assets.extraction.normalise import fold
from assets.extraction.number_series import is_counting, is_price_row, is_series
from assets.extraction.number_words import NumberWords, number_words
from assets.extraction.phone_parts import language_of_numbers
from assets.extraction.phone_surroundings import cue_words
from assets.extraction.phone_validity import regions_for
from assets.extraction.phones import phone_value
from assets.extraction.rule_files import read_yaml
from assets.extraction.then_words import first_words, then_words

_TOKEN = re.compile(r"[^\W_]+")
# Between two figures of one part.
_WITHIN = re.compile(r"[ ./()\-]{0,3}")
_FEWEST, _MOST = 7, 15
_MOST_PIECES = 8
# Words between two parts of one line, and those before the last part that tell that it is the last.
_WORDS_BETWEEN, _WORDS_BEFORE = 4, 6
_FEWEST_HEAD, _FEWEST_TAIL = 3, 2
# Words between two parts that say nothing ("600 mi amor 000").
_FILLERS = 2
# Words before the first of two parts, and the characters they may take up, among which one like "first" stands.
_BEFORE_TWO, _AHEAD = 3, 40


class _Piece(NamedTuple):
    """Figures, or number words beside figures, that stand together."""

    digits: str
    start: int
    end: int


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(map(fold, read_yaml("split_numbers.yaml")[kind]))


def tail_words() -> frozenset[str]:
    """Words (folded) that say that the digits behind them end a number."""
    return _words("tail")


def going_on_words() -> frozenset[str]:
    """Words (folded) that say that the digits behind them go on with a number."""
    return _words("goes_on")


def other_words() -> frozenset[str]:
    """Words (folded) for papers, cards and the like, whose last digits are no telephone number's."""
    return _words("other")


@cache
def _counts() -> dict[str, int]:
    listed = read_yaml("split_numbers.yaml")["counts"]
    return {fold(word): int(count) for count, words in listed.items() for word in words}


def find_scattered_phone(text: str, region: str | None, language: str | None) -> Found | None:
    """The number that all figures of the folded `text` are parts of, if there is one. Never raises."""
    pieces = _pieces(text, language)
    if pieces is None or not 2 <= len(pieces) <= _MOST_PIECES:
        return None
    groups = [piece.digits for piece in pieces]
    digits = "".join(groups)
    if not _FEWEST <= len(digits) <= _MOST:
        return None
    if is_counting(groups) or is_series(groups) or is_price_row(groups):
        return None
    is_read = (_has_tail, _in_lines, _with_remarks, _with_fillers)
    if not any(reads(text, pieces) for reads in is_read):
        return None
    value = home_value(digits, regions_for(region, language))
    return (
        None if value is None else Found("phone", value, pieces[0].start, pieces[-1].end, True, "scattered")
    )


def find_two_parts(
    text: str, head: tuple[int, int], tail: tuple[int, int], regions: tuple[str, ...]
) -> list[Found]:
    """The number of two groups of digits in the folded `text`, (start, end) each, with a word like "first" before them
    and one like "then" between ("first 07700 then 900123")."""
    groups = [text[start:end] for start, end in (head, tail)]
    between = {fold(word) for word in _TOKEN.findall(text, head[1], tail[0])}
    before = [fold(word) for word in _TOKEN.findall(text, max(0, head[0] - _AHEAD), head[0])]
    if (
        not all(map(str.isdigit, groups))
        or between.isdisjoint(then_words())
        or first_words().isdisjoint(before[-_BEFORE_TWO:])
        or is_price_row(groups)
    ):
        return []
    value = home_value("".join(groups), regions)
    return [] if value is None else [Found("phone", value, head[0], tail[1], True, "in parts")]


@lru_cache(maxsize=2_000)
def home_value(digits: str, regions: tuple[str, ...]) -> str | None:
    """E.164 of digits put together, a number of one of the `regions` or with an exit code before it; else None."""
    value = phone_value(digits, False, regions, False)
    at_home = tuple(f"+{country_code_for_region(region)}" for region in regions)
    return value if value is not None and (value.startswith(at_home) or digits.startswith("00")) else None


def _pieces(text: str, language: str | None) -> list[_Piece] | None:
    """The parts in their order; None where letters touch digits."""
    tongue = language_of_numbers(text, language)
    table = number_words(tongue) if tongue is not None else None
    pieces: list[_Piece] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token.isdigit():
            digits = token
        elif not token.isalpha():
            return None
        else:
            value = table.values.get((token.lower(),)) if table is not None else None
            if table is None or value is None or value > 9 or not _beside_digits(text, match, table):
                continue
            digits = str(value)
        if pieces and _WITHIN.fullmatch(text, pieces[-1].end, match.start()):
            last = pieces.pop()
            pieces.append(_Piece(last.digits + digits, last.start, match.end()))
        else:
            pieces.append(_Piece(digits, match.start(), match.end()))
    return pieces


def _beside_digits(text: str, word: re.Match[str], table: NumberWords) -> bool:
    """Whether a number word has a figure, or another single number word, right beside it ("0 drie zes 2")."""
    line_from = text.rfind("\n", 0, word.start()) + 1
    before = text[line_from : word.start()].split()[-1:]
    behind = text[word.end() :].split("\n", 1)[0].split()[:1]
    beside = [token.strip(".,:)(").lower() for token in (*before, *behind)]
    return any(token.isdigit() or token in table.units for token in beside)


def _has_tail(text: str, pieces: list[_Piece]) -> bool:
    """Two parts, and words before the second that it ends the number, with as many digits as they say."""
    if len(pieces) != 2:
        return False
    head, tail = pieces
    if len(head.digits) < _FEWEST_HEAD or len(tail.digits) < _FEWEST_TAIL:
        return False
    between = [fold(word) for word in _TOKEN.findall(text, head.end, tail.start)]
    near = between[-_WORDS_BEFORE:]
    behind = [fold(word) for word in _TOKEN.findall(text, tail.end, tail.end + 40)][:3]
    told = [word for word in near if word in _words("tail")]
    if not told and not (near[-1:] and near[-1] in ("add", "with") and "end" in behind):
        return False
    around = {fold(word) for word in _TOKEN.findall(text)}
    if not around.isdisjoint(_words("other")):
        return False
    counts = [_counts()[word] for word in near if word in _counts()]
    return not counts or counts[-1] == len(tail.digits)


def _in_lines(text: str, pieces: list[_Piece]) -> bool:
    """The first part ends its line, the others are lines of their own, and lines of words stand between some."""
    words = False
    for place, piece in enumerate(pieces):
        line_from = text.rfind("\n", 0, piece.start) + 1
        line_to = text.find("\n", piece.end)
        if place + 1 < len(pieces) and line_to < 0:
            return False
        rest = text[piece.end : line_to if line_to >= 0 else len(text)]
        ahead = text[line_from : piece.start]
        if any(map(str.isalnum, rest)) or (place and any(map(str.isalnum, ahead))):
            return False
        if place:
            words |= any(map(str.isalpha, text[pieces[place - 1].end : piece.start]))
    return words


def _with_remarks(text: str, pieces: list[_Piece]) -> bool:
    """Three or more parts with few words between, one of them a word for telephones, none a thing that is counted."""
    if len(pieces) < 3 or not any(piece.digits[0] == "0" for piece in pieces):
        return False
    cues = cue_words()
    told = False
    for left, right in pairwise(pieces):
        gap = text[left.end : right.start]
        words = [fold(word) for word in _TOKEN.findall(gap)]
        if not 1 <= len(words) <= _WORDS_BETWEEN or not cues["units"].isdisjoint(words) or "\n" in gap:
            return False
        told |= not cues["phone"].isdisjoint(words) or not cues["line"].isdisjoint(words)
    return told


def _with_fillers(text: str, pieces: list[_Piece]) -> bool:
    """Three parts or more of a line with a word or two between that say nothing of figures, and one of noughts, or
    beginning with one, behind others: no count, price or time is written so ("600 mi amor 000 rico 943")."""
    if len(pieces) < 3 or not any(piece.digits[0] == "0" and len(piece.digits) > 1 for piece in pieces[1:]):
        return False
    cues = cue_words()
    for left, right in pairwise(pieces):
        gap = text[left.end : right.start]
        words = [fold(word) for word in _TOKEN.findall(gap)]
        if not 1 <= len(words) <= _FILLERS or any(sign in gap for sign in "\n.:;()/"):
            return False
        if any(not cues[kind].isdisjoint(words) for kind in ("units", "other", "papers")):
            return False
    return True

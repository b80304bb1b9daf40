"""Clusters of digits, number words and look-alikes that may be telephone numbers, found with array operations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from assets.extraction.number_words import all_number_words, languages_beginning, split_token
from assets.extraction.phone_parts import LEET_LETTERS, LOOK_ALIKES
from assets.extraction.phone_validity import regions_for
from assets.extraction.possible_numbers import may_be_numbers
from assets.extraction.runs import DIGITS, Runs, chains
from assets.extraction.scan import Scan
from assets.extraction.vocabulary import CUE, GLUED, JOINER, LOOK_ALIKE, NUMBER, UNIT, digits_of

_FEWEST_DIGITS = 7
# Characters between two parts of one number, as in `phone_parts`.
_GAP = 10
# How near another figure has to be to change what a row of digits is ("52.520008 N, 13.404954 E").
_NEXT_FIGURE = 16
# Characters between a plus and the digits that it marks.
_TO_PLUS = 6
# Groups of an evenly written row, and marks of the sentence beside it, at most.
_MOST_GROUPS, _FEW_MARKS = 6, 3


def _marks(listed: str) -> np.ndarray:
    """Bool by code point: whether it is one of the characters `listed`."""
    table = np.zeros(0x110000, bool)
    table[[ord(mark) for mark in listed]] = True
    return table


_AHEAD, _BEHIND, _BETWEEN = _marks(" \n.,:;!?-"), _marks(" \n.,;!?"), _marks(" ./-")
# By code point up to the last letter of Latin, Greek and Cyrillic; of others nothing is said.
_NO_CAPITAL = np.array([not chr(code).isupper() for code in range(0x530)] + [False])


class NumberCluster(NamedTuple):
    """Parts of a possible telephone number: places in the scan's text, `row` its text.

    `low` and `high` are the letters or digits next to it, or the borders of its text; `told_from` and `told_to` take
    in the words nearby that say what it is. `written` when words or look-alikes are among its parts, `alone` when
    only digits are and what stands beside them parts them from letters. `figure_before` and `figure_after` tell of
    other digits close to it. `even` is the number of groups of a row that is evenly written, 0 for any other
    (`_evenly_written`), `separator` the code point between them; `plus` when it has a plus right before it and
    `indivisible` when no part of its groups has enough digits for a number.
    """

    row: int
    begin: int
    end: int
    low: int
    high: int
    told_from: int
    told_to: int
    written: bool
    alone: bool
    figure_before: bool
    figure_after: bool
    even: int
    separator: int
    plus: bool
    indivisible: bool


class _Parts(NamedTuple):
    """Of the runs of a scan: `word` (bool) those that may be words of a number, `figure` (bool) those of digits that
    nothing else has taken; `chosen` the places of all that count, `weight` their digits at most."""

    word: np.ndarray
    figure: np.ndarray
    chosen: np.ndarray
    weight: np.ndarray


def number_clusters(
    scan: Scan,
    flags: np.ndarray,
    taken: np.ndarray,
    regions: Sequence[str | None],
    languages: Sequence[str | None],
    backward: Collection[int] = (),
) -> list[NumberCluster]:
    """Rows of digits, number words and look-alikes that may be telephone numbers, in order.

    `taken` (int, two columns) are the spans that other identifiers have been read from, places in the scan's text;
    `regions` and `languages` are those of each text, `backward` the texts whose digits may run backwards.
    """
    if not len(flags):
        return []
    parts = _parts(scan, flags, taken)
    chosen, weight = parts.chosen, parts.weight
    if not len(chosen):
        return []
    opens = np.zeros(len(scan.runs.begin) + 1, bool)
    opens[np.searchsorted(scan.runs.begin, scan.starts)] = True
    # A word like "and" belongs to a number only between two parts of it.
    joiner = (flags.take(chosen) & (JOINER | NUMBER) == JOINER) & (weight == 0)
    near = _near(scan.runs, chosen, opens)
    inside = np.concatenate([[False], near]) & np.concatenate([near, [False]])
    kept = np.flatnonzero(inside | ~joiner)
    if not len(kept):
        return []
    chosen, weight = chosen.take(kept), weight.take(kept)
    heads = np.flatnonzero(np.concatenate([[True], ~_near(scan.runs, chosen, opens)]))
    tails = np.concatenate([heads[1:], [len(chosen)]]) - 1
    enough = np.flatnonzero(np.add.reduceat(weight, heads) >= _FEWEST_DIGITS)
    if not len(enough):
        return []
    parts = parts._replace(chosen=chosen, weight=weight)
    return _described(
        scan, flags, parts, heads.take(enough), tails.take(enough), regions, languages, backward
    )


def _parts(scan: Scan, flags: np.ndarray, taken: np.ndarray) -> _Parts:
    runs = scan.runs
    figure = runs.kind == DIGITS
    word = flags & (NUMBER | JOINER | LOOK_ALIKE) != 0
    more = np.zeros(len(flags), np.int64)
    free = np.ones(len(flags), bool)
    if len(taken):
        first = np.searchsorted(runs.end, taken[:, 0], side="right")
        count = np.maximum(np.searchsorted(runs.begin, taken[:, 1]) - first, 0)
        free[_ranges(first, count)] = False
    _enter_glued(scan, flags, word, more)
    _enter_mixed(scan, figure, free, word, more)
    figure &= free
    chosen = np.flatnonzero(figure | (word & free))
    marks = flags.take(chosen)
    weight = digits_of(marks)
    spelled = figure.take(chosen) | ((marks & LOOK_ALIKE != 0) & (weight == 0))
    length = runs.end.take(chosen) - runs.begin.take(chosen)
    return _Parts(word, figure, chosen, np.where(spelled, length, weight) + more.take(chosen))


def _ranges(first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The numbers `first[i]`, `first[i] + 1` … for each i, `count[i]` of them."""
    return np.asarray(np.arange(count.sum()) + np.repeat(first - np.cumsum(count) + count, count))


def _near(runs: Runs, chosen: np.ndarray, opens: np.ndarray) -> np.ndarray:
    """Which of the `chosen` runs are followed by the next one of them closely, in the same text: `opens` (bool per
    run) marks the first one of each."""
    ahead = chosen[1:]
    gap = runs.begin.take(ahead) - runs.end.take(chosen[:-1])
    return np.asarray((ahead == chosen[:-1] + 1) & (gap <= _GAP) & ~opens.take(ahead))


def _described(
    scan: Scan,
    flags: np.ndarray,
    parts: _Parts,
    heads: np.ndarray,
    tails: np.ndarray,
    regions: Sequence[str | None],
    languages: Sequence[str | None],
    backward: Collection[int],
) -> list[NumberCluster]:
    begin, end = scan.runs.begin, scan.runs.end
    first, last = parts.chosen.take(heads), parts.chosen.take(tails)
    start, stop = begin.take(first), end.take(last)
    row = scan.rows(start)
    written = _between(parts.word.take(parts.chosen), heads, tails + 1) > 0
    text_low, text_high = scan.starts.take(row), scan.starts.take(row + 1) - 1
    low = np.maximum(np.where(first > 0, end.take(first - 1, mode="clip"), 0), text_low)
    high = np.minimum(
        np.where(last + 1 < len(begin), begin.take(last + 1, mode="clip"), text_high), text_high
    )
    told_from, told_to = low, high
    words = scan.runs.letters
    behind = np.searchsorted(words, first)
    for step in (1, 2, 3) if len(words) else ():
        at = words.take(behind - step, mode="clip")
        # A currency counts right before the digits only.
        wanted = CUE | UNIT if step == 1 else CUE
        place = begin.take(at)
        telling = (behind >= step) & (flags.take(at) & wanted != 0) & (place >= text_low)
        told_from = np.where(telling, place, told_from)
    unit = (last + 1 < len(begin)) & (flags.take(last + 1, mode="clip") & UNIT != 0)
    unit_end = end.take(last + 1, mode="clip")
    told_to = np.where(unit & (unit_end <= text_high), unit_end, told_to)
    alone = (
        ~written
        & ((low == text_low) | _apart(scan.codes, low, start))
        & ((high == text_high) | _apart(scan.codes, stop, high))
    )
    figures = np.flatnonzero(parts.figure)
    ends_before = np.concatenate([[-_NEXT_FIGURE], end.take(figures)]).take(np.searchsorted(figures, first))
    begins_after = np.concatenate([begin.take(figures), [len(scan.codes) + _NEXT_FIGURE]]).take(
        np.searchsorted(figures, last, side="right")
    )
    figure_before = ends_before > np.maximum(low - _NEXT_FIGURE, text_low)
    figure_after = begins_after < np.minimum(high + _NEXT_FIGURE, text_high)
    # Digits that no word speaks for and no plus marks are looked up by their beginning alone.
    pluses = scan.signs[scan.codes.take(scan.signs) == ord("+")]
    marked = np.searchsorted(pluses, start - _TO_PLUS) < np.searchsorted(pluses, stop)
    untold = alone & (told_from == low) & ~figure_before & ~marked
    if backward:
        untold &= ~np.isin(row, list(backward))
    asked = np.flatnonzero(untold)
    kept = np.ones(len(heads), bool)
    if len(asked):
        count = (tails - heads + 1).take(asked)
        groups = parts.chosen.take(_ranges(heads.take(asked), count))
        owner = np.repeat(np.arange(len(asked)), count)
        defaults = [regions_for(regions[text], languages[text]) for text in row.take(asked).tolist()]
        kept[asked] = may_be_numbers(scan.codes, begin.take(groups), end.take(groups), owner, defaults)
    places = row, start, stop, low, high, told_from, told_to, written, alone, figure_before, figure_after
    forms = _evenly_written(scan.codes, scan.runs, parts, heads, tails, low, high, alone, text_low)
    left = np.flatnonzero(kept)
    columns = [column.take(left).tolist() for column in (*places, *forms)]
    return list(map(NumberCluster._make, zip(*columns, strict=True)))


def _evenly_written(
    codes: np.ndarray,
    runs: Runs,
    parts: _Parts,
    heads: np.ndarray,
    tails: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    alone: np.ndarray,
    text_low: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """`even`, `separator`, `plus` and `indivisible` of the rows from the parts `heads` to `tails`.

    Evenly written is what stands alone between blanks and marks of a sentence with one and the same blank, point,
    hyphen or slash between its groups, and has no form of a date, a counted series, an address of a machine, a card
    or a book.
    """
    begin, end = runs.begin.take(parts.chosen), runs.end.take(parts.chosen)
    start, stop = begin.take(heads), end.take(tails)
    count, size = tails - heads + 1, end - begin
    digits = _between(size, heads, tails + 1)
    head_size, tail_size = size.take(heads), size.take(tails)
    plus = (start > low) & (codes.take(start - 1, mode="clip") == ord("+"))
    opening = start - plus
    even = alone & (count <= _MOST_GROUPS) & (opening - low <= _FEW_MARKS) & (high - stop <= _FEW_MARKS)
    # "NL50 ABNA 3416…": a capital before it may be the head of a bank account.
    before = np.minimum(codes.take(low - 1, mode="clip"), len(_NO_CAPITAL) - 1)
    even &= (low == text_low) | _NO_CAPITAL.take(before)
    for step in range(_FEW_MARKS):
        ahead, behind = opening - 1 - step, stop + step
        even &= (ahead < low) | _AHEAD.take(codes.take(ahead, mode="clip"))
        even &= (behind >= high) | _BEHIND.take(codes.take(behind, mode="clip"))
    # One character between each two groups, and the same one.
    gap = codes.take(end, mode="clip")
    separator = np.where(count > 1, gap.take(heads), 0)
    even &= (stop - start == digits + count - 1) & ((count == 1) | _BETWEEN.take(separator))
    changes = np.concatenate([gap[1:] != gap[:-1], [False]])
    even &= _between(changes, heads, np.maximum(tails - 1, heads)) == 0
    # Small numbers without a nought ahead may rise or fall.
    small = (size <= 2) & (codes.take(begin) != ord("0"))
    even &= (count < 5) | (_between(~small, heads, tails + 1) > 0)
    pointed, hyphened = separator == ord("."), (separator == ord("-")) | (separator == ord("/"))
    year = ((head_size == 4) & (tail_size < 3)) | ((head_size < 3) & (tail_size == 4))
    date = (count == 3) & (pointed | hyphened) & (digits - head_size - tail_size < 3) & year
    machine, years = (count == 4) & pointed, (count == 2) & hyphened & (digits == 8)
    even &= ~(date | machine | years | (digits == 13) | (digits == 16))
    indivisible = digits - np.minimum(head_size, tail_size) < _FEWEST_DIGITS
    return np.where(even, count, 0), separator, plus, indivisible


def _between(counted: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """The sums of `counted[start:stop]`."""
    sums = np.concatenate([[0], np.cumsum(counted)])
    return np.asarray(sums.take(stop) - sums.take(start))


def _apart(codes: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whether what stands at [begin, end) parts digits from letters, as no hyphen inside a token does."""
    length, sign = end - begin, codes.take(begin, mode="clip")
    hyphen = (sign == ord("-")) | (sign == ord("_")) | (sign == ord("."))
    return np.asarray((length > 1) | ((length == 1) & ~hyphen))


def _enter_glued(scan: Scan, flags: np.ndarray, word: np.ndarray, more: np.ndarray) -> None:
    """Runs of letters that are number words without a blank between, with their digits."""
    glued = np.flatnonzero(flags & GLUED != 0)
    starts, stops = scan.runs.begin.take(glued).tolist(), scan.runs.end.take(glued).tolist()
    for run, start, stop in zip(glued.tolist(), starts, stops, strict=True):
        digits = _glued_digits(scan.text[start:stop])
        if digits:
            word[run] = True
            more[run] = digits


def _enter_mixed(
    scan: Scan, figure: np.ndarray, free: np.ndarray, word: np.ndarray, more: np.ndarray
) -> None:
    """Letters between or beside digits, when they may be words or look-alikes of digits; in what is `free`."""
    heads, tails = chains(scan.runs)
    left = np.flatnonzero(free.take(heads) | free.take(tails))
    heads, tails = heads.take(left), tails.take(left)
    starts, stops = scan.runs.begin.take(heads).tolist(), scan.runs.end.take(tails).tolist()
    for first, last, start, stop in zip(heads.tolist(), tails.tolist(), starts, stops, strict=True):
        letters = _mixed_digits(scan.text[start:stop])
        if letters:
            inside = slice(first, last + 1)
            word[inside] |= ~figure[inside]
            more[first] += letters


@lru_cache(maxsize=20_000)
def _glued_digits(token: str) -> int:
    """How many digits a token of number words alone stands for at most; 0 for any other."""
    lower = token.lower()
    most = 0
    for language in languages_beginning(lower):
        parts = split_token(lower, language)
        if parts:
            table = all_number_words()[language]
            most = max(most, sum(3 if word in table.words else 0 for word, _, _ in parts))
    return most


@lru_cache(maxsize=20_000)
def _mixed_digits(token: str) -> int:
    """How many digits the letters of a token of letters and digits stand for; 0 when they may stand for none."""
    if len(token) > 60:
        return 0
    pieces: list[str] = []
    for character in token:
        if pieces and pieces[-1][0].isdigit() == character.isdigit():
            pieces[-1] += character
        else:
            pieces.append(character)
    letters = [piece for piece in pieces if not piece[0].isdigit()]
    if all(len(piece) <= 6 and all(letter in LOOK_ALIKES for letter in piece) for piece in letters):
        return sum(map(len, letters))
    spelled = token.lower().translate(LEET_LETTERS)
    if any(split_token(spelled, language) for language in languages_beginning(spelled)):
        return len(token)
    known = [
        any(split_token(piece.lower(), language) for language in languages_beginning(piece.lower()))
        or all(letter in LOOK_ALIKES for letter in piece)
        for piece in letters
    ]
    return 3 * len(letters) if all(known) else 0

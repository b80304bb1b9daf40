"""Which letter runs of a scan may be words that matter: number words, written-out signs, platforms, words for phones.

A run is looked up by five of its letters and its length in one table for all runs of a batch at once. Another word
with the same five letters, or now and then the same mark, passes for it: a hit is a reason to look, never an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np

from assets.extraction.foreign_numbers import countries_said
from assets.extraction.misspelt_numbers import misspellings, mistyped_digits
from assets.extraction.normalise import fold
from assets.extraction.number_words import all_number_words
from assets.extraction.phone_parts import ALONE, LONGEST_ALIKE
from assets.extraction.phone_surroundings import cue_words, reversing_words
from assets.extraction.platforms import platforms
from assets.extraction.rule_files import languages_with
from assets.extraction.scattered_numbers import tail_words
from assets.extraction.signs_in_words import by_ear, signs_in_words
from assets.extraction.then_words import then_words
from assets.extraction.web_addresses import top_level_words

(
    NUMBER, JOINER, AT, DOT, PLATFORM, CUE, UNIT, LINK_END, TOP_LEVEL, LOOK_ALIKE, GLUED, SLASH,
    REVERSED, THEN, FOREIGN, TAIL, BY_EAR,
) = (1 << place for place in range(17))  # fmt: skip
# How many digits the word stands for at most.
_DIGITS_SHIFT = 17
_FLAGS = (1 << _DIGITS_SHIFT) - 1
# "Six zeros": as many digits as the word for one of them may add.
_MOST_OF_ONE_DIGIT = 5
# Bits of a place in the table of words, and in those of their edges, which hold more.
_TABLE_BITS, _EDGE_BITS = 16, 18
# Mark of a place in the table that words of different marks share.
_SHARED = np.uint32(0)
_LONGEST = 24
# Homophones that every text has, and whose mark would tell nothing.
_TOO_COMMON = frozenset(["for", "to", "the", "sex", "dis", "set", "vin", "nada"])
# Shortest run of letters that can be number words without a blank between.
SHORTEST_GLUED = 6
_LOWER = np.arange(0x110000, dtype=np.uint32)
_LOWER[0x41:0x5B] += 0x20
_LOWER[0x410:0x430] += 0x20
_LOWER[0x401:0x410] += 0x50
_LOWER[0x391:0x3AA] += 0x20
_PASSES_FOR_DIGIT = np.zeros(0x110000, bool)
_PASSES_FOR_DIGIT[[ord(letter) for letter in ALONE if letter.isalpha()]] = True


def word_flags(codes: np.ndarray, begin: np.ndarray, end: np.ndarray, plain: bool) -> np.ndarray:
    """Per letter run the flags (uint32) of the words it may be; `digits_of` tells how many digits it stands for.

    `plain` says that all letters are those of ASCII, whose small ones differ from the capitals by one bit.
    """
    if not len(begin):
        return np.zeros(0, np.uint32)
    length = end - begin
    last = end - 1
    places = (
        begin,
        np.minimum(begin + 1, last),
        np.minimum(begin + 2, last),
        np.maximum(last - 1, begin),
        last,
    )
    spelled = [codes.take(place) for place in places]
    letters = [letter | np.uint32(0x20) if plain else _LOWER.take(letter) for letter in spelled]
    words = _words()
    beginning = _stirred(letters[0], *letters[1:3])
    mixed = _mixed(beginning, letters[3], letters[4], length)
    place = mixed >> np.uint32(32 - _TABLE_BITS)
    flags = words.flags.take(place)
    hits = np.flatnonzero(flags)
    mixed = mixed.take(hits)
    mark = words.marks.take(place.take(hits))
    flags[hits[(mark != mixed) & (mark != _SHARED)]] = 0
    shared = np.flatnonzero(mark == _SHARED)
    one = np.searchsorted(words.crowded_marks, mixed.take(shared))
    same = words.crowded_marks.take(one, mode="clip") == mixed.take(shared)
    flags[hits.take(shared)] = np.where(same, words.crowded_flags.take(one, mode="clip"), 0)
    flags[hits[length.take(hits) > _LONGEST]] = 0
    # Five places are all there is of so many letters.
    alike = np.flatnonzero(length <= LONGEST_ALIKE)
    for letter in spelled:
        alike = alike[_PASSES_FOR_DIGIT.take(letter.take(alike))]
    flags[alike] |= LOOK_ALIKE
    begins, heads, tails = _edges()
    # Few runs are left here, so that more letters cost little.
    left = np.flatnonzero((length >= SHORTEST_GLUED) & begins.take(beginning >> np.uint32(32 - _EDGE_BITS)))
    left = left[flags.take(left) & NUMBER == 0]
    fourth, third_last, fourth_last = (
        _LOWER.take(codes.take(place))
        for place in (begin.take(left) + 3, last.take(left) - 2, last.take(left) - 3)
    )
    first, second, third, before_last, at_last = (letter.take(left) for letter in letters)
    left = left[
        heads.take(_place(first, second, third, fourth))
        & tails.take(_place(fourth_last, third_last, before_last, at_last))
    ]
    flags[left] |= GLUED
    return flags


def digits_of(flags: np.ndarray) -> np.ndarray:
    """The most digits that words with these flags stand for."""
    return (flags >> _DIGITS_SHIFT).astype(np.int64)


def _stirred(first: np.ndarray, *further: np.ndarray) -> np.ndarray:
    """A number (uint32) that a few letters (uint32) make, spread over all its bits."""
    mixed = first * np.uint32(0x9E3779B1)
    for letter in further:
        mixed ^= letter
        mixed *= np.uint32(0x85EBCA6B)
        mixed ^= mixed >> np.uint32(15)
    return np.asarray(mixed)


def _mixed(
    beginning: np.ndarray, before_last: np.ndarray, last: np.ndarray, length: np.ndarray
) -> np.ndarray:
    """A word's mark (uint32), whose first bits are its place in the table; `beginning` is made of three letters."""
    mixed = beginning ^ (length.astype(np.uint32) << np.uint32(24))
    for letter in (before_last, last):
        mixed ^= letter
        mixed *= np.uint32(0x85EBCA6B)
        mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    return np.asarray(mixed)


def _place(first: np.ndarray, *further: np.ndarray) -> np.ndarray:
    """The place of a few letters in a table of `_edges`."""
    return np.asarray(_stirred(first, *further) >> np.uint32(32 - _EDGE_BITS))


def _five_letters(word: str) -> tuple[str, str, str, str, str]:
    last = len(word) - 1
    return word[0], word[min(1, last)], word[min(2, last)], word[max(last - 1, 0)], word[last]


def _spelled(words: Iterable[str]) -> list[np.ndarray]:
    """The five letters of each word as `word_flags` takes them, and the lengths as the last row."""
    listed = [word for word in words if word]
    places = [[ord(letter) for letter in _five_letters(word)] + [len(word)] for word in listed]
    return list(np.array(places, np.uint32).reshape(-1, 6).T)


def _number_flags() -> dict[str, int]:
    flags: dict[str, int] = {}

    def enter(word: str, flag: int, digits: int) -> None:
        known = flags.get(word, 0)
        flags[word] = (known & _FLAGS) | flag | max(known >> _DIGITS_SHIFT, digits) << _DIGITS_SHIFT

    for table in all_number_words().values():
        for phrase, value in table.values.items():
            for word in phrase:
                enter(word, NUMBER, len(str(value)))
        for word in table.hundred:
            enter(word, NUMBER, 2)
        for word, times in table.repeats.items():
            enter(word, NUMBER, times - 1)
        for word in table.plurals:
            enter(word, NUMBER, _MOST_OF_ONE_DIGIT)
        for word in table.thousand:
            enter(word, NUMBER, 3)
        for word in table.plus:
            enter(word, NUMBER, 0)
        for word in table.joiners:
            enter(word, JOINER, 0)
    return flags


class _Words(NamedTuple):
    """Flags per place (0 for none), and the mark of the word that the place belongs to; where words share a place,
    their marks, sorted, and flags beside them."""

    flags: np.ndarray
    marks: np.ndarray
    crowded_marks: np.ndarray
    crowded_flags: np.ndarray


@cache
def _words() -> _Words:
    flags = _number_flags()
    signs, cues = signs_in_words(), cue_words()
    for flag, listed in (
        (AT, [*signs["at"], *signs["at_common"], "a"]),
        (DOT, [*signs["dot"], *signs["dot_short"]]),
        (PLATFORM, list(platforms().names)),
        (LINK_END, ["me", "com"]),
        (SLASH, signs["slash"]),
        (TOP_LEVEL, [*top_level_words(), *by_ear(), "xn"]),
        (CUE, [word for kind in ("phone", "other", "numbered", "coded") for word in cues[kind]]),
        (UNIT, [*cues["units"], "zl"]),
        (REVERSED, list(reversing_words())),
        (THEN, list(then_words())),
        (FOREIGN, list(countries_said())),
        (TAIL, list(tail_words())),
        (
            BY_EAR,
            [
                word
                for one in languages_with("numbers")
                for word in (*misspellings(one), *mistyped_digits(one))
                if word not in _TOO_COMMON
            ],
        ),
    ):
        for phrase in listed:
            # Of a phrase the first word tells.
            for word in fold(str(phrase)).split()[:1]:
                flags[word] = flags.get(word, 0) | flag
    words = list(flags)
    *letters, lengths = _spelled(words)
    mixed = _mixed(_stirred(letters[0], *letters[1:3]), letters[3], letters[4], lengths)
    by_mark: dict[int, int] = {}
    for word, mark in zip(words, mixed.tolist(), strict=True):
        # Words of the same mark have the flags of both and the greater number of digits.
        known, value = by_mark.get(mark, 0), flags[word]
        digits = max(known >> _DIGITS_SHIFT, value >> _DIGITS_SHIFT)
        by_mark[mark] = ((known | value) & _FLAGS) | digits << _DIGITS_SHIFT
    ordered = np.array(sorted(by_mark), np.uint32)
    values = np.array([by_mark[mark] for mark in ordered.tolist()], np.uint32)
    places = ordered >> np.uint32(32 - _TABLE_BITS)
    table, marks = np.zeros(1 << _TABLE_BITS, np.uint32), np.zeros(1 << _TABLE_BITS, np.uint32)
    table[places], marks[places] = values, ordered
    crowded = np.bincount(places, minlength=len(table)).take(places) > 1
    marks[places[crowded]] = _SHARED
    return _Words(table, marks, ordered[crowded], values[crowded])


@cache
def _edges() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which three and which four letters begin two number words without a blank, and which four end them."""
    heads: set[str] = set()
    tails: set[str] = set()
    for table in all_number_words().values():
        words = [word for word in table.words | table.joiners if len(word) > 1]
        begins, ends = {word[:2] for word in words}, {word[-2:] for word in words}
        heads.update((word + begin)[:4] for word in words for begin in begins)
        tails.update((end + word)[-4:] for word in words for end in ends)
    return _entered({head[:3] for head in heads}), _entered(heads), _entered(tails)


def _entered(edges: set[str]) -> np.ndarray:
    """The table (bool per place) that holds `edges`, strings of one length."""
    table = np.zeros(1 << _EDGE_BITS, bool)
    table[_place(*np.array([[ord(letter) for letter in edge] for edge in edges], np.uint32).T)] = True
    return table

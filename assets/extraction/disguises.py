"""Disguises that are undone before anything is read: letters set apart or drawn out, signs for letters, fillers.

Each is looked for in the whole batch at once by its marks and undone only where a number word or a row of digits
comes out of it, so that all other text stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

import numpy as np

from assets.extraction.dashed_words import dashes_in_words, is_number_word
from assets.extraction.number_words import number_word_set
from assets.extraction.phone_parts import LEET_LETTERS, LOOK_ALIKES
from assets.extraction.platforms import platforms
from assets.extraction.round_signs import round_places, undo_round_signs
from assets.extraction.runs import LETTERS, Runs, chains

# What a batch may need: places → new code points, and places that go.
Changes = tuple[dict[int, int], list[int]]
_SIGNED_WORD = re.compile(r"[^\W_]*(?:[@$][^\W_]+)+[@$]?|[^\W_]+[@$]")
# What no number word is: a domain or the like behind the sign.
_NAME_BEHIND = re.compile(r"[@$][^\W_]{1,19}[._][^\W_]")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
# Fewest pairs of single letters in a row that can be two number words, and letters that can be a platform's name.
_FEWEST_APART, _SHORTEST_NAME = 5, 5
_LONGEST_NAME = 12
_APART = re.compile(r"[^\W_](?:([ .\-_*·])[^\W_](?:\1[^\W_])*)(?![^\W_])")
_FILLED = re.compile(r"(?<![^\W_])\d{1,4}([a-zA-Z]{1,2})\d{1,4}(?:\1\d{1,4}){2,}(?![^\W_])")
# Letters that mean nothing between single digits ("6x0y0z1x").
_MIXED_FILLING = re.compile(r"(?<![^\W_])\d(?:[xyzXYZ]\d){6,}[xyzXYZ]?(?![^\W_])")
_SUMMED = re.compile(r"(?<![\d+])\d{1,4}(?P<sign> ?\+ ?)\d{1,4}(?:(?P=sign)\d{1,4})+(?!\d)")
_GROUP = re.compile(r"[0-9]+")
# A remark in brackets, words or a picture, with a blank, or the next digit, behind it.
_REMARK = re.compile(
    r"[(\[](?=[^()\[\]\d\n]*(?:[^\W\d_]{2}|[^\w\x00-\u20ff]))[^()\[\]\d\n]{1,45}[)\]](?:\s|(?=[0-9+]))"
)
_WITH_ASIDES = re.compile(
    r"\+?[0-9](?:[0-9]|[ ./-]{1,3}[0-9])*(?:[ .-]{0,3}[(\[][^()\[\]\d\n]{1,45}[)\]][ .-]{0,3}"
    r"[0-9](?:[0-9]|[ ./-]{1,3}[0-9])*)+"
)
_LONGEST_GROUP = 24
_LEFT_OUT = re.compile(r" ?=(?!\s*\d)")
_MOST = 400
_LONGEST_FILLED = 60


def disguises(text: str, codes: np.ndarray, runs: Runs, signs: np.ndarray) -> Changes:
    """What to replace and to drop in the folded `text` (its code points `codes`, uint32).

    `runs` are its runs of letters or digits, `signs` the places of its marks other than blanks.
    """
    replaced: dict[int, int] = {}
    dropped: list[int] = []
    sign = codes.take(signs)
    begin, end = runs.begin, runs.end
    for place in signs[(sign == ord("@")) | (sign == ord("$"))].tolist():
        for at, letter in _signed_word(text, place):
            replaced[at] = letter
    same = codes[1:] == codes[:-1]
    thrice = np.flatnonzero(same[1:] & same[:-1])
    if len(thrice) and len(begin):
        run = np.searchsorted(begin, thrice, side="right") - 1
        inside = (run >= 0) & (runs.kind.take(run) == LETTERS) & (thrice + 2 < end.take(run))
        for drawn in np.unique(run[inside]).tolist():
            dropped.extend(_drawn_out(text, int(begin[drawn]), int(end[drawn])))
    for first, last in zip(*_mixed_names(runs), strict=True):
        for at, letter in _letters_of_platform(text[first:last].lower()):
            replaced[first + at] = letter
    done = 0
    for place in round_places(codes, signs):
        if place >= done:
            done = undo_round_signs(text, place, replaced, dropped)
    done = 0
    for first in begin.take(_heads(_fillings(runs))).tolist():
        if first >= done:
            done = _fill(text, first, replaced)
    for first, last in _stretches(_set_side_by_side(runs)):
        apart = _set_apart(text, int(begin[first]), int(end[last])) if last - first >= _FEWEST_APART else []
        if not apart and last - first >= _SHORTEST_NAME - 1:
            apart = _platform_set_apart(text, int(begin[first]), int(end[last]))
        dropped.extend(apart)
    dropped.extend(dashes_in_words(text, codes, signs[sign == ord("-")]))
    for place in signs[sign == ord("'")].tolist():
        if _is_inside_number_word(text, place):
            dropped.append(place)
    done = 0
    for place in signs[(sign == ord("(")) | (sign == ord("["))].tolist():
        if place >= done:
            aside, done = _asides(text, place)
            dropped.extend(aside)
    for place in signs[sign == ord("+")].tolist():
        if text[max(0, place - 2) : place].rstrip(" ")[-1:].isdigit():
            _unsum(text, place, replaced)
    return replaced, dropped


def _mixed_names(runs: Runs) -> tuple[list[int], list[int]]:
    """Where letters and digits in one begin and end that may be a platform's name by their length."""
    heads, tails = chains(runs)
    start, stop = runs.begin.take(heads), runs.end.take(tails)
    left = np.flatnonzero((stop - start >= _SHORTEST_NAME) & (stop - start <= _LONGEST_NAME))
    return start.take(left).tolist(), stop.take(left).tolist()


@lru_cache(maxsize=20_000)
def _letters_of_platform(token: str) -> tuple[tuple[int, int], ...]:
    """Place and letter of each digit of a platform's name with digits for letters ("t3legram", "1nsta")."""
    for letters in (token.translate(LEET_LETTERS), token.replace("1", "l").translate(LEET_LETTERS)):
        if letters in platforms().names:
            return tuple((at, ord(letters[at])) for at, sign in enumerate(token) if sign != letters[at])
    return ()


def _fillings(runs: Runs) -> np.ndarray:
    """The runs before one or two letters that touch digits or letters on both sides."""
    both = runs.touching[:-1][runs.touching[1:] == runs.touching[:-1] + 1]
    short = runs.end.take(both + 1) - runs.begin.take(both + 1) <= 2
    return np.asarray(both[short & (runs.kind.take(both + 1) == LETTERS)])


def _heads(places: np.ndarray) -> np.ndarray:
    """First of each stretch of at least three `places` two runs apart (digit, letter, digit, letter …)."""
    near = places[1:] - places[:-1] == 2
    return np.asarray(places[:-2][near[:-1] & near[1:]])


def _set_side_by_side(runs: Runs) -> np.ndarray:
    """The runs of one letter or digit with another one close behind, letters among them."""
    single = np.flatnonzero(runs.end - runs.begin == 1)
    pairs = single[:-1][single[1:] == single[:-1] + 1]
    if len(pairs) < _SHORTEST_NAME - 1:
        return np.asarray(pairs[:0])
    close = runs.begin.take(pairs + 1) - runs.end.take(pairs) <= 3
    spelled = (runs.kind.take(pairs) == LETTERS) | (runs.kind.take(pairs + 1) == LETTERS)
    return np.asarray(pairs[close & spelled])


def _stretches(places: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last run of each stretch of `places` in a row."""
    if not len(places):
        return
    cuts = np.flatnonzero(places[1:] != places[:-1] + 1)
    firsts = places[np.concatenate([[0], cuts + 1])]
    lasts = places[np.concatenate([cuts, [len(places) - 1]])] + 1
    yield from zip(firsts.tolist(), lasts.tolist(), strict=True)


def _signed_word(text: str, place: int) -> Iterator[tuple[int, int]]:
    """A sign for a letter in a number word ("qu@tro")."""
    if _NAME_BEHIND.match(text, place) is not None:
        return
    low = place
    while low > 0 and place - low < 20 and (text[low - 1].isalnum() or text[low - 1] in "@$"):
        low -= 1
    word = _SIGNED_WORD.match(text, low, place + 20)
    if word is None or not word.start() <= place < word.end() or len(word.group()) < 3:
        return
    if (
        text[word.end() : word.end() + 1] in (".", "@", "_")
        and text[word.end() + 1 : word.end() + 2].isalnum()
    ):
        return
    letters = word.group().lower().translate(LEET_LETTERS)
    if is_number_word(letters) or letters in platforms().names:
        yield place, ord(text[place].translate(LEET_LETTERS))


@lru_cache(maxsize=20_000)
def _surplus(word: str) -> tuple[int, ...]:
    """Places of the letters by which `word` draws out a number word ("seeeven"); none for any other word."""
    stretches = list(_DRAWN_OUT.finditer(word))
    if len(stretches) > 6:
        return ()
    for lengths in product((1, 2), repeat=len(stretches)):
        gone = {
            place
            for stretch, length in zip(stretches, lengths, strict=True)
            for place in range(stretch.start() + length, stretch.end())
        }
        short = "".join(letter for place, letter in enumerate(word) if place not in gone)
        if len(set(short)) > 1 and is_number_word(short):
            return tuple(sorted(gone))
    return ()


def _drawn_out(text: str, begin: int, end: int) -> list[int]:
    return [begin + place for place in _surplus(text[begin:end].lower())] if end - begin <= 80 else []


def _set_apart(text: str, begin: int, end: int) -> list[int]:
    """Separators inside number words whose letters are set one by one ("s e v e n", "s.e.v.e.n")."""
    if end - begin > _MOST:
        return []
    stretch = text[begin:end]
    found = [(match.start(), match.end()) for match in _APART.finditer(stretch)]
    words = ["".join(c for c in stretch[a:b] if c.isalnum()).lower() for a, b in found]
    if sum(is_number_word(word) for word in words) * 2 <= len(words):
        return []
    # A word of one letter beside the row is none of it ("s e v e n a day").
    for at, (word, (a, b)) in enumerate(zip(words, found, strict=True)):
        if not is_number_word(word) and is_number_word(word[:-1]):
            found[at] = (a, b - 2)
        elif not is_number_word(word) and is_number_word(word[1:]):
            found[at] = (a + 2, b)
    return [begin + place for a, b in found for place in range(a, b) if not stretch[place].isalnum()]


def _platform_set_apart(text: str, begin: int, end: int) -> list[int]:
    """Separators inside a platform's name whose letters are set one by one ("t.e.l.e.g.r.a.m")."""
    names = platforms().names
    return [
        place
        for match in _APART.finditer(text, begin, end)
        if "".join(filter(str.isalpha, match.group())).lower() in names
        for place in range(*match.span())
        if not text[place].isalpha()
    ]


def _fill(text: str, begin: int, replaced: dict[int, int]) -> int:
    """One and the same letter between all digits ("6x0x0") gives way to dots, unless it passes for a digit.

    Returns where the token ends.
    """
    end = begin
    while begin > 0 and text[begin - 1].isalnum() and end - begin < _LONGEST_FILLED:
        begin -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    if end - begin > _LONGEST_FILLED:
        return end
    mixed = _MIXED_FILLING.match(text, begin, end)
    match = mixed or _FILLED.match(text, begin, end)
    if match is not None and (mixed or not all(letter in LOOK_ALIKES for letter in match.group(1))):
        for place in range(*match.span()):
            if not text[place].isdigit():
                replaced[place] = ord("·")
    return end


def _is_inside_number_word(text: str, place: int) -> bool:
    """An apostrophe within a number word, as Ukrainian has it."""
    low, high = place, place + 1
    while low > 0 and place - low < 12 and text[low - 1].isalpha():
        low -= 1
    while high < len(text) and high - place < 16 and text[high].isalpha():
        high += 1
    if low == place or high == place + 1 or text[low].isascii():
        return False
    return (text[low:place] + text[place + 1 : high]).lower() in number_word_set()


def _asides(text: str, place: int) -> tuple[list[int], int]:
    """Remarks in brackets between the groups of a number ("06 (not free) 10000 (really) 467"), and where it ends."""
    low = place
    while low > 0 and place - low < _LONGEST_GROUP and text[low - 1] in "0123456789 +-./":
        low -= 1
    match = _WITH_ASIDES.match(text, place - len(text[low:place].lstrip(" -./")))
    if match is None:
        return [], place + 1
    remarks = list(_REMARK.finditer(text, *match.span()))
    groups = _GROUP.findall(_REMARK.sub(" ", match.group()))
    # Prices are round figures side by side; a number to call has a long group, a nought or a plus ahead.
    told = match.group()[0] == "+" or any(group[0] == "0" or len(group) > 3 for group in groups)
    if not told or not 7 <= sum(map(len, groups)) <= 15:
        return [], place + 1
    return [at for remark in remarks for at in range(remark.start(), remark.end() - 1)], match.end()


def _unsum(text: str, place: int, replaced: dict[int, int]) -> None:
    """Plus signs between all digits ("6+0+0+1") give way to dots."""
    low = place
    while low > 0 and place - low < 40 and text[low - 1] in "0123456789+ ":
        low -= 1
    for match in _SUMMED.finditer(text, low, place + _MOST):
        digits = sum(character.isdigit() for character in match.group())
        # Three summands are one only where the sum is left out ("600+000+123=").
        short = match.group().count("+") < 3
        if place in replaced or digits < 7 or (short and not _LEFT_OUT.match(text, match.end())):
            continue
        for at in range(*match.span()):
            if text[at] == "+":
                replaced[at] = ord("·")

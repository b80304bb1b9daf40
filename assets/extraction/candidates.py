"""Where in a batch of texts an identifier may be, found with array operations before Python looks at any text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from assets.extraction.number_words import all_number_words, languages_beginning, split_token
from assets.extraction.phone_parts import LEET_LETTERS, LOOK_ALIKES
from assets.extraction.phone_surroundings import reversing_words
from assets.extraction.phone_validity import regions_for
from assets.extraction.possible_numbers import may_be_numbers
from assets.extraction.scan import DIGITS, LETTERS, Scan
from assets.extraction.vocabulary import (
    AT,
    CUE,
    DOT,
    GLUED,
    JOINER,
    LINK_END,
    LOOK_ALIKE,
    NUMBER,
    PLATFORM,
    SLASH,
    TOP_LEVEL,
    UNIT,
    digits_of,
    word_flags,
)

# What a text may hold; bits of `address_signs`.
EMAIL, WRITTEN_AT, LINK, WRITTEN_DOT, SPACED_LINK, NAME, LABELLED, LONG_TOKEN = (
    1 << place for place in range(8)
)
_FEWEST_DIGITS = 7
# Characters between two parts of one number, as in `phone_parts`.
_GAP = 10
# Characters from a written-out at sign to the dot of its domain.
_DOMAIN = 60
_SHORTEST_CRYPTO = 26
_BRACKETS = np.array([ord(sign) for sign in "[]({)}<>*_-"], np.uint32)
# How near another figure has to be to change what a row of digits is ("52.520008 N, 13.404954 E").
_NEXT_FIGURE = 16
# Characters between a plus and the digits that it marks.
_TO_PLUS = 6
# Snapchat's ghost.
_GHOST = 0x1F47B
_SLASHES = np.array([ord(sign) for sign in "/\\"], np.uint32)


def run_flags(scan: Scan) -> np.ndarray:
    """Per run of `scan` the flags of the word that it may be (uint16; 0 for digits)."""
    runs = scan.runs
    flags = np.zeros(len(runs.kind), np.uint16)
    letters = np.flatnonzero(runs.kind == LETTERS)
    flags[letters] = word_flags(scan.codes, runs.begin[letters], runs.end[letters])
    return flags


def address_signs(scan: Scan, flags: np.ndarray) -> dict[int, int]:
    """Text (counted from 0) → bits of what it may hold beside telephone numbers; texts with none are left out."""
    codes, group = scan.codes, scan.runs.group
    begin, end = scan.runs.begin, scan.runs.end
    found: list[tuple[np.ndarray, int]] = []

    def at(offset: int, places: np.ndarray) -> np.ndarray:
        return codes.take(places + offset, mode="clip")

    sign = codes.take(scan.signs)
    at_signs = scan.signs[sign == ord("@")]
    found.append((at_signs, EMAIL | NAME))
    # A picture that stands for a platform even without an at sign.
    found.append((scan.signs[sign == _GHOST], NAME | LABELLED))
    dots = scan.signs[sign == ord(".")]
    label = dots[group.take(dots + 1, mode="clip") == LETTERS]
    if len(label):
        domain = flags[np.searchsorted(begin, label + 1)] & TOP_LEVEL != 0
        found.append((label[domain], LINK))
    colons = scan.signs[sign == ord(":")]
    found.append((colons[(at(1, colons) == ord("/")) & (at(2, colons) == ord("/"))], LINK))
    bracketed = np.isin(at(-1, dots), _BRACKETS) & np.isin(at(1, dots), _BRACKETS)
    found.append((dots[bracketed], LINK | WRITTEN_DOT))
    dot_words = begin[flags & DOT != 0]
    dot_runs = np.flatnonzero(flags & DOT != 0)
    ahead = (
        flags[np.minimum(dot_runs + 1, len(flags) - 1)] & TOP_LEVEL != 0
        if len(dot_runs)
        else np.zeros(0, bool)
    )
    said = ahead | np.isin(at(-1, dot_words), _BRACKETS) | (at(-2, dot_words) | 0x20 == ord("w"))
    found.append((dot_words[said], LINK | WRITTEN_DOT))
    # A point with a blank before it and a domain behind it ("www . foo . example", "foo .example").
    apart = dots[
        (at(-1, dots) == ord(" "))
        & ((at(1, dots) == ord(" ")) | (group.take(dots + 1, mode="clip") == LETTERS))
    ]
    behind = np.minimum(np.searchsorted(begin, apart), len(flags) - 1) if len(apart) else apart
    found.append((apart[flags[behind] & TOP_LEVEL != 0], LINK | WRITTEN_DOT))
    # A slash that is said right behind a domain.
    slash_runs = np.flatnonzero(flags & SLASH != 0)
    domain = flags[np.maximum(slash_runs - 1, 0)] & TOP_LEVEL != 0
    found.append((begin[slash_runs[domain]], LINK | WRITTEN_DOT))
    marked = np.flatnonzero(flags & (AT | PLATFORM | LINK_END) != 0)
    if len(marked):
        spoken = marked[flags[marked] & AT != 0]
        ends = np.sort(np.concatenate([label, dots[bracketed], dot_words, [len(codes) + 2 * _DOMAIN]]))
        near = ends[np.searchsorted(ends, end[spoken])] - end[spoken] <= _DOMAIN
        found.append((begin[spoken[near]], EMAIL | WRITTEN_AT))
        # A name follows or stands before it ("foo_bar on snap").
        found.append((begin[marked[flags[marked] & PLATFORM != 0]], NAME | LABELLED))
        link = end[marked[flags[marked] & LINK_END != 0]]
        ended = marked[flags[marked] & LINK_END != 0]
        link = end[ended]
        slash = flags[np.minimum(ended + 1, len(flags) - 1)] & SLASH != 0
        for offset in (0, 1, 2):
            slash |= np.isin(at(offset, link), _SLASHES)
        found.append((link[slash], SPACED_LINK))
    chains = _chains(begin, end)
    if len(chains):
        length = end[np.concatenate([chains[1:], [len(begin)]]) - 1] - begin[chains]
        found.append((begin[chains[length >= _SHORTEST_CRYPTO]], LONG_TOKEN))
    signs: dict[int, int] = {}
    for places, bits in found:
        if len(places):
            for row in np.unique(scan.rows(places)).tolist():
                signs[row] = signs.get(row, 0) | bits
    return signs


def backward_rows(scan: Scan) -> set[int]:
    """Texts (counted from 0) that may say that digits are written from the last to the first."""
    runs = np.flatnonzero(scan.runs.kind == LETTERS)
    begin, end = scan.runs.begin[runs], scan.runs.end[runs]
    edges, words = _backward_words()
    length = np.minimum(end - begin, edges.shape[0] - 1)
    hits = np.flatnonzero(edges[length, scan.codes.take(begin) & 0x1F, scan.codes.take(end - 1) & 0x1F])
    spans = zip(begin[hits].tolist(), end[hits].tolist(), strict=True)
    places = [start for start, stop in spans if scan.text[start:stop].lower() in words]
    return set(scan.rows(np.array(places)).tolist()) if places else set()


@cache
def _backward_words() -> tuple[np.ndarray, frozenset[str]]:
    """Bool by a word's length and the last bits of its first and last letter in either case, and the words."""
    words = reversing_words()
    edges = np.zeros((max(map(len, words)) + 2, 0x20, 0x20), bool)
    for word in words:
        for first in (word[0], word[0].upper()):
            for last in (word[-1], word[-1].upper()):
                edges[len(word), ord(first) & 0x1F, ord(last) & 0x1F] = True
    return edges, words


def _chains(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """First runs of the chains of letters and digits without anything between."""
    return (
        np.flatnonzero(np.concatenate([[True], begin[1:] != end[:-1]]))
        if len(begin)
        else np.zeros(0, np.int64)
    )


class NumberCluster(NamedTuple):
    """Parts of a possible telephone number: places in the scan's text, `row` its text.

    `low` and `high` are the letters or digits next to it, or the borders of its text; `told_from` and `told_to` take
    in the words nearby that say what it is. `written` when words or look-alikes are among its parts, `alone` when
    only digits are and what stands beside them parts them from letters. `figure_before` and `figure_after` tell of
    other digits close to it.
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
    begin, end, digits = scan.runs.begin, scan.runs.end, scan.runs.kind == DIGITS
    if not len(begin):
        return []
    word = flags & (NUMBER | JOINER | LOOK_ALIKE) != 0
    weight = np.where(digits, end - begin, digits_of(flags))
    weight = np.where((flags & LOOK_ALIKE != 0) & (weight == 0), end - begin, weight)
    _enter_glued(scan, flags, word, weight)
    _enter_mixed(scan, digits, word, weight)
    member = digits | word
    if len(taken):
        inside = np.zeros(len(begin) + 1, np.int64)
        np.add.at(inside, np.searchsorted(end, taken[:, 0], side="right"), 1)
        np.add.at(inside, np.searchsorted(begin, taken[:, 1]), -1)
        untaken = np.cumsum(inside)[:-1] <= 0
        member &= untaken
        digits = digits & untaken
    chosen = np.flatnonzero(member)
    if not len(chosen):
        return []
    # A word like "and" belongs to a number only between two parts of it.
    joiner = (flags[chosen] & (JOINER | NUMBER) == JOINER) & (weight[chosen] == 0)
    near = _near(scan, chosen)
    edge = ~np.concatenate([[False], near]) | ~np.concatenate([near, [False]])
    chosen = chosen[~(joiner & edge)]
    if not len(chosen):
        return []
    joined = _near(scan, chosen)
    heads = np.flatnonzero(np.concatenate([[True], ~joined]))
    tails = np.concatenate([heads[1:], [len(chosen)]]) - 1
    enough = np.add.reduceat(weight[chosen], heads) >= _FEWEST_DIGITS
    heads, tails = heads[enough], tails[enough]
    return _described(scan, flags, word, digits, chosen, heads, tails, regions, languages, backward)


def _near(scan: Scan, runs: np.ndarray) -> np.ndarray:
    """Which of the runs are followed by the next one of them closely, in the same text."""
    row = scan.rows(scan.runs.begin[runs])
    following = (runs[1:] == runs[:-1] + 1) & (row[1:] == row[:-1])
    return np.asarray(following & (scan.runs.begin[runs[1:]] - scan.runs.end[runs[:-1]] <= _GAP))


def _described(
    scan: Scan,
    flags: np.ndarray,
    word: np.ndarray,
    digits: np.ndarray,
    chosen: np.ndarray,
    heads: np.ndarray,
    tails: np.ndarray,
    regions: Sequence[str | None],
    languages: Sequence[str | None],
    backward: Collection[int],
) -> list[NumberCluster]:
    if not len(heads):
        return []
    begin, end = scan.runs.begin, scan.runs.end
    first, last = chosen[heads], chosen[tails]
    row = scan.rows(begin[first])
    beyond = np.concatenate([word[chosen], [False]])
    written = np.logical_or.reduceat(beyond, np.stack([heads, tails + 1], 1).ravel())[::2]
    text_low, text_high = scan.starts[row], scan.starts[row + 1] - 1
    low = np.maximum(np.where(first > 0, end[np.maximum(first - 1, 0)], 0), text_low)
    high = np.minimum(
        np.where(last + 1 < len(begin), begin[np.minimum(last + 1, len(begin) - 1)], text_high), text_high
    )
    told_from, told_to = low.copy(), high.copy()
    words = np.flatnonzero(scan.runs.kind == LETTERS)
    behind = np.searchsorted(words, first)
    for step in (1, 2, 3) if len(words) else ():
        at = words[np.maximum(behind - step, 0)]
        # A currency counts right before the digits only.
        wanted = CUE | UNIT if step == 1 else CUE
        telling = (behind >= step) & (flags[at] & wanted != 0) & (begin[at] >= text_low)
        told_from = np.where(telling, begin[at], told_from)
    at = np.minimum(last + 1, len(begin) - 1)
    told_to = np.where(
        (last + 1 < len(begin)) & (flags[at] & UNIT != 0) & (end[at] <= text_high), end[at], told_to
    )
    start, stop = begin[first], end[last]
    alone = (
        ~written
        & ((low == text_low) | _apart(scan.codes, low, start))
        & ((high == text_high) | _apart(scan.codes, stop, high))
    )
    figures = np.flatnonzero(digits)
    ends_before = np.concatenate([[-_NEXT_FIGURE], end[figures]])[np.searchsorted(figures, first)]
    begins_after = np.concatenate([begin[figures], [len(scan.codes) + _NEXT_FIGURE]])[
        np.searchsorted(figures, last, side="right")
    ]
    figure_before = ends_before > np.maximum(low - _NEXT_FIGURE, text_low)
    figure_after = begins_after < np.minimum(high + _NEXT_FIGURE, text_high)
    # Digits that no word speaks for and no plus marks are looked up by their beginning alone.
    pluses = scan.signs[scan.codes.take(scan.signs) == ord("+")]
    plus = np.searchsorted(pluses, start - _TO_PLUS) < np.searchsorted(pluses, stop)
    forward = ~np.isin(row, list(backward)) if backward else True
    untold = np.flatnonzero(alone & (told_from == low) & ~figure_before & ~plus & forward)
    kept = np.ones(len(heads), bool)
    if len(untold):
        lengths = (tails - heads + 1)[untold]
        owner = np.repeat(np.arange(len(untold)), lengths)
        runs = chosen[
            np.arange(len(owner)) + np.repeat(heads[untold] - np.cumsum(lengths) + lengths, lengths)
        ]
        defaults = [regions_for(regions[text], languages[text]) for text in row[untold].tolist()]
        kept[untold] = may_be_numbers(scan.codes, begin[runs], end[runs], owner, defaults)
    columns = (
        row, start, stop, low, high, told_from, told_to, written, alone, figure_before, figure_after,
    )  # fmt: skip
    return list(map(NumberCluster._make, zip(*(column[kept].tolist() for column in columns), strict=True)))


def _apart(codes: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whether what stands at [begin, end) parts digits from letters, as no hyphen inside a token does."""
    length, sign = end - begin, codes.take(begin, mode="clip")
    hyphen = (sign == ord("-")) | (sign == ord("_")) | (sign == ord("."))
    return np.asarray((length > 1) | ((length == 1) & ~hyphen))


def _enter_glued(scan: Scan, flags: np.ndarray, word: np.ndarray, weight: np.ndarray) -> None:
    glued = np.flatnonzero(flags & GLUED != 0)
    for run, start, stop in zip(
        glued.tolist(), scan.runs.begin[glued].tolist(), scan.runs.end[glued].tolist(), strict=True
    ):
        digits = _glued_digits(scan.text[start:stop])
        if digits:
            word[run] = True
            weight[run] = digits


def _enter_mixed(scan: Scan, digits: np.ndarray, word: np.ndarray, weight: np.ndarray) -> None:
    """Letters between or beside digits, when they may be words or look-alikes of digits."""
    begin, end = scan.runs.begin, scan.runs.end
    touching = np.flatnonzero(begin[1:] == end[:-1])
    if not len(touching):
        return
    heads = touching[np.concatenate([[True], touching[1:] != touching[:-1] + 1])]
    tails = touching[np.concatenate([touching[1:] != touching[:-1] + 1, [True]])] + 1
    for first, last, start, stop in zip(
        heads.tolist(), tails.tolist(), begin[heads].tolist(), end[tails].tolist(), strict=True
    ):
        letters = _mixed_digits(scan.text[start:stop])
        if letters:
            inside = slice(first, last + 1)
            word[inside] |= ~digits[inside]
            weight[first] += letters


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

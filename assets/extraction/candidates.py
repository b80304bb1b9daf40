"""Where in a batch of texts an identifier may be, found with array operations before Python looks at any text."""

from __future__ import annotations

import numpy as np

from assets.extraction.analytics_ids import HEADS_END
from assets.extraction.phone_surroundings import reversing_words
from assets.extraction.runs import LETTERS, OTHER, chains
from assets.extraction.scan import Scan
from assets.extraction.vocabulary import (
    AT,
    DOT,
    LINK_END,
    PLATFORM,
    REVERSED,
    SLASH,
    TOP_LEVEL,
    word_flags,
)

# What a text may hold; bits of `address_signs`.
EMAIL, WRITTEN_AT, LINK, WRITTEN_DOT, SPACED_LINK, NAME, LABELLED, LONG_TOKEN = (
    1 << place for place in range(8)
)
# Characters from a written-out at sign to the dot of its domain.
_DOMAIN = 60
_SHORTEST_CRYPTO = 26
_BRACKETS, _SLASHES, _PICTURES = (np.zeros(0x110000, bool) for _ in range(3))
_BRACKETS[[ord(sign) for sign in "[]({)}<>*_-"]] = True
_SLASHES[[ord(sign) for sign in "/\\"]] = True
# Pictures that stand for a platform even without an at sign: a ghost, aeroplanes, cameras.
_PICTURES[[0x1F47B, 0x2708, 0x1F6E9, 0x1F4F7, 0x1F4F8]] = True


def run_flags(scan: Scan) -> np.ndarray:
    """Per run of `scan` the flags of the word that it may be (uint32; 0 for digits)."""
    runs = scan.runs
    flags = np.zeros(len(runs.kind), np.uint32)
    begin, end = runs.begin.take(runs.letters), runs.end.take(runs.letters)
    flags[runs.letters] = word_flags(scan.codes, begin, end, runs.plain)
    return flags


def address_signs(scan: Scan, flags: np.ndarray) -> dict[int, int]:
    """Text (counted from 0) → bits of what it may hold beside telephone numbers; texts with none are left out."""
    codes, group = scan.codes, scan.runs.group
    begin, end = scan.runs.begin, scan.runs.end
    if not len(begin):
        return {}
    found: list[tuple[np.ndarray, int]] = []

    def at(offset: int, places: np.ndarray) -> np.ndarray:
        return codes.take(places + offset, mode="clip")

    def is_domain(runs: np.ndarray) -> np.ndarray:
        return np.asarray(flags.take(runs, mode="clip") & TOP_LEVEL != 0)

    sign = codes.take(scan.signs)
    found.append((scan.signs[sign == ord("@")], EMAIL | NAME))
    found.append((scan.signs[_PICTURES.take(sign)], NAME | LABELLED))
    dots = scan.signs[sign == ord(".")]
    ahead, behind = at(-1, dots), at(1, dots)
    labelled = group.take(dots + 1, mode="clip") == LETTERS
    label = dots[labelled]
    found.append((label[is_domain(np.searchsorted(begin, label + 1))], LINK))
    colons = scan.signs[sign == ord(":")]
    found.append((colons[(at(1, colons) == ord("/")) & (at(2, colons) == ord("/"))], LINK))
    bracketed = dots[_BRACKETS.take(ahead) & _BRACKETS.take(behind)]
    found.append((bracketed, LINK | WRITTEN_DOT))
    # A point with a blank before it and a domain behind it ("www . foo . example", "foo .example").
    apart = dots[(ahead == ord(" ")) & ((behind == ord(" ")) | labelled)]
    found.append((apart[is_domain(np.searchsorted(begin, apart))], LINK | WRITTEN_DOT))
    marked = np.flatnonzero(flags & (AT | PLATFORM | LINK_END | DOT | SLASH) != 0)
    marks = flags.take(marked)
    dot_runs = marked[marks & DOT != 0]
    dot_words = begin.take(dot_runs)
    said = (
        is_domain(dot_runs + 1) | _BRACKETS.take(at(-1, dot_words)) | (at(-2, dot_words) | 0x20 == ord("w"))
    )
    found.append((dot_words[said], LINK | WRITTEN_DOT))
    # A slash that is said right behind a domain.
    slash_runs = marked[marks & SLASH != 0]
    found.append((begin.take(slash_runs[is_domain(slash_runs - 1)]), LINK | WRITTEN_DOT))
    spoken = end.take(marked[marks & AT != 0])
    ends = np.sort(np.concatenate([label, bracketed, dot_words, [len(codes) + 2 * _DOMAIN]]))
    near = ends.take(np.searchsorted(ends, spoken)) - spoken <= _DOMAIN
    found.append((spoken[near] - 1, EMAIL | WRITTEN_AT))
    # A name follows or stands before it ("foo_bar on snap").
    found.append((begin.take(marked[marks & PLATFORM != 0]), NAME | LABELLED))
    ended = marked[marks & LINK_END != 0]
    link = end.take(ended)
    slash = flags.take(ended + 1, mode="clip") & SLASH != 0
    for offset in (0, 1, 2):
        slash |= _SLASHES.take(at(offset, link))
    found.append((link[slash] - 1, SPACED_LINK))
    heads, tails = chains(scan.runs)
    for firsts, lasts in ((begin, end), (begin.take(heads), end.take(tails))):
        found.append((firsts[lasts - firsts >= _SHORTEST_CRYPTO], LONG_TOKEN))
    rows = scan.rows(np.concatenate([places for places, _ in found])).tolist()
    bits = [bit for places, bit in found for _ in range(len(places))]
    signs: dict[int, int] = {}
    for row, bit in zip(rows, bits, strict=True):
        signs[row] = signs.get(row, 0) | bit
    return signs


def platform_places(scan: Scan, flags: np.ndarray) -> np.ndarray:
    """Places in the scan's text where the name of a platform may begin, in order."""
    return np.asarray(scan.runs.begin.take(np.flatnonzero(flags & PLATFORM != 0)))


def id_rows(scan: Scan) -> set[int]:
    """Texts (counted from 0) that may hold an id of a measuring service by its head ("GTM-…")."""
    hyphens = scan.signs[scan.codes.take(scan.signs) == ord("-")]
    last, before = (scan.codes.take(hyphens - step, mode="clip") for step in (1, 2))
    told = np.zeros(len(hyphens), bool)
    for head in HEADS_END:
        told |= (last == ord(head[-1])) & ((len(head) == 1) | (before == ord(head[0])))
    heads = hyphens[told]
    behind = scan.runs.group.take(heads + 1, mode="clip")
    return set(scan.rows(heads[behind != OTHER]).tolist())


def backward_rows(scan: Scan, flags: np.ndarray) -> set[int]:
    """Texts (counted from 0) that may say that digits are written from the last to the first."""
    hits = np.flatnonzero(flags & REVERSED != 0)
    begin, words = scan.runs.begin.take(hits), reversing_words()
    spans = zip(begin.tolist(), scan.runs.end.take(hits).tolist(), strict=True)
    told = [scan.text[start:stop].lower() in words for start, stop in spans]
    return set(scan.rows(begin[told]).tolist()) if any(told) else set()

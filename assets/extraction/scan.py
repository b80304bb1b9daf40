"""Many texts as one row of code points, folded and cut into runs of letters and digits by NumPy.

Nothing here looks at one text at a time: a batch of some thousand texts costs about as many array operations as one
text, which leaves Python the few places that may hold an identifier. Folding is that of `normalise`, character by
character; every table grows by the characters that are met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.extraction.disguises import disguises
from assets.extraction.normalise import TRAILING, fold_character, latin_look_alike

# What a folded character is.
_MARK, _DIGIT, _LATIN, _OTHER_SCRIPT, _LETTER, _GONE, _LONGER = 1, 2, 3, 4, 5, 6, 7
# What a run is made of.
OTHER, DIGITS, LETTERS = _MARK, _DIGIT, _LATIN
_CODE_BITS = 21
_CODE = (1 << _CODE_BITS) - 1
# Per code point its folded one and, above it, its class; 0 for those not met yet.
_FOLDED = np.zeros(0x110000, np.uint32)


@dataclass(frozen=True, slots=True)
class Runs:
    """Letters or digits in a row: `begin`, `end`, `kind` (DIGITS or LETTERS); `group` (uint8) tells it per place."""

    group: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    kind: np.ndarray


@dataclass(frozen=True, slots=True)
class Scan:
    """A batch of texts, folded, disguises undone, end to end; a NUL stands behind each.

    `text` is the folded whole and `codes` (uint32) its code points; `starts` (one more than texts) are the places in
    it where each text begins, `signs` those of its marks other than blanks. `source` leads from a place in `text` to
    one in `raw`, None where they are the same; `raw_starts` are the places in `raw`.
    """

    raw: str
    raw_starts: np.ndarray
    text: str
    codes: np.ndarray
    starts: np.ndarray
    source: np.ndarray | None
    runs: Runs
    signs: np.ndarray

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Places in `raw` of the span that was folded to `text[start:end]`, which must not be empty."""
        if self.source is None:
            return start, end
        first, last = int(self.source[start]), int(self.source[end - 1]) + 1
        while self.raw[last] in TRAILING:
            last += 1
        return first, last

    def raw_spans(self, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`raw_span` of many spans at once."""
        if self.source is None:
            return starts, ends
        lasts = self.source[ends - 1] + 1
        for place, last in enumerate(lasts.tolist()):
            while self.raw[last] in TRAILING:
                last += 1
                lasts[place] = last
        return self.source[starts], lasts

    def rows(self, places: np.ndarray) -> np.ndarray:
        """The texts (counted from 0) that the places are in."""
        return np.searchsorted(self.starts, places, side="right") - 1


def scan(texts: Sequence[str]) -> Scan:
    """The batch of `texts`, each of which may be any string."""
    raw = "\0".join([*texts, ""])
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    raw_starts = np.concatenate([[0], np.cumsum(lengths + 1)])
    codes = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), np.uint32)
    known = _FOLDED.take(codes)
    if not known.all():
        _learn(np.unique(codes[known == 0]))
        known = _FOLDED.take(codes)
    starts, source = raw_starts, None
    changing = np.flatnonzero(known >= _GONE << _CODE_BITS)
    if len(changing):
        known, source = _resized(codes, known, changing)
        starts = np.searchsorted(source, raw_starts, side="left")
    folded = known & _CODE
    kind = (known >> _CODE_BITS).astype(np.uint8)
    if (kind == _OTHER_SCRIPT).any():
        _undo_look_alikes(folded, kind)
    text, runs = spelled_out(folded), _runs(kind)
    signs = _signs(folded, runs)
    replaced, dropped = disguises(text, folded, runs.begin, runs.end, runs.kind == LETTERS, signs)
    for place, code in replaced.items():
        folded[place], kind[place] = code, _class_of(chr(code))
    if dropped:
        gone = np.unique(dropped)
        folded, kind = np.delete(folded, gone), np.delete(kind, gone)
        source = np.delete(np.arange(len(text)) if source is None else source, gone)
        starts = starts - np.searchsorted(gone, starts)
    if replaced or dropped:
        text, runs = spelled_out(folded), _runs(kind)
        signs = _signs(folded, runs)
    return Scan(raw, raw_starts, text, folded, starts, source, runs, signs)


def _signs(codes: np.ndarray, runs: Runs) -> np.ndarray:
    """Places of marks other than blanks: so few that to look for one of them among them costs next to nothing."""
    return np.flatnonzero((runs.group == OTHER) & (codes > ord(" ")))


def _runs(kind: np.ndarray) -> Runs:
    group = np.minimum(kind, LETTERS)
    borders = np.flatnonzero(group[1:] != group[:-1]) + 1
    begin = np.concatenate([[0], borders])
    end = np.concatenate([borders, [len(group)]])
    kinds = group[begin] if len(group) else group
    real = np.flatnonzero(kinds != OTHER)
    return Runs(group, begin[real], end[real], kinds[real])


def spelled_out(codes: np.ndarray) -> str:
    """The string of `codes` (uint32)."""
    return str(codes.astype("<u4", copy=False).data, "utf-32-le", "surrogatepass")


def _learn(codes: np.ndarray) -> None:
    """Enter the folding of each code point; those that fold to none or to several get a class of their own."""
    for code in codes.tolist():
        folded = fold_character(chr(code))
        if len(folded) == 1:
            _FOLDED[code] = ord(folded) | _class_of(folded) << _CODE_BITS
        else:
            _FOLDED[code] = (_LONGER if folded else _GONE) << _CODE_BITS


def _class_of(character: str) -> int:
    if "0" <= character <= "9":
        return _DIGIT
    if character.isascii():
        return _LATIN if character.isalpha() else _MARK
    if "\u0370" <= character <= "\u045f" and character.isalpha():
        return _OTHER_SCRIPT
    return _LETTER if character.isalpha() else _MARK


def _resized(codes: np.ndarray, known: np.ndarray, changing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The folded code points where some characters fold to none or several, and the place each comes from."""
    several = changing[known[changing] >= _LONGER << _CODE_BITS]
    if not len(several):
        source = np.flatnonzero(known < _GONE << _CODE_BITS)
        return known[source], source
    counts = np.ones(len(codes), np.int64)
    counts[changing] = 0
    spelled = [fold_character(chr(code)) for code in codes[several].tolist()]
    counts[several] = [len(folded) for folded in spelled]
    source = np.repeat(np.arange(len(codes)), counts)
    known = known[source]
    letters = np.frombuffer("".join(spelled).encode("utf-32-le", "surrogatepass"), np.uint32)
    if not _FOLDED[letters].all():
        _learn(np.unique(letters))
    known[counts[source] > 1] = _FOLDED[letters]
    return known, source


def _undo_look_alikes(folded: np.ndarray, kind: np.ndarray) -> None:
    """Letters of another script inside a word that mixes it with Latin ones give way, as in `normalise`."""
    other, latin = kind == _OTHER_SCRIPT, kind == _LATIN
    mixed = np.flatnonzero((other[1:] & latin[:-1]) | (latin[1:] & other[:-1]))
    if not len(mixed):
        return
    word = other | latin
    borders = np.flatnonzero(word[1:] != word[:-1]) + 1
    heads = np.unique(np.searchsorted(borders, mixed, side="right"))
    edges = [0, *borders.tolist(), len(folded)]
    for head in heads.tolist():
        for place in range(edges[head], edges[head + 1]):
            if kind[place] == _OTHER_SCRIPT:
                latin_one = latin_look_alike(chr(folded[place]))
                folded[place] = ord(latin_one)
                kind[place] = _class_of(latin_one)

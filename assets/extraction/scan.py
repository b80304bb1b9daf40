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
from assets.extraction.runs import BLANK, DIGIT, LATIN, LETTER, OTHER_SCRIPT, SIGN, Runs, runs_of

# Classes of what folds to none and to several, beside those of `runs`.
_GONE, _LONGER = 17, 33
_CODE_BITS = 21
_CODE = (1 << _CODE_BITS) - 1
# Per code point its folded one and, above it, its class; 0 for those not met yet.
_FOLDED = np.zeros(0x110000, np.uint32)


@dataclass(frozen=True, slots=True)
class Shift:
    """Way back from places in an array to those in the one it was made from, by cutting out or by drawing out.

    From the place `steps[i]` on, `by[i]` has to be added; before the first of them nothing.
    """

    steps: np.ndarray
    by: np.ndarray

    def back(self, places: np.ndarray) -> np.ndarray:
        """The places in the older array of `places` in the newer one."""
        return np.asarray(places + self.by.take(np.searchsorted(self.steps, places, side="right")))


@dataclass(frozen=True, slots=True)
class Scan:
    """A batch of texts, folded, disguises undone, end to end; a NUL stands behind each.

    `text` is the folded whole and `codes` (uint32) its code points; `starts` (one more than texts) are the places in
    it where each text begins, `signs` those of its marks other than blanks. `shifts` lead from a place in `text` back
    to one in `raw`, one after the other; `raw_starts` are the places in `raw`.
    """

    raw: str
    raw_starts: np.ndarray
    text: str
    codes: np.ndarray
    starts: np.ndarray
    shifts: tuple[Shift, ...]
    runs: Runs
    signs: np.ndarray

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Places in `raw` of the span that was folded to `text[start:end]`, which must not be empty."""
        if not self.shifts:
            return start, end
        last = self._back(end - 1) + 1
        while self.raw[last] in TRAILING:
            last += 1
        return self._back(start), last

    def raw_spans(self, starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`raw_span` of many spans at once."""
        if not self.shifts:
            return starts, ends
        firsts, lasts = starts, ends - 1
        for shift in self.shifts:
            firsts, lasts = shift.back(firsts), shift.back(lasts)
        lasts = lasts + 1
        for place, last in enumerate(lasts.tolist()):
            while self.raw[last] in TRAILING:
                last += 1
                lasts[place] = last
        return firsts, lasts

    def _back(self, place: int) -> int:
        for shift in self.shifts:
            place += int(shift.by[shift.steps.searchsorted(place, "right")])
        return place

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
    starts, shifts = raw_starts, list[Shift]()
    changing = np.flatnonzero(known >= _GONE << _CODE_BITS)
    if len(changing):
        known, grown, shift = _resized(codes, known, changing)
        shifts.append(shift)
        starts = starts + np.concatenate([[0], np.cumsum(grown)]).take(np.searchsorted(changing, starts))
    folded = known & _CODE
    kind = (known >> _CODE_BITS).astype(np.uint8)
    if (kind == OTHER_SCRIPT).any():
        _undo_look_alikes(folded, kind)
    text, runs, signs = spelled_out(folded), runs_of(kind), np.flatnonzero(kind == SIGN)
    replaced, dropped = disguises(text, folded, runs, signs)
    for place, code in replaced.items():
        folded[place], kind[place] = code, _class_of(chr(code))
    if dropped:
        gone = np.unique(dropped)
        folded, kind = np.delete(folded, gone), np.delete(kind, gone)
        shifts.insert(0, _shift(gone, np.full(len(gone), -1)))
        starts = starts - np.searchsorted(gone, starts)
    if replaced or dropped:
        text, runs, signs = spelled_out(folded), runs_of(kind), np.flatnonzero(kind == SIGN)
    return Scan(raw, raw_starts, text, folded, starts, tuple(shifts), runs, signs)


def spelled_out(codes: np.ndarray) -> str:
    """The string of `codes` (uint32)."""
    highest = int(codes.max(initial=0))
    if highest < 0x100:
        return str(codes.astype(np.uint8).data, "latin-1")
    # The decoder of four bytes looks at every character, that of two at eight bytes at a time.
    if highest < 0x10000:
        return str(codes.astype("<u2").data, "utf-16-le", "surrogatepass")
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
        return DIGIT
    if character.isascii():
        return LATIN if character.isalpha() else SIGN if character > " " else BLANK
    if "\u0370" <= character <= "\u045f" and character.isalpha():
        return OTHER_SCRIPT
    return LETTER if character.isalpha() else SIGN


def _resized(
    codes: np.ndarray, known: np.ndarray, changing: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Shift]:
    """The folded code points where those at `changing` fold to none or several; how much each of these grows (-1:
    it goes), and the way back."""
    several = changing[known.take(changing) >= _LONGER << _CODE_BITS]
    spelled = [fold_character(chr(code)) for code in codes.take(several).tolist()]
    grown = np.full(len(changing), -1)
    if len(several):
        letters = np.frombuffer("".join(spelled).encode("utf-32-le", "surrogatepass"), np.uint32)
        if not _FOLDED.take(letters).all():
            _learn(np.unique(letters))
        lengths = np.array([len(folded) for folded in spelled])
        grown[np.searchsorted(changing, several)] = lengths - 1
        counts = np.ones(len(codes), np.int64)
        counts[changing] = grown + 1
        known = np.repeat(known, counts)
        behind = several + np.concatenate([[0], np.cumsum(grown)]).take(np.searchsorted(changing, several))
        within = np.arange(len(letters)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        known[np.repeat(behind, lengths) + within] = _FOLDED.take(letters)
    else:
        known = np.delete(known, changing)
    return known, grown, _shift(changing, grown)


def _shift(changed: np.ndarray, grown: np.ndarray) -> Shift:
    """The way back to an array whose elements at `changed` grew by so many, or went (-1)."""
    before = np.cumsum(grown) - grown
    # What stands behind an element that went is led past it; each place that one grew by is led back to it.
    times = np.abs(grown)
    within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    further = np.where(np.repeat(grown, times) < 0, 0, within + 1)
    by = np.where(np.repeat(grown, times) < 0, 1, -further) - np.repeat(before, times)
    return Shift(np.repeat(changed + before, times) + further, np.concatenate([[0], by]))


def _undo_look_alikes(folded: np.ndarray, kind: np.ndarray) -> None:
    """Letters of another script inside a word that mixes it with Latin ones give way, as in `normalise`."""
    other, latin = kind == OTHER_SCRIPT, kind == LATIN
    mixed = np.flatnonzero((other[1:] & latin[:-1]) | (latin[1:] & other[:-1]))
    if not len(mixed):
        return
    word = other | latin
    borders = np.flatnonzero(word[1:] != word[:-1]) + 1
    heads = np.unique(np.searchsorted(borders, mixed, side="right"))
    edges = [0, *borders.tolist(), len(folded)]
    for head in heads.tolist():
        for place in range(edges[head], edges[head + 1]):
            if kind[place] == OTHER_SCRIPT:
                latin_one = latin_look_alike(chr(folded[place]))
                folded[place] = ord(latin_one)
                kind[place] = _class_of(latin_one)

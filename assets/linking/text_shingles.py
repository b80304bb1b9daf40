"""Texts as sets of shingles of their letters, in which spelling, decoration, spacing and order leave little trace.

All texts of a batch are one array of code points, so that no step is taken text by text: characters are folded
to the plain letter they show (accents off, look-alikes of other scripts, letters for which digits and signs stand),
numbers and spans that other stages have read (phones, places, prices) are left out, what is no letter is left out,
and drawn-out letters count once. What remains is cut into overlapping runs of five letters (three for scripts that
write a syllable or a word in one sign) and hashed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assets.extraction.normalise import fold_character, latin_look_alike

# Letters in one shingle. Five is the usual length for near-duplicates of e-mails and short texts (Manku, Jain and
# Das Sarma 2007; Rajaraman and Ullman, Mining of Massive Datasets, 3.2.2); one sign of the ideographic and syllabic
# scripts says about as much as two letters.
LETTERS = 5
SIGNS = 3
_FIRST_SIGN, _LAST_SIGN = 0x2E80, 0xD7FF
# Classes of characters; everything above is the code point of a folded letter or digit.
_NOTHING, _GAP, _END = 0, 1, 2
_UNKNOWN = 0xFFFF
_FIRST_PRIVATE, _PRIVATE = 0xE000, 0x1900
_END_OF_TEXT = 0x10FFFF
# Digits and signs that stand for letters inside a word, and letters that cannot be told apart in many typefaces.
_SPELLED_WITH = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"}
_SAME_SHAPE = {"l": "i", "j": "i", "w": "v"}
_SIGNS_AS_LETTERS = {"@": "a", "$": "s", "€": "e", "£": "l", "|": "i", "¡": "i"}
# Letters written for digits ("6oo 12l"): a word of digits and these is a number.
_WRITTEN_FOR_DIGITS = "oilszb"
# Letters after a number that belong to it ("24h", "100eur").
_UNIT_LETTERS = 4
_ROLL = np.uint32(0x9E3779B1)
# Bits of a shingle's hash: of 300 shingles of either text, less than one pair of texts in 500 shares one by chance.
HASH_BITS = 26
# Texts that are sorted together, as rows of one matrix that stays within the processor's cache.
_SORTED_TOGETHER = 64
_NO_HASH = np.uint32(0xFFFFFFFF)
# Further look-alikes that are letters of their own scripts (Unicode UTS #39 lists many more).
_LOOK_ALIKES = dict(zip("ԁԛԝոցօսհӏցьгпзчбдэіјѕ", "dqwngouhlgbrnzyedeijs", strict=True))


class _Folding:
    """Class or folded letter of each code point in 16 bits, filled in as characters are met."""

    def __init__(self) -> None:
        self._folded = np.full(0x110000, _UNKNOWN, dtype=np.uint16)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """Folded code points (uint16) of code points (uint32)."""
        folded: np.ndarray = self._folded[codes]
        unknown = folded == _UNKNOWN
        if unknown.any():
            for code in np.unique(codes[unknown]).tolist():
                letter = _folded(code)
                # Letters beyond 16 bits share the private area, where no text has letters.
                self._folded[code] = letter if letter < _FIRST_PRIVATE else _FIRST_PRIVATE + letter % _PRIVATE
            folded = self._folded[codes]
        return folded


def _folded(code: int) -> int:
    if code == _END_OF_TEXT:
        return _END
    character = chr(code)
    if character in _SIGNS_AS_LETTERS:
        return ord(_SIGNS_AS_LETTERS[character])
    plain = fold_character(character)
    if not plain:
        return _NOTHING
    first = next((part for part in plain.lower() if part.isalnum()), "")
    if not first:
        return _GAP
    first = latin_look_alike(first)
    first = _LOOK_ALIKES.get(first, first)[:1].lower()
    return ord(first) if first.isalnum() else _GAP


_FOLD = _Folding()
_TO_LETTER = np.arange(0x10000, dtype=np.uint16)
for _table in (_SPELLED_WITH, _SAME_SHAPE):
    for _from, _to in _table.items():
        _TO_LETTER[ord(_from)] = ord(_to)
_IS_WRITTEN_FOR_DIGIT = np.zeros(0x10000, dtype=bool)
_IS_WRITTEN_FOR_DIGIT[[ord(letter) for letter in _WRITTEN_FOR_DIGITS]] = True


@dataclass(frozen=True)
class Shingles:
    """The shingles of texts: those of text `i` are `hashes[starts[i]:starts[i + 1]]`, ascending, each once.

    `hashes`: uint32, below 2^26. `starts`: int64, one more than there are texts.
    """

    hashes: np.ndarray
    starts: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Number of shingles of each text (int64)."""
        return np.diff(self.starts)


def letters_of(texts: Sequence[str], spans: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The folded letters of all texts in one row (uint16) and where each text ends among them (int64).

    `spans`: int64 array of (text, start, end) in characters, left out of the text. Never raises on any text.
    """
    # The mark of the end is no character; a text that holds it is told apart by its length alone.
    joined = "\U0010ffff".join([*texts, ""])
    if joined.count("\U0010ffff") > len(texts):
        joined = "\U0010ffff".join([text.replace("\U0010ffff", " ") for text in texts] + [""])
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if spans is not None and len(spans):
        codes = _without_spans(codes, texts, spans)
    folded = _FOLD(codes)
    nothing = folded == _NOTHING
    if nothing.any():
        folded = folded[~nothing]
    ends = np.flatnonzero(folded == _END)
    letter = folded > _END
    letter[_in_numbers(folded, letter)] = False
    letters = _TO_LETTER[folded[letter]]
    ends = _counted(letter, ends)
    if len(letters):
        single = np.ones(len(letters), dtype=bool)
        np.not_equal(letters[1:], letters[:-1], out=single[1:])
        single[ends[ends < len(letters)]] = True
        ends = _counted(single, ends)
        letters = letters[single]
    return letters, ends


def _counted(kept: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """How many are kept (bool) before each of the ends (int64)."""
    if not len(ends):
        return np.zeros(0, dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    # One more, so that texts of nothing may begin behind the last.
    counts = np.add.reduceat(np.append(kept, False), starts, dtype=np.int64)
    counts[ends <= starts] = 0
    return np.cumsum(counts)


def _without_spans(codes: np.ndarray, texts: Sequence[str], spans: np.ndarray) -> np.ndarray:
    """A copy of the code points in which the spans are blank."""
    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    begins = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]]).astype(np.int64)
    text = spans[:, 0]
    start = begins[text] + np.clip(spans[:, 1], 0, lengths[text])
    end = begins[text] + np.clip(spans[:, 2], 0, lengths[text])
    depth = np.zeros(len(codes) + 1, dtype=np.int32)
    np.add.at(depth, start, 1)
    np.add.at(depth, np.maximum(end, start), -1)
    blanked = codes.copy()
    blanked[np.cumsum(depth[:-1]) > 0] = ord(" ")
    return blanked


def _in_numbers(folded: np.ndarray, letter: np.ndarray) -> np.ndarray:
    """Places (int64) in words that are numbers: digits, what is written for digits, a unit behind them."""
    digit = np.flatnonzero((folded >= ord("0")) & (folded <= ord("9")))
    if not len(digit):
        return digit
    changes = np.flatnonzero(letter[1:] != letter[:-1]) + 1
    bounds = np.concatenate([[0] if letter[0] else [], changes, [len(folded)] if letter[-1] else []])
    begin, end = bounds[::2].astype(np.int64), bounds[1::2].astype(np.int64)
    some = np.searchsorted(begin, digit, side="right") - 1
    some = some[np.concatenate([[True], some[1:] != some[:-1]])]
    begin, end = begin[some], end[some]
    first, last = np.searchsorted(digit, begin), np.searchsorted(digit, end)
    length, digits = end - begin, last - first
    leading = (digit[first] == begin) & (digit[last - 1] - digit[first] + 1 == digits)
    number = leading & (length - digits <= _UNIT_LETTERS)
    place = ranges(begin, length)
    of_word = np.repeat(np.arange(len(begin)), length)
    like = np.bincount(of_word, _IS_WRITTEN_FOR_DIGIT[folded[place]], minlength=len(begin)) + digits
    number |= (like == length) & (2 * digits >= length)
    inside: np.ndarray = place[number[of_word]]
    return inside


def ranges(begin: np.ndarray, length: np.ndarray) -> np.ndarray:
    """begin, begin + 1, … for each of the lengths, in one row (int64)."""
    before = np.cumsum(length) - length
    ranges: np.ndarray = np.arange(int(length.sum())) + np.repeat(begin - before, length)
    return ranges


def shingle(texts: Sequence[str], spans: np.ndarray | None = None) -> Shingles:
    """The distinct shingles of each text; a text of fewer letters than one shingle has none."""
    letters, ends = letters_of(texts, spans)
    count = len(letters)
    if count < SIGNS:
        return Shingles(np.zeros(0, dtype=np.uint32), np.zeros(len(texts) + 1, dtype=np.int64))
    hashed, whole = np.zeros(count, dtype=np.uint32), np.zeros(count, dtype=bool)
    sign = (letters >= _FIRST_SIGN) & (letters <= _LAST_SIGN)
    if count >= LETTERS:
        hashed[: count - LETTERS + 1] = _rolled(letters, LETTERS)
        whole[: count - LETTERS + 1] = True
        _cut_at_ends(whole, ends, LETTERS)
    if sign.any():
        last = count - SIGNS + 1
        of_signs = sign.copy()
        _cut_at_ends(of_signs, ends, SIGNS)
        of_signs[last:] = False
        hashed[:last][of_signs[:last]] = _rolled(letters, SIGNS)[of_signs[:last]]
        whole = (whole & ~sign) | of_signs
    return _distinct(hashed[whole], _counted(whole, ends))


def _cut_at_ends(whole: np.ndarray, ends: np.ndarray, length: int) -> None:
    """Leave out the runs of letters that would reach beyond the end of their text."""
    for back in range(1, length):
        place = ends - back
        whole[place[place >= 0]] = False


def _distinct(hashed: np.ndarray, ends: np.ndarray) -> Shingles:
    """Each text's hashes once, ascending, in `HASH_BITS` bits."""
    hashed = spread(hashed) >> np.uint32(32 - HASH_BITS)
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64)
    sizes = ends - starts
    counts = np.zeros(len(ends), dtype=np.int64)
    # Texts of about the same length lie together, so that the rows have little padding.
    by_size = np.argsort(sizes, kind="stable")
    for first in range(0, len(ends), _SORTED_TOGETHER):
        part = by_size[first : first + _SORTED_TOGETHER]
        width = int(sizes[part[-1]])
        rows = np.full((len(part), width + 1), _NO_HASH, dtype=np.uint32)
        for row, (start, end) in enumerate(zip(starts[part].tolist(), ends[part].tolist(), strict=True)):
            rows[row, : end - start] = hashed[start:end]
        rows.sort(axis=1)
        # The last column is padding: every hash that differs from the next is the last of its like.
        once = rows[:, :-1] != rows[:, 1:]
        counts[part] = once.sum(axis=1)
        kept = rows[:, :-1][once]
        stops = np.cumsum(counts[part]).tolist()
        for start, low, high in zip(starts[part].tolist(), [0, *stops[:-1]], stops, strict=True):
            hashed[start : start + high - low] = kept[low:high]
    return Shingles(hashed[ranges(starts, counts)], np.concatenate([[0], np.cumsum(counts)]))


def _rolled(letters: np.ndarray, length: int) -> np.ndarray:
    """One number (uint32) for each run of `length` letters."""
    total = len(letters) - length + 1
    rolled = np.full(total, length, dtype=np.uint32)
    for place in range(length):
        rolled *= _ROLL
        rolled += letters[place : place + total]
    return rolled


def spread(values: np.ndarray) -> np.ndarray:
    """Well-spread 32-bit hashes of 32-bit numbers (MurmurHash3's finaliser, Appleby 2011); both uint32."""
    values = values ^ (values >> np.uint32(16))
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values

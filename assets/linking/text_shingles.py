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
_END_OF_TEXT = 0x10FFFF
# Digits and signs that stand for letters inside a word, and letters that cannot be told apart in many typefaces.
_SPELLED_WITH = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b", "9": "g"}
_SAME_SHAPE = {"l": "i", "j": "i", "w": "v"}
_SIGNS_AS_LETTERS = {"@": "a", "$": "s", "€": "e", "£": "l", "|": "i", "¡": "i"}
# Letters written for digits ("6oo 12l"): a word of digits and these is a number.
_WRITTEN_FOR_DIGITS = "oilszb"
# Letters after a number that belong to it ("24h", "100eur").
_UNIT_LETTERS = 4
# Constants of the 64-bit finaliser of SplitMix64 (Steele, Lea and Flood 2014).
_MIX_A, _MIX_B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_ROLL = np.uint64(0x9E3779B97F4A7C15)
# Further look-alikes that are letters of their own scripts (Unicode UTS #39 lists many more).
_LOOK_ALIKES = dict(zip("ԁԛԝոցօսհӏցьгпзчбдэіјѕ", "dqwngouhlgbrnzyedeijs", strict=True))


class _Folding:
    """Class or folded letter of each code point, filled in as characters are met."""

    def __init__(self) -> None:
        self._known = np.zeros(0x110000, dtype=bool)
        self._folded = np.zeros(0x110000, dtype=np.uint32)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """Folded code points (uint32) of code points (uint32)."""
        known = self._known[codes]
        if not known.all():
            for code in np.unique(codes[~known]).tolist():
                self._folded[code] = _folded(code)
                self._known[code] = True
        folded: np.ndarray = self._folded[codes]
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
_TO_LETTER = np.arange(0x110000, dtype=np.uint32)
for _table in (_SPELLED_WITH, _SAME_SHAPE):
    for _from, _to in _table.items():
        _TO_LETTER[ord(_from)] = ord(_to)
_IS_WRITTEN_FOR_DIGIT = np.zeros(0x110000, dtype=bool)
_IS_WRITTEN_FOR_DIGIT[[ord(letter) for letter in _WRITTEN_FOR_DIGITS]] = True


@dataclass(frozen=True)
class Shingles:
    """The shingles of texts: those of text `i` are `hashes[starts[i]:starts[i + 1]]`, ascending, each once.

    `hashes`: uint32. `starts`: int64, one more than there are texts.
    """

    hashes: np.ndarray
    starts: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Number of shingles of each text (int64)."""
        return np.diff(self.starts)


def letters_of(texts: Sequence[str], spans: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The folded letters of all texts in one row (uint32 code points) and the text each belongs to (int64).

    `spans`: int64 array of (text, start, end) in characters, left out of the text. Never raises on any text.
    """
    # The mark of the end is no character; a text that holds it is told apart by its length alone.
    joined = "".join(text.replace("\U0010ffff", " ") + "\U0010ffff" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if spans is not None and len(spans):
        codes = _without_spans(codes, texts, spans)
    folded = _FOLD(codes)
    folded = folded[folded != _NOTHING]
    ends = np.flatnonzero(folded == _END)
    of_text = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=-1))
    letter = folded > _END
    keep = letter & ~_in_numbers(folded, letter)
    letters, owner = _TO_LETTER[folded[keep]], of_text[keep]
    if len(letters):
        repeated = np.zeros(len(letters), dtype=bool)
        repeated[1:] = (letters[1:] == letters[:-1]) & (owner[1:] == owner[:-1])
        letters, owner = letters[~repeated], owner[~repeated]
    return letters, owner


def _without_spans(codes: np.ndarray, texts: Sequence[str], spans: np.ndarray) -> np.ndarray:
    """A copy of the code points in which the spans are blank."""
    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    begins = np.concatenate([[0], np.cumsum(lengths + 1)[:-1]])
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
    """Which characters stand in words that are numbers: digits, what is written for digits, a unit behind them."""
    inside = np.zeros(len(folded), dtype=bool)
    digit = np.flatnonzero((folded >= ord("0")) & (folded <= ord("9")))
    if not len(digit):
        return inside
    changes = np.flatnonzero(letter[1:] != letter[:-1]) + 1
    bounds = np.concatenate([[0] if letter[0] else [], changes, [len(folded)] if letter[-1] else []])
    begin, end = bounds[::2].astype(np.int64), bounds[1::2].astype(np.int64)
    first, last = np.searchsorted(digit, begin), np.searchsorted(digit, end)
    some = last > first
    begin, end, first, last = begin[some], end[some], first[some], last[some]
    length, digits = end - begin, last - first
    leading = (digit[first] == begin) & (digit[last - 1] - digit[first] + 1 == digits)
    number = leading & (length - digits <= _UNIT_LETTERS)
    written = np.flatnonzero(_IS_WRITTEN_FOR_DIGIT[folded])
    like = np.searchsorted(written, end) - np.searchsorted(written, begin) + digits
    number |= (like == length) & (2 * digits >= length)
    begin, length = begin[number], length[number]
    before = np.cumsum(length) - length
    inside[np.arange(int(length.sum())) + np.repeat(begin - before, length)] = True
    return inside


def shingle(texts: Sequence[str], spans: np.ndarray | None = None) -> Shingles:
    """The distinct shingles of each text; a text of fewer letters than one shingle has none."""
    letters, owner = letters_of(texts, spans)
    count = len(letters)
    if count < SIGNS:
        return Shingles(np.zeros(0, dtype=np.uint32), np.zeros(len(texts) + 1, dtype=np.int64))
    short = _rolled(letters, SIGNS)
    whole = np.zeros(count, dtype=bool)
    sign = (letters >= _FIRST_SIGN) & (letters <= _LAST_SIGN)
    last_short = count - SIGNS + 1
    whole[:last_short] = sign[:last_short] & (owner[:last_short] == owner[SIGNS - 1 :])
    hashed = np.zeros(count, dtype=np.uint64)
    hashed[:last_short] = short
    if count >= LETTERS:
        last = count - LETTERS + 1
        of_letters = ~sign[:last] & (owner[:last] == owner[LETTERS - 1 :])
        hashed[:last][of_letters] = _rolled(letters, LETTERS)[of_letters]
        whole[:last] |= of_letters
    key = (owner[whole].astype(np.uint64) << np.uint64(32)) | (mixed(hashed[whole]) >> np.uint64(32))
    key = np.sort(key)
    key = key[np.concatenate([[True], key[1:] != key[:-1]])] if len(key) else key
    starts = np.searchsorted(key >> np.uint64(32), np.arange(len(texts) + 1, dtype=np.uint64))
    return Shingles((key & np.uint64(0xFFFFFFFF)).astype(np.uint32), starts.astype(np.int64))


def _rolled(letters: np.ndarray, length: int) -> np.ndarray:
    """One number (uint64) for each run of `length` letters."""
    total = len(letters) - length + 1
    rolled = np.full(total, length, dtype=np.uint64)
    for place in range(length):
        rolled = rolled * _ROLL + letters[place : place + total].astype(np.uint64)
    return rolled


def mixed(values: np.ndarray) -> np.ndarray:
    """Well-spread 64-bit hashes of 64-bit numbers (SplitMix64's finaliser); both uint64."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_A
    values = (values ^ (values >> np.uint64(27))) * _MIX_B
    mixed_values: np.ndarray = values ^ (values >> np.uint64(31))
    return mixed_values

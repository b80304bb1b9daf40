"""Folding a text to the plain characters that the patterns are written in, with the way back to the raw text.

Every character is folded on its own (NFKC, digits of every alphabet, circled and keycap digits, accents off,
zero-width characters out), and letters of another script inside a Latin word give way to the Latin ones that they
look like; so the offset map is a list and folding twice changes nothing. Case is kept.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Joined to the character before them, so that a span over "3" takes in the whole keycap.
TRAILING = frozenset("\ufe0e\ufe0f\u20e3\u200d")
_OWN = {
    "\u2795": "+",
    "\u271a": "+",
    "\u2295": "+",
    "\u2796": "-",
    "\u2212": "-",
    "\u2028": "\n",
    "\u2029": "\n",
    "\u0085": "\n",
    "\U0001f51f": "10",
    "\u00df": "ss",
    "\u1e9e": "SS",
    "\u00e6": "ae",
    "\u00c6": "AE",
    "\u0153": "oe",
    "\u0152": "OE",
    "\u01a6": "R",
    "\ua7ae": "I",
    "\u00f8": "o",
    "\u00d8": "O",
    "\u0142": "l",
    "\u0141": "L",
    "\u0111": "d",
    "\u0110": "D",
    "\u0131": "i",
    "\u2018": "'",
    "\u2019": "'",
    "\u02bc": "'",
    "\u2044": "/",
    # Kept as they are: NFKC would make a letter of them ("1º" is no "10").
    "\u00ba": "\u00ba",
    "\u00aa": "\u00aa",
    "\u2116": "\u2116",
    "\u2122": "\u2122",
}
for _digits in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖"):
    _OWN.update({character: str(place) for place, character in enumerate(_digits)})
# The faces of a die.
_OWN.update({chr(0x2680 + face): str(face + 1) for face in range(6)})
# Small capitals, which Unicode keeps apart for phonetics, and a ring drawn for a nought.
_OWN.update(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_OWN.update({"\u2b55": "O", "\u25ef": "O", "\u26aa": "O", "\u26ab": "O"})
# Letters of other scripts that look like Latin ones, undone only inside a word that mixes the scripts.
_LOOK_ALIKE_LETTERS = str.maketrans(
    "аеорсухіѕјһкмтвнАЕОРСУХІЅЈНКМТВαεοριντυκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxisjhkmtbhAEOPCYXISJHKMTBaeopivtukABEZHIKMNOPTYX",
)
_MIXED = re.compile(r"[a-zA-Z][\u0370-\u045f]|[\u0370-\u045f][a-zA-Z]")
_WORD = re.compile(r"[a-zA-Z\u0370-\u045f]+")
# Letters in dark circles and squares, which NFKC leaves alone.
for _first in (0x1F150, 0x1F170):
    for _index in range(26):
        _OWN[chr(_first + _index)] = chr(0x41 + _index)


def fold_character(character: str) -> str:
    """What one character folds to: none, one or several."""
    own = _OWN.get(character)
    if own is not None:
        return own
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf", "Cs"):
        return ""
    digit = unicodedata.digit(character, None)
    if digit is None and category == "No" and unicodedata.numeric(character, -1) == 0:
        digit = 0
    if digit is not None:
        return str(digit)
    if category == "Pd":
        return "-"
    if category == "Zs":
        return " "
    if category == "So" and character < "\u2460":
        return character
    folded = "".join(
        part
        for part in unicodedata.normalize("NFKD", character)
        if unicodedata.category(part) not in ("Mn", "Me", "Cf", "Cs")
    )
    if folded == character:
        return character
    return "".join(fold_character(part) for part in folded)


class _FoldTable(dict[int, str]):
    """Grows by the characters that are met; `str.translate` asks once for each."""

    def __missing__(self, code_point: int) -> str:
        folded = fold_character(chr(code_point))
        self[code_point] = folded
        return folded


class _LengthTable(dict[int, str]):
    """Each character's folded length, as the character of that number."""

    def __missing__(self, code_point: int) -> str:
        length = chr(len(_TABLE[code_point]))
        self[code_point] = length
        return length


_TABLE = _FoldTable()
_LENGTHS = _LengthTable()


def normalise(text: str) -> str:
    """Fold `text`; the same text back when there is nothing to fold. Idempotent, never raises."""
    if text.isascii():
        return text
    folded = text.translate(_TABLE)
    return _WORD.sub(_one_script, folded) if _MIXED.search(folded) else folded


def latin_look_alike(character: str) -> str:
    """The Latin letter that a letter of another script looks like; the letter itself where there is none."""
    return character.translate(_LOOK_ALIKE_LETTERS)


def _one_script(word: re.Match[str]) -> str:
    spelling = word.group()
    return spelling.translate(_LOOK_ALIKE_LETTERS) if _MIXED.search(spelling) else spelling


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Way back from positions in a folded text to positions in its raw text."""

    raw: str
    sources: tuple[int, ...] | None

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Raw (start, end) of the folded span; `raw[start:end]` is its spelling. An empty span stays empty."""
        if end <= start:
            position = start if self.sources is None or start >= len(self.sources) else self.sources[start]
            return position, position
        if self.sources is None:
            return start, end
        raw_start, raw_end = self.sources[start], self.sources[end - 1] + 1
        while raw_end < len(self.raw) and self.raw[raw_end] in TRAILING:
            raw_end += 1
        return raw_start, raw_end


@lru_cache(maxsize=16)
def offset_map(raw: str) -> OffsetMap:
    """The map for `normalise(raw)`; without a list when every character folds to exactly one."""
    if raw.isascii():
        return OffsetMap(raw, None)
    lengths = raw.translate(_LENGTHS)
    if lengths.count("\x01") == len(raw):
        return OffsetMap(raw, None)
    return OffsetMap(raw, tuple(i for i, length in enumerate(lengths) for _ in range(ord(length))))


def fold(text: str) -> str:
    """Folded and lower-cased, the form in which words of the data files are compared."""
    return normalise(text).lower()

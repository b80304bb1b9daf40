"""What the words and signs beside digits say of them: a telephone number, or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml

_EXTENSION = re.compile(r"(?i)\s{0,2}(?:;ext=|x|ext(?:ension)?\.?|durchwahl)\s{0,2}[:.]?\s?\d{1,7}(?!\w)")
_WORD = re.compile(r"[^\W\d_]+|[#№º]")
_CURRENCY_AFTER = re.compile(r"\s?(?:[€$£¥₽₴₺]|zl\b)(?!\s?\d)")
_CURRENCY_BEFORE = re.compile(r"(?<![\d ])\s?[€$£¥₽₴₺]\s?$|\d\s[€$£¥₽₴₺]$")
# "zł 847 394 833", but not "50 zł 847 394 833".
_CURRENCY_WORD_BEFORE = re.compile(
    r"(?i)(?<![^\W_])(?<!\d\s)(?:eur|euros?|usd|gbp|chf|ron|lei|pln|zl|czk|huf|rub|руб|грн)\.?\s?$"
)
# Figures and signs of the same row, and the last figure of another.
_FIGURES = "0123456789 .-/"
_LAST_FIGURE = re.compile(r"\d(?=\D*$)")
_UNIT_AFTER = re.compile(r"\s?([^\W\d_]+)")

# Characters before and behind digits that are looked at.
SEEN_BEFORE, SEEN_AFTER = 32, 24


@cache
def cue_words() -> dict[str, frozenset[str]]:
    """Words (folded) of `phone_cues.yaml` by what they say; with "other" also its compounds ("factuurnummer"), and as
    "far" those that speak over other words."""
    cues = {kind: frozenset(map(fold, words)) for kind, words in read_yaml("phone_cues.yaml").items()}
    cues["other"] |= cues["papers"]
    compounds = {word + ending for word in cues["other"] | cues["numbered"] for ending in cues["compounds"]}
    cues["other"] |= compounds - cues["phone"]
    cues["far"] = cues["papers"] | cues["numbered"] | cues["coded"]
    return cues


@cache
def reversing_words() -> frozenset[str]:
    """Of each remark (folded) that digits are written from the last to the first the longest word."""
    return frozenset(max(phrase.split(), key=len) for phrase in cue_words()["reversed"])


@cache
def _remark_reversed() -> re.Pattern[str]:
    return re.compile(f" (?:{one_of(cue_words()['reversed'])}) ")


def says_reversed(words: Sequence[str]) -> bool:
    """Whether `words`, those near some digits, say that these are written from the last to the first."""
    return _remark_reversed().search(fold(f" {' '.join(words)} ")) is not None


@cache
def _endings() -> tuple[str, ...]:
    """Words for telephones that are told even at the end of another word."""
    return tuple(cue for cue in cue_words()["phone"] if len(cue) >= 4)


def is_trusted(text: str, start: int, end: int, glued_left: str, glued_right: str, plus: bool) -> bool | None:
    """Of the digits at [start, end): True beside a word for telephones, None beside one for something else.

    False otherwise. `glued_left` and `glued_right` are the letters that touch them, `plus` says they are marked.
    """
    cues = cue_words()
    after = text[end : end + SEEN_AFTER]
    if glued_right and not _EXTENSION.match(after):
        letters = fold(glued_right)
        if len(letters) < 3 or letters in cues["units"] or glued_right.isupper():
            return None
    if glued_left:
        letters = fold(glued_left)
        return True if letters in cues["phone"] or letters.endswith(_endings()) else None
    before = text[max(0, start - SEEN_BEFORE) : start]
    if plus:
        return False
    if _CURRENCY_AFTER.match(after) or _CURRENCY_BEFORE.search(before):
        return None
    if _CURRENCY_WORD_BEFORE.search(before):
        return None
    unit = _UNIT_AFTER.match(after)
    if unit is not None and fold(unit.group(1)) in cues["units"]:
        return None
    words = [fold(word) for word in _WORD.findall(before.rsplit("\n", 1)[-1])][-3:]
    if words[-2:-1] and words[-2] in cues["codes"]:
        # "Area code 312": the first part of a telephone number.
        return True
    numbered = False
    for word in reversed(words):
        if word == "#" or word in cues["other"] or (numbered and word in cues["numbered"]):
            return None
        numbered = word in cues["number"]
        if word in cues["phone"]:
            return True
        if word not in cues["number"]:
            break
    if any(word in cues["phone"] for word in words):
        return True
    if cues["far"].isdisjoint(words):
        return False
    return None if _names_papers(before) else False


def _names_papers(before: str) -> bool:
    """Whether one of the last words of `before` is for papers, parcels or meters and no other figure stands between
    ("contador del agua", "código de reserva")."""
    cues = cue_words()
    line = before.rsplit("\n", 1)[-1].rstrip(_FIGURES)
    words = [fold(word) for word in _WORD.findall(line[_last_figure(line) :])][-3:]
    if not cues["papers"].isdisjoint(words):
        return True
    if len(words) > 1 and words[-2] in cues["other"] and words[-1] in cues["numbered"]:
        return True
    return len(words) == 3 and words[0] in cues["coded"] and words[1] in cues["of"]


def _last_figure(line: str) -> int:
    figure = _LAST_FIGURE.search(line)
    return figure.end() if figure is not None else 0

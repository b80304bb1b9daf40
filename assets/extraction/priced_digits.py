"""Telephone numbers dressed up as prices or shares: "£077 £009 £003 £81 read it without the pounds", "5%0%0%"."""

from __future__ import annotations

import re
from functools import cache

from assets.extraction.found import Found
from assets.extraction.normalise import fold
from assets.extraction.number_series import is_price_row
from assets.extraction.phone_surroundings import cue_words
from assets.extraction.phone_validity import regions_for
from assets.extraction.phones import phone_value
from assets.extraction.rule_files import read_yaml

DRESSES = "€$£¥₽₴₺%"
_BEFORE = re.compile(
    r"(?<![\w.,])(?P<sign>[€$£¥₽₴₺])\d{1,4}(?:[ ,;/-]{1,2}(?P=sign)\d{1,4}){2,14}(?![\w.,]?\d)"
)
_BEHIND = re.compile(
    r"(?<![\w.,])\d{1,4}(?P<sign>[€$£¥₽₴₺%])(?:[ ,;/-]{0,2}\d{1,4}(?P=sign)){1,14}(?:[ ,;/-]{0,2}\d{1,4}(?!\d))?"
)
# "500zł 000zł 527zł", "077 pounds 009 pounds 001 pounds 23".
_WORDED = re.compile(
    r"(?<![\w.,])\d{2,4} ?(?P<sign>[^\W\d_]{1,9})\b(?:[ ,;/-]{1,3}\d{1,4} ?(?P=sign)\b){2,6}"
    r"(?:[ ,;/-]{1,3}\d{1,4}(?![\w.,]))?"
)
_GROUP = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
# Characters around the row in which a remark on it stands.
_REMARK = 60


@cache
def _remarks() -> frozenset[str]:
    return frozenset(map(fold, read_yaml("phone_cues.yaml")["undress"]))


@cache
def _currencies() -> frozenset[str]:
    """Words (folded) for money and other units behind digits."""
    return cue_words()["units"] | {"zl"}


def find_priced_phones(text: str, region: str | None, language: str | None) -> list[Found]:
    """Numbers of the folded `text` each of whose groups has the same sign of a currency or percents. Never raises."""
    found: list[Found] = []
    for pattern in (_BEFORE, _BEHIND, _WORDED):
        for row in pattern.finditer(text):
            if pattern is _WORDED and fold(row["sign"]) not in _currencies():
                continue
            groups = _GROUP.findall(row.group())
            if len(groups) < 3 or is_price_row(groups) or not _is_told(text, row, groups):
                continue
            value = phone_value("".join(groups), False, regions_for(region, language), False)
            if value is not None:
                found.append(Found("phone", value, *row.span(), True, "separated"))
    return found


def _is_told(text: str, row: re.Match[str], groups: list[str]) -> bool:
    """Whether a remark says that the signs are to be left out, or the groups are no prices: two of them begin with a
    nought, or all are single digits."""
    around = text[max(0, row.start() - _REMARK) : row.start()] + " " + text[row.end() : row.end() + _REMARK]
    if any(fold(word) in _remarks() for word in _WORD.findall(around)):
        return True
    if len(groups) > 3 and " " not in row.group() and row.group()[-1].isdigit():
        # One and the same sign between all groups.
        return True
    if any(len(group) > 1 and not group.strip("0") for group in groups):
        # Nothing costs 000.
        return True
    noughts = sum(len(group) > 1 and group[0] == "0" for group in groups)
    return noughts > 1 or (len(groups) > 6 and all(len(group) == 1 for group in groups))

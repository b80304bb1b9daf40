"""Amounts of money and what they are for: a price, a debt or fee, a promised pay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml

_NUMBER = r"\d{1,3}(?:[ .,'](?=\d{3}(?!\d))\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_DIGIT = re.compile("[0-9]")
_PERIOD_REACH = 28
_PURPOSE_REACH = 60
# Countries whose dollar or peso sign is their own currency.
_DOLLAR_COUNTRIES = {
    "CA": "CAD",
    "AU": "AUD",
    "NZ": "NZD",
    "MX": "MXN",
    "CO": "COP",
    "AR": "ARS",
    "CL": "CLP",
    "SG": "SGD",
    "HK": "HKD",
}


@cache
def _currencies() -> dict[str, str]:
    return {
        fold(spelling): code
        for code, spellings in read_yaml("amounts.yaml")["currencies"].items()
        for spelling in spellings
    }


@cache
def _amount_pattern() -> re.Pattern[str]:
    spellings = sorted(_currencies(), key=len, reverse=True)
    signs = "|".join(re.escape(s) for s in spellings if not s[-1].isalpha())
    words = "|".join(re.escape(s) for s in spellings if s[-1].isalpha())
    return re.compile(
        rf"(?<![\w.,])(?P<before>{signs}|(?:{words})(?![^\W\d_]))\s?(?P<a>{_NUMBER})(?P<ka>k)?(?![\d])"
        rf"|(?<![\w.,+])(?P<b>{_NUMBER})\s?(?P<kb>k(?![a-z])|mil(?= ))?\s?(?P<after>{signs}|(?:{words})(?![^\W\d_]))"
    )


@cache
def _periods() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (period, re.compile("|".join(rf"(?<![^\W\d_]){re.escape(fold(w))}(?![^\W\d_])" for w in words)))
        for period, words in read_yaml("amounts.yaml")["per"].items()
    )


@cache
def _purposes() -> dict[str, re.Pattern[str]]:
    return {
        purpose: re.compile(rf"(?<![^\W\d_])(?:{'|'.join(map(re.escape, map(fold, stems)))})[^\W\d_]*")
        for purpose, stems in read_yaml("amounts.yaml")["purpose"].items()
    }


def parse_amount(spelling: str) -> float:
    """Number of "1.500,50", "1,500.50", "1 500" or "80".

    A last separator with one or two digits behind it is the decimal one.
    """
    compact = re.sub(r"[ ']", "", spelling)
    decimal = re.search(r"[.,](\d{1,2})$", compact)
    whole = compact[: decimal.start()] if decimal else compact
    return float(re.sub(r"[.,]", "", whole) + (f".{decimal.group(1)}" if decimal else ""))


def find_amounts(text: str, region: str | None) -> Iterator[Fact]:
    """Amounts in the folded, lower-case `text`: kind price, debt or pay; unit is the ISO 4217 code, with "/period"
    where one is named. A dollar sign is the dollar or peso of `region` (ISO alpha-2), else USD."""
    if _DIGIT.search(text) is None:
        return
    matches = list(_amount_pattern().finditer(text))
    spans = [match.span() for match in matches]
    for place, match in enumerate(matches):
        code = _currencies()[match["before"] or match["after"]]
        if code == "USD_SIGN":
            code = _DOLLAR_COUNTRIES.get(region or "", "USD")
        number = parse_amount(match["a"] or match["b"]) * (1000 if match["ka"] or match["kb"] else 1)
        if number <= 0:
            continue
        following = spans[place + 1][0] if place + 1 < len(spans) else len(text)
        previous = spans[place - 1][1] if place else 0
        period = _period(text[match.end() : min(match.end() + _PERIOD_REACH, following)])
        kind, confidence = _purpose(
            text, max(previous, match.start() - _PURPOSE_REACH), match.start(), match.end(), following, period
        )
        unit = f"{code}/{period}" if period else code
        yield Fact(kind, None, number, unit, match.start(), match.end(), confidence, f"amount.{kind}")


def _period(after: str) -> str | None:
    clause = re.split(r"[.;,\n]", after, maxsplit=1)[0]
    found = [(match.start(), period) for period, pattern in _periods() if (match := pattern.search(clause))]
    return min(found)[1] if found else None


def _purpose(text: str, low: int, start: int, end: int, high: int, period: str | None) -> tuple[str, float]:
    """By the nearest word before the amount in its sentence, else the nearest after it."""
    before = re.split(r"[\n!?;]|\.\s", text[low:start])[-1]
    after = re.split(r"[\n!?;]|\.\s", text[end : min(end + _PURPOSE_REACH // 2, high)], maxsplit=1)[0]
    nearest = ("price", -1)
    for purpose, pattern in _purposes().items():
        for match in pattern.finditer(before):
            if match.end() > nearest[1]:
                nearest = (purpose, match.end())
    if nearest[1] >= 0:
        return nearest[0], 0.8
    behind: list[tuple[int, str]] = [
        (hit.start(), purpose) for purpose, pattern in _purposes().items() if (hit := pattern.search(after))
    ]
    if behind:
        return min(behind)[1], 0.6
    return ("pay", 0.5) if period in ("month", "week", "year") else ("price", 0.7)

"""Amounts of money and what they are for: a price, a debt, a fee, a promised pay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

_NUMBER = r"\d{1,3}(?:[ .,'](?=\d{3}(?!\d))\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
# The word for a thousand between a number and its currency, in the cases and plurals that follow numbers.
_THOUSAND = (
    r"(?:thousand|tausend|duizend|mille|mila|mii(?: de)?|tysi(?:ecy|ace|ac)|tys\.?"
    r"|тысяч[аиу]?|тыс\.?|тисяч[аіу]?|тис\.?)"
)
_CLAUSE = re.compile(r"[.;,\n/|](?=\s|$)|\n")
_SENTENCE = re.compile(r"[\n!?;]|\.\s")
_FIGURES = re.compile(r"\d[\d.,' ]*")
_LONGEST_CURRENCY = 18
_PERIOD_REACH = 28
_PURPOSE_REACH = 60
# What is paid ahead, and what that is where the sentence is about work; elsewhere it is a part of a price.
_AHEAD = {"lent": "debt", "deposit": "fee"}
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
        fold(str(spelling)): code
        for code, spellings in read_yaml("currencies.yaml").items()
        for spelling in spellings
    }


@cache
def _amount_pattern() -> re.Pattern[str]:
    spellings = sorted(_currencies(), key=len, reverse=True)
    signs = one_of(s for s in spellings if not s[-1].isalpha())
    words = one_of(s for s in spellings if s[-1].isalpha())
    return re.compile(
        rf"(?<![\w.,])(?P<before>{signs}|{words}(?![^\W\d_]))\s?(?P<a>{_NUMBER})(?P<ka>k)?(?![\d])"
        rf"|(?<![\w.,+])(?P<b>{_NUMBER})\s?(?P<kb>k(?![a-z])|mil(?= )|{_THOUSAND}(?!\w))?\s?"
        rf"(?P<after>{signs}|{words}(?![^\W\d_]))"
    )


def _amounts_in(text: str) -> Iterator[re.Match[str]]:
    """Matches of the pattern, sought only where figures stand: most letters of a text are far from any."""
    free = 0
    for figures in _FIGURES.finditer(text):
        if figures.end() <= free:
            continue
        low = max(free, figures.start() - _LONGEST_CURRENCY)
        match = _amount_pattern().search(text, low, figures.end() + _LONGEST_CURRENCY)
        while match is not None:
            yield match
            free = match.end()
            match = (
                None
                if free >= figures.end()
                else _amount_pattern().search(text, free, figures.end() + _LONGEST_CURRENCY)
            )


@cache
def _words(languages: tuple[str, ...], part: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for every word of `part` ("per" or "purpose") in `languages`, and what each word stands for."""
    known = [language for language in languages if language in languages_with("amounts")] or ["en"]
    meanings: dict[str, str] = {}
    for language in known:
        for meaning, words in read_yaml(f"amounts/{language}.yaml")[part].items():
            for word in words:
                meanings.setdefault(fold(str(word)), meaning)
    return re.compile(rf"(?<!\w){one_of(meanings)}(?!\w)"), meanings


@cache
def _about_work(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Words that show a sentence to be about work, travel to it or papers for it."""
    known = [language for language in languages if language in languages_with("amounts")] or ["en"]
    words = [word for language in known for word in read_yaml(f"amounts/{language}.yaml")["about_work"]]
    return re.compile(rf"(?<!\w){one_of(map(fold, words), any_letters='*')}(?!\w)")


@cache
def _musts(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Words for owing that mean "must" where they stand: before an infinitive that is not one of paying."""
    found = []
    for language in languages:
        if language in languages_with("amounts"):
            table = read_yaml(f"amounts/{language}.yaml").get("obligation")
            if table is not None:
                words = one_of(map(fold, table["words"]))
                found.append(rf"{words} (?:\w+ )?(?!(?:{table['paying']})\b)(?:{table['infinitive']})(?!\w)")
    return re.compile("|".join(found) or r"(?!)")


def _sentence(text: str, start: int, end: int) -> str:
    before = _SENTENCE.split(text[max(0, start - 2 * _PURPOSE_REACH) : start])[-1]
    return before + text[start:end] + _SENTENCE.split(text[end : end + 2 * _PURPOSE_REACH], maxsplit=1)[0]


def parse_amount(spelling: str) -> float:
    """Number of "1.500,50", "1,500.50", "1 500" or "80".

    A last separator with one or two digits behind it is the decimal one.
    """
    compact = re.sub(r"[ ']", "", spelling)
    decimal = re.search(r"[.,](\d{1,2})$", compact)
    whole = compact[: decimal.start()] if decimal else compact
    return float(re.sub(r"[.,]", "", whole) + (f".{decimal.group(1)}" if decimal else ""))


def find_amounts(reading: Reading) -> Iterator[Fact]:
    """Amounts in the text: kind price, pay, debt or fee; unit is the ISO 4217 code, with "/period" where one is named
    (half_hour, hour, night, day, week, month, year). A dollar sign is the dollar or peso of the source's region."""
    text = reading.lowered
    matches = list(_amounts_in(text))
    if not matches:
        return
    clauses = [_clause(text, matches, place) for place in range(len(matches))]
    per, periods = _words(reading.languages, "per")
    # In a list of prices the period stands either before every amount or behind it; the first one tells.
    first = matches[0]
    label_first = per.search(text, clauses[0][0], first.start()) is not None
    for place, match in enumerate(matches):
        code = _currencies()[match["before"] or match["after"]]
        if code == "USD_SIGN":
            code = _DOLLAR_COUNTRIES.get(reading.region or "", "USD")
        number = parse_amount(match["a"] or match["b"]) * (1000 if match["ka"] or match["kb"] else 1)
        if number <= 0:
            continue
        low, high = clauses[place]
        period = _period(text, low, match, high, per, periods, label_first)
        kind, confidence = _purpose(reading, match.start(), match.end(), matches, place, period)
        unit = f"{code}/{period}" if period else code
        yield Fact(kind, None, number, unit, match.start(), match.end(), confidence, f"amount.{kind}")


def _clause(text: str, matches: list[re.Match[str]], place: int) -> tuple[int, int]:
    """Where the words that belong to an amount begin and end: its clause, up to the neighbouring amounts."""
    start, end = matches[place].span()
    low = max(matches[place - 1].end() if place else 0, start - _PERIOD_REACH)
    high = min(matches[place + 1].start() if place + 1 < len(matches) else len(text), end + _PERIOD_REACH)
    before = [stop.end() for stop in _CLAUSE.finditer(text, low, start)]
    behind = _CLAUSE.search(text, end, high)
    return (before[-1] if before else low), (behind.start() if behind else high)


def _period(
    text: str,
    low: int,
    match: re.Match[str],
    high: int,
    per: re.Pattern[str],
    periods: dict[str, str],
    label_first: bool,
) -> str | None:
    before = [hit.group() for hit in per.finditer(text, low, match.start())]
    behind = per.search(text, match.end(), high)
    if before and (label_first or behind is None):
        return periods[before[-1]]
    return periods[behind.group()] if behind else None


def _purpose(
    reading: Reading, start: int, end: int, matches: list[re.Match[str]], place: int, period: str | None
) -> tuple[str, float]:
    """A debt named on either side in the sentence, else a fee, else the nearest word before, else behind."""
    text = reading.lowered
    pattern, meanings = _words(reading.languages, "purpose")
    low = max(matches[place - 1].end() if place else 0, start - _PURPOSE_REACH)
    before = _SENTENCE.split(text[low:start])[-1]
    behind = _SENTENCE.split(text[end : end + _PURPOSE_REACH // 2], maxsplit=1)[0]
    if place + 1 < len(matches) and matches[place + 1].start() < end + len(behind):
        # What stands just before the next amount is that one's.
        behind = text[end : matches[place + 1].start()].rpartition(",")[0]
    musts = _musts(reading.languages)
    left = [meanings[hit.group()] for hit in pattern.finditer(before) if not musts.match(before, hit.start())]
    right = [
        meanings[hit.group()] for hit in pattern.finditer(behind) if not musts.match(behind, hit.start())
    ]
    if not _AHEAD.keys().isdisjoint((*left, *right)):
        sentence = _sentence(text, start, end)
        about_work = _about_work(reading.languages).search(sentence) is not None
        left, right = (
            [
                (_AHEAD[meaning] if about_work else "price") if meaning in _AHEAD else meaning
                for meaning in side
            ]
            for side in (left, right)
        )
    for sure in ("debt", "fee"):
        if sure in left or sure in right:
            return sure, 0.8 if sure in left else 0.7
    if left:
        return left[-1], 0.8
    if right:
        return right[0], 0.6
    return ("pay", 0.5) if period in ("month", "week", "year") else ("price", 0.7)

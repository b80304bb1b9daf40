"""Where a text names an amount of money: figures or number words with a currency, ranges, and bare numbers.

A bare number is money where a period or a word beside it shows it ("60 la media hora", "1h 120", "1.450 netos"). It may
be some where no word follows that it counts ("the agency wants 400 up front"): what its sentence is about decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from assets.extraction.alternatives import one_of
from assets.extraction.normalise import fold
from assets.extraction.number_words import READINGS, NumberWords, Part, number_words, read_digits, split_token
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

_NUMBER = r"\d{1,3}(?:[ .,'](?=\d{3}(?!\d))\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
# The word for a thousand between a number and its currency, in the cases and plurals that follow numbers.
_THOUSAND = (
    r"(?:thousand|tausend|duizend|mille|mila|mii(?: de)?|tysi(?:ecy|ace|ac)|tys\.?"
    r"|тысяч[аиу]?|тыс\.?|тисяч[аіу]?|тис\.?)"
)
_FIGURES = re.compile(r"\d[\d.,' ]*")
_LONGEST_CURRENCY = 18
# Around a bare number: characters in which its period, or the word that shows it to be money, begins or ends.
_BESIDE = 28
_BARE = re.compile(
    rf"(?<![\w.,:/+%#@*-])(?<!\d )(?P<number>{_NUMBER})(?P<thousand>k|\s?{_THOUSAND}(?!\w)|\s?mil(?!\w))?"
    r"(?![\d\w%°]|[.,:/-]\d|\s?\d)"
)
_DURATION = re.compile(
    r"(?<![\w.,:])\d{1,2}\s?(?:h|hs|hrs?|hours?|horas?|heures?|std|stunden?|ore|uur|godz|ч|час(?:а|ов)?|год|годин[иа]?|min|mins"
    r"|minutes|minutos|minuti|minuten|minute|minut|мин|хв)\s?[:=-]?\s?$"
)
# Last letters of the words of `_DURATION`.
_OF_TIME = tuple("hrsadentozчсвдна")
# Joined with "and" or "to", amounts of one range are not further apart than this; round amounts are what is asked for.
_WIDEST, _ROUND = 5, 5
_LEAST_SAID, _LEAST_ROSES, _LEAST_AFTER_LABEL, _LEAST_PAY, _LEAST_DEBT = 5, 20, 30, 300, 100
_HOURLY_PAY = (5, 99)
# The least that a bare number before a period is; before a mere noun ("20 hour") it may count the hours.
_LEAST_PER = {"half_hour": 20, "hour": 20, "night": 50, "day": 30, "week": 20, "month": 100, "year": 1_000}
_LEAST_BEFORE_NOUN = 50
_LEAST_BEHIND = {"half_hour": 30, "hour": 30, "night": 50, "day": 500}
_YEARS = range(1_900, 2_101)
# Words of a number at most, and words of one letter or two that would make any number money.
_LONGEST_SAID = 8
_SHORTEST_SAID_CURRENCY = 3
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


class Money(NamedTuple):
    """An amount at [start, end) of the folded, lowered text; `currency` is its ISO 4217 code, None where unknown.

    `meant` is "pay", "price" or "debt" where a word beside a bare number says so, and "sentence" where only what its
    sentence is about can show the number to be money.
    """

    start: int
    end: int
    number: float
    currency: str | None
    meant: str | None = None


def parse_amount(spelling: str) -> float:
    """Number of "1.500,50", "1,500.50", "1 500" or "80".

    A last separator with one or two digits behind it is the decimal one.
    """
    compact = re.sub(r"[ ']", "", spelling)
    decimal = re.search(r"[.,](\d{1,2})$", compact)
    whole = compact[: decimal.start()] if decimal else compact
    return float(re.sub(r"[.,]", "", whole) + (f".{decimal.group(1)}" if decimal else ""))


@cache
def _currencies() -> dict[str, str]:
    return {
        fold(str(spelling)): code
        for code, spellings in read_yaml("currencies.yaml").items()
        for spelling in spellings
    }


@cache
def _said_currencies() -> frozenset[str]:
    return frozenset(
        word for word in _currencies() if word.isalpha() and len(word) >= _SHORTEST_SAID_CURRENCY
    )


@cache
def _with_currency() -> re.Pattern[str]:
    spellings = sorted(_currencies(), key=len, reverse=True)
    signs = one_of(s for s in spellings if not s[-1].isalpha())
    words = one_of(s for s in spellings if s[-1].isalpha())
    return re.compile(
        rf"(?<![\w.,])(?P<before>{signs}|{words}(?![^\W\d_]))\s?(?P<a>{_NUMBER})(?P<ka>k)?(?![\d])"
        rf"|(?<![\w.,+])(?P<b>(?<!\d ){_NUMBER}|\d+(?:[.,]\d{{1,2}})?)\s?(?P<kb>k(?![a-z])|mil(?= )|{_THOUSAND}(?!\w))?"
        r"\s?(?:de\s)?"
        rf"(?P<after>{signs}|{words}(?![^\W\d_]))"
    )


def listed(languages: tuple[str, ...], part: str) -> tuple[str, ...]:
    """Words of `part` of the tables of amounts in `languages`, folded; English where none has a table."""
    known = [language for language in languages if language in languages_with("amounts")] or ["en"]
    words = (word for language in known for word in read_yaml(f"amounts/{language}.yaml")[part])
    return tuple(dict.fromkeys(fold(str(word)) for word in words))


@cache
def periods(languages: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """Pattern of the words for a period, and which one each stands for."""
    known = [language for language in languages if language in languages_with("amounts")] or ["en"]
    meanings: dict[str, str] = {}
    for language in known:
        for meaning, words in read_yaml(f"amounts/{language}.yaml")["per"].items():
            for word in words:
                meanings.setdefault(fold(str(word)), meaning)
    return re.compile(rf"(?<!\w){one_of(meanings)}(?!\w)"), meanings


class _Beside(NamedTuple):
    """What may stand beside a number without a currency, or between the bounds of a range."""

    labels: Mapping[str, str]
    pay: re.Pattern[str]
    prices: Mapping[str, str]
    price_after: re.Pattern[str]
    range_before: re.Pattern[str]
    range_after: re.Pattern[str]
    debts: frozenset[str]
    debt_before: re.Pattern[str]


@cache
def _beside(languages: tuple[str, ...]) -> _Beside:
    known = [language for language in languages if language in languages_with("amounts")] or ["en"]
    debts = [
        fold(word) for language in known for word in read_yaml(f"amounts/{language}.yaml")["purpose"]["debt"]
    ]
    between = rf"\s?{one_of(listed(languages, 'range'))}\s?"
    return _Beside(
        periods(languages)[1],
        re.compile(rf"\s?{one_of(listed(languages, 'bare_pay'))}(?!\w)"),
        dict.fromkeys(listed(languages, "price_before"), "price"),
        re.compile(rf"\s?{one_of(listed(languages, 'price_after'))}(?!\w)"),
        re.compile(rf"(?<![\w.,:/+-])(?<!\d )({_NUMBER})(k|\s?{_THOUSAND})?{between}$"),
        re.compile(rf"{between}({_NUMBER})(k)?(?![\d\w%°]|[.,:/-]\d|\s?\d)"),
        frozenset(word for phrase in debts for word in phrase.split()[:1]),
        re.compile(rf"(?<!\w){one_of(debts)}(?: [^\W\d]+){{0,3}} $"),
    )


def find_money(reading: Reading) -> list[Money]:
    """The amounts in the text, in order, none over another."""
    text = reading.lowered
    found: list[Money] = []
    for match in _figures_with_currency(text):
        found += _with_range(reading, match)
    if not _said_currencies().isdisjoint(reading.words):
        found += [money for money in _said(reading) if not _overlaps(money, found)]
    found += [money for money in _bare(reading) if not _overlaps(money, found)]
    return sorted(found)


def _overlaps(money: Money, others: list[Money]) -> bool:
    return any(money.start < other.end and other.start < money.end for other in others)


def _figures_with_currency(text: str) -> Iterator[re.Match[str]]:
    """Matches of the pattern, sought only where figures stand: most letters of a text are far from any."""
    free = 0
    for figures in _FIGURES.finditer(text):
        if figures.end() <= free:
            continue
        low = max(free, figures.start() - _LONGEST_CURRENCY)
        match = _with_currency().search(text, low, figures.end() + _LONGEST_CURRENCY)
        while match is not None:
            yield match
            free = match.end()
            match = (
                None
                if free >= figures.end()
                else _with_currency().search(text, free, figures.end() + _LONGEST_CURRENCY)
            )


def _code(reading: Reading, spelling: str) -> str | None:
    code = _currencies()[spelling]
    if code == "USD_SIGN":
        return _DOLLAR_COUNTRIES.get(reading.region or "", "USD")
    return home_currency(reading.region) if code == "ROSES" else code


@cache
def home_currency(region: str | None) -> str | None:
    """The currency of a country (CLDR); None for no country."""
    from babel.numbers import get_territory_currencies

    current = get_territory_currencies(region) if region else []
    return current[-1] if current else None


def _with_range(reading: Reading, match: re.Match[str]) -> Iterator[Money]:
    """The amount of the match, and the other bound of its range, which shares its currency."""
    text, beside = reading.lowered, _beside(reading.languages)
    spelling = match["before"] or match["after"]
    code = _code(reading, spelling)
    bare = parse_amount(match["a"] or match["b"])
    times = 1_000 if match["ka"] or match["kb"] else 1
    number, start, end = bare * times, match.start(), match.end()
    if number <= 0 or (_currencies()[spelling] == "ROSES" and number < _LEAST_ROSES):
        return
    if match["b"] is not None:
        other = beside.range_before.search(text, max(0, start - _BESIDE), start)
        if other is not None:
            low = parse_amount(other.group(1)) * (1_000 if other.group(2) else times)
            if low < number <= low * _WIDEST:
                yield Money(other.start(1), other.end(1), low, code)
    yield Money(start, end, number, code)
    if match["a"] is not None:
        other = beside.range_after.match(text, end)
        if other is not None:
            high = parse_amount(other.group(1)) * (1_000 if other.group(2) else times)
            if number < high <= number * _WIDEST:
                yield Money(other.start(1), other.end(), high, code)


def _said(reading: Reading) -> Iterator[Money]:
    """Amounts in number words ("ciento veinte euros", "zweihundertfünfzig Euro")."""
    tables = [
        number_words(language) for language in reading.languages if language in languages_with("numbers")
    ]
    for place, word in enumerate(reading.words):
        if word not in _said_currencies():
            continue
        last = place - 1 if place and reading.words[place - 1] == "de" else place
        for table in tables:
            said = _number_before(reading, last, table)
            if said is not None and said[1] >= _LEAST_SAID:
                start, end = reading.spans[said[0]][0], reading.spans[place][1]
                if _currencies()[word] != "ROSES" or said[1] >= _LEAST_ROSES:
                    yield Money(start, end, said[1], _code(reading, word))
                break


def _number_before(reading: Reading, last: int, table: NumberWords) -> tuple[int, float] | None:
    """The number that the words before the one at `last` spell, and where it begins."""
    text, spans = reading.lowered, reading.spans
    first, parts = last, list[Part]()
    while first > 0 and last - first < _LONGEST_SAID:
        begin, end = spans[first - 1]
        following = spans[first][0]
        pieces = split_token(reading.words[first - 1], table.language)
        if pieces is None or text[end:following].strip(" -") != "":
            break
        parts[:0] = [Part(word, begin + low, begin + high, True) for word, low, high in pieces]
        first -= 1
    while parts and parts[0].text in table.joiners and parts[0].text not in table.words:
        parts.pop(0)
    if not parts:
        return None
    if parts[0].text in table.thousand:
        rest = [digits for digits, _, _ in read_digits(parts[1:], table, READINGS[0])]
        return (first, 1_000.0 + sum(map(float, rest))) if len(rest) <= 1 else None
    read = [digits for digits, _, _ in read_digits(parts, table, READINGS[0])]
    return (first, float(read[0])) if len(read) == 1 else None


def _bare(reading: Reading) -> Iterator[Money]:
    text = reading.lowered
    for match in _BARE.finditer(text):
        spelling = match["number"]
        decimal = re.search(r"[.,]\d\d?$", spelling) is not None
        number = parse_amount(spelling) * (1_000 if match["thousand"] else 1)
        if (
            (number % _ROUND and not decimal)
            or (number in _YEARS and number % 100)
            or number < _HOURLY_PAY[0]
        ):
            continue
        meant = _meant(reading, match, number, decimal)
        if meant is not None:
            yield Money(
                match.start(),
                match.end(),
                number,
                home_currency(reading.region),
                meant if meant != "period" else None,
            )


def _meant(reading: Reading, match: re.Match[str], number: float, decimal: bool) -> str | None:
    """What shows a bare number to be money: "pay", "price", "debt", "period" or "sentence"; None where nothing can."""
    text, start, end = reading.lowered, *match.span()
    beside = _beside(reading.languages)
    hourly = decimal and _HOURLY_PAY[0] <= number <= _HOURLY_PAY[1]
    if (number >= _LEAST_PAY or hourly) and beside.pay.match(text, end):
        return "pay"
    if _has_period(reading, end, number, decimal):
        return "period"
    if decimal or number < _LEAST_ROSES:
        return None
    if beside.price_after.match(text, end):
        return "price"
    if number < _LEAST_AFTER_LABEL or _is_measure(text, end):
        return None
    before = text[max(0, start - _BESIDE) : start].rstrip(" :=-")
    label = _ending(before, beside.labels)
    if label is not None and number >= _LEAST_BEHIND.get(beside.labels[label], float("inf")):
        return "period"
    if before.endswith(_OF_TIME) and _DURATION.search(before) is not None:
        return "price"
    if _ending(before, beside.prices) is not None:
        return "price"
    if number < _LEAST_DEBT:
        return None
    if not beside.debts.isdisjoint(reading.words) and beside.debt_before.search(
        text, max(0, start - 2 * _BESIDE), start
    ):
        return "debt"
    return "sentence" if number % 10 == 0 and _counts_nothing(text, end) else None


def _has_period(reading: Reading, end: int, number: float, decimal: bool) -> bool:
    """Whether words for a period follow the number, which is large enough for it."""
    pattern, meanings = periods(reading.languages)
    text = reading.lowered
    period = pattern.match(text, end + (text[end : end + 1] == " "))
    if period is None:
        return False
    word = period.group()
    if decimal:
        return meanings[word] == "hour" and _HOURLY_PAY[0] <= number <= _HOURLY_PAY[1]
    noun = " " not in word and not word.startswith("/") and "'" not in word
    return number >= max(_LEAST_PER[meanings[word]], _LEAST_BEFORE_NOUN if noun else 0)


def _ending(text: str, words: Mapping[str, str]) -> str | None:
    """The one of `words` that `text` ends with, not inside another word; None for none."""
    if not text.endswith(tuple(words)):
        return None
    ends = [word for word in words if text.endswith(word) and not text[: -len(word)][-1:].isalnum()]
    return max(ends, key=len, default=None)


def _counts_nothing(text: str, end: int) -> bool:
    """Whether the number ends its clause or a word of grammar follows, not what it is the number of."""
    word = _NEXT_WORD.match(text, end)
    return text[end : end + 1] in ("", ".", ",", ";", "!", "?", ")", "\n") or (
        word is not None and word.group(1) in _grammar()
    )


@cache
def _grammar() -> frozenset[str]:
    return frozenset(fold(word) for words in read_yaml("function_words.yaml").values() for word in words) | {
        "up"
    }


@cache
def _units() -> frozenset[str]:
    return frozenset(fold(str(word)) for word in read_yaml("measures.yaml"))


_NEXT_WORD = re.compile(r"\s?([^\W\d_]+\d?)")


def _is_measure(text: str, end: int) -> bool:
    word = _NEXT_WORD.match(text, end)
    return word is not None and word.group(1) in _units()

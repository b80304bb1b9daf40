"""Ages that a text claims for a person, as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.number_words import READINGS, NumberWords, Part, number_words, read_digits, split_token
from assets.extraction.rule_files import languages_with, read_yaml

_TOKENS = re.compile(r"[^\W\d_]+")
# Below twelve and above 79 a number beside "years" is hardly ever the age of the person offered.
_RANGE = range(12, 80)


@cache
def _number_pattern(language: str) -> str:
    """Digits, or number words of the language in a row."""
    if language not in languages_with("numbers"):
        return r"(?P<n>\d{2})"
    table = number_words(language)
    words = {word for phrase, value in table.values.items() if value < 100 for word in phrase} | table.joiners
    compounds = {
        f"{unit[0]}{joiner}{tens[0]}"
        for unit, one in table.values.items()
        for tens, ten in table.values.items()
        for joiner in table.joiners
        if table.unit_first and 1 <= one <= 9 and ten in range(20, 80, 10)
    }
    either = "|".join(map(re.escape, sorted(words | compounds, key=len, reverse=True)))
    return rf"(?P<n>\d{{2}}|(?:{either})(?:[ -](?:{either})){{0,2}})"


@cache
def _rules() -> tuple[tuple[str, str, float, re.Pattern[str]], ...]:
    return tuple(
        (
            rule["id"],
            rule["language"],
            float(rule["confidence"]),
            re.compile(rule["pattern"].replace("{n}", _number_pattern(rule["language"]), 1)),
        )
        for rule in read_yaml("ages.yaml")
    )


def find_ages(text: str, languages: tuple[str, ...]) -> Iterator[Fact]:
    """Claimed ages (years) in the folded, lower-case `text`, by the rules of `languages`, once per place."""
    taken: set[int] = set()
    for rule_id, language, confidence, pattern in _rules():
        if language not in languages:
            continue
        for match in pattern.finditer(text):
            start, end = match.span("n")
            age = _age(match["n"], language)
            if age is None or age not in _RANGE or start in taken or _is_amount(text, start, end):
                continue
            taken.update(range(start, end))
            yield Fact("age", str(age), float(age), "year", start, end, confidence, rule_id)


# A given name at the head of a line or sentence with a number behind it ("Karina, 19", "Lola (22)").
_NAMED = re.compile(
    r"(?:^|[\n.!?|*~]\s*)(?P<name>[A-Z\u0410-\u042f][a-z\u0430-\u044f']{2,14})(?:, ?(?P<n>\d{2})|\s?\((?P<m>\d{2})\))"
    r"(?=\s*(?:$|[,\n!|;*~]|\.(?!\d)))(?!,\s?\d)"
)


@cache
def _calendar_words() -> frozenset[str]:
    """Months and days of the week, which stand before numbers too, by CLDR."""
    from babel import Locale

    words: set[str] = set()
    for language in ("en", "es", "pt", "fr", "de", "it", "ro", "nl", "pl", "ru", "uk"):
        locale = Locale(language)
        for names in (locale.months, locale.days):
            for width in ("wide", "abbreviated"):
                words |= {fold(name).rstrip(".") for name in names["format"][width].values()}
    return frozenset(words)


def ages_after_names(text: str, is_place_name: Callable[[str], bool]) -> Iterator[Fact]:
    """Ages (years) that stand behind a name in the normalised `text`, its case kept; a place or a month is no name."""
    for match in _NAMED.finditer(text):
        name = fold(match["name"])
        group = "n" if match["n"] else "m"
        age = int(match[group])
        if age in _RANGE and name not in _calendar_words() and not is_place_name(name):
            yield Fact("age", str(age), float(age), "year", *match.span(group), 0.6, "age.named")


def bare_age(text: str) -> Iterator[Fact]:
    """The age in a form field that holds the number alone."""
    match = re.fullmatch(r"\D{0,12}?(\d{2})\D{0,12}", text)
    if match is not None and int(match.group(1)) in _RANGE:
        age = int(match.group(1))
        yield Fact("age", str(age), float(age), "year", *match.span(1), 0.9, "age.field")


def _is_amount(text: str, start: int, end: int) -> bool:
    return bool(re.match(r" ?[€$£%+]|[.,:]\d| ?(?:cm|kg|eur|min)\b", text[end : end + 6])) or bool(
        re.search(r"[€$£\d.,]$", text[max(0, start - 1) : start])
    )


def _age(spelling: str, language: str) -> int | None:
    if spelling.isdigit():
        return int(spelling)
    table: NumberWords = number_words(language)
    parts = [
        Part(word, match.start() + start, match.start() + end, True)
        for match in _TOKENS.finditer(spelling)
        for word, start, end in split_token(match.group(), language) or ()
    ]
    digits = "".join(piece for piece, _, _ in read_digits(parts, table, READINGS[0]))
    return int(digits) if digits and len(digits) == 2 else None

"""Ages that a text claims for a person, as numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.number_words import READINGS, NumberWords, Part, number_words, read_digits, split_token
from assets.extraction.required_words import required_strings
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import Rule

_TOKENS = re.compile(r"[^\W\d_]+")
_CLAUSE = re.compile(r"[.,;:!?\n|]")
_UNIT = re.compile(r" ?[€$£%+]|[.,:]\d| ?(?:cm|kg|eur|min)\b")
_BESIDE = re.compile(
    r"(?<![\d.,])(?P<n>\d{2})(?: ?[,/&-] ?| (?:and|y|e|et|und|si|en|i|и|і|та) )(?:de |of |i )?$"
)
# "from 20 to 28 years" says of nobody how old she is.
_RANGE_BEFORE = re.compile(r"(?<![\d.,])\d{2} (?:to|a|à|al|bis|ai|la|pana la|tot|do|до) (?:los |les |de )?$")
# How far a word that speaks of another's years is looked for, in characters and words.
_CLOSE, _WORDS_BEFORE, _WORDS_AFTER = 30, 4, 3
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
    glued = {
        f"{stem}{unit[0]}"
        for unit, one in table.values.items()
        for tens, ten in table.values.items()
        for stem in (tens[0], tens[0][:-1])
        if not table.unit_first and 1 <= one <= 9 and ten in range(20, 80, 10)
    }
    either = one_of(words | compounds | glued)
    return rf"(?P<n>\d{{2}}|{either}(?:[ -]{either}){{0,2}})"


@cache
def age_rules(language: str) -> tuple[Rule, ...]:
    """Rules of one language, none for a language without a table."""
    if language not in languages_with("ages"):
        return ()
    rules = []
    for entry in read_yaml(f"ages/{language}.yaml")["rules"]:
        pattern = entry["pattern"].replace("{n}", _number_pattern(language), 1)
        required = required_strings(entry["pattern"].replace("{n}", r"\d+", 1))
        rules.append(
            Rule(
                entry["id"],
                "age",
                "claimed",
                language,
                float(entry["confidence"]),
                "",
                re.compile(pattern),
                required,
            )
        )
    return tuple(rules)


@cache
def _others(language: str) -> frozenset[str]:
    return frozenset(fold(str(word)) for word in read_yaml(f"ages/{language}.yaml")["others"])


def find_ages(text: str, rules: Iterable[Rule]) -> Iterator[Fact]:
    """Claimed ages (years) in the folded, lower-case `text` by those of `rules` that read ages, once per place."""
    taken: set[int] = set()
    for rule in rules:
        if rule.kind != "age":
            continue
        for match in rule.compiled.finditer(text):
            start, end = match.span("n")
            age = _age(match["n"], rule.language)
            if age is None or age not in _RANGE or start in taken or _is_amount(text, start, end):
                continue
            if _RANGE_BEFORE.search(text, max(0, start - _CLOSE), start) is not None:
                continue
            if _of_others(text, start, match.end(), rule.language):
                continue
            taken.update(range(start, end))
            yield Fact("age", str(age), float(age), "year", start, end, rule.confidence, rule.id)
            # "22 and 24 years": the years behind the second number are the first one's too.
            beside = _BESIDE.search(text, max(0, start - _CLOSE), start)
            if beside is not None and int(beside["n"]) in _RANGE and beside.start("n") not in taken:
                taken.update(range(*beside.span("n")))
                number = int(beside["n"])
                yield Fact(
                    "age", str(number), float(number), "year", *beside.span("n"), rule.confidence, rule.id
                )


def _of_others(text: str, start: int, end: int, language: str) -> bool:
    """Whether a word of the same clause, close by, tells that the years are not those of a person offered."""
    before = _TOKENS.findall(_CLAUSE.split(text[max(0, start - _CLOSE) : start])[-1])[-_WORDS_BEFORE:]
    after = _TOKENS.findall(_CLAUSE.split(text[end : end + _CLOSE], maxsplit=1)[0])[:_WORDS_AFTER]
    return not _others(language).isdisjoint(before + after)


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
    return _UNIT.match(text, end) is not None or (start > 0 and text[start - 1] in "€$£.,0123456789")


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

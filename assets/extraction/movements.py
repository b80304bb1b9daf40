"""Arrivals, departures and stays that a text announces, with their dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from assets.extraction.fact import Fact
from assets.extraction.normalise import normalise
from assets.extraction.number_words import number_words
from assets.extraction.reading import Reading
from assets.extraction.required_words import required_strings
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import Rule
from assets.extraction.signs import term_pattern

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_IN = {"D": 1, "W": 7, "M": 30}
# The point of an ordinal ("5. Mai") ends no sentence.
_SENTENCE = re.compile(r"(?:(?<!\d)\.|[!?;])\s|\n")
_LONGEST = 60
# A verb and a day on either side of one of these belong to different statements.
_AND = re.compile(r" (?:and|en|und|y|e|et|si|i|и|і|та|а) (?!\d)")
# A word or two before a place, and what parts it from a movement of another place.
_PREPOSITION = 16
_PARTED = re.compile(r"[,;|/]|\d")
# Days written in figures ("3.5", "03/05") have no word to be found by; these pairs stand for one.
_NUMERIC = frozenset(f"{first}{mark}{second}" for first in range(10) for mark in "./" for second in range(10))


@dataclass(frozen=True)
class _Calendar:
    """Patterns of one language for a day, two days and a number of days, and how to read them."""

    weekdays: tuple[re.Pattern[str], ...]
    months: tuple[re.Pattern[str], ...]
    words: dict[str, re.Pattern[str]]
    units: dict[str, re.Pattern[str]]
    numbers: dict[str, int]
    date: str
    range: str
    days: str
    left: re.Pattern[str]
    towards: re.Pattern[str]
    present: re.Pattern[str]
    denied: re.Pattern[str]
    needs_presence: frozenset[str]
    needs_route: frozenset[str]


def _either(alternatives: Iterable[str]) -> str:
    return "(?:" + "|".join(text.replace("*", r"\w*") for text in alternatives) + r")\.?(?!\w)"


@cache
def _calendar(language: str) -> _Calendar:
    table = read_yaml(f"movements/{language}.yaml")
    weekdays = [normalise(text) for text in table["weekdays"]]
    months = [normalise(text) for text in table["months"]]
    words = {name: normalise(text) for name, text in table["words"].items()}
    numbers = {
        phrase[0]: value for phrase, value in number_words(language).values.items() if len(phrase) == 1
    }
    ordinal, of = table["ordinal"], table["of"]
    day = rf"(?<!\d)(?:[0-3]?\d)(?:{ordinal})?" if ordinal else r"(?<!\d)(?:[0-3]?\d)"
    month = _either(months)
    between = rf" ?(?:(?:{of}) )?" if of else " ?"
    joined = "|".join(sorted(map(normalise, table["to"].split("|")), key=len, reverse=True))
    to = rf"(?: ?[-–/] ?| (?:{joined}) | ?(?:{joined})(?=\d))"
    figures = r"(?<!\d)[0-3]?\d[./][01]?\d(?:[./](?:20)?\d\d)?(?!\d)"
    alone = rf"|(?:[0-3]?\d)(?:{ordinal})(?!\w)" if ordinal and ordinal[0] != "\\" else ""
    weekday = _either(weekdays)
    date = (
        rf"(?:(?:{weekday},? )?(?:(?:the )?{day}{between}{month}|{figures})|{month} (?:the )?{day}(?!\d)|{weekday}"
        rf"|{_either(words.values())}{alone})"
    )
    span = rf"(?:{day}{to}{day}{between}{month}|{day}{between}{month}{to}{day}{between}{month}|{figures}{to}{figures}"
    span += rf"|{month} {day}{to}{day}(?!\d))"
    count = "|".join(
        sorted((word for word, value in numbers.items() if 0 < value < 31), key=len, reverse=True)
    )
    days = rf"(?:\d{{1,2}}|{count}) (?:{'|'.join(table['units'].values())})(?!\w)"
    return _Calendar(
        tuple(re.compile(_either([text])) for text in weekdays),
        tuple(re.compile(r"(?<!\w)" + _either([text])) for text in months),
        {name: re.compile(r"(?<!\w)" + _either([text])) for name, text in words.items()},
        {unit: re.compile(rf"(?:{text})(?!\w)") for unit, text in table["units"].items()},
        numbers,
        date,
        span,
        days,
        re.compile(rf"{term_pattern(table['from'])} $"),
        re.compile(rf"{term_pattern(table['towards'])} $"),
        re.compile(term_pattern(table["present"])),
        re.compile(term_pattern(table["denied"])),
        frozenset(entry["id"] for entry in table["rules"] if entry.get("presence")),
        frozenset(entry["id"] for entry in table["rules"] if entry.get("route")),
    )


@cache
def movement_rules(language: str) -> tuple[Rule, ...]:
    """Rules of one language, none for a language without a table. Raises ValueError naming a faulty rule."""
    if language not in languages_with("movements"):
        return ()
    calendar = _calendar(language)
    table = read_yaml(f"movements/{language}.yaml")
    words = {name: normalise(text) for name, text in table["words"].items()}
    rules = []
    for entry in table["rules"]:
        text = normalise(entry["pattern"])
        text = re.sub(r"\{words:([\w,]+)\}", lambda m: _either(words[name] for name in m[1].split(",")), text)
        required = _required(text, calendar)
        for name in ("date", "range", "days"):
            text = text.replace(f"{{{name}}}", f"(?P<{name}>{getattr(calendar, name)})", 1)
        try:
            compiled = re.compile(text)
        except re.error as error:
            raise ValueError(f"rules/movements/{language}.yaml: rule {entry['id']}: {error}") from error
        rules.append(
            Rule(
                entry["id"],
                "movement",
                entry["value"],
                language,
                float(entry["confidence"]),
                "",
                compiled,
                required,
            )
        )
    return tuple(rules)


def _required(text: str, calendar: _Calendar) -> tuple[frozenset[str], ...]:
    """Required strings; of a rule that any two days satisfy, a month's name or two figures with a mark between."""
    if "{range}" in text:
        months = [strings for month in calendar.months for strings in required_strings(month.pattern)]
        return (frozenset().union(*months) | _NUMERIC,)
    return required_strings(re.sub(r"\{(?:date|days)\}", r"\\w*", text))


def find_movements(reading: Reading, rules: Iterable[Rule], places: list[Fact]) -> Iterator[Fact]:
    """Facts of kind movement: value arrival, departure or stay; unit the time, number the days of a stay that is
    given as a length. The time is a date or two (ISO 8601, without year `--MM-DD`), a length (`P3D`), a weekday, or
    today, tomorrow, this_week, this_weekend, next_week, few_days. `places` are the places found in the text: a place
    in the same sentence stands for presence, and the nearest ones are where the movement begins and ends."""
    found: list[Fact] = []
    text = reading.lowered
    for rule in rules:
        if rule.kind != "movement":
            continue
        calendar = _calendar(rule.language)
        if rule.id in calendar.needs_route and len(places) < 2:
            continue
        for match in rule.compiled.finditer(text):
            sentence, low = _sentence(text, match.start(), match.end())
            if rule.id in calendar.needs_presence or rule.meaning == "stay":
                if calendar.denied.search(sentence) is not None:
                    continue
                if rule.id in calendar.needs_presence and not (
                    calendar.present.search(sentence) is not None
                    or any(p.start is not None and low <= p.start < low + len(sentence) for p in places)
                ):
                    continue
            if rule.meaning != "stay" and _AND.search(match.group()) is not None:
                continue
            when = _when(match, calendar, reading.region)
            if when is not None:
                unit, number = when
                near = [p for p in places if p.start is not None and low <= p.start < low + len(sentence)]
                origin, destination = _ends(text, match, rule, calendar, near)
                if rule.id in calendar.needs_route and (origin is None or destination is None):
                    continue
                found.append(
                    Fact(
                        "movement",
                        rule.meaning,
                        number,
                        unit,
                        match.start(),
                        match.end(),
                        rule.confidence,
                        rule.id,
                        origin,
                        destination,
                    )
                )
    yield from _apart(found)


def _ends(
    text: str, match: re.Match[str], rule: Rule, calendar: _Calendar, places: list[Fact]
) -> tuple[str | None, str | None]:
    """Where a movement begins and where it ends or stays: of the places of its sentence the nearest of each meaning.

    A place behind a word of leaving is an origin. Any other is where one arrives or stays; of a departure it is the
    destination behind a word of direction that follows the verb ("back to Leeds on Monday"), and the origin else
    ("in Leeds until Monday").
    """
    ends: dict[bool, tuple[tuple[int, int, int], str]] = {}
    for place in places:
        start, end = place.start or 0, place.end or 0
        before = text[max(0, start - _PREPOSITION) : start]
        is_left = calendar.left.search(before) is not None
        if rule.meaning == "departure" and not is_left:
            directed = start > match.start() and calendar.towards.search(before) is not None
            is_left = not directed or rule.id in calendar.needs_presence
        between = text[end : match.start()] if end <= match.start() else text[match.end() : start]
        # What a comma parts belongs to another movement, and a place is rather named before its dates.
        distance = (int(_PARTED.search(between) is not None), int(start > match.end()), len(between))
        if is_left not in ends or distance < ends[is_left][0]:
            ends[is_left] = (distance, (place.unit if place.kind == "country" else place.value) or "")
    origin, destination = (ends[side][1] if side in ends else None for side in (True, False))
    return origin, destination


def _apart(found: list[Fact]) -> Iterator[Fact]:
    """Without those inside a longer one, nor the same said twice."""
    taken: list[tuple[int, int]] = []
    said: set[tuple[Any, ...]] = set()
    for fact in sorted(found, key=lambda fact: (fact.start or 0) - (fact.end or 0)):
        start, end = fact.start or 0, fact.end or 0
        key = (fact.value, fact.unit, fact.origin, fact.destination)
        if key in said or any(start < high and low < end for low, high in taken):
            continue
        said.add(key)
        taken.append((start, end))
        yield fact


def _sentence(text: str, start: int, end: int) -> tuple[str, int]:
    low = max(0, start - _LONGEST)
    before = _SENTENCE.split(text[low:start])[-1]
    after = _SENTENCE.split(text[end : end + _LONGEST], maxsplit=1)[0]
    return before + text[start:end] + after, start - len(before)


def _when(match: re.Match[str], calendar: _Calendar, region: str | None) -> tuple[str, float | None] | None:
    parts = match.groupdict()
    if parts.get("range"):
        days = _days(parts["range"], calendar, region)
        return (f"{days[0]}/{days[-1]}", None) if len(days) == 2 else None
    if parts.get("days"):
        return _length(parts["days"], calendar)
    text = parts.get("date") or match.group()
    if days := _days(text, calendar, region):
        return days[0], None
    for place, weekday in enumerate(calendar.weekdays):
        if parts.get("date") and weekday.search(text):
            return WEEKDAYS[place], None
    for name, word in calendar.words.items():
        if word.search(text):
            return name, None
    ordinal = re.fullmatch(r"(\d{1,2})\D*", text)
    return (f"---{int(ordinal[1]):02d}", None) if ordinal else None


def _length(text: str, calendar: _Calendar) -> tuple[str, float | None] | None:
    number, _, unit = text.partition(" ")
    count = int(number) if number.isdigit() else calendar.numbers.get(number, 0)
    for code, pattern in calendar.units.items():
        if count and pattern.match(unit):
            return f"P{count}{code}", float(count * _DAYS_IN[code])
    return None


def _days(text: str, calendar: _Calendar, region: str | None) -> list[str]:
    """One or two days as `--MM-DD` or `YYYY-MM-DD`; in the United States figures name the month first."""
    figures = re.findall(r"(?<!\d)(\d{1,2})[./](\d{1,2})(?:[./](?:20)?(\d\d))?(?!\d)", text)
    if figures:
        pairs = [
            (int(b), int(a), year) if region == "US" else (int(a), int(b), year) for a, b, year in figures
        ]
        return [
            f"20{year}-{month:02d}-{day:02d}" if year else f"--{month:02d}-{day:02d}"
            for day, month, year in pairs
            if 1 <= day <= 31 and 1 <= month <= 12
        ]
    months = sorted(
        (hit.start(), number)
        for number, pattern in enumerate(calendar.months, start=1)
        for hit in pattern.finditer(text)
    )
    numbers = [int(digits) for digits in re.findall(r"(?<!\d)\d{1,2}(?!\d)", text)]
    if not months or not numbers or not all(1 <= number <= 31 for number in numbers):
        return []
    first, last = months[0][1], months[-1][1]
    ends = [(first if place == 0 else last, number) for place, number in enumerate(numbers[:2])]
    return [f"--{month:02d}-{number:02d}" for month, number in ends]

"""Routes that a text states from one country to another, and what they pass ("from Nigeria via Libya to Italy").

That a text names several countries says nothing: agencies list branches, posters their languages. What tells a route
are the words before its places, or arrows between them (UNODC, Toolkit to Combat Trafficking in Persons, 2008: origin,
transit, destination).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

_LOOK_BACK = 40
# Places further apart, or in two sentences, are not of one route.
_APART = 60
_BREAK = re.compile(r"[.;!?\n|]\s|\n")
_ARROW = re.compile(r"\s*(?:→|➔|➡️?|⇒|->|=>|>)\s*")
_DASH = re.compile(r"\s+[-–—]\s+")
# "Via" and "Gran Vía" are streets.
_STREET = re.compile(r"(?i:\b(?:gran|la|calle|en)\s+v[ií]a\s+$)|\bVia\s+$")
_PARTS = ("via", "through", "from", "towards", "then")


@dataclass
class _Route:
    """Stations read so far."""

    origin: Fact | None = None
    passed: list[Fact] = field(default_factory=list)
    perhaps: list[Fact] = field(default_factory=list)
    destination: Fact | None = None


@cache
def _words(part: str, languages: tuple[str, ...]) -> list[str]:
    table = read_yaml("routes.yaml").get(part, {})
    words = [str(word) for language in languages for word in table.get(language, ())]
    if part in ("from", "towards"):
        for language in languages:
            if language in languages_with("movements"):
                words += [str(word) for word in read_yaml(f"movements/{language}.yaml")[part]]
    return [fold(word).replace("'", " ") for word in words]


@cache
def _before(languages: tuple[str, ...]) -> re.Pattern[str]:
    """The words before a place that tell what it is to a route, each in the group of its part."""
    groups = [f"(?P<{part}>{one_of(words)})" for part in _PARTS if (words := _words(part, languages))]
    article = one_of(map(str, read_yaml("routes.yaml")["articles"]))
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)}) (?:{article} )?$")


@cache
def _and(languages: tuple[str, ...]) -> re.Pattern[str]:
    ands = read_yaml("origins.yaml")["and"]
    words = one_of(fold(str(word)) for language in (*languages, "en") for word in ands.get(language, ()))
    article = one_of(map(str, read_yaml("routes.yaml")["articles"]))
    return re.compile(rf"\s*(?:,|,?\s{words})\s+(?:{article}[ '])?")


@cache
def _route_word() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){one_of(fold(str(word)) for word in read_yaml('routes.yaml')['route'])}(?!\w)"
    )


def find_routes(reading: Reading, places: Iterable[Fact]) -> Iterator[Fact]:
    """Facts of kind movement: `route` from one country to another, with origin and destination where the text states
    them, and a `transit` for each place passed, which is its destination. `places` as found in the text."""
    stations = sorted(
        (place for place in places if place.start is not None), key=lambda place: place.start or 0
    )
    if not stations:
        return
    for run in _runs(reading.lowered, stations):
        chain = _chain(reading.lowered, run)
        for route in [chain] if chain is not None else _best_told(reading, run):
            yield from _facts(route)


def _runs(text: str, stations: list[Fact]) -> Iterator[list[Fact]]:
    """Places that follow each other closely in one sentence."""
    run: list[Fact] = []
    for place in stations:
        if run:
            between = text[run[-1].end or 0 : place.start or 0]
            if len(between) > _APART or _BREAK.search(between) is not None:
                yield run
                run = []
        run.append(place)
    yield run


def _chain(text: str, run: list[Fact]) -> _Route | None:
    """Places with arrows between them, or dashes behind a word for a route."""
    for mark, least in ((_ARROW, 2), (_DASH, 3)):
        for first in range(len(run) - 1):
            last = first
            while last + 1 < len(run) and mark.fullmatch(text, run[last].end or 0, run[last + 1].start or 0):
                last += 1
            if last - first + 1 < least:
                continue
            start = run[first].start or 0
            if mark is _ARROW or _route_word().search(text, max(0, start - _LOOK_BACK), start) is not None:
                return _Route(run[first], run[first + 1 : last], [], run[last])
    return None


def _best_told(reading: Reading, run: list[Fact]) -> list[_Route]:
    """Routes by the words of the text's languages, or of another one in which they pass a place and have more stations:
    a sentence may be of another language than the rest."""
    best = list(_told(reading, run, reading.languages))
    if len({place.unit for place in run}) > 1:
        for language in languages_with("movements"):
            told = list(_told(reading, run, (language,)))
            if any(route.passed or route.perhaps for route in told) and _stations(told) > _stations(best):
                best = told
    return best


def _stations(routes: list[_Route]) -> int:
    return sum(
        len(route.passed) + len(route.perhaps) + (route.origin is not None) + (route.destination is not None)
        for route in routes
    )


def _told(reading: Reading, run: list[Fact], languages: tuple[str, ...]) -> Iterator[_Route]:
    """Routes by the words of `languages` before their places."""
    route, last_part, last_end = _Route(), "", 0
    for place in run:
        start = place.start or 0
        between = reading.lowered[last_end:start]
        part = (
            last_part
            if last_part and _and(languages).fullmatch(between)
            else _part(reading, start, languages)
        )
        if part == "from" and route.destination is not None and " " not in between.strip():
            # "to Italy from Nigeria via Libya"
            route.origin = place
        elif part == "from" or (part == "towards" and route.destination is not None):
            if last_part != part:
                yield route
                route = _Route(origin=place) if part == "from" else _Route(destination=place)
        elif part == "via":
            route.passed.append(place)
        elif part == "through":
            route.perhaps.append(place)
        elif part == "towards" or (part == "then" and route.passed):
            route.destination = place
        last_part, last_end = part, place.end or 0
    yield route


def _part(reading: Reading, start: int, languages: tuple[str, ...]) -> str:
    """What the words before `start` say a place is to a route; nothing when they say nothing."""
    low = max(0, start - _LOOK_BACK)
    found = _before(languages).search(reading.lowered[low:start].replace("'", " "))
    if found is None or (found.lastgroup == "via" and _STREET.search(reading.cased[low:start])):
        return ""
    return found.lastgroup or ""


def _facts(route: _Route) -> Iterator[Fact]:
    """The route's rows: one that stays in a country, or has one end and nothing on the way, is none."""
    origin, destination = route.origin, route.destination
    ends = [end for end in (origin, destination) if end is not None]
    # "Über" and its like need both ends, or stand right beside the one that follows.
    passed = route.passed + (route.perhaps if destination is not None or route.passed else [])
    countries = {place.unit for place in (*ends, *passed)}
    if len(countries) < 2:
        passed = route.passed if not ends else []
        ends = []
    for place in passed:
        yield _movement("transit", place, place, None, _end(place))
    if ends and (len(ends) == 2 or passed):
        stations = sorted((*ends, *passed), key=lambda place: place.start or 0)
        yield _movement("route", stations[0], stations[-1], _end(origin), _end(destination))


def _movement(value: str, first: Fact, last: Fact, origin: str | None, destination: str | None) -> Fact:
    return Fact(
        "movement", value, None, None, first.start, last.end, 0.7, f"route.{value}", origin, destination
    )


def _end(place: Fact | None) -> str | None:
    if place is None:
        return None
    return place.unit if place.kind == "country" else place.value

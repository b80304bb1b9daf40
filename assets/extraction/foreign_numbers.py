"""National telephone numbers of another country than the text's own, where their writer says so: "numero polacco
500 000 382", "mi cel de Colombia 300 000 0246", a flag before the digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from phonenumbers import country_code_for_region

from assets.extraction.found import Found
from assets.extraction.normalise import fold
from assets.extraction.phone_surroundings import cue_words
from assets.extraction.phones import phone_value
from assets.extraction.rule_files import read_yaml

# Two of them are the flag of a region (Unicode, regional indicator symbols).
FIRST_FLAG, LAST_FLAG = 0x1F1E6, 0x1F1FF
_WORD = re.compile(r"[^\W\d_]+")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_DIGITS = re.compile(r"(?<![\w+./-])\(?[0-9](?:[ ().\-/]{0,2}[0-9]){6,14}(?![\w%€$£])")
# Between the words for the number and its digits.
_UP_TO_DIGITS = re.compile(r"(?:[^\W\d_]{1,4}[ ]){0,2}")
_SIGNS = re.compile(r"[\s:=.,()\-–]{0,4}")
_FLAG_TO_DIGITS = re.compile(r"[^\w+€$£]{0,4}")


@cache
def countries_said() -> dict[str, str]:
    """Words (folded) that name a country or are its adjective → its region (ISO 3166 alpha-2)."""
    return {word: region for region, words in read_yaml("foreign_numbers.yaml").items() for word in words}


@cache
def _nouns() -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """Words for a telephone number, words between one and a country, and the ends of compounds with the first."""
    cues = cue_words()
    return cues["line"], cues["of"], tuple(word for word in cues["line"] if len(word) >= 5)


def find_foreign_phones(text: str, region: str | None) -> list[Found]:
    """Numbers of the folded `text` that words beside them give to a country other than `region`. Never raises."""
    found: dict[int, Found] = {}
    for country, digits in (*_by_words(text), *_by_flags(text)):
        if country == (region or "").upper() or digits.start() in found:
            continue
        value = _value("".join(filter(str.isdigit, digits.group())), country)
        if value is not None:
            found[digits.start()] = Found("phone", value, *digits.span(), False, "plain")
    return list(found.values())


@lru_cache(maxsize=2_000)
def _value(digits: str, country: str) -> str | None:
    value = phone_value(digits, False, (country,), True)
    return value if value is not None and value.startswith(f"+{country_code_for_region(country)}") else None


def _by_flags(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for flag in _FLAG.finditer(text):
        country = "".join(chr(ord(letter) - FIRST_FLAG + ord("A")) for letter in flag.group())
        gap = _FLAG_TO_DIGITS.match(text, flag.end())
        at = gap.end() if gap is not None else flag.end()
        noun = _WORD.match(text, at)
        if noun is not None and fold(noun.group()) in _nouns()[0]:
            signs = _SIGNS.match(text, noun.end())
            at = signs.end() if signs is not None else noun.end()
        digits = _DIGITS.match(text, at)
        if digits is not None:
            yield country, digits


def _by_words(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    nouns, prepositions, ends = _nouns()
    countries = countries_said()
    words = [(fold(match.group()), match) for match in _WORD.finditer(text)]

    def noun_at(place: int, beside: int) -> re.Match[str] | None:
        """A word for a telephone at `place`, if nothing but blanks parts it from the word at `beside`."""
        if not 0 <= place < len(words):
            return None
        (word, noun), (_, other) = words[place], words[beside]
        gap = text[min(noun.end(), other.end()) : max(noun.start(), other.start())]
        return noun if not gap.strip(" -") and (word in nouns or word.endswith(ends)) else None

    for place, (word, match) in enumerate(words):
        country = countries.get(word)
        if country is None:
            continue
        behind, before = noun_at(place + 1, place), noun_at(place - 1, place)
        if before is None and place > 1 and words[place - 1][0] in prepositions:
            before = noun_at(place - 2, place - 1)
        if behind is None and before is None:
            if not _FLAG.search(text, max(0, match.start() - 4), match.start()):
                continue
            before = match
        first, last = before or match, behind or match
        digits = _digits_behind(text, last.end()) or _digits_before(text, first.start())
        if digits is not None:
            yield country, digits


def _digits_behind(text: str, end: int) -> re.Match[str] | None:
    signs = _SIGNS.match(text, end)
    at = signs.end() if signs is not None else end
    words = _UP_TO_DIGITS.match(text, at)
    at = words.end() if words is not None else at
    signs = _SIGNS.match(text, at)
    return _DIGITS.match(text, signs.end() if signs is not None and text[at : at + 1] != "(" else at)


def _digits_before(text: str, start: int) -> re.Match[str] | None:
    """Digits with the remark on them behind ("500 000 592 (Polish number)")."""
    low = max(0, start - 28)
    for digits in _DIGITS.finditer(text, low, start):
        if text[digits.end() : start].strip() in ("(", ",", "-", ""):
            return digits
    return None

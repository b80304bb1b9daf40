"""Number words of one language and how a row of them is read as digits ("setenta y siete" is 77)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from assets.extraction.misspelt_numbers import number_rules
from assets.extraction.normalise import fold
from assets.extraction.rule_files import languages_with

# Letters of a token that is taken to pieces: fifteen digits of nine letters and some more.
LONGEST_GLUED = 150


@dataclass(frozen=True)
class NumberWords:
    """One language's table; words are folded.

    `units` are the words that always stand for one digit, `longer` those that begin a phrase of several words,
    `plurals` those for several of one digit ("zeros"), `by_head` all by their first two letters, the longest first,
    `ends` those that can be the last of several without a blank between. `closed_tens` take a digit behind them
    only in one word with it ("harminc kettő" is 30 2, "harminckettő" 32).
    """

    language: str
    values: dict[tuple[str, ...], int]
    hundred: frozenset[str]
    joiners: frozenset[str]
    repeats: dict[str, int]
    plurals: dict[str, str]
    times: frozenset[str]
    thousand: frozenset[str]
    plus: frozenset[str]
    unit_first: bool
    remainder_to_19: frozenset[int]
    closed_tens: frozenset[int]
    words: frozenset[str]
    units: frozenset[str]
    longer: frozenset[str]
    by_head: dict[str, tuple[str, ...]]
    ends: tuple[str, ...]


@cache
def number_words(language: str) -> NumberWords:
    """The table of `language` (ISO 639-1; "es+en" for both). Raises FileNotFoundError when there is none."""
    if "+" in language:
        return _mixed([number_words(one) for one in language.split("+")])
    table = number_rules(language)
    values = {
        tuple(fold(spelling).split()): int(value)
        for value, spellings in table["values"].items()
        for spelling in spellings
    }
    hundred = frozenset(map(fold, table.get("hundred", [])))
    times = frozenset(map(fold, table.get("times", [])))
    joiners = frozenset(map(fold, table.get("joiners", []))) | times
    for joiner in (joiner for joiner in joiners if len(joiner) == 1):
        # A joiner of one letter would take other words to pieces, so glued tens are words of their own.
        values.update(
            {
                (tens + joiner + unit,): values[tens,] + values[unit,]
                for (tens,) in [phrase for phrase, value in values.items() if value in range(20, 100, 10)]
                for (unit,) in [phrase for phrase, value in values.items() if value in range(1, 10)]
            }
        )
    repeats = {fold(word): int(times) for times, words in table.get("repeats", {}).items() for word in words}
    plurals = {fold(word): str(digit) for digit, words in table.get("plurals", {}).items() for word in words}
    return _table(
        language,
        values,
        hundred,
        joiners,
        repeats,
        plurals,
        times,
        frozenset(map(fold, table.get("thousand", []))),
        frozenset(map(fold, table.get("plus", []))),
        bool(table.get("unit_first", False)),
        frozenset(table.get("remainder_to_19", [])),
        frozenset(table.get("closed_tens", [])),
    )


def _mixed(tables: Sequence[NumberWords]) -> NumberWords:
    """The words of several languages in one table; a word that means two things means that of the first."""
    values: dict[tuple[str, ...], int] = {}
    repeats: dict[str, int] = {}
    plurals: dict[str, str] = {}
    for table in reversed(tables):
        values.update(table.values)
        repeats.update(table.repeats)
        plurals.update(table.plurals)
    first = tables[0]
    return _table(
        "+".join(table.language for table in tables),
        values,
        frozenset().union(*(table.hundred for table in tables)),
        frozenset().union(*(table.joiners for table in tables)),
        repeats,
        plurals,
        frozenset().union(*(table.times for table in tables)),
        frozenset().union(*(table.thousand for table in tables)),
        frozenset().union(*(table.plus for table in tables)),
        first.unit_first,
        first.remainder_to_19,
        first.closed_tens,
    )


def _table(
    language: str,
    values: dict[tuple[str, ...], int],
    hundred: frozenset[str],
    joiners: frozenset[str],
    repeats: dict[str, int],
    plurals: dict[str, str],
    times: frozenset[str],
    thousand: frozenset[str],
    plus: frozenset[str],
    unit_first: bool,
    remainder_to_19: frozenset[int],
    closed_tens: frozenset[int],
) -> NumberWords:
    counting = (
        {word for phrase in values for word in phrase} | hundred | set(repeats) | set(plurals) | thousand
    )
    # Words for several of one digit end like other words begin ("achten", "achtentwintig").
    by_head = _by_head((counting - set(plurals)) | joiners)
    return NumberWords(
        language=language,
        values=values,
        hundred=hundred,
        joiners=joiners,
        repeats=repeats,
        plurals=plurals,
        times=times,
        thousand=thousand,
        plus=plus,
        unit_first=unit_first,
        remainder_to_19=remainder_to_19,
        closed_tens=closed_tens,
        words=frozenset(counting),
        units=frozenset(phrase[0] for phrase, value in values.items() if value < 10 and len(phrase) == 1)
        - {word for phrase in values if len(phrase) > 1 for word in phrase},
        longer=frozenset(phrase[0] for phrase in values if len(phrase) > 1),
        by_head=by_head,
        ends=tuple(word for listed in by_head.values() for word in listed if word in counting),
    )


def _by_head(words: frozenset[str] | set[str]) -> dict[str, tuple[str, ...]]:
    heads: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        if len(word) > 1:
            heads.setdefault(word[:2], []).append(word)
    return {head: tuple(listed) for head, listed in heads.items()}


@cache
def all_number_words() -> dict[str, NumberWords]:
    """Every language's table by language."""
    return {language: number_words(language) for language in languages_with("numbers")}


@cache
def _languages_by_head() -> dict[str, tuple[str, ...]]:
    languages: dict[str, list[str]] = {}
    for language, table in all_number_words().items():
        for head in {word[:2] for word in table.words | table.joiners}:
            languages.setdefault(head, []).append(language)
    return {head: tuple(listed) for head, listed in languages.items()}


@cache
def articles() -> frozenset[str]:
    """Words of any language for one that are its article rather than the word that one counts with ("un", "eine")."""
    ones = [
        [phrase[0] for phrase, value in table.values.items() if value == 1 and len(phrase) == 1]
        for table in all_number_words().values()
    ]
    return frozenset(word for words in ones for word in words[1:])


def languages_beginning(token: str) -> tuple[str, ...]:
    """Languages that have a number word with the first two letters of `token`: only these can take it to pieces."""
    return _languages_by_head().get(token[:2], ())


@cache
def number_word_set() -> frozenset[str]:
    """Number words of all languages."""
    return frozenset(word for table in all_number_words().values() for word in table.words)


@lru_cache(maxsize=50_000)
def split_token(token: str, language: str, shortest: bool = False) -> tuple[tuple[str, int, int], ...] | None:
    """Number words that `token` (folded letters) is made of, each with its place in it; None if it is not.

    A glued token is taken to pieces only if it is made of number words entirely: "sevenzeronine", never "phone". Where
    it can be taken in more than one way ("zestien" is 16 or 6 10) the longest words win, or the `shortest`.
    """
    table = number_words(language)
    if (token in table.words and not shortest) or token in table.joiners:
        return ((token, 0, len(token)),)
    if not 5 <= len(token) <= LONGEST_GLUED or token[:2] not in table.by_head:
        return None
    parts = None
    if token.endswith(table.ends):
        parts = None if shortest else _longest_pieces(token, table)
        if parts is None:
            parts = _pieces(token, 0, table, shortest, set())
    if parts is None and token in table.words:
        return ((token, 0, len(token)),)
    if parts is None or all(part[0] in table.joiners for part in parts):
        return None
    return tuple(parts)


def _longest_pieces(token: str, table: NumberWords) -> list[tuple[str, int, int]] | None:
    """What `_pieces` finds where it never has to step back; None where it may have to."""
    pieces: list[tuple[str, int, int]] = []
    at = 0
    while at < len(token):
        for word in table.by_head.get(token[at : at + 2], ()):
            if token.startswith(word, at):
                break
        else:
            return None
        end = at + len(word)
        if word not in table.words and (at == 0 or end == len(token)):
            return None
        pieces.append((word, at, end))
        at = end
    return pieces


def _pieces(
    token: str, at: int, table: NumberWords, shortest: bool, unreadable: set[int]
) -> list[tuple[str, int, int]] | None:
    """Longest words first, stepping back where the rest cannot be read.

    Places from which nothing can be read are noted in `unreadable`, so that it takes linear time. Single letters ("o",
    "y") would take other words to pieces and are left out.
    """
    if at == len(token):
        return []
    if at in unreadable:
        return None
    listed = table.by_head.get(token[at : at + 2], ())
    for word in reversed(listed) if shortest else listed:
        end = at + len(word)
        if token.startswith(word, at) and (word in table.words or (at > 0 and end < len(token))):
            rest = _pieces(token, end, table, shortest, unreadable)
            if rest is not None:
                return [(word, at, end), *rest]
    unreadable.add(at)
    return None


class Part(NamedTuple):
    """A number word or a digit string of a text; `soft` when only a blank or hyphen parts it from the next."""

    text: str
    start: int
    end: int
    soft: bool


class Reading(NamedTuple):
    """How composed numbers are read: "nine hundred one" as 901 or 900 1, "twenty one" as 21 or 20 1."""

    join_hundreds: bool
    join_tens: bool


# No digit stands more often than this side by side in a telephone number that somebody counts.
_MOST_REPEATED = 7

READINGS = (Reading(True, True), Reading(False, True), Reading(True, False), Reading(False, False))


def read_digits(
    parts: Sequence[Part], table: NumberWords, reading: Reading
) -> Iterator[tuple[str, int, int]]:
    """Digit strings, each with the span of the parts it was read from. Stray joiners are passed over."""
    at = 0
    while at < len(parts):
        part = parts[at]
        times = table.repeats.get(part.text)
        if times is not None and at + 1 < len(parts):
            repeated = parts[at + 1].text if parts[at + 1].text.isdigit() else None
            length = 2
            if repeated is None:
                phrase = _phrase(parts, at + 1, table)
                if phrase is not None:
                    repeated, length = str(phrase[0]), 1 + phrase[1]
            if repeated is not None:
                yield repeated[0] * times + repeated[1:], part.start, parts[at + length - 1].end
                at += length
                continue
        several = _several(parts, at, table)
        if several is not None:
            digits, length = several
            yield digits, part.start, parts[at + length - 1].end
            at += length
            continue
        followed_by_hundred = part.soft and at + 1 < len(parts) and parts[at + 1].text in table.hundred
        if len(part.text) == 1 and part.text.isdigit() and followed_by_hundred:
            value, length = _with_remainder(parts, at, int(part.text) * 100, 2, table, reading)
            yield str(value), part.start, parts[at + length - 1].end
            at += length
            continue
        if part.text.isdigit():
            yield part.text, part.start, part.end
            at += 1
            continue
        read = _compose(parts, at, table, reading)
        if read is None:
            at += 1
            continue
        value, length = read
        following = at + length
        if 1 <= value <= 999 and following < len(parts) and parts[following].text in table.thousand:
            length = following + 1 - at
            rest = _compose(parts, following + 1, table, READINGS[0]) if parts[following].soft else None
            if rest is not None and 1 <= rest[0] <= 999:
                if reading != READINGS[0]:
                    # Thousands and hundreds are a sum, which is read in one way.
                    return
                value, length = value * 1000 + rest[0], length + rest[1]
            else:
                value *= 1000
            yield str(value), part.start, parts[at + length - 1].end
            at += length
            continue
        yield str(value), part.start, parts[at + length - 1].end
        at += length


def _several(parts: Sequence[Part], at: int, table: NumberWords) -> tuple[str, int] | None:
    """ "Three zeros", "three times zero": the digits and how many parts spell them."""
    if at + 1 >= len(parts):
        return None
    count = _digit(parts[at], table)
    if count is None or not 2 <= int(count) <= _MOST_REPEATED:
        return None
    digit = table.plurals.get(parts[at + 1].text)
    if digit is not None:
        return digit * int(count), 2
    if parts[at].soft and parts[at + 1].text in table.times and at + 2 < len(parts):
        digit = _digit(parts[at + 2], table) or table.plurals.get(parts[at + 2].text)
        if digit is not None:
            return digit * int(count), 3
    return None


def _digit(part: Part, table: NumberWords) -> str | None:
    if len(part.text) == 1 and part.text.isdigit():
        return part.text
    value = table.values.get((part.text,))
    return None if value is None or value > 9 else str(value)


def _phrase(parts: Sequence[Part], at: int, table: NumberWords) -> tuple[int, int] | None:
    text = parts[at].text if at < len(parts) else ""
    if text not in table.longer:
        value = table.values.get((text,))
        return None if value is None else (value, 1)
    for length in (3, 2, 1):
        if at + length > len(parts):
            continue
        if all(parts[i].soft for i in range(at, at + length - 1)):
            value = table.values.get(tuple(part.text for part in parts[at : at + length]))
            if value is not None:
                return value, length
    return None


def _after_joiner(parts: Sequence[Part], at: int, table: NumberWords) -> int:
    """Position after an optional joiner at `at`."""
    if at < len(parts) and parts[at].text in table.joiners and parts[at].soft:
        return at + 1
    return at


def _compose(parts: Sequence[Part], at: int, table: NumberWords, reading: Reading) -> tuple[int, int] | None:
    first = _phrase(parts, at, table) if at < len(parts) else None
    if first is None and at >= len(parts):
        return None
    if first is None:
        if parts[at].text in table.hundred:
            return _with_remainder(parts, at, 100, 1, table, reading)
        return None
    value, length = first
    following = at + length
    if not parts[following - 1].soft or following >= len(parts):
        return value, length
    if 1 <= value <= 9:
        if parts[following].text in table.hundred:
            return _with_remainder(parts, at, value * 100, length + 1, table, reading)
        if table.unit_first and reading.join_tens and parts[following].text in table.joiners:
            tens = _phrase(parts, following + 1, table) if parts[following].soft else None
            if tens is not None and 20 <= tens[0] <= 90 and tens[0] % 10 == 0:
                return tens[0] + value, length + 1 + tens[1]
        return value, length
    if value >= 100 and value % 100 == 0:
        return _with_remainder(parts, at, value, length, table, reading)
    if value >= 20 and value % 10 == 0 and reading.join_tens and not table.unit_first:
        return _with_unit(parts, at, value, length, table)
    return value, length


def _is_glued(parts: Sequence[Part], at: int) -> bool:
    """Whether a part is of one word with the part before it: they touch, or both have the place of the word."""
    return at < len(parts) and parts[at].start <= parts[at - 1].end


def _with_unit(
    parts: Sequence[Part], at: int, value: int, length: int, table: NumberWords
) -> tuple[int, int]:
    following = _after_joiner(parts, at + length, table)
    if value in table.closed_tens and not _is_glued(parts, following):
        return value, length
    unit = _phrase(parts, following, table) if following < len(parts) else None
    limit = 19 if value in table.remainder_to_19 else 9
    if unit is not None and 1 <= unit[0] <= limit:
        return value + unit[0], following - at + unit[1]
    return value, length


def _with_remainder(
    parts: Sequence[Part], at: int, value: int, length: int, table: NumberWords, reading: Reading
) -> tuple[int, int]:
    """A hundred with what follows it below a hundred, when the reading joins them."""
    last = at + length - 1
    if not reading.join_hundreds or last + 1 >= len(parts) or not parts[last].soft:
        return value, length
    following = _after_joiner(parts, last + 1, table)
    if following >= len(parts) or parts[following].text in table.hundred:
        return value, length
    rest = _compose(parts, following, table, reading)
    if rest is not None and 1 <= rest[0] <= 99:
        return value + rest[0], following - at + rest[1]
    return value, length

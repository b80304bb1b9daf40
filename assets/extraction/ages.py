"""Ages that a text claims for a person, told by the grammar of an age around a number of years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.fact import Fact
from assets.extraction.given_names import given_names
from assets.extraction.nationalities import demonyms
from assets.extraction.normalise import fold
from assets.extraction.number_words import READINGS, NumberWords, Part, number_words, read_digits, split_token
from assets.extraction.required_words import required_strings
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import Rule

_TOKENS = re.compile(r"[^\W\d_]+")
_CLAUSE = re.compile(r"[.,;!?\n|]")
_SENTENCE = re.compile(r"[.;!?\n|](?=\s|$)")
_UNIT = re.compile(r" ?[€$£%+]|[.,:]\d| ?(?:cm|kg|eur|min)\b")
_BESIDE = re.compile(
    r"(?<![\d.,])(?P<n>\d{2})(?: ?[,/&-] ?| (?:and|y|e|et|und|si|en|i|и|і|та) )(?:de |of |i )?$"
)
# "20 to 28 years": the lowest and the highest age of several persons.
_RANGE_BEFORE = re.compile(
    r"(?<![\d.,])(?P<n>\d{2}) ?"
    r"(?:to|a|à|e|y|al|bis|ai|si|la|pana la|tot|do|до|and|und|et|en|i|и|і|та|-) ?(?:los |les |de )?$"
)
_OWNER = re.compile(r"([^\W\d_]+) ?$")
# How far a word that speaks of another's years is looked for, in characters and words.
_CLOSE, _WORDS_BEFORE, _PERSON_REACH, _THING_REACH = 30, 4, 45, 60
# Below twelve and above 79 a number beside "years" is hardly ever the age of the person offered.
_RANGE = range(12, 80)
ADULT = 18
# Confidence (at most) of an age below eighteen where a flat, a car or an animal may be so old: an advertised person's
# still, where persons are advertised.
OF_A_THING = 0.4
# Kinds of rules, see rules/ages/en.yaml: what names a number of years alone is of the last kind.
SURE, OLD, YEARS, PUPIL = "sure", "old", "years", "pupil"


@dataclass(frozen=True)
class AgeWords:
    """One language's words about ages, folded; `before` ends just ahead of a number, `after` begins behind its unit."""

    person: frozenset[str]
    plural: frozenset[str]
    kin: frozenset[str]
    others: frozenset[str]
    introducing: tuple[str, ...]
    of: tuple[str, ...]
    links: tuple[str, ...]
    short: tuple[str, ...]
    things: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]


@cache
def age_words(language: str) -> AgeWords | None:
    """The words of one language, None for a language without a table."""
    if language not in languages_with("ages"):
        return None
    content = read_yaml(f"ages/{language}.yaml")

    def words(name: str) -> list[str]:
        return [fold(str(word)) for word in content[name]]

    return AgeWords(
        frozenset(words("person")),
        frozenset(words("plural")),
        frozenset(words("kin")),
        frozenset(words("others")),
        tuple(words("introducing")),
        tuple(words("of")),
        tuple(words("links")),
        tuple(words("short")),
        re.compile(rf"(?<!\w){one_of(words('things'), any_letters='*')}(?!\w)"),
        re.compile(rf"(?<!\w){content['before']} ?$"),
        re.compile(rf" ?(?:{content['after']})(?!\w)"),
    )


def end_of_number(links: Iterable[str]) -> str:
    """Pattern of what may follow an age that stands without a unit: the end of a clause, or one of `links`."""
    return (
        r"(?![\w%€$£°²+:/@])(?!\s?[.,:/-]\s?\d)"
        rf"(?=\s*(?:$|[^\w\s€$£%+/:'-])|\s+(?:{'|'.join(map(re.escape, links))})\b(?!\s\d)| - (?!\d)|\n)"
    )


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
    """Rules of one language, none for a language without a table; `meaning` is the kind of rule."""
    words = age_words(language)
    if words is None:
        return ()
    rules = []
    for entry in read_yaml(f"ages/{language}.yaml")["rules"]:
        written = entry["pattern"].replace("{end}", end_of_number(words.links))
        written = written.replace("{who}", one_of(words.person | words.plural))
        pattern = written.replace("{n}", _number_pattern(language), 1)
        required = required_strings(written.replace("{n}", r"\d+", 1))
        kind, confidence = entry.get("kind", YEARS), float(entry["confidence"])
        rules.append(Rule(entry["id"], "age", kind, language, confidence, "", re.compile(pattern), required))
    if spelled := _spelled(language):
        written = rf"\b(?P<n>{one_of(spelled)})(?!\w)"
        required = required_strings(written)
        rules.append(
            Rule(f"age.{language}.word", "age", OLD, language, 0.9, "", re.compile(written), required)
        )
    return tuple(rules)


@cache
def _spelled(language: str) -> dict[str, int]:
    """Words that name a person by an age ("diciottenne"), folded."""
    content = read_yaml(f"ages/{language}.yaml").get("spelled", {})
    return {fold(str(word)): int(age) for age, words in content.items() for word in words}


def find_ages(text: str, rules: Iterable[Rule]) -> Iterator[Fact]:
    """Claimed ages (years) in the folded, lower-case `text` by those of `rules` that read ages, once per place.

    A number of years with the grammar of a duration, or of a thing, is none; one below eighteen needs the grammar of
    an age or a word for a person beside it.
    """
    taken: set[int] = set()
    refused: set[int] = set()
    for rule in rules:
        if rule.kind != "age":
            continue
        words = age_words(rule.language)
        assert words is not None
        for match in rule.compiled.finditer(text):
            start, end = match.span("n")
            age = _age(match["n"], rule.language)
            if age is None or age not in _RANGE or start in taken | refused or _is_amount(text, start, end):
                continue
            lowest = _RANGE_BEFORE.search(text, max(0, start - _CLOSE), start)
            if lowest is not None and not ADULT <= int(lowest["n"]) < age:
                lowest = None
            first = lowest.start() if lowest else start
            if not _of_person(text, first, match, age, rule, words):
                # What one rule knows to be a thing's years no vaguer one makes a person's.
                refused.add(start)
                continue
            taken.update(range(start, end))
            confidence = rule.confidence
            if (
                age < ADULT
                and rule.meaning != SURE
                and _is_thing_near(text, start, match.end(), rule.language, words)
            ):
                confidence = min(confidence, OF_A_THING)
            yield Fact("age", str(age), float(age), "year", start, end, confidence, rule.id)
            # "22 and 24 years": the years behind the second number are the first one's too.
            beside = lowest or _beside(text, start, words)
            if beside is not None and int(beside["n"]) >= ADULT and beside.start("n") not in taken:
                taken.update(range(*beside.span("n")))
                number = int(beside["n"])
                yield Fact(
                    "age", str(number), float(number), "year", *beside.span("n"), rule.confidence, rule.id
                )


def _beside(text: str, start: int, words: AgeWords) -> re.Match[str] | None:
    """A number listed ahead of the one at `start`; behind a word that is no person's it is a size or a street's."""
    beside = _BESIDE.search(text, max(0, start - _CLOSE), start)
    if beside is None or int(beside["n"]) not in _RANGE:
        return None
    owner = _OWNER.search(text, max(0, beside.start() - _CLOSE), beside.start())
    return (
        None
        if owner and owner[1] not in words.person | words.plural | frozenset((*words.of, *words.introducing))
        else beside
    )


def _of_person(text: str, start: int, match: re.Match[str], age: int, rule: Rule, words: AgeWords) -> bool:
    """Whether the number of `match`, beginning at `start` with the lower end of its range, is a person's age."""
    if words.after.match(text, match.end()) is not None:
        return False
    said = text[max(0, start - _CLOSE) : start]
    before = _TOKENS.findall(_CLAUSE.split(said)[-1])[-_WORDS_BEFORE:]
    if age < ADULT and not words.kin.isdisjoint(
        [*before, *_TOKENS.findall(text[match.end() :][:_CLOSE])[:2]]
    ):
        return False
    if rule.meaning == PUPIL:
        # "Two children, 12, pupil at …"
        sentence = _SENTENCE.split(text[max(0, start - _PERSON_REACH) : start])[-1]
        return words.kin.isdisjoint(_TOKENS.findall(sentence))
    if rule.meaning == SURE:
        return True
    if not words.others.isdisjoint(before):
        return False
    if rule.meaning == OLD:
        # "The house, 18 years old": a comma may stand between.
        return words.others.isdisjoint(_TOKENS.findall(_SENTENCE.split(said)[-1])[-2:])
    if words.before.search(said) is not None:
        return False
    return age >= ADULT or _is_person_near(text, start, match.end(), rule.language, words)


def _is_person_near(text: str, start: int, end: int, language: str, words: AgeWords) -> bool:
    """Whether the sentence speaks of one person close by, and of no work or thing."""
    before = _TOKENS.findall(_SENTENCE.split(text[max(0, start - _PERSON_REACH) : start])[-1])
    after = _TOKENS.findall(_SENTENCE.split(text[end : end + _PERSON_REACH], maxsplit=1)[0])
    near = before + after
    if not words.others.isdisjoint(near) or not words.kin.isdisjoint(near):
        return False
    return not (words.person | words.plural | demonyms(language)).isdisjoint([*before, *after[:3]])


def _is_thing_near(text: str, start: int, end: int, language: str, words: AgeWords) -> bool:
    """Whether the sentence before, or the clause behind, names something that may be so old, and nobody beside it."""
    before = _SENTENCE.split(text[max(0, start - _THING_REACH) : start])[-1]
    behind = _SENTENCE.split(text[end : end + _CLOSE], maxsplit=1)[0]
    if words.things.search(before) is None and words.things.search(_CLAUSE.split(behind)[0]) is None:
        return False
    people = words.person | words.plural | demonyms(language) | given_names()
    return people.isdisjoint(_TOKENS.findall(f"{before} {behind}"))


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
    if (spelled := _spelled(language).get(spelling)) is not None:
        return spelled
    table: NumberWords = number_words(language)
    parts = [
        Part(word, match.start() + start, match.start() + end, True)
        for match in _TOKENS.finditer(spelling)
        for word, start, end in split_token(match.group(), language) or ()
    ]
    digits = "".join(piece for piece, _, _ in read_digits(parts, table, READINGS[0]))
    return int(digits) if digits and len(digits) == 2 else None

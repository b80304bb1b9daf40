"""Ages written as a number alone, beside a name, a nationality or a word for a person ("Lily, 26", "colombiana 25")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from assets.extraction.ages import ADULT, age_words, end_of_number
from assets.extraction.alternatives import one_of
from assets.extraction.fact import Fact
from assets.extraction.given_names import given_names
from assets.extraction.nationalities import demonyms, language_names
from assets.extraction.normalise import fold
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

# An age without a unit; above 69 a number is more often a house's, a size's or a price's.
_OLDEST, _YOUNGEST = 69, 15
_NUMBER = re.compile(
    r"(?<![\w.,:/€$£+#№=@²'-])(?<!\d )(?<!\d, )(?P<n>[1-6]\d)"
    r"(?: ?(?P<joint>[-/&,]| and | y | e | et | und | en | i | и | і | та | si ) ?(?P<m>[1-6]\d))?"
    # No more of a number, no sign of an amount; a telephone number may follow after a space.
    r"(?![\d%€$£°²º+:@]|[.,]\d| ?[-/] ?\d| \d(?!\d{2,}| ?\d{3}))"
)
# What may stand between a name and the age: spaces, signs and at most one mark.
_GAP = re.compile(r"[^\w\n.!?]{0,6}$")
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"[A-Z\u0410-\u042f\u0404\u0406\u0407\u0490][a-z\u0430-\u045f\u0491']{1,14}$")
_NEXT = re.compile(r"\.? ?(?:de |of |d')?([^\W\d_]+)")
_HEAD = re.compile(r"(?:^|[\n.!?|*~])\W*$")
_STOP = re.compile(r"[.;!?\n|](?=\s|$)|\n")
_REACH = 48


@cache
def _calendar_words() -> frozenset[str]:
    """Months and days of the week, which stand before numbers too, by CLDR."""
    from babel import Locale

    words: set[str] = set()
    for language in languages_with("ages"):
        locale = Locale(language)
        for names in (locale.months, locale.days):
            for width in ("wide", "abbreviated"):
                words |= {fold(name).rstrip(".").lower() for name in names["format"][width].values()}
    return frozenset(words)


@dataclass(frozen=True)
class _Evidence:
    """The words of the languages of a text that tell of a person beside a number."""

    person: frozenset[str]
    plural: frozenset[str]
    kin: frozenset[str]
    demonyms: frozenset[str]
    spoken: frozenset[str]
    others: frozenset[str]
    introduced: re.Pattern[str]
    of: re.Pattern[str]
    end: re.Pattern[str]


@cache
def _evidence(languages: tuple[str, ...]) -> _Evidence:
    tables = [words for language in languages if (words := age_words(language)) is not None]
    links = {link for table in tables for link in table.links}
    short = {unit for table in tables for unit in table.short if unit}
    of = {word for table in tables for word in table.of if word}
    introducing = {phrase for table in tables for phrase in table.introducing}
    end = end_of_number(sorted(links))
    return _Evidence(
        frozenset().union(*(table.person for table in tables)),
        frozenset().union(*(table.plural for table in tables)),
        frozenset().union(*(table.kin for table in tables)),
        frozenset().union(*map(demonyms, languages)),
        frozenset().union(*map(language_names, languages)),
        frozenset().union(*(table.others for table in tables)),
        re.compile(rf"(?<!\w){one_of(introducing)}\W{{1,3}}$") if introducing else re.compile(r"(?!)"),
        re.compile(rf"(?P<who>[^\W\d_]+(?: [^\W\d_]+)?),? {one_of(of)} $") if of else re.compile(r"(?!)"),
        re.compile(rf" ?{one_of(short)}(?!\w)|{end}|(?=\s0\d|\s\+\d)" if short else end),
    )


@cache
def _not_names() -> frozenset[str]:
    return frozenset(fold(str(word)).lower() for word in read_yaml("given_names.yaml")["not_names"])


def find_bare_ages(reading: Reading, is_place_name: Callable[[str], bool], known: set[int]) -> Iterator[Fact]:
    """Ages (years) of two digits without a unit, beside a person; `known` are places where an age was found already.

    The number ends its clause, or a word follows that may follow an age. Before it stands a name, a nationality or a
    word for a person, also with a preposition ("meid van 41"); or it is a clause of its own behind one that speaks of
    a person. In brackets it belongs to one person, not to a heading. A number below eighteen needs the name, the
    nationality or the word for a person straight before it.
    """
    text = reading.lowered
    evidence: _Evidence | None = None
    for match in _NUMBER.finditer(text):
        start, end = match.span("n")
        first, second = int(match["n"]), int(match["m"]) if match["m"] else None
        if start in known or not _YOUNGEST <= first <= _OLDEST:
            continue
        if evidence is None:
            evidence = _evidence(reading.languages)
        closing = match.end()
        following = _NEXT.match(text, closing)
        if following is not None and following[1] in _calendar_words():
            continue
        bracketed = text[start - 1 : start] in ("(", "[") and text[closing : closing + 1] in (")", "]")
        if not bracketed and evidence.end.match(text, closing) is None:
            if second is None or match["joint"] != "," or evidence.end.match(text, end) is None:
                continue
            second = None
        if second is not None and (first < ADULT or not ADULT <= second <= _OLDEST):
            continue
        confidence = _confidence(
            reading, start, first, bracketed, second is not None, evidence, is_place_name
        )
        if confidence is None:
            continue
        yield Fact("age", str(first), float(first), "year", start, end, confidence, "age.bare")
        if second is not None:
            yield Fact("age", str(second), float(second), "year", *match.span("m"), confidence, "age.bare")


def _confidence(
    reading: Reading,
    start: int,
    age: int,
    bracketed: bool,
    several: bool,
    evidence: _Evidence,
    is_place_name: Callable[[str], bool],
) -> float | None:
    """How sure it is that the number at `start` is a person's age, None when nothing tells of one."""
    text = reading.lowered
    low = max(0, start - _REACH)
    said = _STOP.split(text[low:start])[-1] if not bracketed else text[low:start]
    gap = _GAP.search(said)
    head = said[: gap.start()] if gap else said
    separator = said[len(head) :]
    words = _WORD.findall(head)
    if not words or (age < ADULT and not evidence.kin.isdisjoint(words)):
        return None
    joined = gap is not None and head[-1:].isalpha()
    last = words[-1]
    if joined:
        if last in evidence.demonyms or last in evidence.person or (several and last in evidence.plural):
            if bracketed and _is_plural(last, evidence):
                return None
            return 0.8
        if last in evidence.kin and age >= ADULT:
            return 0.8
        if last in evidence.plural or last in evidence.others:
            return None
        if last in evidence.spoken and separator.strip() and evidence.person.isdisjoint(words):
            return 0.6 if "," in separator and _said_before(words, evidence) else None
        if _is_name(
            reading,
            start - len(separator),
            last,
            bool(separator.strip()) and age >= ADULT,
            evidence,
            is_place_name,
        ):
            return 0.8
    attributive = evidence.of.search(said)
    if attributive is not None:
        who = attributive["who"].split()
        if not (evidence.person | evidence.demonyms | evidence.plural).isdisjoint(who):
            return 0.8
    if age < ADULT:
        return None
    # A clause of its own behind one that speaks of a person: "soy Bia, brasileña en Madrid, 26, ...".
    if not re.search(r"[,;|/•·*-]\W*$", separator) or any(letter.isdigit() for letter in head):
        return None
    clause = re.split(r"[,;|/•·*(]", head)[-1]
    last_clause = _WORD.findall(clause)
    if not last_clause or not evidence.others.isdisjoint(words) or not _not_names().isdisjoint(last_clause):
        return None
    told = evidence.person | evidence.demonyms | (evidence.plural if several else frozenset())
    if told.isdisjoint(last_clause) and not _has_name(reading, start - len(separator) - len(clause), clause):
        return None
    return 0.6


def _said_before(words: list[str], evidence: _Evidence) -> bool:
    return any(word in given_names() for word in words[-4:-1]) and len(words) <= 4


def _has_name(reading: Reading, start: int, clause: str) -> bool:
    cased = reading.cased[start : start + len(clause)]
    return any(word.lower() in given_names() and word[0].isupper() for word in _WORD.findall(cased))


def _is_plural(word: str, evidence: _Evidence) -> bool:
    """Whether the word is for several: a number in brackets behind it then counts them."""
    return word in evidence.plural or word.endswith(("s", "innen", "ки", "ці", "i", "ce"))


def _is_name(
    reading: Reading,
    end: int,
    last: str,
    marked: bool,
    evidence: _Evidence,
    is_place_name: Callable[[str], bool],
) -> bool:
    """Whether the word that ends at `end` is a person's name, by the list, by what introduces it or by its place."""
    match = _NAME.search(reading.cased, max(0, end - 16), end)
    if (
        match is None
        or fold(match.group()).lower() != last
        or last in _calendar_words()
        or last in _not_names()
    ):
        return False
    if last in given_names():
        return True
    before = reading.lowered[max(0, match.start() - _REACH) : match.start()]
    if evidence.introduced.search(before) is not None and not is_place_name(last):
        return True
    # A capital at the head of a line is a name only with a mark behind it ("Karina, 19", "Lola (22)").
    opened = _HEAD.search(before)
    if not marked or opened is None or is_place_name(last):
        return False
    # "St. Andrew, 38": what stands before a full stop may be a short form.
    ahead = _WORD.findall(before)
    return not (
        opened.group().startswith(".") and ahead and (len(ahead[-1]) < 4 or ahead[-1] in _not_names())
    )

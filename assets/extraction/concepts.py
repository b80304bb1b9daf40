"""Signs told by ideas that meet in a sentence, whatever words tell them.

A sign is seldom told twice in the same words ("we keep your passport", "your papers stay in the office until you have
paid"), but the ideas that meet in its sentence are few. What words stand for is in `rules/concepts/<language>.yaml`
(`lexicons`); which ideas make a sign is in `concept_rules.yaml` for all languages together.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assets.extraction.lexicons import SENTENCE_END, Lexicon
from assets.extraction.reading import Reading, within
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.senses import sense_bits, word_senses

_CLAUSE_END = re.compile(r"[,:()–—]|\s-\s|[!?;\n]|\.(?!\d)")
# Two to thirty of what the next word names.
_SEVERAL = re.compile(r"(?<![\d.,])(?:[2-9]|[12]\d|30) (?=[^\W\d_])")
# Ideas with a part of their own: a negation, and words of news (`reporting` in ../signs), which tell of others.
_NOT, _NEWS = 1, 2
# What an entry of `joined` in concept_rules.yaml names ideas by.
_JOINED_PARTS = ("idea", "of", "beside", "over", "apart")
# Words before and behind the ideas of a sign in which a negation is looked for.
_NOT_BEFORE, _NOT_BEHIND = 4, 2


@dataclass(frozen=True, slots=True)
class ConceptRule:
    """A sign told by ideas that meet: one of each group of `groups` within so many words of one sentence (or, with
    `whole_text`, anywhere in it), none of `without` in the sentence, and, where `deniable`, no negation of it. With
    `close`, the first two groups stand within so many words of one sentence ("no experience")."""

    id: str
    meaning: str
    confidence: float
    citation: str
    groups: tuple[int, ...]
    within: int
    without: int
    text_needs: int
    deniable: bool
    askable: bool
    whole_text: bool
    close: int


@dataclass(frozen=True, slots=True)
class Joined:
    """An idea that two others make beside each other ("papers" and "of the car"): words of `of` get `idea` where one of
    `beside` stands in one sentence within so many words before or behind them, those of `over` not counted and none of
    `apart` between; with `instead`, they lose `of`."""

    idea: int
    of: int
    beside: int
    over: int
    apart: int
    before: int
    behind: int
    instead: bool


@cache
def concept_bits() -> dict[str, int]:
    """A bit for every idea that a rule asks for."""
    names: dict[str, int] = {"not": _NOT, "news": _NEWS}
    table = read_yaml("concept_rules.yaml")
    vetoes = [name for listed in table["vetoes"].values() for entry in listed for name in _veto_names(entry)]
    made = [entry[part] for entry in table["joined"] for part in _JOINED_PARTS if part in entry]
    others = [*table["warnings"], *vetoes, *made]
    for entry in [*table["rules"], {"all": others}]:
        groups = [*entry["all"], *entry.get("without", []), *entry.get("text", [])]
        for name in (name for group in groups for name in str(group).split("|")):
            names.setdefault(name, 1 << len(names))
    return names


@cache
def concept_rules() -> tuple[ConceptRule, ...]:
    """The rules for all languages. Raises ValueError naming a rule with an unknown citation."""
    citations = read_yaml("sign_citations.yaml")
    bits = concept_bits()

    def mask(group: str) -> int:
        return sum(bits[name] for name in set(str(group).split("|")))

    rules = []
    for entry in read_yaml("concept_rules.yaml")["rules"]:
        if entry["citation"] not in citations:
            raise ValueError(
                f"rules/concept_rules.yaml: rule {entry['id']}: unknown citation {entry['citation']!r}"
            )
        rules.append(
            ConceptRule(
                id=entry["id"],
                meaning=entry["sign"],
                confidence=float(entry["confidence"]),
                citation=citations[entry["citation"]],
                groups=tuple(mask(group) for group in entry["all"]),
                within=int(entry.get("within", 10)),
                without=mask("|".join(entry["without"])) if "without" in entry else 0,
                text_needs=mask("|".join(entry["text"])) if "text" in entry else 0,
                deniable=bool(entry.get("deniable", False)),
                askable=bool(entry.get("askable", False)),
                whole_text=bool(entry.get("whole_text", False)),
                close=int(entry.get("close", 0)),
            )
        )
    return tuple(rules)


@cache
def _measures() -> int:
    """The senses of what is counted but nobody: years, hours, euros."""
    return sense_bits()["week"] | sense_bits()["money"]


def _veto_names(entry: str) -> list[str]:
    """Ideas named in a veto: "copy", or "papers_of_thing unless document|papers"."""
    return str(entry).replace(" unless ", "|").split("|")


@cache
def joined_ideas() -> tuple[Joined, ...]:
    """The ideas that others make beside each other, in the order in which they are looked for."""
    bits = concept_bits()

    def mask(names: str | None) -> int:
        return sum(bits[name] for name in names.split("|")) if names else 0

    return tuple(
        Joined(
            idea=bits[entry["idea"]],
            of=mask(entry["of"]),
            beside=mask(entry["beside"]),
            over=mask(entry.get("over")),
            apart=mask(entry.get("apart")),
            before=int(entry.get("before", 0)),
            behind=int(entry.get("behind", 0)),
            instead=bool(entry.get("instead", False)),
        )
        for entry in read_yaml("concept_rules.yaml")["joined"]
    )


@cache
def lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language, None for one without. Raises ValueError naming a faulty entry."""
    return Lexicon(language, concept_bits()) if language in languages_with("concepts") else None


def word_ideas(reading: Reading, language: str) -> list[int] | None:
    """Per word of the text the bits of the ideas it stands for in a language; None for one without a lexicon."""
    words = lexicon(language)
    if words is None:
        return None
    known = reading.ideas.get(language)
    if known is None:
        known = words.masks(reading)
        _join(reading, known)
        reading.ideas[language] = known
    return known


def _join(reading: Reading, masks: list[int]) -> None:
    """Add to `masks` the ideas that others make beside each other."""
    whole = _together(masks)
    for joined in joined_ideas():
        if not (whole & joined.of and whole & joined.beside):
            continue
        for place, mask in enumerate(masks):
            if mask & joined.of and (
                _stands_near(reading, masks, place, joined, -1, joined.before)
                or _stands_near(reading, masks, place, joined, 1, joined.behind)
            ):
                masks[place] = (mask & ~joined.of if joined.instead else mask) | joined.idea
                whole |= joined.idea


def _stands_near(
    reading: Reading, masks: list[int], place: int, joined: Joined, step: int, within: int
) -> bool:
    """Whether one of the ideas `joined.beside` stands within so many words from `place` on, in one sentence."""
    at, left = place + step, within
    while left and 0 <= at < len(masks):
        if masks[at] & joined.beside:
            low, high = min(place, at), max(place, at)
            return SENTENCE_END.search(reading.parted, reading.spans[low][1], reading.spans[high][0]) is None
        if masks[at] & joined.apart:
            return False
        left -= not masks[at] & joined.over
        at += step
    return False


@dataclass(frozen=True, slots=True)
class Told:
    """A rule that a text satisfies, with the words (first and last) that do so."""

    rule: ConceptRule
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ideas:
    """What the words of a text tell in one language: the rules it satisfies, each once at its first place, every idea
    in it (`whole`), and per word the ideas it stands for."""

    told: list[Told]
    whole: int
    masks: list[int]

    def takes_back(self, vetoes: tuple[tuple[int, int], ...], word: int, reading: Reading) -> bool:
        """Whether the sentence of a word (counted from 0) holds the first ideas of one of `vetoes`, and none of its
        second ones."""
        likely = [veto for veto in vetoes if self.whole & veto[0]]
        if not likely:
            return False
        for first, end, _ in sentences_of(reading):
            if first <= word < end:
                together = _together(self.masks[first:end])
                return any(together & bits and not together & unless for bits, unless in likely)
        return False


def find_concepts(
    reading: Reading,
    language: str,
    beside: Mapping[int, int],
    covered: Sequence[tuple[int, int]] = (),
) -> Ideas | None:
    """The ideas of the text in a language, None for one without a lexicon.

    `beside` are ideas that other facts of the text stand for (an amount, a country): word → bits. `covered` are places
    in the text, (start, end) of whole sentences, that tell no sign.
    """
    known = word_ideas(reading, language)
    if known is None:
        return None
    masks = [*known]
    for place, bits in beside.items():
        masks[place] |= bits
    whole = _together(masks)
    girls, many = concept_bits()["girls"], concept_bits()["many"]
    if whole & girls:
        numbers = [
            bisect_left(reading.spans, (number.end(), 0)) for number in _SEVERAL.finditer(reading.parted)
        ]
        senses = word_senses(reading, language) if numbers else []
        for place in numbers:
            # A girl of 28 years is one, and 30 euros are none.
            if not senses[place] & _measures():
                masks[place] |= many
                whole |= many
    likely = [
        rule
        for rule in concept_rules()
        if whole & rule.groups[0]
        and (not rule.text_needs or whole & rule.text_needs)
        and _holds(rule.groups, whole)
    ]
    told: list[Told] = []
    if likely:
        heard = [*masks]
        sentences = []
        for first, end, asked in sentences_of(reading):
            together = _together(masks[first:end])
            start = reading.spans[first][0]
            if together & _NEWS or within(start, covered):
                heard[first:end] = [0] * (end - first)
            else:
                sentences.append((first, end, asked, together))
        everything = [(0, len(heard), False, _together(heard))]
        for rule in likely:
            for first, end, asked, together in everything if rule.whole_text else sentences:
                if (asked and not rule.askable) or together & rule.without:
                    continue
                if together & rule.groups[0] and _holds(rule.groups, together):
                    met = _meet(rule, reading, heard, first, end)
                    if met is not None:
                        told.append(Told(rule, *met))
                        break
    return Ideas(told, whole, masks)


def ideas_of(masks: list[int]) -> Ideas:
    """The ideas of a text's words (`word_ideas`), of which no rule is asked for."""
    return Ideas([], _together(masks), masks)


def _together(masks: list[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _holds(groups: tuple[int, ...], ideas: int) -> bool:
    """Whether `ideas` hold one of each group."""
    return not any(not ideas & group for group in groups)


def sentences_of(reading: Reading) -> list[tuple[int, int, bool]]:
    """Per sentence with words the first, the one behind the last, and whether it is a question."""
    spans, text = reading.spans, reading.parted
    found: list[tuple[int, int, bool]] = []
    first = 0
    for end in SENTENCE_END.finditer(text):
        last = bisect_left(spans, (end.start(), 0))
        if last > first:
            found.append((first, last, end.group() == "?"))
            first = last
        elif found and end.group() == "?" and spans[last - 1][1] >= end.start() - 3:
            found[-1] = (found[-1][0], found[-1][1], True)
    if first < len(spans):
        found.append((first, len(spans), False))
    return found


@cache
def warning_bits() -> int:
    """Ideas that show a text to warn of others."""
    return sum(concept_bits()[name] for name in read_yaml("concept_rules.yaml")["warnings"])


@cache
def veto_bits() -> dict[str, tuple[tuple[int, int], ...]]:
    """Sign → pairs of the ideas that take it back in its sentence and those beside which they do not."""
    bits = concept_bits()
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for sign, entries in read_yaml("concept_rules.yaml")["vetoes"].items():
        pairs: dict[int, int] = {}
        for entry in entries:
            names, _, others = str(entry).partition(" unless ")
            unless = sum(bits[name] for name in others.split("|")) if others else 0
            pairs[unless] = pairs.get(unless, 0) | sum(bits[name] for name in names.split("|"))
        found[sign] = tuple((mask, unless) for unless, mask in pairs.items())
    return found


@cache
def striking_pay() -> dict[str, float]:
    """Currency → what a month has to pay at least to be striking for unskilled work."""
    return {
        code: float(least)
        for code, least in read_yaml("concept_rules.yaml")["striking_pay_per_month"].items()
    }


def _meet(
    rule: ConceptRule, reading: Reading, masks: list[int], first: int, end: int
) -> tuple[int, int] | None:
    """First and last word of a place among the words from `first` to before `end` where the ideas of `rule` meet."""
    places = [[place for place in range(first, end) if masks[place] & group] for group in rule.groups]
    for anchor in places[0]:
        chosen = [anchor]
        for others in places[1:]:
            chosen.append(min(others, key=lambda place: (abs(place - anchor), place)))
        if rule.close and not _are_close(reading, chosen[0], chosen[1], rule.close):
            continue
        low, high = min(chosen), max(chosen)
        if high - low < rule.within and not (
            rule.deniable
            and _denied(
                reading, masks, chosen, max(first, low - _NOT_BEFORE), min(end, high + 1 + _NOT_BEHIND)
            )
        ):
            return low, high
    return None


def _are_close(reading: Reading, one: int, other: int, within: int) -> bool:
    """Whether two words stand within so many words of each other in one sentence."""
    left, right = min(one, other), max(one, other)
    start, end = reading.spans[left][1], reading.spans[right][0]
    return right - left < within and (start >= end or SENTENCE_END.search(reading.parted, start, end) is None)


def _denied(reading: Reading, masks: list[int], chosen: list[int], low: int, high: int) -> bool:
    """Whether a negation stands among the words from `low` to before `high`, in a clause of one of the ideas."""
    for place in range(low, high):
        if masks[place] & _NOT:
            for idea in chosen:
                left, right = min(place, idea), max(place, idea)
                start, stop = reading.spans[left][1], reading.spans[right][0]
                if start >= stop or _CLAUSE_END.search(reading.parted, start, stop) is None:
                    return True
    return False

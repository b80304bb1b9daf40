"""Signs named in cited indicator lists, found by the rule tables of the text's languages."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from assets.extraction.ages import age_words
from assets.extraction.alternatives import one_of
from assets.extraction.concepts import (
    Ideas,
    concept_bits,
    find_concepts,
    ideas_of,
    veto_bits,
    word_ideas,
)
from assets.extraction.fact import LEARNED, Fact
from assets.extraction.learned_signs import find_learned, weigh
from assets.extraction.minors import find_minors
from assets.extraction.normalise import fold, normalise
from assets.extraction.reading import Reading, within
from assets.extraction.required_words import SHORTEST, required_strings
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import Rule
from assets.extraction.senses import word_senses
from assets.extraction.turns import find_turns, taken_back

SIGNS = frozenset(
    [
        "debt_owed",
        "recruitment_fee",
        "documents_held",
        "transport_paid",
        "accommodation_tied",
        "pay_withheld",
        "movement_restricted",
        "youth_wording",
        "claimed_age_under_18",
        "school_age_wording",
        "addressed_to_reader",
        "third_party_wording",
        "several_persons_offered",
        "trust_wording",
        "high_pay_no_experience",
        "abroad_offer",
        "messenger_only_contact",
        "short_stay_wording",
        "new_in_town",
        "ethnicity_shown",
        "secrecy_required",
        "deceptive_offer_contradiction",
        "papers_arranged",
        "papers_made",
        "marriage_for_papers",
        "crossing_arranged",
        "driver_for_girls",
        "rooms_for_working_girls",
        "money_passed_on",
    ]
)
# Signs that a negation takes back; the others are negations themselves ("no pay", "not go out").
_DENIABLE = frozenset(
    [
        "debt_owed",
        "recruitment_fee",
        "documents_held",
        "transport_paid",
        "accommodation_tied",
        "youth_wording",
    ]
)
# Signs that a question does not tell.
_ASKABLE_IN_VAIN = _DENIABLE - {"youth_wording", "transport_paid"} | {"pay_withheld", "movement_restricted"}
# Signs that rent taken from the pay would be mistaken for.
_OF_PAY = frozenset(["debt_owed", "pay_withheld"])
# Signs that somebody is under eighteen, who may be a child of the poster's.
_OF_MINORS = frozenset(["claimed_age_under_18", "school_age_wording"])
# Characters around them in which the sentence tells of whom.
_SAID = 40
_SENTENCE = re.compile(r"[.;!?\n|](?=\s|$)")
_LETTERS = re.compile(r"[^\W\d_]+")
_WITHIN = 40
# A letter of the sentence goes on; so does the point inside a number ("2.000 euro").
_SAME_SENTENCE = r"(?:[^.!?;\n]|\.(?=\d))"
# Characters before a finding, of the same clause, in which a negation is looked for, and behind it an owner.
_BEFORE, _BEHIND = 25, 20
_CLAUSE = re.compile(r"[.,;:!?\n]")
_ASKED = re.compile(r"[^.!;\n?]{0,80}\?")


def term_pattern(terms: list[Any]) -> str:
    """One of `terms` as whole words; "*" in a term stands for letters."""
    return rf"\b{one_of((fold(str(term)) for term in terms), any_letters='*')}(?!\w)"


def _strings(terms: list[Any]) -> tuple[frozenset[str], ...]:
    """The letters of which a text holds some if it holds one of `terms`; none when a term is too short to tell."""
    strings = frozenset(max(fold(str(term)).split("*"), key=len) for term in terms)
    return (strings,) if min(map(len, strings)) >= SHORTEST else ()


def _near(entry: dict[str, Any], table: dict[str, Any]) -> tuple[str, tuple[frozenset[str], ...]]:
    """Pattern and required strings of a rule that names one term, or two that stand near each other."""
    patterns = [term_pattern(table["terms"][name]) for name in entry["near"]]
    required = tuple(strings for name in entry["near"] for strings in _strings(table["terms"][name]))
    if len(patterns) == 1:
        return patterns[0], required
    first, second = patterns
    between = rf"{_SAME_SENTENCE}{{0,{entry.get('within', _WITHIN)}}}?"
    return f"{first}{between}{second}|{second}{between}{first}", required


@cache
def sign_rules(language: str) -> tuple[Rule, ...]:
    """Rules of one language, none for a language without a table. Raises ValueError naming a faulty rule."""
    if language not in languages_with("signs"):
        return ()
    citations = read_yaml("sign_citations.yaml")
    table = read_yaml(f"signs/{language}.yaml")
    rules = []
    for entry in table["rules"]:
        where = f"rules/signs/{language}.yaml: rule {entry['id']}"
        if entry["sign"] not in SIGNS:
            raise ValueError(f"{where}: unknown sign {entry['sign']!r}")
        if entry["citation"] not in citations:
            raise ValueError(f"{where}: unknown citation {entry['citation']!r}")
        try:
            if "near" in entry:
                pattern, required = _near(entry, table)
            else:
                pattern = normalise(entry["pattern"])
                required = required_strings(pattern)
            compiled = re.compile(pattern)
        except (re.error, KeyError) as error:
            raise ValueError(f"{where}: {type(error).__name__} {error}") from error
        rules.append(
            Rule(
                entry["id"],
                "sign",
                entry["sign"],
                language,
                float(entry["confidence"]),
                citations[entry["citation"]],
                compiled,
                required,
            )
        )
    return tuple(rules)


def all_sign_rules() -> tuple[Rule, ...]:
    """Rules of every language, for the registry of indicators."""
    return tuple(rule for language in languages_with("signs") for rule in sign_rules(language))


@cache
def _words(language: str, name: str) -> re.Pattern[str]:
    return re.compile(term_pattern(read_yaml(f"signs/{language}.yaml")[name]))


@cache
def _papers(language: str) -> re.Pattern[str]:
    """Papers that are locked up, which is no lock on a person."""
    return re.compile(term_pattern(read_yaml(f"signs/{language}.yaml")["terms"]["documents"]))


@cache
def reporting_rules(language: str) -> tuple[Rule, ...]:
    """One rule of kind `reporting` for the words of news in a language, none without a table."""
    if language not in languages_with("signs"):
        return ()
    pattern = _words(language, "reporting")
    required = _strings(read_yaml(f"signs/{language}.yaml")["reporting"])
    return (Rule(f"{language}.reporting", "reporting", "", language, 1.0, "", pattern, required),)


def find_signs(
    reading: Reading,
    rules: list[Rule],
    beside: Mapping[int, int] | None = None,
    ordinary_pay: bool = False,
    covered: Sequence[tuple[int, int]] = (),
) -> list[Fact]:
    """One Fact per sign that one of `rules` finds in the text, the surest, or else the ideas of its words tell; denied
    ones, warnings and news left out. `beside` as in `find_concepts`; `ordinary_pay` says that the pay which the text
    names is no striking one; `covered` are the sentences of others' conditions (`covered_spans`)."""
    best: dict[str, Fact] = {}
    text = reading.parted
    for rule in rules:
        if rule.kind != "sign":
            continue
        known = best.get(rule.meaning)
        if known is not None and known.confidence >= rule.confidence:
            continue
        for match in rule.compiled.finditer(text):
            start, end = match.span()
            if within(start, covered):
                continue
            if rule.meaning in _DENIABLE and _denied(text, start, end, rule):
                continue
            if rule.meaning in _ASKABLE_IN_VAIN and _ASKED.match(text, end) is not None:
                continue
            if rule.meaning in _OF_PAY and _words(rule.language, "rent").search(
                text, max(0, start - _BEFORE), end
            ):
                continue
            if rule.meaning == "movement_restricted" and _papers(rule.language).search(
                text, max(0, start - _WITHIN), end
            ):
                continue
            if rule.meaning in _OF_MINORS and _of_others(text, start, end, rule):
                continue
            best[rule.meaning] = Fact("sign", rule.meaning, None, None, start, end, rule.confidence, rule.id)
            break
    for fact in find_turns(reading, rules, covered):
        if fact.value in _ASKABLE_IN_VAIN and _ASKED.match(text, fact.end or 0) is not None:
            continue
        if fact.value not in best or ".turn.moved_on." in (fact.rule_id or ""):
            best[fact.value or ""] = fact
    for fact in find_minors(reading, rules, covered):
        best.setdefault(fact.value or "", fact)
    strikes = concept_bits()["strike"]
    striking = True
    for place, language in enumerate(reading.spoken):
        ideas = find_concepts(reading, language, beside or {}, covered)
        for told in ideas.told if ideas else ():
            if told.rule.meaning not in best:
                start, end = reading.spans[told.first][0], reading.spans[told.last][1]
                rule_id = f"{language}.concept.{told.rule.id}"
                best[told.rule.meaning] = Fact(
                    "sign", told.rule.meaning, None, None, start, end, told.rule.confidence, rule_id
                )
        if place == 0:
            _weigh(best, reading, language, ideas, covered)
        if ideas is None:
            continue
        _take_back(best, ideas, reading)
        striking = bool(ideas.whole & strikes)
    # English rules are read in texts of any language, and a short one may be English.
    for language in {str(fact.rule_id).split(".")[0] for fact in best.values()}.difference(reading.spoken):
        masks = word_ideas(reading, language)
        if masks is not None:
            _take_back(best, ideas_of(masks), reading)
    for language in reading.spoken:
        for sign, fact in list(best.items()):
            if taken_back(reading, language, sign, fact.start or 0, fact.end or 0):
                del best[sign]
    if ordinary_pay and not striking:
        best.pop("high_pay_no_experience", None)
    return list(best.values())


def _weigh(
    best: dict[str, Fact],
    reading: Reading,
    language: str,
    ideas: Ideas | None,
    covered: Sequence[tuple[int, int]],
) -> None:
    """Leave out of `best` what rules of the text's main language told and the model doubts, and add what it finds."""
    masks = ideas.masks if ideas else [0] * len(reading.words)
    weighed = weigh(reading, masks, word_senses(reading, language))
    for sign, fact in list(best.items()):
        if str(fact.rule_id).startswith(f"{language}."):
            first, last = _word_at(reading, fact.start), _word_at(reading, (fact.end or 1) - 1)
            if weighed.is_doubtful(sign, first, last + 1, language):
                del best[sign]
    for told in find_learned(reading, weighed, covered):
        if told.sign not in best:
            start, end = reading.spans[told.first][0], reading.spans[told.end - 1][1]
            rule_id = f"{language}{LEARNED}{told.sign}"
            best[told.sign] = Fact(
                "sign", told.sign, None, None, start, end, round(told.probability, 2), rule_id
            )


def _of_others(text: str, start: int, end: int, rule: Rule) -> bool:
    """Whether the sentence tells of somebody's child or, of a school, of times past, lessons or a costume."""
    before = _SENTENCE.split(text[max(0, start - _SAID) : start])[-1]
    words = age_words(rule.language)
    if words is not None and not words.kin.isdisjoint(_LETTERS.findall(before)):
        return True
    if rule.meaning != "school_age_wording":
        return False
    behind = _SENTENCE.split(text[end : end + _SAID], maxsplit=1)[0]
    return _words(rule.language, "not_at_school").search(before + text[start:end] + behind) is not None


def _take_back(best: dict[str, Fact], ideas: Ideas, reading: Reading) -> None:
    """Remove the signs from `best` beside which the ideas of their sentence tell something else."""
    for sign, vetoes in veto_bits().items():
        if sign in best and ideas.takes_back(vetoes, _word_at(reading, best[sign].start), reading):
            del best[sign]


def _word_at(reading: Reading, start: int | None) -> int:
    return min(bisect_left(reading.spans, (start or 0, 0)), len(reading.words) - 1)


def _denied(text: str, start: int, end: int, rule: Rule) -> bool:
    """Whether a negation stands in or before the finding, or beside papers a word that leaves them with their owner."""
    clause = _CLAUSE.split(text[max(0, start - _BEFORE) : start])[-1]
    said = _words(rule.language, "not_denials").sub("", clause + text[start:end])
    if _words(rule.language, "negators").search(said) is not None:
        return True
    if rule.meaning != "documents_held":
        return False
    behind = _CLAUSE.split(text[end : end + _BEHIND], maxsplit=1)[0]
    return _words(rule.language, "owners").search(clause + text[start:end] + behind) is not None

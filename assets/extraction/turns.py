"""Signs told by turns of phrase: classes of words in an order, with room between them.

A language is one file in `rules/turns/`: `words` are classes, `turns` lists under each sign the orders in which they
tell it (`rules/shared_turns.yaml` those of all languages), `unless` classes that take it back in their sentence,
`of_others` such that do so unless it is told of oneself. In a turn `<class>` stands for one of its words, `<n>` for
figures, `..` for up to four words between, `...` for up to nine, `<big>` for large figures, `a|b` for either, `_` for a
blank, `&` for parts in any order, and `&&` for parts in any order and more than one sentence. Free speech says the same
in many words but few orders: "<papers> ... <has> .. <boss>" reads most of what a list of sentences would miss.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from itertools import permutations
from typing import Any

from assets.extraction.addressed import Addressed
from assets.extraction.alternatives import one_of
from assets.extraction.fact import TOLD_OF_ONESELF, Fact
from assets.extraction.lexicons import sentence_around
from assets.extraction.normalise import fold
from assets.extraction.reading import Reading, within
from assets.extraction.required_words import SHORTEST
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import OnDemand, Rule

# What stands between two words of one sentence: a point only inside a number.
_BLANK = r"(?:[^\w.!?;\n]|\.(?=\d))+"
# What stands between two words of one text.
_ANY_BLANK = r"\W+"
_NUMBERS = {
    "<n>": r"(?<!\w)\d[\d.,]*k?(?!\w)",
    # What nobody without a skill is paid for a day, written in figures.
    "<big>": r"(?<![\w.,])(?:[2-9]\d\d|\d{4,6}|\d{1,3}[.,]\d{3}|\d{1,3} ?(?:k|mil|mila|mii|tys|ezer))(?![\w.,]*\d)",
}
_ROOM = {"..": 4, "...": 9, "&": 10}
# Words before a finding, of its clause, among which a negation takes it back.
_DENIED = 3
_CLAUSE = re.compile(r"[,:()–—!?;\n]|\.(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_CONFIDENCE = 0.65
_CITATION = {
    "debt_owed": "ILO-2012-debt",
    "documents_held": "ILO-2012-documents",
    "movement_restricted": "ILO-2012-movement",
    "pay_withheld": "ILO-2012-wages",
    "secrecy_required": "ILO-2009-deceptive",
    "recruitment_fee": "ILO-fair-recruitment",
    "third_party_wording": "GIOMMONI-2021",
    "short_stay_wording": "IBANEZ-2014",
    "several_persons_offered": "LHOIRY-2021",
    "claimed_age_under_18": "UNODC-indicators",
    "accommodation_tied": "ILO-2009-destination",
    "transport_paid": "ILO-2009-deceptive",
    "high_pay_no_experience": "ILO-2012-deception",
    "deceptive_offer_contradiction": "ILO-2009-deceptive",
    "trust_wording": "ILO-2009-deceptive",
    "abroad_offer": "UNODC-indicators",
    "messenger_only_contact": "UNODC-indicators",
    "papers_arranged": "UN-smuggling-documents",
    "papers_made": "UN-smuggling-documents",
    "marriage_for_papers": "EC-marriages",
    "crossing_arranged": "UN-smuggling",
    "driver_for_girls": "Europol-2016-roles",
    "rooms_for_working_girls": "Europol-2016-roles",
    "money_passed_on": "FATF-2018",
}
# Signs that a negation inside the finding takes back as well ("we never hold your passport").
_OFFERED = ("documents_held", "transport_paid", "accommodation_tied", "recruitment_fee")
# What `unless` names the ages of those who may work under eighteen by.
AT_WORK = "stated_minor_age"
# Being moved on by others is told by two signs together.
_TOLD_AS = {"moved_on": ("third_party_wording", "short_stay_wording")}


@cache
def _table(language: str) -> dict[str, Any]:
    return dict(read_yaml(f"turns/{language}.yaml")) if language in languages_with("turns") else {}


def one_of_words(words: list[Any]) -> str:
    """One of `words` (phrases may have any blanks or none at an apostrophe) as whole words."""
    pattern = one_of((fold(str(word)) for word in words), any_letters="*")
    return rf"(?<!\w){pattern.replace(chr(92) + ' ', _BLANK).replace(chr(39), '[^a-z0-9.]?')}(?!\w)"


@cache
def _strings(words: tuple[str, ...]) -> frozenset[str]:
    """Letters of which a text with one of `words` holds some. Phrases are looked for with single blanks, short words
    with one beside them, so that only what stands between commas is missed."""
    found = set()
    for word in words:
        folded = fold(word).strip("*")
        letters = max(re.split(r"[*']", folded), key=len).strip()
        if len(letters) >= SHORTEST:
            found.add(letters)
        elif " " in folded:
            found.add(folded)
        else:
            found |= {f" {letters}".ljust(SHORTEST), f"{letters} ".rjust(SHORTEST)}
    # A text with a string that holds another one has that one, too.
    return frozenset(one for one in found if not any(other != one and other in one for other in found))


def turn_strings(turn: str, classes: dict[str, list[Any]]) -> tuple[tuple[frozenset[str], ...], bool]:
    """Required strings of a turn, and whether it says no itself. Raises KeyError for an unknown class."""
    required: list[frozenset[str]] = []
    denies = False
    for token in turn.replace("&", " ").split():
        if token in _ROOM:
            continue
        words: list[Any] = []
        for choice in token.split("|"):
            named = choice[1:-1] if choice.startswith("<") else None
            denies |= (named or choice) in ("not", *map(str, classes["not"]))
            if choice not in _NUMBERS:
                words += classes[named] if named else [choice.replace("_", " ")]
        if _NUMBERS.keys().isdisjoint(token.split("|")):
            required.append(_strings(tuple(map(str, words))))
    return tuple(sorted(set(required), key=len)), denies


def turn_pattern(turn: str, classes: dict[str, list[Any]]) -> str:
    """Pattern of a turn whose classes are known."""
    orders: list[str] = []
    for part in turn.replace("&&", "&").split("&"):
        pattern, room = "", ""
        for token in part.split():
            if token in _ROOM:
                room = rf"(?:\w+{_BLANK}){{0,{_ROOM[token]}}}?"
                continue
            words: list[Any] = []
            for choice in token.split("|"):
                named = choice[1:-1] if choice.startswith("<") else None
                if choice not in _NUMBERS:
                    words += classes[named] if named else [choice.replace("_", " ")]
            choices = [one_of_words(words)] if words else []
            choices += [number for name, number in _NUMBERS.items() if name in token.split("|")]
            pattern += f"{_BLANK}{room}" if pattern else ""
            pattern += f"(?:{'|'.join(choices)})"
            room = ""
        orders.append(pattern)
    blank = _ANY_BLANK if "&&" in turn else _BLANK
    between = rf"{blank}(?:\w+{blank}){{0,{_ROOM['&']}}}?"
    joined = "|".join(between.join(order) for order in permutations(orders))
    return f"(?:{joined})"


def _turns(table: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Each sign with its turns: those of the language, then the shared ones that it has all words for."""
    own, known = table.get("turns", {}), {"n", "big", *table["words"]}
    shared = read_yaml("shared_turns.yaml")
    for meaning in sorted({*own, *shared}):
        said = [str(turn) for turn in own.get(meaning, ())]
        said += [turn for turn in shared.get(meaning, ()) if known.issuperset(re.findall(r"<(\w+)>", turn))]
        yield meaning, said


@cache
def turn_rules(language: str) -> tuple[Rule, ...]:
    """The turns of a language as rules of kind `turn`, or `denial` for one that says "not" itself; none for a language
    without a file. Raises ValueError naming a faulty turn."""
    table = _table(language)
    if not table:
        return ()
    citations = read_yaml("sign_citations.yaml")
    rules = []
    for meaning, turns in _turns(table):
        for sign in _TOLD_AS.get(meaning, (meaning,)):
            for number, turn in enumerate(turns, start=1):
                try:
                    required, denies = turn_strings(turn, table["words"])
                except KeyError as error:
                    raise ValueError(
                        f"rules/turns/{language}.yaml: {meaning}, {turn!r}: no class {error}"
                    ) from error
                rules.append(
                    Rule(
                        f"{language}.turn.{meaning}.{number}",
                        "denial" if denies else "turn",
                        sign,
                        language,
                        _CONFIDENCE,
                        citations[_CITATION[sign]],
                        OnDemand(partial(turn_pattern, turn, table["words"])),
                        required,
                    )
                )
    return tuple(rules)


@cache
def _taking_back(language: str, kind: str, sign: str) -> re.Pattern[str] | None:
    """The words that take a sign back; `kind`: unless, of_others."""
    table = _table(language)
    names = table.get(kind, {}).get(sign, ())
    words = [word for name in names for word in table["words"][name]]
    return re.compile(one_of_words(words)) if words else None


@cache
def _negation(language: str) -> re.Pattern[str]:
    return re.compile(one_of_words(_table(language)["words"]["not"]))


def find_turns(reading: Reading, rules: list[Rule], covered: Sequence[tuple[int, int]]) -> list[Fact]:
    """A fact of kind `sign` for each sign that a turn among `rules` tells, at its first place outside `covered`."""
    found: dict[str, Fact] = {}
    text = reading.parted
    for rule in rules:
        if rule.kind not in ("turn", "denial") or rule.meaning in found:
            continue
        for match in rule.compiled.finditer(text):
            start, end = match.span()
            if within(start, covered):
                continue
            if rule.kind == "turn" and _denied(text, start, end if rule.meaning in _OFFERED else start, rule):
                continue
            if not taken_back(reading, rule.language, rule.meaning, start, end):
                found[rule.meaning] = Fact(
                    "sign", rule.meaning, None, None, start, end, rule.confidence, rule.id
                )
                break
    return list(found.values())


def _denied(text: str, start: int, end: int, rule: Rule) -> bool:
    """Whether one of the words right before, in the same clause, or from `start` to `end` says no."""
    clause = _CLAUSE.split(text[max(0, start - 40) : start])[-1]
    words = _WORD.findall(clause)[-_DENIED:] + _WORD.findall(text, start, end)
    return _negation(rule.language).search(" ".join(words)) is not None


def taken_back(reading: Reading, language: str, sign: str, start: int, end: int) -> bool:
    """Whether the sentence of a finding holds a word that makes the sign an ordinary thing in the language: an old lady
    who does not go out alone, unless whoever looks after her tells it of herself."""
    first, last = sentence_around(reading.parted, start, end)
    words, of_others = (_taking_back(language, kind, sign) for kind in ("unless", "of_others"))
    if words is not None and words.search(reading.parted, first, last) is not None:
        return True
    if of_others is None or of_others.search(reading.parted, first, last) is None:
        return False
    told_of = Addressed(reading.parted, reading.spoken).told_of(reading.parted[first:last], sign)
    return told_of != TOLD_OF_ONESELF

"""Who says in other words than a number of years that she is below eighteen, or goes to a school of minors.

A language is one file in `rules/minors/` with classes of words: how one says that a birthday is ahead, the months and
seasons ahead, the classes and the nicknames of the schools of its countries. `rules/shared_minors.yaml` says in which
orders they tell `claimed_age_under_18` or `school_age_wording`, and which classes of words take that back in their
sentence: a child or a dog of that age, one's past, who teaches, a costume, schools of adults, a notice to readers.
The turns are written as those of `turns.py`; in words "{7-9}" stands for each of the figures 7 to 9.
The classes of schools are those of Eurydice, "The structure of the European education systems", and of the
ministries of education of the countries; the spoken words for them are ours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from assets.extraction.fact import Fact
from assets.extraction.lexicons import sentence_around
from assets.extraction.reading import Reading, within
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import OnDemand, Rule
from assets.extraction.turns import one_of_words, turn_pattern, turn_strings

_CONFIDENCE = {"claimed_age_under_18": 0.7, "school_age_wording": 0.65}
_RANGE = re.compile(r"\{(\d+)-(\d+)\}")
# An eighteen that is none of years: an hour, a measure, a price or a date.
_MEASURED = re.compile(
    r"(?<![\w.,])18\.? ?(?:h|uhr|hs|hrs|hours?|horas?|heures?|ore|uur|ora|orakor|cm|kg|km|m2|"
    r"(?:anos|ans|anni|years) (?:of|di|d\W?|de)(?! ?(?:edad|idade|age|eta))|eur\w*|€|\$|£|%|pm|:\d\d|min\w*|"
    r"minut\w*|tag\w*|dias?|days?|dag\w*|jours?|giorni|dni|zile|nap\w*|monat\w*|meses|months?|mois|mesi|maanden|"
    r"miesi\w*|luni|honap\w*|(?:und|and|y|e|et|en|i|si|es) (?:19|20)|[,/+-] ?\d|\+)(?!\w)"
)


def _expanded(words: list[Any]) -> list[str]:
    """The words with each range of figures written out."""
    found: list[str] = []
    for word in map(str, words):
        span = _RANGE.search(word)
        if span is None:
            found.append(word)
            continue
        figures = range(int(span[1]), int(span[2]) + 1)
        found += [f"{word[: span.start()]}{figure}{word[span.end() :]}" for figure in figures]
    return found


@cache
def _classes(language: str) -> dict[str, list[str]]:
    words = read_yaml(f"minors/{language}.yaml")["words"]
    return {"not": [], **{name: _expanded(said) for name, said in words.items()}}


@cache
def minor_rules(language: str) -> tuple[Rule, ...]:
    """The rules of a language, of kind `minor`; none for a language without a file."""
    if language not in languages_with("minors"):
        return ()
    classes = _classes(language)
    citation = read_yaml("sign_citations.yaml")["UNODC-indicators"]
    rules = []
    for meaning, turns in read_yaml("shared_minors.yaml")["turns"].items():
        for number, turn in enumerate(turns, start=1):
            if not set(re.findall(r"<(\w+)>", turn)) <= set(classes):
                continue
            required, _ = turn_strings(turn, classes)
            rules.append(
                Rule(
                    f"{language}.minors.{meaning}.{number}",
                    "minor",
                    meaning,
                    language,
                    _CONFIDENCE[meaning],
                    citation,
                    OnDemand(partial(turn_pattern, turn, classes)),
                    required,
                )
            )
    return tuple(rules)


@cache
def _unless(language: str, meaning: str) -> re.Pattern[str]:
    classes = _classes(language)
    names = read_yaml("shared_minors.yaml")["unless"][meaning]
    return re.compile(one_of_words([word for name in names for word in classes.get(name, ())]))


def find_minors(reading: Reading, rules: list[Rule], covered: Sequence[tuple[int, int]]) -> list[Fact]:
    """A fact of kind `sign` for each sign that one of `rules` tells, at its first place outside `covered` whose
    sentence holds nothing that makes it another's age, the past or an ordinary thing."""
    found: dict[str, Fact] = {}
    text = reading.parted
    for rule in rules:
        if rule.kind != "minor" or rule.meaning in found:
            continue
        for match in rule.compiled.finditer(text):
            start, end = match.span()
            if within(start, covered) or _MEASURED.search(text, start, end + 12) is not None:
                continue
            sentence = sentence_around(text, start, end)
            if _unless(rule.language, rule.meaning).search(text, *sentence) is None:
                found[rule.meaning] = Fact(
                    "sign", rule.meaning, None, None, start, end, rule.confidence, rule.id
                )
                break
    return list(found.values())

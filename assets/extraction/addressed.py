"""Texts that speak to their reader alone: offers of work, help-lines, advisers, but nobody who tells of herself."""

from __future__ import annotations

import re
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml

# Signs that such a text tells of its reader, where others tell them of the advertised person.
OF_PERSONS = frozenset(
    ["debt_owed", "documents_held", "movement_restricted", "pay_withheld", "third_party_wording"]
)


@cache
def _words(language: str, name: str) -> re.Pattern[str]:
    words = (fold(str(word)).lower() for word in read_yaml("addressed.yaml")[language][name])
    return re.compile(rf"(?<!\w){one_of(words, any_letters='*')}(?!\w)")


def speaks_to_reader_alone(text: str, languages: tuple[str, ...]) -> bool:
    """Whether the folded, lower-case `text` has a second person in one of `languages`, and in none of them a first
    person singular or a woman spoken of, requests to call left aside."""
    known = [language for language in languages if language in read_yaml("addressed.yaml")]
    for language in known:
        text = _words(language, "calls").sub(" ", text)
    return any(_words(language, "reader").search(text) for language in known) and not any(
        _words(language, "person").search(text) for language in known
    )

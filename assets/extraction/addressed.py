"""Texts that speak to their reader alone (offers of work, help-lines, advisers), and sentences of those who tell of
themselves: "they kept my passport" is said by whom it happened to."""

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
# Of what is done to somebody, the words by which she tells it of herself. A subject alone ("I keep the passport", "I
# pay half") may be whoever does it, but nobody says so of a house that is not left; a debt and a fee need words of
# their own, as "she owes me" is the creditor's.
_SAID_OF_ONESELF = {
    "documents_held": ("mine",),
    "movement_restricted": ("mine", "i"),
    "pay_withheld": ("mine",),
    "debt_owed": ("i_paid",),
    "recruitment_fee": ("i_paid",),
}
# Between two words of a phrase: "ligue-me", "m'appeler".
_BETWEEN = r"[\s'-]+"


@cache
def _words(language: str, name: str) -> re.Pattern[str]:
    words = (fold(str(word)).lower() for word in read_yaml("addressed.yaml")[language][name])
    pattern = one_of(words, any_letters="*").replace(r"\ ", _BETWEEN)
    return re.compile(rf"(?<!\w){pattern}(?!\w)")


def speaks_of_oneself(sentence: str, sign: str, languages: tuple[str, ...]) -> bool:
    """Whether the folded, lower-case `sentence`, which shows the sign, tells it of its own writer: it has her own words
    for what was done to her (`_SAID_OF_ONESELF`), in one of `languages`, and in none of them a second person, requests
    to call and questions to whoever may help left aside, or papers of others."""
    kinds = _SAID_OF_ONESELF.get(sign)
    if kinds is None:
        return False
    known = [language for language in languages if language in read_yaml("addressed.yaml")]
    for language in known:
        for left_aside in ("calls", "pleas"):
            sentence = _words(language, left_aside).sub(" ", sentence)
    return any(_words(language, kind).search(sentence) for language in known for kind in kinds) and not any(
        _words(language, others).search(sentence) for language in known for others in ("reader", "hers")
    )


def speaks_to_reader_alone(text: str, languages: tuple[str, ...]) -> bool:
    """Whether the folded, lower-case `text` has a second person in one of `languages`, and in none of them a first
    person singular or a woman spoken of, requests to call left aside."""
    known = [language for language in languages if language in read_yaml("addressed.yaml")]
    for language in known:
        text = _words(language, "calls").sub(" ", text)
    return any(_words(language, "reader").search(text) for language in known) and not any(
        _words(language, "person").search(text) for language in known
    )

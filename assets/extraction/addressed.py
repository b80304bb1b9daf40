"""Texts that speak to their reader alone (offers of work, help-lines, advisers), and sentences of those who tell of
themselves or of others: "they kept my passport" is said by whom it happened to."""

from __future__ import annotations

import re
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.fact import TOLD_OF_ANOTHER, TOLD_OF_ONESELF
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


def told_of(sentence: str, text: str, sign: str, languages: tuple[str, ...]) -> str | None:
    """Of whom a sentence tells the sign that it shows: `TOLD_OF_ONESELF`, `TOLD_OF_ANOTHER`, or None where whoever does
    it may say so. `sentence` and the whole `text` are folded and lower-case.

    Of herself, in one of `languages`: the sentence has her own words for what was done to her (`_SAID_OF_ONESELF`) and
    in none of them a second person or others' papers; requests to call, questions to whoever may help and words that
    are not hers (`not_mine`) are left aside.
    Of another: the whole text has no second person, no request to call and nobody who speaks for a firm ("we").
    """
    kinds = _SAID_OF_ONESELF.get(sign)
    known = [language for language in languages if language in read_yaml("addressed.yaml")]
    if kinds is None or not known:
        return None

    def without(said: str, *names: str) -> str:
        for pattern in (_words(language, name) for language in known for name in names):
            said = pattern.sub(" ", said)
        return said

    def has(said: str, *names: str) -> bool:
        return any(_words(language, name).search(said) for language in known for name in names)

    hers = without(sentence, "calls", "pleas", "not_mine")
    if has(hers, *kinds) and not has(hers, "reader", "hers"):
        return TOLD_OF_ONESELF
    return None if has(without(text, "pleas"), "reader", "we", "calls") else TOLD_OF_ANOTHER


def speaks_to_reader_alone(text: str, languages: tuple[str, ...]) -> bool:
    """Whether the folded, lower-case `text` has a second person in one of `languages`, and in none of them a first
    person singular or a woman spoken of, requests to call left aside."""
    known = [language for language in languages if language in read_yaml("addressed.yaml")]
    for language in known:
        text = _words(language, "calls").sub(" ", text)
    return any(_words(language, "reader").search(text) for language in known) and not any(
        _words(language, "person").search(text) for language in known
    )

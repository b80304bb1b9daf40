"""Texts that speak to their reader alone (offers of work, help-lines, advisers), and sentences of those who tell of
themselves or of others: "they kept my passport" is said by whom it happened to."""

from __future__ import annotations

import re
from functools import cache, cached_property

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


class Addressed:
    """Whom a text speaks to and of: its `text`, folded and in small letters, read in `languages`; those without a table
    (`rules/addressed.yaml`) say nothing."""

    def __init__(self, text: str, languages: tuple[str, ...]) -> None:
        self._text = text
        self._languages = tuple(code for code in languages if code in read_yaml("addressed.yaml"))

    def _has(self, said: str, *lists: str) -> bool:
        return any(_words(code, name).search(said) for code in self._languages for name in lists)

    def _without(self, said: str, *lists: str) -> str:
        for pattern in (_words(code, name) for code in self._languages for name in lists):
            said = pattern.sub(" ", said)
        return said

    @cached_property
    def to_reader_alone(self) -> bool:
        """Whether it has a second person, and in none of the languages a first person singular or a woman spoken of,
        requests to call left aside."""
        said = self._without(self._text, "calls")
        return self._has(said, "reader") and not self._has(said, "person")

    @cached_property
    def _may_do_it(self) -> bool:
        """Whether whoever writes may be who does it: there is a second person, a request to call, or a "we"."""
        return self._has(self._without(self._text, "pleas"), "reader", "we", "calls")

    def told_of(self, sentence: str, sign: str) -> str | None:
        """Of whom one of its sentences tells the sign that it shows: `TOLD_OF_ONESELF`, `TOLD_OF_ANOTHER`, or None
        where whoever does it may say so.

        Of herself: the sentence has her own words for what was done to her (`_SAID_OF_ONESELF`) and in none of the
        languages a second person or others' papers; requests to call, questions to whoever may help and words that are
        not hers (`not_mine`) are left aside.
        Of another: the whole text has no second person, no request to call and nobody who speaks for a firm ("we").
        """
        kinds = _SAID_OF_ONESELF.get(sign)
        if kinds is None or not self._languages:
            return None
        hers = self._without(sentence, "calls", "pleas", "not_mine")
        if self._has(hers, *kinds) and not self._has(hers, "reader", "hers"):
            return TOLD_OF_ONESELF
        return None if self._may_do_it else TOLD_OF_ANOTHER

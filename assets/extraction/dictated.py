"""Numbers dictated digit by digit: "seven seven zero …", "7 seven 0 …", "sevensevenzero…".

The short way to what `find_phones` says of such a row where nothing stands beside it; of others it says nothing.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from assets.extraction.number_clusters import NumberCluster
from assets.extraction.number_series import is_counting
from assets.extraction.number_words import number_words, split_token
from assets.extraction.phone_parts import TELLING_WORDS, is_dictated, languages_of_words, number_words_in
from assets.extraction.phone_validity import regions_for
from assets.extraction.phones import phone_value
from assets.extraction.rule_files import languages_with

# Figures that may stand among the words; longer ones may be years, cards or books.
_FIGURES = {figure: figure for figure in [*map(str, range(100)), *(f"0{digit}" for digit in range(10))]}


class Dictated(NamedTuple):
    """A telephone number in E.164 and whether figures stand among its words."""

    value: str
    mixed: bool


class _Row(NamedTuple):
    """The digits of each word and figure, how many of them are words, and their language."""

    digits: list[str]
    spoken: int
    language: str


def dictated_number(
    text: str, text_low: int, text_high: int, cluster: NumberCluster, region: str | None, language: str | None
) -> Dictated | None:
    """The number that a `written` cluster of `text[text_low:text_high]` is; None when it takes more to tell."""
    begin, end, low, high = cluster.begin, cluster.end, cluster.low, cluster.high
    if cluster.told_from != low or cluster.told_to != high or cluster.figure_before or cluster.figure_after:
        return None
    if not (begin == text_low or text[low:begin].isspace()):
        return None
    if not (end == text_high or text[end:high].isspace()):
        return None
    row = _row(text[begin:end].lower(), language)
    if row is None or row.spoken < 2:
        return None
    digits = row.digits
    if abs(int(digits[1]) - int(digits[0])) == 1 and is_counting(digits):
        return None
    # Who leaves the language open is understood by the words, of which a few have to be there.
    regions = regions_for(region, language or (row.language if row.spoken >= TELLING_WORDS else None))
    trusted = is_dictated(row.spoken, len(digits))
    value = phone_value("".join(digits), False, regions[:1], trusted)
    return None if value is None else Dictated(value, row.spoken < len(digits))


def _row(spelled: str, hint: str | None) -> _Row | None:
    """`spelled` with one blank between all words and figures, or none; None unless each word is one digit."""
    tokens = spelled.split(" ")
    if len(tokens) == 1:
        return _glued(spelled, hint) if hint is not None and hint in _languages() else None
    for language in (hint, None):
        known = language if language in _languages() else _language_of(tokens, hint)
        units = _units(known) if known is not None else {}
        digits = [units[token] for token in tokens if token in units]
        if known is not None and len(digits) == len(tokens):
            return _Row(digits, sum(map(str.isalpha, tokens)), known)
    return None


def _language_of(tokens: list[str], hint: str | None) -> str | None:
    """The language that `language_of_numbers` chooses for words that one language has all of."""
    words = {token for token in tokens if token not in _FIGURES}
    having = [frozenset(languages_of_words().get(word, ())) for word in words]
    shared = frozenset.intersection(*having) if having else frozenset()
    return hint if hint in shared else "en" if "en" in shared else max(shared, default=None)


def _glued(token: str, language: str) -> _Row | None:
    counts = dict(number_words_in(token))
    if not counts or counts.get(language) != max(counts.values()):
        return None
    pieces, units = split_token(token, language), _units(language)
    if pieces is None or not all(word in units for word, _, _ in pieces):
        return None
    return _Row([units[word] for word, _, _ in pieces], len(pieces), language)


@cache
def _languages() -> frozenset[str]:
    return frozenset(languages_with("numbers"))


@cache
def _units(language: str) -> dict[str, str]:
    """Digits of the words of `language` that stand for one beside any other of them, and of figures."""
    table = number_words(language)
    other = {
        *table.hundred,
        *table.joiners,
        *table.thousand,
        *table.times,
        *table.plus,
        *table.repeats,
        *table.plurals,
    }
    words = {
        phrase[0]: str(value)
        for phrase, value in table.values.items()
        if value < 10 and len(phrase) == 1 and len(phrase[0]) > 1 and phrase[0] not in other
    }
    for phrase in table.values:
        if len(phrase) > 1 and all(word in words for word in phrase):
            words = {word: digit for word, digit in words.items() if word not in phrase}
    return {**_FIGURES, **words}

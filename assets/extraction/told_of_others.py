"""Sentences of warnings and news, which tell of others' conditions: no sign that they tell counts.

Anybody can write a help-line's number or "report it to the police" under an advertisement, and many sites do so under
each. Such a sentence therefore takes back what it says itself, and what the whole text says only where nothing in it
offers anything: then it is a notice or an article.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from assets.extraction.concepts import concept_bits, sentences_of, warning_bits, word_ideas
from assets.extraction.reading import Reading
from assets.extraction.rule_search import Rule

# Words of news that must differ for a text to tell of others' conditions.
_REPORTED = 2
# A number to call: seven digits or more.
_NUMBER = re.compile(r"\d(?:[ ()./-]{0,3}\d){6,}")


def covered_spans(reading: Reading, rules: list[Rule], offers: bool) -> list[tuple[int, int]]:
    """(start, end) in `reading.parted` of each sentence that warns, reports or belongs to a notice or an article.

    `rules` are those worth trying on the text, of kind `reporting` the words of news in a language; `offers` says that
    the text names a price, pay or an age as offers do. A text with two different words of news reports in the sentences
    that hold one, and in those behind the first of them; one with a word of warnings warns in the sentences that hold
    one. In neither a sentence in the first person is covered by another one. A text that offers nothing, no number to
    call besides that of the warning either, warns or reports as a whole; in one that does, the questions of the
    paragraph of a warning belong to it.
    """
    news = [match.start() for match in _news(reading, rules)]
    warned, own = _warnings_and_first_person(reading)
    if not (news or warned):
        return []
    bounds = sentences_of(reading)
    if not bounds:
        return []
    starts = [reading.spans[first][0] for first, _, _ in bounds]
    ends = [*starts[1:], len(reading.parted)]
    telling, warning, first_person = (
        {_sentence_at(place, starts) for place in places} for places in (news, warned, own)
    )
    offers = offers or _shows_number(reading, starts, warning)
    covered = telling | warning
    for sentence, (_, _, asked) in enumerate(bounds):
        if sentence in covered:
            continue
        behind_news = bool(telling) and sentence > min(telling)
        beside_warning = asked and any(
            _in_one_paragraph(reading, starts[sentence], starts[other]) for other in warning
        )
        if beside_warning or ((behind_news or not offers) and sentence not in first_person):
            covered.add(sentence)
    return [(starts[sentence], ends[sentence]) for sentence in sorted(covered)]


def _news(reading: Reading, rules: list[Rule]) -> list[re.Match[str]]:
    """Words of news where the text has two different ones in a language."""
    found: list[re.Match[str]] = []
    for rule in rules:
        if rule.kind == "reporting":
            words = list(rule.compiled.finditer(reading.parted))
            if len({word.group() for word in words}) >= _REPORTED:
                found += words
    return found


def _warnings_and_first_person(reading: Reading) -> tuple[list[int], list[int]]:
    """Places of the words that warn, and of those of the first person, in the languages of the text."""
    warned: list[int] = []
    own: list[int] = []
    warnings, first_person = warning_bits(), concept_bits()["me_us"]
    for language in reading.spoken:
        masks = word_ideas(reading, language)
        for place, mask in enumerate(masks or ()):
            if mask & warnings:
                warned.append(reading.spans[place][0])
            if mask & first_person:
                own.append(reading.spans[place][0])
    return warned, own


def _shows_number(reading: Reading, starts: list[int], warning: set[int]) -> bool:
    """Whether a number to call stands elsewhere than in a warning or the sentences beside it."""
    near = {beside for sentence in warning for beside in (sentence - 1, sentence, sentence + 1)}
    return any(
        _sentence_at(number.start(), starts) not in near for number in _NUMBER.finditer(reading.parted)
    )


def _sentence_at(place: int, starts: list[int]) -> int:
    """Which of the sentences that start there (ascending) holds a place; what stands before all is the first's."""
    return max(bisect_right(starts, place) - 1, 0)


def _in_one_paragraph(reading: Reading, one: int, other: int) -> bool:
    return "\n\n" not in reading.parted[min(one, other) : max(one, other)]

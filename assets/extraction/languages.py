"""The language of a short text, among those that the tables know."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml

LANGUAGES = (
    "en", "es", "pt", "fr", "de", "it", "ro", "nl", "pl", "ru", "uk", "hu", "bg", "cs", "sk", "tr", "el", "sv",
    "da", "no", "fi", "sq", "sr", "hr", "ca",
)  # fmt: skip


# Below this many letters the source's language is the better guess; the count may stop once it is reached.
_FEW, _ENOUGH = 24, 100
# The model's time grows with the text; more than this changes its answer no more.
_READ = 240
# Words of grammar decide when they make this many points and this many times those of the next language.
_CLEAR, _LEAD = 2.5, 1.8


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LANGUAGES))
    return identifier


@lru_cache(maxsize=20_000)
def _classified(text: str) -> tuple[str, float]:
    language, probability = _identifier().classify(text)
    return str(language), float(probability)


@cache
def _function_words() -> dict[str, tuple[tuple[str, ...], float]]:
    """Word (folded) → the languages that have it and its weight, one shared by them."""
    languages: dict[str, set[str]] = {}
    for language, words in read_yaml("function_words.yaml").items():
        for word in words:
            languages.setdefault(fold(str(word)), set()).add("no" if language is False else language)
    return {word: (tuple(sorted(found)), 1.0 / len(found)) for word, found in languages.items()}


def scores(words: Iterable[str]) -> dict[str, float]:
    """Points per language by the different words of grammar among `words` (folded, lower case)."""
    points: dict[str, float] = {}
    known = _function_words()
    for word in set(words):
        if word not in known:
            continue
        languages, weight = known[word]
        for language in languages:
            points[language] = points.get(language, 0.0) + weight
    return points


def language_of(
    text: str, hint: str | None, points: dict[str, float] | None = None
) -> tuple[str | None, float]:
    """(ISO 639-1, confidence) of `text`; the hint decides where the text is short or the model unsure.

    `points` are the `scores` of its words: where they are clear no model is asked, which costs ten times as much.
    None when there are fewer than four letters and no hint.
    """
    hint = hint.lower()[:2] if hint else None
    if points:
        ranked = sorted(points.values(), reverse=True)
        second = ranked[1] if len(ranked) > 1 else 0.0
        if ranked[0] >= _CLEAR and ranked[0] >= _LEAD * second:
            best = max(points, key=points.__getitem__)
            return best, round(1.0 - 0.5 * second / ranked[0], 3)
        if hint is not None and points.get(hint, 0.0) == ranked[0] > second:
            # Too few words to be sure by themselves, but they are of the source's language.
            return hint, 0.9
    letters = sum(map(str.isalpha, text[:_ENOUGH]))
    if letters < _FEW:
        letters = sum(map(str.isalpha, text))
    if letters < 4:
        return hint, 0.3 if hint else 0.0
    language, probability = _classified(text[:_READ])
    language = "nb" if language == "no" else language
    if hint is None or hint == language:
        return language, round(probability, 3)
    if letters < _FEW or probability < 0.8:
        return hint, 0.5
    return language, round(probability, 3)

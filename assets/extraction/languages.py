"""The language of a short text, among those that the tables know."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

LANGUAGES = (
    "en", "es", "pt", "fr", "de", "it", "ro", "nl", "pl", "ru", "uk", "hu", "bg", "cs", "sk", "tr", "el", "sv",
    "da", "no", "fi", "sq", "sr", "hr", "ca",
)  # fmt: skip


# Below this many letters the source's language is the better guess; the count may stop once it is reached.
_FEW, _ENOUGH = 24, 100


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


def language_of(text: str, hint: str | None) -> tuple[str | None, float]:
    """(ISO 639-1, confidence) of `text`; the hint decides where the text is short or the model unsure.

    None when there are fewer than four letters and no hint.
    """
    letters = sum(map(str.isalpha, text[:_ENOUGH]))
    if letters < _FEW:
        letters = sum(map(str.isalpha, text))
    hint = hint.lower()[:2] if hint else None
    if letters < 4:
        return hint, 0.3 if hint else 0.0
    language, probability = _classified(text[:2_000])
    language = "nb" if language == "no" else language
    if hint is None or hint == language:
        return language, round(probability, 3)
    if letters < _FEW or probability < 0.8:
        return hint, 0.5
    return language, round(probability, 3)

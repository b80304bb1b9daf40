"""Reads the data files of the extractor once per process and only when a language is first met."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError

_VOCABULARY = Path(__file__).parent / "vocabulary"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FALLBACK_LANGUAGE = "en"


def read_data(relative: str) -> dict[str, Any]:
    """One YAML file of `vocabulary/` as a mapping. Raises FileNotFoundError when it does not exist."""
    with (_VOCABULARY / relative).open(encoding="utf-8") as stream:
        loaded = yaml.load(stream, Loader=_Loader)
    if not isinstance(loaded, dict):
        raise ValueError(f"vocabulary/{relative}: a mapping was expected")
    return loaded


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """Codes of the languages that have all three data files."""
    return tuple(
        sorted(
            path.stem
            for path in (_VOCABULARY / "metrics").glob("*.yaml")
            if (_VOCABULARY / "numbers" / path.name).exists()
            and (_VOCABULARY / "operations" / path.name).exists()
        )
    )


def locale_of(language: str) -> Locale:
    """What CLDR knows of a language; one that it does not know is taken for English."""
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return Locale(FALLBACK_LANGUAGE)


@dataclass(frozen=True)
class LanguageData:
    """The three data files of one language, as read."""

    code: str
    metrics: dict[str, Any]
    numbers: dict[str, Any]
    operations: dict[str, Any]


@lru_cache(maxsize=32)
def language_data(code: str) -> LanguageData:
    """Data of one language; a language without files is read as English."""
    if code not in languages():
        code = FALLBACK_LANGUAGE
    return LanguageData(
        code=code,
        metrics=read_data(f"metrics/{code}.yaml"),
        numbers=read_data(f"numbers/{code}.yaml"),
        operations=read_data(f"operations/{code}.yaml"),
    )

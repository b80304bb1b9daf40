"""The rule file of a language's number words, and how its words for digits are commonly misspelt."""

from __future__ import annotations

from functools import cache
from typing import Any

from assets.extraction.normalise import fold
from assets.extraction.rule_files import languages_with, read_yaml


def number_rules(language: str) -> dict[str, Any]:
    """The table of `language` (ISO 639-1) as its file has it. Raises FileNotFoundError when there is none."""
    folder = "numbers_at_home" if language in languages_with("numbers_at_home") else "numbers"
    rules: dict[str, Any] = read_yaml(f"{folder}/{language}.yaml")
    return rules


@cache
def misspellings(language: str) -> dict[str, int]:
    """How number words of `language` are written by ear (folded), with their values; some are other words, too."""
    listed = number_rules(language).get("misspelt", {})
    return {fold(spelling): int(value) for value, spellings in listed.items() for spelling in spellings}


@cache
def mistyped_digits(language: str) -> frozenset[str]:
    """The commonest slips in words for single digits of `language` (folded): a letter twice ("sevven"), or one that is
    not the first left out of four or more ("thre")."""
    found: set[str] = set()
    values = number_rules(language)["values"]
    for word in {fold(word) for digit in range(10) for word in values[digit]}:
        if len(word) >= 3:
            found.update(word[: at + 1] + word[at:] for at in range(len(word)))
        if len(word) >= 4:
            found.update(word[:at] + word[at + 1 :] for at in range(1, len(word)))
    return frozenset(found)

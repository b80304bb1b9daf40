"""How the signs of addresses are said in any of the languages ("arroba", "punto", "Schrägstrich")."""

from __future__ import annotations

from functools import cache

from assets.extraction.normalise import fold
from assets.extraction.rule_files import languages_with, read_yaml

_KINDS = ("at", "at_common", "dot", "dot_short", "slash", "hyphen", "underscore", "colon", "www")


@cache
def signs_in_words() -> dict[str, tuple[str, ...]]:
    """Words of all languages for each kind of sign, folded, the longest first. Texts may mix languages.

    Kinds: `at`, `at_common`, `dot`, `dot_short`, `slash`, `hyphen`, `underscore`, `colon`, `www`.
    """
    tables = [read_yaml(f"signs_in_words/{language}.yaml") for language in languages_with("signs_in_words")]
    return {
        kind: tuple(sorted({fold(str(word)) for table in tables for word in table[kind]}, key=_longest_first))
        for kind in _KINDS
    }


@cache
def by_ear() -> dict[str, str]:
    """Labels of addresses in Cyrillic letters, folded, and the ones that are meant."""
    return {fold(word): label for word, label in read_yaml("written_addresses.yaml")["by_ear"].items()}


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word

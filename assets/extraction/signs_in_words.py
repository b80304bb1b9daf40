"""How the signs of addresses are said in any of the languages ("arroba", "punto", "Schrägstrich")."""

from __future__ import annotations

from functools import cache

from assets.extraction.normalise import fold
from assets.extraction.rule_files import languages_with, read_yaml

_KINDS = ("at", "at_common", "dot", "dot_short", "slash", "hyphen", "underscore", "colon")


@cache
def signs_in_words() -> dict[str, tuple[str, ...]]:
    """Kind of sign (`at`, `at_common`, `dot`, `dot_short`, `slash`, `hyphen`, `underscore`, `colon`) → its words in all
    languages, folded, the longest first. Texts may mix languages, so one table serves all."""
    tables = [read_yaml(f"signs_in_words/{language}.yaml") for language in languages_with("signs_in_words")]
    return {
        kind: tuple(sorted({fold(str(word)) for table in tables for word in table[kind]}, key=_longest_first))
        for kind in _KINDS
    }


def _longest_first(word: str) -> tuple[int, str]:
    return -len(word), word

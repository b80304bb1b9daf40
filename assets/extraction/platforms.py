"""The platforms on which people have names, from `rules/platforms.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml


@dataclass(frozen=True)
class Platforms:
    """`names`: word → platform; `common`: words of prose among them; `hosts`: host → platform; more in the file."""

    names: dict[str, str]
    common: frozenset[str]
    name_words: tuple[str, ...]
    copulas: tuple[str, ...]
    name_on: tuple[str, ...]
    not_names: frozenset[str]
    hyphenated: frozenset[str]
    hosts: dict[str, str]
    before_name: frozenset[str]
    not_people: frozenset[str]


def _folded(words: list[Any]) -> tuple[str, ...]:
    return tuple(fold(str(word)) for word in words)


@cache
def platforms() -> Platforms:
    """The table, words folded."""
    table = read_yaml("platforms.yaml")
    grammar = [word for words in read_yaml("function_words.yaml").values() for word in words]
    return Platforms(
        names={fold(str(word)): platform for platform, words in table["names"].items() for word in words},
        common=frozenset(_folded(table["common"])),
        name_words=_folded(table["name_words"]),
        copulas=_folded(table["copulas"]),
        name_on=_folded(table["name_on"]),
        not_names=frozenset(_folded(table["not_names"] + grammar)),
        hyphenated=frozenset(table["hyphenated"]),
        hosts=dict(table["hosts"]),
        before_name=frozenset(table["before_name"]),
        not_people=frozenset(table["not_people"]),
    )

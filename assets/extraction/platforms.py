"""The platforms on which people have names, from `rules/platforms.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml


@dataclass(frozen=True)
class Platforms:
    """`names`: word → platform; `common`: words of prose among them; `hosts`: host → platform; more in the file."""

    names: dict[str, str]
    common: frozenset[str]
    name_words: tuple[str, ...]
    hosts: dict[str, str]
    before_name: frozenset[str]
    not_people: frozenset[str]


@cache
def platforms() -> Platforms:
    """The table, words folded."""
    table = read_yaml("platforms.yaml")
    return Platforms(
        names={fold(str(word)): platform for platform, words in table["names"].items() for word in words},
        common=frozenset(fold(str(word)) for word in table["common"]),
        name_words=tuple(fold(str(word)) for word in table["name_words"]),
        hosts=dict(table["hosts"]),
        before_name=frozenset(table["before_name"]),
        not_people=frozenset(table["not_people"]),
    )

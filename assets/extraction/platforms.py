"""The platforms on which people have names, from `rules/platforms.yaml`.

Long names are known with one mistake too ("telegarm", "instgram"): who mistypes them, by chance or on purpose,
means the same platform.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from assets.extraction.normalise import fold, latin_look_alike
from assets.extraction.rule_files import read_yaml


@dataclass(frozen=True)
class Platforms:
    """`names`: word → platform; `common`: words of prose among them; `hosts`: host → platform; more in the file."""

    names: dict[str, str]
    common: frozenset[str]
    name_words: tuple[str, ...]
    copulas: tuple[str, ...]
    connectors: tuple[str, ...]
    finding: frozenset[str]
    found_as: frozenset[str]
    possessives: tuple[str, ...]
    introducing: tuple[str, ...]
    of_platform: tuple[str, ...]
    both: tuple[str, ...]
    pictures: dict[str, str]
    name_on: tuple[str, ...]
    not_names: frozenset[str]
    hyphenated: frozenset[str]
    hosts: dict[str, str]
    before_name: frozenset[str]
    not_people: frozenset[str]


def _folded(words: list[Any]) -> tuple[str, ...]:
    return tuple(fold(str(word)) for word in words)


# Letters of a name that is known with a mistake in it; shorter ones are too close to words of prose.
_LONG_NAME = 8
_ALIKE = {"g": "q", "l": "i", "i": "l", "n": "m", "m": "n"}


def _mistyped(name: str) -> set[str]:
    """`name` with one letter left out, doubled or one that looks alike, or two swapped; its first letter stays."""
    if len(name) < _LONG_NAME or not name.isalpha():
        return set()
    places = range(1, len(name))
    return (
        {name[:at] + name[at + 1 :] for at in places}
        | {name[:at] + name[at] + name[at:] for at in places}
        | {name[:at] + _ALIKE[name[at]] + name[at + 1 :] for at in places if name[at] in _ALIKE}
        | {name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in places[:-1]}
    )


@cache
def platforms() -> Platforms:
    """The table, words folded."""
    table = read_yaml("platforms.yaml")
    grammar = [word for words in read_yaml("function_words.yaml").values() for word in words]
    names = {fold(str(word)): platform for platform, words in table["names"].items() for word in words}
    # A name in Cyrillic with one Latin letter among its own folds to all the Latin ones that look alike.
    names |= {
        "".join(map(latin_look_alike, name)): platform
        for name, platform in names.items()
        if not name.isascii()
    }
    common = frozenset(_folded(table["common"]))
    mistyped = {
        wrong: platform
        for name, platform in names.items()
        if name not in common
        for wrong in sorted(_mistyped(name))
    }
    return Platforms(
        names=mistyped | names,
        common=common,
        name_words=_folded(table["name_words"]),
        copulas=_folded(table["copulas"]),
        connectors=tuple({word: None for words in table["connectors"].values() for word in _folded(words)}),
        finding=frozenset(_folded(table["finding"])),
        found_as=frozenset(_folded(table["found_as"])),
        possessives=_folded(table["possessives"]),
        introducing=_folded(table["introducing"]),
        of_platform=_folded(table["of_platform"]),
        both=_folded(table["both"]),
        pictures={picture: platform for platform, listed in table["pictures"].items() for picture in listed},
        name_on=_folded(table["name_on"]),
        not_names=frozenset(_folded(table["not_names"] + grammar)),
        hyphenated=frozenset(table["hyphenated"]),
        hosts=dict(table["hosts"]),
        before_name=frozenset(table["before_name"]),
        not_people=frozenset(table["not_people"]),
    )

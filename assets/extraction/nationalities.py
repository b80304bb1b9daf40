"""Nationalities that a text claims for a person ("colombiana", "Rumänin"), as ISO 3166 alpha-2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assets.extraction.fact import Fact
from assets.extraction.normalise import fold
from assets.extraction.rule_files import languages_with, read_yaml

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_LETTERS = re.compile(r"[^\W\d_]+")
_NEAR = 3


class _Table:
    """One language's demonyms, folded."""

    def __init__(self, language: str) -> None:
        content = read_yaml(f"nationalities/{language}.yaml")
        endings = content.get("endings", [""])
        self.language = language
        self.countries: dict[str, str] = {}
        for country, forms in content["demonyms"].items():
            for form in forms:
                spelled = fold(form)
                if spelled.endswith("-"):
                    for ending in endings:
                        self.countries.setdefault(spelled[:-1] + fold(ending), country)
                else:
                    self.countries.setdefault(spelled, country)
        self.weak = frozenset(map(fold, content.get("weak", [])))
        self.person = frozenset(map(fold, content.get("person", [])))
        self.not_before = frozenset(map(fold, content.get("not_before", [])))
        self.not_after = frozenset(map(fold, content.get("not_after", [])))
        self.first_words = frozenset(
            first.group() for spelling in self.countries if (first := _LETTERS.match(spelling)) is not None
        )
        spellings = sorted(self.countries, key=len, reverse=True)
        self.pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, spellings))})(?![\w-])")


@cache
def _table(language: str) -> _Table | None:
    return _Table(language) if language in languages_with("nationalities") else None


def find_nationalities(text: str, languages: tuple[str, ...], claimed: bool = False) -> Iterator[Fact]:
    """Claimed nationalities in the folded, lower-case `text`, by the tables of `languages`, once per country.

    A word that also names a language, a dish or a service ("French", "griego") counts only close to a word for
    a person. One that says a language is spoken never counts. `claimed` says that the text is a field for the
    nationality, where every word counts.
    """
    seen: set[str] = set()
    words = frozenset(_LETTERS.findall(text))
    for language in languages:
        table = _table(language)
        if table is None or table.first_words.isdisjoint(words):
            continue
        for match in table.pattern.finditer(text):
            spelling = match.group()
            country = table.countries[spelling]
            before = [
                word.group() for word in _WORD.finditer(text[max(0, match.start() - 40) : match.start()])
            ]
            after = [word.group() for word in _WORD.finditer(text[match.end() : match.end() + 40])]
            if (
                before[-1:]
                and before[-1] in table.not_before
                and not _person_near(table, before[-1:], after[:1])
            ):
                continue
            if after and after[0] in table.not_after:
                continue
            near = claimed or _person_near(table, before[-_NEAR:], after[:_NEAR])
            if spelling in table.weak and not near:
                continue
            if country in seen:
                continue
            seen.add(country)
            confidence = 0.9 if near else 0.6
            yield Fact(
                "nationality",
                country,
                None,
                None,
                match.start(),
                match.end(),
                confidence,
                f"nationality.{language}",
            )


def _person_near(table: _Table, before: list[str], after: list[str]) -> bool:
    return any(word in table.person for word in before + after)

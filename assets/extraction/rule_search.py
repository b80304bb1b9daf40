"""Which pattern rules may match which text: one scan by a multi-pattern automaton, in place of one search a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from operator import itemgetter

import polars as pl

# Texts scanned at a time, which bounds the memory of the lists of hits.
_BATCH = 4_000


class OnDemand:
    """A pattern that is made when first asked for: of many rules with long lists of words most texts need few."""

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._make())

    def search(self, text: str) -> re.Match[str] | None:
        return self._compiled.search(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._compiled.finditer(text)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a rule file. `meaning` is the sign, or the kind of movement, it stands for; `required` are sets of
    strings of each of which every match holds one."""

    id: str
    kind: str
    meaning: str
    language: str
    confidence: float
    citation: str
    compiled: re.Pattern[str] | OnDemand = field(repr=False, compare=False)
    required: tuple[frozenset[str], ...] = field(repr=False, compare=False)


class _Scan:
    """The rules of some languages and the strings that make them worth trying.

    Each set of strings that rules require is a bit. A rule is looked at only where one set of its own, the one most
    seldom met to judge by the letters of its strings, is met in the text.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.always = [rule for rule in rules if not rule.required]
        bits: dict[frozenset[str], int] = {}
        wanted = []
        for rule in rules:
            if rule.required:
                need = 0
                for strings in rule.required:
                    need |= bits.setdefault(strings, 1 << len(bits))
                wanted.append((rule, need, min(rule.required, key=_frequency)))
        # Per set that a rule is looked at for: (what it needs, its place among all rules, the rule).
        self._rules: dict[int, list[tuple[int, int, Rule]]] = {}
        for place, (rule, need, rarest) in enumerate(wanted):
            self._rules.setdefault(bits[rarest], []).append((need, place, rule))
        self._sets: dict[str, int] = {}
        for strings, bit in bits.items():
            for string in strings:
                self._sets[string] = self._sets.get(string, 0) | bit
        self._looked_at = sum(self._rules)
        self.strings = list(self._sets)

    def candidates(self, hits: Iterable[str] | None) -> list[Rule]:
        met, sets = 0, self._sets
        for string in hits or ():
            met |= sets[string]
        found = []
        left = met & self._looked_at
        while left:
            bit = left & -left
            left ^= bit
            found += [(place, rule) for need, place, rule in self._rules[bit] if need & met == need]
        found.sort(key=itemgetter(0))
        return [rule for _, rule in found] + self.always


def _frequency(strings: frozenset[str]) -> float:
    """How often, on a scale of its own, a text holds one of `strings`: a letter more makes one a few times rarer."""
    return sum(4.0 ** -len(string) for string in strings)


@cache
def _scan(rules: tuple[Rule, ...]) -> _Scan:
    return _Scan(rules)


def candidates(texts: Sequence[str], rules: tuple[Rule, ...]) -> list[list[Rule]]:
    """Per text of `texts` (folded, lower case) those of `rules` that may match it; no rule that matches is left out."""
    scan = _scan(rules)
    if not scan.strings:
        return [scan.always for _ in texts]
    found: list[list[Rule]] = []
    for first in range(0, len(texts), _BATCH):
        series = pl.Series(texts[first : first + _BATCH], dtype=pl.String)
        hits = series.str.extract_many(scan.strings, overlapping=True).list.unique()
        found.extend(scan.candidates(hit) for hit in hits.to_list())
    return found

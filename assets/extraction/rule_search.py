"""Which pattern rules may match which text: one scan by a multi-pattern automaton, in place of one search a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import polars as pl

# Texts scanned at a time, which bounds the memory of the lists of hits.
_BATCH = 4_000


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
    compiled: re.Pattern[str] = field(repr=False, compare=False)
    required: tuple[frozenset[str], ...] = field(repr=False, compare=False)


class _Scan:
    """The rules of some languages and the strings that make them worth trying."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.always: list[Rule] = []
        self._rules: list[Rule] = []
        self._needs: list[int] = []
        slots: dict[str, list[tuple[int, int]]] = {}
        for rule in rules:
            sets = rule.required[:8]
            if not sets:
                self.always.append(rule)
                continue
            number = len(self._rules)
            self._rules.append(rule)
            self._needs.append((1 << len(sets)) - 1)
            for place, strings in enumerate(sets):
                for string in strings:
                    slots.setdefault(string, []).append((number, 1 << place))
        self._slots = slots
        self.strings = list(slots)

    def candidates(self, hits: Iterable[str] | None) -> list[Rule]:
        met: dict[int, int] = {}
        for string in hits or ():
            for number, bit in self._slots[string]:
                met[number] = met.get(number, 0) | bit
        found = [self._rules[number] for number in sorted(met) if met[number] == self._needs[number]]
        return found + self.always if self.always else found


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

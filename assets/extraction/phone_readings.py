"""The ways in which the parts of a run can be read as digits, where number words are among them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from assets.extraction.number_words import READINGS, NumberWords, Part, number_words, read_digits
from assets.extraction.phone_parts import NumberPart


class Atom(NamedTuple):
    """Digits that are read together: what `kind` of part they are, and the letters that touch them."""

    digits: str
    start: int
    end: int
    kind: str
    plus: bool
    glued_left: str
    glued_right: str


def atoms_of(run: list[NumberPart]) -> list[Atom]:
    """The parts of a run, each read as it is written."""
    return [Atom(p.text, p.start, p.end, p.kind, p.plus, p.glued_left, p.glued_right) for p in run]


class Remembered:
    """Readings that are made once, and only as far as they are asked for."""

    def __init__(self, made: Iterator[list[Atom]]) -> None:
        self._made, self._known = made, list[list[Atom]]()

    def __iter__(self) -> Iterator[list[Atom]]:
        yield from self._known
        for atoms in self._made:
            self._known.append(atoms)
            yield atoms


def readings_of(text: str, run: list[NumberPart], language: str | None) -> Iterator[list[Atom]]:
    """The run as digit atoms, in each way that its composed number words can be read."""
    table = number_words(language or "en")
    # Units alone ("seven seven zero") can be read in one way only.
    if not any(part.kind == "word" and part.text not in table.units for part in run):
        yield [
            Atom(
                str(table.values[part.text,]) if part.kind == "word" else part.text,
                part.start,
                part.end,
                part.kind,
                part.plus,
                part.glued_left,
                part.glued_right,
            )
            for part in run
        ]
        return
    parts = [
        Part(
            part.text,
            part.start,
            part.end,
            place + 1 < len(run) and text[part.end : run[place + 1].start].strip(" -") == "",
        )
        for place, part in enumerate(run)
    ]
    by_start = {part.start: part for part in run}
    by_end = {part.end: part for part in run}
    known: list[list[Atom]] = []
    ways = [(some, reading) for some in _ways_to_join(text, parts, table) for reading in READINGS]
    for joined, reading in ways:
        atoms = [
            Atom(
                digits,
                start,
                end,
                by_start[start].kind,
                by_start[start].plus,
                by_start[start].glued_left,
                by_end[end].glued_right,
            )
            for digits, start, end in read_digits(joined, table, reading)
        ]
        if atoms and atoms not in known:
            known.append(atoms)
            yield atoms


def _ways_to_join(text: str, parts: list[Part], table: NumberWords) -> list[list[Part]]:
    """The parts with different ones of them taken together: by hyphens alone, all, all but the last, no hundreds."""
    ways = [parts]
    hyphened = [
        text[a.end : b.start].strip() in ("-", "") and text[a.end : b.start] != " "
        for a, b in pairwise(parts)
    ]
    if any(hyphened) and not all(hyphened):
        ways.insert(
            0, [p._replace(soft=p.soft and h) for p, h in zip(parts, [*hyphened, False], strict=True)]
        )
    if len(parts) > 1:
        ways.append([*parts[:-2], parts[-2]._replace(soft=False), parts[-1]])
    if any(part.text in table.hundred for part in parts):
        behind = [*(part.text in table.hundred for part in parts[1:]), False]
        ways.append([p._replace(soft=p.soft and not h) for p, h in zip(parts, behind, strict=True)])
    return ways

"""Runs of letters and of digits in a row of characters, each of which is told by its class alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# What a character is; the last two bits tell runs apart.
BLANK, SIGN, DIGIT, LATIN, OTHER_SCRIPT, LETTER = 1, 5, 2, 3, 7, 11
_GROUP = 3
# What a run is made of.
OTHER, DIGITS, LETTERS = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Runs:
    """Letters or digits in a row: `begin`, `end`, `kind` (DIGITS or LETTERS); `group` (uint8) tells it per place.

    `letters` are the runs of letters, `touching` those with the next one right behind them (counted from 0), `plain`
    says that no letter is other than those of ASCII.
    """

    group: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    kind: np.ndarray
    letters: np.ndarray
    touching: np.ndarray
    plain: bool


def runs_of(kind: np.ndarray) -> Runs:
    """The runs of characters of the classes `kind` (uint8)."""
    group = kind & _GROUP
    borders = np.flatnonzero(group[1:] != group[:-1]) + 1
    begin = np.concatenate([[0], borders])[: len(group)]
    end = np.concatenate([borders, [len(group)]])[: len(group)]
    kinds = group.take(begin)
    real = np.flatnonzero(kinds != OTHER)
    begin, end, kinds = begin.take(real), end.take(real), kinds.take(real)
    return Runs(
        group,
        begin,
        end,
        kinds,
        letters=np.flatnonzero(kinds == LETTERS),
        touching=np.flatnonzero(begin[1:] == end[:-1]),
        plain=int(kind.max(initial=0)) <= SIGN,
    )


def chains(runs: Runs) -> tuple[np.ndarray, np.ndarray]:
    """First and last run of each row of letters and digits in turn that nothing parts."""
    touching = runs.touching
    if not len(touching):
        return touching, touching
    borders = np.flatnonzero(touching[1:] != touching[:-1] + 1)
    heads = touching.take(np.concatenate([[0], borders + 1]))
    return heads, touching.take(np.concatenate([borders, [len(touching) - 1]])) + 1

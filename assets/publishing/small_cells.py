"""Suppression of small cells: which counts of persons to hide, so that none can be computed from what is shown.

Primary suppression hides every count from 1 to `minimum` - 1. Complementary suppression hides more, until each small
count could, for all that is still shown, as well be `minimum` or more. What a reader can work out is measured, not
guessed: the most that each hidden cell can be, given every sum that binds the cells, is a linear programme (the
attacker's problem of Fischetti and Salazar, "Solving the cell suppression problem on tabular data with linear
constraints", Management Science 47(7), 2001). The cells to add are chosen greedily, so more may be hidden than the
least possible; never fewer.

The default of 10 is the usual threshold for figures on victims (CTDC, the Counter-Trafficking Data Collaborative,
publishes k-anonymous data with k = 10).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

DEFAULT_MINIMUM = 10


class Hidden:
    """The mark of a suppressed figure; there is one, `HIDDEN`."""

    def __str__(self) -> str:
        return "hidden"

    __repr__ = __str__


HIDDEN = Hidden()
Count: TypeAlias = int | Hidden
Cell: TypeAlias = Hashable


@dataclass(frozen=True)
class Sum:
    """That the cells `parts` add up to the cells `whole` and `known`, a number the reader is taken to know."""

    whole: tuple[Cell, ...]
    parts: tuple[Cell, ...]
    known: int = 0


def is_small(value: float | None, minimum: int) -> bool:
    """Whether a count of persons must not be shown: 1 to `minimum` - 1."""
    return value is not None and 0 < value < minimum


def cells_to_hide(
    cells: Mapping[Cell, int],
    sums: Sequence[Sum],
    minimum: int = DEFAULT_MINIMUM,
    unshown: frozenset[Cell] = frozenset(),
) -> set[Cell]:
    """The cells to hide: the small ones, `unshown`, and complements.

    `cells` holds a value for each cell of each sum; `unshown` names those that no table shows (a remainder, say) but
    that a reader could compute: they are protected like the others. Where the known numbers alone give a small cell
    away, hiding more is no help, and it stays hidden without protection.
    Raises `ValueError` for a sum that does not add up, for it would make the protection worthless.
    """
    for bound in sums:
        if sum(cells[cell] for cell in bound.whole) + bound.known != sum(cells[cell] for cell in bound.parts):
            raise ValueError("the figures of a report do not add up: a sum of small_cells.Sum is not one")
    # The smallest first, then by name, so that the same figures always hide the same cells.
    waiting = sorted(
        (cell for cell, value in cells.items() if is_small(value, minimum)),
        key=lambda cell: (cells[cell], str(cell)),
    )
    hidden = {*waiting, *unshown}
    while waiting:
        # One solution usually shows that nearly all cells are safe; only the others need one of their own.
        safe = safe_cells(waiting, cells, sums, hidden, minimum)
        waiting = [cell for cell in waiting if cell not in safe]
        if not waiting or (not safe and safe_cells(waiting[:1], cells, sums, hidden, minimum)):
            waiting = waiting[1:]
            continue
        if safe:
            continue
        complement = _complement(waiting[0], cells, sums, hidden)
        if complement is None:
            waiting = waiting[1:]
        else:
            hidden.add(complement)
    return hidden


def safe_cells(
    goals: Sequence[Cell], cells: Mapping[Cell, int], sums: Sequence[Sum], hidden: set[Cell], minimum: int
) -> set[Cell]:
    """Those of `goals` that are `minimum` or more in one solution that agrees with every cell not in `hidden`.

    The solution raises as many of them as it can at once, so one that it leaves low may still be safe; ask for that
    one alone. Counts are relaxed to real numbers.
    """
    # Variables: the hidden cells, then for each goal how much of it counts, at most `minimum`.
    place = {cell: number for number, cell in enumerate(sorted(hidden, key=str))}
    size = len(place)
    bound_sums = [bound for bound in sums if any(cell in place for cell in (*bound.whole, *bound.parts))]
    constants = np.array([float(bound.known) for bound in bound_sums])
    entries: list[tuple[int, int, float]] = []
    for row, bound in enumerate(bound_sums):
        for sign, side in ((1.0, bound.parts), (-1.0, bound.whole)):
            for cell in side:
                if cell in place:
                    entries.append((row, place[cell], sign))
                else:
                    constants[row] -= sign * cells[cell]
    counted = [
        entry
        for number, cell in enumerate(goals)
        for entry in ((number, size + number, 1.0), (number, place[cell], -1.0))
    ]
    width = size + len(goals)
    solved = linprog(
        np.r_[np.zeros(size), -np.ones(len(goals))],
        A_ub=_matrix(counted, len(goals), width),
        b_ub=np.zeros(len(goals)),
        A_eq=_matrix(entries, len(bound_sums), width) if bound_sums else None,
        b_eq=constants if bound_sums else None,
        bounds=[(0, None)] * size + [(0, minimum)] * len(goals),
        method="highs",
    )
    if not solved.success:
        raise ValueError("the figures of a report contradict each other")
    return {cell for number, cell in enumerate(goals) if solved.x[size + number] > minimum - 1e-6}


def _matrix(entries: Sequence[tuple[int, int, float]], height: int, width: int) -> csr_array:
    rows, columns, values = (np.array(part) for part in zip(*entries, strict=True))
    return csr_array((values, (rows.astype(int), columns.astype(int))), shape=(height, width))


def _complement(cell: Cell, cells: Mapping[Cell, int], sums: Sequence[Sum], hidden: set[Cell]) -> Cell | None:
    """The smallest shown cell of a sum that binds `cell`, directly or over other hidden cells.

    Zeros after others, and totals after all: without its total a table says least.
    """
    totals = {other for bound in sums for other in bound.whole}
    for spared in (totals, set[Cell]()):
        reached, edge = {cell}, {cell}
        while edge:
            near = {
                other
                for bound in sums
                for other in (*bound.whole, *bound.parts)
                if edge & {*bound.whole, *bound.parts}
            }
            shown = sorted(
                near - hidden - spared, key=lambda other: (cells[other] == 0, cells[other], str(other))
            )
            if shown:
                return shown[0]
            # Over a shown cell nothing binds any more.
            edge = (near & hidden) - reached
            reached |= near
    return None

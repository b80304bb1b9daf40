"""Suppression: small counts are hidden, and stay unknown to a reader who can add and subtract."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.publishing.small_cells import HIDDEN, Cell, Sum, cells_to_hide


def table(body: list[list[int]]) -> tuple[dict[Cell, int], list[Sum]]:
    """A two-way table with its margins and grand total, all published."""
    cells: dict[Cell, int] = {
        (row, column): value for row, values in enumerate(body) for column, value in enumerate(values)
    }
    sums = []
    for row, values in enumerate(body):
        cells[(row, "all")] = sum(values)
        sums.append(Sum(((row, "all"),), tuple((row, column) for column in range(len(values)))))
    for column in range(len(body[0])):
        cells[("all", column)] = sum(values[column] for values in body)
        sums.append(Sum((("all", column),), tuple((row, column) for row in range(len(body)))))
    cells["total"] = sum(map(sum, body))
    sums.append(Sum(("total",), tuple((row, "all") for row in range(len(body)))))
    sums.append(Sum(("total",), tuple(("all", column) for column in range(len(body[0])))))
    return cells, sums


def could_be(body: list[list[int]], hidden: set[Cell], wanted: Cell, minimum: int) -> bool:
    """Whether any table of small numbers that agrees with all that is shown has `minimum` or more in `wanted`."""
    shown = {cell: value for cell, value in table(body)[0].items() if cell not in hidden}
    for a, b, c, d in product(range(10), repeat=4):
        tried: dict[Cell, int] = {(0, 0): a, (0, 1): b, (1, 0): c, (1, 1): d}
        tried |= {
            (0, "all"): a + b,
            (1, "all"): c + d,
            ("all", 0): a + c,
            ("all", 1): b + d,
            "total": a + b + c + d,
        }
        if tried[wanted] >= minimum and all(tried[cell] == value for cell, value in shown.items()):
            return True
    return False


def test_large_cells_alone_hide_nothing() -> None:
    assert cells_to_hide({"a": 10, "b": 30, "none": 0}, [], 10) == set()


def test_a_small_cell_takes_another_with_it_where_the_total_is_known() -> None:
    cells: dict[Cell, int] = {"total": 73, "a": 3, "b": 20, "c": 50}
    assert cells_to_hide(cells, [Sum(("total",), ("a", "b", "c"))], 10) == {"a", "b"}


def test_two_small_cells_that_add_up_to_little_take_a_third() -> None:
    """3 and 1 hidden: their sum of 4 would say that each is small, and which is at most 4."""
    cells: dict[Cell, int] = {"total": 54, "a": 3, "b": 1, "c": 50}
    assert cells_to_hide(cells, [Sum(("total",), ("a", "b", "c"))], 10) == {"a", "b", "c"}


def test_a_remainder_nobody_shows_is_protected() -> None:
    """Of 40 leads 37 are on victims: the 3 others can be computed, so one of the two goes."""
    cells: dict[Cell, int] = {"leads": 40, "victims": 37, "others": 3}
    hidden = cells_to_hide(cells, [Sum(("leads",), ("victims", "others"))], 10, frozenset({"others"}))
    assert hidden == {"others", "victims"}


def test_a_known_number_is_no_cell_to_hide() -> None:
    cells: dict[Cell, int] = {"a": 4, "b": 30, "c": 60}
    assert cells_to_hide(cells, [Sum((), ("a", "b", "c"), known=94)], 10) == {"a", "b"}


def test_figures_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        cells_to_hide({"total": 12, "a": 3, "b": 8}, [Sum(("total",), ("a", "b"))], 10)


def test_hidden_is_said_in_a_word() -> None:
    assert str(HIDDEN) == "hidden"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=2, max_size=2))
def test_every_small_cell_could_as_well_be_large(body: list[list[int]]) -> None:
    minimum = 3
    cells, sums = table(body)
    hidden = cells_to_hide(cells, sums, minimum)
    small = {cell for cell, value in cells.items() if 0 < value < minimum}
    assert small <= hidden
    assert all(could_be(body, hidden, cell, minimum) for cell in small)

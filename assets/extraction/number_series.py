"""Rows of small numbers that run up or down: counts, sizes, draws of a lottery; no number to call."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def is_counting(groups: Sequence[str], fewest: int = 7) -> bool:
    """ "One two three four …" and the countdown, of at least `fewest` numbers, are no number to call."""
    if len(groups) < fewest:
        return False
    values = [int(digits) for digits in groups]
    return {b - a for a, b in pairwise(values)} in ({1}, {-1})


def is_series(groups: Sequence[str]) -> bool:
    """Five or more small numbers in rising or falling order (sizes, draws of a lottery), or rising round prices."""
    if is_price_row(groups):
        return True
    if len(groups) < 5 or any(len(digits) > 2 or digits[0] == "0" for digits in groups):
        return False
    signs = {(int(b) > int(a)) - (int(b) < int(a)) for a, b in pairwise(groups)}
    return signs in ({1}, {-1})


def is_price_row(groups: Sequence[str]) -> bool:
    """Three or more round amounts, each higher than the one before: "150 200 300" for half an hour and more."""
    if len(groups) < 3 or any(
        not 2 <= len(digits) <= 4 or digits[0] == "0" or digits[-1] != "0" for digits in groups
    ):
        return False
    return all(int(a) < int(b) for a, b in pairwise(groups))


def rises_or_falls(groups: list[str]) -> bool:
    """Whether each of four or more numbers is greater than the one before, or each smaller: prices, ages, times,
    what goes into a dough."""
    if len(groups) < 4 or any(group[0] == "0" for group in groups):
        return False
    return {(int(a) < int(b)) - (int(a) > int(b)) for a, b in pairwise(groups)} in ({1}, {-1})

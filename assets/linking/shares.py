"""Rows taken apart by a number that they are joined by, so that a run over everything holds little at once."""

from collections.abc import Callable, Iterator
from functools import partial

import polars as pl

# Rows that are looked at together.
SHARE_ROWS = 1_000_000


def shares_of(rows: int) -> Iterator[Callable[[str], pl.Expr]]:
    """For each share of so many rows, what says which rows are in it, given the name of a column of whole numbers:
    rows of one number are in one share."""
    shares = 1 + rows // SHARE_ROWS
    for share in range(shares):
        yield partial(_is_of, share, shares)


def _is_of(share: int, shares: int, column: str) -> pl.Expr:
    return pl.lit(True) if shares == 1 else pl.col(column) % shares == share

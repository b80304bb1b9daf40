"""How many different values stand beside each of many groups, in arrays.

Grouping rows by keys for each such number costs ten times what marking them in arrays does.
"""

import numpy as np
import polars as pl

# Groups times values are marked in an array of at most so many places, else sorted.
MOST_CELLS = 2**26
# So many cells are counted in an array, more by sorting them.
MOST_COUNTED = 2**22


def grouped(keys: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The number of each row's group, by keys without nulls (whole numbers or others); the first row of each group."""
    group = _ranks(keys.to_numpy()) if keys.dtype.is_integer() else None
    if group is None:
        group = keys.rank("dense").to_numpy().astype(np.int64) - 1
    first = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    # Of what is assigned to one place several times the last remains.
    first[group[::-1]] = np.arange(len(group))[::-1]
    return group, first


def _ranks(numbers: np.ndarray) -> np.ndarray | None:
    """The place of each number among the different ones; None where these lie too far apart to be marked."""
    if not len(numbers):
        return numbers.astype(np.int64)
    lowest = numbers.min()
    if numbers.max() - lowest >= MOST_CELLS:
        return None
    place = numbers - lowest
    there = np.zeros(int(place.max()) + 1, dtype=bool)
    there[place] = True
    ranks: np.ndarray = (np.cumsum(there) - 1)[place]
    return ranks


def numbered(values: pl.Series) -> tuple[np.ndarray, int]:
    """A number for each different value, that behind the last for a null; how many there are."""
    if values.dtype == pl.String:
        values = values.cast(pl.Enum(values.drop_nulls().unique()))
    known = values.drop_nulls()
    whole = known.to_physical()
    if known.dtype.is_float():
        # Ages are whole numbers nearly always.
        whole = known.cast(pl.Int64, strict=False)
        if whole.null_count() or not (whole == known).all():
            whole = known
    rank = _ranks(whole.to_numpy()) if whole.dtype.is_integer() else None
    if rank is None:
        rank = known.rank("dense").to_numpy().astype(np.int64) - 1
    many = int(rank.max(initial=-1)) + 1
    if len(known) == len(values):
        return rank, many
    numbers = np.full(len(values), many, dtype=np.int64)
    numbers[values.is_not_null().to_numpy()] = rank
    return numbers, many


def distinct(group: np.ndarray, values: pl.Series, groups: int) -> np.ndarray:
    """How many different values, but for nulls, stand beside each of so many groups."""
    if values.dtype == pl.UInt64:
        # Hashes, of which nearly each row has another.
        pairs = pl.DataFrame({"group": group, "value": values}).drop_nulls().unique()
        return np.bincount(pairs["group"].to_numpy(), minlength=groups)
    number, many = numbered(values)
    known = np.flatnonzero(number < many)
    cells = group[known] * many + number[known]
    if groups * many <= MOST_CELLS:
        there = np.zeros(groups * many, dtype=bool)
        there[cells] = True
        found: np.ndarray = there.reshape(groups, many).sum(axis=1)
        return found
    return np.bincount(np.unique(cells) // many, minlength=groups)


def most_in_one(group: np.ndarray, parts: np.ndarray, groups: int) -> np.ndarray:
    """How many rows the largest part of each of so many groups has; 0 without rows. `parts`: of each row."""
    most = np.zeros(groups, dtype=np.int64)
    many = int(parts.max(initial=0)) + 1
    cells = group * many + parts
    if groups * many <= MOST_COUNTED:
        counts = np.bincount(cells, minlength=groups * many)
        most[:] = counts.reshape(groups, many).max(axis=1)
        return most
    cells, counts = np.unique(cells, return_counts=True)
    np.maximum.at(most, cells // many, counts)
    return most

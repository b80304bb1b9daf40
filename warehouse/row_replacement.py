"""Rows replaced inside a table: which rows of its part files are gone.

A big table of which a day changes few rows is not written anew: a commit adds a part with the new rows, and names the
old rows by file and place in a part of `removed/<table>`. For every reader these do not exist (`PartStore.scan`).
Once much of a table is gone, or it lies in many files, the next commit writes it anew as one.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

import polars as pl

# Number of a row over the files of a table, in the order of their commits; no table has such a column.
ROW = "part_row"
REMOVALS = {"path": pl.String(), "row": pl.Int64()}

# A table is written anew when this share of its stored rows is gone, or it lies in so many files, or is so small that
# the bookkeeping would cost more than the rows.
MOST_GONE = 0.25
MOST_FILES = 32
SMALL_TABLE = 5_000


def removals_of(table: str) -> str:
    """The table that names the rows of `table` that are gone."""
    return f"removed/{table}"


def gone_rows(sizes: Mapping[str, int], removals: Sequence[Path]) -> pl.Series:
    """The rows that are gone, numbered over all files. `sizes`: rows of each file by its path, in order.

    `removals`: parts of `removed/<table>`; the rows that they name of other files count for nothing.
    """
    return (
        pl.read_parquet(list(removals))
        .join(_starts(sizes), on="path")
        .select((pl.col("row") + pl.col("start")).cast(pl.get_index_type()).alias(ROW))[ROW]
    )


def removal_frame(sizes: Mapping[str, int], rows: pl.Series) -> pl.DataFrame:
    """The frame of `removed/<table>` (`REMOVALS`) that takes these rows, numbered over all files, out."""
    return (
        pl.DataFrame({ROW: rows.cast(pl.Int64)})
        .sort(ROW)
        .join_asof(_starts(sizes), left_on=ROW, right_on="start")
        .select("path", (pl.col(ROW) - pl.col("start")).alias("row"))
    )


def worth_rewriting(sizes: Mapping[str, int], gone: int) -> bool:
    """Whether a table of these files, so many rows of which are gone, is better written anew."""
    stored = sum(sizes.values())
    return stored < SMALL_TABLE or len(sizes) >= MOST_FILES or gone > MOST_GONE * stored


def without_removed(relation: str, home: Path, removals: Sequence[Path]) -> str:
    """SQL (DuckDB) for the rows of `relation` that are there. It has `filename` and `file_row_number`."""
    if not removals:
        return relation
    files = ", ".join(_quoted(file) for file in removals)
    return (
        f"(SELECT * FROM {relation} AS stored ANTI JOIN (SELECT {_quoted(home)} || '/' || path AS filename, "
        f'"row" AS file_row_number FROM read_parquet([{files}])) AS gone USING (filename, file_row_number))'
    )


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


def _starts(sizes: Mapping[str, int]) -> pl.DataFrame:
    """Number of each file's first row: path, start."""
    starts = [0, *accumulate(sizes.values())][:-1]
    frame = pl.DataFrame(
        {"path": list(sizes), "start": starts}, schema={"path": pl.String, "start": pl.Int64}
    )
    # An empty file has no rows; the one after it begins at the same number.
    return frame.filter(pl.Series([size > 0 for size in sizes.values()], dtype=pl.Boolean)).sort("start")

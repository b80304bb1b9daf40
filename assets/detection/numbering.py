"""Numbers in place of keys and words: places in a list of them, which only grows.

A pass over a column of numbers costs a tenth of one over keys, and what is said of a key is found by its number.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl

NUMBER = pl.UInt32()
# A word that an item says or that is said of it, from a closed list, as its place in the list of words.
WORD = pl.UInt32()


def places(known: pl.Series, wanted: pl.Series) -> pl.DataFrame:
    """Where each of the wanted keys stands in the list of known ones: key, place (UInt32); none of others."""
    return (
        known.alias("key")
        .to_frame()
        .with_row_index("place")
        .join(wanted.alias("key").to_frame().unique(), on="key")
        .select("key", pl.col("place").cast(NUMBER))
    )


def extended(known: pl.Series, wanted: Iterable[pl.Series]) -> tuple[pl.Series, pl.DataFrame]:
    """The list of known keys with those wanted that were not in it at its end; where each of the wanted stands: key,
    place (UInt32). A null is no key."""
    keys = pl.concat([known.clear(), *(some.unique() for some in wanted)]).unique().drop_nulls()
    found = places(known, keys) if len(known) else places(keys.clear(), keys)
    new = keys.filter(~keys.is_in(found["key"].implode())) if found.height else keys
    added = pl.DataFrame(
        {"key": new, "place": pl.Series(range(len(known), len(known) + len(new)), dtype=NUMBER)}
    )
    return pl.concat([known, new.alias(known.name)]), pl.concat([found, added])


def numbers(keys: pl.Series, placed: pl.DataFrame) -> pl.Series:
    """The place of each key, in order; null where it has none. `placed` from `places` or `extended`."""
    return (
        keys.alias("key")
        .to_frame()
        .join(placed, on="key", how="left", maintain_order="left")["place"]
        .alias(keys.name)
    )


def in_numbers(
    frame: pl.DataFrame, columns: Iterable[str], words: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """The frame with the numbers (`WORD`) of the words in these columns; the list of words, which may have grown."""
    names = [name for name in columns if name in frame.columns]
    words, placed = extended(words, [frame[name].cast(pl.String) for name in names])
    return frame.with_columns(numbers(frame[name].cast(pl.String), placed) for name in names), words


def index_of(numbers: pl.Series, none: int) -> np.ndarray:
    """The numbers as an array, with `none` for a null: the place behind the last of an array that it indexes."""
    index: np.ndarray = (numbers.fill_null(none) if numbers.null_count() else numbers).to_numpy()
    return index


def marks(length: int, marked: np.ndarray | pl.Series) -> np.ndarray:
    """A mask of this length, and a last place that is never marked, for nulls."""
    mask = np.zeros(length + 1, dtype=bool)
    mask[np.asarray(marked, dtype=np.int64)] = True
    return mask

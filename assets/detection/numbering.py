"""Numbers in place of keys and words: places in a list of them, which only grows.

A pass over a column of numbers costs a tenth of one over keys, and what is said of a key is found by its number.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
import polars as pl

NUMBER = pl.UInt32()
# A word that an item says or that is said of it, from a closed list, as its place in the list of words.
WORD = pl.UInt32()
# Of one key in so many that are known, or more, a join is faster than a search in their order.
MANY = 8
# A search among sorted numbers costs as much as a look at so many of them.
SEARCHES = 200
# Rows that are looked at together: their arrays stay in the processor's cache.
CACHED_ROWS = 2**18


def places(known: pl.Series, wanted: pl.Series) -> pl.DataFrame:
    """Where each of the wanted keys stands in the list of known ones: key, place (UInt32); none of others."""
    return (
        known.alias("key")
        .to_frame()
        .with_row_index("place")
        .join(wanted.alias("key").to_frame().unique(), on="key")
        .select("key", pl.col("place").cast(NUMBER))
    )


def ordered(keys: pl.Series, first: int) -> pl.DataFrame:
    """An order of keys that stand in a list from the place `first` on: hash (UInt64, rising), place (UInt32)."""
    hashes = keys.hash().to_numpy()
    order = np.argsort(hashes, kind="stable")
    return pl.DataFrame({"hash": hashes[order], "place": (order + first).astype(np.uint32)})


def found(known: pl.Series, orders: Sequence[pl.DataFrame], wanted: pl.Series) -> pl.DataFrame:
    """As `places`, by the orders of the first known keys (`ordered`): of few wanted keys at the cost of these. A key
    that is known several times has all its places."""
    covered = sum(order.height for order in orders)
    if len(wanted) > covered // MANY:
        return places(known, wanted)
    wanted = wanted.unique().drop_nulls()
    hashes = wanted.hash().to_numpy()
    which, place = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.uint32)]
    rising = np.argsort(hashes)
    for order in orders:
        held = order["hash"].to_numpy()
        begin = np.searchsorted(held, hashes[rising])
        end = _ends(held, hashes[rising], begin)
        rows = ranges(begin, end)
        which.append(np.repeat(rising, end - begin))
        place.append(order["place"].to_numpy()[rows])
    keys = pl.DataFrame(
        {
            "key": wanted.gather(np.concatenate(which)),
            "place": np.concatenate(place),
        }
    )
    # Two keys may have one hash.
    keys = keys.filter(known.gather(keys["place"]) == keys["key"])
    if covered < len(known):
        behind = places(known[covered:], wanted).with_columns(pl.col("place") + covered)
        keys = pl.concat([keys, behind.cast({"place": NUMBER})])
    return keys


def _ends(held: np.ndarray, wanted: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Where what is wanted ends among the numbers held (rising), by where it begins: few are held more than once."""
    end, going = begin.copy(), np.arange(len(begin))
    while len(going):
        going = going[end[going] < len(held)]
        going = going[held[end[going]] == wanted[going]]
        end[going] += 1
    return end


def ranges(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The numbers from each begin to before its end, one range behind the other."""
    lengths = end - begin
    filled: np.ndarray = np.repeat(begin - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    return filled


def rows_about(items: pl.Series, wanted: np.ndarray) -> np.ndarray:
    """The places of the rows about the wanted items (both rising numbers)."""
    if len(wanted) * SEARCHES > len(items):
        # The last is the highest.
        highest = int(items[-1]) if len(items) else 0
        asked = marks(highest + 1, wanted[wanted <= highest])
        return rows_where(items.to_frame(), (items.name,), marked(asked))
    begin, rows = 0, [np.zeros(0, dtype=np.int64)]
    for chunk in items.get_chunks():
        held = chunk.to_numpy()
        # Of another type all items would be converted to be searched.
        some = wanted.astype(held.dtype)
        rows.append(begin + ranges(*(np.searchsorted(held, some, side) for side in ("left", "right"))))
        begin += len(held)
    return np.concatenate(rows)


def pieces(
    frame: pl.DataFrame, columns: Sequence[str], none: int = 0
) -> Iterator[tuple[int, list[np.ndarray]]]:
    """The arrays of some columns, some rows at once, so that no array of all rows is made, with the first one's place;
    `none` stands for a null."""
    begin, held = 0, frame[list(columns)]
    for chunk in held.to_series(0).get_chunks():
        for start in range(begin, begin + len(chunk), CACHED_ROWS):
            some = held[start : min(start + CACHED_ROWS, begin + len(chunk))]
            yield start, [index_of(each, none) for each in some]
        begin += len(chunk)


def rows_where(
    frame: pl.DataFrame, columns: Sequence[str], holds: Callable[..., np.ndarray], none: int = 0
) -> np.ndarray:
    """The places of the rows of which something holds: a mask by the arrays of these columns (`pieces`)."""
    rows = [begin + np.flatnonzero(holds(*some)) for begin, some in pieces(frame, columns, none)]
    return np.concatenate([np.zeros(0, dtype=np.int64), *rows])


def marked(mask: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """For `rows_where`: which numbers a mask (`marks`) marks. Those behind its last place are looked up there."""
    return partial(mask.take, mode="clip")


def picked(frame: pl.DataFrame, columns: Sequence[str], rows: np.ndarray) -> pl.DataFrame:
    """These rows (rising numbers) and columns of a frame, at the cost of these.

    Polars would put the columns of a frame together anew, all of them, where they lie in other chunks than each other.
    """
    frame = frame[list(columns)]
    ends = np.cumsum([len(chunk) for chunk in frame.to_series(0).get_chunks()])
    begin, some = 0, [frame.clear()]
    for end, more in zip(ends.tolist(), np.split(rows, np.searchsorted(rows, ends[:-1])), strict=True):
        some.append(frame[begin:end][more - begin])
        begin = end
    return pl.concat(some, rechunk=True)


def extended(
    known: pl.Series, wanted: Iterable[pl.Series], orders: Sequence[pl.DataFrame] = ()
) -> tuple[pl.Series, pl.DataFrame]:
    """The list of known keys with those wanted that were not in it at its end; where each of the wanted stands: key,
    place (UInt32). A null is no key. `orders` as for `found`."""
    told = (some.unique() if len(some) > CACHED_ROWS else some for some in wanted)
    keys = pl.concat([known.clear(), *told]).unique().drop_nulls()
    found_keys = found(known, orders, keys) if len(known) else places(keys.clear(), keys)
    new = keys.filter(~keys.is_in(found_keys["key"].implode())) if found_keys.height else keys
    added = pl.DataFrame(
        {"key": new, "place": pl.Series(range(len(known), len(known) + len(new)), dtype=NUMBER)}
    )
    return pl.concat([known, new.alias(known.name)]), pl.concat([found_keys, added])


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
    words, _ = extended(words, [frame[name].cast(pl.String) for name in names])
    listed = pl.Enum(words)
    return frame.with_columns(pl.col(name).cast(listed).to_physical().cast(WORD) for name in names), words


def index_of(numbers: pl.Series, none: int) -> np.ndarray:
    """The numbers as an array, with `none` for a null: the place behind the last of an array that it indexes."""
    index: np.ndarray = (numbers.fill_null(none) if numbers.null_count() else numbers).to_numpy()
    return index


def marks(length: int, marked: np.ndarray | pl.Series) -> np.ndarray:
    """A mask of this length, and a last place that is never marked, for nulls."""
    mask = np.zeros(length + 1, dtype=bool)
    mask[np.asarray(marked, dtype=np.int64)] = True
    return mask

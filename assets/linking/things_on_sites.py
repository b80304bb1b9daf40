"""Things on sites, by numbers: which identifiers, account names and texts stand on which sites, and on how many items.

Counts, so that what a day brings can be added and what it takes away subtracted, exactly. A site's number is its place
in a list that only grows.
"""

from itertools import combinations

import numpy as np
import polars as pl

from assets.linking.contacts import KIND_WEIGHT, STRONG_WEIGHT
from assets.linking.site_evidence import MAX_SITES_OF_AN_IDENTIFIER, PAIR
from assets.linking.text_shingles import ranges
from quality.contracts.columns import IDENTIFIER_KINDS

# `what` of a thing: the place of an identifier's kind in `IDENTIFIER_KINDS`, or one of these.
NAME = len(IDENTIFIER_KINDS)
TEXT = NAME + 1
_IS_STRONG = np.array([KIND_WEIGHT[kind] >= STRONG_WEIGHT for kind in IDENTIFIER_KINDS] + [True, False])
# key: number of an identifier, name or text. country: calling code of a phone, else 0. items: on how many of the site.
THINGS: dict[str, pl.DataType] = {
    "key": pl.UInt64(),
    "site": pl.UInt32(),
    "what": pl.UInt8(),
    "country": pl.UInt16(),
    "items": pl.UInt32(),
}
# How many things on few sites each site has, by their country (0: none); texts are not counted.
RARE: dict[str, pl.DataType] = {
    "site": pl.UInt32(),
    "country": pl.UInt16(),
    "is_name": pl.Boolean(),
    "things": pl.UInt32(),
}
# What stands on both of two sites and on few.
SHARED = ("shared_contacts", "shared_images", "shared_texts", "shared_accounts")
ON_BOTH: dict[str, pl.DataType] = {
    "site_a": pl.UInt32(),
    "site_b": pl.UInt32(),
    **{name: pl.UInt32() for name in SHARED},
}


def kind_number(kind: str) -> int:
    """`what` of an identifier of this kind."""
    return IDENTIFIER_KINDS.index(kind)


def add_things(
    things: pl.DataFrame, changes: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The things (`THINGS`, sorted by key and site) with changes put in, and the rows of all keys that are in the
    changes before and after. `changes`: the same columns, `items` Int64 and negative where items went.
    """
    keys = changes["key"].unique().sort().to_numpy()
    low, high = _places(things, keys)
    known = ranges(low, high - low)
    before = things[known]
    after = (
        pl.concat([before.with_columns(pl.col("items").cast(pl.Int64)), changes])
        .group_by("key", "site")
        .agg(pl.col("what").first(), pl.col("country").max(), pl.col("items").sum())
        .filter(pl.col("items") > 0)
        .sort("key", "site")
        .select(pl.col(name).cast(kind) for name, kind in THINGS.items())
    )
    return replaced_rows(things, known, after), before, after


def replaced_rows(frame: pl.DataFrame, gone: np.ndarray, rows: pl.DataFrame) -> pl.DataFrame:
    """`frame`, sorted by key, without the rows `gone` (places, ascending) and with `rows`, sorted by key, where they
    belong.

    No key may be both among the rows and among those that stay.
    """
    if frame.is_empty():
        return rows
    stays = np.ones(frame.height, dtype=bool)
    stays[gone] = False
    place = np.searchsorted(frame["key"].to_numpy(), rows["key"].to_numpy())
    place -= np.searchsorted(gone, place)
    place += np.arange(len(place))
    is_own = np.ones(frame.height - len(gone) + rows.height, dtype=bool)
    is_own[place] = False
    columns = []
    for column in frame:
        own = column.to_numpy()
        merged = np.empty(len(is_own), dtype=own.dtype)
        merged[is_own] = own[stays]
        merged[place] = rows[column.name].to_numpy()
        columns.append(pl.Series(column.name, merged, dtype=column.dtype))
    return pl.DataFrame(columns)


def rows_of(frame: pl.DataFrame, keys: np.ndarray) -> np.ndarray:
    """The places of the rows with one of these keys (sorted, each once); `frame` is sorted by key."""
    low, high = _places(frame, keys)
    return ranges(low, high - low)


def _places(frame: pl.DataFrame, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    own = frame["key"].to_numpy()
    return np.searchsorted(own, keys), np.searchsorted(own, keys, side="right")


def rows_among(frame: pl.DataFrame, column: str, keys: np.ndarray) -> pl.DataFrame:
    """The rows of `frame` with one of these keys (UInt64)."""
    return frame.filter(is_among(frame[column], pl.Series(keys)))


def is_among(values: pl.Series, keys: pl.Series) -> pl.Series:
    """Which values (Boolean, none of them null) are among these keys (of one type)."""
    return values.is_in(keys.implode()).fill_null(False)


class Runs:
    """Where each thing's rows begin, and how many there are: its sites."""

    def __init__(self, things: pl.DataFrame) -> None:
        keys = things["key"].to_numpy()
        is_first = np.ones(len(keys), dtype=bool)
        is_first[1:] = keys[1:] != keys[:-1]
        self.starts = np.flatnonzero(is_first)
        self.sizes = np.diff(np.append(self.starts, len(keys)))

    def several(self) -> np.ndarray:
        """Where the rows of things begin that are on two to five sites."""
        starts: np.ndarray = self.starts[(self.sizes > 1) & (self.sizes <= MAX_SITES_OF_AN_IDENTIFIER)]
        return starts


def rare_things(things: pl.DataFrame) -> pl.DataFrame:
    """`RARE` of these things, all their sites."""
    sizes = Runs(things).sizes
    rare = np.repeat(sizes <= MAX_SITES_OF_AN_IDENTIFIER, sizes)
    return (
        things.filter(pl.Series(rare) & (pl.col("what") != TEXT))
        .group_by("site", "country", (pl.col("what") == NAME).alias("is_name"))
        .agg(pl.len().alias("things"))
    )


def on_both_sites(things: pl.DataFrame) -> pl.DataFrame:
    """Things on two to five sites, a row per pair of these: key, what, site_a, site_b (numbers in order)."""
    runs = Runs(things)
    firsts, seconds = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for size in range(2, MAX_SITES_OF_AN_IDENTIFIER + 1):
        starts = runs.starts[runs.sizes == size]
        for one, other in combinations(range(size), 2):
            firsts.append(starts + one)
            seconds.append(starts + other)
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    return things.select("key", "what", pl.col("site").alias("site_a"))[first].with_columns(
        things["site"][second].alias("site_b")
    )


def is_strong() -> pl.Expr:
    """Whether one may be reached or known by a thing (`what`)."""
    return pl.col("what").is_in(np.flatnonzero(_IS_STRONG).tolist())


def things_of_pairs(things: pl.DataFrame) -> pl.DataFrame:
    """`ON_BOTH` of these things, all their sites."""
    what = pl.col("what")
    counted = (is_strong() & (what != NAME), what == kind_number("image"), what == TEXT, what == NAME)
    return (
        on_both_sites(things)
        .group_by(PAIR)
        .agg(of.sum().cast(pl.UInt32).alias(name) for name, of in zip(SHARED, counted, strict=True))
    )


def summed(
    counts: list[tuple[int, pl.DataFrame]], schema: dict[str, pl.DataType], *numbers: str
) -> pl.DataFrame:
    """The counts (columns of `schema`, `numbers` by the others), each times its sign, together; without empty rows."""
    signed = [
        frame.select(*schema).with_columns(pl.col(name).cast(pl.Int64) * sign for name in numbers)
        for sign, frame in counts
    ]
    return (
        pl.concat(signed)
        .group_by(name for name in schema if name not in numbers)
        .agg(pl.col(name).sum() for name in numbers)
        .filter(pl.max_horizontal(numbers) > 0)
        .select(pl.col(name).cast(kind) for name, kind in schema.items())
    )

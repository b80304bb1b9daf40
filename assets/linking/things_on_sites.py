"""Things on sites, by numbers: which identifiers, account names and texts stand on which sites, and on how many items.

Counts, so that what a day brings can be added and what it takes away subtracted, exactly. A site's number is its place
in a list that only grows. The rows of things that changed stand apart, in the place of those that these have among all
others, until they are many (`MOST_CHANGED`): putting a day's rows between millions of others costs more than the day.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from assets.linking.contacts import KIND_WEIGHT, STRONG_WEIGHT
from assets.linking.site_evidence import MAX_SITES_OF_AN_IDENTIFIER, PAIR
from assets.linking.stretches import among, stretches
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
# Things of which so many rows changed are put together again.
MOST_CHANGED = 0.125
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


@dataclass(frozen=True)
class Things:
    """Things (`THINGS`, sorted by key and site): `whole`, and the rows of those that `changed` since, which count in
    the place of what these have in `whole`; one row without items stands for a thing that nobody shows any more."""

    whole: pl.DataFrame
    changed: pl.DataFrame

    def of(self, keys: np.ndarray) -> pl.DataFrame:
        """The rows with one of these keys (sorted, each once), sorted."""
        has_changed = among(keys, self.changed["key"].to_numpy())
        again = self.changed[rows_of(self.changed, keys[has_changed])].filter(pl.col("items") > 0)
        same = self.whole[rows_of(self.whole, keys[~has_changed])]
        return pl.concat([same, again]).sort("key", "site")

    def of_kind(self, kind: str) -> pl.DataFrame:
        """The rows of identifiers of this kind."""
        same, again = (
            frame.filter(pl.col("what") == kind_number(kind)) for frame in (self.whole, self.changed)
        )
        same = same.filter(pl.Series(~among(same["key"].to_numpy(), self.changed["key"].to_numpy())))
        return pl.concat([same, again.filter(pl.col("items") > 0)])

    def are_of_kind(self, keys: np.ndarray, kind: str) -> np.ndarray:
        """Which of these keys (bool), all of them known, are identifiers of this kind."""
        found = np.zeros(len(keys), dtype=bool)
        for frame in (self.whole, self.changed):
            if frame.height:
                place = np.minimum(np.searchsorted(frame["key"].to_numpy(), keys), frame.height - 1)
                is_there = frame["key"].to_numpy()[place] == keys
                found |= is_there & (frame["what"].to_numpy()[place] == kind_number(kind))
        return found

    def between(self, low: int, high: int) -> "Things":
        """Those with keys from `low` to `high`."""
        here = pl.col("key").is_between(low, high)
        return Things(self.whole.filter(here), self.changed.filter(here))


def add_things(stood: Things, changes: pl.DataFrame) -> tuple[Things, pl.DataFrame, pl.DataFrame]:
    """The things with changes put in, and the rows of all keys that are in the changes before and after. `changes`: the
    columns of `THINGS`, `items` Int64 and negative where items went.
    """
    keys = changes["key"].unique().sort().to_numpy()
    before = stood.of(keys)
    counted = (
        pl.concat([before.with_columns(pl.col("items").cast(pl.Int64)), changes])
        .group_by("key", "site")
        .agg(pl.col("what").first(), pl.col("country").max(), pl.col("items").sum())
        .filter(pl.col("items") >= 0)
        .sort("key", "site")
        .select(pl.col(name).cast(kind) for name, kind in THINGS.items())
    )
    after = counted.filter(pl.col("items") > 0)
    if stood.whole.is_empty():
        return Things(after, after.clear()), before, after
    # A thing without items keeps one row, so that it is known to have changed.
    are_left = is_among(counted["key"], after["key"])
    gone = counted.filter(~are_left).unique("key", keep="first", maintain_order=True)
    rows = pl.concat([after, gone]).sort("key", "site")
    changed = replaced_rows(stood.changed, rows_of(stood.changed, keys), rows)
    if changed.height <= MOST_CHANGED * stood.whole.height:
        return Things(stood.whole, changed), before, after
    known = changed["key"].unique().sort().to_numpy()
    whole = replaced_rows(stood.whole, rows_of(stood.whole, known), changed.filter(pl.col("items") > 0))
    return Things(whole, changed.clear()), before, after


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
    return ranges(*stretches(frame["key"].to_numpy(), keys))


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

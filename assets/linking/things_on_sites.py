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
# A table of bits by the last of a key's, which tells most keys that are not looked for.
_BITS = 20


def kind_number(kind: str) -> int:
    """`what` of an identifier of this kind."""
    return IDENTIFIER_KINDS.index(kind)


def add_things(things: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """The things (`THINGS`, sorted by key and site) with changes put in: the same columns, `items` Int64 and negative
    where items went. Only keys that are in the changes are looked at.
    """
    keys = changes["key"].unique().sort().to_numpy()
    low, high = _places(things, keys)
    known = ranges(low, high - low)
    again = (
        pl.concat([things[known].with_columns(pl.col("items").cast(pl.Int64)), changes])
        .group_by("key", "site")
        .agg(pl.col("what").first(), pl.col("country").max(), pl.col("items").sum())
        .filter(pl.col("items") > 0)
        .sort("key", "site")
        .select(pl.col(name).cast(kind) for name, kind in THINGS.items())
    )
    return replaced_rows(things, known, again)


def replaced_rows(frame: pl.DataFrame, gone: np.ndarray, rows: pl.DataFrame) -> pl.DataFrame:
    """`frame`, sorted by key, without the rows `gone` (places) and with `rows`, sorted by key, where they belong.

    No key may be both among the rows and among those that stay.
    """
    stays = np.ones(frame.height, dtype=bool)
    stays[gone] = False
    staying = np.flatnonzero(stays)
    place = np.searchsorted(frame["key"].to_numpy()[staying], rows["key"].to_numpy())
    place += np.arange(rows.height)
    source = np.empty(len(staying) + rows.height, dtype=np.int64)
    is_new = np.zeros(len(source), dtype=bool)
    is_new[place] = True
    source[is_new] = frame.height + np.arange(rows.height)
    source[~is_new] = staying
    return pl.concat([frame, rows])[source]


def rows_of(frame: pl.DataFrame, keys: np.ndarray) -> np.ndarray:
    """The places of the rows with one of these keys (sorted, each once); `frame` is sorted by key."""
    low, high = _places(frame, keys)
    return ranges(low, high - low)


def _places(frame: pl.DataFrame, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    own = frame["key"].to_numpy()
    return np.searchsorted(own, keys), np.searchsorted(own, keys, side="right")


def rows_among(frame: pl.DataFrame, column: str, keys: np.ndarray) -> pl.DataFrame:
    """The rows of `frame` with one of these keys (UInt64); most others cost a look into a table of bits."""
    last = np.uint64(2**_BITS - 1)
    table = np.zeros(2**_BITS, dtype=bool)
    table[keys & last] = True
    near = table[frame[column].fill_null(0).to_numpy() & last]
    return frame.filter(pl.Series(near)).join(pl.DataFrame({column: keys}), on=column, how="semi")


class Runs:
    """Where each thing's rows begin, and how many there are: its sites."""

    def __init__(self, things: pl.DataFrame) -> None:
        keys = things["key"].to_numpy()
        is_first = np.ones(len(keys), dtype=bool)
        is_first[1:] = keys[1:] != keys[:-1]
        self.starts = np.flatnonzero(is_first)
        self.sizes = np.diff(np.append(self.starts, len(keys)))


def rare_things(things: pl.DataFrame, runs: Runs) -> pl.DataFrame:
    """How many things on few sites each site has: site, country (UInt16, 0: none), is_name, things; not of texts."""
    rare = np.repeat(runs.sizes <= MAX_SITES_OF_AN_IDENTIFIER, runs.sizes)
    rare &= (things["what"] != TEXT).to_numpy()
    return (
        things.filter(pl.Series(rare))
        .group_by("site", "country", (pl.col("what") == NAME).alias("is_name"))
        .agg(pl.len().alias("things"))
    )


def on_both_sites(things: pl.DataFrame, runs: Runs) -> pl.DataFrame:
    """Things on two to five sites, a row per pair of these: key, what, site_a, site_b (numbers in order)."""
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


def pairs_of_things(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of sites with what stands on both: site_a, site_b, shared_contacts, shared_images, shared_texts,
    shared_accounts (Int64). `pairs` from `on_both_sites`.
    """
    what = pl.col("what")
    counted = {
        "shared_contacts": is_strong() & (what != NAME),
        "shared_images": what == kind_number("image"),
        "shared_texts": what == TEXT,
        "shared_accounts": what == NAME,
    }
    return pairs.group_by(PAIR).agg(of.sum().cast(pl.Int64).alias(name) for name, of in counted.items())

"""Series of items (site, place, claimed nationality, kind), by number, and what is known of them from day to day."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from assets.detection.numbering import NUMBER, WORD, marked
from assets.detection.rises import SERIES_WORDS

# A site begins when this share of its items has been posted; a few stray old posts are no past.
STRAY_SHARE = 0.005
# Of an item that claims no nationality, or has no site or kind.
NO_SERIES = 2**32 - 1
SERIES: dict[str, pl.DataType] = {
    **dict.fromkeys(SERIES_WORDS, WORD),
    "whole": NUMBER,
    "items": pl.Int64(),
    "may_alarm": pl.Boolean(),
    "newcomers": pl.Int64(),
    "newcomers_may_alarm": pl.Boolean(),
}
# What is known of a series, before anything is.
_NOTHING = {"items": 0, "may_alarm": False, "newcomers": 0, "newcomers_may_alarm": False}
SITE_DAYS: dict[str, pl.DataType] = {
    "site": WORD,
    "day": pl.Date(),
    "newcomers": pl.Boolean(),
    "items": pl.Int64(),
    "squares": pl.Float64(),
    "long_squares": pl.Float64(),
    "means": pl.Float64(),
    "long_means": pl.Float64(),
    "highest": pl.Float64(),
    "long_highest": pl.Float64(),
}
_CLAIM = ("site", "nationality", "category")


def _no_series() -> pl.DataFrame:
    return pl.DataFrame(schema=SERIES)


def _no_days() -> pl.DataFrame:
    return pl.DataFrame(schema=SITE_DAYS)


@dataclass(frozen=True)
class Known:
    """What is known of series up to a day (`until`; None: nothing).

    `series`: the words of each (numbers; place null over all places), the number of the one over all places (`whole`,
    its own where it is that), and, of the items that count, how many it has, and whether it may alarm
    (`scan_statistic.scanned`); `newcomers` and `newcomers_may_alarm` say the same of newcomers. `site_days`: of each
    site, day by day from its first, how many items there are, what its sparse series pool up to and with that day
    (`dispersion.Pools`, single days and `LONG_DAYS` together, of days that are settled, else 0), and the highest
    dispersion that was known since the site was last looked at whole; in rows of their own of its `newcomers`.
    """

    series: pl.DataFrame = field(default_factory=_no_series)
    site_days: pl.DataFrame = field(default_factory=_no_days)
    until: date | None = None

    def of(self, *, newcomers: bool) -> "Known":
        """What is known by newcomers, or by items, under the names of items."""
        series = self.series
        if newcomers:
            told = {"items": "newcomers", "may_alarm": "newcomers_may_alarm"}
            series = series.with_columns(pl.col(name).alias(column) for column, name in told.items())
        days = self.site_days.filter(pl.col("newcomers") == newcomers)
        return Known(series, days, self.until)

    def with_newcomers(self, newcomers: "Known") -> "Known":
        """What is known by items, with what is known by newcomers (under the names of items)."""
        told = newcomers.series.select(newcomers="items", newcomers_may_alarm="may_alarm")
        days = newcomers.site_days.with_columns(pl.lit(True).alias("newcomers"))
        return Known(self.series.with_columns(told), pl.concat([self.site_days, days]), self.until)


def forgotten(series: pl.DataFrame) -> pl.DataFrame:
    """The series, of which nothing is known."""
    return series.with_columns(pl.lit(value, SERIES[name]).alias(name) for name, value in _NOTHING.items())


def numbered_series(known: pl.DataFrame, items: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The series (`SERIES`) with those that are new, which have no items yet; the number of each item's.

    `items`: site, place, nationality, category (`WORD`). An item with a place belongs to the series of this place, and
    to the one over all places by way of that.
    """
    words = list(SERIES_WORDS)
    claimed = items.select(words).drop_nulls(_CLAIM).unique()
    over_all = claimed.with_columns(pl.lit(None, WORD).alias("place"))
    told = pl.concat([over_all, claimed]).unique()
    new = told.join(known.select(words), on=words, how="anti", nulls_equal=True)
    listed = pl.concat([known.select(words), new]).with_row_index("number")
    wholes = listed.filter(pl.col("place").is_null()).select(*_CLAIM, pl.col("number").alias("whole"))
    added = listed[known.height :].join(wholes, on=_CLAIM, how="left", maintain_order="left")
    added = forgotten(added)
    number = items.select(words).join(listed, on=words, how="left", nulls_equal=True, maintain_order="left")[
        "number"
    ]
    series = pl.concat([known, added.select(pl.col(name).cast(kind) for name, kind in SERIES.items())])
    return series, number.fill_null(NO_SERIES).cast(NUMBER).alias("series")


@dataclass(frozen=True)
class SeriesOfItems:
    """Series and days (since 1970) of items, in the pieces that they lie in, and which of them `stand`."""

    pieces: tuple[tuple[int, np.ndarray, np.ndarray], ...]
    stands: np.ndarray

    @classmethod
    def of(cls, items: pl.DataFrame, rows: int = 2**18) -> "SeriesOfItems":
        """Of items with `series`, `day` and `stands`; so many rows at once stay in the processor's cache."""
        pieces, begin = [], 0
        days = items["day"].to_physical().fill_null(-(2**31))
        for chunk in items["series"].get_chunks():
            for start in range(0, len(chunk), rows):
                series = chunk[start : start + rows].to_numpy()
                pieces.append((begin, series, days[begin : begin + len(series)].to_numpy()))
                begin += len(series)
        return cls(tuple(pieces), items["stands"].to_numpy())

    def between(self, first: int, last: int, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows, series and days of the items that stand, from a day to another, of the series that a mask chooses."""
        some: tuple[list[np.ndarray], ...] = ([], [], [])
        # An item of no series is looked up at the last place.
        is_chosen = marked(np.append(chosen, False))
        for begin, series, day in self.pieces:
            mask = is_chosen(series) & self.stands[begin : begin + len(day)]
            picked = np.flatnonzero(mask & (day >= first) & (day <= last))
            for held, values in zip(some, (begin + picked, series[picked], day[picked]), strict=True):
                held.append(values)
        rows, series, days = (np.concatenate(held) if held else np.zeros(0, np.int64) for held in some)
        return rows, series, days


@dataclass(frozen=True)
class Cells:
    """Series and days with items: number (series · days + day), rising, and how many `items`; without a number, all
    series and days."""

    number: np.ndarray | None
    items: np.ndarray

    def of(self, block: slice, days: int) -> np.ndarray:
        """The items of some series: series × days."""
        start, stop = block.start * days, block.stop * days
        if self.number is None:
            counts = self.items[start:stop].astype(float)
        else:
            begin, end = np.searchsorted(self.number, (start, stop))
            counts = np.zeros(stop - start)
            counts[self.number[begin:end] - start] = self.items[begin:end]
        return counts.reshape(-1, days)


def first_columns(totals: np.ndarray) -> np.ndarray:
    """The columns on which sites begin, by their items (sites × columns)."""
    reached = np.cumsum(totals, axis=1) > STRAY_SHARE * totals.sum(axis=1, keepdims=True)
    found: np.ndarray = np.argmax(reached, axis=1)
    return found

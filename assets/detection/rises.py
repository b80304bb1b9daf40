"""Rises of series as rows: what is told of each, and each told once."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from assets.detection.dispersion import BASELINE_DAYS, PRIOR_ITEMS, odds
from assets.detection.numbering import WORD
from assets.detection.scan_statistic import Rises

# A place that holds this share of a rise over all places is the rise.
HOLDS_MOST = 0.6
# A rise as `described`, with the words of its series.
SERIES_WORDS = ("site", "place", "nationality", "category")
RISES: dict[str, pl.DataType] = {
    "series": pl.Int64(),
    "start": pl.Int64(),
    "alarm": pl.Int64(),
    "end": pl.Int64(),
    "observed": pl.Int64(),
    "expected": pl.Float64(),
    "ratio": pl.Float64(),
    "statistic": pl.Float64(),
    **dict.fromkeys(SERIES_WORDS, WORD),
    "start_date": pl.Date(),
    "alarm_date": pl.Date(),
    "end_date": pl.Date(),
    "excess": pl.Float64(),
}


@dataclass(frozen=True)
class Calendar:
    """Columns of days: the first one's day, and how many there are."""

    first: date
    days: int

    def columns_of(self, rises: pl.DataFrame) -> pl.DataFrame:
        """Of rises (`RISES`), by these columns: series, start, alarm, end, statistic."""
        begin = (self.first - date(1970, 1, 1)).days
        columns = (
            (pl.col(f"{name}_date").to_physical() - begin).cast(pl.Int64).alias(name)
            for name in ("start", "alarm", "end")
        )
        return rises.select("series", *columns, "statistic")


def joined(found: Rises, newcomers: pl.DataFrame, counts: np.ndarray, totals: np.ndarray) -> Rises:
    """The rises of items with those of newcomers: one that shares days with a rise of items is that rise, which alarms
    when the first of them does.

    `newcomers`: row (of `counts`), start, alarm, end (columns), statistic; `counts`, `totals`: series × days, the items
    of series and of their sites. The statistic is the higher one; odds are those of items.
    """
    told = list(
        zip(
            *(column.tolist() for column in (found.series, found.start, found.alarm, found.end, found.peak)),
            strict=True,
        )
    )
    of_series: dict[int, list[int]] = {}
    for place, (row, *_) in enumerate(told):
        of_series.setdefault(row, []).append(place)
    for rise in (
        newcomers.select("row", "start", "alarm", "end", "statistic").sort("row", "start").iter_rows()
    ):
        row, start, alarm, end, peak = rise
        same = [each for each in of_series.get(row, []) if told[each][1] <= end and start <= told[each][3]]
        if same:
            _, begin, first, last, highest = told[same[0]]
            first = min(first, alarm)
            told[same[0]] = (row, min(begin, first), first, last, max(highest, peak))
        else:
            told.append(rise)
    told.sort()
    whole = np.array([rise[:4] for rise in told], dtype=np.int64).reshape(-1, 4)
    before = []
    for row, start in whole[:, :2].tolist():
        past = slice(max(start - BASELINE_DAYS, 0), start)
        rest = np.maximum(totals[row, past] - counts[row, past], 0.0)
        before.append(odds(counts[row, past].sum(), rest.sum()))
    peaks = np.array([rise[4] for rise in told], dtype=float)
    series, begins, alarms, ends = whole.T
    return Rises(series, begins, alarms, ends, peaks, np.array(before, dtype=float))


def described(
    rises: Rises, series: pl.DataFrame, counts: np.ndarray, totals: np.ndarray, calendar: Calendar
) -> pl.DataFrame:
    """The rises with their days, observed and expected numbers (`RISES`).

    `counts`, `totals`: series × days, the items of the series and of their sites; `series`: `SERIES_WORDS` and `series`
    (number) of each row.
    """
    span = [slice(int(start), int(end) + 1) for start, end in zip(rises.start, rises.end, strict=True)]
    observed = [float(counts[row, days].sum()) for row, days in zip(rises.series, span, strict=True)]
    rest = [
        float((totals[row, days] - counts[row, days]).sum() + PRIOR_ITEMS)
        for row, days in zip(rises.series, span, strict=True)
    ]
    expected = rises.odds * np.array(rest, dtype=float)
    # Before a first item expectation is the prior's; it is never quite nothing.
    ratio = np.array(observed, dtype=float) / np.maximum(expected, 1e-9)
    told = pl.DataFrame(
        {
            "start": rises.start,
            "alarm": rises.alarm,
            "end": rises.end,
            "observed": np.array(observed, dtype=np.int64),
            "expected": expected,
            "ratio": ratio,
            "statistic": rises.peak,
        }
    )
    return (
        told.hstack(series[rises.series])
        .with_columns(
            *(
                (pl.lit(calendar.first) + pl.duration(days=column)).cast(pl.Date).alias(f"{column}_date")
                for column in ("start", "alarm", "end")
            ),
            (pl.col("observed") - pl.col("expected")).alias("excess"),
        )
        .filter(pl.col("excess") > 0)
        .select(pl.col(name).cast(kind) for name, kind in RISES.items())
    )


def once(found: pl.DataFrame) -> pl.DataFrame:
    """Each rise (`RISES`) once: at its place where one place holds most of it, else over all places."""
    over_all = found.filter(pl.col("place").is_null()).with_row_index("all_row")
    placed = found.filter(pl.col("place").is_not_null()).with_row_index("placed_row")
    nested = (
        placed.join(over_all, on=["site", "nationality", "category"], suffix="_all")
        .filter(
            (pl.col("start_date") <= pl.col("end_date_all"))
            & (pl.col("end_date") >= pl.col("start_date_all"))
        )
        .with_columns((pl.col("excess") >= HOLDS_MOST * pl.col("excess_all")).alias("holds"))
        .with_columns(pl.col("holds").any().over("all_row").alias("held"))
    )
    explained = nested.filter("held").select("all_row").unique()
    scattered = nested.filter(~pl.col("held")).select("placed_row").unique()
    return pl.concat(
        [
            over_all.join(explained, on="all_row", how="anti").drop("all_row"),
            placed.join(scattered, on="placed_row", how="anti").drop("placed_row"),
        ]
    )

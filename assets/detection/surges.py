"""Surges: series of new items (site, place, claimed nationality, kind) that rise beyond past and growth."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import prod

import numpy as np
import polars as pl

from assets.detection.scan_statistic import MIN_RISE_ITEMS, PRIOR_ITEMS, Rises, find_rises
from assets.linking.digests import key_column
from quality.contracts import CONTRACTS

SURGES = CONTRACTS["surges"].schema
WINDOW_DAYS = 728
# Series that are looked at together, in whole sites: bounds the memory.
BLOCK_SERIES = 4000
# A site begins when this share of its items has been posted; a few stray old posts are no past.
STRAY_SHARE = 0.005
# Numbers are counted in an array where it has no more places than this for each of them, else by sorting them.
DENSE = 4
# A place that holds this share of a rise over all places is the rise.
HOLDS_MOST = 0.6
_SERIES = ("site", "place", "nationality", "kind")


@dataclass(frozen=True)
class _Calendar:
    first: date
    days: int


def detect_surges(
    items: pl.DataFrame, facts: pl.DataFrame, actor_members: pl.DataFrame, as_of: date | None = None
) -> pl.DataFrame:
    """Rises of new items up to `as_of` (default: the last day we saw an item), highest rank first.

    `items`: item_id, site, category, account, posted_at, first_seen, last_seen. `facts` and `actor_members` as in
    their contracts. A day is that of posting, or the first on which we saw the item. Series: items with a claimed
    nationality, per place and over all places (place null). A rise seen both ways is reported once. Returns the
    frame of contract `surges`.
    """
    if items.is_empty():
        return pl.DataFrame(schema=SURGES)
    last = as_of or items["last_seen"].max()
    assert isinstance(last, date)
    return surges_of(_dated(items, facts, actor_members), last)


def surges_of(items: pl.DataFrame, last: date) -> pl.DataFrame:
    """As `detect_surges`, of items of which all is known that is asked.

    `items`: item_id, site, kind, place, nationality (words, or an Enum of them), day, actor_id, account_key.
    """
    found = rises_of(items, last)
    return ranked_rises(found, items) if found.height else pl.DataFrame(schema=SURGES)


def rises_of(items: pl.DataFrame, last: date) -> pl.DataFrame:
    """The rises of all series up to a day, each once, as `ranked_rises` takes them.

    `items`: site, kind, place, nationality (words, or an Enum of them), day.
    """
    return rises_with_items(items, last)[0]


def rises_with_items(items: pl.DataFrame, last: date) -> tuple[pl.DataFrame, np.ndarray]:
    """As `rises_of`, with the rows of the items that lie in a rise, rising."""
    none = pl.DataFrame(), np.zeros(0, dtype=np.int64)
    day = items["day"].to_physical().fill_null(-(2**31)).to_numpy()
    end = (last - date(1970, 1, 1)).days
    inside = (day > end - WINDOW_DAYS) & (day <= end)
    if not inside.any():
        return none
    begin = int(day.min() if inside.all() else day[inside].min())
    calendar = _Calendar(date(1970, 1, 1) + timedelta(days=begin), end - begin + 1)
    site_words, site = _numbered(items["site"])
    nationality_words, nationality = _numbered(items["nationality"])
    sites = _site_totals(site, day - begin, inside, len(site_words), calendar)
    claimed = np.flatnonzero(inside & (nationality >= 0) & (site >= 0))
    columns = (site[claimed], nationality[claimed], (day[claimed] - begin).astype(np.int64))
    series, cells, rows = _counted(items, claimed, columns, (site_words, nationality_words), calendar)
    if series.is_empty():
        return none
    site_rows = series["site_row"].to_numpy()
    series = series.drop("site_row")
    found = pl.concat(
        [_found_in(block, series, cells, site_rows, sites, calendar) for block in _blocks(site_rows)]
    )
    found = _once(found)
    return found, claimed[_in_series(found, rows, columns[2], series.height, calendar)]


@dataclass(frozen=True)
class _Sites:
    matrix: np.ndarray
    first: np.ndarray


@dataclass(frozen=True)
class _Cells:
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


def _blocks(site_rows: np.ndarray) -> list[slice]:
    """Consecutive series, the series of one site (they are in order of sites) never apart."""
    ends = [*(np.flatnonzero(np.diff(site_rows)) + 1), len(site_rows)]
    blocks, begin, last = [], 0, 0
    for end in ends:
        if end - begin > BLOCK_SERIES and last > begin:
            blocks.append(slice(begin, last))
            begin = last
        last = int(end)
    blocks.append(slice(begin, last))
    return blocks


def _found_in(
    block: slice,
    series: pl.DataFrame,
    cells: _Cells,
    site_rows: np.ndarray,
    sites: _Sites,
    calendar: _Calendar,
) -> pl.DataFrame:
    """The rises of the series of one block, as `_describe` gives them."""
    counts = cells.of(block, calendar.days)
    of_site = site_rows[block]
    totals = sites.matrix[of_site]
    rises = find_rises(counts, totals, sites.first[of_site], of_site)
    return _describe(rises, series[block], counts, totals, calendar)


def _counted(
    items: pl.DataFrame,
    claimed: np.ndarray,
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    words: tuple[pl.Series, pl.Series],
    calendar: _Calendar,
) -> tuple[pl.DataFrame, _Cells, tuple[np.ndarray, ...]]:
    """The series that have items enough for a rise, in order, and how many on which day.

    `claimed`: the rows of the items that count; `columns`: their sites, nationalities (numbers of the `words`) and
    days. Returns the series (series, site_row, the words of each; place null over all places), their cells, and
    for each item the series over all places and that of its place (-1: none).
    """
    site, nationality, column = columns
    place_words, place = _numbered(items["place"])
    kind_words, kind = _numbered(items["kind"])
    place, kind = place[claimed], kind[claimed]
    listed = {"site": words[0], "place": place_words, "nationality": words[1], "kind": kind_words}
    sizes = {name: len(told) + (name == "place") for name, told in listed.items()}
    space = prod(sizes.values())
    if space * calendar.days >= 2**63:
        raise OverflowError("too many sites, places, nationalities and kinds to number their series")
    # One number for all four words, in which 0 is no place (all of them).
    keys = []
    for at, holds in ((np.zeros(1, dtype=np.int64), kind >= 0), (place + 1, (kind >= 0) & (place >= 0))):
        key = (site * sizes["place"] + at) * sizes["nationality"] + nationality
        keys.append(np.where(holds, key * sizes["kind"] + kind, -1))
    used, counts = _tallied(np.concatenate(keys), space)
    enough = counts >= MIN_RISE_ITEMS
    used = used[enough]
    rest, told = used, {}
    for name in reversed(_SERIES):
        number = rest % sizes[name]
        if name == "site":
            told["site_row"] = pl.Series(number)
        place_of = pl.Series(number - (name == "place"))
        told[name] = listed[name].gather(place_of.replace(-1, None))
        rest = rest // sizes[name]
    ordered = (
        pl.DataFrame({"rank": np.arange(len(used)), **told})
        .sort(_SERIES, nulls_last=False)
        .with_row_index("series")
    )
    series_of = np.empty(len(used), dtype=np.int64)
    series_of[ordered["rank"].to_numpy()] = np.arange(ordered.height)
    rows = tuple(_ranked(each, used, series_of, space) for each in keys)
    cells = np.concatenate([each[each >= 0] * calendar.days + column[each >= 0] for each in rows])
    space = ordered.height * calendar.days
    if space <= DENSE * len(cells):
        counted = _Cells(None, np.bincount(cells, minlength=space))
    else:
        counted = _Cells(*np.unique(cells, return_counts=True))
    return ordered.select("series", "site_row", *_SERIES), counted, rows


def _tallied(keys: np.ndarray, space: int) -> tuple[np.ndarray, np.ndarray]:
    """The keys that there are (below `space`, -1 for none), rising, and how often each."""
    if space > DENSE * len(keys):
        used, counts = np.unique(keys[keys >= 0], return_counts=True)
        return used, counts
    tally = np.bincount(keys + 1, minlength=space + 1)[1:]
    used = np.flatnonzero(tally)
    return used, tally[used]


def _ranked(keys: np.ndarray, used: np.ndarray, number: np.ndarray, space: int) -> np.ndarray:
    """The number of each key that is used (rising), -1 of others."""
    if space > DENSE * len(keys):
        place = np.minimum(np.searchsorted(used, keys), max(len(used) - 1, 0))
        return np.where(used[place] == keys, number[place], -1) if len(used) else np.full(len(keys), -1)
    # A key of -1 finds the last place.
    numbers = np.full(space + 1, -1, dtype=np.int64)
    numbers[used] = number
    ranked: np.ndarray = numbers[keys]
    return ranked


def _in_series(
    rises: pl.DataFrame,
    rows: tuple[np.ndarray, ...],
    column: np.ndarray,
    series: int,
    calendar: _Calendar,
) -> np.ndarray:
    """Which items lie in a rise. `rows` from `_counted`, `column` their days."""
    risen, place = np.unique(rises["series"].to_numpy(), return_inverse=True)
    days = np.zeros((len(risen) + 1, calendar.days), dtype=bool)
    spans = (rises.select(_column(name, calendar)).to_series() for name in ("start_date", "end_date"))
    for row, start, end in zip(place, *spans, strict=True):
        days[row, start : end + 1] = True
    row_of = np.full(series + 1, len(risen), dtype=np.int64)
    row_of[risen] = np.arange(len(risen))
    inside = np.zeros(len(column), dtype=bool)
    for each in rows:
        row = row_of[each]
        some = np.flatnonzero(row < len(risen))
        inside[some] |= days[row[some], column[some]]
    return inside


def _column(day: str, calendar: _Calendar) -> pl.Expr:
    return (pl.col(day) - pl.lit(calendar.first)).dt.total_days()


def _numbered(words: pl.Series) -> tuple[pl.Series, np.ndarray]:
    """The words (String) that there are, and each one's place among them (-1 for a null)."""
    kind = words.dtype
    listed = kind.categories if isinstance(kind, pl.Enum) else words.unique().drop_nulls().cast(pl.String)
    none = len(listed)
    numbers = words.cast(pl.Enum(listed)).to_physical().cast(pl.UInt32).fill_null(none).to_numpy()
    used = np.flatnonzero(np.bincount(numbers, minlength=none + 1)[:none])
    place = np.full(none + 1, -1, dtype=np.int64)
    place[used] = np.arange(len(used))
    return listed.gather(used), place[numbers]


def _dated(items: pl.DataFrame, facts: pl.DataFrame, actor_members: pl.DataFrame) -> pl.DataFrame:
    """One row per item: item_id, site, kind, place, nationality, day, actor_id, account_key."""
    actors = actor_members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("item_id"), "actor_id"
    )
    return (
        items.unique("item_id")
        .select(
            "item_id",
            "site",
            pl.col("category").alias("kind"),
            pl.col("account").str.strip_chars().str.to_lowercase().replace("", None).alias("account_key"),
            pl.coalesce(pl.col("posted_at").dt.date(), "first_seen").alias("day"),
        )
        .join(main_facts(facts), on="item_id", how="left")
        .join(actors, on="item_id", how="left")
    )


def main_facts(facts: pl.DataFrame) -> pl.DataFrame:
    """Each item's surest claimed nationality and place: item_id, nationality, place (`City, CC`), place_country."""

    def surest(kind: str) -> pl.DataFrame:
        told = facts.filter(pl.col("kind") == kind)
        several = told["item_id"].is_duplicated()
        first = (
            told.filter(several)
            .sort(["item_id", "confidence", "span_start", "value"], descending=[False, True, False, False])
            .unique("item_id", keep="first", maintain_order=True)
        )
        return pl.concat([told.filter(~several), first])

    places = surest("place").select(
        "item_id",
        pl.when(pl.col("value").str.contains(", ") | pl.col("unit").is_null())
        .then("value")
        .otherwise(pl.col("value") + ", " + pl.col("unit"))
        .alias("place"),
        pl.col("unit").alias("place_country"),
    )
    nationalities = surest("nationality").select("item_id", pl.col("value").alias("nationality"))
    return nationalities.join(places, on="item_id", how="full", coalesce=True)


def _site_totals(
    site: np.ndarray, column: np.ndarray, inside: np.ndarray, sites: int, calendar: _Calendar
) -> _Sites:
    """Items per site (number) and day, of those inside the calendar, and each site's first column."""
    counted = inside & (site >= 0)
    cell = site * calendar.days + column
    tally = np.bincount(cell if counted.all() else cell[counted], minlength=sites * calendar.days)
    matrix = tally.reshape(sites, calendar.days).astype(float)
    reached = np.cumsum(matrix, axis=1) > STRAY_SHARE * matrix.sum(axis=1, keepdims=True)
    return _Sites(matrix, np.argmax(reached, axis=1))


def _describe(
    rises: Rises, series: pl.DataFrame, counts: np.ndarray, totals: np.ndarray, calendar: _Calendar
) -> pl.DataFrame:
    """The rises with their days, observed and expected numbers."""
    span = [slice(int(start), int(end) + 1) for start, end in zip(rises.start, rises.end, strict=True)]
    observed = [float(counts[row, days].sum()) for row, days in zip(rises.series, span, strict=True)]
    rest = [
        float((totals[row, days] - counts[row, days]).sum() + PRIOR_ITEMS)
        for row, days in zip(rises.series, span, strict=True)
    ]
    expected = rises.odds * np.array(rest, dtype=float)
    # Before a first item expectation is the prior's; it is never quite nothing.
    ratio = np.array(observed, dtype=float) / np.maximum(expected, 1e-9)
    return (
        pl.DataFrame(
            {
                "series": series["series"].to_numpy()[rises.series],
                "start": rises.start,
                "alarm": rises.alarm,
                "end": rises.end,
                "observed": np.array(observed, dtype=np.int64),
                "expected": expected,
                "ratio": ratio,
                "statistic": rises.peak,
            }
        )
        .join(series, on="series", maintain_order="left")
        .with_columns(
            (pl.lit(calendar.first) + pl.duration(days=column)).cast(pl.Date).alias(f"{column}_date")
            for column in ("start", "alarm", "end")
        )
        .with_columns((pl.col("observed") - pl.col("expected")).alias("excess"))
        .filter(pl.col("excess") > 0)
    )


def _once(found: pl.DataFrame) -> pl.DataFrame:
    """Each rise once: at its place where one place holds most of it, else over all places."""
    over_all = found.filter(pl.col("place").is_null()).with_row_index("all_row")
    placed = found.filter(pl.col("place").is_not_null()).with_row_index("placed_row")
    nested = (
        placed.join(over_all, on=["site", "nationality", "kind"], suffix="_all")
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


def ranked_rises(found: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The contract's frame: with the actors behind each rise, the rise of one holder's many accounts first.

    `found` from `rises_of`, `dated` the items, or at least those in a rise.
    """
    found = found.with_columns(key_column(found, *_SERIES, "alarm_date").alias("surge_id"))
    inside = surge_items(found, dated)
    actors = (
        inside.group_by("surge_id", "actor")
        .agg(
            pl.len().alias("n"),
            pl.col("actor_id").first(),
            pl.col("account_key").drop_nulls().n_unique().cast(pl.Int64).alias("accounts"),
        )
        .sort(["surge_id", "n", "actor"], descending=[False, True, False])
        .group_by("surge_id", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("actor_count"),
            pl.col("actor_id").first().alias("largest_actor_id"),
            (pl.col("n").first() / pl.col("n").sum()).alias("largest_actor_share"),
            pl.col("accounts").first().alias("largest_actor_accounts"),
        )
    )
    return (
        found.join(actors, on="surge_id")
        .with_columns(
            # By excess alone fifty people come before one person's fifty accounts; a site without accounts counts one.
            (
                pl.col("largest_actor_share")
                * (pl.col("excess") * pl.col("largest_actor_accounts").clip(1)).sqrt()
            ).alias("rank_score")
        )
        .select(*SURGES)
        .sort(["rank_score", "surge_id"], descending=[True, False])
    )


def surge_items(surges: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The items of each surge: surge_id, item_id, site, account_key, actor_id, actor (the item itself if it has none).

    `surges`: surge_id, site, place, nationality, kind, start_date, end_date; `dated` one row per item with the
    same words, its `day`, `actor_id` and `account_key`.
    """
    return in_rises(surges, dated).select(
        "surge_id",
        "item_id",
        "site",
        "account_key",
        "actor_id",
        pl.coalesce("actor_id", "item_id").alias("actor"),
    )


def in_rises(rises: pl.DataFrame, dated: pl.DataFrame) -> pl.DataFrame:
    """The rows that lie in each rise, with the rise. `rises`: site, place, nationality, kind, start_date, end_date;
    `dated` with the same words (or an Enum of them) and a `day`."""
    words = [pl.col(name).cast(dated.schema[name]) for name in _SERIES]
    return (
        rises.with_columns(words)
        .join(dated, on=["site", "nationality", "kind"], suffix="_of_item")
        .filter(
            pl.col("day").is_between("start_date", "end_date")
            & (pl.col("place").is_null() | (pl.col("place") == pl.col("place_of_item")))
        )
    )

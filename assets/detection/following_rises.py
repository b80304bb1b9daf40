"""Rises of series followed from day to day: only what may have changed is looked at again, and the result is the same.

What a day of a series says depends on the items up to that day, on the day its site begins, and on the dispersion that
the sparse series of its site pool. So a site is looked at whole where it is new, begins on another day, or has another
number of items on a day that is settled (`dispersion.settled_days`). Of others the pools are brought up to date: by the
days that settled since, and by series that now have items enough, or not any more. Then only such series are scanned as
have items since the first day that changed, and those that may alarm.

All of this is done for newcomers (`newcomers.find_newcomers`), then for all items: what either finds is a rise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from assets.detection.dispersion import BASELINE_DAYS, LONG_DAYS, Exposure, Pools, pooled, settled_days
from assets.detection.newcomers import find_newcomers
from assets.detection.rises import RISES, SERIES_WORDS, Calendar, described, joined, once
from assets.detection.scan_statistic import (
    ALARM,
    ITEMS_ALARM,
    MIN_RISE_ITEMS,
    SLACK,
    WINDOWS,
    scanned,
    trained_from,
)
from assets.detection.series import SERIES, SITE_DAYS, Cells, Known, SeriesOfItems, first_columns, forgotten

WINDOW_DAYS = 728
# Series that are looked at together, in whole sites: bounds the memory.
BLOCK_SERIES = 4000
# Numbers are counted in an array where it has no more places than this for each of them, else by sorting them.
DENSE = 4
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Rising:
    """`known`: what is known now. `found`: the rises, each once (`RISES`). `items`: rows of the items in a rise.
    `newcomers`: mask of the items that are newcomers."""

    known: Known
    found: pl.DataFrame
    items: np.ndarray
    newcomers: np.ndarray


def follow_rises(
    known: Known, items: pl.DataFrame, come: np.ndarray, gone: np.ndarray, last: date | None
) -> Rising:
    """The rises up to a day.

    `items`: item_id, poster (`newcomers`), site (`WORD`), series (`numbered_series` of `known.series`), day, stands,
    and, where something is known, is_newcomer as it was then (false of rows that came since).
    `come`, `gone`: rows that stand
    and did not, or did and do not, since the day up to which something is known; of nothing known all that stand come.
    """
    if last is None:
        return Rising(
            Known(forgotten(known.series)),
            pl.DataFrame(schema=RISES),
            np.zeros(0, np.int64),
            np.zeros(items.height, bool),
        )
    counting = SeriesOfItems.of(items)
    whole = known.series["whole"].to_numpy()
    fresh = find_newcomers(items, whole, come, gone, first=known.until is None)
    of_newcomers = replace(counting, stands=fresh.now)
    none = pl.DataFrame(schema=RISES)
    newcomers, early, _ = _followed(
        known.of(newcomers=True), items, of_newcomers, fresh.come, fresh.gone, last, ALARM, none
    )
    by_items, found, look = _followed(
        known.of(newcomers=False), items, counting, come, gone, last, ITEMS_ALARM, early
    )
    found = once(found)
    return Rising(by_items.with_newcomers(newcomers), found, look.risen(found), fresh.now)


def _followed(
    known: Known,
    items: pl.DataFrame,
    counting: SeriesOfItems,
    come: np.ndarray,
    gone: np.ndarray,
    last: date,
    alarm: float,
    early: pl.DataFrame,
) -> tuple[Known, pl.DataFrame, "_Look"]:
    """What is known now, and the rises (`RISES`), joined with those that newcomers told `early`."""
    moves = _moves(known, items, counting, come, gone, (last - EPOCH).days)
    days = _days(known, moves, (last - EPOCH).days)
    series = known.series.with_columns(pl.Series("items", moves.items))
    look = _Look(series, known.series["items"].to_numpy(), counting, days, alarm, early)
    found = pl.concat([pl.DataFrame(schema=RISES), *look.rises()])
    told = series.with_columns(pl.Series("may_alarm", look.may_alarm)).select(*SERIES)
    return Known(told, look.site_days(), last), found, look


@dataclass(frozen=True)
class _Moves:
    """Items that count and did not (sign 1), or did and do not (−1): site, series, day of each; and how many items each
    series has now."""

    site: np.ndarray
    series: np.ndarray
    day: np.ndarray
    sign: np.ndarray
    items: np.ndarray


def _moves(
    known: Known, items: pl.DataFrame, counting: SeriesOfItems, come: np.ndarray, gone: np.ndarray, end: int
) -> _Moves:
    def inside(day: np.ndarray, last: int) -> np.ndarray:
        found: np.ndarray = (day > last - WINDOW_DAYS) & (day <= last)
        return found

    day_of = items["day"].to_physical().fill_null(-(2**31))
    former = None if known.until is None else (known.until - EPOCH).days
    come_days, gone_days = (day_of.gather(rows).to_numpy() for rows in (come, gone))
    rows = [come[inside(come_days, end)]]
    lost = []
    if former is not None:
        lost.append(gone[inside(gone_days, former)])
        if former != end:
            # What stood and stands may lie in the two years of the one day only.
            stayed = counting.stands.copy()
            stayed[come] = False
            for begin, _, day in counting.pieces:
                moved = np.flatnonzero(inside(day, end) != inside(day, former))
                moved = moved[stayed[begin + moved]]
                now = inside(day[moved], end)
                rows.append(begin + moved[now])
                lost.append(begin + moved[~now])
    moved, sign = (
        np.concatenate([*rows, *lost]),
        np.repeat([1, -1], [sum(map(len, rows)), sum(map(len, lost))]),
    )
    site = items["site"].gather(moved).fill_null(2**32 - 1).to_numpy().astype(np.int64)
    series = items["series"].gather(moved).to_numpy().astype(np.int64)
    counted = known.series["items"].to_numpy().copy()
    claimed = np.flatnonzero(series < len(counted))
    whole = known.series["whole"].to_numpy()
    np.add.at(counted, series[claimed], sign[claimed])
    placed = claimed[whole[series[claimed]] != series[claimed]]
    np.add.at(counted, whole[series[placed]], sign[placed])
    return _Moves(site, series, day_of.gather(moved).to_numpy().astype(np.int64), sign, counted)


@dataclass(frozen=True)
class _Days:
    """What is known of sites (`site`: their words, rising) by day: columns from the day `begin` (since 1970) on.

    `totals`: sites × columns, their items. `first`: the column on which each begins. `pools`, `highest` (2 × sites ×
    columns): as known before, 0 where nothing is. `settled`: how many columns were settled then. `changed`: the first
    column on which something changed. `whole`: sites that are looked at whole.
    """

    begin: int
    site: np.ndarray
    totals: np.ndarray
    first: np.ndarray
    pools: Pools
    highest: np.ndarray
    settled: int
    changed: np.ndarray
    whole: np.ndarray

    @property
    def calendar(self) -> Calendar:
        """The columns."""
        return Calendar(EPOCH + timedelta(days=self.begin), self.totals.shape[1])


def _days(known: Known, moves: _Moves, end: int) -> _Days:
    former = known.site_days
    of_site = moves.site < 2**32 - 1
    there = moves.day[of_site], moves.site[of_site]
    site = np.union1d(former["site"].to_numpy().astype(np.int64), there[1])
    former_day = former["day"].to_physical().to_numpy().astype(np.int64)
    begin = int(min(former_day.min(initial=end), there[0].min(initial=end)))
    days = max(end, int(former_day.max(initial=end))) - begin + 1
    row, column = np.searchsorted(site, former["site"].to_numpy()), former_day - begin

    def filled(name: str) -> np.ndarray:
        matrix = np.zeros((len(site), days))
        matrix[row, column] = former[name].to_numpy()
        return matrix

    before = filled("items")
    cell = np.searchsorted(site, there[1]), there[0] - begin
    totals = before.copy()
    np.add.at(totals, cell, moves.sign[of_site])
    changed = np.full(len(site), days)
    # Of nothing known all is looked at whole, whatever changed.
    if known.until is not None and len(cell[0]):
        # An item may leave one series of a day of a site for another.
        _, place = np.unique(moves.series[of_site] * days + cell[1], return_inverse=True)
        differ = np.bincount(place, weights=moves.sign[of_site])[place] != 0
        differ |= totals[cell] != before[cell]
        np.minimum.at(changed, cell[0][differ], cell[1][differ])
    until = end if known.until is None else (known.until - EPOCH).days
    settled = settled_days(max(until - begin + 1, 0))
    whole = (before.sum(axis=1) == 0) | (changed < settled) | (first_columns(before) != first_columns(totals))
    whole |= until > end
    squares, means, highest = (
        np.stack([filled(name), filled(f"long_{name}")]) for name in ("squares", "means", "highest")
    )
    # What lies behind us counts no more, nor what is to come.
    start = int(np.argmax(totals.sum(axis=0) > 0))
    kept = slice(start, end - begin + 1)
    some = totals[:, kept].sum(axis=1) > 0
    return _Days(
        begin + start,
        site[some],
        totals[some, kept],
        first_columns(totals[:, kept])[some],
        Pools(squares[:, some, kept], means[:, some, kept]),
        highest[:, some, kept],
        max(settled - start, 0),
        np.maximum(changed[some] - start, 0),
        whole[some],
    )


class _Look:
    """One look at the series (`SERIES`, with as many items as they have now, and had before)."""

    def __init__(
        self,
        series: pl.DataFrame,
        had: np.ndarray,
        items: SeriesOfItems,
        days: _Days,
        alarm: float,
        early: pl.DataFrame,
    ) -> None:
        self._series, self._items, self._days, self._alarm = series, items, days, alarm
        self._early = days.calendar.columns_of(early)
        self._count = days.totals.shape[1]
        self._whole_of = series["whole"].to_numpy().astype(np.int64)
        self._is_whole = self._whole_of == np.arange(series.height)
        words = series["site"].to_numpy()
        self._site_of = np.minimum(np.searchsorted(days.site, words), max(len(days.site) - 1, 0))
        listed = np.isin(words, days.site)
        self._enough = listed & (series["items"].to_numpy() >= MIN_RISE_ITEMS)
        self._had_enough = listed & (had >= MIN_RISE_ITEMS)
        self._pools = Pools(days.pools.squares.copy(), days.pools.means.copy())
        self._highest = days.highest
        self.may_alarm = series["may_alarm"].to_numpy() & self._enough

    def rises(self) -> Iterator[pl.DataFrame]:
        """The rises of all series (`RISES`), block by block."""
        days = self._days
        if not len(days.site):
            return
        followed = ~days.whole[self._site_of]
        other = followed & (self._enough != self._had_enough)
        for chosen, sign in ((other & self._enough, 1), (other & self._had_enough, -1)):
            self._pool(np.flatnonzero(chosen), sign)
        self._pool_settled(self._in_order(np.flatnonzero(followed & self._enough)))
        known = self._pools.dispersion()[:, :, 1:]
        whole = days.whole | (known < (1 - SLACK) * days.highest).any(axis=(0, 2))
        all_days = self.may_alarm | other | whole[self._site_of]
        again = all_days | self._recent(followed)
        # What newcomers told is to be counted in items.
        again[self._early["series"].to_numpy()] = True
        self._since = np.where(all_days, 0, days.changed[self._site_of])
        chosen = self._in_order(np.flatnonzero(again & self._enough))
        self.may_alarm = np.zeros(len(again), dtype=bool)
        cells = self._cells(chosen)
        for block in _blocks(self._site_of[chosen]):
            yield self._rises_of(chosen[block], cells.of(block, self._count), whole)
        # What is looked at whole is known anew.
        known = self._pools.dispersion()[:, :, 1:]
        self._highest = np.where(whole[:, None], known, np.maximum(known, days.highest))

    def _rises_of(self, chosen: np.ndarray, counts: np.ndarray, whole: np.ndarray) -> pl.DataFrame:
        site = self._site_of[chosen]
        anew = np.flatnonzero(whole[site])
        if len(anew):
            for pool in (self._pools.squares, self._pools.means):
                pool[:, site[anew]] = 0
            self._add(chosen[anew], counts[anew], 0, settled_days(self._count))
        sites, member = np.unique(site, return_inverse=True)
        pool = Pools(self._pools.squares[:, sites], self._pools.means[:, sites]).dispersion()
        totals = self._days.totals[site]
        since = self._since[chosen]
        rises, near = scanned(counts, totals, self._days.first[site], member, pool, since, self._alarm)
        self.may_alarm[chosen[near]] = True
        if self._early.height:
            rows = pl.DataFrame({"series": chosen, "row": np.arange(len(chosen))})
            early = self._early.join(rows, on="series", maintain_order="left")
            rises = joined(rises, early, counts, totals)
        series = self._series[chosen].select(pl.Series("series", chosen), *SERIES_WORDS)
        return described(rises, series, counts, totals, self._days.calendar)

    def _exposure(self, chosen: np.ndarray) -> Exposure:
        site = self._site_of[chosen]
        return Exposure(self._days.totals.T, site, trained_from(self._days.first[site]), site)

    def _pool(self, chosen: np.ndarray, sign: int) -> None:
        """Add series to the days that were settled before, or take them away."""
        chosen = self._in_order(chosen)
        if len(chosen):
            counts = self._cells(chosen).of(slice(0, len(chosen)), self._count)
            self._add(chosen, counts, 0, self._days.settled, sign)

    def _add(self, chosen: np.ndarray, counts: np.ndarray, first: int, stop: int, sign: int = 1) -> None:
        by_day = np.ascontiguousarray(counts.T)
        past = np.zeros(len(chosen))
        self._put(
            pooled(
                by_day.__getitem__, past, self._exposure(chosen), range(first, stop), len(self._days.site)
            ),
            first,
            sign,
        )

    def _put(self, pools: Pools, first: int, sign: int) -> None:
        for pool, more in ((self._pools.squares, pools.squares), (self._pools.means, pools.means)):
            pool[:, :, first : first + more.shape[2]] += sign * more

    def _pool_settled(self, chosen: np.ndarray) -> None:
        """Add what series say of the days that settled since."""
        settled = range(self._days.settled, settled_days(self._count))
        if not len(chosen) or not len(settled):
            return
        begin = max(settled.start - LONG_DAYS + 1, 0)
        low = max(begin - BASELINE_DAYS, 0)
        mask = np.zeros(len(self._enough), dtype=bool)
        mask[chosen] = True
        first = self._days.begin
        _, series, day = self._items.between(first + low, first + settled.stop - 1, mask[self._whole_of])
        column = day - first

        def counted(series: np.ndarray) -> np.ndarray:
            own = np.bincount(series, minlength=len(mask))
            whole = np.bincount(self._whole_of, weights=own, minlength=len(mask))
            found: np.ndarray = np.where(self._is_whole, whole, own)[chosen]
            return found

        asked = np.zeros(settled.stop, dtype=bool)
        asked[begin:] = True
        asked[low : max(settled.stop - BASELINE_DAYS, 0)] = True
        some = np.flatnonzero(asked[column])
        columns = {
            int(each): counted(series[some[column[some] == each]]) for each in np.flatnonzero(asked).tolist()
        }
        past = counted(series[column < begin])
        self._put(
            pooled(columns.__getitem__, past, self._exposure(chosen), settled, len(self._days.site)),
            settled.start,
            1,
        )

    def _recent(self, followed: np.ndarray) -> np.ndarray:
        """Series of sites that are followed with items since the first day on which something changed there, and with
        enough of them since the longest window of that day began."""
        changed, begin = self._days.changed, self._days.begin
        asked = followed & self._enough & (changed < self._count)[self._site_of]
        found = np.zeros(len(asked), dtype=bool)
        if not asked.any():
            return found
        first = begin + changed[np.unique(self._site_of[asked])].min()
        _, series, day = self._items.between(
            first - WINDOWS[-1], begin + self._count - 1, asked[self._whole_of]
        )
        late = series[day >= begin + changed[self._site_of[series]]]
        found[late] = found[self._whole_of[late]] = True
        # What is not there in the longest window is no rise.
        own = np.bincount(series, minlength=len(asked))
        whole = np.bincount(self._whole_of, weights=own, minlength=len(asked))
        return found & (np.where(self._is_whole, whole, own) >= MIN_RISE_ITEMS)

    def _in_order(self, chosen: np.ndarray) -> np.ndarray:
        """The series in order of sites."""
        ordered: np.ndarray = chosen[np.argsort(self._site_of[chosen], kind="stable")]
        return ordered

    def _cells(self, chosen: np.ndarray) -> Cells:
        """The items of these series, by their places among these, and by days."""
        space = len(chosen) * self._count
        kind = np.int32 if space < 2**31 else np.int64
        place: np.ndarray = np.full(len(self._enough), -1, dtype=kind)
        place[chosen] = np.arange(len(chosen))
        begin, days = self._days.begin, self._count
        mask = (place >= 0) | (place[self._whole_of] >= 0)
        _, series, day = self._items.between(begin, begin + days - 1, mask)
        cells = []
        whole = self._whole_of[series]
        for each in (place[series], np.where(whole != series, place[whole], kind(-1))):
            some = np.flatnonzero(each >= 0)
            cells.append(each[some] * kind(days) + (day[some] - kind(begin)))
        number = np.concatenate(cells)
        if space <= DENSE * len(number):
            return Cells(None, np.bincount(number, minlength=space))
        return Cells(*np.unique(number, return_counts=True))

    def risen(self, found: pl.DataFrame) -> np.ndarray:
        """The rows of the items that lie in one of these rises, rising."""
        begin = self._days.begin
        risen, place = np.unique(found["series"].to_numpy(), return_inverse=True)
        if not len(risen):
            return np.zeros(0, dtype=np.int64)
        days = np.zeros((len(risen) + 1, self._count), dtype=bool)
        spans = (found[name].to_physical() - begin for name in ("start_date", "end_date"))
        for row, start, end in zip(place, *spans, strict=True):
            days[row, start : end + 1] = True
        row_of = np.full(len(self._enough), len(risen))
        row_of[risen] = np.arange(len(risen))
        mask = (row_of < len(risen)) | (row_of[self._whole_of] < len(risen))
        rows, series, day = self._items.between(begin, begin + self._count - 1, mask)
        inside = days[row_of[series], day - begin] | days[row_of[self._whole_of[series]], day - begin]
        found_rows: np.ndarray = rows[inside]
        return found_rows

    def site_days(self) -> pl.DataFrame:
        """What is known of the sites now (`SITE_DAYS`)."""
        days = self._days
        site, column = np.nonzero(np.cumsum(days.totals, axis=1) > 0)
        told: dict[str, np.ndarray] = {
            "site": days.site[site],
            "day": (days.begin + column).astype(np.int32),
            "newcomers": np.zeros(len(site), dtype=bool),
            "items": days.totals[site, column],
        }
        sums = {"squares": self._pools.squares, "means": self._pools.means, "highest": self._highest}
        for name, values in sums.items():
            for which, length in enumerate(("", "long_")):
                told[length + name] = values[which, site, column]
        return pl.DataFrame(told).select(pl.col(name).cast(kind) for name, kind in SITE_DAYS.items())


def _blocks(site: np.ndarray) -> Iterator[slice]:
    """Consecutive series, those of one site (they are in order of sites) never apart."""
    begin = last = 0
    for end in [*(np.flatnonzero(np.diff(site)) + 1).tolist(), len(site)]:
        if end - begin > BLOCK_SERIES and last > begin:
            yield slice(begin, last)
            begin = last
        last = end
    if last > begin:
        yield slice(begin, last)

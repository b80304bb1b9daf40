"""Rises that are followed from day to day are those that a look at all items finds."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from assets.detection import following_rises, scan_statistic
from assets.detection.following_rises import Rising, follow_rises
from assets.detection.numbering import WORD
from assets.detection.rises import RISES
from assets.detection.scan_statistic import Rises
from assets.detection.series import Known, forgotten, numbered_series

FIRST = date(2026, 1, 1)
WORDS = dict.fromkeys(("site", "place", "nationality", "category"), WORD)
ITEMS = {**WORDS, "day": pl.Date(), "item_id": pl.Binary(), "poster": pl.UInt64()}


@pytest.fixture(autouse=True)
def many_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A low alarm, series of three items, a window of 55 days."""
    monkeypatch.setattr(scan_statistic, "TRAINING_DAYS", 7)
    monkeypatch.setattr(following_rises, "WINDOW_DAYS", 55)
    monkeypatch.setattr(following_rises, "MIN_RISE_ITEMS", 3)
    monkeypatch.setattr(following_rises, "BLOCK_SERIES", 40)


def _items(rng: np.random.Generator, count: int, days: range) -> pl.DataFrame:
    """Items of four sites (words 0 to 3; one begins late), a third of them without a claim, some with a place."""
    site = rng.integers(0, 4, count)
    day = rng.integers(days.start, days.stop, count)
    site[(site == 3) & (day < 30)] = 0
    columns = {
        "site": site,
        "place": np.where(rng.random(count) < 0.7, 10 + rng.geometric(0.4, count).clip(0, 5), -1),
        "nationality": np.where(rng.random(count) < 0.7, 20 + rng.geometric(0.5, count).clip(0, 5), -1),
        "category": 30 + rng.integers(0, 2, count),
        "day": (FIRST - date(1970, 1, 1)).days + day,
        "poster": np.where(rng.random(count) < 0.8, 1000 * site + rng.integers(0, 300, count), -1),
    }
    told = pl.DataFrame(columns).select(pl.when(pl.col(name) >= 0).then(name) for name in columns)
    told = told.with_columns(item_id=pl.Series([rng.bytes(12) for _ in range(count)], dtype=pl.Binary))
    return told.cast({"day": pl.Int32}).select(pl.col(name).cast(kind) for name, kind in ITEMS.items())


class _World:
    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch, alarm: float = 10.5) -> None:
        self.rng = np.random.default_rng(seed)
        self.items = pl.DataFrame(
            schema={**ITEMS, "series": pl.UInt32(), "is_newcomer": pl.Boolean(), "stands": pl.Boolean()}
        )
        self.known = Known()
        # How many series were scanned to follow, and to look at all.
        self.scanned = (0, 0)
        self._count = 0
        scanned = following_rises.scanned

        def counting(counts: np.ndarray, *more: Any) -> tuple[Rises, np.ndarray]:
            self._count += len(counts)
            return scanned(counts, *more)

        monkeypatch.setattr(following_rises, "scanned", counting)
        monkeypatch.setattr(following_rises, "ALARM", alarm)
        monkeypatch.setattr(following_rises, "ITEMS_ALARM", alarm + 1.0)

    def follow(self, new: pl.DataFrame, gone: np.ndarray, last: date | None) -> pl.DataFrame:
        """The rises, which are the same with what is known and without."""
        series, number = numbered_series(self.known.series, new)
        come = np.arange(self.items.height, self.items.height + new.height)
        new = new.with_columns(number, pl.lit(False).alias("is_newcomer"), pl.lit(True).alias("stands"))
        stands = np.append(self.items["stands"].to_numpy(), np.ones(new.height, dtype=bool))
        stands[gone] = False
        # Items lie in pieces, as they do in files.
        self.items = pl.concat([self.items, new], rechunk=False).with_columns(pl.Series("stands", stands))
        followed, few = self._look(replace(self.known, series=series), come, gone, last)
        anew, every = self._look(Known(forgotten(series)), np.flatnonzero(stands), gone[:0], last)
        self.known, self.scanned = followed.known, (few, every)
        self.items = self.items.with_columns(pl.Series("is_newcomer", followed.newcomers))
        assert followed.newcomers.tolist() == anew.newcomers.tolist()
        assert followed.items.tolist() == anew.items.tolist()
        assert followed.known.series["items"].equals(anew.known.series["items"])
        found, found_anew = (each.found.sort("series", "alarm") for each in (followed, anew))
        assert dict(found.schema) == RISES
        assert found.equals(found_anew), last
        return found

    def _look(
        self, known: Known, come: np.ndarray, gone: np.ndarray, last: date | None
    ) -> tuple[Rising, int]:
        self._count = 0
        return follow_rises(known, self.items, come, gone, last), self._count


NONE = np.zeros(0, dtype=np.int64)


@pytest.mark.parametrize("seed", [pytest.param(0, marks=pytest.mark.slow), 1])
def test_days_one_by_one_give_what_all_at_once_give(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    world = _World(seed, monkeypatch, alarm=1.5 if seed % 2 else 4.0)
    rng, shares = world.rng, []
    risen = world.follow(_items(rng, 2400, range(41)), NONE, FIRST + timedelta(days=40)).height
    for day in [*range(41, 62), 70, 71]:
        new = [_items(rng, 60, range(day, day + 1))]
        if day == 70:
            new.append(_items(rng, 600, range(62, 70)))
        if day % 4 == 1:
            # Posted before they were seen; one site's long ago.
            new.append(_items(rng, 20, range(day - 4, day + 1)))
        if day % 7 == 0 and day != 70:
            new.append(_items(rng, 4, range(10, 11)).with_columns(pl.lit(1, WORD).alias("site")))
        if day % 5 == 0:
            # Many of one kind in two days.
            claim = {"nationality": pl.lit(21, WORD), "place": pl.lit(12, WORD)}
            new.append(_items(rng, 25, range(day - 1, day + 1)).with_columns(**claim))
        standing = np.flatnonzero(world.items["stands"].to_numpy())
        gone = rng.choice(standing if day % 3 == 0 else standing[-200:], 4, replace=False)
        risen += world.follow(pl.concat(new), np.sort(gone), FIRST + timedelta(days=day)).height
        shares.append(world.scanned[0] / world.scanned[1])
    assert risen > 40
    assert sum(share < 0.8 for share in shares) > 4
    # What was seen last is gone, and so are days to come.
    late = world.items.select(pl.col("stands") & (pl.col("day") > FIRST + timedelta(days=65))).to_series()
    world.follow(new[0].clear(), np.flatnonzero(late.to_numpy()), FIRST + timedelta(days=65))
    world.follow(_items(rng, 40, range(64, 68)), NONE, FIRST + timedelta(days=65))
    world.follow(_items(rng, 40, range(66, 67)), NONE, FIRST + timedelta(days=66))
    # What has no items has no rises, and what comes after it is found again.
    world.follow(new[0].clear(), np.flatnonzero(world.items["stands"].to_numpy()), None)
    world.follow(_items(rng, 800, range(60, 80)), NONE, FIRST + timedelta(days=80))


def test_a_site_that_turns_out_to_begin_later_is_looked_at_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _World(1, monkeypatch, alarm=4.0)
    site = pl.lit(1, WORD).alias("site")
    claim = {"nationality": pl.lit(21, WORD), "place": pl.lit(12, WORD), "category": pl.lit(30, WORD)}
    posted = [
        _items(world.rng, 1, range(1)),
        *(_items(world.rng, 4, range(day, day + 1)) for day in range(8, 43)),
    ]
    # Many of one kind four days after the second post, and again later.
    many = [_items(world.rng, 12, range(day, day + 1)).with_columns(**claim) for day in (12, 44)]
    world.follow(pl.concat([*posted, *many]).with_columns(site), NONE, FIRST + timedelta(days=45))
    found = world.follow(
        _items(world.rng, 4, range(46, 47)).with_columns(site), NONE, FIRST + timedelta(days=46)
    )
    assert FIRST + timedelta(days=12) in found["alarm_date"]
    # With two hundred items the first one is no longer the day on which the site begins.
    more = _items(world.rng, 40, range(47, 48)).with_columns(site)
    found = world.follow(more, NONE, FIRST + timedelta(days=47))
    assert FIRST + timedelta(days=12) not in found["alarm_date"]
    assert FIRST + timedelta(days=44) in found["alarm_date"]


def test_what_may_not_alarm_is_not_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _World(1, monkeypatch)
    world.follow(_items(world.rng, 3000, range(40)), NONE, FIRST + timedelta(days=39))
    assert world.scanned[0] == world.scanned[1] > 80
    day = FIRST + timedelta(days=40)
    world.follow(_items(world.rng, 5, range(40, 41)).with_columns(pl.lit(2, WORD).alias("site")), NONE, day)
    few, every = world.scanned
    assert few < every / 4
    # Nothing changed, but a dispersion that sinks has its site looked at whole.
    sunk = pl.when(pl.col("site") == 2).then(pl.col("highest") * 2).otherwise("highest").alias("highest")
    world.known = replace(world.known, site_days=world.known.site_days.with_columns(sunk))
    world.follow(pl.DataFrame(schema=ITEMS), NONE, day)
    assert few < world.scanned[0] < every

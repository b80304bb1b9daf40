"""The table of near-duplicates from day to day is what a build of all days at once makes it."""

import logging
import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.house import House
from assets.linking import text_stage
from assets.linking.epochs import GROWTH, last_day_of_base
from assets.linking.text_stage import FOLDER, forget_others, keep_text_clusters
from assets.operation import Operation
from assets.parsing.changes import Seen, look_for_changes, nothing_seen
from benchmarks.planted_house import FIRST_DAY, PlantedHouse, plant
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore, PartWrite

DAYS = 30


class _Table:
    """What the committed table would hold after each run."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.seen: Seen = nothing_seen()
        self.before: str | None = None
        self.rows = pl.DataFrame(schema=CONTRACTS["text_clusters"].schema)
        self.wholes = 0

    def run(self, inputs: str) -> None:
        store = PartStore(self.home)
        house = House(
            home=self.home,
            store=store,
            sources={},
            operation=Operation(code="planted", name="planted"),
            run_id="run",
            key=b"k" * 32,
            log=logging.getLogger("test"),
        )
        changes = look_for_changes(store, self.seen)
        changed = keep_text_clusters(house, changes, before=self.before, inputs=inputs)
        if changed.stale is None:
            self.wholes += 1
            self.rows = changed.rows
        else:
            stale = self.rows.filter(~pl.col("item_id").is_in(changed.stale.to_list()))
            self.rows = pl.concat([stale, changed.rows])
        self.before, self.seen = inputs, changes.seen
        forget_others(house, inputs)

    def sorted(self) -> pl.DataFrame:
        return self.rows.sort("item_id")


@pytest.fixture(scope="module")
def planted() -> PlantedHouse:
    """The rows of three sources: fewer parts, which take time to commit."""
    tables = plant(3600, 3, days=DAYS, texts=True).tables
    sources = tables["listings"]["source"].unique().sort().head(3).to_list()
    return PlantedHouse({name: rows.filter(pl.col("source").is_in(sources)) for name, rows in tables.items()})


def _whole(home: Path, to: Path) -> pl.DataFrame:
    """What a build from scratch finds in a copy of a home."""
    shutil.copytree(home, to)
    shutil.rmtree(to / FOLDER)
    table = _Table(to)
    table.run("all")
    return table.sorted()


@pytest.mark.slow
def test_days_one_by_one_give_what_all_at_once_gives(planted: PlantedHouse, tmp_path: Path) -> None:
    home = tmp_path / "grown"
    planted.commit(home, 0, DAYS - 4)
    table = _Table(home)
    table.run("first")
    # Nothing new, then two days at once, an older unit made again with other texts, and a unit that is gone.
    planted.commit(home, DAYS - 4, DAYS - 2)
    table.run("second")
    store = PartStore(home)
    last = [
        part for part in store.parts("listings") if part.unit_date == FIRST_DAY + timedelta(days=DAYS - 3)
    ]
    schema = CONTRACTS["listings"].schema
    for number, part in enumerate(last[:4]):
        rows = store.scan("listings", schema, source=part.source, unit_date=part.unit_date).collect()
        rows = rows.with_columns(pl.col("text").shift(1)) if number % 2 else rows.clear()
        store.commit([PartWrite("listings", rows, part.source, part.unit_date, inputs="again")])
    table.run("third")
    planted.commit(home, DAYS - 2, DAYS)
    table.run("fourth")
    # At most once the base was taken anew.
    assert table.wholes <= 2
    assert table.rows.height > 100
    assert table.sorted().equals(_whole(home, tmp_path / "whole"))


def test_a_base_that_was_made_again_is_counted_again(planted: PlantedHouse, tmp_path: Path) -> None:
    home = tmp_path / "grown"
    planted.commit(home, 0, 6)
    table = _Table(home)
    table.run("first")
    store = PartStore(home)
    first = min(store.parts("listings"), key=lambda part: (part.unit_date or date.max, part.part_id))
    rows = store.scan(
        "listings", CONTRACTS["listings"].schema, source=first.source, unit_date=first.unit_date
    )
    changed = rows.collect().with_columns(pl.col("text").str.to_uppercase() + " Late.")
    store.commit([PartWrite("listings", changed, first.source, first.unit_date, inputs="again")])
    table.run("second")
    assert table.wholes == 2
    assert table.sorted().equals(_whole(home, tmp_path / "whole"))


def test_an_index_that_is_torn_or_of_other_rules_is_made_again(
    planted: PlantedHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    home = tmp_path / "grown"
    planted.commit(home, 0, 3)
    table = _Table(home)
    table.run("first")
    for file in (home / FOLDER).glob("items-*/run.arrow"):
        file.write_bytes(file.read_bytes()[:40])
    table.run("second")
    assert table.wholes == 2
    assert "no index" in caplog.text
    monkeypatch.setattr(text_stage, "code_digest", lambda *files: "other")
    table.run("third")
    assert table.wholes == 3
    assert "its rules changed" in caplog.text
    table.run("fourth")
    assert table.wholes == 3
    assert len(list((home / FOLDER).glob("*.json"))) == 1


def test_the_base_is_taken_anew_when_items_are_a_quarter_more() -> None:
    day = FIRST_DAY
    counts = [100, 10, 10, 5, 10, 40]
    days = [day + timedelta(days=number) for number, count in enumerate(counts) for _ in range(count)]
    assert GROWTH == 1.25
    for seen, last in ((100, 0), (124, 0), (125, 3), (135, 3), (175, 5)):
        assert last_day_of_base(pl.Series("first_seen", days[:seen])) == day + timedelta(days=last)
    assert last_day_of_base(pl.Series("first_seen", [], pl.Date)) is None

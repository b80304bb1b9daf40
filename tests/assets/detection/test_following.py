"""What is looked at again gives the tables that looking at everything gives, whatever comes, goes, moves or turns."""

import logging
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import benchmarks.planted_house as planted_house
import quality.gate
from assets.detection import following_rises, notes, scan_statistic
from assets.detection.notes import FOLDER
from assets.detection.reviews import record_review
from assets.detection.stage import LEAD_TABLES, detect_all
from assets.house import House
from assets.linking.digests import key_of
from assets.linking.identifiers import build_identifiers
from assets.operation import Operation
from assets.parsing.current import current_items, current_rows
from benchmarks.planted_house import FIRST_DAY, PlantedHouse
from quality.contracts import CONTRACTS
from quality.contracts.detection import DECISIONS
from quality.expectations import Verdict
from warehouse import row_replacement
from warehouse.parts import PartStore, PartWrite

DAYS, FIRST = 50, 40
TABLES = ("surges", *LEAD_TABLES)


@pytest.fixture(autouse=True)
def small_and_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few sites, many surges, rows replaced in small tables too; what the gates say is tested elsewhere."""
    monkeypatch.setattr(planted_house, "SOURCES", 3)
    monkeypatch.setattr(planted_house, "CHANNELS", 1)
    monkeypatch.setattr(scan_statistic, "TRAINING_DAYS", 7)
    monkeypatch.setattr(following_rises, "MIN_RISE_ITEMS", 3)
    monkeypatch.setattr(following_rises, "ALARM", 1.5)
    monkeypatch.setattr(following_rises, "ITEMS_ALARM", 3.0)
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setattr(row_replacement, "SMALL_TABLE", 0)
    monkeypatch.setattr(
        quality.gate,
        "judge_together",
        lambda files: [[Verdict(rule, 0) for rule in contract.all_rules] for contract, _ in files],
    )


def _house(home: Path, day: int, log: logging.Logger | None = None) -> House:
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
    return House(
        home=home,
        store=PartStore(home),
        sources={},
        operation=Operation(code="planted", name="planted", countries=("ES", "PT")),
        run_id=f"run{day}",
        key=b"k" * 32,
        log=log or logging.getLogger("following"),
        now=lambda: moment,
    )


def _with_a_site_that_turns(planted: PlantedHouse, later: list[int]) -> PlantedHouse:
    """One site of no category, where the items of `later` days promise a pay and the others say nothing clear."""
    site = planted.tables["listings"].filter(pl.col("account").is_not_null())["site"].mode().sort()[0]
    here = pl.col("site") == site
    facts = planted.tables["facts"]
    days = [FIRST_DAY + timedelta(days=day) for day in later]
    pays = facts.filter(here & (pl.col("kind") == "place") & pl.col("unit_date").is_in(days)).with_columns(
        pl.lit("pay").alias("kind"), (pl.col("fact_id").str.slice(0, 23) + "x").alias("fact_id")
    )
    others = facts.filter(~here | ~pl.col("kind").is_in(["age", "sign"]))
    listings = planted.tables["listings"].with_columns(
        pl.when(here).then(pl.lit("other")).otherwise("category").alias("category")
    )
    return PlantedHouse(
        {**planted.tables, "listings": listings, "facts": pl.concat([others, pays.select(others.columns)])}
    )


def _with_a_rise_that_ends() -> PlantedHouse:
    """From day 30 one person puts up eighteen items by six accounts in three days, on a site with four others a day.
    On day 34 it turns out that four hundred others, whom nothing ties to anyone, posted on these days, too."""
    posted = [
        (f"other{day}x{number}", "", day, day, number == 0 and day % 7 == 0)
        for day in range(34)
        for number in range(4)
    ]
    posted += [("controller", str(front), day, day, True) for day in (30, 31, 32) for front in range(6)]
    posted += [(f"late{number}", "", 30 + number % 3, 34, False) for number in range(400)]
    items = pl.DataFrame(
        posted, ["poster", "front", "posted", "seen", "is_claimed"], orient="row"
    ).with_row_index()
    items = items.with_columns(
        item_id=pl.col("index").cast(pl.String).str.zfill(24),
        source=pl.lit("s"),
        site=pl.when(pl.col("poster") == "other0x3").then(pl.lit("t.example")).otherwise(pl.lit("s.example")),
        unit_date=(pl.lit(FIRST_DAY) + pl.duration(days="seen")).cast(pl.Date),
    )
    listings = items.with_columns(
        capture_id="item_id",
        account=pl.col("poster") + pl.col("front"),
        category=pl.lit("adult"),
        posted_at=pl.lit(datetime(2026, 1, 1, 12, tzinfo=UTC)) + pl.duration(days="posted"),
        text=pl.lit("invented"),
    )
    keys = {name: key_of("phone", name) for name in items["poster"].unique()}
    phone = pl.col("poster").replace_strict(keys, return_dtype=pl.String)
    mentions = items.with_columns(identifier_id=phone, kind=pl.lit("phone"), value="poster", obscured=False)
    said = items.with_columns(
        kind=pl.lit("nationality"),
        value=pl.lit("RO"),
        field=pl.lit("text"),
        confidence=0.9,
        rule_id=pl.lit("a"),
    )
    sign = {"kind": pl.lit("sign"), "value": pl.lit("movement_restricted")}
    facts = [said.filter("is_claimed"), said.filter(pl.col("poster") == "controller").with_columns(**sign)]
    return PlantedHouse({"listings": listings, "mentions": mentions, "facts": pl.concat(facts)})


class _World:
    """A home whose actors we make ourselves: posters by account, merged and split at random."""

    def __init__(self, home: Path, seed: int, planted: PlantedHouse | None = None) -> None:
        self.home = home
        self.rng = np.random.default_rng(seed)
        self.store = PartStore(home)
        self.days: list[int] = self.rng.permutation(DAYS).tolist()
        self.planted = planted or _with_a_site_that_turns(
            planted_house.plant(700, seed, days=DAYS), self.days[FIRST:]
        )
        self.renamed: dict[str, str] = {}

    def commit(self, day: int) -> None:
        """A day's units."""
        self.planted.commit(self.home, day, day + 1)

    def make_again(self, table: str) -> None:
        """One unit of a table loses a row."""
        parts = [part for part in self.store.parts(table) if part.rows]
        part = parts[int(self.rng.integers(len(parts)))]
        rows = self.store.scan_parts([part], CONTRACTS[table].schema).collect()
        self.store.commit([PartWrite(table, rows[1:], part.source, part.unit_date, "again")])

    def link(self, moves: int = 3) -> None:
        """Actors: items of one account, or of one phone; every third time their table is written anew."""
        items = current_items(self.store)
        mentions = current_rows(self.store, CONTRACTS["mentions"], items)
        phones = mentions.filter(pl.col("kind") == "phone").group_by("item_id").agg(pl.col("value").min())
        named = (
            items.join(phones, on="item_id", how="left")
            .with_columns(pl.coalesce("value", pl.col("site") + "|" + pl.col("account")).alias("name"))
            .drop_nulls("name")
            .sort("item_id")
        )
        names = named["name"].unique().sort().to_list()
        for name in self.rng.choice(names, size=min(moves, len(names)), replace=False).tolist():
            # Into another actor, or out of it again.
            other = names[int(self.rng.integers(len(names)))]
            self.renamed[name] = "" if self.renamed.get(name) else other
        moved = {name: other for name, other in self.renamed.items() if other}
        keys = {name: key_of("actor", name) for name in {*names, *moved.values()}}
        of_items = named.select(
            pl.col("name").replace(moved).replace_strict(keys, return_dtype=pl.String).alias("actor_id"),
            pl.lit("item").alias("member_kind"),
            pl.col("item_id").alias("member_id"),
            "site",
            "account",
        )
        held = (
            mentions.join(of_items, left_on="item_id", right_on="member_id", suffix="_of")
            .group_by("actor_id", "identifier_id")
            .agg(pl.len().cast(pl.Int64).alias("items"))
        )
        of_identifiers = held.select(
            "actor_id",
            pl.lit("identifier").alias("member_kind"),
            pl.col("identifier_id").alias("member_id"),
            pl.lit(None, pl.String).alias("site"),
            pl.lit(None, pl.String).alias("account"),
        )
        self._write("actor_members", pl.concat([of_items, of_identifiers]))
        schema = CONTRACTS["actors"].schema
        ids = of_items.select("actor_id").unique()
        self._write(
            "actors",
            ids.with_columns(
                pl.lit(None, kind).alias(name) for name, kind in schema.items() if name != "actor_id"
            ),
        )
        lines = pl.Series("identifier_id", [], dtype=pl.String)
        self._write("identifiers", build_identifiers(mentions, items, held, lines))
        sites = items["site"].unique().sort().to_list()
        pair = sorted(self.rng.choice(sites, size=2, replace=False).tolist())
        schema = CONTRACTS["site_links"].schema
        known = {"site_a": pair[0], "site_b": pair[1], "is_tie": True}
        self._write("site_links", pl.DataFrame([known], schema=schema))

    def _write(self, table: str, rows: pl.DataFrame) -> None:
        """Only the rows that differ, or now and then all."""
        contract = CONTRACTS[table]
        rows = rows.select(*contract.schema)
        before = self.store.scan(table, contract.schema).collect()
        keys = list(contract.key)
        gone = before.join(rows, on=list(contract.schema), how="anti", nulls_equal=True).select(keys)
        new = rows.join(before, on=list(contract.schema), how="anti", nulls_equal=True)
        if before.is_empty() or self.rng.random() < 0.3:
            self.store.commit([PartWrite(table, rows, inputs="all")])
        else:
            self.store.commit([PartWrite(table, new, inputs="new", replace=False, removes=gone)])

    def review(self) -> None:
        """Somebody decides on a lead."""
        leads = self.store.scan("leads", CONTRACTS["leads"].schema).collect()["lead_id"].sort()
        record_review(
            self.store,
            leads[int(self.rng.integers(len(leads)))],
            decision=str(self.rng.choice(DECISIONS)),
            by="analyst",
            note=None,
            now=datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=int(self.rng.integers(10**4))),
            run_id="review",
        )


def _read(store: PartStore, table: str) -> pl.DataFrame:
    frame = store.scan(table, CONTRACTS[table].schema).collect()
    return frame.sort(frame.columns)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))])
def test_following_gives_what_looking_at_everything_gives(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MOST_FILES", 2)
    world = _World(tmp_path / "home", seed)
    later = iter(world.days[FIRST:])
    steps = [world.days[:FIRST], [next(later), next(later)], [], [next(later)], [next(later), next(later)]]
    caplog.set_level(logging.INFO, "following")
    told = ""
    for number, some in enumerate(steps):
        # What stands no more is left out of the notes on one of the days.
        monkeypatch.setattr(notes, "MOST_GONE", 0 if number == 3 else 1)
        for day in some:
            world.commit(day)
        if number > 1:
            world.make_again(str(world.rng.choice(["listings", "mentions", "facts"])))
        if number != 2:
            world.link()
        if number:
            world.review()
        whole = tmp_path / f"whole{number}"
        shutil.copytree(world.home, whole, ignore=shutil.ignore_patterns(FOLDER.name))
        caplog.clear()
        assert detect_all(_house(world.home, number)) is not None
        assert ("looked again at" in caplog.text) == (number > 0)
        told += caplog.text
        assert detect_all(_house(whole, number)) is not None
        assert "looked at everything" in caplog.text
        for table in TABLES:
            assert _read(world.store, table).equals(_read(PartStore(whole), table)), (number, table)
    leads = _read(world.store, "leads")
    assert leads["type"].n_unique() >= 3
    assert _read(world.store, "surges").height >= 3
    assert {
        reason for reason in ("another actor", "reached otherwise", "sites that turned") if reason in told
    } == {
        "another actor",
        "reached otherwise",
        "sites that turned",
    }
    assert set(leads["state"]) - {"new"}


def test_whoever_made_a_rise_that_is_none_any_more_is_looked_at_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = _World(tmp_path / "home", 1, _with_a_rise_that_ends())
    caplog.set_level(logging.INFO, "following")
    told = []
    for day in (34, 35, 36):
        if day == 34:
            world.planted.commit(world.home, 0, 34)
        elif day == 35:
            world.commit(34)
        else:
            for table in ("listings", "mentions", "facts"):
                gone = pl.DataFrame(schema=CONTRACTS[table].schema)
                for part in world.store.parts(table, unit_date=FIRST_DAY + timedelta(days=34)):
                    world.store.commit([PartWrite(table, gone, part.source, part.unit_date, "gone")])
        world.link(moves=0)
        whole = tmp_path / f"whole{day}"
        shutil.copytree(world.home, whole, ignore=shutil.ignore_patterns(FOLDER.name))
        detect_all(_house(world.home, day))
        assert ("looked again at" in caplog.text) == (day > 34)
        detect_all(_house(whole, day))
        for table in TABLES:
            assert _read(world.store, table).equals(_read(PartStore(whole), table)), (day, table)
        rises = _read(world.store, "lead_indicators").filter(pl.col("indicator_id") == "one_controller_surge")
        told.append((_read(world.store, "surges").height, rises.height))
    # Behind a rise he is an exploiter, and whom he advertises a victim; without it both lead for less.
    assert told == [(1, 2), (0, 0), (1, 2)]


def test_evidence_that_is_what_it_was_is_not_written_again(tmp_path: Path) -> None:
    world = _World(tmp_path / "home", 3)
    for day in range(FIRST):
        world.commit(day)
    world.link()
    detect_all(_house(world.home, 0))
    before = _read(world.store, "lead_evidence")
    world.commit(FIRST)
    world.link(moves=0)
    detect_all(_house(world.home, 1))

    def written(table: str) -> pl.DataFrame:
        part = world.store.parts(table)[-1]
        return world.store.scan_parts([part], CONTRACTS[table].schema).collect()

    again = written("leads").join(before, on="lead_id", how="semi")
    stood = _read(world.store, "lead_evidence").join(again, on="lead_id", how="semi")
    assert stood.join(before, on=before.columns, how="semi").height > 0
    new = written("lead_evidence")
    assert new.height > 0
    assert new.join(before, on=before.columns, how="semi").is_empty()


def test_notes_that_do_not_go_with_the_tables_are_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = _World(tmp_path / "home", 3)
    for day in range(FIRST):
        world.commit(day)
    world.link()
    caplog.set_level(logging.INFO, "following")
    assert detect_all(_house(world.home, 0)) is not None
    assert detect_all(_house(world.home, 0)) is None
    taken = world.home / FOLDER
    kept = tmp_path / "notes"
    shutil.copytree(taken, kept)
    world.commit(FIRST)
    assert detect_all(_house(world.home, 1)) is not None
    shutil.rmtree(taken)
    shutil.copytree(kept, taken)
    world.commit(FIRST + 1)
    caplog.clear()
    assert detect_all(_house(world.home, 2)) is not None
    assert "looked at everything" in caplog.text
    for file in taken.rglob("*.arrow"):
        file.write_bytes(b"torn")
    world.commit(FIRST + 2)
    assert detect_all(_house(world.home, 3)) is not None

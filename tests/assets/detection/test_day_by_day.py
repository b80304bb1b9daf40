"""Days that come one by one give what all of them at once give: the same actors, edges, ties, surges and leads."""

import logging
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from assets.detection.stage import detect_all
from assets.house import House
from assets.linking.stage import link_all
from assets.operation import Operation
from benchmarks.planted_house import FIRST_DAY, PlantedHouse, plant
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

DAYS = 101


def _run(home: Path, planted: PlantedHouse, first: int, last: int) -> PartStore:
    """Commit some days and run both stages as on the last of them."""
    planted.commit(home, first, last)
    moment = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=last)
    store = PartStore(home)
    house = House(
        home=home,
        store=store,
        sources={},
        operation=Operation(code="planted", name="planted"),
        run_id=f"run{last}",
        key=b"k" * 32,
        log=logging.getLogger("test"),
        now=lambda: moment,
    )
    assert link_all(house) is not None
    assert detect_all(house) is not None
    assert link_all(house) is None
    assert detect_all(house) is None
    return store


def _read(store: PartStore, table: str) -> pl.DataFrame:
    return store.scan(table, CONTRACTS[table].schema).collect()


def _names(store: PartStore) -> pl.DataFrame:
    """What to call each actor on either way, as ids are kept over the days: actor_id, name (its oldest items)."""
    members = _read(store, "actor_members").filter(pl.col("member_kind") == "item")
    return members.group_by("actor_id").agg(pl.col("member_id").min().alias("name"))


def _compared(store: PartStore, table: str) -> pl.DataFrame:
    """A table with its actors named by their items, without keys that are made of actor ids; sorted."""
    frame = _read(store, table)
    names = _names(store)
    for column in {"actor_id", "largest_actor_id", "subject_id"} & set(frame.columns):
        named = names.rename({"actor_id": column})
        frame = (
            frame.join(named, on=column, how="left")
            .with_columns(pl.coalesce("name", column).alias(column))
            .drop("name")
        )
    if "lead_id" in frame.columns:
        leads = _read(store, "leads").join(
            names.rename({"actor_id": "subject_id"}), on="subject_id", how="left"
        )
        called = leads.select(
            "lead_id", pl.format("{} {}", "type", pl.coalesce("name", "subject_id")).alias("lead")
        )
        frame = frame.join(called, on="lead_id").drop("lead_id")
    return frame.sort(frame.columns)


@pytest.mark.parametrize(
    "missing",
    [
        ("mentions",),
        pytest.param(("listings", "messages"), marks=pytest.mark.slow),
        pytest.param(("facts",), marks=pytest.mark.slow),
    ],
)
def test_what_is_missing_stops_no_stage(tmp_path: Path, missing: tuple[str, ...]) -> None:
    planted = plant(60, 1, days=DAYS)
    bare = {name: frame.clear() if name in missing else frame for name, frame in planted.tables.items()}
    _run(tmp_path / "bare", PlantedHouse(bare), 0, DAYS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_days_one_by_one_give_what_all_at_once_give(tmp_path: Path, seed: int) -> None:
    planted = plant(2000, seed, days=DAYS, texts=True)
    for first, last in ((0, 99), (99, 100), (100, 101)):
        grown = _run(tmp_path / "grown", planted, first, last)
    whole = _run(tmp_path / "whole", planted, 0, DAYS)
    assert _read(whole, "leads").height > 10
    for table in (
        "identifiers",
        "actors",
        "actor_members",
        "actor_edges",
        "text_clusters",
        "text_templates",
        "site_links",
        "surges",
        "leads",
        "lead_indicators",
        "lead_evidence",
    ):
        assert _compared(grown, table).equals(_compared(whole, table)), table


def _key(value: str) -> str:
    return sha256(value.encode()).hexdigest()[:24]


def _with_handles(planted: PlantedHouse) -> PlantedHouse:
    """With women of one nationality, each with an account and a number, who came within days, beside one handle: of
    one such handle more come each day to the last, of another a last day brings some of any nationality; a third makes
    a rise on one site, where others showed it before."""
    women = [("one", number, 86 + number * 15 // 40, "RO") for number in range(40)]
    women += [("two", number, 80 + number % 9, "BR") for number in range(24)]
    women += [("two", 30 + number, 100, nation) for number, nation in enumerate(("UA", "CO", "TH", "NG"))]
    women += [("three", number, 91 + number * 10 // 40, "UA") for number in range(40)]
    women += [("three", 50 + number, 5 * number, ("RO", "BR", "VN")[number % 3]) for number in range(15)]
    tables = {name: [frame] for name, frame in planted.tables.items()}
    like = {name: frame.head(1) for name, frame in planted.tables.items()}
    for number, (handle, woman, day, nation) in enumerate(women):
        moment = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=day)
        site = 0 if handle == "three" else 6 * (number % 6)
        about = {"source": f"source{site // 2}", "site": f"site{site}.example", "unit_date": moment.date()}
        about |= {"item_id": f"{number:024x}", "capture_id": f"{number:024x}"}
        told = {
            "account": f"woman {handle} {woman}",
            "category": "adult",
            "posted_at": moment,
            "text": "invented",
        }
        rows = [("listings", told)]
        for kind, value in (("messenger", f"t.me/{handle}"), ("phone", f"+1777555{number:04d}")):
            said = {
                "mention_id": _key(f"{number} {value}"),
                "identifier_id": _key(value),
                "kind": kind,
                "value": value,
            }
            rows.append(("mentions", said | {"raw": value, "obscured": False}))
        claim = {
            "fact_id": f"f{number:023x}",
            "kind": "nationality",
            "value": nation,
            "number": None,
            "unit": None,
        }
        rows.append(("facts", claim | {"raw": nation, "confidence": 0.9, "rule_id": "a"}))
        for table, values in rows:
            values = {"item_table": "listings", **about, **values}
            row = like[table].with_columns(
                pl.lit(value, like[table].schema[name]).alias(name)
                for name, value in values.items()
                if name in like[table].columns
            )
            tables[table].append(row)
    return PlantedHouse({name: pl.concat(frames) for name, frames in tables.items()})


@pytest.mark.slow
def test_handles_of_narrow_circles_lead_the_same_day_by_day(tmp_path: Path) -> None:
    planted = _with_handles(plant(2000, 3, days=DAYS))
    leading = []
    for first, last in ((0, 90), (90, 96), (96, 100), (100, 101)):
        grown = _run(tmp_path / "grown", planted, first, last)
        leading.append(
            {label for label in _read(grown, "leads")["subject_label"] if label.startswith("t.me/")}
        )
    assert leading[2:] == [{"t.me/one", "t.me/two", "t.me/three"}, {"t.me/one", "t.me/three"}]
    told = _read(grown, "lead_indicators")
    assert {"narrow_circle", "one_controller_surge"} <= set(told["indicator_id"])
    whole = _run(tmp_path / "whole", planted, 0, DAYS)
    for table in ("surges", "leads", "lead_indicators", "lead_evidence"):
        assert _compared(grown, table).equals(_compared(whole, table)), table

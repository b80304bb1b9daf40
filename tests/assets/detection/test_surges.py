"""Surges on planted tables: where, when, who is behind them, once."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from assets.detection.surges import detect_surges, rises_of
from quality.contracts import CONTRACTS

START = date(2026, 3, 1)
DAYS = 180
LAST = START + timedelta(days=DAYS - 1)

Frames = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def _world(
    seed: int,
    *,
    controlled: int = 0,
    crowd: int = 0,
    places: tuple[str, ...] = ("Porto",),
    posted: bool = True,
    ordinary: int = 9000,
    apart: bool = False,
) -> Frames:
    """Ordinary items of a growing site pair, a rise of `controlled` items by one actor's 20 accounts (or, `apart`, by
    as many actors, each with an account) on days 140 to 155 on s1, and a rise of `crowd` items by as many people on
    days 100 to 115 on s0."""
    rng = np.random.default_rng(seed)
    nations, cities = np.array(["ES", "RO", "BR", "FR", "UA"]), np.array(["Porto", "Braga", "Faro"])
    rows = [
        (int(day), f"s{site}", str(nation), str(city), f"u{actor}", f"u{actor}")
        for day, site, nation, city, actor in zip(
            np.minimum((rng.beta(1.5, 1, ordinary) * DAYS).astype(int), DAYS - 1),
            rng.integers(2, size=ordinary),
            rng.choice(nations, ordinary, p=[0.4, 0.3, 0.2, 0.07, 0.03]),
            rng.choice(cities, ordinary),
            rng.integers(ordinary // 3, size=ordinary),
            strict=True,
        )
    ]
    rows += [
        (
            int(rng.integers(140, 156)),
            "s1",
            "UA",
            places[number % len(places)],
            f"acc{number}" if apart else f"acc{number % 20}",
            f"acc{number}" if apart else "one",
        )
        for number in range(controlled)
    ]
    rows += [
        (int(rng.integers(100, 116)), "s0", "FR", "Braga", f"new{number}", f"new{number}")
        for number in range(crowd)
    ]
    ids = [f"{number:024x}" for number in range(len(rows))]
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    items = pl.DataFrame(
        {
            "item_id": ids,
            "site": [row[1] for row in rows],
            "category": ["adult"] * len(rows),
            "account": [row[4] for row in rows],
            "posted_at": [midnight + timedelta(days=row[0]) if posted else None for row in rows],
            "first_seen": [LAST if posted else START + timedelta(days=row[0]) for row in rows],
            "last_seen": [LAST] * len(rows),
        },
        schema_overrides={"posted_at": pl.Datetime("us", "UTC")},
    )
    facts = pl.DataFrame(
        [(ids[number], "nationality", row[2], None) for number, row in enumerate(rows)]
        + [(ids[number], "place", row[3], "PT") for number, row in enumerate(rows)],
        schema={"item_id": pl.String, "kind": pl.String, "value": pl.String, "unit": pl.String},
        orient="row",
    ).with_columns(pl.lit(0.9).alias("confidence"), pl.lit(0, dtype=pl.Int64).alias("span_start"))
    members = pl.DataFrame({"member_id": ids, "member_kind": "item", "actor_id": [row[5] for row in rows]})
    return items, facts, members


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_controller_s_rise_on_a_site_crawled_once_is_found_and_ranked_first(seed: int) -> None:
    surges = detect_surges(*_world(seed, controlled=50, crowd=70))
    assert dict(surges.schema) == CONTRACTS["surges"].schema
    first = surges.row(0, named=True)
    assert (first["site"], first["place"], first["nationality"]) == ("s1", "Porto, PT", "UA")
    assert abs((first["start_date"] - START).days - 140) <= 4
    assert (first["alarm_date"] - START).days <= 146
    assert first["largest_actor_id"] == "one"
    assert first["largest_actor_share"] > 0.7
    crowd = surges.filter((pl.col("site") == "s0") & (pl.col("nationality") == "FR"))
    assert crowd.height == 1
    assert crowd["actor_count"][0] >= 50
    assert crowd["largest_actor_share"][0] < 0.1


def test_a_rise_spread_over_places_is_reported_once_over_all_places() -> None:
    surges = detect_surges(*_world(4, controlled=90, places=("Porto", "Braga", "Faro")))
    rise = surges.filter((pl.col("site") == "s1") & (pl.col("nationality") == "UA"))
    assert rise["place"].to_list() == [None]


def test_a_rise_in_one_place_is_reported_once_at_that_place() -> None:
    surges = detect_surges(*_world(5, controlled=90))
    rise = surges.filter((pl.col("site") == "s1") & (pl.col("nationality") == "UA"))
    assert rise["place"].to_list() == ["Porto, PT"]


def test_quiet_worlds_stay_nearly_quiet() -> None:
    alarms = [detect_surges(*_world(seed)).height for seed in range(20, 28)]
    # 2 sites × 5 nationalities × 4 levels over 152 days: 17 series-years a world.
    assert sum(alarms) <= 8 * 17 * 0.05 + 1


def test_without_posting_dates_the_first_day_seen_counts() -> None:
    surges = detect_surges(*_world(6, controlled=60, posted=False))
    assert surges["largest_actor_id"][0] == "one"


def test_what_comes_after_the_day_of_assessment_does_not_count() -> None:
    frames = _world(7, controlled=60)
    before = detect_surges(*frames, as_of=START + timedelta(days=139))
    assert before.filter(pl.col("largest_actor_id") == "one").is_empty()


def test_the_order_of_rows_changes_nothing_and_twice_is_once() -> None:
    items, facts, members = _world(8, controlled=60, crowd=60)
    once = detect_surges(items, facts, members)
    again = detect_surges(
        *(frame.sample(fraction=1, shuffle=True, seed=9) for frame in (items, facts, members))
    )
    assert once.equals(again)


def test_a_stray_old_post_is_no_past_and_nothing_gives_nothing() -> None:
    items, facts, members = _world(9, ordinary=300)
    empty = detect_surges(items.clear(), facts.clear(), members.clear())
    assert dict(empty.schema) == CONTRACTS["surges"].schema
    old = items.with_columns(
        pl.when(pl.int_range(pl.len()) == 0)
        .then(pl.lit(datetime(2009, 1, 1, tzinfo=UTC)).cast(pl.Datetime("us", "UTC")))
        .otherwise("posted_at")
        .alias("posted_at")
    )
    assert detect_surges(old, facts, members).height <= 1


def _beside_own_numbers(items: pl.DataFrame, handles: dict[str, pl.Expr]) -> pl.DataFrame:
    """A number for each account, and each handle beside it in the items of which its expression holds."""
    own = items.select("item_id", pl.col("account").alias("identifier_id"), pl.lit("phone").alias("kind"))
    return pl.concat(
        [own]
        + [
            items.filter(where).select(
                "item_id", pl.lit(name).alias("identifier_id"), kind=pl.lit("messenger")
            )
            for name, where in handles.items()
        ]
    )


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_many_who_show_one_contact_come_before_a_crowd(seed: int) -> None:
    items, facts, members = _world(seed, controlled=50, crowd=40, apart=True)
    everybody, women = pl.lit(True), pl.col("account").str.starts_with("acc")
    alone = detect_surges(items, facts, members, mentions=_beside_own_numbers(items, {}))
    scores = {row["nationality"]: row["rank_score"] for row in alone.iter_rows(named=True)}
    assert scores["UA"] < 2 * scores["FR"]
    handle = _beside_own_numbers(items, {"handle": women, "line of the platform": everybody})
    held = detect_surges(items, facts, members, mentions=handle)
    assert held["nationality"][0] == "UA"
    assert held["actor_count"][0] >= 50
    assert held["rank_score"][0] > 5 * max(scores.values())
    assert held.drop("rank_score").sort("surge_id").equals(alone.drop("rank_score").sort("surge_id"))


@pytest.mark.parametrize("seed", [11, 12])
def test_what_the_whole_site_shows_says_nothing_of_a_rise(seed: int) -> None:
    items, facts, members = _world(seed, controlled=50, crowd=90, apart=True)
    bare = detect_surges(items, facts, members)
    # Since day 130 the platform prints a line of its own into everything.
    late = pl.col("posted_at") >= pl.lit(START + timedelta(days=130)).cast(pl.Datetime("us", "UTC"))
    for where in (pl.lit(True), late):
        printed = detect_surges(
            items, facts, members, mentions=_beside_own_numbers(items, {"line of the platform": where})
        )
        assert printed.equals(bare)


def test_an_agency_s_line_raises_a_rise_by_its_own_part_alone() -> None:
    items, facts, members = _world(14, controlled=50, crowd=90, apart=True)
    # Every third of all posters has come to the agency, among them as many of those of the rise.
    clients = pl.col("account").str.extract(r"(\d+)").cast(pl.Int64) % 3 == 0
    with_agency = detect_surges(
        items, facts, members, mentions=_beside_own_numbers(items, {"agency": clients})
    )
    bare = detect_surges(items, facts, members)
    assert with_agency.select("surge_id").equals(bare.select("surge_id"))


def _posted_in_clusters(seed: int, *, influx: int = 0, flood: int = 0) -> pl.DataFrame:
    """Items of a site whose accounts put up four items each within a week, one nationality in twenty AA; from day 140
    on `influx` accounts of AA that put up one each within ten days, or one account that puts up `flood` items."""
    rng = np.random.default_rng(seed)
    accounts = 900
    nations = rng.choice(["AA", "BB", "CC"], accounts, p=[0.05, 0.5, 0.45])
    came = rng.integers(DAYS, size=accounts)
    rows = [
        (f"acc{number}", str(nations[number]), int(came[number] + later))
        for number in range(accounts)
        for later in rng.integers(7, size=4)
    ]
    rows += [(f"new{number}", "AA", 140 + int(rng.integers(10))) for number in range(influx)]
    rows += [("new", "AA", 140 + int(rng.integers(10))) for _ in range(flood)]
    told = {"account_key": [row[0] for row in rows], "nationality": [row[1] for row in rows]}
    days = pl.Series([START + timedelta(days=row[2]) for row in rows])
    return pl.DataFrame(told).with_columns(
        day=days,
        item_id=pl.Series([f"{number:024x}" for number in range(len(rows))]),
        site=pl.lit("s0"),
        kind=pl.lit("adult"),
        place=pl.lit(None, pl.String),
    )


def test_accounts_that_come_are_told_before_their_items_are() -> None:
    earlier = []
    for seed in range(6):
        items = _posted_in_clusters(seed, influx=24)
        without = items.with_columns(pl.lit(None, pl.String).alias("account_key"))
        days = []
        for frame in (items, without):
            found = rises_of(frame, LAST).filter(pl.col("alarm_date") >= START + timedelta(days=140))
            assert (found["alarm_date"] >= found["start_date"]).all()
            days.append((min(found["alarm_date"], default=LAST) - START).days - 140)
        assert days[0] <= days[1]
        earlier.append(days[1] - days[0])
    assert np.median(earlier) >= 2


def test_the_many_items_of_one_account_are_a_rise_though_it_comes_once() -> None:
    found = rises_of(_posted_in_clusters(1, flood=60), LAST)
    assert found["alarm_date"].is_between(START + timedelta(days=140), START + timedelta(days=150)).any()
    assert (
        not rises_of(_posted_in_clusters(1), LAST)["alarm_date"]
        .is_between(START + timedelta(days=140), START + timedelta(days=150))
        .any()
    )

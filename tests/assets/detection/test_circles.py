"""One handle beside the own numbers of many: a controller's leads, a platform's and an agency's do not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from assets.detection.circles import narrow_circles
from assets.detection.leads import LeadTables, OperationScope
from tests.assets.detection.linked_leads import linked_leads

START = date(2026, 3, 1)
DAYS = 150
LAST = START + timedelta(days=DAYS)
NATIONS = ("RO", "BR", "CO", "UA", "TH", "ES")
SCOPE = OperationScope("demo", ("PT",), "AMBER", 90, LAST)


@dataclass
class World:
    """Ordinary posters of two sites, one to four advertisements each, and whoever is added."""

    seed: int
    nations: Sequence[str] = NATIONS
    persons: int = 700
    rows: list[dict[str, object]] = field(default_factory=list)
    mentions: list[dict[str, object]] = field(default_factory=list)
    facts: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        for number in range(self.persons):
            self.person(f"o{number}", int(self.rng.integers(DAYS)), site=f"s{number % 2}.example")

    def person(
        self,
        name: str,
        day: int,
        *,
        nation: str | None = None,
        handles: Sequence[tuple[str, str]] = (),
        site: str = "s0.example",
        account: bool = True,
        adverts: int | None = None,
    ) -> None:
        """Advertise somebody from a day on, by a number of her own, and with handles (kind, value) beside it."""
        nation = nation or str(self.rng.choice(list(self.nations)))
        for later in range(int(self.rng.integers(1, 5)) if adverts is None else adverts):
            item_id = f"{len(self.rows):024x}"
            posted = START + timedelta(days=min(day + later, DAYS))
            self.rows.append(
                {
                    "item_id": item_id,
                    "item_table": "listings",
                    "source": site.split(".")[0],
                    "capture_id": f"c{item_id}",
                    "site": site,
                    "account": f"account {name}" if account else None,
                    "category": "adult",
                    "posted_at": datetime(posted.year, posted.month, posted.day, 12, tzinfo=UTC),
                    "first_seen": posted,
                    "last_seen": posted,
                    "text": f"words {name}",
                }
            )
            for kind, value in (("phone", f"number of {name}"), *handles):
                self.mentions.append(
                    {
                        "item_id": item_id,
                        "identifier_id": f"{kind}:{value}",
                        "kind": kind,
                        "value": value,
                        "site": site,
                        "obscured": False,
                    }
                )
            for kind, value, unit in (("nationality", nation, None), ("place", "Porto", "PT")):
                self.facts.append({"item_id": item_id, "kind": kind, "value": value, "unit": unit})

    @property
    def tables(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Items, mentions, facts."""
        nothing = {"number": pl.Float64, "origin": pl.String, "destination": pl.String}
        return (
            pl.DataFrame(self.rows, schema_overrides={"account": pl.String}, infer_schema_length=None),
            pl.DataFrame(self.mentions),
            pl.DataFrame(
                self.facts, schema_overrides={"unit": pl.String}, infer_schema_length=None
            ).with_columns(
                *(pl.lit(None, kind).alias(name) for name, kind in nothing.items()),
                pl.lit(0.9).alias("confidence"),
                pl.lit("a").alias("rule_id"),
                pl.lit("text").alias("field"),
                pl.lit(0).alias("span_start"),
                pl.lit(1).alias("span_end"),
            ),
        )

    def leads(self) -> LeadTables:
        """What is found."""
        items, mentions, facts = self.tables
        return linked_leads(items, mentions, facts, {"s0": "C", "s1": "C"}, SCOPE)


def _on_handles(tables: LeadTables) -> pl.DataFrame:
    return tables.leads.filter(pl.col("type").is_in(["phone", "username"]))


def _controlled(
    world: World, women: int = 40, *, days: int = 12, site: str = "s0.example", **more: Any
) -> None:
    for number in range(women):
        world.person(
            f"w{number}",
            100 + number % days,
            nation="RO",
            handles=(("messenger", "t.me/one"),),
            site=site,
            **more,
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_handle_of_forty_women_leads_and_says_what_stands_behind_it(seed: int) -> None:
    world = World(seed)
    _controlled(world)
    tables = world.leads()
    lead = _on_handles(tables).row(0, named=True)
    assert (lead["type"], lead["subject_label"]) == ("username", "t.me/one")
    assert _on_handles(tables).height == 1
    assert lead["origin_countries"] == "RO"
    told = tables.lead_indicators.filter(pl.col("lead_id") == lead["lead_id"])
    words = dict(told.select("indicator_id", "explanation").iter_rows())
    assert words["narrow_circle"] == (
        "beside 40 other contacts of 40 posters with 40 accounts: 40 of 40 claim one nationality, "
        "40 came within 14 days"
    )
    evidence = tables.lead_evidence.filter(pl.col("lead_id") == lead["lead_id"])
    showing = {row["item_id"] for row in world.mentions if row["value"] == "t.me/one"}
    assert set(evidence["item_id"]) == showing
    # Nobody becomes a suspect, or a victim, by showing it.
    assert not [kind for kind in tables.leads["type"] if kind.startswith("potential_")]


@pytest.mark.parametrize("kind", ["phone", "email", "username"])
def test_whatever_is_the_common_contact_leads(kind: str) -> None:
    world = World(4)
    for number in range(15):
        world.person(f"w{number}", 60 + number % 9, nation="TH", handles=((kind, "the one"),))
    leads = _on_handles(world.leads())
    assert leads.select("type", "subject_label").rows() == [
        ("phone" if kind == "phone" else "username", "the one")
    ]


def test_a_site_without_accounts_tells_posters_by_their_numbers() -> None:
    world = World(5)
    _controlled(world, account=False, adverts=1)
    assert _on_handles(world.leads())["subject_label"].to_list() == ["t.me/one"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_agency_with_clients_of_many_nationalities_over_long_does_not_lead(seed: int) -> None:
    world = World(seed)
    for number in range(60):
        world.person(f"c{number}", int(world.rng.integers(20, 120)), handles=(("phone", "agency"),))
    assert _on_handles(world.leads()).is_empty()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neither_many_nationalities_alone_nor_a_long_time_alone_is_narrow(seed: int) -> None:
    several, long = World(seed), World(seed)
    for number in range(40):
        several.person(f"c{number}", 100 + number % 12, handles=(("phone", "new agency"),))
        long.person(f"c{number}", 20 + 2 * number, nation="BR", handles=(("phone", "agency"),))
    assert _on_handles(several.leads()).is_empty()
    assert _on_handles(long.leads()).is_empty()


def test_an_agency_that_takes_a_new_line_has_old_clients() -> None:
    world = World(6)
    for number in range(40):
        world.person(f"c{number}", 10 + 2 * number, nation="BR", adverts=2)
        world.person(
            f"c{number}", 110 + number % 10, nation="BR", handles=(("phone", "new line"),), adverts=1
        )
    assert _on_handles(world.leads()).is_empty()


def test_two_friends_who_share_a_handle_do_not_lead() -> None:
    world = World(7)
    _controlled(world, 2)
    assert _on_handles(world.leads()).is_empty()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_bot_of_a_site_stands_in_every_advertisement_and_does_not_lead(seed: int) -> None:
    world = World(seed)
    bots = [
        {**row, "identifier_id": "messenger:bot", "kind": "messenger", "value": "bot"}
        for row in world.mentions
    ]
    world.mentions += [row for row in bots if row["site"] == "s0.example"]
    assert _on_handles(world.leads()).is_empty()
    # Since a day only, when a fashion brings one nationality.
    late = World(seed)
    for number in range(150):
        late.person(f"n{number}", 115 + number % 28, nation="UA")
    days = {row["item_id"]: row["first_seen"] for row in late.rows}
    since = START + timedelta(days=115)
    late.mentions += [
        {**row, "identifier_id": "messenger:bot", "kind": "messenger", "value": "bot"}
        for row in late.mentions
        if row["site"] == "s0.example" and days[row["item_id"]] >= since
    ]
    assert _on_handles(late.leads()).is_empty()


@pytest.mark.parametrize("seed", [1, 2])
def test_where_all_claim_one_nationality_it_says_nothing(seed: int) -> None:
    world = World(seed, nations=("RO",))
    for number in range(25):
        world.person(f"c{number}", 100 + number % 12, nation="RO", handles=(("phone", "new agency"),))
    for number in range(60):
        world.person(f"d{number}", int(world.rng.integers(120)), nation="RO", handles=(("phone", "agency"),))
    assert _on_handles(world.leads()).is_empty()


def test_who_comes_with_many_others_of_her_nationality_is_no_circle() -> None:
    world = World(8)
    for number in range(300):
        helped = (("phone", "helpline"),) if number % 10 == 0 else ()
        world.person(f"n{number}", 100 + number % 20, nation="UA", handles=helped)
    assert _on_handles(world.leads()).is_empty()


def test_a_site_that_has_just_begun_tells_nothing_of_days() -> None:
    world = World(9, persons=0)
    for number in range(200):
        world.person(f"o{number}", 100 + number % 12)
    _controlled(world, 12)
    assert _on_handles(world.leads()).is_empty()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_handle_that_makes_most_of_a_rise_leads_though_its_circle_is_wide(seed: int) -> None:
    world = World(seed)
    for number in range(20):
        world.person(f"c{number}", 5 * number, handles=(("messenger", "t.me/one"),))
    assert _on_handles(world.leads()).is_empty()
    _controlled(world)
    tables = world.leads()
    lead = _on_handles(tables).row(0, named=True)
    assert lead["subject_label"] == "t.me/one"
    told = tables.lead_indicators.filter(pl.col("lead_id") == lead["lead_id"])
    words = dict(told.select("indicator_id", "explanation").iter_rows())
    assert words.keys() >= {"one_controller_surge", "many_accounts_one_controller"}
    assert "narrow_circle" not in words


def test_a_line_that_all_show_makes_no_rise() -> None:
    world = World(3)
    _controlled(world)
    beside = {"identifier_id": "messenger:bot", "kind": "messenger", "value": "bot"}
    own = [row for row in world.mentions if row["value"] != "t.me/one"]
    world.mentions = own + [row | beside for row in own if row["site"] == "s0.example"]
    assert _on_handles(world.leads()).is_empty()


Posters = dict[str, np.ndarray]


def _posters(rng: np.random.Generator, persons: int, days: int, nations: int, skew: float) -> Posters:
    """So many posters of three sites, each with an advertisement: site, day, nationality."""
    return {
        "site": rng.integers(3, size=persons),
        "day": rng.integers(days, size=persons),
        "nationality": rng.choice(nations, persons, p=rng.dirichlet(np.full(nations, skew))),
    }


def _narrow(posters: Posters, circles: dict[int, np.ndarray]) -> set[int]:
    """Which of these handles, shown by posters (their places), have a narrow circle."""
    count = len(posters["day"])
    items = pl.DataFrame(posters).with_columns(
        pl.col("day").cast(pl.Date),
        contact=pl.Series(np.arange(count, dtype=np.uint64)),
        account_key=pl.Series(np.arange(count, 2 * count, dtype=np.uint64)),
        category=pl.lit("adult"),
    )
    beside = [
        items[who].with_columns(handle=pl.lit(handle), actor=pl.Series(who))
        for handle, who in circles.items()
    ]

    def of_sites(sites: pl.Series) -> pl.DataFrame:
        return items.filter(pl.col("site").is_in(sites.implode()))

    return set(narrow_circles(pl.concat(beside), of_sites)["handle"])


@pytest.mark.parametrize("worlds", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_clients_drawn_from_the_posters_of_a_site_are_no_circle(worlds: int) -> None:
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(worlds):
        persons, days = int(rng.integers(100, 2000)), int(rng.integers(30, 400))
        posters = _posters(rng, persons, days, int(rng.integers(2, 12)), float(rng.choice([0.2, 1, 5])))
        # Agencies that take anybody, and those that take who has come in the last month.
        new = np.flatnonzero(posters["day"] >= days - 30)
        pools = [np.arange(persons)] * 20 + [new] * 10 * (len(new) >= 8)
        circles = {
            handle: rng.choice(pool, min(len(pool), int(rng.integers(8, 60))), replace=False)
            for handle, pool in enumerate(pools)
        }
        found += bool(_narrow(posters, circles))
    assert found <= 0.05 * worlds


@pytest.mark.parametrize(("women", "persons", "least"), [(10, 300, 0.9), (15, 100, 0.8), (40, 3000, 1.0)])
def test_how_few_are_told_among_how_many(women: int, persons: int, least: float) -> None:
    rng = np.random.default_rng(6)
    found = 0
    for _ in range(20):
        posters = _posters(rng, persons, 150, 6, 5)
        hers = {
            "site": np.zeros(women, dtype=int),
            "day": int(rng.integers(20, 138)) + rng.integers(12, size=women),
            "nationality": np.full(women, int(rng.integers(6))),
        }
        agencies = {
            handle: rng.choice(persons, int(rng.integers(8, 60)), replace=False) for handle in range(1, 20)
        }
        both = {name: np.concatenate([values, hers[name]]) for name, values in posters.items()}
        found += _narrow(both, {0: np.arange(persons, persons + women), **agencies}) == {0}
    assert found >= least * 20

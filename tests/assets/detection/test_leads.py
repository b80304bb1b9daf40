"""Leads on planted worlds: found, ranked, explained, roles apart, innocent majority left alone."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from assets.detection.item_signs import item_signs
from assets.detection.leads import LeadTables, OperationScope
from assets.detection.scoring import THRESHOLDS
from assets.linking.actors import link_actors
from quality.contracts import CONTRACTS
from tests.assets.detection.linked_leads import linked_leads

OPERATION = OperationScope("demo", ("PT",), "AMBER", 90, date(2026, 8, 28))
RELIABILITY = {"ads": "C", "work": "B"}
Builder = Callable[[int, float], Any]
SUSPECTS = {"potential_exploiter", "potential_recruiter", "potential_facilitator"}


def _assess(items: pl.DataFrame, mentions: pl.DataFrame, facts: pl.DataFrame) -> LeadTables:
    return linked_leads(items, mentions, facts, RELIABILITY, OPERATION)


def _of(world: Any) -> LeadTables:
    return _assess(world.items, world.mentions, world.facts)


def _evidence(tables: LeadTables, role: str) -> set[str]:
    return set(
        tables.lead_evidence.join(tables.leads.filter(pl.col("type") == role), on="lead_id", how="semi")[
            "item_id"
        ]
    )


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_planted_are_found_and_the_ordinary_are_not(
    planted_world: Builder, seed: int, noise: float
) -> None:
    world = planted_world(seed, noise)
    tables = _of(world)
    for role, subjects in world.planted.items():
        evidence = _evidence(tables, role)
        assert sum(bool(subject & evidence) for subject in subjects) >= 0.9 * len(subjects), role
    ordinary = set(world.items["item_id"]) - {
        item for subjects in world.planted.values() for subject in subjects for item in subject
    }
    accused = set(tables.lead_evidence["item_id"]) & ordinary
    assert len(accused) <= 0.01 * len(ordinary)


def test_scores_are_exactly_the_sum_of_their_contributions(planted_world: Builder) -> None:
    tables = _of(planted_world(3, 0.1))
    sums = tables.lead_indicators.group_by("lead_id").agg(
        pl.col("contribution").sum().alias("sum"), pl.len().cast(pl.Int64).alias("n")
    )
    both = tables.leads.join(sums, on="lead_id")
    assert both.height == tables.leads.height
    assert (both["score"] == both["sum"]).all()
    assert (both["indicator_count"] == both["n"]).all()
    for role, threshold in THRESHOLDS.items():
        assert (both.filter(pl.col("type") == role)["score"] >= threshold.score).all()


def test_the_tables_keep_their_contracts_and_hang_together(planted_world: Builder) -> None:
    tables = _of(planted_world(4, 0.1))
    for name in ("leads", "lead_indicators", "lead_evidence"):
        frame = getattr(tables, name)
        assert dict(frame.schema) == CONTRACTS[name].schema
        assert not frame.select(*CONTRACTS[name].key).is_duplicated().any()
    counts = tables.lead_evidence.group_by("lead_id").agg(pl.len().cast(pl.Int64).alias("n"))
    both = tables.leads.join(counts, on="lead_id")
    assert both.height == tables.leads.height
    assert (both["evidence_count"] == both["n"]).all()
    witnesses = tables.lead_indicators.select("lead_id", pl.col("evidence_item_id").alias("item_id"))
    assert witnesses.join(tables.lead_evidence, on=["lead_id", "item_id"], how="anti").is_empty()
    assert (tables.leads["expires_on"] == tables.leads["last_seen"] + timedelta(days=90)).all()
    assert tables.leads["grade"].str.contains("^[A-F][1-6]$").all()


def test_probable_minors_come_first_among_persons(planted_world: Builder) -> None:
    world = planted_world(5, 0.1)
    tables = _of(world)
    persons = tables.leads.filter(pl.col("type") == "potential_victim")
    minors = tables.lead_indicators.filter(pl.col("indicator_id") == "claimed_age_under_18")["lead_id"]
    assert len(minors) >= 8
    is_minor = persons["lead_id"].is_in(minors.implode())
    first = persons.filter(is_minor)["score"].min()
    assert first is not None
    assert (persons.filter(~is_minor)["score"] < first).all()


def test_a_victim_is_no_suspect_for_sharing_a_controller_s_number(planted_world: Builder) -> None:
    world = planted_world(
        6,
        0.05,
    )
    girl = world.add("adult", "alone", "+15555559001", age=17, signs=("youth_wording", "debt_owed"))
    front = world.planted["potential_exploiter"][0]
    number = next(row["value"] for row in world.mention_rows if row["item_id"] in front)
    under_control = world.add("adult", "fresh", number, age=16, signs=("youth_wording",))
    tables = _of(world)
    victims = tables.leads.filter(pl.col("type") == "potential_victim")
    assert {girl, under_control} <= set(victims["subject_id"])
    assert girl not in _evidence(tables, "potential_exploiter")
    suspects = tables.leads.filter(
        pl.col("type").str.starts_with("potential_") & (pl.col("type") != "potential_victim")
    )
    assert set(suspects["subject_kind"]) == {"actor"}
    assert f"phone:{'+15555559001'}" not in set(tables.leads["subject_id"])


def test_a_hidden_number_alone_is_no_lead(planted_world: Builder) -> None:
    world = planted_world(7, 0.0)
    hidden = {
        world.add("adult", f"hidden{number}", f"+1555556{number:04d}", age=30, obscured=True)
        for number in range(50)
    }
    assert not hidden & set(_of(world).lead_evidence["item_id"])


def test_a_number_in_both_trades_makes_leads_of_the_actor_and_of_the_number(planted_world: Builder) -> None:
    world = planted_world(8, 0.05)
    number = "+15555559100"
    for _ in range(3):
        world.add("job_offer", "recruiter", number, signs=("high_pay_no_experience",))
        world.add("adult", "seller", number, age=22)
    tables = _of(world)
    shown = tables.lead_indicators.filter(pl.col("indicator_id") == "jobs_and_adult_contact").join(
        tables.leads, on="lead_id"
    )
    assert {"potential_recruiter", "phone"} <= set(shown["type"])
    assert f"phone:{number}" in set(shown["subject_id"])


def test_the_order_of_rows_and_a_second_assessment_change_nothing(planted_world: Builder) -> None:
    world = planted_world(9, 0.1)
    once = _of(world)
    frames = (world.items, world.mentions, world.facts)
    again = _assess(*(frame.sample(fraction=1, shuffle=True, seed=4) for frame in frames))
    for name in ("leads", "lead_indicators", "lead_evidence"):
        assert getattr(once, name).equals(getattr(again, name)), name


def test_a_lead_keeps_its_id_when_new_items_come(planted_world: Builder) -> None:
    world = planted_world(10, 0.05)
    before = set(_of(world).leads["lead_id"])
    for number in range(30):
        world.add("adult", f"later{number}", f"+1555557{number:04d}", age=33)
    assert before <= set(_of(world).leads["lead_id"])


def test_explanations_and_labels_of_persons_hold_no_handles(planted_world: Builder) -> None:
    world = planted_world(11, 0.1)
    tables = _of(world)
    assert not tables.lead_indicators["explanation"].str.contains(r"\+\d|@|user|front|girl").any()
    persons = tables.leads.filter(pl.col("subject_kind").is_in(["item", "actor"]))
    assert not persons["subject_label"].str.contains(r"\+\d{6,}|girl|front").any()


def test_an_age_in_a_job_offer_is_not_the_person_s() -> None:
    items = pl.DataFrame({"item_id": ["a", "b"], "category": ["domestic", "adult"]})
    facts = pl.DataFrame(
        {"item_id": ["a", "b"], "kind": ["age", "age"], "value": ["5", "17"], "number": [15.0, 17.0]}
    ).with_columns(pl.lit(None, pl.String).alias("unit"))
    mentions = pl.DataFrame(schema={"item_id": pl.String, "kind": pl.String, "obscured": pl.Boolean})
    facts = facts.with_columns(
        pl.lit("text").alias("field"),
        span_start=pl.lit(0),
        span_end=pl.lit(1),
        confidence=pl.lit(0.9),
        rule_id=pl.lit("a"),
    )
    assert item_signs(items, mentions, facts).rows() == [("b", "claimed_age_under_18")]


def test_a_fee_is_the_worker_s_only_where_work_is_offered() -> None:
    items = pl.DataFrame(
        [("a", "job_offer"), ("b", "adult"), ("c", "message"), ("d", "message"), ("e", "job_offer")],
        schema=["item_id", "category"],
        orient="row",
    )
    facts = pl.DataFrame(
        [
            *((item, "fee", None, 250.0, "EUR") for item in "abcd"),
            ("c", "job", "waitress", None, "5131"),
            ("e", "fee", None, 250.0, "EUR/month"),
            ("b", "debt", None, 5000.0, "EUR"),
        ],
        schema={
            "item_id": pl.String,
            "kind": pl.String,
            "value": pl.String,
            "number": pl.Float64,
            "unit": pl.String,
        },
        orient="row",
    )
    mentions = pl.DataFrame(schema={"item_id": pl.String, "kind": pl.String, "obscured": pl.Boolean})
    facts = facts.with_columns(
        pl.lit("text").alias("field"),
        span_start=pl.lit(0),
        span_end=pl.lit(1),
        confidence=pl.lit(0.9),
        rule_id=pl.lit("a"),
    )
    assert item_signs(items, mentions, facts).rows() == [
        ("a", "recruitment_fee"),
        ("b", "debt_owed"),
        ("c", "recruitment_fee"),
    ]


def test_nothing_gives_nothing(planted_world: Builder) -> None:
    world = planted_world(12, 0.0)
    empty = _assess(world.items.clear(), world.mentions.clear(), world.facts.clear())
    assert empty.leads.is_empty()
    assert dict(empty.lead_evidence.schema) == CONTRACTS["lead_evidence"].schema
    only_items = _assess(world.items, world.mentions.clear(), world.facts.clear())
    assert only_items.leads.is_empty()


def test_a_recruiter_s_bare_post_in_a_channel_is_an_offer_not_a_person(planted_world: Builder) -> None:
    world = planted_world(13, 0.05)
    number = "+15555559200"
    for account in range(5):
        world.add("job_offer", f"staff{account}", number, signs=("recruitment_fee", "documents_held"))
    bare = world.add("message", None, number, signs=("documents_held", "debt_owed"), site="channel.example")
    tables = _of(world)
    assert bare in _evidence(tables, "potential_recruiter")
    assert bare not in _evidence(tables, "potential_victim") | _evidence(tables, "potential_exploiter")


def test_a_controller_s_post_in_a_channel_advertises_a_person(planted_world: Builder) -> None:
    world = planted_world(14, 0.05)
    number = "+15555559300"
    for account in range(6):
        world.add("adult", f"front{account}", number, signs=("third_party_wording",))
    bare = world.add("message", None, number, signs=("debt_owed",), site="channel.example")
    assert bare in _evidence(_of(world), "potential_victim")


def test_a_minor_in_a_channel_that_pays_is_a_person_not_an_offer(planted_world: Builder) -> None:
    world = planted_world(15, 0.05)
    girl = world.add("message", None, "+15555559400", age=17, site="channel.example")
    world.fact_rows.append(
        {**world.fact_rows[-1], "kind": "pay", "value": "800", "number": 800.0, "unit": "EUR"}
    )
    assert girl in set(_of(world).leads.filter(pl.col("type") == "potential_victim")["subject_id"])


def test_years_in_a_trade_are_no_child_whoever_signed_them(planted_world: Builder) -> None:
    world = planted_world(9, 0.05)
    cleaner = world.add("domestic", "windows", "+15555559031", age=15, signs=("claimed_age_under_18",))
    girl = world.add("adult", "young", "+15555559032", age=15, signs=("claimed_age_under_18",))
    tables = _of(world)
    minors = tables.lead_evidence.join(
        tables.lead_indicators.filter(pl.col("indicator_id") == "claimed_age_under_18"), on="lead_id"
    )["item_id"]
    assert girl in set(minors)
    assert cleaner not in set(minors)


def test_a_victim_with_the_controller_s_phone_beside_her_own_is_never_an_exploiter(
    planted_world: Builder,
) -> None:
    world = planted_world(6, 0.05)
    front = world.planted["potential_exploiter"][0]
    shared = next(row["value"] for row in world.mention_rows if row["item_id"] in front)
    own = "+15555559041"
    hers = [
        world.add("adult", "under_him", own, age=22, signs=("debt_owed", "movement_restricted"))
        for _ in range(3)
    ]
    # Two of her three advertisements show the controller's number, too.
    for item in hers[:2]:
        row = next(row for row in world.mention_rows if row["item_id"] == item)
        world.mention_rows.append({**row, "identifier_id": f"phone:{shared}", "value": shared})
    tables = _of(world)
    assert hers[0] in _evidence(tables, "potential_victim")
    about_her = tables.leads.filter(pl.col("subject_id").is_in([*hers, f"phone:{own}"]))
    assert set(about_her["type"]) == {"potential_victim"}
    suspects = tables.leads.filter(pl.col("type") == "potential_exploiter")["subject_id"]
    members = link_actors(world.items, world.mentions).actor_members
    for suspect in suspects:
        theirs = set(
            members.filter((pl.col("actor_id") == suspect) & (pl.col("member_kind") == "item"))["member_id"]
        )
        # Whoever is suspected holds items that are not hers.
        assert theirs - set(hers)


def _types_by_item(tables: LeadTables) -> dict[str, set[str]]:
    joined = tables.lead_evidence.join(tables.leads.select("lead_id", "type"), on="lead_id")
    found: dict[str, set[str]] = {}
    for item, kind in joined.select("item_id", "type").iter_rows():
        found.setdefault(item, set()).add(kind)
    return found


def test_whoever_sells_papers_and_crossings_is_a_facilitator_and_nothing_else(planted_world: Builder) -> None:
    """The jobs for which a visa is sold and the women whom a driver drives are other people's."""
    world = planted_world(1, 0.1)
    seller = {
        world.add("job_offer", "visas", "+15555559001", signs=("papers_arranged", "recruitment_fee"))
        for _ in range(2)
    }
    driver = {
        world.add(category, f"wheels{account}", "+15555559002", signs=signs, nationality=nationality)
        for account, (category, nationality, signs) in enumerate(
            [
                ("adult", "RO", ("driver_for_girls", "rooms_for_working_girls")),
                ("adult", "BR", ("driver_for_girls",)),
                ("adult", "UA", ("driver_for_girls",)),
                ("domestic", "TH", ("rooms_for_working_girls",)),
            ]
        )
    }
    # One such service is ordinary enough: alone it makes no lead.
    lone = world.add("domestic", "cab", "+15555559003", signs=("driver_for_girls",))
    found = _types_by_item(_of(world))
    assert all(found[item] & SUSPECTS == {"potential_facilitator"} for item in seller)
    led = [found.get(item, set()) & SUSPECTS for item in driver]
    assert {"potential_facilitator"} in led
    assert all(kinds <= {"potential_facilitator"} for kinds in led)
    assert not found.get(lone, set()) & SUSPECTS


def test_a_service_among_many_advertisements_leaves_an_exploiter_one(planted_world: Builder) -> None:
    world = planted_world(2, 0.1)
    items = [
        world.add(
            "adult",
            f"house{number}",
            "+15555559009",
            nationality=("RO", "BR", "TH", "UA")[number % 4],
            place=("Porto", "Braga", "Faro")[number % 3],
            signs=("third_party_wording",) if number else ("driver_for_girls",),
        )
        for number in range(12)
    ]
    found = _types_by_item(_of(world))
    assert any("potential_exploiter" in found.get(item, set()) for item in items)


def test_the_same_words_are_one_sign_of_an_offer() -> None:
    """ "We advance the flight" is a debt; that the flight is paid says nothing more."""
    columns = {
        "item_id": "a",
        "field": "text",
        "kind": "sign",
        "number": None,
        "unit": None,
        "confidence": 0.7,
        "rule_id": "a",
    }
    told = [
        ("debt_owed", 0, 20),
        ("transport_paid", 0, 20),
        ("abroad_offer", 10, 51),
        ("accommodation_tied", 60, 70),
        ("pay_withheld", 15, 30),
        ("documents_held", 18, 40),
    ]
    facts = pl.DataFrame(
        [columns | {"value": value, "span_start": start, "span_end": end} for value, start, end in told],
        schema_overrides={"number": pl.Float64, "unit": pl.String},
    )
    items = pl.DataFrame({"item_id": ["a"], "category": ["job_offer"]})
    mentions = pl.DataFrame(schema={"item_id": pl.String, "kind": pl.String, "obscured": pl.Boolean})
    told_once = ["accommodation_tied", "debt_owed", "documents_held"]
    assert item_signs(items, mentions, facts)["indicator_id"].to_list() == told_once


def test_one_sign_beside_ordinary_ones_only_is_no_recruiters(planted_world: Builder) -> None:
    world = planted_world(1, 0.1)
    ordinary = ("abroad_offer", "transport_paid")
    one = world.add("job_offer", "firm", "+15555559021", signs=("debt_owed", *ordinary))
    two = world.add(
        "job_offer", "agency", "+15555559022", signs=("recruitment_fee", "high_pay_no_experience")
    )
    more = [
        world.add("job_offer", f"front{account}", "+15555559023", signs=("debt_owed", *ordinary))
        for account in range(6)
    ]
    found = _types_by_item(_of(world))
    assert "potential_recruiter" not in found.get(one, set())
    assert all("potential_recruiter" in found.get(item, set()) for item in (two, *more))


def test_a_firm_that_shows_one_sign_here_and_one_there_is_no_recruiter(planted_world: Builder) -> None:
    """Whoever deceives does it in one offer; many offers show each sign once by chance."""
    world = planted_world(1, 0.1)
    spread = [
        world.add("job_offer", "firm", "+15555559011", signs=signs)
        for signs in (("debt_owed",), ("high_pay_no_experience",), ())
    ]
    at_once = [
        world.add("job_offer", "agency", "+15555559012", signs=signs)
        for signs in (("debt_owed", "high_pay_no_experience"), (), ())
    ]
    found = _types_by_item(_of(world))
    assert not any("potential_recruiter" in found.get(item, set()) for item in spread)
    assert all("potential_recruiter" in found.get(item, set()) for item in at_once)

"""What a run found in a simulated world, measured against the planted truth."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl

from assets.detection import scoring
from assets.detection.leads import OperationScope, assess_leads
from assets.detection.scan_statistic import MIN_RISE_ITEMS, TRAINING_DAYS
from assets.detection.surges import main_facts
from assets.parsing.current import current_items, current_rows
from benchmarks.clustering_scores import Agreement, b_cubed, pairwise
from benchmarks.known_rises import first_possible_day, usual_rate
from quality.contracts import CONTRACTS
from simulation.truth import TrueSurge, Truth, load_truth
from warehouse.parts import PartStore

PERSON_TYPES = ("potential_victim", "potential_exploiter", "potential_recruiter", "potential_facilitator")
HANDLE_TYPES = ("phone", "username")
FIRST = 50


@dataclass(frozen=True)
class Found:
    """What a home holds: `items` (item_id, site, key, actor_id and the truth of each: person, controller, age), the
    surges, tied pairs of sites, leads, their evidence, and how many series-years were watched."""

    truth: Truth
    items: pl.DataFrame
    surges: pl.DataFrame
    ties: set[tuple[str, str]]
    leads: pl.DataFrame
    evidence: pl.DataFrame
    series_years: float


def true_items(truth: Truth) -> pl.DataFrame:
    """site, key (external id, or number of a message), person, controller, age, obscured, has_common_contact (the
    item's account shows a contact that another account of its controller shows)."""
    common = _accounts_with_common_contact(truth)
    return pl.DataFrame(
        [
            {
                "site": item.site,
                "key": item.external_id if item.key.startswith("http") else item.key.rpartition("/")[2],
                "person": item.person,
                "controller": item.controller,
                "age": item.age,
                "obscured": item.obscured,
                "has_common_contact": (item.controller, item.site, item.account) in common,
            }
            for item in truth.items
        ],
        infer_schema_length=None,
    )


def _accounts_with_common_contact(truth: Truth) -> set[tuple[str | None, str, str]]:
    """Accounts (controller, site, account) of planted controllers that one of their others shares a contact with."""
    showing: dict[tuple[str, str], set[tuple[str | None, str, str]]] = {}
    for item in truth.items:
        if item.controller:
            for identifier in item.identifiers:
                if not identifier.generic and identifier.kind != "image":
                    accounts = showing.setdefault((item.controller, identifier.value), set())
                    accounts.add((item.controller, item.site, item.account))
    return {account for accounts in showing.values() if len(accounts) > 1 for account in accounts}


def read_home(home: Path) -> Found:
    """Everything that is measured, from the committed parts of a home and its truth file."""
    store, truth = PartStore(home), load_truth(home / "simulation" / "truth.json")

    def table(name: str) -> pl.DataFrame:
        return store.scan(name, CONTRACTS[name].schema).collect()

    keys = pl.concat(
        [
            store.scan(name, CONTRACTS[name].schema)
            .select("item_id", "site", pl.col(key).cast(pl.String).alias("key"))
            .unique("item_id")
            .collect()
            for name, key in (("listings", "external_id"), ("messages", "message_id"))
        ]
    )
    members = table("actor_members").filter(pl.col("member_kind") == "item")
    items = (
        true_items(truth)
        .join(keys, on=["site", "key"], how="left")
        .join(members.select(pl.col("member_id").alias("item_id"), "actor_id"), on="item_id", how="left")
    )
    ties = table("site_links").filter("is_tie").select("site_a", "site_b").rows()
    current = current_items(store)
    facts = current_rows(store, CONTRACTS["facts"], current)
    return Found(
        truth,
        items,
        table("surges"),
        {(first, second) for first, second in ties},
        table("leads"),
        table("lead_evidence"),
        _series_years(current, facts),
    )


def _series_years(items: pl.DataFrame, facts: pl.DataFrame) -> float:
    """Series with items enough to rise, times the days on which they could."""
    dated = items.select(
        "item_id", "site", "category", pl.coalesce(pl.col("posted_at").dt.date(), "first_seen").alias("day")
    ).join(main_facts(facts), on="item_id", how="left")
    claimed = dated.filter(pl.col("nationality").is_not_null())
    series = pl.concat(
        [
            claimed.with_columns(pl.lit(None, pl.String).alias("place")),
            claimed.filter(pl.col("place").is_not_null()),
        ]
    )
    counted = series.group_by("site", "place", "nationality", "category").len()
    first, last = dated["day"].min(), dated["day"].max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    watched = max((last - first).days + 1 - TRAINING_DAYS, 0)
    return counted.filter(pl.col("len") >= MIN_RISE_ITEMS).height * watched / 365


def actor_scores(placed: pl.DataFrame) -> dict[str, Agreement]:
    """Agreement of actors with persons: of all items, and of planted controllers (their items, with strangers in).

    `placed`: actor_id, person, controller (null: nobody planted), has_common_contact per item.
    """
    items = placed.select(
        pl.col("actor_id").alias("cluster"),
        pl.col("person").alias("label"),
        "controller",
        "has_common_contact",
    )
    planted = items.filter(pl.col("controller").is_not_null())
    touched = items.join(planted.select("cluster").unique(), on="cluster", how="semi")
    whole, mine, common = pairwise(touched), pairwise(planted), pairwise(planted.filter("has_common_contact"))
    return {
        "pairwise, all persons": pairwise(items),
        "B-cubed, all persons": b_cubed(items),
        # Pairs of two strangers inside a controller's actor count as wrong, their absence elsewhere does not.
        "pairwise, planted controllers": Agreement(whole.precision, mine.recall),
        "B-cubed, planted controllers": b_cubed(planted),
        "pairwise, their accounts with a common contact": Agreement(whole.precision, common.recall),
    }


def tie_counts(found: Found) -> tuple[int, int, int]:
    """Site ties: right, wrong, missed. A pair that fewer controllers join than make a tie is neither."""
    true = {(min(pair), max(pair)) for pair in found.truth.site_ties}
    joined = {
        pair for controller in found.truth.controllers for pair in combinations(sorted(controller.sites), 2)
    }
    return len(found.ties & true), len(found.ties - joined), len(true - found.ties)


@dataclass(frozen=True)
class SurgeFindings:
    """Planted influxes found of all, days from their start to the alarm (first day: 1), their ranks, false alarms.

    `usual` and `risen`: items a day before and in each influx. `possible`: the day on which whoever knows the usual
    rate would have alarmed first (`known_rises`).
    """

    planted: int
    found: int
    delays: tuple[int, ...]
    ranks: tuple[int, ...]
    usual: tuple[float, ...]
    risen: tuple[float, ...]
    possible: tuple[int | None, ...]
    seasons: int
    false_alarms: int


def surge_findings(found: Found) -> SurgeFindings:
    """Influxes of controllers are to be found; rises of many persons in season are real as well, others are false."""
    ranked = found.surges.sort("rank_score", descending=True).with_row_index("rank", offset=1)
    planted, hits, seasons = 0, [], 0
    known: list[tuple[float, float, int | None]] = []
    explained: set[int] = set()
    for surge in found.truth.surges:
        if surge.kind == "growth":
            continue
        start = date.fromisoformat(surge.start)
        same = ranked.filter(
            (pl.col("site") == surge.site)
            & (pl.col("nationality") == surge.nationality)
            & (pl.col("place").is_null() | pl.col("place").str.to_lowercase().str.contains(surge.place or ""))
            & (pl.col("end_date") >= start)
        ).sort("alarm_date")
        explained |= set(same["rank"])
        if surge.kind == "season":
            seasons += same.height > 0
            continue
        planted += 1
        known.append(_known_of(found.truth, surge))
        if same.height:
            best = same.filter(pl.col("alarm_date") >= start - timedelta(days=1)).head(1)
            if best.height:
                hits.append(((best["alarm_date"][0] - start).days + 1, same["rank"].to_list()))
    return SurgeFindings(
        planted,
        len(hits),
        tuple(delay for delay, _ in hits),
        tuple(min(ranks) for _, ranks in hits),
        tuple(usual for usual, _, _ in known),
        tuple(risen for _, risen, _ in known),
        tuple(day for _, _, day in known),
        seasons,
        ranked.height - len(explained),
    )


def _known_of(truth: Truth, surge: TrueSurge) -> tuple[float, float, int | None]:
    """Items a day before an influx and in it, and the day on which it could have been known."""
    posted = [
        date.fromisoformat(item.posted[:10])
        for item in truth.items
        if (item.site, item.place, item.nationality) == (surge.site, surge.place, surge.nationality)
    ]
    first = min(posted)
    counts = np.zeros((date.fromisoformat(truth.anchor) - first).days)
    np.add.at(counts, [(day - first).days for day in posted], 1)
    start = (date.fromisoformat(surge.start) - first).days
    rate = usual_rate(counts, start)
    return rate, float(counts[start:].mean()), first_possible_day(counts, rate, start)


def scored_subjects(home: Path, found: Found) -> pl.DataFrame:
    """As `judged_leads`, of every subject with indicators enough, whatever its score: what the thresholds stand on."""
    store = PartStore(home)

    def table(name: str) -> pl.DataFrame:
        return store.scan(name, CONTRACTS[name].schema).collect()

    items = current_items(store)
    any_score = {role: replace(threshold, score=0.0) for role, threshold in scoring.THRESHOLDS.items()}
    with patch.dict(scoring.THRESHOLDS, any_score):
        tables = assess_leads(
            items,
            current_rows(store, CONTRACTS["mentions"], items),
            current_rows(store, CONTRACTS["facts"], items),
            *(table(name) for name in ("actors", "actor_members", "site_links", "surges", "identifiers")),
            {},
            OperationScope("demonstration", (), "AMBER", 365, date.fromisoformat(found.truth.anchor)),
        )
    return judged_leads(replace(found, leads=tables.leads, evidence=tables.lead_evidence))


def judged_leads(found: Found) -> pl.DataFrame:
    """Leads on persons and handles: lead_id, type, score, is_right, controllers, sorted by score.

    Right is, for a potential victim, that most of the evidence advertises somebody whom a planted controller controls
    or who is under 18; for the other persons, that most of it is of planted controllers of that role; for a handle,
    that it is a controller's own.
    """
    roles = pl.DataFrame(
        [(controller.id, controller.role) for controller in found.truth.controllers],
        schema=["controller", "role"],
        orient="row",
    )
    known = (
        found.leads.filter(pl.col("type").is_in(PERSON_TYPES))
        .select("lead_id", "type", "score")
        .join(found.evidence.select("lead_id", "item_id"), on="lead_id")
        .join(
            found.items.drop_nulls("item_id").select("item_id", "controller", "age"), on="item_id", how="left"
        )
        .join(roles, on="controller", how="left")
    )
    fits = (
        pl.when(pl.col("type") == "potential_victim")
        .then(pl.col("controller").is_not_null() | pl.col("age").is_between(1, 17))
        .when(pl.col("type") == "potential_exploiter")
        .then(pl.col("role") == "exploiter")
        .when(pl.col("type") == "potential_recruiter")
        .then(pl.col("role") == "recruiter")
        .otherwise(pl.col("role").is_not_null())
    )
    persons = (
        known.with_columns(fits.fill_null(False).alias("fits"))
        .group_by("lead_id", "type", "score")
        .agg(
            (pl.col("fits").mean() > 0.5).alias("is_right"),
            pl.col("controller").filter("fits").drop_nulls().unique().alias("controllers"),
        )
    )
    own = {
        identifier.value: controller.id
        for controller in found.truth.controllers
        for identifier in controller.identifiers
        if not identifier.generic
    }
    handles = (
        found.leads.filter(pl.col("type").is_in(HANDLE_TYPES))
        .select(
            "lead_id",
            "type",
            "score",
            # A messenger's handle is written with its service: `telegram:name`.
            pl.col("subject_label")
            .str.replace(r"^[a-z]+:", "")
            .replace_strict(own, default=None)
            .alias("own"),
        )
        .select(
            "lead_id",
            "type",
            "score",
            pl.col("own").is_not_null().alias("is_right"),
            pl.concat_list(pl.col("own").cast(pl.String)).list.drop_nulls().alias("controllers"),
        )
    )
    return pl.concat([persons, handles]).sort(["score", "lead_id"], descending=[True, False])


def recall_by_type(found: Found, judged: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Per kind of planted subject: found, planted. Probable minors and persons under an exploiter are items."""
    right = judged.filter("is_right")

    def controllers(*types: str) -> set[str]:
        return set(right.filter(pl.col("type").is_in(types))["controllers"].explode().drop_nulls())

    def wanted(role: str) -> set[str]:
        return {controller.id for controller in found.truth.controllers if controller.role == role}

    victims = (
        found.leads.filter(pl.col("type") == "potential_victim")
        .join(found.evidence, on="lead_id")["item_id"]
        .unique()
    )
    minors = found.items.filter(pl.col("age").is_between(1, 17))
    return {
        "exploiters": (
            len(wanted("exploiter") & controllers("potential_exploiter")),
            len(wanted("exploiter")),
        ),
        "recruiters": (
            len(wanted("recruiter") & controllers("potential_recruiter", "potential_facilitator")),
            len(wanted("recruiter")),
        ),
        "probable minors": (
            minors.filter(pl.col("item_id").is_in(victims.implode())).height,
            minors.height,
        ),
    }

"""Leads: subjects worth a human look, each with its indicators, evidence, grade and days."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from assets.detection.calibration import with_planted_share
from assets.detection.circles import circles_in
from assets.detection.common_contacts import contacts_behind
from assets.detection.context import (
    item_context,
    item_traits,
    oldest_first,
    own_contact,
    rarest_contacts,
    site_offers,
)
from assets.detection.controllers import actor_profiles, structure_findings
from assets.detection.grading import grade_leads, lead_countries
from assets.detection.handles import suspicious_handles
from assets.detection.indicators import indicator_words
from assets.detection.item_signs import item_signs
from assets.detection.numbering import NUMBER
from assets.detection.reviews import LEAD_REVIEWS, apply_reviews
from assets.detection.roles import (
    SUSPECT_ROLES,
    RoleLeads,
    potential_exploiters,
    potential_facilitators,
    potential_recruiters,
    potential_victims,
    service_posters,
)
from assets.detection.routes import route_countries
from assets.detection.surges import common_in
from assets.detection.suspicious_sites import adult_sites, suspicious_sites, tied_to_adult_sites
from assets.linking.digests import key_column
from assets.parsing.packed import unpacked
from quality.contracts import CONTRACTS
from quality.contracts.detection import MAX_EVIDENCE, NEW_STATE

LEADS = CONTRACTS["leads"].schema
LEAD_INDICATORS = CONTRACTS["lead_indicators"].schema
LEAD_EVIDENCE = CONTRACTS["lead_evidence"].schema
SUBJECTS = {"lead_id": pl.String(), "type": pl.String(), "subject": NUMBER}


# What leads about persons ask of each item.
ROLE_COLUMNS = (
    *("item_id", "actor_id", "contact", "account_key", "age", "nationality", "is_offer"),
    *("category", "site", "day", "first_seen"),
)


@dataclass(frozen=True)
class OperationScope:
    """The operation whose leads these are: its code, countries (ISO 3166 alpha-2), TLP 2.0 label, days that a lead
    is kept after its last evidence, and the day of the assessment."""

    code: str
    countries: tuple[str, ...]
    tlp: str
    retention_days: int
    as_of: date


@dataclass(frozen=True)
class LeadTables:
    """The three frames of leads, each with the schema of its contract. `subjects`: lead_id, type, subject (`NUMBER`; 0
    where subjects are named by keys) of each lead. `items`: those of the rows of evidence (`NUMBER`; 0 where items are
    named by keys), in their order."""

    leads: pl.DataFrame
    lead_indicators: pl.DataFrame
    lead_evidence: pl.DataFrame
    subjects: pl.DataFrame
    items: pl.Series


def assess_leads(
    items: pl.DataFrame,
    mentions: pl.DataFrame,
    facts: pl.DataFrame,
    actors: pl.DataFrame,
    actor_members: pl.DataFrame,
    site_links: pl.DataFrame,
    surges: pl.DataFrame,
    identifiers: pl.DataFrame,
    sources_reliability: Mapping[str, str],
    operation: OperationScope,
    reviews: pl.DataFrame | None = None,
) -> LeadTables:
    """All leads of an operation, highest score first; probable minors lead among persons.

    `items`: item_id, item_table, source, capture_id, site, account, category, posted_at, first_seen, last_seen, text.
    The other frames as in their contracts; keys of items, actors and identifiers may be packed in all of them
    (`assets.parsing.packed`). `sources_reliability`: source name to Admiralty letter A–F. A lead's
    score is exactly the sum of its contributions; its id depends on operation, type and subject alone, so that it is
    one lead over all days. `reviews` (contract `lead_reviews`) moves its state, see `reviews.apply_reviews`.
    Explanations hold counts, no personal data; `subject_label` of a handle is the handle (sensitivity of its contract).
    """
    if items.is_empty():
        return no_leads()
    signs = item_signs(items, mentions, facts)
    published = actor_members.join(actors.select("actor_id"), on="actor_id", how="semi")
    traits = item_traits(items, facts, signs)
    placed = (
        traits.join(actors_of_items(published), on="item_id", how="left")
        .join(rarest_contacts(mentions.unique(["item_id", "identifier_id"])), on="item_id", how="left")
        .with_columns(own_contact())
    )
    context = item_context(placed, site_offers(traits))
    roles = role_leads(context, signs, surges)
    suspects = suspects_of(roles)
    once = mentions.group_by("item_id", "identifier_id").agg(pl.col("obscured").any())
    owners = owners_of_identifiers(published)
    dated = context.rename({"category": "kind"})
    behind = contacts_behind(common_in(surges, dated, mentions)).rename({"contact": "handle"})
    circles = circles_in(context, once, identifiers).join(behind, on="handle", how="full", coalesce=True)
    roles += suspicious_handles(context, once, identifiers, owners, suspects, circles)
    sites = adult_sites(context.select("site", (pl.col("category") == "adult").alias("is_adult")))
    tied = tied_to_adult_sites(sites, site_links)
    roles.append(suspicious_sites(context, signs, mentions, tied, surges))
    routes = route_countries(facts)
    tables = lead_tables(roles, context, routes, sources_reliability, operation)
    decided = pl.DataFrame(schema=LEAD_REVIEWS) if reviews is None else reviews
    leads = apply_reviews(
        tables.leads,
        tables.lead_indicators,
        tables.lead_evidence,
        unpacked(context.select("item_id", "first_seen")),
        decided.filter(pl.col("operation") == operation.code),
    )
    return replace(tables, leads=leads)


def actors_of_items(actor_members: pl.DataFrame) -> pl.DataFrame:
    """The actor of each item that has one: item_id, actor_id. `actor_members` as in its contract."""
    return actor_members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("item_id"), "actor_id"
    )


def owners_of_identifiers(actor_members: pl.DataFrame) -> pl.DataFrame:
    """The actors to whom identifiers belong: identifier_id, actor_id. `actor_members` as in its contract."""
    return actor_members.filter(pl.col("member_kind") == "identifier").select(
        pl.col("member_id").alias("identifier_id"), "actor_id"
    )


def role_leads(context: pl.DataFrame, signs: pl.DataFrame, surges: pl.DataFrame) -> list[RoleLeads]:
    """Leads about persons, from all items of any number of actors, and items without actor.

    `context` and `signs` from `item_context` and `item_signs`, `surges` as in its contract. What is said of an actor,
    or of those whom it advertises, depends on its own items and surges alone.
    """
    signs = signs.with_columns(pl.col("indicator_id").cast(indicator_words()))
    profiles = actor_profiles(context, surges)
    structure = structure_findings(profiles)
    serving = service_posters(context, signs)
    acting = profiles.filter(~pl.col("subject_id").is_in(serving.implode()))
    context = context.select(ROLE_COLUMNS)
    exploiters = potential_exploiters(context, signs, acting, structure)
    recruiters = potential_recruiters(context, signs, acting, structure)
    suspects = suspects_of([exploiters, recruiters])
    facilitators = potential_facilitators(context, signs, profiles, structure, suspects)
    return [potential_victims(context, signs, profiles), exploiters, recruiters, facilitators]


def suspects_of(roles: Sequence[RoleLeads]) -> pl.Series:
    """The actors that lead as exploiters, recruiters or facilitators: subject_id, sorted, each once."""
    return (
        pl.concat([role.findings["subject_id"] for role in roles if role.role in SUSPECT_ROLES])
        .unique()
        .sort()
    )


def no_leads() -> LeadTables:
    """The three frames without a row."""
    return LeadTables(
        pl.DataFrame(schema=LEADS),
        pl.DataFrame(schema=LEAD_INDICATORS),
        pl.DataFrame(schema=LEAD_EVIDENCE),
        pl.DataFrame(schema=SUBJECTS),
        pl.Series("item", [], NUMBER),
    )


def lead_tables(
    roles: Sequence[RoleLeads],
    context: pl.DataFrame,
    routes: pl.DataFrame,
    reliability: Mapping[str, str],
    operation: OperationScope,
) -> LeadTables:
    """The rows of these leads in the three tables, nobody having reviewed them; highest score first.

    `context` from `item_context`, with all items of their evidence; `routes` from `route_countries`. With a column
    `number` in both, leads name items by it.
    """
    # Leads and items by number: an item's is its place in time, by which evidence is chosen.
    items = oldest_first(context)
    named_by = "number" if "number" in context.columns else "item_id"
    subjects, findings, shown, count = [], [], [], 0
    for role in roles:
        leading = (
            role.findings.group_by("subject_id")
            .agg(pl.col("score").first(), pl.len().cast(pl.Int64).alias("indicator_count"))
            .join(role.subjects.select("subject_id", "subject_label"), on="subject_id")
            .with_row_index("lead", count)
        )
        count += leading.height
        numbers, subject = leading.select("subject_id", "lead"), leading["subject_id"]
        by_number = role.keys is not None
        keys = role.keys.gather(subject) if role.keys is not None else subject
        subjects.append(
            unpacked(leading.with_columns(keys.alias("subject_id"))).with_columns(
                subject.cast(NUMBER).alias("subject") if by_number else pl.lit(0, NUMBER).alias("subject"),
                pl.lit(role.role).alias("type"),
                pl.lit(role.subject_kind).alias("subject_kind"),
                pl.lit(operation.code).alias("operation"),
            )
        )
        findings.append(role.findings.join(numbers, on="subject_id").drop("subject_id"))
        told = role.evidence.join(numbers, on="subject_id")
        shown.append(told.select("lead", "item_id", pl.col("signs").cast(pl.Int64)))
    if not count:
        return no_leads()
    place = _places(items[named_by])
    told, seen = pl.concat(findings, rechunk=True), pl.concat(shown, rechunk=True)
    told = told.with_columns(place(told["evidence_item_id"]))
    seen = seen.select("lead", place(seen["item_id"]), "signs")
    named = pl.concat(subjects, rechunk=True)
    named = named.with_columns(key_column(named, "operation", "type", "subject_id").alias("lead_id"))
    lead_ids = named["lead_id"]
    evidence = _chosen(seen, told.select("lead", "item").unique(), count)
    stated = routes.with_columns(place(routes[named_by])).select("part", "country", "item")
    leads = (
        with_planted_share(named)
        .sort("lead")
        .hstack(grade_leads(evidence, items, reliability))
        .hstack(lead_countries(evidence, items, stated))
        .with_columns(
            pl.lit(NEW_STATE).alias("state"),
            pl.lit(None, LEADS["reviewed_at"]).alias("reviewed_at"),
            pl.lit(None, pl.Int64).alias("new_evidence_count"),
            pl.lit(operation.tlp).alias("tlp"),
            (pl.col("last_seen") + pl.duration(days=operation.retention_days)).alias("expires_on"),
        )
        .select(*LEADS)
        .sort(["score", "lead_id"], descending=[True, False])
    )
    indicators = told.with_columns(
        pl.col("indicator_id").cast(pl.String),
        lead_ids.gather(told["lead"]),
        items["item_id"].gather(told["item"]).alias("evidence_item_id"),
    )
    named_items = items["number"] if named_by == "number" else pl.repeat(0, items.height, eager=True)
    of_evidence = named_items.gather(evidence["item"]).cast(NUMBER).alias("item")
    evidence = items.select(name for name in items.columns if name in LEAD_EVIDENCE)[
        evidence["item"].to_numpy()
    ].with_columns(lead_ids.gather(evidence["lead"]), evidence["signs"])
    return LeadTables(
        leads,
        unpacked(indicators.select(*LEAD_INDICATORS)),
        unpacked(evidence.select(*LEAD_EVIDENCE)),
        named.select(*SUBJECTS),
        of_evidence,
    )


def _places(names: pl.Series) -> Callable[[pl.Series], pl.Series]:
    """The place of each item that is asked for in a list of their names (numbers or keys), as `item`."""
    if names.dtype.is_integer():
        numbers = names.to_numpy()
        place = np.zeros(int(numbers.max()) + 1, dtype=np.uint32)
        place[numbers] = np.arange(len(numbers))
        return lambda wanted: pl.Series("item", place[wanted.to_numpy()])
    listed = names.alias("name").to_frame().with_row_index("item")
    return lambda wanted: (
        wanted.alias("name").to_frame().join(listed, on="name", how="left", maintain_order="left")["item"]
    )


def _chosen(shown: pl.DataFrame, witnesses: pl.DataFrame, leads: int) -> pl.DataFrame:
    """The evidence of each lead, or of what is more than `MAX_EVIDENCE` the most telling: witnesses of findings, then
    what shows most signs, then the oldest. `shown`: lead, item, signs; `witnesses`: lead, item; of so many leads."""
    many = np.bincount(shown["lead"].to_numpy(), minlength=leads) > MAX_EVIDENCE
    is_of_many = pl.Series(many[shown["lead"].to_numpy()])
    chosen = (
        shown.filter(is_of_many)
        .join(witnesses.with_columns(pl.lit(True).alias("is_witness")), on=["lead", "item"], how="left")
        .sort(
            ["lead", "is_witness", "signs", "item"],
            descending=[False, True, True, False],
            nulls_last=True,
        )
        .group_by("lead", maintain_order=True)
        .head(MAX_EVIDENCE)
        .select(shown.columns)
    )
    return pl.concat([shown.filter(~is_of_many), chosen], rechunk=True)

"""Leads about persons: potential victims, exploiters, recruiters, facilitators, each from evidence of its own.

A potential victim is an item's advertised person; exploiters, recruiters and facilitators are actors. No finding
passes from one to the other but through what its own items show, so that nobody becomes a suspect by sharing a
controller's number.
"""

from dataclasses import dataclass, replace

import polars as pl

from assets.detection.context import MOST
from assets.detection.controllers import ACCOUNTS_ON_ONE_SITE, AGE_SPREAD_YEARS
from assets.detection.indicators import weights_for
from assets.detection.item_signs import SERVICE_SIGNS
from assets.detection.scoring import (
    CORE_WEIGHT,
    FINDINGS,
    HEAVY_WEIGHT,
    THRESHOLDS,
    score_findings,
    sign_findings,
    structure_finding,
)

SUSPECT_ROLES = ("potential_exploiter", "potential_recruiter", "potential_facilitator")
_TIES_OF_TRADES = ("jobs_and_adult_contact", "domestic_and_adult_contact")
_FACILITATOR_STRUCTURE = (*_TIES_OF_TRADES, "several_sites")
# Whoever offers work nearly only is a recruiter; a stray post among the offers makes no exploiter.
MIN_ADVERTS_SHARE = 0.2
# And the other way round: among many advertisements a few posts read as offers need a heavy sign of their own.
MIN_OFFERS_SHARE = 0.2
# Travel, housing, work abroad, a messenger or a hidden number (signs below this weight) stand in many ordinary offers.
# One other sign beside such only, and nothing around the actor, needs this score: of twelve leads that fell short of it
# on eight planted worlds none was a recruiter's.
ORDINARY_WEIGHT, ALONE_SCORE = 1.0, 5.0


@dataclass(frozen=True)
class RoleLeads:
    """Leads of one type.

    `findings`: as scored by `score_findings`. `evidence`: subject_id, item_id, signs (findings the item shows).
    `subjects`: subject_id, subject_label, once each. `keys`: those of subjects that are named by numbers, which are
    places in it.
    """

    role: str
    subject_kind: str
    findings: pl.DataFrame
    evidence: pl.DataFrame
    subjects: pl.DataFrame
    keys: pl.Series | None = None


def service_posters(context: pl.DataFrame, signs: pl.DataFrame) -> pl.Series:
    """Actors of whose items most offer services for whoever moves and exploits people: actor_id.

    They are potential facilitators and neither exploiters nor recruiters: the women whom a driver drives, and the
    jobs for which a visa is sold, are other people's.
    """
    services = signs.filter(pl.col("indicator_id").is_in(SERVICE_SIGNS))
    offering = context.join(services, on="item_id", how="semi").select("actor_id").drop_nulls()
    return (
        context.join(offering, on="actor_id", how="semi")
        .group_by("actor_id")
        .agg(pl.col("item_id").is_in(services["item_id"].implode()).mean().alias("share"))
        .filter(pl.col("share") > MOST)["actor_id"]
    )


def potential_victims(context: pl.DataFrame, signs: pl.DataFrame, profiles: pl.DataFrame) -> RoleLeads:
    """Advertised persons who may be minors or under somebody's control.

    Who of an actor's advertisements is one person: `_persons`; the subject is the oldest item of each.
    `context`, `signs`, `profiles` from `item_context`, `item_signs`, `actor_profiles`.
    """
    telling = weights_for("potential_victim").filter("direct").select("indicator_id")
    adverts = _persons(
        context.filter(~pl.col("is_offer")),
        signs.join(telling, on="indicator_id", how="semi").select("item_id"),
        profiles,
    )
    controllers = profiles.filter(pl.col("is_controller")).select(
        pl.col("subject_id").alias("actor_id"), "accounts", "surges", "has_many_accounts"
    )
    shown = adverts.join(signs, on="item_id", maintain_order="left").select(
        "subject_id", "indicator_id", "item_id"
    )
    sizes = adverts.group_by("subject_id").agg(pl.len().cast(pl.Int64).alias("items"))
    own = sign_findings(shown, sizes, "potential_victim")
    controlled = adverts.filter(pl.col("item_id") == pl.col("subject_id")).join(controllers, on="actor_id")
    controlled = controlled.with_columns(pl.col("subject_id").alias("evidence_item_id"))
    around = [
        structure_finding(
            controlled,
            "many_accounts_one_controller",
            "accounts",
            "advertised by a controller of {} accounts",
            pl.col("has_many_accounts"),
        ),
        structure_finding(
            controlled,
            "one_controller_surge",
            "surges",
            "advertised by the controller of {} sudden rises",
            pl.col("surges") >= 1,
        ),
    ]
    findings = score_findings("potential_victim", pl.concat([own, *around]))
    leading = adverts.join(findings.select("subject_id").unique(), on="subject_id", how="semi")
    evidence = leading.join(
        signs.group_by("item_id").agg(pl.len().alias("signs")), on="item_id", how="left"
    ).select("subject_id", "item_id", pl.col("signs").fill_null(0))
    labels = leading.filter(pl.col("item_id") == pl.col("subject_id")).select(
        "subject_id",
        pl.format("person advertised on {} since {}", "site", pl.col("day").cast(pl.String)).alias(
            "subject_label"
        ),
    )
    return RoleLeads("potential_victim", "item", findings, evidence, labels)


def _persons(adverts: pl.DataFrame, telling: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """The advertisements of persons of whom one shows a sign, with `subject_id`: the oldest item of the same person.

    An actor who claims one age and one nationality at most, by one account on each site, is one person. Of others,
    items of one contact and one age are, unless accounts claim different nationalities: each of these is another
    person then, and so is an account that claims none. An item without an age has that of its account, where this
    claims one only. `adverts`: oldest first; `telling`: item_id of items that show a sign of the role.
    """
    alone = profiles.filter(
        (pl.col("ages") <= 1) & (pl.col("nationalities") <= 1) & (pl.col("accounts_on_one_site") <= 1)
    ).select(actor_id="subject_id", is_alone=pl.lit(True))
    adverts = adverts.join(alone, on="actor_id", how="left", maintain_order="left").with_columns(
        pl.coalesce("actor_id", "item_id").alias("group"),
        pl.when(pl.col("is_alone").is_null()).then("contact"),
    )
    of_group, of_account = ("group", "contact"), ("group", "contact", "account_key")
    of_age = (*of_group, "age")
    flagged = adverts.join(telling, on="item_id", how="semi").select(of_group).unique()
    adverts = adverts.join(flagged, on=of_group, how="semi", nulls_equal=True, maintain_order="left")
    has_account, sole_age = pl.col("account_key").is_not_null(), pl.col("age").drop_nulls().n_unique() == 1
    adverts = adverts.with_columns(
        pl.when(has_account & sole_age.over(of_account))
        .then(pl.col("age").max().over(of_account))
        .otherwise("age")
        .alias("age"),
        pl.when(has_account)
        .then(pl.col("nationality").drop_nulls().first().over(of_account))
        .otherwise("nationality")
        .alias("claimed"),
    )
    several = pl.col("claimed").drop_nulls().n_unique().over(of_age) > 1
    adverts = adverts.with_columns(
        pl.when(several).then("claimed"),
        pl.when(several & pl.col("claimed").is_null()).then("account_key").alias("unclaimed"),
    )
    person = (*of_age, "claimed", "unclaimed")
    return adverts.with_columns(pl.col("item_id").first().over(person).alias("subject_id"))


def potential_exploiters(
    context: pl.DataFrame, signs: pl.DataFrame, profiles: pl.DataFrame, structure: pl.DataFrame
) -> RoleLeads:
    """Actors who advertise several persons or through many accounts, with signs of control or of scale.

    Two persons are several where signs tell of both: by two accounts on a site, or by none, advertisements with signs
    claim ages too far apart for one.

    `structure` from `structure_findings`, at least of these `profiles`.
    """
    adverts = context.filter(~pl.col("is_offer"))
    told_of_two = _tells_of_two(adverts, signs)
    controllers = profiles.filter(
        (pl.col("is_controller") | (_has_two_posts() & pl.col("subject_id").is_in(told_of_two.implode())))
        & (pl.col("adverts") >= MIN_ADVERTS_SHARE * pl.col("items"))
    )
    return _actor_leads("potential_exploiter", controllers, adverts, signs, structure)


def _has_two_posts() -> pl.Expr:
    return (pl.col("accounts_on_one_site") >= ACCOUNTS_ON_ONE_SITE) | (pl.col("accounts") == 0)


def _tells_of_two(adverts: pl.DataFrame, signs: pl.DataFrame) -> pl.Series:
    """Actors whose advertisements with a core sign claim ages too far apart for one person: actor_id."""
    core = weights_for("potential_exploiter").filter("direct", pl.col("weight") >= CORE_WEIGHT)
    telling = signs.join(core, on="indicator_id", how="semi")
    return (
        adverts.filter(pl.col("actor_id").is_not_null() & pl.col("age").is_not_null())
        .join(telling, on="item_id", how="semi")
        .group_by("actor_id")
        .agg((pl.col("age").max() - pl.col("age").min()).alias("spread"))
        .filter(pl.col("spread") >= AGE_SPREAD_YEARS)["actor_id"]
    )


def potential_recruiters(
    context: pl.DataFrame, signs: pl.DataFrame, profiles: pl.DataFrame, structure: pl.DataFrame
) -> RoleLeads:
    """Actors of whom one offer of work, with what is known of the actor, shows signs of deception, debt or fees enough.

    A firm with many offers shows one sign here and another there by chance; whoever deceives does it in one offer.
    """
    offers = context.filter(pl.col("is_offer"))
    offering = profiles.filter(pl.col("work_items") > 0)
    structure = structure.join(offering, on="subject_id", how="semi")
    told = _told_at_once("potential_recruiter", offers, signs, structure)
    offering = offering.join(told, on="subject_id").filter(
        (pl.col("score") >= THRESHOLDS["potential_recruiter"].score)
        & ((pl.col("work_items") >= MIN_OFFERS_SHARE * pl.col("items")) | pl.col("has_heavy"))
    )
    leads = _actor_leads("potential_recruiter", offering, offers, signs, structure)
    alone = leads.findings.filter(pl.col("score") < ALONE_SCORE).join(
        offering.filter("is_alone"), on="subject_id", how="semi"
    )
    return replace(
        leads,
        findings=leads.findings.join(alone, on="subject_id", how="anti", maintain_order="left"),
        evidence=leads.evidence.join(alone, on="subject_id", how="anti", maintain_order="left"),
    )


def _told_at_once(
    role: str, items: pl.DataFrame, signs: pl.DataFrame, structure: pl.DataFrame
) -> pl.DataFrame:
    """What the most telling item of each actor says, with what surrounds the actor: subject_id, score, has_heavy,
    is_alone.

    `has_heavy`: one of its items shows a sign that weighs `HEAVY_WEIGHT` or more. `is_alone`: nothing surrounds the
    actor, and none of its items shows two signs that are not ordinary, or one that is enough by itself.
    """
    weights = weights_for(role).select("indicator_id", "weight")
    around = structure.join(weights, on="indicator_id").group_by("subject_id").agg(pl.col("weight").sum())
    return (
        items.filter(pl.col("actor_id").is_not_null())
        .select("item_id", subject_id="actor_id")
        .join(signs, on="item_id")
        .join(weights, on="indicator_id")
        .group_by("subject_id", "item_id")
        .agg(
            pl.col("weight").sum().alias("told"),
            pl.col("weight").max().alias("heaviest"),
            (pl.col("weight") >= ORDINARY_WEIGHT).sum().alias("rare_signs"),
        )
        .group_by("subject_id")
        .agg(pl.col("told", "heaviest", "rare_signs").max())
        .join(around, on="subject_id", how="left")
        .select(
            "subject_id",
            (pl.col("told") + pl.col("weight").fill_null(0)).alias("score"),
            (pl.col("heaviest") >= HEAVY_WEIGHT).alias("has_heavy"),
            (
                pl.col("weight").is_null()
                & (pl.col("rare_signs") < 2)
                & (pl.col("heaviest") < THRESHOLDS[role].score)
            ).alias("is_alone"),
        )
    )


def potential_facilitators(
    context: pl.DataFrame,
    signs: pl.DataFrame,
    profiles: pl.DataFrame,
    structure: pl.DataFrame,
    suspects: pl.Series,
) -> RoleLeads:
    """Actors who tie work and adult sites, or offer crossings, papers, drivers, rooms, and are no suspect otherwise.

    `suspects`: actors that already are potential exploiters or recruiters. Papers that are kept, secrecy, travel and
    housing speak beside a service or such a tie only: alone they are an employer's.
    """
    others = profiles.filter(~pl.col("subject_id").is_in(suspects.implode()))
    structure = structure.filter(pl.col("indicator_id").is_in(_FACILITATOR_STRUCTURE)).join(
        others, on="subject_id", how="semi"
    )
    services = signs.filter(pl.col("indicator_id").is_in(SERVICE_SIGNS))["item_id"]
    serving = context.filter(pl.col("item_id").is_in(services.implode()))["actor_id"].drop_nulls()
    tying = structure.filter(pl.col("indicator_id").is_in(_TIES_OF_TRADES))["subject_id"]
    facilitating = pl.concat([serving, tying]).unique()
    others = others.filter(pl.col("subject_id").is_in(facilitating.implode()))
    items = context.filter((pl.col("category") != "adult") | pl.col("item_id").is_in(services.implode()))
    return _actor_leads("potential_facilitator", others, items, signs, structure)


def _actor_leads(
    role: str, profiles: pl.DataFrame, items: pl.DataFrame, signs: pl.DataFrame, structure: pl.DataFrame
) -> RoleLeads:
    """Leads about actors from the signs of the given items and from their structure (of theirs at least)."""
    theirs = (
        items.filter(pl.col("actor_id").is_not_null())
        .select("item_id", pl.col("actor_id").alias("subject_id"))
        .join(profiles, on="subject_id", how="semi", maintain_order="left")
    )
    shown = theirs.join(signs, on="item_id", maintain_order="left").select(
        "subject_id", "indicator_id", "item_id"
    )
    sizes = theirs.group_by("subject_id").agg(pl.len().cast(pl.Int64).alias("items"))
    own = sign_findings(shown, sizes, role)
    around = structure.select(FINDINGS).join(profiles, on="subject_id", how="semi")
    findings = score_findings(role, pl.concat([own, around]))
    leading = findings.select("subject_id").unique()
    flagged = (
        shown.join(leading, on="subject_id", how="semi")
        .join(findings.select("subject_id", "indicator_id"), on=["subject_id", "indicator_id"], how="semi")
        .group_by("subject_id", "item_id")
        .agg(pl.len().alias("signs"))
    )
    evidence = (
        theirs.join(leading, on="subject_id", how="semi")
        .join(flagged, on=["subject_id", "item_id"], how="left")
        .select("subject_id", "item_id", pl.col("signs").fill_null(0))
    )
    # A structure finding may rest on items of the other trade; its own witness belongs to the evidence.
    witnesses = findings.select("subject_id", pl.col("evidence_item_id").alias("item_id")).unique()
    evidence = pl.concat(
        [
            evidence,
            witnesses.join(evidence, on=["subject_id", "item_id"], how="anti").with_columns(
                pl.lit(1, dtype=evidence.schema["signs"]).alias("signs")
            ),
        ]
    )
    labels = profiles.select(
        "subject_id",
        pl.format("actor with {} accounts and {} items on {} sites", "accounts", "items", "sites").alias(
            "subject_label"
        ),
    )
    return RoleLeads(role, "actor", findings, evidence, labels)

"""Leads about handles: numbers, usernames and addresses by which suspects are reached."""

import numpy as np
import polars as pl

from assets.detection.controllers import (
    ITEMS_OF_EACH_TRADE,
    MANY_ACCOUNTS,
    MANY_PLACES,
    SEVERAL_NATIONALITIES,
    SEVERAL_SITES,
)
from assets.detection.distinct import distinct, grouped
from assets.detection.indicators import indicator_words
from assets.detection.roles import RoleLeads
from assets.detection.scoring import score_findings, structure_finding

KINDS = {"phone": ("phone",), "username": ("username", "messenger"), "url": ("url",)}
# An address by which one is reached is asked for only where it has a narrow circle, or makes most of a rise.
CIRCLE_ROLES = {"email": "username"}
# A handle of more actors than this is everybody's, a platform's line or a quoted address, unless its circle is
# narrow or it makes most of a rise.
MAX_ACTORS = 3
# A handle of one account on one site may be the advertised person's own; it stays out of the leads.
MIN_ACCOUNTS = 3
CONTEXT_COLUMNS = (
    *("item_id", "site", "account_key", "place", "nationality", "category", "is_offer"),
    "actor_id",
)


def suspicious_handles(
    context: pl.DataFrame,
    mentions: pl.DataFrame,
    identifiers: pl.DataFrame,
    owners: pl.DataFrame,
    suspects: pl.Series,
    circles: pl.DataFrame,
) -> list[RoleLeads]:
    """Leads of types phone, username and url.

    `context` from `item_context`; `mentions` (each identifier of an item once) and `identifiers` as in their contracts;
    `owners`: identifier_id, actor_id; `suspects`: actors with a lead of their own, as `owners` name them; `circles`:
    handle (as `mentions` name them), posters, told, rises: those with a narrow circle (`circles.narrow_circles`), and
    those that make most of some rises (`common_contacts.contacts_behind`), null where they do not. What is said of a
    handle depends on the items of its owners that mention it, and on its circle, alone: who only speaks of it, as
    people do in a forum (`assets.linking.quoting`), is none of those who use it. A handle needs three accounts, two
    sites or both trades: what only one account shows may belong to the person advertised there; or else a narrow circle
    or a rise.
    """
    circles = circles.rename({"handle": "subject_id"}).with_columns(pl.lit(True).alias("is_held"))
    owned = (
        owners.join(
            pl.DataFrame({"actor_id": suspects}).with_columns(pl.lit(True).alias("is_suspect")),
            on="actor_id",
            how="left",
        )
        .group_by(pl.col("identifier_id").alias("subject_id"))
        .agg(pl.len().alias("actors"), pl.col("is_suspect").fill_null(False).sum().alias("suspect_actors"))
        .join(circles, on="subject_id", how="full", coalesce=True)
        .with_columns(pl.col("is_held").fill_null(False), pl.col("suspect_actors").fill_null(0))
        .filter((pl.col("actors") <= MAX_ACTORS) | pl.col("is_held"))
        .drop("actors")
    )
    # Whatever makes a handle a lead takes two items at least; most handles are on one.
    is_held = pl.col("identifier_id").is_in(circles["subject_id"].implode())
    repeated = identifiers.filter(
        (pl.col("item_count") > 1)
        & (
            pl.col("kind").is_in([kind for kinds in KINDS.values() for kind in kinds])
            | (pl.col("kind").is_in(CIRCLE_ROLES) & is_held)
        )
    ).select(pl.col("identifier_id").alias("subject_id"))
    of_items = context.select(CONTEXT_COLUMNS).with_row_index("place_in_time")
    used = (
        mentions.select("item_id", pl.col("identifier_id").alias("subject_id"), "obscured")
        .join(owned.join(repeated, on="subject_id", how="semi"), on="subject_id")
        .join(of_items, on="item_id")
    )
    used = pl.concat(
        [
            used.filter("is_held"),
            used.filter(~pl.col("is_held")).join(
                owners.select(pl.col("identifier_id").alias("subject_id"), "actor_id"),
                on=["subject_id", "actor_id"],
                how="semi",
            ),
        ]
    )
    handle, first = grouped(used["subject_id"])
    count = len(first)
    # The context has the oldest item first.
    oldest = np.full(count, context.height, dtype=np.int64)
    np.minimum.at(oldest, handle, used["place_in_time"].to_numpy())

    def items(these: pl.Expr | None = None) -> np.ndarray:
        some = handle if these is None else handle[used.select(these).to_series().to_numpy()]
        return np.bincount(some, minlength=count)

    category = pl.col("category")
    told = {
        "items": items(),
        "obscured": items(pl.col("obscured")),
        "accounts": distinct(handle, used["account_key"], count),
        "sites": distinct(handle, used["site"], count),
        "places": distinct(handle, used["place"], count),
        "nationalities": distinct(handle, used["nationality"], count),
        "adult_items": items(category == "adult"),
        "job_items": items(pl.col("is_offer") & (category != "domestic")),
        "domestic_items": items(category == "domestic"),
    }
    handles = (
        used[first]
        .select("subject_id", "suspect_actors", "is_held", "posters", "told", "rises")
        .with_columns(context["item_id"].gather(oldest).alias("evidence_item_id"))
        .with_columns(pl.Series(name, numbers) for name, numbers in told.items())
        .with_columns(
            ((pl.col(column) >= ITEMS_OF_EACH_TRADE) & (pl.col("adult_items") >= ITEMS_OF_EACH_TRADE)).alias(
                name
            )
            for column, name in (("job_items", "both_trades"), ("domestic_items", "domestic_too"))
        )
        .filter(
            (pl.col("accounts") >= MIN_ACCOUNTS)
            | (pl.col("sites") >= SEVERAL_SITES)
            | pl.col("both_trades")
            | pl.col("is_held")
        )
    )
    findings = pl.concat(
        [
            structure_finding(
                handles,
                "controls_lead_subject",
                "suspect_actors",
                "contact of {} suspected actors",
                pl.col("suspect_actors") >= 1,
            ),
            structure_finding(
                handles,
                "many_accounts_one_controller",
                "accounts",
                "used by {} accounts",
                pl.col("accounts") >= MANY_ACCOUNTS,
            ),
            structure_finding(
                handles, "several_sites", "sites", "on {} sites", pl.col("sites") >= SEVERAL_SITES
            ),
            structure_finding(
                handles, "many_places", "places", "in {} places", pl.col("places") >= MANY_PLACES
            ),
            structure_finding(
                handles,
                "several_nationalities",
                "nationalities",
                "beside {} claimed nationalities",
                pl.col("nationalities") >= SEVERAL_NATIONALITIES,
            ),
            structure_finding(
                handles,
                "jobs_and_adult_contact",
                "job_items",
                "in {} offers of work and in adult advertisements",
                pl.col("both_trades"),
            ),
            structure_finding(
                handles,
                "domestic_and_adult_contact",
                "domestic_items",
                "in {} offers of domestic services and in adult advertisements",
                pl.col("domestic_too"),
            ),
            structure_finding(
                handles,
                "one_controller_surge",
                "rises",
                "makes most of {} sudden rises",
                pl.col("rises") >= 1,
            ),
            handles.drop_nulls("told").select(
                "subject_id",
                pl.lit("narrow_circle", indicator_words()).alias("indicator_id"),
                pl.col("posters").alias("occurrences"),
                pl.col("told").alias("explanation"),
                "evidence_item_id",
            ),
            structure_finding(
                handles, "obscured_phone", "obscured", "hidden in {} items", pl.col("obscured") >= 1
            ),
        ]
    )
    labels = identifiers.select(
        pl.col("identifier_id").alias("subject_id"), pl.col("value").alias("subject_label"), "kind"
    )
    leads = []
    for role, kinds in KINDS.items():
        theirs_too = [kind for kind, other in CIRCLE_ROLES.items() if other == role]
        of_kind = labels.filter(pl.col("kind").is_in([*kinds, *theirs_too])).select(
            "subject_id", "subject_label"
        )
        theirs = findings.join(of_kind, on="subject_id", how="semi")
        if theirs.is_empty():
            continue
        scored = score_findings(role, theirs)
        evidence = used.join(scored.select("subject_id").unique(), on="subject_id", how="semi").select(
            "subject_id", "item_id", pl.col("obscured").cast(pl.UInt32).alias("signs")
        )
        leads.append(RoleLeads(role, "identifier", scored, evidence, of_kind))
    return leads

"""What an actor looks like from outside: accounts, sites, places, claims, templates, both trades."""

import numpy as np
import polars as pl

from assets.detection.common_contacts import CONTROLLER_SHARE
from assets.detection.distinct import distinct, grouped, most_in_one, numbered
from assets.detection.scoring import structure_finding

# An independent poster has an account on each of some sites; a controller has several on one, or very many.
MANY_ACCOUNTS = 4
ACCOUNTS_ON_ONE_SITE = 2
VERY_MANY_ACCOUNTS = 8
SEVERAL_SITES = 2
MANY_PLACES = 3
SEVERAL_NATIONALITIES = 3
SEVERAL_AGES = 3
AGE_SPREAD_YEARS = 4
TEMPLATE_ACCOUNTS = 3
# A number recycled once is on one item; a contact of both trades is on two of each.
ITEMS_OF_EACH_TRADE = 2
# A rise is one controller's when he makes most of it (`CONTROLLER_SHARE`) with this many accounts.
CONTROLLER_ACCOUNTS = 3


def actor_profiles(context: pl.DataFrame, surges: pl.DataFrame) -> pl.DataFrame:
    """One row per actor with what is known of it, as `subject_id`.

    `context` from `item_context`; `surges` as in its contract. Columns: subject_id, evidence_item_id (oldest item),
    items, accounts, accounts_on_one_site, sites, places, nationalities, ages, age_spread, adverts,
    adult_items, work_items (offers of work), job_items (those that are no domestic work, which households offer, too),
    domestic_items, template_accounts, surges, has_many_accounts,
    is_controller.
    """
    known = context.filter(pl.col("actor_id").is_not_null())
    actor, first = grouped(known["actor_id"])
    actors, is_offer = len(first), known["is_offer"].to_numpy()

    def items(these: pl.Expr | None = None, offers: bool = False) -> np.ndarray:
        mask = np.ones(known.height, bool) if these is None else known.select(these).to_series().to_numpy()
        return np.bincount(actor[mask & is_offer if offers else mask], minlength=actors)

    # An account is one of its site.
    site, _ = numbered(known["site"])
    accounts = (
        pl.DataFrame({"actor": actor, "site": site, "account": known["account_key"]}).drop_nulls().unique()
    )
    of_accounts = accounts["actor"].to_numpy()
    held = np.bincount(of_accounts, minlength=actors)
    category = pl.col("category")
    several_nationalities = pl.col("nationalities") >= SEVERAL_NATIONALITIES
    several_ages = (pl.col("ages") >= SEVERAL_AGES) & (pl.col("age_spread") >= AGE_SPREAD_YEARS)
    work_items = items(offers=True)
    profiles = (
        known[first]
        .select("actor_id", pl.col("item_id").alias("evidence_item_id"))
        .with_columns(
            pl.Series(name, numbers)
            for name, numbers in {
                "items": items(),
                "accounts": held,
                "accounts_on_one_site": most_in_one(of_accounts, accounts["site"].to_numpy(), actors),
                "sites": distinct(actor, known["site"], actors),
                "places": distinct(actor, known["place"], actors),
                "nationalities": distinct(actor, known["nationality"], actors),
                "ages": distinct(actor, known["age"], actors),
                "age_spread": _spread(actor, known["age"], actors),
                "adverts": items() - work_items,
                "adult_items": items(category == "adult"),
                "work_items": work_items,
                "job_items": items(category != "domestic", offers=True),
                "domestic_items": items(category == "domestic"),
                "template_accounts": _templates(known, actor, held),
            }.items()
        )
        .join(controlled_surges(surges), on="actor_id", how="left")
        .with_columns(pl.col("surges").fill_null(0))
        .rename({"actor_id": "subject_id"})
    )
    return profiles.with_columns(_many_accounts().alias("has_many_accounts")).with_columns(
        (
            pl.col("has_many_accounts")
            | (
                (pl.col("accounts_on_one_site") >= ACCOUNTS_ON_ONE_SITE)
                & (several_nationalities | several_ages)
            )
            # Some sites name no accounts; by one of them, these are the claims of one person.
            | ((pl.col("accounts") == 0) & several_nationalities & several_ages)
        ).alias("is_controller")
    )


def _many_accounts() -> pl.Expr:
    return (
        (pl.col("accounts") >= MANY_ACCOUNTS) & (pl.col("accounts_on_one_site") >= ACCOUNTS_ON_ONE_SITE)
    ) | (pl.col("accounts") >= VERY_MANY_ACCOUNTS)


def structure_findings(profiles: pl.DataFrame) -> pl.DataFrame:
    """Findings about the actors' structure (see `scoring.FINDINGS`); `profiles` from `actor_profiles`."""
    return pl.concat(
        [
            structure_finding(
                profiles,
                "many_accounts_one_controller",
                "accounts",
                "{} accounts under one controller",
                pl.col("has_many_accounts"),
            ),
            structure_finding(
                profiles, "several_sites", "sites", "on {} sites", pl.col("sites") >= SEVERAL_SITES
            ),
            structure_finding(
                profiles, "many_places", "places", "in {} places", pl.col("places") >= MANY_PLACES
            ),
            structure_finding(
                profiles,
                "several_nationalities",
                "nationalities",
                "{} claimed nationalities",
                pl.col("nationalities") >= SEVERAL_NATIONALITIES,
            ),
            structure_finding(
                profiles,
                "several_ages",
                "ages",
                "{} claimed ages",
                (pl.col("ages") >= SEVERAL_AGES) & (pl.col("age_spread") >= AGE_SPREAD_YEARS),
            ),
            structure_finding(
                profiles,
                "shared_template",
                "template_accounts",
                "one text used by {} accounts",
                pl.col("template_accounts") >= TEMPLATE_ACCOUNTS,
            ),
            structure_finding(
                profiles,
                "jobs_and_adult_contact",
                "job_items",
                "{} offers of work beside adult advertisements",
                (pl.col("job_items") >= ITEMS_OF_EACH_TRADE) & (pl.col("adult_items") >= ITEMS_OF_EACH_TRADE),
            ),
            structure_finding(
                profiles,
                "domestic_and_adult_contact",
                "domestic_items",
                "{} offers of domestic services beside adult advertisements",
                (pl.col("domestic_items") >= ITEMS_OF_EACH_TRADE)
                & (pl.col("adult_items") >= ITEMS_OF_EACH_TRADE),
            ),
            structure_finding(
                profiles,
                "one_controller_surge",
                "surges",
                "behind {} sudden rises",
                pl.col("surges") >= 1,
            ),
        ]
    )


def _spread(actor: np.ndarray, ages: pl.Series, actors: int) -> np.ndarray:
    """The years between the lowest and the highest age of each of so many actors; 0 without ages."""
    claimed = ages.is_not_null().to_numpy()
    lowest, highest = np.full(actors, np.inf), np.full(actors, -np.inf)
    age = ages.drop_nulls().to_numpy()
    np.minimum.at(lowest, actor[claimed], age)
    np.maximum.at(highest, actor[claimed], age)
    return np.where(highest >= lowest, highest - lowest, 0.0)


def _templates(known: pl.DataFrame, actor: np.ndarray, accounts: np.ndarray) -> np.ndarray:
    """Most accounts of each actor that use one text, contacts and numbers aside; 0 of one with fewer accounts than tell
    something. `actor`: of each item; `accounts`: how many each has."""
    asked = pl.Series(accounts[actor] >= TEMPLATE_ACCOUNTS)
    uses = (
        known.select("template", "account_key", pl.Series("actor", actor))
        .filter(asked)
        .drop_nulls()
        .unique()
        .group_by("actor", "template")
        .len()
    )
    most = np.zeros(len(accounts), dtype=np.int64)
    np.maximum.at(most, uses["actor"].to_numpy(), uses["len"].to_numpy())
    return most


def controlled_surges(surges: pl.DataFrame) -> pl.DataFrame:
    """Rises that one actor makes with many accounts: actor_id, surges."""
    return (
        surges.filter(
            (pl.col("largest_actor_share") >= CONTROLLER_SHARE)
            & (pl.col("largest_actor_accounts") >= CONTROLLER_ACCOUNTS)
            & pl.col("largest_actor_id").is_not_null()
        )
        .group_by(pl.col("largest_actor_id").alias("actor_id"))
        .agg(pl.len().cast(pl.Int64).alias("surges"))
    )

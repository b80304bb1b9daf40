"""What an actor looks like from outside: accounts, sites, places, claims, templates, both trades."""

import polars as pl

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
# A rise is one controller's when he makes this share of it with this many accounts.
CONTROLLER_SHARE = 0.5
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
    on_site = (
        known.group_by("actor_id", "site")
        .agg(pl.col("account_key").drop_nulls().n_unique().alias("n"))
        .group_by("actor_id")
        .agg(pl.col("n").max().alias("accounts_on_one_site"))
    )
    several_nationalities = pl.col("nationalities") >= SEVERAL_NATIONALITIES
    several_ages = (pl.col("ages") >= SEVERAL_AGES) & (pl.col("age_spread") >= AGE_SPREAD_YEARS)
    profiles = (
        known.group_by("actor_id", maintain_order=True)
        .agg(
            pl.col("item_id").first().alias("evidence_item_id"),
            pl.len().cast(pl.Int64).alias("items"),
            pl.col("account_key").drop_nulls().n_unique().alias("accounts"),
            pl.col("site").n_unique().alias("sites"),
            pl.col("place").drop_nulls().n_unique().alias("places"),
            pl.col("nationality").drop_nulls().n_unique().alias("nationalities"),
            pl.col("age").drop_nulls().n_unique().alias("ages"),
            (pl.col("age").max() - pl.col("age").min()).fill_null(0).alias("age_spread"),
            (~pl.col("is_offer")).sum().alias("adverts"),
            (pl.col("category") == "adult").sum().alias("adult_items"),
            pl.col("is_offer").sum().alias("work_items"),
            (pl.col("is_offer") & (pl.col("category") != "domestic")).sum().alias("job_items"),
            (pl.col("category") == "domestic").sum().alias("domestic_items"),
        )
        .join(on_site, on="actor_id")
        .join(_templates(known), on="actor_id", how="left")
        .join(controlled_surges(surges), on="actor_id", how="left")
        .with_columns(pl.col("template_accounts", "surges").fill_null(0))
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


def _templates(known: pl.DataFrame) -> pl.DataFrame:
    """Most accounts of an actor that use one text, contacts and numbers aside: actor_id, template_accounts."""
    return (
        known.filter(pl.col("account_key").is_not_null() & pl.col("template").is_not_null())
        .group_by("actor_id", "template")
        .agg(pl.col("account_key").n_unique().alias("n"))
        .group_by("actor_id")
        .agg(pl.col("n").max().alias("template_accounts"))
    )


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

"""What detection knows of each item: who posted it, what it claims, whether it offers work or advertises a person."""

from itertools import chain

import numpy as np
import polars as pl

from assets.detection.common_contacts import CONTACT_KINDS
from assets.detection.item_signs import MINOR, OFFER_SIGNS, SURE_OFFER_SIGNS, TALK, YOUNGEST_ADVERTISED
from assets.detection.surges import main_facts
from assets.extraction.fact import ADDRESSED, TOLD_OF_ANOTHER, TOLD_OF_ONESELF
from assets.linking.accounts import account_name, is_given_name

# What an item's signs say of who writes it. Some say that persons are advertised, whatever job is named beside them.
_WRITERS = {
    "sure": SURE_OFFER_SIGNS,
    "minor": (MINOR,),
    "persons": ("several_persons_offered", "third_party_wording"),
    "addressed": (ADDRESSED,),
    "told_of_oneself": (TOLD_OF_ONESELF,),
    "told_of_another": (TOLD_OF_ANOTHER,),
}
_PAYS_WAY = "transport_paid"
# Shorter texts are no template: many write alike.
TEMPLATE_MIN_CHARACTERS = 40
MOST = 0.5


def item_traits(items: pl.DataFrame, facts: pl.DataFrame, signs: pl.DataFrame) -> pl.DataFrame:
    """What each item says by itself, one row each.

    `items`: item_id, item_table, source, capture_id, site, category, account, posted_at, first_seen, last_seen, text.
    `facts` as in their contract, `signs` from `item_signs`. Columns: item_id, item_table, source, capture_id, site,
    category, account_key (UInt64: of site and account, null without account), poster (the same, null where the account
    is a given name alone), first_seen, last_seen, day (posted or
    first seen), nationality, place, place_country, age (lowest claimed), template (UInt64: of the text without contacts
    and numbers, null where little is left), clear_offer (Boolean: it offers work, or advertises a person, by category
    or words; null where neither is clear), states_price (without a sign of an offer of work,
    or a witness's words: no offer because others on the site are).
    """
    ages = (
        facts.filter((pl.col("kind") == "age") & (pl.col("number") >= YOUNGEST_ADVERTISED))
        .group_by("item_id")
        .agg(pl.col("number").min().alias("age"))
    )
    traits = (
        items.unique("item_id")
        .join(main_facts(facts), on="item_id", how="left")
        .join(ages, on="item_id", how="left")
        .select(
            "item_id",
            "item_table",
            "source",
            "capture_id",
            "site",
            "category",
            (pl.col("site") + "|" + account_name()).alias("account_key"),
            is_given_name(account_name()).alias("is_anybodys"),
            "first_seen",
            "last_seen",
            pl.coalesce(pl.col("posted_at").dt.date(), "first_seen").alias("day"),
            "nationality",
            "place",
            "place_country",
            "age",
            _words().alias("template"),
        )
        .with_columns(pl.when(pl.col("template").str.len_chars() >= TEMPLATE_MIN_CHARACTERS).then("template"))
        .with_columns(
            pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash()).alias(name)
            for name in ("account_key", "template")
        )
        .with_columns(pl.when(~pl.col("is_anybodys")).then("account_key").alias("poster"))
        .drop("is_anybodys")
    )
    return traits.join(_clear_offers(traits, signs, facts), on="item_id", how="left")


def _words() -> pl.Expr:
    """The text's words without contacts and numbers."""
    return (
        pl.col("text")
        .str.to_lowercase()
        .str.replace_all(r"\S*[@/]\S*", " ")
        # Runs of what is no letter, but for single spaces, which stay: most of all, and a quarter of the time.
        .str.replace_all(r"[^\p{L}]{2,}|[^\p{L} ]", " ")
        .str.strip_chars()
    )


def _clear_offers(traits: pl.DataFrame, signs: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Which items clearly offer work or clearly advertise a person: item_id, clear_offer, states_price.

    A listing's category says it, but for domestic work, where people offer themselves and others look for somebody: an
    offered job or a paid journey without an age or a nationality of the poster's own, where no persons are offered, is
    an offer, such a claim without these is a person's, and what is neither is a person's too unless the actor's other
    items are offers (`states_price` stands for that). An employer's rules told to the reader alone are an offer there,
    and in a post of no category that also names work, pay or a journey. Who tells of herself what is done to her offers
    no work, wherever she writes. Two ages are the bounds of who is wanted. A post of no category is an offer by its own
    words (signs of an offer, a promised pay); a claimed age under 18 without such signs is a person's, whatever amounts
    stand beside it. What somebody tells of others there, without a word of work, is no offer because its site's are.
    """
    words = (
        signs.filter(pl.col("indicator_id").is_in({*OFFER_SIGNS, *chain.from_iterable(_WRITERS.values())}))
        .group_by("item_id")
        .agg(
            *(pl.col("indicator_id").is_in(of).any().alias(name) for name, of in _WRITERS.items()),
            pl.col("indicator_id").is_in(OFFER_SIGNS).sum().alias("offer_signs"),
        )
    )
    amounts = (
        facts.filter(pl.col("kind").is_in(["pay", "price"]))
        .group_by("item_id")
        .agg(
            (pl.col("kind") == "pay").any().alias("pays"), (pl.col("kind") == "price").any().alias("charges")
        )
    )
    # An age and a nationality speak of the poster, a job of whom the poster looks for, and so does a journey that is
    # paid, also where the same words make it a debt.
    of_whom = (
        facts.filter(pl.col("kind").is_in(["job", "age", "nationality"]) | (pl.col("value") == _PAYS_WAY))
        .join(traits.filter(pl.col("category").is_in(["domestic", *TALK])), on="item_id", how="semi")
        .with_columns(pl.when(pl.col("kind") == "age").then("number").alias("age"))
        .group_by("item_id")
        .agg(
            ((pl.col("kind") == "job") | (pl.col("value") == _PAYS_WAY)).any().alias("hires"),
            (pl.col("kind") == "nationality").any().alias("claims_nationality"),
            (pl.col("age").min() == pl.col("age").max()).fill_null(False).alias("claims_age"),
        )
    )
    category = pl.col("category")
    domestic = category == "domestic"
    of_no_category = category.is_in(TALK)
    hires, claims = pl.col("hires"), pl.col("claims_nationality") | pl.col("claims_age")
    # In talk offers name an age or a nationality, too, of whom they want; a poster's own has both.
    introduces = pl.col("claims_nationality") & pl.col("claims_age") & ~hires
    works = hires | pl.col("pays") | (pl.col("offer_signs") > 0)
    return (
        traits.select("item_id", "category")
        .join(words, on="item_id", how="left")
        .join(amounts, on="item_id", how="left")
        .join(of_whom, on="item_id", how="left")
        .with_columns(
            pl.col(*_WRITERS, "pays", "charges", "hires", "claims_nationality", "claims_age").fill_null(
                False
            ),
            pl.col("offer_signs").fill_null(0),
        )
        .select(
            "item_id",
            # "They keep my passport" is said by whom it happened to, on a board of jobs, too.
            pl.when(pl.col("told_of_oneself"))
            .then(False)
            .when(category == "job_offer")
            .then(True)
            .when(category == "adult")
            .then(False)
            .when((domestic | (of_no_category & (pl.col("offer_signs") == 0))) & introduces)
            .then(False)
            # "Live-in" and a country are words of whoever offers domestic services, too: there only a sure sign counts.
            .when(pl.col("sure") | (of_no_category & (pl.col("offer_signs") >= 2)))
            .then(True)
            .when(domestic & (hires | pl.col("addressed")) & ~claims & ~pl.col("persons"))
            .then(True)
            .when((category == "other") & pl.col("addressed") & ~claims & works)
            .then(True)
            .when(domestic & claims & ~hires)
            .then(False)
            .when((~of_no_category & ~domestic) | pl.col("minor"))
            .then(False)
            .when(pl.col("pays") & ~domestic)
            .then(True)
            .otherwise(None)
            .alias("clear_offer"),
            (
                domestic
                | (pl.col("charges") & (pl.col("offer_signs") == 0))
                # "My cousin's boss has her passport": no offer of the writer's because others on the site are.
                | (of_no_category & pl.col("told_of_another") & ~works)
            ).alias("states_price"),
        )
    )


def rarest_contacts(mentions: pl.DataFrame) -> pl.DataFrame:
    """By which identifier the poster of each item is reached that the fewest items show: item_id, contact (UInt64).

    `mentions`: item_id, identifier_id (each pair once), kind.
    """
    contacts = mentions.filter(pl.col("kind").is_in(CONTACT_KINDS))
    return rarest_of(contacts.with_columns(pl.len().over("identifier_id").alias("uses")))


def rarest_of(contacts: pl.DataFrame) -> pl.DataFrame:
    """As `rarest_contacts`, of mentions of its kinds only, with `uses`: how many items show the identifier."""
    fewest = contacts.group_by("item_id").agg(pl.col("uses").min().alias("fewest"))
    return (
        contacts.join(fewest, on="item_id")
        .filter(pl.col("uses") == pl.col("fewest"))
        .group_by("item_id")
        .agg(pl.col("identifier_id").min().hash().alias("contact"))
    )


def own_contact(rarest: str = "contact") -> pl.Expr:
    """The contact of an item (UInt64): the rarest identifier (`rarest_contacts`), else its account, else itself."""
    return pl.coalesce(rarest, "account_key", pl.col("item_id").hash()).alias("contact")


def site_offers(traits: pl.DataFrame) -> pl.DataFrame:
    """Whether most of a site's clear items are offers of work: site, site_offers (Boolean); not of sites without."""
    return (
        traits.group_by("site")
        .agg((pl.col("clear_offer").mean() > MOST).alias("site_offers"))
        .drop_nulls("site_offers")
    )


def item_context(traits: pl.DataFrame, of_sites: pl.DataFrame) -> pl.DataFrame:
    """The items with `is_offer` (it offers work rather than advertises a person), oldest first.

    `traits` from `item_traits`, with actor_id (null: of no actor) and contact (`own_contact`); all items of an actor or
    none. `of_sites` from `site_offers`. What is not clear is what most of its actor's clear items are; else it is no
    offer when it states a price; else it is what most of its site's clear items are, else none.
    """
    of_actor = (
        traits.filter(pl.col("actor_id").is_not_null())
        .group_by("actor_id")
        .agg(pl.col("clear_offer").mean().alias("of_actor"))
    )
    of_price = pl.when(pl.col("states_price")).then(0.0)
    return (
        traits.join(of_actor, on="actor_id", how="left")
        .join(of_sites, on="site", how="left")
        .with_columns(
            (
                pl.coalesce(
                    pl.col("clear_offer").cast(pl.Float64),
                    "of_actor",
                    of_price,
                    pl.col("site_offers").cast(pl.Float64),
                )
                > MOST
            )
            .fill_null(False)
            .alias("is_offer")
        )
        .drop("of_actor", "site_offers")
        .pipe(oldest_first)
    )


def oldest_first(items: pl.DataFrame) -> pl.DataFrame:
    """The items (item_id, first_seen, …) in order of time, those of one day in order of their keys."""
    keys, days = items["item_id"], items["first_seen"].to_physical().to_numpy()
    if keys.dtype == pl.Binary and len(days) and int(days.max()) - int(days.min()) < 2**16:
        begin = keys.bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big")
        if not begin.null_count():
            # The day and six bytes of the key in one number, which two items seldom have in common.
            day = (days - days.min()).astype(np.uint64) << np.uint64(48)
            number = day | (begin.to_numpy() >> np.uint64(16))
            order = np.argsort(number)
            if (np.diff(number[order]) > 0).all():
                return items[order]
    return items.sort("first_seen", "item_id")

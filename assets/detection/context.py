"""What detection knows of each item: who posted it, what it claims, which signs it shows."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from assets.detection.common_contacts import CONTACT_KINDS
from assets.detection.indicators import load_indicators
from assets.detection.surges import main_facts
from assets.extraction.fact import ADDRESSED, LEARNED, TOLD_OF_ANOTHER, TOLD_OF_ONESELF
from assets.linking.accounts import account_name, is_given_name

MINOR_AGE = 18
# Below this an age is a child's in a family, a year of experience or a misreading, not an advertised person's.
YOUNGEST_ADVERTISED = 11
# Up to this confidence an age is a flat's, a car's or an animal's, unless persons are advertised (extraction's `ages`).
OF_A_THING = 0.4
# Advertisements of persons. In job offers and domestic work an age is often a child's to be looked after.
PERSON_CATEGORIES = ("adult", "message", "other")
# A post of no category is an offer of work when it shows one of these, or two of the others.
SURE_OFFER_SIGNS = ("recruitment_fee", "high_pay_no_experience")
# In the words of a heavy sign a light one says nothing more.
LIGHT_WEIGHT, HEAVY_WEIGHT = 1.0, 3.0
OFFER_SIGNS = (*SURE_OFFER_SIGNS, "transport_paid", "accommodation_tied", "abroad_offer")
# Signs that persons are advertised, whatever job is named beside them.
PERSON_SIGNS = ("several_persons_offered", "third_party_wording")
# Outside job offers a fee is the worker's only where the post also speaks of work; else it is a customer's deposit.
WORK_FACTS = ("job", "employer", "pay")
TALK = ("message", "other")
# Shorter texts are no template: many write alike.
TEMPLATE_MIN_CHARACTERS = 40
MOST = 0.5
# A debt that is set off against the pay.
_DEBT, _SET_OFF = "debt_owed", "pay_withheld"
# What whoever hires asks of whom he hires. Where a household looks for somebody, she who may not go out is, without
# another of these, the old woman who is cared for, and young girls are the children.
HIRERS_RULES = ("documents_held", _DEBT, _SET_OFF, "recruitment_fee")
_OF_THE_CARED_FOR, _NEVER_OF_THE_HIRED = "movement_restricted", "youth_wording"
# Whose stay ends because somebody else moves her on says so in the words of both.
_SPOKEN_FOR, _SHORT_STAY, MOVED_ON = "third_party_wording", "short_stay_wording", "moved_on_by_others"
EARNINGS_TAKEN = "earnings_taken"
_MINOR, _AT_SCHOOL = "claimed_age_under_18", "school_age_wording"
# Signs that are told of nobody where a text that offers no work speaks to its reader alone: a help-line, an adviser.
_OF_THE_READER = ("documents_held", _DEBT, _SET_OFF, "movement_restricted", "third_party_wording")
_PAYS_WAY = "transport_paid"
# What whoever moves and exploits people needs from others: a post of it advertises no person and offers no work.
SERVICE_SIGNS = (
    *("papers_arranged", "papers_made", "marriage_for_papers", "crossing_arranged"),
    *("driver_for_girls", "rooms_for_working_girls", "money_passed_on"),
)


def item_signs(items: pl.DataFrame, mentions: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """The signs that each item itself shows: item_id, indicator_id, once each.

    A light sign of an offer in the very words of a heavy one ("we advance the flight") is told once, by the heavy one;
    so is pay withheld in the very words of a debt ("you pay it back from your wages").
    From facts of kind `sign` (known indicators only), claimed ages under 18, debts, fees for work, and obscured phone
    numbers. A fee that is named per hour, week or month is a rent or a share of the pay, not a recruitment fee. Pay
    withheld is `earnings_taken` in an adult advertisement: customers pay, and somebody else keeps it. Who speaks for
    her there in the words of a short stay says `moved_on_by_others`, too. An amount that is named a debt counts in
    advertisements and offers; in talk it is anybody's, a mortgage. Who goes to a school of minors is one in adult
    advertisements. A text of no category that speaks to its reader alone, names no age or nationality and offers
    no work tells no signs of control: "if your boss keeps your passport, call us". In an adult advertisement that names
    an age or a nationality a service for those who move people (`SERVICE_SIGNS`) is told by rules only, not by the
    learned model alone: an appointment has its price there, and nearly nobody sells papers in it.
    `items` with item_id, category; `mentions` and `facts` as in their contracts.
    """
    known = [indicator.indicator_id for indicator in load_indicators() if indicator.level == "item"]
    categories = items.select("item_id", "category").unique("item_id")
    # Extraction signs every number below 18 it reads as an age; whose age it can be is decided below. What remains of
    # that sign was said in words.
    numbers = facts.filter(pl.col("kind") == "age").select(
        "item_id", "field", "span_start", pl.lit(_MINOR).alias("value")
    )
    signs = (
        facts.filter((pl.col("kind") == "sign") & pl.col("value").is_in(known))
        .join(numbers, on=["item_id", "field", "span_start", "value"], how="anti", nulls_equal=True)
        .pipe(_told_once)
        .join(_of_nobody(categories, facts), on=["item_id", "field", "value"], how="anti")
        .filter(~_is_unlikely_service(categories, facts))
    )
    moved_on = _in_the_same_words(signs, [_SHORT_STAY], [_SPOKEN_FOR]).select(
        "item_id", pl.lit(MOVED_ON).alias("indicator_id")
    )
    signs = signs.select("item_id", pl.col("value").alias("indicator_id"))
    ages = (
        facts.filter(
            (pl.col("kind") == "age")
            & pl.col("number").is_between(YOUNGEST_ADVERTISED, MINOR_AGE, closed="left")
        )
        .join(categories.filter(pl.col("category").is_in(PERSON_CATEGORIES)), on="item_id")
        .filter((pl.col("category") == "adult") | (pl.col("confidence") > OF_A_THING))
        .select("item_id", pl.lit(_MINOR).alias("indicator_id"))
    )
    debts = (
        facts.filter(pl.col("kind") == "debt")
        .join(categories.filter(~pl.col("category").is_in(TALK)), on="item_id", how="semi")
        .select("item_id", pl.lit(_DEBT).alias("indicator_id"))
    )
    of_work = pl.concat(
        [
            categories.filter(pl.col("category") == "job_offer").select("item_id"),
            categories.filter(pl.col("category").is_in(TALK))
            .select("item_id")
            .join(facts.filter(pl.col("kind").is_in(WORK_FACTS)), on="item_id", how="semi"),
        ]
    )
    fees = (
        facts.filter(
            (pl.col("kind") == "fee") & ~pl.col("unit").fill_null("").str.contains("/", literal=True)
        )
        .join(of_work, on="item_id", how="semi")
        .select("item_id", pl.lit("recruitment_fee").alias("indicator_id"))
    )
    obscured = mentions.filter((pl.col("kind") == "phone") & pl.col("obscured")).select(
        "item_id", pl.lit("obscured_phone").alias("indicator_id")
    )
    return (
        pl.concat([signs, moved_on, ages, debts, fees, obscured])
        .unique()
        .join(categories, on="item_id")
        .pipe(_by_trade, _naming(facts, "job").join(_naming(facts, "nationality"), on="item_id", how="anti"))
        .sort("item_id", "indicator_id")
    )


def _of_nobody(categories: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Signs that a help-line or an adviser tells of the reader: item_id, field, value."""
    told = pl.col("kind").is_in(["age", "nationality", *WORK_FACTS]) | pl.col("value").is_in(OFFER_SIGNS)
    return (
        facts.filter((pl.col("kind") == "sign") & (pl.col("value") == ADDRESSED))
        .join(categories.filter(pl.col("category") == "other"), on="item_id", how="semi")
        .join(facts.filter(told), on="item_id", how="anti")
        .select("item_id", "field")
        .join(pl.DataFrame({"value": _OF_THE_READER}), how="cross")
    )


def _is_unlikely_service(categories: pl.DataFrame, facts: pl.DataFrame) -> pl.Expr:
    """Whether only the learned model tells of a service for those who move people, where a person is advertised.

    One in six of the sentences that the model learned from tells of such a service, and hardly any of such
    advertisements do, so that nearly all it tells there is mistaken.
    """
    persons = categories.filter(pl.col("category") == "adult").join(
        facts.filter(pl.col("kind").is_in(["age", "nationality"])), on="item_id", how="semi"
    )
    return (
        pl.col("value").is_in(SERVICE_SIGNS)
        & pl.col("rule_id").str.contains(LEARNED, literal=True)
        & pl.col("item_id").is_in(persons["item_id"].implode())
    )


def _naming(facts: pl.DataFrame, kind: str) -> pl.DataFrame:
    return facts.filter(pl.col("kind") == kind).select("item_id").unique()


def _by_trade(signs: pl.DataFrame, hiring: pl.DataFrame) -> pl.DataFrame:
    """What signs say in the trade of their item: item_id, indicator_id. `signs` with category, once each; `hiring`:
    item_id of items that name a job and nobody's nationality."""
    sign, domestic = pl.col("indicator_id"), pl.col("category") == "domestic"
    ruled = sign.is_in(HIRERS_RULES).any().over("item_id")
    adult, hires = pl.col("category") == "adult", pl.col("item_id").is_in(hiring["item_id"].implode())
    return (
        signs.filter(
            ~(domestic & ((sign == _NEVER_OF_THE_HIRED) | ((sign == _OF_THE_CARED_FOR) & hires & ~ruled)))
            & ((sign != MOVED_ON) | adult)
        )
        .select(
            "item_id",
            pl.when(adult & (sign == _SET_OFF))
            .then(pl.lit(EARNINGS_TAKEN))
            .when(adult & (sign == _AT_SCHOOL))
            .then(pl.lit(_MINOR))
            .otherwise(sign)
            .alias("indicator_id"),
        )
        .unique()
    )


def _told_once(signs: pl.DataFrame) -> pl.DataFrame:
    """Facts of signs without the light ones of an offer that share words with a heavy sign, or pay with a debt."""
    light = [
        indicator.indicator_id
        for indicator in load_indicators()
        if indicator.indicator_id in OFFER_SIGNS and 0 < indicator.weight < LIGHT_WEIGHT
    ]
    heavy = [i.indicator_id for i in load_indicators() if i.level == "item" and i.weight >= HEAVY_WEIGHT]
    shared = _in_the_same_words(signs, [*light, _SET_OFF], heavy).filter(
        (pl.col("value") != _SET_OFF) | (pl.col("value_right") == _DEBT)
    )
    return signs.join(shared, on=["item_id", "field", "span_start", "span_end", "value"], how="anti")


def _in_the_same_words(signs: pl.DataFrame, these: Sequence[str], others: Sequence[str]) -> pl.DataFrame:
    """Facts of signs of the first kind (value) that share words with one of the second (value_right)."""
    words = ("item_id", "field", "span_start", "span_end")
    return (
        signs.filter(pl.col("value").is_in(these))
        .select(*words, "value")
        .join(signs.filter(pl.col("value").is_in(others)).select(*words, "value"), on=["item_id", "field"])
        .filter(
            (pl.col("span_start") < pl.col("span_end_right"))
            & (pl.col("span_start_right") < pl.col("span_end"))
        )
    )


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
        signs.filter(
            pl.col("indicator_id").is_in(
                (*OFFER_SIGNS, *PERSON_SIGNS, _MINOR, ADDRESSED, TOLD_OF_ONESELF, TOLD_OF_ANOTHER)
            )
        )
        .with_columns(
            pl.col("indicator_id").is_in(SURE_OFFER_SIGNS).alias("sure"),
            (pl.col("indicator_id") == _MINOR).alias("minor"),
            (pl.col("indicator_id") == ADDRESSED).alias("addressed"),
            (pl.col("indicator_id") == TOLD_OF_ONESELF).alias("told_of_oneself"),
            (pl.col("indicator_id") == TOLD_OF_ANOTHER).alias("told_of_another"),
            pl.col("indicator_id").is_in(PERSON_SIGNS).alias("persons"),
        )
        .group_by("item_id")
        .agg(
            pl.col("sure", "minor", "persons", "addressed", "told_of_oneself", "told_of_another").any(),
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
            pl.col(
                *("sure", "minor", "persons", "addressed", "told_of_oneself", "told_of_another"),
                *("pays", "charges", "hires", "claims_nationality", "claims_age"),
            ).fill_null(False),
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

"""Which signs each item itself shows, in the trade and the words that it has."""

from collections.abc import Sequence

import polars as pl

from assets.detection.indicators import load_indicators
from assets.extraction.fact import ADDRESSED, LEARNED

MINOR_AGE = 18
# Below this an age is a child's in a family, a year of experience or a misreading, not an advertised person's.
YOUNGEST_ADVERTISED = 11
# Up to this confidence an age is a flat's, a car's or an animal's, unless persons are advertised (extraction's `ages`).
OF_A_THING = 0.4
# Advertisements of persons. In job offers and domestic work an age is often a child's to be looked after.
PERSON_CATEGORIES = ("adult", "message", "other")
TALK = ("message", "other")
# A post of no category is an offer of work when it shows one of these, or two of the others.
SURE_OFFER_SIGNS = ("recruitment_fee", "high_pay_no_experience")
OFFER_SIGNS = (*SURE_OFFER_SIGNS, "transport_paid", "accommodation_tied", "abroad_offer")
# In the words of a heavy sign a light one says nothing more.
LIGHT_WEIGHT, HEAVY_WEIGHT = 1.0, 3.0
# Outside job offers a fee is the worker's only where the post also speaks of work; else it is a customer's deposit.
WORK_FACTS = ("job", "employer", "pay")
# A debt that is set off against the pay.
_DEBT, _SET_OFF = "debt_owed", "pay_withheld"
# What whoever hires asks of whom he hires. Where a household looks for somebody, she who may not go out is, without
# another of these, the old woman who is cared for, and young girls are the children.
HIRERS_RULES = ("documents_held", _DEBT, _SET_OFF, "recruitment_fee")
_OF_THE_CARED_FOR, _NEVER_OF_THE_HIRED = "movement_restricted", "youth_wording"
# Whose stay ends because somebody else moves her on says so in the words of both.
_SPOKEN_FOR, _SHORT_STAY, MOVED_ON = "third_party_wording", "short_stay_wording", "moved_on_by_others"
EARNINGS_TAKEN = "earnings_taken"
MINOR, _AT_SCHOOL = "claimed_age_under_18", "school_age_wording"
# Signs that are told of nobody where a text that offers no work speaks to its reader alone: a help-line, an adviser.
_OF_THE_READER = ("documents_held", _DEBT, _SET_OFF, "movement_restricted", "third_party_wording")
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
        "item_id", "field", "span_start", pl.lit(MINOR).alias("value")
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
        .select("item_id", pl.lit(MINOR).alias("indicator_id"))
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
            .then(pl.lit(MINOR))
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

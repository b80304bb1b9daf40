"""What we look up: each identifier once, and each account that shows a full name.

An identifier is looked up by its value; a user name with its platform. A person is an account whose display name has
two parts at least; nicknames of one part, user names with digits and the text of items are never taken for names.
"""

from datetime import date

import polars as pl

from assets.linking.digests import key_column
from assets.parsing.current import current_items, current_rows
from assets.screening.names import is_full_name
from assets.screening.subjects import (
    KEYS_SCHEMA,
    PERSONS_SCHEMA,
    Subjects,
    url_keys,
    username_keys,
    wallet_value,
)
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

IDENTIFIER_KINDS = ("phone", "email", "messenger", "username", "url", "crypto")
PERSON = "person"
# query_id, query_kind, value of an identifier; site and account of a person.
QUERIES_SCHEMA: dict[str, pl.DataType] = {
    "query_id": pl.String(),
    "query_kind": pl.String(),
    "value": pl.String(),
    "site": pl.String(),
    "account": pl.String(),
}
WITNESSES_SCHEMA: dict[str, pl.DataType] = {
    "query_id": pl.String(),
    "evidence_item_id": pl.String(),
    "countries": pl.String(),
}
_ITEM_COLUMNS = ("item_id", "item_table", "unit_date", "site", "account", "category")
_FACT_COLUMNS = ("item_id", "unit_date", "kind", "value", "number", "unit")
# Items that offer work speak of those who are sought, not of the account.
_OF_OFFERS = ("job", "pay", "fee", "employer")
# An account that claims ages further apart speaks of several persons.
_WIDEST_AGES = 3
_AGE_SLACK = 2


def all_queries(store: PartStore) -> pl.DataFrame:
    """Everything there is to look up now (`QUERIES_SCHEMA`), by `query_id`."""
    identifiers = (
        store.scan("identifiers", CONTRACTS["identifiers"].schema, columns=("identifier_id", "kind", "value"))
        .filter(pl.col("kind").is_in(IDENTIFIER_KINDS))
        .collect()
    )
    platform_names = identifiers.filter(kind="messenger").select(
        value=pl.col("value").str.split_exact(":", 1).struct.field("field_1")
    )
    # A user name that stands with its platform, and a number behind one, are looked up as such already.
    twins = (pl.col("kind") == "username") & pl.col("value").is_in(platform_names["value"].implode())
    numbers = (pl.col("kind") == "messenger") & pl.col("value").str.contains(r":\+\d{7,15}$")
    of_identifiers = identifiers.filter(~twins & ~numbers).select(
        query_id="identifier_id",
        query_kind="kind",
        value="value",
        site=pl.lit(None, pl.String),
        account=pl.lit(None, pl.String),
    )
    return pl.concat([of_identifiers, _persons(store)]).sort("query_id")


def _persons(store: PartStore) -> pl.DataFrame:
    accounts = (
        current_items(store, ("site", "account"))
        .select("site", "account")
        .drop_nulls()
        .unique()
        .filter(pl.col("account").str.contains(r"\pL\pL[^\d_@]*\s[^\d_@]*\pL\pL"))
        .filter(~pl.col("account").str.contains(r"[\d_@]"))
    )
    named = accounts.filter(pl.Series([is_full_name(name) for name in accounts["account"]], dtype=pl.Boolean))
    return named.with_columns(
        query_id=key_column(named.with_columns(kind=pl.lit(PERSON)), "kind", "site", "account"),
        query_kind=pl.lit(PERSON),
        value=pl.lit(None, pl.String),
    ).select(*QUERIES_SCHEMA)


def as_subjects(queries: pl.DataFrame, store: PartStore) -> Subjects:
    """The queries as subjects: identifiers by their keys, persons by name, claimed ages and nationalities."""
    keys = []
    for query, kind, value in queries.select("query_id", "query_kind", "value").iter_rows():
        keys += [(query, name, normal) for name, normal in _keys(kind, value)]
    persons = queries.filter(query_kind=PERSON)
    return Subjects(
        _claims(persons, store),
        pl.DataFrame(keys, schema=KEYS_SCHEMA, orient="row").unique(maintain_order=True),
    )


def _keys(kind: str, value: str | None) -> list[tuple[str, str]]:
    if value is None:
        return []
    if kind == "messenger":
        platform, _, name = value.partition(":")
        return [*username_keys(name, platform), *username_keys(name, None)]
    if kind == "username":
        return username_keys(value, None)
    if kind == "url":
        return url_keys(value)
    return [(kind, wallet_value(value) if kind == "crypto" else value)]


def _claims(persons: pl.DataFrame, store: PartStore) -> pl.DataFrame:
    """The persons' rows of `Subjects`; ages and nationalities are those that their own advertisements claim."""
    items = current_items(store, _ITEM_COLUMNS).join(
        persons.select("site", "account", "query_id"), on=["site", "account"]
    )
    facts = current_rows(
        store,
        CONTRACTS["facts"],
        items,
        _FACT_COLUMNS,
        where=pl.col("kind").is_in(["age", "nationality", *_OF_OFFERS]),
    )
    offers = facts.filter(pl.col("kind").is_in(_OF_OFFERS))
    about = (
        items.filter(pl.col("category") != "job_offer")
        .join(offers, on="item_id", how="anti")
        .select("item_id", "query_id", "unit_date")
    )
    claimed = about.join(facts.select("item_id", "kind", "value", "number"), on="item_id")
    ages = (
        claimed.filter(kind="age")
        .group_by("query_id")
        .agg(
            pl.col("number").min().alias("low"),
            pl.col("number").max().alias("high"),
            pl.col("unit_date").max(),
        )
        .filter(pl.col("high") - pl.col("low") <= _WIDEST_AGES)
    )
    nationalities = (
        claimed.filter(kind="nationality").group_by("query_id").agg(pl.col("value").unique().sort())
    )
    births = {query: _births(int(low), int(high), day) for query, low, high, day in ages.iter_rows()}
    countries = dict(nationalities.iter_rows())
    rows = [
        {
            "subject_id": query,
            "names": [account],
            "birth_date": None,
            "earliest": births.get(query, (None, None))[0],
            "latest": births.get(query, (None, None))[1],
            "is_claimed": True,
            "nationalities": countries.get(query, []),
        }
        for query, account in persons.select("query_id", "account").iter_rows()
    ]
    return pl.DataFrame(rows, schema=PERSONS_SCHEMA)


def _births(low: int, high: int, day: date) -> tuple[date, date]:
    """Births that ages claimed around a day allow, give or take two years: ages in advertisements are rounded."""
    return date(day.year - high - 1 - _AGE_SLACK, 1, 1), date(day.year - low + _AGE_SLACK, 12, 31)


def witnesses(queries: pl.DataFrame, store: PartStore) -> pl.DataFrame:
    """For each query one item that shows it, and the countries of the places its items name (`WITNESSES_SCHEMA`)."""
    items = current_items(store, ("item_id", "site", "account"))
    mentions = current_rows(store, CONTRACTS["mentions"], items, ("item_id", "identifier_id"))
    shown = pl.concat(
        [
            mentions.select("item_id", query_id="identifier_id").join(
                queries.select("query_id"), on="query_id", how="semi"
            ),
            items.join(queries.filter(query_kind=PERSON), on=["site", "account"]).select(
                "item_id", "query_id"
            ),
        ]
    ).unique()
    places = current_rows(
        store,
        CONTRACTS["facts"],
        items,
        ("item_id", "kind", "unit"),
        where=(pl.col("kind") == "place") & pl.col("unit").str.contains("^[A-Z]{2}$"),
    ).select("item_id", country="unit")
    named = shown.join(places.unique(), on="item_id", how="left")
    grouped = named.group_by("query_id").agg(
        pl.col("item_id").min().alias("evidence_item_id"),
        pl.col("country").drop_nulls().unique().sort().str.join(",").alias("countries"),
    )
    return (
        queries.select("query_id")
        .join(grouped, on="query_id", how="left")
        .with_columns(pl.col("countries").replace("", None))
        .select(*WITNESSES_SCHEMA)
    )

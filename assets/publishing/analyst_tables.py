"""The analysts' tables: each clear table, column by column, as its contract allows it to be seen."""

from collections.abc import Mapping

import duckdb

from assets.publishing.clear_tables import CLEAR
from assets.publishing.ddl import create_table, create_tables, published_columns
from assets.publishing.pseudonyms import KEYED_IDS, LOCATORS, PAGE_WORDS, PSEUDONYMS, WITHHELD
from quality.contract import Column, Contract, Sensitivity, quoted
from quality.contracts import CONTRACTS

SHOWN = "shown"

# Open columns whose words come from pages or posters: a value that spells a protected handle is withheld.
_SEARCHED = {
    "listings": ("external_id", "place_text", "nationality_text", "age_text", "price_text"),
    "messages": ("channel",),
    "documents": ("title", "url"),
    "facts": ("value",),
}

_NOTES = {
    Sensitivity.handle: "a keyed pseudonym here, unless cleared as a suspect's",
    Sensitivity.address: "a keyed pseudonym after the host here, where the page shows a potential victim",
    Sensitivity.name: "a keyed pseudonym here",
}
_KEYED_NOTE = "keyed in this file; the restricted snapshot's table pseudonyms leads back"


def analyst_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns of the analysts' snapshot: published, and not free text or images."""
    return tuple(column for column in published_columns(contract) if column.sensitivity != Sensitivity.text)


def build_analyst_tables(
    connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract] = CONTRACTS
) -> None:
    """Fill the attached database `shown` from `clear`, with the temporary tables of `derive_pseudonyms`."""
    connection.execute("CREATE TEMP TABLE withheld_values (value VARCHAR)")
    for table, columns in _SEARCHED.items():
        for column in columns:
            connection.execute(
                f"INSERT INTO withheld_values SELECT found.value FROM values_with_tokens("
                f"(SELECT list(DISTINCT {quoted(column)}) FROM {CLEAR}.main.{table} "
                f"WHERE {quoted(column)} IS NOT NULL)) AS found"
            )
    statements: list[str] = []
    for contract in contracts.values():
        columns_shown = analyst_columns(contract)
        statements += create_table(contract, columns_shown, catalog=SHOWN, notes=_notes(columns_shown))
    create_tables(connection, statements)
    for contract in contracts.values():
        columns_shown = analyst_columns(contract)
        chosen = ", ".join(
            f"{_expression(contract, column)} AS {quoted(column.name)}" for column in columns_shown
        )
        connection.execute(
            f"INSERT INTO {SHOWN}.main.{quoted(contract.table)} "
            f"SELECT {chosen} FROM {CLEAR}.main.{quoted(contract.table)} AS t {_joins(contract)} {_rows(contract)}"
        )


def add_pseudonym_table(
    connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract] = CONTRACTS
) -> None:
    """The table `pseudonyms` of the restricted file: what each pseudonym and keyed id stands for."""
    create_tables(connection, create_table(PSEUDONYMS, PSEUDONYMS.columns, catalog=CLEAR))
    table = f"{CLEAR}.main.pseudonyms"
    connection.execute(
        f"INSERT INTO {table} SELECT kind, shown, value FROM shown_identifiers WHERE NOT is_cleared"
    )
    for source, id_column in (
        ("identifiers", "identifier_id"),
        ("leads", "lead_id"),
        ("actors", "actor_id"),
        ("captures", "capture_id"),
    ):
        connection.execute(
            f"INSERT INTO {table} "
            f"SELECT '{id_column}', keyed_id({id_column}), {id_column} FROM {CLEAR}.main.{source}"
        )
    # Actors that have merged into others are only in the history.
    connection.execute(
        f"INSERT INTO {table} SELECT DISTINCT 'actor_id', keyed_id(other_actor_id), other_actor_id "
        f"FROM {CLEAR}.main.actor_changes WHERE other_actor_id NOT IN (SELECT actor_id FROM {CLEAR}.main.actors)"
    )
    connection.execute(f"INSERT INTO {table} SELECT 'item_id', keyed_id(item_id), item_id FROM latest_items")
    connection.execute(
        f"INSERT INTO {table} SELECT 'address', {_address('url')}, url FROM protected_addresses"
    )
    names: dict[str, list[str]] = {}
    for contract in contracts.values():
        for column in published_columns(contract):
            if column.sensitivity == Sensitivity.name:
                names.setdefault(column.name, []).append(
                    f"SELECT {quoted(column.name)} AS value FROM {CLEAR}.main.{quoted(contract.table)}"
                )
    for name_column, selects in names.items():
        connection.execute(
            f"INSERT INTO {table} SELECT '{name_column}', {_name(name_column, 'value')}, value "
            f"FROM ({' UNION '.join(selects)}) AS given WHERE value IS NOT NULL"
        )


def _notes(columns: tuple[Column, ...]) -> dict[str, str]:
    notes = {column.name: _NOTES[column.sensitivity] for column in columns if column.sensitivity in _NOTES}
    notes |= {column.name: _KEYED_NOTE for column in columns if column.name in KEYED_IDS}
    notes |= {
        column.name: "absent here where the item shows a potential victim"
        for column in columns
        if column.name in LOCATORS
    }
    return notes


def _joins(contract: Contract) -> str:
    names = {column.name for column in contract.columns}
    if contract.table == "leads":
        return "LEFT JOIN shown_identifiers AS s ON t.subject_kind = 'identifier' AND s.identifier_id = t.subject_id"
    if {"identifier_id", "value"} <= names:
        return "LEFT JOIN shown_identifiers AS s ON s.identifier_id = t.identifier_id"
    return ""


def _rows(contract: Contract) -> str:
    """Which rows analysts see: all, but the hits of potential victims and those against lists of missing persons.

    A person's hit counts as a potential victim's when the account has any protected item.
    """
    if contract.table != "screening_hits":
        return ""
    items = " UNION ALL ".join(
        f"SELECT item_id, site, account FROM {CLEAR}.main.{table}" for table in ("listings", "messages")
    )
    return (
        f"WHERE t.list_name NOT IN "
        f"(SELECT list_name FROM {CLEAR}.main.screening_lists WHERE list_kind = 'missing') "
        "AND t.query_id NOT IN (SELECT identifier_id FROM protected_identifiers) "
        f"AND NOT EXISTS (WITH item AS ({items}) FROM item AS shown INNER JOIN item AS other "
        "ON other.site = shown.site AND other.account = shown.account "
        "WHERE t.query_kind = 'person' AND shown.item_id = t.evidence_item_id "
        "AND other.item_id IN (SELECT item_id FROM protected_items))"
    )


def _expression(contract: Contract, column: Column) -> str:
    """What stands in the analysts' column, as SQL over the clear row `t`."""
    value = f"t.{quoted(column.name)}"
    if contract.table == "leads" and column.name == "subject_id":
        return f"CASE t.subject_kind WHEN 'site' THEN {value} ELSE keyed_id({value}) END"
    if contract.table == "leads" and column.name == "subject_label":
        return (
            "CASE t.subject_kind WHEN 'site' THEN t.subject_label "
            "WHEN 'identifier' THEN coalesce(s.shown, 'identifier ' || left(keyed_id(t.subject_id), 8)) "
            "ELSE t.subject_kind || ' ' || left(keyed_id(t.subject_id), 8) END"
        )
    if column.name in KEYED_IDS:
        return f"keyed_id({value})"
    if column.sensitivity == Sensitivity.handle:
        return "s.shown"
    if column.sensitivity == Sensitivity.name:
        return _name(column.name, value)
    if column.sensitivity == Sensitivity.address:
        return f"CASE WHEN {value} IN (SELECT url FROM protected_addresses) THEN {_address(value)} ELSE {value} END"
    shown = value
    if column.name in _SEARCHED.get(contract.table, ()):
        instead = "NULL" if column.name in LOCATORS else f"'{WITHHELD}'"
        shown = f"CASE WHEN {value} IN (SELECT value FROM withheld_values) THEN {instead} ELSE {value} END"
    if column.name in PAGE_WORDS:
        # Any long number or address in a short field: whoever it belongs to, the field is not the place for it.
        shown = (
            rf"CASE WHEN regexp_matches({value}, '[0-9](?:[ ().\-/]{{0,3}}[0-9]){{8}}|@|://') "
            f"THEN '{WITHHELD}' ELSE {shown} END"
        )
    if column.name in LOCATORS:
        shown = f"CASE WHEN t.item_id IN (SELECT item_id FROM protected_items) THEN NULL ELSE {shown} END"
    return shown


def _address(value: str) -> str:
    """The scheme and host of an address (without user names), then a keyed pseudonym of the whole."""
    start = rf"regexp_extract({value}, '^([A-Za-z][A-Za-z0-9+.\-]*://)(?:[^/?#]*@)?[^/?#@]+', 1)"
    host = rf"regexp_extract({value}, '^[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/?#]*@)?([^/?#@]+)', 1)"
    return (
        f"CASE WHEN {start} = '' THEN 'address:' ELSE {start} || {host} || '/' END "
        f"|| 'p_' || keyed('address', {value})"
    )


def _name(column: str, value: str) -> str:
    """The pseudonym of a name; the same in every table that has a column of this name."""
    return f"'{column}:p_' || keyed('{column}', {value})"

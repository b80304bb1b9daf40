"""The tables in clear: from committed Parquet parts to the restricted snapshot.

Everything is read by DuckDB from exactly the files that the manifest names; bodies of captures are never read.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import polars as pl

from assets.publishing.ddl import create_table, create_tables, duckdb_type, published_columns
from quality.contract import Column, Contract, literal, quoted
from quality.contracts import CONTRACTS
from quality.contracts.columns import ITEM_TABLES
from warehouse.parts import Part
from warehouse.row_replacement import removals_of, without_removed

CLEAR = "clear"
_OF_ITEMS = ("mentions", "facts")


def build_clear_tables(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    parts: Mapping[str, Sequence[Part]],
    contracts: Mapping[str, Contract] = CONTRACTS,
) -> None:
    """Make and fill every table of `contracts`, but `snapshots`, in the attached database `clear`.

    Item tables hold each item once, as of its latest unit, with `first_seen` and `last_seen` over all units;
    mentions and facts are those of that latest unit. Leaves the temporary table `latest_items` (item_id,
    unit_date, first_seen, last_seen) on the connection.
    """
    connection.execute(
        "CREATE TEMP TABLE latest_items "
        "(item_id VARCHAR, item_table VARCHAR, unit_date DATE, first_seen DATE, last_seen DATE)"
    )
    create_tables(
        connection,
        [
            statement
            for contract in contracts.values()
            for statement in create_table(contract, published_columns(contract), catalog=CLEAR)
        ],
    )
    for contract in contracts.values():
        columns = published_columns(contract)
        files = [home / part.path for part in parts.get(contract.table, ())]
        if not files or contract.table == "snapshots":
            continue
        removals = [home / part.path for part in parts.get(removals_of(contract.table), ())]
        rows = relation(connection, contract, files, home, removals)
        if contract.table == "captures":
            select = _captures(rows, columns, home)
        elif contract.table in ITEM_TABLES:
            select = _items(connection, contract.table, rows, columns)
        elif contract.table in _OF_ITEMS:
            select = (
                f"SELECT {_names(columns)} FROM ({rows}) AS part "
                "SEMI JOIN latest_items USING (item_id, unit_date)"
            )
        else:
            select = f"SELECT {_names(columns)} FROM ({rows}) AS part"
        connection.execute(f"INSERT INTO {CLEAR}.main.{quoted(contract.table)} {select}")


def relation(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    files: Sequence[Path],
    home: Path,
    removals: Sequence[Path] = (),
) -> str:
    """SELECT of the stored, published columns of these part files; a column that every part lacks is null.

    `removals`: files that name rows that are gone (`warehouse.row_replacement`). For captures `filename` and
    `file_row_number` come along.
    """
    options = "union_by_name = true, hive_partitioning = false"
    if contract.table == "captures" or removals:
        options += ", filename = true, file_row_number = true"
    scan = f"read_parquet([{', '.join(literal(str(file)) for file in files)}], {options})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    present = {str(row[0]) for row in described}
    wanted = [column for column in contract.columns if column.stored and column.published]
    expressions = [
        f"CAST({quoted(column.name) if column.name in present else 'NULL'} AS {duckdb_type(column)}) "
        f"AS {quoted(column.name)}"
        for column in wanted
    ]
    if contract.table == "captures":
        expressions += ["filename", "file_row_number"]
    return f"SELECT {', '.join(expressions)} FROM {without_removed(scan, home, removals)}"


def add_rows(connection: duckdb.DuckDBPyConnection, catalog: str, table: str, frame: pl.DataFrame) -> None:
    """Append a small frame with the table's columns."""
    # Handing over an Arrow table would import pandas (a second) for a handful of rows.
    names = ", ".join(quoted(name) for name in frame.columns)
    places = ", ".join("?" for _ in frame.columns)
    connection.executemany(
        f"INSERT INTO {quoted(catalog)}.main.{quoted(table)} ({names}) VALUES ({places})", frame.rows()
    )


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(quoted(column.name) for column in columns)


def _captures(rows: str, columns: Sequence[Column], home: Path) -> str:
    prefix = str(home) + "/"
    derived = {
        "part_path": f"substr(filename, {len(prefix) + 1})",
        "part_row": "file_row_number",
    }
    chosen = ", ".join(
        f"{derived.get(column.name, quoted(column.name))} AS {quoted(column.name)}" for column in columns
    )
    return f"SELECT {chosen} FROM ({rows}) AS part"


def _items(connection: duckdb.DuckDBPyConnection, table: str, rows: str, columns: Sequence[Column]) -> str:
    """The latest version of each item; a page seen again unchanged is a sighting of the items it holds."""
    connection.execute(
        f"""
        INSERT INTO latest_items
        WITH versions AS (SELECT item_id, unit_date, capture_id FROM ({rows}) AS part),
        repeats AS (
            SELECT same_as_capture_id AS capture_id, max(unit_date) AS unit_date
            FROM {CLEAR}.main.captures
            WHERE same_as_capture_id IS NOT NULL AND outcome IN ('not_modified', 'unchanged')
            GROUP BY same_as_capture_id
        )
        SELECT
            versions.item_id,
            {literal(table)},
            max(versions.unit_date),
            min(versions.unit_date),
            greatest(max(versions.unit_date), max(repeats.unit_date))
        FROM versions
        LEFT JOIN repeats ON repeats.capture_id = versions.capture_id
        GROUP BY versions.item_id
        """
    )
    chosen = ", ".join(
        f"{'latest' if column.name in ('first_seen', 'last_seen') else 'part'}.{quoted(column.name)}"
        for column in columns
    )
    return (
        f"SELECT {chosen} FROM ({rows}) AS part "
        f"INNER JOIN latest_items AS latest ON latest.item_id = part.item_id "
        f"AND latest.unit_date = part.unit_date AND latest.item_table = {literal(table)}"
    )

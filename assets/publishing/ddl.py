"""DuckDB DDL of a table, with its comments, from its contract."""

import duckdb
import polars as pl

from quality.contract import Column, Contract, literal, quoted

_DUCKDB_TYPES: dict[pl.DataType, str] = {
    pl.String(): "VARCHAR",
    pl.Int64(): "BIGINT",
    pl.Int32(): "INTEGER",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOLEAN",
    pl.Date(): "DATE",
    pl.Datetime("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
    pl.Binary(): "BLOB",
    pl.List(pl.String()): "VARCHAR[]",
}


def duckdb_type(column: Column) -> str:
    """The column's DuckDB type. Raises `KeyError` for a Polars type that no contract has used so far."""
    return _DUCKDB_TYPES[column.type]


def create_table(
    contract: Contract, columns: tuple[Column, ...], *, catalog: str, notes: dict[str, str] | None = None
) -> list[str]:
    """Statements that make an empty table with these of the contract's columns, and comment it.

    `notes` are appended to the comments of the columns they name. Key columns are NOT NULL; uniqueness is
    judged by the gate before, so that no index needs to be kept.
    """
    notes = notes or {}
    table = f"{quoted(catalog)}.main.{quoted(contract.table)}"
    definitions = ", ".join(
        f"{quoted(column.name)} {duckdb_type(column)}{' NOT NULL' if column.name in contract.key else ''}"
        for column in columns
    )
    comment = f"{contract.meaning} Grain: {contract.grain}. Key: {', '.join(contract.key)}."
    return [
        f"CREATE TABLE {table} ({definitions})",
        f"COMMENT ON TABLE {table} IS {literal(comment)}",
        *(
            f"COMMENT ON COLUMN {table}.{quoted(column.name)} IS "
            + literal(column.meaning + (f" ({notes[column.name]})" if column.name in notes else ""))
            for column in columns
        ),
    ]


def create_tables(connection: duckdb.DuckDBPyConnection, statements: list[str]) -> None:
    """Run DDL in one transaction: a thousand of their own would each wait for the disk."""
    connection.execute("; ".join(["BEGIN", *statements, "COMMIT"]))


def published_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns of the restricted snapshot: all but those that stay in the parts."""
    return tuple(column for column in contract.columns if column.published)

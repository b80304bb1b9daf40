"""The rows of a query as dictionaries."""

from typing import Any

import duckdb

Row = dict[str, Any]


def rows(connection: duckdb.DuckDBPyConnection, query: str, values: list[object] | None = None) -> list[Row]:
    """The result of a query, in its order."""
    result = connection.execute(query, values or [])
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def one(connection: duckdb.DuckDBPyConnection, query: str, values: list[object] | None = None) -> Row | None:
    """The first row, if any."""
    found = rows(connection, query, values)
    return found[0] if found else None

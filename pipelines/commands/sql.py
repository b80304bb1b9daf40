"""`stormlantern sql`: the analysts' snapshot, read-only."""

import sys
from pathlib import Path

import duckdb

from pipelines.commands.tables import flat
from warehouse.connections import connect_snapshot

PROMPT, CONTINUATION = "stormlantern> ", "          ...> "


def _print(connection: duckdb.DuckDBPyConnection, query: str, output: str) -> None:
    relation = connection.sql(query)
    if relation is None:
        return
    if output == "table":
        relation.show(max_width=10_000 if not sys.stdout.isatty() else None, max_rows=10_000)
    elif output == "csv":
        sys.stdout.write(flat(relation.pl()).write_csv())
    else:
        sys.stdout.write(relation.pl().write_ndjson())


def _statements() -> list[str]:
    return [part for part in sys.stdin.read().split(";") if part.strip()]


def _prompt(connection: duckdb.DuckDBPyConnection, output: str) -> None:
    sys.stderr.write(
        "Read-only snapshot. End a query with ; and the session with Ctrl-D. Try: SHOW TABLES;\n"
    )
    lines: list[str] = []
    while True:
        try:
            lines.append(input(CONTINUATION if lines else PROMPT))
        except (EOFError, KeyboardInterrupt):
            return
        if lines[-1].rstrip().endswith(";"):
            try:
                _print(connection, "\n".join(lines), output)
            except duckdb.Error as error:
                sys.stderr.write(f"{error}\n")
            lines = []


def sql(home: Path, query: str | None, output: str) -> None:
    """Run one query, those of standard input, or a prompt. Exits with 1 on an SQL error."""
    with connect_snapshot(home) as connection:
        if query is None and sys.stdin.isatty():
            _prompt(connection, output)
            return
        for statement in [query] if query is not None else _statements():
            try:
                _print(connection, statement, output)
            except duckdb.Error as error:
                raise SystemExit(f"stormlantern: {error}") from None

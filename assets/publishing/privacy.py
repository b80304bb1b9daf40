"""The privacy gate: nothing protected may stand in the analysts' snapshot, or it is not published.

It reads the finished file's tables, not the way they were made, so that a mistake in the contracts, in the
pseudonymisation or in another stage's wording is caught here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from assets.publishing.analyst_tables import SHOWN, analyst_columns
from quality.contract import Contract, Sensitivity, literal, quoted
from quality.contracts import CONTRACTS

# Our own words: nothing from a page can reach these columns.
_OURS = frozenset(
    {"part_path", "version", "run_id", "operation", "wire_sha256", "body_sha256", "content_sha256"}
)
# Open columns in which a sentence may stand. A username that is a common word is only looked for in these and in
# the sensitive ones: a town is no leak because somebody took its name.
_SENTENCES = frozenset(
    {"explanation", "detail", "error", "place_text", "nationality_text", "age_text", "price_text", "channel"}
)


@dataclass(frozen=True)
class Finding:
    """A leak: where, of what family, and in how many distinct values. Never the values."""

    table: str
    column: str
    family: str
    count: int


class PrivacyViolation(Exception):
    """The analysts' snapshot would show protected values, or columns that must be absent."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        places = "; ".join(
            f"{finding.table}.{finding.column}: {finding.count} × {finding.family}" for finding in findings
        )
        super().__init__(f"not published, the analysts' snapshot would show protected data in {places}")


def check_privacy(
    connection: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract] = CONTRACTS
) -> None:
    """Judge the attached database `shown` against the table `protected_tokens`. Raises `PrivacyViolation`.

    Every VARCHAR column of every table is searched for protected phone numbers (E.164 and national digits),
    e-mails and usernames of potential victims; columns that no contract shows to analysts are findings.
    """
    columns = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = ? AND table_name IN "
        "(SELECT table_name FROM duckdb_tables() WHERE database_name = ?) ORDER BY ALL",
        [SHOWN, SHOWN],
    ).fetchall()
    findings: list[Finding] = []
    searched: dict[str, list[str]] = {}
    for table, column, data_type in columns:
        contract = contracts.get(table)
        allowed = {} if contract is None else {shown.name: shown for shown in analyst_columns(contract)}
        if column not in allowed:
            findings.append(Finding(table, column, "column that must be absent", 1))
        elif data_type.startswith("VARCHAR") and column not in _OURS:
            spoken = allowed[column].sensitivity != Sensitivity.open or column in _SENTENCES
            searched.setdefault(table, []).append(_distinct(table, column, data_type, with_usernames=spoken))
    for table, selects in searched.items():
        findings += _search(connection, table, selects)
    if findings:
        raise PrivacyViolation(findings)


def _distinct(table: str, column: str, data_type: str, *, with_usernames: bool) -> str:
    """SELECT of a column's distinct values, each with where it stands and what is looked for."""
    value = quoted(column) if data_type == "VARCHAR" else f"unnest({quoted(column)})"
    return (
        f"SELECT DISTINCT {literal(column)} AS column_name, {with_usernames} AS with_usernames, {value} AS value "
        f"FROM {SHOWN}.main.{quoted(table)}"
    )


def _search(connection: duckdb.DuckDBPyConnection, table: str, selects: list[str]) -> list[Finding]:
    """The findings in one table: one search for all of its columns, for a query each costs more than the search."""
    rows = connection.execute(
        f"""
        WITH given AS (
            SELECT column_name, with_usernames, value FROM ({" UNION ALL ".join(selects)}) AS columns_given
            WHERE value IS NOT NULL AND NOT regexp_full_match(value, '[0-9a-f]{{24}}|[0-9a-f]{{64}}')
        )

        SELECT given.column_name, found.family, count(*)
        FROM given
        INNER JOIN values_with_tokens((SELECT list(DISTINCT value) FROM given)) AS found
            ON found.value = given.value
        WHERE given.with_usernames OR found.family <> 'username'
        GROUP BY given.column_name, found.family
        ORDER BY given.column_name, found.family
        """
    ).fetchall()
    return [Finding(table, str(column), str(family), int(count)) for column, family, count in rows]

"""The contract of a table: what its rows are, what its columns mean and which rules they obey.

A contract is data. The Polars schema, the Great Expectations suite, Dagster's column metadata and checks, the
DuckDB DDL with comments, the data dictionary and the pseudonymisation are all derived from it, so that they
cannot drift apart.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import polars as pl

Severity = Literal["critical", "warning"]

# Number of a row in the frame under judgement; the gate adds it, no table has it.
ROW = "gate_row"


class Sensitivity(StrEnum):
    """What a column may show to analysts.

    `open`: as it is. `handle`: a value by which a person can be reached; a keyed pseudonym, unless the
    identifier has been cleared as belonging to a suspected exploiter and to no potential victim. `address`: the
    address of a page; a pseudonym where the page shows a potential victim. `name`: a person's name; always a
    pseudonym. `text`: free text, images, raw spellings; absent from the analysts' snapshot.
    """

    open = "open"
    handle = "handle"
    address = "address"
    name = "name"
    text = "text"


@dataclass(frozen=True)
class Column:
    """One column: its type, its meaning and who may see it.

    `stored` columns are in the parts; the others are added when the warehouse is built. `published` columns are
    in the warehouse; the others (bodies, headers) stay in the parts.
    """

    name: str
    type: pl.DataType
    meaning: str
    sensitivity: Sensitivity = Sensitivity.open
    stored: bool = True
    published: bool = True


@dataclass(frozen=True)
class Rule:
    """One thing that holds for every row. Rows that break a critical rule go to quarantine.

    `violation` is the SQL predicate of a bad row (DuckDB, and portable to 2.0): Great Expectations judges with
    it or with the native expectation named by `expectation`, and the quarantine selects with it. It is `over_rows`
    when it looks at other rows, too (a window function). `one_per`: columns in which no two rows are equal, a null
    being equal to a null, where the rule says just that; whether it holds is then found by grouping, which is faster.
    """

    name: str
    violation: str
    expectation: str = "unexpected_rows_expectation"
    arguments: dict[str, object] = field(default_factory=dict)
    severity: Severity = "critical"
    meaning: str = ""
    over_rows: bool = False
    one_per: tuple[str, ...] = ()


def quoted(column: str) -> str:
    """The column's name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def literal(value: object) -> str:
    """A Python string or number as an SQL literal."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def not_null(column: str, severity: Severity = "critical") -> Rule:
    """The column has a value."""
    return Rule(
        f"{column}_not_null",
        f"{quoted(column)} IS NULL",
        "expect_column_values_to_not_be_null",
        {"column": column},
        severity,
        f"{column} has a value",
    )


def between(column: str, low: float | None, high: float | None, severity: Severity = "critical") -> Rule:
    """The value, where there is one, lies in the closed range."""
    bounds = [f"{quoted(column)} < {low}"] if low is not None else []
    bounds += [f"{quoted(column)} > {high}"] if high is not None else []
    return Rule(
        f"{column}_in_range",
        " OR ".join(bounds),
        "expect_column_values_to_be_between",
        {"column": column, "min_value": low, "max_value": high},
        severity,
        f"{column} lies in its range",
    )


def in_set(column: str, values: tuple[str, ...], severity: Severity = "critical") -> Rule:
    """The value, where there is one, is one of the known words."""
    words = ", ".join(literal(value) for value in values)
    return Rule(
        f"{column}_known",
        f"{quoted(column)} IS NOT NULL AND {quoted(column)} NOT IN ({words})",
        "expect_column_values_to_be_in_set",
        {"column": column, "value_set": list(values)},
        severity,
        f"{column} is one of: {', '.join(values)}",
    )


def matches(column: str, pattern: str, severity: Severity = "critical") -> Rule:
    """The value, where there is one, matches the RE2 pattern somewhere (anchor it where that matters)."""
    return Rule(
        f"{column}_well_formed",
        f"{quoted(column)} IS NOT NULL AND NOT regexp_matches({quoted(column)}, {literal(pattern)})",
        severity=severity,
        meaning=f"{column} is well formed",
    )


def unique(*columns: str) -> Rule:
    """At most one row per key; later rows of a key are the bad ones."""
    names = ", ".join(quoted(column) for column in columns)
    return Rule(
        f"{'_and_'.join(columns)}_unique",
        f"row_number() OVER (PARTITION BY {names} ORDER BY {ROW}) > 1",
        meaning=f"one row per {', '.join(columns)}",
        over_rows=True,
        one_per=columns,
    )


def violates(name: str, violation: str, meaning: str, severity: Severity = "critical") -> Rule:
    """A rule of the table's own, by its bad rows."""
    return Rule(name, violation, severity=severity, meaning=meaning)


@dataclass(frozen=True)
class Contract:
    """One table. `grain` says what one row is; `key` names the columns that tell rows apart.

    `per_unit` tables have a part per source and day, and columns `source` and `unit_date`; the others have one
    part that a run replaces. A unit is blocked when more than `max_rejected_share` of its rows break critical
    rules (a layout that half changed is worse than one that is gone); so is a whole table without units.
    """

    table: str
    stage: str
    grain: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    per_unit: bool = False
    max_rejected_share: float = 0.2

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Polars schema of the stored part: column name to type, in order."""
        return {column.name: column.type for column in self.columns if column.stored}

    def completed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with the stored columns alone, in order and cast to their types; those that it lacks are null."""
        return frame.select(
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
            for name, kind in self.schema.items()
        )

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The key's rules, then the table's own."""
        return (*(not_null(name) for name in self.key), unique(*self.key), *self.rules)

    @property
    def judged_columns(self) -> list[str]:
        """The stored columns that rules name, or whose names occur in the name of one that they do: no other column
        can tell of a row that it is bad. Bodies are not judged, only their digests."""
        rules = self.all_rules
        told = [rule.violation for rule in rules]
        told += [str(value) for rule in rules for value in rule.arguments.values()]
        named = " ".join(told)
        return [name for name, kind in self.schema.items() if kind != pl.Binary() and name in named]

    def column(self, name: str) -> Column:
        """The named column. Raises `KeyError`."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.table} has no column {name}")

"""Rows of a query in formats whose cells hold one value."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from pipelines.commands import sql as command


def test_lists_and_structures_are_json_in_cells_of_csv(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def connected(_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect() as connection:
            yield connection

    monkeypatch.setattr(command, "connect_snapshot", connected)
    query = (
        "SELECT 1 AS n, ['a,\"b\"', NULL] AS l, {'d': DATE '2026-01-31', 'x': [1.5]} AS s, NULL::INT[] AS e"
    )
    command.sql(Path(), query, "csv")
    [row] = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["n"] == "1"
    assert json.loads(row["l"]) == ['a,"b"', None]
    assert json.loads(row["s"]) == {"d": "2026-01-31", "x": [1.5]}
    assert row["e"] == ""

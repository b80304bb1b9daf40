"""`stormlantern report` as a user types it: every format, the shareable variant, and whose data is in none of them."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assets.publishing.warehouse import Snapshot
from pipelines.cli import app
from quality.contract import Sensitivity, quoted
from quality.contracts import CONTRACTS
from warehouse.connections import reading

ENDINGS = {"html": ".html", "csv": ".csv.zip", "xlsx": ".xlsx", "json": ".json"}


@pytest.fixture(scope="module")
def written(
    published: tuple[Any, Snapshot], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, bool], Path]:
    """The file of each format, in full and shareable, at the place where it is written without --output."""
    house, _ = published
    files = {}
    for form, ending in ENDINGS.items():
        for shareable in (False, True):
            words = ["report", "--home", str(house.home), "--format", form]
            done = CliRunner().invoke(app, [*words, *(["--shareable"] if shareable else [])])
            assert done.exit_code == 0, done.output
            file = Path(done.stdout.strip().replace("\n", ""))
            assert file.parent == house.home / "reports"
            assert file.name.endswith(("-shareable" if shareable else "") + ending)
            files[form, shareable] = file
    return files


def words_of(file: Path) -> str:
    """All text of a report; of an archive, that of its members."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            return "\n".join(archive.read(name).decode() for name in archive.namelist())
    return file.read_text(encoding="utf-8")


def secrets_of(restricted: Path) -> set[str]:
    """What the restricted snapshot has of persons: what pseudonyms stand for, names, free text."""
    with reading(restricted) as connection:
        found = {
            str(value)
            for (value,) in connection.execute(
                "SELECT clear FROM pseudonyms WHERE kind NOT LIKE '%\\_id' ESCAPE '\\'"
            ).fetchall()
        }
        for contract in CONTRACTS.values():
            for column in contract.columns:
                # What a fact was read from may be a place; a place may be shown.
                is_text = column.sensitivity == Sensitivity.text and contract.table not in (
                    "facts",
                    "mentions",
                )
                if column.published and (is_text or column.sensitivity == Sensitivity.name):
                    query = f"SELECT DISTINCT {quoted(column.name)}::VARCHAR FROM {quoted(contract.table)}"
                    found |= {str(value) for (value,) in connection.execute(query).fetchall() if value}
    return {secret for secret in found if len(secret) >= 5}


def test_no_report_holds_what_the_restricted_snapshot_protects(
    published: tuple[Any, Snapshot], written: dict[tuple[str, bool], Path]
) -> None:
    house, _ = published
    secrets = secrets_of(house.home / "restricted.duckdb")
    assert {"+447700900123", "lucia_invented", "+33639981234"} <= secrets
    for (form, shareable), file in written.items():
        text = words_of(file)
        shown = [secret for secret in secrets if secret in text]
        assert not shown, (form, shareable, shown)
        # A suspect's own number is for analysts, and in no report that is passed on.
        assert ("+447700900777" in text) <= (not shareable)
        digits = re.sub(r"[^0-9a-z]+", "", text)
        assert "447700900123" not in digits


def test_the_formats_say_the_same(written: dict[tuple[str, bool], Path]) -> None:
    for shareable in (False, True):
        tables = json.loads(words_of(written["json", shareable]))["tables"]
        with zipfile.ZipFile(written["csv", shareable]) as archive:
            for name, table in tables.items():
                rows = list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode())))
                assert list(table["columns"]) == list(rows[0]) if rows else not table["rows"]
                assert len(rows) == len(table["rows"])
        with zipfile.ZipFile(written["xlsx", shareable]) as archive:
            sheets = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        assert {name[:31] for name in tables} <= set(sheets)


def test_the_shareable_variant_hides_counts_below_its_minimum(
    published: tuple[Any, Snapshot], written: dict[tuple[str, bool], Path], tmp_path: Path
) -> None:
    full = json.loads(words_of(written["json", False]))
    default = json.loads(words_of(written["json", True]))
    words = [
        "report",
        "--home",
        str(published[0].home),
        "--format",
        "json",
        "--shareable",
        "--minimum-cell",
        "2",
    ]
    done = CliRunner().invoke(app, [*words, "--output", str(tmp_path / "two.json")])
    assert done.exit_code == 0, done.output
    two = json.loads((tmp_path / "two.json").read_text(encoding="utf-8"))
    assert (
        full["about"]["minimum_cell"],
        default["about"]["minimum_cell"],
        two["about"]["minimum_cell"],
    ) == (*(None, 10, 2),)
    assert "top_leads" in full["tables"]
    assert "top_leads" not in default["tables"]
    [leads] = [row for row in default["tables"]["key_figures"]["rows"] if row["figure"] == "leads"]
    assert (leads["value"], leads["hidden"]) == (None, ["value"])
    shown = [row for row in two["tables"]["key_figures"]["rows"] if row["value"] is not None]
    assert len(shown) > len(
        [row for row in default["tables"]["key_figures"]["rows"] if row["value"] is not None]
    )
    assert CliRunner().invoke(app, [*words[:-1], "1"]).exit_code == 2

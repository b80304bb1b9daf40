"""The report as CSV, workbook and JSON: the same tables, readable by other tools, without formulas from pages."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from assets.publishing.findings import Findings, read_findings
from assets.publishing.report_files import (
    JSON_FORMAT,
    csv_files,
    json_report,
    write_csv,
    write_json,
    write_xlsx,
)
from assets.publishing.report_tables import report_tables
from assets.publishing.warehouse import Snapshot

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def found(published: tuple[Any, Snapshot]) -> Findings:
    return read_findings(published[1].warehouse)


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_every_table_is_in_every_format(found: Findings, tmp_path: Path) -> None:
    names = {table.name for table in report_tables(found)}
    assert {"key_figures", "leads_by_type", "leads_by_country", "leads_by_state", "surges"} <= names
    assert {"metrics_compared", "units", "days", "own_by_country"} <= names
    assert set(json.loads(json_report(found))["tables"]) == names
    assert set(csv_files(found)) == {f"{name}.csv" for name in names | {"about", "columns"}}
    workbook = write_xlsx(found, tmp_path / "report.xlsx")
    with zipfile.ZipFile(workbook) as archive:
        sheets = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
    assert sheets == ["about", *(table.name for table in report_tables(found)), "columns"]


def test_tables_say_what_the_house_holds(found: Findings) -> None:
    files = {name: parsed(text) for name, text in csv_files(found).items()}
    assert ["leads", "4"] in files["key_figures.csv"]
    assert ["potential_victim", "1", "6.0", "6.0"] in files["leads_by_type.csv"]
    assert ["new", "4"] in files["leads_by_state.csv"]
    assert ["GB", "1", "0", "1", "0", "0"] in files["own_by_country.csv"]
    assert files["days.csv"][0][:4] == ["day", "captures", "new_items", "new_leads"]
    assert ["2026-03-01", "3"] in [row[:2] for row in files["days.csv"]]
    assert ["tlp", "AMBER"] in files["about.csv"]


def test_what_no_stage_makes_is_absent_and_not_zero(found: Findings) -> None:
    words = " ".join(column.name for table in report_tables(found) for column in table.columns)
    metrics = {row["metric"] for row in found.comparison if row["own"] is not None}
    assert "persons_checked" not in words
    assert not {"persons_checked", "searches"} & metrics
    assert {"database_checks", "database_hits"} <= metrics


def test_every_column_is_explained(found: Findings) -> None:
    explained = {tuple(row[:2]) for row in parsed(csv_files(found)["columns.csv"])[1:]}
    assert explained == {
        (table.name, column.name) for table in report_tables(found) for column in table.columns
    }
    report = json.loads(json_report(found))
    assert report["format"] == JSON_FORMAT
    for table in report["tables"].values():
        assert table["meaning"]
        assert all(set(row) == set(table["columns"]) for row in table["rows"])


def test_words_from_pages_are_no_formulas(found: Findings, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://evil.test","x")'
    operation = {"name": evil, "start_date": None, "end_date": None, "role": "main"}
    changed = replace(found, operations=[operation | {"country_count": -1, "figures": 0, "documents": 1}])
    rows = parsed(csv_files(changed)["operations.csv"])
    assert rows[1][0] == f"'{evil}"
    assert rows[1][4] == "-1"  # a number stays a number
    with zipfile.ZipFile(write_xlsx(changed, tmp_path / "report.xlsx")) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                sheet = ElementTree.fromstring(archive.read(name))
                assert not list(sheet.iter(f"{SHEET}f"))
                assert not list(sheet.iter(f"{SHEET}hyperlink"))


def test_csv_as_archive_and_as_folder(found: Findings, tmp_path: Path) -> None:
    archive = write_csv(found, tmp_path / "deep" / "report.csv.zip")
    again = write_csv(found, tmp_path / "again.zip")
    assert archive.read_bytes() == again.read_bytes()
    folder = write_csv(found, tmp_path / "folder")
    (folder / "mine.txt").write_text("kept")
    write_csv(found, folder)
    with zipfile.ZipFile(archive) as opened:
        assert {file.name for file in folder.iterdir()} == {*opened.namelist(), "mine.txt"}
        assert opened.read("surges.csv") == (folder / "surges.csv").read_bytes()


def test_nobodys_data_is_in_them(found: Findings, tmp_path: Path) -> None:
    write_json(found, tmp_path / "report.json")
    texts = [(tmp_path / "report.json").read_text(encoding="utf-8"), *csv_files(found).values()]
    with zipfile.ZipFile(write_xlsx(found, tmp_path / "report.xlsx")) as archive:
        texts.append(archive.read("xl/sharedStrings.xml").decode())
    for text in texts:
        for secret in ("7700900123", "7700 900", "lucia", "0639981234", "mail.example", "ad/4711", "call "):
            assert secret not in text


def test_an_empty_house_has_every_table(empty_house: Callable[[], Any], tmp_path: Path) -> None:
    found = read_findings(empty_house().publish().warehouse)
    assert write_xlsx(found, tmp_path / "report.xlsx").stat().st_size
    assert json.loads(json_report(found))["tables"]["surges"]["rows"] == []

"""The report's tables as files: a folder or an archive of CSV, a workbook, or JSON.

Text in them may come from pages. A spreadsheet takes a cell that begins with "=", "+", "-" or "@" for a formula, so
in CSV such text has an apostrophe before it (OWASP, "CSV Injection"); in the workbook every text is typed as text.
"""

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import xlsxwriter

from assets.publishing.findings import Findings
from assets.publishing.report_tables import HIDDEN_COLUMN, ReportTable, report_tables
from assets.publishing.shareable import LEFT_OUT

# Raised when a key of the JSON report changes its meaning or goes; new keys do not raise it.
JSON_FORMAT = "stormlantern-report/1"
# The earliest moment a ZIP archive knows: the same findings make the same bytes.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# Excel's own limit on names of sheets.
_SHEET_NAME = 31
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def about(found: Findings) -> dict[str, Any]:
    """What a reader must know of the figures: operation, snapshot, marking, variant."""
    operation = found.operation or {}
    return {
        "operation": operation.get("name") or found.snapshot.get("operation"),
        "start_date": operation.get("start_date"),
        "end_date": operation.get("end_date"),
        "snapshot": found.snapshot.get("version"),
        "published_at": found.snapshot.get("published_at"),
        "run_id": found.snapshot.get("run_id"),
        "inputs_sha256": found.snapshot.get("inputs_sha256"),
        "tlp": found.snapshot.get("tlp"),
        "shareable": found.minimum_cell is not None,
        "minimum_cell": found.minimum_cell,
        "caution": "Leads are hypotheses for a person to review; none has been verified. See the limits in the page.",
    }


def json_report(found: Findings) -> str:
    """The report as JSON text: `format`, `about`, `left_out` (in the shareable variant) and `tables`.

    `tables` maps a name to `meaning`, `columns` (name to meaning) and `rows` (objects with these names). Dates are
    ISO 8601 text. A figure that is hidden is null, and its name stands in the row's `hidden`, a list.
    """
    tables = {
        table.name: {
            "meaning": table.meaning,
            "columns": {column.name: column.meaning for column in table.columns},
            "rows": [_object(table, row) for row in table.rows],
        }
        for table in report_tables(found)
    }
    report: dict[str, Any] = {"format": JSON_FORMAT, "about": about(found), "tables": tables}
    if found.minimum_cell is not None:
        report["left_out"] = [{"what": what, "why": why} for what, why in LEFT_OUT]
    return json.dumps(report, ensure_ascii=False, indent=1, default=_iso) + "\n"


def csv_files(found: Findings) -> dict[str, str]:
    """The text of each CSV file by its name: a table each, `columns.csv` (what they mean), `about.csv`."""
    tables = report_tables(found)
    files = {
        f"{table.name}.csv": _csv([column.name for column in table.columns], table.rows) for table in tables
    }
    meanings = [(table.name, column.name, column.meaning) for table in tables for column in table.columns]
    files["columns.csv"] = _csv(["table", "column", "meaning"], meanings)
    files["about.csv"] = _csv(["key", "value"], [*about(found).items()])
    return files


def write_json(found: Findings, output: Path) -> Path:
    """Write `json_report` to a file."""
    return _whole(output, lambda temporary: temporary.write_text(json_report(found), encoding="utf-8"))


def write_csv(found: Findings, output: Path) -> Path:
    """Write `csv_files` into an archive where the name ends with .zip, else into a folder; returns it.

    A folder's files are replaced one by one, other files in it are left alone.
    """
    files = csv_files(found)
    if output.suffix == ".zip":
        return _whole(output, lambda temporary: _archive(files, temporary))
    output.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        _whole(output / name, partial(Path.write_bytes, data=text.encode()))
    return output


def write_xlsx(found: Findings, output: Path) -> Path:
    """Write a workbook with a sheet for each table, after `about` and before `columns`."""
    return _whole(output, lambda temporary: _workbook(found, temporary))


def _object(table: ReportTable, row: tuple[Any, ...]) -> dict[str, Any]:
    named = {column.name: value for column, value in zip(table.columns, row, strict=True)}
    if HIDDEN_COLUMN in named:
        named[HIDDEN_COLUMN] = named[HIDDEN_COLUMN].split(";") if named[HIDDEN_COLUMN] else []
    return named


def _iso(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a report's table holds a {type(value).__name__}, which JSON has no form for")


def _csv(header: list[str], rows: list[Any]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(header)
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return text.getvalue()


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _archive(files: dict[str, str], output: Path) -> None:
    with zipfile.ZipFile(output, "w") as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)


def _workbook(found: Findings, output: Path) -> None:
    with xlsxwriter.Workbook(str(output)) as workbook:
        published = str(found.snapshot.get("published_at") or "")[:10]
        if published:
            workbook.set_properties({"created": datetime.fromisoformat(published)})
        formats = {
            "head": workbook.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        }
        tables = report_tables(found)
        _sheet(workbook, formats, "about", ["key", "value"], [*about(found).items()])
        for table in tables:
            _sheet(workbook, formats, table.name, [column.name for column in table.columns], table.rows)
        meanings = [(table.name, column.name, column.meaning) for table in tables for column in table.columns]
        _sheet(workbook, formats, "columns", ["table", "column", "meaning"], meanings)


def _sheet(workbook: Any, formats: dict[str, Any], name: str, header: list[str], rows: list[Any]) -> None:
    sheet = workbook.add_worksheet(name[:_SHEET_NAME])
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(header):
        sheet.write_string(0, number, column, formats["head"])
        widest = max([len(column), *(len(str(row[number])) for row in rows[:200])])
        sheet.set_column(number, number, min(widest + 2, 60))
    for height, row in enumerate(rows, start=1):
        for number, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(height, number, value)
            elif isinstance(value, int | float):
                sheet.write_number(height, number, value)
            elif isinstance(value, date):
                sheet.write_datetime(height, number, value, formats["date"])
            else:
                sheet.write_string(height, number, str(value))
    if rows:
        sheet.autofilter(0, 0, len(rows), len(header) - 1)


def _whole(output: Path, write: Callable[[Path], object]) -> Path:
    """Write under a temporary name first, so that a reader never opens half a file; returns `output`."""
    output.parent.mkdir(parents=True, exist_ok=True)
    temporary = output.with_name(f".{output.name}.tmp")
    write(temporary)
    os.replace(temporary, output)
    return output

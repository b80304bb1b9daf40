"""Tables that a user names, and tables written for a user."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import orjson
import polars as pl

_TABLES = (".parquet", ".csv", ".jsonl", ".ndjson")


def read_table(file: Path) -> pl.DataFrame:
    """Read a Parquet, CSV or JSON Lines file. Ends with a message, without values, where it cannot be read.

    A number in a CSV file may be a telephone number: all its columns are read as text.
    """
    kind = file.suffix.lower()
    if kind not in _TABLES:
        raise SystemExit(f"stormlantern: {file.name}: give a table as {', '.join(_TABLES)}")
    if not file.is_file():
        raise SystemExit(f"stormlantern: {file}: no such file")
    try:
        if kind == ".parquet":
            return pl.read_parquet(file)
        if kind == ".csv":
            return pl.read_csv(file, infer_schema=False)
        return pl.read_ndjson(file, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        why = _why_unreadable(file, kind) or type(error).__name__
        raise SystemExit(f"stormlantern: {file.name}: not a readable {kind[1:]} table: {why}") from None


def write_table(frame: pl.DataFrame, file: Path) -> None:
    """Write a frame by the ending of the file: .parquet, .jsonl or .csv (lists as JSON)."""
    if file.suffix == ".parquet":
        frame.write_parquet(file)
    elif file.suffix == ".csv":
        flat(frame).write_csv(file)
    else:
        frame.write_ndjson(file)


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with lists, arrays and structures written as JSON, for formats whose cells hold one value."""
    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(pl.Series(name, _as_json(frame[name]), dtype=pl.String) for name in nested)


def _as_json(column: pl.Series) -> list[str | None]:
    return [
        None
        if value is None
        else orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()
        for value in column.to_list()
    ]


def _plain(value: object) -> float | str:
    return float(value) if isinstance(value, Decimal) else str(value)


def _why_unreadable(file: Path, kind: str) -> str | None:
    """Where a file stops being such a table and what to do; None where nothing is seen."""
    try:
        content = file.read_bytes()
    except OSError as error:
        return error.strerror
    if not content.strip():
        return "the file is empty"
    if kind == ".parquet":
        return "no Parquet file, or not all of it"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return f"line {line} is not UTF-8; save the file as UTF-8"
    return _wrong_cells(text) if kind == ".csv" else _wrong_line(text)


def _wrong_cells(text: str) -> str | None:
    """The first row of a CSV text with more cells than the header, or a quotation that does not end."""
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = next(rows)
        for row in rows:
            if len(row) > len(header):
                return (
                    f"line {rows.line_num} has {len(row)} cells, the header {len(header)}; put cells with commas "
                    "between double quotation marks"
                )
    except csv.Error:
        return f"line {rows.line_num}: a double quotation mark that is not doubled or not closed"
    return None


def _wrong_line(text: str) -> str | None:
    """The first line of a JSON Lines text that is no JSON object."""
    if text.lstrip().startswith("["):
        return "it is one JSON list; wanted a JSON object on each line"
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            is_object = isinstance(json.loads(line), dict)
        except ValueError:
            is_object = False
        if not is_object:
            return f"line {number} is no JSON object; wanted one on each line"
    return None

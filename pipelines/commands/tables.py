"""One table from a file that a user names."""

from pathlib import Path

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
        raise SystemExit(
            f"stormlantern: {file.name}: not a readable {kind[1:]} table ({type(error).__name__})"
        ) from None

"""`stormlantern link`: the linking rooms alone, on one table."""

from pathlib import Path

import polars as pl

_TABLES = (".parquet", ".csv", ".jsonl", ".ndjson")


def _table(file: Path) -> pl.DataFrame:
    kind = file.suffix.lower()
    if kind not in _TABLES:
        raise SystemExit(f"stormlantern: {file.name}: give a table as {', '.join(_TABLES)}")
    if not file.is_file():
        raise SystemExit(f"stormlantern: {file}: no such file")
    try:
        if kind == ".parquet":
            return pl.read_parquet(file)
        # A number in a CSV file may be a telephone number: all columns are read as text.
        if kind == ".csv":
            return pl.read_csv(file, infer_schema=False)
        return pl.read_ndjson(file, infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise SystemExit(
            f"stormlantern: {file.name}: not a readable {kind[1:]} table ({type(error).__name__})"
        ) from None


def link(file: Path, output: Path, form: str) -> list[str]:
    """Link the table in `file`; one file per result in the folder `output`. Returns a line for each.

    `form`: parquet or json (JSON Lines). Ends with a message where the table cannot be read or linked.
    """
    from assets.linking.single import TableError, link_table

    try:
        results = link_table(_table(file))
    except TableError as error:
        raise SystemExit(f"stormlantern: {file.name}: {error}") from None
    output.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, frame in results.items():
        target = output / f"{name}.{'parquet' if form == 'parquet' else 'jsonl'}"
        if form == "parquet":
            frame.write_parquet(target)
        else:
            frame.write_ndjson(target)
        lines.append(f"{target}: {frame.height} rows")
    return lines

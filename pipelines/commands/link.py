"""`stormlantern link`: the linking rooms alone, on one table."""

from pathlib import Path

from pipelines.commands.tables import read_table


def link(file: Path, output: Path, form: str) -> list[str]:
    """Link the table in `file`; one file per result in the folder `output`. Returns a line for each.

    `form`: parquet or json (JSON Lines). Ends with a message where the table cannot be read or linked.
    """
    from assets.linking.single import TableError, link_table

    try:
        results = link_table(read_table(file))
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

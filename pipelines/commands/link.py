"""`stormlantern link`: the linking rooms alone, on one table."""

import sys
from pathlib import Path

from pipelines.commands.tables import read_table, write_table

_ENDINGS = {"parquet": ".parquet", "json": ".jsonl", "csv": ".csv"}


def link(
    file: Path, output: Path, form: str, region: str | None = None, read_texts: bool = True
) -> list[str]:
    """Link the table in `file`; one file per result in the folder `output`. Returns what was found, in lines.

    `form`: parquet, json (JSON Lines) or csv. `region` (ISO 3166 alpha-2): of telephone numbers without country, where
    the table gives none. What was read how, and what was left out, goes to standard error. Ends with a message where
    the table cannot be read or linked, or the folder not be written.
    """
    from assets.linking.single import TableError, link_table

    if output.exists() and not output.is_dir():
        raise SystemExit(f"stormlantern: --output {output}: this is a file; give a folder")
    try:
        linked = link_table(read_table(file), region, read_texts)
    except TableError as error:
        raise SystemExit(f"stormlantern: {file.name}: {error}") from None
    for note in linked.notes:
        sys.stderr.write(f"{file.name}: {note}\n")
    lines = list(linked.counts)
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, frame in linked.tables.items():
            target = output / f"{name}{_ENDINGS[form]}"
            write_table(frame, target)
            lines.append(f"{target}: {frame.height} rows")
    except OSError as error:
        raise SystemExit(f"stormlantern: --output {output}: cannot be written ({error.strerror})") from None
    return lines

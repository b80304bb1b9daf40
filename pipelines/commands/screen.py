"""`stormlantern screen`: the screening room alone, one table against another."""

import sys
from pathlib import Path

import orjson
import polars as pl

from assets.screening.lists import read_table as read_csv_list
from assets.screening.subjects import ListError, Subjects, read_subjects
from pipelines.commands.tables import read_table


def _subjects(file: Path) -> Subjects:
    """The rows of a table; CSV by the rules of dropped watch-lists, lists in a column joined by semicolons."""
    try:
        table = read_csv_list(file) if file.suffix.lower() == ".csv" and file.is_file() else read_table(file)
        strings = table.select(
            pl.col(name).list.eval(pl.element().cast(pl.String)).list.join(";")
            if isinstance(kind, pl.List)
            else pl.col(name).cast(pl.String)
            for name, kind in table.schema.items()
        )
        return read_subjects(strings)
    except ListError as error:
        raise SystemExit(f"stormlantern: {file.name}: {error}") from None
    except pl.exceptions.PolarsError as error:
        raise SystemExit(
            f"stormlantern: {file.name}: a column is neither text nor number nor a list ({type(error).__name__})"
        ) from None


def screen(queries: Path, against: Path) -> None:
    """Look up every row of `queries` in `against`; JSON Lines out, a line for each query, in their order."""
    from assets.screening.single import answers

    for answer in answers(_subjects(queries), _subjects(against)):
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()

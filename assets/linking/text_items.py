"""Which items have which texts, kept so that a day looks only at its own.

Rows lie in runs that are never changed, each sorted by a hash of the item, so that a row is found by a search. A day
adds a run with the rows of its items, those of items that are otherwise now among them; which rows stand no more is
kept beside the runs.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow
import pyarrow.ipc

from assets.linking.stretches import stretches
from assets.linking.text_runs import together_from
from assets.linking.text_shingles import ranges
from warehouse.mapped_frames import mapped

# The text of an item whose own is too short to be compared.
NO_TEXT = -1
_COLUMNS = ("item_id", "order", "digest", "text")
_ROWS_AT_A_TIME = 1 << 16


class TextItems:
    """Items with their texts: `item_id`, `order` and `digest` (UInt64), `text` (Int64 number, -1 where it is too
    short); a row per item among those that stand."""

    def __init__(
        self,
        item_id: pl.DataType,
        runs: Sequence[pl.DataFrame] = (),
        stands: Sequence[np.ndarray] = (),
        names: Sequence[str] = (),
    ) -> None:
        """`item_id`: the type of ids. `runs`: the columns above with `key`, a hash of the id by which they are sorted;
        `stands`: of each run, which of its rows do (bool); `names` of the first runs, where they are stored."""
        self.schema = {"item_id": item_id, "order": pl.UInt64(), "digest": pl.UInt64(), "text": pl.Int64()}
        self.runs = list(runs)
        self.stands = list(stands)
        self.names = list(names)

    def all(self) -> pl.DataFrame:
        """All rows."""
        return pl.concat([pl.DataFrame(schema=self.schema), *map(self._standing, range(len(self.runs)))])

    def of_items(self, ids: pl.Series) -> pl.DataFrame:
        """The rows of these items (each once), with `run` and `row` (Int64), their places."""
        keys = ids.hash().to_numpy()
        sorting = np.argsort(keys)
        keys = keys[sorting]
        found = []
        for number, run in enumerate(self.runs):
            rows = self._rows(number, ranges(*stretches(run["key"].to_numpy(), keys)))
            # Of ids that share a hash one may be known and another asked for.
            found.append(rows.filter(rows["item_id"].is_in(ids.implode())))
        return self._placed(found)

    def with_texts(self, texts: np.ndarray) -> pl.DataFrame:
        """The rows with one of these texts (int64, not `NO_TEXT`), with their places: `run`, `row` (Int64)."""
        # No text stands at the last place.
        wanted = np.zeros(2 + max((self._last_text(run) for run in self.runs), default=0), dtype=bool)
        wanted[texts[texts < len(wanted) - 1]] = True
        return self._placed(
            [
                self._rows(number, np.flatnonzero(wanted[run["text"].to_numpy()]))
                for number, run in enumerate(self.runs)
            ]
        )

    def items_of_days(self, bits: int) -> dict[int, int]:
        """How many items there are by what stands above the lowest `bits` of their order."""
        counts = np.zeros(0, dtype=np.int64)
        for run, stands in zip(self.runs, self.stands, strict=True):
            order = run["order"].to_numpy()
            for first in range(0, len(order), _ROWS_AT_A_TIME):
                some = order[first : first + _ROWS_AT_A_TIME][stands[first : first + _ROWS_AT_A_TIME]]
                more = np.bincount((some >> np.uint64(bits)).astype(np.int64), minlength=len(counts))
                more[: len(counts)] += counts
                counts = more
        return {day: int(counts[day]) for day in np.flatnonzero(counts).tolist()}

    def replace(self, gone: pl.DataFrame, rows: pl.DataFrame) -> None:
        """Let the rows `gone` (run, row) stand no more, and add others."""
        for (run,), places in gone.select("run", "row").partition_by("run", as_dict=True).items():
            stands = self.stands[int(run)].copy()
            stands[places["row"].to_numpy()] = False
            self.stands[int(run)] = stands
        if rows.height:
            self.runs.append(_run(rows))
            self.stands.append(np.ones(rows.height, dtype=bool))
        first = together_from([run.height for run in self.runs])
        if first is not None:
            self._put_together(first)

    def _put_together(self, first: int) -> None:
        rows = pl.concat([self._standing(run) for run in range(first, len(self.runs))])
        self.runs[first:], self.stands[first:] = [_run(rows)], [np.ones(rows.height, dtype=bool)]
        self.names = self.names[:first]

    def _standing(self, run: int) -> pl.DataFrame:
        rows = self.runs[run].select(_COLUMNS)
        return rows if self.stands[run].all() else rows.filter(pl.Series(self.stands[run]))

    def _rows(self, run: int, places: np.ndarray) -> pl.DataFrame:
        """The rows at these places of a run that stand."""
        places = places[self.stands[run][places]]
        return (
            self.runs[run]
            .select(_COLUMNS)[places]
            .with_columns(pl.lit(run, pl.Int64).alias("run"), pl.Series("row", places, dtype=pl.Int64))
        )

    def _placed(self, found: Sequence[pl.DataFrame]) -> pl.DataFrame:
        return pl.concat([pl.DataFrame(schema={**self.schema, "run": pl.Int64, "row": pl.Int64}), *found])

    @staticmethod
    def _last_text(run: pl.DataFrame) -> int:
        last = run["text"].max()
        return int(last) if isinstance(last, int) else 0


def _run(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(*_COLUMNS, pl.col("item_id").hash().alias("key")).sort("key").rechunk()


def save_run(run: pl.DataFrame, file: Path) -> None:
    """Write a run in one piece, so that it lies in one piece where it is mapped."""
    table = run.to_arrow(compat_level=pl.CompatLevel.newest())
    with pyarrow.OSFile(str(file), "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def load_run(file: Path) -> pl.DataFrame:
    """What `save_run` wrote, read as it is needed. `OSError` or `pyarrow.ArrowInvalid` if it cannot be."""
    return mapped(file)

"""The files in which what linking remembers lies, under `work/linking` of the home.

A state lies in a folder named by the digest of the inputs that it stands for. It is written before the tables are
committed, so on either side of a kill the state of what is committed is there; without it the next run links everything
again. Columns of which a day mostly adds rows lie in files of their own, whose former rows the next state shares
(`column_files`); the others in a file of Arrow for each frame.
"""

import json
import shutil
import uuid
from dataclasses import fields
from pathlib import Path

import polars as pl
import pyarrow
import pyarrow.ipc

from assets.linking.column_files import Described, Grown, add, as_described, is_one, read, share, write
from assets.linking.digests import KEY_DIGITS
from assets.linking.round_memory import ROUND_PAIRS, SHOWN_ROWS, typed
from assets.linking.standing import ACTORS, IDENTIFIERS, ITEMS, NUMBERED_EDGES, SCHEMAS, TEXTS, Standing
from assets.linking.things_on_sites import THINGS
from warehouse.mapped_frames import mapped

FOLDER = "work/linking"
# Columns whose former rows mostly stay as they are, at least for a part of a run, new ones coming behind.
GROWING: dict[str, tuple[str, ...]] = {
    "sightings": ("item_id", "unit"),
    "items": tuple(name for name, kind in ITEMS.items() if kind != pl.Boolean()),
    "mentions": ("item", "key", "kind"),
    "identifiers": tuple(name for name, kind in IDENTIFIERS.items() if kind != pl.Boolean()),
    "accounts": ("site", "name", "islands", "identified"),
    "edges": tuple(name for name in NUMBERED_EDGES if name != "is_bridge"),
    "held": ("label", "key", "items"),
    "actors": tuple(ACTORS),
    "contacts": ("contact", "identifier_id", "kind", "weight"),
    "things": tuple(THINGS),
    "texts": tuple(TEXTS),
    "slots": ("contact", "kind"),
    "shown_slots": ("item", "slot"),
    "shown_rows": tuple(SHOWN_ROWS),
    "round_pairs": tuple(ROUND_PAIRS),
}
# How many rows there are of each of these, and what says what stands in their files.
_DESCRIPTION = "columns.json"
# Bytes of strings that are kept, by those of the strings that are there.
MOST_LEFTOVER = 1.25

_Descriptions = dict[str, dict[str, Described]]


class Growing:
    """The files of a state that was loaded, in which columns grow: the next state shares them. Other states go."""

    def __init__(self, standing: Standing, home: Path, inputs: str) -> None:
        """`standing`: as it was loaded for `inputs`."""
        self._standing = standing
        self._folder = home / FOLDER / _name(inputs)
        # Whoever went on from the same state before, and was killed, added to the same files.
        keep_only(home, inputs)
        self._descriptions: _Descriptions = json.loads((self._folder / _DESCRIPTION).read_text())
        self._grown: dict[tuple[str, str], Grown] = {}

    def behind(self, name: str, stood: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """The frame `name` as it stands by now, with rows behind; a column that is as it was loaded, or as it grew
        since, is not copied."""
        columns = []
        for column in stood:
            stood_so, more = self._as_it_lies(name, column), rows[column.name]
            if stood_so is not None:
                grown = self._grown[name, column.name] = add(stood_so, more)
                columns.append(grown.column)
            else:
                columns.append(pl.concat([column, more]).rechunk())
        return pl.DataFrame(columns)

    def _as_it_lies(self, name: str, column: pl.Series) -> Grown | None:
        """A column that lies in its file as it is, with what was added to it; None where it does not."""
        grown = self._grown.get((name, column.name))
        if grown is not None:
            return grown if is_one(column, grown.column) else None
        of_it = self._descriptions[name].get(column.name)
        if of_it is None or not is_one(column, getattr(self._standing, name)[column.name]):
            return None
        return as_described(column, self._folder / f"{name}.{column.name}", of_it)

    def write(self, name: str, column: pl.Series, file: Path) -> Described:
        """Write a column of the next state."""
        own = self._folder / f"{name}.{column.name}"
        grown = self._grown.get((name, column.name))
        if grown is not None:
            return share(grown, file) if is_one(column, grown.column) else write(column, file, None)
        of_it = self._descriptions[name].get(column.name)
        former = None if of_it is None else (getattr(self._standing, name)[column.name], own, of_it)
        return write(column, file, former)


def save(standing: Standing, home: Path, inputs: str, growing: Growing | None = None) -> None:
    """Write the state that stands for `inputs`; a folder of that name is complete or not there.

    `growing`: the files of the state that this one goes on from, which stays as it is. Where all mentions count as what
    they are, that is written once.
    """
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{uuid.uuid4().hex}"
    temporary.mkdir()
    descriptions: _Descriptions = {}
    for field in fields(standing):
        name = field.name
        frame = typed(getattr(standing, name), SCHEMAS[name])
        if name == "mentions" and frame["shown"].equals(frame["key"], null_equal=True):
            frame = frame.drop("shown")
        described: dict[str, Described] = {}
        for column in frame.select(GROWING.get(name, ())):
            file = temporary / f"{name}.{column.name}"
            described[column.name] = (
                write(column, file, None) if growing is None else growing.write(name, column, file)
            )
        descriptions[name] = described
        rest = [column for column in frame if column.name not in described]
        if described:
            # What is null in all rows is not written.
            rest = [column for column in rest if column.null_count() < len(column)]
        if rest:
            _write(pl.DataFrame(rest), temporary / f"{name}.arrow")
    (temporary / _DESCRIPTION).write_text(json.dumps(descriptions))
    final = folder / _name(inputs)
    shutil.rmtree(final, ignore_errors=True)
    temporary.rename(final)


def _write(frame: pl.DataFrame, file: Path) -> None:
    """Write the frame in one piece, so that its columns lie in one piece where they are mapped."""
    frame = frame.rechunk()
    frame = frame.with_columns(_without_leftovers(column) for column in frame)
    table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    with pyarrow.OSFile(str(file), "wb") as sink, pyarrow.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _without_leftovers(column: pl.Series) -> pl.Series:
    """The column; with its strings copied where a quarter of their bytes belongs to rows that are gone, which Polars
    keeps beside the others and Arrow would write each day again."""
    if column.dtype != pl.String:
        return column
    array = column.to_arrow(compat_level=pl.CompatLevel.newest())
    # The first two buffers are what is null, and the views, in which strings of up to twelve bytes lie themselves.
    held = sum(buffer.size for buffer in array.buffers()[2:] if buffer is not None)
    # What Polars tells of strings are their own bytes; counting them would take as long as copying.
    if held <= MOST_LEFTOVER * column.estimated_size():
        return column
    # In the older form strings lie one behind the other.
    return pl.Series(column.name, column.to_arrow(compat_level=pl.CompatLevel.oldest()))


def load(home: Path, inputs: str | None) -> Standing | None:
    """The state that stands for `inputs`; None where there is none."""
    if inputs is None:
        return None
    folder = home / FOLDER / _name(inputs)
    try:
        descriptions: _Descriptions = json.loads((folder / _DESCRIPTION).read_text())
        return Standing(**{name: _read(folder, name, descriptions[name]) for name in SCHEMAS})
    except (OSError, ValueError, KeyError, pyarrow.ArrowInvalid, pl.exceptions.PolarsError):
        # Not there, or cut off by the loss of power; it can be had again.
        return None


def _read(folder: Path, name: str, described: dict[str, Described]) -> pl.DataFrame:
    schema = SCHEMAS[name]
    columns = [
        read(column, schema[column], folder / f"{name}.{column}", of_it)
        for column, of_it in described.items()
    ]
    if len(columns) < len(schema) and (folder / f"{name}.arrow").exists():
        columns += mapped(folder / f"{name}.arrow").get_columns()
    frame = pl.DataFrame(columns)
    if name == "mentions" and "shown" not in frame.columns:
        frame = frame.with_columns(pl.col("key").alias("shown"))
    empty = [
        pl.lit(None, kind).alias(column) for column, kind in schema.items() if column not in frame.columns
    ]
    return typed(frame.with_columns(empty), schema)


def keep_only(home: Path, *inputs: str) -> None:
    """Remove the states that stand for other inputs than these, and what a killed run left."""
    for folder in (home / FOLDER).glob("*"):
        if folder.name not in map(_name, inputs):
            shutil.rmtree(folder, ignore_errors=True)


def _name(inputs: str) -> str:
    return inputs[-KEY_DIGITS:]

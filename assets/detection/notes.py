"""Notes: what detection knew of every item when it made its tables, so that a day costs what is new of it.

A cache beside the tables, never a source: it is used only where it says that the committed tables were made with it, by
these rules. Else it is left, and everything is looked at anew, which gives the same tables. It holds keys and words of
closed lists (places, signs), no text and no account's name.
"""

import json
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from assets.parsing.changes import PARTS, SIGHTINGS, UNITS, Seen

FOLDER = Path("work") / "detection"
_NAME = "notes.json"
# Held as numbers of a list of words: ten million items fit into memory so.
WORDS = pl.Categorical()
ITEMS: dict[str, pl.DataType] = {
    "item_id": pl.Binary(),
    "item_table": WORDS,
    "source": WORDS,
    "capture_id": pl.String(),
    "site": WORDS,
    "category": WORDS,
    "account_key": pl.UInt64(),
    "first_seen": pl.Date(),
    "last_seen": pl.Date(),
    "day": pl.Date(),
    "nationality": WORDS,
    "place": WORDS,
    "place_country": WORDS,
    "age": pl.Float64(),
    "template": pl.UInt64(),
    "clear_offer": pl.Boolean(),
    "states_price": pl.Boolean(),
    "actor_id": pl.Binary(),
    "contact": pl.UInt64(),
    "is_offer": pl.Boolean(),
}
SIGNS: dict[str, pl.DataType] = {"item_id": pl.Binary(), "indicator_id": WORDS}
MENTIONS: dict[str, pl.DataType] = {
    "item_id": pl.Binary(),
    "identifier_id": pl.Binary(),
    "kind": WORDS,
    "site": WORDS,
    "obscured": pl.Boolean(),
}
PASSED: dict[str, pl.DataType] = {"item_id": pl.Binary(), "country": WORDS}
OWNERS: dict[str, pl.DataType] = {"identifier_id": pl.Binary(), "actor_id": pl.Binary()}


@dataclass(frozen=True)
class Notes:
    """Frames with the schemas above: `items` (what each says, who posts it, how he is reached, what it offers), their
    `signs`, `mentions` (each identifier of an item once), countries `passed`, the `owners` of identifiers.

    `seen`: the parts and units that were looked at. `members_part`: newest part of `actor_members` then. `reviews`: ids
    of the decisions that were known.
    """

    items: pl.DataFrame
    signs: pl.DataFrame
    mentions: pl.DataFrame
    passed: pl.DataFrame
    owners: pl.DataFrame
    parts: pl.DataFrame
    units: pl.DataFrame
    sightings: pl.DataFrame
    members_part: int | None = None
    reviews: tuple[str, ...] = ()

    @property
    def seen(self) -> Seen:
        """The parts and units that were looked at."""
        return Seen(self.parts, self.units, self.sightings)

    def with_seen(self, seen: Seen) -> "Notes":
        """The notes after another look."""
        return replace(self, parts=seen.parts, units=seen.units, sightings=seen.sightings)


_FRAMES = {
    "items": ITEMS,
    "signs": SIGNS,
    "mentions": MENTIONS,
    "passed": PASSED,
    "owners": OWNERS,
    "parts": PARTS,
    "units": UNITS,
    "sightings": SIGHTINGS,
}


def no_notes() -> Notes:
    """The notes before anything was looked at."""
    return _notes({name: pl.DataFrame(schema=schema) for name, schema in _FRAMES.items()})


def _notes(frames: Mapping[str, pl.DataFrame]) -> Notes:
    return Notes(
        items=frames["items"],
        signs=frames["signs"],
        mentions=frames["mentions"],
        passed=frames["passed"],
        owners=frames["owners"],
        parts=frames["parts"],
        units=frames["units"],
        sightings=frames["sightings"],
    )


def noted(frame: pl.DataFrame, schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The frame's columns as notes hold them."""
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def in_words(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with words (String) in place of their numbers."""
    return frame.with_columns(pl.col(WORDS).cast(pl.String))


def read_notes(home: Path, *, inputs: str | None, rules: str) -> Notes | None:
    """The notes that were taken when the tables were made from `inputs` by `rules`; None where there are no such."""
    try:
        told = json.loads((home / FOLDER / _NAME).read_text(encoding="utf-8"))
        if inputs is None or (told["inputs"], told["rules"]) != (inputs, rules):
            return None
        folder = home / FOLDER / told["folder"]
        frames = {name: pl.read_ipc(folder / f"{name}.arrow") for name in _FRAMES}
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        return None
    if any(dict(frames[name].schema) != schema for name, schema in _FRAMES.items()):
        return None
    return replace(_notes(frames), members_part=told["members_part"], reviews=tuple(told["reviews"]))


@dataclass(frozen=True)
class Draft:
    """Notes on disk that nobody reads before they are `confirmed`."""

    home: Path
    folder: str
    told: Mapping[str, object]

    def confirm(self) -> None:
        """Let these be the notes from now on: the tables that go with them are committed."""
        base = self.home / FOLDER
        temporary = base / f".{self.folder}.json"
        temporary.write_text(json.dumps(self.told), encoding="utf-8")
        temporary.replace(base / _NAME)
        for other in base.iterdir():
            if other.is_dir() and other.name != self.folder:
                shutil.rmtree(other, ignore_errors=True)


def write_notes(home: Path, notes: Notes, *, inputs: str, rules: str) -> Draft:
    """Write the notes that go with tables made from `inputs` by `rules`, to be confirmed once these are committed."""
    name = uuid.uuid4().hex
    folder = home / FOLDER / name
    folder.mkdir(parents=True, mode=0o700)
    for frame in _FRAMES:
        getattr(notes, frame).write_ipc(folder / f"{frame}.arrow")
    told = {
        "inputs": inputs,
        "rules": rules,
        "folder": name,
        "members_part": notes.members_part,
        "reviews": list(notes.reviews),
    }
    return Draft(home, name, told)

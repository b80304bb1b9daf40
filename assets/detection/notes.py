"""Notes: what detection knew of every item when it made its tables, so that a day costs what is new of it.

A cache beside the tables, never a source: it is used only where it says that the committed tables were made with it, by
these rules. Else it is left, and everything is looked at anew, which gives the same tables. It holds keys and words of
closed lists (places, signs), no text and no account's name.
"""

import json
import shutil
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow
import pyarrow.ipc

from assets.detection.numbering import NUMBER, WORD, places
from assets.parsing.changes import PARTS, SIGHTINGS, UNITS, Seen

FOLDER = Path("work") / "detection"
_NAME = "notes.json"
WORDS = {"word": pl.String()}
ITEMS: dict[str, pl.DataType] = {
    "item_id": pl.Binary(),
    "item_table": WORD,
    "source": WORD,
    "capture_id": pl.String(),
    "site": WORD,
    "category": WORD,
    "account_key": pl.UInt64(),
    "first_seen": pl.Date(),
    "last_seen": pl.Date(),
    "day": pl.Date(),
    "nationality": WORD,
    "place": WORD,
    "place_country": WORD,
    "age": pl.Float64(),
    "template": pl.UInt64(),
    "clear_offer": pl.Boolean(),
    "states_price": pl.Boolean(),
    "actor": NUMBER,
    "contact": pl.UInt64(),
    "is_offer": pl.Boolean(),
}
IDENTIFIERS: dict[str, pl.DataType] = {"identifier_id": pl.Binary(), "kind": WORD, "uses": pl.Int64()}
ACTORS = {"actor_id": pl.Binary()}
SIGNS: dict[str, pl.DataType] = {"item": NUMBER, "indicator_id": WORD}
MENTIONS: dict[str, pl.DataType] = {
    "item": NUMBER,
    "identifier": NUMBER,
    "site": WORD,
    "obscured": pl.Boolean(),
}
PASSED: dict[str, pl.DataType] = {"item": NUMBER, "country": WORD}
MEMBERS: dict[str, pl.DataType] = {
    "is_item": pl.Boolean(),
    "member": NUMBER,
    "actor": NUMBER,
    "stands": pl.Boolean(),
}
MEMBER_PARTS = {"part_id": pl.Int64(), "path": pl.String(), "rows": pl.Int64()}
SITES: dict[str, pl.DataType] = {"site": WORD, "site_offers": pl.Boolean()}
WORD_COLUMNS = (
    *("item_table", "source", "site", "category", "nationality", "place", "place_country"),
    *("kind", "indicator_id", "country"),
)


@dataclass(frozen=True)
class Notes:
    """Frames with the schemas above, in which items, identifiers, actors and words are numbers: their places in the
    frames of these.

    `items`: what each says, who posts it, how he is reached, what it offers. `identifiers` with how many items show
    each. `signs`, `mentions` (each identifier of an item once) and countries `passed` of items. `members`: the rows of
    `actor_members` in the order of its parts (`member_parts`), with what no longer `stands`. `sites`: whether most of a
    site's items offer work. `parts`, `units`, `sightings`: what was looked at. `reviews`: ids of the decisions that
    were known.
    """

    words: pl.DataFrame
    items: pl.DataFrame
    identifiers: pl.DataFrame
    actors: pl.DataFrame
    signs: pl.DataFrame
    mentions: pl.DataFrame
    passed: pl.DataFrame
    members: pl.DataFrame
    member_parts: pl.DataFrame
    sites: pl.DataFrame
    parts: pl.DataFrame
    units: pl.DataFrame
    sightings: pl.DataFrame
    removals_part: int = 0
    reviews: tuple[str, ...] = ()

    @property
    def seen(self) -> Seen:
        """The parts and units that were looked at."""
        return Seen(self.parts, self.units, self.sightings)

    def with_seen(self, seen: Seen) -> "Notes":
        """The notes after another look."""
        return replace(self, parts=seen.parts, units=seen.units, sightings=seen.sightings)

    def in_words(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with words (String) and keys in place of their numbers: `item_id`, `identifier_id`, `actor_id`
        for `item`, `identifier`, `actor`."""
        words = self.words["word"]
        told = [words.gather(frame[name]).alias(name) for name in WORD_COLUMNS if name in frame.columns]
        keys = {"item": self.items["item_id"], "identifier": self.identifiers["identifier_id"]}
        keys["actor"] = self.actors["actor_id"]
        held = [name for name in keys if name in frame.columns]
        told += [keys[name].gather(frame[name]).alias(f"{name}_id") for name in held]
        return frame.with_columns(told).drop(held)

    def words_in(self, listed: Collection[str]) -> pl.Series:
        """The numbers of these words, of those that are known."""
        return places(self.words["word"], pl.Series(listed, dtype=pl.String))["place"]


_FRAMES: dict[str, Mapping[str, pl.DataType]] = {
    "words": WORDS,
    "items": ITEMS,
    "identifiers": IDENTIFIERS,
    "actors": ACTORS,
    "signs": SIGNS,
    "mentions": MENTIONS,
    "passed": PASSED,
    "members": MEMBERS,
    "member_parts": MEMBER_PARTS,
    "sites": SITES,
    "parts": PARTS,
    "units": UNITS,
    "sightings": SIGHTINGS,
}


def no_notes() -> Notes:
    """The notes before anything was looked at."""
    return _notes({name: pl.DataFrame(schema=schema) for name, schema in _FRAMES.items()})


def _notes(frames: Mapping[str, pl.DataFrame], removals_part: int = 0, reviews: Sequence[str] = ()) -> Notes:
    held: dict[str, Any] = {name: frames[name] for name in _FRAMES}
    return Notes(**held, removals_part=removals_part, reviews=tuple(reviews))


def read_notes(home: Path, *, inputs: str | None, rules: str) -> Notes | None:
    """The notes that were taken when the tables were made from `inputs` by `rules`; None where there are no such."""
    try:
        told = json.loads((home / FOLDER / _NAME).read_text(encoding="utf-8"))
        if inputs is None or (told["inputs"], told["rules"]) != (inputs, rules):
            return None
        folder = home / FOLDER / told["folder"]
        frames = {name: _mapped(folder / f"{name}.arrow") for name in _FRAMES}
    except (OSError, ValueError, KeyError, pyarrow.ArrowException, pl.exceptions.PolarsError):
        return None
    if any(dict(frames[name].schema) != schema for name, schema in _FRAMES.items()):
        return None
    return _notes(frames, told["removals_part"], told["reviews"])


def _mapped(file: Path) -> pl.DataFrame:
    """A frame that lies in its file: what of it is looked at is read, and may be read after the file's name is gone."""
    with pyarrow.memory_map(str(file)) as source:
        frame = pl.from_arrow(pyarrow.ipc.open_file(source).read_all())
    assert isinstance(frame, pl.DataFrame)
    return frame


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
        "removals_part": notes.removals_part,
        "reviews": list(notes.reviews),
    }
    return Draft(home, name, told)

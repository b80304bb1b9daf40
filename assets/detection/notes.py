"""Notes: what detection knew of every item when it made its tables, so that a day costs what is new of it.

A cache beside the tables, never a source: it is used only where it says that the committed tables were made with it, by
these rules. Else it is left, and everything is looked at anew, which gives the same tables. It holds keys and words of
closed lists (places, signs), no text and no account's name.
"""

import json
import os
import shutil
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow

from assets.detection.numbering import NUMBER, WORD, found, index_of, marked, marks, ordered, places
from assets.detection.series import SERIES, SITE_DAYS, Known
from assets.parsing.changes import PARTS, SIGHTINGS, UNITS, Seen
from quality.contracts.detection import LEAD_TYPES
from warehouse.mapped_frames import mapped

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
    "poster": pl.UInt64(),
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
    "series": NUMBER,
    "stands": pl.Boolean(),
    "actor": NUMBER,
    "contact": pl.UInt64(),
    "is_offer": pl.Boolean(),
    "is_newcomer": pl.Boolean(),
}
IDENTIFIERS: dict[str, pl.DataType] = {"identifier_id": pl.Binary(), "kind": WORD, "uses": pl.UInt32()}
ACTORS = {"actor_id": pl.Binary()}
SIGNS: dict[str, pl.DataType] = {"item": NUMBER, "indicator_id": WORD}
MENTIONS: dict[str, pl.DataType] = {
    "item": NUMBER,
    "identifier": NUMBER,
    "site": WORD,
    "obscured": pl.Boolean(),
}
ROUTES: dict[str, pl.DataType] = {"item": NUMBER, "part": WORD, "country": WORD}
MEMBERS: dict[str, pl.DataType] = {
    "is_item": pl.Boolean(),
    "member": NUMBER,
    "actor": NUMBER,
    "stands": pl.Boolean(),
}
MEMBER_PARTS = {"part_id": pl.Int64(), "path": pl.String(), "rows": pl.Int64()}
SITES: dict[str, pl.DataType] = {
    "site": WORD,
    "items": pl.Int64(),
    "adult": pl.Int64(),
    "clear": pl.Int64(),
    "offers": pl.Int64(),
}
# `type`: its place in the list of types; `subject`: the number of an item, actor or identifier (0 of a site).
LEADS: dict[str, pl.DataType] = {"lead_id": pl.Binary(), "type": pl.UInt8(), "subject": NUMBER}
# Of handles with a narrow circle what is said of it (`circles.narrow_circles`), and of those that make most of rises
# how many these are (`common_contacts.contacts_behind`); null of others.
CIRCLES: dict[str, pl.DataType] = {
    "identifier": NUMBER,
    "posters": pl.Int64(),
    "told": pl.String(),
    "rises": pl.Int64(),
}
# A row of evidence: the first eight bytes of its lead's id, its item by number.
EVIDENCE: dict[str, pl.DataType] = {"lead": pl.UInt64(), "item": NUMBER, "signs": pl.UInt32()}
OF_AN_ITEM = LEAD_TYPES.index("potential_victim")
WORD_COLUMNS = (
    *("item_table", "source", "site", "category", "nationality", "place", "place_country"),
    *("kind", "indicator_id", "part", "country"),
)


# Frames whose rows stay as they are, new ones coming behind: what was written of them is not written again. What may
# change of a row (`_CHANGING`) lies beside it.
_GROWING = (
    *("items", "identifiers", "actors", "signs", "mentions", "routes"),
    *("members", "series", "sightings"),
)
_CHANGING = {
    "items": ("stands", "actor", "contact", "is_offer", "is_newcomer"),
    "identifiers": ("uses",),
    "members": ("member", "stands"),
    "series": ("items", "may_alarm", "newcomers", "newcomers_may_alarm"),
}
_KEYS = {"items": "item_id", "identifiers": "identifier_id", "actors": "actor_id"}
# Frames that grow are written anew when they lie in so many files; items when this share of the rows stands no more.
MOST_FILES = 16
MOST_GONE = 0.25


@dataclass(frozen=True)
class Stored:
    """The files that hold the first rows of a frame that grows, with the number of rows in each, and the orders of its
    keys (`numbering.ordered`), of as many rows, where it has keys."""

    files: tuple[tuple[Path, int], ...] = ()
    orders: tuple[pl.DataFrame, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows they hold."""
        return sum(rows for _, rows in self.files)


@dataclass(frozen=True)
class Notes:
    """Frames with the schemas above, in which items, identifiers, actors and words are numbers: their places in the
    frames of these.

    `items`: what each says, who posts it, how he is reached, what it offers, whether it is a newcomer (`newcomers`);
    the rows of items that are gone or were read again, behind the others, no longer stand: they have no actor, and
    nothing else that is said counts them.
    `identifiers` with how many items show each. `signs`, `mentions` (each identifier of an item once) and countries
    `routes` of items, in order of items, these standing or not. `members`: the rows of `actor_members` in the order of
    its parts (`member_parts`), with what no longer `stands`. `sites`: how many items a site has, of adult
    advertisements, and that clearly offer work or not, and do. `parts`, `units`, `sightings`: what was looked at.
    `series`, `site_days`, `rises_until`: what is known of series (`rises_known`). `circles`: who shows a handle.
    `leads`: those in the tables. `reviews`: ids of the decisions that were known. `stored`: what of frames that grow
    lies in files already.
    """

    words: pl.DataFrame
    items: pl.DataFrame
    identifiers: pl.DataFrame
    actors: pl.DataFrame
    signs: pl.DataFrame
    mentions: pl.DataFrame
    routes: pl.DataFrame
    members: pl.DataFrame
    member_parts: pl.DataFrame
    sites: pl.DataFrame
    parts: pl.DataFrame
    units: pl.DataFrame
    sightings: pl.DataFrame
    series: pl.DataFrame
    site_days: pl.DataFrame
    circles: pl.DataFrame
    leads: pl.DataFrame
    evidence: pl.DataFrame
    rises_until: date | None = None
    removals_part: int = 0
    reviews: tuple[str, ...] = ()
    stored: Mapping[str, Stored] = field(default_factory=dict)

    @property
    def seen(self) -> Seen:
        """The parts and units that were looked at."""
        return Seen(self.parts, self.units, self.sightings)

    def with_seen(self, seen: Seen) -> "Notes":
        """The notes after another look."""
        return replace(self, parts=seen.parts, units=seen.units, sightings=seen.sightings)

    @property
    def rises_known(self) -> Known:
        """What is known of the series of items."""
        return Known(self.series, self.site_days, self.rises_until)

    def with_rises_known(self, known: Known) -> "Notes":
        """The notes after another look at the series."""
        return replace(self, series=known.series, site_days=known.site_days, rises_until=known.until)

    def orders(self, frame: str) -> tuple[pl.DataFrame, ...]:
        """The orders of the keys of `items`, `identifiers` or `actors`, as far as there are."""
        return self.stored[frame].orders if frame in self.stored else ()

    def standing(self, item_ids: pl.Series) -> pl.DataFrame:
        """The rows of these items that stand: key, place."""
        placed = found(self.items["item_id"], self.orders("items"), item_ids)
        return placed.filter(self.items["stands"].gather(placed["place"]))

    def in_words(self, frame: pl.DataFrame, *, listed: bool = False) -> pl.DataFrame:
        """The frame with words (String, or Enum of the words that are `listed`) and keys in place of their numbers:
        `item_id`, `identifier_id`, `actor_id` for `item`, `identifier`, `actor`."""
        words = self.words["word"]
        if listed:
            words = words.cast(pl.Enum(words))
        told = [words.gather(frame[name]).alias(name) for name in WORD_COLUMNS if name in frame.columns]
        keys = {"item": self.items["item_id"], "identifier": self.identifiers["identifier_id"]}
        keys["actor"] = self.actors["actor_id"]
        held = [name for name in keys if name in frame.columns]
        told += [keys[name].gather(frame[name]).alias(f"{name}_id") for name in held]
        return frame.with_columns(told).drop(held)

    def words_in(self, listed: Collection[str]) -> pl.Series:
        """The numbers of these words, of those that are known."""
        return places(self.words["word"], pl.Series(listed, dtype=pl.String))["place"]

    def of_kinds(self, kinds: Collection[str]) -> np.ndarray:
        """Which identifiers are of these kinds (bool, by number)."""
        words = self.words.height
        is_kind = marked(marks(words, self.words_in(kinds)))
        return is_kind(index_of(self.identifiers["kind"], words))


_FRAMES: dict[str, Mapping[str, pl.DataType]] = {
    "words": WORDS,
    "items": ITEMS,
    "identifiers": IDENTIFIERS,
    "actors": ACTORS,
    "signs": SIGNS,
    "mentions": MENTIONS,
    "routes": ROUTES,
    "members": MEMBERS,
    "member_parts": MEMBER_PARTS,
    "sites": SITES,
    "parts": PARTS,
    "units": UNITS,
    "sightings": SIGHTINGS,
    "series": SERIES,
    "site_days": SITE_DAYS,
    "circles": CIRCLES,
    "leads": LEADS,
    "evidence": EVIDENCE,
}


def no_notes() -> Notes:
    """The notes before anything was looked at."""
    return _notes({name: pl.DataFrame(schema=schema) for name, schema in _FRAMES.items()})


def _notes(
    frames: Mapping[str, pl.DataFrame],
    told: Mapping[str, Any] | None = None,
    stored: Mapping[str, Stored] | None = None,
) -> Notes:
    held: dict[str, Any] = {name: frames[name] for name in _FRAMES}
    if told is None:
        return Notes(**held)
    until = date.fromisoformat(told["rises_until"]) if told["rises_until"] else None
    return Notes(
        **held,
        rises_until=until,
        removals_part=told["removals_part"],
        reviews=tuple(told["reviews"]),
        stored=stored or {},
    )


def compacted(notes: Notes) -> Notes:
    """The notes without the rows of items that stand no more, if they are many."""
    stands = notes.items["stands"].to_numpy()
    if (~stands).sum() <= MOST_GONE * len(stands):
        return notes
    numbers = np.append(np.cumsum(stands) - 1, 0).astype(np.uint32)
    about = {}
    for name in ("signs", "mentions", "routes", "evidence"):
        frame = getattr(notes, name)
        item = frame["item"].to_numpy()
        about[name] = frame.with_columns(pl.Series("item", numbers[item])).filter(pl.Series(stands[item]))
    member = pl.Series(
        "member", numbers[notes.members["member"].fill_null(len(stands)).clip(0, len(stands)).to_numpy()]
    )
    is_known_item = pl.col("is_item") & pl.col("member").is_not_null()
    members = notes.members.with_columns(
        pl.when(is_known_item).then(member).otherwise("member").alias("member")
    )
    subject = np.append(numbers, 0)[np.minimum(notes.leads["subject"].to_numpy(), len(stands))]
    leads = notes.leads.with_columns(
        pl.when(pl.col("type") == OF_AN_ITEM)
        .then(pl.Series(subject, dtype=NUMBER))
        .otherwise("subject")
        .alias("subject")
    )
    return replace(
        notes,
        items=notes.items.filter("stands"),
        members=members,
        leads=leads,
        stored={name: each for name, each in notes.stored.items() if name not in ("items", *about)},
        **about,
    )


def read_notes(home: Path, *, inputs: str | None, rules: str) -> Notes | None:
    """The notes that were taken when the tables were made from `inputs` by `rules`; None where there are no such."""
    try:
        told = json.loads((home / FOLDER / _NAME).read_text(encoding="utf-8"))
        if inputs is None or (told["inputs"], told["rules"]) != (inputs, rules):
            return None
        folder = home / FOLDER / told["folder"]
        stored = {name: _stored(folder, name, told["files"][name]) for name in _GROWING}
        frames = {name: _frame(folder, name, stored.get(name)) for name in _FRAMES}
    except (OSError, ValueError, KeyError, pyarrow.ArrowException, pl.exceptions.PolarsError):
        return None
    if any(dict(frames[name].schema) != schema for name, schema in _FRAMES.items()):
        return None
    return _notes(frames, told, stored)


def _stored(folder: Path, name: str, files: Sequence[Sequence[Any]]) -> Stored:
    held = tuple((folder / file, int(rows)) for file, rows in files)
    orders = tuple(mapped(_order_of(file)) for file, _ in held) if name in _KEYS else ()
    return Stored(held, orders)


def _frame(folder: Path, name: str, stored: Stored | None) -> pl.DataFrame:
    if stored is None:
        return mapped(folder / f"{name}.arrow")
    frame = pl.concat([mapped(file) for file, _ in stored.files])
    if frame.height != stored.rows or sum(order.height for order in stored.orders) not in (0, stored.rows):
        raise ValueError("files of other rows than were written")
    if name in _CHANGING:
        frame = frame.hstack(mapped(folder / f"{name}_now.arrow"))
    # By `select` the columns, which lie in other chunks than each other, would be copied to lie in one.
    return frame[list(_FRAMES[name])]


def _order_of(file: Path) -> Path:
    return file.with_suffix(".order.arrow")


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
    """Write the notes that go with tables made from `inputs` by `rules`, to be confirmed once these are committed.

    Files that hold the first rows of a frame get a further name in the new folder; what is behind them is written.
    """
    name = uuid.uuid4().hex
    folder = home / FOLDER / name
    folder.mkdir(parents=True, mode=0o700)
    files = {}
    for frame in _FRAMES:
        rows = getattr(notes, frame)
        if frame in _GROWING:
            files[frame] = _grown(folder, frame, rows, notes.stored.get(frame, Stored()))
            rows = rows[list(_CHANGING[frame])] if frame in _CHANGING else None
        if rows is not None:
            _write(rows, folder / (f"{frame}_now.arrow" if frame in _CHANGING else f"{frame}.arrow"))
    told = {
        "inputs": inputs,
        "rules": rules,
        "folder": name,
        "rises_until": notes.rises_until.isoformat() if notes.rises_until else None,
        "removals_part": notes.removals_part,
        "reviews": list(notes.reviews),
        "files": files,
    }
    return Draft(home, name, told)


def _grown(folder: Path, name: str, rows: pl.DataFrame, stored: Stored) -> list[tuple[str, int]]:
    """The files of a frame that grows, in the new folder, with their numbers of rows."""
    held = stored.files if len(stored.files) < MOST_FILES else ()
    before = sum(count for _, count in held)
    files = [(f"{name}.{number}.arrow", count) for number, (_, count) in enumerate(held)]
    for (file, _), (other, _) in zip(held, files, strict=True):
        _name_again(file, folder / other)
        if name in _KEYS:
            _name_again(_order_of(file), _order_of(folder / other))
    if rows.height > before or not files:
        new = folder / f"{name}.{len(files)}.arrow"
        behind = rows[before:].select(
            column for column in rows.columns if column not in _CHANGING.get(name, ())
        )
        _write(behind, new)
        if name in _KEYS:
            _write(ordered(behind[_KEYS[name]], before), _order_of(new))
        files.append((new.name, behind.height))
    return files


def _write(frame: pl.DataFrame, file: Path) -> None:
    # In one piece: an array of a column that lies in several would be a copy of it.
    frame.write_ipc(file, record_batch_size=max(frame.height, 1))


def _name_again(file: Path, other: Path) -> None:
    try:
        os.link(file, other)
    except OSError:
        # Not every file system gives a file two names.
        shutil.copyfile(file, other)

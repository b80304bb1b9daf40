"""The lists that we hold: captured notices, one list a source, and watch-list files dropped into the home's folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.house import House
from assets.parsing.current import current_table
from assets.screening.names import is_full_name
from assets.screening.queries import PERSON
from assets.screening.subjects import (
    KEYS_SCHEMA,
    PERSONS_SCHEMA,
    ListError,
    Subjects,
    listed_person,
    read_subjects,
)

FOLDER = "watchlists"
FILE = "file"
# Kinds of keys of a list that a query of a kind can meet; a list without one of them says nothing of such a query.
_MET_BY = {
    "phone": ("phone",),
    "email": ("email",),
    "messenger": ("messenger", "username"),
    "username": ("username",),
    "url": ("url", "domain"),
    "crypto": ("crypto",),
}
_NOTICE_COLUMNS = (
    *("item_id", "source", "unit_date", "notice_id", "name", "forename", "birth_date", "nationalities"),
    *("notice_kind", "content_sha256"),
)
_MOST_BYTES = 500_000_000


@dataclass(frozen=True)
class WatchList:
    """One list as it stands. `kind`: wanted, missing or other (notices), or file; `version`: SHA-256 of its entries."""

    name: str
    kind: str
    version: str
    entries: Subjects


def read_lists(house: House) -> tuple[list[WatchList], set[str]]:
    """The lists, by name, and the names of files that cannot be read as they are (said in the log, without values)."""
    lists = _notice_lists(house)
    broken: set[str] = set()
    for file in watch_list_files(house.home):
        name = f"{FILE}:{file.stem}"
        try:
            lists.append(WatchList(name, FILE, file_version(file), read_subjects(read_table(file))))
        except ListError as error:
            broken.add(name)
            house.log.warning(f"watch-list {file.name}: {error}; what was found in it before stands")
    return lists, broken


def answerable(entries: Subjects) -> list[str]:
    """The kinds of queries that a list can answer: those its entries have keys for, `person` if any has a full name."""
    held = set(entries.keys["kind"].unique())
    kinds = [kind for kind, keys in _MET_BY.items() if held & set(keys)]
    names = entries.persons["names"].explode().drop_nulls()
    return [*kinds, PERSON] if any(is_full_name(name) for name in names) else kinds


def watch_list_files(home: Path) -> list[Path]:
    """CSV files in the home's folder `watchlists`, by name; hidden files, and links that lead out of it, left out."""
    folder = home / FOLDER
    inside = folder.resolve()
    return sorted(
        file
        for file in folder.glob("*")
        if file.suffix.lower() == ".csv"
        and not file.name.startswith(".")
        and file.is_file()
        and file.resolve().is_relative_to(inside)
    )


def file_version(file: Path) -> str:
    """SHA-256 of a file's bytes."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_table(file: Path) -> pl.DataFrame:
    """A CSV file in UTF-8, apart by comma or semicolon, every column as strings. Raises `ListError`."""
    if file.stat().st_size > _MOST_BYTES:
        raise ListError(f"more than {_MOST_BYTES:,} bytes: split it")
    with file.open("rb") as handle:
        head = handle.readline(100_000)
    separator = ";" if head.count(b";") > head.count(b",") else ","
    try:
        return pl.read_csv(file, infer_schema=False, separator=separator)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        # The library's own words would quote the row.
        raise ListError(
            "not a CSV table in UTF-8 with one header line and equally many fields a line"
        ) from None


def _notice_lists(house: House) -> list[WatchList]:
    notices = current_table(house.store, "notices", _NOTICE_COLUMNS)
    lists = []
    for (source,), rows in sorted(notices.group_by("source"), key=lambda group: str(group[0][0])):
        ordered = rows.sort("item_id")
        version = hashlib.sha256()
        for item, digest in ordered.select("item_id", "content_sha256").iter_rows():
            version.update(f"{item}|{digest}\n".encode())
        entries = Subjects(_notice_persons(ordered), pl.DataFrame(schema=KEYS_SCHEMA))
        kind = str(ordered["notice_kind"].max())
        lists.append(WatchList(f"notices:{source}", kind, version.hexdigest(), entries))
    return lists


def _notice_persons(notices: pl.DataFrame) -> pl.DataFrame:
    rows = []
    columns = ("item_id", "forename", "name", "birth_date", "nationalities")
    for item, forename, name, born, nationalities in notices.select(columns).iter_rows():
        full = " ".join(part for part in (forename, name) if part)
        rows.append(listed_person(item, [full] if full else [], born, list(nationalities or [])))
    return pl.DataFrame(rows, schema=PERSONS_SCHEMA)

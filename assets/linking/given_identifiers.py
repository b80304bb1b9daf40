"""Identifiers that somebody gives in columns, brought to the form in which extraction gives those of texts.

A value that extraction cannot read (a national number without a country, a name of several words) is kept as it is
written, folded, and is the same as nothing but itself.
"""

import re

import orjson
import polars as pl

from assets.extraction.identifiers import extract_identifiers
from assets.extraction.image_addresses import image_value
from assets.extraction.normalise import normalise
from assets.extraction.phone_validity import FEWEST_DIGITS, read_phone
from assets.extraction.web_addresses import canonical_url

MENTIONS = {"item_id": pl.String(), "kind": pl.String(), "value": pl.String(), "read_from": pl.String()}
_READ = {"kind": pl.String(), "value": pl.String(), "state": pl.String()}
# What programs and people write where there is nothing; pandas' list of such words, and what people add.
_NOTHING = frozenset(
    (
        "n/a",
        "#n/a",
        "na",
        "<na>",
        "#na",
        "nan",
        "-nan",
        "null",
        "none",
        "nil",
        "no",
        "unknown",
        "anonymous",
        "-",
    )
) | {"--", "?", ".", "x"}
# What becomes of a value; all but READ are told.
READ, NATIONAL, AS_WRITTEN, EMPTY, ROUNDED = "read", "national", "as_written", "empty", "rounded"
_LIST = re.compile(r"\s*[;|\n]\s*")
_COMMAS = re.compile(r"\s*,\s*")
_ADDRESS = re.compile(r"(?:https?|ftp)://|www\.", re.IGNORECASE)
_ADDRESSES = re.compile(rf"\s*[;|,\s]\s*(?={_ADDRESS.pattern})", re.IGNORECASE)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?")
_PHONE_SIGNS = re.compile(r"[+(]?[\d\s().\-/+]+", re.ASCII)
# A whole number as programs write it that take numbers for measures, and one that has lost its last digits.
_DECIMAL = re.compile(r"(\d+)\.0")
_ROUNDED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_NAME = re.compile(r"@?([^\s/:@]+)")
_GMAIL = r"^([^@+]+)(?:\+[^@]*)?@(?:gmail|googlemail)\.com$"
_MOST_FORGOTTEN_DIGITS = 4


def read_cells(cells: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The identifiers in cells, and notes on what was kept as written or left out.

    `cells`: item_id, region, column, kind, cell (String), as of `given_table.GivenTable`. Returns item_id, kind, value,
    read_from (the column), each once. Several values in one cell are parted by semicolons, bars or line breaks, by
    commas where the kind of value has none, or written as a list of JSON.
    """
    different = cells.select("kind", "cell", "region").unique(maintain_order=True)
    rows = [
        (place, kind, part, region)
        for place, (kind, cell, region) in enumerate(different.iter_rows())
        for part in parts_of(kind, cell)
    ]
    parts = pl.DataFrame(
        rows,
        schema={"place": pl.UInt32, "kind": pl.String, "part": pl.String, "region": pl.String},
        orient="row",
    )
    read = _read(parts.select("kind", "part", "region").unique(maintain_order=True))
    of_place = parts.join(
        read, on=["kind", "part", "region"], nulls_equal=True, maintain_order="left"
    ).select("place", pl.col("read_kind"), "value", "state")
    found = (
        cells.join(
            different.with_row_index("place"),
            on=["kind", "cell", "region"],
            nulls_equal=True,
            maintain_order="left",
        )
        .join(of_place, on="place", maintain_order="left")
        .select(
            "item_id",
            pl.col("read_kind").alias("kind"),
            "value",
            pl.col("column").alias("read_from"),
            "state",
        )
    )
    return found.drop_nulls("value").select(*MENTIONS).unique(maintain_order=True), _notes(found)


def parts_of(kind: str, cell: str) -> list[str]:
    """The values in one cell. A comma parts values where no value of the kind has one; in addresses only where another
    address begins."""
    if cell.startswith("[") and cell.endswith("]"):
        try:
            listed = orjson.loads(cell)
        except orjson.JSONDecodeError:
            listed = None
        if isinstance(listed, list) and all(isinstance(value, str | int) for value in listed):
            return [text for value in listed if (text := str(value).strip())]
    if kind in ("url", "image") and _ADDRESS.search(cell) is not None:
        parts = _ADDRESSES.split(cell)
    else:
        parts = _LIST.split(cell)
        parts = [
            piece for part in parts for piece in (_COMMAS.split(part) if _commas_part(kind, part) else [part])
        ]
    return [part for piece in parts if (part := piece.strip())]


def compared(value: str = "value", kind: str = "kind") -> pl.Expr:
    """The value by which identifiers are compared: of Gmail's addresses the mailbox that they all reach.

    Gmail ignores dots in the name, what follows a plus, and calls googlemail.com the same (Google, Gmail Help: "Dots
    don't matter in Gmail addresses"; RFC 5233 for the plus). Everything else is compared as it is.
    """
    name = pl.col(value).str.extract(_GMAIL, 1).str.replace_all(".", "", literal=True)
    return (
        pl.when((pl.col(kind) == "email") & name.is_not_null() & (name != ""))
        .then(name + pl.lit("@gmail.com"))
        .otherwise(pl.col(value))
    )


def _commas_part(kind: str, cell: str) -> bool:
    parts = [part for part in _COMMAS.split(cell) if part]
    if kind == "phone":
        return all(sum(map(str.isdecimal, part)) >= FEWEST_DIGITS for part in parts)
    if kind == "username":
        # "Garcia, Ana" is one name.
        return all(part.startswith("@") for part in parts)
    if kind == "messenger":
        return all(re.search(r"[:/@]", part) is not None for part in parts)
    if kind == "url":
        return all(_HOST.fullmatch(part) is not None for part in parts)
    return kind != "image"


def _read(parts: pl.DataFrame) -> pl.DataFrame:
    """What each part says: kind, part, region, read_kind, value, state (`READ` …); several rows where it says more."""
    rows: list[tuple[int, str, str | None, str]] = []
    asked: list[tuple[int, str, str, str | None]] = []
    for place, (kind, part, region) in enumerate(parts.iter_rows()):
        own = _own_reading(kind, normalise(part).strip(), region)
        if own is None:
            asked.append((place, kind, part, region))
        else:
            rows.append((place, kind, *own))
    rows += _by_extraction(asked)
    read = pl.DataFrame(
        rows,
        schema={"place": pl.UInt32, "read_kind": pl.String, "value": pl.String, "state": pl.String},
        orient="row",
    )
    file = (pl.col("read_kind") == "image") & pl.col("value").str.contains("://", literal=True)
    read = read.with_columns(
        pl.when(file).then(image_value(pl.col("value"))).otherwise("value").alias("value")
    )
    return parts.with_row_index("place").join(read, on="place", maintain_order="left").drop("place")


def _own_reading(kind: str, part: str, region: str | None) -> tuple[str | None, str] | None:
    """Value and state of a part that is nothing but a value; None where extraction has to look at it."""
    if part.lower() in _NOTHING:
        return None, EMPTY
    if kind == "phone":
        return _phone(part, region)
    if kind == "username":
        if (name := _NAME.fullmatch(part)) is not None:
            return name[1].lower(), READ
        return (_as_written(kind, part), READ) if not re.search(r"[/:@]", part) else None
    if kind == "image":
        return part, READ
    return None


def _phone(part: str, region: str | None) -> tuple[str | None, str] | None:
    if _ROUNDED.fullmatch(part) is not None:
        return None, ROUNDED
    if (decimal := _DECIMAL.fullmatch(part)) is not None:
        part = decimal[1]
    if _PHONE_SIGNS.fullmatch(part) is None:
        return None if any(map(str.isdecimal, part)) else (None, EMPTY)
    digits = "".join(filter(str.isdecimal, part))
    abroad = part.lstrip("( ").startswith("+")
    # Whoever puts a number into a column for numbers says that it is one.
    value = read_phone(digits, abroad, region, trusted=region is not None)
    if value is not None:
        return value, READ
    if len(digits) <= _MOST_FORGOTTEN_DIGITS:
        return None, EMPTY
    if part.count("+") > 1 or "(0)" in part or "/" in part or len(digits) > 15:
        return None
    return _digits_alone(part, region)


def _by_extraction(asked: list[tuple[int, str, str, str | None]]) -> list[tuple[int, str, str | None, str]]:
    """Place, kind, value and state of what extraction reads in parts (place, kind, part, region).

    What is of the column's kind goes first; else whatever is found counts, an address of Telegram among URLs say.
    """
    texts = pl.DataFrame(
        [(str(place), part, region) for place, _, part, region in asked],
        schema={"id": pl.String, "text": pl.String, "region": pl.String},
        orient="row",
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for place, kind, value in extract_identifiers(texts).select("id", "kind", "value").iter_rows():
        found.setdefault(int(place), []).append((kind, value))
    rows: list[tuple[int, str, str | None, str]] = []
    for place, kind, part, region in asked:
        mentions = found.get(place, [])
        own = [mention for mention in mentions if mention[0] == kind]
        for read_kind, value in dict.fromkeys(own or mentions):
            rows.append((place, read_kind, value, READ))
        if not mentions:
            rows.append((place, kind, *_unread(kind, part, region)))
    return rows


def _unread(kind: str, part: str, region: str | None) -> tuple[str | None, str]:
    if kind == "url" and (address := canonical_url(part if "://" in part else f"https://{part}")) is not None:
        return address, READ
    if kind == "phone":
        return _digits_alone(normalise(part), region)
    return _as_written(kind, part), AS_WRITTEN


def _digits_alone(part: str, region: str | None) -> tuple[str, str]:
    digits = "".join(filter(str.isdecimal, part))
    if part.lstrip("( ").startswith("+"):
        return f"+{digits}", AS_WRITTEN
    return digits, NATIONAL if region is None else AS_WRITTEN


def _as_written(kind: str, part: str) -> str:
    """A value with blanks made one and, where capitals mean nothing, small letters."""
    if kind in ("email", "username", "messenger"):
        part = normalise(part).lower()
    return " ".join(part.split())


def _notes(found: pl.DataFrame) -> list[str]:
    """What was not read as it should be, by column."""
    said = {
        NATIONAL: "telephone number{s} without country: the same as nothing but the same digits; give a column "
        "`region` (ES, GB …), --region, or + and the country's code before the number",
        AS_WRITTEN: "value{s} not valid as {kind}: the same as nothing but the same value",
        EMPTY: "value{s} saying nothing (such as -, n/a, none, four digits): left out",
        ROUNDED: "number{s} written as 3.46E+10, the last digits lost: left out; save the column as text",
    }
    counted = (
        found.filter(pl.col("state") != READ)
        .group_by("read_from", "state", "kind")
        .agg(pl.len().alias("values"))
        .sort("read_from", "state", "kind")
    )
    return [
        f"`{column}`: {values} " + said[state].format(kind=kind, s="" if values == 1 else "s")
        for column, state, kind, values in counted.select("read_from", "state", "kind", "values").iter_rows()
    ]

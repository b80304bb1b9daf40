"""The table that somebody gives to be linked: which of its columns mean what, and its rows as linking wants them.

Nothing is dropped in silence: what is left out or read in one of several ways is told in notes, and what cannot be
read is an error that names the row, the column and the form of the value, never the value, which may be a person's.
"""

import re
from dataclasses import dataclass

import polars as pl
from phonenumbers import SUPPORTED_REGIONS

from quality.contracts.columns import IDENTIFIER_KINDS, MOMENT

# Names of columns, small and with underscores, by the kind of identifier that they hold.
KIND_OF_COLUMN = {name: kind for kind in IDENTIFIER_KINDS for name in (kind, f"{kind}s")} | {
    "phone_number": "phone",
    "phone_numbers": "phone",
    "telephone": "phone",
    "telephones": "phone",
    "mobile": "phone",
    "e_mail": "email",
    "e_mails": "email",
    "email_address": "email",
    "email_addresses": "email",
    "user_name": "username",
    "user_names": "username",
    "handle": "username",
    "handles": "username",
    "crypto_address": "crypto",
    "crypto_addresses": "crypto",
    "analytics_id": "analytics",
    "analytics_ids": "analytics",
}
_ITEM_COLUMNS = ("item_id", "site", "account", "text", "region", "first_seen", "last_seen", "posted_at")
_DATES = ("first_seen", "last_seen", "posted_at")
_CELLS = {
    "item_id": pl.String(),
    "region": pl.String(),
    "column": pl.String(),
    "kind": pl.String(),
    "cell": pl.String(),
}
_TIMES = ("", "T%H:%M:%S%.f", " %H:%M:%S%.f", "T%H:%M", " %H:%M")
_YEAR_FIRST = [
    *(
        f"{day}{time}{zone}"
        for day in ("%Y-%m-%d", "%Y/%m/%d")
        for time in _TIMES
        for zone in ("", "%#z")
        if time or not zone
    ),
    "%Y%m%d",
]
_DAY_FIRST = [f"{day}{time}" for day in ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y") for time in _TIMES]
_DATE_WANTED = "wanted a date as 2026-01-31, 2026-01-31T12:00:00Z or, day first, 31/01/2026"
# Usual for GB, and no code of ISO 3166 of its own.
_OTHER_REGIONS = {"UK": "GB"}
_LONGEST_FORM = 6


class TableError(ValueError):
    """The table is not one that can be linked; the message says where and what is wanted."""


@dataclass(frozen=True)
class GivenTable:
    """A table as linking wants it.

    `rows`: item_id, site, account, text, region (String; ISO 3166 alpha-2), first_seen, last_seen (Date), posted_at
    (Datetime UTC), one for each row, null where nothing is given. `cells`: item_id, region, column (its name in the
    table), kind, cell (String): what stands in columns of identifiers, lists taken apart. `notes`: what was read how.
    """

    rows: pl.DataFrame
    cells: pl.DataFrame
    notes: list[str]


def read_given(table: pl.DataFrame, region: str | None = None) -> GivenTable:
    """The rows and cells of a table; `region` (ISO 3166 alpha-2) is for rows that give none. Raises `TableError`."""
    meaning = _meanings(table)
    if "item_id" not in meaning:
        message = f"no column `item_id` (or `id`) among {_shown(table)}"
        if len(table.columns) == 1 and re.search(r"[;\t|]", table.columns[0]):
            message += "; part the cells by commas"
        if any(re.search(r"[\x00\ufffd]", column) for column in table.columns):
            message = "the names of the columns are not UTF-8: save the file as UTF-8"
        raise TableError(message)
    if table.is_empty():
        raise TableError("no rows below the names of the columns")
    columns = {name: table[column] for name, column in meaning.items()}
    notes = [_columns_note(table, meaning)]
    rows = {
        name: _text(columns[name], meaning[name]) if name in columns else _nothing(table.height)
        for name in _ITEM_COLUMNS
        if name not in _DATES
    }
    empty = (rows["item_id"].is_null()).arg_true()
    if len(empty):
        raise TableError(
            f"column `{meaning['item_id']}` is empty in {_places(empty)}: give each item an id, or leave the row out"
        )
    rows["region"] = _regions(rows["region"], meaning.get("region", "region"), region)
    frame = pl.DataFrame([column.alias(name) for name, column in rows.items()]).with_columns(
        *(
            _moments(columns[name], meaning[name], notes)
            .cast(MOMENT if name == "posted_at" else pl.Date)
            .alias(name)
            if name in columns
            else pl.lit(None, MOMENT if name == "posted_at" else pl.Date).alias(name)
            for name in _DATES
        )
    )
    return GivenTable(frame, _cells(table, meaning, frame, notes), notes)


def one_row_each(given: GivenTable) -> tuple[pl.DataFrame, list[str]]:
    """The items of a table (the columns of its rows), each id once, whatever the order of the rows; and notes.

    Of rows with one id the first by day and text is kept; the days are those of all of them. A day that is missing is
    that of the posting, or the other day; `site` is "unknown" where none is given.
    """
    rows = given.rows
    posted = pl.col("posted_at").dt.date()
    days = rows.group_by("item_id").agg(
        pl.coalesce("first_seen", posted, "last_seen").min().alias("first_seen"),
        pl.coalesce("last_seen", pl.max_horizontal("first_seen", posted)).max().alias("last_seen"),
    )
    items = (
        rows.sort("item_id", "first_seen", "posted_at", "text", "site", "account", nulls_last=True)
        .group_by("item_id", maintain_order=True)
        .agg(pl.col("site", "account", "text", "region", "posted_at").drop_nulls().first())
        .join(days, on="item_id", maintain_order="left")
        .with_columns(pl.col("site").fill_null("unknown"))
        .select(*rows.columns)
    )
    return items, _notes_on_repeated(rows)


def counted(number: int, what: str) -> str:
    """So many of what: "1 row", "2 rows"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def form_of(value: str) -> str:
    """What a value looks like without saying it: "2 digits / 2 digits", "8 letters"."""
    runs = re.findall(r"\d+|[^\W\d_]+|\s+|.", value, re.DOTALL)
    said = [
        counted(len(run), "digit")
        if run[0].isdecimal()
        else counted(len(run), "letter")
        if run[0].isalpha()
        else "blank"
        if run[0].isspace()
        else run
        for run in runs[:_LONGEST_FORM]
    ]
    return " ".join(said) + (" …" if len(runs) > _LONGEST_FORM else "")


def _meanings(table: pl.DataFrame) -> dict[str, str]:
    """The table's columns by what they mean to linking, those of identifiers apart. Raises where two mean the same."""
    meaning: dict[str, str] = {}
    folded = {column: _folded(column) for column in table.columns}
    known = {*_ITEM_COLUMNS, "kind", "value"}
    for column, name in folded.items():
        if name == "id" and "item_id" not in folded.values():
            name = "item_id"
        if name not in known:
            continue
        if name in meaning:
            raise TableError(f"columns `{meaning[name]}` and `{column}` both give `{name}`: leave one out")
        meaning[name] = column
    if not {"kind", "value"} <= set(meaning):
        meaning = {name: column for name, column in meaning.items() if name not in ("kind", "value")}
    return meaning


def _folded(column: str) -> str:
    # A second column of one name is read from CSV with this ending.
    return re.sub(r"[\s-]+", "_", re.sub(r"_duplicated_\d+$", "", column.strip().lower()))


def _columns_note(table: pl.DataFrame, meaning: dict[str, str]) -> str:
    read = {*meaning.values()} | {column for column in table.columns if _folded(column) in KIND_OF_COLUMN}
    ignored = [column for column in table.columns if column not in read]
    note = "columns read: " + ", ".join(f"`{column}`" for column in table.columns if column in read)
    return note + (f"; not read: {', '.join(f'`{column}`' for column in ignored)}" if ignored else "")


def _nothing(height: int) -> pl.Series:
    return pl.repeat(None, height, dtype=pl.String, eager=True)


def _text(column: pl.Series, name: str) -> pl.Series:
    """A column as text without blanks around it; null where nothing is left."""
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        raise TableError(f"column `{name}` is {column.dtype}: wanted text")
    if column.dtype.is_float() and ((whole := column.cast(pl.Int64, strict=False)) == column).all():
        # A column of whole numbers with gaps, as many programs write it.
        column = whole
    return column.cast(pl.String).str.strip_chars().replace("", None)


def _regions(regions: pl.Series, column: str, otherwise: str | None) -> pl.Series:
    """Regions in capitals, `otherwise` where there is none. Raises `TableError` where one is no region."""
    if otherwise is not None and otherwise.upper() not in {*SUPPORTED_REGIONS, *_OTHER_REGIONS}:
        raise TableError("--region: wanted two letters of ISO 3166, such as ES or GB")
    capitals = regions.str.to_uppercase()
    unknown = (capitals.is_not_null() & ~capitals.is_in([*SUPPORTED_REGIONS, *_OTHER_REGIONS])).arg_true()
    if len(unknown):
        raise TableError(
            f"column `{column}`: {_places(unknown)}: {form_of(regions[unknown[0]])}; wanted two letters of ISO 3166, "
            "such as ES or GB, or nothing"
        )
    filled = capitals if otherwise is None else capitals.fill_null(otherwise.upper())
    return filled.replace(_OTHER_REGIONS)


def _moments(column: pl.Series, name: str, notes: list[str]) -> pl.Series:
    """A column of dates or moments as Datetime UTC. Raises `TableError` where one cannot be read."""
    kind = column.dtype
    if kind == pl.Null:
        return column.cast(MOMENT)
    if isinstance(kind, pl.Datetime):
        aware = column if kind.time_zone else column.dt.replace_time_zone("UTC")
        return aware.dt.convert_time_zone("UTC").cast(MOMENT)
    if kind == pl.Date:
        return column.cast(MOMENT)
    if kind != pl.String:
        raise TableError(f"column `{name}` is {kind}: {_DATE_WANTED}, in quotes")
    written = column.str.strip_chars().replace("", None)
    plain = _read_by(written, _YEAR_FIRST)
    left = written.set(plain.is_not_null(), None)
    day_first = _read_by(left, _DAY_FIRST)
    moments = plain.zip_with(plain.is_not_null(), day_first)
    wrong = (written.is_not_null() & moments.is_null()).arg_true()
    if len(wrong):
        raise TableError(f"column `{name}`: {_places(wrong)}: {form_of(written[wrong[0]])}; {_DATE_WANTED}")
    if count := day_first.count():
        notes.append(f"`{name}`: {counted(count, 'date')} read day first (31/01/2026)")
    return moments


def _read_by(written: pl.Series, forms: list[str]) -> pl.Series:
    """What is written in one of the forms, as Datetime UTC; null where it is in none."""
    moments = pl.repeat(None, len(written), dtype=MOMENT, eager=True)
    for form in forms:
        left = written.set(moments.is_not_null(), None)
        if not left.count():
            break
        if form.endswith("%#z"):
            read = left.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False)
        elif "%H" in form:
            read = left.str.to_datetime(form, time_unit="us", strict=False).dt.replace_time_zone("UTC")
        else:
            # As many digits as the form says: `%Y` alone would take less.
            exact = left.set(~left.str.contains(r"^\d{4}\D|^\d{8}$|\D\d{4}$").fill_null(value=False), None)
            read = exact.str.to_date(form, strict=False).cast(MOMENT)
        moments = moments.zip_with(moments.is_not_null(), read)
    return moments


def _cells(
    table: pl.DataFrame, meaning: dict[str, str], rows: pl.DataFrame, notes: list[str]
) -> pl.DataFrame:
    """What stands in the columns of identifiers (`_CELLS`); a list is a cell for each of its values."""
    owner = rows.select("item_id", "region")
    parts = [pl.DataFrame(schema=_CELLS)]
    if "kind" in meaning:
        kinds = _text(table[meaning["kind"]], meaning["kind"]).str.to_lowercase().replace(KIND_OF_COLUMN)
        unknown = (kinds.is_not_null() & ~kinds.is_in(IDENTIFIER_KINDS)).arg_true()
        if len(unknown):
            raise TableError(
                f"unknown words in `{meaning['kind']}`: {_places(unknown)}: {form_of(kinds[unknown[0]])}; known: "
                + ", ".join(IDENTIFIER_KINDS)
            )
        value = _text(table[meaning["value"]], meaning["value"])
        if without := int((kinds.is_null() & value.is_not_null()).sum()):
            notes.append(
                f"`{meaning['value']}`: {counted(without, 'value')} without `{meaning['kind']}`: left out"
            )
        named = owner.with_columns(
            pl.lit(meaning["value"]).alias("column"), kinds.alias("kind"), value.alias("cell")
        )
        parts.append(named.select(*_CELLS))
    for column in table.columns:
        kind = KIND_OF_COLUMN.get(_folded(column))
        if kind is None:
            continue
        cells = owner.with_columns(
            pl.lit(column).alias("column"), pl.lit(kind).alias("kind"), table[column].alias("cell")
        )
        if cells["cell"].dtype == pl.List:
            cells = cells.explode("cell", empty_as_null=True)
        parts.append(cells.with_columns(_text(cells["cell"], column).alias("cell")).select(*_CELLS))
    return pl.concat(parts).drop_nulls(["kind", "cell"])


def _notes_on_repeated(rows: pl.DataFrame) -> list[str]:
    repeated = rows.filter(pl.len().over("item_id") > 1)
    if repeated.is_empty():
        return []
    ids = repeated.group_by("item_id").agg(
        pl.col("text", "site", "account").drop_nulls().n_unique().cast(pl.Int64)
    )
    note = (
        f"{counted(repeated.height - ids.height, 'row')} with the id of an earlier one ({counted(ids.height, 'id')}): "
        "each id is one item with the identifiers and days of all its rows"
    )
    texts = int(ids.select((pl.col("text") - 1).clip(lower_bound=0).sum()).item())
    if texts:
        note += f"; {counted(texts, 'text')} beside the first of an id: read for identifiers, not compared"
    if several := ids.filter((pl.col("site") > 1) | (pl.col("account") > 1)).height:
        note += f"; {counted(several, 'id')} on several sites or accounts, of which the first counts"
    return [note]


def _places(rows: pl.Series) -> str:
    """Which rows, counted from 1, the header apart."""
    return f"row {rows[0] + 1}" + (f" and {len(rows) - 1} more" if len(rows) > 1 else "")


def _shown(table: pl.DataFrame) -> str:
    return ", ".join(f"`{name}`" for name in table.columns[:20]) or "no columns"

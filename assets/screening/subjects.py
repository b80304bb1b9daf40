"""Subjects: who or what is looked up, and who or what stands on a list, in one shape.

A subject is one row of a table: names, birth date, nationalities, and exact keys (document, phone, e-mail, user name,
address, wallet), each normalised as our own identifiers are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import polars as pl

from assets.capture.canonical import bare_host, canonical_url
from assets.parsing.notices import birth_date

# subject_id: as given, else its row number. birth_date: ISO, cut to what is known. earliest, latest: the births that
# the date allows, or those that a claimed age allows (`is_claimed`).
PERSONS_SCHEMA: dict[str, pl.DataType] = {
    "subject_id": pl.String(),
    "names": pl.List(pl.String()),
    "birth_date": pl.String(),
    "earliest": pl.Date(),
    "latest": pl.Date(),
    "is_claimed": pl.Boolean(),
    "nationalities": pl.List(pl.String()),
}
KEYS_SCHEMA: dict[str, pl.DataType] = {"subject_id": pl.String(), "kind": pl.String(), "value": pl.String()}
COLUMNS = (
    *("id", "name", "forename", "aliases", "birth_date", "nationality", "document", "phone", "email"),
    *("username", "platform", "url", "domain", "crypto", "region"),
)
_SYNONYMS = {
    "full_name": "name",
    "family_name": "name",
    "date_of_birth": "birth_date",
    "nationalities": "nationality",
    "passport": "document",
    "handle": "username",
}
_TELLING = frozenset(COLUMNS) - {"id", "forename", "birth_date", "nationality", "platform", "region"}
_SHORTEST_DOCUMENT = 5
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class ListError(ValueError):
    """A table that cannot be looked up, or looked up in; the message names its columns, never a value."""


@dataclass(frozen=True)
class Subjects:
    """`persons` (`PERSONS_SCHEMA`), a row each; `keys` (`KEYS_SCHEMA`), a row for each exact key of each.

    `unread` counts values that could not be normalised (a phone without country code, a date of no known form).
    """

    persons: pl.DataFrame
    keys: pl.DataFrame
    unread: int = 0

    def only(self, subject_ids: pl.Series) -> "Subjects":
        """The subjects of these ids."""
        wanted = pl.DataFrame({"subject_id": subject_ids})
        persons = self.persons.join(wanted, on="subject_id", how="semi")
        return Subjects(persons, self.keys.join(wanted, on="subject_id", how="semi"), self.unread)


def read_subjects(table: pl.DataFrame) -> Subjects:
    """Read a table of strings whose columns are some of `COLUMNS`; several values of a field stand apart by `;`.

    `name` is the full name, or the family name where there is a `forename`; `aliases` are further full names;
    `nationality` ISO 3166 alpha-2; `region` that of phone numbers without country code; `platform` that of `username`.
    Other columns are ignored. Raises `ListError` where no column tells who is meant, or an id is given twice.
    """
    table = table.rename({name: name.strip().lower().lstrip("\ufeff") for name in table.columns})
    table = table.rename(
        {old: new for old, new in _SYNONYMS.items() if old in table.columns and new not in table.columns}
    )
    known = [name for name in COLUMNS if name in table.columns]
    if not _TELLING & set(known):
        raise ListError(
            f"no column that tells who is meant; wanted some of {', '.join(sorted(_TELLING))} "
            f"(found {len(table.columns)} columns)"
        )
    table = table.select(pl.col(known).cast(pl.String))
    persons: list[dict[str, object]] = []
    keys: list[tuple[str, str, str]] = []
    unread = 0
    for number, row in enumerate(table.iter_rows(named=True), start=1):
        subject = (row.get("id") or "").strip() or str(number)
        born = written_birth_date(row.get("birth_date"))
        unread += born is None and bool((row.get("birth_date") or "").strip())
        nationalities = [code.upper() for code in _several(row.get("nationality"))]
        persons.append(listed_person(subject, _names(row), born, nationalities))
        for kind, value in _keys(row):
            if value is None:
                unread += 1
            else:
                keys.append((subject, kind, value))
    frame = pl.DataFrame(persons, schema=PERSONS_SCHEMA)
    if frame["subject_id"].n_unique() != frame.height:
        raise ListError("an id is given to several rows")
    return Subjects(frame, pl.DataFrame(keys, schema=KEYS_SCHEMA, orient="row").unique(), unread)


def listed_person(
    subject: str, names: list[str], born: str | None, nationalities: list[str]
) -> dict[str, object]:
    """A row of `PERSONS_SCHEMA` of somebody who stands on a list; `born`: ISO, cut to what is known."""
    earliest, latest = birth_range(born) if born else (None, None)
    return {
        "subject_id": subject,
        "names": names,
        "birth_date": born,
        "earliest": earliest,
        "latest": latest,
        "is_claimed": False,
        "nationalities": nationalities,
    }


def birth_range(born: str) -> tuple[date, date]:
    """The first and last day that a date of birth (ISO, cut to month or year) may mean."""
    year, _, rest = born.partition("-")
    month, _, day = rest.partition("-")
    if day:
        try:
            exact = date(int(year), int(month), int(day))
        except ValueError:
            return birth_range(f"{year}-{month}")
        return exact, exact
    if month:
        first = date(int(year), int(month), 1)
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, date.fromordinal(after.toordinal() - 1)
    return date(int(year), 1, 1), date(int(year), 12, 31)


def written_birth_date(written: str | None) -> str | None:
    """ISO as far as known. `1985-03-12`, `1985/03`, `12.03.1985`; of `03/04/1985` only the year is sure."""
    written = (written or "").strip()
    match = _DAY_FIRST.fullmatch(written)
    if match is None:
        found = birth_date(written)
        return found if found is None or 1800 < int(found[:4]) < 2200 else None
    first, mark, second, year = int(match[1]), match[2], int(match[3]), match[4]
    if mark != "." and first <= 12 and second <= 12 and first != second:
        return year
    day, month = (first, second) if second <= 12 else (second, first)
    return birth_date(f"{year}-{month:02d}-{day:02d}")


def username_keys(name: str, platform: str | None) -> list[tuple[str, str]]:
    """A user name as keys: `messenger` with its platform, else `username`."""
    name = name.strip().lower().lstrip("@")
    if not name:
        return []
    return [("messenger", f"{platform.strip().lower()}:{name}")] if platform else [("username", name)]


def url_keys(address: str) -> list[tuple[str, str]]:
    """A web address as keys: the page without scheme, `www.` and last slash, and its domain."""
    url = canonical_url(address if "://" in address else f"http://{address}")
    if url is None:
        return []
    host = bare_host(urlsplit(url).hostname or "")
    path = url.split("/", 3)[3].rstrip("/")
    return [("url", f"{host}/{path}"), ("domain", host)] if path else [("domain", host)]


def _names(row: dict[str, str | None]) -> list[str]:
    name, forename = (row.get("name") or "").strip(), (row.get("forename") or "").strip()
    return [full for full in (f"{forename} {name}".strip(), *_several(row.get("aliases"))) if full]


def _several(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def _keys(row: dict[str, str | None]) -> Iterator[tuple[str, str | None]]:
    """(kind, normalised value) of a row; None for a value that has no such form."""
    for document in _several(row.get("document")):
        plain = "".join(sign for sign in document.upper() if sign.isalnum())
        yield "document", plain if len(plain) >= _SHORTEST_DOCUMENT else None
    for phone in _several(row.get("phone")):
        yield "phone", _e164(phone, row.get("region"))
    for mail in _several(row.get("email")):
        yield "email", mail.lower() if _MAIL.fullmatch(mail) else None
    for name in _several(row.get("username")):
        found = username_keys(name, row.get("platform"))
        yield found[0] if found else ("username", None)
    for address in _several(row.get("url")):
        # The page is meant; its host serves others, too.
        yield next(iter(url_keys(address)), ("url", None))
    for address in _several(row.get("domain")):
        yield "domain", next((value for kind, value in url_keys(address) if kind == "domain"), None)
    for wallet in _several(row.get("crypto")):
        yield "crypto", wallet_value(wallet)


def wallet_value(wallet: str) -> str:
    """A wallet's address as compared: hexadecimal and bech32 ones in small letters, base58 as written."""
    wallet = wallet.strip()
    lowered = wallet.lower()
    return lowered if lowered.startswith(("0x", "bc1", "ltc1")) else wallet


def _e164(phone: str, region: str | None) -> str | None:
    import phonenumbers  # a tenth of a second that most lists do not need

    try:
        number = phonenumbers.parse(phone, region.strip().upper() if region else None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

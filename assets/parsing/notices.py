"""Wanted and missing person notices: JSON answers of a notice API to rows, by dotted paths of the source file."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from assets.capture.field_rules import absolute_url
from assets.capture.source import Source
from assets.parsing.text import content_digest, item_key

# Where the public API of red and yellow notices keeps what the default mapping does not name; used when the
# source file maps neither.
_USUAL_PATHS: dict[str, tuple[str, ...]] = {
    "sex": ("sex_id", "sex"),
    "warrant_countries": ("arrest_warrants.issuing_country_id",),
}
_BIRTH = re.compile(r"^\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")


class NoticeFormatError(ValueError):
    """An answer that is not what the source's mapping says. `rule` names how; the message names the path."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def at_path(value: Any, path: str) -> Any:
    """The value at a dotted path; over a list the rest of the path is applied to each entry; None if absent.

    An empty path is the value itself.
    """
    if not path:
        return value
    for position, name in enumerate(path.split(".")):
        if isinstance(value, list):
            if name.isdigit():
                value = value[int(name)] if int(name) < len(value) else None
                continue
            rest = ".".join(path.split(".")[position:])
            found = [at_path(entry, rest) for entry in value]
            return [entry for entry in found if entry is not None] or None
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _words(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def _list(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(words for entry in entries if (words := _words(entry))))


def birth_date(written: str | None) -> str | None:
    """A birth date as ISO (`1985-03-12`), or as far as it is known (`1985-03`, `1985`); None if unreadable."""
    match = _BIRTH.match(written or "")
    if match is None:
        return None
    year, month, day = match[1], int(match[2] or 0), int(match[3] or 0)
    if not 1 <= month <= 12:
        return year
    return f"{year}-{month:02d}-{day:02d}" if 1 <= day <= 31 else f"{year}-{month:02d}"


def read_notices(source: Source, data: bytes, request_url: str) -> list[dict[str, Any]]:
    """The notices of one answer: a list of results, or the detail of one notice.

    Rows have columns of `notices`. The country that the query asked for counts as a warrant country of wanted persons.
    Raises `NoticeFormatError` when the answer is not JSON or the mapping finds nothing.
    """
    mapping = source.notices_mapping
    try:
        content = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise NoticeFormatError("not_json", "the answer is not JSON") from None
    items = at_path(content, mapping.items)
    id_path = mapping.fields.get("notice_id") or "notice_id"
    if items in (None, []) and isinstance(content, dict) and _words(at_path(content, id_path)):
        items = [content]
    elif isinstance(items, dict):
        items = [items]
    if not isinstance(items, list):
        # APIs leave the list out when a query has no results.
        if at_path(content, mapping.total) == 0:
            return []
        raise NoticeFormatError(
            "selector_matched_nothing", f"notices.items {mapping.items!r} matched nothing"
        )
    country_parameter = mapping.parameters.get("country", "")
    asked = parse_qs(urlsplit(request_url).query).get(country_parameter, []) if country_parameter else []
    rows = [
        row
        for entry in items
        if isinstance(entry, dict) and (row := _notice(source, entry, asked, request_url)) is not None
    ]
    if items and not rows:
        raise NoticeFormatError(
            "selector_matched_nothing", f"notices.fields.notice_id {id_path!r} matched nothing"
        )
    return rows


def _notice(source: Source, entry: dict[str, Any], asked: list[str], base: str) -> dict[str, Any] | None:
    mapping = source.notices_mapping
    notice_id = _words(at_path(entry, mapping.fields.get("notice_id") or "notice_id"))
    if notice_id is None:
        return None

    def value(name: str) -> Any:
        paths = (mapping.fields[name],) if name in mapping.fields else _USUAL_PATHS.get(name, ())
        return next((found for path in paths if (found := at_path(entry, path)) not in (None, [])), None)

    warrants = _list(value("warrant_countries"))
    if mapping.kind == "wanted":
        warrants = list(dict.fromkeys([*warrants, *asked]))
    # Sorted keys: the same notice gives the same text whatever order the API wrote it in.
    raw = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS).decode()
    address = _words(value("url"))
    return {
        "item_id": item_key("notices", source.name, notice_id),
        "url": absolute_url(base, address) if address else None,
        "notice_id": notice_id,
        "notice_kind": mapping.kind,
        "name": _words(value("name")),
        "forename": _words(value("forename")),
        "birth_date": birth_date(_words(value("birth_date"))),
        "nationalities": _list(value("nationalities")),
        "warrant_countries": warrants,
        "sex": _words(value("sex")),
        "detail_json": raw,
        "content_sha256": content_digest(raw),
    }


def merge_notices(older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    """Two rows of one notice (list result and detail, or results of two queries): the fuller one's fields, with
    what only the other knows, and the countries of both."""
    fuller, other = (
        (older, newer) if len(older["detail_json"]) > len(newer["detail_json"]) else (newer, older)
    )
    merged = {name: value if value not in (None, []) else other.get(name) for name, value in fuller.items()}
    for name in ("nationalities", "warrant_countries"):
        merged[name] = sorted({*older[name], *newer[name]})
    return merged

"""Parsing of one unit: the captures of a source and day to its items and problems."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from assets.capture.body import BodyError, decode_body
from assets.capture.field_rules import compile_rules
from assets.capture.source import Source
from assets.parsing.charset import decode_text
from assets.parsing.contacts import site_wide_links
from assets.parsing.documents import DocumentError, document_text, refuse_costly
from assets.parsing.forwarded import forwarded_from
from assets.parsing.listings import ListingReader
from assets.parsing.notices import NoticeFormatError, merge_notices, read_notices
from assets.parsing.schemas import (
    ITEM_SCHEMAS,
    PROBLEMS_SCHEMA,
    ParsedUnit,
    frame_of,
)
from assets.parsing.selectors import check_selectors
from assets.parsing.telegram import ChannelMessage, TelegramFormatError, read_export, read_preview
from assets.parsing.text import content_digest, item_key

Row = dict[str, Any]

_PAGE_COLUMNS = (
    "source", "unit_date", "capture_id", "site", "url", "request_url", "fetched_at", "body", "content_type",
    "content_encoding",
)  # fmt: skip
# A page is far smaller; an export of a large group is not.
_MOST_PAGE_BYTES = 256 * 1024 * 1024
_MOST_FILE_BYTES = 4 * 1024 * 1024 * 1024
# A field that no item shows is worth a word once there are this many items.
_ITEMS_TO_JUDGE_A_FIELD = 20
_ITEMS_TO_JUDGE_THE_TEXT = 3


class _PageProblem(Exception):
    """Something that a page is rejected for; `rule` and a detail without personal data."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail


def table_of(source: Source) -> str:
    """The item table that a source of this kind fills."""
    return {
        "listings": "listings",
        "newsroom": "documents",
        "documents": "documents",
        "telegram_preview": "messages",
        "telegram_export": "messages",
        "notices": "notices",
    }[source.kind]


def item_roles(source: Source) -> frozenset[str]:
    """The capture roles whose pages hold the source's items; other pages only lead to them."""
    if source.kind == "listings":
        mapping = source.listings
        return frozenset({"index"} if mapping is not None and mapping.item_link is None else {"item"})
    return {
        "newsroom": frozenset({"article"}),
        "documents": frozenset({"file"}),
        "telegram_preview": frozenset({"preview"}),
        "telegram_export": frozenset({"file"}),
        "notices": frozenset({"api", "item"}),
    }[source.kind]


def parse_unit(source: Source, captures: pl.DataFrame) -> ParsedUnit:
    """Read the captures of one unit (rows of the raw part, `body` as wire bytes) into items and problems.

    Pages of item-bearing roles with outcome `ok` or `truncated` are read, in the order they were fetched; of an
    item seen several times the last reading stays. Never raises on what a page holds: a page that gives nothing
    is a row of `problems` with its capture_id, a rule and a detail free of personal data. Rules:
    `body_undecodable`, `not_text`, `broken`, `encrypted`, `empty`, `not_json`, `not_an_export`,
    `selector_matched_nothing` (the layout changed; names the selector), `required_field_missing`,
    `invalid_selector`, and the advisory `field_never_matched`, `date_not_understood`, `page_without_items`.
    """
    problems: list[Row] = []
    items: dict[str, Row] = {}
    table = table_of(source)
    pages = (
        captures.filter(
            pl.col("role").is_in(sorted(item_roles(source))),
            pl.col("outcome").is_in(["ok", "truncated"]),
            pl.col("body").is_not_null(),
        )
        .sort("fetched_at", maintain_order=True)
        .select(_PAGE_COLUMNS)
    )

    def note(page: Row, rule: str, detail: str) -> None:
        identity = {name: page[name] for name in ("source", "unit_date", "capture_id")}
        problems.append({**identity, "table": table, "rule": rule, "detail": detail})

    invalid = check_selectors(source)
    if invalid and pages.height:
        first = pages.row(0, named=True)
        for problem in invalid:
            note(first, "invalid_selector", f"{problem.field} {problem.selector!r} is not valid CSS")
        return _unit(table, [], problems)

    reader = _reader(source, note)
    most = _MOST_FILE_BYTES if source.kind in ("telegram_export", "documents") else _MOST_PAGE_BYTES
    for page in pages.iter_rows(named=True):
        try:
            data = decode_body(page["body"], page["content_encoding"], most)
        except BodyError as error:
            note(page, "body_undecodable", str(error))
            continue
        identity = {name: page[name] for name in ("source", "unit_date", "capture_id", "site")}
        try:
            for row in reader.read(page, data):
                key = row["item_id"]
                if table == "notices" and key in items:
                    row = merge_notices(items[key], row)
                items.pop(key, None)
                items[key] = {**row, **identity}
        except _PageProblem as error:
            note(page, error.rule, error.detail)
        except RecursionError:
            note(page, "broken", "nested too deeply")
        except Exception as error:  # Whatever a hostile page leads the readers into, the other pages go on.
            note(page, "broken", f"cannot be read ({type(error).__name__})")
    reader.finish(items.values())
    if pages.height:
        last = pages.select("source", "unit_date", "capture_id").row(-1, named=True)
        for rule, detail in reader.advice(len(items)):
            note(last, rule, detail)
            if rule == "selector_matched_nothing":
                items.clear()
    return _unit(table, list(items.values()), problems)


def _unit(table: str, rows: list[Row], problems: list[Row]) -> ParsedUnit:
    frames = {name: frame_of(rows if name == table else [], schema) for name, schema in ITEM_SCHEMAS.items()}
    return ParsedUnit(**frames, problems=frame_of(problems, PROBLEMS_SCHEMA))


def _reader(source: Source, note: Callable[[Row, str, str], None]) -> "_KindReader":
    if source.kind == "listings":
        return _ListingsReader(source, note)
    if source.kind in ("newsroom", "documents"):
        return _DocumentsReader(source, note)
    if source.kind == "notices":
        return _NoticesReader(source, note)
    return _MessagesReader(source, note)


class _KindReader(ABC):
    """Reads the pages of one kind of source into item rows."""

    def __init__(self, source: Source, note: Callable[[Row, str, str], None]) -> None:
        self.source = source
        self.note = note

    @abstractmethod
    def read(self, page: Row, data: bytes) -> Iterator[Row]:
        """Item rows of one page. Raises `_PageProblem` when the page gives none and should."""

    def advice(self, items: int) -> Iterator[tuple[str, str]]:
        """What is odd about the unit as a whole, as (rule, detail); `selector_matched_nothing` voids its items."""
        yield from ()

    def finish(self, rows: Collection[Row]) -> None:
        """Correct the unit's rows, in place, by what only all of them together show."""
        del rows  # most kinds have nothing to correct

    def text_of(self, page: Row, data: bytes) -> str:
        """The page as text; `_PageProblem` `not_text` when it is binary."""
        decoded = decode_text(data, page["content_type"], self.source.language)
        if decoded.damaged > max(8, len(decoded.text) // 20):
            raise _PageProblem(
                "not_text", f"{decoded.damaged} of {len(decoded.text)} characters are not text"
            )
        try:
            refuse_costly(decoded.text)
        except DocumentError as error:
            raise _PageProblem(error.rule, str(error)) from None
        return decoded.text


class _ListingsReader(_KindReader):
    def __init__(self, source: Source, note: Callable[[Row, str, str], None]) -> None:
        super().__init__(source, note)
        self.reader = ListingReader(source)
        self.seen: dict[str, int] = {}
        self.without_items: dict[str, int] = {}

    def read(self, page: Row, data: bytes) -> Iterator[Row]:
        read = self.reader.read_page(self.text_of(page, data), page["url"], page["fetched_at"])
        for name, count in read.seen.items():
            self.seen[name] = self.seen.get(name, 0) + count
        for rule, detail in read.missed:
            self.note(page, rule, detail)
            if rule == "page_without_items":
                self.without_items[detail] = self.without_items.get(detail, 0) + 1
        yield from read.rows

    def advice(self, items: int) -> Iterator[tuple[str, str]]:
        if not items:
            for detail, pages in self.without_items.items():
                yield "selector_matched_nothing", f"{detail} on {pages} pages"
            return
        for name, count in self.seen.items():
            if count:
                continue
            written = self.reader.rules[name].written
            detail = f"listings.fields.{name} {written!r} matched nothing in {items} items"
            # Headings survive most changes of layout; advertisements that all lack their text are none.
            if name == "text" and items >= _ITEMS_TO_JUDGE_THE_TEXT:
                yield "selector_matched_nothing", detail
            elif items >= _ITEMS_TO_JUDGE_A_FIELD:
                yield "field_never_matched", detail

    def finish(self, rows: Collection[Row]) -> None:
        if not self.reader.whole_page:
            return
        site_wide = site_wide_links(row["links_around"] for row in rows)
        for row in rows:
            if site_wide.intersection(row["links_around"]):
                kept = [line for line in row["contact_text"].split("\n") if line not in site_wide]
                row["contact_text"] = "\n".join(kept) or None


class _DocumentsReader(_KindReader):
    def __init__(self, source: Source, note: Callable[[Row, str, str], None]) -> None:
        super().__init__(source, note)
        self.rules = compile_rules(source.newsroom.fields.given()) if source.newsroom is not None else {}

    def read(self, page: Row, data: bytes) -> Iterator[Row]:
        source, url = self.source, page["url"]
        name = urlsplit(url).path or url if source.kind == "newsroom" else url
        try:
            content = document_text(
                data,
                name,
                content_type=page["content_type"],
                rules=self.rules,
                fetched_at=page["fetched_at"],
                language=source.language,
            )
        except DocumentError as error:
            rule = self.rules.get("text")
            if error.rule == "empty" and rule is not None:
                detail = f"newsroom.fields.text {rule.written!r} matched nothing"
                raise _PageProblem("selector_matched_nothing", detail) from None
            raise _PageProblem(error.rule, str(error)) from None
        default_publisher = (
            source.documents.publisher if source.kind == "documents" else source.site or page["site"]
        )
        yield {
            "item_id": item_key("documents", source.name, url or content_digest(content.text)),
            "url": url,
            "title": content.title,
            "publisher": content.publisher or default_publisher,
            "text": content.text,
            "published_at": content.published_at,
            "language": content.language or source.language,
            "format": content.format,
            "content_sha256": content_digest(content.text),
        }


class _NoticesReader(_KindReader):
    def read(self, page: Row, data: bytes) -> Iterator[Row]:
        try:
            yield from read_notices(self.source, data, page["request_url"])
        except NoticeFormatError as error:
            raise _PageProblem(error.rule, str(error)) from None


class _MessagesReader(_KindReader):
    def read(self, page: Row, data: bytes) -> Iterator[Row]:
        if self.source.kind == "telegram_export":
            try:
                messages = read_export(data)
            except TelegramFormatError as error:
                raise _PageProblem("not_an_export", str(error)) from None
            for message in messages:
                yield self._row(message, None)
            return
        html = self.text_of(page, data)
        messages = read_preview(html, page["url"])
        # An empty channel says so; anything else without posts is a changed layout or no preview at all.
        if not messages and "tme_no_messages_found" not in html:
            raise _PageProblem("selector_matched_nothing", "telegram_preview '[data-post]' matched nothing")
        for message in messages:
            yield self._row(message, f"https://t.me/{message.channel}/{message.id}")

    def _row(self, message: ChannelMessage, url: str | None) -> Row:
        source = self.source
        text = message.text
        if message.poll:
            text = "\n".join([text, *message.poll]).strip()
        links = [*message.links]
        if message.preview is not None and message.preview.url:
            links.append(message.preview.url)
        if message.forwarded_author_url:
            links.append(message.forwarded_author_url)
        pictures = [medium.url for medium in message.media if medium.kind in ("photo", "sticker")]
        pictures += [medium.url for medium in message.thumbnails if medium.kind != "thumbnail-reply"]
        return {
            "item_id": item_key("messages", source.name, f"{message.channel}/{message.id}"),
            "url": url,
            "channel": message.channel,
            "message_id": message.id,
            "message_type": message.type,
            "account": message.author,
            "text": text,
            "posted_at": message.created_at,
            "edited_at": message.edited_at,
            "forwarded_from": forwarded_from(message.forwarded_author, message.forwarded_author_url),
            "reply_to": message.reply_to_id,
            "views": message.views,
            "links": list(dict.fromkeys(links)),
            "image_urls": list(dict.fromkeys(pictures)),
            "language": source.language,
            "region": source.region or source.jurisdiction,
            "content_sha256": content_digest(text),
        }

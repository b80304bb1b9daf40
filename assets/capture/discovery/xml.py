"""Addresses in files made for machines: sitemaps (sitemaps.org 0.9) and feeds (RSS 0.9x, 1.0, 2.0; Atom, RFC 4287;
JSON Feed 1 and 1.1, jsonfeed.org).

Real XML is often not well-formed. What stands before the first error is used; unknown entities are resolved first, as
HTML has them. XML is read piece by piece, and forgotten element by element.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from xml.etree import ElementTree

import orjson

from assets.capture.body import BodyError, decoded_pieces

# sitemaps.org: at most 50,000 addresses and 50 MB uncompressed in one file.
MAX_SITEMAP_ADDRESSES = 50_000
MAX_SITEMAP_BYTES = 50 * 1024 * 1024

# A full sitemap has some five elements for each address.
_MOST_ELEMENTS = 10 * MAX_SITEMAP_ADDRESSES
# JSON becomes objects all at once, which may take 40 times its size.
_MOST_JSON_BYTES = 4 * 1024 * 1024
_PIECE_BYTES = 256 * 1024
_LONGEST_ENTITY = 32

_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_ENTITIES = {b"amp", b"lt", b"gt", b"quot", b"apos"}
# Declared entities serve nobody here and can be nested without end.
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of a sitemap or feed, with its date (UTC) if it has a readable one."""

    url: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages and the further sitemaps that one sitemap file lists.

    `beyond` counts addresses after the 50,000th; `is_cut` when the file goes on where reading stopped: at its 50 MB,
    at an error, or after far more elements than so many addresses need.
    """

    pages: list[Entry]
    sitemaps: list[Entry]
    beyond: int = 0
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a feed in file order; `is_cut` as for a sitemap. `following` is a feed with older entries."""

    entries: list[Entry]
    is_cut: bool = False
    following: str | None = None


class _Reading:
    """The elements of some names in a body of XML, one at a time; `is_cut` afterwards says that there was more."""

    def __init__(self, pieces: Iterator[bytes], names: set[str]) -> None:
        self._pieces = pieces
        self._names = names
        self.is_cut = False

    def elements(self) -> Iterator[ElementTree.Element]:
        parser: ElementTree.XMLPullParser = ElementTree.XMLPullParser(["start", "end"])
        begun = 0
        open_elements: list[ElementTree.Element] = []
        wanted = 0
        try:
            for piece in _readable(self._pieces):
                try:
                    parser.feed(piece)
                finally:
                    # What was complete before an error is still in the queue, which ends with the error itself.
                    for event, element in parser.read_events():  # type: ignore[misc]  # only these were asked for
                        if not isinstance(element, ElementTree.Element):
                            continue
                        is_wanted = _local(element.tag) in self._names
                        if event == "start":
                            begun += 1
                            open_elements.append(element)
                            wanted += is_wanted
                            continue
                        open_elements.pop()
                        wanted -= is_wanted
                        if is_wanted:
                            yield element
                        if not wanted and open_elements:
                            open_elements[-1].remove(element)
                if begun > _MOST_ELEMENTS:
                    self.is_cut = True
                    return
            parser.close()
        except (ElementTree.ParseError, BodyError, ValueError, LookupError):
            self.is_cut = True


def read_sitemap(body: bytes) -> Sitemap:
    """Read a sitemap, a sitemap index or a plain list of addresses; `.xml.gz` files are unpacked by
    content.
    """
    is_packed = body.startswith(b"\x1f\x8b")
    pieces = decoded_pieces(body, "gzip", MAX_SITEMAP_BYTES) if is_packed else _in_pieces(body)
    try:
        first = _beginning(pieces)
    except BodyError:
        return Sitemap([], [], is_cut=True)
    pieces = chain([first], pieces)
    if b"<" not in first[:1000]:
        return _read_lines(pieces)
    pages: list[Entry] = []
    sitemaps: list[Entry] = []
    beyond = 0
    reading = _Reading(pieces, {"url", "sitemap"})
    for element in reading.elements():
        location, changed = None, None
        for child in element:
            name = _local(child.tag)
            if name == "loc":
                location = (child.text or "").strip()
            elif name == "lastmod":
                changed = parse_time(child.text)
        if not location:
            continue
        if len(pages) + len(sitemaps) >= MAX_SITEMAP_ADDRESSES:
            beyond += 1
            continue
        (sitemaps if _local(element.tag) == "sitemap" else pages).append(Entry(location, changed))
    return Sitemap(pages, sitemaps, beyond, reading.is_cut)


def _read_lines(pieces: Iterator[bytes]) -> Sitemap:
    pages: list[Entry] = []
    beyond = 0
    rest = b""
    is_cut = False
    try:
        for piece in chain(pieces, [b"\n"]):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if not line.startswith(b"http"):
                    continue
                if len(pages) < MAX_SITEMAP_ADDRESSES:
                    pages.append(Entry(line.decode("utf-8", "replace").strip(), None))
                else:
                    beyond += 1
    except BodyError:
        is_cut = True
    return Sitemap(pages, [], beyond, is_cut)


def read_feed(body: bytes) -> Feed:
    """The entries of an RSS, Atom or JSON feed."""
    text = body.removeprefix(_BYTE_ORDER_MARK)
    if text[:100].lstrip().startswith(b"{"):
        return _read_json_feed(text)
    entries: list[Entry] = []
    reading = _Reading(_in_pieces(body), {"item", "entry"})
    for element in reading.elements():
        links: dict[str, str] = {}
        changed: datetime | None = None
        for child in element:
            name = _local(child.tag)
            if name == "link":
                # Atom: href, and rel that is "alternate" when absent. RSS: the text.
                href = child.get("href") or (child.text or "").strip()
                if href:
                    links.setdefault(child.get("rel", "alternate"), href)
            elif name in ("guid", "id") and child.get("isPermaLink", "true") == "true":
                if (child.text or "").strip().startswith(("http://", "https://")):
                    links.setdefault("id", (child.text or "").strip())
            elif name in ("pubDate", "published", "updated", "date"):
                changed = changed or parse_time(child.text)
        url = links.get("alternate") or links.get("id")
        if url:
            entries.append(Entry(url, changed))
    return Feed(entries, reading.is_cut)


def _read_json_feed(body: bytes) -> Feed:
    """JSON Feed: of its `items` the `url`, or the `id` where that is an address; its `next_url`."""
    if len(body) > _MOST_JSON_BYTES:
        return Feed([], is_cut=True)
    try:
        feed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Feed([], is_cut=True)
    if not isinstance(feed, dict):
        return Feed([])
    items, following = feed.get("items"), feed.get("next_url")
    entries: list[Entry] = []
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, dict):
            continue
        places = (item.get("url"), item.get("id"))
        urls = [place for place in places if isinstance(place, str) and place.strip()]
        # An `id` may be any text; the `url` may be relative.
        if urls and (urls[0] is places[0] or urls[0].startswith(("http://", "https://"))):
            times = (item.get("date_modified"), item.get("date_published"))
            moments = [parse_time(time) for time in times if isinstance(time, str)]
            entries.append(Entry(urls[0].strip(), next((moment for moment in moments if moment), None)))
    return Feed(entries, following=following if isinstance(following, str) and following else None)


def parse_time(text: str | None) -> datetime | None:
    """A W3C date-time (sitemaps, Atom) or an RFC 5322 date (RSS) as UTC; None when it is neither."""
    text = (text or "").strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        try:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except OverflowError:
            return None
    return None


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _in_pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _PIECE_BYTES] for start in range(0, len(body), _PIECE_BYTES))


def _beginning(pieces: Iterator[bytes]) -> bytes:
    first = b""
    for piece in pieces:
        first += piece
        if len(first) >= _PIECE_BYTES:
            break
    return first


def _readable(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """XML without the declarations of its document type and without entities that XML does not know."""
    rest = _beginning(pieces).lstrip()
    if b"<!DOCTYPE" in rest[:4096]:
        rest, found = _DOCTYPE.subn(b"", rest, count=1)
        if not found:
            raise ValueError("a document type without end")
    for piece in pieces:
        rest += piece
        # An entity may go on in the next piece.
        begun = rest.rfind(b"&", max(0, len(rest) - _LONGEST_ENTITY))
        end = len(rest) if begun < 0 or b";" in rest[begun:] else begun
        yield _ENTITY.sub(_resolve, rest[:end])
        rest = rest[end:]
    yield _ENTITY.sub(_resolve, rest)


def _resolve(match: re.Match[bytes]) -> bytes:
    if match.group(1) in _XML_ENTITIES:
        return match.group()
    text = html.unescape(match.group().decode("ascii"))
    return b"".join(b"&#%d;" % ord(character) for character in text) if len(text) <= 2 else b""

"""Addresses in XML: sitemaps (sitemaps.org 0.9) and feeds (RSS 0.9x, 1.0, 2.0; Atom, RFC 4287).

Real files are often not well-formed. What stands before the first error is used; unknown entities are
resolved first, as HTML has them.
"""

import html
import re
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

from assets.capture.body import BodyError, decode_body

# sitemaps.org: at most 50,000 addresses and 50 MB uncompressed in one file.
MAX_SITEMAP_ADDRESSES = 50_000
MAX_SITEMAP_BYTES = 50 * 1024 * 1024

# A full sitemap has some five elements for each address; more of them would only fill the memory.
_MOST_ELEMENTS = 10 * MAX_SITEMAP_ADDRESSES
_PIECE_BYTES = 1024 * 1024

_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_ENTITIES = {b"amp", b"lt", b"gt", b"quot", b"apos"}
# Declared entities serve nobody here and can be nested without end.
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of a sitemap or feed, with its date (UTC) if it has a readable one."""

    url: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages and the further sitemaps that one sitemap file lists."""

    pages: list[Entry]
    sitemaps: list[Entry]


def read_sitemap(body: bytes) -> Sitemap:
    """Read a sitemap, a sitemap index or a plain list of addresses; `.xml.gz` files are unpacked by
    content.
    """
    if body.startswith(b"\x1f\x8b"):
        try:
            body = decode_body(body, "gzip", MAX_SITEMAP_BYTES)
        except (BodyError, zlib.error):
            return Sitemap([], [])
    if b"<" not in body[:1000]:
        lines = body.decode("utf-8", "replace").splitlines()[:MAX_SITEMAP_ADDRESSES]
        return Sitemap([Entry(line.strip(), None) for line in lines if line.startswith("http")], [])
    pages: list[Entry] = []
    sitemaps: list[Entry] = []
    for element in _elements(body, {"url", "sitemap"}):
        location, changed = None, None
        for child in element:
            name = _local(child.tag)
            if name == "loc":
                location = (child.text or "").strip()
            elif name == "lastmod":
                changed = parse_time(child.text)
        if location and len(pages) + len(sitemaps) < MAX_SITEMAP_ADDRESSES:
            (sitemaps if _local(element.tag) == "sitemap" else pages).append(Entry(location, changed))
    return Sitemap(pages, sitemaps)


def read_feed(body: bytes) -> list[Entry]:
    """The entries of an RSS or Atom feed, in file order."""
    entries: list[Entry] = []
    for element in _elements(body, {"item", "entry"}):
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
    return entries


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


def _elements(body: bytes, names: set[str]) -> list[ElementTree.Element]:
    if b"<!DOCTYPE" in body[:4096]:
        body = _DOCTYPE.sub(b"", body, count=1)
    body = _ENTITY.sub(_resolve, body.lstrip())
    parser: ElementTree.XMLPullParser = ElementTree.XMLPullParser(["start", "end"])
    found: list[ElementTree.Element] = []
    begun = 0
    try:
        for start in range(0, len(body), _PIECE_BYTES):
            try:
                parser.feed(body[start : start + _PIECE_BYTES])
            finally:
                # What was complete before an error is still in the queue of events, which ends with the error itself.
                for event, element in parser.read_events():  # type: ignore[misc]  # only these events were asked for
                    if event == "start":
                        begun += 1
                    elif isinstance(element, ElementTree.Element) and _local(element.tag) in names:
                        found.append(element)
            if begun > _MOST_ELEMENTS:
                break
    except (ElementTree.ParseError, ValueError, LookupError):
        pass
    return found


def _resolve(match: re.Match[bytes]) -> bytes:
    if match.group(1) in _XML_ENTITIES:
        return match.group()
    text = html.unescape(match.group().decode("ascii"))
    return b"".join(b"&#%d;" % ord(character) for character in text) if len(text) <= 2 else b""

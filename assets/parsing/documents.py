"""Documents: press releases and reports in HTML, plain text and PDF, to text that keeps every figure and line."""

import io
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple

from assets.capture.field_rules import CompiledRule
from assets.capture.markup import excess_of
from assets.parsing.articles import read_article
from assets.parsing.charset import decode_text
from assets.parsing.dates import parse_date, plausible
from assets.parsing.text import clean_text

_HTML_START = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HTML_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
_ADDRESS_LINE = re.compile(r"^(?:https?://\S+|www\.\S+\.\S+)$", re.IGNORECASE)
_DATE_LINE = re.compile(r"^\d{4}(?:-\d{2}(?:-\d{2})?)?$")
_LONGEST_TITLE = 300
# Saved pages carry their pictures in themselves.
_MOST_HTML_BYTES = 64 * 1024 * 1024
# The drawing instructions of a page of text are some kilobytes, of a dense map a few megabytes; pypdf reads about one
# megabyte a second.
_MOST_INSTRUCTION_BYTES = 16 * 1024 * 1024
_MOST_PAGES = 3000
_MOST_CHARACTERS = 20_000_000


class DocumentError(ValueError):
    """A document that gives no text. `rule` names why: `encrypted`, `broken`, `not_text` or `empty`."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class DocumentContent(NamedTuple):
    """A document's `text` (lines and bullets kept), `title`, `publisher`, `published_at` (UTC), `language`
    (ISO 639-1, as declared) and `format` (html, txt, pdf or json)."""

    text: str
    title: str | None
    publisher: str | None
    published_at: datetime | None
    language: str | None
    format: str


def document_text(
    data: bytes,
    name: str,
    *,
    content_type: str | None = None,
    rules: Mapping[str, CompiledRule] | None = None,
    fetched_at: datetime | None = None,
    language: str | None = None,
) -> DocumentContent:
    """Read a document (its bytes; a file name or address, for the ending) of any supported format.

    `rules` are a newsroom's own field rules (HTML only); `fetched_at` is the reference of relative dates, now by
    default; `language` a hint for undeclared encodings. Raises `DocumentError` when there is no text to be had.
    """
    reference = fetched_at or datetime.now(UTC)
    suffix = PurePosixPath(name.partition("?")[0]).suffix.lower()
    declared = (content_type or "").partition(";")[0].strip().lower()
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return _pdf(data, reference)
    if suffix == ".pdf" or declared == "application/pdf":
        raise DocumentError("broken", "named a PDF but does not begin like one")
    decoded = decode_text(data, content_type, language)
    if decoded.damaged > max(8, len(decoded.text) // 20):
        raise DocumentError("not_text", f"{decoded.damaged} of {len(decoded.text)} characters are not text")
    if (
        suffix in _HTML_SUFFIXES
        or declared in ("text/html", "application/xhtml+xml")
        or _HTML_START.match(data[:2048])
    ):
        refuse_costly(decoded.text)
        article = read_article(decoded.text, dict(rules or {}), reference)
        if not article.text:
            raise DocumentError("empty", "the page has no text")
        return DocumentContent(*article, "html")
    return _plain(decoded.text, reference, "json" if suffix == ".json" else "txt")


def refuse_costly(html: str) -> None:
    """Raise `DocumentError` (`broken`) for a page whose markup would cost a parser far more than its size."""
    end = excess_of(html.encode("utf-8", "replace"), _MOST_HTML_BYTES)
    if end is not None:
        raise DocumentError("broken", f"the markup would take a parser too long, from byte {end} on")


def _plain(text: str, reference: datetime, form: str) -> DocumentContent:
    """Plain text; leading lines that look like an address, a publisher and an ISO date are read as such.

    The text stays whole: the header lines remain in it.
    """
    body = clean_text(text)
    if not body:
        raise DocumentError("empty", "the file has no text")
    lines = [line for line in body.split("\n") if line]
    publisher: str | None = None
    published: datetime | None = None
    first_of_body = 0
    for position, line in enumerate(lines[:4]):
        if _DATE_LINE.match(line):
            published = plausible(
                parse_date(line if len(line) > 4 else f"{line}-01", reference=reference), reference
            )
            first_of_body = position + 1
            before = [text for text in lines[:position] if not _ADDRESS_LINE.match(text)]
            # With an address, or a note in its place, the publisher stands on the line before the date.
            if before and len(before[-1]) <= 120 and position >= 1:
                publisher = before[-1]
            break
    else:
        if lines and _ADDRESS_LINE.match(lines[0]):
            first_of_body = 1
    rest = lines[first_of_body:] or lines
    # The first line that says something: not "By", not a rule of dashes.
    title = next((line for line in rest[:5] if len(re.findall(r"[^\W\d_]+", line)) >= 2), rest[0])
    return DocumentContent(body, title[:_LONGEST_TITLE], publisher, published, None, form)


def _pdf(data: bytes, reference: datetime) -> DocumentContent:
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        # Many releases are "protected" by an empty user password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError("encrypted", "the PDF needs a password")
        pages: list[str] = []
        size = instructions = 0
        for number, page in enumerate(reader.pages):
            if number >= _MOST_PAGES or size > _MOST_CHARACTERS:
                break
            contents = page.get_contents()
            instructions += len(contents.get_data()) if contents is not None else 0
            if instructions > _MOST_INSTRUCTION_BYTES:
                raise DocumentError(
                    "broken", f"the PDF draws more than can be read, from page {number + 1} on"
                )
            pages.append(page.extract_text() or "")
            size += len(pages[-1])
        information = reader.metadata
        title = str(information.title).strip() if information and information.title else None
        author = str(information.author).strip() if information and information.author else None
        created = information.creation_date if information else None
    except DocumentError:
        raise
    except FileNotDecryptedError:
        raise DocumentError("encrypted", "the PDF needs a password") from None
    except (
        Exception
    ) as error:  # pypdf raises whatever a damaged file leads it into (KeyError, RecursionError, …).
        raise DocumentError("broken", f"the PDF cannot be read ({type(error).__name__})") from None
    text = clean_text("\n\n".join(page.replace("\x00", "") for page in pages))
    if not text:
        raise DocumentError("empty", "the PDF has no text layer (scanned pages?)")
    if created is not None:
        created = created.replace(tzinfo=UTC) if created.tzinfo is None else created.astimezone(UTC)
    return DocumentContent(
        text, title or text.partition("\n")[0][:_LONGEST_TITLE], author, created, None, "pdf"
    )

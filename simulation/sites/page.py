"""One answer of a site, and the ways in which an answer may be nasty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Protocol

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer before HTTP: `modified` and `etag` allow 304; the last fields make it slow, endless or broken."""

    body: bytes
    content_type: str | None = HTML
    status: int = 200
    location: str | None = None
    modified: datetime | None = None
    etag: bool = True
    gzip: bool = False
    broken_gzip: bool = False
    trickle_seconds: float = 0.0
    repeat: int = 1


class Site(Protocol):
    """A site: the hosts it answers for, and its pages."""

    @property
    def hosts(self) -> Sequence[str]:
        """Host names."""

    def page(self, host: str, path: str, query: Mapping[str, str]) -> Page | None:
        """The page at `path` (percent-decoded) or None where there is none."""


def html(title: str, body: str, language: str = "en", head: str = "") -> bytes:
    """A whole HTML document as UTF-8."""
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<title>{escape(title)}</title>\n<meta name="viewport" content="width=device-width">\n{head}</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def lines(text: str) -> str:
    """Text with its line breaks as `<br>`, escaped."""
    return escape(text, quote=False).replace("\n", "<br>\n")


def text_page(text: str, content_type: str = "text/plain; charset=utf-8") -> Page:
    """A plain answer, such as robots.txt."""
    return Page(text.encode(), content_type)


def redirect(location: str, status: int = 302) -> Page:
    """A redirection."""
    return Page(b"", HTML, status, location, etag=False)


def page_number(query: Mapping[str, str]) -> int:
    """`?page=`, at least 1."""
    value = query.get("page", "1")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 7 else 1


def pager(page: int, last: int) -> list[int]:
    """The page numbers that a pager shows: the first, the last, ten around the present one, and every tenth."""
    near = {n for n in range(page - 5, page + 6) if 1 <= n <= last}
    return sorted(near | {1, last} | set(range(10, last, 10)))

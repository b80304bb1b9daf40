"""Discovery: which pages of a source to ask for. Pure functions, one module per kind of source."""

from assets.capture.discovery import listings, newsroom, notices, pictures, telegram
from assets.capture.discovery.page import MOST_BYTES, Page, Request, Resolved, Role
from assets.capture.source import Source

__all__ = ["Page", "Request", "Resolved", "Role", "bytes_to_read", "discover", "starts"]

_KINDS = {"listings": listings, "newsroom": newsroom, "telegram_preview": telegram, "notices": notices}


def starts(source: Source) -> list[Request]:
    """The first requests of a round; none for a source that is a folder."""
    kind = _KINDS.get(source.kind)
    return kind.starts(source) if kind is not None else []


def discover(source: Source, page: Page) -> list[Request]:
    """The requests that follow from a page, canonical, in page order, repeats included."""
    kind = _KINDS.get(source.kind)
    found = kind.discover(source, page) if kind is not None else []
    return found + pictures.discover(source, page)


def bytes_to_read(source: Source, role: Role) -> int:
    """How much of a decoded page is read for what follows from it; 0 if nothing can."""
    return MOST_BYTES[role] or (pictures.MOST_BYTES_OF_ITEMS if pictures.shows_items(source, role) else 0)

"""Discovery in public channel previews (`t.me/s/<channel>`): from the newest page back with `?before=`."""

import re
from datetime import UTC, datetime, timedelta

from assets.capture.canonical import canonical_url, hostname
from assets.capture.discovery.page import Page, Request, html_tree
from assets.capture.discovery.xml import parse_time
from assets.capture.source import Source

_TELEGRAM_HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
_CHANNEL = re.compile(r"^@?([A-Za-z][A-Za-z0-9_]{3,31})$")
_BEFORE = re.compile(r"[?&]before=(\d+)")


def preview_address(start: str) -> str:
    """The preview page of a channel: `@name`, `name` and `t.me/name` become `https://t.me/s/name`.

    A full address on any other host stays as it is.
    """
    text = start.strip()
    match = _CHANNEL.match(text)
    if match is not None:
        return f"https://t.me/s/{match.group(1)}"
    url = canonical_url(text if "://" in text else f"https://{text}")
    if url is None:
        return text
    if hostname(url) in _TELEGRAM_HOSTS:
        path = url.partition("?")[0].split("/", 3)[3].removeprefix("s/").strip("/")
        if _CHANNEL.match(path):
            return f"https://t.me/s/{path}"
    return url


def starts(source: Source) -> list[Request]:
    """The newest preview page of each channel."""
    return [Request(preview_address(address), "preview", named=True) for address in source.start]


def discover(source: Source, page: Page, now: datetime | None = None) -> list[Request]:
    """The next older page, unless there is none or `scope.since_days` is reached."""
    if page.role != "preview":
        return []
    tree = html_tree(page)
    numbers = [
        int(match.group(1))
        for node in tree.css("[data-post]")
        if (match := re.search(r"/(\d+)$", node.attributes.get("data-post") or "")) is not None
    ]
    if not numbers:
        return []
    before = min(numbers)
    for node in tree.css("a.tme_messages_more[data-before], a[href*='before='], link[rel=prev]"):
        told = node.attributes.get("data-before") or ""
        match = re.fullmatch(r"(\d+)", told) or _BEFORE.search(node.attributes.get("href") or "")
        if match is not None:
            before = min(before, int(match.group(1)))
    asked = _BEFORE.search(page.url)
    if before <= 1 or (asked is not None and before >= int(asked.group(1))):
        return []
    if source.scope.since_days is not None:
        oldest_wanted = (now or datetime.now(UTC)) - timedelta(days=source.scope.since_days)
        times = [parse_time(node.attributes.get("datetime")) for node in tree.css("time[datetime]")]
        known = [moment for moment in times if moment is not None]
        if known and min(known) < oldest_wanted:
            return []
    address = page.url.partition("?")[0]
    return [Request(f"{address}?before={before}", "preview")]

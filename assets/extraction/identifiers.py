"""Identifiers of short texts, one row a mention: the frame in, the frame out.

Polars decides which texts can hold which kind (a test runs five times as fast as an extraction); Python reads
only those.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from assets.extraction.candidates import Candidate, candidates
from assets.extraction.crypto_addresses import find_crypto
from assets.extraction.found import Found
from assets.extraction.handles import find_messenger_links, find_usernames, messenger_from_url
from assets.extraction.normalise import normalise, offset_map
from assets.extraction.not_phones import blank
from assets.extraction.phones import find_phones
from assets.extraction.web_addresses import find_emails, find_urls

IDENTIFIER_SCHEMA = {
    "id": pl.String,
    "kind": pl.String,
    "value": pl.String,
    "raw": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "obscured": pl.Boolean,
    "method": pl.String,
}


def extract_identifiers(texts: pl.DataFrame) -> pl.DataFrame:
    """Every identifier mentioned in `texts`.

    In: `id` str, `text` str; optional `region` str (ISO 3166 alpha-2, default telephone region) and `lang` str
    (ISO 639-1). Out, a row per mention in the order of the texts and of their places: `id`, `kind` (phone, email,
    username, url, messenger, crypto), `value` (E.164 for phones; lower case for e-mails and user names; canonical
    URL; `<platform>:<phone or name>` for messengers; `<coin>:<address>`), `raw` (equals `text[start:end]`),
    `start`, `end` (positions in Python's sense), `obscured`, `method`. A null text has no identifiers.
    """
    rows: list[tuple[str, str, str, str, int, int, bool, str]] = []
    for candidate in candidates(texts):
        rows.extend(_mentions(candidate))
    return pl.DataFrame(rows, schema=IDENTIFIER_SCHEMA, orient="row")


def _mentions(candidate: Candidate) -> Iterator[tuple[str, str, str, str, int, int, bool, str]]:
    found = list(_found(candidate))
    if not found:
        return
    text = candidate.text
    offsets = offset_map(text)
    found.sort(key=lambda mention: (mention.start, mention.end, mention.kind))
    for mention in found:
        start, end = offsets.raw_span(mention.start, mention.end)
        raw = text[start:end]
        hidden, method = mention.obscured, mention.method
        if not hidden and mention.kind in ("phone", "username") and not raw.isascii():
            hidden, method = _by_characters(raw, mention.method)
        yield candidate.id, mention.kind, mention.value, raw, start, end, hidden, method


def _found(candidate: Candidate) -> Iterator[Found]:
    """Kind by kind; what one kind has taken is blanked out for the next."""
    rest = candidate.folded
    if candidate.crypto:
        for mention in list(find_crypto(rest)):
            yield mention
            rest = blank(rest, mention.start, mention.end)
    if candidate.url:
        for mention in list(find_messenger_links(rest)):
            yield mention
            rest = blank(rest, mention.start, mention.end)
    if candidate.email:
        for mention in list(find_emails(rest, candidate.text)):
            yield mention
            rest = blank(rest, mention.start, mention.end)
    if candidate.name:
        for mention in list(find_usernames(rest)):
            yield mention
            rest = blank(rest, mention.start, mention.end)
    if candidate.url:
        for url in list(find_urls(rest, candidate.text)):
            people = messenger_from_url(url.value, url.start, url.end, url.obscured)
            method = "written" if url.obscured else "plain"
            yield from people or [Found("url", url.value, url.start, url.end, url.obscured, method)]
            rest = blank(rest, url.start, url.end)
    if candidate.phone or candidate.written_phone:
        yield from find_phones(rest, candidate.region, candidate.language, candidate.written_phone)


def _by_characters(raw: str, method: str) -> tuple[bool, str]:
    """Obscured by its characters alone: digits or letters that are not the plain ones."""
    odd = any(normalise(c) != c and not c.isspace() and normalise(c) not in ("-", "+", "'") for c in raw)
    return (True, "unicode") if odd else (False, method)

"""Identifiers of short texts, one row a mention: the frame in, the frame out.

Polars decides which texts can hold which kind (a test runs five times as fast as an extraction); Python reads
only those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from assets.extraction.candidates import KINDS, candidates
from assets.extraction.crypto_addresses import find_crypto
from assets.extraction.digit_runs import phones_in_digits
from assets.extraction.found import Found
from assets.extraction.handles import find_messenger_links, find_usernames, messenger_from_url
from assets.extraction.normalise import normalise, offset_map
from assets.extraction.not_phones import blank
from assets.extraction.phones import find_phones
from assets.extraction.web_addresses import find_emails, find_urls

_BATCH = 20_000
_Mention = tuple[str, str, str, str, int, int, bool, str]
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text worth reading whole, and what it may hold; `seen` is folded where the text has rare characters."""

    id: str
    text: str
    seen: str
    region: str | None
    language: str | None
    phone: bool
    written_phone: bool
    email: bool
    url: bool
    name: bool
    crypto: bool


def extract_identifiers(texts: pl.DataFrame) -> pl.DataFrame:
    """Every identifier mentioned in `texts`.

    In: `id` str, `text` str; optional `region` str (ISO 3166 alpha-2, default telephone region) and `lang` str
    (ISO 639-1). Out, a row per mention in the order of the texts and of their places: `id`, `kind` (phone, email,
    username, url, messenger, crypto), `value` (E.164 for phones; lower case for e-mails and user names; canonical
    URL; `<platform>:<phone or name>` for messengers; `<coin>:<address>`), `raw` (equals `text[start:end]`),
    `start`, `end` (positions in Python's sense), `obscured`, `method`. A null text has no identifiers.
    """
    frames = [_identifiers(part) for part in texts.iter_slices(_BATCH)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=IDENTIFIER_SCHEMA)


def _identifiers(texts: pl.DataFrame) -> pl.DataFrame:
    found: list[tuple[int, _Mention]] = []
    kept = candidates(texts)
    # Plain digits alone need no more of a text than what stands around them.
    simple = kept["phone"] & ~kept["rare"]
    for kind in KINDS[1:]:
        simple &= ~kept[kind]
    ids = kept["id"].to_list()
    rows = simple.arg_true().to_list()
    for place, raw, phone in phones_in_digits(kept.filter(simple).select("text", "region", "lang")):
        row = rows[place]
        hidden, method = phone.obscured, phone.method
        if not hidden and not raw.isascii():
            hidden, method = _by_characters(raw, method)
        found.append((row, (ids[row], "phone", phone.value, raw, phone.start, phone.end, hidden, method)))
    others = kept.with_row_index("row").filter(~simple)
    for row, *rest in others.select("row", "id", "text", "seen", "region", "lang", *KINDS).iter_rows():
        found.extend((row, mention) for mention in _mentions(Candidate(*rest)))
    found.sort(key=lambda mention: (mention[0], mention[1][4], mention[1][5], mention[1][1]))
    return pl.DataFrame([mention for _, mention in found], schema=IDENTIFIER_SCHEMA, orient="row")


def _mentions(candidate: Candidate) -> Iterator[_Mention]:
    text = candidate.text
    folded = candidate.seen if candidate.seen != text else normalise(text)
    found = list(_found(candidate, folded))
    if not found:
        return
    offsets = offset_map(text)
    found.sort(key=lambda mention: (mention.start, mention.end, mention.kind))
    for mention in found:
        start, end = offsets.raw_span(mention.start, mention.end)
        raw = text[start:end]
        hidden, method = mention.obscured, mention.method
        if not hidden and mention.kind in ("phone", "username") and not raw.isascii():
            hidden, method = _by_characters(raw, mention.method)
        yield candidate.id, mention.kind, mention.value, raw, start, end, hidden, method


def _found(candidate: Candidate, folded: str) -> Iterator[Found]:
    """Kind by kind; what one kind has taken is blanked out for the next."""
    rest = folded
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

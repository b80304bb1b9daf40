"""Identifiers of short texts, one row a mention: the frame in, the frame out.

Polars decides which texts can hold which kind (a test runs five times as fast as an extraction); Python reads
only those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

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
_HINTED = {"text": pl.String, "region": pl.String, "lang": pl.String}
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

    text: str
    seen: str
    region: str | None
    lang: str | None
    phone: bool
    written_phone: bool
    email: bool
    written_at: bool
    url: bool
    name: bool
    labelled: bool
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
    kept = candidates(texts)
    # Plain digits alone need no more of a text than what stands around them.
    whole = kept.select(pl.any_horizontal("rare", *KINDS[1:])).to_series()
    found: list[tuple[int, Found]] = []
    rows = (~whole).arg_true().to_list()
    for place, phone in phones_in_digits(kept.filter(~whole).select("text", "region", "lang")):
        found.append((rows[place], phone))
    folded: list[tuple[int, Found]] = []
    blanked: list[tuple[int, str, str | None, str | None]] = []
    for row, *rest in (
        kept.with_row_index("row").filter(whole).select("row", *Candidate.__slots__).iter_rows()
    ):
        candidate = Candidate(*rest)
        left, taken = _found(candidate)
        folded.extend((row, mention) for mention in taken)
        if candidate.phone and not candidate.written_phone:
            blanked.append((row, left, candidate.region, candidate.lang))
    left_over = pl.DataFrame([row[1:] for row in blanked], schema=_HINTED, orient="row")
    folded.extend((blanked[place][0], phone) for place, phone in phones_in_digits(left_over))
    mentions = [*_with_spelling(kept, found, False), *_with_spelling(kept, folded, True)]
    mentions.sort(key=lambda mention: (mention[0], mention[5], mention[6], mention[2]))
    return pl.DataFrame([mention[1:] for mention in mentions], schema=IDENTIFIER_SCHEMA, orient="row")


def _with_spelling(
    texts: pl.DataFrame, found: list[tuple[int, Found]], folded: bool
) -> Iterator[tuple[int, str, str, str, str, int, int, bool, str]]:
    """Row number and mention with its raw spelling; with `folded` the places are those of the folded text."""
    found.sort(key=lambda mention: mention[0])
    ids, raws = texts["id"], texts["text"]
    for row, mentions in groupby(found, key=lambda mention: mention[0]):
        identity, text = ids[row], raws[row]
        offsets = offset_map(text) if folded else None
        for _, mention in mentions:
            start, end = mention.start, mention.end
            if offsets is not None:
                start, end = offsets.raw_span(start, end)
            raw = text[start:end]
            hidden, method = mention.obscured, mention.method
            if not hidden and mention.kind in ("phone", "username") and not raw.isascii():
                hidden, method = _by_characters(raw, mention.method)
            yield row, identity, mention.kind, mention.value, raw, start, end, hidden, method


def _found(candidate: Candidate) -> tuple[str, list[Found]]:
    """The folded text with what was found blanked out, and what was found; each kind sees what the last one left."""
    rest = candidate.seen if candidate.seen != candidate.text else normalise(candidate.text)
    found: list[Found] = []
    if candidate.crypto:
        rest = _take(rest, find_crypto(rest), found)
    if candidate.url:
        rest = _take(rest, find_messenger_links(rest), found)
    if candidate.email:
        rest = _take(rest, find_emails(rest, candidate.text, candidate.written_at), found)
    if candidate.name:
        rest = _take(rest, find_usernames(rest, candidate.labelled), found)
    if candidate.url:
        rest = _take(rest, _links(rest, candidate.text), found)
    if candidate.written_phone:
        found.extend(find_phones(rest, candidate.region, candidate.lang, written=True))
    return rest, found


def _take(text: str, mentions: Iterable[Found], found: list[Found]) -> str:
    left = text
    for mention in mentions:
        found.append(mention)
        left = blank(left, mention.start, mention.end)
    return left


def _links(text: str, raw: str) -> Iterator[Found]:
    for url in find_urls(text, raw):
        people = messenger_from_url(url.value, url.start, url.end, url.obscured)
        method = "written" if url.obscured else "plain"
        yield from people or [Found("url", url.value, url.start, url.end, url.obscured, method)]


def _by_characters(raw: str, method: str) -> tuple[bool, str]:
    """Obscured by its characters alone: digits or letters that are not the plain ones."""
    odd = any(normalise(c) != c and not c.isspace() and normalise(c) not in ("-", "+", "'") for c in raw)
    return (True, "unicode") if odd else (False, method)

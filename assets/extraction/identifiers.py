"""Identifiers of short texts, one row a mention: the frame in, the frame out.

A batch of texts is folded and searched as one array; Python reads only the places where an identifier may be.
"""

from __future__ import annotations

import gc
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import polars as pl

from assets.extraction.analytics_ids import find_written_ids, may_name_services
from assets.extraction.candidates import (
    EMAIL,
    LABELLED,
    LINK,
    LONG_TOKEN,
    NAME,
    SPACED_LINK,
    WRITTEN_AT,
    WRITTEN_DOT,
    address_signs,
    backward_rows,
    id_rows,
    platform_places,
    run_flags,
)
from assets.extraction.crypto_addresses import find_crypto
from assets.extraction.digit_runs import phones_of_cluster, read_backwards
from assets.extraction.found import Found, Placed, enter
from assets.extraction.handles import find_messenger_links, find_usernames, messenger_from_url
from assets.extraction.mail_addresses import find_emails
from assets.extraction.masked_numbers import is_masked
from assets.extraction.normalise import normalise
from assets.extraction.not_phones import BLANK, blank
from assets.extraction.number_clusters import number_clusters
from assets.extraction.scan import Scan, scan
from assets.extraction.second_look import look_twice
from assets.extraction.web_addresses import Spelling, find_urls
from assets.extraction.worth_a_look import at_home, worth_a_look

# A remark in brackets, which nobody writes into a number that is to be found.
_REMARK = re.compile(r"[(\[][^()\[\]\d]*[^()\[\]\s\d][^()\[\]\d]*[)\]]")
# Texts and characters read at once: enough to make array operations cheap, few enough to stay in the cache.
_BATCH_TEXTS, _BATCH_CHARACTERS = 3_200, 400_000
# Mentions that are put into one frame: a frame of few costs more than what is in it.
_FRAME_MENTIONS = 4_000
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
_MENTION_SCHEMA = {name: kind for name, kind in IDENTIFIER_SCHEMA.items() if name != "id"}


def extract_identifiers(texts: pl.DataFrame) -> pl.DataFrame:
    """Every identifier mentioned in `texts`.

    In: `id` str, `text` str; optional `region` str (ISO 3166 alpha-2, default telephone region) and `lang` str
    (ISO 639-1). Out, a row per mention in the order of the texts and of their places: `id`, `kind` (phone, email,
    username, url, messenger, crypto, analytics), `value` (E.164 for phones; lower case for e-mails and user names;
    canonical URL; `<platform>:<phone or name>` for messengers; `<coin>:<address>`; `<service>:<id>` of a measuring
    service), `raw` (equals `text[start:end]`),
    `start`, `end` (positions in Python's sense), `obscured`, `method`. A null text has no identifiers.
    """
    nothing = pl.repeat(None, texts.height, dtype=pl.String, eager=True)
    ids, *columns = (
        texts[name].cast(pl.String) if name in texts.columns else nothing
        for name in ("id", "text", "region", "lang")
    )
    naming_services, homes = may_name_services(columns[0]), at_home(columns[1], columns[2])
    frames = [pl.DataFrame(schema=IDENTIFIER_SCHEMA)]
    places: list[int] = []
    mentions: list[list[Any]] = [[] for _ in _MENTION_SCHEMA]
    with _without_collector():
        for start, stop in _batches(columns[0].str.len_chars().fill_null(0).to_numpy()):
            texts_read, regions, languages = (column[start:stop].to_list() for column in columns)
            measured = naming_services[start:stop].arg_true().to_list()
            homely = homes[start:stop].arg_true().to_list()
            rows, read = _identifiers(texts_read, regions, languages, measured, homely)
            places += (rows + start).tolist()
            for column, more in zip(mentions, read, strict=False):
                column += more
            if len(places) >= _FRAME_MENTIONS or (stop == texts.height and places):
                named = zip(_MENTION_SCHEMA.items(), mentions, strict=True)
                values = [pl.Series(name, column, kind) for (name, kind), column in named]
                frames.append(pl.DataFrame([ids.gather(places).rename("id"), *values]))
                places, mentions = [], [[] for _ in _MENTION_SCHEMA]
    return pl.concat(frames)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No cycles are made while texts are read, and the collector would walk all that is remembered again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batches(lengths: np.ndarray) -> Iterator[tuple[int, int]]:
    """Ranges of texts that are read together."""
    ends = np.cumsum(lengths)
    start = 0
    while start < len(lengths):
        before = ends[start - 1] if start else 0
        stop = int(np.searchsorted(ends, before + _BATCH_CHARACTERS, side="right"))
        stop = min(max(stop, start + 1), start + _BATCH_TEXTS)
        yield start, stop
        start = stop


def _identifiers(
    texts: list[str | None],
    regions: list[str | None],
    languages: list[str | None],
    measured: list[int],
    homely: list[int],
) -> tuple[np.ndarray, list[list[Any]]]:
    """The text (counted from 0) of each mention, and the columns of `_MENTION_SCHEMA`.

    `measured` are the texts that may name a measuring service, `homely` those of `at_home`.
    """
    batch = scan([text or "" for text in texts])
    flags = run_flags(batch)
    starts = batch.starts.tolist()
    found: list[Placed] = []
    for row in sorted({*measured, *id_rows(batch)}):
        low = starts[row]
        enter(found, row, low, find_written_ids(batch.text[low : starts[row + 1] - 1]))
    platforms = platform_places(batch, flags).tolist()
    for row, signs in address_signs(batch, flags).items():
        low = starts[row]
        high = starts[row + 1] - 1
        named = (
            platforms[bisect_left(platforms, low) : bisect_left(platforms, high)] if signs & LABELLED else []
        )
        enter(found, row, low, _addresses(batch, low, high, signs, [place - low for place in named]))
    taken = np.array([(start, end) for _, start, end, *_ in found], np.int64).reshape(-1, 2)
    text = _blanked(batch.text, taken) if len(taken) else batch.text
    backward = backward_rows(batch, flags)
    for cluster in number_clusters(batch, flags, taken, regions, languages, backward):
        row = cluster.row
        where = text, starts[row], starts[row + 1] - 1, cluster, regions[row], languages[row]
        if row in backward and (phones := read_backwards(*where)):
            enter(found, row, 0, phones)
        else:
            enter(found, row, 0, phones_of_cluster(*where))
    found = look_twice(text, starts, worth_a_look(batch, flags), homely, found, regions, languages)
    found = [
        entry
        for entry in found
        if entry[3] != "phone" or not is_masked(batch.text, entry[1], entry[2], entry[5])
    ]
    found.sort()
    return _columns(batch, found)


def _columns(batch: Scan, found: list[Placed]) -> tuple[np.ndarray, list[list[Any]]]:
    """What `_identifiers` gives, with places in the raw texts and raw spellings."""
    if not found:
        return np.zeros(0, np.int64), []
    in_rows, firsts, lasts, kinds, _, values, hidden, methods = map(list, zip(*found, strict=True))
    rows = np.array(in_rows, np.int64)
    starts, ends = batch.raw_spans(np.array(firsts, np.int64), np.array(lasts, np.int64))
    raw = batch.raw
    spellings = [raw[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    for place, spelling in enumerate(spellings):
        if not spelling.isascii() and not hidden[place] and kinds[place] in ("phone", "username"):
            hidden[place], methods[place] = _by_characters(spelling, methods[place])
        bracket = kinds[place] == "phone" and ("(" in spelling or "[" in spelling)
        if bracket and not hidden[place] and _REMARK.search(spelling) is not None:
            hidden[place], methods[place] = True, "separated"
    before = batch.raw_starts.take(rows)
    return rows, [
        kinds,
        values,
        spellings,
        (starts - before).tolist(),
        (ends - before).tolist(),
        hidden,
        methods,
    ]


def _blanked(text: str, taken: np.ndarray) -> str:
    """`text` with NULs in the spans `taken`."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(taken.tolist()):
        if end > at:
            pieces += (text[at:start], BLANK * (end - max(at, start)))
            at = end
    return "".join([*pieces, text[at:]])


def _addresses(batch: Scan, low: int, high: int, signs: int, platforms: list[int]) -> list[Found]:
    """What the text at [low, high) holds beside telephone numbers; each kind sees what the last one left.

    `platforms` are the places in it where the name of a platform may begin.
    """
    rest = batch.text[low:high]
    found: list[Found] = []

    def spelling(start: int, end: int) -> str:
        first, last = batch.raw_span(start + low, end + low)
        return batch.raw[first:last]

    if signs & LONG_TOKEN:
        rest = _take(rest, find_crypto(rest), found)
    if signs & (LINK | SPACED_LINK):
        rest = _take(rest, find_messenger_links(rest, signs & SPACED_LINK != 0), found)
    if signs & EMAIL:
        rest = _take(rest, find_emails(rest, spelling, signs & WRITTEN_AT != 0), found)
    if signs & NAME:
        rest = _take(rest, find_usernames(rest, signs & LABELLED != 0, platforms), found)
    # Neither a name of a host nor a scheme is left when an e-mail address held the only one.
    if signs & LINK and (signs & WRITTEN_DOT or "." in rest or "//" in rest):
        rest = _take(rest, _links(rest, spelling, signs & WRITTEN_DOT != 0), found)
    return found


def _take(text: str, mentions: Iterable[Found], found: list[Found]) -> str:
    left = text
    for mention in mentions:
        found.append(mention)
        left = blank(left, mention.start, mention.end)
    return left


def _links(text: str, spelling: Spelling, written_dot: bool) -> Iterator[Found]:
    for url in find_urls(text, spelling, written_dot):
        people = messenger_from_url(url.value, url.start, url.end, url.obscured)
        method = "written" if url.obscured else "plain"
        yield from people or [Found("url", url.value, url.start, url.end, url.obscured, method)]


def _by_characters(raw: str, method: str) -> tuple[bool, str]:
    """Obscured by its characters alone: digits or letters that are not the plain ones."""
    odd = any(normalise(c) != c and not c.isspace() and normalise(c) not in ("-", "+", "'") for c in raw)
    return (True, "unicode") if odd else (False, method)

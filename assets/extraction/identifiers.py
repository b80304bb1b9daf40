"""Identifiers of short texts, one row a mention: the frame in, the frame out.

Polars decides which texts can hold which kind (a test runs five times as fast as an extraction); Python reads
only those.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import polars as pl

from assets.extraction.crypto_addresses import find_crypto
from assets.extraction.found import Found
from assets.extraction.handles import find_messenger_links, find_usernames, messenger_from_url
from assets.extraction.normalise import normalise, offset_map
from assets.extraction.not_phones import blank
from assets.extraction.number_words import all_number_words
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
    for identity, text, region, language, folded, wanted in _candidates(texts):
        for kind, value, raw, start, end, obscured, method in _mentions(
            text, region, language, folded, wanted
        ):
            rows.append((identity, kind, value, raw, start, end, obscured, method))
    return pl.DataFrame(rows, schema=IDENTIFIER_SCHEMA, orient="row")


def _candidates(
    texts: pl.DataFrame,
) -> Iterator[tuple[str, str, str | None, str | None, str, tuple[bool, ...]]]:
    """Texts that may hold something, folded, with a flag per kind."""
    columns = [
        pl.col("id").cast(pl.String),
        pl.col("text").cast(pl.String),
        (pl.col("region") if "region" in texts.columns else pl.lit(None)).cast(pl.String).alias("region"),
        (pl.col("lang") if "lang" in texts.columns else pl.lit(None)).cast(pl.String).alias("lang"),
    ]
    frame = texts.select(columns).filter(pl.col("text").is_not_null())
    folded = pl.Series("folded", [normalise(text) for text in frame["text"]], dtype=pl.String)
    frame = frame.with_columns(folded)
    text = pl.col("folded")
    digits = text.str.count_matches(r"[0-9]")
    words = text.str.find_many(_word_patterns(), ascii_case_insensitive=True).list.len()
    frame = frame.with_columns(digits=digits, words=words).with_columns(
        phone=pl.col("digits") + 2 * pl.col("words") >= 7,
        at=text.str.contains("@", literal=True) | text.str.contains(_WRITTEN_AT),
        dotted=text.str.contains(_DOTTED),
        name=text.str.contains("@", literal=True) | text.str.contains(_LABEL),
        crypto=text.str.contains(_CRYPTO),
        written=(pl.col("words") >= 1)
        | text.str.contains(_LOOK_ALIKE)
        | (text.str.count_matches(_SPELLED_WITH_DIGITS) >= 4),
    )
    flags = ["phone", "written", "at", "dotted", "name", "crypto"]
    frame = frame.filter(
        (pl.col("phone") & (pl.col("digits") >= 7))
        | (pl.col("phone") & pl.col("written"))
        | pl.any_horizontal("at", "dotted", "name", "crypto")
        | ((pl.col("digits") >= 3) & pl.col("written"))
    )
    for row in frame.select("id", "text", "region", "lang", "folded", *flags).iter_rows():
        yield row[0], row[1], row[2], row[3], row[4], row[5:]


_WRITTEN_AT = (
    r"(?i)arroba|arobas|chiocciola|klammeraffe|malpa|apenstaart|собак|[\s\[({<*_-](?:at|aet)[\s\])}>*_-]"
)
_DOTTED = r"(?i)://|\[\.\]|\(\.\)|[^\W_][.\])}]\s?[a-z]{2}|\.\s?me|\(dot|\[dot|dot me|punto me"
_LABEL = (
    r"(?i)\b(?:tele|tg|ig|insta|snap|kik|wechat|skype|twitter|onlyfans|facebook|fb|signal|wickr|discord|tiktok|vk"
    r"|viber|line|threema|session)|теле|тг|инст"
)
_CRYPTO = r"\b(?:0x[0-9a-fA-F]{40}|(?i:bc1|ltc1)[0-9A-Za-z]{8,}|[13TLMD][1-9A-HJ-NP-Za-km-z]{25,34})\b"
_LOOK_ALIKE = r"[0-9][OoQlISBZОоЗЧбІ]|[OoQlISBZОоЗЧбІ][0-9]|[0-9][ .-][OoIlSBОо]{1,4}[ .-]"
_SPELLED_WITH_DIGITS = r"\b(?:[A-Za-z]+[0-9]+[A-Za-z0-9]*|[0-9]+[A-Za-z]{2,})\b"


@cache
def _word_patterns() -> list[str]:
    """Number words of all languages for the first look; those of one or two letters occur in every text."""
    return sorted({word for table in all_number_words().values() for word in table.words if len(word) > 2})


def _mentions(
    text: str, region: str | None, language: str | None, folded: str, wanted: tuple[bool, ...]
) -> list[tuple[str, str, str, int, int, bool, str]]:
    phone, written, at, dotted, name, crypto = wanted
    offsets = offset_map(text)
    found: list[Found] = []
    rest = folded
    if crypto:
        found.extend(find_crypto(rest))
        rest = _without(rest, found)
    if dotted:
        links = list(find_messenger_links(rest))
        found.extend(links)
        rest = _without(rest, links)
    if at:
        emails = list(find_emails(rest, offsets))
        found.extend(emails)
        rest = _without(rest, emails)
    if name:
        names = list(find_usernames(rest))
        found.extend(names)
        rest = _without(rest, names)
    if dotted:
        for url in find_urls(rest, offsets):
            people = messenger_from_url(url.value, url.start, url.end, url.obscured)
            method = "written" if url.obscured else "plain"
            page = Found("url", url.value, url.start, url.end, url.obscured, method)
            found.extend(people or [page])
            rest = blank(rest, url.start, url.end)
    if phone or written:
        found.extend(find_phones(rest, region, language, written))
    rows = []
    for mention in sorted(found, key=lambda mention: (mention.start, mention.end, mention.kind)):
        start, end = offsets.raw_span(mention.start, mention.end)
        raw = text[start:end]
        hidden, method = mention.obscured, mention.method
        if not hidden and mention.kind in ("phone", "username") and not raw.isascii():
            hidden, method = _by_characters(raw, mention.method)
        rows.append((mention.kind, mention.value, raw, start, end, hidden, method))
    return rows


def _by_characters(raw: str, method: str) -> tuple[bool, str]:
    """Obscured by its characters alone: digits or letters that are not the plain ones."""
    odd = any(normalise(c) != c and not c.isspace() and normalise(c) not in ("-", "+", "'") for c in raw)
    return (True, "unicode") if odd else (False, method)


def _without(text: str, found: list[Found]) -> str:
    for mention in found:
        text = blank(text, mention.start, mention.end)
    return text

"""Which texts can hold which kind of identifier, decided by Polars and NumPy before Python reads any of them.

Texts of plain letters are looked at as they are; only those with rarer characters are folded first.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from assets.extraction.normalise import fold, normalise
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.text_buffer import text_buffer

# Beside ASCII: the small letters of our Latin alphabets, Cyrillic, and the commonest signs. Capitals with accents
# are left out, since the search for words ignores case in ASCII alone.
_RARE = (
    r"[^\x00-\x7Fà-öø-ÿăąćęłńőœśșşțţůűźżžčďěňřšťğıß\x{0430}-\x{044F}ёєіїґ€£°º–—’‘“”…«»¿¡·•"
    r"\x{1F300}-\x{1F5FF}\x{1F600}-\x{1F64F}\x{2600}-\x{26FF}\x{2764}\x{FE0F}]|\x{20E3}"
    r"|[a-zA-Z][\x{0430}-\x{045F}]|[\x{0430}-\x{045F}][a-zA-Z]"
)
_DIGIT_RUN = r"(?:[0-9][^0-9A-Za-z]{0,10}){6}[0-9]"
_LOOK_ALIKE = r"[0-9][OoQlISBZОоЗЧбІ]|[OoQlISBZОоЗЧбІ][0-9]|[0-9][ .-][OoIlSBОо]{1,4}[ .-]"
_LOOK_ALIKE_RUN = r"[0-9OoIlОо]{8}"
_DIGIT_IN_WORD = r"[A-Za-z][0-9][A-Za-z]|[^0-9A-Za-z][0-9][A-Za-z]{2}|[A-Za-z]{2}[0-9][^0-9A-Za-z]"
_WRITTEN_AT = (
    r"(?i)arroba|arobas|chiocciola|klammeraffe|ma[lł]pa|apenstaart|coada de maimuta|собак"
    r"|[\s\[({<*_-]a(?:e?t)?[\s\])}>*_-]{1,4}[a-z0-9-]{1,40}\s?"
    r"(?:\.[a-z]|[\[({<* .-]{1,3}(?:dot|punto|ponto|point|punkt|punct|punt|kropka))"
)
_DOTTED = r"(?i)://|\[\.\]|\(\.\)|[a-z0-9à-ÿ-][.\])}]\s?[a-z]{2}|\.\s?me|[\[({]\s?(?:dot|punt|punkt|point|ponto|punct)"
_MARKED_NAME = (
    r"(?i-u:\b(?:tg|ig|fb|vk|insta|snap|kik|line|tele)\s?(?:id|user|nick)?\s{0,2}[:=@>(-])|тг|инст|теле"
)
_CRYPTO = r"0x[0-9a-fA-F]{40}|(?i-u:bc1|ltc1)[0-9A-Za-z]{8,}|[13TLMD][1-9A-HJ-NP-Za-km-z]{25,34}"
_PLATFORMS = (
    "telegra", "telega", "instagram", "snapchat", "wechat", "skype", "twitter", "onlyfans", "facebook", "signal",
    "wickr", "discord", "tiktok", "viber", "threema", "session",
)  # fmt: skip
# Bytes between two number words, or a word and a digit, of one number: a blank, a joiner, an emoji.
_NEAR_WORD, _NEAR_DIGIT = 8, 4


KINDS = ("phone", "written_phone", "email", "written_at", "url", "name", "labelled", "crypto")


def candidates(texts: pl.DataFrame) -> pl.DataFrame:
    """Candidates among `texts` (id, text; optional region, lang) in their order; null texts are none.

    Out: id, text, region, lang str; seen str (the text, folded where it has rare characters); rare bool; and per
    kind of `KINDS` bool whether the text may hold one.
    """
    frame = texts.select(
        pl.col("id").cast(pl.String),
        pl.col("text").cast(pl.String),
        (pl.col("region") if "region" in texts.columns else pl.lit(None)).cast(pl.String).alias("region"),
        (pl.col("lang") if "lang" in texts.columns else pl.lit(None)).cast(pl.String).alias("lang"),
    ).filter(pl.col("text").is_not_null())
    rare = frame["text"].str.contains(_RARE)
    seen = frame["text"]
    if rare.any():
        seen = seen.scatter(
            rare.arg_true(), pl.Series([normalise(text) for text in seen.filter(rare)], dtype=pl.String)
        )
    frame = frame.with_columns(
        rare=rare,
        seen=seen,
        digits=seen.str.count_matches(r"[0-9]"),
        words=pl.Series(_near_number_words(seen), dtype=pl.Int64),
    )
    text, digits, words = pl.col("seen"), pl.col("digits"), pl.col("words")
    at = text.str.contains("@", literal=True)
    written_at = text.str.contains(_WRITTEN_AT)
    labelled = text.str.contains(_MARKED_NAME) | text.str.contains_any(
        list(_PLATFORMS), ascii_case_insensitive=True
    )
    return frame.with_columns(
        phone=(digits >= 7) & text.str.contains(_DIGIT_RUN),
        written_phone=((words >= 1) & (digits + 2 * words >= 7))
        | ((digits >= 4) & (text.str.contains(_LOOK_ALIKE) | (text.str.count_matches(_DIGIT_IN_WORD) >= 4)))
        | ((digits >= 2) & text.str.contains(_LOOK_ALIKE) & text.str.contains(_LOOK_ALIKE_RUN)),
        email=at | written_at,
        written_at=written_at,
        url=text.str.contains(_DOTTED),
        name=at | labelled,
        labelled=labelled,
        crypto=text.str.contains(_CRYPTO),
    ).filter(pl.any_horizontal(KINDS))


@cache
def _word_patterns() -> list[str]:
    """Number words of all languages, as written and folded, longest first; one letter says nothing."""
    spellings: set[str] = set()
    for language in languages_with("numbers"):
        table = read_yaml(f"numbers/{language}.yaml")
        phrases = [p for listed in table["values"].values() for p in listed] + table.get("hundred", [])
        phrases += [word for listed in table.get("repeats", {}).values() for word in listed]
        for word in (word for phrase in phrases for word in str(phrase).split()):
            spellings |= {word.lower(), fold(word)}
    return sorted((word for word in spellings if len(word) > 1), key=lambda word: (-len(word), word))


def _near_number_words(texts: pl.Series) -> np.ndarray:
    """Per text the number words that stand whole (or glued to others) close to another one or to a digit."""
    patterns = _word_patterns()
    places = texts.str.find_many(patterns, ascii_case_insensitive=True, leftmost=True)
    words = texts.str.extract_many(patterns, ascii_case_insensitive=True, leftmost=True)
    count = places.list.len().to_numpy()
    total = np.zeros(len(texts), dtype=np.int64)
    if not count.sum():
        return total
    buffer = text_buffer(texts)
    offsets = buffer.offsets
    # A margin of blanks on both sides, so that looking around a word stays inside.
    data = np.concatenate([np.full(8, 32, np.uint8), buffer.data, np.full(8, 32, np.uint8)])
    row = np.repeat(np.arange(len(texts)), count)
    start = places.explode(empty_as_null=False).to_numpy().astype(np.int64) + offsets[row] + 8
    end = start + words.explode(empty_as_null=False).str.len_bytes().to_numpy().astype(np.int64)
    # Texts lie end to end in the buffer: a letter beyond the text's own border is none of its word.
    first, last = offsets[row] + 8, offsets[row + 1] + 8
    left = (start == first) | ~_LETTER[data[start - 1]] | _touches(end[:-1] == start[1:], before=True)
    right = (end == last) | ~_LETTER[data[end]] | _touches(end[:-1] == start[1:], before=False)
    whole = left & right
    row, start, end = row[whole], start[whole], end[whole]
    if not len(row):
        return total
    close = (row[1:] == row[:-1]) & (start[1:] - end[:-1] <= _NEAR_WORD)
    near = _touches(close, before=True) | _touches(close, before=False)
    for step in range(_NEAR_DIGIT):
        near |= _DIGIT[data[end + step]] | _DIGIT[data[start - 1 - step]]
    return np.bincount(row[near], minlength=len(texts)).astype(np.int64)


def _touches(joined: np.ndarray, before: bool) -> np.ndarray:
    """Of neighbours joined pair by pair, which are joined to the one before (or behind) them."""
    return np.concatenate([[False], joined]) if before else np.concatenate([joined, [False]])


_BYTES = np.arange(256)
_LETTER = ((_BYTES >= 65) & (_BYTES <= 90)) | ((_BYTES >= 97) & (_BYTES <= 122))
_DIGIT = (_BYTES >= 48) & (_BYTES <= 57)

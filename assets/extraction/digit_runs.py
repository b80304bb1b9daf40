"""Telephone numbers written in digits, read by their neighbourhoods: what stands around a run decides what it is.

NumPy finds the runs of all texts at once and cuts each out with as much of its surroundings as can matter; equal
neighbourhoods ("… 10:00-22:00 …", a number posted a hundred times) are read by Python once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np
import polars as pl

from assets.extraction.found import Found
from assets.extraction.normalise import fold, normalise, offset_map
from assets.extraction.not_phones import blank_other_numbers
from assets.extraction.phone_validity import regions_for
from assets.extraction.phones import FORM_WORDS, find_phones, is_counting, is_trusted, phone_value
from assets.extraction.rule_files import read_yaml
from assets.extraction.text_buffer import TextBuffer, text_buffer

# Bytes: ten characters of UTF-8 between two digits of one run, and what the reading of phones looks at around it.
_GAP, _MARGIN, _BEFORE, _AFTER = 40, 12, 64, 56
_FEWEST_DIGITS = 7
_REMEMBERED = 100_000
# Stands for words that say nothing about the digits beside them.
_SOME_WORD = "wq"
_SILENT = ("", _SOME_WORD)
_WORDS = re.compile(r"(?:[a-zA-Z]+(?: [a-zA-Z]+)*)?")
# One number between blanks and marks of a sentence; `mixed` when its groups are not all parted by the same sign.
_SIMPLE = re.compile(
    r"[ \n.,:;!?-]*(?P<plus>\+?)"
    r"(?P<digits>[0-9]+(?:(?P<separator>[ ./-])[0-9]+(?:(?P=separator)[0-9]+)*(?P<mixed>(?:[ ./-][0-9]+)*))?)"
    r"[ \n.,;!?]*"
)
_SEPARATOR = re.compile("[ ./-]")
_BYTES = np.arange(256)
_DIGIT = (_BYTES >= 48) & (_BYTES <= 57)
# Latin and Cyrillic letters beyond ASCII begin with one of these bytes in UTF-8.
_LETTER_BEGINS = ((_BYTES >= 0xC3) & (_BYTES <= 0xCA)) | ((_BYTES >= 0xD0) & (_BYTES <= 0xD3))
_ALNUM = _LETTER_BEGINS | _DIGIT | ((_BYTES >= 65) & (_BYTES <= 90)) | ((_BYTES >= 97) & (_BYTES <= 122))
# Letters that are compared without their accents; anything rarer is left as it is and looked at.
_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöùúûüýÿăąćęńœśșşțţůűźżžčďěňřšťğ’‘–·"
# Words of five letters make a sentence; below that the exact test decides.
_SURELY_PROSE = r"\p{L}{5}"


def phones_in_digits(texts: pl.DataFrame) -> Iterator[tuple[int, Found]]:
    """(row, phone) per number in `texts` (text str without nulls, region, lang); `row` counts from 0.

    `start` and `end` of the phone are positions in the text. Only plain digits are read, as in
    `find_phones(written=False)`.
    """
    if texts.is_empty():
        return
    buffer = text_buffer(texts["text"])
    runs = _runs(buffer)
    if runs.is_empty():
        return
    prose = texts["text"].str.contains(_SURELY_PROSE).to_numpy().copy()
    for short in np.flatnonzero(~prose).tolist():
        prose[short] = FORM_WORDS.search(normalise(texts["text"][short])) is not None
    row = runs["row"].to_numpy()
    hints = texts.select(pl.col("region", "lang").gather(row))
    neighbourhoods = runs.select("before", "core", "after").with_columns(
        hints["region"].fill_null(""), hints["lang"].fill_null(""), pl.Series("prose", prose[row])
    )
    seen = neighbourhoods.with_row_index("place").group_by(neighbourhoods.columns).agg("place")
    rows, begin, head = row.tolist(), runs["begin"].to_list(), buffer.offsets[row].tolist()
    for *neighbourhood, places in seen.iter_rows():
        found = read_neighbourhood(*neighbourhood)
        if not found:
            continue
        for place in places:
            ahead = len(buffer.data[head[place] : begin[place]].tobytes().decode())
            for phone in found:
                yield (
                    rows[place],
                    Found(
                        phone.kind,
                        phone.value,
                        phone.start + ahead,
                        phone.end + ahead,
                        phone.obscured,
                        phone.method,
                    ),
                )


@lru_cache(maxsize=_REMEMBERED)
def read_neighbourhood(
    before: str, core: str, after: str, region: str, language: str, prose: bool
) -> tuple[Found, ...]:
    """Telephone numbers in `core`; positions count from the beginning of `core`."""
    plain = _read_plain(before, core, after, region, language)
    if plain is not None:
        return plain
    text = before + core + after
    folded = normalise(text)
    found = find_phones(folded, region or None, language or None, written=False, prose=prose)
    if not found:
        return ()
    offsets = offset_map(text)
    first, last = len(before), len(before) + len(core)
    read = []
    for phone in found:
        start, end = offsets.raw_span(phone.start, phone.end)
        if start >= first and end <= last:
            read.append(Found("phone", phone.value, start - first, end - first, phone.obscured, phone.method))
    return tuple(read)


def _read_plain(before: str, core: str, after: str, region: str, language: str) -> tuple[Found, ...] | None:
    """The answer where `core` is one evenly written row of digits; None when it takes more to tell."""
    simple = _SIMPLE.fullmatch(core)
    if simple is None or not (_WORDS.fullmatch(before) and _WORDS.fullmatch(after)):
        return None
    digits, plus = simple["digits"], simple["plus"] != ""
    if (before and simple.start() == simple.start("plus")) or (
        after and simple.end() == simple.end("digits")
    ):
        return None
    groups = _SEPARATOR.split(digits)
    whole = "".join(groups)
    if is_counting(groups) or (
        _may_be_another(groups, simple["separator"] or "", bool(simple["mixed"]))
        and blank_other_numbers(f" {digits} ", in_prose=True) != f" {digits} "
    ):
        return None
    start, end = simple.start("plus"), simple.end("digits")
    ahead = len(before)
    trusted: bool | None = False
    if before not in _SILENT or after not in _SILENT:
        trusted = is_trusted(before + core + after, ahead + simple.start("digits"), ahead + end, "", "", plus)
    value = None if trusted is None else phone_value(whole, plus, regions_for(region, language), trusted)
    if value is None:
        return () if len(groups) == 1 else None
    method = "separated" if sum(len(group) == 1 for group in groups) >= 6 else "plain"
    return (Found("phone", value, start, end, method != "plain", method),)


def _may_be_another(groups: list[str], separator: str, mixed: bool) -> bool:
    """Whether rows of this form can be dates, years, addresses of machines, cards or books at all."""
    digits = sum(map(len, groups))
    if mixed or digits in (13, 16):
        return True
    if len(groups) == 3:
        return separator in "./-"
    return (len(groups) == 4 and separator == ".") or (len(groups) == 2 and digits == 8 and separator in "-/")


def _runs(buffer: TextBuffer) -> pl.DataFrame:
    """Per run of at least seven digits without a letter between: row, begin (byte), before, core, after."""
    data, offsets = buffer.data, buffer.offsets
    places = np.flatnonzero(_ALNUM[data])
    digit = _DIGIT[data[places]]
    at = np.flatnonzero(digit)
    spot = places[at]
    row = np.searchsorted(offsets, spot, side="right") - 1
    # A run goes on while no letter lies between two digits and they are near each other.
    joined = (at[1:] == at[:-1] + 1) & (row[1:] == row[:-1]) & (spot[1:] - spot[:-1] <= _GAP + 1)
    heads = np.concatenate([[True], ~joined]) if len(at) else np.zeros(0, bool)
    head = np.flatnonzero(heads)
    tail = np.concatenate([head[1:], [len(at)]]) - 1 if len(head) else head
    long = tail - head + 1 >= _FEWEST_DIGITS
    head, tail = head[long], tail[long]
    first, last, row = spot[head], spot[tail] + 1, row[head]
    low, high = offsets[row], offsets[row + 1]
    # The core takes in what is neither letter nor digit on both sides.
    previous = np.where(at[head] > 0, places[np.maximum(at[head] - 1, 0)] + 1, 0)
    following = np.where(
        at[tail] + 1 < len(places), places[np.minimum(at[tail] + 1, len(places) - 1)], len(data)
    )
    begin = _aligned(data, np.maximum(np.maximum(low, previous), first - _MARGIN), 1)
    end = _aligned(data, np.minimum(np.minimum(high, following), last + _MARGIN), -1)
    frame = pl.DataFrame(
        {
            "row": row,
            "begin": begin,
            "before": buffer.pieces(_aligned(data, np.maximum(low, begin - _BEFORE), 1), begin),
            "core": buffer.pieces(begin, end),
            "after": buffer.pieces(end, _aligned(data, np.minimum(high, end + _AFTER), -1)),
        }
    )
    return frame.with_columns(before=_reduced_before(), after=_reduced_after())


def _aligned(data: np.ndarray, place: np.ndarray, step: int) -> np.ndarray:
    """Byte positions moved by `step` out of the middle of a character (at most four bytes long)."""
    padded = np.concatenate([data, np.zeros(1, np.uint8)])
    moved = place.copy()
    for _ in range(3):
        moved += step * ((padded[moved] & 0xC0) == 0x80)
    return moved


def _unaccented(words: pl.Expr) -> pl.Expr:
    return words.str.replace_many(list(_ACCENTED), [fold(letter) for letter in _ACCENTED])


@cache
def _cue_words(*kinds: str) -> frozenset[str]:
    return frozenset(fold(str(word)) for kind in kinds for word in read_yaml("phone_cues.yaml")[kind])


def _telling_words() -> frozenset[str]:
    """Words that say what digits behind them are."""
    return _cue_words("phone", "other", "numbered")


def _linking_words() -> frozenset[str]:
    """Words that may stand between such a word and the digits."""
    return _cue_words("number")


@cache
def _units() -> list[str]:
    return sorted(_cue_words("units") | {"zl"})


def _reduced_before() -> pl.Expr:
    """Words before the run, cut down to one when none of them matters. Letters that touch the digits do."""
    before = pl.col("before")
    plain = _unaccented(before)
    words = [
        plain.str.extract(
            rf"(?:^|[^a-zA-Z])([a-zA-Z]+)(?:[^a-zA-Z\n]+[a-zA-Z]+){{{behind}}}$"
        ).str.to_lowercase()
        for behind in (2, 1, 0)
    ]
    telling = [word.is_in(sorted(_telling_words())).fill_null(False) for word in words]
    last_words = pl.concat_str(
        [
            pl.when(word.is_in(sorted(_linking_words() | _telling_words())))
            .then(word)
            .when(word.is_not_null())
            .then(pl.lit(_SOME_WORD))
            for word in words
        ],
        separator=" ",
        ignore_nulls=True,
    )
    return (
        pl.when(plain.str.contains(r"[0-9#$_\x00]|[^\x00-\x7F]"))
        .then(before)
        .when(pl.col("core").str.contains(r"^[0-9]"))
        .then(before.str.replace(r"^.*\s(\S)", f"{_SOME_WORD} $1"))
        .when(pl.any_horizontal(telling))
        .then(last_words)
        .when(before != "")
        .then(pl.lit(_SOME_WORD))
        .otherwise(before)
    )


def _reduced_after() -> pl.Expr:
    """Words behind the run, cut down to one when neither a unit nor another figure is among them."""
    after = pl.col("after")
    plain = _unaccented(after)
    first = plain.str.extract(r"^([a-zA-Z]+)").str.to_lowercase()
    return (
        pl.when(plain.str.contains(r"[0-9$_\x00]|[^\x00-\x7F]") | pl.col("core").str.contains(r"[0-9]$"))
        .then(after)
        .when(first.is_in(_units()))
        .then(first)
        .when(after != "")
        .then(pl.lit(_SOME_WORD))
        .otherwise(after)
    )

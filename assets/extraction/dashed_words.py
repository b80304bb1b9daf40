"""Number words with dashes between their syllables or letters ("se-is ce-ro", "z-e-r-o")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from assets.extraction.number_words import all_number_words, split_token

_DASHED = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
# Two such words stand so close to each other, in characters; one alone may be any word.
_CLOSE = 40
_LONGEST = 40
# Code points above this one are letters or signs beyond ASCII, not digits and blanks.
_LAST_SIGN = ord("@")


def dashes_in_words(text: str, codes: np.ndarray, dashes: np.ndarray) -> Iterator[int]:
    """Places of the `dashes` of the folded `text` (its code points `codes`) that part a number word.

    A word whose pieces are number words themselves ("twenty-two", "06-seis-cero") keeps its dashes.
    """
    inside = dashes[
        (codes.take(dashes - 1, mode="clip") > _LAST_SIGN)
        & (codes.take(dashes + 1, mode="clip") > _LAST_SIGN)
    ]
    near = inside[1:] - inside[:-1] <= _CLOSE
    if not near.any():
        return
    done = 0
    for place in inside[np.append(near, False) | np.append(False, near)].tolist():
        if place < done:
            continue
        low = place
        while low > done and place - low < _LONGEST and text[low - 1].isalpha():
            low -= 1
        match = _DASHED.match(text, low, place + _LONGEST)
        if match is None:
            continue
        done = match.end()
        pieces = match.group().lower().split("-")
        if not all(map(is_number_word, pieces)) and is_number_word("".join(pieces)):
            for at in range(*match.span()):
                if text[at] == "-":
                    yield at


def is_number_word(token: str) -> bool:
    """Whether `token` (folded, in small letters) is a number word of any language, or several in one."""
    words, joiners, languages = _all_words()
    if token in words:
        return True
    if len(token) <= 4:
        return False
    return token in joiners or any(
        split_token(token, language) is not None for language in languages.get(token[:2], ())
    )


@cache
def _all_words() -> tuple[frozenset[str], frozenset[str], dict[str, list[str]]]:
    """Number words and joiners of every language, and the languages with a number word by its first two letters."""
    tables = all_number_words()
    languages: dict[str, list[str]] = {}
    for language, table in tables.items():
        for head in table.by_head:
            languages.setdefault(head, []).append(language)
    return (
        frozenset(word for table in tables.values() for word in table.words),
        frozenset(word for table in tables.values() for word in table.joiners),
        languages,
    )

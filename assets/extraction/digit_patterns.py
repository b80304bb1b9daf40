"""With which digits a match of a numbering plan's pattern may begin.

The patterns of libphonenumber's metadata and of the fiction ranges are of few kinds: digits, classes, groups,
alternatives and counts. They are spelled out as far as asked, which takes a hundredth of the time that a library
needs to compile them for partial matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

# A character, a class, a bracket, a stroke or a count; the end of a text and what brackets remember say nothing here.
_TOKEN = re.compile(
    r"\\(?P<escaped>.)|\[(?P<listed>[^\]]+)\]|(?P<sign>\(\?:|\((?!\?)|[)|$?]|\{\d+(?:,\d+)?\})|(?P<plain>[\d+])"
)
_DIGITS = "0123456789"


class Beginnings(NamedTuple):
    """`heads`: every string up to the asked length that some match begins with; `whole`: shorter matches."""

    heads: frozenset[str]
    whole: frozenset[str]

    def of_whole(self, head: str) -> bool:
        """Whether a text that matches from end to end may begin with `head`."""
        return head in self.heads

    def of_part(self, head: str) -> bool:
        """Whether a text that begins with `head` may begin with a match."""
        return head in self.heads or any(head.startswith(match) for match in self.whole)


# Alternatives of rows of pieces: what stands there (characters or alternatives), and how often at least and at most.
_Piece = tuple["str | list[list[_Piece]]", int, int]


@cache
def beginnings(pattern: str, longest: int) -> Beginnings:
    """Beginnings of the matches of `pattern`, up to `longest` characters; ValueError for another kind of pattern."""
    spelled = _follow(_parsed(_tokens(pattern)), {""}, longest)
    heads = frozenset(text[:end] for text in spelled for end in range(len(text) + 1))
    return Beginnings(heads, frozenset(text for text in spelled if len(text) < longest))


def _tokens(pattern: str) -> Iterator[str]:
    """Brackets, strokes and counts as they stand; characters as "=" and all that may stand there."""
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise ValueError(f"no pattern of a numbering plan: {pattern!r} at {at}")
        at = token.end()
        if token["sign"]:
            yield token["sign"]
        elif token["listed"]:
            yield f"={_listed(token['listed'])}"
        else:
            yield "=" + (_DIGITS if token["escaped"] == "d" else token["escaped"] or token["plain"])


def _listed(spelled: str) -> str:
    return re.sub(r"(\d)-(\d)", lambda ends: _DIGITS[int(ends[1]) : int(ends[2]) + 1], spelled)


def _parsed(tokens: Iterator[str]) -> list[list[_Piece]]:
    """What stands up to the next closing bracket."""
    ways: list[list[_Piece]] = [[]]
    for token in tokens:
        if token == ")":
            break
        if token == "|":
            ways.append([])
        elif token in ("(", "(?:"):
            ways[-1].append((_parsed(tokens), 1, 1))
        elif token == "?":
            ways[-1][-1] = (ways[-1][-1][0], 0, 1)
        elif token[0] == "{":
            least, _, most = token[1:-1].partition(",")
            ways[-1][-1] = (ways[-1][-1][0], int(least), int(most or least))
        elif token != "$":
            ways[-1].append((token[1:], 1, 1))
    return ways


def _follow(ways: list[list[_Piece]], heads: set[str], longest: int) -> set[str]:
    """What `heads` become behind any of `ways`; those of `longest` characters stay as they are."""
    full = {head for head in heads if len(head) >= longest}
    short = heads - full
    if not short:
        return full
    reached: set[str] = set()
    for way in ways:
        ahead = short
        for piece, least, most in way:
            passed: set[str] = ahead if least == 0 else set()
            for time in range(1, most + 1):
                ahead = (
                    {head if len(head) >= longest else head + one for head in ahead for one in piece}
                    if isinstance(piece, str)
                    else _follow(piece, ahead, longest)
                )
                if time >= least:
                    passed = passed | ahead
                if all(len(head) >= longest for head in ahead):
                    passed = passed | ahead
                    break
            ahead = passed
        reached |= ahead
    return full | reached

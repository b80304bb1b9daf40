"""Web addresses whose dots, slashes and hyphens are said, bracketed or set apart ("foo punto bar barra baz").

A chain of labels joined by dots, of which the last known domain ends the host, and a path behind it. Every piece is
given as a place in the text, since the words of signs are known in their folded form and the pieces count as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from assets.extraction.alternatives import one_of
from assets.extraction.signs_in_words import by_ear, signs_in_words

_PART = r"[^\W_]{1,63}(?:-{1,2}[^\W_]{1,63}){0,8}"
_OPEN, _CLOSE = r"\s{0,2}[\[({<*_~-]{1,3}\s{0,2}", r"\s{0,2}[\])}>*_~-]{1,3}\s{0,2}"
# A segment behind a plain slash.
_WRITTEN = r"[^\s<>\"\x00\[\](){}*]+"
_MOST_SEGMENTS = 6
_LONGEST_SCHEME = 40


class SaidAddress(NamedTuple):
    """`host` and `path` hold the pieces of the address: signs (".", "/", "-", "_") and the spans (start, end) of parts.

    `labels` are the labels of the host in small letters. `shown` says that the address cannot be prose (a scheme,
    "www", a bracketed dot), `spaced` that its dots are points with blanks around them, as ends of sentences may be.
    """

    start: int
    end: int
    host: list[str | tuple[int, int]]
    path: list[str | tuple[int, int]]
    labels: list[str]
    shown: bool
    spaced: bool


class _Signs(NamedTuple):
    chain: re.Pattern[str]
    path: re.Pattern[str]
    dot: re.Pattern[str]
    slash: re.Pattern[str]
    joint: re.Pattern[str]
    scheme: re.Pattern[str]


def _said(words: tuple[str, ...], marked: tuple[str, ...]) -> str:
    """A sign as one of `words` between blanks, or as one of them or of `marked` between brackets or other marks."""
    return rf"{_OPEN}{one_of([*words, *marked])}{_CLOSE}|\s{{1,2}}{one_of(words)}\s{{1,2}}"


@cache
def _signs() -> _Signs:
    words = signs_in_words()
    dot = rf"(?:{_said(words['dot'], (*words['dot_short'], '.'))}|\s\.\s|\s\.(?=\w)|\.(?=\w))"
    slash = rf"(?:{_said(words['slash'], ('/',))}|\s?[/\\]\s?)"
    hyphen = rf"(?:{_said(words['hyphen'], ('-',))})"
    underscore = rf"(?:{_said(words['underscore'], ('_',))})"
    www = rf"(?:w\s?w\s?w|{one_of(words['www'])})"
    label = rf"{_PART}(?:{hyphen}{_PART}){{0,3}}"
    inside = rf"(?:{underscore}|{hyphen}|{_said(words['dot'], ())})"
    piece = r"[\w%-]+(?:\.[\w%-]+){0,3}"
    segment = rf"(?:{piece}(?:{inside}{piece}){{0,3}})"
    flags = re.IGNORECASE
    return _Signs(
        re.compile(
            rf"(?<![\w@.\-/])(?:(?P<www>{www})(?={dot})|{label})(?:{dot}{label}){{1,4}}(?![\w@])(?!-(?!{one_of(words['slash'])}-))",
            flags,
        ),
        re.compile(rf"(?:(?<=\w)/{_WRITTEN}|{slash}{segment}(?![\w@]))", flags),
        re.compile(dot, flags),
        re.compile(slash, flags),
        re.compile(
            rf"(?P<underscore>{underscore})|(?P<hyphen>{hyphen})|(?P<dot>{_said(words['dot'], ())})", flags
        ),
        re.compile(
            rf"(?:h(?:tt|xx)ps?)\s?(?::|{one_of(words['colon'])})\s?(?:(?:/|{one_of(words['slash'])})\s?){{2}}$",
            flags,
        ),
    )


def find_said_addresses(text: str, is_domain: Callable[[str], bool]) -> Iterator[SaidAddress]:
    """Chains of labels in the folded `text` whose signs are not all plain; `is_domain` knows the last labels."""
    signs = _signs()
    at = 0
    while (match := signs.chain.search(text, at)) is not None:
        found = _address(text, match, is_domain)
        at = found.end if found is not None else match.end()
        if found is not None:
            yield found
        elif " " in match.group():
            # Another chain may begin at a later label ("una web punto com").
            at = match.start() + len(re.split(r"\s", match.group(), maxsplit=1)[0])


def _address(text: str, match: re.Match[str], is_domain: Callable[[str], bool]) -> SaidAddress | None:
    signs = _signs()
    low, high = match.span()
    dots = list(signs.dot.finditer(text, low, high))
    borders = [low, *(place for dot in dots for place in dot.span()), high]
    labels = list(zip(borders[::2], borders[1::2], strict=True))
    while len(labels) > 1 and not is_domain(text[slice(*labels[-1])]):
        labels.pop()
    if len(labels) < 2:
        return None
    last = labels[-1][1]
    path, end = _path(text, last) if last == high else ([], last)
    host: list[str | tuple[int, int]] = []
    for start, stop in labels:
        heard = "www" if stop == match.end("www") else by_ear().get(text[start:stop].lower())
        host += [*("." for _ in host[:1]), *([heard] if heard is not None else _pieces(text, start, stop))]
    if match["www"] is None and text[low:end] == "".join(
        piece if isinstance(piece, str) else text[slice(*piece)] for piece in [*host, *path]
    ):
        return None
    used = [dot.group().strip() for dot in dots[: len(labels) - 1]]
    names = [by_ear().get(name := text[slice(*label)].lower(), name) for label in labels]
    scheme = signs.scheme.search(text, max(0, low - _LONGEST_SCHEME), low)
    marked = any(not (dot == "." or dot[0].isalpha()) for dot in used)
    return SaidAddress(
        scheme.start() if scheme is not None else low,
        end,
        host,
        path,
        names,
        scheme is not None or names[0] == "www" or match["www"] is not None or marked,
        all(dot == "." for dot in used),
    )


def _pieces(text: str, start: int, stop: int) -> list[str | tuple[int, int]]:
    """The parts of a label or of a segment with the signs between them."""
    pieces: list[str | tuple[int, int]] = []
    at = start
    for joint in _signs().joint.finditer(text, start, stop):
        pieces += [
            (at, joint.start()),
            {"underscore": "_", "hyphen": "-", "dot": "."}[joint.lastgroup or "dot"],
        ]
        at = joint.end()
    return [*pieces, (at, stop)]


def _path(text: str, at: int) -> tuple[list[str | tuple[int, int]], int]:
    """The pieces of the path that begins at `at`, and where it ends."""
    signs = _signs()
    pieces: list[str | tuple[int, int]] = []
    for _ in range(_MOST_SEGMENTS):
        match = signs.path.match(text, at)
        if match is None:
            break
        slash = signs.slash.match(text, at)
        first = slash.end() if slash is not None else at + 1
        pieces += ["/", *_pieces(text, first, match.end())]
        at = match.end()
    return pieces, at

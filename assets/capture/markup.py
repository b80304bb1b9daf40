"""Markup that would cost a parser of HTML far more than its size: found before it is parsed.

Three costs of the parsing algorithm (WHATWG HTML, 13.2) grow faster than the page, whoever implements it. Measured
with lexbor (selectolax 0.4):
- depth: many tags look through the elements that are open. 100,000 nested elements take 18 s.
- formatting elements (`<b>`, `<font>`, …) that are left open are made anew in every later paragraph: 18 KB with 1,000
  of each make a million elements, 370 MB.
- attributes of one element are compared with each other: 50,000 of them take 4 s.
"""

import re
from collections import Counter
from typing import Any

import numpy as np

# Elements looked at, per page; 200 million take about a second.
_BUDGET = 200_000_000
# What it costs to make an element anew, in elements looked at; so at most 200,000 are made, in some 80 MB.
_REMAKING = 1_000
_MOST_BYTES = 4 * 1024 * 1024
_MOST_TAGS = 300_000
# Below these sizes a page cannot cost much.
_FEW_TAGS = 600
_SMALL_PRODUCT = 20_000_000
_FEW_REMADE = 200_000
_LESS_THAN = ord("<")
_LONG_TAG_BYTES = 12 * 1024
_LARGE_PAGE_BYTES = 128 * 1024

_FORMATTING = frozenset(
    {b"b", b"big", b"code", b"em", b"font", b"i", b"s", b"small", b"strike", b"strong", b"tt", b"u"}
)
_FORMATTING_TAG = re.compile(rb"<(?:b|big|code|em|font|i|s|small|strike|strong|tt|u)[\s/>]", re.IGNORECASE)
# Never left open, or closed by their like.
_SHALLOW = frozenset(
    {
        *(
            b"area",
            b"base",
            b"br",
            b"col",
            b"embed",
            b"hr",
            b"img",
            b"input",
            b"link",
            b"meta",
            b"source",
            b"track",
        ),
        *(b"wbr", b"p", b"li", b"dd", b"dt", b"option", b"td", b"th", b"tr", b"!doctype"),
    }
)
_TAG = re.compile(rb"<(/?)([A-Za-z][^\s/>]*+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)")
_BETWEEN_ATTRIBUTES = re.compile(rb"[\s/\"']+")


def excess_of(markup: bytes, most_bytes: int = _MOST_BYTES) -> int | None:
    """Where to stop reading a page that would cost too much, as an offset in bytes; None when it would not.

    Of any page, 300,000 tags are enough, and for links `most_bytes`: as a tree, that is up to 150 MB.
    """
    if len(markup) > most_bytes:
        end = excess_of(markup[:most_bytes], most_bytes)
        return most_bytes if end is None else end
    # An ordinary page ends here, for some ten microseconds: `bytes.count` looks at one byte at a time, this at many.
    starts = np.flatnonzero(np.frombuffer(markup, np.uint8) == _LESS_THAN)
    if len(starts) < _FEW_TAGS and len(markup) < _LONG_TAG_BYTES:
        return None
    if not (_may_be_costly(markup, len(starts)) or _may_have_long_tags(markup, starts)):
        return None
    return _walk(markup)


def _may_be_costly(markup: bytes, tags: int) -> bool:
    if tags < _FEW_TAGS:
        return False
    if tags > _MOST_TAGS or tags * (tags - markup.count(b"</")) > _SMALL_PRODUCT:
        return True
    return len(_FORMATTING_TAG.findall(markup)) * tags > _FEW_REMADE


def _may_have_long_tags(markup: bytes, starts: np.ndarray[Any, np.dtype[np.int64]]) -> bool:
    if len(markup) > _LARGE_PAGE_BYTES:
        return True
    # Between two openings there is mostly text, not a tag.
    gaps = np.diff(starts, append=len(markup))
    tags = (_TAG.match(markup, start) for start in starts[gaps > _LONG_TAG_BYTES].tolist())
    return any(tag is not None and len(tag.group()) > _LONG_TAG_BYTES for tag in tags)


def _walk(markup: bytes) -> int | None:
    """Add up, tag by tag, what a parser would look at. Tags in scripts count, too."""
    open_now: Counter[bytes] = Counter()
    depth = remade = work = 0
    for number, match in enumerate(_TAG.finditer(markup)):
        closes, name, attributes = match.groups()
        name = name.lower()
        if len(attributes) > 2_000:
            work += len(_BETWEEN_ATTRIBUTES.split(attributes)) ** 2 // 2
        work += depth + remade * _REMAKING
        if work > _BUDGET or number >= _MOST_TAGS:
            return match.start()
        if name in _SHALLOW:
            continue
        if not closes:
            open_now[name] += 1
            depth += 1
            remade += name in _FORMATTING
        elif open_now[name]:
            open_now[name] -= 1
            depth -= 1
            remade -= name in _FORMATTING
    return None

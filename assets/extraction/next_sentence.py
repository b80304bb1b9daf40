"""A number word behind a telephone number that begins the next sentence ("Call 320 000 0150. Un bacio")."""

from __future__ import annotations

import re
from collections.abc import Sequence

_END = re.compile(r"[.!?\n][ \n]|[.!?\n]$|[^\w\x00-\u20ff]")


def is_next_sentence(gaps: Sequence[str]) -> bool:
    """Whether the last of several parts stands behind the end of a sentence, a line or a picture, and no other does.

    `gaps` are what stands between each two parts, in order. Whoever parts all words of a number by full stops or lines
    goes on with it; where only the last word stands behind one, it is an article or another word of what follows.
    """
    return bool(gaps) and _END.search(gaps[-1]) is not None and not any(map(_END.search, gaps[:-1]))

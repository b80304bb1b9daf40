"""One finding in a folded text, before its span is carried back to the raw text."""

from __future__ import annotations

from typing import NamedTuple


class Found(NamedTuple):
    """`start` and `end` are positions in the folded text; `obscured` when the spelling hides the value."""

    kind: str
    value: str
    start: int
    end: int
    obscured: bool
    method: str

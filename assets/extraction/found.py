"""One finding in a folded text, before its span is carried back to the raw text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Found(NamedTuple):
    """`start` and `end` are positions in the folded text; `obscured` when the spelling hides the value."""

    kind: str
    value: str
    start: int
    end: int
    obscured: bool
    method: str

    def moved(self, by: int) -> Found:
        """The same, so many characters further on."""
        return self._replace(start=self.start + by, end=self.end + by)


# A mention in a batch of texts: the text's number, its places in the whole, its kind, how many were found before it,
# value, obscured, method. A plain tuple, which is made and put in order at a third of the cost of a named one.
Placed = tuple[int, int, int, str, int, str, bool, str]


def enter(found: list[Placed], row: int, low: int, mentions: Iterable[Found]) -> None:
    """Enter what was found in text `row`, with places counted from `low`."""
    for kind, value, start, end, obscured, method in mentions:
        found.append((row, start + low, end + low, kind, len(found), value, obscured, method))

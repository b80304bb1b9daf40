"""Looks up, among things of a text in order of their start, those that start within a stretch of it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar


class HasStart(Protocol):
    """Anything with the offset at which it starts."""

    @property
    def start(self) -> int: ...


Item = TypeVar("Item", bound=HasStart)


class ByStart(Generic[Item]):
    """Items sorted by start, for look-ups in logarithmic time; keeps a page of a thousand lines linear."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = sorted(items, key=lambda item: item.start)
        self._starts = [item.start for item in self.items]

    def within(self, start: int, end: int) -> list[Item]:
        """Items that start in [start, end), in order."""
        return self.items[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def last_before(self, position: int) -> Item | None:
        """The last item that starts at or before a position."""
        place = bisect_right(self._starts, position) - 1
        return self.items[place] if place >= 0 else None

"""A set of texts that keeps their hashes only."""


class HashedSet:
    """Membership of texts in a third of their memory.

    Of a million texts two share one of 2**64 hashes in one crawl of thirty million; the later one would count as known.
    """

    __slots__ = ("_hashes",)

    def __init__(self) -> None:
        self._hashes: set[int] = set()

    def add(self, text: str) -> None:
        """Put a text in."""
        self._hashes.add(hash(text))

    def __contains__(self, text: str) -> bool:
        return hash(text) in self._hashes

    def __len__(self) -> int:
        return len(self._hashes)

"""Lower case that keeps offsets, and patterns for any of several words."""

from collections.abc import Iterable


def fold(text: str) -> str:
    """Lower case of the same length, so that spans found in it hold in the text."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def any_of(patterns: Iterable[str]) -> str:
    """A pattern for any of the patterns, the first that fits."""
    return f"(?:{'|'.join(patterns)})"


def alternation(words: list[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(sorted(words, key=len, reverse=True))

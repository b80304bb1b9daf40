"""Lower case that keeps offsets, and patterns for any of several words."""


def fold(text: str) -> str:
    """Lower case of the same length, so that spans found in it hold in the text."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def alternation(words: list[str]) -> str:
    """A pattern for any of the words, longest first."""
    return "|".join(sorted(words, key=len, reverse=True))

"""Lists of words written as one string, which reads better than a column of quotes."""


def words(text: str) -> tuple[str, ...]:
    """The words of `text` between white space."""
    return tuple(text.split())

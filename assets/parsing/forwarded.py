"""Where a message was forwarded from: a name, and the page of whoever has one, in one column."""

import polars as pl


def forwarded_from(name: str | None, page: str | None) -> str | None:
    """The name with the page in brackets behind it ("Foo (https://t.me/foo)"); either alone where there is no other."""
    if page is None:
        return name
    return f"{name} ({page})" if name else f"({page})"


def forwarded_page(column: str = "forwarded_from") -> pl.Expr:
    """The page (String) of whoever messages were forwarded from; null where none is told."""
    return pl.col(column).str.extract(r"\((https?://[^\s()]+)\)$")

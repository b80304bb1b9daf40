"""Where a message was forwarded from: what is written is read back."""

import polars as pl
import pytest

from assets.parsing.forwarded import forwarded_from, forwarded_page


@pytest.mark.parametrize(
    ("name", "page", "written"),
    [
        ("Foo (the board)", "https://t.me/foo/12", "Foo (the board) (https://t.me/foo/12)"),
        ("Foo", None, "Foo"),
        ("Foo (bar)", None, "Foo (bar)"),
        (None, "https://t.me/foo", "(https://t.me/foo)"),
        (None, None, None),
    ],
)
def test_the_page_stands_behind_the_name(name: str | None, page: str | None, written: str | None) -> None:
    assert forwarded_from(name, page) == written
    frame = pl.DataFrame({"forwarded_from": [written]}, schema={"forwarded_from": pl.String})
    assert frame.select(forwarded_page()).item() == page

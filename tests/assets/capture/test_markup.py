"""Pages that would cost a parser too much are recognised, and ordinary ones are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from assets.capture.markup import excess_of

COSTLY = {
    "nested": b"<div>" * 100_000,
    "nested, with closing tags that close nothing": b"<div></x>" * 100_000,
    "closing tags below many elements": b"<span>" * 5_000 + b"</x>" * 300_000,
    "nested through paragraphs": b"<p><button>" * 30_000,
    "nested lists": b"<ul><li>" * 30_000,
    "nested tables": b"<table><tr><td>" * 60_000,
    "inside a table that has no room for it": b"<table>" + b"<div>x" * 40_000,
    "formatting left open": b"<p>" + b"".join(b"<b id=%d>" % n for n in range(999)) + b"</p>" + b"<p>x" * 5_000,
    "in capitals": b"<P>" + b"".join(b"<FONT id=%d>" % n for n in range(1_000)) + b"</P>" + b"<P>x" * 5_000,
    "attributes": b"<a " + b" ".join(b"a%d=b" % n for n in range(50_000)) + b">",
    "attributes that hold tags": b"<a " + b" ".join(b'a%d="<p>"' % n for n in range(50_000)) + b">",
}  # fmt: skip
ORDINARY = {
    "long": b"<div><p>text<br><img src=x></p><b>b</b></div>" * 20_000,
    "paragraphs and cells without ends": b"<p>a<table><tr><td>b<tr><td>c</table>" * 5_000,
    "a list": b"<ul>" + b"<li><a href=/x>x</a>" * 20_000 + b"</ul>",
    "a picture in an address": b'<img src="data:image/png;base64,' + b"QUJD" * 300_000 + b'=">',
    "a script": b"<script>" + b"if (a < b && c > d) { x = 'y' }\n" * 5_000 + b"</script><p>text",
    "emphasis": b"<p>some <b>words</b> and <i>more</i></p>" * 5_000,
    "brackets": b"<" * 300_000,
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_page_is_cut_and_its_beginning_can_be_read(name: str) -> None:
    page = COSTLY[name]
    end = excess_of(page)
    assert end is not None
    assert LexborHTMLParser(page[:end] or b"<p>").root is not None
    assert excess_of(page[:end]) is None


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_page_is_read_to_its_end(name: str) -> None:
    assert excess_of(ORDINARY[name]) is None


@given(
    st.lists(
        st.sampled_from([b"<", b">", b"<b>", b"</b>", b'"', b"'", b"<a x=", b" ", b"<!--", b"\xff"])
    ).map(b"".join)
)
def test_any_bytes_are_judged(markup: bytes) -> None:
    end = excess_of(markup * 500)
    assert end is None or 0 <= end < len(markup) * 500

"""Canonical addresses: the short way for plain ones gives what the URL Standard's parser gives."""

from __future__ import annotations

import ada_url
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.extraction.web_addresses import canonical_url

_HOSTS = st.sampled_from(
    ["foo.example", "www.a-b.example", "x--y.example", "a.0x1", "1.2.3.example", "1.2.3.4", "Foo.example"]
)


@given(_HOSTS, st.text("ab.~-_/%$!&()*+,;=:@'|^[]{}`\\ A0", max_size=8), st.booleans())
def test_normal_as_the_url_standard(host: str, rest: str, path: bool) -> None:
    """Whatever stands behind the host, the address is that of the parser when nothing has to be taken out."""
    address = f"https://{host}{'/' if path else ''}{rest}"
    found = canonical_url(address)
    if found is not None and "@" not in address:
        assert found == ada_url.normalize_url(address)


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("https://foo.example", "https://foo.example/"),
        ("https://foo.example/a/../b", "https://foo.example/b"),
        ("https://foo.example/a?utm_source=x&id=7", "https://foo.example/a?id=7"),
        ("https://foo.example/a?UTM_source=x", "https://foo.example/a"),
        ("https://foo.example/a?utm_source=x&q=a+b&r", "https://foo.example/a?q=a+b&r="),
        ("https://foo.example/a?id=7&b", "https://foo.example/a?id=7&b"),
    ],
)
def test_tracking_goes(address: str, canonical: str) -> None:
    """Tracking parameters are taken out of short and of escaped queries alike."""
    assert canonical_url(address) == canonical

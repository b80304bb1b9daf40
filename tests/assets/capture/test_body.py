"""Decoding of bodies: what was packed comes back, what is damaged or too much is refused."""

import contextlib
import gzip
import tracemalloc
import zlib

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from assets.capture.body import BodyError, decode_body


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@given(st.binary(max_size=2000), st.lists(st.sampled_from(sorted(PACKERS)), max_size=3))
def test_every_encoding_comes_back(data: bytes, names: list[str]) -> None:
    wire = data
    for name in names:
        wire = PACKERS[name](wire)
    assert decode_body(wire, ", ".join(names).upper() or None, 100_000) == data


@given(st.binary(min_size=1, max_size=3000), st.sampled_from(sorted(PACKERS)), st.data())
def test_a_cut_stream_is_refused(data: bytes, name: str, draw: st.DataObject) -> None:
    wire = PACKERS[name](data)
    cut = draw.draw(st.integers(min_value=1, max_value=len(wire) - 1))
    with pytest.raises(BodyError):
        decode_body(wire[:cut], name, 100_000)


@pytest.mark.parametrize("name", sorted(PACKERS))
def test_a_bomb_stays_small(name: str) -> None:
    zeros = b"\0" * 50_000_000
    # At its best, brotli takes seconds for this.
    wire = brotli.compress(zeros, quality=1) if name == "br" else PACKERS[name](zeros)
    tracemalloc.start()
    with pytest.raises(BodyError, match="exceeds"):
        decode_body(wire, name, 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


@given(st.binary(max_size=200), st.sampled_from(sorted(PACKERS)))
def test_noise_is_decoded_or_refused(data: bytes, name: str) -> None:
    with contextlib.suppress(BodyError):
        assert len(decode_body(data, name, 10_000)) <= 10_000


def test_a_bare_deflate_stream_is_understood() -> None:
    assert decode_body(raw_deflate(b"text" * 100), "deflate", 1000) == b"text" * 100


def test_two_gzip_members_are_one_body() -> None:
    assert decode_body(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 8, "gzip", 100) == b"one two"


def test_an_empty_body_is_empty_in_any_encoding() -> None:
    assert decode_body(b"", "gzip", 100) == b""


@pytest.mark.parametrize("name", ["compress", "rot13", "gzip,gzip,gzip,gzip,gzip"])
def test_unknown_or_absurd_encodings_are_refused(name: str) -> None:
    with pytest.raises(BodyError):
        decode_body(b"data", name, 100)


def test_the_limit_holds_without_encoding() -> None:
    with pytest.raises(BodyError):
        decode_body(b"x" * 101, None, 100)

"""Bodies: from the bytes on the wire to the bytes that were meant.

Captures keep wire bytes. Whoever reads a capture decodes them here, under a limit, so that a small bomb stays
small.
"""

import zlib

import brotli
from backports import zstd

# Bytes of output asked for at a time; the limit can be overstepped by at most this much before it is noticed.
_STEP = 256 * 1024
_MAX_ENCODINGS = 4


class BodyError(ValueError):
    """A body that cannot be decoded: unknown encoding, damaged or truncated stream, or more than the
    limit.
    """


def decode_body(wire: bytes, content_encoding: str | None, limit: int) -> bytes:
    """Undo every content-encoding (`gzip`, `deflate`, `br`, `zstd`, `identity`) of a complete body.

    `content_encoding` is the header's value, encodings in the order they were applied. Raises `BodyError`
    when the result exceeds `limit` bytes, when a stream does not end properly, or when an encoding is
    unknown.
    """
    encodings = [name.strip().lower() for name in (content_encoding or "").split(",") if name.strip()]
    encodings = [name for name in encodings if name != "identity"]
    if len(encodings) > _MAX_ENCODINGS:
        raise BodyError(f"{len(encodings)} content-encodings on one body")
    data = wire
    for name in reversed(encodings):
        # An empty body stays empty: servers send `Content-Encoding: gzip` on empty answers, too.
        if not data:
            return b""
        data = _decode_one(data, name, limit)
    if len(data) > limit:
        raise BodyError(f"decoded body exceeds {limit} bytes")
    return data


def _decode_one(data: bytes, name: str, limit: int) -> bytes:
    try:
        if name in ("gzip", "x-gzip"):
            return _gunzip(data, limit)
        if name == "deflate":
            return _inflate(data, limit)
        if name == "br":
            return _brotli(data, limit)
        if name == "zstd":
            return _zstd(data, limit)
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise BodyError(f"damaged {name} stream: {error}") from None
    raise BodyError(f"unknown content-encoding {name[:40]!r}")


def _gunzip(data: bytes, limit: int) -> bytes:
    """All members of a gzip file (RFC 1952, 2.2); zero padding after the last one is tolerated."""
    pieces: list[bytes] = []
    total = 0
    while data:
        decoder = zlib.decompressobj(wbits=31)
        piece, data = _drain_zlib(decoder, data, limit - total)
        pieces.append(piece)
        total += len(piece)
        if not data.strip(b"\0"):
            break
    return b"".join(pieces)


def _inflate(data: bytes, limit: int) -> bytes:
    """RFC 9110 means zlib by "deflate"; some servers send the bare stream, which has no valid zlib header."""
    has_header = len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    try:
        return _drain_zlib(zlib.decompressobj(wbits=15 if has_header else -15), data, limit)[0]
    except zlib.error:
        if not has_header:
            raise
        return _drain_zlib(zlib.decompressobj(wbits=-15), data, limit)[0]


def _drain_zlib(decoder: "zlib._Decompress", data: bytes, limit: int) -> tuple[bytes, bytes]:
    piece = decoder.decompress(data, limit + 1)
    if len(piece) > limit:
        raise BodyError("decoded body exceeds the limit")
    if not decoder.eof:
        raise BodyError("truncated stream")
    return piece, decoder.unused_data


def _brotli(data: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    pieces: list[bytes] = []
    total = 0
    chunk = data
    while True:
        piece = decoder.process(chunk, output_buffer_limit=_STEP)
        chunk = b""
        pieces.append(piece)
        total += len(piece)
        if total > limit:
            raise BodyError("decoded body exceeds the limit")
        if decoder.is_finished():
            return b"".join(pieces)
        if not piece and decoder.can_accept_more_data():
            raise BodyError("truncated stream")


def _zstd(data: bytes, limit: int) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while data:
        decoder = zstd.ZstdDecompressor()
        chunk = data
        while not decoder.eof:
            piece = decoder.decompress(chunk, _STEP)
            chunk = b""
            pieces.append(piece)
            total += len(piece)
            if total > limit:
                raise BodyError("decoded body exceeds the limit")
            if not piece and decoder.needs_input and not decoder.eof:
                raise BodyError("truncated stream")
        data = decoder.unused_data
    return b"".join(pieces)

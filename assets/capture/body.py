"""Bodies: from the bytes on the wire to the bytes that were meant.

Captures keep wire bytes. Whoever reads a capture decodes them here, piece by piece and under a limit, so that a bomb
costs the memory of a piece.
"""

import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import brotli
from backports import zstd

# Bytes decoded at a time: of input, and of output. The limit can be overstepped by at most a piece of output.
_INPUT_BYTES = 64 * 1024
_STEP = 256 * 1024
_MAX_ENCODINGS = 4
# RFC 9659: a window of at most 8 MB. What asks for more would take its memory here before it has said anything.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class BodyError(ValueError):
    """A body that cannot be decoded: unknown encoding, damaged or truncated stream, or more than the
    limit.
    """


@dataclass(frozen=True, slots=True)
class DecodedBody:
    """What is known of a decoded body: its size in bytes, its digest, and its beginning; `is_whole` if that is all."""

    size: int
    sha256: str
    head: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the head is the whole body."""
        return len(self.head) == self.size


def decode_body(wire: bytes, content_encoding: str | None, limit: int) -> bytes:
    """Undo every content-encoding (`gzip`, `deflate`, `br`, `zstd`, `identity`) of a complete body.

    `content_encoding` is the header's value, encodings in the order they were applied. Raises `BodyError`
    when the result exceeds `limit` bytes, when a stream does not end properly, or when an encoding is
    unknown.
    """
    encodings = _encodings(content_encoding)
    if not encodings:
        if len(wire) > limit:
            raise BodyError(f"decoded body exceeds {limit} bytes")
        return wire
    whole = io.BytesIO()
    for piece in _decoded(wire, encodings, limit):
        whole.write(piece)
    # Shares the buffer: joining pieces would hold the body twice.
    return whole.getvalue()


def read_body(wire: bytes, content_encoding: str | None, limit: int, head_bytes: int) -> DecodedBody:
    """As `decode_body`, but of the result only the first `head_bytes` are kept; the rest is measured and digested."""
    encodings = _encodings(content_encoding)
    if not encodings:
        body = decode_body(wire, None, limit)
        head = body if len(body) <= head_bytes else body[:head_bytes]
        return DecodedBody(len(body), hashlib.sha256(body).hexdigest(), head)
    digest = hashlib.sha256()
    kept = io.BytesIO()
    size = 0
    for piece in _decoded(wire, encodings, limit):
        digest.update(piece)
        if size < head_bytes:
            kept.write(piece[: head_bytes - size])
        size += len(piece)
    return DecodedBody(size, digest.hexdigest(), kept.getvalue())


def decoded_pieces(wire: bytes, content_encoding: str | None, limit: int) -> Iterator[bytes]:
    """The decoded body piece by piece; raises as `decode_body`, at the latest when the last piece was taken."""
    yield from _decoded(wire, _encodings(content_encoding), limit)


def _encodings(content_encoding: str | None) -> list[str]:
    encodings = [name.strip().lower() for name in (content_encoding or "").split(",") if name.strip()]
    encodings = [name for name in encodings if name != "identity"]
    if len(encodings) > _MAX_ENCODINGS:
        raise BodyError(f"{len(encodings)} content-encodings on one body")
    return encodings


def _decoded(wire: bytes, encodings: list[str], limit: int) -> Iterator[bytes]:
    pieces: Iterator[bytes] = (
        wire[start : start + _INPUT_BYTES] for start in range(0, len(wire), _INPUT_BYTES)
    )
    for name in reversed(encodings):
        pieces = _limited(_undone(pieces, name), limit)
    return _limited(pieces, limit)


def _limited(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise BodyError(f"decoded body exceeds {limit} bytes")
        yield piece


def _undone(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    decoders = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate, "br": _brotli, "zstd": _zstd}
    # An empty body stays empty: servers send `Content-Encoding: gzip` on empty answers, too.
    first = next(pieces, b"")
    if not first:
        return
    if name not in decoders:
        raise BodyError(f"unknown content-encoding {name[:40]!r}")
    try:
        yield from decoders[name](_following(first, pieces))
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise BodyError(f"damaged {name} stream: {error}") from None


def _following(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _gunzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """All members of a gzip file (RFC 1952, 2.2); zero padding after the last one is tolerated."""
    decoder: zlib._Decompress | None = zlib.decompressobj(wbits=31)
    for piece in pieces:
        while piece:
            if decoder is None:
                piece = piece.lstrip(b"\0")
                if not piece:
                    break
                decoder = zlib.decompressobj(wbits=31)
            yield from _drained(decoder, piece)
            piece = decoder.unused_data
            if decoder.eof:
                decoder = None
    if decoder is not None:
        raise BodyError("truncated stream")


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """RFC 9110 means zlib by "deflate"; some servers send the bare stream, which has no valid zlib header."""
    first = next(pieces)
    while len(first) < 2 and (more := next(pieces, b"")):
        first += more
    decoder = zlib.decompressobj(wbits=15 if _is_zlib(first) else -15)
    for piece in _following(first, pieces):
        yield from _drained(decoder, piece)
        if decoder.eof:
            return
    raise BodyError("truncated stream")


def _is_zlib(data: bytes) -> bool:
    if len(data) < 2 or data[0] & 0x0F != 8 or (data[0] << 8 | data[1]) % 31:
        return False
    # A bare stream may begin like this by chance, but it does not go on like this.
    try:
        zlib.decompressobj(wbits=15).decompress(data, _STEP)
    except zlib.error:
        return False
    return True


def _drained(decoder: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    while True:
        piece = decoder.decompress(data, _STEP)
        data = decoder.unconsumed_tail
        if piece:
            yield piece
        if decoder.eof or (not data and len(piece) < _STEP):
            return


def _brotli(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    for piece in pieces:
        yield decoder.process(piece, output_buffer_limit=_STEP)
        while not decoder.is_finished() and not decoder.can_accept_more_data():
            yield decoder.process(b"", output_buffer_limit=_STEP)
        if decoder.is_finished():
            return
    raise BodyError("truncated stream")


def _zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """All frames of a stream (RFC 8878, 3)."""
    decoder: zstd.ZstdDecompressor | None = None
    for piece in pieces:
        while piece:
            decoder = decoder or zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
            yield decoder.decompress(piece, _STEP)
            while not decoder.eof and not decoder.needs_input:
                yield decoder.decompress(b"", _STEP)
            piece = decoder.unused_data
            if decoder.eof:
                decoder = None
    if decoder is not None:
        raise BodyError("truncated stream")

"""PDQ: the perceptual hash of a picture, 256 bits that survive resizing and recompression.

After Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019, `hashing.pdf` in
github.com/facebook/ThreatExchange), whose constants these are. It compares pictures as wholes; it knows no faces.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

BITS = 256
# Larger pictures are shrunk to this beforehand, as the reference implementation does.
LARGEST_SIDE = 512
# The smallest side that the reference implementation hashes.
SMALLEST_SIDE = 5
# Two pictures at this distance or nearer are taken for one, and hashes below this quality say too little: the
# thresholds that the paper recommends.
NEAR = 31
LEAST_QUALITY = 50
_SIDE = 64
_FREQUENCIES = 16
# Two box filters make a tent (Jarosz).
_PASSES = 2
# Hashes bear no loss of a rim: of 20 photographs cut by 2 % on one or two sides, 3 kept theirs, 19 that of one of these
# cuts; by 5 %, 1 and 17.
_RIMS = (0.02, 0.05)
_CUTS = (
    *(("first", "first"), ("first", "last"), ("last", "first"), ("last", "last"), ("both", "both")),
    *(("first", "none"), ("last", "none"), ("none", "first"), ("none", "last")),
)
# Nor do they bear a bar or frame that is drawn over a rim: it is cut off both pictures. Of 20 photographs with a bar of
# 7 %, 14 kept their hashes, all that of the rest.
_BAR = 0.08
_BARS = (("first", "none"), ("last", "none"), ("both", "both"))
BARS = len(_BARS)
TRIMS = len(_RIMS) * len(_CUTS) + BARS


class Pdq(NamedTuple):
    """A hash as 64 hexadecimal digits (bit 255 first) and its quality, 0 (featureless) to 100."""

    hex: str
    quality: int


def pdq_of(luminance: np.ndarray) -> Pdq:
    """The hash of a picture's luminance: two-dimensional, rows first, values 0 to 255.

    Raises `ValueError` where a side has fewer than five pixels.
    """
    if luminance.ndim != 2 or min(luminance.shape) < SMALLEST_SIDE:
        raise ValueError(f"a picture of at least {SMALLEST_SIDE} by {SMALLEST_SIDE} pixels is needed")
    rows, columns = luminance.shape
    small = (_shrinking(columns) @ (_shrinking(rows) @ luminance.astype(np.float32)).T).T
    return Pdq(_bits(small).hex(), _quality(small))


def trims_of(luminance: np.ndarray) -> bytes:
    """The hashes of the picture with rims cut off, `TRIMS` of 32 bytes each, bit 255 first.

    With 2 and with 5 %: cut at a corner, all around, or at a side; the last `BARS` with 8 %: cut above, below, or all
    around. `luminance` as for `pdq_of`.
    """
    rows, columns = luminance.shape
    light = luminance.astype(np.float32)
    hashes = []
    for share, cuts in (*((share, _CUTS) for share in _RIMS), (_BAR, _BARS)):
        down, across = _spans(rows, share), _spans(columns, share)
        strips = {name: _shrinking(end - start) @ light[start:end] for name, (start, end) in down.items()}
        for vertical, horizontal in cuts:
            start, end = across[horizontal]
            hashes.append(_bits((_shrinking(end - start) @ strips[vertical][:, start:end].T).T))
    return b"".join(hashes)


def packed(hashes: Sequence[str]) -> np.ndarray:
    """Hashes in hexadecimal digits as four 64-bit words each: uint64, shape (hashes, 4)."""
    return packed_bytes(bytes.fromhex("".join(hashes)))


def packed_bytes(hashes: bytes) -> np.ndarray:
    """As `packed`, of hashes of 32 bytes each."""
    return np.frombuffer(hashes, ">u8").reshape(-1, BITS // 64).astype(np.uint64)


def distances(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """How many bits differ, pair by pair (`packed` hashes, shapes that broadcast): int64."""
    bits: np.ndarray = np.bitwise_count(left ^ right).sum(axis=-1, dtype=np.int64)
    return bits


@lru_cache(maxsize=512)
def _shrinking(length: int) -> csr_array:
    """The matrix (64 × length, float32) that blurs a side of a picture twice by a box and keeps 64 places of it.

    Mostly zeros: as such it takes a tenth of the CPU. The window has half the size of what a kept place stands for; at
    the ends it is cut off.
    """
    window = (length + 2 * _SIDE - 1) // (2 * _SIDE)
    after = (window + 2) // 2 - 1
    before = window - after - 1
    place = np.arange(length)
    inside = (place[None, :] >= place[:, None] - before) & (place[None, :] <= place[:, None] + after)
    box = inside / inside.sum(axis=1, keepdims=True)
    kept = ((np.arange(_SIDE) + 0.5) * length / _SIDE).astype(np.int64)
    blurred = box[kept]
    for _ in range(_PASSES - 1):
        blurred = blurred @ box
    return csr_array(blurred.astype(np.float32))


def _spans(length: int, share: float) -> dict[str, tuple[int, int]]:
    """Where a side begins and ends when so much of it is cut off, by where it is cut."""
    cut = max(round(length * share), 1)
    return {
        "none": (0, length),
        "first": (cut, length),
        "last": (0, length - cut),
        "both": (cut // 2, length - cut + cut // 2),
    }


def _bits(small: np.ndarray) -> bytes:
    """The hash of a shrunk picture: 32 bytes, bit 255 first."""
    frequencies = (_COSINES @ small @ _COSINES.T).ravel()
    # The lower of the two middle ones: with distinct values, half of the bits are set.
    median = np.partition(frequencies, BITS // 2 - 1)[BITS // 2 - 1]
    return np.packbits(frequencies > median, bitorder="little").tobytes()[::-1]


def _quality(small: np.ndarray) -> int:
    """How much happens in the picture: the steps between neighbours, in whole hundredths of full contrast."""
    steps = sum(np.abs((np.diff(small, axis=axis) * (100 / 255)).astype(np.int64)).sum() for axis in (0, 1))
    return min(int(steps) // 90, 100)


def _cosines() -> np.ndarray:
    """Frequencies 1 to 16 of the discrete cosine transform of 64 values: 16 × 64, float32."""
    frequency, place = np.arange(1, _FREQUENCIES + 1)[:, None], np.arange(_SIDE)[None, :]
    matrix = np.sqrt(2 / _SIDE) * np.cos(np.pi / 2 / _SIDE * frequency * (2 * place + 1))
    return np.asarray(matrix, dtype=np.float32)


_COSINES = _cosines()

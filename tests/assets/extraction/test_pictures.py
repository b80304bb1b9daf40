"""Decoding of pictures: what hosts send under that name, whole, broken and hostile."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from assets.extraction.pdq import distances, packed, pdq_of
from assets.extraction.pictures import PictureError, read_picture
from quality.contracts.images import PICTURE_PROBLEMS


def drawing(width: int = 640, height: int = 420) -> Image.Image:
    """A picture of soft blots of light, no two places of it alike."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = np.zeros((height, width))
    for number in range(40):
        across, down, size = (number * 0.618) % 1, (number * 0.377) % 1, 0.04 + (number * 0.211) % 0.1
        light += (-1) ** number * np.exp(-((x - across) ** 2 + (y - down) ** 2) / size**2)
    shades = [np.clip(128 + light * strength, 0, 255) for strength in (90, 70, -40)]
    return Image.fromarray(np.stack(shades, axis=2).astype(np.uint8))


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def bits_apart(one: bytes, other: bytes) -> int:
    """Distance of the hashes of two files."""
    hashes = packed([pdq_of(read_picture(file).luminance).hex for file in (one, other)])
    return int(distances(hashes[0], hashes[1]))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_one_picture_in_another_format_keeps_its_hash(kind: str) -> None:
    original, file = saved(drawing(), "PNG"), saved(drawing(), kind)
    picture = read_picture(file)
    assert (picture.format, picture.width, picture.height) == (kind.lower(), 640, 420)
    assert bits_apart(original, file) <= 12


def test_a_large_picture_is_shrunk_and_keeps_its_hash() -> None:
    large = saved(drawing().resize((2560, 1680)), "JPEG")
    assert max(read_picture(large).luminance.shape) == 512
    assert bits_apart(large, saved(drawing(), "JPEG", quality=60)) <= 12


def test_a_picture_lying_on_its_side_is_set_up_as_its_exif_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    lying = saved(drawing().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)
    assert bits_apart(saved(drawing(), "JPEG"), lying) <= 12


def test_of_an_animation_the_first_frame_counts() -> None:
    other = Image.new("RGB", (640, 420), "white")
    animation = saved(drawing(), "GIF", save_all=True, append_images=[other])
    assert bits_apart(saved(drawing(), "GIF"), animation) == 0


def test_transparent_places_are_white() -> None:
    glass = Image.new("RGBA", (80, 80), (0, 0, 0, 0))
    assert read_picture(saved(glass, "PNG")).luminance.min() == 255


def test_half_transparent_places_are_half_as_dark() -> None:
    black = Image.new("RGBA", (80, 80), (0, 0, 0, 128))
    assert set(read_picture(saved(black, "PNG")).luminance.ravel()) == {127}
    assert set(read_picture(saved(black.convert("LA"), "PNG")).luminance.ravel()) == {127}


def bomb() -> bytes:
    """A PNG of 100,000 by 100,000 pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000)))


def many_scans() -> bytes:
    """A large JPEG whose file goes through all of it again and again."""
    file = saved(drawing(3000, 2000), "JPEG", progressive=True)
    return file + b"\xff\xda" * 100


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        (b"", "not_a_picture"),
        (b"<html><title>Not found</title></html>", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (saved(drawing(), "BMP"), "not_a_picture"),
        (saved(drawing(), "PNG")[:5000], "damaged"),
        (saved(drawing(), "JPEG")[:3000], "damaged"),
        (saved(drawing(300, 4), "PNG"), "too_small"),
        (bomb(), "too_large"),
        (many_scans(), "too_costly"),
    ],
)
def test_what_cannot_be_hashed_says_why(file: bytes, problem: str) -> None:
    with pytest.raises(PictureError) as caught:
        read_picture(file)
    assert caught.value.problem == problem
    assert problem in PICTURE_PROBLEMS


PICTURES = [saved(drawing(48, 40), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF")]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PICTURES), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12))
def test_whatever_the_bytes_nothing_else_is_raised(file: bytes, changes: list[tuple[int, int]]) -> None:
    body = bytearray(file)
    for place, value in changes:
        body[place % len(body)] = value
    with suppress(PictureError):
        assert read_picture(bytes(body)).luminance.dtype == np.uint8

"""Pictures decoded for hashing, whatever a host sends under that name.

What a file is, its bytes say, not its name or the header. What would cost too much time or memory is refused by its
head, before it is decoded.
"""

import io
import warnings
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from assets.extraction.pdq import LARGEST_SIDE, SMALLEST_SIDE

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# As RGBA 25 million pixels are 0.1 GB, and most of a second. A JPEG is shrunk while it is decoded.
MOST_PIXELS = 25_000_000
MOST_PIXELS_OF_A_JPEG = 50_000_000
# A progressive JPEG is gone through once per scan; a camera's has ten of them, a hostile one thousands.
MOST_PIXELS_OF_SCANS = 600_000_000
_START_OF_SCAN = b"\xff\xda"


class PictureError(ValueError):
    """Bytes that cannot be hashed as a picture; `problem` is one of the contract's `PICTURE_PROBLEMS`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Picture(NamedTuple):
    """A decoded picture: its format in lower case, its size in pixels, and its luminance.

    `luminance`: uint8, rows first, shrunk so that no side exceeds 512; of an animation the first frame, transparent
    places as on a white page, turned as its Exif data say.
    """

    format: str
    width: int
    height: int
    luminance: np.ndarray


def read_picture(body: bytes) -> Picture:
    """Decode a picture. Raises `PictureError`, and nothing else, for what is none or cannot be decoded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(body)
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError("not_a_picture") from None
    except Image.DecompressionBombError:
        raise PictureError("too_large") from None
    except Exception:  # Damaged files lead decoders into errors of any kind.
        raise PictureError("damaged") from None


def _read(body: bytes) -> Picture:
    with Image.open(io.BytesIO(body), formats=FORMATS) as image:
        name, (width, height) = str(image.format), image.size
        if width * height > (MOST_PIXELS_OF_A_JPEG if name == "JPEG" else MOST_PIXELS):
            raise PictureError("too_large")
        if min(width, height) < SMALLEST_SIDE:
            raise PictureError("too_small")
        if name == "JPEG":
            if width * height * body.count(_START_OF_SCAN) > MOST_PIXELS_OF_SCANS:
                raise PictureError("too_costly")
            # The decoder itself can shrink: a camera's picture then takes a tenth of the time.
            image.draft("L", (LARGEST_SIDE, LARGEST_SIDE))
        ImageOps.exif_transpose(image, in_place=True)
        grey = _grey(image)
        if max(grey.size) > LARGEST_SIDE:
            smaller = (min(grey.width, LARGEST_SIDE), min(grey.height, LARGEST_SIDE))
            grey = grey.resize(smaller, Image.Resampling.BOX)
        return Picture(name.lower(), width, height, np.asarray(grey, dtype=np.uint8))


def _grey(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("L")
    drawn = image if image.mode in ("LA", "RGBA") else image.convert("RGBA")
    # On a white page, darkness shows as far as it is opaque; done in greys, a quarter of the memory.
    darkness = ImageChops.multiply(ImageChops.invert(drawn.convert("L")), drawn.getchannel("A"))
    return ImageChops.invert(darkness)

"""Pictures drawn for the practice web: coloured blots and bars on a slope of light, nothing that looks like anybody.

A picture is drawn from its name alone. Copies of it are what hosts and thieves make of one: another size, other
compression, a rim cut off, other brightness, a mark in the corner.
"""

import io
from random import Random

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from simulation.randomness import stream

WIDTH, HEIGHT = 240, 180
_BLOTS = (9, 16)


def draw(picture: str) -> Image.Image:
    """The picture of this name, RGB."""
    random = stream("picture", picture)
    image = _slope(random)
    pen = ImageDraw.Draw(image)
    for _ in range(random.randint(*_BLOTS)):
        left, top = random.randint(-30, WIDTH - 20), random.randint(-30, HEIGHT - 20)
        box = (left, top, left + random.randint(15, 130), top + random.randint(15, 110))
        shape = random.choice(("ellipse", "rectangle", "line", "triangle"))
        if shape == "ellipse":
            pen.ellipse(box, fill=_colour(random))
        elif shape == "rectangle":
            pen.rectangle(box, fill=_colour(random))
        elif shape == "line":
            pen.line(box, fill=_colour(random), width=random.randint(3, 12))
        else:
            corners = [(random.randint(0, WIDTH), random.randint(0, HEIGHT)) for _ in range(3)]
            pen.polygon(corners, fill=_colour(random))
    return image.filter(ImageFilter.GaussianBlur(random.uniform(0.5, 2.0)))


def copied(image: Image.Image, random: Random) -> Image.Image:
    """What becomes of a picture that is taken from one place and uploaded at another."""
    width, height = image.size
    if random.random() < 0.5:
        cut = random.uniform(0.0, 0.03)
        rim = (int(width * cut * random.random()), int(height * cut * random.random()))
        image = image.crop((*rim, width - int(width * cut / 2), height - int(height * cut / 2)))
    scale = random.uniform(0.5, 1.4)
    image = image.resize((int(image.width * scale), int(image.height * scale)), Image.Resampling.BICUBIC)
    if random.random() < 0.4:
        image = ImageEnhance.Brightness(image).enhance(random.uniform(0.85, 1.15))
    if random.random() < 0.3:
        mark = f"site {random.randint(1, 99)}"
        ImageDraw.Draw(image).text((image.width - 60, image.height - 16), mark, fill=(250, 250, 250))
    return image


def file_of(picture: str, copy: str | None = None) -> bytes:
    """A picture as a JPEG file: as it was taken, or the copy of this name."""
    image, quality = draw(picture), 85
    if copy is not None:
        random = stream("copy", copy)
        image, quality = copied(image, random), random.randint(45, 90)
    return saved(image, quality)


def saved(image: Image.Image, quality: int) -> bytes:
    """The picture as a JPEG file."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def placeholder() -> bytes:
    """What a site shows where nobody gave a picture: a grey disc on grey, as a PNG file."""
    image = Image.new("L", (200, 200), 225)
    ImageDraw.Draw(image).ellipse((60, 60, 140, 140), fill=190)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _slope(random: Random) -> Image.Image:
    """Light that falls from one colour to another across the picture."""
    slope = Image.linear_gradient("L").rotate(random.choice((0, 90, 180, 270))).resize((WIDTH, HEIGHT))
    ends = (_colour(random), _colour(random))
    return Image.composite(
        Image.new("RGB", slope.size, ends[0]), Image.new("RGB", slope.size, ends[1]), slope
    )


def _colour(random: Random) -> tuple[int, int, int]:
    return (random.randint(0, 255), random.randint(0, 255), random.randint(0, 255))

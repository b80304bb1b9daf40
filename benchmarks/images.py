"""Copies of pictures recognised by their hashes, beside the hashes of the package imagehash on the same files.

Run: python -m benchmarks.images [--pictures 120] [--folder FOLDER] [--hashes 10000 100000]
Pictures are clouds of light (half) and the practice web's drawings (half), or those of a folder. Prints per change of a
picture and per hash how many copies are recognised; how many of a million pairs of strangers are taken for one; files
hashed per CPU second; and what the search for near pairs costs beside the comparison of all with all. The peer is left
out where it is not installed.
"""

import argparse
import importlib
import io
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from assets.extraction.pdq import (
    BARS,
    BITS,
    LEAST_QUALITY,
    NEAR,
    distances,
    packed,
    packed_bytes,
    pdq_of,
    trims_of,
)
from assets.extraction.pictures import FORMATS, read_picture
from assets.linking.image_pairs import near_pairs
from simulation.pictures import draw

Change = Callable[[Image.Image], bytes]
# The hashes of a file as 64-bit words, that of the whole first; None where it says too little.
Hash = Callable[[bytes], np.ndarray | None]


def clouds(seed: int, width: int = 480, height: int = 360) -> Image.Image:
    """Coloured light whose strength falls with its frequency, as in photographs of nature."""
    random = np.random.default_rng(seed)
    down, across = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :]
    fall = 1 / np.maximum(np.hypot(down, across), 1 / max(width, height)) ** random.uniform(1.1, 1.6)
    colours = []
    for _ in range(3):
        light = np.fft.ifft2(np.fft.fft2(random.standard_normal((height, width))) * fall).real
        low, high = np.percentile(light, (1, 99))
        colours.append(np.clip((light - low) / (high - low), 0, 1) * 255)
    # Colours of one scene are alike.
    mixed = [0.75 * colours[0] + 0.25 * colour for colour in colours]
    return Image.fromarray(np.stack(mixed, axis=2).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    """The file."""
    return saved(image, "JPEG", quality=quality)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """The file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def resized(factor: float) -> Change:
    """Both sides by a factor."""
    return lambda image: jpeg(
        image.resize((int(image.width * factor), int(image.height * factor)), Image.Resampling.BICUBIC)
    )


def cropped(share: float) -> Change:
    """A share of the width and height cut off, all on one side each."""
    return lambda image: jpeg(image.crop((int(image.width * share), int(image.height * share), *image.size)))


def brighter(factor: float) -> Change:
    """Every value by a factor."""
    return lambda image: jpeg(ImageEnhance.Brightness(image).enhance(factor))


def marked(image: Image.Image) -> bytes:
    """A dark bar with bright words across the lower rim."""
    copy = image.copy()
    pen, top = ImageDraw.Draw(copy), int(copy.height * 0.93)
    pen.rectangle((0, top, copy.width, copy.height), fill=(20, 20, 20))
    pen.text((copy.width // 3, top), "www.site.example", fill=(250, 250, 250))
    return jpeg(copy)


CHANGES: dict[str, Change] = {
    "half size": resized(0.5),
    "quarter size": resized(0.25),
    "twice the size": resized(2.0),
    "JPEG quality 50": lambda image: jpeg(image, 50),
    "JPEG quality 20": lambda image: jpeg(image, 20),
    "WebP": lambda image: saved(image, "WEBP", quality=70),
    "GIF of 256 colours": lambda image: saved(image, "GIF"),
    "grey": lambda image: jpeg(image.convert("L")),
    "20 % brighter": brighter(1.2),
    "30 % darker": brighter(0.7),
    "2 % cut off": cropped(0.02),
    "5 % cut off": cropped(0.05),
    "bar with the site's name": marked,
    "half size, quality 40, 2 % cut off": lambda image: cropped(0.02)(
        Image.open(io.BytesIO(resized(0.5)(image)))
    ),
}


def pdq(file: bytes) -> np.ndarray | None:
    """PDQ as it is published."""
    found = pdq_of(read_picture(file).luminance)
    return packed([found.hex]) if found.quality >= LEAST_QUALITY else None


def pdq_and_trims(file: bytes) -> np.ndarray | None:
    """PDQ of the whole and without its rims, as in the table `images`."""
    light = read_picture(file).luminance
    found = pdq_of(light)
    hashes = bytes.fromhex(found.hex) + trims_of(light)
    return packed_bytes(hashes) if found.quality >= LEAST_QUALITY else None


def apart(one: np.ndarray, other: np.ndarray) -> int:
    """The least bits between the whole of one and any of the other, and between the hashes for bars of both."""
    near = [distances(one[:1], other).min(), distances(one, other[:1]).min()]
    if len(one) > BARS:
        near.append(distances(one[-BARS:], other[-BARS:]).min())
    return int(min(near))


def hashes() -> dict[str, tuple[Hash, int]]:
    """Each hash by name, with its threshold: a share of the bits as near to PDQ's as whole bits allow."""
    found: dict[str, tuple[Hash, int]] = {
        "PDQ with rims, 31": (pdq_and_trims, NEAR),
        f"PDQ, {NEAR} of {BITS}": (pdq, NEAR),
    }
    try:
        imagehash = importlib.import_module("imagehash")
    except ImportError:
        print("imagehash is not installed: no peer")
        return found

    def peer(name: str, size: int) -> Hash:
        compute = getattr(imagehash, name)

        def words(file: bytes) -> np.ndarray | None:
            bits = np.asarray(compute(Image.open(io.BytesIO(file)), hash_size=size).hash).ravel()
            return np.packbits(bits).view(np.uint64).reshape(1, -1)

        return words

    for name in ("phash", "dhash", "whash"):
        found[f"{name}, {NEAR} of 256"] = (peer(name, 16), NEAR)
    found["phash, 8 of 64"] = (peer("phash", 8), 8)
    return found


def recognised(
    files: Sequence[bytes], copies: Sequence[Sequence[bytes]], compute: Hash, threshold: int
) -> list[str]:
    """Shares of the copies that are recognised, by change; strangers in a million taken for one; files a CPU second.

    `copies`: for each change the changed files, in the order of `files`.
    """
    began = time.process_time()
    originals = [compute(file) for file in files]
    of_copies = [[compute(file) for file in of_change] for of_change in copies]
    seconds = time.process_time() - began
    cells = []
    for of_change in of_copies:
        near = [
            one is not None and other is not None and apart(one, other) <= threshold
            for one, other in zip(originals, of_change, strict=True)
        ]
        cells.append(f"{sum(near) / len(near):.3f}")
    kept = [one for one in originals if one is not None]
    words, whole = np.stack(kept), np.stack([one[0] for one in kept])
    strangers = pairs = 0
    for place in range(len(words) - 1):
        near = distances(words[place][None], whole[place + 1 :, None]).min(axis=1) <= threshold
        near |= distances(whole[place], words[place + 1 :]).min(axis=1) <= threshold
        if words.shape[1] > BARS:
            bars = words[:, -BARS:]
            near |= distances(bars[place], bars[place + 1 :]).min(axis=1) <= threshold
        strangers += int(near.sum())
        pairs += len(near)
    return [
        *cells,
        f"{1e6 * strangers / max(pairs, 1):.0f}",
        f"{len(files) * (1 + len(copies)) / seconds:.0f}",
    ]


def search(count: int, exhaustive: bool) -> None:
    """What the search for near pairs costs among so many hashes, a tenth of them copies with up to 31 bits changed."""
    random = np.random.default_rng(count)
    originals = random.integers(0, 2**64, (count * 9 // 10, 4), dtype=np.uint64)
    flips = np.zeros((count - len(originals), BITS), dtype=np.uint8)
    for row, bits in zip(flips, random.integers(1, NEAR + 1, len(flips)), strict=True):
        row[random.choice(BITS, bits, replace=False)] = 1
    of = random.integers(0, len(originals), len(flips))
    words = np.concatenate([originals, originals[of] ^ np.packbits(flips, axis=1).view(np.uint64)])
    began = time.process_time()
    found = near_pairs(words)
    ours = time.process_time() - began
    have = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    planted = {(int(one), len(originals) + row) for row, one in enumerate(of)}
    line = f"{count:9,} hashes: {ours:8.2f} s CPU, {len(planted & have) / len(planted):.4f} of planted pairs found"
    if exhaustive:
        began = time.process_time()
        for place in range(len(words) - 1):
            distances(words[place], words[place + 1 :])
        line += f"; all with all {time.process_time() - began:.1f} s"
    print(line, flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.images", description=__doc__)
    parser.add_argument("--pictures", type=int, default=120)
    parser.add_argument("--folder", type=Path, help="pictures of one's own")
    parser.add_argument("--hashes", type=int, nargs="*", default=[10_000, 100_000])
    given = parser.parse_args()
    if given.folder is None:
        half = given.pictures // 2
        pictures = [clouds(seed) for seed in range(half)] + [draw(f"bench {n}") for n in range(half)]
    else:
        files = sorted(file for file in given.folder.rglob("*") if file.is_file())
        pictures = []
        for file in files:
            with Image.open(file, formats=FORMATS) as image:
                pictures.append(image.convert("RGB"))
    originals = [jpeg(picture) for picture in pictures]
    copies = [[change(picture) for picture in pictures] for change in CHANGES.values()]
    columns = {name: recognised(originals, copies, *method) for name, method in hashes().items()}
    labels = [*CHANGES, "strangers in a million pairs", "files a CPU second"]
    print(f"{len(pictures)} pictures; share of copies recognised")
    print(f"{'':36}" + "".join(f"{name:>18}" for name in columns))
    for row, label in enumerate(labels):
        print(f"{label:36}" + "".join(f"{cells[row]:>18}" for cells in columns.values()))
    for count in given.hashes:
        search(count, exhaustive=count <= 20_000)


if __name__ == "__main__":
    main()

"""PDQ against hashes that the reference implementation gave, and under what happens to pictures on their way."""

import numpy as np
import pytest

from assets.extraction.pdq import TRIMS, distances, packed, packed_bytes, pdq_of, trims_of


def invented(seed: int, rows: int, columns: int) -> np.ndarray:
    """Luminance (float32) of three waves of light, one a colour."""
    y, x = np.mgrid[0:rows, 0:columns]
    turns = ((7 + seed, 11, 1), (23, 5 + seed, 2), (3, 17, seed))
    waves = [np.sin(x / columns * a + y / rows * b + c) * 127 + 128 for a, b, c in turns]
    colours = np.stack(waves, axis=2).astype(np.uint8)
    return (colours @ np.array([0.299, 0.587, 0.114])).astype(np.float32)


@pytest.mark.parametrize(
    ("seed", "rows", "columns", "reference"),
    [
        (1, 200, 300, "ffd3fc78fed3d078fed34079fec30078fec3007840c1007900c3007eaad5ff84"),
        (2, 64, 64, "ff33fc78fd33f878f533f078d5238078552300785523007b5502007faad5ff84"),
        (3, 37, 512, "5467aad25577aad15077aad35477aad15077aad10077aad20066aaddff80552c"),
        (4, 5, 9, "81fdec987e02136709dc3d8789ddc2787622ec9881fdec987e02136709dd3d87"),
    ],
)
def test_the_hash_is_that_of_the_reference_implementation(
    seed: int, rows: int, columns: int, reference: str
) -> None:
    """`reference`: pdqhash 0.2.8, the binding of Meta's C++ code, on the same pixels."""
    assert pdq_of(invented(seed, rows, columns)) == (reference, 100)


def test_a_darker_and_flatter_copy_is_near_and_another_picture_far() -> None:
    original = invented(1, 240, 320)
    copy = original * 0.8 + 10
    hashes = packed([pdq_of(picture).hex for picture in (original, copy, invented(6, 240, 320))])
    to_copy, to_other = distances(hashes[:1], hashes[1:])
    assert to_copy <= 8
    assert to_other > 60


def test_a_blank_picture_has_no_quality() -> None:
    blank = np.full((300, 300), 250, dtype=np.uint8)
    assert pdq_of(blank).quality == 0


def test_packed_words_count_the_bits_that_differ() -> None:
    one, other = "0" * 63 + "1", "8" + "0" * 63
    assert distances(packed([one]), packed([other, one])).tolist() == [2, 0]


def test_a_sliver_has_no_hash() -> None:
    with pytest.raises(ValueError, match="5 by 5"):
        pdq_of(np.zeros((4, 400), dtype=np.uint8))


def test_a_picture_that_lost_a_rim_is_near_to_the_whole_one_without_its_rims() -> None:
    whole = invented(1, 240, 320)
    cut = whole[12:, : 320 - 14]
    hashes = packed_bytes(trims_of(whole))
    assert hashes.shape == (TRIMS, 4)
    own = packed([pdq_of(cut).hex])
    assert distances(own, packed([pdq_of(whole).hex])) > 31
    assert distances(own, hashes).min() <= 16

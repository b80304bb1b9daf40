"""Near pairs of perceptual hashes against the comparison of all with all."""

import numpy as np

from assets.extraction.pdq import distances
from assets.linking.image_pairs import near_pairs, near_pairs_across, very_near_pairs_across


def hashes_with_copies(count: int, copies: int) -> np.ndarray:
    """Random hashes, then copies of some of them with up to 36 bits flipped: uint64, (count + copies) × 4."""
    random = np.random.default_rng(11)
    originals = random.integers(0, 2**64, (count, 4), dtype=np.uint64)
    flips = np.zeros((copies, 256), dtype=np.uint8)
    for row in flips:
        row[random.choice(256, random.integers(1, 37), replace=False)] = 1
    flipped = np.packbits(flips, axis=1).view(np.uint64)
    return np.concatenate([originals, originals[random.integers(0, count, copies)] ^ flipped])


def all_near(hashes: np.ndarray) -> dict[tuple[int, int], int]:
    """Every pair at 31 bits or fewer, with its distance."""
    found = {}
    for row in range(len(hashes)):
        apart = distances(hashes[row], hashes[row + 1 :])
        for other in np.flatnonzero(apart <= 31).tolist():
            found[row, row + 1 + other] = int(apart[other])
    return found


def test_every_near_pair_is_found_and_no_other() -> None:
    hashes = hashes_with_copies(1200, 600)
    found = near_pairs(hashes)
    pairs = zip(found.left.tolist(), found.right.tolist(), strict=True)
    assert dict(zip(pairs, found.distance.tolist(), strict=True)) == all_near(hashes)
    assert len(found.left) > 400


def test_across_two_sets_every_near_pair_is_found_and_no_other() -> None:
    hashes = hashes_with_copies(900, 600)
    known = 1300
    found = near_pairs_across(hashes[:known], hashes[known:])
    pairs = set(zip(found.left.tolist(), (found.right + known).tolist(), strict=True))
    assert pairs == {pair for pair in all_near(hashes) if pair[0] < known <= pair[1]}
    assert len(pairs) > 100


def test_of_very_near_pairs_nearly_all_are_found_and_no_stranger() -> None:
    hashes = hashes_with_copies(900, 600)
    known = 1300
    found = very_near_pairs_across(hashes[:known], hashes[known:])
    pairs = set(zip(found.left.tolist(), (found.right + known).tolist(), strict=True))
    near = {pair: bits for pair, bits in all_near(hashes).items() if pair[0] < known <= pair[1]}
    assert pairs <= near.keys()
    very = {pair for pair, bits in near.items() if bits <= 12}
    assert len(very) > 30
    assert len(very & pairs) >= 0.97 * len(very)


def test_nothing_and_one_hash_have_no_pairs() -> None:
    for few in (0, 1):
        hashes = np.zeros((few, 4), dtype=np.uint64)
        assert not len(near_pairs(hashes).left)
    assert not len(near_pairs_across(hashes[:0], hashes).left)

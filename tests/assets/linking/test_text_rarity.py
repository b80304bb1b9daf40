"""How rare a shingle is does not depend on how its texts are cut into batches."""

from collections import defaultdict

import numpy as np

from assets.linking.text_rarity import count_rarity
from assets.linking.text_shingles import HASH_BITS, Shingles

# More than twelve bits, so that not all keys fit into 32 of them.
HOLDERS = 5_000


def test_holders_are_counted_once_in_batches_of_any_size() -> None:
    random = np.random.default_rng(3)
    holders = np.sort(random.integers(0, HOLDERS, 6_000))
    texts = [np.unique(random.integers(0, 1 << HASH_BITS, 12) // (1 << 18) << 18) for _ in holders]
    levels = []
    for at_a_time in (64, 700, HOLDERS):
        batches = []
        for first in range(0, HOLDERS, at_a_time):
            here = np.flatnonzero((holders >= first) & (holders < first + at_a_time))
            sizes = [len(texts[text]) for text in here]
            hashes = np.concatenate([np.zeros(0, dtype=np.int64), *(texts[text] for text in here)])
            starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
            batches.append((Shingles(hashes.astype(np.uint32), starts), holders[here]))
        levels.append(count_rarity(batches, len(texts)).levels)
    assert np.array_equal(levels[0], levels[1])
    assert np.array_equal(levels[0], levels[2])

    held: dict[int, set[int]] = defaultdict(set)
    for holder, text in zip(holders.tolist(), texts, strict=True):
        for shingle in text.tolist():
            held[shingle].add(holder)
    bits = int(levels[0].size).bit_length() - 1
    ordered = sorted(held, key=lambda shingle: len(held[shingle]))
    told = [int(levels[0][shingle >> (HASH_BITS - bits)]) for shingle in ordered]
    # The more holders, the higher the level; the commonest shingles are not as rare as the rarest.
    assert told == sorted(told)
    assert told[0] < told[-1]

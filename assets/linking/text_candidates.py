"""Pairs of texts worth comparing: those whose rare shingles agree, found in time linear in the number of texts.

Each text is given a signature by weighted minwise sampling: a shingle is chosen with a probability that grows with
its rarity, so that site furniture and stock phrases seldom speak for a text. Texts that agree in two neighbouring
places of the signature, a band, stand in one row; each is compared with the one before it there and with the first
of the row, so that a row of any length costs no more than its length.
"""

import numpy as np

from assets.linking.text_rarity import LEVEL_BITS, LEVELS, Rarity
from assets.linking.text_shingles import HASH_BITS, spread

# Places of a signature; each holds the winner among the shingles that fall to it (one permutation hashing,
# Li, Owen and Zhang 2012; weights by exponential race, as in Cohen's bottom-k samples, 1997).
PLACES = 64
_PLACE_BITS = 6
# A band is a place and some of those that follow it, the first after the last.
BANDS = PLACES
DEEPEST = 4
_EMPTY = np.iinfo(np.uint32).max
# The winners are drawn by a higher power of the rarity than texts are compared by: strangers then meet less often
# (2.0 instead of 4.9 pairs a text to compare among 200,000, for half a hundredth of the pairs in five disguises).
_DRAW_POWER = 1.5
# A signature for a first look: eight bits of each place, and what marks an empty one.
NO_MARK = np.uint8(255)
# Fewer equal places than this, or a smaller part of those that either text fills, and no comparison follows.
_LEAST_EQUAL = 3
_LEAST_EQUAL_SHARE = 0.19


def signatures(weighed: np.ndarray, starts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """One row of `PLACES` numbers (uint32) per text; the largest number marks an empty place.

    `weighed`: shingles with their levels (uint32, from `Rarity.weigh`), ascending within each text. `starts`: int64,
    where each text begins, and the end. `weights`: float32, one per level.
    """
    texts = len(starts) - 1
    signature = np.full(texts * PLACES, _EMPTY, dtype=np.uint32)
    if not len(weighed):
        return signature.reshape(texts, PLACES)
    # Uniform in (0, 1).
    uniform = spread(weighed >> np.uint32(LEVEL_BITS)).astype(np.float32)
    uniform += np.float32(0.5)
    uniform *= np.float32(1 / 2**32)
    np.minimum(uniform, np.float32(1 - 2**-24), out=uniform)
    value = np.log(uniform, out=uniform)
    value /= -(weights**_DRAW_POWER)[weighed & np.uint32(LEVELS - 1)]
    # The place is the hash's first bits, so a text's shingles lie in the order of their places.
    slot = np.repeat(np.arange(texts) * PLACES, np.diff(starts))
    slot += weighed >> np.uint32(LEVEL_BITS + HASH_BITS - _PLACE_BITS)
    begins = np.flatnonzero(np.concatenate([[True], slot[1:] != slot[:-1]]))
    # Positive floats order as their bits do; the last of them tell the winner's level.
    drawn = value.view(np.uint32)
    drawn &= ~np.uint32(LEVELS - 1)
    drawn |= weighed & np.uint32(LEVELS - 1)
    signature[slot[begins]] = np.minimum.reduceat(drawn, begins)
    return signature.reshape(texts, PLACES)


def marks(signature: np.ndarray) -> np.ndarray:
    """Eight bits of each place of the signatures (uint8, the same shape); `NO_MARK` for empty places."""
    short = np.minimum(spread(signature.ravel()) >> np.uint32(24), np.uint32(NO_MARK - 1)).astype(np.uint8)
    marked: np.ndarray = short.reshape(signature.shape)
    marked[signature == _EMPTY] = NO_MARK
    return marked


def band_keys(signature: np.ndarray, band: int, rarity: Rarity) -> tuple[np.ndarray, np.ndarray]:
    """Keys (uint32) of the rows in which texts stand in one band, and which texts (int64, ascending) those are.

    The key holds the winners of the band's first place and of those that follow, as many as it takes until hardly two
    strangers share them; two at least. So the rows stay short however common the words are.
    """
    texts = np.flatnonzero(signature[:, band] != _EMPTY)
    winner = signature[texts, band]
    key, said = spread(winner), rarity.information[winner & np.uint32(LEVELS - 1)]
    taken = np.ones(len(texts), dtype=np.uint8)
    for step in range(1, DEEPEST):
        winner = signature[texts, (band + step) % PLACES]
        open_ = np.flatnonzero((winner != _EMPTY) & ((said < rarity.enough) | (taken < 2)))
        key[open_] = spread(key[open_] + winner[open_])
        said[open_] += rarity.information[winner[open_] & np.uint32(LEVELS - 1)]
        taken[open_] += 1
    several = taken > 1
    return key[several], texts[several]


def row_pairs(row: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Pairs of each row's members, by the rule above: int64 array of (earlier, later); a pair may come twice.

    `row`: ascending numbers of rows; `member`: int64, in the order of the row.
    """
    same = np.flatnonzero(row[1:] == row[:-1])
    if not len(same):
        return np.zeros((0, 2), dtype=np.int64)
    begins = np.concatenate([[True], row[1:] != row[:-1]])
    head = member[np.maximum.accumulate(np.where(begins, np.arange(len(row)), 0))]
    later = member[same + 1]
    return np.stack([np.concatenate([member[same], head[same + 1]]), np.tile(later, 2)], axis=1)


def agree(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Whether the `marks` of pairs of texts, row by row, agree well enough to be worth a comparison (bool)."""
    both_empty = np.count_nonzero((left & right) == NO_MARK, axis=1)
    equal = np.count_nonzero(left == right, axis=1) - both_empty
    worth: np.ndarray = (equal >= _LEAST_EQUAL) & (equal >= _LEAST_EQUAL_SHARE * (PLACES - both_empty))
    return worth

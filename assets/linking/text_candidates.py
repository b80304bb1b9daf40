"""Pairs of texts worth comparing: those whose rare shingles agree, found in time linear in the number of texts.

Each text is given a signature by weighted minwise sampling: a shingle is chosen with a probability that grows with
its rarity, so that site furniture and stock phrases seldom speak for a text. Texts that agree in two places of the
signature come to stand beside each other; each is compared with its neighbour there and with the first of the row,
so that a row of any length costs no more than its length.
"""

import numpy as np

from assets.linking.text_shingles import Shingles, mixed

# Places of a signature; each holds the winner among the shingles that fall to it (one permutation hashing,
# Li, Owen and Zhang 2012; weights by exponential race, as in Cohen's bottom-k samples, 1997).
PLACES = 64
_PLACE_BITS = 6
_EMPTY = np.iinfo(np.uint32).max
# Fewer equal places than this, or a smaller part of those that either text fills, and no comparison follows.
_LEAST_EQUAL = 3
_LEAST_EQUAL_SHARE = 0.17
_TEXTS_AT_A_TIME = 50_000
# Counters for shingles: four per text, within these bounds (256 MiB at most).
_LEAST_BITS, _MOST_BITS = 20, 26
_COUNTERS_PER_TEXT = 64
# A shingle of this few holders is as rare as one of a single holder: what nobody else writes is a slip of the pen
# as often as it is a mark.
RARE_HOLDERS = 4
# A shingle of one holder only joins nobody; it may be a mark or a slip of the pen, and counts this part.
LONE_WEIGHT = 0.25


class Rarity:
    """How much each shingle says: the square of ln(holders of all texts / holders that use it), at least a twentieth.

    The square, as in a cosine of tf-idf vectors, sets rare words further apart from stock phrases.

    A holder is an account, or a text that has none: what one holder repeats a thousand times is rare all the same.
    Counted in a table of hashed counters, so that two shingles may share one; that makes rare ones look commoner,
    never the reverse.
    """

    def __init__(self, shingles: Shingles, holders: np.ndarray) -> None:
        """`holders`: number of the holder of each text (int64), ascending."""
        texts = len(shingles.sizes)
        bits = int(np.ceil(np.log2(max(texts * _COUNTERS_PER_TEXT, 1))))
        self._shift = np.uint64(64 - min(max(bits, _LEAST_BITS), _MOST_BITS))
        counts = np.zeros(1 << int(np.uint64(64) - self._shift), dtype=np.uint32)
        for first in range(0, texts, _TEXTS_AT_A_TIME):
            last = min(first + _TEXTS_AT_A_TIME, texts)
            low, high = shingles.starts[first], shingles.starts[last]
            holder = np.repeat(holders[first:last], np.diff(shingles.starts[first : last + 1]))
            held = (holder.astype(np.uint64) << np.uint64(32)) | shingles.hashes[low:high].astype(np.uint64)
            held = np.sort(held)
            once = held[np.concatenate([[True], held[1:] != held[:-1]])] if len(held) else held
            slots = self._slots((once & np.uint64(0xFFFFFFFF)).astype(np.uint32))
            counts += np.bincount(slots, minlength=len(counts)).astype(np.uint32)
        total = max(len(np.unique(holders)), 1)
        weight = np.log((total + RARE_HOLDERS) / np.maximum(counts, RARE_HOLDERS).astype(np.float32))
        # Of the rarest shingles.
        self.most = max(float(np.log((total + RARE_HOLDERS) / RARE_HOLDERS)) ** 2, 0.05)
        weight = weight * weight * np.where(counts <= 1, LONE_WEIGHT, 1.0)
        self._weights = np.maximum(weight, 0.05).astype(np.float32)

    def _slots(self, hashes: np.ndarray) -> np.ndarray:
        slots: np.ndarray = (mixed(hashes.astype(np.uint64)) >> self._shift).astype(np.int64)
        return slots

    def __call__(self, hashes: np.ndarray) -> np.ndarray:
        """Weights (float32) of shingles (uint32)."""
        weights: np.ndarray = self._weights[self._slots(hashes)]
        return weights


def signatures(shingles: Shingles, rarity: Rarity) -> np.ndarray:
    """One row of `PLACES` numbers (uint32) per text; the largest number marks an empty place."""
    texts = len(shingles.sizes)
    signature = np.full((texts, PLACES), _EMPTY, dtype=np.uint32)
    for first in range(0, texts, _TEXTS_AT_A_TIME):
        last = min(first + _TEXTS_AT_A_TIME, texts)
        low, high = shingles.starts[first], shingles.starts[last]
        hashes = shingles.hashes[low:high]
        spread = mixed(hashes.astype(np.uint64) ^ np.uint64(0x5851F42D4C957F2D))
        place = (spread >> np.uint64(64 - _PLACE_BITS)).astype(np.int64)
        # Uniform in (0, 1) from the bits below the place.
        uniform = ((spread & np.uint64((1 << 40) - 1)).astype(np.float32) + 1) / np.float32((1 << 40) + 1)
        value = (-np.log(uniform) / rarity(hashes)).astype(np.float32)
        row = np.repeat(np.arange(last - first), np.diff(shingles.starts[first : last + 1]))
        # Positive floats order as their bits do.
        flat = np.full((last - first) * PLACES, _EMPTY, dtype=np.uint32)
        np.minimum.at(flat, row * PLACES + place, value.view(np.uint32))
        signature[first:last] = flat.reshape(-1, PLACES)
    return signature


def candidate_pairs(signature: np.ndarray) -> np.ndarray:
    """Pairs of texts to compare: int64 array of (left, right), left < right, each once, sorted."""
    texts = len(signature)
    found: list[np.ndarray] = []
    for place in range(PLACES):
        # Two places that follow each other are a band.
        found.append(_neighbours(signature, place, (place + 1) % PLACES))
        if len(found) > PLACES // 8:
            found = [_once(np.concatenate(found))]
    key = _once(np.concatenate(found))
    return np.stack([key // max(texts, 1), key % max(texts, 1)], axis=1)


def _once(keys: np.ndarray) -> np.ndarray:
    keys = np.sort(keys)
    once: np.ndarray = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
    return once


def _neighbours(signature: np.ndarray, place: int, other: int) -> np.ndarray:
    """Numbers left × texts + right of texts that stand beside each other in one band."""
    texts = len(signature)
    left, right = signature[:, place], signature[:, other]
    filled = np.flatnonzero((left != _EMPTY) & (right != _EMPTY))
    key = (left[filled].astype(np.uint64) << np.uint64(32)) | right[filled].astype(np.uint64)
    order = np.argsort(key, kind="stable")
    key, text = key[order], filled[order]
    same = np.flatnonzero(key[1:] == key[:-1])
    if not len(same):
        return np.zeros(0, dtype=np.int64)
    begins = np.concatenate([[True], key[1:] != key[:-1]])
    head = text[np.maximum.accumulate(np.where(begins, np.arange(len(key)), 0))]
    pairs = np.concatenate(
        [
            np.stack([text[same], text[same + 1]], axis=1),
            np.stack([head[same + 1], text[same + 1]], axis=1),
        ]
    )
    pairs = pairs[_agree(signature, pairs)]
    # The stable sort leaves the texts of one row ascending, so left < right.
    numbers: np.ndarray = _once(pairs[:, 0] * texts + pairs[:, 1])
    return numbers


def _agree(signature: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Whether each pair's signatures agree well enough to be worth a comparison."""
    good = np.zeros(len(pairs), dtype=bool)
    for first in range(0, len(pairs), _TEXTS_AT_A_TIME * 4):
        part = slice(first, first + _TEXTS_AT_A_TIME * 4)
        left, right = signature[pairs[part, 0]], signature[pairs[part, 1]]
        equal = ((left == right) & (left != _EMPTY)).sum(axis=1)
        either = ((left != _EMPTY) | (right != _EMPTY)).sum(axis=1)
        good[part] = (equal >= _LEAST_EQUAL) & (equal >= _LEAST_EQUAL_SHARE * either)
    return good

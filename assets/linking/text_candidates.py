"""Pairs of texts worth comparing: those whose rare shingles agree, found in time linear in the number of texts.

Each text is given a signature by weighted minwise sampling: a shingle is chosen with a probability that grows with
its rarity, so that site furniture and stock phrases seldom speak for a text. Texts that agree in two places of the
signature come to stand beside each other; each is compared with its neighbour there and with the first of the row,
so that a row of any length costs no more than its length.
"""

from dataclasses import dataclass

import numpy as np

from assets.linking.text_shingles import Shingles, spread

# Places of a signature; each holds the winner among the shingles that fall to it (one permutation hashing,
# Li, Owen and Zhang 2012; weights by exponential race, as in Cohen's bottom-k samples, 1997).
PLACES = 64
_PLACE_BITS = 6
_EMPTY = np.iinfo(np.uint32).max
# Fewer equal places than this, or a smaller part of those that either text fills, and no comparison follows.
_LEAST_EQUAL = 3
_LEAST_EQUAL_SHARE = 0.17
_TEXTS_AT_A_TIME = 5_000
_PAIRS_AT_A_TIME = 4_000
_BANDS_AT_A_TIME = 8
# Counters for shingles: four per text, within these bounds (256 MiB at most).
_LEAST_BITS, _MOST_BITS = 20, 26
_COUNTERS_PER_TEXT = 64
# A shingle of this few holders is as rare as one of a single holder: what nobody else writes is a slip of the pen
# as often as it is a mark.
RARE_HOLDERS = 4
# A shingle of one holder only joins nobody; it may be a mark or a slip of the pen, and counts this part.
LONE_WEIGHT = 0.25
_STEPS = 8


class Rarity:
    """How much each shingle says: the square of ln(holders of all texts / holders that use it), at least a twentieth.

    The square, as in a cosine of tf-idf vectors, sets rare words further apart from stock phrases.

    A holder is an account, or a text that has none: what one holder repeats a thousand times is rare all the same.
    Counted in a table of hashed counters, so that two shingles may share one; that makes rare ones look commoner,
    never the reverse. Of the counts eight steps to the octave are kept.
    """

    def __init__(self, shingles: Shingles, holders: np.ndarray) -> None:
        """`holders`: number of the holder of each text (int64), ascending."""
        texts = len(shingles.sizes)
        bits = int(np.ceil(np.log2(max(texts * _COUNTERS_PER_TEXT, 1))))
        self._shift = np.uint32(32 - min(max(bits, _LEAST_BITS), _MOST_BITS))
        counts = np.zeros(1 << int(np.uint32(32) - self._shift), dtype=np.uint32)
        change = np.flatnonzero(holders[1:] != holders[:-1]) + 1
        firsts = np.concatenate([[0], change, [texts]]) if texts else np.zeros(1, dtype=np.int64)
        alone = np.diff(firsts) == 1
        for first in range(0, len(alone), _TEXTS_AT_A_TIME):
            part = slice(first, first + _TEXTS_AT_A_TIME)
            begins, ends, single = firsts[:-1][part], firsts[1:][part], alone[part]
            low, high = shingles.starts[begins[0]], shingles.starts[ends[-1]]
            sizes = shingles.starts[ends] - shingles.starts[begins]
            hashes = shingles.hashes[low:high]
            of_single = np.repeat(single, sizes)
            self._count(counts, hashes[of_single])
            if not single.all():
                rest = ~of_single
                holder = np.repeat(np.arange(len(sizes), dtype=np.uint64) << np.uint64(32), sizes)[rest]
                held = np.sort(holder | hashes[rest])
                once = held[np.concatenate([[True], held[1:] != held[:-1]])]
                self._count(counts, once.astype(np.uint32))
        total = max(len(alone), 1)
        steps = np.log2(np.maximum(counts, RARE_HOLDERS, dtype=np.float32) / np.float32(RARE_HOLDERS))
        steps *= _STEPS
        steps += 2
        self._codes = steps.astype(np.uint8)
        self._codes[counts <= 1] = 0
        held_by = RARE_HOLDERS * 2.0 ** (np.maximum(np.arange(256) - 2, 0) / _STEPS)
        weight = np.maximum(np.log((total + RARE_HOLDERS) / held_by), 0.0) ** 2
        # Of the rarest shingles.
        self.most = max(float(weight[2]), 0.05)
        weight[0] *= LONE_WEIGHT
        self.weights = np.maximum(weight, 0.05).astype(np.float32)

    def _count(self, counts: np.ndarray, hashes: np.ndarray) -> None:
        np.add.at(counts, self._slots(hashes), np.uint32(1))

    def _slots(self, hashes: np.ndarray) -> np.ndarray:
        slots: np.ndarray = (spread(hashes) >> self._shift).astype(np.int64)
        return slots

    def codes(self, hashes: np.ndarray) -> np.ndarray:
        """Places (uint8) in `weights` (float32) of shingles (uint32)."""
        codes: np.ndarray = self._codes[self._slots(hashes)]
        return codes


@dataclass(frozen=True)
class WeighedTexts:
    """Texts whose shingles are weighed: `codes` (uint8, beside the hashes) are places in `weights` (float32).

    `totals`: weight of all shingles of each text (float64).
    """

    shingles: Shingles
    codes: np.ndarray
    weights: np.ndarray
    totals: np.ndarray


def weigh(shingles: Shingles, rarity: Rarity) -> WeighedTexts:
    """The texts with the weights of their shingles."""
    codes = np.zeros(len(shingles.hashes), dtype=np.uint8)
    totals = np.zeros(len(shingles.sizes))
    for first in range(0, len(totals), _TEXTS_AT_A_TIME):
        last = min(first + _TEXTS_AT_A_TIME, len(totals))
        low, high = shingles.starts[first], shingles.starts[last]
        codes[low:high] = rarity.codes(shingles.hashes[low:high])
        row = np.repeat(np.arange(last - first), shingles.sizes[first:last])
        totals[first:last] = np.bincount(row, rarity.weights[codes[low:high]], minlength=last - first)
    return WeighedTexts(shingles, codes, rarity.weights, totals)


def signatures(texts: WeighedTexts) -> np.ndarray:
    """One row of `PLACES` numbers (uint32) per text; the largest number marks an empty place."""
    shingles = texts.shingles
    count = len(shingles.sizes)
    signature = np.full((count, PLACES), _EMPTY, dtype=np.uint32)
    for first in range(0, count, _TEXTS_AT_A_TIME):
        last = min(first + _TEXTS_AT_A_TIME, count)
        low, high = shingles.starts[first], shingles.starts[last]
        mixed = spread(shingles.hashes[low:high] ^ np.uint32(0x4C957F2D))
        place = mixed >> np.uint32(32 - _PLACE_BITS)
        # Uniform in (0, 1) from the bits below the place.
        uniform = (mixed << np.uint32(_PLACE_BITS)).astype(np.float32)
        uniform += np.float32(1 << _PLACE_BITS)
        uniform *= np.float32(1 / ((1 << 32) + (2 << _PLACE_BITS)))
        value = np.log(uniform)
        value /= -texts.weights[texts.codes[low:high]]
        slot = np.repeat(np.arange(last - first) * PLACES, shingles.sizes[first:last])
        slot += place
        # Positive floats order as their bits do.
        flat = np.full((last - first) * PLACES, _EMPTY, dtype=np.uint32)
        np.minimum.at(flat, slot, value.view(np.uint32))
        signature[first:last] = flat.reshape(-1, PLACES)
    return signature


def candidate_pairs(signature: np.ndarray) -> np.ndarray:
    """Pairs of texts to compare: int64 array of (left, right), left < right, each once, sorted."""
    texts = max(len(signature), 1)
    good, judged = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for first in range(0, PLACES, _BANDS_AT_A_TIME):
        # Two places that follow each other are a band.
        bands = range(first, first + _BANDS_AT_A_TIME)
        keys = _once(np.concatenate([_neighbours(signature, band, (band + 1) % PLACES) for band in bands]))
        # Pairs that are alike meet in many bands; they are judged once.
        keys = keys[~_among(keys, judged)]
        judged = _once(np.concatenate([judged, keys]))
        pairs = np.stack([keys // texts, keys % texts], axis=1)
        good = np.concatenate([good, keys[_agree(signature, pairs)]])
    good = _once(good)
    return np.stack([good // texts, good % texts], axis=1)


def _once(keys: np.ndarray) -> np.ndarray:
    keys = np.sort(keys)
    once: np.ndarray = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
    return once


def _among(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which keys are known; `known` ascending."""
    if not len(known):
        return np.zeros(len(keys), dtype=bool)
    among: np.ndarray = known[np.minimum(np.searchsorted(known, keys), len(known) - 1)] == keys
    return among


def _neighbours(signature: np.ndarray, place: int, other: int) -> np.ndarray:
    """Numbers left × texts + right (int64) of texts that stand beside each other in one band."""
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
    # The stable sort leaves the texts of one row ascending, so left < right.
    return np.concatenate([text[same], head[same + 1]]) * texts + np.tile(text[same + 1], 2)


def _agree(signature: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Whether each pair's signatures agree well enough to be worth a comparison."""
    good = np.zeros(len(pairs), dtype=bool)
    for first in range(0, len(pairs), _PAIRS_AT_A_TIME):
        part = slice(first, first + _PAIRS_AT_A_TIME)
        left, right = signature[pairs[part, 0]], signature[pairs[part, 1]]
        equal = ((left == right) & (left != _EMPTY)).sum(axis=1)
        either = ((left != _EMPTY) | (right != _EMPTY)).sum(axis=1)
        good[part] = (equal >= _LEAST_EQUAL) & (equal >= _LEAST_EQUAL_SHARE * either)
    return good

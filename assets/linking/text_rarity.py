"""How much each shingle says: the fewer holders use it, the more.

A holder is an account, or a text that has none: what one holder repeats a thousand times is rare all the same.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assets.linking.text_shingles import HASH_BITS, Shingles

# Counters for shingles: this many per text, within these bounds of bits.
_COUNTERS_PER_TEXT = 64
_LEAST_BITS, _MOST_BITS = 20, HASH_BITS
# A shingle of this few holders is as rare as one of a single holder: what nobody else writes is a slip of the pen
# as often as it is a mark. The share does the same for large houses, where slips meet by chance: from 4,000 holders
# on, a rare shingle weighs the same against a common one however many there are. Without it, texts under many disguises
# at once are lost as the house grows: each slip comes to weigh more against the words that are left.
RARE_HOLDERS = 4
RARE_SHARE = 1 / 1000
# A shingle of one holder only joins nobody; it may be a mark or a slip of the pen, and counts this part.
LONE_WEIGHT = 0.25
LEAST_WEIGHT = 0.05
# Rows may grow to about this many strangers (e^2): in shorter ones texts in many disguises miss each other, in longer
# ones time goes into comparing strangers.
STRANGERS_IN_A_ROW = 7.4
# Levels of rarity, kept in the low bits beside a shingle's hash: 0 for one holder or none, then five to the octave.
LEVEL_BITS = 32 - HASH_BITS
LEVELS = 1 << LEVEL_BITS
# The last level is of nothing: what fills up rows of shingles.
NOTHING = np.uint32(0xFFFFFFFF)
# Weights are added up as whole numbers, so that no sum depends on an order.
_POINTS = 1024
_STEPS = 5


@dataclass(frozen=True)
class Rarity:
    """Levels of rarity of shingles, and what each level weighs.

    `levels`: uint8, one per counter; shingles are hashed to counters, so that two may share one, which makes rare ones
    look commoner, never the reverse. `weights`: float32, one per level: the square of ln(holders of all texts / holders
    that use it), at least a twentieth; the square, as in a cosine of tf-idf vectors, sets rare words further apart from
    stock phrases. `holders`: how many there are.
    """

    levels: np.ndarray
    weights: np.ndarray
    holders: int

    @property
    def information(self) -> np.ndarray:
        """What a shingle of each level says, in nats (float32): ln(holders of all texts / holders that use it)."""
        weights = self.weights.copy()
        weights[0] = weights[1]
        information: np.ndarray = np.sqrt(weights)
        return information

    @property
    def points(self) -> np.ndarray:
        """The weights in whole numbers (int32), to be added up."""
        points = np.round(self.weights * _POINTS).astype(np.int32)
        points[-1] = 0
        return points

    @property
    def enough(self) -> float:
        """What shingles have to say together so that hardly two strangers have them all, in nats."""
        return float(np.log(self.holders / STRANGERS_IN_A_ROW))

    def weigh(self, hashes: np.ndarray) -> np.ndarray:
        """Shingles (uint32) with their levels in the low bits (uint32), in the same order."""
        bits = int(self.levels.size).bit_length() - 1
        weighed: np.ndarray = hashes << np.uint32(LEVEL_BITS)
        weighed |= self.levels[hashes >> np.uint32(HASH_BITS - bits)]
        return weighed

    def save(self, folder: Path) -> None:
        """Write the levels and weights into an existing folder."""
        np.save(folder / "levels.npy", self.levels)
        np.save(folder / "weights.npy", self.weights)
        (folder / "rarity.json").write_text(json.dumps({"holders": self.holders}))

    @classmethod
    def load(cls, folder: Path) -> "Rarity":
        """Read what `save` wrote; `OSError` or `ValueError` where it cannot be read."""
        return cls(
            np.load(folder / "levels.npy", mmap_mode="r"),
            np.load(folder / "weights.npy"),
            **json.loads((folder / "rarity.json").read_text()),
        )


def count_rarity(batches: Iterable[tuple[Shingles, np.ndarray]], texts: int) -> Rarity:
    """The rarity of shingles among about `texts` texts.

    `batches`: shingles of some texts with the number of each text's holder (int64, ascending; a holder's texts are in
    one batch).
    """
    bits = int(np.ceil(np.log2(max(texts * _COUNTERS_PER_TEXT, 1))))
    bits = min(max(bits, _LEAST_BITS), _MOST_BITS)
    counts = np.zeros(1 << bits, dtype=np.uint32)
    total = 0
    for shingles, holders in batches:
        if not len(holders):
            continue
        begins = np.flatnonzero(np.concatenate([[True], holders[1:] != holders[:-1]]))
        total += len(begins)
        slots = shingles.hashes >> np.uint32(HASH_BITS - bits)
        sizes = np.diff(np.append(begins, len(holders)))
        single = np.repeat(sizes == 1, sizes)
        of_single = np.repeat(single, shingles.sizes)
        np.add.at(counts, slots[of_single], np.uint32(1))
        if not single.all():
            # Numbers of half the length sort in half the time.
            kind = np.uint32 if (holders[-1] - holders[0]) >> (32 - bits) == 0 else np.uint64
            of_holder = np.repeat((holders - holders[0]).astype(kind) << kind(bits), shingles.sizes)
            held = np.sort((of_holder | slots)[~of_single])
            once = held[np.concatenate([[True], held[1:] != held[:-1]])] if len(held) else held
            np.add.at(counts, once & kind((1 << bits) - 1), np.uint32(1))
    return _rarity(counts, max(total, 1))


def _rarity(counts: np.ndarray, holders: int) -> Rarity:
    rarest = max(RARE_HOLDERS, holders * RARE_SHARE)
    # The least count of each level from 1 on; a level holds what lies below the next.
    least = rarest * 2.0 ** (np.arange(LEVELS - 2) / _STEPS)
    levels = np.zeros(len(counts), dtype=np.uint8)
    at_a_time = 1 << 20
    for first in range(0, len(counts), at_a_time):
        part = counts[first : first + at_a_time]
        levels[first : first + at_a_time] = np.where(
            part <= 1, 0, np.maximum(np.searchsorted(least, part, side="right"), 1)
        )
    weights = np.zeros(LEVELS)
    weights[1:-1] = np.maximum(np.log((holders + RARE_HOLDERS) / least), 0.0) ** 2
    weights[0] = LONE_WEIGHT * weights[1]
    return Rarity(levels, np.maximum(weights, LEAST_WEIGHT).astype(np.float32), holders)

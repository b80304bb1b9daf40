"""Near pairs among perceptual hashes: every pair of 256 bits that differ in at most 31, without comparing all.

Multi-index hashing (Norouzi, Punjani and Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012):
of two hashes that differ in at most 31 bits, one of 16 bands of 16 bits differs in at most one. So each band is looked
up under its own value and under the 16 that differ in one bit; what is found there is compared in full.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np

from assets.extraction.pdq import BITS, NEAR, distances

# Rows of the one and of the other side, a batch at a time.
_Candidates = Iterator[tuple[np.ndarray, np.ndarray]]
BANDS = 16
_VALUES = 1 << (BITS // BANDS)
# Of a place where more than so many hashes of one set meet, each is compared with the first ones only: copies of one
# picture without number, which all find the same first ones. Strangers fill a place so far at four million hashes.
MOST_IN_A_PLACE = 64
# A band's own value, and those that differ from it in one bit.
_NEIGHBOURS = (0, *(1 << number for number in range(BITS // BANDS)))
# Words and places in them where windows of 24 bits begin.
_WINDOWS = [(word, np.uint64(shift)) for word in range(BITS // 64) for shift in (0, 10, 20, 30, 40)]
_WINDOW = np.uint64(1 << 24)
_CANDIDATES_AT_A_TIME = 1 << 21
_HASHES_AT_A_TIME = 1 << 16
# Bits of one band must not depend on each other, as neighbouring frequencies do: they are dealt out like cards.
_DEAL = np.random.default_rng(256).permutation(BITS)


class NearPairs(NamedTuple):
    """Near hashes: rows of the one and of the other (int64), and at how many bits (int64). Each pair once."""

    left: np.ndarray
    right: np.ndarray
    distance: np.ndarray


def near_pairs(hashes: np.ndarray) -> NearPairs:
    """Pairs of the `hashes` (uint64, n × 4, as `pdq.packed` gives them) at a distance of at most 31, left < right.

    Complete, unless more than 64 hashes agree in 16 bits.
    """
    bands = _bands(hashes)
    return _close(hashes, hashes, (_within(bands[:, band]) for band in range(BANDS)))


def near_pairs_across(known: np.ndarray, asked: np.ndarray) -> NearPairs:
    """Pairs of one of the `known` (left) and one of the `asked` (right) hashes at a distance of at most 31."""
    places, values = _bands(known), _bands(asked)
    return _close(known, asked, (_across(places[:, band], values[:, band]) for band in range(BANDS)))


def very_near_pairs_across(known: np.ndarray, asked: np.ndarray) -> NearPairs:
    """Those of `near_pairs_across` that agree in one of twenty windows of 24 bits.

    For many hashes per picture, of which one will do: the cost grows in proportion to their number. Of random pairs at
    10 bits all are found, at 15 bits .99, at 20 bits .92, at 25 bits .77.
    """
    ours = [np.ascontiguousarray(known[:, word]) for word in range(known.shape[1])]
    theirs = [np.ascontiguousarray(asked[:, word]) for word in range(asked.shape[1])]
    return _close(known, asked, (_agreeing(ours[w] >> s, theirs[w] >> s) for w, s in _WINDOWS))


def _close(left: np.ndarray, right: np.ndarray, bands: Iterable[_Candidates]) -> NearPairs:
    """The candidates of all bands that are near indeed."""
    width = max(len(right), 1)
    halves = [[np.ascontiguousarray(side[:, word]) for word in (0, 1)] for side in (left, right)]
    found = [np.zeros(0, dtype=np.int64)]
    for band in bands:
        for ones, others in band:
            # Half of the bits suffice to turn away strangers.
            near = np.bitwise_count(halves[0][0][ones] ^ halves[1][0][others])
            near += np.bitwise_count(halves[0][1][ones] ^ halves[1][1][others])
            hopeful = near <= NEAR
            ones, others = ones[hopeful], others[hopeful]
            close = distances(left[ones], right[others]) <= NEAR
            found.append(np.unique(ones[close] * width + others[close]))
    keys = np.unique(np.concatenate(found))
    ones, others = keys // width, keys % width
    return NearPairs(ones, others, distances(left[ones], right[others]))


def _bands(hashes: np.ndarray) -> np.ndarray:
    """The bits of each hash dealt out to the bands: uint16, n × 16, a column of memory for each band."""
    dealt = np.zeros((len(hashes), BANDS), dtype=np.uint16, order="F")
    for start in range(0, len(hashes), _HASHES_AT_A_TIME):
        some = np.ascontiguousarray(hashes[start : start + _HASHES_AT_A_TIME])
        bits = np.unpackbits(some.view(np.uint8).reshape(len(some), -1), axis=1)[:, _DEAL]
        dealt[start : start + len(some)] = np.ascontiguousarray(np.packbits(bits, axis=1)).view(np.uint16)
    return dealt


def _within(values: np.ndarray) -> _Candidates:
    """Pairs of rows whose values differ in at most one bit, the smaller row first."""
    places = _Places(values)
    rows, own = np.arange(len(values)), values.astype(np.int64)
    # Those of the same value that come earlier; and of two values the greater one asks.
    met = [_met(rows, places, own, np.minimum(places.earlier, MOST_IN_A_PLACE))]
    for bit in _NEIGHBOURS[1:]:
        greater = own & bit != 0
        asked = own[greater] ^ bit
        met.append(_met(rows[greater], places, asked, np.minimum(places.sizes(asked), MOST_IN_A_PLACE)))
    for asking, found in chain.from_iterable(met):
        yield np.minimum(asking, found), np.maximum(asking, found)


def _agreeing(known: np.ndarray, asked: np.ndarray) -> _Candidates:
    """Pairs of a known and an asked row (uint64) that agree in the last 24 bits; with many alike the first known."""
    ours, theirs = (known % _WINDOW).astype(np.int64), (asked % _WINDOW).astype(np.int64)
    # Most rows agree with none of the other side: a table of all values tells, before anything is sorted.
    table = np.zeros(_WINDOW, dtype=np.bool_)
    table[theirs] = True
    rows = np.flatnonzero(table[ours])
    table[:] = False
    table[ours[rows]] = True
    asking = np.flatnonzero(table[theirs])
    rows = rows[np.argsort(ours[rows], kind="stable")]
    found, wanted = ours[rows], theirs[asking]
    begin = np.searchsorted(found, wanted, side="left")
    sizes = np.minimum(np.searchsorted(found, wanted, side="right") - begin, MOST_IN_A_PLACE)
    for one, other in _expanded(asking, rows, begin, sizes):
        yield other, one


def _across(known: np.ndarray, asked: np.ndarray) -> _Candidates:
    """Pairs of a known and an asked row whose values differ in at most one bit."""
    places = _Places(known)
    rows, own = np.arange(len(asked)), asked.astype(np.int64)
    for bit in _NEIGHBOURS:
        for asking, found in _met(rows, places, own ^ bit, places.sizes(own ^ bit)):
            yield found, asking


class _Places:
    """Rows in the order of their values (uint16), and where each value begins."""

    def __init__(self, values: np.ndarray) -> None:
        self.rows = np.argsort(values, kind="stable")
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(values, minlength=_VALUES))])
        # How many rows of the same value come before, row by row.
        self.earlier = np.empty(len(values), dtype=np.int64)
        self.earlier[self.rows] = np.arange(len(values)) - self.starts[values[self.rows].astype(np.int64)]

    def sizes(self, values: np.ndarray) -> np.ndarray:
        """How many rows have each of the values (int64)."""
        count: np.ndarray = self.starts[values + 1] - self.starts[values]
        return count


def _met(asking: np.ndarray, places: _Places, values: np.ndarray, sizes: np.ndarray) -> _Candidates:
    """Each asking row with the rows at its place, the first of them, as many as `sizes` says."""
    return _expanded(asking, places.rows, places.starts[values], sizes)


def _expanded(asking: np.ndarray, rows: np.ndarray, begin: np.ndarray, sizes: np.ndarray) -> _Candidates:
    """Each asking row with so many of the `rows`, from `begin` on."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(asking):
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + _CANDIDATES_AT_A_TIME, side="right")), start + 1)
        some = sizes[start:stop]
        if total := int(some.sum()):
            within = np.arange(total) - np.repeat(np.cumsum(some) - some, some)
            yield np.repeat(asking[start:stop], some), rows[np.repeat(begin[start:stop], some) + within]
        start = stop

"""Which compared texts belong together: weighted overlap of shingles, and components without weak bridges."""

from typing import Protocol

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking.text_rarity import LEVELS, NOTHING

# Weighted Jaccard of two texts that are near-duplicates …
SIMILAR = 0.27
# … or this share of the shorter within the longer, which is at most so many times as long …
CONTAINED = 0.75
CONTAINED_SIMILAR = 0.20
# … and of two that hold together a cluster on their own. Between them stands what may be a bridge: it joins two
# clusters of several texts only beside a second one.
SURE = 0.40
# A member further than this from the text that speaks for its cluster has come in through a chain.
CHAINED = 0.15
_PAIRS_AT_A_TIME = 256


class Weighed(Protocol):
    """Texts that can be compared, by their numbers (int64): `shingles` of each (uint32, with levels), how many these
    are (`sizes`, int64), and `totals` (int64), their weights in the `points` (int32) of the levels."""

    points: np.ndarray

    def sizes(self, texts: np.ndarray) -> np.ndarray: ...

    def totals(self, texts: np.ndarray) -> np.ndarray: ...

    def shingles(self, texts: np.ndarray) -> list[np.ndarray]: ...


def compare(texts: Weighed, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted Jaccard similarity and containment of the shorter (both float64, 0 to 1) of each pair of texts.

    `pairs`: int64 array of (left, right). Weighted Jaccard: the weights of the shingles that both have, over those
    that either has. Containment: the same over those of the lighter text.
    """
    shared = np.zeros(len(pairs))
    sizes = texts.sizes(pairs).sum(axis=1)
    # Pairs of about the same length lie together, so that the rows have little padding.
    by_size = np.argsort(sizes, kind="stable")
    for first in range(0, len(pairs), _PAIRS_AT_A_TIME):
        part = by_size[first : first + _PAIRS_AT_A_TIME]
        rows = np.full((len(part), int(sizes[part[-1]])), NOTHING, dtype=np.uint32)
        is_filled = np.arange(rows.shape[1]) < sizes[part, None]
        rows[is_filled] = np.concatenate(texts.shingles(pairs[part].ravel()))
        rows.sort(axis=1)
        in_both = rows[:, 1:] == rows[:, :-1]
        rows &= np.uint32(LEVELS - 1)
        points = texts.points[rows[:, 1:]]
        points *= in_both
        shared[part] = points.sum(axis=1)
    left_total, right_total = texts.totals(pairs).T
    either, lighter = left_total + right_total - shared, np.minimum(left_total, right_total)
    similarity = np.divide(shared, either, out=np.zeros(len(pairs)), where=either > 0)
    containment = np.divide(shared, lighter, out=np.zeros(len(pairs)), where=lighter > 0)
    return np.minimum(similarity, 1.0), np.minimum(containment, 1.0)


def is_near_duplicate(similarity: np.ndarray, containment: np.ndarray) -> np.ndarray:
    """Which compared pairs are near-duplicates (bool)."""
    near: np.ndarray = (similarity >= SIMILAR) | (
        (containment >= CONTAINED) & (similarity >= CONTAINED_SIMILAR)
    )
    return near


def cluster(texts: int, pairs: np.ndarray, similarity: np.ndarray) -> np.ndarray:
    """The cluster of each text (int64): the smallest text in it.

    `pairs` of near-duplicates with their `similarity`. Sure pairs make cores. A single text joins the core that it
    is most similar to. Two cores are joined by pairs that are not sure only if there are two such pairs with
    different texts on both sides.
    """
    sure = similarity >= SURE
    label = _components(texts, pairs[sure])
    rest, strength = pairs[~sure], similarity[~sure]
    if not len(rest):
        return label
    size = np.bincount(label, minlength=texts)
    between = label[rest[:, 0]] != label[rest[:, 1]]
    rest, strength = rest[between], strength[between]
    lone = (size[label[rest[:, 0]]] == 1) | (size[label[rest[:, 1]]] == 1)
    joins = [_best_of_the_lone(rest[lone], strength[lone], label, size), _double_bridges(rest[~lone], label)]
    return _components(texts, np.concatenate([pairs[sure], *joins]))


def _components(texts: int, pairs: np.ndarray) -> np.ndarray:
    graph = coo_matrix((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(texts, texts))
    count, component = connected_components(graph, directed=False)
    smallest = np.full(count, texts, dtype=np.int64)
    np.minimum.at(smallest, component, np.arange(texts))
    label: np.ndarray = smallest[component]
    return label


def _best_of_the_lone(
    pairs: np.ndarray, strength: np.ndarray, label: np.ndarray, size: np.ndarray
) -> np.ndarray:
    """The strongest pair of each text that is in no core."""
    both = np.concatenate([pairs, pairs[:, ::-1]])
    strength = np.concatenate([strength, strength])
    lone = size[label[both[:, 0]]] == 1
    both, strength = both[lone], strength[lone]
    order = np.lexsort((both[:, 1], -strength, both[:, 0]))
    both = both[order]
    first = np.concatenate([[True], both[1:, 0] != both[:-1, 0]]) if len(both) else np.zeros(0, dtype=bool)
    best: np.ndarray = both[first]
    return best


def _double_bridges(pairs: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Pairs between cores of which there are two with different texts on both sides."""
    if not len(pairs):
        return pairs
    swapped = label[pairs[:, 0]] > label[pairs[:, 1]]
    ordered = np.where(swapped[:, None], pairs[:, ::-1], pairs)
    cores = label[ordered]
    _, bridge = np.unique(cores, axis=0, return_inverse=True)
    bridge = bridge.ravel()
    least = np.full((int(bridge.max()) + 1, 2), np.iinfo(np.int64).max)
    most = np.zeros_like(least)
    for side in (0, 1):
        np.minimum.at(least[:, side], bridge, ordered[:, side])
        np.maximum.at(most[:, side], bridge, ordered[:, side])
    double = (least[:, 0] < most[:, 0]) & (least[:, 1] < most[:, 1])
    held: np.ndarray = ordered[double[bridge]]
    return held

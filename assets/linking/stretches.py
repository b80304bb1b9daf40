"""Numbers looked up in ordered arrays: whether they are there, and in which stretches of equal ones."""

import numpy as np


def stretches(ordered: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each of the wanted numbers begins in an ordered array, and how often it is there (Int64).

    The wanted have to fit into the type of the array: were they of another one, all of the array would be copied for
    each look.
    """
    wanted = wanted.astype(ordered.dtype, copy=False)
    begin, end = (np.searchsorted(ordered, wanted, side) for side in ("left", "right"))
    return begin, end - begin


def among(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which values are known (bool); `known` ascending."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    found: np.ndarray = known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values
    return found

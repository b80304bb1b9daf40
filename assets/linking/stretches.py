"""Stretches of equal numbers in ordered arrays."""

import numpy as np


def stretches(ordered: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each of the wanted numbers begins in an ordered array, and how often it is there (Int64).

    The wanted have to fit into the type of the array: were they of another one, all of the array would be copied for
    each look.
    """
    wanted = wanted.astype(ordered.dtype, copy=False)
    begin, end = (np.searchsorted(ordered, wanted, side) for side in ("left", "right"))
    return begin, end - begin

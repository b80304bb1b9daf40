"""Labels of groups as groups join: a group is named by its oldest item."""

import numpy as np


def carried(marks: np.ndarray, renamed: np.ndarray) -> np.ndarray:
    """Marks of groups (bool, by label) after groups were joined: a group has those of all that went into it."""
    carried = np.zeros(len(marks), dtype=bool)
    carried[renamed[np.flatnonzero(marks)]] = True
    return carried


def merged_labels(
    smaller: np.ndarray, larger: np.ndarray, numbers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The labels that end when each of `smaller` joins its `larger`, and what they become: the smallest of all that
    joined. `numbers`: 0, 1, … of all labels (Int64), and so again when this is done.

    Each of `smaller` once, and no circles: the larger is larger in one order of all.
    """
    numbers[smaller] = larger
    at = larger
    while True:
        further = numbers[at]
        if np.array_equal(further, at):
            break
        at = further
        numbers[smaller] = at
    numbers[smaller] = smaller
    is_root = np.zeros(len(numbers), dtype=bool)
    is_root[at] = True
    roots = np.flatnonzero(is_root)
    np.minimum.at(numbers, at, smaller)
    gone, into = np.concatenate([smaller, roots]), np.concatenate([numbers[at], numbers[roots]])
    numbers[roots] = roots
    changes = gone != into
    return gone[changes], into[changes]

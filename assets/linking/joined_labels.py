"""Labels of groups as groups join: a group is named by its oldest item."""

import numpy as np


def carried(marks: np.ndarray, renamed: np.ndarray) -> np.ndarray:
    """Marks of groups (bool, by label) after groups were joined: a group has those of all that went into it."""
    carried = np.zeros(len(marks), dtype=bool)
    carried[renamed[np.flatnonzero(marks)]] = True
    return carried


def merged_labels(smaller: np.ndarray, larger: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The labels that end when each of `smaller` joins its `larger`, and what they become: the smallest of all that
    joined. `count`: of labels.

    Each of `smaller` once, and no circles: the larger is larger in one order of all.
    """
    root = np.arange(count, dtype=np.int64)
    root[smaller] = larger
    at = larger
    while True:
        further = root[at]
        if np.array_equal(further, at):
            break
        at = further
        root[smaller] = at
    oldest = np.arange(count, dtype=np.int64)
    np.minimum.at(oldest, at, smaller)
    gone = np.concatenate([smaller, np.unique(at)])
    into = np.concatenate([oldest[at], oldest[np.unique(at)]])
    changes = gone != into
    return gone[changes], into[changes]

"""Contacts that two parties show at the same time: neither had them before the other, so both are one.

A contact that one party shows always and the other now and then may be a number that was given to somebody else. When
it was shown tells, as a number rests before it is given away.
"""

import numpy as np

# Days between the nearest items of both that show the contact, at most. Of the pairs that nothing else joined, in ten
# worlds of two outside authors and four simulated ones, all 30 that showed a contact within so many days were one
# person; within 45, the least that a number rests (`holders.PAUSE`), nine of eleven; later three of 140.
SAME_TIME = 14
# If it is the only one in common, it is one's own: it stands in this share of the items of either, and where it is a
# number two of both show it, or they have weak things in common, too: one may be a slip, a quotation or misread.
OWN_SHARE = 0.3
OWN_ITEMS = 2
# Whoever shows contacts in less than this share of the items talks; what members of a chat name is mostly others'.
TALKS = 0.5


def at_the_same_time(of_pair: np.ndarray, is_other: np.ndarray, day: np.ndarray, pairs: int) -> np.ndarray:
    """Which pairs (bool, of so many) showed a contact at the same time.

    `of_pair` (number), `is_other` (bool: of the second of the pair), `day`: of each item that shows the contact.
    """
    order = np.lexsort((day, of_pair))
    of_pair, is_other, day = of_pair[order], is_other[order], day[order]
    near = (of_pair[1:] == of_pair[:-1]) & (is_other[1:] != is_other[:-1]) & (day[1:] - day[:-1] <= SAME_TIME)
    found = np.zeros(pairs, dtype=bool)
    found[of_pair[1:][near]] = True
    return found


def talks(items: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """Which groups (bool) talk; `items`: how many they have, `reached`: how many of them show a strong contact."""
    found: np.ndarray = reached < TALKS * items
    return found

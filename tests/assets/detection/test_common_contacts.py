"""Contacts that rises have in common: what chance makes of them."""

from math import comb

import numpy as np
import pytest

from assets.detection.common_contacts import hypergeometric_tail


def _exactly(seen: int, all_there: int, marked: int, drawn: int) -> float:
    ways = sum(
        comb(marked, some) * comb(all_there - marked, drawn - some)
        for some in range(seen, min(marked, drawn) + 1)
    )
    return ways / comb(all_there, drawn)


def test_the_tail_is_the_sum_of_exact_terms_whether_all_or_few_are_drawn_or_marked() -> None:
    asked = [(1, 10, 4, 3), (3, 10, 4, 3), (2, 10, 8, 6), (6, 10, 8, 6), (5, 5, 5, 5), (12, 9000, 40, 300)]
    found = hypergeometric_tail(*np.array(asked).T)
    assert found.tolist() == pytest.approx([_exactly(*each) for each in asked], rel=1e-9)


def test_the_tail_of_nothing_is_nothing() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert len(hypergeometric_tail(none, none, none, none)) == 0

"""Words that people put between the parts of a number that they dictate ("600 luego 000 y luego 173")."""

from __future__ import annotations

from functools import cache

from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml


@cache
def _listed(kind: str) -> frozenset[str]:
    return frozenset(map(fold, read_yaml("between_numbers.yaml")[kind]))


def then_words() -> frozenset[str]:
    """Words (folded) that say that the parts of a number go on."""
    return _listed("then")


@cache
def first_words() -> frozenset[str]:
    """Words (folded) that say that the part behind them is the first one of several."""
    return _listed("first")


@cache
def words_between() -> frozenset[str]:
    """Words (folded) that may stand between the parts, `then_words` among them."""
    return _listed("beside") | _listed("then")


def articles_between() -> frozenset[str]:
    """Words (folded) between a count and the digit that is counted ("drei mal die null")."""
    return _listed("articles")

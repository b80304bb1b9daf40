"""Given names that writers of advertisements use, from `rules/given_names.yaml`."""

from __future__ import annotations

from functools import cache

from assets.extraction.normalise import fold
from assets.extraction.rule_files import read_yaml


@cache
def given_names() -> frozenset[str]:
    """The names, folded."""
    return frozenset(
        fold(str(name)).lower() for names in read_yaml("given_names.yaml")["names"].values() for name in names
    )

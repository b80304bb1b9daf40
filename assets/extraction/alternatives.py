"""One pattern for many words, written as a tree of their letters: a place in a text is left at the first letter that
no word has, where a plain list of alternatives would be tried word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


def one_of(words: Iterable[str], any_letters: str = "") -> str:
    """Pattern that matches each of `words`, the longest first; a character of `any_letters` in a word stands for any
    run of letters. Raises ValueError when there is no word."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    if not tree:
        raise ValueError("no words to match")
    return _pattern(tree, any_letters)


def _pattern(tree: dict[str, Any], any_letters: str) -> str:
    branches = []
    for letter, below in sorted(tree.items()):
        if letter == "":
            continue
        spelled = r"\w*" if letter in any_letters else re.escape(letter)
        branches.append(spelled + ("" if list(below) == [""] else _pattern(below, any_letters)))
    joined = branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
    return f"(?:{joined})?" if "" in tree else joined

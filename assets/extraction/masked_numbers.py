"""Telephone numbers whose last digits are masked ("030-231257**").

What is left is no number, though it may pass for one where a country's numbers are of many lengths.
"""

from __future__ import annotations

import re

from assets.extraction.phone_validity import read_phone

# Signs that stand for digits behind the others; letters only where no blank parts them.
_MASK = re.compile(r"[ ./-]?([*•●▪■#_]{1,6})|([Xx]{2,6}(?!\w))")
# What one begins with, and what may stand before that.
_SIGNS, _BETWEEN = frozenset("*•●▪■#_Xx"), frozenset(" ./-")
_BOLD = "**"


def is_masked(text: str, start: int, end: int, value: str) -> bool:
    """Whether signs right behind the number `value` (E.164) at [start, end) of `text` stand for more digits of it.

    They do where as many digits more make a number, too; not where they close what other signs opened before.
    """
    # Most numbers are followed by a blank and a word, or by nothing.
    first = text[end : end + 1]
    if first not in _SIGNS and (first not in _BETWEEN or text[end + 1 : end + 2] not in _SIGNS):
        return False
    mask = _MASK.match(text, end)
    if mask is None:
        return False
    signs = mask[1] or mask[2]
    if signs[0] == "*":
        line = text[text.rfind("\n", 0, start) + 1 : start]
        # Markdown: bold or stressed.
        opened = line.count(_BOLD) % 2 == 1 if len(signs) > 1 else line.count("*") % 2 == 1
        if opened:
            return False
    elif start and text[start - 1] == signs[0]:
        return False
    if len(signs) == 1:
        # One star is a footnote's.
        return False
    return any(
        read_phone(value[1:] + digit * len(signs), True, None, True) is not None for digit in "0123456789"
    )

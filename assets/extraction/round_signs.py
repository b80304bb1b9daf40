"""Signs drawn for the nought of a telephone number ("6@@ @@@ 123", "6()()()123", "6ºº ººº 123").

One and the same sign stands for every nought, so that there is none left; what comes out of it is tried as a number
like any other row of digits.
"""

from __future__ import annotations

import re

import numpy as np

# Signs of one character, of which the ordinal is a letter to Unicode; pairs of brackets with nothing in them.
# Source: own observation of what is round on a keyboard of a telephone.
_SIGNS = "@°º¤●○◎◉☉⊙∅⌀"
_PAIRS = ("()", "[]", "{}")
_ORDINAL = "º"
_ROUND = np.zeros(0x110000, bool)
_ROUND[[ord(sign) for sign in _SIGNS]] = True
_OPENS = np.zeros(0x110000, bool)
_OPENS[[ord(pair[0]) for pair in _PAIRS]] = True


def _row(sign: str) -> re.Pattern[str]:
    """Digits and one sign, with the usual marks between groups; nothing of the same kind beside them."""
    piece, digit = re.escape(sign), "[1-9]"
    beside = rf"[^\W_º]|{piece}"
    return re.compile(
        rf"(?<!{piece})(?<![^\W_º])(?<!\d[ ./-])(?<!\w[@.])(?:{digit}|{piece})"
        rf"(?:[ ./-]?(?:{digit}|{piece}))+(?!{beside}|[ ./-]\d|[@.]\w)"
    )


_ROWS = {sign: _row(sign) for sign in (*_SIGNS, *_PAIRS)}
_LONGEST_ROW = 40
# Digits and signs of a number, digits among them, and signs.
_FEWEST, _MOST = 9, 13
_FEWEST_TRUE, _FEWEST_SIGNS = 3, 2


def round_places(codes: np.ndarray, signs: np.ndarray) -> list[int]:
    """Places in a folded text (its code points `codes`, uint32) where a sign may stand for a nought.

    `signs` are those of its marks other than blanks.
    """
    sign = codes.take(signs)
    opens = _OPENS.take(sign)
    behind = codes.take(signs + 1, mode="clip")
    empty = opens & ((behind == sign + 1) | (behind == sign + 2))
    ordinals = np.flatnonzero(codes == ord(_ORDINAL))
    return sorted([*signs[_ROUND.take(sign) | empty].tolist(), *ordinals.tolist()])


def undo_round_signs(text: str, place: int, replaced: dict[int, int], dropped: list[int]) -> int:
    """Letters that pass for noughts instead of the signs of the row around `place` of the folded `text`.

    Only a row that has the form of a telephone number is changed. Returns where the row ends.
    """
    sign = text[place : place + 2] if text[place] in "([{" else text[place]
    row = _ROWS.get(sign)
    if row is None:
        return place + 1
    low = place
    while (
        low > 0 and place - low < _LONGEST_ROW and (text[low - 1] in "123456789 ./-" or text[low - 1] in sign)
    ):
        low -= 1
    match = row.search(text, low, place + _LONGEST_ROW)
    while match is not None and match.end() <= place:
        match = row.search(text, match.end(), place + _LONGEST_ROW)
    if match is None or match.start() > place:
        return place + 1
    spelled = match.group()
    signs, digits = spelled.count(sign), sum(map(str.isdigit, spelled))
    # A sign between any two groups only parts them, as one behind figures tells what they are.
    if not (
        (sign * 2 in spelled or (spelled.startswith(sign) and signs >= _FEWEST_SIGNS))
        and not spelled.endswith(f" {sign}")
        and digits >= _FEWEST_TRUE
        and _FEWEST <= signs + digits <= _MOST
    ):
        return match.end()
    at = match.start()
    while (at := text.find(sign, at, match.end())) >= 0:
        replaced[at] = ord("O")
        dropped.extend(range(at + 1, at + len(sign)))
        at += len(sign)
    return match.end()

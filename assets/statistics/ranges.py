"""Numbers told as a range ("between 20 and 30 victims", "25 bis 35 Tausend Euro"): both ends are figures."""

from dataclasses import replace
from itertools import pairwise

from assets.statistics.lexicon import Lexicon
from assets.statistics.numbers import Quantity
from assets.statistics.scene import Scene

# Longest link between the two numbers of a range, in characters.
RANGE_GAP = 8


def _is_range(folded: str, left: Quantity, right: Quantity, words: Lexicon) -> bool:
    """Whether two numbers are the ends of one range ("10 to 15", "800-1,100")."""
    kinds = {left.kind, right.kind}
    if not 0 <= right.start - left.end <= RANGE_GAP:
        return False
    if len(kinds) == 2 and not (left.kind == "count" and right.kind != "count"):
        return False
    if kinds == {"count"} and right.value <= left.value:
        # "Arrests: 10 – four in Spain": a range rises.
        return False
    between = folded[left.end : right.start]
    if words.range.fullmatch(between):
        return True
    return bool(words.range_and.fullmatch(between) and words.range_between.search(folded[: left.start]))


def other_end(scene: Scene, quantity: Quantity, words: Lexicon) -> Quantity | None:
    """The other end of the range that a number bounds, or None."""
    for other in scene.quantities:
        if other.end <= quantity.start and _is_range(scene.folded, other, quantity, words):
            return other
        if quantity.end <= other.start and _is_range(scene.folded, quantity, other, words):
            return other
    return None


def with_shared_units(folded: str, quantities: list[Quantity], words: Lexicon) -> list[Quantity]:
    """The numbers of a sentence, where a range's lower end takes scale, currency or measure from the upper one.

    "fra i 25 e i 35 mila euro" is 25,000 and 35,000 euros; "10 a 15 kilos" are both weights.
    """
    shared = list(quantities)
    for place, (left, right) in enumerate(pairwise(quantities)):
        if left.kind != "count" or not _is_range(folded, left, right, words):
            continue
        scaled = (
            left.value * right.scale
            if left.scale == 1 and left.value < right.value / right.scale
            else left.value
        )
        shared[place] = replace(left, value=scaled, kind=right.kind, unit=right.unit, scale=right.scale)
    return shared

"""Leaves each figure of a release once: repeats and rounded forms (titles, captions) go."""

import re
from dataclasses import replace

from assets.statistics.scene import Figure

# "more than 70" yields to "75": a rounded figure is dropped when a finer one of its metric lies within its last
# written digit; figures below this are taken at their word.
ROUNDED_FROM = 20
HIGHEST_DOZENS = 120
# How far, in parts of itself, a figure may stand for a finer one: openly ("more than 70" for 75, a title's
# "4,000" for 4,310) and silently ("4.7 thousand" for 4,757).
COARSEST_ROUNDING = 0.2
COARSEST_SILENT_ROUNDING = 0.026


def _significant_step(value: float) -> float:
    """The unit of the last significant digit: 5,500 -> 100, 70 -> 10, 39.3M -> 100,000."""
    if value != int(value) or value == 0:
        return 0.0
    step = 1
    whole = int(value)
    while whole % (step * 10) == 0:
        step *= 10
    return float(step)


def _step(figure: Figure) -> float:
    """How coarse a figure is: a dozen for dozens in words, else its last significant digit."""
    if (
        figure.qualifier != "exact"
        and figure.value < HIGHEST_DOZENS
        and figure.value % 12 == 0
        and not re.search(r"\d", figure.quote)
    ):
        return 12.0
    return _significant_step(figure.value)


# A title's "victims" are the text's potential or rescued ones.
VICTIMS = frozenset({"victims_identified", "potential_victims", "victims_rescued"})


def _is_rounding(rough: Figure, fine: Figure) -> bool:
    same = rough.metric == fine.metric or (rough.in_title and {rough.metric, fine.metric} <= VICTIMS)
    if not same or rough.unit != fine.unit or rough.value == fine.value:
        return False
    if rough.value < ROUNDED_FROM or not (
        rough.in_title or rough.qualifier != "exact" or rough.value >= 1000
    ):
        return False
    if rough.country and fine.country and rough.country != fine.country:
        return False
    step, fine_step = _step(rough), _step(fine)
    openly_rough = rough.in_title or rough.qualifier != "exact"
    step = min(step, rough.value * (COARSEST_ROUNDING if openly_rough else COARSEST_SILENT_ROUNDING))
    if step <= max(1.0, fine_step) and not (step > 1 and fine_step < step):
        return False
    low, high = rough.value - step / 2, rough.value + step
    if rough.qualifier == "at_least":
        low = rough.value
    if rough.qualifier == "nearly":
        high = rough.value
    return low <= fine.value < high


def without_repeats(figures: list[Figure]) -> list[Figure]:
    """One figure per (metric, value, unit); where wordings differ, body before title, qualified before bare."""
    kept: dict[tuple[str, float, str | None], Figure] = {}
    for figure in figures:
        key = (figure.metric, figure.value, figure.unit)
        earlier = kept.get(key)
        if earlier is None or (earlier.in_title and not figure.in_title):
            kept[key] = figure
        elif earlier.qualifier == "exact" and figure.qualifier != "exact" and not figure.in_title:
            kept[key] = replace(figure, country=figure.country and earlier.country)
        elif earlier.country and figure.country is None and not figure.in_title:
            kept[key] = replace(earlier, country=None)
    unique = list(kept.values())
    return [
        figure
        for figure in unique
        if not any(_is_rounding(figure, other) for other in unique if other is not figure)
    ]

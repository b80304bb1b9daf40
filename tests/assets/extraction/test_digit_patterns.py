"""The beginnings of a plan's patterns are those that a library for partial matches tells."""

import pytest
import regex

from assets.extraction.digit_patterns import beginnings
from assets.extraction.phone_metadata import kinds_of_numbers, national_formats, numbering_plan

HEADS = ["", *(f"{number:0{size}d}" for size in (1, 2, 3) for number in range(10**size))]


def _patterns(region: str) -> list[str]:
    plan = numbering_plan(region)
    assert plan is not None
    listed = [*plan.kinds.values(), plan.general.pattern]
    listed += [one.pattern for one in (plan.abroad, plan.trunk, plan.leading) if one is not None]
    listed += [
        one.pattern for form in national_formats(plan.country_code) for one in form[:2] if one is not None
    ]
    return [*listed, *kinds_of_numbers(plan.country_code, 9)]


@pytest.mark.parametrize("region", ["GB", "AR", "JM", "DE"])
def test_beginnings_are_those_of_partial_matches(region: str) -> None:
    for pattern in _patterns(region):
        compiled, told = regex.compile(pattern), beginnings(pattern, 3)
        for head in HEADS:
            assert told.of_whole(head) == (compiled.fullmatch(head, partial=True) is not None), pattern
            assert told.of_part(head) == (compiled.match(head, partial=True) is not None), pattern


def test_characters_stand_for_themselves() -> None:
    told = beginnings(r"\+44(?:7[0-2]|8)?\d{1,3}", 5)
    assert {"+447", "+4479", "+4481"} < told.heads
    assert "+45" not in told.heads
    assert "+440" in told.whole


def test_other_patterns_are_refused() -> None:
    with pytest.raises(ValueError, match="no pattern of a numbering plan"):
        beginnings(r"(?!1)\d", 3)

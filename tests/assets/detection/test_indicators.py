"""The registry: every sign cited, weighted or recorded as folklore, its sums exact."""

import re

from assets.detection.indicators import indicators_frame, load_indicators, weights_for
from assets.extraction.signs import SIGNS, all_sign_rules
from quality.contracts import CONTRACTS
from quality.contracts.detection import LEAD_TYPES


def test_every_sign_that_extraction_reads_is_in_the_registry_at_item_level() -> None:
    """On or off: a sign that the registry does not list would be dropped without a word."""
    listed = {indicator.indicator_id for indicator in load_indicators() if indicator.level == "item"}
    emitted = {rule.meaning for rule in all_sign_rules()}
    assert len(emitted) > 15
    assert emitted | SIGNS <= listed


def test_every_indicator_has_a_dated_citation_and_a_limit() -> None:
    for indicator in load_indicators():
        assert re.search(r"\b(19|20)\d\d\b", indicator.citation)
        assert len(indicator.note) > 10


def test_folklore_has_no_weight_and_speaks_for_nothing() -> None:
    folklore = {i.indicator_id for i in load_indicators() if not i.is_weighted}
    assert {"new_in_town", "ethnicity_shown"} <= folklore
    assert all(folklore.isdisjoint(weights_for(role)["indicator_id"]) for role in LEAD_TYPES)


def test_weights_are_quarters_so_that_sums_are_exact_in_any_order() -> None:
    assert all((indicator.weight * 4).is_integer() for indicator in load_indicators())


def test_the_frame_keeps_its_contract() -> None:
    frame = indicators_frame()
    assert dict(frame.schema) == CONTRACTS["indicators"].schema
    assert frame["indicator_id"].is_unique().all()
    assert frame["weight"].is_between(0, 10).all()

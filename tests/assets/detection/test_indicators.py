"""The registry: every sign cited, weighted or recorded as folklore, its sums exact."""

import re

from assets.detection.indicators import indicators_frame, load_indicators, weights_for
from quality.contracts import CONTRACTS
from quality.contracts.detection import LEAD_TYPES

FROM_EXTRACTION = {
    "debt_owed",
    "recruitment_fee",
    "documents_held",
    "transport_paid",
    "accommodation_tied",
    "pay_withheld",
    "movement_restricted",
    "youth_wording",
    "claimed_age_under_18",
    "third_party_wording",
    "several_persons_offered",
    "trust_wording",
    "high_pay_no_experience",
    "abroad_offer",
    "messenger_only_contact",
    "short_stay_wording",
    "new_in_town",
    "ethnicity_shown",
    "secrecy_required",
}


def test_every_sign_that_extraction_reads_is_in_the_registry_at_item_level() -> None:
    assert {i.indicator_id for i in load_indicators() if i.level == "item"} >= FROM_EXTRACTION


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

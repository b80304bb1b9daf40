"""Masked numbers, letters that look like digits at the edge of groups, single digits behind a country code."""

import polars as pl
import pytest

from assets.extraction.identifiers import extract_identifiers


def _phones(text: str, region: str) -> list[str]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region]})
    return extract_identifiers(frame).filter(pl.col("kind") == "phone")["value"].to_list()


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("Ruf an: 030-231257**", "DE", []),
        ("Ruf an: 030 231257 ••", "DE", []),
        ("Ruf an: 030 231257XX", "DE", []),
        ("**Ruf an: 030 23125784**", "DE", ["+493023125784"]),
        ("*030 23125784*", "DE", ["+493023125784"]),
        ("030 23125784* (Festnetz)", "DE", ["+493023125784"]),
        ("030 23125784 xx", "DE", ["+493023125784"]),
        # Two digits more make no Spanish number.
        ("Llama al 600 000 123 **", "ES", ["+34600000123"]),
    ],
)
def test_what_is_left_of_a_masked_number_is_none(text: str, region: str, expected: list[str]) -> None:
    assert _phones(text, region) == expected


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("WhatsApp: +34 600 005 B58", "DE", ["+34600005858"]),
        ("Tel 600 00S 1S8", "ES", ["+34600005158"]),
        ("Tel б00 005 158", "ES", ["+34600005158"]),
        ("au O6 З9 98 З2 74", "FR", ["+33639983274"]),
        ("Tel ОЗО 23I25264", "DE", ["+493023125264"]),
        ("об этом 8 916 000-45-67", "RU", ["+79160004567"]),
        ("Vuelo 600 000 12B", "ES", []),
        ("DNI 61234567Z", "ES", []),
        ("B12 345 678 CIF", "ES", []),
        ("størrelse 34B 36B 38B 40B", "DK", []),
        ("Call +55 1|1|9|0|0|0|0|3|5|4|8", "ES", ["+5511900003548"]),
        ("Liga +351 9,1,0,0,0,7,2,9,8", "ES", ["+351910007298"]),
    ],
)
def test_letters_for_digits_and_single_digits(text: str, region: str, expected: list[str]) -> None:
    assert _phones(text, region) == expected

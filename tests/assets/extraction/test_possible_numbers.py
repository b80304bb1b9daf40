"""What the tables of possible numbers rule out is no telephone number."""

import random

import numpy as np
import phonenumbers
import pytest

from assets.extraction import possible_numbers
from assets.extraction.phone_validity import read_phone
from assets.extraction.possible_numbers import may_be_numbers, possible_rows

# Plans of every make: with and without a trunk prefix, with one that is rewritten, shared by regions.
REGIONS = [
    "GB",
    "ES",
    "FR",
    "DE",
    "IT",
    "PT",
    "RO",
    "US",
    "CA",
    "BR",
    "AR",
    "MX",
    "PL",
    "NL",
    "RU",
    "UA",
    "HU",
    "CO",
    "VE",
    "JM",
    "IM",
    "SG",
    "AT",
    "FI",
]


def _rows_near(region: str, dice: random.Random) -> list[str]:
    rows = [str(dice.randrange(10 ** (size - 1), 10**size)) for size in range(7, 18) for _ in range(20)]
    code = str(phonenumbers.country_code_for_region(region))
    trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        for start in (
            national,
            trunk + national,
            code + national,
            "00" + code + national,
            code + trunk + national,
        ):
            rows += [start, start[:-3] + f"{dice.randrange(1000):03d}", start[:-1]]
    return rows


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_that_is_read_is_possible(region: str) -> None:
    table = possible_rows((region,))
    read = [row for row in _rows_near(region, random.Random(region)) if read_phone(row, False, region, False)]
    assert read
    assert [row for row in read if not table[len(row), int(row[:3])]] == []


@pytest.mark.parametrize("number", ["07700900123", "01632960123", "0639981234", "03023125123", "2025550123"])
def test_numbers_of_fiction_are_possible(number: str) -> None:
    table = possible_rows(("GB", "FR", "DE", "US"))
    assert table[len(number), int(number[:3])]


def test_most_rows_are_ruled_out() -> None:
    assert possible_rows(("FR",))[7:].mean() < 0.1


def test_groups_are_taken_together_within_their_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(possible_numbers, "_WORTH_A_TABLE", 0)
    text = "12.13.2024 15:30 | 06 39 98 12 34 | 639 98 12 34 | 7 0639981234 5"
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    groups = [(0, 2), (3, 5), (6, 10), (11, 13), (14, 16)]
    groups += [(19, 21), (22, 24), (25, 27), (28, 30), (31, 33)]
    groups += [(36, 39), (40, 42), (43, 45), (46, 48)]
    groups += [(51, 52), (53, 63), (64, 65)]
    owner = [0] * 5 + [1] * 5 + [2] * 4 + [3] * 3
    begin, end = np.array(groups).T
    possible = may_be_numbers(codes, begin, end, np.array(owner), [("FR",)] * 4)
    assert possible.tolist() == [False, True, False, True]

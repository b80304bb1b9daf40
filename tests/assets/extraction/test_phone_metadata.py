"""The short cut to libphonenumber's metadata says what the library says, or nothing."""

import random

import phonenumbers
import pytest
from phonenumbers import NumberParseException, PhoneNumberFormat

from assets.extraction.phone_metadata import plain_international, plain_national

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)


def _by_library(digits: str, region: str | None) -> tuple[str, bool] | None:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), phonenumbers.is_valid_number(number)


def _numbers_near(region: str, dice: random.Random) -> list[str]:
    """Example numbers of the region, with their trunk prefix, other last digits, a digit more or less."""
    near = []
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
        for start in (national, trunk + national):
            near += [start, start[:-1], start + "4", start[:-4] + f"{dice.randrange(10_000):04d}"]
    return [*near, *(str(dice.randrange(10**6, 10**11)) for _ in range(20))]


@pytest.mark.parametrize("region", REGIONS)
def test_a_plain_national_number_is_read_as_the_library_reads_it(region: str) -> None:
    dice = random.Random(region)
    for digits in _numbers_near(region, dice):
        read = plain_national(digits, region)
        if read is not None and read[1]:
            assert read == _by_library(digits, region)


@pytest.mark.parametrize("region", REGIONS)
def test_a_plain_international_number_is_read_as_the_library_reads_it(region: str) -> None:
    dice = random.Random(region)
    code = phonenumbers.country_code_for_region(region)
    for digits in _numbers_near(region, dice):
        read = plain_international(f"{code}{digits}")
        if read is not None and read[1]:
            assert read == _by_library(f"+{code}{digits}", None)


def test_the_short_cut_answers_for_the_regions_it_was_made_for() -> None:
    numbers = {
        "ES": "600000012",
        "FR": "0612345678",
        "DE": "01713920123",
        "PT": "910000001",
        "IT": "3330000001",
    }
    for region, digits in numbers.items():
        read = plain_national(digits, region)
        assert read is not None
        assert read[1], region

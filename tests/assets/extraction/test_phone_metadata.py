"""What is read from libphonenumber's metadata is what the library itself reads, in every region."""

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat

from assets.extraction.phone_metadata import read_international, read_national, written_nationally

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
DIGITS = st.text("0123456789", min_size=1, max_size=20)


def _by_library(digits: str, region: str | None) -> tuple[str, bool] | None:
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), phonenumbers.is_valid_number(number)


def _numbers_near(region: str, dice: random.Random) -> list[str]:
    """Example numbers of the region, with trunk prefix and country code, other digits, a digit more or less."""
    near = []
    code = str(phonenumbers.country_code_for_region(region))
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        national = phonenumbers.national_significant_number(example)
        trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
        for start in (
            national,
            trunk + national,
            code + national,
            "00" + code + national,
            code + trunk + national,
        ):
            near += [start, start[:-1], start + "4", start[:-4] + f"{dice.randrange(10_000):04d}", start[1:]]
    return [*near, *(str(dice.randrange(10**4, 10 ** dice.randrange(5, 15))) for _ in range(10))]


@pytest.mark.parametrize("region", REGIONS)
def test_numbers_are_read_as_the_library_reads_them(region: str) -> None:
    code = phonenumbers.country_code_for_region(region)
    for digits in _numbers_near(region, random.Random(region)):
        assert read_national(digits, region) == _by_library(digits, region), (digits, region)
        abroad = f"{code}{digits}"
        read = read_international(abroad)
        assert read == _by_library(f"+{abroad}", None), abroad
        if read is not None and read[1]:
            number = phonenumbers.parse(f"+{abroad}")
            written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
            assert written_nationally(read[0]) == "".join(filter(str.isdigit, written)), abroad


@given(DIGITS, st.sampled_from(REGIONS))
def test_any_digits_are_read_as_the_library_reads_them(digits: str, region: str) -> None:
    assert read_national(digits, region) == _by_library(digits, region)


@given(DIGITS)
def test_any_international_digits_are_read_as_the_library_reads_them(digits: str) -> None:
    assert read_international(digits) == _by_library(f"+{digits}", None)

"""Countries of many phone numbers at once are those that libphonenumber gives for each."""

import random

import phonenumbers
import polars as pl

from assets.linking.phone_regions import regions_of


def _by_the_library(number: str) -> str | None:
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return None
    return region if region and region.isalpha() else None


def test_regions_of_shared_calling_codes_are_the_librarys() -> None:
    rng = random.Random(11)
    numbers = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for _ in range(60 if len(regions) > 1 else 0):
            length = rng.choice([7, 8, 9, 9, 10, 10, 11])
            numbers.append(f"+{code}" + "".join(rng.choice("0123456789") for _ in range(length)))
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (0, 1, 2, 3, 4, 6):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                numbers.append(phonenumbers.format_number(example, 0))
    expected = [_by_the_library(number) for number in numbers]
    assert len({*expected}) > 200
    assert regions_of(pl.Series(numbers)).to_list() == expected


def test_numbers_of_no_country_have_none() -> None:
    numbers = ["+88213300655", "+999123456", "+", "", "+1", "+1555", "nothing"]
    assert regions_of(pl.Series(numbers)).null_count() == len(numbers)

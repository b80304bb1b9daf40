"""Whether a digit string is a telephone number, and which (E.164)."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from assets.extraction.phone_metadata import read_international, read_national, written_nationally
from assets.extraction.rule_files import read_yaml

# A plus and 15 digits (ITU-T E.164, 6.1).
_LONGEST_E164 = 16
# Digits of a number as it is written, with prefixes.
FEWEST_DIGITS, MOST_DIGITS = 7, 17
# Countries whose trunk prefix is mostly left out.
OPTIONAL_TRUNK = frozenset({"RU", "KZ", "BY", "LT", "HU", "MX", "US", "CA", "BR"})


@cache
def fiction_pattern() -> re.Pattern[str]:
    """Numbers in E.164 that regulators reserve for fiction."""
    return re.compile("|".join(f"(?:{entry['pattern']})" for entry in read_yaml("fiction_ranges.yaml")))


@lru_cache(maxsize=2_000)
def regions_for(region: str | None, language: str | None) -> tuple[str, ...]:
    """Default regions to read a national number in: the source's own, else those of the language, else none."""
    if region:
        return (region.upper(),)
    if language:
        return tuple(read_yaml("phone_regions.yaml").get(language.lower()[:2], ()))
    return ()


def read_phone(digits: str, international: bool, region: str | None, trusted: bool) -> str | None:
    """E.164 of `digits` (a "+" apart, in `international`), or None when it is no valid number.

    Valid means valid by libphonenumber's metadata or inside a range reserved for fiction. National numbers must
    carry their trunk prefix where the country writes one, unless `trusted` (a word like "WhatsApp" stands beside
    them); a trusted number may also be international without its plus.
    """
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    if international:
        return _international(digits)
    if digits.startswith("00") and (found := _international(digits[2:])) is not None:
        return found
    if digits.startswith("011") and region in ("US", "CA") and (found := _international(digits[3:])):
        return found
    if region is not None and (found := _national(digits, region, trusted)) is not None:
        return found
    if trusted and len(digits) >= 10 and digits[0] != "0":
        return _international(digits, mobile_only=True)
    return None


@lru_cache(maxsize=2_000)
def is_usual_mobile(e164: str) -> bool:
    """Whether a valid number is a mobile one and as long as libphonenumber's example of such in its country.

    The metadata of some countries (Italy) let them be shorter, too.
    """
    number = phonenumbers.parse(e164)
    region = phonenumbers.region_code_for_number(number)
    if region is None or phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
        return False
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    return example is not None and len(str(example.national_number)) == len(str(number.national_number))


def _international(digits: str, mobile_only: bool = False) -> str | None:
    read = read_international(digits)
    if read is None or not _accepted(*read):
        return None
    e164, _ = read
    if mobile_only and fiction_pattern().fullmatch(e164) is None:
        kind = phonenumbers.number_type(phonenumbers.parse(e164))
        if kind not in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
            return None
    return e164


def _accepted(e164: str, valid: bool) -> bool:
    # The metadata of some countries (Germany, Austria) let numbers be longer than E.164 does.
    return len(e164) <= _LONGEST_E164 and (valid or fiction_pattern().fullmatch(e164) is not None)


@cache
def trunk_of(region: str) -> str:
    """What is dialled before a national number in `region`; empty where nothing is."""
    return phonenumbers.ndd_prefix_for_region(region, True) or ""


def _national(digits: str, region: str, trusted: bool) -> str | None:
    read = read_national(digits, region)
    if read is None or not _accepted(*read):
        return None
    e164, _ = read
    trunk = trunk_of(region)
    if trusted or region in OPTIONAL_TRUNK or digits.startswith(trunk):
        return e164
    written = written_nationally(e164)
    # A country that writes its trunk prefix writes it in the national format.
    return None if written.startswith(trunk) and written != digits else e164

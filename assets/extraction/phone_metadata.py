"""libphonenumber's reading of a digit string, straight from its metadata, at a twentieth of the cost.

The steps are those of `parse`, `is_valid_number` and `format_number` of the library (phonenumbers 9), for strings of
digits alone; the tests compare them in every region.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

_KINDS = (
    "premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail", "fixed_line",
    "mobile",
)  # fmt: skip
# The shortest and the longest national significant number that the library reads.
_SHORTEST, _LONGEST = 2, 17
_NEVER = re.compile("(?!)")
_NON_DIGITS = re.compile(r"\D")
_FIRST_GROUP = re.compile(r"(\\[1-9])")


@dataclass(frozen=True, slots=True)
class Plan:
    """The numbering plan of one region, or of one country code that belongs to none.

    `rewritten` is what takes the place of the trunk prefix, `kinds` the pattern of numbers of each length; `local` are
    lengths of numbers that can be dialled only within an area.
    """

    country_code: str
    abroad: re.Pattern[str] | None
    trunk: re.Pattern[str] | None
    rewritten: str | None
    leading: re.Pattern[str] | None
    general: re.Pattern[str]
    possible: frozenset[int]
    longest: int
    local: frozenset[int]
    kinds: dict[int, str]


@cache
def numbering_plan(region: str) -> Plan | None:
    """The plan of `region`: ISO alpha-2, or a country code that is of no region."""
    if region.isdigit():
        metadata = PhoneMetadata.metadata_for_nongeo_region(int(region), None)
    else:
        metadata = PhoneMetadata.metadata_for_region(region, None)
    if metadata is None or metadata.country_code is None or metadata.general_desc is None:
        return None
    general = metadata.general_desc
    patterns: dict[int, list[str]] = {}
    for kind in _KINDS:
        described = getattr(metadata, kind)
        if described is None or not described.national_number_pattern:
            continue
        for length in described.possible_length or general.possible_length:
            patterns.setdefault(length, []).append(described.national_number_pattern)
    return Plan(
        str(metadata.country_code),
        _compiled(metadata.international_prefix),
        _compiled(metadata.national_prefix_for_parsing),
        metadata.national_prefix_transform_rule or None,
        _compiled(metadata.leading_digits),
        _compiled(general.national_number_pattern) or _NEVER,
        frozenset(general.possible_length),
        max(general.possible_length, default=0),
        frozenset(general.possible_length_local_only),
        {length: "|".join(f"(?:{pattern})" for pattern in listed) for length, listed in patterns.items()},
    )


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


@cache
def _regions_of(country_code: str) -> tuple[str, ...]:
    """The regions with this country code, the main one first, or itself; none for a code that is not given."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(country_code), ())
    return tuple(country_code if region == "001" else region for region in regions)


@cache
def kinds_of_numbers(country_code: str, length: int) -> tuple[str, ...]:
    """Patterns of the valid national numbers of this length, over all regions with the country code."""
    plans = (numbering_plan(region) for region in _regions_of(country_code))
    return tuple(plan.kinds[length] for plan in plans if plan is not None and length in plan.kinds)


@cache
def _main_plan(country_code: str) -> Plan | None:
    regions = _regions_of(country_code)
    return numbering_plan(regions[0]) if regions else None


@cache
def national_formats(country_code: str) -> tuple[tuple[re.Pattern[str] | None, re.Pattern[str], str], ...]:
    """How numbers are written within their country: their first digits, their form, and what is made of it."""
    region = COUNTRY_CODE_TO_REGION_CODE[int(country_code)][0]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(country_code), region)
    if metadata is None:
        return ()
    return tuple(
        (
            _compiled(form.leading_digits_pattern[-1]) if form.leading_digits_pattern else None,
            re.compile(form.pattern or ""),
            _FIRST_GROUP.sub(form.national_prefix_formatting_rule or r"\1", form.format or "", count=1),
        )
        for form in metadata.number_format
    )


def read_national(digits: str, region: str) -> tuple[str, bool] | None:
    """E.164 of `digits` as dialled in `region` (ISO alpha-2), and whether it is a valid number; None if unreadable.

    Like the library, it takes `digits` for an international number behind the region's prefix for calls abroad, and
    behind its own country code where that makes a possible number of an impossible one.
    """
    direct = _direct(region)
    if direct is not None and (e164 := direct.read(digits)) is not None:
        return e164, True
    plan = numbering_plan(region)
    if plan is None:
        return None
    if plan.abroad is not None and (prefix := plan.abroad.match(digits)) is not None:
        behind = digits[prefix.end() :]
        if behind[:1] != "0":
            return read_international(behind)
    if digits.startswith(plan.country_code):
        rest = _without_trunk(digits[len(plan.country_code) :], plan)
        made_possible = plan.general.fullmatch(digits) is None and plan.general.fullmatch(rest) is not None
        if made_possible or (len(digits) > plan.longest and len(digits) not in plan.local):
            return _significant(rest, _main_plan(plan.country_code) or plan)
    return _significant(digits, plan)


class _Direct:
    """The short way to most numbers of a region that is the main one of its country code.

    It reads what is dialled within the region and valid there, where the trunk prefix, if there is one, is always the
    same digits; of anything else it says nothing.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._trunk = plan.trunk.pattern if plan.trunk is not None else ""
        self._kinds: dict[int, re.Pattern[str] | None] = {}

    def read(self, digits: str) -> str | None:
        """E.164 of `digits`, or None where it takes more to tell."""
        plan, trunk = self._plan, self._trunk
        if digits.startswith(plan.country_code) or (plan.abroad is not None and plan.abroad.match(digits)):
            return None
        rest = digits[len(trunk) :] if trunk and digits.startswith(trunk) else digits
        length = len(rest)
        if length not in self._kinds:
            known = length in plan.possible and length not in plan.local
            self._kinds[length] = _compiled(plan.kinds.get(length)) if known else None
        kinds = self._kinds[length]
        if kinds is None or kinds.fullmatch(rest) is None or plan.general.fullmatch(rest) is None:
            return None
        return f"+{plan.country_code}{rest}"


@cache
def _direct(region: str) -> _Direct | None:
    """The short way of `region`; None where there is none."""
    plan = numbering_plan(region)
    if plan is None or _main_plan(plan.country_code) is not plan or plan.rewritten is not None:
        return None
    alone = plan.leading is None or len(_regions_of(plan.country_code)) == 1
    return _Direct(plan) if alone and (plan.trunk is None or plan.trunk.pattern.isdigit()) else None


@cache
def _plan_ahead(head: str) -> tuple[Plan, int] | None:
    """The main plan of the country code that `head` (three digits) begins with, and how long the code is."""
    for length in (1, 2, 3):
        plan = _main_plan(head[:length])
        if plan is not None:
            return plan, length
    return None


def read_international(digits: str) -> tuple[str, bool] | None:
    """E.164 of `digits` that begin with a country code, and whether it is a valid number; None if unreadable."""
    if len(digits) <= _SHORTEST or digits[0] == "0":
        return None
    ahead = _plan_ahead(digits[:3])
    return _significant(digits[ahead[1] :], ahead[0]) if ahead is not None else None


def written_nationally(e164: str) -> str:
    """The digits of a number in E.164 as they are written within its country, trunk prefix and all."""
    country_code = next(e164[1:end] for end in (2, 3, 4) if _regions_of(e164[1:end]))
    significant = e164[1 + len(country_code) :]
    for leading, pattern, written in national_formats(country_code):
        if (leading is None or leading.match(significant)) and pattern.fullmatch(significant):
            return _NON_DIGITS.sub("", pattern.sub(written, significant))
    return significant


def _significant(digits: str, plan: Plan) -> tuple[str, bool] | None:
    """As `read_national`, for digits without a country code."""
    if len(digits) < _SHORTEST:
        return None
    stripped = _without_trunk(digits, plan)
    length = len(stripped)
    if stripped is not digits and (
        length in plan.local or (length not in plan.possible and length <= plan.longest)
    ):
        stripped = digits
    if not _SHORTEST <= len(stripped) <= _LONGEST:
        return None
    return f"+{plan.country_code}{stripped}", _is_valid(stripped, plan.country_code)


def _without_trunk(digits: str, plan: Plan) -> str:
    if plan.trunk is None or not digits or (prefix := plan.trunk.match(digits)) is None:
        return digits
    if plan.rewritten is None or prefix[prefix.re.groups] is None:
        stripped = digits[prefix.end() :]
    else:
        stripped = plan.trunk.sub(plan.rewritten, digits, count=1)
    # A prefix that belongs to the number stays.
    if plan.general.fullmatch(stripped) is None and plan.general.fullmatch(digits) is not None:
        return digits
    return stripped


def _is_valid(significant: str, country_code: str) -> bool:
    regions = _regions_of(country_code)
    for region in regions:
        plan = numbering_plan(region)
        if plan is None:
            continue
        if len(regions) == 1 or plan.leading is None:
            if _is_of(significant, plan):
                return True
        elif plan.leading.match(significant):
            return _is_of(significant, plan)
    return False


def _is_of(significant: str, plan: Plan) -> bool:
    kinds = _compiled(plan.kinds.get(len(significant)))
    return (
        kinds is not None
        and len(significant) in plan.possible
        and kinds.fullmatch(significant) is not None
        and plan.general.fullmatch(significant) is not None
    )

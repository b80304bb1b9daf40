"""Telephone numbers in the clusters of `candidates`: the plain ones at once, the others by their neighbourhoods."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from assets.extraction.dictated import dictated_number
from assets.extraction.found import Found
from assets.extraction.not_phones import blank_other_numbers
from assets.extraction.number_clusters import NumberCluster
from assets.extraction.number_series import is_counting, is_price_row, is_series
from assets.extraction.phone_parts import NEVER_INSIDE
from assets.extraction.phone_surroundings import SEEN_AFTER, SEEN_BEFORE, is_trusted, says_reversed
from assets.extraction.phone_validity import regions_for
from assets.extraction.phones import FORM_WORDS, find_phones, phone_value

# Characters around a cluster that the reading of phones looks at, and those that may belong to the number itself.
_BEFORE, _AFTER, _MARGIN = 64, 56, 12
_REMEMBERED = 20_000
# How far from digits a remark on how to read them stands.
_REMARK = 40
# How far around a cluster a word makes it part of a sentence, rather than the content of a form's field.
_PROSE = 1_000
# Longest cluster that is read in one go, and how much of it the next window sees again (a number in words).
_WINDOW, _OVERLAP = 600, 160
# One number between blanks and marks of a sentence; `mixed` when its groups are not all parted by the same sign.
_SIMPLE = re.compile(
    r"[ \n.,:;!?-]*(?P<plus>\+?)"
    r"(?P<digits>[0-9]+(?:(?P<separator>[ ./-])[0-9]+(?:(?P=separator)[0-9]+)*(?P<mixed>(?:[ ./-][0-9]+)*))?)"
    r"[ \n.,;!?]*"
)
_ONE_BY_ONE = re.compile(
    r"[^0-9A-Za-z]*?(?P<code>\+[0-9]{1,3}[ )./-]{1,3})?"
    r"(?P<digits>[0-9](?P<sign>[^0-9A-Za-z+]{1,4})[0-9](?:(?P=sign)[0-9]){5,})[^0-9A-Za-z]*"
)
_SEPARATOR = re.compile("[ ./-]")
# Dates, times of day and coordinates with nothing but their digits, one after another between blanks or brackets; all
# of it is such numbers to `blank_other_numbers`, too.
_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_MOMENT = (
    rf"(?:{_DAY}(?P<sign%d>[./-]){_MONTH}(?P=sign%d){_YEAR}(?=[ ,)\n\x00])"
    r"|(?:[01]?[0-9]|2[0-4])(?::[0-5][0-9]){1,2}(?![0-9:]))"
)
OTHER_ALONE = re.compile(
    rf"[ (\n\x00](?:{_MOMENT % (1, 1)}(?:(?: - | |, |-(?=[0-9]{{1,2}}:)){_MOMENT % (2, 2)})*"
    r"|-?[0-9]{1,3}[.,][0-9]{3,}[,;/ ] ?-?[0-9]{1,3}[.,][0-9]{3,})[ ,)\n\x00]"
)
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"[0-9]+")
# What is known of a row that takes more to tell.
_UNKNOWN = (False, None, 0, 0, "")
# Longest token with hyphens that is looked at as a whole.
_TOKEN = 40


def phones_of_cluster(
    text: str, text_low: int, text_high: int, cluster: NumberCluster, region: str | None, language: str | None
) -> list[Found]:
    """Telephone numbers of one cluster in `text[text_low:text_high]`; their places are places in `text`.

    A long cluster (a list of numbers) is read window by window, each from the last number on, so that the time grows
    with its length alone.
    """
    if cluster.end - cluster.begin <= _WINDOW:
        return _phones(text, text_low, text_high, cluster, region, language)
    found: list[Found] = []
    begin, low = cluster.begin, cluster.low
    while begin < cluster.end:
        end = min(cluster.end, begin + _WINDOW)
        last = end == cluster.end
        part = cluster._replace(
            begin=begin,
            end=end,
            low=low,
            high=cluster.high if last else end,
            told_from=cluster.told_from if begin == cluster.begin else low,
            told_to=cluster.told_to if last else end,
            alone=False,
            even=0,
            figure_before=cluster.figure_before or begin > cluster.begin,
            figure_after=cluster.figure_after or not last,
        )
        # What reaches the end of the window may go on behind it.
        whole = [
            phone
            for phone in _phones(text, text_low, text_high, part, region, language)
            if phone.start >= begin and (last or phone.end <= end - _OVERLAP)
        ]
        found += whole
        begin = low = whole[-1].end if whole else end - (0 if last else _OVERLAP)
        if last:
            break
    return found


def _phones(
    text: str, text_low: int, text_high: int, cluster: NumberCluster, region: str | None, language: str | None
) -> list[Found]:
    begin, end, low, high = cluster.begin, cluster.end, cluster.low, cluster.high
    if cluster.even:
        evenly = _evenly_written(text, text_low, text_high, cluster, region, language)
        if evenly is not None:
            return evenly
    # "NL50 ABNA 3416…": capitals behind a figure may be the head of a bank account.
    elif cluster.alone and not (low > text_low and text[low - 1].isupper()):
        if OTHER_ALONE.fullmatch(text, begin - 1, end + 1) is not None:
            return []
        first = max(low, begin - _MARGIN)
        before = after = None
        if cluster.told_from != low or cluster.told_to != high:
            before, after = _beside(text, text_low, text_high, cluster)
        core = text[first : min(high, end + _MARGIN)]
        known, value, start, stop, method = _read_alone(core, before, after, region, language)
        if value is not None:
            return [Found("phone", value, first + start, first + stop, method != "plain", method)]
        if known:
            return []
    if cluster.written:
        dictated = dictated_number(text, text_low, text_high, cluster, region, language)
        if dictated is not None:
            return [Found("phone", dictated.value, begin, end, True, "mixed" if dictated.mixed else "words")]
    around, low = _surroundings(text, text_low, text_high, cluster)
    near = max(text_low, begin - _PROSE), min(text_high, end + _PROSE)
    prose = FORM_WORDS.search(text, *near) is not None
    return [
        Found("phone", phone.value, phone.start + low, phone.end + low, phone.obscured, phone.method)
        for phone in _read_around(around, region, language, cluster.written, prose)
        if phone.start + low < end and phone.end + low > begin
    ]


def _evenly_written(
    text: str, text_low: int, text_high: int, cluster: NumberCluster, region: str | None, language: str | None
) -> list[Found] | None:
    """What an evenly written row is; None when it takes more to tell."""
    begin, end, plus = cluster.begin, cluster.end, cluster.plus
    trusted: bool | None = False
    if cluster.told_from != cluster.low or cluster.told_to != cluster.high:
        trusted = _told(*_beside(text, text_low, text_high, cluster), plus)
    if trusted is not None:
        digits = text[begin:end]
        if cluster.even > 1:
            digits = digits.replace(chr(cluster.separator), "")
        value = phone_value(digits, plus, regions_for(region, language), trusted)
        if value is not None:
            # Rising round amounts are prices.
            priced = cluster.even > 2 and not trusted and text[end - 1] == "0"
            if priced and is_price_row(text[begin:end].split(chr(cluster.separator))):
                return []
            return [Found("phone", value, begin - plus, end, False, "plain")]
    return [] if cluster.indivisible else None


def _beside(text: str, text_low: int, text_high: int, cluster: NumberCluster) -> tuple[str, str]:
    """What stands before and behind the cluster, as far as it says what the digits are."""
    begin, end = cluster.begin, cluster.end
    before = max(text_low if cluster.figure_before else cluster.told_from, begin - SEEN_BEFORE)
    after = min(text_high if cluster.figure_after else cluster.told_to, end + SEEN_AFTER)
    return text[before:begin], text[end:after]


def read_backwards(
    text: str,
    text_low: int,
    text_high: int,
    cluster: NumberCluster,
    region: str | None,
    language: str | None,
) -> list[Found]:
    """The number that the digits of the cluster make from the last to the first, where a remark near them says so."""
    near = max(text_low, cluster.begin - _REMARK), min(text_high, cluster.end + _REMARK)
    groups = _DIGITS.findall(text, cluster.begin, cluster.end)
    if not says_reversed(_WORD.findall(text, *near)):
        return []
    if is_counting(groups) or is_series(groups) or is_price_row(groups[::-1]):
        return []
    digits = "".join(groups)[::-1]
    value = phone_value(digits, False, regions_for(region, language), True)
    if value is None:
        return []
    return [Found("phone", value, cluster.begin, cluster.end, True, "reversed")]


def _apart(text: str, begin: int, end: int) -> bool:
    """Whether what stands at [begin, end) parts digits from letters, as no hyphen inside a token does."""
    return end > begin and text[begin:end] not in ("-", "_", ".")


def _surroundings(text: str, text_low: int, text_high: int, cluster: NumberCluster) -> tuple[str, int]:
    """The cluster with what matters around it, and the place in `text` where that begins.

    Words that say nothing are cut off, so that equal rows of digits in different sentences are read once. Beyond
    the word beside the cluster only another figure or a word for one counts.
    """
    low, high = max(text_low, cluster.begin - _BEFORE), min(text_high, cluster.end + _AFTER)
    if not cluster.figure_before:
        low = max(low, cluster.told_from)
        if not (cluster.alone or _apart(text, cluster.low, cluster.begin)):
            while (
                low > text_low
                and cluster.low - low < _TOKEN
                and (text[low - 1].isalnum() or text[low - 1] in "-_.")
            ):
                low -= 1
    if not cluster.figure_after:
        high = min(high, cluster.told_to)
        if not (cluster.alone or _apart(text, cluster.end, cluster.high)):
            while (
                high < text_high
                and high - cluster.high < _TOKEN
                and (text[high].isalnum() or text[high] in "-_")
            ):
                high += 1
    return text[low:high], low


@lru_cache(maxsize=_REMEMBERED)
def _told(before: str, after: str, plus: bool) -> bool | None:
    """What the words before and behind a row of digits say of it, as `is_trusted`."""
    return is_trusted(before + after, len(before), len(before), "", "", plus)


@lru_cache(maxsize=_REMEMBERED)
def _read_around(
    around: str, region: str | None, language: str | None, written: bool, prose: bool
) -> tuple[Found, ...]:
    return tuple(find_phones(around, region, language, written, prose))


@lru_cache(maxsize=_REMEMBERED)
def _read_alone(
    core: str, before: str | None, after: str | None, region: str | None, language: str | None
) -> tuple[bool, str | None, int, int, str]:
    """Whether the evenly written row `core` is all there is to know, its E.164, its place in `core` and its method.

    `before` and `after` are what stands beside its digits, None where no word there says anything.
    """
    plain = _plain(core)
    if plain is None:
        return _UNKNOWN
    trusted = False if before is None or after is None else _told(before, after, plain.plus)
    value = (
        None
        if trusted is None
        else phone_value(plain.digits, plain.plus, regions_for(region, language), trusted)
    )
    return value is not None or plain.groups == 1, value, plain.start, plain.end, plain.method


class _Plain(NamedTuple):
    """One evenly written row of digits; places count from the beginning of its core, `groups` are those of the row."""

    digits: str
    plus: bool
    start: int
    end: int
    method: str
    groups: int


def _plain(core: str) -> _Plain | None:
    """The row that `core` is; None when it takes more to tell."""
    simple = _SIMPLE.fullmatch(core)
    if simple is None:
        return _one_by_one(core)
    plus, spelled, separator, mixed = simple.groups()
    groups = [spelled] if separator is None else _SEPARATOR.split(spelled)
    count = len(groups)
    if (count > 2 and (is_counting(groups) or is_series(groups))) or (
        _may_be_another(groups, separator or "", bool(mixed))
        and blank_other_numbers(f" {spelled} ", in_prose=True) != f" {spelled} "
    ):
        return None
    method = "separated" if count > 5 and sum(len(group) == 1 for group in groups) >= 6 else "plain"
    start, end = simple.start(1), simple.end(2)
    return _Plain("".join(groups), plus != "", start, end, method, count)


def _one_by_one(core: str) -> _Plain | None:
    """Single digits with one and the same sign between all of them, whatever it is, perhaps behind a country code."""
    single = _ONE_BY_ONE.fullmatch(core)
    if single is None or NEVER_INSIDE.search(core) is not None:
        return None
    spelled = single["digits"]
    digits = spelled[:: len(single["sign"]) + 1]
    if not digits.isdigit() or is_counting(digits):
        return None
    start, end = single.span("digits")
    if single["code"] is not None:
        code = "".join(filter(str.isdigit, single["code"]))
        return _Plain(code + digits, True, single.start("code"), end, "separated", len(digits))
    if start and core[start - 1] == "(" and ")" in spelled:
        start -= 1
    return _Plain(digits, False, start, end, "separated", len(digits))


def _may_be_another(groups: list[str], separator: str, mixed: bool) -> bool:
    """Whether rows of this form can be dates, years, addresses of machines, cards or books at all."""
    digits = sum(map(len, groups))
    if mixed or digits in (13, 16):
        return True
    if len(groups) == 3:
        # Only a date; with a year of two digits it is too short for a telephone number.
        first, middle, last = map(len, groups)
        return separator in "./-" and middle < 3 and ((first == 4 and last < 3) or (first < 3 and last == 4))
    return (len(groups) == 4 and separator == ".") or (len(groups) == 2 and digits == 8 and separator in "-/")

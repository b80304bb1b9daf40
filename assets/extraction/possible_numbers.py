"""Which rows of digits may be telephone numbers at all, told by their length and first digits alone.

A table per region, made from libphonenumber's metadata: what it rules out is no number by `read_phone`, what it
leaves has to be read. Most dates, prices, hours and coordinates are ruled out without being looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from assets.extraction.digit_patterns import Beginnings, beginnings
from assets.extraction.phone_metadata import (
    kinds_of_numbers,
    national_formats,
    numbering_plan,
)
from assets.extraction.phone_validity import (
    FEWEST_DIGITS,
    MOST_DIGITS,
    OPTIONAL_TRUNK,
    fiction_pattern,
    trunk_of,
)

# Digits at the beginning that the tables know.
KNOWN = 3
# Rows of more groups are long lists, in which a number is always possible.
_MOST_GROUPS = 100
_LONGEST_E164 = 15
# A form that asks for numbers of digits only: which digits they are does not matter.
_COUNTS_ALONE = re.compile(r"(?:\(?\\d(?:\{\d+(?:,\d+)?\})?\)?)+")


def may_be_numbers(
    codes: np.ndarray,
    begin: np.ndarray,
    end: np.ndarray,
    owner: np.ndarray,
    regions: Sequence[tuple[str, ...]],
) -> np.ndarray:
    """Bool per row of digits: whether some of its groups, taken together, may be a telephone number.

    `codes` are those of a text, `begin` and `end` the places of the groups in it, `owner` the row that each belongs
    to (0, 1, …, in order), `regions` the default regions of each row. Rows of regions that are seldom met are said
    to be possible: a table costs as much as reading some hundred rows.
    """
    tables, which = _tables(regions)
    lengths = end - begin
    stops = np.cumsum(lengths)
    starts = stops - lengths
    digits = codes.take(np.repeat(begin - starts, lengths) + np.arange(stops[-1])).astype(np.int64) - ord("0")
    beyond = np.concatenate([digits, np.zeros(KNOWN, np.int64)])
    head = beyond.take(starts) * 100 + beyond.take(starts + 1) * 10 + beyond.take(starts + 2)
    # From each group on to each later one of its row, as far as a number can reach.
    first = np.arange(len(begin))
    count = np.searchsorted(stops, starts + MOST_DIGITS, side="right")
    count = np.minimum(count, np.searchsorted(owner, owner, side="right")) - first
    possible = np.zeros(len(regions), bool)
    groups = np.bincount(owner, minlength=len(regions))
    possible[groups > _MOST_GROUPS] = True
    count = np.where(possible.take(owner), 0, np.maximum(count, 0))
    last = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - first, count)
    first = np.repeat(first, count)
    size = stops.take(last) - starts.take(first)
    hits = tables[which.take(owner.take(first)), size * 10**KNOWN + head.take(first)]
    possible[owner.take(first[hits])] = True
    return possible


_SEEN: Counter[tuple[str, ...]] = Counter()
_WORTH_A_TABLE = 200
_ALL_POSSIBLE = np.ones((MOST_DIGITS + 1, 10**KNOWN), bool)


def _tables(regions: Sequence[tuple[str, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """The tables that `regions` need, a row each, and which of them is that of each of `regions`."""
    places: dict[tuple[str, ...], int] = {}
    which = [places.setdefault(key, len(places)) for key in regions]
    _SEEN.update(regions)
    tables = [possible_rows(key) if _SEEN[key] >= _WORTH_A_TABLE else _ALL_POSSIBLE for key in places]
    return np.stack(tables).reshape(len(tables), -1), np.array(which)


@cache
def possible_rows(regions: tuple[str, ...]) -> np.ndarray:
    """Bool, by length (0 to `MOST_DIGITS`) and by the number that the first three digits make (0 to 999).

    False where no row of digits of that length and beginning is a telephone number by `read_phone` in any of
    `regions` (ISO alpha-2; none: numbers with a prefix for calls abroad alone), written without a plus and without a
    word for telephones beside it.
    """
    table = np.zeros((MOST_DIGITS + 1, 10**KNOWN), bool)
    for length in range(FEWEST_DIGITS, MOST_DIGITS + 1):
        heads = [""]
        for _ in range(KNOWN):
            heads = [
                longer
                for head in heads
                for longer in (f"{head}{digit}" for digit in range(10))
                if _agrees(longer, "00")
                or any(_may_be_national(longer, length, region) for region in regions)
            ]
        table[length, list(map(int, heads))] = True
    return table


def _agrees(head: str, prefix: str) -> bool:
    """Whether digits that begin with `head` may begin with `prefix`."""
    return head.startswith(prefix) or prefix.startswith(head)


def _may_be_national(head: str, length: int, region: str) -> bool:
    plan = numbering_plan(region)
    if plan is None:
        return False
    if (region in ("US", "CA") and _agrees(head, "011")) or _begins(plan.abroad, head):
        return True
    code, trunk = plan.country_code, trunk_of(region)
    clear = region in OPTIONAL_TRUNK or _agrees(head, trunk)
    starts = [(head, length)]
    if len(head) < len(code) and code.startswith(head):
        return True
    if head.startswith(code):
        starts.append((head[len(code) :], length - len(code)))
    for first, size in starts:
        # The trunk prefix may be taken off once behind a country code and once again.
        for _ in range(3):
            if _may_be_significant(first, size, code) and (
                clear or _may_lack_trunk(first, size, code, trunk)
            ):
                return True
            if plan.trunk is None or not _begins(plan.trunk, first):
                break
            prefix = plan.trunk.pattern
            if not prefix.isdigit() or len(prefix) > len(first):
                return True
            first, size = first[len(prefix) :], size - len(prefix)
    return False


@lru_cache(maxsize=100_000)
def _may_be_significant(head: str, length: int, code: str) -> bool:
    """Whether a valid national number of this length under country code `code` may begin with `head`."""
    if length < 2 or len(code) + length > _LONGEST_E164:
        return False
    if len(head) > 1 and not _may_be_significant(head[:-1], length, code):
        return False
    kinds = kinds_of_numbers(code, length)
    return any(beginnings(kind, KNOWN).of_whole(head) for kind in kinds) or (
        bool(kinds) and _fiction().of_whole(f"+{code}{head}")
    )


@cache
def _fiction() -> Beginnings:
    """Of numbers kept for fiction in E.164: a plus, a country code of up to three digits, and the digits known."""
    return beginnings(fiction_pattern().pattern, 1 + 3 + KNOWN)


def _may_lack_trunk(head: str, length: int, code: str, trunk: str) -> bool:
    """Whether a number of this length and beginning may be written without the trunk prefix in its country."""
    for leading, pattern, written in national_formats(code):
        counted = _COUNTS_ALONE.fullmatch(pattern.pattern) is not None
        if counted and pattern.fullmatch("5" * length) is None:
            continue
        if not (counted or beginnings(pattern.pattern, KNOWN).of_whole(head)) or (
            leading is not None and not _begins(leading, head)
        ):
            continue
        before = "".join(filter(str.isdigit, written.partition("\\")[0]))
        if not before.startswith(trunk):
            return True
        if counted and (leading is None or leading.match(head)):
            return False
    return True


@lru_cache(maxsize=100_000)
def _begins(pattern: re.Pattern[str] | None, head: str) -> bool:
    """Whether a text that begins with `head` may begin with what `pattern` matches."""
    return pattern is not None and beginnings(pattern.pattern, KNOWN).of_part(head)

"""Which readings of which documents tell of one operation.

Three rules, in this order; series numbers that differ ("II" and "III") part what any rule would join:
1. the same name (or alias) and times within SAME_OPERATION_DAYS of each other;
2. another name or none, the same time, and figures that agree: a translation gives the name in its own words, the
   numbers stay. Round and small numbers say little, so agreement is weighed by significant digits;
3. what a release says of an earlier operation joins the release of that operation itself.
Running totals (role cumulative) are never joined with the operation they include.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from assets.statistics.names import normalise_name

# Releases of one name further apart than this speak of different operations of a series.
SAME_OPERATION_DAYS = 60
# Under different names only operations of the same days are compared.
SAME_ACTION_DAYS = 3
# Significant digits of agreeing figures that make two differently named readings one operation, and of a reading
# without a name: 1,347 arrests and 2,918 victims weigh 8; two towns with a dozen arrests each weigh 2.
AGREEMENT_NAMED, AGREEMENT_UNNAMED = 7, 5
CUMULATIVE, MAIN = "cumulative", "main"


@dataclass
class Reading:
    """One operation as one document tells it; days are the first and last its time can mean."""

    item_id: str
    source: str
    lang: str | None
    published_at: datetime | None
    content: dict[str, Any]
    place: int
    keys: frozenset[str]
    first_day: date | None
    last_day: date | None

    @property
    def role(self) -> str:
        """main, past, cumulative or mention."""
        return str(self.content["role"])


@dataclass(eq=False)
class Affair:
    """Readings merged into one operation, in order of their first day."""

    readings: list[Reading] = field(default_factory=list)

    @property
    def keys(self) -> frozenset[str]:
        """All keys under which its documents name it."""
        return frozenset(key for reading in self.readings for key in reading.keys)

    @property
    def role(self) -> str:
        """main if any document is its own release, else the role of the first reading."""
        roles = [reading.role for reading in self.readings]
        return MAIN if MAIN in roles else roles[0]


_ROMAN = {
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_SERIES_NUMBER = re.compile(r"^(?P<stem>.+?)\s(?:(?P<roman>[ivx]{1,4})|(?P<digits>\d{1,2})(?:\s0)?)$")


def name_key(name: str | None) -> str | None:
    """The key of a name with its number in a series as digits: "HAECHI-V", "Haechi 5" and "Haechi V" are one."""
    plain = normalise_name(name)
    match = _SERIES_NUMBER.match(plain or "")
    if plain is None or match is None:
        return plain
    number = _ROMAN.get(match.group("roman") or "") or match.group("digits")
    return f"{match.group('stem')} {number}" if number else plain


def _series_number(key: str) -> str:
    match = re.search(r"\s(\d{1,2})$", key)
    return match.group(1) if match else "1"


def merged(readings: list[Reading]) -> list[Affair]:
    """Affairs in order of their first day; the result does not depend on the order of the readings."""
    ordered = sorted(
        readings, key=lambda reading: (reading.first_day or date.min, reading.item_id, reading.place)
    )
    # Own releases come first, so that what others say of an operation finds it.
    ordered.sort(key=lambda reading: reading.role != MAIN)
    affairs: list[Affair] = []
    by_key: defaultdict[str, list[Affair]] = defaultdict(list)
    by_figure: defaultdict[tuple[str, float], list[Affair]] = defaultdict(list)
    for reading in ordered:
        named = _of_that_name(reading, by_key)
        affair = named[0] if named else _of_those_figures(reading, by_figure)
        if affair is None:
            affair = Affair()
            affairs.append(affair)
        for other in named[1:]:
            # A release that gives two names shows that what was told under each of them is one operation.
            affair.readings.extend(other.readings)
            affairs.remove(other)
            for told in (*by_key.values(), *by_figure.values()):
                if other in told:
                    told[:] = [one for one in told if one not in (affair, other)] + [affair]
        affair.readings.append(reading)
        for key in sorted(reading.keys):
            if affair not in by_key[key]:
                by_key[key].append(affair)
        for figure in _anchors(telling_figures(reading)):
            if affair not in by_figure[figure]:
                by_figure[figure].append(affair)
    return affairs


def _of_that_name(reading: Reading, by_key: dict[str, list[Affair]]) -> list[Affair]:
    """The latest affair of each of the reading's names that fits in time."""
    found: list[Affair] = []
    for key in sorted(reading.keys):
        for affair in reversed(by_key.get(key, [])):
            if _may_join(reading, affair) and any(
                _apart(reading, other) <= SAME_OPERATION_DAYS for other in affair.readings
            ):
                if not any(affair is other for other in found):
                    found.append(affair)
                break
    return found


def _of_those_figures(reading: Reading, by_figure: dict[tuple[str, float], list[Affair]]) -> Affair | None:
    figures = telling_figures(reading)
    candidates = {id(affair): affair for figure in _anchors(figures) for affair in by_figure.get(figure, [])}
    best: tuple[int, Affair] | None = None
    for affair in candidates.values():
        if not _may_join(reading, affair) or any(
            other.item_id == reading.item_id for other in affair.readings
        ):
            continue
        if all(_apart(reading, other) > SAME_ACTION_DAYS for other in affair.readings):
            continue
        theirs = {figure for other in affair.readings for figure in telling_figures(other)}
        weight = sum(_significant_digits(value) for _, value in figures & theirs)
        needed = AGREEMENT_NAMED if reading.keys and affair.keys else AGREEMENT_UNNAMED
        if weight >= needed and (best is None or weight > best[0]):
            best = (weight, affair)
    return best[1] if best else None


def _may_join(reading: Reading, affair: Affair) -> bool:
    """Whether roles allow it and no series number speaks against it."""
    if (reading.role == CUMULATIVE) != (affair.role == CUMULATIVE):
        return False
    if not reading.keys or not affair.keys or reading.keys & affair.keys:
        return True
    ours, theirs = ({_series_number(key) for key in keys} for keys in (reading.keys, affair.keys))
    return bool(ours & theirs)


def telling_figures(reading: Reading) -> frozenset[tuple[str, float]]:
    """(metric, value) of the reading's figures that have at least two significant digits."""
    return frozenset(
        (metric["metric"], float(metric["value"]))
        for metric in reading.content["metrics"]
        if _significant_digits(float(metric["value"])) > 1
    )


def _anchors(figures: frozenset[tuple[str, float]]) -> list[tuple[str, float]]:
    """Figures of three significant digits or more: two operations are compared only where one of these is shared."""
    return sorted(figure for figure in figures if _significant_digits(figure[1]) >= ANCHOR_DIGITS)


ANCHOR_DIGITS = 3


def _significant_digits(value: float) -> int:
    """Digits without zeros at either end; one digit says nothing."""
    digits = f"{value:.2f}".replace(".", "").strip("0")
    return len(digits) if len(digits) > 1 else 0


def _apart(one: Reading, other: Reading) -> int:
    """Days between the days two readings can mean; 0 where a day is unknown."""
    if one.first_day is None or one.last_day is None or other.first_day is None or other.last_day is None:
        return 0
    return (max(one.first_day, other.first_day) - min(one.last_day, other.last_day)).days

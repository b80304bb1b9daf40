"""Dates and times as sites write them: formats, ISO, numbers, month names of many languages, relative words."""

import re
import warnings
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError

# Languages whose month names are tried when the source names none.
_LANGUAGES = (
    "en",
    "es",
    "pt",
    "fr",
    "de",
    "ro",
    "it",
    "nl",
    "pl",
    "ru",
    "uk",
    "tr",
    "hu",
    "cs",
    "bg",
    "sv",
    "da",
    "ca",
)
# Regions that write month/day/year (CLDR short date patterns beginning with the month).
_MONTH_FIRST = frozenset({"US", "PH", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI", "AS", "BZ"})

_TIME = r"(?P<hour>[01]?\d|2[0-3])(?:[:.hH](?P<minute>[0-5]\d))(?::(?P<second>[0-5]\d))?\s*(?P<half>[ap]\.?\s?m\b\.?)?"
_ISO = re.compile(
    r"(?<!\d)\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2})\b)?"
)
_ISO_BASIC = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?Z?)?(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})\s?[./年-]\s?(\d{1,2})\s?[./月-]\s?(\d{1,2})(?!\d)")
_YEAR_LAST = re.compile(r"(?<![\d.,/])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_NO_YEAR = re.compile(r"^\D{0,12}(\d{1,2})[./](\d{1,2})\.?(?:\D{1,6}|$)(?!\d{2,4}\b)")
_CLOCK = re.compile(rf"(?<![\d:.]){_TIME}(?![\d:])", re.IGNORECASE)
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_YEAR_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_LABEL = re.compile(r"^[^\W\d][^\d:]{1,30}:\s*")
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_EARLIEST_YEAR = 1995
_LONGEST = 120
# dateparser costs milliseconds for each distinct text; what it can read is short.
_LONGEST_RELATIVE = 60


def plausible(moment: datetime | None, reference: datetime) -> datetime | None:
    """The moment, unless no page of the web can mean it: before 1995, or more than a month after `reference`."""
    if moment is None or moment.year < _EARLIEST_YEAR or moment > reference + timedelta(days=31):
        return None
    return moment


@lru_cache(maxsize=64)
def _month_names(language: str) -> dict[str, int]:
    """Lower-case month names and abbreviations (no dots) of one language, from CLDR, to month numbers."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return {}
    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                word = name.casefold().replace(".", "").strip()
                if len(word) >= 3 and not any(character.isdigit() for character in word):
                    names.setdefault(word, number)
                    # Long names are cut at will ("sept", "févr", "octub").
                    for length in (3, 4):
                        if width == "wide" and len(word) > length:
                            names.setdefault(word[:length], number)
    return names


@lru_cache(maxsize=64)
def _months(languages: tuple[str, ...]) -> dict[str, int]:
    names: dict[str, int] = {}
    for language in languages or _LANGUAGES:
        for word, number in _month_names(language).items():
            names.setdefault(word, number)
    return names


def _whole_year(year: int) -> int:
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _clock(text: str) -> tuple[int, int, int]:
    """The time of day in the text, midnight when there is none."""
    match = _CLOCK.search(text)
    if match is None:
        return 0, 0, 0
    hour = int(match["hour"])
    half = (match["half"] or "").lower()
    if half.startswith("p") and hour < 12:
        hour += 12
    elif half.startswith("a") and hour == 12:
        hour = 0
    return hour, int(match["minute"]), int(match["second"] or 0)


def _at(year: int, month: int, day: int, clock: tuple[int, int, int]) -> datetime | None:
    try:
        return datetime(year, month, day, *clock, tzinfo=UTC)
    except ValueError:
        return None


def _utc(moment: datetime) -> datetime | None:
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _without_year(month: int, day: int, clock: tuple[int, int, int], reference: datetime) -> datetime | None:
    """The latest such day that is not after the reference (a day of grace for time zones)."""
    for year in (reference.year, reference.year - 1):
        moment = _at(year, month, day, clock)
        if moment is not None and moment <= reference + timedelta(days=1):
            return moment
    return None


def parse_with_format(text: str, pattern: str, reference: datetime) -> datetime | None:
    """Read a date by a strptime format (`%s`: Unix seconds); a missing year or day is taken from the reference."""
    if pattern == "%s":
        return _epoch(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            moment = datetime.strptime(text.strip(), pattern)
    except ValueError:
        return None
    if any(directive in pattern for directive in ("%Y", "%y", "%G", "%c", "%x", "%D", "%F")):
        return _utc(moment)
    clock = (moment.hour, moment.minute, moment.second)
    if any(directive in pattern for directive in ("%d", "%m", "%b", "%B", "%j")):
        return _without_year(moment.month, moment.day, clock, reference)
    return _at(reference.year, reference.month, reference.day, clock)


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.match(text.strip()):
        return None
    number = int(text.strip())
    return datetime.fromtimestamp(number / 1000 if number > 10**11 else number, tz=UTC)


def _iso(text: str) -> datetime | None:
    match = _ISO.search(text)
    if match is not None:
        written = match[0].replace(",", ".").replace("UTC", "+00:00").replace(" +", "+").replace(" -", "-")
        written = re.sub(r"(\.\d{6})\d+", r"\1", written)
        try:
            moment = datetime.fromisoformat(written)
        except ValueError:
            return None
        if len(written) <= 10:
            rest = text[: match.start()] + " " + text[match.end() :]
            return _at(moment.year, moment.month, moment.day, _clock(rest))
        return _utc(moment)
    basic = _ISO_BASIC.search(text)
    if basic is not None and len(basic[0]) == len(text.strip()):
        year, month, day, hour, minute, second = (int(group or 0) for group in basic.groups())
        if 1970 <= year <= 2100:
            return _at(year, month, day, (hour, minute, second)) if max(hour, minute, second) < 60 else None
    return None


def _numeric(text: str, month_first: bool, reference: datetime) -> datetime | None:
    match = _YEAR_FIRST.search(text)
    if match is not None:
        rest = text[: match.start()] + " " + text[match.end() :]
        return _at(int(match[1]), int(match[2]), int(match[3]), _clock(rest))
    match = _YEAR_LAST.search(text)
    if match is not None:
        first, second, year = int(match[1]), int(match[3]), _whole_year(int(match[4]))
        rest = text[: match.start()] + " " + text[match.end() :]
        clock = _clock(rest)
        readings = [(first, second), (second, first)]
        if month_first and match[2] != ".":
            readings.reverse()
        moments = [moment for day, month in readings if (moment := _at(year, month, day, clock)) is not None]
        # An item cannot be posted after it was fetched: that decides many ambiguous days.
        past = [moment for moment in moments if moment <= reference + timedelta(days=1)]
        return next(iter(past or moments), None)
    match = _NO_YEAR.search(text)
    if match is not None:
        rest = text[match.end(2) :]
        return _without_year(int(match[2]), int(match[1]), _clock(rest), reference)
    return None


_DAY_MONTH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|ª|º|°|\.)?,?[\s\-/]*(?:of|de|del|d'|den)?[\s\-/.]*([^\W\d_]{3,})\.?,?"
    r"[\s\-/]*(?:of|de|del|d'|a)?[\s\-/']*(\d{4}|\d{2}(?![:.\dhH]))?(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    r"([^\W\d_]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?![\d:.])(?:,?\s+(\d{4}))?", re.IGNORECASE
)
_YEAR_MONTH_DAY = re.compile(r"(?<!\d)(\d{4})[.,]?\s+([^\W\d_]{3,})\.?\s+(\d{1,2})(?!\d)", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"^\W*([^\W\d_]{3,})\.?,?\s+(?:de\s+|del\s+)?(\d{4})\W*$", re.IGNORECASE)


def _named_month(text: str, languages: tuple[str, ...], reference: datetime) -> datetime | None:
    months = _months(languages)
    for pattern, order in ((_YEAR_MONTH_DAY, (1, 2, 3)), (_DAY_MONTH, (3, 2, 1)), (_MONTH_DAY, (3, 1, 2))):
        for match in pattern.finditer(text):
            month = months.get(match[order[1]].casefold())
            if month is None:
                continue
            rest = text[: match.start()] + " " + text[match.end() :]
            year, day = match[order[0]], int(match[order[2]])
            if year is None:
                return _without_year(month, day, _clock(rest), reference)
            return _at(_whole_year(int(year)), month, day, _clock(rest))
    match_or_none = _MONTH_YEAR.match(text)
    if match_or_none is not None and (month := months.get(match_or_none[1].casefold())) is not None:
        return _at(int(match_or_none[2]), month, 1, (0, 0, 0))
    return None


def _dateparser(text: str, languages: tuple[str, ...], month_first: bool, base: datetime) -> datetime | None:
    """dateparser's reading of the text. Its import takes half a second: done on first need only."""
    import dateparser

    settings: Any = {
        "RELATIVE_BASE": base.replace(tzinfo=None),
        "PREFER_DATES_FROM": "past",
        "DATE_ORDER": "MDY" if month_first else "DMY",
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
        "RETURN_AS_TIMEZONE_AWARE": False,
    }
    try:
        moment = dateparser.parse(text, languages=list(languages or _LANGUAGES), settings=settings)
    except (
        Exception
    ):  # dateparser raises whatever its tables run into on odd text (KeyError, OverflowError, …).
        return None
    return None if moment is None else _utc(moment)


@lru_cache(maxsize=65536)
def _relative(
    text: str, languages: tuple[str, ...], month_first: bool, day: date
) -> datetime | timedelta | None:
    """Words such as "hace 3 días": a distance from now, or a fixed moment ("yesterday at 14:00") of that day.

    Read twice from bases 37 minutes apart: what moves along is a distance and serves every capture of the day.
    """
    base = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    later = base + timedelta(minutes=37)
    candidates = [text]
    if _LABEL.match(text):
        candidates.append(_LABEL.sub("", text))
    for candidate in candidates:
        first = _dateparser(candidate, languages, month_first, base)
        if first is None and languages:
            first, languages = _dateparser(candidate, (), month_first, base), ()
        if first is None:
            continue
        second = _dateparser(candidate, languages, month_first, later)
        return first - base if second is not None and second - first == later - base else first
    return None


def parse_date(
    text: str | None,
    *,
    reference: datetime,
    pattern: str | None = None,
    languages: Iterable[str] = (),
    region: str | None = None,
) -> datetime | None:
    """The moment a text names, in UTC (a date alone is midnight; no time zone means UTC); None if it names none.

    `reference` (aware) is when the text was fetched: relative words count from it, and days without a year are
    the latest before it. `pattern` is a strptime format, tried first; `languages` (ISO 639-1) narrow month names
    and relative words; `region` (ISO 3166) tells month/day from day/month. Cheap readings come before dateparser.
    """
    if text is None or not (written := " ".join(text.split())) or len(written) > _LONGEST:
        return None
    if pattern is not None and (moment := parse_with_format(written, pattern, reference)) is not None:
        return moment
    year_month = _YEAR_MONTH.match(written)
    if year_month is not None:
        return _at(int(year_month[1]), int(year_month[2]), 1, (0, 0, 0))
    tongues = tuple(language.lower()[:2] for language in languages)
    month_first = region in _MONTH_FIRST
    reading = _iso(written) or _epoch(written) or _numeric(written, month_first, reference)
    if reading is None and any(character.isdigit() for character in written):
        reading = _named_month(written, tongues, reference) or (
            _named_month(written, (), reference) if tongues else None
        )
    if reading is not None:
        return reading
    if _CLOCK.fullmatch(written):
        return _at(reference.year, reference.month, reference.day, _clock(written))
    if not _WORD.search(written) or len(written) > _LONGEST_RELATIVE:
        return None
    distance = _relative(written.casefold(), tongues, month_first, reference.astimezone(UTC).date())
    if isinstance(distance, timedelta):
        return reference.astimezone(UTC) + distance
    return distance

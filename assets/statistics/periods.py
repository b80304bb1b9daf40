"""Sentences that tell of another time than the operation's: an earlier edition, last year's total, "since 1995".

A release sets its operation beside earlier ones and beside running totals. What tells them apart is the time their
sentence names; the words for it are in `vocabulary/operations/<language>.yaml` (`year_periods`, `since`, `last_year`,
`year_to_date`).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from assets.statistics.dates import DateMention
from assets.statistics.folding import any_of, fold
from assets.statistics.language_data import language_data
from assets.statistics.sentences import Sentence
from assets.statistics.spans import ByStart

PAST, CUMULATIVE = "past", "cumulative"
# A day or month that ends so many days before the operation belongs to something earlier; single days may be steps of
# the same investigation, so they must lie further back.
MONTH_BEFORE, DAY_BEFORE = 25, 45
# A stretch of at least so many days ("from January to September") is a running total, not an operation.
LONG_STRETCH = 89


@dataclass(frozen=True)
class Period:
    """The time of one sentence: its span, ISO first and last (cut as known), and the role of its figures."""

    start: int
    end: int
    first: str | None
    last: str | None
    role: str


@dataclass(frozen=True)
class _Words:
    year: re.Pattern[str]
    since: re.Pattern[str]
    last_year: re.Pattern[str]
    year_to_date: re.Pattern[str]
    operation: re.Pattern[str]
    origins: re.Pattern[str]


@lru_cache(maxsize=32)
def _words(language: str) -> _Words:
    operations = language_data(language).operations
    year = r"(?P<year>(?:19|20)\d\d)(?!\w|[.,]\d|\s?[-–])"
    return _Words(
        year=re.compile(rf"(?<!\w){any_of(operations['year_periods'])}\s{year}"),
        since=re.compile(rf"(?<!\w){any_of(operations['since'])}\s{year}"),
        last_year=re.compile(rf"(?<!\w){any_of(operations['last_year'])}(?!\w)"),
        year_to_date=re.compile(rf"(?<!\w){any_of(operations['year_to_date'])}(?!\w)"),
        origins=re.compile(rf"(?<!\w){any_of(operations['origins'])}(?!\w)"),
        operation=re.compile(any_of([*operations["operation_words"], *operations["series_words"]])),
    )


def other_periods(
    text: str,
    language: str,
    sentences: list[Sentence],
    dates: list[DateMention],
    main_start: str | None,
    published: date | None,
) -> list[Period]:
    """Sentences of another time, in order; none where the time of the main operation is unknown altogether."""
    day = _first_day(main_start) or published
    if day is None:
        return []
    words = _words(language)
    ordered = ByStart(dates)
    folded = fold(text)
    found = []
    for sentence in sentences:
        if sentence.is_title:
            continue
        end = sentence.start + len(sentence.text)
        told = _told_time(folded[sentence.start : end], words, day, published)
        if told is None and not words.origins.search(folded[sentence.start : end]):
            # Where an inquiry began is not another operation.
            told = _dated_time(ordered.within(sentence.start, end), day)
        if told is None:
            continue
        first, last, is_total = told
        is_operation = words.operation.search(folded[sentence.start : end]) is not None
        role = CUMULATIVE if is_total and (last is None or not is_operation) else PAST
        found.append(Period(sentence.start, end, first, last, role))
    return found


def _told_time(
    sentence: str, words: _Words, day: date, published: date | None
) -> tuple[str | None, str | None, bool] | None:
    """Time told by a year or by words: (first, last, whether it is a total over a long time)."""
    since = words.since.search(sentence)
    if since and int(since.group("year")) < day.year:
        return since.group("year"), None, True
    if published is not None and words.year_to_date.search(sentence):
        return f"{published.year}-01", f"{published.year}-{published.month:02d}", True
    year = words.year.search(sentence)
    if year and int(year.group("year")) < day.year:
        return year.group("year"), year.group("year"), True
    if words.last_year.search(sentence):
        return str(day.year - 1), str(day.year - 1), True
    return None


def _dated_time(mentions: list[DateMention], day: date) -> tuple[str | None, str | None, bool] | None:
    """Time told by dates, when all of the sentence's dates lie well before the operation."""
    dated = [mention for mention in mentions if not mention.is_relative]
    if not dated:
        return None
    for mention in dated:
        last = _last_day(mention.last or mention.first)
        first = _first_day(mention.first)
        if first is None or last is None:
            return None
        is_stretch = mention.is_range and len(mention.first) == MONTH_LENGTH
        if is_stretch and (last - first).days >= LONG_STRETCH and first.year >= day.year - 1 and last < day:
            return mention.first, mention.last, True
        if (day - last).days < (DAY_BEFORE if len(mention.first) > MONTH_LENGTH else MONTH_BEFORE):
            return None
    return dated[0].first, dated[0].last or dated[0].first, False


MONTH_LENGTH = len("2024-05")


def _first_day(iso: str | None) -> date | None:
    if not iso:
        return None
    parts = [int(part) for part in iso.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)


def _last_day(iso: str) -> date | None:
    parts = [int(part) for part in iso.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 12, parts[2] if len(parts) > 2 else 28)

"""Dates in running text, and the dates of the operation among them.

Month names come from CLDR (through babel); the small words around dates from `vocabulary/operations/<language>.yaml`.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from assets.statistics.folding import alternation, any_of, fold
from assets.statistics.language_data import LanguageData, language_data, locale_of
from assets.statistics.sentences import Sentence
from assets.statistics.spans import ByStart


@dataclass(frozen=True)
class DateMention:
    """A date or range in the text. first, last: ISO, cut to month or year; last is None for an open single."""

    start: int
    end: int
    first: str
    last: str | None
    is_range: bool
    year_written: bool
    is_relative: bool = False


@dataclass(frozen=True)
class _DateGrammar:
    months: dict[str, int]
    ranges: list[re.Pattern[str]]
    singles: list[re.Pattern[str]]
    weekdays: dict[str, int]
    relative: re.Pattern[str]
    last_year: re.Pattern[str]
    week: re.Pattern[str]
    month: re.Pattern[str]
    between: re.Pattern[str]


def _month_names(language: str) -> dict[str, int]:
    locale = locale_of(language)
    names: dict[str, int] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                names[fold(name).rstrip(".")] = number
    names.update({"setiembre": 9} if language == "es" else {})
    names.update({"sept": 9} if language == "en" else {})
    return names


def _full_month_names(language: str) -> list[str]:
    """Names of months written in full."""
    locale = locale_of(language)
    names = {
        fold(name)
        for context in ("format", "stand-alone")
        for name in locale.months[context]["wide"].values()
    }
    return sorted(names | ({"setiembre"} if language == "es" else set()), key=len, reverse=True)


def _weekday_names(language: str) -> dict[str, int]:
    """Names of the days of the week (Monday 0), in full; Portuguese also without "-feira"."""
    locale = locale_of(language)
    names = {fold(name): number for number, name in locale.days["format"]["wide"].items()}
    spaced = {name.replace("-", " "): number for name, number in names.items()}
    return {**names, **spaced, **{name.removesuffix("-feira"): number for name, number in names.items()}}


def _relative_day(data: LanguageData, weekdays: dict[str, int]) -> re.Pattern[str]:
    """ "today", "yesterday", "on Tuesday", "nesta quarta-feira (15)", "Donnerstagmorgen": days told from publication.

    Portuguese weekdays without "-feira" are ordinals too ("segunda fase"), so they need "nesta" and a break after.
    """
    full = [name for name in weekdays if f"{name}-feira" not in weekdays]
    ordinals = [name for name in weekdays if f"{name}-feira" in weekdays]
    part_of_day = r"(?:morgen|früh|vormittag|nachmittag|abend|nacht|mittag|ochtend|middag|avond)?"
    before = r"(?:(?<=nesta )|(?<=desta )|(?<=entre )|(?<=\sna )|(?<=\sde ))"
    short = rf"|{before}(?P<ordinal>{'|'.join(ordinals)})(?=[\s,]*\(|,)" if ordinals else ""
    return re.compile(
        rf"(?<!\w)(?:(?P<today>{'|'.join(data.operations['today'])})|(?P<yesterday>{'|'.join(data.operations['yesterday'])})"
        rf"|(?P<weekday>{'|'.join(full)}){part_of_day}{short})(?!\w)(?:,?\s(?:dia\s)?(?:\((?P<bracketed>[12]?\d|3[01])[º°]?\)|(?P<day>[12]?\d|3[01])(?=[,.;])))?"
    )


@lru_cache(maxsize=32)
def _grammar(language: str) -> _DateGrammar:
    data = language_data(language)
    months = _month_names(data.code)
    month = rf"(?:{alternation([re.escape(name) for name in months])})\.?(?!\w)"
    day = r"(?:0?[1-9]|[12]\d|3[01])(?!\d)"
    ordinal = r"(?:st|nd|rd|th|er|º|°|\.)?"
    year = r"(?:19|20)\d\d(?!\d)"
    links = "|".join(data.operations["date_links"])
    link = rf"(?:\s+(?:{links}))?,?\s*" if links else r",?\s*"
    separator = "|".join(
        rf"\s*{re.escape(word)}\s*"
        if not word.isalpha() and len(word) == 1
        else rf"\s+{re.escape(word)}\s*"
        if word[-1] in "'’"
        else rf"\s+{re.escape(word)}\s+"
        for word in sorted(data.operations["range_to"], key=len, reverse=True)
    )
    weekday = r"(?:[^\W\d_]+,?\s+)?"
    ranges = [
        rf"(?<!\d)(?P<d1>{day}){ordinal}(?:,\s*{day}){{0,4}}(?:{link}(?P<m1>{month})(?:{link}(?P<y1>{year}))?)?(?:{separator}){weekday}"
        rf"(?P<d2>{day}){ordinal}{link}(?P<m2>{month})(?:{link}(?P<y2>{year}))?",
        rf"(?<!\w)(?P<m1>{month})\s+(?P<d1>{day}){ordinal}(?:,?\s*(?P<y1>{year}))?(?:{separator})"
        rf"(?:(?P<m2>{month})\s+)?(?P<d2>{day}){ordinal}(?:,?\s*(?P<y2>{year}))?",
        rf"(?<!\w)(?P<m1>{month})(?:{link}(?P<y1>{year}))?(?:{separator})(?P<m2>{month})(?:{link}(?P<y2>{year}))?",
    ]
    ranges.append(
        rf"(?<![\d.,])(?P<d1>{day}){ordinal}(?:{separator})(?P<d2>{day}){ordinal},?\s"
        rf"(?P<this>{'|'.join(data.operations['this_month'])})(?!\w)"
    )
    singles = [
        rf"(?<!\d)(?P<y1>{year})-(?P<n1>\d\d)-(?P<d1>{day})",
        rf"(?<![\d./])(?P<d1>{day})[./-](?P<n1>0?[1-9]|1[0-2])[./-](?P<y1>(?:19|20)\d\d|\d\d)(?![\d])",
        rf"(?<!\d)(?P<d1>{day}){ordinal}{link}(?P<m1>{month})(?:{link}(?P<y1>{year}))?",
        rf"(?<!\w)(?P<m1>{month})\s+(?P<d1>{day}){ordinal}(?:,?\s*(?P<y1>{year}))?",
        rf"(?<!\w)(?P<m1>{month}){link}(?P<y1>{year})",
        rf"(?<=\()(?P<d1>{day})\.(?P<n1>0[1-9]|1[0-2])(?=\))",
        rf"(?<=[(, ])(?P<d1>{day})/(?P<n1>0?[1-9]|1[0-2])(?![\d/])",
    ]
    before_month = "|".join(data.operations["month_prepositions"])
    # Names in full only: "em dez estados" is no December.
    full_names = "|".join(re.escape(name) for name in _full_month_names(data.code))
    singles.append(rf"(?<!\w)(?:{before_month})[\s-]?\s*(?<!\w)(?P<m1>{full_names})(?!\w|\s*\d)")
    if data.code == "en":
        singles = [pattern for pattern in singles if "/(?P<n1>" not in pattern]
    weekdays = _weekday_names(data.code)
    return _DateGrammar(
        months,
        [re.compile(p) for p in ranges],
        [re.compile(p) for p in singles],
        weekdays,
        _relative_day(data, weekdays),
        re.compile(rf",?\s{any_of(data.operations['of_last_year'])}(?!\w)"),
        re.compile(rf"(?<!\w){any_of(data.operations['last_week'])}(?!\w)"),
        re.compile(rf"(?<!\w){any_of(data.operations['last_month'])}(?!\w)"),
        re.compile(rf"(?:{separator})(?:\w+\s)?"),
    )


def _iso(year: int, month: int | None, day: int | None) -> str | None:
    if month is None:
        return f"{year:04d}"
    if day is None:
        return f"{year:04d}-{month:02d}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _year(match_year: str | None, month: int | None, day: int | None, published: date | None) -> int | None:
    """The written year, else the latest year that puts the date no later than publication."""
    if match_year:
        return int(match_year) + (2000 if len(match_year) == 2 else 0)
    if published is None:
        return None
    if month is not None and (month, day or 1) > (published.month, published.day):
        return published.year - 1
    return published.year


def find_dates(text: str, language: str, published: date | None) -> list[DateMention]:
    """Dates and ranges in order; a year that is not written comes from the publication date."""
    folded = fold(text)
    grammar = _grammar(language)
    mentions: list[DateMention] = []
    taken = bytearray(len(folded))

    def month_of(groups: dict[str, str | None], which: str) -> int | None:
        if groups.get(f"n{which}"):
            return int(groups[f"n{which}"] or 0)
        name = groups.get(f"m{which}")
        return grammar.months.get(name.rstrip(".")) if name else None

    for is_range, patterns in ((True, grammar.ranges), (False, grammar.singles)):
        for pattern in patterns:
            for match in pattern.finditer(folded):
                if any(taken[match.start() : match.end()]):
                    continue
                groups = match.groupdict()
                first_month, last_month = month_of(groups, "1"), month_of(groups, "2")
                first_day = int(groups["d1"]) if groups.get("d1") else None
                last_day = int(groups["d2"]) if groups.get("d2") else None
                if groups.get("this"):
                    if published is None:
                        continue
                    first_month = last_month = published.month
                    groups["y1"] = groups["y2"] = str(published.year)
                if is_range:
                    last_month = last_month or first_month
                    first_month = first_month or last_month
                    last_year = _year(groups.get("y2"), last_month, last_day, published)
                    if groups.get("y1") and not groups.get("y2"):
                        last_year = int(groups["y1"] or 0)
                    first_year = int(groups["y1"] or 0) if groups.get("y1") else last_year
                    if first_year and last_year and first_month and last_month and not groups.get("y1"):
                        first_year -= first_month > last_month
                else:
                    first_year = _year(groups.get("y1"), first_month, first_day, published)
                    if published and not groups.get("y1") and grammar.last_year.match(folded, match.end()):
                        first_year = published.year - 1
                    last_year, last_month, last_day = first_year, first_month, first_day
                taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                if first_year is None or last_year is None:
                    continue
                first = _iso(first_year, first_month, first_day)
                last = _iso(last_year, last_month, last_day)
                if first is None:
                    continue
                if not is_range and first_day is None:
                    last = None
                written = bool(groups.get("y1") or groups.get("y2"))
                mentions.append(
                    DateMention(match.start(), match.end(), first, last, is_range, year_written=written)
                )
    if published is not None:
        mentions.extend(_relative_mentions(folded, grammar, taken, published))
    return sorted(mentions, key=lambda mention: mention.start)


FULL_DATE = len("2024-05-06")
# Characters between a weekday and the date that follows it (", dem ").
DATE_BEHIND = 7


def _relative_mentions(
    folded: str, grammar: _DateGrammar, taken: bytearray, published: date
) -> list[DateMention]:
    """Days told from the day of publication: the last such weekday, or the day of the month that is named."""
    mentions = []
    for match in grammar.relative.finditer(folded):
        # A date right behind ("martes 16 de julio") says more than the weekday.
        if any(taken[match.start() : match.end() + DATE_BEHIND]):
            continue
        groups = match.groupdict()
        if groups["today"]:
            day = published
        elif groups["yesterday"]:
            day = published - timedelta(days=1)
        else:
            number = grammar.weekdays[groups["weekday"] or groups["ordinal"] or ""]
            day = published - timedelta(days=(published.weekday() - number) % 7)
        number_behind = groups["bracketed"] or groups["day"]
        if number_behind:
            # "quarta-feira (15)": the number decides; it lies in the month up to publication.
            wanted = int(number_behind)
            near = [published - timedelta(days=back) for back in range(31)]
            day = next((candidate for candidate in near if candidate.day == wanted), day)
        iso = day.isoformat()
        mentions.append(
            DateMention(match.start(), match.end(), iso, iso, False, year_written=False, is_relative=True)
        )
    for match in grammar.week.finditer(folded):
        monday = published - timedelta(days=published.weekday() + 7)
        first, last = monday.isoformat(), (monday + timedelta(days=6)).isoformat()
        mentions.append(
            DateMention(match.start(), match.end(), first, last, False, year_written=False, is_relative=True)
        )
    for match in grammar.month.finditer(folded):
        if any(taken[match.start() : match.end() + DATE_BEHIND]):
            continue
        iso = (published.replace(day=1) - timedelta(days=1)).isoformat()[:7]
        mentions.append(
            DateMention(match.start(), match.end(), iso, None, False, year_written=False, is_relative=True)
        )
    return _joined_weekdays(folded, mentions, grammar)


def _joined_weekdays(folded: str, mentions: list[DateMention], grammar: _DateGrammar) -> list[DateMention]:
    """ "from Monday to Thursday": two relative days become one range, the first of them before the last."""
    joined: list[DateMention] = []
    for mention in sorted(mentions, key=lambda one: one.start):
        before = joined[-1] if joined else None
        if before is None or not grammar.between.fullmatch(folded, before.end, mention.start):
            joined.append(mention)
            continue
        if len(before.first) < FULL_DATE or len(mention.first) < FULL_DATE:
            joined.append(mention)
            continue
        last = date.fromisoformat(mention.first)
        first = date.fromisoformat(before.first)
        first -= timedelta(days=7) if first > last else timedelta()
        joined[-1] = replace(
            before, end=mention.end, first=first.isoformat(), last=last.isoformat(), is_range=True
        )
    return joined


class _Cues(NamedTuple):
    """Words around a date: of the operation, against it, of an announcement, an accusation, and an end."""

    context: re.Pattern[str]
    against: re.Pattern[str]
    reporting: re.Pattern[str]
    accused: re.Pattern[str]
    ends: re.Pattern[str]


@lru_cache(maxsize=32)
def _cues(language: str) -> _Cues:
    operations = language_data(language).operations
    words = [*operations["operation_words"], *operations["date_context"]]
    return _Cues(
        re.compile("|".join(words)),
        re.compile("|".join(operations["date_not"])),
        re.compile(rf"(?<!\w){any_of(operations['reporting'])}(?!\w)"),
        re.compile(rf"(?<!\w){any_of(operations['accused_before'])}(?!\w)(?P<between>.{{0,60}})$"),
        re.compile(rf"{any_of(operations['date_ends'])}\s*$"),
    )


def _sentence_around(sentences: ByStart[Sentence], mention: DateMention) -> tuple[int, int]:
    sentence = sentences.last_before(mention.start)
    if sentence is None or mention.start >= sentence.start + len(sentence.text):
        return mention.start, mention.end
    return sentence.start, sentence.start + len(sentence.text)


# Releases follow the day of action within this time; dates after publication are court dates and events to come.
DAYS_TO_RELEASE = 14


def _nearness(mention: DateMention, published: date | None) -> float:
    if published is None or len(mention.first) < 10:
        return 0.0
    days = (published - date.fromisoformat(mention.first)).days
    if days < 0:
        return -2.0
    return 0.8 if days <= DAYS_TO_RELEASE else 0.0


# "The police said on Tuesday": the verb of an announcement this near, in characters, tells its day, not the action's.
REPORTING_REACH = 24
_DATELINE_AFTER = re.compile(r"\.?\s*(?:\([^)\n]{2,30}\)|/[^/\n]{2,20}/\.?|[–—-])")
# "ROME, 10 July 2024 (Agency) –": the name of a place and no more before the date.
_DATELINE_PLACE = re.compile(r"\W*(?:[A-ZÀ-Ý][\w/.'’-]*[\s,]*){0,4}")


def _is_dateline(text: str, mention: DateMention) -> bool:
    """Whether a date opens its line after a place at most, with a dash behind it: the day of writing."""
    line_start = text.rfind("\n", 0, mention.start) + 1
    place = _DATELINE_PLACE.fullmatch(text, line_start, mention.start)
    return place is not None and _DATELINE_AFTER.match(text, mention.end) is not None


# A date is taken for the operation's only when the words around it say so twice over; see operation_dates.
MINIMUM_DATE_SCORE = 1.9
# A text with many days tells the stories of single cases; there a date must be marked more clearly.
MANY_DAYS, CLEAR_DATE_SCORE = 5, 3.6


def operation_dates(
    text: str,
    language: str,
    sentences: list[Sentence],
    mentions: list[DateMention],
    name: str | None,
    published: date | None,
) -> tuple[str | None, str | None]:
    """(start, end) of the operation, ISO; (None, None) where no date is tied to it by its surroundings.

    Each mention is scored: ranges, the operation's name or an operation word in its sentence, position in
    the text; words such as "since" or "published" before it count against it.
    """
    cues = _cues(language)
    best: tuple[float, DateMention] | None = None
    single_days: Counter[str] = Counter()
    folded = fold(text)
    folded_name = fold(name) if name else None
    ordered = ByStart(sentences)
    for mention in mentions:
        left, right = _sentence_around(ordered, mention)
        sentence = folded[left:right]
        alone = len(sentence.strip()) - (mention.end - mention.start) < 12
        if alone:
            continue
        score = 2.5 if mention.is_range else 1.0
        if not mention.is_range:
            single_days[mention.first] += 1
        score += min(2, len(set(cues.context.findall(sentence)))) * 0.9
        if folded_name and folded_name in sentence:
            score += 1.5
            if 0 <= mention.start - left - sentence.find(folded_name) - len(folded_name) < 20:
                score += 1.0
        if len(mention.first) == 10:
            score += 0.7
        score += _nearness(mention, published)
        if published is not None and mention.first[:4] < str(published.year - 1):
            score -= 2.0
        before = folded[max(left, mention.start - 28) : mention.start]
        if cues.against.search(before) or cues.ends.search(before):
            score -= 2.5
        if not mention.is_range and cues.reporting.search(
            folded[max(left, mention.start - REPORTING_REACH) : min(right, mention.end + REPORTING_REACH)]
        ):
            score -= 3.0 if mention.is_relative else 1.5
        accused = cues.accused.search(folded[left : mention.start]) if mention.is_range else None
        if accused is not None and not cues.context.search(accused["between"]):
            # "Suspected of having traded from March to June": the time of the offence.
            score -= 2.5
        if mention.is_relative:
            score -= 0.3
        if _grammar(language).last_year.match(folded, mention.end):
            score -= 1.5
        if not mention.is_range and _is_dateline(text, mention):
            score -= 1.5
        score -= 0.5 * mention.start / max(1, len(folded))
        if best is None or score > best[0]:
            best = (score, mention)
    if best is None or best[0] < (MINIMUM_DATE_SCORE if len(single_days) < MANY_DAYS else CLEAR_DATE_SCORE):
        return None, None
    return best[1].first, best[1].last

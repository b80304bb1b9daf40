"""What amounts of money are for: a price, a debt, a fee, a promised pay."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.concepts import concept_bits, striking_pay, word_ideas
from assets.extraction.fact import Fact
from assets.extraction.lexicons import sentence_around
from assets.extraction.money import Money, find_money, listed, periods
from assets.extraction.normalise import fold
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.work import names_job

_CLAUSE = re.compile(r"[.;,\n/|](?=\s|$)|\n")
_SENTENCE = re.compile(r"[\n!?;]|\.\s")
_PERIOD_REACH = 28
_PURPOSE_REACH = 60
# Between an amount and what is charged: "for" in the languages of the tables, and up to two words.
_FOR = r"(?:for|por|para|pela|pelo|pelos|pelas|pour|fur|per|pentru|voor|za|за)"
_BESIDE_CHARGED = 14
# What is paid ahead, and what that is where the sentence is about work; elsewhere it is a part of a price.
_AHEAD = {"lent": "debt", "deposit": "fee"}
# The least pay that only its sentence tells, and hours of work in a month for pay by the hour, seldom full time.
_LEAST_PAY, _HOURS = 300, 100
# Periods that prices of services have, for which nothing is charged to workers.
_OF_SERVICES = ("half_hour", "hour", "night")


@cache
def _purposes(languages: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for every word that says what an amount is for, and what each word stands for."""
    known = [language for language in languages if language in languages_with("amounts")] or ["en"]
    meanings: dict[str, str] = {}
    for language in known:
        for meaning, words in read_yaml(f"amounts/{language}.yaml")["purpose"].items():
            for word in words:
                meanings.setdefault(fold(str(word)), meaning)
    return re.compile(rf"(?<!\w){one_of(meanings)}(?!\w)"), meanings


@cache
def _any_of(languages: tuple[str, ...], part: str) -> re.Pattern[str]:
    """The words of `part` of the tables, whole."""
    return re.compile(rf"(?<!\w){one_of(listed(languages, part), any_letters='*')}(?!\w)")


@cache
def _charged_for(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Behind an amount: "for" and something that is charged to workers."""
    charged = one_of(listed(languages, "charged"), any_letters="*")
    return re.compile(rf"[^\d.;:!?]{{0,20}}(?<!\w){_FOR}\s(?:[^\W\d]+\s){{0,2}}{charged}(?!\w)")


@cache
def _musts(languages: tuple[str, ...]) -> re.Pattern[str]:
    """Words for owing that mean "must" where they stand: before an infinitive that is not one of paying."""
    found = []
    for language in languages:
        if language in languages_with("amounts"):
            table = read_yaml(f"amounts/{language}.yaml").get("obligation")
            if table is not None:
                words = one_of(map(fold, table["words"]))
                found.append(rf"{words} (?:\w+ )?(?!(?:{table['paying']})\b)(?:{table['infinitive']})(?!\w)")
    return re.compile("|".join(found) or r"(?!)")


def _sentence(text: str, start: int, end: int) -> str:
    before = _SENTENCE.split(text[max(0, start - 2 * _PURPOSE_REACH) : start])[-1]
    return before + text[start:end] + _SENTENCE.split(text[end : end + 2 * _PURPOSE_REACH], maxsplit=1)[0]


def find_amounts(reading: Reading) -> Iterator[Fact]:
    """Amounts in the text: kind price, pay, debt or fee; unit is the ISO 4217 code, with "/period" where one is named
    (half_hour, hour, night, day, week, month, year), null where nothing tells the currency. A dollar sign is the dollar
    or peso of the source's region, and so are roses its money."""
    text = reading.lowered
    found = find_money(reading)
    if not found:
        return
    ideas = _ideas(reading)
    # Who asks for no experience offers work as well.
    job = names_job(reading) or any(mask & _bits("experience", "beginner") for mask in ideas)
    clauses = [_clause(text, found, place) for place in range(len(found))]
    per, meanings = periods(reading.languages)
    # In a list of prices the period stands either before every amount or behind it; the first one tells.
    first = found[0]
    label_first = per.search(text, clauses[0][0], first.start) is not None
    for place, money in enumerate(found):
        low, high = clauses[place]
        period = _period(text, low, money, high, per, meanings, label_first)
        purpose = _purpose(reading, found, place, period, job, ideas)
        if purpose is not None:
            kind, confidence = purpose
            unit = f"{money.currency}/{period}" if period and money.currency else money.currency
            yield Fact(kind, None, money.number, unit, money.start, money.end, confidence, f"amount.{kind}")


def _clause(text: str, found: Sequence[Money], place: int) -> tuple[int, int]:
    """Where the words that belong to an amount begin and end: its clause, up to the neighbouring amounts."""
    start, end = found[place].start, found[place].end
    low = max(found[place - 1].end if place else 0, start - _PERIOD_REACH)
    high = min(found[place + 1].start if place + 1 < len(found) else len(text), end + _PERIOD_REACH)
    before = [stop.end() for stop in _CLAUSE.finditer(text, low, start)]
    behind = _CLAUSE.search(text, end, high)
    return (before[-1] if before else low), (behind.start() if behind else high)


def _period(
    text: str,
    low: int,
    money: Money,
    high: int,
    per: re.Pattern[str],
    meanings: dict[str, str],
    label_first: bool,
) -> str | None:
    before = [hit.group() for hit in per.finditer(text, low, money.start)]
    behind = per.search(text, money.end, high)
    if before and (label_first or behind is None):
        return meanings[before[-1]]
    return meanings[behind.group()] if behind else None


def _purpose(
    reading: Reading,
    found: Sequence[Money],
    place: int,
    period: str | None,
    job: bool,
    ideas: Sequence[int],
) -> tuple[str, float] | None:
    """What the amount is for, and how sure that is; None for money of reports, courts and accounts.

    A debt named on either side in the sentence, else a fee, else the nearest word before, else behind.
    """
    text = reading.lowered
    start, end = found[place].start, found[place].end
    sentence = _sentence(text, start, end)
    if _any_of(reading.languages, "elsewhere").search(sentence) is not None:
        return None
    pattern, meanings = _purposes(reading.languages)
    low = max(found[place - 1].end if place else 0, start - _PURPOSE_REACH)
    before = _SENTENCE.split(text[low:start])[-1]
    behind = _SENTENCE.split(text[end : end + _PURPOSE_REACH // 2], maxsplit=1)[0]
    if place + 1 < len(found) and found[place + 1].start < end + len(behind):
        # What stands just before the next amount is that one's.
        behind = text[end : found[place + 1].start].rpartition(",")[0]
    musts = _musts(reading.languages)
    left = [meanings[hit.group()] for hit in pattern.finditer(before) if not musts.match(before, hit.start())]
    right = [
        meanings[hit.group()] for hit in pattern.finditer(behind) if not musts.match(behind, hit.start())
    ]
    if not _AHEAD.keys().isdisjoint((*left, *right)):
        about_work = _any_of(reading.languages, "about_work").search(sentence) is not None
        left, right = (
            [
                (_AHEAD[meaning] if about_work else "price") if meaning in _AHEAD else meaning
                for meaning in side
            ]
            for side in (left, right)
        )
    told = _sentence_ideas(reading, ideas, start)
    # A wage named nearer than a comma is surer than what the rest of the sentence is about.
    near = _ideas_between(reading, ideas, start - len(before.rpartition(",")[2]), start)
    if near & _bits("wage") and not near & _bits("deduct", "owe", "you_pay", "fee", "lend"):
        return "pay", 0.8
    covered = _any_of(reading.languages, "offerer").search(sentence) is not None
    if told & _bits("deduct") and told & _bits("housing", "travel", "papers", "recruit_item") and not covered:
        return "fee", 0.7
    if "debt" in left:
        return "debt", 0.8
    services = period in _OF_SERVICES or told & _bits("guest")
    charged = None if covered or services else _charged_for(reading.languages).match(behind)
    debts = [hit.start() for hit in pattern.finditer(behind) if meanings[hit.group()] == "debt"]
    if charged is not None and not (debts and debts[0] < charged.end()):
        return "fee", 0.7
    owed = told & _bits("owe") or (
        told & _bits("lend", "work_off", "repay") and told & _bits("travel", "cost", "debt", "papers")
    )
    if "debt" in right or owed or (told & _bits("lend") and found[place].meant is None):
        return "debt", 0.7
    if found[place].meant == "debt":
        return "debt", 0.6
    mark = pattern.match(behind, 1)
    if mark is not None and meanings[mark.group()] == "pay":
        # "2,400 net".
        return "pay", 0.8
    if not covered and not services and _is_charged(reading, before, behind, told, job):
        return "fee", 0.7
    if "fee" in (*left, *right) and not covered:
        return "fee", 0.8 if "fee" in left else 0.7
    meant = found[place].meant
    if meant in ("pay", "price"):
        return meant, 0.6
    purpose = (left[-1], 0.8) if left else (right[0], 0.6) if right else None
    if meant == "sentence":
        # Nothing but the sentence shows the number to be money: pay is more than a few coins.
        return (
            purpose
            if purpose is not None and purpose[0] == "pay" and found[place].number >= _LEAST_PAY
            else None
        )
    if purpose is not None and (purpose[0] != "price" or period != "hour"):
        return purpose
    if period in ("month", "week", "year") and purpose is None:
        lets = _any_of(reading.languages, "lettings").search(text) is not None and not job
        return ("price", 0.5) if lets else ("pay", 0.5)
    if period == "hour" and _is_wage(found[place]):
        return "pay", 0.5
    if purpose is None and job and period != "night":
        return "pay", 0.5
    return purpose or ("price", 0.7)


def _is_charged(reading: Reading, before: str, behind: str, told: int, job: bool) -> bool:
    """Whether a worker pays the amount, for papers, a place, a bed or the like."""
    if told & _bits("you_pay") and told & _bits("papers", "recruit_item", "registration", "job"):
        return True
    if told & _bits("fee", "costs") and told & _bits("papers", "recruit_item", "registration"):
        return True
    charged = _any_of(reading.languages, "charged")
    if told & _bits("you_pay", "deduct", "costs") and charged.search(before + behind) is not None:
        return True
    beside = before[-_BESIDE_CHARGED:], behind[:_BESIDE_CHARGED]
    return job and any(charged.search(side) is not None for side in beside)


def _is_wage(money: Money) -> bool:
    """Whether so little by the hour is paid to workers rather than for services (`striking_pay` by the month)."""
    striking = striking_pay().get(money.currency or "")
    return striking is not None and money.number * _HOURS < striking


def _ideas(reading: Reading) -> list[int]:
    """Per word of the text the ideas that it stands for in any of its languages."""
    known = [ideas for language in reading.spoken if (ideas := word_ideas(reading, language)) is not None]
    if len(known) == 1:
        return known[0]
    masks = [0] * len(reading.words)
    for ideas in known:
        masks = [mask | more for mask, more in zip(masks, ideas, strict=True)]
    return masks


@cache
def _bits(*names: str) -> int:
    return sum(concept_bits()[name] for name in names)


def _sentence_ideas(reading: Reading, ideas: Sequence[int], start: int) -> int:
    """The ideas of the sentence that the place `start` is in."""
    return _ideas_between(reading, ideas, *sentence_around(reading.lowered, start, start))


def _ideas_between(reading: Reading, ideas: Sequence[int], low: int, high: int) -> int:
    together = 0
    for mask in ideas[bisect_left(reading.spans, (low, 0)) : bisect_left(reading.spans, (high, 0))]:
        together |= mask
    return together

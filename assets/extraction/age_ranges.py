"""Ages of several people as a range: "girls aged 19 to 24", "ragazze dai 20 ai 25 anni"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from assets.extraction.ages import age_words
from assets.extraction.alternatives import one_of
from assets.extraction.fact import Fact
from assets.extraction.money import listed
from assets.extraction.reading import Reading

# Bounds of what is a range of ages of adults offered or sought; below, the grammar of an age is asked for (`ages`).
_YOUNGEST, _OLDEST = 18, 70


@cache
def _range(languages: tuple[str, ...]) -> re.Pattern[str] | None:
    """People, up to three words without a figure, and two numbers of two digits with a word for "to" between them."""
    tables = [words for language in languages if (words := age_words(language)) is not None]
    people = {word for table in tables for word in table.person | table.plural}
    if not people:
        return None
    return re.compile(
        rf"(?<!\w){one_of(people)},?\s(?:[^\W\d_]+\s){{0,3}}"
        rf"(?P<low>\d\d)\s?{one_of(listed(languages, 'range'))}\s?(?P<high>\d\d)"
        r"(?![\w%€$£:]|[.,]\d|\s?(?:€|eur|km|min|uhr|h\b|m\b|\$|£))"
    )


def find_age_ranges(reading: Reading, known: set[int]) -> Iterator[Fact]:
    """Both bounds (years) of each range; `known` are places where an age was found already."""
    pattern = _range(reading.languages)
    if pattern is None:
        return
    for match in pattern.finditer(reading.lowered):
        low, high = int(match["low"]), int(match["high"])
        if not _YOUNGEST <= low < high <= _OLDEST or known & {match.start("low"), match.start("high")}:
            continue
        for bound, age in (("low", low), ("high", high)):
            yield Fact("age", str(age), float(age), "year", *match.span(bound), 0.7, "age.range")

"""The number words of one language, compiled: digits, words, scales, dozens, halves and qualifiers.

The words are in `vocabulary/numbers/<language>.yaml`; `numbers.py` reads texts with them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assets.statistics.folding import alternation, fold
from assets.statistics.language_data import language_data
from assets.statistics.units import units

_SPACES = " \u00a0\u202f\u2009"


@dataclass(frozen=True)
class NumberGrammar:
    """What a language's numbers are made of; offsets of all patterns are those of the folded text."""

    digits: re.Pattern[str]
    word_number: re.Pattern[str]
    scale_after: re.Pattern[str]
    scales: dict[str, float]
    qualifiers: list[tuple[str, re.Pattern[str]]]
    decimal: str
    words: dict[str, float]
    multipliers: dict[str, int]
    bare_multipliers: frozenset[str]
    joiners: frozenset[str]
    trailing_ones: dict[str, int]
    one: re.Pattern[str]
    half: re.Pattern[str]
    bare_one: re.Pattern[str]
    and_a_half: re.Pattern[str]
    dozen: re.Pattern[str] | None
    dozen_values: dict[str, float]
    dozen_articles: dict[str, float]


def _glued_words(numbers: dict[str, Any]) -> dict[str, int]:
    """Number words written as one ("dreiundvierzig", "honderdtwaalf", "ventuno"), from 21 to 999."""
    if "glue" not in numbers:
        return {}
    words: dict[str, int] = {**numbers["words"], **numbers.get("ones", {})}
    units = {word: value for word, value in words.items() if 1 <= value <= 9}
    tens = {word: value for word, value in words.items() if value in range(20, 100, 10)}
    below_hundred = {word: value for word, value in words.items() if 2 <= value < 100}
    for ten_word, ten in tens.items():
        for unit_word, unit in units.items():
            for glue in numbers["glue"].split("|"):
                if glue:
                    below_hundred[unit_word.rstrip("s") + glue + ten_word] = ten + unit
                    below_hundred[unit_word + glue + ten_word] = ten + unit
            if not numbers["glue"]:
                stem = ten_word[:-1] if unit in (1, 8) else ten_word
                below_hundred[stem + unit_word] = ten + unit
                below_hundred[stem + unit_word.replace("tre", "tré")] = ten + unit
    glued = dict(below_hundred)
    hundreds = [word for word, value in numbers["multipliers"].items() if value == 100]
    thousands = [word for word, value in numbers["multipliers"].items() if value == 1000]
    for hundred in hundreds:
        for prefix, factor in [("", 1), *units.items()]:
            glued[prefix + hundred] = factor * 100
            for word, value in {**below_hundred, **units}.items():
                glued[prefix + hundred + word] = factor * 100 + value
                if not numbers["glue"] and word.startswith("o"):
                    glued[prefix + hundred[:-1] + word] = factor * 100 + value
    for thousand in thousands:
        for word, value in {**below_hundred, **units, **dict.fromkeys(hundreds, 100)}.items():
            glued[word + thousand] = value * 1000
    return glued


@lru_cache(maxsize=32)
def number_grammar(language: str) -> NumberGrammar:
    """The number words of a language (English for one without files), compiled once."""
    numbers = language_data(language).numbers
    words: dict[str, float] = {
        **numbers["words"],
        **_glued_words(numbers),
        **numbers.get("fractions", {}),
    }
    multipliers: dict[str, int] = dict(numbers.get("multipliers", {}))
    scales = {fold(word): float(value) for word, value in numbers["scales"].items()}
    large = [word for word, value in scales.items() if value >= 1e6 and len(word) > 3]
    group = r"[ \u00a0\u202f\u2009.,'’]"
    digits = re.compile(
        rf"(?<![\w#])(?<!\d[.,:/])\d{{1,3}}(?:{group}\d{{3}})+(?!\d)(?:[.,]\d{{1,2}}(?!\d))?"
        r"|(?<![\w#])(?<!\d[.,:/])\d+(?:[.,]\d+)?"
        r"|(?<=eur)\d[\d.,]*\d|(?<=usd)\d[\d.,]*\d"
    )
    articles = numbers.get("word_articles", [])
    starters = [
        *(f"{article} {word}" for article in articles for word in multipliers),
        *words,
        *numbers.get("bare_multipliers", multipliers),
    ]
    qualifiers = [
        (name, re.compile(rf"(?:(?<=\W)|^)(?:{alternation(patterns)})[\s(]*$"))
        for name, patterns in numbers["qualifiers"].items()
    ]
    # Things that an article or a half measures: "un millón", "half a tonne", "mezzo chilo".
    measured = alternation([*(re.escape(word) for word in large), units().measure_words])
    and_a_half = rf"(?:{alternation(numbers.get('and_a_half', ['(?!)']))})(?!\w)"
    dozen_values = {word: float(value) for word, value in numbers.get("dozen", {}).items()}
    # "three dozen": any number word below ten multiplies; the listed ones are exceptions and halves.
    dozen_articles = {word: float(value) for word, value in words.items() if 2 <= value < 10}
    dozen_articles.update({word: float(value) for word, value in numbers.get("dozen_articles", {}).items()})
    dozen = None
    if dozen_values:
        dozen = re.compile(
            rf"(?<!\w)(?:(?P<article>{alternation([re.escape(a) for a in dozen_articles])})[\s-]+)?"
            rf"(?P<dozen>{alternation(list(dozen_values))})(?P<plural>[sn]|en|es)?(?!\w)"
        )
    return NumberGrammar(
        digits=digits,
        word_number=re.compile(rf"(?<!\w)(?<!\w-)(?:{alternation([re.escape(w) for w in starters])})(?!\w)"),
        scale_after=re.compile(
            rf"[{_SPACES}-]{{0,2}}({alternation([re.escape(s) for s in scales])})\.?(?!\w)"
        ),
        scales=scales,
        qualifiers=qualifiers,
        decimal=numbers["decimal"],
        words=words,
        multipliers=multipliers,
        bare_multipliers=frozenset(numbers.get("bare_multipliers", multipliers)),
        joiners=frozenset(numbers.get("joiners", [])),
        trailing_ones=dict(numbers.get("trailing_ones", {})),
        one=re.compile(rf"(?<!\w)(?:{alternation(numbers['one_before_measure'])})(?=\s(?:{measured})(?!\w))"),
        half=re.compile(rf"(?<!\w)(?:{alternation(numbers['halves'])})(?=[\s-](?:{measured})(?!\w))"),
        bare_one=re.compile(rf"(?<!\w)(?=(?:{measured})\s{and_a_half})"),
        and_a_half=re.compile(rf"\s{and_a_half}"),
        dozen=dozen,
        dozen_values=dozen_values,
        dozen_articles=dozen_articles,
    )

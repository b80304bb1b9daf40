"""Currencies and measures as they are written beside numbers; the words are in `vocabulary/units.yaml`."""

import re
from dataclasses import dataclass
from functools import lru_cache

from assets.statistics.folding import alternation, any_of, fold
from assets.statistics.language_data import read_data


@dataclass(frozen=True)
class UnitGrammar:
    """Patterns of currencies and measures before and behind a number, and what each of them means."""

    before: re.Pattern[str]
    after_currency: re.Pattern[str]
    after_measure: re.Pattern[str]
    symbols: dict[str, str]
    names: list[tuple[str, re.Pattern[str]]]
    measures: list[tuple[str, str, re.Pattern[str]]]
    dollar_at_home: dict[str | None, str]
    measure_words: str


@lru_cache(maxsize=1)
def units() -> UnitGrammar:
    """The patterns, compiled once."""
    data = read_data("units.yaml")
    symbols = {fold(symbol): code for symbol, code in data["currency_symbols"].items()}
    symbols.update({fold(code): code for code in data["currency_codes"]})
    names = [
        (code.split("_")[0] if "_or_" not in code else "", pattern)
        for code, patterns in data["currency_names"].items()
        for pattern in patterns
    ]
    measures = [
        (kind, symbol, pattern)
        for kind, by_symbol in data["measures"].items()
        for symbol, patterns in by_symbol.items()
        for pattern in patterns
    ]
    symbolalternation = alternation([re.escape(symbol) for symbol in symbols])
    code_words = alternation([re.escape(symbol) for symbol in symbols if symbol.isalpha()])
    sign_words = alternation([re.escape(symbol) for symbol in symbols if not symbol.isalpha()])
    namealternation = alternation([pattern for _, pattern in names])
    measurealternation = alternation([pattern for _, _, pattern in measures])
    return UnitGrammar(
        before=re.compile(rf"(?:(?<![^\W\d_]))(?:{symbolalternation})\s?$"),
        after_currency=re.compile(
            rf"\s{{0,2}}{any_of(data['currency_links'])}?\(?(?:(?P<code>(?:{code_words})(?!\w)|{sign_words})"
            rf"|(?P<name>{namealternation})(?!\w))"
        ),
        after_measure=re.compile(rf"[\s-]?(?P<measure>{measurealternation})(?![\w’'])"),
        symbols=symbols,
        names=[(code, re.compile(pattern)) for code, pattern in names],
        measures=[(kind, symbol, re.compile(pattern)) for kind, symbol, pattern in measures],
        dollar_at_home=data["dollar_sign_at_home"],
        # Measures written out ("kilo", not "kg"), which alone stand behind an article or a half.
        measure_words=alternation(
            [pattern for kind, _, pattern in measures if kind != "data" and re.match(r"[^\W\d_]{4}", pattern)]
        ),
    )

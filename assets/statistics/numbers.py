"""Finds the numbers of a text: their value, qualifier, currency or measure, and where they stand.

Digits with the separators of all seven languages, scale words ("4,7 mil", "1.2m", "mil millones"), number
words ("zweiundzwanzig", "nearly two dozen") and qualifiers. The words are in `vocabulary/numbers/<language>.yaml`,
currencies and measures in `vocabulary/units.yaml`. What a number counts is decided elsewhere (`metrics.py`).
"""

import re
from dataclasses import dataclass, replace

from assets.statistics.folding import fold
from assets.statistics.number_grammar import NumberGrammar, number_grammar
from assets.statistics.units import UnitGrammar, units

EXACT = "exact"


@dataclass(frozen=True)
class Quantity:
    """One number of a text.

    start, end: span of the whole expression with qualifier, currency and measure;
    number_start, number_end: span of the bare number with its scale word;
    value: the number (scale applied); qualifier: exact, at_least, approx or nearly;
    kind: count, money, mass, volume or data; unit: ISO currency or measure symbol, None for a count;
    is_word: written in letters; has_separator: written with a thousands separator or a scale;
    scale: what a word such as "million" multiplied it by.
    """

    start: int
    end: int
    number_start: int
    number_end: int
    value: float
    qualifier: str
    kind: str
    unit: str | None
    is_word: bool
    has_separator: bool
    scale: float = 1.0


# "3 mil 200 elementos", as written in Mexico.
_REST_OF_THOUSAND = re.compile(r"\s(\d{3})(?![\d.,])")


def digits_value(written: str, decimal: str, *, is_measured: bool) -> float:
    """The value of digits as written ("5.937.589,70", "82 112", "1.2").

    A single separator followed by three digits is read as thousands for a count in every language, because
    counts have no fractions; before a scale, currency or measure the language's own decimal sign decides.
    """
    compact = re.sub(r"[\s'’\u00a0\u202f\u2009]", "", written)
    separators = re.findall(r"[.,]", compact)
    if not separators:
        return float(compact)
    last = separators[-1]
    tail = compact.rsplit(last, 1)[1]
    if len(set(separators)) == 2:
        other = separators[0]
        return float(compact.replace(other, "").replace(last, "."))
    if len(separators) > 1:
        return float(compact.replace(last, ""))
    if len(tail) == 3 and not compact.startswith("0") and not (is_measured and last == decimal):
        return float(compact.replace(last, ""))
    return float(compact.replace(last, "."))


# "7 milioni di litri", "deux millions de litres": a word links a large scale to its measure.
_SCALE_LINK = re.compile(r"\s(?:de|di|of|von|van|d['’])(?=\s|\w)")
LARGE_SCALE = 1e6
# "1.234.567.890.123,45" is the longest amount; more digits are an account or a serial number.
LONGEST_DIGITS = 24
# "neunhundert..." in one word or "one hundred and twenty-three thousand four hundred and fifty-six" in ten.
LONGEST_NUMBER_IN_WORDS = 12


def _word_value(folded: str, start: int, grammar: NumberGrammar) -> tuple[float, int] | None:
    """Value and end of the number words that begin at `start`; None if they make no number."""
    total = current = 0.0
    end = start
    last_value: float = 0
    last_was_multiplier = False
    position = start
    seen = False
    for _ in range(LONGEST_NUMBER_IN_WORDS):
        match = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*").match(folded, position)
        if match is None:
            break
        word = match.group()
        stop = match.end()
        if word not in grammar.words and word not in grammar.multipliers and "-" in word:
            word = word.split("-")[0]
            stop = position + len(word)
        if word in grammar.words:
            value = grammar.words[word]
            # "twenty-one", "ciento doce", "soixante-douze" go on; "two three" are two numbers.
            goes_on = (
                (last_value >= 20 and value < 10)
                or (last_value >= 100 and value < 100)
                or (last_value == 60 and value < 20)
            )
            if seen and not last_was_multiplier and not goes_on:
                break
            if seen and last_was_multiplier and current and value >= 100 and current >= 100:
                break
            current += value
            last_value, last_was_multiplier = value, False
        elif word in grammar.multipliers and (seen or word in grammar.bare_multipliers):
            value = grammar.multipliers[word]
            if value >= 1000:
                total += max(1, current) * value
                current = 0
            else:
                current = max(1, current) * value
            last_value, last_was_multiplier = value, True
        else:
            break
        seen = True
        end = stop
        position = stop
        gap = re.compile(r"(?:\s+|-)").match(folded, position)
        if gap is None:
            break
        position = gap.end()
        joiner = re.compile(r"([^\W\d_]+)\s+").match(folded, position)
        if joiner and joiner.group(1) in grammar.joiners:
            following = re.compile(r"[^\W\d_]+").match(folded, joiner.end())
            follows = None
            if following:
                follows = grammar.words.get(following.group(), grammar.trailing_ones.get(following.group()))
            if (
                following
                and follows is not None
                and (
                    (last_was_multiplier and follows < last_value)
                    or (last_value >= 20 and follows < 10)
                    or (last_value >= 100 > follows)
                )
            ):
                position = joiner.end()
                if following.group() not in grammar.words:
                    return float(total + current + follows), following.end()
    return (float(total + current), end) if seen else None


def _qualifier(folded: str, start: int, grammar: NumberGrammar) -> tuple[str, int]:
    """Qualifier that ends at `start` and where it begins."""
    window_start = max(0, start - 32)
    window = folded[window_start:start]
    for name, pattern in grammar.qualifiers:
        match = pattern.search(window)
        if match:
            return name, window_start + match.start()
    return EXACT, start


def find_quantities(text: str, language: str, home: str | None = None) -> list[Quantity]:
    """All numbers of a text in order. Dates, times and telephone numbers are the caller's to mask.

    home: alpha-2 code of the publisher's country, where "$" and "pesos" are its own.
    """
    folded = fold(text)
    grammar = number_grammar(language)
    beside = units()
    found: list[Quantity] = []
    taken_until = -1
    candidates: list[tuple[int, int, str]] = [
        (match.start(), match.end(), "digits") for match in grammar.digits.finditer(folded)
    ]
    candidates += [(match.start(), match.end(), "word") for match in grammar.word_number.finditer(folded)]
    if grammar.dozen is not None:
        candidates += [(match.start(), match.end(), "dozen") for match in grammar.dozen.finditer(folded)]
    candidates += [(match.start(), match.end(), "half") for match in grammar.half.finditer(folded)]
    candidates += [(match.start(), match.end(), "one") for match in grammar.one.finditer(folded)]
    candidates += [(match.start(), match.end(), "one") for match in grammar.bare_one.finditer(folded)]
    order = {"one": 0, "half": 0, "dozen": 0, "digits": 1, "word": 2}
    for start, end, how in sorted(candidates, key=lambda item: (item[0], order[item[2]])):
        if start < taken_until:
            continue
        quantity = _quantity(text, folded, start, end, how, grammar, beside)
        if quantity is not None and quantity.kind == "money" and home in beside.dollar_at_home:
            quantity = _at_home(folded, quantity, beside.dollar_at_home[home])
        if quantity is not None:
            found.append(quantity)
            taken_until = quantity.end
    return found


DOZEN = 12


def _at_home(folded: str, quantity: Quantity, currency: str) -> Quantity:
    """The amount in the publisher's own currency if a bare "$" or "pesos" names it, else unchanged."""
    written = folded[quantity.start : quantity.end]
    bare = re.search(r"(?<![a-z])\$", written) and quantity.unit == "USD"
    return replace(quantity, unit=currency) if bare or quantity.unit is None else quantity


def _is_lower_case_code(text: str, span: tuple[int, int]) -> bool:
    """Whether letters that could be an ISO code are an ordinary word ("19 pen drives", "we try")."""
    written = text[span[0] : span[1]].strip()
    return written.isalpha() and not written.isupper()


def _quantity(
    text: str, folded: str, start: int, end: int, how: str, grammar: NumberGrammar, beside: UnitGrammar
) -> Quantity | None:
    written = folded[start:end]
    scale, remainder = 1.0, 0.0
    number_end = end
    is_collective = False
    if how == "word":
        first = folded.find(" ", start, end)
        parsed = _word_value(folded, first + 1 if first > 0 else start, grammar)
        if parsed is None:
            return None
        value, number_end = parsed
        rest_of_thousand = _REST_OF_THOUSAND.match(folded, number_end) if value == 1000 else None
        if rest_of_thousand:
            value += float(rest_of_thousand.group(1))
            number_end = rest_of_thousand.end()
    elif how == "dozen":
        match = grammar.dozen.match(folded, start) if grammar.dozen else None
        if match is None:
            return None
        if match.group("article") is None and match.group("plural"):
            return None
        value = grammar.dozen_values[match.group("dozen")]
        is_collective = value != DOZEN
        article = match.group("article")
        if (article and value != DOZEN) or (article and grammar.dozen_articles[article] < DOZEN):
            value *= grammar.dozen_articles[article]
        elif article:
            value = grammar.dozen_articles[article]
    else:
        # "half a million", "a kilo", "kilo y medio": the article counts before a measure, as nowhere else.
        value = {"half": 0.5, "one": 1.0}.get(how, 0.0)
    halved = grammar.and_a_half.match(folded, number_end)
    if halved and (
        grammar.scale_after.match(folded, halved.end()) or beside.after_measure.match(folded, halved.end())
    ):
        # "two and a half million", "one and a half tonnes".
        value, number_end = value + 0.5, halved.end()
    scale_match = grammar.scale_after.match(folded, number_end)
    unit_before = beside.before.search(folded, max(0, start - 6), start)
    if unit_before and _is_lower_case_code(text, unit_before.span()):
        unit_before = None
    if scale_match:
        word = scale_match.group(1)
        attached = scale_match.start(1) == number_end
        after_scale = beside.after_currency.match(folded, scale_match.end())
        if after_scale and after_scale.group("code") and _is_lower_case_code(text, after_scale.span("code")):
            after_scale = None
        short = len(word) <= 2
        if not short or (unit_before or after_scale) or (attached and word in ("k", "mn", "bn")):
            scale = grammar.scales[word]
            number_end = scale_match.end()
            rest = _REST_OF_THOUSAND.match(folded, number_end) if scale == 1000 and not attached else None
            if rest:
                remainder = float(rest.group(1))
                number_end = rest.end()
            if folded[number_end - 1 : number_end] == "." and len(word) > 4:
                number_end -= 1
            halved = grammar.and_a_half.match(folded, number_end)
            if halved:
                # "deux millions et demi".
                remainder, number_end = remainder + 0.5 * scale, halved.end()
    kind, unit, expression_end = "count", None, number_end
    expression_start = start
    if unit_before:
        kind = "money"
        unit = beside.symbols[unit_before.group().strip()]
        expression_start = unit_before.start()
    else:
        currency = beside.after_currency.match(folded, number_end)
        if currency and currency.group("code") and _is_lower_case_code(text, currency.span("code")):
            currency = None
        if currency:
            kind = "money"
            expression_end = currency.end()
            if currency.group("code"):
                unit = beside.symbols[currency.group("code")]
            else:
                name = currency.group("name")
                unit = next((code for code, pattern in beside.names if pattern.fullmatch(name)), None) or None
        else:
            link = _SCALE_LINK.match(folded, number_end) if scale >= LARGE_SCALE or how == "dozen" else None
            measure = beside.after_measure.match(folded, link.end() if link else number_end)
            if measure:
                for candidate_kind, symbol, pattern in beside.measures:
                    if pattern.fullmatch(measure.group("measure")):
                        kind, unit = candidate_kind, symbol
                        break
                expression_end = measure.end()
                halved = grammar.and_a_half.match(folded, expression_end)
                if halved:
                    # "un kilo y medio".
                    remainder, expression_end = remainder + 0.5, halved.end()
    if how == "digits" and len(written) > LONGEST_DIGITS:
        return None
    if how == "digits":
        value = digits_value(
            written, grammar.decimal, is_measured=scale != 1.0 or kind not in ("count", "money")
        )
    following = folded[expression_end : expression_end + 1]
    if how == "digits" and (following.isalpha() or following == "_"):
        return None
    qualifier, qualified_start = _qualifier(folded, expression_start, grammar)
    if following == "+":
        qualifier = "at_least"
    if is_collective and qualifier == EXACT:
        # "une quarantaine", "een tachtigtal": such nouns round by themselves; "three dozen" does not.
        qualifier = "approx"
    return Quantity(
        start=qualified_start,
        end=expression_end,
        number_start=start,
        number_end=number_end,
        value=round(value * scale + remainder, 6),
        qualifier=qualifier,
        kind=kind,
        unit=unit,
        is_word=how != "digits",
        has_separator=scale != 1.0 or bool(re.search(r"\d[^\d]\d", written)),
        scale=scale,
    )

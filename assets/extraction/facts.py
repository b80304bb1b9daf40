"""Facts of short texts, one row a fact: the frame in, the frame out."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache

import polars as pl

from assets.extraction.addressed import OF_PERSONS, Addressed
from assets.extraction.age_ranges import find_age_ranges
from assets.extraction.ages import age_rules, bare_age, find_ages
from assets.extraction.amounts import find_amounts
from assets.extraction.bare_ages import find_bare_ages
from assets.extraction.concepts import concept_bits, striking_pay
from assets.extraction.fact import ADDRESSED, Fact
from assets.extraction.languages import language_of, scores
from assets.extraction.lexicons import sentence_around
from assets.extraction.minors import minor_rules
from assets.extraction.movements import find_movements, movement_rules
from assets.extraction.nationalities import find_nationalities
from assets.extraction.nationality_fields import field_nationalities
from assets.extraction.normalise import offset_map
from assets.extraction.origins import find_origins
from assets.extraction.places import find_places, is_place_name
from assets.extraction.reading import Reading, read, within
from assets.extraction.routes import find_routes
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.rule_search import Rule, candidates
from assets.extraction.signs import find_signs, reporting_rules, sign_rules, term_pattern
from assets.extraction.told_of_others import covered_spans
from assets.extraction.turns import AT_WORK, taken_back, turn_rules
from assets.extraction.work import find_work

# Texts held at a time.
_BATCH = 4_000
# A second language needs words of grammar worth so many points, and this share of the main language's.
_MIXED, _MIXED_SHARE = 3.0, 0.4
# Up to so many words the language is a guess; without a hint every table is applied.
_FEW_WORDS = 4
# Full-time work in a month; less of it for pay by the hour, which is seldom full time.
_PER_MONTH = {"hour": 100, "day": 21, "night": 21, "week": 4.3, "month": 1, "year": 1 / 12}
# More languages than these are read only where nothing is known of a text.
_MANY = 4
# Amounts that in a report are the reported's, not the poster's.
_OF_WORKERS = ("debt", "fee", "pay")
# What an offer names, and a notice seldom.
_OF_OFFERS = ("pay", "price")

FACT_SCHEMA = {
    "id": pl.String,
    "kind": pl.String,
    "value": pl.String,
    "number": pl.Float64,
    "unit": pl.String,
    "raw": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "confidence": pl.Float64,
    "rule_id": pl.String,
    "origin": pl.String,
    "destination": pl.String,
}


def extract_facts(texts: pl.DataFrame) -> pl.DataFrame:
    """Every fact stated in `texts`.

    In: `id` str, `text` str; optional `region` str (ISO 3166 alpha-2 of the source), `lang` str (ISO 639-1 hint) and
    `about` str: place, nationality, age or price for a text that is a form field of that meaning, null for prose.
    Out, a row per fact: `id`, `kind` (see the contract `facts`), `value`, `number`, `unit` (alpha-2 for places;
    currency, with "/period", for amounts; year for ages; the time of a movement; the ISCO-08 unit group of a job),
    `raw` (equals `text[start:end]`; empty for a fact of the whole text), `start`, `end` (null for the whole text),
    `confidence` 0–1, `rule_id`, and of a movement `origin` and `destination` ("City, CC", or CC), where the text states
    them. The languages of a mixed text are a row each, the main one first. A null text has no
    facts.
    """
    frame = texts.select(
        pl.col("id").cast(pl.String),
        pl.col("text").cast(pl.String),
        (pl.col("region") if "region" in texts.columns else pl.lit(None)).cast(pl.String).alias("region"),
        (pl.col("lang") if "lang" in texts.columns else pl.lit(None)).cast(pl.String).alias("lang"),
        (pl.col("about") if "about" in texts.columns else pl.lit(None)).cast(pl.String).alias("about"),
    ).filter(pl.col("text").is_not_null())
    batches = (_extract_batch(batch) for batch in frame.iter_slices(_BATCH))
    return pl.concat([pl.DataFrame(schema=FACT_SCHEMA), *batches])


def _extract_batch(frame: pl.DataFrame) -> pl.DataFrame:
    found: list[list[Fact]] = []
    readings: list[Reading] = []
    abouts = frame["about"].to_list()
    for raw, region, hint, about in zip(
        frame["text"].to_list(), frame["region"].to_list(), frame["lang"].to_list(), abouts, strict=True
    ):
        reading = read(raw, region=region.upper() if region else None)
        if about is None:
            languages = _languages(raw, reading, hint)
            spoken = [fact.value or "" for fact in languages]
            reading.languages = _languages_read(spoken, reading, hint)
            known = tuple(dict.fromkeys([*spoken, *([hint.lower()[:2]] if hint else [])]))
            reading.spoken = reading.languages if len(reading.languages) > _MANY else known
            found.append(languages)
        else:
            reading.languages = tuple(languages_with("nationalities"))
            found.append([])
        readings.append(reading)
    for facts, reading, about, rules in zip(
        found, readings, abouts, _candidates(readings, abouts), strict=True
    ):
        facts.extend(_prose_facts(reading, rules) if about is None else _field_facts(reading, about, rules))
    rows = []
    for identity, raw, facts in zip(frame["id"].to_list(), frame["text"].to_list(), found, strict=True):
        if not facts:
            continue
        offsets = offset_map(raw)
        for fact in facts:
            start, end, spelling = None, None, ""
            if fact.start is not None and fact.end is not None:
                start, end = offsets.raw_span(fact.start, fact.end)
                spelling = raw[start:end]
            rows.append(
                (
                    identity,
                    fact.kind,
                    fact.value,
                    fact.number,
                    fact.unit,
                    spelling,
                    start,
                    end,
                    fact.confidence,
                    fact.rule_id,
                    fact.origin,
                    fact.destination,
                )
            )
    return pl.DataFrame(rows, schema=FACT_SCHEMA, orient="row")


def _languages(raw: str, reading: Reading, hint: str | None) -> list[Fact]:
    """The text's language and, in a mixed text, those beside it that it has enough words of grammar of."""
    points = scores(reading.words)
    language, confidence = language_of(raw, hint, points)
    if language is None:
        return []
    facts = [Fact("language", language, None, None, None, None, confidence, "language.text")]
    main = points.get(language, 0.0)
    for other, found in sorted(points.items()):
        if other != language and found >= _MIXED and found >= _MIXED_SHARE * main:
            share = round(found / (found + main), 3)
            facts.append(Fact("language", other, None, None, None, None, share, "language.mixed"))
    return facts


def _languages_read(found: list[str], reading: Reading, hint: str | None) -> tuple[str, ...]:
    """Languages whose tables are applied: the text's, the source's, English; all when nothing is known."""
    known = [code for code in (*found, hint.lower()[:2] if hint else "") if code]
    if not known or (hint is None and len(reading.words) <= _FEW_WORDS):
        return tuple(dict.fromkeys([*known, *languages_with("signs")]))
    return tuple(dict.fromkeys([*known, "en"]))


@cache
def _pattern_rules(languages: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(
        rule
        for code in languages
        for rules in (sign_rules, turn_rules, minor_rules, age_rules, movement_rules, reporting_rules)
        for rule in rules(code)
    )


def _candidates(readings: list[Reading], abouts: list[str | None]) -> list[list[Rule]]:
    """Per text the pattern rules worth trying; texts read in the same languages are scanned together."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, reading in enumerate(readings):
        if abouts[place] in (None, "age"):
            groups.setdefault(reading.languages, []).append(place)
    found: list[list[Rule]] = [[] for _ in readings]
    for languages, places in groups.items():
        rules = _pattern_rules(languages)
        for place, likely in zip(
            places, candidates([readings[place].lowered for place in places], rules), strict=True
        ):
            found[place] = likely
    return found


def _prose_facts(reading: Reading, rules: list[Rule]) -> list[Fact]:
    """Facts of a text that may say anything."""
    mentioned = list(find_places(reading, repeated=True))
    places = list({(place.kind, place.value): place for place in reversed(mentioned)}.values())[::-1]
    ages = list(find_ages(reading.lowered, rules))
    known = {age.start for age in ages if age.start is not None}
    ages += find_age_ranges(reading, known)
    known = {age.start for age in ages if age.start is not None}
    ages += find_bare_ages(reading, is_place_name, known)
    beside = {age.start for age in ages if age.start is not None}
    nationalities = list(find_nationalities(reading, ages=beside))
    nationalities += find_origins(reading, mentioned, {fact.value or "" for fact in nationalities})
    amounts = list(find_amounts(reading))
    offers = bool(ages) or any(amount.kind in _OF_OFFERS for amount in amounts)
    covered = covered_spans(reading, rules, offers)
    amounts = [
        amount
        for amount in amounts
        if amount.kind not in _OF_WORKERS or not within(amount.start or 0, covered)
    ]
    work = list(find_work(reading))
    firms = [fact for fact in work if fact.kind == "employer"]
    signs = list(
        find_signs(
            reading,
            rules,
            _beside(reading, amounts, mentioned),
            _ordinary_pay(reading, amounts),
            covered,
        )
    )
    return [
        # A town in a firm's name is no place of the text.
        *(place for place in places if not any(place.inside(firm) for firm in firms)),
        *nationalities,
        *ages,
        *amounts,
        *find_movements(reading, rules, mentioned),
        *find_routes(reading, mentioned),
        *work,
        *_derived_signs(reading, ages, nationalities),
        *signs,
        *_to_whom(reading, signs),
    ]


def _to_whom(reading: Reading, signs: list[Fact]) -> list[Fact]:
    """That the text speaks to its reader alone, or else of whom its sentences tell signs of which it matters."""
    addressed = Addressed(reading.parted, reading.spoken)
    told = next((sign for sign in signs if sign.value in OF_PERSONS), None)
    if told is not None and addressed.to_reader_alone:
        return [Fact("sign", ADDRESSED, None, None, told.start, told.end, 0.6, "addressed.reader_alone")]
    told_by: dict[str, Fact] = {}
    for sign in signs:
        start, end = sign.start or 0, sign.end or 0
        first, last = sentence_around(reading.parted, start, end)
        whose = addressed.told_of(reading.parted[first:last], sign.value or "")
        if whose is not None:
            told_by.setdefault(whose, Fact("sign", whose, None, None, start, end, 0.6, f"addressed.{whose}"))
    return list(told_by.values())


def _beside(reading: Reading, amounts: list[Fact], places: list[Fact]) -> dict[int, int]:
    """Ideas that amounts and places (any, and those abroad) stand for: the word that they begin at, or that follows, →
    their bits."""
    bits = concept_bits()
    home = _home(reading)
    abroad = [place for place in places if place.unit not in home]
    striking = [amount for amount in amounts if _strikes(amount, home)]
    found: dict[int, int] = {}
    for facts, bit in (
        (amounts, bits["amount"]),
        (places, bits["town"]),
        (abroad, bits["country"]),
        (striking, bits["strike"]),
    ):
        for fact in facts:
            if reading.words:
                place = bisect_left(reading.spans, (fact.start or 0, 0))
                place = min(place, len(reading.words) - 1)
                found[place] = found.get(place, 0) | bit
    return found


def _home(reading: Reading) -> frozenset[str | None]:
    """Countries that are not abroad for the text: its source's, else those of its languages."""
    if reading.region is not None:
        return frozenset([reading.region])
    regions = read_yaml("phone_regions.yaml")
    return frozenset(code for language in reading.spoken for code in regions.get(language, ()))


def _strikes(amount: Fact, home: frozenset[str | None]) -> bool:
    """Whether a pay is striking for work without any skill; in foreign money half as much is."""
    currency, _, period = (amount.unit or "").partition("/")
    least = striking_pay().get(currency)
    times = _PER_MONTH.get(period or "month")
    if least is None or times is None:
        return False
    return (amount.number or 0) * times >= (least if currency in _currencies(home) else least / 2)


@cache
def _currencies(countries: frozenset[str | None]) -> frozenset[str]:
    """Currencies of the countries (CLDR)."""
    from babel.numbers import get_territory_currencies

    return frozenset(code for country in countries if country for code in get_territory_currencies(country))


def _ordinary_pay(reading: Reading, amounts: list[Fact]) -> bool:
    """Whether the text names pay, and none that is striking."""
    if not any(amount.kind in ("pay", "price") and amount.unit for amount in amounts):
        return False
    home = _home(reading)
    return not any(_strikes(amount, home) for amount in amounts)


def _field_facts(reading: Reading, about: str, rules: list[Rule]) -> list[Fact]:
    """Facts of a form field, whose meaning is known and whose text is often a bare name or number."""
    if about == "place":
        return list(find_places(reading, stated=True))
    if about == "nationality":
        return list(field_nationalities(reading))
    if about == "price":
        return list(find_amounts(reading))
    if about == "age":
        ages = list(find_ages(reading.lowered, rules)) or list(bare_age(reading.lowered))
        return [*ages, *_derived_signs(reading, ages, [])]
    raise ValueError(f"column 'about': unknown meaning {about!r}; known are place, nationality, age, price")


@cache
def _ethnicity_words() -> re.Pattern[str]:
    return re.compile(term_pattern([f"{word}*" for word in read_yaml("ethnicities.yaml")["words"]]))


def _is_of_a_minor(reading: Reading, age: Fact) -> bool:
    """Whether an age under eighteen is not that of an apprentice, a babysitter or a pupil on a placement."""
    if age.number is None or age.number >= 18:
        return False
    start, end = age.start or 0, age.end or 0
    return not any(taken_back(reading, language, AT_WORK, start, end) for language in reading.spoken)


def _derived_signs(reading: Reading, ages: list[Fact], nationalities: list[Fact]) -> list[Fact]:
    """Signs that follow from other facts: a claimed age under eighteen, ethnicity shown (never weighted)."""
    signs = []
    young = next((age for age in ages if _is_of_a_minor(reading, age)), None)
    if young is not None:
        rule_id = f"{young.rule_id}.minor"
        signs.append(
            Fact(
                "sign", "claimed_age_under_18", None, None, young.start, young.end, young.confidence, rule_id
            )
        )
    if nationalities:
        start, end, rule_id = nationalities[0].start, nationalities[0].end, "ethnicity.nationality"
        signs.append(Fact("sign", "ethnicity_shown", None, None, start, end, 0.5, rule_id))
    elif (shown := _ethnicity_words().search(reading.lowered)) is not None:
        signs.append(Fact("sign", "ethnicity_shown", None, None, *shown.span(), 0.5, "ethnicity.word"))
    return signs

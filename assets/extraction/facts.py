"""Facts of short texts, one row a fact: the frame in, the frame out."""

from __future__ import annotations

from functools import cache

import polars as pl

from assets.extraction.ages import ages_after_names, bare_age, find_ages
from assets.extraction.amounts import find_amounts
from assets.extraction.fact import Fact
from assets.extraction.languages import language_of
from assets.extraction.nationalities import find_nationalities
from assets.extraction.normalise import fold, normalise, offset_map
from assets.extraction.places import find_places, is_place_name
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.signs import find_signs

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
}


def extract_facts(texts: pl.DataFrame) -> pl.DataFrame:
    """Every fact stated in `texts`.

    In: `id` str, `text` str; optional `region` str (ISO 3166 alpha-2 of the source), `lang` str (ISO 639-1 hint) and
    `about` str: place, nationality, age or price for a text that is a form field of that meaning, null for prose.
    Out, a row per fact: `id`, `kind` (language, place, country, nationality, age, price, debt, pay, sign), `value`,
    `number`, `unit` (alpha-2 for places; currency, with "/period", for amounts; year for ages), `raw` (equals
    `text[start:end]`; empty for a fact of the whole text), `start`, `end` (null for the whole text), `confidence`
    0–1, `rule_id`. A null text has no facts.
    """
    frame = texts.select(
        pl.col("id").cast(pl.String),
        pl.col("text").cast(pl.String),
        (pl.col("region") if "region" in texts.columns else pl.lit(None)).cast(pl.String).alias("region"),
        (pl.col("lang") if "lang" in texts.columns else pl.lit(None)).cast(pl.String).alias("lang"),
        (pl.col("about") if "about" in texts.columns else pl.lit(None)).cast(pl.String).alias("about"),
    ).filter(pl.col("text").is_not_null())
    raws = frame["text"].to_list()
    regions = [region.upper() if region else None for region in frame["region"].to_list()]
    cased = [normalise(text) for text in raws]
    lowered = [_lowered(text) for text in cased]
    found: list[list[Fact]] = []
    read_in: list[tuple[str, ...]] = []
    abouts = frame["about"].to_list()
    for raw, hint, about in zip(raws, frame["lang"].to_list(), abouts, strict=True):
        if about is not None:
            found.append([])
            read_in.append(tuple(languages_with("nationalities")))
            continue
        language, confidence = language_of(raw, hint)
        facts = []
        if language is not None:
            facts.append(Fact("language", language, None, None, None, None, confidence, "language.langid"))
        found.append(facts)
        read_in.append(_languages_read(language, hint))
    for place, text in enumerate(lowered):
        if abouts[place] is not None:
            found[place].extend(
                _field_facts(cased[place], text, regions[place], abouts[place], read_in[place])
            )
            continue
        ages = list(find_ages(text, read_in[place]))
        known = {age.start for age in ages}
        ages += [age for age in ages_after_names(cased[place], is_place_name) if age.start not in known]
        nationalities = list(find_nationalities(text, read_in[place]))
        found[place].extend(find_places(cased[place], regions[place]))
        found[place].extend(nationalities)
        found[place].extend(ages)
        found[place].extend(find_amounts(text, regions[place]))
        found[place].extend(_derived_signs(text, ages, nationalities))
    prose = [place for place, about in enumerate(abouts) if about is None]
    for place, signs in _signs(lowered, read_in, prose).items():
        found[place].extend(signs)
    rows = []
    for identity, raw, facts in zip(frame["id"].to_list(), raws, found, strict=True):
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
                )
            )
    return pl.DataFrame(rows, schema=FACT_SCHEMA, orient="row")


def _lowered(text: str) -> str:
    """Lower case of the same length, so that places in it are places in the folded text."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _languages_read(language: str | None, hint: str | None) -> tuple[str, ...]:
    """Languages whose tables are applied: the text's, the source's, English; all when nothing is known."""
    known = [code for code in (language, hint.lower()[:2] if hint else None) if code]
    if not known:
        return tuple(languages_with("signs"))
    return tuple(dict.fromkeys([*known, "en"]))


def _field_facts(
    cased: str, text: str, region: str | None, about: str, languages: tuple[str, ...]
) -> list[Fact]:
    """Facts of a form field, whose meaning is known and whose text is often a bare name or number."""
    if about == "place":
        return list(find_places(cased, region, stated=True))
    if about == "nationality":
        return list(find_nationalities(text, languages, claimed=True))
    if about == "price":
        return list(find_amounts(text, region))
    if about == "age":
        ages = list(find_ages(text, languages)) or list(bare_age(text))
        return [*ages, *_derived_signs(text, ages, [])]
    raise ValueError(f"column 'about': unknown meaning {about!r}; known are place, nationality, age, price")


def _signs(texts: list[str], read_in: list[tuple[str, ...]], prose: list[int]) -> dict[int, list[Fact]]:
    """Texts read in the same languages are searched together."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place in prose:
        groups.setdefault(read_in[place], []).append(place)
    found: dict[int, list[Fact]] = {}
    for languages, places in groups.items():
        series = pl.Series("text", [texts[place] for place in places], dtype=pl.String)
        for place, facts in zip(places, find_signs(series, languages), strict=True):
            found[place] = facts
    return found


@cache
def _ethnicity_words() -> tuple[str, ...]:
    return tuple(f" {fold(word)}" for word in read_yaml("ethnicities.yaml")["words"])


def _derived_signs(text: str, ages: list[Fact], nationalities: list[Fact]) -> list[Fact]:
    """Signs that follow from other facts: a claimed age under eighteen, ethnicity shown (never weighted)."""
    signs = []
    for age in ages:
        if age.number is not None and age.number < 18:
            signs.append(
                Fact(
                    "sign",
                    "claimed_age_under_18",
                    None,
                    None,
                    age.start,
                    age.end,
                    age.confidence,
                    f"{age.rule_id}.minor",
                )
            )
            break
    padded = f" {text}"
    shown = next((padded.find(word) for word in _ethnicity_words() if word in padded), -1)
    if nationalities:
        first = nationalities[0]
        signs.append(
            Fact("sign", "ethnicity_shown", None, None, first.start, first.end, 0.5, "ethnicity.nationality")
        )
    elif shown >= 0:
        end = shown
        while end < len(text) and text[end].isalpha():
            end += 1
        signs.append(Fact("sign", "ethnicity_shown", None, None, shown, end, 0.5, "ethnicity.word"))
    return signs

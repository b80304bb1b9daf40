"""The telephone region of a text whose source has none: the country of the places that it names.

A number without a country code is dialled at home. Where the source does not say where that is, the place of the
advertisement does, if its places agree on one country; the text's language is asked after that (`regions_for`).
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from assets.extraction.places import find_places
from assets.extraction.reading import read
from assets.extraction.rule_files import languages_with


def home_region(place_text: str | None, text: str | None) -> str | None:
    """ISO 3166 alpha-2 of the country that the place field, else the text, is about; None when there are more."""
    return _country(place_text, True) if place_text else _country(text, False) if text else None


def with_home_regions(items: pl.DataFrame) -> pl.DataFrame:
    """The items (`region`, `text` and, in some tables, `place_text`, all String) with `region` filled where null."""
    without = items["region"].is_null()
    if not without.any():
        return items
    places = items["place_text"] if "place_text" in items.columns else [None] * items.height
    regions = [
        home_region(place, text) if is_without else region
        for region, is_without, place, text in zip(
            items["region"], without, places, items["text"], strict=True
        )
    ]
    return items.with_columns(pl.Series("region", regions, dtype=pl.String))


@lru_cache(maxsize=20_000)
def _country(text: str, stated: bool) -> str | None:
    reading = read(text, tuple(languages_with("nationalities")))
    countries = {fact.unit for fact in find_places(reading, stated=stated)}
    return countries.pop() if len(countries) == 1 else None

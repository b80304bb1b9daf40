"""Transit: what a text says lies between, not whatever country it names."""

import polars as pl
import pytest

from assets.detection.transit import transit_countries
from assets.extraction.facts import extract_facts


def _transit(text: str, lang: str) -> list[str]:
    found = extract_facts(pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]}))
    facts = found.rename({"id": "item_id", "start": "span_start", "end": "span_end"}).with_columns(
        pl.lit("text").alias("field")
    )
    return sorted(transit_countries(facts, pl.DataFrame({"item_id": ["1"], "text": [text]}))["country"])


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("We fly you via Istanbul to Madrid, room included.", "en", ["TR"]),
        ("You pass through Serbia and Hungary first, then Vienna.", "en", ["HU", "RS"]),
        ("Route: Bucharest → Tirana → Rome, all paid", "en", ["AL"]),
        ("Viaje pasando por Marruecos hasta España", "es", ["MA"]),
        ("Flug über Wien nach Hamburg", "de", ["AT"]),
        ("Поездка через Польшу в Берлин", "ru", ["PL"]),
        ("Vol de Bogota, escale à Paris, puis Barcelone", "fr", ["FR"]),
        ("Work in Spain for girls from Colombia, we also have rooms in Lisbon", "en", []),
        ("Calle Gran Vía Madrid, 20 min", "es", []),
        ("Siamo in Via Milano, vicino a Roma", "it", []),
        ("Paris - Lyon", "fr", []),
    ],
)
def test_only_what_is_passed_through_is_transit(text: str, lang: str, expected: list[str]) -> None:
    assert _transit(text, lang) == expected


def test_nothing_named_is_no_transit() -> None:
    facts = pl.DataFrame(
        schema={
            "item_id": pl.String,
            "kind": pl.String,
            "value": pl.String,
            "unit": pl.String,
            "field": pl.String,
            "span_start": pl.Int64,
            "span_end": pl.Int64,
        }
    )
    texts = pl.DataFrame(schema={"item_id": pl.String, "text": pl.String})
    assert transit_countries(facts, texts).is_empty()

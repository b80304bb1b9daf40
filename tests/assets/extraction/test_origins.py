"""Nationalities by a country a person is from, and by a flag beside a person."""

import polars as pl
import pytest

from assets.extraction.facts import extract_facts


def nationalities(text: str, lang: str, about: str | None = None) -> list[str]:
    """The claimed nationalities in the order of the facts."""
    frame = pl.DataFrame(
        [("1", text, lang, about)], schema=["id", "text", "lang", "about"], orient="row"
    ).cast(pl.String)
    return extract_facts(frame).filter(pl.col("kind") == "nationality")["value"].to_list()


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("es", "Chica nacida en Perú, discreta", ["PE"]),
        ("de", "Frau aus Polen, 40", ["PL"]),
        ("ru", "девушка из Узбекистана", ["UZ"]),
        ("ro", "vin din Moldova", ["MD"]),
        ("es", "🇨🇴 Lucía, novedad", ["CO"]),
        ("es", "Chicas colombianas y paraguayas", ["CO", "PY"]),
        ("en", "Lily, 26, Polish, new", ["PL"]),
        ("en", "I'm Portuguese, with references", ["PT"]),
        ("en", "Hi, I'm Rita, Italian, aged 21", ["IT"]),
        ("es", "hago griego, francés, tengo 22 años", []),
        ("en", "fluent in Russian, 24 years old", []),
        ("ro", "Maria din România", ["RO"]),
        ("de", "Ana, 22, aus Brasilien", ["BR"]),
        ("en", "Age: 24\nNationality: Brazil", ["BR"]),
        ("en", "Country: Spain, coffee from Brazil", []),
        ("en", "flights from Spain, wine from France", []),
        ("en", "girls wanted for work in Spain 🇪🇸 now", []),
        ("en", "Anna, I speak 🇬🇧 🇩🇪", []),
        ("en", "Anna 🇪🇺", []),
    ],
)
def test_a_person_is_of_the_country_said_or_flagged(lang: str, text: str, expected: list[str]) -> None:
    assert nationalities(text, lang) == expected


def test_a_flag_alone_fills_a_field_for_the_nationality() -> None:
    assert nationalities("🇹🇭", "en", "nationality") == ["TH"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Brazil", ["BR"]),
        ("brasil", ["BR"]),
        ("România", ["RO"]),
        ("Việt Nam", ["VN"]),
        ("Украина", ["UA"]),
        ("日本", ["JP"]),
        ("BR", ["BR"]),
        ("BRA", ["BR"]),
        ("BR/PT", ["BR", "PT"]),
        ("from Brazil", ["BR"]),
        ("Nationality: Brazil", ["BR"]),
        ("brasileira/o", ["BR"]),
        ("Nigeria / Ghana", ["NG", "GH"]),
        ("French Guiana", ["GF"]),
        ("Bosnia and Herzegovina", ["BA"]),
        ("Moldova (speaks Russian)", ["MD"]),
        ("Colombian, lives in Spain", ["CO"]),
        ("no", []),
        ("N/A", []),
        ("European", []),
        ("ask me", []),
    ],
)
def test_a_field_for_the_nationality_holds_names_and_codes_of_countries(
    field: str, expected: list[str]
) -> None:
    assert nationalities(field, "en", "nationality") == expected


@pytest.mark.parametrize(
    ("lang", "text", "codes"),
    [
        ("de", "Zwei Damen aus Polen und Tschechien", {"PL", "CZ"}),
        ("en", "girls from Romania, Moldova and Ukraine", {"RO", "MD", "UA"}),
        ("uk", "дві з Молдови", {"MD"}),
        ("en", "flights from Poland and Romania", set()),
    ],
)
def test_people_are_from_all_the_countries_of_a_list(lang: str, text: str, codes: set[str]) -> None:
    facts = extract_facts(pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]}))
    assert set(facts.filter(pl.col("kind") == "nationality")["value"]) == codes

"""Numbers that a remark of their writer tells how to read, and rows that are none, in words of many languages."""

import polars as pl
import pytest

from assets.extraction.identifiers import extract_identifiers
from assets.extraction.number_series import is_price_row


def phones(text: str, region: str | None, language: str | None) -> list[tuple[str, str, bool, str]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region], "lang": [language]})
    found = extract_identifiers(frame).filter(pl.col("kind") == "phone").to_dicts()
    assert all(text[row["start"] : row["end"]] == row["raw"] for row in found)
    return [(row["value"], row["raw"], row["obscured"], row["method"]) for row in found]


@pytest.mark.parametrize(
    ("text", "region", "language", "value"),
    [
        ("172009007 70 read from right to left", "GB", "en", "+447700900271"),
        ("ligue lendo de trás para a frente: 648 000 019", "PT", "pt", "+351910000846"),
        ("czytaj od tyłu: 395 000 005", "PL", "pl", "+48500000593"),
        ("von hinten nach vorne: 92002931710", "DE", "de", "+491713920029"),
        ("visszafelé olvasd: 951 0000 02 60", "HU", "hu", "+36200000159"),
        ("задом наперёд: 51620000098", "RU", "ru", "+79000002615"),
    ],
)
def test_a_remark_turns_the_digits_round_also_where_they_are_a_number_forwards(
    text: str, region: str, language: str, value: str
) -> None:
    (found,) = phones(text, region, language)
    assert found[0] == value
    assert found[2:] == (True, "reversed")


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("rückwärts gezählt: 10, 9, 8, 7, 6, 5, 4", "DE"),
        ("al contrario 100 90 80 70 60", "IT"),
        ("90-60-90, 168 cm, 24 lata, 150 200 300", "PL"),
        ("factuurnr 06-10000247", "NL"),
        ("objednávka č. 601 000 123", "CZ"),
        ("nº de serie 600000123 garantía 2 años", "ES"),
        ("Rechnungsnummer 0171 39200 12", "DE"),
    ],
)
def test_counts_prices_and_numbers_of_papers_are_none(text: str, region: str) -> None:
    assert phones(text, region, None) == []


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("dial in the combination 07 70 09 00 12 3", "GB"),
        ("contador del agua 600000123", "ES"),
        ("código de reserva seis cero cero cero cero cero uno dos tres", "ES"),
        ("avis d'imposition 06 39 98 12 34", "FR"),
        ("Zählerstand 0171 39200 12 am Montag", "DE"),
        ("número de contribuinte 910000123", "PT"),
        ("numer licznika 500000123", "PL"),
        ("показания счётчика 8 900 000 01 23", "RU"),
    ],
)
def test_words_for_papers_meters_and_draws_speak_over_two_words(text: str, region: str) -> None:
    assert phones(text, region, None) == []


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        ("paket 123456 da, 0171 39200 12", "DE", "+491713920012"),
        ("lost your parcel? call 07700 900123", "GB", "+447700900123"),
        ("ganzes Komplettpaket, 0171 39200 12", "DE", "+491713920012"),
        ("tirage de cartes, 06 39 98 12 34", "FR", "+33639981234"),
        ("bolos por encomenda simples, 910 000 123", "PT", "+351910000123"),
        ("contador de historias, tel. 600 000 123", "ES", "+34600000123"),
    ],
)
def test_words_for_papers_are_silent_over_figures_and_words_for_phones(
    text: str, region: str, value: str
) -> None:
    assert [found for found, *_ in phones(text, region, None)] == [value]


def test_a_price_before_a_number_ends_at_its_comma() -> None:
    assert phones("Kamer te huur Utrecht €550, 06-10000247 (Joris)", "NL", "nl") == [
        ("+31610000247", "06-10000247", False, "plain")
    ]


def test_round_rising_amounts_are_prices_and_others_are_not() -> None:
    assert is_price_row(["150", "200", "300"])
    assert not is_price_row(["600", "000", "010"])
    assert not is_price_row(["150", "200", "305"])
    assert not is_price_row(["150", "200"])

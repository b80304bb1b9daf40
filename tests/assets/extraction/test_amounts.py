"""Amounts: thousands in words, and debts by the verbs of owing."""

import polars as pl
import pytest

from assets.extraction.facts import extract_facts


@pytest.mark.parametrize(
    ("lang", "text", "kind", "amount", "currency"),
    [
        ("pl", "Jestem winna 7 tysięcy złotych za przejazd", "debt", 7000, "PLN"),
        ("ru", "Говорят должны по 80 тысяч рублей за дорогу", "debt", 80000, "RUB"),
        ("uk", "Кажуть що винна 2 тисячі гривень", "debt", 2000, "UAH"),
        ("ro", "Îi datorez 2.200 euro pe drum", "debt", 2200, "EUR"),
        ("ru", "Кандидаты должны знать язык, оклад 45 000 руб.", "pay", 45000, "RUB"),
    ],
)
def test_thousands_in_words_and_debts_by_their_verbs(
    lang: str, text: str, kind: str, amount: float, currency: str
) -> None:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]})
    found = extract_facts(frame).filter(pl.col("unit").is_not_null() & (pl.col("kind") == kind))
    assert [(row[0], row[1][:3]) for row in found.select("number", "unit").rows()] == [(amount, currency)]


def _amounts(text: str, lang: str, region: str) -> set[tuple[str, float]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang], "region": [region]})
    found = extract_facts(frame).filter(pl.col("kind").is_in(["price", "pay", "debt", "fee"]))
    return set(found.select("kind", "number").rows())


@pytest.mark.parametrize(
    ("lang", "region", "text", "amounts"),
    [
        ("en", "GB", "120 roses an hour, 80 hh", {("price", 120), ("price", 80)}),
        ("en", "GB", "30 min 80, 1h 140, 2h 250", {("price", 80), ("price", 140), ("price", 250)}),
        ("es", "ES", "ciento veinte euros la hora", {("price", 120)}),
        ("de", "DE", "zweihundertfünfzig Euro für die ganze Nacht", {("price", 250)}),
        ("ru", "RU", "час три тысячи рублей", {("price", 3000)}),
        ("fr", "FR", "entre 80 et 150 €", {("price", 80), ("price", 150)}),
        ("es", "ES", "Camarera para verano, 1.300 netos al mes", {("pay", 1300)}),
        ("en", "GB", "Packers wanted in Leeds, £11.80 per hour", {("pay", 11.8)}),
        ("ru", "RU", "Официантка, зп от 60 до 80 тысяч рублей", {("pay", 60000), ("pay", 80000)}),
        ("de", "DE", "300 Euro für die Papiere zahlst du vorher", {("fee", 300)}),
        ("nl", "NL", "bed 95 euro per week, gaat van je loon af", {("fee", 95)}),
        ("en", "GB", "He says I still owe him 5,000", {("debt", 5000)}),
        ("en", "GB", "Police seized £45,000 in cash", set()),
        ("es", "ES", "Multa de 500 euros por aparcar", set()),
        ("en", "GB", "We are open 24 hours, height 170, 5 min from 120 Main Street", set()),
        ("es", "ES", "Tengo 25 años, mido 170 y peso 55, 90-60-90", set()),
        ("en", "GB", "call 0161 496 0123 24h, code 1234", set()),
    ],
)
def test_money_is_told_by_currency_words_periods_and_its_sentence(
    lang: str, region: str, text: str, amounts: set[tuple[str, float]]
) -> None:
    assert _amounts(text, lang, region) == amounts

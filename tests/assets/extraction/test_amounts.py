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

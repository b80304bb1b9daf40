"""Warnings and news, which tell of others, and the advertisements under which they stand."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.facts import extract_facts
from assets.extraction.reading import read
from assets.extraction.told_of_others import covered_spans


def told(text: str, lang: str) -> set[str]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]})
    facts = extract_facts(frame).filter(pl.col("kind").is_in(["sign", "debt", "fee"]))
    return {value or kind for kind, value in facts.select("kind", "value").iter_rows()}


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("The lady of the flat keeps my passport. Helpline", "en"),
        (
            "Mia, 26, Leeds. The boss keeps the passport. Call 07700 900321\n"
            "Terms: ads for trafficking are reported to the police",
            "en",
        ),
        (
            "The lady of the flat keeps my passport\n\nIf you suspect trafficking, report it to the police",
            "en",
        ),
        (
            "Helpline for victims: 07700 900990. Police help, too. The lady of the flat keeps my passport",
            "en",
        ),
        ("Are you alone? Helpline 07700 900990. The lady of the flat keeps my passport", "en"),
        (
            "Ada, 27 anni. I documenti li tiene il capo. Contro lo sfruttamento numero verde 320 000 0900",
            "it",
        ),
        ("Bia, 27 anos. O passaporte está com a patroa. Linha de apoio à vítima: 910 000 900", "pt"),
        ("Mój paszport ma szef. Telefon zaufania dla ofiar", "pl"),
        ("Мой паспорт у хозяина квартиры. Горячая линия помощи: +7 900 000 09 00", "ru"),
        ("Mi pasaporte lo guarda el encargado. Si sospechas de trata, denuncia en la policía", "es"),
    ],
)
def test_a_help_line_takes_back_no_other_sentence_of_an_advertisement(text: str, lang: str) -> None:
    assert "documents_held" in told(text, lang)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Do they keep your passport? Are you not paid? Call our helpline", "en"),
        (
            "They keep your passport. You owe them for the trip. You are not allowed to leave the house. "
            "You are not alone: call our helpline 0800 555 0100, free.",
            "en",
        ),
        (
            "Police freed nine women in Leeds\nThe boss kept their passports. They owed 5,000 euros for the trip. "
            "Three men were arrested.",
            "en",
        ),
        (
            "Thirty women freed. The boss kept their passports. Police arrested four men, officials said.",
            "en",
        ),
        ("Beware of scams! They ask for 300 euros for the visa. The agency keeps your passport.", "en"),
        ("Nunca entregues tu pasaporte al jefe. Línea de ayuda gratuita", "es"),
    ],
)
def test_a_notice_and_an_article_tell_nothing_of_their_writer(text: str, lang: str) -> None:
    assert told(text, lang) <= {"fee"}


def test_a_debt_told_behind_the_footer_of_a_site_stays() -> None:
    text = "Ana, 25. Still owe 6,000 euros for the trip\nTrafficking is reported to the police"
    assert "debt" in told(text, "en")


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("helpline police said? my.\n é0712")), st.booleans())
def test_spans_are_in_the_text_and_in_order(text: str, offers: bool) -> None:
    reading = read(text, ("en",))
    reading.spoken = ("en",)
    spans = covered_spans(reading, [], offers)
    assert all(0 <= low < high <= len(text) for low, high in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))

"""Numbers whose parts stand in lines of their own or in title and text, and numbers dressed up as prices."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.identifiers import extract_identifiers
from assets.extraction.priced_digits import find_priced_phones
from assets.extraction.scattered_numbers import find_scattered_phone


def phones(text: str, region: str, language: str | None = None) -> list[tuple[str, str, bool, str]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region], "lang": [language]})
    found = extract_identifiers(frame).filter(pl.col("kind") == "phone").to_dicts()
    assert all(text[row["start"] : row["end"]] == row["raw"] for row in found)
    return [(row["value"], row["raw"], row["obscured"], row["method"]) for row in found]


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        ("Julia 06 39\nje reçois à Tours\n98 26\nPas de numéros masqués\n81", "FR", "+33639982681"),
        (
            "CAMARERAS 600 000\nalojamiento opcional. Completa el teléfono del título con 517",
            "ES",
            "+34600000517",
        ),
        ("Massage 06 1000\nlaatste vier cijfers van mijn mobiel: 0 drie zes 2", "NL", "+31610000362"),
        ("646 - text me - 555 - anytime - 0162", "US", "+16465550162"),
        ("600 mi vida 000 lindo 517 ya", "ES", "+34600000517"),
        ("020 darling 7946 sweet 0052", "GB", "+442079460052"),
        ("Катя 8900\nтолько звонки\n000\nне ночью\n62 79", "RU", "+79000006279"),
    ],
)
def test_all_figures_of_a_text_are_one_number(text: str, region: str, value: str) -> None:
    ((found, raw, obscured, method),) = phones(text, region)
    assert (found, obscured, method) == (value, True, "scattered")
    assert raw[0].isdigit()
    assert raw[-1].isdigit()


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Chapitre 06\n39 pages\n98 notes\n01 index\n23 photos", "FR"),
        ("últimas cuatro cifras de la tarjeta 0214, importe 600 000", "ES"),
        ("600 000\nlas últimas dos cifras: 517", "ES"),
        ("My score: 07700\nNext level\n900\nLevel\n123 coins", "GB"),
        ("Sala 600\nAforo 000\nMesa 123", "ES"),
        ("Piso 600, puerta 000, pedido 123", "ES"),
        ("PLZ 01713, Haus 39, Zimmer 200", "DE"),
        ("600 euros 000 dolares 123 libras", "ES"),
        ("600 mi vida. 000 lindo 517", "ES"),
        ("£80 £120 £150 £200 £900, call before 9", "GB"),
        ("80€ 120€ 150€ 600€, sin prisas", "ES"),
        ("06% 39% 12% of the votes", "FR"),
        ("500zł, 600zł, 700zł za noc", "PL"),
        ("farina 320, poi 100, poi 50, infine 12", "IT"),
    ],
)
def test_other_figures_in_lines_and_prices_are_none(text: str, region: str) -> None:
    assert phones(text, region) == []


@pytest.mark.parametrize(
    ("text", "region", "value", "raw"),
    [
        ("£077 £009 £003 £81 read it without the pounds", "GB", "+447700900381", "£077 £009 £003 £81"),
        ("600€ 000€ 392€ quita los euros y llama", "ES", "+34600000392", "600€ 000€ 392€"),
        ("500zł 000zł 527zł", "PL", "+48500000527", "500zł 000zł 527zł"),
        ("077 pounds 009 pounds 001 pounds 23", "GB", "+447700900123", "077 pounds 009 pounds 001 pounds 23"),
        ("5%0%0%0%0%0%2%5%9", "PL", "+48500000259", "5%0%0%0%0%0%2%5%9"),
    ],
)
def test_signs_of_money_are_left_out_where_the_digits_are_no_prices(
    text: str, region: str, value: str, raw: str
) -> None:
    assert phones(text, region) == [(value, raw, True, "separated")]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["06", "39", "600", "000", "\n", "last", "four", "call", "£0", "7€", "zero", "(", "€"]
        )
        | st.text(max_size=4),
        max_size=20,
    )
)
def test_no_text_raises(tokens: list[str]) -> None:
    text = " ".join(tokens)
    one = find_scattered_phone(text, "ES", "es")
    assert one is None or 0 <= one.start < one.end <= len(text)
    assert all(0 <= found.start < found.end <= len(text) for found in find_priced_phones(text, "GB", None))

"""Numbers of seven languages: value, qualifier, unit, and literal spans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.statistics.folding import fold
from assets.statistics.language_data import languages
from assets.statistics.numbers import digits_value, find_quantities


@pytest.mark.parametrize(
    ("language", "text", "value", "qualifier", "unit"),
    [
        ("en", "nearly two dozen people", 24, "nearly", None),
        ("en", "one hundred and fifty raids", 150, "exact", None),
        ("en", "more than £1.2million", 1_200_000, "at_least", "GBP"),
        ("en", "some 18k accounts", 18_000, "approx", None),
        ("en", "US$3.5bn", 3_500_000_000, "exact", "USD"),
        ("en", "over 80GB of data", 80, "at_least", "GB"),
        ("es", "casi 3 500 personas", 3500, "nearly", None),
        ("es", "treinta y un detenidos", 31, "exact", None),
        ("es", "5.937.589,70 euros", 5_937_589.70, "exact", "EUR"),
        ("es", "1,5 mil millones de euros", 1_500_000_000, "exact", "EUR"),
        ("es", "1,340 migrantes", 1340, "exact", None),
        ("es", "3 mil 200 elementos", 3200, "exact", None),
        ("pt", "mais de 3 mil celas", 3000, "at_least", None),
        ("pt", "vinte e um presos", 21, "exact", None),
        ("pt", "R$ 184 mil", 184_000, "exact", "BRL"),
        ("fr", "près de 4\u202f000 policiers", 4000, "nearly", None),
        ("fr", "vingt et une perquisitions", 21, "exact", None),
        ("fr", "une trentaine d'enquêtes", 30, "approx", None),
        ("fr", "1,1 milliard d’USD", 1_100_000_000, "exact", "USD"),
        ("de", "zweiundvierzig Verdächtige", 42, "exact", None),
        ("de", "rund 3,5 Mio. Euro", 3_500_000, "approx", "EUR"),
        ("de", "über 1.250 Einsatzkräfte", 1250, "at_least", None),
        ("nl", "ruim tweeëntwintig agenten", 22, "at_least", None),
        ("nl", "bijna 1,8 miljoen gebruikers", 1_800_000, "nearly", None),
        ("it", "ventotto arresti", 28, "exact", None),
        ("it", "oltre 2,3 milioni di euro", 2_300_000, "at_least", "EUR"),
        ("it", "centoventi persone", 120, "exact", None),
        ("en", "half a tonne of resin", 0.5, "exact", "t"),
        ("en", "two and a half million rupees", 2_500_000, "exact", "INR"),
        ("en", "half a dozen vans", 6, "exact", None),
        ("es", "kilo y medio de polvo", 1.5, "exact", "kg"),
        ("es", "más de un millón y medio de euros", 1_500_000, "at_least", "EUR"),
        ("es", "medio centenar de guardias", 50, "approx", None),
        ("fr", "une demi-douzaine de camions", 6, "exact", None),
        ("fr", "deux tonnes et demie de tabac", 2.5, "exact", "t"),
        ("pt", "meia tonelada de areia", 0.5, "exact", "t"),
        ("de", "anderthalb Tonnen Tabak", 1.5, "exact", "t"),
        ("de", "rd. 2,4 Mio. Euro", 2_400_000, "approx", "EUR"),
        ("nl", "tweeënhalf miljoen euro", 2_500_000, "exact", "EUR"),
        ("it", "quasi un chilo e mezzo di polvere", 1.5, "nearly", "kg"),
    ],
)
def test_a_number_is_read_in_its_language(
    language: str, text: str, value: float, qualifier: str, unit: str | None
) -> None:
    quantities = find_quantities(text, language)
    assert [(q.value, q.qualifier, q.unit) for q in quantities] == [(value, qualifier, unit)]


@pytest.mark.parametrize("text", ["2nd", "Q4", "C2 server", "15th man", "no16"])
def test_ordinals_and_codes_are_no_numbers(text: str) -> None:
    assert find_quantities(text, "en") == []


def test_a_lower_case_word_is_no_currency_code() -> None:
    assert find_quantities("19 pen drives", "pt")[0].kind == "count"
    assert find_quantities("19 PEN", "es")[0].unit == "PEN"


def test_three_digits_after_one_separator_are_thousands_for_counts_and_decimals_for_weights() -> None:
    assert digits_value("1,340", ",", is_measured=False) == 1340
    assert digits_value("1,340", ",", is_measured=True) == 1.34
    assert digits_value("0,125", ",", is_measured=False) == 0.125


@given(st.sampled_from(languages()), st.integers(min_value=0, max_value=10**9))
def test_grouped_digits_come_back_in_every_language(language: str, number: int) -> None:
    separator = "," if language == "en" else "."
    written = f"{number:,}".replace(",", separator)
    assert find_quantities(f"{written} x", language)[0].value == number


@given(st.sampled_from(languages()), st.text(max_size=300))
def test_any_text_is_read_without_error_and_spans_lie_within_it(language: str, text: str) -> None:
    assert len(fold(text)) == len(text)
    for quantity in find_quantities(text, language):
        assert 0 <= quantity.start <= quantity.number_start < quantity.number_end <= quantity.end <= len(text)

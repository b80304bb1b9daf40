"""The short way to numbers dictated digit by digit finds what reading the words one by one finds."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction import digit_runs
from assets.extraction.identifiers import extract_identifiers
from assets.extraction.number_words import all_number_words

BEGINNINGS = ["077009001", "60000001", "063998123", "030231251", "00346000000", "12345678", "1357"]
WORDS = {
    language: [
        [phrase[0] for phrase, value in table.values.items() if value == digit and len(phrase) == 1] or ["?"]
        for digit in range(10)
    ]
    for language, table in all_number_words().items()
}


@st.composite
def dictated(draw: st.DrawFn) -> tuple[str, str | None, str | None]:
    digits = draw(st.sampled_from(BEGINNINGS)) + draw(st.text("0123456789", max_size=4))
    language = draw(st.sampled_from(sorted(WORDS)))
    other = draw(st.sampled_from(["en", "es", language]))
    spell = {
        "word": lambda digit: draw(st.sampled_from(WORDS[language][int(digit)])),
        "other": lambda digit: draw(st.sampled_from(WORDS[other][int(digit)])),
        "figure": lambda digit: digit,
    }
    ways = draw(st.sampled_from([["word"], ["word", "word", "figure"], ["word", "other"]]))
    gap = draw(st.sampled_from([" ", " ", "", "  ", " - "]))
    row = gap.join(spell[draw(st.sampled_from(ways))](digit) for digit in digits)
    before, after = (
        draw(st.sampled_from(["", "quiet place ", "x", "tel "])),
        draw(st.sampled_from(["", " here", " €"])),
    )
    region, hint = (
        draw(st.sampled_from(["GB", "ES", "FR", "DE", None])),
        draw(st.sampled_from([language, "en", None])),
    )
    return before + draw(st.sampled_from([row, row.upper()])) + after, region, hint


@given(st.lists(dictated(), min_size=10, max_size=10))
@settings(max_examples=40, deadline=None)
def test_the_short_way_leads_where_the_long_one_leads(
    texts: list[tuple[str, str | None, str | None]],
) -> None:
    frame = pl.DataFrame(
        [(str(place), *text) for place, text in enumerate(texts)],
        schema={"id": pl.String, "text": pl.String, "region": pl.String, "lang": pl.String},
        orient="row",
    )
    found = extract_identifiers(frame)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(digit_runs, "dictated_number", lambda *_: None)
        assert found.rows() == extract_identifiers(frame).rows()


@pytest.mark.parametrize(
    ("text", "region", "lang", "value"),
    [
        ("seven zero nine seven seven zero zero nine zero zero one two", None, "en", None),
        ("zero seven seven zero zero nine zero zero one two three", "GB", "en", "+447700900123"),
        ("zero quatre six cinq sept un quatre six cinq sept", "FR", "fr", "+33465714657"),
        ("seis0cero 0 cero cero cero uno dos", "ES", "es", "+34600000012"),
        ("seiscerocerocerocerocerocerounodos", "ES", "es", "+34600000012"),
    ],
)
def test_dictated_numbers_are_read(text: str, region: str | None, lang: str, value: str | None) -> None:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region], "lang": [lang]}).cast(pl.String)
    assert extract_identifiers(frame)["value"].to_list() == ([] if value is None else [value])

"""National numbers of another country than the text's, where words or a flag beside them say so."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.foreign_numbers import countries_said, find_foreign_phones
from assets.extraction.identifiers import extract_identifiers


def phones(text: str, region: str | None) -> list[tuple[str, str]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region]})
    found = extract_identifiers(frame).filter(pl.col("kind") == "phone").to_dicts()
    assert all(text[row["start"] : row["end"]] == row["raw"] for row in found)
    return [(row["value"], row["raw"]) for row in found]


@pytest.mark.parametrize(
    ("text", "region", "value", "raw"),
    [
        ("de momento mi cel de Colombia 300 000 0246", "ES", "+573000000246", "300 000 0246"),
        ("per ora ho numero polacco 500 000 382, Zuzanna", "IT", "+48500000382", "500 000 382"),
        ("Sunt în Milano acum, nr italian 320 000 0793", "RO", "+393200000793", "320 000 0793"),
        ("rumänische Handynummer 0700 000 579", "DE", "+40700000579", "0700 000 579"),
        ("call me on 500 000 592 (Polish number)", "GB", "+48500000592", "500 000 592"),
        ("украинский номер 050 000 25 92", "RU", "+380500002592", "050 000 25 92"),
        ("🇵🇱 500 000 481", "ES", "+48500000481", "500 000 481"),
        ("Alman numaram 0171 392 00 16", "TR", "+491713920016", "0171 392 00 16"),
    ],
)
def test_the_writer_says_of_which_country_a_number_is(text: str, region: str, value: str, raw: str) -> None:
    assert phones(text, region) == [(value, raw)]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Italian girl in town, cell 320 555 0142", "US"),
        ("Polish builders: 500 000 of them, 123 firms", "GB"),
        ("en Italia 320 000 0793 contagios", "ES"),
        ("order number Italy 320 000 07 units", "GB"),
        ("🇵🇱 500 🇩🇪 300 🇫🇷 286 medals", "GB"),
    ],
)
def test_a_country_in_passing_gives_no_number_to_it(text: str, region: str) -> None:
    assert not [value for value, _ in phones(text, region) if not value.startswith("+1")]


def test_no_word_names_two_countries() -> None:
    assert countries_said()["polnische"] == "PL"
    assert all(word == word.lower() and len(region) == 2 for word, region in countries_said().items())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["polish", "number", "500 000 382", "🇵🇱", "(", ":", "de", "cel"])
        | st.text(max_size=5)
    )
)
def test_no_text_raises(tokens: list[str]) -> None:
    text = " ".join(tokens)
    assert all(0 <= found.start < found.end <= len(text) for found in find_foreign_phones(text, "IT"))

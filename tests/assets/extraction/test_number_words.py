"""Reading number words: the tables are complete, and composed numbers read as people say them."""

import pytest

from assets.extraction.number_words import (
    READINGS,
    Part,
    all_number_words,
    number_words,
    read_digits,
    split_token,
)


def read(text: str, language: str, reading: int = 0) -> str:
    parts = []
    for token in text.replace("-", " ").split():
        pieces = split_token(token, language)
        assert pieces is not None, token
        parts.extend(Part(word, 0, 0, True) for word, _, _ in pieces)
    return " ".join(digits for digits, _, _ in read_digits(parts, number_words(language), READINGS[reading]))


@pytest.mark.parametrize("language", sorted(all_number_words()))
def test_a_language_names_every_digit_teen_and_ten(language: str) -> None:
    values = set(number_words(language).values.values())
    assert set(range(20)) | set(range(20, 100, 10)) <= values


@pytest.mark.parametrize(
    ("language", "text", "digits"),
    [
        ("en", "seventy seven", "77"),
        ("en", "double oh seven", "00 7"),
        ("en", "triple five one", "555 1"),
        ("en", "nine hundred and one", "901"),
        ("es", "setenta y siete", "77"),
        ("es", "seiscientos doce", "612"),
        ("es", "veintidos", "22"),
        ("pt", "trinta e quatro", "34"),
        ("pt", "meia nove", "6 9"),
        ("fr", "quatre vingt dix huit", "98"),
        ("fr", "soixante et onze", "71"),
        ("fr", "vingt et un", "21"),
        ("fr", "quatre vingts", "80"),
        ("fr", "cent douze", "112"),
        ("de", "siebenundsiebzig", "77"),
        ("de", "sieben und siebzig", "77"),
        ("de", "einhundertzwoelf", "112"),
        ("nl", "vijfenveertig", "45"),
        ("it", "trentotto", "38"),
        ("it", "settantasette", "77"),
        ("ro", "treizeci si patru", "34"),
        ("pl", "szescset siedemdziesiat osiem", "678"),
        ("ru", "девятьсот двенадцать", "912"),
        ("uk", "тридцять чотири", "34"),
    ],
)
def test_a_composed_number_reads_as_it_is_said(language: str, text: str, digits: str) -> None:
    assert read(text, language) == digits


def test_a_hundred_may_also_end_before_what_follows() -> None:
    assert read("nine hundred one two three", "en", reading=1) == "900 1 2 3"


@pytest.mark.parametrize("token", ["phone", "often", "someone", "weight", "tennis", "money"])
def test_a_word_that_only_contains_a_number_is_none(token: str) -> None:
    assert split_token(token, "en") is None

"""Everyday senses of words: the same in all languages, and found in their texts."""

import pytest

from assets.extraction.reading import read
from assets.extraction.rule_files import languages_with, read_yaml
from assets.extraction.senses import sense_bits, word_senses


def senses(text: str, language: str) -> list[set[str]]:
    return [
        {name for name, bit in sense_bits().items() if mask & bit}
        for mask in word_senses(read(text), language)
    ]


@pytest.mark.parametrize("language", languages_with("senses"))
def test_every_language_has_every_sense_and_words_for_it(language: str) -> None:
    table = read_yaml(f"senses/{language}.yaml")
    assert table["language"] == language
    assert list(table["concepts"]) == list(sense_bits())
    assert all(table["concepts"].values())
    assert languages_with("senses") == languages_with("concepts")
    word_senses(read("x"), language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("my mum locked", "en", [{"i"}, {"mother"}, {"lock"}]),
        ("Mi mamá cerró", "es", [{"i"}, {"mother"}, {"lock"}]),
        ("мама закрыла", "ru", [{"mother"}, {"lock"}]),
        ("xyzzy", "en", [set()]),
    ],
)
def test_words_have_their_senses(text: str, language: str, expected: list[set[str]]) -> None:
    found = senses(text, language)
    assert len(found) == len(expected)
    assert all(one <= other for one, other in zip(expected, found, strict=True))


def test_a_language_without_a_lexicon_has_no_senses() -> None:
    assert word_senses(read("a b"), "xx") == [0, 0]

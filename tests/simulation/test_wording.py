"""What items say: identifiers are in the text, plainly or in disguise."""

import re
import unicodedata
from datetime import date

import phonenumbers
import pytest

from simulation.items import ADULT, DOMESTIC, HOME_REGION, SITES
from simulation.number_words import number_word
from simulation.obscuring import STYLES, obscured, plain
from simulation.phones import RANGES, PhoneBook, is_reserved
from simulation.randomness import stream
from simulation.wording import write
from simulation.world import World


@pytest.fixture(scope="module")
def small() -> World:
    return World(7, "small", date(2026, 11, 20))


def _digits(text: str, language: str) -> str:
    """Every digit of `text`, however written; the reading of somebody who knows language and styles."""
    text = text.replace("➕", "+")
    for value in sorted(range(100), key=lambda value: -len(number_word(value, language))):
        text = re.sub(rf"\b{number_word(value, language)}\b", str(value), text)
    text = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in text if sign.isdigit())


@pytest.mark.parametrize("style", sorted(STYLES))
@pytest.mark.parametrize("language", ["en", "es", "pt", "fr", "de", "ro"])
def test_each_disguise_keeps_all_digits(style: str, language: str) -> None:
    random = stream(1, style, language)
    book = PhoneBook(random)
    for country in ("FR", "GB", "DE", "US", "ES"):
        phone = book.take(country)
        shown = obscured(phone, "FR", language, random, style)
        assert shown not in (phone.e164, phone.national)
        if style == "leet":
            shown = shown.replace("O", "0").replace("l", "1").replace("I", "1")
        assert _digits(shown, language) in (phone.e164[1:], phone.national)


@pytest.mark.parametrize(
    ("value", "language", "word"),
    [
        (71, "fr", "soixante et onze"),
        (80, "fr", "quatre-vingts"),
        (81, "fr", "quatre-vingt-un"),
        (99, "fr", "quatre-vingt-dix-neuf"),
        (21, "es", "veintiuno"),
        (36, "es", "treinta y seis"),
        (21, "de", "einundzwanzig"),
        (45, "pt", "quarenta e cinco"),
        (52, "ro", "cincizeci și doi"),
        (99, "en", "ninety-nine"),
    ],
)
def test_numbers_are_told_as_the_language_tells_them(value: int, language: str, word: str) -> None:
    assert number_word(value, language) == word


@pytest.mark.parametrize("country", sorted(RANGES))
def test_plain_numbers_are_read_by_the_standard_library_of_numbers(country: str) -> None:
    random = stream(2, country)
    book = PhoneBook(random)
    for region in (country, "FR", "GB"):
        for _ in range(20):
            phone = book.take(country)
            read = phonenumbers.parse(plain(phone, region, random), region)
            assert phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164) == phone.e164


def test_no_number_is_handed_out_twice() -> None:
    book = PhoneBook(stream(3))
    taken = [book.take(country).e164 for country in ("SE", "ES", "RO") for _ in range(1_500)]
    assert len(set(taken)) == len(taken)
    assert all(is_reserved(number) for number in taken)


@pytest.mark.parametrize(
    "number", ["+33612345678", "+442079461234", "+12125550099", "+12125550200", "+4917139200123"]
)
def test_a_number_outside_the_reserved_ranges_is_told_apart(number: str) -> None:
    assert not is_reserved(number)


def test_every_identifier_stands_in_its_item(small: World) -> None:
    for site in SITES:
        for item in small.items[site]:
            words = write(item, small.seed)
            everything = f"{words.title}\n{words.text}\n{words.phone or ''}"
            hidden = 1 if item.obscured else 0
            for identifier in item.identifiers:
                if identifier.phone is None:
                    assert identifier.value in everything
                    assert identifier.kind != "username" or 5 <= len(identifier.value) <= 32
                else:
                    digits = re.sub(r"\D", "", everything.replace("(0)", ""))
                    shown = identifier.phone.national in digits or identifier.value[1:] in digits
                    hidden -= not shown
            assert hidden >= 0, "one disguised number at most"
            assert "<" not in everything.replace("<br", ""), "an open slot"


def test_the_same_author_re_uses_a_template_word_for_word(small: World) -> None:
    by_template: dict[tuple[str, str, str], set[str]] = {}
    for item in small.items[ADULT]:
        if item.controller and item.template and not item.signs:
            first = re.sub(r"[\d\W_]+", " ", write(item, small.seed).text)[:25]
            by_template.setdefault((item.template, item.language, item.city), set()).add(first)
    repeated = [texts for texts in by_template.values() if len(texts) == 1]
    assert repeated


def test_the_countries_of_sites_are_dialled_at_home(small: World) -> None:
    national = sum(
        bool(words.phone and not words.phone.startswith(("+", "00")))
        for words in (write(item, small.seed) for item in small.items[DOMESTIC])
    )
    assert national > 3
    assert HOME_REGION[DOMESTIC] == "DE"

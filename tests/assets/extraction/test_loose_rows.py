"""Numbers whose parts are misspelt, set apart by words or spoken in languages that are read at home only."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.almost_words import guesses, sound
from assets.extraction.identifiers import extract_identifiers
from assets.extraction.loose_rows import find_loose_phones
from assets.extraction.number_words import number_words
from assets.extraction.rule_files import languages_with
from assets.extraction.then_words import then_words


def phones(text: str, region: str | None, language: str | None) -> list[tuple[str, str, bool, str]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region], "lang": [language]})
    found = extract_identifiers(frame).filter(pl.col("kind") == "phone").to_dicts()
    assert all(text[row["start"] : row["end"]] == row["raw"] for row in found)
    return [(row["value"], row["raw"], row["obscured"], row["method"]) for row in found]


@pytest.mark.parametrize(
    ("text", "region", "language", "value", "method"),
    [
        ("ask: tree oh 5 fyve fyve five, zero won 8 tree", "US", "en", "+13055550183", "misspelt"),
        ("6zero0 cero0cero 5inco3ocho", "ES", "es", "+34600000538", "misspelt"),
        ("nuII ains 7 ainz drai 9 2 nul null fünv acht", "DE", "de", "+491713920058", "misspelt"),
        ("восем девядсот OOO писят два ноль четыре", "RU", "ru", "+79000005204", "misspelt"),
        ("zer0 sapt3 zero zeero 000 opt 2 noua", "RO", "ro", "+40700000829", "misspelt"),
        ("06 trente9 9huit 3sept zéro6 appelle", "FR", "fr", "+33639983706", "mixed"),
        ("seiscientos cero cero, cero uno, veinti tres", "ES", "es", "+34600000123", "words"),
        ("start with 404, and then 555, and last but not least 0138", "US", "en", "+14045550138", "in parts"),
        ("for oh for, fife fife fife, oh won too ate", "US", "en", "+14045550128", "misspelt"),
        ("ate for too, fife fife fife, oh won sicks tree", "US", "en", "+18425550163", "misspelt"),
        ("trecentoventi, tre volte zero e poi zero nove quattro sei", "IT", "it", "+393200000946", "in parts"),
        ("06 daarna tien daarna dubbel nul daarna 05 en als laatste achtenveertig", "NL", "nl",
         "+31610000548", "in parts"),
        ("nulla hat húsz, nulla nulla nulla, nulla kilenc négy egy", "HU", "hu", "+36200000941", "words"),
        ("sıfır beş sıfır bir sıfır sıfır sıfır elli altı on yedi", "TR", None, "+905010005617", "words"),
        ("06-húsz-négyszázhetvenegy-hatvan-kilencvenhárom", "HU", None, "+36204716093", "mixed"),
        ("06 harminc kettő9öt 67 nyolc1", "HU", None, "+36302956781", "mixed"),
        ("06 30 meg 924, a végén 51 78", "HU", "hu", "+36309245178", "in parts"),
        ("call zeero sevven sevven zero zero nine zeero zero three fivve one", "GB", "en", "+447700900351",
         "misspelt"),
        ("z-e-r-o s-e-v-e-n s-e-v-e-n 00 nine 00 413", "GB", "en", "+447700900413", "mixed"),
        ("se-is ce-ro ce-ro ce-ro ce-ro ce-ro tr-es u-no ocho", "ES", "es", "+34600000318", "words"),
        ("Mi móvil: seis cero cero cero. Después vienen cero cero ocho uno dos.", "ES", "es", "+34600000812",
         "in parts"),
        ("First half is 07700. Second half, 900926", "GB", "en", "+447700900926", "in parts"),
        ("šest nula jedna, tři nuly, tři sta sedmdesát jedna", "CZ", "cs", "+420601000371", "words"),
    ],
)  # fmt: skip
def test_a_row_that_is_mostly_sure_and_one_number_is_read(
    text: str, region: str, language: str | None, value: str, method: str
) -> None:
    found = phones(text, region, language)
    assert [(v, hidden, how) for v, _, hidden, how in found] == [(value, True, method)]


@pytest.mark.parametrize(
    ("text", "region", "language"),
    [
        ("une fille, deux amies, trois heures, quatre clients, cinq ou six jours, sept nuits", "FR", "fr"),
        ("eins zwei Polizei, drei vier Grenadier, fünf sechs alte Hex, sieben acht gute Nacht", "DE", "de"),
        ("too many to count: two or three, maybe four for tea, ate five", "US", "en"),
        ("primero 50, luego 100, después 150, luego 200, al final 250", "ES", "es"),
        ("egy megérett a meggy, kettő csipkebokor vessző, három, négy öt hat hét", "HU", "hu"),
        (
            "kettes villamos, négyes metró, hetes busz, nyolcas épület, kilences ajtó, hatos lépcső",
            "HU",
            "hu",
        ),
        ("dwójka dzieci, trójka psów, czwórka kotów, piątka rybek, szóstka koni, siódemka kur", "PL", "pl"),
        ("тройка, семёрка, туз; двойка, девятка, шестёрка и восьмёрка червей", "RU", "ru"),
        ("e-mail and on-line, in-call out-call, one-to-one, two-way, three-some, four-hand", "GB", "en"),
        ("bir iki üç dört beş altı yedi sekiz", "TR", "tr"),
        ("deux fois par semaine, trois fois par mois, une fois par an, dix euros", "FR", "fr"),
        ("ett två tre fyra fem sex sju åtta nio tio", "SE", "sv"),
        ("oh too many for tea, ate one, won too, oh for five or six, too late for ate", "US", "en"),
        ("won two sets to three, six four seven five three six", "GB", "en"),
    ],
)
def test_rhymes_counts_and_prices_are_none(text: str, region: str, language: str) -> None:
    assert phones(text, region, language) == []


def test_a_number_of_the_first_look_that_is_a_part_of_a_longer_one_gives_way() -> None:
    assert [value for value, *_ in phones("06 trente9 9huit 3sept zéro6", "FR", "fr")] == ["+33639983706"]


def test_what_sounds_alike_is_written_alike() -> None:
    assert sound("kuatro") == sound("cuatro")
    assert sound("fyve") == sound("five") == sound("fiv")
    assert sound("восим") == sound("васемь")
    assert guesses("lovely", "en") == ()
    assert guesses("seven", "en") == ((("seven",), 0.0),)


@pytest.mark.parametrize("language", languages_with("numbers_at_home"))
def test_tables_read_at_home_have_every_digit_and_ten(language: str) -> None:
    values = set(number_words(language).values.values())
    assert {*range(20), *range(20, 100, 10)} <= values


_TOKENS = [
    *sorted(then_words())[:20],
    "zero",
    "won",
    "0",
    "7",
    "06",
    "98",
    "zer0",
    "y",
    "\n",
    ",",
    "£",
    "3x0",
    "O",
    "²",
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(_TOKENS) | st.text(max_size=6), max_size=30),
    st.sampled_from(["GB", "ES", "TR", None]),
)
def test_no_row_raises_and_every_span_is_inside(tokens: list[str], region: str | None) -> None:
    text = " ".join(tokens)
    for found in find_loose_phones(text, region, None):
        assert 0 <= found.start < found.end <= len(text)
        assert found.obscured

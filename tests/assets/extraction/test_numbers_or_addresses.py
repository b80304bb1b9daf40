"""What looks like a telephone number and like something else: hosts of look-alikes, "o" for "or" or for a nought, words
behind a number, signs drawn for noughts. Numbers are from ranges kept for fiction where the country has such a range,
else plainly invented."""

from __future__ import annotations

import polars as pl
import pytest

from assets.extraction.identifiers import extract_identifiers


def found(text: str, region: str, language: str | None = None) -> list[tuple[str, str, bool]]:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "region": [region], "lang": [language]})
    frame = extract_identifiers(frame.with_columns(pl.col("lang").cast(pl.String)))
    for row in frame.iter_rows(named=True):
        assert text[row["start"] : row["end"]] == row["raw"]
    return frame.select("kind", "value", "obscured").rows()


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("wsp 3OO.OOO.9798 amor", "CO", "+573000009798"),
        ("llamame al 6OO.OOO.2O9", "ES", "+34600000209"),
        ("6oo.123.ooo", "ES", "+34600123000"),
        ("ring O77.OO9.OOOlO hun", "GB", "+447700900010"),
        ("tel 61Z.OOO.S67", "ES", "+34612000567"),
        ("suna la O72-OOO-O297", "RO", "+40720000297"),
    ],
)
def test_groups_of_look_alikes_with_points_are_a_number_and_no_host(
    text: str, region: str, number: str
) -> None:
    assert found(text, region) == [("phone", number, True)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("visit 6oo.ooo today", "https://6oo.ooo/"),
        ("6oo.ooo.example", "https://6oo.ooo.example/"),
        ("6oo123.ooo/mia", "https://6oo123.ooo/mia"),
        ("b00bs99.biz", "https://b00bs99.biz/"),
        ("https://6oo.123.ooo", "https://6oo.123.ooo/"),
        ("foo.ooo", "https://foo.ooo/"),
    ],
)
def test_a_host_of_look_alikes_is_one_all_the_same(text: str, address: str) -> None:
    assert ("url", address, False) in found(text, "ES")


@pytest.mark.parametrize(
    ("text", "region", "language", "numbers"),
    [
        ("3510009 quattro-due-sei o 351 000 3789", "IT", "it", ["+393510009426", "+393510003789"]),
        ("3510001774 o 3-5-1-0-0-0-0-5-0-6 baci", "IT", "it", ["+393510001774", "+393510000506"]),
        ("chiama 3510004082 o https://wa.me/393510006713", "IT", "it", ["+393510004082", "+393510006713"]),
        ("600123456 o 612000345", "ES", "es", ["+34600123456", "+34612000345"]),
        # Noughts of one number.
        ("6 o o 1 2 3 4 5 6", "ES", "es", ["+34600123456"]),
        ("0 7 7 o o 9 o o 1 2 3", "GB", "en", ["+447700900123"]),
    ],
)
def test_or_between_two_numbers_is_no_nought(
    text: str, region: str, language: str, numbers: list[str]
) -> None:
    assert [value for kind, value, _ in found(text, region, language) if kind == "phone"] == numbers


@pytest.mark.parametrize(
    ("text", "region", "language", "number"),
    [
        ("chiama 320 000 015 uno", "IT", "it", "+393200000151"),
        ("il mio numero 351000773 otto baci", "IT", "it", "+393510007738"),
        ("351-000-784-uno", "IT", "it", "+393510007841"),
        ("tel 030-231-2572-drei nur nette Herren", "DE", "de", "+493023125723"),
        # What is counted, or begins with an article, stands behind the number.
        ("chiama 351 000 784 un bacio", "IT", "it", "+39351000784"),
        ("ruf an 030 231253 zwei Frauen", "DE", "de", "+4930231253"),
        ("chiama 351 000 7738 due ragazze", "IT", "it", "+393510007738"),
        # A short word that only sounds like one for a digit.
        ("ring +49 three 0 two 3 one 2 five 3 four 9 hun", "GB", "en", "+493023125349"),
    ],
)
def test_a_word_at_the_end_is_a_digit_where_the_number_needs_it(
    text: str, region: str, language: str, number: str
) -> None:
    assert [value for kind, value, _ in found(text, region, language) if kind == "phone"] == [number]


def test_polite_in_french_is_no_policy() -> None:
    assert found("hommes polis svp / 0639987888", "FR", "fr") == [("phone", "+33639987888", False)]


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("llama 6ºº ººº 123", "ES", "+34600000123"),
        ("6@@@@@123 cielo", "ES", "+34600000123"),
        ("+34 6@@ @@@ 123", "ES", "+34600000123"),
        ("ring ()77()()9()()()13 xx", "GB", "+447700900013"),
        ("ruf an @171392@412", "DE", "+491713920412"),
        ("tel. 6∅∅-∅∅∅-123", "ES", "+34600000123"),
    ],
)
def test_one_sign_may_stand_for_every_nought(text: str, region: str, number: str) -> None:
    assert found(text, region) == [("phone", number, True)]


@pytest.mark.parametrize(
    "text",
    [
        "temp. 24° 18° 35° 22° hoy",
        "3º 4º 5º piso",
        "24°25°26°27°28",
        "insta @123456789",
        "40°24'59 N 3°42'",
        "1@2 3@4 5@6",
    ],
)
def test_signs_behind_figures_are_no_noughts(text: str) -> None:
    assert [value for kind, value, _ in found(text, "ES") if kind == "phone"] == []


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("guapos mielana1080 on ig besos", "instagram"),
        ("busca starcamila6293 en insta", "instagram"),
        ("hola mielana1080 tg", "telegram"),
        ("escribeme t3legram mielana1080 cielo", "telegram"),
        ("mi inst@ mielana1080 besos", "instagram"),
        ("1nsta: mielana1080", "instagram"),
        ("insta *mielana1080*", "instagram"),
        ("insta (a) mielana1080", "instagram"),
        ("insta m i e l a n a 1 0 8 0 (todo junto)", "instagram"),
        ("Telegram\U0001f449mielana1080", "telegram"),
        ("\u2708\ufe0f mielana1080 besos", "telegram"),
        ("t me / mielana1080", "telegram"),
    ],
)
def test_a_name_by_its_form_needs_no_mark_beside_its_platform(text: str, platform: str) -> None:
    name = "starcamila6293" if "star" in text else "mielana1080"
    found_ = [(kind, value) for kind, value, _ in found(text, "ES", "es")]
    assert sorted(found_) == [("messenger", f"{platform}:{name}"), ("username", name)]


@pytest.mark.parametrize(
    "text",
    [
        "see iphone15 on ig", "check covid19 on insta", "insta (a) casa", "t me / him", "insta *new*",
        "meet @ suite1204",        "\u2708 vuelo1234 a madrid", "1nstalar 50", "hotel ibis12 insta.",
    ],
)  # fmt: skip
def test_a_word_with_a_figure_beside_a_platform_is_no_name(text: str) -> None:
    assert found(text, "ES", "es") == []

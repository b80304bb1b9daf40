"""Pages and files in the encoding that they are in, whatever they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.parsing.charset import decode_text

SPANISH = "El año pasado, mañana habrá más niños; cigüeña, corazón, ¿qué?"
ROMANIAN = "Căutăm fete pentru muncă în străinătate, salariu mare şi cazare gratuită"
RUSSIAN = "Работа за границей для девушек, высокая зарплата, жильё бесплатно"


@pytest.mark.parametrize(
    ("text", "encoding", "label", "language"),
    [
        (SPANISH, "utf-8", "text/html; charset=utf-8", None),
        (SPANISH, "utf-8", "text/html; charset=iso-8859-1", None),
        (SPANISH, "utf-8", None, None),
        (SPANISH, "latin-1", "text/html; charset=utf-8", None),
        (SPANISH, "latin-1", "text/html", None),
        (SPANISH + " – “sí” €", "cp1252", "text/html; charset=ISO-8859-1", None),
        (ROMANIAN, "cp1250", "text/html; charset=utf-8", "ro"),
        (ROMANIAN, "iso-8859-2", "text/html; charset=iso-8859-2", None),
        (RUSSIAN, "cp1251", "text/html", None),
        (RUSSIAN, "koi8-r", "text/html; charset=koi8-r", None),
        ("日本語のテキスト", "shift_jis", "text/html; charset=Shift_JIS", None),
        (SPANISH, "utf-16", None, None),
        (SPANISH, "utf-8-sig", None, None),
    ],
)
def test_text_survives(text: str, encoding: str, label: str | None, language: str | None) -> None:
    decoded = decode_text(text.encode(encoding), label, language)
    assert decoded.text == text
    assert decoded.damaged == 0


def test_the_page_s_own_label_and_language_are_used() -> None:
    page = f'<html><head><meta http-equiv=Content-Type content="text/html; charset=windows-1251">{RUSSIAN}'
    assert RUSSIAN in decode_text(page.encode("cp1251")).text
    page = f'<html lang="ro"><body>{ROMANIAN}'
    assert ROMANIAN in decode_text(page.encode("cp1250"), "text/html; charset=utf-8").text


def test_one_bad_byte_does_not_turn_utf_8_into_another_encoding() -> None:
    data = SPANISH.encode() + b"\xff" + SPANISH.encode()
    decoded = decode_text(data, "text/html; charset=utf-8")
    assert decoded.text == SPANISH + "\ufffd" + SPANISH
    cut = (SPANISH * 3).encode()[:-1] + "é".encode()[:1]
    assert decode_text(cut).text.startswith(SPANISH)


@pytest.mark.parametrize(
    "label", ["charset=none-such", "charset=base64", "charset=", "charset=utf-7", "charset=\x00"]
)
def test_an_unknown_label_is_passed_over(label: str) -> None:
    assert decode_text(SPANISH.encode(), f"text/html; {label}").text


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "text/html; charset=utf-8", "x; charset=utf-16", "charset=idna"]),
)
def test_no_bytes_make_it_raise(data: bytes, label: str | None) -> None:
    assert isinstance(decode_text(data, label).text, str)

"""Numbers that a title begins and its text ends."""

import polars as pl
import pytest

from assets.extraction.title_and_text import find_title_and_text


def _found(title: str, text: str, region: str) -> list[str]:
    items = pl.DataFrame(
        {"item_id": ["1"], "title": [title], "text": [text], "region": [region], "language": [None]}
    ).cast(pl.String)
    rows = find_title_and_text(items).to_dicts()
    assert all(row["raw"] == text[row["start"] : row["end"]] for row in rows)
    assert all(title[row["head_start"]] in "+0123456789" for row in rows)
    return [row["value"] for row in rows]


@pytest.mark.parametrize(
    ("title", "text", "region", "expected"),
    [
        ("Lucía 600", "Masaje 60 euros, 24 horas.\nÚltimas cifras: 000 123", "ES", ["+34600000123"]),
        ("Lucía, 21 6000", "El número empieza en el título y acaba en 00123", "ES", ["+34600000123"]),
        ("Carer, London 020", "We pay £14 an hour. Last digits 79460123", "GB", ["+442079460123"]),
        ("Ruf an: 030231", "1 Std 100 Euro. Letzte Ziffern 25123", "DE", ["+493023125123"]),
        ("Rosa +34 600", "9 euro. Resto del numero 000123", "IT", ["+34600000123"]),
        ("Lucía 600", "Masaje 60 euros - 24 horas - llama, sigue 000123", "ES", ["+34600000123"]),
        ("Ruf an 030231", "100 Euro die Stunde, weiter mit 25123, bis gleich", "DE", ["+493023125123"]),
        ("Novedad ☎ 6000…", "…00123. 22 años, 60 euros", "ES", ["+34600000123"]),
        ("Lucía 6000...", "Masaje 60 euros ...00123 besos", "ES", ["+34600000123"]),
        ("Carer: tel 0207946->", "We pay 14 an hour\n->0123", "GB", ["+442079460123"]),
        ("Lucía (6000-", "-00123) Masaje, 24 horas", "ES", ["+34600000123"]),
        ("Lucía ☎ 6000", "00123 Masaje, 24 horas", "ES", ["+34600000123"]),
        ("Lucía, parte 1: 6000", "Masaje, parte 2: 00123", "ES", ["+34600000123"]),
        ("Lucía 6000", "Masaje, sigue 20123", "ES", ["+34600020123"]),
        ("Lucía 6000 👇", "👆00123 Masaje, 24 horas", "ES", ["+34600000123"]),
        ("Lucía ☎️ 6000 ➡️", "Masaje ⬅️ 00123 besos", "ES", ["+34600000123"]),
        ("Lucía 6000 💕", "💕 00123 Masaje, 24 horas", "ES", []),
        ("Lucía 6000+", "Masaje 60 euros +00123", "ES", ["+34600000123"]),
        ("Lucía 6000", "00123 Masaje, 24 horas", "ES", []),
        ("Lucía 6000…", "Dos veces …00123 o …00456", "ES", []),
        ("Lucía 6000", "Masaje 60 euros ...00123 besos", "ES", []),
        ("Lucía 6000…", "Masaje 00123 besos", "ES", []),
        ("Piso 1200…", "...120 metros, 2009", "ES", []),
        ("Piso 6000…", "- 00123,50 euros", "ES", []),
        ("Lucía 6000…", "...00123 456 besos", "ES", []),
        ("Lucía 600", "Últimas cifras de la tarjeta: 000123", "ES", []),
        ("Lucía 600", "acepto tarjeta ✨ masaje ✨ info sigue 000123", "ES", ["+34600000123"]),
        ("Lucía 600", "De mi tarjeta las últimas cifras 000123", "ES", []),
        ("Lucía 600", "Masaje 60 euros, llama al 000 123", "ES", []),
        ("Piso 600 euros", "Últimas cifras: 000123", "ES", []),
        ("Lucía 600", "Últimas plazas: 12", "ES", []),
        ("Ana", "Últimas cifras: 000123", "ES", []),
    ],
)
def test_the_end_in_the_text_is_told_by_a_word(
    title: str, text: str, region: str, expected: list[str]
) -> None:
    assert _found(title, text, region) == expected

"""Identifiers of columns come to the form in which extraction gives those of texts."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.extraction.identifiers import extract_identifiers
from assets.linking.given_identifiers import compared, parts_of, read_cells

BITCOIN = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


def _read(
    kind: str, *cells: str | None, region: str | None = None
) -> tuple[list[tuple[str, str]], list[str]]:
    """Kinds and values read from cells, each of an item of its own, and the notes."""
    frame = pl.DataFrame(
        {
            "item_id": [str(n) for n in range(len(cells))],
            "region": region,
            "column": "given",
            "kind": kind,
            "cell": cells,
        },
        schema=dict.fromkeys(("item_id", "region", "column", "kind", "cell"), pl.String),
    )
    mentions, notes = read_cells(frame)
    assert set(mentions["read_from"]) <= {"given"}
    return mentions.select("kind", "value").rows(), notes


@pytest.mark.parametrize(
    ("region", "written"),
    [
        (
            "ES",
            [
                "600 000 093",
                "+34600000093",
                "0034 600-000-093",
                "600000093",
                "600000093.0",
                "34600000093",
                "Tel. 600 000 093",
            ],
        ),
        ("GB", ["07700 900123", "+44 (0)7700 900123", "(07700) 900-123", "7700900123", "tel:+447700900123"]),
        (None, ["+44 7700 900123", "0044 7700 900123", "(+44) 7700 900123", "WhatsApp +44 7700 900123"]),
    ],
)
def test_spellings_of_one_number_are_one(region: str | None, written: list[str]) -> None:
    mentions, notes = _read("phone", *written, region=region)
    assert len(mentions) == len(written)
    assert set(mentions) == {("phone", "+34600000093" if region == "ES" else "+447700900123")}
    assert notes == []


def test_a_national_number_without_country_is_the_same_as_its_own_digits_only_and_told() -> None:
    mentions, notes = _read("phone", "600 000 093", "600000093", "+34600000093")
    assert [value for _, value in mentions] == ["600000093", "600000093", "+34600000093"]
    [note] = notes
    assert note.startswith("`given`: 2 telephone numbers without country")
    assert "--region" in note
    assert "093" not in note


@pytest.mark.parametrize(
    ("kind", "written", "wanted"),
    [
        (
            "email",
            ["Luna@Mail.example", " luna@mail.example", "mailto:luna@mail.example"],
            ("email", "luna@mail.example"),
        ),
        ("username", ["@Velvet_Fox", "velvet_fox", "https://t.me/velvet_fox"], ("username", "velvet_fox")),
        ("username", ["Ana  Luz", "ana luz", "ANA\u00a0LUZ"], ("username", "ana luz")),
        (
            "messenger",
            ["t.me/velvet_fox", "Telegram: @Velvet_Fox", "telegram:velvet_fox"],
            ("messenger", "telegram:velvet_fox"),
        ),
        (
            "messenger",
            ["wa.me/447700900123", "https://wa.me/447700900123"],
            ("messenger", "whatsapp:+447700900123"),
        ),
        ("crypto", [BITCOIN, BITCOIN.upper(), f"btc:{BITCOIN}"], ("crypto", f"btc:{BITCOIN}")),
        (
            "url",
            ["WWW.Rooms.example/a?utm_source=b", "https://www.rooms.example/a"],
            ("url", "https://www.rooms.example/a"),
        ),
        ("analytics", ["UA-12345678-1", "UA-12345678-2"], ("analytics", "google-analytics:UA-12345678")),
        (
            "image",
            ["https://one.example/p/Foto1.JPG?w=2", "https://two.example/p/foto1.jpg"],
            ("image", "p/foto1.jpg"),
        ),
    ],
)
def test_values_of_each_kind_are_those_of_extraction(
    kind: str, written: list[str], wanted: tuple[str, str]
) -> None:
    mentions, notes = _read(kind, *written)
    assert mentions == [wanted] * len(written)
    assert notes == []


@pytest.mark.parametrize(
    ("kind", "cell", "parts"),
    [
        ("phone", "600000093; 600000094|600000095", 3),
        ("phone", "600000093, 600000094", 2),
        ("phone", "600,000,093", 1),
        ("phone", '["600000093", 600000094]', 2),
        ("email", "a@mail.example,b@mail.example;c@mail.example", 3),
        ("username", "Luz, Ana", 1),
        ("username", "@ana, @luz", 2),
        ("messenger", "telegram:ana, whatsapp:+447700900123", 2),
        ("url", "https://a.example/x;y,z https://b.example/", 2),
        ("url", "a.example, b.example/x", 2),
        ("image", "folder/a,b.jpg", 1),
    ],
)
def test_several_values_in_one_cell_are_parted_where_no_value_has_the_sign(
    kind: str, cell: str, parts: int
) -> None:
    assert len(parts_of(kind, cell)) == parts


def test_what_is_left_out_or_kept_as_written_is_told_without_the_value() -> None:
    mentions, notes = _read("phone", "n/a", "-", "ask me", "12", "3.46E+10", "+999 123 456 789", region="ES")
    assert mentions == [("phone", "+999123456789")]
    assert len(notes) == 3
    assert any("4 values saying nothing" in note for note in notes)
    assert any("3.46E+10" in note and "1 number " in note for note in notes)
    assert any("1 value not valid as phone" in note for note in notes)


def test_gmails_spellings_of_one_mailbox_are_compared_as_one() -> None:
    values = [
        "luna.kvel@gmail.com",
        "lunakvel+ad@gmail.com",
        "lunakvel@googlemail.com",
        "luna.kvel@mail.example",
        "+a@gmail.com",
    ]
    frame = pl.DataFrame({"kind": "email", "value": values}).with_columns(compared().alias("compared"))
    assert frame["compared"].to_list() == ["lunakvel@gmail.com"] * 3 + values[3:]
    assert frame["value"].to_list() == values


@given(st.integers(0, 999), st.sampled_from(["", " ", "-", ".", "  "]))
def test_a_number_in_a_column_is_the_number_that_extraction_reads_in_a_text(last: int, sign: str) -> None:
    written = sign.join(["+44", "7700", f"900{last:03}"])
    text = pl.DataFrame({"id": ["1"], "text": [f"Call {written}"]})
    in_text = extract_identifiers(text).select("kind", "value").rows()
    assert _read("phone", written) == (in_text or [("phone", f"+447700900{last:03}")], [])


@given(
    st.sampled_from(["phone", "email", "username", "url", "messenger", "crypto", "image", "analytics"]),
    st.text(min_size=1, max_size=30),
)
def test_whatever_stands_in_a_cell_is_read_kept_or_told(kind: str, cell: str) -> None:
    mentions, notes = _read(kind, cell)
    assert mentions or notes or not any(parts_of(kind, cell))
    assert all(value for _, value in mentions)

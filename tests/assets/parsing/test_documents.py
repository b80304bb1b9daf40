"""Documents of each format give whole texts and what they say about themselves."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from assets.capture.field_rules import compile_rules
from assets.capture.source import FieldRule
from assets.parsing.documents import DocumentError, document_text

FETCHED = datetime(2026, 7, 10, tzinfo=UTC)

RELEASE = """https://police.example/news/1
Example Police
2026-03-07

Operation Example: 15 arrests in four countries

Results:
- 15 arrests
- 1 200 victims identified

• EUR 12 million seized
"""

PAGE = """<!doctype html><html lang="es-ES"><head><title>Operación Ejemplo | Policía</title>
<meta property="og:site_name" content="Policía de Ejemplo">
<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-03-07T09:30:00+01:00"}</script>
</head>
<body><nav><a href="/">Inicio</a><a href="/n">Noticias 2019</a></nav><main><article>
<h1>Operación Ejemplo: 15 detenidos</h1>
<p>La operación se desarrolló en cuatro países entre el 2 y el 6 de marzo y permitió identificar a 37 víctimas.</p>
<ul><li>15 detenidos en España</li><li>1.200 dispositivos intervenidos</li></ul>
<table><tr><th>País<th>Detenidos<tr><td>España<td>9<tr><td>Francia<td>6</table>
<aside>Datos clave: 48 registros</aside></article></main>
<footer>© 1998 Policía</footer></body></html>"""


def pdf_of(text: str, password: str | None = None) -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(width=400, height=400)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
    )
    stream = DecodedStreamObject()
    lines = "".join(f"({line}) Tj 0 -14 Td " for line in text.split("\n"))
    stream.set_data(f"BT /F1 12 Tf 20 350 Td {lines}ET".encode())
    page[NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Title": "Operation Example", "/CreationDate": "D:20260307120000Z"})
    if password is not None:
        writer.encrypt(password, "owner", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_text_release_with_header_lines_stays_whole() -> None:
    content = document_text(RELEASE.encode(), "folder/release.txt", fetched_at=FETCHED)
    assert content.publisher == "Example Police"
    assert content.published_at == datetime(2026, 3, 7, tzinfo=UTC)
    assert content.title == "Operation Example: 15 arrests in four countries"
    assert content.format == "txt"
    assert content.text.startswith("https://police.example/news/1\nExample Police\n2026-03-07\n\nOperation")
    assert "- 15 arrests\n- 1 200 victims identified\n\n• EUR 12 million seized" in content.text


def test_a_month_or_year_will_do_and_a_plain_text_has_no_header() -> None:
    monthly = document_text(b"a note in place of the address\nAgency\n2021-12\n\nTitle of it\ntext", "a.txt")
    assert (monthly.publisher, monthly.published_at) == ("Agency", datetime(2021, 12, 1, tzinfo=UTC))
    yearly = document_text(b"https://a.example/1\nAgency\n2019\n\nTitle of it\ntext", "a.txt")
    assert yearly.published_at == datetime(2019, 1, 1, tzinfo=UTC)
    plain = document_text(b"Fifteen arrests in May\nThe police said so.", "a.txt")
    assert (plain.title, plain.publisher, plain.published_at) == ("Fifteen arrests in May", None, None)


def test_an_article_keeps_every_figure_and_drops_the_frame() -> None:
    content = document_text(
        PAGE.encode(), "https://police.example/news/1", content_type="text/html", fetched_at=FETCHED
    )
    assert content.title == "Operación Ejemplo: 15 detenidos"
    assert content.publisher == "Policía de Ejemplo"
    assert content.published_at == datetime(2026, 3, 7, 8, 30, tzinfo=UTC)
    assert (content.language, content.format) == ("es", "html")
    for figure in ("15 detenidos", "37 víctimas", "1.200 dispositivos", "48 registros"):
        assert figure in content.text
    assert "- 15 detenidos en España\n" in content.text
    assert "España | 9" in content.text
    for frame in ("Noticias 2019", "1998"):
        assert frame not in content.text


def test_a_page_without_a_main_element_keeps_its_figures() -> None:
    page = """<html><body><div class=menu><a href=/>Start</a></div><div><p class=date>4 March 2026</p>
      <div>Police arrested 15 people.</div><div><span>Seized: 12 cars</span><br>Victims: 37</div></div></body></html>"""
    content = document_text(page.encode(), "a.html", fetched_at=FETCHED)
    for figure in ("15 people", "12 cars", "Victims: 37"):
        assert figure in content.text
    assert content.published_at == datetime(2026, 3, 4, tzinfo=UTC)


def test_the_source_s_own_rules_win() -> None:
    rules = compile_rules(
        {
            "title": FieldRule(selector="p.t"),
            "text": FieldRule(selector=".r", all=True),
            "published_at": FieldRule(selector=".d", languages=("de",)),
            "language": FieldRule(selector="html", attribute="data-lang"),
        }
    )
    page = """<html lang=en data-lang=de-AT><p class=t>Titel<p class=d>7. März 2026<div class=r><ul><li>eins</ul></div>
      <div class=r>zwei</div><article>something else altogether, and much longer than the rest of this page</article>"""
    content = document_text(page.encode(), "a.html", rules=rules, fetched_at=FETCHED)
    assert content.text == "Titel\n- eins\nzwei"
    assert (content.title, content.language) == ("Titel", "de")
    assert content.published_at == datetime(2026, 3, 7, tzinfo=UTC)


def test_a_pdf_gives_text_lines_and_metadata() -> None:
    content = document_text(pdf_of("Operation Example\n15 arrests"), "a.pdf", fetched_at=FETCHED)
    assert content.text.split("\n") == ["Operation Example", "15 arrests"]
    assert (content.title, content.format) == ("Operation Example", "pdf")
    assert content.published_at == datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert document_text(pdf_of("15 arrests", password=""), "a.pdf").text == "15 arrests"


@pytest.mark.parametrize(
    ("data", "name", "rule"),
    [
        (pdf_of("secret", password="word"), "a.pdf", "encrypted"),
        (pdf_of("cut")[:200], "a.pdf", "broken"),
        (pdf_of(""), "a.pdf", "empty"),
        (b"no pdf at all", "a.pdf", "broken"),
        (bytes(range(256)) * 20, "a.txt", "not_text"),
        (b"  \n ", "a.txt", "empty"),
        (b"<html><body><script>1</script></body></html>", "a.html", "empty"),
    ],
)
def test_a_document_without_text_says_why(data: bytes, name: str, rule: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document_text(data, name)
    assert caught.value.rule == rule


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.html", "a.pdf", "a", "a.json"]), st.booleans())
def test_bytes_of_any_kind_give_text_or_a_document_error(data: bytes, name: str, marked: bool) -> None:
    try:
        content = document_text((b"%PDF-1.4\n" if marked else b"") + data, name)
    except DocumentError:
        return
    assert content.text

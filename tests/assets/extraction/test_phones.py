"""Telephone numbers, however they are written, and digits that are none. Numbers are from ranges kept for fiction
where the country has such a range, else plainly invented."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import assets.extraction.phones as phones_module
from assets.extraction import digit_runs
from assets.extraction.found import Found
from assets.extraction.identifiers import extract_identifiers

GB, US, FR, DE, ES = "+447700900123", "+12025550123", "+33639981234", "+491713920012", "+34600000012"
PT, IT, RO, NL, PL, RU = (
    "+351912345678",
    "+393331234567",
    "+40722345678",
    "+31612345678",
    "+48512345678",
    "+79123456789",
)
CONFORMANCE = (
    Path(__file__).parents[4] / "shared" / "conformance" / "libphonenumber_matcher" / "matcher_cases.json"
)


def phones(text: str, region: str | None = None, lang: str | None = None) -> list[tuple[str, bool]]:
    frame = pl.DataFrame(
        [("1", text, region, lang)],
        schema={"id": pl.String, "text": pl.String, "region": pl.String, "lang": pl.String},
        orient="row",
    )
    found = extract_identifiers(frame).filter(pl.col("kind") == "phone")
    for row in found.iter_rows(named=True):
        assert text[row["start"] : row["end"]] == row["raw"]
    return list(zip(found["value"], found["obscured"], strict=True))


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        ("call 07700 900123 now", "GB", GB),
        ("+44 7700 900123", None, GB),
        ("+44 (0) 7700 900 123", None, GB),
        ("0044 7700 900123", "ES", GB),
        ("whatsapp 447700900123", "ES", GB),
        ("tel:+447700900123", None, GB),
        ("(202) 555-0123", "US", US),
        ("202.555.0123", "US", US),
        ("1-202-555-0123", "US", US),
        ("06 39 98 12 34", "FR", FR),
        ("06.39.98.12.34", "FR", FR),
        ("0171/3920012", "DE", DE),
        ("0171 - 39 200 12", "DE", DE),
        ("Llámame al 600 000 012!", "ES", ES),
        ("llamame600000012", "ES", ES),
        ("tengo 23 años, 600 000 012 dos chicas", "ES", ES),
        ("24h 07700 900123", "GB", GB),
        ("50€ 07700 900123", "GB", GB),
        ("07700 900123 €50", "GB", GB),
    ],
)
def test_a_plain_spelling_is_found_and_not_called_obscured(text: str, region: str | None, value: str) -> None:
    assert phones(text, region) == [(value, False)]


@pytest.mark.parametrize(
    ("text", "region", "lang", "value"),
    [
        ("0️⃣7️⃣7️⃣0️⃣0️⃣9️⃣0️⃣0️⃣1️⃣2️⃣3️⃣", "GB", None, GB),
        ("０７７００ ９００１２３", "GB", None, GB),
        ("⓪⑦⑦⓪⓪⑨⓪⓪①②③", "GB", None, GB),
        ("𝟎𝟕𝟕𝟎𝟎 𝟗𝟎𝟎𝟏𝟐𝟑", "GB", None, GB),
        ("⁰⁷⁷⁰⁰⁹⁰⁰¹²³", "GB", None, GB),
        ("٠٧٧٠٠٩٠٠١٢٣", "GB", None, GB),
        ("07\u200b700\u200b900\u200b123", "GB", None, GB),
        ("0 7 7 0 0 9 0 0 1 2 3", "GB", "en", GB),
        ("0.7.7.0.0.9.0.0.1.2.3", "GB", "en", GB),
        ("0*7*7*0*0*9*0*0*1*2*3", "GB", "en", GB),
        ("0🔥7🔥7🔥0🔥0🔥9🔥0🔥0🔥1🔥2🔥3", "GB", "en", GB),
        ("077[00]900(123)", "GB", "en", GB),
        ("07700\n900123", "GB", "en", GB),
        ("O77OO 9OOl23", "GB", "en", GB),
        ("O77oo9OOI23", "GB", "en", GB),
        ("О77ОО 9ОО 123", "GB", "ru", GB),
        ("zero seven seven zero zero nine zero zero one two three", "GB", "en", GB),
        ("oh double seven oh oh nine oh oh one two three", "GB", "en", GB),
        ("seven seven double oh nine hundred one two three", "GB", "en", GB),
        ("ZeroSevenSevenZeroZeroNineZeroZeroOneTwoThree", "GB", "en", GB),
        ("zero,seven,seven,zero,zero,nine,zero,zero,one,two,three", "GB", "en", GB),
        ("07 [7] 00 {900} 1<2>3", "GB", "en", GB),
        ("07700 9 hundred 123", "GB", "en", GB),
        ("zеrо sеvеn sеvеn 00 900 123", "GB", "en", GB),
        ("🄋⑦⑦🄋🄋⑨🄋🄋①②③", "GB", None, GB),
        ("(0)(7)[7](0)<0>(9)[0]{0}(1)<2><3>", "GB", "en", GB),
        (
            "z e r o  s e v e n  s e v e n  z e r o  z e r o  n i n e  z e r o  z e r o  o n e  t w o  t h r e e",
            "GB",
            "en",
            GB,
        ),
        ("s.i.e.t.e c.e.r.o c.e.r.o c.e.r.o c.e.r.o c.e.r.o c.e.r.o u.n.o d.o.s", "ES", "es", "+34700000012"),
        ("zeeero seveeen seven zero zeeeero nine zero zero one two threeee", "GB", "en", GB),
        ("ᴢᴇʀᴏ sᴇᴠᴇɴ sᴇᴠᴇɴ ᴢᴇʀᴏ ᴢᴇʀᴏ ɴɪɴᴇ ᴢᴇʀᴏ ᴢᴇʀᴏ ᴏɴᴇ ᴛᴡᴏ ᴛʜʀᴇᴇ", "GB", "en", GB),
        ("6+0+0+0+0+0+0+1+2", "ES", "es", ES),
        ("6x0x0x0x0x0x0x1x2", "ES", "es", ES),
        ("o171 392oo12", "DE", "de", DE),
        ("零七七零零九零零一二三", "GB", None, GB),
        ("seis y cero y cero y cero y cero y cero y cero y uno y dos", "ES", "es", ES),
        ("plus 34 600 000 012", None, "fr", ES),
        ("se1s c3ro c3ro c3ro c3ro c3ro c3ro un0 d0s", "ES", "es", ES),
        ("〇七七〇〇九〇〇一二三", "GB", None, GB),
        ("𝕫𝕖𝕣𝕠 𝕤𝕖𝕧𝕖𝕟 𝕤𝕖𝕧𝕖𝕟 00 nine 00 123", "GB", "en", GB),
        ("06,39,98,12,34", "FR", "fr", FR),
        ("zero 7 seven 00 nine 00 one 2 three", "GB", "en", GB),
        ("0seven7zero0nine0zero1two3", "GB", "en", GB),
        ("s3ven s3ven z3ro z3ro n1ne z3ro z3ro 0ne tw0 thr33", "GB", "en", GB),
        ("plus forty four seven seven zero zero nine hundred 123", None, "en", GB),
        ("seis cero cero cero cero cero cero uno dos", "ES", "es", ES),
        ("seiscientos cero cero cero cero doce", "ES", "es", ES),
        ("seis0cero 000 cero uno 2", "ES", "es", ES),
        ("más treinta y cuatro seiscientos 000 012", None, "es", ES),
        ("zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre", "FR", "fr", FR),
        ("06 trente neuf 98 douze 34", "FR", "fr", FR),
        ("null eins sieben eins drei neun zwei null null eins zwei", "DE", "de", DE),
        ("nulleinssiebeneins 39 zwei null null zwölf", "DE", "de", DE),
        ("nove um dois três quatro cinco seis sete oito", "PT", "pt", PT),
        ("nove doze trinta e quatro cinquenta e seis setenta e oito", "PT", "pt", "+351912345678"),
        ("tre tre tre uno due tre quattro cinque sei sette", "IT", "it", IT),
        ("trecentotrentatre uno due tre quattro cinque sei sette", "IT", "it", IT),
        ("zero șapte doi doi trei patru cinci șase șapte opt", "RO", "ro", RO),
        ("zero șapte sute douăzeci și doi 345 șase șapte opt", "RO", "ro", RO),
        ("nul zes een twee drie vier vijf zes zeven acht", "NL", "nl", NL),
        ("pięćset dwanaście trzysta czterdzieści pięć sześćset siedemdziesiąt osiem", "PL", "pl", PL),
        (
            "плюс семь девятьсот двенадцать триста сорок пять шестьдесят семь восемьдесят девять",
            None,
            "ru",
            RU,
        ),
    ],
)
def test_an_obscured_spelling_is_found_and_called_so(
    text: str, region: str | None, lang: str | None, value: str
) -> None:
    assert phones(text, region, lang) == [(value, True)]


@pytest.mark.parametrize(
    "frame", ["{}", "Hi! {} kisses", "({})", "📞{}📞", "first line\n{}\nlast line", "«{}»"]
)
@pytest.mark.parametrize(
    "spelling", ["07700 900123", "zero seven seven zero zero nine zero zero one two three"]
)
def test_what_stands_around_a_number_does_not_matter(frame: str, spelling: str) -> None:
    assert [value for value, _ in phones(frame.format(spelling), "GB", "en")] == [GB]


@pytest.mark.parametrize(
    "text",
    [
        "600000012/600000013",
        "600000012 600000013",
        "600 000 012 o 600 000 013",
        "600 000 012, 600 000 013",
        "600000012\n600000013",
        "600 000 012 y 600 000 013",
    ],
)
def test_two_numbers_side_by_side_are_two(text: str) -> None:
    assert [value for value, _ in phones(text, "ES", "es")] == [ES, "+34600000013"]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Precio 1.500.000 €", "ES"),
        ("100 150 200 250 euros", "ES"),
        ("150 000 lei negociabil", "RO"),
        ("€ 612345678 total", "ES"),
        ("612 345 678 euros de ingresos", "ES"),
        ("vom 12.05.2024 - 15.05.2024 offen", "DE"),
        ("desde 2024-05-12 10:30 hasta 2024-05-13", "ES"),
        ("open 10:00-22:00 and 08:00-20:00", "GB"),
        ("abierto 10.00 - 22.00 todos los días", "ES"),
        ("between 2019-2024 and 2020/2021", "DK"),
        ("ISBN 978-3-16-148410-0", "DE"),
        ("libro 9783161484100 nuevo", "ES"),
        ("IBAN DE89 3704 0044 0532 0130 00", "DE"),
        ("cuenta ES91 2100 0418 4502 0005 1332", "ES"),
        ("carte 4111 1111 1111 1111", "FR"),
        ("coords 52.520008, 13.404954", "DE"),
        ("40.416775, -3.703790 Madrid", "ES"),
        ("server 192.168.100.200 down", "US"),
        ("Order number 612345678", "ES"),
        ("pedido nº 612345678", "ES"),
        ("Bestellnummer: 01713920012", "DE"),
        ("Ref. 612345678", "ES"),
        ("#612345678", "ES"),
        ("CIF B12345678, DNI 12345678Z", "ES"),
        ("90-60-90, 175 cm, 60 kg, 22 years", "GB"),
        ("30 min 50, 1h 100, 2h 180, 3h 250", "GB"),
        ("one girl or two, three hours, four or five clients, six days", "GB"),
        ("una chica, dos amigas, tres horas, cuatro cinco seis veces", "ES"),
        ("12345678901234567890", "US"),
        ("1 2 3 4 5 6 7 8 9 10 11 12", "US"),
        ("visit https://shop.example/item/612345678", "ES"),
        ("mail 612345678@shop.example", "ES"),
        ("AB612345678CD", "ES"),
        ("Calle Mayor 12, 3º 4ª, 28001 Madrid", "ES"),
        ("Flug LH 2490 10/12 14:30 Gate 22", "DE"),
        ("talla 36 38 40 42 44", "ES"),
        ("medidas 95 60 90, 1.65", "ES"),
        ("loteria 05 12 23 34 45", "FR"),
        ("cuenta atrás 9 8 7 6 5 4 3 2 1 ya", "ES"),
        ("one two three four five six seven eight nine ten", "GB"),
        ("seis mil setecientos ochenta y nueve euros", "ES"),
        ("anuncio nº 612345678", "ES"),
        ("N° de commande : 0612345678", "FR"),
        ("IMG-20240512-WA0012.jpg", "ES"),
        ("sizes 36 38 40 42 44", "IT"),
        ("7 13 14 29 37 38", "ES"),
        ("6-4 7-6 6-3 6-2", "PL"),
        ("CIF B600000012", "ES"),
        ("zł 600 000 012", "PL"),
        ("IBAN NL50 ABNA 3416 6187 29", "RU"),
        ("rete 32.155.230.36/24 attiva", "IT"),
        ("v2.16.47.4885", "DE"),
        ("34df02a1-1dac-0921-2980-c4426ce4c077", "IT"),
        ("uuid 123e4567-e89b-12d3-a456-426614174000", "US"),
        ("SIRET 123 456 789 00012", "FR"),
        ("51.507351, -0.127758", "GB"),
        ("60-100-180, 30min 60€ 1h 100€ 2h 180€", "ES"),
        ("won 6-4 7-6 6-3 6-2", "GB"),
        ("The operation made 1,234 arrests and seized 56,789,012 pills", "US"),
    ],
)
def test_other_numbers_are_no_phones(text: str, region: str) -> None:
    assert phones(text, region) == []


@pytest.mark.parametrize(("lang", "found"), [("es", [(ES, False)]), (None, [])])
def test_without_a_region_the_language_decides(lang: str | None, found: list[tuple[str, bool]]) -> None:
    assert phones("llama al 600 000 012", None, lang) == found


def test_the_library_s_own_cases_are_met_as_often_as_the_library_meets_them() -> None:
    if not CONFORMANCE.exists():
        pytest.skip("no conformance folder")
    cases = [
        (text, region, not group.startswith(("IMPOSSIBLE", "POSSIBLE")))
        for group, listed in json.loads(CONFORMANCE.read_text("utf-8")).items()
        for text, region in listed
    ]
    right = sum(bool(phones(text, region)) == expected for text, region, expected in cases)
    assert len(cases) == 73
    assert right >= 69


SEPARATORS = ["", " ", "-", ".", " - ", "/", "·", "_", "~"]


@given(
    st.integers(0, 999),
    st.lists(st.sampled_from(SEPARATORS), min_size=2, max_size=2).flatmap(
        lambda two: st.lists(st.sampled_from(two), min_size=10, max_size=10)
    ),
)
def test_any_two_separators_between_digits_leave_the_number(last: int, gaps: list[str]) -> None:
    digits = f"07700900{last:03d}"
    text = "".join(digit + gap for digit, gap in zip(digits, [*gaps, ""], strict=True))
    assert [value for value, _ in phones(f"ring me {text} thanks", "GB", "en")] == [f"+44{digits[1:]}"]


@given(st.text(st.sampled_from("0123456789 +-().,/:€o OIlSzsevntwhrufigx\n@#•"), max_size=60))
def test_no_text_makes_it_fail(text: str) -> None:
    for region in ("GB", "US", None):
        for value, _ in phones(text, region, "en"):
            assert value.startswith("+")


def test_a_long_list_of_numbers_is_read_to_its_end() -> None:
    listed = [f"07700 900{last:03d}" for last in range(300)]
    assert len(phones(", ".join(listed), "GB", "en")) == 300
    assert len(phones("\n".join(listed), "GB", "en")) == 300


@pytest.mark.parametrize(
    "unit", ["7 ", "7-", "7x", "one ", "one", "O0", "07700 900123, ", "7+", "12.05.2024 "]
)
def test_twice_the_text_is_twice_the_work(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    original = phones_module.find_phones

    def counted(text: str, *rest: object) -> list[Found]:
        read.append(len(text))
        return original(text, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(digit_runs, "find_phones", counted)
    work = []
    for size in (8_000, 16_000):
        read.clear()
        digit_runs._read_around.cache_clear()
        phones((unit * size)[:size], "GB", "en")
        # No window that is read whole grows with the text, and together they cover it a few times at most.
        assert all(length < 1_000 for length in read)
        work.append(sum(read))
    assert work[1] <= 2 * work[0] + 4_000
    assert work[1] <= 4 * 16_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # In a country whose numbers may have many lengths, too, a plus in words is a plus.
        ("my number: plus three thirty-six thirty-nine ninety-eight zero nine eighteen", "+33639980918"),
        ("ring plus four, forty-seven, seventy, zero, nine, zero, zero, one, twenty-three", "+447700900123"),
    ],
)
@pytest.mark.parametrize("region", ["DE", "AT", "GB", None])
def test_a_plus_in_words_stays_a_plus_wherever_the_source_is(
    text: str, value: str, region: str | None
) -> None:
    assert [found for found, _ in phones(text, region, "en")] == [value]


@pytest.mark.parametrize(
    "text", ["07700 900 1two3", "07700 9zero0 123", "o77oo 9oo 1two3", "07⁷00 900 1two3"]
)
def test_one_short_word_between_two_digits_is_a_digit(text: str) -> None:
    assert phones(f"call {text} now", "GB", "en") == [("+447700900123", True)]


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("06 (nicht gratis) 39 98 [ganz ehrlich] 12 34", "FR", "+33639981234"),
        ("0171-392 (bitte nur ernst) 00 71", "DE", "+491713920071"),
        ("seis cero cero tres ceros uno dos tres", "ES", "+34600000123"),
        ("nul zes één vier keer nul acht dubbel één", "NL", "+31610000811"),
        ("oh seven seven double zero nine twice zero one two three", "GB", "+447700900123"),
        ("onze, noventa mil, zero zero quarenta e dois", "BR", "+5511900000042"),
        ("нуль-п'ять-нуль 000 подвійний нуль двадцять дев'ять", "UA", "+380500000029"),
        ("null eins sieben eins tre nove due zero zero uno due tre", "DE", "+4917139200123"),
        ("5OO OOO 2l7", "PL", "+48500000217"),
    ],
)
def test_remarks_plural_noughts_thousands_and_mixed_languages(text: str, region: str, number: str) -> None:
    assert [value for value, _ in phones(text, region)][:1] == [number]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("600 (incall) 700 (outcall) 800 (overnight)", "ES"),
        ("zweihundertfünfzigtausend sechshundertzwanzig", "DE"),
        ("seiscientos mil setecientos ochenta y nueve", "ES"),
        ("three zeros and a one", "GB"),
    ],
)
def test_prices_with_remarks_and_sums_with_thousands_are_no_phones(text: str, region: str) -> None:
    assert phones(text, region) == []


def test_digits_that_are_said_to_run_backwards_and_faces_of_dice() -> None:
    assert phones("321 000 006 (léelo al revés)", "ES") == [("+34600000123", True)]
    assert phones("600 000 123, al revés de lo que dicen", "ES") == [("+34600000123", False)]
    assert phones("llama ⚅⚀⚁ ⚂⚃⚄ ⚅⚀⚁", "ES") == [("+34612345612", True)]


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("its 6x0y0z0x0y0z1x2y3z", "ES", "+34600000123"),
        ("tel. 6OO 00 OO EB", "ES", "+34600000038"),
        ("600+000+123=", "ES", "+34600000123"),
    ],
)
def test_fillers_of_several_letters_and_short_sums(text: str, region: str, number: str) -> None:
    assert phones(text, region) == [(number, True)]


@pytest.mark.parametrize(
    "text", ["100+200+300 = 600", "12 E 5 600 40 20", "3x4x5 cm", "52.520008 E 13.404954"]
)
def test_sums_sizes_and_points_of_the_compass_are_no_phones(text: str) -> None:
    assert phones(text, "ES") == []


@pytest.mark.parametrize(
    ("text", "region", "lang", "value"),
    [
        ("Chiama il 320 000 0150. Un bacio", "IT", "it", "+393200000150"),
        ("32O OOO O582\nUn bacio", "IT", "it", "+393200000582"),
        ("tre due zero zero zero zero zero cinque due uno. Un bacio", "IT", "it", "+393200000521"),
        ("0049 302 31 25 498. Un beso grande", "ES", "es", "+493023125498"),
        ("Ruf an 030 23125 018. Ein Kuss", "DE", "de", "+493023125018"),
        # Whoever ends each group so goes on with the number.
        ("tre. due. zero. zero. zero. zero. zero. uno. cinque. uno", "IT", "it", "+393200000151"),
        ("tre due zero, zero zero zero. zero uno cinque uno", "IT", "it", "+393200000151"),
    ],
)
def test_a_number_word_of_the_next_sentence_is_no_digit(
    text: str, region: str, lang: str, value: str
) -> None:
    assert [found for found, _ in phones(text, region, lang)] == [value]


@pytest.mark.parametrize(
    ("text", "region", "lang", "value"),
    [
        ("622 (\u2665) 000 (xx) 870", "ES", "es", "+34622000870"),
        ("611 (\U0001f618) 00 (wow) 06 (\U0001f618) 51", "ES", "es", "+34611000651"),
        ("primero 62200 luego 0148", "ES", "es", "+34622000148"),
        ("prima 32000 poi 00148", "IT", "it", "+393200000148"),
    ],
)
def test_remarks_and_words_between_two_groups_are_undone(
    text: str, region: str, lang: str, value: str
) -> None:
    assert phones(text, region, lang) == [(value, True)]


@pytest.mark.parametrize(
    "text",
    ["Ofertas: 62200 luego 0148", "primero 62200 euros, 148 luego", "(\u2605) 12 (\u2605) 30 (\u2605) 45"],
)
def test_groups_without_both_words_and_ratings_are_no_numbers(text: str) -> None:
    assert phones(text, "ES", "es") == []

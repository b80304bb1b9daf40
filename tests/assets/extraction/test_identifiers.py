"""The other kinds of identifiers, the frame, the stream of records."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.extraction.crypto_addresses import keccak_256
from assets.extraction.identifiers import IDENTIFIER_SCHEMA, extract_identifiers
from assets.extraction.single import extract_texts
from assets.extraction.web_addresses import canonical_url


def found(text: str, kind: str) -> list[str]:
    frame = extract_identifiers(pl.DataFrame({"id": ["1"], "text": [text]}))
    for row in frame.iter_rows(named=True):
        assert text[row["start"] : row["end"]] == row["raw"]
    return frame.filter(pl.col("kind") == kind)["value"].to_list()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mail Foo.Bar@Mail.Example!", "foo.bar@mail.example"),
        ("foo (at) mail (dot) example", "foo@mail.example"),
        ("foo[at]mail[dot]example", "foo@mail.example"),
        ("foo arroba gmail punto com", "foo@gmail.com"),
        ("foo ARROBA gmail.com", "foo@gmail.com"),
        ("foo at gmail dot com", "foo@gmail.com"),
        ("foo at gmail.com", "foo@gmail.com"),
        ("foo chiocciola libero punto it", "foo@libero.it"),
        ("foo guion bajo bar arroba correo guion ya punto example", "foo_bar@correo-ya.example"),
        ("foo (a) mail (pt) test", "foo@mail.test"),
        ("foo РАВЛИК mail КРАПКА test", "foo@mail.test"),
        ("foo собака маил точка ру", "foo@mail.ru"),
        ("foo arobase free point fr", "foo@free.fr"),
        ("foo malpa wp kropka pl", "foo@wp.pl"),
        ("foo @ mail . example", "foo@mail.example"),
        ("ｆｏｏ＠mail.example", "foo@mail.example"),
        ("foo_12 AT mail.example", "foo_12@mail.example"),
        ("foo.12 @ proton . me", "foo.12@proton.me"),
        ("foo arond wp punct pl", "foo@wp.pl"),
        ("foo arroba correo punto unknowntld", "foo@correo.unknowntld"),
        ("foo@münchen.example", "foo@xn--mnchen-3ya.example"),
        ("foo собака mail точка ru", "foo@mail.ru"),
    ],
)
def test_an_email_address_is_found(text: str, address: str) -> None:
    assert found(text, "email") == [address]


@pytest.mark.parametrize(
    "text",
    ["meet me at home.please", "look at shop.example", "2 girls @ 50", "open at 10.30 am", "we are at it.ok"],
)
def test_prose_holds_no_email_address(text: str) -> None:
    assert found(text, "email") == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://WWW.Shop.Example/a?utm_source=x&b=1#top", "http://www.shop.example/a?b=1"),
        ("see shop.example/girls.", "https://shop.example/girls"),
        ("(www.shop.example)", "https://www.shop.example/"),
        ("hxxps://bad[.]example/x", "https://bad.example/x"),
        ("bad(dot)example", "https://bad.example/"),
        ("www punto shop punto com barra", "https://www.shop.com/"),
        ("bad-shop punto example barra fotos barra 2", "https://bad-shop.example/fotos/2"),
        ("bad trattino shop punto example slash via", "https://bad-shop.example/via"),
        ("bad(Punkt)example(Schrägstrich)los", "https://bad.example/los"),
        ("bad-shop . example / fotos", "https://bad-shop.example/fotos"),
        ("bad.example schuine streep nu", "https://bad.example/nu"),
        ("http colon slash slash bad dot example slash go", "https://bad.example/go"),
        ("bad точка example косая черта go", "https://bad.example/go"),
        ("w w w . bad . example", "https://www.bad.example/"),
        ("tres uves dobles punto bad punto example barra uno", "https://www.bad.example/uno"),
        ("shop (kropka) example/a", "https://shop.example/a"),
        ("http://пример.рф/a", "http://xn--e1afmkfd.xn--p1ai/a"),
        ("пример.рф", "https://xn--e1afmkfd.xn--p1ai/"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
    ],
)
def test_a_url_is_found_in_canonical_form(text: str, address: str) -> None:
    assert found(text, "url") == [address]


@pytest.mark.parametrize(
    "text", ["End.Next sentence", "hola.que tal", "v1.2.3", "e.g. this", "file.jpeg2", "a.m. or p.m."]
)
def test_prose_holds_no_url(text: str) -> None:
    assert found(text, "url") == []


def test_a_canonical_url_is_its_own_canonical_form() -> None:
    once = canonical_url("HTTPS://Shop.Example:443/a/../b?gclid=1&q=a%20b")
    assert once == "https://shop.example/b?q=a%20b" or once == "https://shop.example/b?q=a+b"
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("write @Foo_Bar", "foo_bar"),
        ("Telegram: foo_bar", "foo_bar"),
        ("tg @foobar", "foobar"),
        ("insta: foo.bar", "foo.bar"),
        ("https://t.me/Foo_Bar", "foo_bar"),
        ("t . me / foo_bar", "foo_bar"),
        ("t[.]me/foo_bar", "foo_bar"),
        ("https://www.instagram.com/foo.bar/?igshid=1", "foo.bar"),
        ("https://www.tiktok.com/@Foo.Bar", "foo.bar"),
        ("snapchat.com/add/foo_bar", "foo_bar"),
        ("Skype: live:foo_bar1", "foo_bar1"),
        ("KIK foo_bar1", "foo_bar1"),
        ("OF: @foo_bar", "foo_bar"),
        ("t kropka me / foo_bar", "foo_bar"),
        ("https://vk.com/foo_bar", "foo_bar"),
        ("snap: foobar", "foobar"),
        ("my snap is Foo.Bar1!", "foo.bar1"),
        ("Snap👻: foobar", "foobar"),
        ("snap: foo-bar", "foo-bar"),
        ("Insta/Telegram: Foo_Bar.", "foo_bar"),
        ("insta, tg: foo_bar", "foo_bar"),
        ("Instagram foo.bar, llamame", "foo.bar"),
        ("Telegram: foobar 07700 900123", "foobar"),
        ("line id: foobar", "foobar"),
        ("insta: foo underscore bar", "foo_bar"),
        ("insta: foo guión bajo bar", "foo_bar"),
        ("telegram arroba foobar", "foobar"),
        ("find me as foo_bar on insta", "foo_bar"),
        ("foo_bar (snap)", "foo_bar"),
        ("Vraies photos.\narobase foobar12 (snap)", "foobar12"),
        ("at foobar12 (tg)", "foobar12"),
        ("Photos\n✈️ foobar12", "foobar12"),
        ("📸 foo_bar", "foo_bar"),
        ("моя инста foo_bar", "foo_bar"),
        ("kik→foo_bar", "foo_bar"),
        ("line → foo.bar", "foo.bar"),
        ("Threema-ID FOOBAR12", "foobar12"),
        ("viber la numele foobar12", "foobar12"),
        ("у вайбері, нік foobar12", "foobar12"),
        ("Kik me: foo dot bar dot 7", "foo.bar.7"),
        ("insta foo.bar.baz", "foo.bar.baz"),
        ("tg: fo•o_b•ar1", "foo_bar1"),
        ("insta: fo·ob·ar·baz 18h", "foobarbaz"),
        ("my snap is f o o _ b a r 1 2, write me", "foo_bar12"),
    ],
)
def test_a_user_name_is_found_without_its_at_sign(text: str, name: str) -> None:
    assert found(text, "username") == [name]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("canal t.me/foo_hub, admin @foo_boss", {"telegram:foo_hub", "telegram:foo_boss"}),
        ("Napisz na Telegramie do @foo_bar", {"telegram:foo_bar"}),
        ("Insta @foo.uk / Telegram @foo_uk", {"instagram:foo.uk", "telegram:foo_uk"}),
        ("find me on Telegram under the name foobarbaz", {"telegram:foobarbaz"}),
        ("escribe por Telegram a foo_bar", {"telegram:foo_bar"}),
        ("auf Telegram heiße ich foo_bar", {"telegram:foo_bar"}),
        ("мой ник в телеге foo_bar", {"telegram:foo_bar"}),
        ("I'm foobar99 on Telegram", {"telegram:foobar99"}),
        ("foo_bar - telegram only", {"telegram:foo_bar"}),
        ("instgram: foobar", {"instagram:foobar"}),
        ("t.e.l.e.g.r.a.m: f o o _ b a r", {"telegram:foo_bar"}),
        ("insta & snap @foo_bar", {"instagram:foo_bar", "snapchat:foo_bar"}),
        ("пиши т точка ме слэш foo_bar", {"telegram:foo_bar"}),
        ("👻 foo_bar ✈️ @bar_foo", {"snapchat:foo_bar", "telegram:bar_foo"}),
        ("tele: arroba foo underline bar", {"telegram:foo_bar"}),
        ("auf Telegram heiße ich foo~_b~ar9", {"telegram:foo_bar9"}),
        ("escribe por Telegram a a f o o _ b a r", {"telegram:afoo_bar"}),
        ("mon snap c'est i f o o _ b a r", {"snapchat:ifoo_bar"}),
        ("snapul meu e a f o o _ b a r", {"snapchat:afoo_bar"}),
        ("find me on telegram as fo•o_•bar. Call", {"telegram:foo_bar"}),
        ("Telegram • Viber • Signal", set()),
        ("find me on Telegram under the name Valentina", set()),
        ("Telegram as usual, covid19 and room_12 on the news", set()),
        ("I work at @foo_bar, 9 to 5", set()),
    ],
)
def test_a_name_belongs_to_the_platform_that_its_sentence_names(text: str, names: set[str]) -> None:
    assert set(found(text, "messenger")) == names


@pytest.mark.parametrize(
    "text",
    [
        "telegram: escribe por privado",
        "signal: strong, line: busy",
        "session: two hours",
        "line: 5 years of it",
        "session: 60min, 2girls",
        "only 5 of 2girls",
        "one of the best_ever",
        "Telegram: available, Insta: no",
        "Instagram: escribeme.",
        "telegram nur nachrichten",
        "oh snap: that hurts",
        "follow my insta today. Call me",
        "facebook Foo Bar",
        "telegram: 24h",
        "punto de encuentro",
        "entra en el punto com / salida",
        "Der Punkt ist klar",
        "open . To / from",
        "mail foo@shop.example",
        "open @10am",
        "2 @ 50",
        "tg•ig•fb•snap",
        "telegram: yes|no|ask",
        "signal: 10•15•20",
        "telegram 0 7 7 0 0 9 0 0 1 2 3",
        "on signal a b c d e f",
    ],
)
def test_prose_holds_no_user_name(text: str) -> None:
    assert found(text, "username") == []


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://wa.me/447700900123?text=hi", "whatsapp:+447700900123"),
        ("https://api.whatsapp.com/send?phone=447700900123", "whatsapp:+447700900123"),
        ("viber://chat?number=%2B447700900123", "viber:+447700900123"),
        ("t.me/foo_bar", "telegram:foo_bar"),
        ("https://t.me/+AbCdEfGh", "telegram-invite:AbCdEfGh"),
        ("telegram @foo_bar", "telegram:foo_bar"),
    ],
)
def test_a_messenger_link_is_found(text: str, link: str) -> None:
    assert found(text, "messenger") == [link]


def test_a_messenger_link_to_a_number_is_that_number_too() -> None:
    assert found("https://wa.me/447700900123", "phone") == ["+447700900123"]
    assert found("https://wa.me/447700900123", "url") == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        # Published test vectors: the genesis block, BIP 173, EIP-55.
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "btc:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "btc:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "eth:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    ],
)
def test_a_crypto_address_counts_with_its_checksum_only(text: str, address: str) -> None:
    assert found(f"pay {text} now", "crypto") == [address]
    swapped = text[:-1] + ("b" if text[-1] != "b" else "c")
    assert found(f"pay {swapped} now", "crypto") == []


def test_keccak_is_the_original_one() -> None:
    assert keccak_256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert len({keccak_256(b"a" * length) for length in (135, 136, 137)}) == 3


@settings(max_examples=150)
@given(st.lists(st.one_of(st.none(), st.text(max_size=80)), max_size=5))
def test_any_texts_give_rows_whose_spans_slice_to_the_raw_spelling(texts: list[str | None]) -> None:
    rows = {str(place): text for place, text in enumerate(texts)}
    frame = pl.DataFrame(
        {"id": list(rows), "text": list(rows.values())}, schema={"id": pl.String, "text": pl.String}
    )
    result = extract_identifiers(frame)
    assert result.schema == pl.Schema(IDENTIFIER_SCHEMA)
    for row in result.iter_rows(named=True):
        text = rows[row["id"]]
        assert text is not None
        assert text[row["start"] : row["end"]] == row["raw"] != ""


@given(st.text(st.sampled_from("@.:/-_ abcxz[](){}dotatme0x13bc1tgwa\n"), max_size=60))
def test_no_text_of_address_pieces_makes_it_fail(text: str) -> None:
    extract_identifiers(pl.DataFrame({"id": ["1"], "text": [text]}))


def test_records_are_answered_in_order_with_their_own_ids() -> None:
    records = [
        {"id": "b", "text": "07700 900123", "region": "GB", "unknown": 1},
        {"id": 7, "text": "nothing"},
        {"id": "b", "text": "mail foo@mail.example", "lang": None},
    ]
    answers = list(extract_texts(records))
    assert [answer["id"] for answer in answers] == ["b", 7, "b"]
    assert answers[0]["identifiers"] == [
        {
            "kind": "phone",
            "value": "+447700900123",
            "raw": "07700 900123",
            "start": 0,
            "end": 12,
            "obscured": False,
        }
    ]
    assert answers[1]["identifiers"] == []
    assert [mention["value"] for mention in answers[2]["identifiers"]] == ["foo@mail.example"]


def test_a_half_surrogate_in_a_record_moves_no_span() -> None:
    [answer] = extract_texts([{"id": 1, "text": "\ud83d 07700 900123", "region": "GB"}])
    assert answer["identifiers"][0]["start"] == 2


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"text": "x"}, "record 2: field 'id'"),
        ({"id": "1"}, "record 2: field 'text'"),
        ({"id": "1", "text": None}, "record 2: field 'text'"),
        ({"id": "1", "text": "x", "region": 5}, "record 2: field 'region'"),
        ("x", "record 2: expected an object"),
    ],
)
def test_a_faulty_record_is_named(record: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(extract_texts([{"id": "0", "text": "fine"}, record]))  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("text", "lang", "name"),
    [
        ("su telegram mi trovi come bellarosa", "it", "bellarosa"),
        ("pe telegram mă găsești ca dulcemaria", "ro", "dulcemaria"),
        ("búscame en el telegram como lunadorada", "es", "lunadorada"),
        ("Auf Telegram findest du mich als wildrose.", "de", "wildrose"),
        ("su telegram mi trovi come sempre", "it", None),
        ("Find me on LinkedIn as recruiter.", "en", None),
        ("I use telegram as messenger", "en", None),
    ],
)
def test_a_plain_name_behind_a_word_for_finding_and_as(text: str, lang: str, name: str | None) -> None:
    frame = pl.DataFrame({"id": ["1"], "text": [text], "lang": [lang]})
    found = extract_identifiers(frame).filter(pl.col("kind") == "username")["value"].to_list()
    assert found == ([] if name is None else [name])

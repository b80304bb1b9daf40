"""Digits and number words that are no telephone number, with the words that go with them in ten languages."""

from __future__ import annotations

import random
from collections.abc import Callable

Innocent = Callable[[str, random.Random], str]
_ORDER = {
    "en": "order number",
    "es": "pedido número",
    "pt": "encomenda n.º",
    "fr": "commande n°",
    "de": "Bestellnummer",
    "it": "ordine numero",
    "ro": "comanda nr.",
    "nl": "bestelnummer",
    "pl": "numer zamówienia",
    "ru": "номер заказа",
}
_TRACKING = {
    "en": "tracking number",
    "es": "seguimiento",
    "pt": "rastreio",
    "fr": "numéro de suivi",
    "de": "Sendungsnummer",
    "it": "tracking",
    "ro": "AWB",
    "nl": "track en trace",
    "pl": "numer przesyłki",
    "ru": "трек-номер",
}
_VAT = {
    "en": "VAT no GB",
    "es": "CIF B",
    "pt": "NIF ",
    "fr": "TVA FR",
    "de": "USt-IdNr. DE",
    "it": "P.IVA ",
    "ro": "CUI RO",
    "nl": "btw NL",
    "pl": "NIP ",
    "ru": "ИНН ",
}
_PERSON = {
    "en": "passport no. ",
    "es": "DNI ",
    "pt": "cartão de cidadão ",
    "fr": "numéro de sécurité sociale ",
    "de": "Personalausweis ",
    "it": "documento n. ",
    "ro": "CNP ",
    "nl": "BSN ",
    "pl": "PESEL ",
    "ru": "паспорт ",
}
_CURRENCY = {
    "en": "£",
    "es": "€",
    "pt": "€",
    "fr": "€",
    "de": "€",
    "it": "€",
    "ro": "lei",
    "nl": "€",
    "pl": "zł",
    "ru": "руб",
}
_POLICE = {
    "en": "The operation led to {a} arrests, {b} identified victims, {c} vehicles checked and {d} euros seized",
    "es": "La operación acabó con {a} detenidos, {b} víctimas identificadas, {c} vehículos controlados y {d} euros",
    "pt": "A operação levou a {a} detenções, {b} vítimas identificadas, {c} veículos fiscalizados e {d} euros",
    "fr": "L'opération a mené à {a} arrestations, {b} victimes, {c} voitures contrôlées et {d} euros saisis",
    "de": "Der Einsatz führte zu {a} Festnahmen, {b} erkannten Opfern, {c} kontrollierten Fahrzeugen und {d} Euro",
    "it": "L'operazione ha portato a {a} arresti, {b} vittime identificate, {c} veicoli controllati e {d} euro",
    "ro": "Operațiunea s-a încheiat cu {a} arestări, {b} victime identificate, {c} vehicule controlate și {d} euro",
    "nl": "De actie leidde tot {a} aanhoudingen, {b} slachtoffers, {c} gecontroleerde voertuigen en {d} euro",
    "pl": "Operacja zakończyła się {a} zatrzymaniami, {b} ofiarami, {c} skontrolowanymi pojazdami i {d} euro",
    "ru": "Операция: {a} задержанных, {b} потерпевших, {c} проверенных машин и {d} евро",
}
_COUNTING = {
    "en": "one girl, two friends, three hours, four clients a day, five or six days, seven nights",
    "es": "una chica, dos amigas, tres horas, cuatro clientes, cinco o seis días, siete noches",
    "pt": "uma menina, duas amigas, três horas, quatro clientes, cinco ou seis dias, sete noites",
    "fr": "une fille, deux amies, trois heures, quatre clients, cinq ou six jours, sept nuits",
    "de": "eine Frau, zwei Freundinnen, drei Stunden, vier Gäste, fünf oder sechs Tage, sieben Nächte",
    "it": "una ragazza, due amiche, tre ore, quattro clienti, cinque o sei giorni, sette notti",
    "ro": "o fată, două prietene, trei ore, patru clienți, cinci sau șase zile, șapte nopți",
    "nl": "een vrouw, twee vriendinnen, drie uur, vier klanten, vijf of zes dagen, zeven nachten",
    "pl": "jedna dziewczyna, dwie koleżanki, trzy godziny, czterech klientów, pięć lub sześć dni, siedem nocy",
    "ru": "одна девушка, две подруги, три часа, четыре клиента, пять или шесть дней, семь ночей",
}
_SUMS = {
    "en": "two hundred and fifty thousand six hundred and twenty pounds",
    "es": "doscientos cincuenta mil seiscientos veinte euros",
    "pt": "duzentos e cinquenta mil seiscentos e vinte euros",
    "fr": "deux cent cinquante mille six cent vingt euros",
    "de": "zweihundertfünfzigtausend sechshundertzwanzig Euro",
    "it": "duecentocinquantamila seicentoventi euro",
    "ro": "două sute cincizeci de mii șase sute douăzeci de lei",
    "nl": "tweehonderdvijftigduizend zeshonderdtwintig euro",
    "pl": "dwieście pięćdziesiąt tysięcy sześćset dwadzieścia złotych",
    "ru": "двести пятьдесят тысяч шестьсот двадцать рублей",
}


def _digits(count: int, r: random.Random, first: str = "123456789") -> str:
    return r.choice(first) + "".join(r.choice("0123456789") for _ in range(count - 1))


def _date(r: random.Random) -> str:
    day, month, year = r.randrange(1, 29), r.randrange(1, 13), r.randrange(1990, 2031)
    sign = r.choice("./-")
    return r.choice([f"{day:02d}{sign}{month:02d}{sign}{year}", f"{year}{sign}{month:02d}{sign}{day:02d}"])


def _time(r: random.Random) -> str:
    return f"{r.randrange(24):02d}{r.choice(':h.')}{r.randrange(60):02d}"


def _book(r: random.Random) -> str:
    body = "978" + _digits(9, r)
    check = (10 - sum(int(c) * (1, 3)[i % 2] for i, c in enumerate(body)) % 10) % 10
    whole = body + str(check)
    return r.choice(["ISBN {}", "{}", "ISBN-13: {}"]).format(
        r.choice([whole, f"{whole[:3]}-{whole[3]}-{whole[4:8]}-{whole[8:12]}-{whole[12]}"])
    )


def _bank(r: random.Random) -> str:
    country, length = r.choice(
        [("DE", 18), ("ES", 20), ("FR", 23), ("NL", 14), ("PT", 21), ("PL", 24), ("GB", 18)]
    )
    body = (
        _digits(length, r)
        if country not in ("NL", "GB")
        else {"NL": "ABNA", "GB": "WEST"}[country] + _digits(length - 4, r)
    )
    rest = int("".join(str(int(c, 36)) for c in body + country) + "00") % 97
    whole = f"{country}{98 - rest:02d}{body}"
    return r.choice(["{}", "IBAN {}", "IBAN: {}"]).format(
        r.choice([whole, " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))])
    )


def _price(lang: str, r: random.Random) -> str:
    sign = _CURRENCY[lang]
    first, second = r.choice([".", " ", "\u00a0"]), r.choice([".", " "])
    whole = f"{r.randrange(1, 900)}{first}{r.randrange(1000):03d}{second}{r.randrange(1000):03d}"
    lists = " / ".join(f"{h}h {r.randrange(5, 60) * 10}{sign}" for h in range(1, 6))
    return r.choice(
        [
            f"{whole} {sign}",
            lists,
            f"{sign} {whole}",
            f"30min {r.randrange(4, 9)}0 60min 1{r.randrange(10)}0 90min 2{r.randrange(10)}0 120min 300 {sign}",
        ]
    )


INNOCENT: dict[str, Innocent] = {
    "price": _price,
    "date": lambda lang, r: r.choice(
        [
            f"{_date(r)} - {_date(r)}",
            f"{_date(r)} {_time(r)}-{_time(r)}",
            f"{_date(r)}, {_date(r)}, {_date(r)}",
        ]
    ),
    "time": lambda lang, r: r.choice(
        [
            f"{_time(r)}-{_time(r)} / {_time(r)}-{_time(r)}",
            f"{_time(r)} - {_time(r)}, {_time(r)} - {_time(r)}",
        ]
    ),
    "book": lambda lang, r: _book(r),
    "bank account": lambda lang, r: _bank(r),
    "coordinates": lambda lang, r: (
        f"{r.uniform(36, 60):.{r.choice((4, 6))}f},{r.choice(['', ' '])}{r.uniform(-9, 30):.6f}"
    ),
    "order": lambda lang, r: (
        f"{_ORDER[lang]} {r.choice(['', '#'])}{_digits(r.choice((8, 9, 10, 12)), r, '0123456789')}"
    ),
    "police figures": lambda lang, r: _POLICE[lang].format(
        a=r.randrange(900),
        b=r.randrange(100, 3000),
        c=f"{r.randrange(1, 99)}.{r.randrange(1000):03d}",
        d=f"{r.randrange(1, 99)}.{r.randrange(1000):03d}.{r.randrange(1000):03d}",
    ),
    "measurements": lambda lang, r: r.choice(
        [
            f"{r.randrange(150, 190)} cm, {r.randrange(45, 80)} kg, 90-60-90, {r.randrange(36, 42)}",
            f"1,{r.randrange(50, 90)} m {r.randrange(45, 80)}kg "
            f"{r.randrange(80, 110)}/{r.randrange(55, 80)}/{r.randrange(80, 110)}",
            f"{_digits(4, r)} x {_digits(4, r)} x {_digits(3, r)} mm",
        ]
    ),
    "years": lambda lang, r: r.choice(
        [
            "2019-2024, 2020-2025",
            "2018/2019/2020/2021",
            "1999 2004 2012 2020",
            "(1987-2024)",
            "2021 - 2022 - 2023",
        ]
    ),
    "scores": lambda lang, r: r.choice(
        ["6-4 7-6 6-3 6-2", "3:1 2:2 0:0 4:1 1:0", "25-17 25-19 23-25 25-21", "101-98, 88-92, 110-105"]
    ),
    "machine address": lambda lang, r: (
        ".".join(str(r.randrange(10, 255)) for _ in range(4)) + r.choice(["", ":8080", "/24"])
    ),
    "postcode": lambda lang, r: r.choice(
        [
            f"{_digits(5, r)} Madrid, {_digits(5, r)} Roma",
            f"{_digits(4, r)}-{_digits(3, r)} Porto",
            f"{_digits(2, r)}-{_digits(3, r)} Kielce",
        ]
    ),
    "tax number": lambda lang, r: f"{_VAT[lang]}{_digits(r.choice((8, 9, 10)), r)}",
    "identity": lambda lang, r: f"{_PERSON[lang]}{_digits(r.choice((9, 10, 11, 13)), r)}",
    "hash": lambda lang, r: "".join(r.choice("0123456789abcdef") for _ in range(r.choice((32, 40, 64)))),
    "uuid": lambda lang, r: "-".join(
        "".join(r.choice("0123456789abcdef") for _ in range(k)) for k in (8, 4, 4, 4, 12)
    ),
    "version": lambda lang, r: (
        f"v{r.randrange(20)}.{r.randrange(20)}.{r.randrange(99)}.{r.randrange(9999)}, "
        f"{r.randrange(9)}.{r.randrange(20)}.{r.randrange(9)}-{r.randrange(9)}"
    ),
    "tracking": lambda lang, r: (
        f"{_TRACKING[lang]}: {r.choice(['1Z', 'RR', 'JJD', ''])}{_digits(r.choice((10, 12, 14)), r)}"
    ),
    "card": lambda lang, r: "4111 1111 1111 1111",
    "page address": lambda lang, r: (
        f"https://shop.example/{r.choice(['item', 'p', 'ad'])}/{_digits(r.choice((8, 9, 10)), r, '06789')}.html"
        f"?id={_digits(9, r)}"
    ),
    "file": lambda lang, r: (
        f"IMG_{r.randrange(2015, 2026)}{r.randrange(1, 13):02d}{r.randrange(1, 29):02d}_{r.randrange(10**6):06d}.jpg"
    ),
    "counting": lambda lang, r: _COUNTING[lang],
    "sum in words": lambda lang, r: _SUMS[lang],
    "countdown": lambda lang, r: r.choice(
        ["1 2 3 4 5 6 7 8 9 10", "10 9 8 7 6 5 4 3 2 1", "1-2-3-4-5-6-7-8-9"]
    ),
    "sizes": lambda lang, r: r.choice(
        ["36 38 40 42 44", "34/36/38/40", "S 36, M 38, L 40, XL 42", "80B 85C 90D 95E"]
    ),
    "lottery": lambda lang, r: " ".join(str(x) for x in sorted(r.sample(range(1, 50), 6))),
    "long row": lambda lang, r: _digits(r.choice((18, 20, 24)), r),
    "percentages": lambda lang, r: ", ".join(f"{r.randrange(1, 99)},{r.randrange(10)} %" for _ in range(4)),
}

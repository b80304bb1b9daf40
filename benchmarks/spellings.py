"""Telephone numbers spelled in every way that the work plan lists, for the evaluation of extraction.

Numbers are from ranges kept for fiction where the country has such a range, else plainly invented (three noughts in
the middle). Nothing here is shared with the extractor.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers

from benchmarks.spoken_numbers import UNITS, said


@dataclass(frozen=True)
class Number:
    """One telephone number: `national` digits as dialled at home, `code` of the country, E.164 `value`."""

    region: str
    code: str
    national: str
    value: str
    lang: str


Spelling = Callable[[Number, random.Random], str]
# Templates: # is any digit; the first of each are fiction ranges.
NATIONAL = {
    "en": ("GB", "44", ("07700900###", "02079460###", "01632960###", "01614960###")),
    "es": ("ES", "34", ("6##000###", "6##000###", "7##000###")),
    "pt": ("PT", "351", ("91#000###", "93#000###", "96#000###")),
    "fr": ("FR", "33", ("063998####", "019900####", "035301####")),
    "de": ("DE", "49", ("01713920###", "03023125###", "04066969###")),
    "it": ("IT", "39", ("33#0000###", "34#0000###", "32#0000###")),
    "ro": ("RO", "40", ("07##000###",)),
    "nl": ("NL", "31", ("06##000###",)),
    "pl": ("PL", "48", ("5##000###", "6##000###")),
    "ru": ("RU", "7", ("89##000####",)),
}
_FICTION = ("GB", "FR", "DE")
_TRUNK = {"GB": "0", "FR": "0", "DE": "0", "RO": "0", "NL": "0", "RU": "8"}
_PLUS = {
    "en": "plus",
    "es": "más",
    "pt": "mais",
    "fr": "plus",
    "de": "plus",
    "it": "più",
    "ro": "plus",
    "nl": "plus",
    "pl": "plus",
    "ru": "плюс",
}
_REPEATS = {
    "en": ("double", "triple"),
    "es": ("doble", "triple"),
    "pt": ("duplo", "triplo"),
    "fr": ("double", "triple"),
    "de": ("doppel", "dreifach"),
    "it": ("doppio", "triplo"),
    "ro": ("dublu", "triplu"),
    "nl": ("dubbel", "driedubbel"),
    "pl": ("podwójne", "potrójne"),
    "ru": ("двойной", "тройной"),
}


def number(lang: str, r: random.Random) -> Number:
    """A number of the country of `lang`."""
    region, code, templates = NATIONAL[lang]
    while True:
        national = "".join(str(r.randrange(10)) if c == "#" else c for c in r.choice(templates))
        value = f"+{code}{national.removeprefix(_TRUNK.get(region, ''))}"
        if region in _FICTION or phonenumbers.is_valid_number(phonenumbers.parse(value, None)):
            return Number(region, code, national, value, lang)


def digit_words(digits: str, lang: str) -> list[str]:
    """One word per digit."""
    words = UNITS[lang].split()
    return [words[int(digit)] for digit in digits]


def groups(digits: str, sizes: tuple[int, ...], r: random.Random) -> list[str]:
    """The digits in groups of one of `sizes`, the last one taking what is left."""
    size = r.choice(sizes)
    return [digits[place : place + size] for place in range(0, len(digits), size)]


def said_in_groups(digits: str, lang: str, sizes: tuple[int, ...], r: random.Random) -> str:
    """As people dictate: groups as numbers, those that begin with a nought digit by digit."""
    spoken: list[str] = []
    for group in groups(digits, sizes, r):
        spoken += digit_words(group, lang) if group[0] == "0" else [said(int(group), lang)]
    return " ".join(spoken)


def _repeated(n: Number, r: random.Random) -> str:
    double, triple = _REPEATS[n.lang]
    words: list[str] = []
    place = 0
    while place < len(n.national):
        digit = n.national[place]
        length = next(k for k in (3, 2, 1) if n.national[place : place + k] == digit * k)
        words.append(
            f"{(double, triple)[length - 2]} {digit_words(digit, n.lang)[0]}"
            if length > 1
            else digit_words(digit, n.lang)[0]
        )
        place += length
    return " ".join(words)


def _mapped(digits: str, table: str) -> str:
    return "".join(table[int(digit)] for digit in digits)


def _from(first: int) -> str:
    return "".join(chr(first + place) for place in range(10))


def _mixed(n: Number, r: random.Random) -> str:
    return " ".join(digit_words(d, n.lang)[0] if r.random() < 0.5 else d for d in n.national)


def _homoglyphs(n: Number, r: random.Random) -> str:
    latin, cyrillic = "aeopcyxi", "аеорсухі"
    spoken = " ".join(digit_words(n.national, n.lang))
    return "".join(cyrillic[latin.index(c)] if c in latin and r.random() < 0.5 else c for c in spoken)


def _leet(n: Number, r: random.Random) -> str:
    replaced = {"0": "Oo", "1": "lI", "5": "S", "8": "B"}
    made = [r.choice(replaced[d]) if d in replaced and r.random() < 0.6 else d for d in n.national]
    if not any(c.isdigit() for c in made[:3]):
        made[1] = n.national[1]
    return "".join(made)


SPELLINGS: dict[str, Spelling] = {
    "plain": lambda n, r: r.choice(
        [
            n.national,
            n.value,
            "00" + n.value[1:],
            " ".join(groups(n.national, (2, 3, 4), r)),
            f"+{n.code} " + " ".join(groups(n.value[len(n.code) + 1 :], (3,), r)),
        ]
    ),
    "separated": lambda n, r: r.choice([" ", ".", "-", "/", "_", "*", " - ", "..", "~", "·"]).join(
        n.national
    ),
    "words": lambda n, r: r.choice([" ", " ", ", ", "-", "... "]).join(digit_words(n.national, n.lang)),
    "words in groups": lambda n, r: said_in_groups(n.national, n.lang, (2, 3), r),
    "words and digits": _mixed,
    "glued words": lambda n, r: "".join(
        word.capitalize() if r.random() < 0.5 else word for word in digit_words(n.national, n.lang)
    ),
    "double and triple": _repeated,
    "keycaps": lambda n, r: r.choice(["", " "]).join(c + "\ufe0f\u20e3" for c in n.national),
    "emoji between": lambda n, r: r.choice("💋🌹✨🔥💦🍒").join(n.national),
    "emoji between groups": lambda n, r: r.choice(["❤️", "📞", "💎💎", "🌸"]).join(
        groups(n.national, (2, 3), r)
    ),
    "full width": lambda n, r: _mapped(n.national, _from(0xFF10)),
    "circled": lambda n, r: _mapped(n.national, r.choice(["⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "⓪➀➁➂➃➄➅➆➇➈"])),
    "mathematical": lambda n, r: _mapped(
        n.national, _from(r.choice([0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6]))
    ),
    "superscript": lambda n, r: _mapped(n.national, r.choice(["⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"])),
    "other scripts": lambda n, r: _mapped(
        n.national, _from(r.choice([0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0x1040]))
    ),
    "homoglyphs": _homoglyphs,
    "leet": _leet,
    "brackets": lambda n, r: "".join(
        r.choice(["({})", "[{}]", "<{}>", "{{{}}}"]).format(g) for g in groups(n.national, (1, 2, 3), r)
    ),
    "symbols between": lambda n, r: r.choice(
        ["*", "#", "=", "|", "~", "^", "_", "•", "★", "°", "\\", "!", "'"]
    ).join(groups(n.national, (1, 2, 3), r)),
    "spelled plus": lambda n, r: (
        f"{_PLUS[n.lang]} {r.choice([n.code, ' '.join(digit_words(n.code, n.lang)), said(int(n.code), n.lang)])} "
        + r.choice(
            [
                " ".join(groups(n.value[len(n.code) + 1 :], (3,), r)),
                " ".join(digit_words(n.value[len(n.code) + 1 :], n.lang)),
            ]
        )
    ),
    "spelled noughts": lambda n, r: (
        f"{' '.join(digit_words('00', n.lang))} {n.code} {' '.join(groups(n.value[len(n.code) + 1 :], (3,), r))}"
    ),
    "over lines": lambda n, r: r.choice(["\n", " \n", "\n\n", "\r\n"]).join(groups(n.national, (3, 4, 5), r)),
    "one a line": lambda n, r: "\n".join(n.national),
    "links": lambda n, r: (
        r.choice(
            [
                "tel:{}",
                "https://wa.me/{0}",
                "https://api.whatsapp.com/send?phone={0}&text=hi",
                "viber://chat?number=%2B{0}",
                "https://t.me/+{0}",
                "wa.me/{0}",
                "whatsapp://send?phone={0}",
            ]
        )
        .format(n.value[1:])
        .replace("tel:", "tel:+")
    ),
}
# Written so that a plain search finds them, and so not obscured.
NOT_OBSCURED = frozenset({"plain", "links"})

"""Telephone numbers as writers of advertisements hide them: thought out after the first set, measured before mended."""

from __future__ import annotations

import random
import unicodedata

from benchmarks.spellings import Number, Spelling, digit_words, groups, said_in_groups

_SMALL_CAPITALS = str.maketrans("abcdeghijklmnoprtuvwz", "ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡᴢ")
_BLANKS = "\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202d\u2066\u2069\u00ad"
_FLAGS = "🇪🇸🇬🇧🇫🇷🇩🇪🇷🇴🇧🇷"
# What people say for some digits beside the first word for them.
_ALSO: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"0": ("oh", "nought", "o")},
    "pt": {"6": ("meia",)},
    "de": {"2": ("zwo",), "5": ("fuenf",)},
    "fr": {"0": ("zero",)},
    "nl": {"1": ("één",)},
    "ro": {"1": ("una",), "2": ("două",), "6": ("sase",), "7": ("sapte",), "9": ("noua",)},
    "ru": {"0": ("нуль",)},
    "es": {"1": ("un",)},
}
_AND = {
    "en": "and",
    "es": "y",
    "pt": "e",
    "fr": "et",
    "de": "und",
    "it": "e",
    "ro": "și",
    "nl": "en",
    "pl": "i",
    "ru": "и",
}
_LIKE = {
    "0": "OoQD",
    "1": "lI|i",
    "2": "Zz",
    "3": "E",
    "4": "A",
    "5": "Ss",
    "6": "Gb",
    "7": "T",
    "8": "B",
    "9": "gq",
}


def _unaccented(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.replace("ł", "l"))
    return "".join(c for c in plain if unicodedata.category(c) != "Mn" or c == "\u0306")


def _words(n: Number) -> list[str]:
    return digit_words(n.national, n.lang)


def _other_words(n: Number, r: random.Random) -> str:
    also = _ALSO.get(n.lang, {})
    return " ".join(r.choice(also[d]) if d in also else digit_words(d, n.lang)[0] for d in n.national)


def _words_beside_digits(n: Number, r: random.Random) -> str:
    made: list[str] = []
    spelled = False
    for digit in n.national:
        spelled = not spelled if r.random() < 0.7 else spelled
        made.append(digit_words(digit, n.lang)[0] if spelled else digit)
    return "".join(made)


def _few_letters(n: Number, r: random.Random) -> str:
    made = list(n.national)
    for place in r.sample(range(1, len(made)), 3):
        made[place] = r.choice(_LIKE[made[place]])
    return "".join(made)


def _leet_words(n: Number, r: random.Random) -> str:
    table = str.maketrans("eoai", "30@1") if r.random() < 0.5 else str.maketrans("eoi", "301")
    return " ".join(word.translate(table) for word in _words(n))


def _stretched(n: Number, r: random.Random) -> str:
    made = []
    for word in _words(n):
        place = r.choice([p for p, c in enumerate(word) if c in "aeiouаеиоуüéêăąęóя"] or [0])
        made.append(word[: place + 1] + word[place] * r.randrange(2, 5) + word[place + 1 :])
    return " ".join(made)


def _styled(word: str, first_small: int) -> str:
    return "".join(chr(first_small + ord(c) - 97) if "a" <= c <= "z" else c for c in _unaccented(word))


def _in_other_language(n: Number, r: random.Random) -> str:
    other = r.choice([lang for lang in ("en", "es", "it", "ro", "de") if lang != n.lang])
    return " ".join(digit_words(n.national, other))


def _international(n: Number) -> str:
    return n.value[len(n.code) + 1 :]


WRITERS: dict[str, Spelling] = {
    "hyphened words": lambda n, r: r.choice(["-", " - ", "–", "_", "*", "/", ".", " . ", "•", " ✨ "]).join(
        _words(n)
    ),
    "capital words": lambda n, r: r.choice([" ", "", "-"]).join(_words(n)).upper(),
    "words without accents": lambda n, r: _unaccented(" ".join(_words(n))),
    "other words": _other_words,
    "words beside digits": _words_beside_digits,
    "words over lines": lambda n, r: "\n".join(" ".join(part) for part in (_words(n)[:4], _words(n)[4:])),
    "groups glued": lambda n, r: said_in_groups(n.national, n.lang, (2,), r).replace(
        " ", r.choice(["", "-"])
    ),
    "groups, no hyphens": lambda n, r: _unaccented(said_in_groups(n.national, n.lang, (2, 3), r)).replace(
        "-", " "
    ),
    "groups of both": lambda n, r: " ".join(
        g if g[0] == "0" or r.random() < 0.5 else said_in_groups(g, n.lang, (3,), r)
        for g in groups(n.national, (2, 3), r)
    ),
    "words joined by and": lambda n, r: f" {_AND[n.lang]} ".join(_words(n)),
    "letters apart": lambda n, r: "  ".join(" ".join(word) for word in _words(n)),
    "dotted letters": lambda n, r: " ".join(".".join(word) for word in _words(n)),
    "stretched words": _stretched,
    "leet words": _leet_words,
    "script letters": lambda n, r: " ".join(
        _styled(word, r.choice([0x1D4EA, 0x1D5BA, 0x24D0, 0xFF41, 0x1D68A])) for word in _words(n)
    ),
    "small capitals": lambda n, r: " ".join(
        _unaccented(word).translate(_SMALL_CAPITALS) for word in _words(n)
    ),
    "struck through": lambda n, r: "".join(c + r.choice("\u0336\u0332\u0335\u20dd") for c in n.national),
    "blanks of all kinds": lambda n, r: "".join(c + r.choice(_BLANKS) for c in n.national).strip(),
    "unseen characters": lambda n, r: "".join(c + r.choice(_UNSEEN) for c in n.national),
    "flags between": lambda n, r: r.choice([_FLAGS[i : i + 2] for i in range(0, len(_FLAGS), 2)]).join(
        groups(n.national, (1, 2, 3), r)
    ),
    "hearts between": lambda n, r: "".join(c + r.choice(["❤️", "💕", "♥", "💖💖", "🖤 "]) for c in n.national),
    "few letters": _few_letters,
    "letters for noughts": lambda n, r: (
        n.national.replace("0", r.choice("oO"))
        if sum(c != "0" for c in n.national) > 3
        else n.national[:-1].replace("0", "o") + n.national[-1]
    ),
    "button for nought": lambda n, r: "".join(
        r.choice(["🅾️", "⭕", "🅾"]) if c == "0" else c + "\ufe0f\u20e3" for c in n.national
    ),
    "plus between": lambda n, r: r.choice(["+", " + "]).join(n.national),
    "x between": lambda n, r: r.choice("xX").join(n.national),
    "wide gaps": lambda n, r: r.choice(["   ", " . ", "...", "\t", " , ", " ; ", " | ", "-_-", "~~"]).join(
        groups(n.national, (1, 2, 3), r)
    ),
    "code in brackets": lambda n, r: r.choice(["(+{}) {}", "[+{}]{}", "(00{}) {}", "+({}) {}"]).format(
        n.code, " ".join(groups(_international(n), (3,), r))
    ),
    "code and words": lambda n, r: (
        f"{r.choice(['+', '00'])}{n.code} {' '.join(digit_words(_international(n), n.lang))}"
    ),
    "glued to a word": lambda n, r: r.choice(
        ["whatsapp{}", "tel{}", "WhatsApp:{}", "tel.{}", "Tel:{}now", "📱{}📱"]
    ).format(n.national),
    "words of another language": _in_other_language,
    "chinese digits": lambda n, r: "".join(
        r.choice(["〇一二三四五六七八九", "零一二三四五六七八九"])[int(c)] for c in n.national
    ),
    "keycaps half": lambda n, r: "".join(c + r.choice(["\u20e3", "\ufe0f\u20e3", ""]) for c in n.national),
    "half and half": lambda n, r: n.national[:5] + " " + " ".join(digit_words(n.national[5:], n.lang)),
    "turned": lambda n, r: "".join(f"{c}{r.choice(['.', ' ', '-', '', '*'])}" for c in n.national).rstrip(
        ".-* "
    ),
    "words in brackets": lambda n, r: "".join(
        r.choice(["({})", "[{}]", "*{}*"]).format(w) for w in _words(n)
    ),
}

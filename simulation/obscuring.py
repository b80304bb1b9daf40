"""How people write a telephone number: plainly, or so that machines miss it."""

from collections.abc import Callable
from random import Random

from simulation.number_words import DIGIT_WORDS, number_word
from simulation.phones import Phone

PLUS_WORDS = {"en": "plus", "es": "más", "pt": "mais", "fr": "plus", "de": "plus", "ro": "plus"}


def plain(phone: Phone, region: str, random: Random) -> str:
    """`phone` as an honest writer in `region` (ISO code) puts it; abroad always with its calling code."""
    groups = phone.groups
    if phone.country == region and random.random() < 0.65:
        if phone.country == "US":
            return random.choice(("({}) {}-{}", "{}-{}-{}", "{}.{}.{}")).format(*groups)
        return random.choice((" ", " ", ".", "-", "")).join(groups)
    rest = (groups[0][len(phone.trunk) :], *groups[1:])
    joined = random.choice((" ", " ", "", "-")).join(rest)
    if phone.trunk and random.random() < 0.1:
        return f"+{phone.code} (0){' '.join(rest)}"
    return (
        f"{random.choice(('+', '+', '+', '00'))}{phone.code} {joined}"
        if " " in joined
        else f"+{phone.code}{joined}"
    )


def _digits(phone: Phone, region: str, random: Random) -> str:
    """The digits to disguise: national at home, else with `+` and calling code."""
    return phone.national if phone.country == region and random.random() < 0.75 else phone.e164


def _words(digits: str, language: str, random: Random) -> str:
    words = DIGIT_WORDS[language]
    spoken = [PLUS_WORDS[language] if sign == "+" else words[int(sign)] for sign in digits]
    return random.choice((" ", " ", "-", ", ")).join(spoken)


def _pair_words(digits: str, language: str, random: Random) -> str:
    """Two digits a word where they make a number from 10 on, as the French and Spanish say them."""
    sign, rest = (f"{PLUS_WORDS[language]} ", digits[1:]) if digits[0] == "+" else ("", digits)
    spoken = [DIGIT_WORDS[language][int(rest[0])]] if len(rest) % 2 else []
    for start in range(len(rest) % 2, len(rest), 2):
        pair = rest[start : start + 2]
        if pair[0] == "0":
            spoken += [DIGIT_WORDS[language][0], DIGIT_WORDS[language][int(pair[1])]]
        else:
            spoken.append(number_word(int(pair), language))
    return sign + random.choice((" ", ", ")).join(spoken)


def _mixed_words(digits: str, language: str, random: Random) -> str:
    words = DIGIT_WORDS[language]
    share = random.uniform(0.2, 0.6)
    parts = [words[int(sign)] if sign != "+" and random.random() < share else sign for sign in digits]
    return " ".join(parts)


def _spaced(digits: str, _: str, random: Random) -> str:
    return random.choice((" ", "  ", " . ", " - ")).join(digits)


def _separators(digits: str, _: str, random: Random) -> str:
    out = ""
    for position, sign in enumerate(digits):
        if position and digits[position - 1] != "+" and random.random() < 0.45:
            out += random.choice(".-/ *_")
        out += sign
    return out


def _brackets(digits: str, _: str, random: Random) -> str:
    sign, digits = ("+", digits[1:]) if digits[0] == "+" else ("", digits)
    left, right = random.choice(("()", "[]", "{}"))
    return sign + "".join(f"{left}{digits[i : i + 2]}{right}" for i in range(0, len(digits), 2))


def _keycaps(digits: str, _: str, __: Random) -> str:
    return "".join("➕" if sign == "+" else f"{sign}\ufe0f\u20e3" for sign in digits)


def _leet(digits: str, _: str, random: Random) -> str:
    swaps = {"0": "O", "1": random.choice("lI")}
    spelled = "".join(swaps.get(sign, sign) if random.random() < 0.8 else sign for sign in digits)
    return " ".join(spelled[i : i + 3] for i in range(0, len(spelled), 3))


def _full_width(digits: str, _: str, __: Random) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in digits)


def _circled(digits: str, _: str, __: Random) -> str:
    return "".join(
        sign if sign == "+" else ("⓪" if sign == "0" else chr(0x2460 + int(sign) - 1)) for sign in digits
    )


def _bold(digits: str, _: str, __: Random) -> str:
    return "".join(sign if sign == "+" else chr(0x1D7CE + int(sign)) for sign in digits)


def _lines(digits: str, _: str, random: Random) -> str:
    cuts = sorted(random.sample(range(3, len(digits) - 2), 2))
    return "\n".join((digits[: cuts[0]], digits[cuts[0] : cuts[1]], digits[cuts[1] :]))


def _invisible(digits: str, _: str, random: Random) -> str:
    return random.choice(("\u200b", "\u200c", "\u2060", "\u00ad")).join(digits)


def _symbols(digits: str, _: str, random: Random) -> str:
    return random.choice(("*", "~", "_", "•", "♥", "|")).join(digits)


STYLES: dict[str, Callable[[str, str, Random], str]] = {
    "words": _words,
    "pair_words": _pair_words,
    "mixed_words": _mixed_words,
    "spaced": _spaced,
    "separators": _separators,
    "brackets": _brackets,
    "keycaps": _keycaps,
    "leet": _leet,
    "full_width": _full_width,
    "circled": _circled,
    "bold": _bold,
    "lines": _lines,
    "invisible": _invisible,
    "symbols": _symbols,
}
_NAMES = tuple(STYLES)


def obscured(phone: Phone, region: str, language: str, random: Random, style: str | None = None) -> str:
    """`phone` disguised in `style` (a random one of `STYLES` by default) for readers of `language`."""
    chosen = STYLES[style or random.choice(_NAMES)]
    return chosen(_digits(phone, region, random), language, random)

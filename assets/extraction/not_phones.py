"""Digits that are something else: dates, times, book and bank numbers, coordinates, addresses of machines.

Each is blanked out in place, so that spans stay valid and no telephone number runs through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

BLANK = "\x00"

_DATE = re.compile(
    r"(?<![\d])(?<!\d[./-])(?:"
    r"(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:19|20)\d\d"
    r"|(?:0?[1-9]|1[0-2])([/-])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d"
    r"|(?:19|20)\d\d([./-])(?:0?[1-9]|1[0-2])\3(?:0?[1-9]|[12]\d|3[01])"
    r")(?![./-]?\d)"
)
_SHORT_DATE = re.compile(
    r"(?<![\d])(?<!\d[./-])(?:(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1\d\d"
    r"|(?:0?[1-9]|1[0-2])([/-])(?:0?[1-9]|[12]\d|3[01])\2\d\d)(?![./-]?\d)"
)
_TIME = re.compile(r"(?<![\d.:])(?:[01]?\d|2[0-4])(?::[0-5]\d){1,2}(?![\d:])")
_TIME_STAMP = re.compile(r"(?:19|20)\d\d[./-]?[01]\d[./-]?[0-3]\d\s+(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")
_HOURS = re.compile(
    r"(?<![\d.])(?:[01]?\d|2[0-4])(?:[.h][0-5]\d)\s*(?:-|a|to|bis|à|as|la)\s*"
    r"(?:[01]?\d|2[0-4])(?:[.h][0-5]\d)(?!\d)"
)
_YEARS = re.compile(r"(?<![\d+])(?<!\d[ ./-])(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d(?![ ./-]?\d)")
_COORDINATES = re.compile(r"-?\b\d{1,3}[.,]\d{3,}\s*°?\s*[NS]?\s*[,;/ ]\s*-?\d{1,3}[.,]\d{3,}\s*°?\s*[EWO]?")
# Minutes or a point of the compass must follow, since the sign also parts the groups of telephone numbers.
_DEGREES = re.compile(r"\d{1,3}\s*°\s*\d{1,2}(?:[.,]\d+)?\s*(?:['′]\s*(?:\d{1,2}(?:[.,]\d+)?)?|[NSEWO]\b)")
_MACHINE = re.compile(r"(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\.?\d)")
_MACHINE_AND_PORT = re.compile(r"(?<![\d.])(?<!\d[/-])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2}|:\d{2,5})(?![\d/.])")
_BOOK = re.compile(r"(?<![\d+])97[89](?:[- ]?\d){10}(?!\d)")
_BOOK_NAMED = re.compile(r"(?i)\b(?:isbn|issn|ean|imei)(?:-?1[03])?\W{0,3}\d(?:[- ]?[\dX]){6,16}")
_BANK = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![A-Za-z0-9])"
)
_CARD = re.compile(r"(?<![\d+])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\d)")
_MONEY_AFTER = re.compile(r"(?<!\d)(?<!\d )(?:[€$£¥₽₴₺]|zł)\s?\d[\d.,']*(?: \d{3}(?!\d))*")
_MONEY_BEFORE = re.compile(r"(?<![\d+])\d{1,3}(?:[ .,']\d{3})*(?:[.,]\d{1,2})?\s?(?:[€£₽₴₺]|zł)(?!\s?\d)")
_SLASHED_DATE = re.compile(r"(?<!\d)(?<!\d/)(?:[0-3]?\d/[01]?\d|[01]?\d/[0-3]?\d)/[12]\d{3}(?![/\d])")
_SHORT_SLASHED_DATE = re.compile(r"(?<!\d)(?<!\d/)(?:[0-3]?\d/[01]?\d|[01]?\d/[0-3]?\d)/\d\d(?![/\d])")
# Digits that go on one by one on either side belong to a number that is spaced out ("0 7-7 0-0 9-0 0").
_SCORES = re.compile(r"(?<![\d-])(?<!\d )\d-\d(?:[ ,;]{1,2}\d-\d){2,}(?![\d-])(?! \d(?!\d))")
_VERSION = re.compile(r"(?i)(?<![^\W_])v(?:ersion|er)?[. ]{0,2}\d+(?:[.-]\d+)+")
_UNIVERSAL = re.compile(r"(?i)(?<![^\W_])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![^\W_])")
_PUBLICATION = re.compile(r"\d{1,5}-+\d{1,5}\s{0,4}\(\d{1,4}")


def _valid_bank_number(spelling: str) -> bool:
    """ISO 13616: the rearranged number is 1 modulo 97."""
    compact = spelling.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def _valid_book_number(spelling: str) -> bool:
    """ISO 2108: weights 1 and 3, sum divisible by ten."""
    digits = [int(character) for character in spelling if character.isdigit()]
    return sum(digit * (1, 3)[place % 2] for place, digit in enumerate(digits)) % 10 == 0


def _valid_card_number(spelling: str) -> bool:
    """ISO/IEC 7812 (Luhn)."""
    digits = [int(character) for character in spelling if character.isdigit()]
    doubled = [d if place % 2 else (d * 2 - 9 if d > 4 else d * 2) for place, d in enumerate(digits)]
    return sum(doubled) % 10 == 0


def _is_machine(spelling: str) -> bool:
    """An IPv4 address; four pairs of digits, or a part that begins with a zero, are rather a telephone number."""
    parts = spelling.split(".")
    if any(len(part) > 1 and part[0] == "0" for part in parts):
        return False
    return all(int(part) <= 255 for part in parts) and not all(len(part) == 2 for part in parts)


def blank(text: str, start: int, end: int) -> str:
    """`text` with [start, end) blanked out, of the same length."""
    return text[:start] + BLANK * (end - start) + text[end:]


def blank_bank_numbers(text: str) -> str:
    """The folded `text` with valid international bank account numbers blanked out, of the same length."""
    for match in _BANK.finditer(text):
        if _valid_bank_number(match.group()):
            text = blank(text, *match.span())
    return text


def blank_other_numbers(text: str, in_prose: bool, doubtful: bool = True) -> str:
    """The folded `text` with numbers that are no telephone numbers blanked out, of the same length.

    `in_prose` is False for a text that holds nothing but digits and separators (a form field). There a date-like
    row of digits is more likely a telephone number and only clear time stamps are taken out. `doubtful` takes out
    also what a telephone number set in odd groups may look like: a date with a short year, a machine's address.
    """
    if SUSPECT.search(text) is None:
        return text
    if ":" in text:
        text = _blank_all(text, _TIME_STAMP)
    if "/" in text:
        text = _blank_all(text, _SLASHED_DATE)
        if doubtful:
            text = _blank_all(text, _SHORT_SLASHED_DATE)
    if "(" in text:
        text = _blank_all(text, _PUBLICATION)
    if not in_prose:
        return text
    for pattern, is_one in _CHECKED:
        for match in pattern.finditer(text):
            if is_one(match.group()):
                text = blank(text, *match.span())
    if doubtful:
        for match in _MACHINE.finditer(text):
            if _is_machine(match.group()):
                text = blank(text, *match.span())
        text = _blank_all(text, _SHORT_DATE)
    for sign, pattern in _PROSE:
        if sign.search(text):
            text = _blank_all(text, pattern)
    return text


# What every pattern of this module needs something of.
SUSPECT = re.compile(
    r"[:/(€£$¥₽₴₺°]|zł|[A-Z]{2}\d{2}|97[89]|(?:19|20)\d\d ?-|\d[.-]\d{1,3}[.-]\d|\d[.,]\d{3}|\d[.h]\d\d\s?(?:[^\W\d]|-)"
    r"|[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-|(?i:v(?:er|ersion)?[. ]{0,2}\d)|\d{4}[ -]\d{4}[ -]|\d-\d[ ,;]"
    r"|(?i:is[bs]n|ean|imei)"
)
_CHECKED: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (_BANK, _valid_bank_number),
    (_BOOK, _valid_book_number),
    (_CARD, _valid_card_number),
)
# Each with what a text must hold to be worth the search.
_PROSE: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"(?i)is[bs]n|ean|imei"), _BOOK_NAMED),
    (re.compile(r"\d[.,]\d{3,}"), _COORDINATES),
    (re.compile("°"), _DEGREES),
    (re.compile(r"\d[./-]\d{1,2}[./-]\d"), _DATE),
    (re.compile(r"(?:19|20)\d\d ?[-/]"), _YEARS),
    (re.compile(r"\d[.h]\d"), _HOURS),
    (re.compile(r"[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-"), _UNIVERSAL),
    (re.compile(r"(?i)v\D{0,8}\d"), _VERSION),
    (re.compile(r"\d\.\d{1,3}[/:]\d"), _MACHINE_AND_PORT),
    (re.compile(r"\d-\d"), _SCORES),
    (re.compile(":"), _TIME),
    (re.compile("[€£₽₴₺]|zł"), _MONEY_BEFORE),
    (re.compile("[€$£¥₽₴₺]|zł"), _MONEY_AFTER),
)


def _blank_all(text: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(lambda match: BLANK * (match.end() - match.start()), text)

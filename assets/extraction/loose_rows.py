"""Telephone numbers whose parts are not all sure: misspelt number words, digits for letters, words between the parts.

A second reading for texts that have the parts of a number and in which the first one (`phones`) has found none. It
takes a whole row of parts or nothing: the row must be long, mostly sure, and exactly one telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, pairwise, product
from typing import NamedTuple

from phonenumbers import country_code_for_region

from assets.extraction.almost_words import BY_EAR, LEET, guesses
from assets.extraction.found import Found
from assets.extraction.next_sentence import is_next_sentence
from assets.extraction.not_phones import blank_bank_numbers, blank_other_numbers
from assets.extraction.number_series import is_counting, is_price_row, is_series, rises_or_falls
from assets.extraction.number_words import READINGS, NumberWords, Part, number_words, read_digits
from assets.extraction.phone_parts import (
    LOOK_ALIKES,
    NEVER_INSIDE,
    ROUND_OR_STRAIGHT,
    language_of_numbers,
)
from assets.extraction.phone_surroundings import is_trusted
from assets.extraction.phone_validity import FEWEST_DIGITS, regions_for
from assets.extraction.phones import phone_value
from assets.extraction.rule_files import languages_with
from assets.extraction.scattered_numbers import find_two_parts
from assets.extraction.then_words import articles_between, words_between

_TOKEN = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"\d+|\D+")
_TIMES = re.compile(r"(\d)[xх](\d)", re.IGNORECASE)
_GAP = 12
_NOUN = re.compile(r" [^\W\d_]")
# Letters and digits in one token that are cut in every way.
_LONGEST_LEET = 24
_MOST_PARTS = 26
_FEWEST_PARTS = 3
# Words between two parts.
_MOST_BETWEEN = 6
_MOST_WAYS = 96
# How far all guesses together may be from words: so much for every sure part, and so much in any case.
_PER_SURE, _IN_ANY_CASE = 0.45, 0.8
# Words for single digits that are a number although most of them only sound like words for digits.
_BY_EAR_ALONE = 9
# Readings that are as likely as each other.
_SAME = 0.05
# Number words that make a row a dictated one, which may leave its trunk prefix out.
_DICTATED = 4
# Characters of a number in E.164: the plan of North America has numbers of seven digits that nobody dictates.
_SHORTEST = {"+1": 12}
# Parts of one row that is wrong at its edges, which may be left out.
_EDGE = 2
# Letters of a guess that is rather another word where the row is a number without it.
_SHORT_GUESS = 3
_LANGUAGE_OF_REGION = {
    "TR": "tr", "HU": "hu", "CZ": "cs", "SK": "sk", "BG": "bg", "GR": "el", "CY": "el", "RS": "sr", "ME": "sr",
    "HR": "hr", "BA": "hr", "SE": "sv", "NO": "nb", "DK": "da", "FI": "fi",
}  # fmt: skip
_SAME_LANGUAGE = {"no": "nb", "nn": "nb", "sh": "sr"}


# A row of digits and number words that a token may be, with its distance from them.
_Way = tuple[tuple[str, ...], float]


class _Item(NamedTuple):
    """A token of a row and what it may be, the nearest first; nothing for the first half of a word.

    `apart` says that words stand before it that belong to no number, `letters` are its own if it has no digits,
    `joiner` that it is a word like "and", `merged` that it is a word that was written in two, `mixed`
    that it has letters and digits.
    """

    start: int
    end: int
    ways: tuple[_Way, ...]
    apart: bool
    letters: str = ""
    joiner: bool = False
    merged: bool = False
    mixed: bool = False

    @property
    def sure(self) -> bool:
        return bool(self.ways) and self.ways[0][1] == 0.0


def homes_of_languages() -> tuple[str, ...]:
    """Regions (ISO 3166 alpha-2) whose language is read at home only."""
    return tuple(_LANGUAGE_OF_REGION)


def language_at_home(region: str | None, language: str | None) -> str | None:
    """The language whose short number words are read in texts of `language` and `region` only, if there is one."""
    named = (language or "").lower()[:2]
    named = _SAME_LANGUAGE.get(named, named)
    if named in languages_with("numbers_at_home"):
        return named
    return _LANGUAGE_OF_REGION.get((region or "").upper()) if not named else None


def find_loose_phones(text: str, region: str | None, language: str | None) -> list[Found]:
    """Telephone numbers of the folded `text` in rows of parts that are not all sure. Never raises."""
    home = language_at_home(region, language)
    spoken = language_of_numbers(text, language)
    tongues = [tongue for tongue in (home, spoken) if tongue is not None]
    if not tongues:
        tongues = [language[:2]] if language and language[:2] in languages_with("numbers") else ["en"]
    tongue = "+".join(dict.fromkeys("+".join(tongues).split("+")))
    regions = regions_for(region, language or tongue[:2])
    cleared = blank_other_numbers(blank_bank_numbers(text), in_prose=True, doubtful=False)
    found: list[Found] = []
    for row in _rows(cleared, tongue):
        if len(row) < _FEWEST_PARTS:
            found += find_two_parts(text, row[0][:2], row[1][:2], regions)
            continue
        if row[-1].letters and is_next_sentence([text[a.end : b.start] for a, b in pairwise(row)]):
            row = row[:-1]
        phone = _read(text, row, number_words(tongue), regions, home is not None)
        if phone is not None:
            found.append(phone)
    return found


def _rows(text: str, tongue: str) -> Iterator[list[_Item]]:
    """Rows of parts with nothing between but words that say that they go on."""
    beside, articles = words_between(), articles_between()
    joiners = number_words(tongue).joiners
    row: list[_Item] = []
    waiting: list[str] = []
    end = 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        if row and (match.start() - end > _GAP or NEVER_INSIDE.search(text, end, match.start())):
            yield from _enough(row)
            row, waiting = [], []
        lower = token.lower()
        ways = _ways(token, tongue)
        joined = _joined(row, text[end : match.start()], lower, ways, tongue)
        if joined is not None:
            row[-1] = _Item(row[-1].start, match.end(), joined, row[-1].apart, lower, False, True)
            end = match.end()
            continue
        sure = bool(ways) and ways[0][1] == 0.0
        by_ear = bool(ways) and ways[0][1] == BY_EAR and _all_by_ear(row, number_words(tongue), 2)
        if row and not sure and not by_ear and (lower in beside or lower in articles):
            waiting.append(lower)
            end = match.end()
            continue
        if not ways or (not row and lower in joiners):
            yield from _enough(row)
            row, waiting = [], []
            if token.isalpha() and len(token) > 2:
                # The first half of a word that is written in two.
                row = [_Item(match.start(), match.end(), (), False, lower)]
            end = match.end()
            continue
        if row and not row[-1].ways:
            row = []
        if waiting and len(waiting) > _MOST_BETWEEN:
            yield from _enough(row)
            row = []
        letters = lower if token.isalpha() else ""
        mixed = not letters and not token.isdigit()
        row.append(
            _Item(match.start(), match.end(), ways, bool(waiting), letters, lower in joiners, False, mixed)
        )
        waiting = []
        end = match.end()
    yield from _enough(row)


def _joined(
    row: list[_Item], gap: str, lower: str, ways: tuple[_Way, ...], tongue: str
) -> tuple[_Way, ...] | None:
    """What a token is with the one before it, if one of the two is no number word but both are ("veinti tres")."""
    if not row or gap not in (" ", "-") or not row[-1].letters or not lower.isalpha():
        return None
    if row[-1].sure and ways and ways[0][1] == 0.0:
        return None
    whole = row[-1].letters + lower
    return (((whole,), 0.0),) if whole in number_words(tongue).words else None


def _enough(row: list[_Item]) -> Iterator[list[_Item]]:
    while row and (not row[-1].ways or row[-1].joiner):
        row = row[:-1]
    two = len(row) == 2 and row[1].apart and not (row[0].letters or row[1].letters)
    if two or _FEWEST_PARTS <= len(row) <= _MOST_PARTS:
        yield row


@lru_cache(maxsize=20_000)
def _ways(token: str, tongue: str) -> tuple[_Way, ...]:
    """What a token may be as a part of a number, the nearest first; none for a word."""
    if token.isdigit():
        return (((token,), 0.0),)
    if token.isalpha():
        found = list(guesses(token, tongue))
        if len(token) <= 4 and all(letter in ROUND_OR_STRAIGHT for letter in token):
            found.append(((_digits(token),), 0.2))
        return tuple(sorted(found, key=lambda way: way[1]))
    counted = _TIMES.fullmatch(token)
    if counted is not None:
        return _counted(*counted.groups())
    found = list(guesses(token, tongue))
    if found and (found[0][1] == 0.0 or (found[0][1] == LEET and len(found[0][0]) == 1)):
        # A whole word with a digit for a letter is none beside a digit ("ein5", "zer0").
        return tuple(found)
    pieces = _PIECE.findall(token)
    options = [_ways_of_piece(piece, tongue, len(pieces)) for piece in pieces]
    if len(pieces) <= 8 and all(options):
        for choice in islice(product(*options), 8):
            found.append(
                (tuple(word for words, _ in choice for word in words), sum(far for _, far in choice))
            )
    if exact := [way for way in found if way[1] == 0.0]:
        return tuple(_with_tens(exact, tongue))
    if 5 < len(token) <= _LONGEST_LEET:
        found += _leet_row(token.lower(), tongue)
    nearest: dict[tuple[str, ...], float] = {}
    for words, far in sorted(found, key=lambda way: way[1]):
        nearest.setdefault(words, far)
    return tuple(nearest.items())[:4]


def _with_tens(ways: list[_Way], tongue: str) -> Iterator[_Way]:
    """The ways, and before each that has a figure behind tens ("trente9") the one with a word for the figure."""
    table = number_words(tongue)
    units = {value: phrase[0] for phrase, value in table.values.items() if value < 10 and len(phrase) == 1}
    for words, far in ways:
        for place, (tens, unit) in enumerate(pairwise(words)):
            if len(unit) == 1 and unit.isdigit() and table.values.get((tens,)) in range(20, 100, 10):
                yield (*words[: place + 1], units[int(unit)], *words[place + 2 :]), far
        yield words, far


def _ways_of_piece(piece: str, tongue: str, pieces: int) -> tuple[_Way, ...]:
    if piece.isdigit():
        return (((piece,), 0.0),)
    plurals = number_words(tongue).plurals
    found = [way for way in guesses(piece, tongue) if way[1] < 1.0 and plurals.keys().isdisjoint(way[0])]
    if len(piece) <= 4 and all(letter in ROUND_OR_STRAIGHT for letter in piece):
        found.append(((_digits(piece),), 0.2))
    return tuple(found)


@lru_cache(maxsize=5_000)
def _leet_row(token: str, tongue: str) -> tuple[_Way, ...]:
    """Digits and words with digits for letters in one token ("5inco3ocho"), cut in two or three."""
    found: list[_Way] = []
    for cut in range(1, len(token)):
        left = _short(token[:cut], tongue)
        if not left:
            continue
        right = _short(token[cut:], tongue)
        if len(token) - cut > 3:
            right = [*right, *_leet_row(token[cut:], tongue)]
        found += [((*a, *b), far + further) for a, far in left for b, further in right]
    return tuple(sorted(found, key=lambda way: way[1])[:4])


def _short(piece: str, tongue: str) -> list[_Way]:
    if piece.isdigit():
        return [((piece,), 0.0)] if len(piece) <= 4 else []
    return [way for way in guesses(piece, tongue) if len(way[0]) == 1 and way[1] <= 1.1]


def _digits(letters: str) -> str:
    return "".join(LOOK_ALIKES[letter] for letter in letters)


def _counted(first: str, second: str) -> tuple[_Way, ...]:
    """ "3x0", "0x3": three noughts; "7x2": two sevens, or seven twos."""
    ways: list[_Way] = []
    for digit, count in ((first, second), (second, first)):
        if 2 <= int(count) <= 7:
            ways.append(((digit * int(count),), 0.0 if not ways else 0.1))
    if first == "0" or second == "0":
        ways = [way for way in ways if set(way[0][0]) == {"0"}]
    return tuple(ways)


def _read(
    text: str, row: list[_Item], table: NumberWords, regions: tuple[str, ...], at_home_only: bool
) -> Found | None:
    """The number that the row is; None if it is none, or may be more than one."""
    for first, last in _edges(row):
        some = row[first:last]
        read = _value(text, some, table, regions, at_home_only or _is_short_guess(row[last:]))
        if read is not None:
            value, method = read
            return Found("phone", value, some[0].start, some[-1].end, True, method)
    return None


def _edges(row: list[_Item]) -> Iterator[tuple[int, int]]:
    """The whole row, then without guesses at its edges; a short guess at its end ("… four 9 hun") is left out first."""
    before = [0]
    while before[-1] < min(_EDGE, len(row)) and not row[before[-1]].sure:
        before.append(before[-1] + 1)
    behind = [len(row)]
    while len(row) - behind[-1] < _EDGE and behind[-1] > 0 and not row[behind[-1] - 1].sure:
        behind.append(behind[-1] - 1)

    def rank(edge: tuple[int, int]) -> tuple[bool, int]:
        return edge[1] == len(row) and _is_short_guess(row[-1:]), edge[0] - edge[1]

    for first, last in sorted(product(before, behind), key=rank):
        if last - first >= _FEWEST_PARTS:
            yield first, last


def _is_short_guess(items: list[_Item]) -> bool:
    return len(items) == 1 and not items[0].sure and 0 < len(items[0].letters) <= _SHORT_GUESS


def _value(
    text: str, row: list[_Item], table: NumberWords, regions: tuple[str, ...], at_home_only: bool
) -> tuple[str, str] | None:
    """E.164 of the row and how it was read."""
    # A guess that comes again is made once, and is the same guess.
    spelled = [text[item.start : item.end].lower() for item in row]
    ways = {written: item.ways for written, item in zip(spelled, row, strict=True)}
    certain = sum(
        min(len(written), 3) if written.isdigit() else 1
        for written, item in zip(spelled, row, strict=True)
        if item.sure and not item.joiner
    )
    if sum(listed[0][1] for listed in ways.values()) > certain * _PER_SURE + _IN_ANY_CASE and not _all_by_ear(
        row, table
    ):
        return None
    figures = [written for written, item in zip(spelled, row, strict=True) if not item.joiner]
    joined = any(item.apart or item.joiner for item in row)
    if _counts([str(table.values.get(item.ways[0][0], item.letters)) for item in row if item.sure]):
        return None
    if (
        not at_home_only
        and not any(item.apart or item.merged or item.mixed or not item.sure for item in row)
        and not all(map(str.isdigit, figures))
    ):
        # All words are sure and stand side by side: the first look has judged them.
        return None
    if all(map(str.isdigit, figures)) and (
        not joined or is_counting(figures) or is_series(figures) or is_price_row(figures)
    ):
        return None
    plus = text[max(0, row[0].start - 3) : row[0].start].rstrip(" (").endswith("+")
    told = is_trusted(text, row[0].start, row[-1].end, "", "", plus)
    if told is None:
        return None
    figures_alone = all(map(str.isdigit, figures))
    if figures_alone and not told and figures[0][0] != "0" and _NOUN.match(text, row[-1].end):
        # "From 600 to 900, then 000 points": what is counted stands behind.
        return None
    trusted = told or sum(not figure.isdigit() for figure in figures) >= _DICTATED
    at_home = tuple(f"+{country_code_for_region(region)}" for region in regions)
    values: dict[str, float] = {}
    for choice in islice(product(*ways.values()), _MOST_WAYS):
        far = sum(distance for _, distance in choice)
        if values and far > min(values.values()) + _SAME:
            continue
        chosen = dict(zip(ways, (words for words, _ in choice), strict=True))
        for digits in _spelled(text, row, [chosen[written] for written in spelled], table):
            value = phone_value(digits, plus, regions, trusted)
            if value is None or len(value) < _SHORTEST.get(value[:2], 0):
                continue
            if not (plus or digits.startswith("00") or value.startswith(at_home)):
                continue
            values[value] = min(far, values.get(value, far))
            if far == 0.0:
                break
    if not values:
        return None
    nearest = min(values.values())
    likely = [value for value, far in values.items() if far <= nearest + _SAME]
    if len(likely) != 1:
        return None
    if nearest > 0:
        return likely[0], "misspelt"
    if any(item.apart for item in row):
        return likely[0], "in parts"
    return likely[0], "mixed" if any(map(str.isdigit, "".join(figures))) else "words"


def _spelled(text: str, row: list[_Item], words: list[tuple[str, ...]], table: NumberWords) -> Iterator[str]:
    """The digits of the row in each way that its composed number words can be read."""
    parts: list[Part] = []
    for place, (item, listed) in enumerate(zip(row, words, strict=True)):
        following = row[place + 1] if place + 1 < len(row) else None
        soft = (
            following is not None
            and not following.apart
            and text[item.end : following.start].strip(" -") == ""
        )
        for position, word in enumerate(listed):
            parts.append(Part(word, item.start, item.end, soft or position + 1 < len(listed)))
    known: set[str] = set()
    # Words of one token belong together, those of several may do.
    tight = [
        part._replace(
            soft=part.soft
            and (part.start == after.start or part.text in table.joiners or after.text in table.joiners)
        )
        for part, after in zip(parts, [*parts[1:], parts[-1]], strict=True)
    ]
    loose_end = [*parts[:-2], *(part._replace(soft=False) for part in parts[-2:-1]), parts[-1]]
    for joined, reading in product((parts, tight, loose_end), READINGS):
        groups = [digits for digits, _, _ in read_digits(joined, table, reading)]
        digits = "".join(groups)
        if (
            FEWEST_DIGITS <= len(digits) <= 15
            and digits not in known
            and not _counts(groups)
            and not rises_or_falls(groups)
        ):
            known.add(digits)
            yield digits


def _all_by_ear(row: list[_Item], table: NumberWords, fewest: int = _BY_EAR_ALONE) -> bool:
    """Whether a long row side by side is single digits, each a word for one or sounding just like it, with noughts
    among them that are sure ("too oh too fife …"): no sentence goes on like that."""
    if len(row) < fewest or any(item.apart or not item.letters or not item.ways for item in row):
        return False
    words = [item.ways[0] for item in row]
    if any(len(listed) != 1 or far > BY_EAR or table.values.get(listed, 10) > 9 for listed, far in words):
        return False
    return any(far == 0.0 and table.values[listed] == 0 for listed, far in words)


def _counts(groups: list[str]) -> bool:
    """Whether five single digits in a row go up or down by one, as nobody's number but every nursery rhyme does."""
    single = [group if len(group) == 1 and group.isdigit() else "" for group in groups]
    return any(
        all(five) and is_counting(five, 5)
        for five in (single[place : place + 5] for place in range(len(single) - 4))
    )

"""User names that stand beside the name of their platform: "insta: foo", "snap foo_bar", "foo_bar on snap".

Prose names platforms too ("line: busy", "Telegram: write me"), so a name has to show itself as one: by an at sign, a
digit or an underscore, a point inside, or by standing alone behind a platform and a colon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from assets.extraction.alternatives import one_of
from assets.extraction.platforms import platforms
from assets.extraction.signs_in_words import signs_in_words

_ARROWS = "\u2192\u21e8\u27a1"
_SHORTEST, _LONGEST = 3, 40
_DOMAINS = frozenset(
    [
        "com",
        "net",
        "org",
        "me",
        "info",
        "example",
        "test",
        "de",
        "es",
        "fr",
        "it",
        "pt",
        "ro",
        "uk",
        "ru",
        "pl",
        "nl",
    ]
)
# Hours, ages, prices and ordinals: figures with a unit behind them.
_MEASURE = re.compile(r"\d+(?:[.h:]\d+)?[a-z]{0,12}")
_UNITS = re.compile(
    r"\d{1,4}(?:[.h]\d\d)?(?:am|pm|h|hs|hrs?|uhr|min|mins|minutes?|minutos|minuten|eur|euros?|usd|gbp|k|km|cm|kg|st|nd|rd|th"
    r"|yo|yrs?|years?|anos|ans|jahre|ani|lat|days?|dias|jours|tage|x|g)"
)
# A telephone number whose digits are partly letters that look like them.
_LEET_PHONE = re.compile(r"(?=(?:\D*\d){5})[\doilszb]{7,}")
_PLAIN = re.compile(r"(?=(?:[^A-Za-z]*[A-Za-z]){3})[A-Za-z_][A-Za-z0-9_.-]{3,}(?:#\d{4})?$")
_WORD = re.compile(r"[^\W\d_]+")
_NEXT_WORD = re.compile(r" ([^\W\d_]+)(?![\d_])")
_LETTERS = re.compile(r"[A-Za-z]{2}")
_SIGN_OR_DIGIT = re.compile(r"[_#\d]")
_POINTED = re.compile(r"[a-z0-9_]{2,}(?:\.[a-z0-9_]+)+")
# A name in single letters, or in pieces with one sign between them that no name has ("fo•ob•ar1").
APART = (
    r"(?:[A-Za-z0-9_.][ ]){4,30}[A-Za-z0-9_](?!\w)"
    r"|[A-Za-z0-9_.]{1,4}(?P<between>[^\w\s@:/\\.,;'()\[\]<>?!#\"&%$€-]{1,2})[A-Za-z0-9_.]{1,4}"
    r"(?:(?P=between)[A-Za-z0-9_.]{1,4}){1,14}"
)
# Fewer pieces of letters alone may be words of a list.
_SURE_PIECES = 4
# Letters and figures set one by one that are no words of one letter.
_MANY = 8
# Letters with three figures or more behind that are no year: no word of prose has them.
SURE_NAME = re.compile(r"[a-z_.]{5,}(?!(?:19|20)\d\d(?!\d))\d{3,5}")
# A picture that may stand right before a name, as a pointing hand does.
_PICTURE = "[\U0001f300-\U0001faff\ufe0f]"


class LabelledName(NamedTuple):
    """A name, small letters, with its place in the text; `written` when its signs are spelled out or set apart."""

    platform: str
    name: str
    start: int
    end: int
    written: bool


@cache
def platform_pattern() -> str:
    """Pattern of the platforms' names."""
    return one_of(platforms().names)


@cache
def _first_words() -> frozenset[str]:
    return frozenset(name.split()[0] for name in platforms().names)


@cache
def _first_name_words() -> frozenset[str]:
    return frozenset(word.split()[0] for word in platforms().name_words)


@cache
def _names() -> re.Pattern[str]:
    """A platform, a mark or a blank, and a name whose points and underscores may be set apart or spelled out."""
    known = platforms()
    signs = signs_in_words()
    dots, underscores = one_of(signs["dot"]), one_of(signs["underscore"])
    at, common = one_of(signs["at"]), one_of(signs["at_common"])
    part = r"[A-Za-z0-9_](?:[A-Za-z0-9_.]{0,38}[A-Za-z0-9_])?"
    said = f"(?:{dots}|{underscores})"
    joint = rf"(?:[ ]_[ ]?|_[ ]|[ ]\.[ ]|[ ]?[\[(][ ]?(?:[._]|{said})[ ]?[\])][ ]?|[ ]{said}[ ])"
    in_words = (
        rf"[\[(](?:{at}|{common})[\])][ ]?|[\[(][a@][\])][ ]?(?=\S*[\d_])"
        rf"|(?:{at})[ ]|(?:{common})[ ](?=\S*[\d_])"
    )
    return re.compile(
        rf"(?i)(?<![\w@.])(?P<platform>{platform_pattern()})"
        # A word for a name may stand behind a comma, a hyphen or a preposition ("Threema-ID", "viber la numele").
        r"(?:(?:[ ]|-|,[ ]|[ ](?:la|al|op|pe|pod|под|with|con|com|mit|avec)[ ])?"
        rf"(?P<named>{one_of(known.name_words)})(?!\w))?"
        # A picture may stand behind the platform ("Snap👻: foo").
        r"(?:[ ]?[^\w\s:=@.,;!?()\[\]#/>~|'\"«„“\u2192\u21e8\u27a1-]{1,3})?"
        rf"(?P<mark>[^\S\n]{{0,2}}(?:[:=>~/|-]{{1,3}}|\u2192|\u21e8|\u27a1)\s{{0,2}}"
        rf"|[ ](?P<copula>{one_of(known.copulas)})[ ]"
        rf"|,?\s?(?=@|[\[(](?:{at}|{common}|a|@)[\])])|\s?(?:[\[(\"'«„“]|\*{{1,2}})|\s{{1,2}}|(?<={_PICTURE}))"
        rf"(?P<at>@[ ]?|{in_words})?(?:live:(?:\.cid\.)?)?"
        rf"(?P<name>(?P<apart>{APART})|{part}"
        rf"(?:-[A-Za-z0-9_]{{1,20}}(?![\w-]))?(?:#\d{{4}}|(?:{joint}{part}){{0,4}}))(?![\w@])"
    )


@cache
def _joints() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Underscores and points that are set apart, bracketed or spelled out."""
    dots, underscores = one_of(signs_in_words()["dot"]), one_of(signs_in_words()["underscore"])
    around = r"(?:[ ]|[ ]?[\[(][ ]?)"
    behind = r"(?:[ ]?[\])][ ]?|[ ])"
    return (
        re.compile(rf"(?i){around}(?:_|{underscores}){behind}|[ ]_|_[ ]"),
        re.compile(rf"(?i){around}(?:\.|{dots}){behind}"),
    )


@cache
def _alone() -> re.Pattern[str]:
    """What stands behind a plain word that is a name: an end, a mark, a telephone number, the next platform."""
    return re.compile(
        r"(?i)[ ]*(?:$|[\n,;|)/.!*\]•·]|[^\w\s:?'\"(%-]|-[ ]|[ ][+(]?\d[\d ()-]{6}"
        rf"|[ ](?:\w{{1,4}}[ ])?(?:{platform_pattern()})[ ]?[:=@])"
    )


def platform_words(text: str, places: Iterable[int]) -> list[re.Match[str]]:
    """Words of the folded `text` that a platform's name begins with, at those of `places` where there is one."""
    first = _first_words()
    words = (_WORD.match(text, at) for at in places)
    return [word for word in words if word is not None and word.group().lower() in first]


def labelled_names(text: str, words: Iterable[re.Match[str]]) -> Iterator[LabelledName]:
    """Names of people beside the name of a platform in the folded `text`, left to right. Never raises.

    `words` are those of `platform_words`.
    """
    free = 0
    for word in words:
        if word.start() < free:
            continue
        match = _names().match(text, word.start())
        if match is None:
            continue
        if match["platform"].lower() in platforms().common and _goes_on(text, match.end("platform")):
            continue
        found = _name_of(text, match)
        if found is not None:
            yield from (
                found._replace(platform=other) for other in _sharing(text, word.start(), found.platform)
            )
            yield found
            free = found.end


@cache
def _shared() -> re.Pattern[str]:
    return re.compile(
        rf"(?i)(?<![\w@.])({platform_pattern()})[ ]?(?:[&/,+|]|{one_of(platforms().both)}(?=[ ]))[ ]?$"
    )


def _sharing(text: str, start: int, platform: str) -> Iterator[str]:
    """Platforms named right before the one at `start` that share its name ("insta & snap: foo_bar")."""
    while (other := _shared().search(text, max(0, start - _LONGEST), start)) is not None:
        named = platforms().names[other.group(1).lower()]
        if named == platform or other.group(1).lower() in platforms().common:
            return
        yield named
        start = other.start()


def tells(text: str, word: re.Match[str]) -> bool:
    """Whether a sentence may lead from the word to a name; behind "of" and the like only a word for a name does."""
    if word.group().lower() not in platforms().common or len(word.group()) > _SHORTEST:
        return True
    following = _NEXT_WORD.match(text, word.end())
    return following is not None and following.group(1).lower() in _first_name_words()


def _goes_on(text: str, end: int) -> bool:
    """Whether a word follows that is no word for a name ("of the", not "line id")."""
    following = _NEXT_WORD.match(text, end)
    return following is not None and following.group(1).lower() not in _first_name_words()


def _name_of(text: str, match: re.Match[str]) -> LabelledName | None:
    known = platforms()
    word = match["platform"].lower()
    platform = known.names[word]
    start, end = match.span("name")
    spelled = match["name"]
    if match["apart"] is not None:
        marked = match["mark"].strip() != "" or match["at"] is not None
        sure = marked or (match["between"] is None and _is_spelled_out(spelled))
        name = put_together(spelled, match["between"]) if sure else None
        return LabelledName(platform, name, start, end, True) if name is not None else None
    if " . " in spelled and match["at"] != "@ ":
        spelled = spelled[: spelled.index(" . ")]
        end = start + len(spelled)
    if "-" in spelled and platform not in known.hyphenated:
        cut = spelled.index("-")
        spelled, end = spelled[:cut], start + cut
    clear = joined(spelled)
    written = clear != spelled
    if (
        written
        and (word in known.common or _alone().match(text, end) is None)
        and not _joints_count(clear, word, match)
    ):
        first = re.match(r"[\w.]*\w", spelled)
        if first is None:
            return None
        spelled, end, clear, written = first.group(), start + first.end(), first.group(), False
    name = clear.lower().strip(".")
    if not _SHORTEST <= len(name) <= _LONGEST or not _is_name(text, match, name, end, written):
        return None
    start -= match["at"] is not None and text[start - 1] == "@"
    return LabelledName(platform, name, start, end, written or _spoken(match))


def _is_spelled_out(pieces: str) -> bool:
    """Whether so many letters and figures one by one are a name where no mark tells it and no word leads to it."""
    first = pieces[0].lower()
    leads = first in platforms().connectors or first in platforms().copulas
    return not leads and len(pieces.split()) >= _MANY and _SIGN_OR_DIGIT.search(pieces) is not None


def _spoken(match: re.Match[str]) -> bool:
    return match["at"] is not None and "@" not in match["at"]


def joined(spelled: str) -> str:
    """A name with the signs that are set apart, bracketed or spelled out put in their places."""
    if " " not in spelled and "(" not in spelled and "[" not in spelled:
        return spelled
    underscores, points = _joints()
    return points.sub(".", underscores.sub("_", spelled))


def put_together(spelled: str, between: str | None) -> str | None:
    """A name of `APART` in one, small letters; None where it is rather words or an hour. `between`: of its match."""
    pieces = spelled.lower().split(between or " ")
    name = "".join(pieces).strip(".")
    if _LETTERS.search(name) is None or is_measure(name) or _LEET_PHONE.fullmatch(name):
        return None
    if between is None:
        return name
    known = platforms()
    if any(piece in known.names or piece in known.name_words for piece in pieces):
        return None
    shows = _SIGN_OR_DIGIT.search(name) is not None or len(pieces) >= _SURE_PIECES
    return name if shows and len(name) > _SHORTEST else None


def _joints_count(joined: str, word: str, match: re.Match[str]) -> bool:
    """Whether set-apart signs belong to a name: behind a platform that no prose names, with a mark."""
    marked = match["mark"].strip() != "" or match["at"] is not None or match["named"] is not None
    pointed = ":" in match["mark"] and len(re.findall(r"[._]", joined)) > 1
    sure = word not in platforms().common or match["at"] is not None or pointed
    return " " not in joined and marked and sure


def is_measure(name: str) -> bool:
    """Whether it is an hour, an age, a price or an ordinal."""
    return _UNITS.fullmatch(name) is not None


def points_to_page(name: str) -> bool:
    """Whether it is rather the address of a page."""
    return name.startswith("www.") or ("." in name and name.rsplit(".", 1)[1] in _DOMAINS)


def _is_name(text: str, match: re.Match[str], name: str, end: int, written: bool) -> bool:
    known = platforms()
    word, mark = match["platform"].lower(), match["mark"]
    if not (name.islower() or any(map(str.isalpha, name))) or _LEET_PHONE.fullmatch(name):
        return False
    if is_measure(name) or name in known.names:
        return False
    if match["at"] is not None:
        return True
    if not written and (points_to_page(name) or ("." in name and text[end : end + 1] == "/")):
        return False
    distinct = word not in known.common or match["named"] is not None
    colon = any(sign in mark for sign in ":=>~" + _ARROWS)
    if _SIGN_OR_DIGIT.search(name) is not None:
        if _MEASURE.fullmatch(name) and not (colon and distinct):
            return False
        if colon or (distinct and mark.strip() and match["copula"] is None):
            return True
        # Without a mark only what begins like a name and is one by its length ("KIK foo_bar1").
        marked = mark.strip() != "" and match["copula"] is None
        return (distinct or marked) and _PLAIN.match(name) is not None
    if written or (not distinct and "." in name and any(arrow in mark for arrow in _ARROWS)):
        return True
    if not distinct or name in known.not_names or name in known.name_words:
        return False
    if "." in name:
        parts = name.split(".")
        plain = _POINTED.fullmatch(match["name"]) is not None and not any(
            part in known.not_names for part in parts
        )
        return colon or plain or len(parts) > 2
    return (
        colon
        and len(name) >= 4
        and re.fullmatch(r"[a-z]+(?:-[a-z]+)?", name) is not None
        and _alone().match(text, end) is not None
    )

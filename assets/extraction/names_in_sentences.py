"""User names that a sentence puts on a platform: "find me on Telegram as foo_bar", "foo_bar on snap", "our channel
t.me/foo, admin @bar", "mi usuario de Telegram es foobar".

A name has to show itself as one, by an underscore, a digit or a point inside; behind a word for a name it may be plain.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from functools import cache

from assets.extraction.alternatives import one_of
from assets.extraction.given_names import given_names
from assets.extraction.labelled_names import (
    APART,
    SURE_NAME,
    LabelledName,
    is_measure,
    joined,
    platform_pattern,
    points_to_page,
    put_together,
)
from assets.extraction.platforms import platforms
from assets.extraction.signs_in_words import signs_in_words

_PLAIN_NAME = re.compile(r"[a-z]{6,20}")
_LETTERS = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]+")
_TELEGRAM_LINK = re.compile(r"(?i)(?<!\w)(?:t|telegram)\.me/")
_END = re.compile(r"[ ]*(?:$|[\n,;|)/.!*\]•·]|[^\w\s:?'\"(%-])")
_GHOST = "\U0001f47b"
_END_OF_LINE = re.compile(r"[^\w\n]*(?:$|\n)")
# How far before and behind an "@name" its platform may be named, and how near one of several is meant.
_BEFORE, _BEHIND, _NEAREST = 80, 40, 30
_LONGEST_LABEL = 40
# A plain name behind "as" alone; shorter ones are words of prose too often.
_LONG_NAME = 8
# Shorter ones may be a flight or a camera behind a picture of one.
_LONG_SURE_NAME = 11
# How far before a platform a word like "find" stands, in characters and in words.
_FINDING, _FINDING_WORDS = 30, 4
# How far before a platform a name that stands on it begins, and what there has to be in one.
_BEFORE_PLATFORM = 110
_SIGN_OF_NAME = re.compile(r"[_\d]")


@cache
def _after() -> re.Pattern[str]:
    """A platform, up to four words that lead to a name, and the name."""
    known = platforms()
    signs = signs_in_words()
    dots, underscores = one_of(signs["dot"]), one_of(signs["underscore"])
    words = one_of([*known.connectors, *known.copulas, *known.name_words])
    part = r"[A-Za-z0-9_][A-Za-z0-9_.]{0,38}"
    return re.compile(
        rf"(?i)(?<![\w@.])(?P<platform>{platform_pattern()})(?:-?(?P<named>{one_of(known.name_words)}))?"
        rf"(?P<lead>,?(?:[ ]{words}(?:[ ]?[:!,-]{{1,3}})?){{1,4}}|\?|(?=,[ ]\w+_),)"
        rf"[ ](?P<at>@[ ]?|(?:{one_of(signs['at'])})[ ])?"
        rf"(?P<name>{part}(?:[ ](?:{dots}|{underscores})[ ]{part}){{0,3}})(?![\w@])"
    )


@cache
def _after_in_pieces() -> re.Pattern[str]:
    """A platform, words that lead to a name, and the name in pieces.

    A word of one letter may be the name's first: it leads to it right behind the platform or a possessive alone.
    """
    known = platforms()
    words = {*known.connectors, *known.copulas, *known.name_words}
    letter = one_of(word for word in words if len(word) == 1)
    longer = one_of(word for word in words if len(word) > 1)
    end = r"(?:[ ]?[:!,-]{1,3})?"
    return re.compile(
        rf"(?i)(?<![\w@.])(?P<platform>{platform_pattern()})"
        rf"(?:[ ]{letter}(?:[ ]{longer}{end}){{0,3}}"
        rf"|(?:[ ](?:{one_of(known.possessives)}[ ]{letter}|{longer}){end}){{1,4}})"
        rf"[ ]@?(?P<name>{APART})(?![\w@])"
    )


@cache
def _on() -> re.Pattern[str]:
    """A name, and its platform behind it."""
    known = platforms()
    words = one_of(word for word in known.names if word not in known.common)
    return re.compile(
        r"(?i)(?<![\w@./-])@?(?P<name>[A-Za-z][A-Za-z0-9.]{0,30}"
        r"(?:_[A-Za-z0-9_.]{0,30}[A-Za-z0-9_]|(?<=[A-Za-z]{4})\d{1,4}))"
        rf"(?:[ ](?:{one_of(known.name_on)})[ ](?:my[ ])?|[ ]?[\[(]|[ ][-/|][ ]"
        r"|(?<=\d)[ ](?=\w+[ ]*(?:$|[\n,;|)!*•·])))"
        rf"(?P<platform>{words})(?!\w)(?![ ]?[:=@])"
    )


@cache
def _pictured() -> re.Pattern[str]:
    """A picture that stands for a platform, and a name without an at sign."""
    pictures = one_of(platforms().pictures)
    return re.compile(
        rf"(?P<picture>{pictures})[ ]?[:=>-]{{0,2}}[ ]?(?P<name>[A-Za-z0-9_.]{{2,39}}[A-Za-z0-9_])(?![\w@])"
    )


@cache
def _self() -> re.Pattern[str]:
    """What stands before a name that is only letters and digits: the speaker, a call to write, an at sign in words, or
    nothing."""
    signs = signs_in_words()
    words = one_of([*platforms().introducing, *signs["at"], *signs["at_common"]])
    return re.compile(rf"(?i)(?:^|[\n.,;:!?>)*•|-]|(?<!\w){words})\s*$")


@cache
def _name_word_before() -> re.Pattern[str]:
    known = platforms()
    return re.compile(rf"(?i)(?<!\w){one_of(known.name_words)}(?:[ ](?:{one_of(known.of_platform)}))?[ ]$")


def names_in_sentences(
    text: str, words: Sequence[re.Match[str]], taken: Collection[tuple[int, int]]
) -> Iterator[LabelledName]:
    """Names of the folded `text` outside the spans `taken`, which `labelled_names` has read.

    `words` are those that may begin the name of a platform.
    """
    if not words:
        yield from _pictured_names(text, taken)
        return
    for word in words:
        found = _led_to_pieces(_after_in_pieces().match(text, word.start()))
        match = _after().match(text, word.start()) if found is None else None
        found = _led_to(text, match) if match is not None else found
        if found is not None and _is_free(found.start, found.end, taken):
            yield found
    yield from _pictured_names(text, taken)
    for match in _names_before(text, words):
        start, end = match.span("name")
        name = match["name"].lower()
        if not _is_free(start, end, taken) or not _shows_itself(name):
            continue
        if not _is_sure(name) and _self().search(text[max(0, start - _LONGEST_LABEL) : start]) is None:
            continue
        yield LabelledName(platforms().names[match["platform"].lower()], name, start, end, False)


def _names_before(text: str, words: Sequence[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Matches of `_on`, looked for only before the `words` and where there is a sign of a name."""
    at = 0
    for word in words:
        low, high = max(at, word.start() - _BEFORE_PLATFORM), word.end() + _LONGEST_LABEL
        if at < high and _SIGN_OF_NAME.search(text, low, word.start()) is not None:
            for match in _on().finditer(text, _word_start(text, low, at), high):
                yield match
                at = match.end()


def _word_start(text: str, place: int, least: int) -> int:
    """Where the word around `place` begins, `least` at the least; a long word is left where it is."""
    start = place
    while start > least and place - start < _LONGEST_LABEL and not text[start - 1].isspace():
        start -= 1
    return start


def _pictured_names(text: str, taken: Collection[tuple[int, int]]) -> Iterator[LabelledName]:
    if text.isascii() or not any(picture in text for picture in platforms().pictures):
        return
    for match in _pictured().finditer(text):
        name = match["name"].lower()
        # Aeroplanes fly, and cameras take pictures, too: behind them a name ends its line, or is one by its form.
        alone = (
            match["picture"] == _GHOST
            or _END_OF_LINE.match(text, match.end()) is not None
            or (len(name) >= _LONG_SURE_NAME and SURE_NAME.fullmatch(name) is not None)
        )
        if alone and _is_free(*match.span("name"), taken) and _shows_itself(name):
            yield LabelledName(platforms().pictures[match["picture"]], name, *match.span("name"), False)


def _led_to_pieces(match: re.Match[str] | None) -> LabelledName | None:
    known = platforms()
    if match is None or (word := match["platform"].lower()) in known.common:
        return None
    name = put_together(match["name"], match["between"])
    return LabelledName(known.names[word], name, *match.span("name"), True) if name is not None else None


def _led_to(text: str, match: re.Match[str]) -> LabelledName | None:
    known = platforms()
    word = match["platform"].lower()
    start, end = match.span("name")
    spelled = match["name"].rstrip(".")
    name = joined(spelled)
    written = name != spelled
    if " " in name:
        return None
    name, end = name.lower(), start + len(spelled)
    leading = _WORD.findall(match["lead"].lower())
    lead = {*leading, (match["named"] or "").lower()}
    named = not lead.isdisjoint(known.name_words) or (
        _name_word_before().search(text[max(0, match.start() - _LONGEST_LABEL) : match.start()]) is not None
    )
    if not named and leading and leading[-1] in known.found_as and len(name) >= _LONG_NAME:
        # "You find me on Telegram as": what follows is a name.
        before = _WORD.findall(text[max(0, match.start() - _FINDING) : match.start()].lower())
        named = not known.finding.isdisjoint([*lead, *before[-_FINDING_WORDS:]])
    # Prose uses some platforms' names as words.
    if word in known.common and not named and match["at"] is None:
        return None
    if not (_shows_itself(name) or written or (named and _is_plain_name(text, name, end))):
        return None
    return LabelledName(known.names[word], name, start, end, written)


def _is_sure(name: str) -> bool:
    """Whether nobody takes it for a word with a figure behind ("mp3", "photos2024")."""
    return "_" in name or SURE_NAME.fullmatch(name) is not None


def _is_free(start: int, end: int, taken: Collection[tuple[int, int]]) -> bool:
    return not any(start < last and first < end for first, last in taken)


def _shows_itself(name: str) -> bool:
    """Whether an underscore, a digit or a point inside tells the name from a word, an hour or an address."""
    if len(_LETTERS.findall(name)) < 3 or is_measure(name) or points_to_page(name):
        return False
    if "_" in name or any(map(str.isdigit, name)):
        return True
    return "." in name and not any(part in platforms().not_names or not part for part in name.split("."))


def _is_plain_name(text: str, name: str, end: int) -> bool:
    return (
        _PLAIN_NAME.fullmatch(name) is not None
        and name not in platforms().not_names
        and name not in platforms().names
        and name not in platforms().name_words
        and name not in given_names()
        and _END.match(text, end) is not None
    )


def platform_pictured(text: str, start: int) -> str | None:
    """The platform whose picture stands right before the at sign at `start` of the folded `text`."""
    for sign in reversed(text[max(0, start - 3) : start]):
        if sign in platforms().pictures:
            return platforms().pictures[sign]
    return None


def platform_near(text: str, start: int, end: int, words: Sequence[re.Match[str]]) -> str | None:
    """The platform of an "@name" at [start, end) of the folded `text`; None where none or several are named near it.

    The one named shortly before it, else the only one near. A link to Telegram names it. `words` are those that may
    begin the name of a platform.
    """
    named = _named(text, words, start - _BEFORE, end + _BEHIND)
    before = [(place, name) for place, name in named if place < start]
    if before and start - before[-1][0] <= _NEAREST:
        return before[-1][1]
    platform = {name for _, name in before} or {name for place, name in named if place >= end}
    return platform.pop() if len(platform) == 1 else None


def _named(text: str, words: Sequence[re.Match[str]], low: int, high: int) -> list[tuple[int, str]]:
    """Platforms that the text names in [low, high), each with its place, in order."""
    known = platforms()
    first, last = (bisect_left(words, border, key=lambda word: word.start()) for border in (low, high))
    spelled = [(word.start(), word.group().lower()) for word in words[first:last] if word.end() <= high]
    named = [
        (place, known.names[name])
        for place, name in spelled
        if name in known.names and name not in known.common
    ]
    if ".me/" in text[max(0, low) : high].lower():
        named += [(link.start(), "telegram") for link in _TELEGRAM_LINK.finditer(text, max(0, low), high)]
    return sorted(named)

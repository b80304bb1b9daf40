"""A folded text cut into the parts that a telephone number may be written with: digits, number words, look-alikes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from assets.extraction.number_words import (
    NumberWords,
    all_number_words,
    languages_beginning,
    number_words,
    split_token,
)

# Letters that pass for digits beside digits; the Cyrillic and Greek ones look the same as the Latin ones.
LOOK_ALIKES = {
    **dict.fromkeys("OoQDОоΟο", "0"),
    **dict.fromkeys("lIi|ІіΙ", "1"),
    **dict.fromkeys("Zz", "2"),
    **dict.fromkeys("EЗзЭэ", "3"),
    **dict.fromkeys("AЧч", "4"),
    **dict.fromkeys("Ss", "5"),
    **dict.fromkeys("Gbб", "6"),
    **dict.fromkeys("T", "7"),
    **dict.fromkeys("BВ", "8"),
    **dict.fromkeys("gq", "9"),
}
# Those that are taken for a digit when they stand alone between digits; "E" only together with others.
ALONE = frozenset("OoОоΟοlIІ|SBEЗзб")
# Letters of a token of such letters alone, at most.
LONGEST_ALIKE = 5
# Of these the ones that are letters of words in a text with Cyrillic words.
_CYRILLIC = frozenset("Ззб")
_CYRILLIC_WORD = re.compile("[\u0430-\u044f\u0456\u0457\u0454]{4}", re.IGNORECASE)
# Letters for noughts and ones.
ROUND_OR_STRAIGHT = frozenset("OoQОоΟοlIi|ІіΙ")
LEET_LETTERS = str.maketrans("01345789@$аеорсухіѕв", "oieastbgasaeopcyxisb")
_TOKEN = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[0-9]+")
# At least seven digits without a letter of ASCII between them.
_RUN = re.compile(r"[0-9](?:[^0-9A-Za-z]{0,10}[0-9]){6,}")
_LETTERS = re.compile(r"[^\W\d_]+")
_PIECE = re.compile(r"\d+|\D+")
# Between two parts of one number nothing of this may stand.
NEVER_INSIDE = re.compile(r"[€$£¥%\x00]")
_STRONG = re.compile(r"[\n\r\t;,|•:#=]|//")
_LOOSE = re.compile(r"\s[-/&·]\s|\s{2,}")
_BRACKETS = re.compile(r"[()\[\]{}<>]")
_MAX_GAP = 10
# Longest group at whose edge any look-alike may stand, but for letters of another script.
_SHORT_GROUP = 4
# Fewest digits on both sides of a word for "or", and where they are set one by one.
_FEWEST_DIGITS, _FEWEST_SINGLE = 7, 9
# Fewest number words that tell the language of a text.
TELLING_WORDS = 3


class NumberPart(NamedTuple):
    """One part; `kind` is digits, word or look-alike. `glued_left`/`glued_right` are letters that touch it."""

    text: str
    start: int
    end: int
    kind: str
    plus: bool
    glued_left: str
    glued_right: str


@lru_cache(maxsize=5_000)
def gap_kind(gap: str) -> str:
    """How two neighbours are parted:

    "hard" never joins, "strong" and, more easily, "line" and "loose" join what is nothing alone, "weak" joins.
    """
    gap = _BRACKETS.sub("", gap).replace("\r\n", "\n")
    if len(gap) > _MAX_GAP or "+" in gap or NEVER_INSIDE.search(gap):
        return "hard"
    if "\n" in gap and not gap.strip():
        return "line"
    if _STRONG.search(gap) or any(character.isalpha() for character in gap):
        return "strong"
    if _LOOSE.search(gap):
        return "loose"
    return "weak"


def is_dictated(spoken: int, parts: int) -> bool:
    """Whether a row of `parts`, `spoken` of them words, is a number that somebody dictates: who does so means a
    telephone number, with or without its trunk prefix."""
    return spoken >= 4 and spoken * 2 >= parts


@cache
def languages_of_words() -> dict[str, tuple[str, ...]]:
    """Number words of more than one letter → the languages that have them."""
    found: dict[str, list[str]] = {}
    for language, table in all_number_words().items():
        for word in table.words:
            if len(word) > 1:
                found.setdefault(word, []).append(language)
    return {word: tuple(languages) for word, languages in found.items()}


@lru_cache(maxsize=20_000)
def number_words_in(token: str) -> tuple[tuple[str, int], ...]:
    """Per language how many number words the token is made of."""
    token = token.lower()
    languages_of = languages_of_words()
    known = languages_of.get(token)
    counts: Counter[str] = Counter()
    if known is not None:
        counts.update(known)
    elif len(token) >= 7:
        letters = token if token.isalpha() else token.translate(LEET_LETTERS)
        for language in languages_beginning(letters):
            pieces = split_token(letters, language)
            if pieces:
                counts[language] += len(pieces)
        if not token.isalpha():
            for piece in _LETTERS.findall(token):
                for language in languages_beginning(piece):
                    counts[language] += len(split_token(piece, language) or ())
    elif len(token) > 2 and not token.isalpha() and not token.isdigit():
        counts.update(languages_of.get(token.translate(LEET_LETTERS), ()))
        # "1two3": a word between digits.
        for piece in _LETTERS.findall(token):
            counts.update(languages_of.get(piece, ()))
    return tuple(counts.items())


# Fewest number words of another language that make a row of numbers a mixed one; one is enough among some.
_FEWEST_FOREIGN, _AMONG = 2, 3


def language_of_numbers(text: str, hint: str | None) -> str | None:
    """The language with most number words in the folded `text`; the hint, then English, wins a tie.

    Where other words than its own make numbers, their languages stand behind it ("es+en").
    """
    counts: dict[str, int] = {}
    spoken: list[tuple[tuple[str, int], ...]] = []
    for token in _TOKEN.findall(text):
        words = number_words_in(token)
        if words:
            spoken.append(words)
            for language, number in words:
                counts[language] = counts.get(language, 0) + number
    if not counts:
        return None

    def rank(language: str) -> tuple[int, bool, bool, str]:
        return (counts[language], language == hint, language == "en", language)

    chosen = [max(counts, key=rank)]
    while len(chosen) < 3:
        foreign = [words for words in spoken if not any(language in chosen for language, _ in words)]
        others = Counter(language for words in foreign for language, _ in words)
        if not others or (max(others.values()) < _FEWEST_FOREIGN and len(spoken) < _AMONG):
            break
        chosen.append(max(others, key=lambda language: (others[language], *rank(language))))
    return "+".join(chosen)


def digit_parts(text: str) -> list[list[NumberPart]]:
    """Runs of digit strings alone, for texts that hold neither number words nor look-alikes."""
    runs = []
    for run in _RUN.finditer(text):
        parts = []
        for match in _DIGITS.finditer(text, *run.span()):
            start, end = match.span()
            left = _letters_before(text, start) if start and text[start - 1].isalpha() else ""
            right = _letters_after(text, end) if end < len(text) and text[end].isalpha() else ""
            parts.append(
                NumberPart(match.group(), start, end, "digits", _plus_before(text, start), left, right)
            )
        runs.extend(_runs(text, parts) if len(parts) > 1 else [parts])
    return runs


@cache
def plus_words() -> frozenset[str]:
    """Words for the plus sign in any language; the digits behind one tell whether it is meant."""
    return frozenset(word for table in all_number_words().values() for word in table.plus)


# A part of a token: what it is or stands for, its place in the token and its kind.
_Piece = tuple[str, int, int, str]


@lru_cache(maxsize=20_000)
def _pieces_of_letters(token: str, language: str | None, shortest: bool) -> tuple[_Piece, ...] | None:
    """Number words or look-alikes that letters alone are; none for most tokens of a text, None for a sign's name."""
    lower = token.lower()
    if len(token) <= LONGEST_ALIKE and token != "E" and all(character in ALONE for character in token):
        alone: tuple[_Piece, ...] = (
            ("".join(LOOK_ALIKES[character] for character in token), 0, len(token), "look-alike"),
        )
    else:
        alone = ()
    if lower in plus_words():
        return None
    if language is None or (not alone and split_token(lower, language) is None):
        return alone
    words = split_token(lower, language, shortest)
    return alone if words is None else tuple((word, start, stop, "word") for word, start, stop in words)


def written_parts(
    text: str, language: str | None, shortest: bool = False, edges: bool = False
) -> list[list[NumberPart]]:
    """Runs of digits, number words of `language` and look-alikes.

    Words without a blank between are taken for the longest ones that they can be, or the `shortest`; `edges` says that
    any look-alike counts at the edge of a short group ("B58"), not only rounds and strokes.
    """
    table = number_words(language) if language is not None else None
    parts: list[NumberPart] = []
    plus = False
    for match in _TOKEN.finditer(text):
        token, offset = match.group(), match.start()
        if token.isalpha():
            pieces = _pieces_of_letters(token, language if table is not None else None, shortest)
            if pieces is None:
                plus = True
                continue
            if pieces and pieces[0][3] == "look-alike" and not _CYRILLIC.isdisjoint(token):
                pieces = () if _CYRILLIC_WORD.search(text) is not None else pieces
            for word, start, stop, kind in pieces:
                parts.append(NumberPart(word, offset + start, offset + stop, kind, plus, "", ""))
                plus = False
        else:
            for part in _parts_of_token(text, token, offset, language, table, edges):
                parts.append(part._replace(plus=True) if plus else part)
                plus = False
        plus = False
    return _runs(text, _without_stray_look_alikes(text, parts))


def _parts_of_token(
    text: str, token: str, offset: int, language: str | None, table: NumberWords | None, edges: bool
) -> Iterator[NumberPart]:
    """Parts of a token that has digits, at `offset` of `text`."""
    end = offset + len(token)
    if token.isdigit():
        yield NumberPart(token, offset, end, "digits", _plus_before(text, offset), "", "")
        return
    if table is not None and language is not None:
        spelled = split_token(token.lower().translate(LEET_LETTERS), language)
        if spelled is not None and len(token) > 2:
            for word, start, stop in spelled:
                yield NumberPart(word, offset + start, offset + stop, "word", False, "", "")
            return
    yield from _pieces_of_mixed(text, token, offset, language, table, edges)


def _pieces_of_mixed(
    text: str, token: str, offset: int, language: str | None, table: NumberWords | None, edges: bool
) -> Iterator[NumberPart]:
    """Digits and letters in one token: words between digits, look-alikes, or letters stuck to a number."""
    pieces = [(match.group(), match.start()) for match in _PIECE.finditer(token)]
    read: list[list[tuple[str, int, int, str]] | None] = []
    for place, (piece, start) in enumerate(pieces):
        if piece.isdigit():
            read.append([(piece, start, start + len(piece), "digits")])
            continue
        words = split_token(piece.lower(), language) if table is not None and language is not None else None
        inside = 0 < place < len(pieces) - 1
        limit = 6 if inside or any(letter in ROUND_OR_STRAIGHT for letter in piece) else 3
        # "B12345678" and "12345678Z" are numbers of papers; at an edge only a nought or a one is a look-alike
        # unless another letter is one too.
        if not inside and not any(letter in ROUND_OR_STRAIGHT for letter in piece) and len(pieces) == 2:
            limit = 2 if edges and (len(token) <= _SHORT_GROUP or not piece.isascii()) else 0
        if words is not None and len(piece) > 1:
            read.append([(word, start + a, start + b, "word") for word, a, b in words])
        elif len(piece) <= limit and all(character in LOOK_ALIKES for character in piece):
            digits = "".join(LOOK_ALIKES[character] for character in piece)
            read.append([(digits, start, start + len(piece), "look-alike")])
        else:
            read.append(None)
    for place, known in enumerate(read):
        if known is None:
            continue
        left = pieces[place - 1][0] if place > 0 and read[place - 1] is None else ""
        right = pieces[place + 1][0] if place + 1 < len(pieces) and read[place + 1] is None else ""
        for position, (value, start, stop, kind) in enumerate(known):
            yield NumberPart(
                value,
                offset + start,
                offset + stop,
                kind,
                _plus_before(text, offset + start),
                left if position == 0 else "",
                right if position == len(known) - 1 else "",
            )


def _without_stray_look_alikes(text: str, parts: list[NumberPart]) -> list[NumberPart]:
    """A token of look-alikes alone ("O", "Il") counts only with a digit or word close on both sides or one."""
    kept = []
    for place, part in enumerate(parts):
        if part.kind == "look-alike":
            before = place > 0 and part.start - parts[place - 1].end <= 2 and parts[place - 1].kind != "word"
            after = (
                place + 1 < len(parts)
                and parts[place + 1].start - part.end <= 2
                and parts[place + 1].kind != "word"
            )
            if not (before or after):
                continue
        kept.append(part)
    return kept


def parted_by_or(text: str, run: list[NumberPart]) -> list[list[NumberPart]]:
    """The run cut where an "o" between blanks parts two telephone numbers, as "or" does in Spanish and Italian.

    A nought has fewer digits than a number on one of its sides, or digits set one by one on both.
    """
    last = run[-1]
    if text[last.start : last.end + 1] == "o " and _digits(run[:-1]) >= _FEWEST_SINGLE:
        before = run[-2]
        if len(before.text) > 1 and text[before.end : last.start].isspace():
            # The second number is a link or the like, which has been read before.
            run = run[:-1]
    cuts = [0]
    for place in range(1, len(run) - 1):
        before, part, after = run[place - 1 : place + 2]
        if part.kind != "look-alike" or text[part.start : part.end] not in ("o", "O"):
            continue
        if not (text[before.end : part.start].isspace() and text[part.end : after.start].isspace()):
            continue
        single = before.end - before.start == after.end - after.start == 1
        if min(_digits(run[cuts[-1] : place]), _digits(run[place + 1 :])) >= (
            _FEWEST_SINGLE if single else _FEWEST_DIGITS
        ):
            cuts += [place, place + 1]
    borders = [*cuts, len(run)]
    return [run[start:stop] for start, stop in zip(borders[::2], borders[1::2], strict=True)]


def _digits(parts: list[NumberPart]) -> int:
    return sum(1 if part.kind == "word" else len(part.text) for part in parts)


def _plus_before(text: str, start: int) -> bool:
    if start == 0 or text[start - 1] not in "+ ([{":
        return False
    at = start - 1
    while at >= 0 and start - at <= 4 and text[at] in " ([{":
        at -= 1
    return at >= 0 and text[at] == "+" and not (at > 0 and text[at - 1].isdigit())


def _letters_before(text: str, start: int) -> str:
    at = start
    while at > 0 and start - at < 20 and text[at - 1].isalpha():
        at -= 1
    return text[at:start]


def _letters_after(text: str, end: int) -> str:
    at = end
    while at < len(text) and at - end < 20 and text[at].isalpha():
        at += 1
    return text[end:at]


def _runs(text: str, parts: list[NumberPart]) -> list[list[NumberPart]]:
    runs: list[list[NumberPart]] = []
    for part in parts:
        if runs:
            last = runs[-1][-1]
            gap = text[last.end : part.start]
            if gap in ("", " ") and not (last.glued_right or part.glued_left):
                runs[-1].append(part)
                continue
            plus_word = part.plus and any(character.isalpha() for character in gap)
            # A letter between two parts is a word that is none of theirs.
            word_between = any(character.isalpha() for character in gap)
            glued = last.glued_right or part.glued_left
            if not (plus_word or glued or word_between) and gap_kind(gap) != "hard":
                runs[-1].append(part)
                continue
        runs.append([part])
    return runs

"""Cuts a release into header, body lines and sentences, and drops what is not the article.

Menus are left to the figure rules (they carry no counted nouns); teasers of other news at the foot are cut at the
usual headings, because they do carry figures of other operations.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from assets.statistics.folding import any_of
from assets.statistics.language_data import language_data

# A heading such as "Related news" counts as the foot only in the last part of a text, after some prose.
FOOT_STARTS_AFTER = 0.35


@dataclass(frozen=True)
class Header:
    """Metadata lines before the text: address, publisher and date, each None if absent; where the body starts."""

    url: str | None
    publisher: str | None
    published: date | None
    body_start: int


@dataclass(frozen=True)
class Sentence:
    """One sentence: offset in the text, its words, number of its line, and whether it is a list item or title."""

    start: int
    text: str
    line: int
    is_list_item: bool
    is_title: bool
    ends_with_colon: bool


_ISO_LINE = re.compile(r"((?:19|20)\d\d)(?:-(\d\d)(?:-(\d\d))?)?")


def read_header(text: str) -> Header:
    """Metadata lines at the top, if the first lines are an address, a publisher and an ISO date."""
    lines = text.split("\n", 4)
    url = publisher = None
    published = None
    offset = 0
    for position, line in enumerate(lines[:3]):
        stripped = line.strip()
        if position == 0 and re.match(r"https?://", stripped):
            url = stripped
        match = _ISO_LINE.fullmatch(stripped)
        if match and position > 0:
            year, month, day = match.groups()
            try:
                published = date(int(year), int(month or 12), int(day or 28))
            except ValueError:
                published = None
            publisher = lines[position - 1].strip() if position > 1 else None
            offset = sum(len(part) + 1 for part in lines[: position + 1])
            url = url or (lines[0].strip() if re.search(r"\w+\.\w{2,}", lines[0]) else None)
            return Header(url, publisher, published, min(offset, len(text)))
    if url:
        offset = len(lines[0]) + 1
    return Header(url, publisher, published, min(offset, len(text)))


@lru_cache(maxsize=32)
def _foot(language: str) -> re.Pattern[str]:
    headings = language_data(language).operations["related"]
    return re.compile(rf"^\W*{any_of(headings)}\W*$", re.IGNORECASE)


_SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"'”’»)\]]*\s+(?=[\"'“‘«(¿¡„]*[A-ZÀ-ÝĀ-Ž0-9¿¡])|(?<=[.!?])[\"”’»]+\s+(?=[A-ZÀ-Ý])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|No|Nr|Art|art|Sr|Sra|EE|UU|ca|bzw|Abs|approx|Inc|Ltd|Jr|Gen|Col|Lt|Sgt|Det|Mio|Mrd|"
    r"mln|Nº|núm|dott|sig|z|B|u|a|d|h|i|U|S|p)|\b[A-Z])\.$"
)
_LIST_MARK = re.compile(r"^\s*(?:[-–—•*▪◦·‣●■►✓]|\d{1,2}[.)]\s|o\s{2,})\s*")


def split_sentences(text: str, body_start: int, language: str) -> list[Sentence]:
    """Sentences of the body in order, without the foot; spans refer to the whole text."""
    foot = _foot(language)
    sentences: list[Sentence] = []
    offset = body_start
    prose_seen = False
    for number, line in enumerate(_whole_lines(text[body_start:])):
        stripped = line.strip()
        line_start = offset
        offset += len(line) + 1
        if not stripped:
            continue
        position = (line_start - body_start) / max(1, len(text) - body_start)
        if prose_seen and position > FOOT_STARTS_AFTER and len(stripped) < 80 and foot.match(stripped):
            break
        prose = len(stripped) > 120 or (len(stripped) > 60 and stripped[-1:] in '.!?”"»')
        marked = _LIST_MARK.match(line) is not None
        is_list = marked or (not prose and len(stripped) < 140 and stripped[-1:] not in ".:")
        is_title = not prose_seen and not prose and not marked and len(stripped) > 25
        prose_seen = prose_seen or prose
        for start, end in _spans(line):
            piece = line[start:end]
            if piece.strip():
                sentences.append(
                    Sentence(
                        start=line_start + start,
                        text=piece,
                        line=number,
                        is_list_item=is_list and not is_title,
                        is_title=is_title,
                        ends_with_colon=piece.rstrip().endswith(":"),
                    )
                )
    return sentences


_BROKEN_LINE = re.compile(
    r"(?<=[\w,’'\")])[ \t]*\n\s*(?=[a-zà-ÿ])|(?<=[\w,])[ \t]*\n\s*(?=[$€£]?\d[\d.,]*[ \t]*\n\s*[a-zà-ÿ])"
)
SHORT_ITEM = 50
_ITEM = re.compile(r"\s*(?:\d[\d.,]*\s[^\W\d_]|[-–—•*▪◦·‣●■►✓✔°]\s?\S)")
_TABLE_ROW = re.compile(r":\s*[\d.,]+$")


def _whole_lines(text: str) -> list[str]:
    """Lines, where a break in mid-sentence (no stop before it, a small letter after it) does not count.

    Joined with a newline the pieces are the text again: such a break stays inside its piece.
    """

    def keep_inside(match: re.Match[str]) -> str:
        start_of_line = text.rfind("\n", 0, match.start()) + 1
        line = text[start_of_line : match.start()]
        # A short line that opens with a number or a mark is an item by itself, whatever letter the next one has.
        if _TABLE_ROW.search(line) or (len(line) < SHORT_ITEM and _ITEM.match(line)):
            return match.group()
        return match.group().replace("\n", "\x00")

    lines: list[str] = []
    start = 0
    for piece in _BROKEN_LINE.sub(keep_inside, text).split("\n"):
        lines.append(text[start : start + len(piece)])
        start += len(piece) + 1
    return lines


def _spans(line: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(line):
        ending = line[max(start, match.start() - 12) : match.start()]
        if _ABBREVIATION.search(ending) or re.search(r"(?:^|\s)\d{1,2}\.$", ending):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(line)))
    return [piece for span in spans for piece in _short_pieces(line, *span)]


# No sentence of a release is longer; longer stretches (tables without line ends, noise) are cut at a space, because
# the figure rules look at all pairs of words and numbers of a sentence.
LONGEST_SENTENCE = 1000


def _short_pieces(line: str, start: int, end: int) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    while end - start > LONGEST_SENTENCE:
        cut = line.rfind(" ", start, start + LONGEST_SENTENCE)
        cut = cut + 1 if cut > start else start + LONGEST_SENTENCE
        pieces.append((start, cut))
        start = cut
    pieces.append((start, end))
    return pieces

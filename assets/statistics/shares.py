"""Gives each figure of a release to its operation: the main one, its running totals, or another one named beside it.

Most releases tell of one operation. Overviews ("Notable operations include: ...") open paragraph after paragraph
with another name; there every paragraph is an operation and figures outside them belong to none.
"""

import re
from dataclasses import dataclass, field

from assets.statistics.countries import CountryMention
from assets.statistics.language_data import language_data
from assets.statistics.names import NamedOperation, normalise_name, operations_named
from assets.statistics.periods import CUMULATIVE, PAST, Period
from assets.statistics.scene import Figure
from assets.statistics.sentences import Sentence
from assets.statistics.spans import ByStart

MAIN = "main"
# So many paragraphs with figures, each opened by another operation's name, make a text an overview.
OVERVIEW_OPERATIONS = 3
# A name opens a paragraph when it stands within its first characters ("- Operation X", "The X operation").
OPENING_CHARACTERS = 12
_YEAR = re.compile(r"\s*\(((?:19|20)\d\d)\)")


_HEADED_BY_YEAR = re.compile(r"(?P<head>[^\n().:]{6,70}?)\s*\((?P<year>(?:19|20)\d\d)\)")


@dataclass
class Share:
    """Figures of one operation.

    year: where the text gives only that, in brackets after the name; first, last: ISO, its time where its sentence
    tells it; spans: its paragraphs, empty for the main operation.
    """

    name: str | None
    role: str
    figures: list[Figure] = field(default_factory=list)
    year: str | None = None
    first: str | None = None
    last: str | None = None
    spans: list[tuple[int, int]] = field(default_factory=list)

    def holds(self, position: int) -> bool:
        """Whether a position lies in its paragraphs."""
        return any(start <= position < end for start, end in self.spans)

    def countries(self, mentions: list[CountryMention]) -> list[str]:
        """Countries named, not as demonyms, in the paragraphs of this operation."""
        codes = [mention.code for mention in mentions if not mention.is_demonym and self.holds(mention.start)]
        return list(dict.fromkeys(codes))


def share_out(
    text: str,
    language: str,
    sentences: list[Sentence],
    figures: list[Figure],
    main_name: str | None,
    periods: list[Period],
) -> list[Share]:
    """Operations with their figures: the main one first (always present unless the text is an overview).

    periods: sentences that tell of another time (`periods.other_periods`); their figures make operations of their own.
    """
    named = operations_named(text, language)
    lines = _lines(sentences)
    main_key = normalise_name(main_name)
    elsewhen = _of_other_times(figures, periods, named, main_key)
    taken = {id(figure) for share in elsewhen for figure in share.figures}
    here = [figure for figure in figures if id(figure) not in taken]
    return _of_this_time(text, language, sentences, here, main_name, named, lines) + elsewhen


def _of_other_times(
    figures: list[Figure], periods: list[Period], named: list[NamedOperation], main_key: str | None
) -> list[Share]:
    ordered, ordered_names = ByStart(figures), ByStart(named)
    shares: dict[tuple[str | None, str, str | None], Share] = {}
    for period in periods:
        inside = ordered.within(period.start, period.end)
        names = [name for name in ordered_names.within(period.start, period.end) if name.key != main_key]
        if not inside and not names:
            continue
        name = names[0].name if names else None
        role = PAST if names else period.role
        share = shares.setdefault((name, role, period.first), Share(name, role))
        share.first, share.last = period.first, period.last
        share.spans.append((period.start, period.end))
        share.figures.extend(inside)
    return list(shares.values())


def _of_this_time(
    text: str,
    language: str,
    sentences: list[Sentence],
    figures: list[Figure],
    main_name: str | None,
    named: list[NamedOperation],
    lines: dict[int, tuple[int, int]],
) -> list[Share]:
    sections = _sections(text, lines, named)
    if len({opening.key for opening, _ in sections}) >= SECTIONED_OPERATIONS:
        return _sectioned(sections, figures)
    openings = _openings(text, language, lines, named, figures)
    if len({opening.key for opening, _ in openings.values()}) >= OVERVIEW_OPERATIONS:
        return _overview(lines, openings, figures)
    main_key = normalise_name(main_name)
    main, cumulative = Share(main_name, MAIN), Share(main_name, CUMULATIVE)
    others: dict[str, Share] = {}
    ordered_sentences, ordered_names = ByStart(sentences), ByStart(named)
    for figure in figures:
        other = _other_operation(figure, ordered_sentences, ordered_names, main_key)
        if other is not None:
            share = others.setdefault(other.key, Share(other.name, PAST))
            share.figures.append(figure)
        else:
            (cumulative if figure.is_cumulative else main).figures.append(figure)
    shares = [main] if main.figures or main_name or not cumulative.figures else []
    return shares + ([cumulative] if cumulative.figures else []) + list(others.values())


# So many headings that are an operation's name cut a text into sections.
SECTIONED_OPERATIONS = 2
_BEFORE_NAME = re.compile(r"[\W\d_]*(?:[IVX]+\.\s)?")
# Characters a heading may have behind the name it consists of.
AFTER_NAME = 4


def _sections(
    text: str, lines: dict[int, tuple[int, int]], named: list[NamedOperation]
) -> list[tuple[NamedOperation, tuple[int, int]]]:
    """Headings that consist of an operation's name, each with the span up to the next one."""
    ordered = ByStart(named)
    headings = []
    for start, end in lines.values():
        first = next(iter(ordered.within(start, start + OPENING_CHARACTERS + 1)), None)
        if first is None or end - first.end > AFTER_NAME or first.end > end + 1:
            continue
        if _BEFORE_NAME.fullmatch(text, start, first.start):
            headings.append((first, start))
    bounds = [*(start for _, start in headings[1:]), len(text)][: len(headings)]
    return [(name, (start, bound)) for (name, start), bound in zip(headings, bounds, strict=True)]


def _sectioned(sections: list[tuple[NamedOperation, tuple[int, int]]], figures: list[Figure]) -> list[Share]:
    """Each section an operation; figures before the first section belong to none."""
    ordered = ByStart(figures)
    shares: dict[str, Share] = {}
    for named, (start, end) in sections:
        share = shares.setdefault(named.key, Share(named.name, MAIN))
        share.spans.append((start, end))
        share.figures.extend(ordered.within(start, end))
    return list(shares.values())


def _lines(sentences: list[Sentence]) -> dict[int, tuple[int, int]]:
    """Span of each line that holds a sentence."""
    lines: dict[int, tuple[int, int]] = {}
    for sentence in sentences:
        start, _ = lines.get(sentence.line, (sentence.start, 0))
        lines[sentence.line] = (start, sentence.start + len(sentence.text))
    return lines


def _openings(
    text: str,
    language: str,
    lines: dict[int, tuple[int, int]],
    named: list[NamedOperation],
    figures: list[Figure],
) -> dict[int, tuple[NamedOperation, str | None]]:
    """Lines opened by an operation's name, with the year in brackets after it."""
    openings: dict[int, tuple[NamedOperation, str | None]] = {}
    ordered, ordered_figures = ByStart(named), ByStart(figures)
    words = re.compile(rf"(?i:{'|'.join(language_data(language).operations['operation_words'])})")
    for line, (start, end) in lines.items():
        headed = _HEADED_BY_YEAR.match(text, start)
        if headed and words.search(headed.group("head")):
            name = _name_in_heading(headed.group("head"), language)
            key = normalise_name(name) or f"line {line}"
            openings[line] = (NamedOperation(start, headed.end(), name or "", key), headed.group("year"))
            continue
        first = next(iter(ordered.within(start, start + OPENING_CHARACTERS + 1)), None)
        if first is None or first.end > end:
            continue
        year = _YEAR.match(text, first.end)
        if year or ordered_figures.within(start, end):
            openings[line] = (first, year.group(1) if year else None)
    return openings


def _name_in_heading(head: str, language: str) -> str | None:
    """The name in "Africa Cyber Surge Operation II"; None for a description ("The Nigerian operation")."""
    named = operations_named(head, language)
    if named:
        return named[0].name
    plain = head.strip(" -–—•*:\t")
    return plain if all(word[:1].isupper() or word[:1].isdigit() for word in plain.split()) else None


def _overview(
    lines: dict[int, tuple[int, int]],
    openings: dict[int, tuple[NamedOperation, str | None]],
    figures: list[Figure],
) -> list[Share]:
    ordered = ByStart(figures)
    shares: dict[str, Share] = {}
    for line, (named, year) in openings.items():
        share = shares.setdefault(named.key, Share(named.name or None, MAIN))
        share.year = share.year or year
        start, end = lines[line]
        share.spans.append((start, end))
        share.figures.extend(ordered.within(start, end))
    return list(shares.values())


def _other_operation(
    figure: Figure, sentences: ByStart[Sentence], named: ByStart[NamedOperation], main_key: str | None
) -> NamedOperation | None:
    """Another operation that the figure's own sentence names, when it does not name the main one."""
    sentence = sentences.last_before(figure.start)
    if main_key is None or figure.in_title or sentence is None:
        return None
    inside = named.within(sentence.start, sentence.start + len(sentence.text))
    if not inside or any(name.key in main_key or main_key in name.key for name in inside):
        return None
    return inside[0]

"""One text made ready for the rules: folded, in small letters, its words, and the languages whose tables apply."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from assets.extraction.normalise import normalise

_WORD = re.compile(r"[^\W\d_]+")
# Hearts, stars, faces and other pictures beside a blank: advertisements end their sentences with them. Left out are
# arrows, pointing hands and vehicles, which lead from one word to the next, and flags. A star of ASCII parts sentences
# between two blanks only.
_PICTURES = re.compile(
    r"(?<= )\*+(?= )|[\u25a0-\u25ff\u2600-\u2619\u2620-\u2707\u2709-\u2793\u2b50-\u2b5f"
    r"\U0001f300-\U0001f445\U0001f44a-\U0001f67f\U0001f780-\U0001faff]+"
)


@dataclass(slots=True)
class Reading:
    """`cased` is the folded text, `lowered` the same in small letters and of the same length; `words` are the runs of
    letters in `lowered`. Positions of facts are positions in these; `parted` is `lowered` with semicolons for the
    pictures that stand between sentences."""

    cased: str
    lowered: str
    words: list[str]
    languages: tuple[str, ...]
    region: str | None
    # The languages that the text was found to be in, without those added in case; all where it is too short to tell.
    spoken: tuple[str, ...] = ()
    # Per language what ideas each word stands for, once asked (`concepts.word_ideas`).
    ideas: dict[str, list[int]] = field(default_factory=dict)
    parted: str = ""
    # The text as it was written.
    raw: str = ""
    _spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """(start, end) of each word; found when first asked for, since most words are never asked about."""
        if not self._spans and self.words:
            self._spans = [match.span() for match in _WORD.finditer(self.lowered)]
        return self._spans


def read(text: str, languages: tuple[str, ...] = (), region: str | None = None) -> Reading:
    """Make `text` ready. Never raises."""
    cased = normalise(text)
    lowered = cased.lower()
    if len(lowered) != len(cased):
        lowered = "".join(low if len(low := letter.lower()) == 1 else letter for letter in cased)
    parted = lowered
    if not text.isascii() or " *" in text:
        parted = _PICTURES.sub(_sentence_end, lowered)
    return Reading(cased, lowered, _WORD.findall(lowered), languages, region, parted=parted, raw=text)


def within(place: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether a place of a text lies in one of some spans of it (start, end)."""
    return any(start <= place < end for start, end in spans)


def _sentence_end(pictures: re.Match[str]) -> str:
    """Semicolons for pictures between words with a blank on one side at least; pictures between digits stay."""
    text, (start, end) = pictures.string, pictures.span()
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    if not (before.endswith(" ") or behind.startswith(" ")):
        return pictures.group()
    if before.strip()[-1:].isdigit() and behind.strip()[:1].isdigit():
        return pictures.group()
    return ";" * (end - start)

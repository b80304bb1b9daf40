"""One text made ready for the rules: folded, in small letters, its words, and the languages whose tables apply."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assets.extraction.normalise import normalise

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Reading:
    """`cased` is the folded text, `lowered` the same in small letters and of the same length; `words` are the runs of
    letters in `lowered`. Positions of facts are positions in these."""

    cased: str
    lowered: str
    words: list[str]
    languages: tuple[str, ...]
    region: str | None
    # The languages that the text was found to be in, without those added in case; all where it is too short to tell.
    spoken: tuple[str, ...] = ()
    # Per language what ideas each word stands for, once asked (`concepts.word_ideas`).
    ideas: dict[str, list[int]] = field(default_factory=dict)
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
    return Reading(cased, lowered, _WORD.findall(lowered), languages, region)

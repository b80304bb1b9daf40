"""Words and phrases of a table, found among the words of a text by look-up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from assets.extraction.normalise import fold
from assets.extraction.reading import Reading

Meaning = TypeVar("Meaning")
_WORD = re.compile(r"[^\W\d_]+")
# What may stand between two words of one phrase.
_GAP = re.compile(r"[ .'’-]{1,2}")


class Phrases(Generic[Meaning]):
    """A table of phrases (any spelling) and what each means; where phrases begin alike the longest counts."""

    def __init__(self, meanings: Mapping[str, Meaning]) -> None:
        self.meanings: dict[tuple[str, ...], Meaning] = {}
        self._single: dict[str, Meaning] = {}
        lengths: dict[tuple[str, str], set[int]] = {}
        for spelling, meaning in meanings.items():
            words = tuple(_WORD.findall(fold(spelling)))
            if not words:
                continue
            self.meanings.setdefault(words, meaning)
            if len(words) == 1:
                self._single.setdefault(words[0], meaning)
            else:
                lengths.setdefault((words[0], words[1]), set()).add(len(words))
        self._lengths = {pair: tuple(sorted(found, reverse=True)) for pair, found in lengths.items()}
        self._pairs = frozenset(first for first, _ in lengths)
        self.first = frozenset(self._single) | self._pairs

    def begins(self, words: list[str]) -> list[int]:
        """Places in `words` where a phrase may begin."""
        first = self.first
        return [] if first.isdisjoint(words) else [place for place, word in enumerate(words) if word in first]

    def find(self, reading: Reading, begins: list[int] | None = None) -> Iterator[tuple[int, int, Meaning]]:
        """(first word, number of words, meaning) of each phrase in the text, left to right, none inside another;
        `begins` when the places where a phrase may begin are known."""
        words = reading.words
        free = 0
        for place in self.begins(words) if begins is None else begins:
            if place < free:
                continue
            word = words[place]
            for length in self._lengths_at(words, place, word):
                meaning = self.meanings.get(tuple(words[place : place + length]))
                if meaning is not None and _joined(reading, place, length):
                    yield place, length, meaning
                    free = place + length
                    break
            else:
                single = self._single.get(word)
                if single is not None:
                    yield place, 1, single

    def _lengths_at(self, words: list[str], place: int, word: str) -> Iterator[int]:
        if word not in self._pairs or place + 1 >= len(words):
            return
        for length in self._lengths.get((word, words[place + 1]), ()):
            if place + length <= len(words):
                yield length


def _joined(reading: Reading, place: int, length: int) -> bool:
    spans = reading.spans
    return all(
        _GAP.fullmatch(reading.lowered, spans[at][1], spans[at + 1][0])
        for at in range(place, place + length - 1)
    )


def spread(stems: list[str], endings: Mapping[str, list[str]]) -> Iterator[str]:
    """Inflected forms of `stems`: "kelner~a" takes each ending listed under "a"; "kelner" stands as it is."""
    for stem in stems:
        base, mark, name = str(stem).partition("~")
        if not mark:
            yield base
            continue
        if name not in endings:
            raise ValueError(f"stem {stem!r}: no endings are listed under {name!r}")
        for ending in endings[name]:
            yield base + ending

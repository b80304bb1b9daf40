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
        lengths: dict[str, set[int]] = {}
        for spelling, meaning in meanings.items():
            words = tuple(_WORD.findall(fold(spelling)))
            if words:
                self.meanings.setdefault(words, meaning)
                lengths.setdefault(words[0], set()).add(len(words))
        self._lengths = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
        self._first = frozenset(lengths)

    def begins(self, words: list[str]) -> list[int]:
        """Places in `words` where a phrase may begin."""
        if self._first.isdisjoint(words):
            return []
        first = self._first
        return [place for place, word in enumerate(words) if word in first]

    def find(self, reading: Reading) -> Iterator[tuple[int, int, Meaning]]:
        """(first word, number of words, meaning) of each phrase in the text, left to right, none inside another."""
        words = reading.words
        free = 0
        for place in self.begins(words):
            if place < free:
                continue
            for length in self._lengths[words[place]]:
                if place + length > len(words):
                    continue
                meaning = self.meanings.get(tuple(words[place : place + length]))
                if meaning is not None and (length == 1 or _joined(reading, place, length)):
                    yield place, length, meaning
                    free = place + length
                    break


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

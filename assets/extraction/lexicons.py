"""What ideas the words of a text stand for, by the lexicon of a language: a paper, to keep, an employer, not.

A lexicon is a file of `rules/concepts`: under each idea words, word beginnings ("keep*"), endings ("*amos") and
phrases, in which ".." leaves room for other words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assets.extraction.normalise import fold
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

_TOKEN = re.compile(r"\*?[^\W\d_]+\*?|\.\.")
# Words that may stand between two parts of one phrase written with "..".
_APART = 5
# Most words, and most pairs of words, that are remembered with what they stand for.
_MOST_KNOWN = 50_000
SENTENCE_END = re.compile(r"[!?;\n]|\.(?!\d)")


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentences begin and end that hold the span from `start` to `end`."""
    first = max((mark.end() for mark in SENTENCE_END.finditer(text, 0, start)), default=0)
    mark = SENTENCE_END.search(text, end)
    return first, mark.start() if mark is not None else len(text)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words that together stand for an idea (`mask`); None among `words` leaves room for up to `_APART` words."""

    words: tuple[str | None, ...]
    mask: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What a word stands for by itself, the phrases that it may begin, and which of them each next word leaves."""

    mask: int
    phrases: tuple[_Phrase, ...]
    after: dict[str, tuple[_Phrase, ...]] = field(default_factory=dict)


_NOTHING = _Known(0, ())


class Lexicon:
    """The words of one language and the ideas they stand for, an idea being a bit.

    `folder`: which of the `rules` the lexicon is in. Short spellings of chats (`short`, "xq" → "porque") are read as
    what they stand for. Words of news (`reporting` of ../signs) stand for the idea `news`, where there is one. Raises
    ValueError for an idea without a bit and for an entry that is not of words alone.
    """

    def __init__(self, language: str, bits: Mapping[str, int], folder: str = "concepts") -> None:
        self._file = f"rules/{folder}/{language}.yaml"
        self._exact: dict[str, int] = {}
        self._begins: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._phrases: dict[str, list[_Phrase]] = {}
        self._known: dict[str, _Known] = {}
        self._pairs = 0
        table = read_yaml(f"{folder}/{language}.yaml")
        concepts = table["concepts"]
        shorts = read_yaml(f"concepts/{language}.yaml").get("short", {})
        self._short = {fold(str(short)): fold(str(word)) for short, word in shorts.items()}
        for concept, entries in concepts.items():
            if concept not in bits:
                raise ValueError(f"{self._file}: nothing asks for {concept!r}")
            for entry in entries:
                self._enter(str(entry), bits[concept])
        if "news" in bits and language in languages_with("signs"):
            # "Tell the police" is no news.
            named = {fold(str(word)) for word in concepts["others"]}
            for word in read_yaml(f"signs/{language}.yaml")["reporting"]:
                if fold(str(word)) not in named:
                    self._enter(str(word), bits["news"])
        self._lengths = tuple(sorted({len(start) for start in self._begins}))
        self._end_lengths = tuple(sorted({len(end) for end in self._ends}))

    def _enter(self, entry: str, bit: int) -> None:
        words = _TOKEN.findall(fold(entry))
        if not words or any(letter.isdigit() for letter in entry):
            raise ValueError(f"{self._file}: entry {entry!r} is not of words alone")
        if len(words) == 1:
            self._add(words[0], bit)
            return
        phrase = _Phrase(tuple(None if word == ".." else word for word in words), bit)
        self._phrases.setdefault(words[0], []).append(phrase)
        # The first word must be found to begin the phrase.
        self._add(words[0], 0)

    def _add(self, word: str, bit: int) -> None:
        if word.startswith("*"):
            self._ends[word[1:]] = self._ends.get(word[1:], 0) | bit
        elif word.endswith("*"):
            self._begins[word[:-1]] = self._begins.get(word[:-1], 0) | bit
        else:
            self._exact[word] = self._exact.get(word, 0) | bit

    def masks(self, reading: Reading) -> list[int]:
        """Per word of the text the bits of the ideas it stands for, alone or in a phrase of its sentence."""
        words, known = reading.words, self._known
        if self._short and not self._short.keys().isdisjoint(words):
            words = [self._short.get(word, word) for word in words]
        entries = [known.get(word) or self._look_up(word) for word in words]
        masks = [entry.mask for entry in entries]
        for place, entry in enumerate(entries[:-1]):
            if entry.phrases:
                following = words[place + 1]
                phrases = entry.after.get(following)
                if phrases is None:
                    phrases = self._left(entry, following)
                for phrase in phrases:
                    end = _phrase_end(phrase.words, words, place)
                    if end is not None and not _crosses(reading, place, end):
                        for inside in range(place, end):
                            masks[inside] |= phrase.mask
        return masks

    def _look_up(self, word: str) -> _Known:
        forms = [word] if word in self._exact else []
        mask = self._exact.get(word, 0)
        for length in self._lengths:
            if length <= len(word) and (start := word[:length]) in self._begins:
                mask |= self._begins[start]
                forms.append(f"{start}*")
        for length in self._end_lengths:
            if length < len(word) and (end := word[-length:]) in self._ends:
                mask |= self._ends[end]
                forms.append(f"*{end}")
        phrases = tuple(phrase for form in forms for phrase in self._phrases.get(form, ()))
        found = _Known(mask, phrases) if mask or phrases else _NOTHING
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
            self._pairs = 0
        self._known[word] = found
        return found

    def _left(self, entry: _Known, following: str) -> tuple[_Phrase, ...]:
        """The phrases of `entry` that may go on with the word `following`."""
        left = tuple(
            phrase
            for phrase in entry.phrases
            if (second := phrase.words[1]) is None or _matches(second, following)
        )
        if self._pairs < _MOST_KNOWN:
            self._pairs += 1
            entry.after[following] = left
        return left


def _matches(pattern: str, word: str) -> bool:
    if pattern.endswith("*"):
        return word.startswith(pattern[:-1])
    if pattern.startswith("*"):
        return word.endswith(pattern[1:])
    return word == pattern


def _phrase_end(pattern: tuple[str | None, ...], words: list[str], place: int) -> int | None:
    """Where the phrase that begins at `place` ends, None when it does not stand there."""
    at, gap = place + 1, 0
    for part in pattern[1:]:
        if part is None:
            gap = _APART
            continue
        while at < len(words) and gap and not _matches(part, words[at]):
            at, gap = at + 1, gap - 1
        if at >= len(words) or not _matches(part, words[at]):
            return None
        at, gap = at + 1, 0
    return at


def _crosses(reading: Reading, place: int, end: int) -> bool:
    """Whether a sentence ends between the words from `place` to before `end`."""
    spans = reading.spans
    return SENTENCE_END.search(reading.parted, spans[place][1], spans[end - 1][0]) is not None

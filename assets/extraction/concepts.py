"""Ideas that the words of a sentence stand for, by the lexicon of a language: a paper, to keep, an employer, not.

A sign is seldom told twice in the same words ("we keep your passport", "your papers stay in the office until you have
paid"), but the ideas that meet in its sentence are few. Lexicons are lists of words, word beginnings and short phrases
in `rules/concepts/<language>.yaml`; which ideas make a sign is in `concept_rules.yaml` for all languages together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from assets.extraction.normalise import fold
from assets.extraction.reading import Reading
from assets.extraction.rule_files import languages_with, read_yaml

_TOKEN = re.compile(r"\*?[^\W\d_]+\*?|\.\.")
# Words that may stand between two parts of one phrase written with "..".
_APART = 5
# Most words that are remembered with what they stand for.
_MOST_KNOWN = 50_000
_SENTENCE_END = re.compile(r"[!?;\n]|\.(?!\d)")
# Two to thirty of what the next word names.
_SEVERAL = re.compile(r"(?<![\d.,])(?:[2-9]|[12]\d|30) $")
_CLAUSE_END = re.compile(r"[,:()–—]|\s-\s")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words that together stand for ideas (`mask`); None among `words` stands for up to `_APART` words."""

    words: tuple[str | None, ...]
    mask: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What a word stands for by itself, the phrases that it may begin, and all that either could stand for."""

    mask: int
    phrases: tuple[_Phrase, ...]
    possible: int


_NOTHING = _Known(0, (), 0)
# Ideas with a part of their own: a negation, and words of news (`reporting` in ../signs), which tell of others.
_NOT, _NEWS = 1, 2


class Lexicon:
    """The words of one language and the ideas they stand for, an idea being a bit."""

    def __init__(self, language: str, bits: Mapping[str, int]) -> None:
        self.language = language
        self._exact: dict[str, int] = {}
        self._begins: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._phrases: dict[str, list[_Phrase]] = {}
        self._known: dict[str, _Known] = {}
        for concept, entries in read_yaml(f"concepts/{language}.yaml")["concepts"].items():
            if concept not in bits:
                raise ValueError(
                    f"rules/concepts/{language}.yaml: no rule of concept_rules.yaml asks for {concept!r}"
                )
            for entry in entries:
                self._enter(str(entry), bits[concept])
        if language in languages_with("signs"):
            named = {fold(str(word)) for word in read_yaml(f"concepts/{language}.yaml")["concepts"]["others"]}
            for word in read_yaml(f"signs/{language}.yaml")["reporting"]:
                if fold(str(word)) not in named:
                    self._enter(str(word), bits["news"])
        self._lengths = tuple(sorted({len(start) for start in self._begins}))
        self._end_lengths = tuple(sorted({len(end) for end in self._ends}))

    def _enter(self, entry: str, bit: int) -> None:
        words = _TOKEN.findall(fold(entry))
        if not words or any(letter.isdigit() for letter in entry):
            raise ValueError(f"rules/concepts/{self.language}.yaml: entry {entry!r} is not of words alone")
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

    def known(self, word: str) -> _Known:
        """What a folded word in small letters stands for."""
        found = self._known.get(word)
        if found is None:
            found = self._look_up(word)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[word] = found
        return found

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
        if not mask and not phrases:
            return _NOTHING
        possible = mask
        for phrase in phrases:
            possible |= phrase.mask
        return _Known(mask, phrases, possible)

    def possible(self, words: Iterable[str]) -> int:
        """Every idea that some of the words may stand for."""
        known, found = self._known, 0
        for word in words:
            entry = known.get(word)
            found |= (entry if entry is not None else self.known(word)).possible
        return found

    def sentences(self, reading: Reading) -> Iterator[Sentence]:
        """The sentences of the text that hold any idea."""
        spans, text = reading.spans, reading.lowered
        first, clause = 0, 0
        clauses: list[int] = []
        several: set[int] = {0} if spans and _SEVERAL.search(text[: spans[0][0]]) is not None else set()
        many = concept_bits()["many"]
        for place in range(len(spans)):
            clauses.append(clause)
            end = spans[place + 1][0] if place + 1 < len(spans) else len(text)
            between = text[spans[place][1] : end]
            if between == " ":
                continue
            if _SEVERAL.search(between) is not None:
                several.add(place + 1)
            last = place + 1 == len(spans)
            if last or _SENTENCE_END.search(between) is not None:
                words = reading.words[first : place + 1]
                masks = self._masks(words)
                for counted in several:
                    if first <= counted <= place:
                        masks[counted - first] |= many
                if any(masks):
                    yield Sentence(first, masks, clauses[first:], "?" in between)
                first = place + 1
                clause += 1
            elif _CLAUSE_END.search(between) is not None:
                clause += 1

    def _masks(self, words: list[str]) -> list[int]:
        entries = [self.known(word) for word in words]
        masks = [entry.mask for entry in entries]
        for place, entry in enumerate(entries):
            for phrase in entry.phrases:
                end = _phrase_end(phrase.words, words, place)
                if end is not None:
                    for inside in range(place, end):
                        masks[inside] |= phrase.mask
        return masks


@dataclass(frozen=True, slots=True)
class Sentence:
    """`first` is the sentence's first word in its text; per word the ideas it stands for and its clause."""

    first: int
    masks: list[int]
    clauses: list[int]
    asked: bool


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


@dataclass(frozen=True, slots=True)
class ConceptRule:
    """A sign told by ideas that meet: one of each group of `groups` within so many words of one sentence (or, with
    `whole_text`, anywhere in it), none of `without` in the sentence, and, where `deniable`, no negation of it."""

    id: str
    meaning: str
    confidence: float
    citation: str
    groups: tuple[int, ...]
    within: int
    without: int
    text_needs: int
    deniable: bool
    askable: bool
    whole_text: bool


@cache
def concept_bits() -> dict[str, int]:
    """A bit for every idea that a rule asks for."""
    names: dict[str, int] = {"not": _NOT, "news": _NEWS}
    table = read_yaml("concept_rules.yaml")
    others = [*table["warnings"], *(name for listed in table["vetoes"].values() for name in listed)]
    for entry in [*table["rules"], {"all": others}]:
        groups = [*entry["all"], *entry.get("without", []), *entry.get("text", [])]
        for name in (name for group in groups for name in str(group).split("|")):
            names.setdefault(name, 1 << len(names))
    return names


@cache
def concept_rules() -> tuple[ConceptRule, ...]:
    """The rules for all languages. Raises ValueError naming a rule with an unknown citation."""
    citations = read_yaml("sign_citations.yaml")
    bits = concept_bits()

    def mask(group: str) -> int:
        return sum(bits[name] for name in set(str(group).split("|")))

    rules = []
    for entry in read_yaml("concept_rules.yaml")["rules"]:
        if entry["citation"] not in citations:
            raise ValueError(
                f"rules/concept_rules.yaml: rule {entry['id']}: unknown citation {entry['citation']!r}"
            )
        rules.append(
            ConceptRule(
                id=entry["id"],
                meaning=entry["sign"],
                confidence=float(entry["confidence"]),
                citation=citations[entry["citation"]],
                groups=tuple(mask(group) for group in entry["all"]),
                within=int(entry.get("within", 10)),
                without=mask("|".join(entry["without"])) if "without" in entry else 0,
                text_needs=mask("|".join(entry["text"])) if "text" in entry else 0,
                deniable=bool(entry.get("deniable", False)),
                askable=bool(entry.get("askable", False)),
                whole_text=bool(entry.get("whole_text", False)),
            )
        )
    return tuple(rules)


@cache
def lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language, None for one without. Raises ValueError naming a faulty entry."""
    return Lexicon(language, concept_bits()) if language in languages_with("concepts") else None


@dataclass(frozen=True, slots=True)
class Told:
    """A rule that a text satisfies, with the words (first and last) that do so."""

    rule: ConceptRule
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Ideas:
    """What the words of a text tell in one language: the rules it satisfies, each once at its first place; every idea
    in it; and the sentences."""

    told: list[Told]
    whole: int
    sentences: list[Sentence]

    def stands_by(self, bits: int, word: int) -> bool:
        """Whether the sentence of a word (counted from 0) holds one of the ideas `bits`."""
        return any(
            any(mask & bits for mask in sentence.masks)
            for sentence in self.sentences
            if sentence.first <= word < sentence.first + len(sentence.masks)
        )


def find_concepts(reading: Reading, language: str, beside: Mapping[int, int]) -> Ideas | None:
    """The ideas of the text in a language; None without a lexicon or where no rule could be satisfied.

    `beside` are ideas that other facts of the text stand for (an amount, a country): word → bits.
    """
    words = lexicon(language)
    if words is None:
        return None
    possible = words.possible(reading.words)
    for bits in beside.values():
        possible |= bits
    likely = [
        rule
        for rule in concept_rules()
        if (not rule.text_needs or possible & rule.text_needs) and all(possible & g for g in rule.groups)
    ]
    if not likely and not possible & (warning_bits() | _vetoing()):
        return None
    sentences = list(words.sentences(reading))
    for sentence in sentences:
        for place, bits in beside.items():
            if sentence.first <= place < sentence.first + len(sentence.masks):
                sentence.masks[place - sentence.first] |= bits
    whole = 0
    for sentence in sentences:
        for mask in sentence.masks:
            whole |= mask
    told = []
    for rule in likely if sentences else ():
        if rule.text_needs and not whole & rule.text_needs:
            continue
        if rule.whole_text:
            sentences_read: Iterable[Sentence] = [_joined(sentences)]
        else:
            sentences_read = sentences
        for sentence in sentences_read:
            met = _meet(rule, sentence)
            if met is not None:
                told.append(Told(rule, sentence.first + met[0], sentence.first + met[1]))
                break
    return Ideas(told, whole, sentences)


@cache
def warning_bits() -> int:
    """Ideas that show a text to warn of others."""
    return sum(concept_bits()[name] for name in read_yaml("concept_rules.yaml")["warnings"])


@cache
def veto_bits() -> dict[str, int]:
    """Sign → the ideas that take it back in its sentence."""
    vetoes = read_yaml("concept_rules.yaml")["vetoes"]
    return {sign: sum(concept_bits()[name] for name in names) for sign, names in vetoes.items()}


@cache
def _vetoing() -> int:
    together = 0
    for bits in veto_bits().values():
        together |= bits
    return together


@cache
def striking_pay() -> dict[str, float]:
    """Currency → what a month has to pay at least to be striking for unskilled work."""
    return {
        code: float(least)
        for code, least in read_yaml("concept_rules.yaml")["striking_pay_per_month"].items()
    }


def _joined(sentences: list[Sentence]) -> Sentence:
    """The statements of a text as one sentence; places keep their distance."""
    first = sentences[0].first
    masks: list[int] = []
    clauses: list[int] = []
    for sentence in sentences:
        gap = sentence.first - first - len(masks)
        masks += [0] * gap + sentence.masks
        clauses += [-1] * gap + sentence.clauses
    return Sentence(first, masks, clauses, False)


def _meet(rule: ConceptRule, sentence: Sentence) -> tuple[int, int] | None:
    """First and last word (in the sentence) of a place where the ideas of `rule` meet."""
    masks = sentence.masks
    if sentence.asked and not rule.askable:
        return None
    together = 0
    for mask in masks:
        together |= mask
    if together & (rule.without | _NEWS) or not all(together & group for group in rule.groups):
        return None
    places = [[place for place, mask in enumerate(masks) if mask & group] for group in rule.groups]
    for anchor in places[0]:
        chosen = [anchor]
        for others in places[1:]:
            # A phrase stands for its idea with each of its words; the nearest that is no word of another idea's.
            chosen.append(min(others, key=lambda place: (abs(place - anchor), place)))
        low, high = min(chosen), max(chosen)
        if high - low < rule.within and not (rule.deniable and _denied(sentence, chosen, low, high)):
            return low, high
    return None


def _denied(sentence: Sentence, chosen: list[int], low: int, high: int) -> bool:
    """Whether a negation stands in a clause of the ideas, before them or close behind."""
    clauses = {sentence.clauses[place] for place in chosen}
    around = range(max(0, low - 4), min(len(sentence.masks), high + 3))
    return any(sentence.masks[place] & _NOT and sentence.clauses[place] in clauses for place in around)

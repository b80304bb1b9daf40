"""Signs that a sentence shows by all its words and ideas together, weighed by a model learned from invented sentences.

Rules and turns of phrase read what their writers thought of. Here each word and beginning of a word, each idea and pair
of ideas of a sentence (`concepts.word_ideas`), each sense of its words (`senses.word_senses`), senses near each other,
and each idea with each sense speak for or against each sign. Ideas and senses are the same in all languages that have
lexicons, so that a wording learned in one is read in others.
The model is a logistic regression for each sign (`rules/learned/signs.parquet`, made by `python -m
benchmarks.learn_signs` from `benchmarks/sign_sentences/`). A sentence shows a sign from that sign's threshold on,
which was chosen on sentences that had no part in the learning.

Sentences that may show a sign that weighs something, some one in ten of ordinary texts, are weighed once more by a
network (`sign_net`, `rules/learned/signs_by_meaning.parquet`), which knows what the whole sentence means, too: its
vector (`sentence_vectors`) lies near those of sentences that say the same in other words. Both then judge together.
Where no vectors can be made, the first model's word stands.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, reduce
from itertools import combinations
from operator import or_
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.extraction.concepts import concept_bits, sentences_of
from assets.extraction.normalise import offset_map
from assets.extraction.reading import Reading, within
from assets.extraction.rule_files import rule_path
from assets.extraction.senses import sense_bits
from assets.extraction.sentence_vectors import vectors, why_missing
from assets.extraction.sign_net import Sentence, SignNet, places_of

# Letters of a word's beginning: what most words keep in all their forms.
_BEGINNING = 5
# A sense stands near those of the next words, up to so many away.
_NEXT = 3
# A sentence of fewer words says little by itself; it is read together with the next one.
_SHORT = 5
# Fewer words are not weighed at all.
_LEAST = 4
# A longer sentence is read in parts of so many words.
_LONG = 40
# The model doubts what a rule told below these logarithms of the odds, about one to a hundred: in sentences of the
# folds 49 in a hundred of what rules tell wrongly, and three of what they tell rightly (`benchmarks/learn_signs.py`).
DOUBT = -4.6
# From this logarithm of the odds of a sign on, of those that are told, a sentence is weighed by its meaning, too. At an
# eighth of these odds hardly more was found on files kept out (recall .439 for .429, four in a hundred innocents told a
# sign); of the sentences of a simulated world of another author one in eleven has them.
OPEN = -2.0
# Words of a sentence from which on the model may doubt what a rule told by it.
_ENOUGH = 6
# Sentences of a language from which on the model may doubt what its rules tell.
TAUGHT = 250
# Told by figures, too, which the model does not see.
_NUMBERED = frozenset(["claimed_age_under_18", "school_age_wording"])
# What somebody offers: whoever asks for it, or about it, offers nothing.
_OFFERED = frozenset(
    [
        "papers_arranged",
        "papers_made",
        "marriage_for_papers",
        "crossing_arranged",
        "driver_for_girls",
        "rooms_for_working_girls",
        "money_passed_on",
    ]
)
# Rules tell the first sign where the second one is meant, too (`detection/context.py` makes that of it).
_TOLD_FOR = {
    "third_party_wording": "moved_on_by_others",
    "short_stay_wording": "moved_on_by_others",
    "pay_withheld": "earnings_taken",
}
# Letters of a sentence that its vector is made of; only runs of letters that are no words need more.
_MOST_LETTERS = 400
# Most words, and most sets of ideas, that are remembered.
_MOST_KNOWN = 50_000

# The groups of features: words, ideas and two of them, senses, one before another, and one with an idea.
GROUPS = ("word", "idea", "ideas", "sense", "near", "mixed")
# How much the words say beside what the whole sentence means, found on a third of the files of sentences.
BY_WORDS = 0.2
# What stands between the parts of a feature's name.
_PARTED = re.compile("[>/]")

Weights = npt.NDArray[np.float32]
_NOTHING: Weights = np.zeros(1, dtype=np.float32)


class Learned(NamedTuple):
    """A sign shown by the words from `first` to before `end`, and how sure the model is of it, 0 to 1."""

    sign: str
    first: int
    end: int
    probability: float


class Weighed(NamedTuple):
    """A text's units (first word, the one behind the last), for each the logarithm of the odds of each sign, those by
    words alone, and from where on each sign is told."""

    units: list[tuple[int, int]]
    scores: list[Weights]
    by_words: list[Weights]
    limits: Weights

    def is_asked(self, reading: Reading, unit: tuple[int, int]) -> bool:
        """Whether a question mark stands in a unit or right behind it."""
        start, end = reading.spans[unit[0]][0], reading.spans[unit[1] - 1][1]
        return "?" in reading.parted[start : end + 3]

    def is_doubtful(self, sign: str, first: int, end: int, language: str) -> bool:
        """Whether the units with words from `first` to before `end` speak so clearly against a sign that whoever told
        it by them was misled, and the words alone did not make it likely either. Of languages that the model learned
        little of it says nothing."""
        over = [
            (scores, by_words)
            for (start, stop), scores, by_words in zip(self.units, self.scores, self.by_words, strict=True)
            if start < end and first < stop and stop - start >= _ENOUGH
        ]
        if not over or sign in _NUMBERED or model().taught.get(language, 0) < TAUGHT:
            return False
        column = model().column
        places = [column[name] for name in (sign, _TOLD_FOR.get(sign, sign)) if name in column]
        return bool(places) and all(
            scores[places].max() < DOUBT and by_words[places].max() < OPEN for scores, by_words in over
        )


def units_of(reading: Reading) -> Iterator[tuple[int, int]]:
    """(first word, the one behind the last) of what is weighed together: sentences, short ones with the next; what is
    left of a text or a long sentence with hardly a word says nothing."""
    start = None
    for first, end, _ in sentences_of(reading):
        start = first if start is None else start
        if end - start < _SHORT:
            continue
        for part in range(start, end, _LONG):
            if end - part >= _LEAST:
                yield part, min(part + _LONG, end)
        start = None
    if start is not None and len(reading.words) - start >= _LEAST:
        yield start, len(reading.words)


def text_of(reading: Reading, first: int, end: int) -> str:
    """The words from `first` to before `end` as they were written, with their accents but in small letters and plain
    ones (NFKC): what a vector is made of."""
    start, stop = reading.spans[first][0], reading.spans[end - 1][1]
    if not reading.raw.isascii():
        start, stop = offset_map(reading.raw).raw_span(start, stop)
    return unicodedata.normalize("NFKC", reading.raw[start:stop][:_MOST_LETTERS]).lower()[:_MOST_LETTERS]


def word_features(words: Sequence[str]) -> list[str]:
    """The words and their beginnings ("keeps", "keep~")."""
    return list(dict.fromkeys([*words, *(f"{word[:_BEGINNING]}~" for word in words)]))


def idea_features(together: int) -> tuple[list[str], list[str]]:
    """The names of the ideas in a mask, and of each two of them."""
    names = _names(together, _names_of_bits())
    return names, [f"{one}+{other}" for one, other in combinations(names, 2)]


def sense_features(senses: Sequence[int], together: int) -> tuple[list[str], list[str], list[str]]:
    """The names of the senses of words (a mask each), which follow which nearby ("take>document"), and each with each
    idea of a mask ("take/fear")."""
    named = [_names(mask, _names_of_senses()) for mask in senses]
    single = sorted({name for names in named for name in names})
    near = {
        f"{one}>{other}"
        for place, names in enumerate(named)
        for one in names
        for others in named[place + 1 : place + 1 + _NEXT]
        for other in others
        if one != other
    }
    ideas = _names(together, _names_of_bits())
    return single, sorted(near), [f"{sense}/{idea}" for sense in single for idea in ideas]


def _names(mask: int, names: Mapping[int, str]) -> list[str]:
    found = []
    while mask:
        bit = mask & -mask
        found.append(names[bit])
        mask ^= bit
    return sorted(found)


@cache
def _names_of_bits() -> dict[int, str]:
    return {bit: name for name, bit in concept_bits().items()}


@cache
def _names_of_senses() -> dict[int, str]:
    return {bit: name for name, bit in sense_bits().items()}


class Model:
    """The weights of all features for all signs. In each group a feature counts by its rarity over the root of the sum
    of the squares of those of the group that the model knows (tf-idf of length one)."""

    def __init__(self, table: pl.DataFrame) -> None:
        """`table`: group str (one of `GROUPS`; bias and threshold, without a feature; language, where the feature is
        one and the weight the number of sentences learned from), feature str, sign str (null: the square of the
        feature's rarity), weight f32."""
        taught = table.filter(pl.col("group") == "language")
        self.taught = dict(zip(taught["feature"].to_list(), taught["weight"].to_list(), strict=True))
        table = table.filter(pl.col("group") != "language")
        self.signs: list[str] = sorted(table["sign"].drop_nulls().unique())
        self.column = {sign: place for place, sign in enumerate(self.signs)}
        column = pl.col("sign").replace_strict(self.column, default=len(self.signs), return_dtype=pl.Int64)
        self._rows: dict[str, dict[str, int]] = {}
        self._weights: dict[str, Weights] = {}
        for (group,), told in table.with_columns(column).group_by("group"):
            told = told if told["feature"].is_sorted() else told.sort("feature")
            at = told["feature"].rle_id().to_numpy().astype(np.int64)
            features = told["feature"].filter(pl.Series(np.diff(at, prepend=-1)) > 0).to_list()
            rows = dict(zip(features, range(len(features)), strict=True))
            # The last column is that of the squares.
            weights = np.zeros((len(rows), len(self.signs) + 1), dtype=np.float32)
            weights[at, told["sign"].to_numpy()] = told["weight"].to_numpy()
            self._rows[str(group)], self._weights[str(group)] = rows, weights
        self._bias = self._weights["bias"][0, :-1]
        self.limits: Weights = self._weights["threshold"][0, :-1]
        # Signs that are told at all: light ones have no finite limit.
        self._told = np.isfinite(self.limits)
        self._of_ideas: dict[int, Weights] = {}
        # What is remembered of masks: the places of their bits, and the rows of what two of them make near each other.
        self._places: dict[int, tuple[int, ...]] = {}
        self._of_two: dict[tuple[int, int], tuple[int, ...]] = {}
        self._senses = self._rows_of("sense", (sense_bits(),))
        self._near = self._rows_of("near", (sense_bits(), sense_bits()))
        self._mixed = self._rows_of("mixed", (sense_bits(), concept_bits()))

    def _rows_of(self, group: str, bits: tuple[Mapping[str, int], ...]) -> npt.NDArray[np.int32]:
        """By the places of the bits of a feature's parts its row in a group; -1 where the model does not know it."""
        found = np.full([max(of_part.values()).bit_length() for of_part in bits], -1, dtype=np.int32)
        for feature, row in self._rows.get(group, {}).items():
            names = _PARTED.split(feature)
            found[
                tuple(of_part[name].bit_length() - 1 for of_part, name in zip(bits, names, strict=True))
            ] = row
        return found

    def _sum(self, group: str, features: Iterable[str]) -> Weights:
        rows = self._rows.get(group, {})
        return self._said(group, [row for feature in features if (row := rows.get(feature)) is not None])

    def _said(self, group: str, rows: Sequence[int] | npt.NDArray[np.int32]) -> Weights:
        if not len(rows):
            return _NOTHING
        total: Weights = self._weights[group][rows].sum(axis=0)
        said: Weights = total[:-1] / np.sqrt(total[-1])
        return said

    def _ideas_say(self, together: int) -> Weights:
        known = self._of_ideas.get(together)
        if known is None:
            if len(self._of_ideas) >= _MOST_KNOWN:
                self._of_ideas.clear()
            single, pairs = idea_features(together)
            known = self._bias + self._sum("idea", single) + self._sum("ideas", pairs)
            self._of_ideas[together] = known
        return known

    def _places_of(self, mask: int) -> tuple[int, ...]:
        known = self._places.get(mask)
        if known is None:
            if len(self._places) >= _MOST_KNOWN:
                self._places.clear()
            known = tuple(places_of(mask))
            self._places[mask] = known
        return known

    def _rows_near(self, one: int, other: int) -> tuple[int, ...]:
        """The rows of senses of one mask before those of another."""
        known = self._of_two.get((one, other))
        if known is None:
            if len(self._of_two) >= _MOST_KNOWN:
                self._of_two.clear()
            both = [(left, right) for left in self._places_of(one) for right in self._places_of(other)]
            known = tuple(int(row) for left, right in both if (row := self._near[left, right]) >= 0)
            self._of_two[one, other] = known
        return known

    def _senses_say(self, senses: Sequence[int], together: int) -> Weights:
        whole, near = 0, set[int]()
        for place, mask in enumerate(senses):
            if mask:
                whole |= mask
                for other in senses[place + 1 : place + 1 + _NEXT]:
                    if other:
                        near.update(self._rows_near(mask, other))
        if not whole:
            return _NOTHING
        places = list(self._places_of(whole))
        single, mixed = self._senses[places], self._mixed[np.ix_(places, self._places_of(together))].ravel()
        return (
            self._said("sense", single[single >= 0])
            + self._said("near", list(near))
            + self._said("mixed", mixed[mixed >= 0])
        )

    def scores(self, words: Sequence[str], together: int, senses: Sequence[int]) -> Weights:
        """The logarithm of the odds of each sign (in the order of `signs`). `together`: the ideas of all words,
        `senses`: those of each."""
        return (
            self._ideas_say(together)
            + self._sum("word", word_features(words))
            + self._senses_say(senses, together)
        )

    def is_open(self, scores: Weights) -> bool:
        """Whether a sign that is told is likely enough to ask what the sentence means."""
        return bool((scores >= OPEN)[self._told].any())

    def shown(self, scores: Weights, limits: Weights | None = None) -> list[tuple[str, float]]:
        """The signs whose scores reach the limits (the model's own if not given), and their probabilities."""
        return [
            (self.signs[place], float(1 / (1 + math.exp(-scores[place]))))
            for place in np.flatnonzero(scores >= (self.limits if limits is None else limits))
        ]


def model_file() -> Path:
    """Where the model's table lies."""
    return rule_path("learned/signs.parquet")


def meaning_file() -> Path:
    """Where the table of the network lies that knows the meaning of sentences."""
    return rule_path("learned/signs_by_meaning.parquet")


@cache
def model() -> Model:
    """The model that the rules hold."""
    return Model(pl.read_parquet(model_file()))


@cache
def model_of_meaning() -> SignNet | None:
    """The network that the rules hold for sentences whose vectors are known; None where no vectors can be made."""
    return None if why_missing() else SignNet(pl.read_parquet(meaning_file()), vectors)


def weigh(reading: Reading, masks: Sequence[int], senses: Sequence[int]) -> Weighed:
    """What the units of a text say. `masks`: per word the ideas it stands for in the text's language, `senses`: the
    senses it has, noughts where there is no lexicon."""
    units = list(units_of(reading))
    plain, by_meaning = model(), model_of_meaning()
    by_words: list[Weights] = []
    asked: dict[int, Sentence] = {}
    for number, (first, end) in enumerate(units):
        ideas, known = reduce(or_, masks[first:end], 0), senses[first:end]
        by_words.append(plain.scores(reading.words[first:end], ideas, known))
        if by_meaning is not None and plain.is_open(by_words[-1]):
            asked[number] = Sentence(text_of(reading, first, end), ideas, reduce(or_, known, 0))
    scores = list(by_words)
    if by_meaning is not None and asked:
        for number, meant in zip(asked, by_meaning.scores(list(asked.values())), strict=True):
            scores[number] = together(by_words[number], meant)
    return Weighed(units, scores, by_words, (by_meaning or plain).limits)


def together(by_words: npt.NDArray[Any], by_meaning: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The logarithm of the odds of each sign by what words say and what the sentence means."""
    return BY_WORDS * by_words + (1 - BY_WORDS) * by_meaning


def find_learned(reading: Reading, weighed: Weighed, covered: Sequence[tuple[int, int]]) -> list[Learned]:
    """The signs that units of the text show, each at the unit that shows it most surely. `covered`: places of the text
    that tell no sign."""
    best: dict[str, Learned] = {}
    for (first, end), scores in zip(weighed.units, weighed.scores, strict=True):
        if within(reading.spans[first][0], covered):
            continue
        asked = weighed.is_asked(reading, (first, end))
        for sign, probability in model().shown(scores, weighed.limits):
            if asked and sign in _OFFERED:
                continue
            known = best.get(sign)
            if known is None or known.probability < probability:
                best[sign] = Learned(sign, first, end, probability)
    return list(best.values())

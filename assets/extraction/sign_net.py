"""Signs that a sentence shows by what it means as a whole, told by a small neural network.

Its inputs are the numbers of the sentence's vector (`sentence_vectors`), the ideas that its words stand for and the
senses that they have; two hidden layers of rectified units let each input mean something else beside others, which a
sum cannot. It was learned from invented sentences (`python -m benchmarks.learn_signs`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.extraction.concepts import concept_bits
from assets.extraction.senses import sense_bits

Weights = npt.NDArray[np.float32]
Vectors = Callable[[Sequence[str]], Weights]

# The columns of the network's table.
TABLE = {"part": pl.String, "name": pl.String, "weights": pl.List(pl.Float32)}
# The parts of the table that hold a row for each input, by its name.
IDEA, SENSE, MEANING = "idea", "sense", "meaning"
# What is taken from a vector before it is weighed; and by sign, in order, from where on it is told.
MIDDLE, SIGN = "middle", "sign"
# The layers behind the inputs: what each adds, and the weights of the unit of each number.
LAYERS = ("hidden", "last")
BIAS = "bias"
# Most sentences that are remembered.
_MOST_KNOWN = 50_000


class Sentence(NamedTuple):
    """What the network is told: the text of the vector, and the masks of all ideas and of all senses of its words."""

    text: str
    ideas: int
    senses: int


def places_of(mask: int) -> list[int]:
    """The places of the bits of a mask, the lowest first."""
    found = []
    while mask:
        bit = mask & -mask
        found.append(bit.bit_length() - 1)
        mask ^= bit
    return found


class SignNet:
    """The network. `signs`: their names in order; `limits`: the score of each from which on it is told."""

    def __init__(self, table: pl.DataFrame, vectors: Vectors) -> None:
        """`table` (`TABLE`): rows of the parts `IDEA`, `SENSE` and `MEANING` by input with a weight for each unit of
        the first layer; `MIDDLE`; of each of `LAYERS` rows by the number of the unit before it; `BIAS` of the first
        layer ("first") and of these; `SIGN` by sign with its limit. `vectors`: of texts, in rows."""
        self._vectors = vectors
        parts = {str(part): rows for (part,), rows in table.group_by("part")}
        ordered = parts[SIGN].sort("name")
        self.signs: list[str] = ordered["name"].to_list()
        self.limits: Weights = ordered["weights"].explode().to_numpy().astype(np.float32)
        self._bias = {
            name: weights.to_numpy()
            for name, weights in zip(parts[BIAS]["name"], parts[BIAS]["weights"], strict=True)
        }
        self._middle = parts[MIDDLE]["weights"][0].to_numpy()
        width = len(self._bias["first"])
        self._ideas = _by_bit(parts[IDEA], concept_bits(), width)
        self._senses = _by_bit(parts[SENSE], sense_bits(), width)
        self._by_vector, *self._layers = (_by_number(parts[part]) for part in (MEANING, *LAYERS))
        self._known: dict[Sentence, Weights] = {}

    def scores(self, sentences: Sequence[Sentence]) -> list[Weights]:
        """For each sentence the logarithm of the odds of each sign."""
        known = {sentence: self._known[sentence] for sentence in sentences if sentence in self._known}
        new = [sentence for sentence in dict.fromkeys(sentences) if sentence not in known]
        if new:
            known |= zip(new, self._told(new), strict=True)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known |= known
        return [known[sentence] for sentence in sentences]

    def _told(self, sentences: Sequence[Sentence]) -> Weights:
        texts = list(dict.fromkeys(sentence.text for sentence in sentences))
        place = {text: number for number, text in enumerate(texts)}
        meant = (self._vectors(texts) - self._middle) @ self._by_vector + self._bias["first"]
        told: Weights = np.array([meant[place[sentence.text]] for sentence in sentences])
        for row, sentence in zip(told, sentences, strict=True):
            row += self._ideas[places_of(sentence.ideas)].sum(axis=0)
            row += self._senses[places_of(sentence.senses)].sum(axis=0)
        for layer, weights in zip(LAYERS, self._layers, strict=True):
            told = np.maximum(told, 0) @ weights + self._bias[layer]
        return told


def _by_bit(rows: pl.DataFrame, bits: Mapping[str, int], width: int) -> Weights:
    """Rows by the place of the bit of their name; noughts for what the network does not know."""
    found = np.zeros((max(bits.values()).bit_length(), width), dtype=np.float32)
    for name, weights in zip(rows["name"].to_list(), rows["weights"], strict=True):
        if name in bits:
            found[bits[name].bit_length() - 1] = weights.to_numpy()
    return found


def _by_number(rows: pl.DataFrame) -> Weights:
    """Rows in the order of their numbers."""
    ordered = rows.sort(pl.col("name").cast(pl.Int64))["weights"]
    found: Weights = ordered.explode().to_numpy().astype(np.float32).reshape(rows.height, -1)
    return found

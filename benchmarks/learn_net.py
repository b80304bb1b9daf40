"""Learns the network of `assets/extraction/sign_net.py`: what `learn_signs` calls for sentences with their vectors.

Two hidden layers of rectified units, learned in shuffled batches by Adam with decoupled weight decay (Loshchilov and
Hutter, "Decoupled Weight Decay Regularization", ICLR 2019) at a rate that falls along a cosine, while each input and
unit is left out at random (dropout, Srivastava et al., JMLR 15, 2014). The same sentences give the same network.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from assets.extraction.concepts import concept_bits
from assets.extraction.senses import sense_bits
from assets.extraction.sign_net import (
    BIAS,
    IDEA,
    LAYERS,
    MEANING,
    MIDDLE,
    SENSE,
    SIGN,
    TABLE,
    Sentence,
    places_of,
)

Floats = npt.NDArray[np.float32]

# Units of each hidden layer, times through all sentences, sentences of a batch, the rate of the first steps, how much
# of the weights a step of that rate takes away, and the shares of inputs and of units left out: found on a third of the
# files of sentences, learned from the others.
WIDTH, TIMES, BATCH, RATE, DECAY = 512, 45, 512, 2e-3, 0.01
INPUTS_OUT, UNITS_OUT = 0.25, 0.5
# How much an idea or a sense weighs beside a number of a vector, which deviates by one.
WEIGHED = 2.0
# Adam's own.
_FIRST, _SECOND, _LITTLE = 0.9, 0.999, 1e-8


class Inputs(NamedTuple):
    """What vectors are spread by, and the network's layers: the weights and what is added."""

    middle: Floats
    factor: float
    layers: list[tuple[Floats, Floats]]

    def over(self, sentences: Sequence[Sentence], vectors: Floats) -> Floats:
        """The scores of the sentences (× signs)."""
        return self.through(_inputs(sentences, (vectors - self.middle) * self.factor))

    def through(self, told: Floats) -> Floats:
        """The scores for these inputs, spread and weighed as they were learned from."""
        for number, (weights, bias) in enumerate(self.layers):
            told = (np.maximum(told, 0) if number else told) @ weights + bias
        return told


def _inputs(sentences: Sequence[Sentence], spread: Floats) -> Floats:
    ideas, senses = (
        np.zeros((len(sentences), max(bits.values()).bit_length()), dtype=np.float32)
        for bits in (concept_bits(), sense_bits())
    )
    for row, sentence in enumerate(sentences):
        ideas[row, places_of(sentence.ideas)] = WEIGHED
        senses[row, places_of(sentence.senses)] = WEIGHED
    return np.hstack([spread.astype(np.float32), ideas, senses])


def learn(
    sentences: Sequence[Sentence],
    vectors: Floats,
    shows: npt.NDArray[np.float64],
    counts: npt.NDArray[np.float64],
    *,
    times: int = TIMES,
    width: int = WIDTH,
) -> Inputs:
    """The network for these sentences; `shows` 0 or 1 and `counts` (sentences × signs) as in `learn_signs.fit`."""
    rng = np.random.default_rng(1)
    middle = vectors.mean(axis=0)
    factor = 1 / max(float((vectors - middle).std()), 1e-9)
    told = _inputs(sentences, (vectors - middle) * factor)
    truth, weight = shows.astype(np.float32), counts.astype(np.float32)
    sizes = [told.shape[1], width, width, truth.shape[1]]
    parameters: list[Floats] = []
    for before, after in pairwise(sizes):
        reach = 1 / np.sqrt(before)
        parameters += [
            rng.uniform(-reach, reach, size).astype(np.float32) for size in ((before, after), (after,))
        ]
    first, second = ([np.zeros_like(one) for one in parameters] for _ in range(2))
    batches = -(-len(told) // BATCH)
    for step in range(times * batches):
        if step % batches == 0:
            order = rng.permutation(len(told))
        chosen = order[step % batches * BATCH : (step % batches + 1) * BATCH]
        slopes = _slopes(told[chosen], truth[chosen], weight[chosen], parameters, rng)
        rate = RATE * (1 + np.cos(np.pi * step / (times * batches))) / 2
        towards = rate * np.sqrt(1 - _SECOND ** (step + 1)) / (1 - _FIRST ** (step + 1))
        for own, slope, mean, square in zip(parameters, slopes, first, second, strict=True):
            mean += (1 - _FIRST) * (slope - mean)
            square += (1 - _SECOND) * (slope * slope - square)
            own *= np.float32(1 - rate * DECAY)
            own -= np.float32(towards) * mean / (np.sqrt(square) + np.float32(_LITTLE))
    layers = list(zip(parameters[::2], parameters[1::2], strict=True))
    return Inputs(middle.astype(np.float32), factor, layers)


def _slopes(
    told: Floats, truth: Floats, weight: Floats, parameters: list[Floats], rng: np.random.Generator
) -> list[Floats]:
    """How the mean loss of a batch, summed over signs, changes with each parameter; inputs and units left out at
    random."""
    layers = list(zip(parameters[::2], parameters[1::2], strict=True))
    seen: list[Floats] = []
    for number, (weights, bias) in enumerate(layers):
        out = UNITS_OUT if number else INPUTS_OUT
        stays = rng.random(told.shape, dtype=np.float32) >= out
        told = (np.maximum(told, 0) if number else told) * stays / np.float32(1 - out)
        seen.append(told)
        told = told @ weights + bias
    # The logistic function, written so that no number runs over.
    chance = (1 + np.tanh(told / 2)) / 2
    off = (chance - truth) * weight / np.float32(len(truth))
    slopes: list[Floats] = []
    for number in range(len(layers) - 1, -1, -1):
        slopes += [off.sum(axis=0), seen[number].T @ off]
        if number:
            # A unit that stays passes on as much more as it was raised.
            off = (off @ layers[number][0].T) * (seen[number] > 0) / np.float32(1 - UNITS_OUT)
    return slopes[::-1]


def table_of(learned: Inputs, limits: npt.NDArray[np.float64], signs: list[str]) -> pl.DataFrame:
    """The rules' table (`sign_net.TABLE`), in half precision, with the spread of vectors and inputs in the weights."""
    (by_input, first), *behind = learned.layers
    rows: list[tuple[str, str, list[float]]] = [
        (MIDDLE, "", learned.middle.tolist()),
        (BIAS, "first", first.tolist()),
    ]
    length = len(learned.middle)
    rows += [(MEANING, str(number), _half(by_input[number] * learned.factor)) for number in range(length)]
    start = length
    for part, bits in ((IDEA, concept_bits()), (SENSE, sense_bits())):
        rows += [
            (part, name, _half(by_input[start + bit.bit_length() - 1] * WEIGHED))
            for name, bit in bits.items()
        ]
        start += max(bits.values()).bit_length()
    for layer, (weights, bias) in zip(LAYERS, behind, strict=True):
        rows += [(layer, str(number), _half(row)) for number, row in enumerate(weights)]
        rows.append((BIAS, layer, bias.tolist()))
    rows += [(SIGN, sign, [limit]) for sign, limit in zip(signs, limits.tolist(), strict=True)]
    return pl.DataFrame(rows, schema=TABLE, orient="row")


def _half(weights: Floats) -> list[float]:
    found: list[float] = weights.astype(np.float16).astype(np.float32).tolist()
    return found

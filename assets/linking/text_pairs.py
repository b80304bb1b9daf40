"""Pairs of texts that are near-duplicates, kept so that a day looks only at those of its own texts.

Pairs lie in runs that are never changed, each sorted by its smaller and by its greater text, so that those of a text
are found by a search. A day adds a run; which pairs stand no more is kept beside the runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from assets.linking.stretches import among
from assets.linking.text_rows import once, pairs_of
from assets.linking.text_runs import together_from
from assets.linking.text_shingles import ranges

_END_BITS = np.uint64(32)


@dataclass
class Near:
    """Pairs of texts that are near-duplicates: `codes` (uint64), similarity and containment (float64)."""

    codes: np.ndarray
    similarity: np.ndarray
    containment: np.ndarray

    def kept(self, wanted: np.ndarray) -> "Near":
        """Those of the pairs (bool or places)."""
        return Near(self.codes[wanted], self.similarity[wanted], self.containment[wanted])


def _together(several: Sequence[Near]) -> Near:
    return Near(
        np.concatenate([np.zeros(0, dtype=np.uint64), *(near.codes for near in several)]),
        np.concatenate([np.zeros(0), *(near.similarity for near in several)]),
        np.concatenate([np.zeros(0), *(near.containment for near in several)]),
    )


@dataclass(frozen=True)
class PairRun:
    """Pairs with `codes` (uint64) ascending, and `turned`, the same with the greater text first (uint64, ascending)."""

    codes: np.ndarray
    similarity: np.ndarray
    containment: np.ndarray
    turned: np.ndarray

    def save(self, folder: Path) -> None:
        """Write each array into a file of an empty folder."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> "PairRun":
        """What `save` wrote, read as it is needed. `OSError` or `ValueError` if it cannot be."""
        arrays = [np.load(folder / f"{field.name}.npy", mmap_mode="r") for field in fields(cls)]
        return cls(*map(np.asarray, arrays))


def _run(near: Near) -> PairRun:
    place = np.argsort(near.codes)
    codes = near.codes[place]
    return PairRun(codes, near.similarity[place], near.containment[place], np.sort(_turned(codes)))


def _turned(codes: np.ndarray) -> np.ndarray:
    turned: np.ndarray = (codes << _END_BITS) | (codes >> _END_BITS)
    return turned


def _beginning_with(codes: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """The places (int64) of the codes (ascending) that begin with one of these texts (int64, ascending)."""
    first = texts.astype(np.uint64)
    low = np.searchsorted(codes, first << _END_BITS)
    high = np.searchsorted(codes, (first + np.uint64(1)) << _END_BITS)
    return ranges(low, high - low)


class NearPairs:
    """Pairs in runs, none of them twice among those that stand."""

    def __init__(
        self, runs: Sequence[PairRun] = (), stands: Sequence[np.ndarray] = (), names: Sequence[str] = ()
    ) -> None:
        """`stands`: of each run, which of its pairs do (bool); `names` of the first runs, where they are stored."""
        self.runs = list(runs)
        self.stands = list(stands)
        self.names = list(names)

    def all(self) -> Near:
        """All pairs."""
        return _together([self._taken(run, slice(None)) for run in range(len(self.runs))])

    def within(self, texts: np.ndarray) -> Near:
        """The pairs whose smaller text is one of these (int64, ascending)."""
        return _together(
            [self._taken(number, _beginning_with(run.codes, texts)) for number, run in enumerate(self.runs)]
        )

    def of_texts(self, texts: np.ndarray) -> np.ndarray:
        """The codes of the pairs of which one is among these texts (int64, ascending); each once, ascending."""
        found = [np.zeros(0, dtype=np.uint64)]
        for run, stands in zip(self.runs, self.stands, strict=True):
            smaller = _beginning_with(run.codes, texts)
            turned = _turned(run.turned[_beginning_with(run.turned, texts)])
            greater = np.searchsorted(run.codes, turned)
            found += [run.codes[places[stands[places]]] for places in (smaller, greater)]
        return once(np.concatenate(found))

    def reached(self, seeds: np.ndarray, texts: int) -> np.ndarray:
        """The seeds (int64, ascending) and all of so many texts that pairs connect with them (int64, ascending)."""
        is_reached = np.zeros(texts, dtype=bool)
        while len(seeds):
            is_reached[seeds] = True
            ends = pairs_of(self.of_texts(seeds)).ravel()
            seeds = once(ends[~is_reached[ends]])
        return np.flatnonzero(is_reached)

    def holds(self, codes: np.ndarray) -> np.ndarray:
        """Which of the pairs (codes, uint64) are there (bool)."""
        is_there = np.zeros(len(codes), dtype=bool)
        for places, run in zip(self._places(codes), range(len(self.runs)), strict=True):
            known = np.flatnonzero(places >= 0)
            is_there[known] |= self.stands[run][places[known]]
        return is_there

    def drop(self, codes: np.ndarray) -> None:
        """Let these pairs (codes, uint64) stand no more."""
        for run, places in enumerate(self._places(codes)):
            gone = places[places >= 0]
            if len(gone):
                self.stands[run] = self.stands[run].copy()
                self.stands[run][gone] = False

    def add(self, near: Near) -> None:
        """Add pairs that are not there."""
        if not len(near.codes):
            return
        self.runs.append(_run(near))
        self.stands.append(np.ones(len(near.codes), dtype=bool))
        first = together_from([len(run.codes) for run in self.runs])
        if first is not None:
            self._put_together(first)

    def _put_together(self, first: int) -> None:
        near = _together([self._taken(run, slice(None)) for run in range(first, len(self.runs))])
        self.runs[first:], self.stands[first:] = [_run(near)], [np.ones(len(near.codes), dtype=bool)]
        self.names = self.names[:first]

    def _taken(self, run: int, places: np.ndarray | slice) -> Near:
        there, stands = self.runs[run], self.stands[run][places]
        near = Near(there.codes[places], there.similarity[places], there.containment[places])
        return near if stands.all() else near.kept(stands)

    def _places(self, codes: np.ndarray) -> list[np.ndarray]:
        """Where the pairs lie in each run (int64, -1: not there)."""
        found = []
        for run in self.runs:
            place = np.minimum(np.searchsorted(run.codes, codes), max(len(run.codes) - 1, 0))
            found.append(np.where(among(codes, run.codes), place, -1))
        return found

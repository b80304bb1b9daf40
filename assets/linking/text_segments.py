"""Texts that came together, kept so that later ones find those that share a row with them without reading the others.

A segment is never changed once it is made: it is arrays that can lie in files and be read where they are needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from assets.linking.text_candidates import BANDS, band_keys, marks, signatures
from assets.linking.text_rarity import LEVELS, Rarity
from assets.linking.text_shingles import Shingles, ranges

_TEXTS_AT_A_TIME = 2_000
# Each day adds a segment, and each is looked into.
MOST_SEGMENTS = 8


@dataclass(frozen=True)
class Segment:
    """Texts numbered from `first` on, in their order.

    `order`: uint64, where a text stands in its rows. `content`: uint64, equal for texts of equal shingles;
    `by_content`: int64, the texts' places by their content. `starts`: int64, one more than texts; `weighed`: uint32,
    shingles with their levels. `totals`: int64, points of all shingles
    of each text. `marked`: uint8, 64 per text, for a first look. Of each band: `keys`, uint32, ascending keys of its
    rows, and `members`, uint32, the numbers of the texts there; the first `filled` (int64, per band) count.
    """

    first: np.ndarray
    order: np.ndarray
    content: np.ndarray
    by_content: np.ndarray
    starts: np.ndarray
    weighed: np.ndarray
    totals: np.ndarray
    marked: np.ndarray
    keys: np.ndarray
    members: np.ndarray
    filled: np.ndarray

    @property
    def texts(self) -> int:
        """How many texts it holds."""
        return len(self.order)

    def row_bounds(self, band: int, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the rows of these keys (ascending) begin and end among the band's members (both int64)."""
        held = self.keys[band, : self.filled[band]]
        low = np.searchsorted(held, keys, side="left")
        high = low.copy()
        if len(held):
            there = np.flatnonzero(held[np.minimum(low, len(held) - 1)] == keys)
            high[there] = np.searchsorted(held, keys[there], side="right")
        return low, high

    def with_content(self, content: np.ndarray) -> np.ndarray:
        """The numbers (int64) of the texts with this content (ascending, each once)."""
        low, high = (
            np.searchsorted(self.content, content, side=side, sorter=self.by_content)
            for side in ("left", "right")
        )
        texts: np.ndarray = self.by_content[ranges(low, high - low)] + self.first
        return texts

    def save(self, folder: Path) -> None:
        """Write each array into a file of an empty folder."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> "Segment":
        """What `save` wrote, read as it is needed. `OSError` or `ValueError` if it cannot be."""
        # Plain arrays over what is mapped: a slice of a memmap takes several times as long.
        return cls(
            **{
                field.name: np.asarray(np.load(folder / f"{field.name}.npy", mmap_mode="r"))
                for field in fields(cls)
            }
        )


def make_segment(
    shingles: Shingles,
    rows: np.ndarray,
    rarity: Rarity,
    *,
    first: int,
    order: np.ndarray,
    content: np.ndarray,
) -> Segment:
    """A segment of the texts at `rows` (int64) of the shingles; `order` and `content` are theirs."""
    sizes = shingles.sizes[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    weighed = np.empty(int(starts[-1]), dtype=np.uint32)
    totals = np.empty(len(rows), dtype=np.int64)
    signature = np.empty((len(rows), BANDS), dtype=np.uint32)
    for low in range(0, len(rows), _TEXTS_AT_A_TIME):
        high = min(low + _TEXTS_AT_A_TIME, len(rows))
        part = rarity.weigh(shingles.hashes[ranges(shingles.starts[rows[low:high]], sizes[low:high])])
        bounds = starts[low : high + 1] - starts[low]
        weighed[starts[low] : starts[high]] = part
        totals[low:high] = _totals(part, bounds, rarity.points)
        signature[low:high] = signatures(part, bounds, rarity.weights)
    keys = np.zeros((BANDS, len(rows)), dtype=np.uint32)
    members = np.zeros((BANDS, len(rows)), dtype=np.uint32)
    filled = np.zeros(BANDS, dtype=np.int64)
    for band in range(BANDS):
        key, text = band_keys(signature, band, rarity)
        both = (key.astype(np.uint64) << np.uint64(32)) | (text + first).astype(np.uint64)
        both.sort()
        filled[band] = len(both)
        keys[band, : len(both)] = both >> np.uint64(32)
        members[band, : len(both)] = both.astype(np.uint32)
    return Segment(
        np.array(first),
        order,
        content,
        _by_content(content),
        starts,
        weighed,
        totals,
        marks(signature),
        keys,
        members,
        filled,
    )


def _by_content(content: np.ndarray) -> np.ndarray:
    # As `searchsorted` takes them; shorter numbers would be copied at each search.
    return np.argsort(content, kind="stable").astype(np.int64)


def _totals(weighed: np.ndarray, starts: np.ndarray, points: np.ndarray) -> np.ndarray:
    texts = len(starts) - 1
    level = np.repeat(np.arange(texts) * LEVELS, np.diff(starts)) + (weighed & np.uint32(LEVELS - 1))
    counts = np.bincount(level, minlength=texts * LEVELS).reshape(texts, LEVELS)
    totals: np.ndarray = counts @ points.astype(np.int64)
    return totals


class Segments:
    """Texts of several segments under their numbers, as `text_clusters.compare` reads them."""

    def __init__(self, parts: Sequence[Segment], rarity: Rarity, names: Sequence[str] = ()) -> None:
        """Segments in the order of their numbers, without a gap; `names` of the first, where they are stored."""
        self.parts = list(parts)
        self.names = list(names)
        self.rarity = rarity
        self.weights = rarity.weights
        self.points = rarity.points
        self._bounds = np.cumsum([0, *(part.texts for part in parts)])

    def followed_by(self, segment: Segment) -> "Segments":
        """These and one more. The first is the largest by far; of the others one is made before they grow many."""
        parts, names = [*self.parts, segment], self.names
        if len(parts) > MOST_SEGMENTS:
            parts, names = [parts[0], _merged(parts[1:])], names[:1]
        return Segments(parts, self.rarity, names)

    @property
    def texts(self) -> int:
        """How many texts there are; their numbers are below."""
        return int(self._bounds[-1])

    def sizes(self, texts: np.ndarray) -> np.ndarray:
        """How many shingles some texts have (int64)."""
        starts = [part.starts for part in self.parts]
        sizes: np.ndarray = self._of([each[1:] for each in starts], texts) - self._of(starts, texts)
        return sizes

    def totals(self, texts: np.ndarray) -> np.ndarray:
        """The points of all shingles of some texts (int64)."""
        return self._of([part.totals for part in self.parts], texts)

    def order(self, texts: np.ndarray) -> np.ndarray:
        """Where some texts stand in their rows (uint64)."""
        return self._of([part.order for part in self.parts], texts, np.uint64)

    def content(self, texts: np.ndarray) -> np.ndarray:
        """The content of some texts (uint64)."""
        return self._of([part.content for part in self.parts], texts, np.uint64)

    def marked(self, texts: np.ndarray) -> np.ndarray:
        """The marks (uint8) of some texts, a row for each."""
        return self._of([part.marked for part in self.parts], texts, np.uint8)

    def shingles(self, texts: np.ndarray) -> list[np.ndarray]:
        """The shingles of each of some texts with their levels (uint32)."""
        place = np.searchsorted(self._bounds, texts, side="right") - 1
        starts = self._of([part.starts for part in self.parts], texts)
        ends = self._of([part.starts[1:] for part in self.parts], texts)
        weighed = [part.weighed for part in self.parts]
        return [
            weighed[part][start:end]
            for part, start, end in zip(place.tolist(), starts.tolist(), ends.tolist(), strict=True)
        ]

    def taken(self, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The shingles of some texts with their levels (uint32), and where each begins (int64, and the end)."""
        starts = np.cumsum([0, *self.sizes(texts).tolist()])
        return _joined(self.shingles(texts), np.uint32), starts

    def with_content(self, content: np.ndarray) -> np.ndarray:
        """The numbers (int64) of the texts with this content (ascending, each once)."""
        return _joined([part.with_content(content) for part in self.parts], np.int64)

    def last_order(self, alive: np.ndarray) -> int:
        """Where the last of the living (bool, a value for each text) stands in the rows; -1 if there are none."""
        last = -1
        for part, low, high in zip(self.parts, self._bounds, self._bounds[1:], strict=False):
            lives = alive[low:high]
            if lives.any():
                last = max(last, int(np.max(part.order, where=lives, initial=0)))
        return last

    def _of(
        self, of_parts: Sequence[np.ndarray], texts: np.ndarray, kind: type[np.generic] = np.int64
    ) -> np.ndarray:
        """What arrays of a kind, one for each part, have for some texts."""
        rows: np.ndarray
        if len(of_parts) == 1:
            rows = np.take(of_parts[0], texts, axis=0)
            return rows
        of_each = of_parts[0].shape[1:] if of_parts else ()
        rows = np.empty((*texts.shape, *of_each), dtype=kind)
        for values, low, high in zip(of_parts, self._bounds, self._bounds[1:], strict=False):
            here = np.nonzero((texts >= low) & (texts < high))
            if len(here[0]):
                # Rows of several values are taken several times as fast as an index of numbers copies them.
                rows[here] = np.take(values, texts[here] - low, axis=0)
        return rows


def _merged(parts: Sequence[Segment]) -> Segment:
    """One segment of several that follow each other, under the same numbers."""
    order = np.concatenate([part.order for part in parts])
    first = int(parts[0].first)
    filled = np.sum([part.filled for part in parts], axis=0)
    keys = np.zeros((BANDS, len(order)), dtype=np.uint32)
    members = np.zeros((BANDS, len(order)), dtype=np.uint32)
    for band in range(BANDS):
        key = np.concatenate([part.keys[band, : part.filled[band]] for part in parts])
        member = np.concatenate([part.members[band, : part.filled[band]] for part in parts])
        place = np.lexsort((order[member - first], key))
        keys[band, : len(key)], members[band, : len(key)] = key[place], member[place]
    ends = np.cumsum([0, *(part.starts[-1] for part in parts)])
    starts = [part.starts[:-1] + end for part, end in zip(parts, ends, strict=False)]
    content = np.concatenate([part.content for part in parts])
    return Segment(
        first=np.array(first),
        order=order,
        content=content,
        by_content=_by_content(content),
        starts=np.concatenate([*starts, ends[-1:]]),
        weighed=np.concatenate([part.weighed for part in parts]),
        totals=np.concatenate([part.totals for part in parts]),
        marked=np.concatenate([part.marked for part in parts]),
        keys=keys,
        members=members,
        filled=filled,
    )


def _joined(arrays: Sequence[np.ndarray], kind: type[np.generic]) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype=kind), *arrays])

"""Which pairs of texts come to be compared, and which no longer are, when texts come and go.

The rows are those of `text_candidates`: a text is compared with the one before it in a row, and with the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assets.linking.stretches import among
from assets.linking.text_candidates import BANDS, band_keys, row_pairs, signatures
from assets.linking.text_segments import Segment, Segments
from assets.linking.text_shingles import ranges

_BANDS_AT_A_TIME = 8


@dataclass(frozen=True)
class Turnover:
    """Pairs (codes, uint64, ascending, each once) that rows have `gained` and that some row has `lost`."""

    gained: np.ndarray
    lost: np.ndarray


def codes_of(pairs: np.ndarray) -> np.ndarray:
    """Pairs of texts (int64) as one number each (uint64), the smaller number first."""
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    codes: np.ndarray = (low.astype(np.uint64) << np.uint64(32)) | high.astype(np.uint64)
    return codes


def pairs_of(codes: np.ndarray) -> np.ndarray:
    """The pairs (int64, two columns) of codes."""
    return np.stack([codes >> np.uint64(32), codes & np.uint64(0xFFFFFFFF)], axis=1).astype(np.int64)


def once(values: np.ndarray) -> np.ndarray:
    """The values ascending, each once."""
    values = np.sort(values)
    kept: np.ndarray = values[np.concatenate([[True], values[1:] != values[:-1]])] if len(values) else values
    return kept


def appended(texts: Segments, alive: np.ndarray, added: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs gained by texts that come after all others in order: codes (uint64, ascending), a few bands at a time.

    `alive`: bool, texts that are there, without those `added` (int64, numbers within the last segment, ascending).
    """
    if not len(added):
        return
    newest = texts.parts[-1]
    # Nobody stands in front within a segment of which none is there, as the newest often is.
    older = [part for part in texts.parts if alive[part.first : part.first + part.texts].any()]
    is_added = np.zeros(texts.texts, dtype=bool)
    is_added[added] = True
    gained: list[np.ndarray] = []
    for band in range(BANDS):
        members = newest.members[band, : newest.filled[band]]
        here = is_added[members]
        key, member = newest.keys[band, : newest.filled[band]][here], members[here].astype(np.int64)
        row = np.cumsum(np.concatenate([[False], key[1:] != key[:-1]])) if len(key) else key.astype(np.int64)
        begins = np.flatnonzero(np.concatenate([[True], row[1:] != row[:-1]])) if len(key) else row
        head, last = _ends(older, alive, band, key[begins])
        # The first and the last that stood there before stand in front of those who come.
        known = np.flatnonzero(head >= 0)
        in_front = np.concatenate([head[known], last[known]])
        rows = np.concatenate([known, known, row])
        members = np.concatenate([in_front, member])
        place = np.argsort(rows, kind="stable")
        pairs = row_pairs(rows[place], members[place])
        # Those before are not compared again, nor is one with itself where it was first and last.
        pairs = pairs[is_added[pairs[:, 1]]]
        gained.append(codes_of(pairs))
        if band % _BANDS_AT_A_TIME == _BANDS_AT_A_TIME - 1:
            yield once(np.concatenate(gained))
            gained = []


def _ends(
    segments: Sequence[Segment], alive: np.ndarray, band: int, keys: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last living text (int64, -1: none) of the rows of these keys (ascending)."""
    head = np.full(len(keys), -1, dtype=np.int64)
    last = head.copy()
    of_head, of_last = np.zeros(len(keys), dtype=np.uint64), np.zeros(len(keys), dtype=np.uint64)
    for segment in segments:
        low, high = segment.row_bounds(band, keys)
        members = segment.members[band]
        for ends, of_ends, step, is_better in (
            (head, of_head, 1, np.less),
            (last, of_last, -1, np.greater),
        ):
            place = low.copy() if step == 1 else high - 1
            left = np.flatnonzero(low < high)
            while len(left):
                text = members[place[left]].astype(np.int64)
                lives = alive[text]
                row, text = left[lives], text[lives]
                order = segment.order[text - segment.first]
                better = (ends[row] < 0) | is_better(order, of_ends[row])
                ends[row[better]], of_ends[row[better]] = text[better], order[better]
                left = left[~lives]
                place[left] += step
                left = left[(place[left] >= low[left]) & (place[left] < high[left])]
    return head, last


def changed(
    texts: Segments, before: np.ndarray, after: np.ndarray, wanted: np.ndarray | None = None
) -> Turnover:
    """Pairs gained and lost in the rows of texts that came or went anywhere in the order.

    `before`, `after`: bool, the texts that were and are there. `wanted`: look at the rows of these texts (int64), not
    of those that came or went.
    """
    touched = np.flatnonzero(before != after) if wanted is None else wanted
    shingles, starts = texts.taken(touched)
    signature = signatures(shingles, starts, texts.weights)
    gained, lost = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint64)]
    for band in range(BANDS):
        keys = once(band_keys(signature, band, texts.rarity)[0])
        row, member = _members(texts, band, keys)
        was, now = (
            once(codes_of(row_pairs(row[there], member[there]))) for there in (before[member], after[member])
        )
        gained.append(now[~among(now, was)])
        lost.append(was[~among(was, now)])
    return Turnover(once(np.concatenate(gained)), once(np.concatenate(lost)))


def still_together(texts: Segments, alive: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Which of the pairs (codes) some row still compares (bool)."""
    if not len(codes):
        return np.zeros(0, dtype=bool)
    nobody = np.zeros(texts.texts, dtype=bool)
    ends = once(pairs_of(codes).ravel())
    return among(codes, changed(texts, nobody, alive, wanted=ends).gained)


def _members(texts: Segments, band: int, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All texts of the rows of these keys (ascending): number of the row, and of the text, in the order of the rows."""
    rows, members = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for segment in texts.parts:
        low, high = segment.row_bounds(band, keys)
        rows.append(np.repeat(np.arange(len(keys)), high - low))
        members.append(segment.members[band][ranges(low, high - low)].astype(np.int64))
    row, member = np.concatenate(rows), np.concatenate(members)
    place = np.lexsort((texts.order(member), row))
    return row[place], member[place]

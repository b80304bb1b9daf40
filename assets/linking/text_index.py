"""An index of texts in which near-duplicates are kept up to date at the cost of what comes and goes.

What it holds after any changes is what it would hold if it had been made at once of the texts that are there: rows are
ordered by the days on which items were first seen, the rarity of shingles is given and does not move with them, and
clusters are made anew where a pair, a text or an item of theirs has changed.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.stretches import among
from assets.linking.text_candidates import agree
from assets.linking.text_clusters import CHAINED, cluster, compare, is_near_duplicate
from assets.linking.text_items import NO_TEXT, TextItems
from assets.linking.text_pairs import Near, NearPairs
from assets.linking.text_rarity import LEVEL_BITS, Rarity
from assets.linking.text_rows import appended, changed, codes_of, once, pairs_of, still_together
from assets.linking.text_segments import Segment, Segments, make_segment
from assets.linking.text_shingles import Shingles
from assets.linking.text_wordings import Wordings

# A text with fewer shingles says too little to be told from its like: about four words without its numbers.
LEAST_SHINGLES = 20
# A text with the weight of this many shingles that hardly anybody else writes, about six rare words, is its
# writer's own; the less of them, the sooner strangers write the same.
OWN_SHINGLES = 30
_TEXTS_AT_A_TIME = 500
_PAIRS_AT_A_TIME = 20_000


@dataclass(frozen=True)
class Entries:
    """Items with their texts: `items` (item_id, order: UInt64, digest: UInt64), `shingles` of each, in their order."""

    items: pl.DataFrame
    shingles: Shingles


@dataclass(frozen=True)
class Found:
    """Clusters of some texts. `texts`: int64; `speaker`: int64, who speaks for each one's cluster (itself, if it is in
    none); `to_speaker`: float64, the similarity to it; `near`: the pairs that were found among them."""

    texts: np.ndarray
    speaker: np.ndarray
    to_speaker: np.ndarray
    near: Near


@dataclass(frozen=True)
class Changed:
    """What an update touched: ids of items that came, changed or went, and the texts (int64) whose clusters may have
    changed."""

    items: pl.Series
    texts: np.ndarray


class TextIndex:
    """Texts, the items that have them, and the pairs of texts that are near-duplicates.

    `alive`: which of the numbered texts are there (bool). `wordings`: what the items' texts say, where that is kept.
    """

    def __init__(
        self,
        rarity: Rarity,
        texts: Segments,
        alive: np.ndarray,
        items: TextItems,
        near: NearPairs,
        wordings: Wordings | None = None,
    ) -> None:
        self.rarity = rarity
        self.texts = texts
        self.alive = alive
        self.items = items
        self.near = near
        self.wordings = Wordings() if wordings is None else wordings

    @classmethod
    def empty(cls, rarity: Rarity, item_id: pl.DataType) -> "TextIndex":
        """An index without items, whose ids will be of the given type."""
        nobody = np.zeros(0, dtype=bool)
        return cls(rarity, Segments([], rarity), nobody, TextItems(item_id), NearPairs())

    def update(self, entries: Entries, removed: pl.Series) -> Changed:
        """Put the entries in the place of what was known of their items, and forget the `removed` (ids)."""
        ids = pl.concat([entries.items["item_id"], removed.cast(self.items.schema["item_id"])]).unique()
        old = self.items.of_items(ids)
        came, touched = self._placed(entries, old)
        kept = self.items.with_texts(touched).join(old, on=["run", "row"], how="anti")
        # A text stands where its first item does: where that has changed, it goes and comes again.
        moves = pl.DataFrame({"text": touched}, schema={"text": pl.Int64}).join(
            pl.concat([kept.select("text", "order"), came.select("text", "order")])
            .group_by("text")
            .agg(pl.col("order").min()),
            on="text",
            how="left",
            maintain_order="left",
        )
        stays = (moves["order"] == pl.Series(self.texts.order(touched))).fill_null(False).to_numpy()
        gone, moved = touched[~stays], moves.filter(~pl.Series(stays)).drop_nulls()
        added = self._added(entries.shingles, came, moved)
        before, first = np.append(self.alive, np.zeros(added.texts, dtype=bool)), self.texts.texts
        numbered = pl.DataFrame({"content": added.content, "number": np.arange(first, first + added.texts)})
        renamed = moved.select("text", pl.Series("content", self.texts.content(moved["text"].to_numpy())))
        otherwise = kept.join(renamed, on="text").join(numbered, on="content")
        columns = list(self.items.schema)
        self.items.replace(
            pl.concat([old.select("run", "row"), otherwise.select("run", "row")]),
            pl.concat(
                [
                    otherwise.with_columns(pl.col("number").alias("text")).select(columns),
                    came.join(numbered, on="content", how="left", maintain_order="left")
                    .with_columns(pl.coalesce("number", "text").alias("text"))
                    .select(columns),
                ]
            ),
        )
        if added.texts:
            self.texts = self.texts.followed_by(added)
        dropped = self._turn_over(before, gone, np.arange(first, first + added.texts))
        seeds = np.concatenate([gone, touched, np.arange(first, first + added.texts), dropped])
        return Changed(ids, self.near.reached(once(seeds), self.texts.texts))

    def found(self, texts: np.ndarray | None = None) -> Found:
        """The clusters of the living among these texts, or of all; no cluster reaches beyond them."""
        mine = np.flatnonzero(self.alive) if texts is None else texts[self.alive[texts]]
        near = self.near.all() if texts is None else self.near.within(once(mine))
        mine = mine[np.lexsort((mine, self.texts.order(mine)))]
        place = np.zeros(self.texts.texts, dtype=np.int64)
        place[mine] = np.arange(len(mine))
        pairs = place[pairs_of(near.codes)]
        label = cluster(len(mine), pairs, near.similarity)
        speaker, to_speaker = self._speakers(mine, label, codes_of(pairs), near)
        return Found(mine, speaker, to_speaker, near)

    def own(self, texts: np.ndarray) -> np.ndarray:
        """How little of each text others write (float64, 0 to 1)."""
        own: np.ndarray = np.minimum(self.texts.totals(texts) / (OWN_SHINGLES * self.rarity.points[1]), 1.0)
        return own

    def _placed(self, entries: Entries, old: pl.DataFrame) -> tuple[pl.DataFrame, np.ndarray]:
        """The entries' items with `content` and the number of the text that has it, and the texts touched by them."""
        content = contents(entries.shingles)
        living = self.texts.with_content(once(content[content != 0]))
        living = living[self.alive[living]]
        known = pl.DataFrame({"content": self.texts.content(living), "text": living})
        came = (
            entries.items.with_columns(pl.Series("content", content))
            .with_row_index("row")
            .join(known, on="content", how="left", maintain_order="left")
            .with_columns(pl.col("text").fill_null(NO_TEXT))
        )
        touched = once(np.concatenate([old["text"].to_numpy(), came["text"].to_numpy()]))
        return came, touched[touched != NO_TEXT]

    def _added(self, shingles: Shingles, came: pl.DataFrame, moved: pl.DataFrame) -> Segment:
        """A segment of the texts that are new, and of those that stand elsewhere now, in their order."""
        fresh = (
            came.filter((pl.col("text") == NO_TEXT) & (pl.col("content") != 0))
            .group_by("content")
            .agg(pl.col("order").min(), pl.col("row").first())
        )
        weighed, starts = self.texts.taken(moved["text"].to_numpy())
        together = shingles
        if moved.height:
            together = Shingles(
                np.concatenate([shingles.hashes, weighed >> np.uint32(LEVEL_BITS)]),
                np.concatenate([shingles.starts, shingles.starts[-1] + starts[1:]]),
            )
        rows = pl.concat(
            [
                fresh.select("order", "content", pl.col("row").cast(pl.Int64)),
                moved.select(
                    "order",
                    pl.Series("content", self.texts.content(moved["text"].to_numpy())),
                    (pl.int_range(pl.len()) + len(shingles.sizes)).alias("row"),
                ),
            ]
        ).sort("order", "content")
        return make_segment(
            together,
            rows["row"].to_numpy(),
            self.rarity,
            first=self.texts.texts,
            order=rows["order"].to_numpy(),
            content=rows["content"].to_numpy(),
        )

    def _turn_over(self, before: np.ndarray, gone: np.ndarray, added: np.ndarray) -> np.ndarray:
        """Bring the pairs up to date; returns the texts of pairs that are near no longer."""
        now = before.copy()
        now[gone] = False
        last = self.texts.last_order(now)
        late = added[self.texts.order(added) <= np.uint64(max(last, 0))] if last >= 0 else added[:0]
        now[late] = True
        apart = self.near.of_texts(once(gone))
        good = np.zeros(0, dtype=np.uint64)
        if len(gone) or len(late):
            rows = changed(self.texts, before, now)
            suspect = rows.lost[self.near.holds(rows.lost) & ~among(rows.lost, apart)]
            apart = np.concatenate([apart, suspect[~still_together(self.texts, now, suspect)]])
            good = self._worth_comparing(rows.gained)
        dropped = once(pairs_of(apart).ravel())
        self.near.drop(apart)
        for codes in appended(self.texts, now, added[len(late) :]):
            good = once(np.concatenate([good, self._worth_comparing(codes)]))
        self.alive = now
        self.alive[added] = True
        good = good[~self.near.holds(good)]
        similarity, containment = compare(self.texts, pairs_of(good))
        near = is_near_duplicate(similarity, containment)
        self.near.add(Near(good, similarity, containment).kept(near))
        living: np.ndarray = dropped[self.alive[dropped]]
        return living

    def _worth_comparing(self, codes: np.ndarray) -> np.ndarray:
        good = np.zeros(len(codes), dtype=bool)
        for first in range(0, len(codes), _PAIRS_AT_A_TIME):
            pairs = pairs_of(codes[first : first + _PAIRS_AT_A_TIME])
            good[first : first + len(pairs)] = agree(
                self.texts.marked(pairs[:, 0]), self.texts.marked(pairs[:, 1])
            )
        return codes[good]

    def _speakers(
        self, mine: np.ndarray, label: np.ndarray, codes: np.ndarray, near: Near
    ) -> tuple[np.ndarray, np.ndarray]:
        """Who speaks for each text's cluster, and the similarity to it; a text too far from that one is on its own.

        The longest text speaks for its cluster: it holds what others leave out. `label`, `codes`: of clusters and of
        the pairs of `near`, by places in `mine`.
        """
        texts = len(mine)
        order = np.lexsort((np.arange(texts), -self.texts.sizes(mine), label))
        begins = (
            np.concatenate([[True], label[order][1:] != label[order][:-1]]) if texts else np.zeros(0, bool)
        )
        speaks = np.zeros(texts, dtype=np.int64)
        speaks[label[order][begins]] = order[begins]
        speaks = speaks[label]
        other = np.flatnonzero(speaks != np.arange(texts))
        pairs = np.stack([other, speaks[other]], axis=1)
        wanted, sorting = codes_of(pairs), np.argsort(codes)
        known = codes[sorting]
        place = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
        is_known = among(wanted, known)
        similarity, containment = np.zeros(len(other)), np.zeros(len(other))
        at = sorting[place[is_known]]
        similarity[is_known], containment[is_known] = near.similarity[at], near.containment[at]
        similarity[~is_known], containment[~is_known] = compare(self.texts, mine[pairs[~is_known]])
        far = (similarity < CHAINED) & (containment < 2 * CHAINED)
        speaks[other[far]] = other[far]
        to_speaker = np.ones(texts)
        to_speaker[other[~far]] = similarity[~far]
        return mine[speaks], to_speaker


def contents(shingles: Shingles) -> np.ndarray:
    """One number (uint64) per text, equal for equal sets of shingles; 0 for texts too short to be compared.

    Sum of the mixed hashes with the number of them: sets that differ agree in both about once in 2^64.
    """
    sizes = shingles.sizes
    total = np.zeros(len(sizes), dtype=np.uint64)
    for first in range(0, len(sizes), _TEXTS_AT_A_TIME):
        starts = shingles.starts[first : first + _TEXTS_AT_A_TIME + 1]
        mixed = shingles.hashes[starts[0] : starts[-1]].astype(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        if len(mixed):
            total[first : first + len(starts) - 1] = np.add.reduceat(
                mixed, np.minimum(starts[:-1] - starts[0], len(mixed) - 1)
            )
    total *= np.uint64(0xD1342543DE82EF95)
    total += sizes.astype(np.uint64)
    total[total == 0] = 1
    total[sizes < LEAST_SHINGLES] = 0
    return total

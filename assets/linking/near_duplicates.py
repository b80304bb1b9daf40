"""Near-duplicates: texts that are one text re-ordered, re-spelled, decorated or filled in with other names.

Texts are compared by the rare runs of their folded letters; time and memory grow linearly with the number of texts.
An index (`text_index`) can be kept, so that a day's texts cost what they are, not what all texts cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from assets.linking.digests import key_column
from assets.linking.text_index import Entries, Found, TextIndex
from assets.linking.text_items import NO_TEXT
from assets.linking.text_rarity import Rarity, count_rarity
from assets.linking.text_rows import pairs_of
from assets.linking.text_shingles import Shingles, ranges, shingle

# What is longer is compared by its beginning; a page of this length holds several texts.
MOST_CHARACTERS = 8_000
_TEXTS_AT_A_TIME = 500
# Few enough for their shingles to stay within the processor's cache, and for 32 bits to hold whose each is.
_HOLDERS_AT_A_TIME = 64
# In the order of texts the day comes first, then 44 bits of the item's id.
_BITS_OF_ID = 44

PAIRS = {
    "left_item_id": pl.String(),
    "right_item_id": pl.String(),
    "similarity": pl.Float64(),
    "containment": pl.Float64(),
}
MEMBERS = {
    "text_cluster_id": pl.String(),
    "item_id": pl.String(),
    "similarity": pl.Float64(),
    "is_representative": pl.Boolean(),
    "distinctness": pl.Float64(),
}


@dataclass(frozen=True)
class NearDuplicates:
    """What `find_near_duplicates` returns.

    `pairs`: left_item_id, right_item_id (left < right in the alphabet), similarity (weighted Jaccard, 0 to 1),
    containment (of the lighter text, 0 to 1); pairs that were compared and found near, not all pairs of a cluster.
    `members`: text_cluster_id (key of its representative's item), item_id, similarity (to the representative),
    is_representative, distinctness (of the representative's text, 0 to 1: how little of it others write); one row
    per item of a cluster of at least two, sorted.
    """

    pairs: pl.DataFrame
    members: pl.DataFrame


def find_near_duplicates(items: pl.DataFrame, spans: pl.DataFrame | None = None) -> NearDuplicates:
    """Near-duplicate texts among `items`: item_id, text (String, may be null), optionally `holder` (String).

    `holder` says whose account an item is (null: nobody's); a shingle's rarity is counted over holders. `spans`:
    item_id, span_start, span_end (in characters of `text`): phones, places, prices and the like, which may differ
    between near-duplicates. Texts of fewer than twenty shingles are in no cluster. The result does not depend on
    the order of the rows; an item given twice counts once.
    """
    return near_duplicates_of(build_index(items.with_columns(pl.col("item_id").cast(pl.String)), spans))


def build_index(
    items: pl.DataFrame,
    spans: pl.DataFrame | None = None,
    base: pl.DataFrame | None = None,
    base_spans: pl.DataFrame | None = None,
) -> TextIndex:
    """An index of the items' texts (columns as in `find_near_duplicates`, optionally `first_seen`: Date).

    The rarity of shingles is counted among the texts of `base` (item_id, text, holder, with their spans), or among
    the items themselves. Texts that are in both are read once.
    """
    described = described_texts(items, spans)
    shingles = _shingles(described, spans)
    counted = described.with_row_index("row")
    of_base = shingles
    if base is not None:
        known = described_texts(base, base_spans)
        counted = known.join(counted.select("item_id", "digest", "row"), on=["item_id", "digest"], how="left")
        others = counted.filter(pl.col("row").is_null())
        if others.height:
            more = _shingles(others, base_spans)
            of_base = _after(shingles, more)
            counted = pl.concat(
                [
                    counted.drop_nulls("row"),
                    others.with_columns(
                        (pl.int_range(pl.len(), dtype=pl.UInt32) + described.height).alias("row")
                    ),
                ]
            )
    index = TextIndex.empty(_rarity(of_base, counted), described.schema["item_id"])
    index.update(
        Entries(described.select("item_id", "order", "digest"), shingles), described["item_id"].clear()
    )
    return index


def update_index(
    index: TextIndex, items: pl.DataFrame, spans: pl.DataFrame | None, removed: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """Put new and changed items into an index and take the `removed` (ids) out of it.

    `items` and `spans` as in `build_index`; items that are as they were cost next to nothing. Returns the rows of
    `MEMBERS` that are new or may have changed, and the ids of all items whose earlier rows they replace.
    """
    described = described_texts(items, spans)
    known = index.items.of_items(described["item_id"])
    came = described.join(known, on=["item_id", "order", "digest"], how="anti", maintain_order="left")
    silent = items.filter(pl.col("text").is_null())["item_id"]
    gone = index.items.of_items(pl.concat([removed, silent]).unique())["item_id"]
    changed = index.update(Entries(came.select("item_id", "order", "digest"), _shingles(came, spans)), gone)
    found = index.found(changed.texts)
    theirs = index.items.with_texts(found.texts)
    return _members(index, found, theirs), pl.concat([changed.items, theirs["item_id"]]).unique()


def near_duplicates_of(index: TextIndex) -> NearDuplicates:
    """All near-duplicates among the texts of an index."""
    found = index.found()
    items = index.items.all()
    return NearDuplicates(_pairs(index, found, items), _members(index, found, items))


def items_of_days(index: TextIndex) -> pl.DataFrame:
    """How many items of an index were first seen on which day: first_seen (Date), items (Int64); by days."""
    counts = index.items.items_of_days(_BITS_OF_ID)
    return pl.DataFrame(
        {"first_seen": list(counts), "items": list(counts.values())},
        schema={"first_seen": pl.Int32(), "items": pl.Int64()},
    ).with_columns(pl.col("first_seen").cast(pl.Date))


def described_texts(items: pl.DataFrame, spans: pl.DataFrame | None) -> pl.DataFrame:
    """The items with a text, each once: item_id, text, holder, order and digest (UInt64); sorted by order.

    `order`: by the day on which an item was first seen, if that is told, then by its id. `digest`: equal where text
    and spans are.
    """
    holder = pl.col("holder").cast(pl.String) if "holder" in items.columns else pl.lit(None, dtype=pl.String)
    day = pl.col("first_seen").to_physical() if "first_seen" in items.columns else pl.lit(0)
    described = (
        items.select(
            "item_id",
            pl.col("text").str.head(MOST_CHARACTERS),
            holder.alias("holder"),
            (
                day.cast(pl.UInt64).fill_null(0) * 2**_BITS_OF_ID
                + pl.col("item_id").hash() // 2 ** (64 - _BITS_OF_ID)
            ).alias("order"),
        )
        .filter(pl.col("text").is_not_null())
        .sort("order", "item_id", "text")
        .unique("item_id", keep="first", maintain_order=True)
        .with_columns(pl.col("text").hash().alias("digest"))
    )
    if spans is None or not spans.height:
        return described
    of_item = (
        spans.select("item_id", pl.struct(pl.exclude("item_id")).hash().alias("span"))
        .group_by("item_id")
        .agg(pl.col("span").unique().sum())
    )
    return (
        described.join(of_item, on="item_id", how="left", maintain_order="left")
        .with_columns(pl.col("digest") ^ pl.col("span").fill_null(0))
        .drop("span")
    )


def _shingles(described: pl.DataFrame, spans: pl.DataFrame | None) -> Shingles:
    numbered = None
    if spans is not None and spans.height:
        numbered = (
            spans.select("item_id", "span_start", "span_end")
            .drop_nulls()
            .join(described.select("item_id").with_row_index("row"), on="item_id")
            .select(pl.col("row", "span_start", "span_end").cast(pl.Int64))
            .sort("row")
            .to_numpy()
        )
    # No text has more shingles than characters, and room that is not used is not taken.
    hashes = np.empty(int(described["text"].str.len_chars().sum()), dtype=np.uint32)
    sizes = np.zeros(described.height, dtype=np.int64)
    filled = 0
    for first in range(0, described.height, _TEXTS_AT_A_TIME):
        texts = described["text"].slice(first, _TEXTS_AT_A_TIME).to_list()
        of_batch = None
        if numbered is not None:
            low, high = np.searchsorted(numbered[:, 0], [first, first + len(texts)])
            of_batch = numbered[low:high] - np.array([first, 0, 0])
        batch = shingle(texts, of_batch)
        hashes[filled : filled + len(batch.hashes)] = batch.hashes
        filled += len(batch.hashes)
        sizes[first : first + len(texts)] = batch.sizes
    return Shingles(hashes[:filled], np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


def _after(first: Shingles, second: Shingles) -> Shingles:
    return Shingles(
        np.concatenate([first.hashes, second.hashes]),
        np.concatenate([first.starts, first.starts[-1] + second.starts[1:]]),
    )


def _rarity(shingles: Shingles, counted: pl.DataFrame) -> Rarity:
    """Rarity among the texts at `row` of the shingles, held by `holder` (null: each by its item)."""
    held = (
        counted.select(
            "row",
            pl.when(pl.col("holder").is_null())
            .then(pl.lit("i") + pl.col("item_id").hash().cast(pl.String))
            .otherwise(pl.lit("h") + pl.col("holder"))
            .hash()
            .alias("holder"),
        )
        .sort("holder", "row")
        .with_columns(pl.col("holder").rle_id().cast(pl.Int64))
    )
    rows, holders = held["row"].to_numpy().astype(np.int64), held["holder"].to_numpy()
    holders_of_batches = np.arange(0, int(holders[-1]) + 1 if len(holders) else 0, _HOLDERS_AT_A_TIME)
    bounds = [*np.searchsorted(holders, holders_of_batches).tolist(), len(rows)]

    def batches() -> Iterator[tuple[Shingles, np.ndarray]]:
        for low, high in pairwise(bounds):
            sizes = shingles.sizes[rows[low:high]]
            taken = shingles.hashes[ranges(shingles.starts[rows[low:high]], sizes)]
            yield Shingles(taken, np.concatenate([[0], np.cumsum(sizes)])), holders[low:high]

    return count_rarity(batches(), len(rows))


def _pairs(index: TextIndex, found: Found, items: pl.DataFrame) -> pl.DataFrame:
    """The near pairs within clusters, and of items with one text those with its first item: `PAIRS`."""
    speaker = np.full(index.texts.texts, -1, dtype=np.int64)
    speaker[found.texts] = found.speaker
    ends = pairs_of(found.near.codes)
    together = speaker[ends[:, 0]] == speaker[ends[:, 1]]
    first = _first_items(items)
    named = pl.DataFrame(
        {
            "left": ends[together, 0],
            "right": ends[together, 1],
            "similarity": found.near.similarity[together],
            "containment": found.near.containment[together],
        }
    )
    one = pl.lit(1.0)
    return (
        pl.concat(
            [
                named.join(first.rename({"text": "left", "item_id": "a"}), on="left")
                .join(first.rename({"text": "right", "item_id": "b"}), on="right")
                .select("a", "b", "similarity", "containment"),
                items.join(first.rename({"item_id": "a"}), on="text")
                .filter(pl.col("item_id") != pl.col("a"))
                .select("a", pl.col("item_id").alias("b"), one.alias("similarity"), one.alias("containment")),
            ]
        )
        .select(
            pl.min_horizontal("a", "b").alias("left_item_id"),
            pl.max_horizontal("a", "b").alias("right_item_id"),
            "similarity",
            "containment",
        )
        .sort("left_item_id", "right_item_id")
    )


def _members(index: TextIndex, found: Found, items: pl.DataFrame) -> pl.DataFrame:
    """The items of clusters of at least two: `MEMBERS`. `items`: those of the texts found, or more."""
    first = _first_items(items)
    texts = pl.DataFrame(
        {
            "text": found.texts,
            "speaker": found.speaker,
            "similarity": found.to_speaker,
            "distinctness": index.own(found.speaker),
        }
    )
    rows = items.select("item_id", "text").join(texts, on="text").filter(pl.len().over("speaker") > 1)
    named = (
        rows.select("speaker")
        .unique()
        .join(first.rename({"item_id": "spoken"}), left_on="speaker", right_on="text")
    )
    named = named.with_columns(pl.lit("text").alias("what"))
    named = named.with_columns(key_column(named, "what", "spoken").alias("text_cluster_id"))
    return (
        rows.join(named, on="speaker")
        .with_columns((pl.col("item_id") == pl.col("spoken")).alias("is_representative"))
        .select(*MEMBERS)
        .sort("text_cluster_id", "item_id")
    )


def _first_items(items: pl.DataFrame) -> pl.DataFrame:
    """The item that each text had first: text, item_id."""
    return (
        items.filter(pl.col("text") != NO_TEXT)
        .sort("text", "order", "item_id")
        .group_by("text", maintain_order=True)
        .agg(pl.col("item_id").first())
    )

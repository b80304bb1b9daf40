"""Near-duplicates: texts that are one text re-ordered, re-spelled, decorated or filled in with other names.

Texts are compared by the rare runs of their folded letters (`text_shingles`, `text_candidates`, `text_clusters`);
time and memory grow linearly with the number of texts.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.digests import key_column
from assets.linking.text_candidates import Rarity, WeighedTexts, candidate_pairs, signatures, weigh
from assets.linking.text_clusters import CHAINED, cluster, compare, is_near_duplicate
from assets.linking.text_shingles import Shingles, shingle

# A text with fewer shingles says too little to be told from its like: about four words without its numbers.
LEAST_SHINGLES = 20
# What is longer is compared by its beginning; a page of this length holds several texts.
MOST_CHARACTERS = 8_000
# A text with the weight of this many shingles that hardly anybody else writes, about six rare words, is its
# writer's own; the less of them, the sooner strangers write the same.
OWN_SHINGLES = 30
_TEXTS_AT_A_TIME = 5_000

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
    ordered = _ordered(items)
    if ordered.height < 2:
        return NearDuplicates(pl.DataFrame(schema=PAIRS), pl.DataFrame(schema=MEMBERS))
    shingles = _shingles(ordered, spans)
    ordered, shingles = _long_enough(ordered, shingles)
    representative, index = _equal_texts(shingles)
    distinct = _taken(shingles, representative)
    rarity = Rarity(shingles, ordered["holder_number"].to_numpy())
    weighed = weigh(distinct, rarity)
    candidates = candidate_pairs(signatures(weighed))
    similarity, containment = compare(weighed, candidates)
    near = is_near_duplicate(similarity, containment)
    candidates, similarity, containment = candidates[near], similarity[near], containment[near]
    label = cluster(len(representative), candidates, similarity)
    to_speaker, label = _without_chained(weighed, label, (candidates, similarity, containment))
    own = np.minimum(weighed.totals / (OWN_SHINGLES * rarity.most), 1.0)
    found = _tables(
        ordered["item_id"], representative, index, (candidates, similarity, containment), label, to_speaker
    )
    distinctness = pl.DataFrame(
        {"item_id": ordered["item_id"], "distinctness": own[index]},
        schema_overrides={"distinctness": pl.Float64},
    )
    speaking = found.members.filter("is_representative").join(distinctness, on="item_id")
    members = found.members.join(
        speaking.select("text_cluster_id", "distinctness"), on="text_cluster_id", maintain_order="left"
    )
    return NearDuplicates(found.pairs, members.select(*MEMBERS))


def _ordered(items: pl.DataFrame) -> pl.DataFrame:
    """The items with a text, each once, those of one holder together: item_id, text, holder_number (Int64)."""
    holder = pl.col("holder").cast(pl.String) if "holder" in items.columns else pl.lit(None, dtype=pl.String)
    return (
        items.select("item_id", pl.col("text").str.head(MOST_CHARACTERS), holder.alias("holder"))
        .filter(pl.col("text").is_not_null())
        .sort("item_id", "text")
        .unique("item_id", keep="first", maintain_order=True)
        .with_columns(
            pl.when(pl.col("holder").is_null())
            .then(pl.lit("i") + pl.col("item_id"))
            .otherwise(pl.lit("h") + pl.col("holder"))
            .alias("holder")
        )
        .sort("holder", "item_id")
        .with_columns((pl.col("holder").rank("dense").cast(pl.Int64) - 1).alias("holder_number"))
        .drop("holder")
    )


def _shingles(ordered: pl.DataFrame, spans: pl.DataFrame | None) -> Shingles:
    numbered = None
    if spans is not None and spans.height:
        numbered = (
            spans.select("item_id", "span_start", "span_end")
            .drop_nulls()
            .join(ordered.select("item_id").with_row_index("row"), on="item_id")
            .select(pl.col("row", "span_start", "span_end").cast(pl.Int64))
            .sort("row")
            .to_numpy()
        )
    hashes, sizes = [], []
    for first in range(0, ordered.height, _TEXTS_AT_A_TIME):
        texts = ordered["text"].slice(first, _TEXTS_AT_A_TIME).to_list()
        of_batch = None
        if numbered is not None:
            low, high = np.searchsorted(numbered[:, 0], [first, first + len(texts)])
            of_batch = numbered[low:high] - np.array([first, 0, 0])
        batch = shingle(texts, of_batch)
        hashes.append(batch.hashes)
        sizes.append(batch.sizes)
    starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    return Shingles(np.concatenate(hashes), starts.astype(np.int64))


def _taken(shingles: Shingles, rows: np.ndarray) -> Shingles:
    """The shingles of some of the texts, in the order of `rows` (int64)."""
    sizes = shingles.sizes[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    place = np.arange(int(starts[-1])) - np.repeat(starts[:-1] - shingles.starts[rows], sizes)
    return Shingles(shingles.hashes[place], starts)


def _long_enough(ordered: pl.DataFrame, shingles: Shingles) -> tuple[pl.DataFrame, Shingles]:
    enough = shingles.sizes >= LEAST_SHINGLES
    if enough.all():
        return ordered, shingles
    return ordered.filter(pl.Series(enough)), _taken(shingles, np.flatnonzero(enough))


def _equal_texts(shingles: Shingles) -> tuple[np.ndarray, np.ndarray]:
    """First text with each set of shingles, and for every text which of those it equals (both int64)."""
    if not len(shingles.sizes):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    total = np.zeros(len(shingles.sizes), dtype=np.uint64)
    for first in range(0, len(total), _TEXTS_AT_A_TIME):
        starts = shingles.starts[first : first + _TEXTS_AT_A_TIME + 1]
        mixed = shingles.hashes[starts[0] : starts[-1]] * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
        total[first : first + _TEXTS_AT_A_TIME] = np.add.reduceat(mixed, starts[:-1] - starts[0])
    # Sum of the hashes with the number of them: sets that differ agree in both about once in 2^64.
    key = total * np.uint64(0xD1342543DE82EF95) + shingles.sizes.astype(np.uint64)
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return first[order].astype(np.int64), place[index].astype(np.int64)


def _without_chained(
    weighed: WeighedTexts, label: np.ndarray, known: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Similarity of each text to the one that speaks for its cluster, and the labels without those too far from it.

    The longest text speaks for its cluster: it holds what others leave out. `known`: pairs already compared (sorted),
    with their similarity and containment.
    """
    texts = len(label)
    order = np.lexsort((np.arange(texts), -weighed.shingles.sizes, label))
    first = np.concatenate([[True], label[order][1:] != label[order][:-1]]) if texts else np.zeros(0, bool)
    speaker = np.zeros(texts, dtype=np.int64)
    speaker[label[order][first]] = order[first]
    speaker = speaker[label]
    other = np.flatnonzero(speaker != np.arange(texts))
    pairs = np.sort(np.stack([other, speaker[other]], axis=1), axis=1)
    compared, *values = known
    keys = compared[:, 0] * texts + compared[:, 1]
    wanted = pairs[:, 0] * texts + pairs[:, 1]
    place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    found = keys[place] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool)
    similarity, containment = (value[place] if len(keys) else np.zeros(len(wanted)) for value in values)
    similarity[~found], containment[~found] = compare(weighed, pairs[~found])
    far = (similarity < CHAINED) & (containment < 2 * CHAINED)
    to_speaker = np.ones(texts)
    to_speaker[other] = similarity
    named = speaker.copy()
    named[other[far]] = other[far]
    to_speaker[other[far]] = 1.0
    return to_speaker, named


def _tables(
    item_ids: pl.Series,
    representative: np.ndarray,
    index: np.ndarray,
    near: tuple[np.ndarray, np.ndarray, np.ndarray],
    label: np.ndarray,
    to_speaker: np.ndarray,
) -> NearDuplicates:
    texts, similarity, containment = near
    together = label[texts[:, 0]] == label[texts[:, 1]]
    rows = representative[texts[together]]
    other = np.flatnonzero(representative[index] != np.arange(len(index)))
    left = np.concatenate([rows[:, 0], representative[index[other]]])
    right = np.concatenate([rows[:, 1], other])
    equal = np.ones(len(other))
    pairs = pl.DataFrame(
        {
            "a": item_ids.gather(left),
            "b": item_ids.gather(right),
            "similarity": np.concatenate([similarity[together], equal]),
            "containment": np.concatenate([containment[together], equal]),
        }
    ).select(
        pl.min_horizontal("a", "b").alias("left_item_id"),
        pl.max_horizontal("a", "b").alias("right_item_id"),
        "similarity",
        "containment",
    )
    speaker = representative[label][index]
    members = (
        pl.DataFrame(
            {
                "speaker": item_ids.gather(speaker),
                "item_id": item_ids,
                "similarity": to_speaker[index],
                "is_representative": speaker == np.arange(len(index)),
            }
        )
        .filter(pl.len().over("speaker") > 1)
        .with_columns(pl.lit("text").alias("what"))
    )
    named = members.select("what", "speaker").unique()
    named = named.with_columns(key_column(named, "what", "speaker").alias("text_cluster_id"))
    return NearDuplicates(
        pairs.select(*PAIRS).sort("left_item_id", "right_item_id"),
        members.join(named.select("speaker", "text_cluster_id"), on="speaker")
        .select(*(name for name in MEMBERS if name != "distinctness"))
        .sort("text_cluster_id", "item_id"),
    )

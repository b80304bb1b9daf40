"""Pictures that are one picture: copies, shrunk, recompressed or retouched, gathered around the first of them.

The first picture that comes speaks for its copies: whatever is at most 31 bits from it belongs to it, or to the first
of several such. Nobody is joined through a third, so that a row of small changes never leads from one picture to
another. Where a rim was cut off, the one is compared with the hashes of the other without its rims; where a bar may
have been drawn over a rim, both without it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from assets.extraction.pdq import BARS, BITS, LEAST_QUALITY, TRIMS, packed, packed_bytes
from assets.linking.digests import key_column
from assets.linking.image_pairs import NearPairs, near_pairs, near_pairs_across, very_near_pairs_across
from quality.contracts import CONTRACTS

_SCHEMA = CONTRACTS["image_clusters"].schema
# Icons and buttons are smaller, and a hash is made of 64 by 64 places.
LEAST_SIDE = 64
_AT_A_TIME = 1 << 16
_LEADERS = {"pdq": pl.String(), "leader": pl.String(), "distance": pl.Int64(), "is_cut": pl.Boolean()}


class _Hashes(NamedTuple):
    """Hashes of some pictures as words: of the whole, n × 4, and without rims, n × `TRIMS` × 4 (both uint64)."""

    whole: np.ndarray
    trims: np.ndarray


class _Near(NamedTuple):
    """Pairs of an earlier and a later picture by their rows, the bits in which they differ, and whether one is cut."""

    earlier: np.ndarray
    later: np.ndarray
    distance: np.ndarray
    is_cut: np.ndarray


def cluster_images(images: pl.DataFrame, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Clusters (contract `image_clusters`) of `images` (contract `images`), sorted by image_id.

    `before` is an earlier result for some of these images: its clusters stand, and the cost follows what is new. The
    result is that of all images at once if what is new was fetched later. Pictures whose hash says too little are
    one only where their files are equal.
    """
    low, small = pl.col("quality") < LEAST_QUALITY, pl.min_horizontal("width", "height") < LEAST_SIDE
    told = images.select(
        "image_id",
        "pdq",
        "trims",
        "sha256",
        "fetched_at",
        pl.when(low)
        .then(pl.lit("low_quality"))
        .when(small)
        .then(pl.lit("small"))
        .otherwise(None)
        .alias("damped_because"),
    )
    telling = told.filter(pl.col("damped_because").is_null())
    led = telling.join(_led(telling, before), on="pdq")
    alone = told.filter(pl.col("damped_because").is_not_null()).with_columns(
        pl.col("sha256").alias("leader"),
        pl.lit(0, pl.Int64).alias("distance"),
        pl.lit(False).alias("is_cut"),
    )
    rows = pl.concat([led, alone.select(led.columns)])
    firsts = rows.filter(_leads()).sort("fetched_at", "image_id").unique("leader", keep="first")
    named = rows.select("leader").unique().with_columns(pl.lit("image").alias("what"))
    named = named.with_columns(key_column(named, "what", "leader").alias("image_cluster_id"))
    return (
        rows.join(named, on="leader")
        .with_columns(pl.col("image_id").is_in(firsts["image_id"].implode()).alias("is_representative"))
        .select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
        .sort("image_id")
    )


def _leads() -> pl.Expr:
    """Whether a row is of the hash that speaks for its cluster."""
    return (pl.col("distance") == 0) & ~pl.col("is_cut")


def _led(telling: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """Each hash with the hash that speaks for it: the columns of `_LEADERS`."""
    hashes = (
        telling.sort("fetched_at", "pdq", "image_id")
        .unique("pdq", keep="first", maintain_order=True)
        .select("pdq", "trims")
    )
    known = _known(telling, before)
    fresh = hashes.join(known, on="pdq", how="anti", maintain_order="left")
    leaders = hashes.join(known.filter(_leads()), on="pdq", how="semi", maintain_order="left")
    found = [known]
    for start in range(0, fresh.height, _AT_A_TIME):
        some = fresh.slice(start, _AT_A_TIME)
        names = pl.concat([leaders["pdq"], some["pdq"]])
        speaker, distance, is_cut = _follow(_words(leaders), _words(some))
        answer = some.select("pdq").with_columns(
            names.gather(speaker).alias("leader"),
            pl.Series("distance", distance),
            pl.Series("is_cut", is_cut),
        )
        found.append(answer)
        new = some.join(answer.filter(_leads()), on="pdq", how="semi", maintain_order="left")
        leaders = pl.concat([leaders, new])
    return pl.concat(found)


def _known(telling: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """What an earlier result says about the hashes that are still there; nothing if one that spoke is gone."""
    if before is None or before.is_empty():
        return pl.DataFrame(schema=_LEADERS)
    rows = telling.select("image_id", "pdq").join(before, on="image_id")
    speaks = rows.filter(_leads()).select("image_cluster_id", leader="pdq").unique()
    known = rows.join(speaks, on="image_cluster_id", how="left").select(*_LEADERS).unique()
    if known["leader"].null_count():
        return pl.DataFrame(schema=_LEADERS)
    return known.sort("pdq")


def _words(hashes: pl.DataFrame) -> _Hashes:
    trims = packed_bytes(b"".join(hashes["trims"])).reshape(hashes.height, TRIMS, BITS // 64)
    return _Hashes(packed(hashes["pdq"].to_list()), trims)


def _follow(leaders: _Hashes, fresh: _Hashes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each fresh picture, in their order, the first leader that is near, or itself; the bits; whether one is cut.

    The first is a row of the leaders followed by the fresh ones. The first, not the nearest: so it does not matter
    which pictures are asked about together.
    """
    count = len(leaders.whole)
    speaker = np.arange(count, count + len(fresh.whole))
    bits, is_cut = np.zeros(len(fresh.whole), dtype=np.int64), np.zeros(len(fresh.whole), dtype=np.bool_)
    near = _across(leaders, fresh)
    # Of one leader the whole picture's hash counts before those without rims.
    order = np.lexsort((near.distance, near.is_cut, near.earlier, near.later))
    asking, first = np.unique(near.later[order], return_index=True)
    speaker[asking] = near.earlier[order][first]
    bits[asking], is_cut[asking] = near.distance[order][first], near.is_cut[order][first]
    rest = np.flatnonzero(speaker >= count)
    among = _within(_Hashes(fresh.whole[rest], fresh.trims[rest]))
    order = np.lexsort((among.distance, among.is_cut, among.earlier, among.later))
    # By the later of the two: when its turn comes, it is settled who leads among those before it.
    for earlier, later, distance, cut in zip(*(column[order].tolist() for column in among), strict=True):
        one, other = rest[earlier], rest[later]
        if speaker[other] == count + other and speaker[one] == count + one:
            speaker[other], bits[other], is_cut[other] = count + one, distance, cut
    return speaker, bits, is_cut


def _across(known: _Hashes, asked: _Hashes) -> _Near:
    """Near pairs of known pictures and asked ones: as wholes; the whole of one and the other without rims; both
    without the rim that a bar may stand on.
    """
    if not len(known.whole) or not len(asked.whole):
        none = np.zeros(0, dtype=np.int64)
        return _Near(none, none, none, none.astype(np.bool_))
    whole = near_pairs_across(known.whole, asked.whole)
    smaller = very_near_pairs_across(known.whole, asked.trims.reshape(-1, asked.whole.shape[1]))
    larger = very_near_pairs_across(known.trims.reshape(-1, known.whole.shape[1]), asked.whole)
    found = [
        whole,
        smaller._replace(right=smaller.right // TRIMS),
        larger._replace(left=larger.left // TRIMS),
        *(
            very_near_pairs_across(known.trims[:, bar], asked.trims[:, bar])
            for bar in range(TRIMS - BARS, TRIMS)
        ),
    ]
    return _joined(found)


def _within(hashes: _Hashes) -> _Near:
    """Near pairs among pictures, as `_across`."""
    cut = very_near_pairs_across(hashes.whole, hashes.trims.reshape(-1, hashes.whole.shape[1]))
    bars = (hashes.trims[:, bar] for bar in range(TRIMS - BARS, TRIMS))
    found = [
        near_pairs(hashes.whole),
        cut._replace(right=cut.right // TRIMS),
        *(very_near_pairs_across(bar, bar) for bar in bars),
    ]
    near = _joined(found)
    two = near.earlier != near.later
    return _Near(
        np.minimum(near.earlier, near.later)[two],
        np.maximum(near.earlier, near.later)[two],
        near.distance[two],
        near.is_cut[two],
    )


def _joined(found: Sequence[NearPairs]) -> _Near:
    """Pairs of wholes, which come first, then of pictures without rims; the left one is the earlier."""
    left, right, distance = (np.concatenate(column) for column in zip(*found, strict=True))
    is_cut = np.arange(len(left)) >= len(found[0].left)
    return _Near(left, right, distance, is_cut)

"""Pictures that are one picture: copies, shrunk, recompressed or retouched, gathered around the first of them.

The first picture that comes speaks for its copies: whatever is at most 31 bits from it belongs to it, or to the first
of several such. Nobody is joined through a third, so that a row of small changes never leads from one picture to
another.
"""

import numpy as np
import polars as pl

from assets.extraction.pdq import LEAST_QUALITY, packed
from assets.linking.digests import key_column
from assets.linking.image_pairs import near_pairs, near_pairs_across
from quality.contracts import CONTRACTS

_SCHEMA = CONTRACTS["image_clusters"].schema
# Icons and buttons are smaller, and a hash is made of 64 by 64 places.
LEAST_SIDE = 64
_AT_A_TIME = 1 << 16
_LEADERS = {"pdq": pl.String(), "leader": pl.String(), "distance": pl.Int64()}


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
        pl.col("sha256").alias("leader"), pl.lit(0, pl.Int64).alias("distance")
    )
    rows = pl.concat([led, alone.select(led.columns)])
    firsts = (
        rows.filter(pl.col("distance") == 0).sort("fetched_at", "image_id").unique("leader", keep="first")
    )
    named = rows.select("leader").unique().with_columns(pl.lit("image").alias("what"))
    named = named.with_columns(key_column(named, "what", "leader").alias("image_cluster_id"))
    return (
        rows.join(named, on="leader")
        .with_columns(pl.col("image_id").is_in(firsts["image_id"].implode()).alias("is_representative"))
        .select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
        .sort("image_id")
    )


def _led(telling: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """Each hash with the hash that speaks for it: pdq, leader, distance."""
    hashes = telling.group_by("pdq").agg(pl.col("fetched_at").min()).sort("fetched_at", "pdq")
    known = _known(telling, before)
    fresh = hashes.join(known, on="pdq", how="anti", maintain_order="left")["pdq"].to_list()
    leading = known.filter(pl.col("distance") == 0)
    leaders = hashes.join(leading, on="pdq", how="semi", maintain_order="left")["pdq"].to_list()
    found = [known]
    for start in range(0, len(fresh), _AT_A_TIME):
        some = fresh[start : start + _AT_A_TIME]
        leader, distance = _follow(leaders, some)
        found.append(pl.DataFrame({"pdq": some, "leader": leader, "distance": distance}, schema=_LEADERS))
        leaders += [pdq for pdq, own in zip(some, leader, strict=True) if pdq == own]
    return pl.concat(found)


def _known(telling: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """What an earlier result says about the hashes that are still there; nothing if one that spoke is gone."""
    if before is None or before.is_empty():
        return pl.DataFrame(schema=_LEADERS)
    rows = telling.select("image_id", "pdq").join(before, on="image_id")
    speaks = rows.filter(pl.col("distance") == 0).select("image_cluster_id", leader="pdq").unique()
    known = rows.join(speaks, on="image_cluster_id", how="left").select(*_LEADERS).unique()
    if known["leader"].null_count():
        return pl.DataFrame(schema=_LEADERS)
    return known.sort("pdq")


def _follow(leaders: list[str], fresh: list[str]) -> tuple[list[str], list[int]]:
    """For each fresh hash, in their order, the first leader that is near, or itself; and at how many bits.

    The first, not the nearest: so it does not matter which hashes are asked about together.
    """
    asked = packed(fresh)
    speaker = np.full(len(fresh), -1)
    bits = np.zeros(len(fresh), dtype=np.int64)
    if leaders:
        near = near_pairs_across(packed(leaders), asked)
        order = np.lexsort((near.left, near.right))
        asking, first = np.unique(near.right[order], return_index=True)
        speaker[asking], bits[asking] = near.left[order][first], near.distance[order][first]
    rest = np.flatnonzero(speaker < 0)
    found, apart = _among_themselves(asked[rest])
    speaker[rest], bits[rest] = len(leaders) + rest[found], apart
    names = [*leaders, *fresh]
    return [names[number] for number in speaker.tolist()], bits.tolist()


def _among_themselves(hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each hash in turn the first near leader before it, or itself; and the distance (both int64)."""
    near = near_pairs(hashes)
    order = np.lexsort((near.left, near.right))
    found, apart = list(range(len(hashes))), [0] * len(hashes)
    # By the later of the two: when its turn comes, it is settled who leads among those before it.
    for earlier, later, distance in zip(
        near.left[order].tolist(), near.right[order].tolist(), near.distance[order].tolist(), strict=True
    ):
        if found[later] == later and found[earlier] == earlier:
            found[later], apart[later] = earlier, distance
    return np.array(found, dtype=np.int64), np.array(apart, dtype=np.int64)

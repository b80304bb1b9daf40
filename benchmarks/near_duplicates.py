"""Near-duplicates in disguise, beside MinHash LSH on word 3-grams (rensa) on the same texts.

Run: python -m benchmarks.near_duplicates [SIZE …]    (default 20000 200000)
Prints per size and method: texts per CPU second, peak memory, pairwise precision and recall of the clusters, and per
disguise pairwise and B-cubed precision and recall.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl
from rensa import RMinHash, RMinHashLSH
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking.near_duplicates import find_near_duplicates
from benchmarks.families_of_texts import DISGUISES, families

_PERMUTATIONS, _BANDS = 128, 32
_PEER_THRESHOLD = 0.5


def ours(items: pl.DataFrame) -> pl.DataFrame:
    """item_id, cluster."""
    return find_near_duplicates(items).members.select("item_id", pl.col("text_cluster_id").alias("cluster"))


def minhash_lsh(items: pl.DataFrame) -> pl.DataFrame:
    """The peer, rensa (Rust): 128 permutations of lower-cased word 3-grams, 32 bands, joined at an estimate of 0.5."""
    index = RMinHashLSH(threshold=_PEER_THRESHOLD, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    signatures: list[RMinHash] = []
    pairs: list[tuple[int, int]] = []
    for number, text in enumerate(items["text"]):
        words = text.lower().split()
        signature = RMinHash(num_perm=_PERMUTATIONS, seed=7)
        signature.update([" ".join(words[at : at + 3]) for at in range(max(len(words) - 2, 1))])
        for other in index.query(signature):
            if signature.jaccard(signatures[other]) >= _PEER_THRESHOLD:
                pairs.append((other, number))
        index.insert(number, signature)
        signatures.append(signature)
    kept = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(kept)), (kept[:, 0], kept[:, 1])), shape=(items.height,) * 2)
    _, label = connected_components(graph, directed=False)
    return pl.DataFrame({"item_id": items["item_id"], "cluster": label})


METHODS: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "rare shingles of letters": ours,
    "MinHash LSH, 3 words (rensa)": minhash_lsh,
}


def _pairs(frame: pl.DataFrame, *by: str) -> int:
    sizes = frame.group_by(by).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def scores(found: pl.DataFrame, truth: pl.DataFrame) -> list[tuple[str, float, float, float, float]]:
    """Disguise ("any": all), pairwise precision and recall, B-cubed precision and recall.

    Of a disguise, all pairs and items count that involve a text of a family in that disguise.
    """
    both = truth.join(found, on="item_id", how="left").with_columns(
        pl.coalesce(pl.col("cluster").cast(pl.String), pl.lit("lone ") + pl.col("item_id")).alias("cluster")
    )
    both = both.with_columns(
        pl.len().over("cluster").alias("in_cluster"),
        pl.len().over("family").alias("in_family"),
        pl.len().over("cluster", "family").alias("in_both"),
    )
    rows = []
    for disguise in ("any", *DISGUISES):
        part = both if disguise == "any" else both.filter(pl.col("disguise") == disguise)
        # Pairs counted from each of their ends.
        together = int((part["in_both"] - 1).sum())
        claimed, true = int((part["in_cluster"] - 1).sum()), int((part["in_family"] - 1).sum())
        rows.append(
            (
                disguise,
                together / max(claimed, 1),
                together / max(true, 1),
                float((part["in_both"] / part["in_cluster"]).mean() or 0.0),
                float((part["in_both"] / part["in_family"]).mean() or 0.0),
            )
        )
    return rows


def _measured(method: str, size: int) -> None:
    world = families(size, seed=size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = METHODS[method](world.items)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"\n{size} texts, {method}: {size / seconds:,.0f} texts per CPU second, peak {peak / 1024:,.0f} MiB "
        f"({(peak - before) / 1024:,.0f} MiB above the texts)"
    )
    print(f"  {'disguise':<14}{'pair P':>8}{'pair R':>8}{'B3 P':>8}{'B3 R':>8}")
    for disguise, *values in scores(found, world.truth):
        print(f"  {disguise:<14}" + "".join(f"{value:8.3f}" for value in values), flush=True)


def main() -> None:
    """Measure each size and method in a process of its own."""
    for size in [int(argument) for argument in sys.argv[1:]] or [20_000, 200_000]:
        for method in METHODS:
            process = multiprocessing.get_context("spawn").Process(target=_measured, args=(method, size))
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f"near_duplicates: {method} at {size} ended with {process.exitcode}")


if __name__ == "__main__":
    main()

"""Near-duplicates in disguise, beside MinHash LSH on word 3-grams (rensa) on the same texts.

Run: python -m benchmarks.near_duplicates [SIZE …] [--day]    (default 20000 200000)
Prints per size and method: texts per CPU second, peak memory, pairwise precision and recall of the clusters, and per
disguise pairwise and B-cubed precision and recall. With `--day`: what a day of 1 % new texts costs against the full
build, index read from files and written again, and whether it gives the same; the peer's index stays in memory.
"""

import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from rensa import RMinHash, RMinHashLSH
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking import text_files
from assets.linking.near_duplicates import build_index, find_near_duplicates, near_duplicates_of, update_index
from benchmarks.command_line import words_asked
from benchmarks.families_of_texts import DISGUISES, families

_PERMUTATIONS, _BANDS = 128, 32
_PEER_THRESHOLD = 0.5


def ours(items: pl.DataFrame) -> pl.DataFrame:
    """item_id, cluster."""
    return find_near_duplicates(items).members.select("item_id", pl.col("text_cluster_id").alias("cluster"))


class Peer:
    """rensa (Rust): 128 permutations of lower-cased word 3-grams, 32 bands, joined at an estimate of 0.5."""

    def __init__(self) -> None:
        self._index = RMinHashLSH(threshold=_PEER_THRESHOLD, num_perm=_PERMUTATIONS, num_bands=_BANDS)
        self._signatures: list[RMinHash] = []
        self._pairs: list[tuple[int, int]] = []

    def add(self, texts: pl.Series) -> None:
        """Compare texts with those that are there, and put them beside them."""
        for text in texts:
            words = text.lower().split()
            signature = RMinHash(num_perm=_PERMUTATIONS, seed=7)
            signature.update([" ".join(words[at : at + 3]) for at in range(max(len(words) - 2, 1))])
            number = len(self._signatures)
            for other in self._index.query(signature):
                if signature.jaccard(self._signatures[other]) >= _PEER_THRESHOLD:
                    self._pairs.append((other, number))
            self._index.insert(number, signature)
            self._signatures.append(signature)

    def clusters(self) -> np.ndarray:
        """The cluster of each text in the order of their coming."""
        kept = np.array(self._pairs, dtype=np.int64).reshape(-1, 2)
        shape = (len(self._signatures),) * 2
        _, label = connected_components(
            coo_matrix((np.ones(len(kept)), (kept[:, 0], kept[:, 1])), shape=shape), directed=False
        )
        labels: np.ndarray = label
        return labels


def minhash_lsh(items: pl.DataFrame) -> pl.DataFrame:
    """item_id, cluster, of the peer."""
    peer = Peer()
    peer.add(items["text"])
    return pl.DataFrame({"item_id": items["item_id"], "cluster": peer.clusters()})


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


def _day(size: int) -> None:
    """A day of 1 % new texts on an index in files, beside the full build of all of them."""
    items = families(size, seed=size).items.with_columns(pl.lit(None, pl.String).alias("holder"))
    news = items.height // 100
    known, new = items.head(items.height - news), items.tail(news)
    known = known.with_columns(pl.lit(date(2026, 1, 1)).alias("first_seen"))
    new = new.with_columns(pl.lit(date(2026, 1, 2)).alias("first_seen"))
    with tempfile.TemporaryDirectory(prefix="texts-") as name:
        folder = Path(name)
        before = build_index(known)
        text_files.save(before, folder, "before", {})
        stored = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        del before
        start = time.process_time()
        whole = build_index(pl.concat([known, new]), None, known)
        members = near_duplicates_of(whole).members
        text_files.save(whole, folder, "whole", {})
        full = time.process_time() - start
        of_whole = near_duplicates_of(whole).pairs
        del whole
        start = time.process_time()
        loaded = text_files.load(folder, "before")
        if loaded is None:
            raise SystemExit("near_duplicates: the index that was written cannot be read")
        index, _ = loaded
        rows, stale = update_index(index, new, None, new["item_id"].clear())
        text_files.save(index, folder, "after", {}, like="before")
        day = time.process_time() - start
    found = near_duplicates_of(index)
    same = found.members.equals(members) and found.pairs.equals(of_whole)
    print(
        f"\n{items.height} texts: full build {full:.1f} CPU s ({1e6 * full / items.height:.0f} s a million), "
        f"a day of {news} new ones {day:.2f} CPU s, {100 * day / full:.1f} % of it; the same result: {same}; "
        f"{rows.height} rows of {stale.len()} items to write; {stored / known.height:,.0f} bytes a text in files"
    )
    peer = Peer()
    start = time.process_time()
    peer.add(known["text"])
    peer.clusters()
    full = time.process_time() - start
    start = time.process_time()
    peer.add(new["text"])
    peer.clusters()
    day = time.process_time() - start
    print(
        f"  MinHash LSH, 3 words (rensa), index in memory: full build {full:.1f} CPU s, day {day:.2f} CPU s, "
        f"{100 * day / full:.1f} % of it",
        flush=True,
    )


def main() -> None:
    """Measure each size and method in a process of its own."""
    words = words_asked(__doc__)
    sizes = [int(word) for word in words if word != "--day"] or [20_000, 200_000]
    of_day = "--day" in words
    for size in sizes:
        for method in [None] if of_day else METHODS:
            task, arguments = (_day, (size,)) if method is None else (_measured, (method, size))
            process = multiprocessing.get_context("spawn").Process(target=task, args=arguments)
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(
                    f"near_duplicates: {method or 'a day'} at {size} ended with {process.exitcode}"
                )


if __name__ == "__main__":
    main()

"""Actors against planted truth, beside plain connected components (scipy) on the same tables.

Run: python -m benchmarks.linking [SIZE …]    (default 20000 200000)
Prints one line per size, noise and method: pairwise precision, recall, F1, seconds.
"""

import time

import numpy as np
import polars as pl
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking.actors import link_actors
from benchmarks.command_line import words_asked
from benchmarks.planted_actors import World, agreement, planted_world

NOISE = ((0.02, 0.001), (0.05, 0.005), (0.10, 0.01))


def plain_components(world: World) -> pl.DataFrame:
    """The peer: items joined by any shared identifier or site account."""
    accounts = world.items.filter(pl.col("account").is_not_null()).select(
        "item_id", (pl.col("site") + "|" + pl.col("account")).alias("key")
    )
    uses = pl.concat([world.mentions.select("item_id", pl.col("identifier_id").alias("key")), accounts])
    items = uses["item_id"].rank("dense").to_numpy() - 1
    keys = uses["key"].rank("dense").to_numpy() - 1 + items.max() + 1
    size = int(keys.max()) + 1
    graph = coo_matrix((np.ones(len(items), dtype=np.int8), (items, keys)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    return pl.DataFrame({"item_id": uses["item_id"], "cluster": label[items]}).unique("item_id")


def ours(world: World) -> pl.DataFrame:
    """Best-partner share."""
    members = link_actors(world.items, world.mentions).actor_members
    return members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("item_id"), pl.col("actor_id").alias("cluster")
    )


def main() -> None:
    """Print the table."""
    sizes = [int(word) for word in words_asked(__doc__)] or [20_000, 200_000]
    print(f"{'items':>9} {'stolen':>6} {'recycled':>8}  {'method':<24} {'P':>6} {'R':>6} {'F1':>6} {'s':>7}")
    for size in sizes:
        for stolen, recycled in NOISE:
            world = planted_world(size, seed=size + 1, stolen_photos=stolen, recycled_phones=recycled)
            for name, method in (("best-partner share", ours), ("scipy components (peer)", plain_components)):
                start = time.perf_counter()
                predicted = method(world)
                seconds = time.perf_counter() - start
                scores = agreement(predicted, world.truth)
                print(
                    f"{world.items.height:>9} {stolen:>6.2f} {recycled:>8.3f}  {name:<24} "
                    + f"{scores.precision:6.3f} {scores.recall:6.3f} {scores.f1:6.3f}"
                    + f" {seconds:7.2f}"
                )


if __name__ == "__main__":
    main()

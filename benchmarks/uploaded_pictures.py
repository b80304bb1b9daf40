"""Actors where every account uploads its own copies of pictures: what captured pictures add to their addresses.

Run: python -m benchmarks.uploaded_pictures [--size small] [--seeds 7 8 9]
Per seed and noise (stolen photos and recycled phones, in per cent): how well the copies are gathered, and pairwise and
B-cubed precision / recall / F1 of actors against who really posted, by addresses, without pictures, and by hashes.
Identifiers are the true ones: only the pictures differ.
"""

import argparse
import time
from datetime import UTC, date, datetime, timedelta

import polars as pl

from assets.extraction.image_addresses import image_value
from assets.extraction.image_stage import images_of
from assets.extraction.stage import identifier_id
from assets.linking.actors import link_actors
from assets.linking.image_clusters import cluster_images
from assets.linking.image_identity import captured_pictures, same_pictures
from benchmarks.clustering_scores import b_cubed, pairwise
from simulation.innocents import USUAL_NOISE, Noise
from simulation.pictures import file_of, placeholder
from simulation.uploads import PLACEHOLDER
from simulation.world import World

ANCHOR = date(2026, 11, 20)
NOISES = (USUAL_NOISE, Noise(0.05, 0.005), Noise(0.10, 0.01))
_SOURCE = "web"


def items_of(world: World) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items with `label`, who posted them, and mentions of their true identifiers, as linking takes them."""
    items: list[tuple[object, ...]] = []
    mentions: list[tuple[str, str, str, str | None, str | None]] = []
    for site, of_site in world.items.items():
        for item in of_site:
            key = f"{site}|{item.number}"
            items.append((key, site, item.account, item.posted.date(), ANCHOR, item.posted, item.person))
            mentions += [(key, site, one.kind, one.value, None) for one in item.identifiers]
            mentions += [(key, site, "image", None, address) for address in item.images]
    names = ["item_id", "site", "account", "first_seen", "last_seen", "posted_at", "label"]
    schema = dict.fromkeys(("item_id", "site", "kind", "value", "raw"), pl.String)
    shown = pl.DataFrame(mentions, schema=schema, orient="row").with_columns(
        pl.coalesce("value", image_value(pl.col("raw"))).alias("value"), pl.lit(_SOURCE).alias("source")
    )
    ids = [identifier_id(kind, value) for kind, value in shown.select("kind", "value").iter_rows()]
    return (
        pl.DataFrame(items, schema=names, orient="row").with_columns(
            pl.col("posted_at").cast(pl.Datetime("us", "UTC"))
        ),
        shown.with_columns(pl.Series("identifier_id", ids)).unique(
            ["item_id", "identifier_id"], maintain_order=True
        ),
    )


def captured(world: World, mentions: pl.DataFrame) -> pl.DataFrame:
    """The pictures that the mentions show, as rows of `images`."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = []
    for number, address in enumerate(mentions["raw"].drop_nulls().unique().sort()):
        picture = world.pictures.get(address)
        body = placeholder() if picture is None else file_of(picture, None if picture == address else address)
        rows.append((f"{number:024x}", address, start + timedelta(seconds=number), body))
    assert PLACEHOLDER in mentions["raw"]
    names = ["capture_id", "request_url", "fetched_at", "body"]
    captures = pl.DataFrame(rows, schema=names, orient="row").with_columns(
        pl.lit(_SOURCE).alias("source"),
        pl.lit(ANCHOR).alias("unit_date"),
        pl.lit("img.pictures.test").alias("site"),
        pl.lit(None, pl.String).alias("content_encoding"),
    )
    began = time.process_time()
    images = images_of(captures)
    print(f"  {1000 * (time.process_time() - began) / images.height:.1f} ms CPU a picture", end="")
    return images


def actors(items: pl.DataFrame, mentions: pl.DataFrame) -> str:
    """Pairwise and B-cubed agreement of the actors with who posted."""
    members = link_actors(items.drop("label"), mentions).actor_members
    found = members.filter(pl.col("member_kind") == "item").select(
        pl.col("member_id").alias("item_id"), pl.col("actor_id").alias("cluster")
    )
    both = items.join(found, on="item_id", how="left").select("cluster", "label")
    return f"pairwise {pairwise(both)}   B-cubed {b_cubed(both)}"


def compare(seed: int, size: str, noise: Noise) -> None:
    """Print one world's figures."""
    world = World(seed, size, ANCHOR, noise, uploads=True)
    items, mentions = items_of(world)
    print(
        f"seed {seed}, {100 * noise.stolen_photos:g} / {100 * noise.recycled_phones:g} %, {items.height} items"
    )
    images = captured(world, mentions)
    clusters = cluster_images(images)
    named = images.with_columns(pl.col("image_url").replace(world.pictures).alias("label"))
    gathered = clusters.join(named.select("image_id", "label"), on="image_id")
    print(
        f"; {images.height} copies of {named['label'].n_unique()} pictures gathered: "
        f"pairwise {pairwise(gathered.select(cluster='image_cluster_id', label='label'))}"
    )
    shown = mentions.filter(pl.col("kind") == "image")
    behind = captured_pictures(shown, images, clusters)
    print(f"  by addresses      {actors(items, mentions)}")
    print(f"  without pictures  {actors(items, mentions.filter(pl.col('kind') != 'image'))}")
    print(f"  by hashes         {actors(items, same_pictures(mentions, behind))}", flush=True)


def main() -> None:
    """Compare on every seed and noise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uploaded_pictures", description=__doc__)
    parser.add_argument("--size", default="small")
    parser.add_argument("--seeds", type=int, nargs="*", default=[7, 8, 9])
    given = parser.parse_args()
    for seed in given.seeds:
        for noise in NOISES:
            compare(seed, given.size, noise)


if __name__ == "__main__":
    main()

"""Pictures of the linking stage: which captured pictures are one, kept from run to run."""

from pathlib import Path

import polars as pl

from assets.house import House, code_digest, digest_of
from assets.linking.image_clusters import cluster_images
from assets.linking.image_identity import CAPTURED, captured_pictures
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

TABLE = "image_clusters"
_SHOWN = ["item_id", "source", "identifier_id", "value", "raw"]
_CODE = ("image_stage.py", "image_clusters.py", "image_pairs.py")


def pictures_behind(store: PartStore, items: pl.DataFrame) -> pl.DataFrame:
    """The captured pictures behind the mentions of current items, as from `captured_pictures`.

    `items`: item_id, unit_date.
    """
    known = ["image_id", "source", "image_url", "fetched_at"]
    images = store.scan("images", CONTRACTS["images"].schema, columns=known).collect()
    if images.is_empty():
        return pl.DataFrame(schema=CAPTURED)
    shown = (
        store.scan("mentions", CONTRACTS["mentions"].schema, columns=[*_SHOWN, "unit_date", "kind"])
        .filter((pl.col("kind") == "image") & pl.col("source").is_in(images["source"].unique().implode()))
        .join(items.lazy().select("item_id", "unit_date"), on=["item_id", "unit_date"], how="semi")
        .select(_SHOWN)
        .collect()
    )
    return captured_pictures(shown, images, _read_clusters(store))


def _read_clusters(store: PartStore) -> pl.DataFrame:
    return store.scan(TABLE, CONTRACTS[TABLE].schema).collect()


def cluster_changed(house: House) -> Admission | None:
    """Gather the pictures that came since; None when none has, or there is none."""
    parts = house.store.parts("images")
    code = code_digest(*(Path(__file__).with_name(name) for name in _CODE))
    # The code stands before the inputs: only what the same code made can be gone on from.
    inputs = f"{code[:16]}|{digest_of(parts)}"
    made = [part.inputs or "" for part in house.store.parts(TABLE)]
    if made == [inputs] or not (parts or made):
        return None
    goes_on = any(before.startswith(code[:16]) for before in made)
    images = house.store.scan("images", CONTRACTS["images"].schema).collect()
    clusters = cluster_images(images, _read_clusters(house.store) if goes_on else None)
    house.log.info(
        f"{images.height} captured pictures, {clusters['image_cluster_id'].n_unique()} of them different, "
        f"{clusters['damped_because'].count()} of them say too little"
    )
    return admit(house.store, [Candidate(CONTRACTS[TABLE], clusters, inputs)], run_id=house.run_id)

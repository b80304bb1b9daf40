"""Pictures of the linking stage: which captured pictures are one, kept from run to run."""

from pathlib import Path

import polars as pl

from assets.house import House, code_digest, digest_of
from assets.linking.image_clusters import cluster_images
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

TABLE = "image_clusters"
_CODE = ("image_stage.py", "image_clusters.py", "image_pairs.py")


def read_images(store: PartStore) -> pl.DataFrame:
    """All captured pictures (contract `images`)."""
    return store.scan("images", CONTRACTS["images"].schema).collect()


def read_clusters(store: PartStore) -> pl.DataFrame:
    """The clusters as they stand (contract `image_clusters`)."""
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
    images = read_images(house.store)
    clusters = cluster_images(images, read_clusters(house.store) if goes_on else None)
    house.log.info(
        f"{images.height} captured pictures are {clusters['image_cluster_id'].n_unique()}, "
        f"{clusters['damped_because'].count()} of them say too little"
    )
    return admit(house.store, [Candidate(CONTRACTS[TABLE], clusters, inputs)], run_id=house.run_id)

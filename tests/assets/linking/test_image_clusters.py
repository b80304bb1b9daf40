"""Pictures gathered around the first of them: copies together, strangers apart, today as all at once."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from assets.extraction.pdq import TRIMS
from assets.linking.image_clusters import cluster_images
from quality.contracts import CONTRACTS

START = datetime(2026, 3, 1, tzinfo=UTC)


def flipped(pdq: str, bits: range) -> str:
    """The hash with these bits turned over."""
    return f"{int(pdq, 16) ^ sum(1 << bit for bit in bits):064x}"


def pictures(
    *hashes: str, quality: int = 90, side: int = 300, files: str = "", trims: dict[int, bytes] | None = None
) -> pl.DataFrame:
    """Rows of `images`, one an hour; `files`: one letter per file where some are equal; `trims` by place."""
    rows = [
        {
            "image_id": f"{place:024x}", "source": "s", "unit_date": date(2026, 3, 1), "capture_id": "c" * 24,
            "site": "site.test", "image_url": f"http://site.test/{place}.jpg", "identifier_id": f"{place:024x}",
            "fetched_at": START + timedelta(hours=place), "sha256": (files[place] if files else f"{place:x}") * 64,
            "pdq": pdq, "quality": quality, "width": side, "height": 400, "format": "jpeg",
            "trims": (trims or {}).get(place, hashlib.shake_256(pdq.encode()).digest(32 * TRIMS)),
        }
        for place, pdq in enumerate(hashes)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=CONTRACTS["images"].schema)


def groups(clusters: pl.DataFrame) -> list[list[int]]:
    """The places of the pictures, cluster by cluster."""
    found = clusters.group_by("image_cluster_id").agg(pl.col("image_id").sort())["image_id"].to_list()
    return sorted([int(image, 16) for image in images] for images in found)


ONE, OTHER = "c3" * 32, "5a" * 32


def test_a_near_copy_belongs_to_the_first_picture_and_says_how_near_it_is() -> None:
    clusters = cluster_images(pictures(ONE, flipped(ONE, range(31)), flipped(ONE, range(32)), OTHER, ONE))
    assert groups(clusters) == [[0, 1, 4], [2], [3]]
    assert clusters["distance"].to_list() == [0, 31, 0, 0, 0]
    assert clusters["is_representative"].to_list() == [True, False, True, True, False]
    assert clusters["damped_because"].null_count() == 5


def test_a_row_of_small_changes_does_not_lead_away() -> None:
    chain = [flipped(ONE, range(end)) for end in (0, 20, 40, 60)]
    assert groups(cluster_images(pictures(*chain))) == [[0, 1], [2, 3]]


def test_blank_pictures_and_icons_are_one_only_with_equal_files_and_link_nobody() -> None:
    blank = cluster_images(pictures(ONE, ONE, ONE, quality=49, files="aab"))
    assert groups(blank) == [[0, 1], [2]]
    assert blank["damped_because"].unique().to_list() == ["low_quality"]
    icon = cluster_images(pictures(ONE, ONE, side=63, files="ab"))
    assert groups(icon) == [[0], [1]]
    assert icon["damped_because"].unique().to_list() == ["small"]


def test_what_is_near_to_a_picture_without_its_rims_belongs_to_it_whichever_came_first() -> None:
    rims = bytes.fromhex(flipped(OTHER, range(3))) + bytes(range(32)) * (TRIMS - 1)
    for order in ((ONE, OTHER), (OTHER, ONE)):
        clusters = cluster_images(pictures(*order, trims={order.index(ONE): rims}))
        assert groups(clusters) == [[0, 1]]
        assert clusters.select("distance", "is_cut").rows() == [(0, False), (3, True)]


def test_what_is_near_without_the_rim_that_a_bar_stands_on_belongs_together() -> None:
    bar = bytes.fromhex(OTHER)
    rims = {place: bytes([place]) * (32 * (TRIMS - 1)) + bar for place in (0, 1)}
    clusters = cluster_images(pictures(ONE, flipped(ONE, range(60)), trims=rims))
    assert clusters.select("distance", "is_cut").rows() == [(0, False), (0, True)]
    assert groups(clusters) == [[0, 1]]
    apart = {0: rims[0], 1: bytes([1]) * (32 * (TRIMS - 2)) + bar + bytes(32)}
    assert groups(cluster_images(pictures(ONE, flipped(ONE, range(60)), trims=apart))) == [[0], [1]]


def many(count: int) -> pl.DataFrame:
    """Pictures of which half are copies of others, some near to two."""
    random = np.random.default_rng(2)
    hashes = [random.bytes(32).hex() for _ in range(count // 2)]
    while len(hashes) < count:
        original = int(hashes[random.integers(0, len(hashes))], 16)
        hashes.append(
            f"{original ^ sum(1 << int(bit) for bit in random.choice(256, 20, replace=False)):064x}"
        )
    shuffled = [hashes[place] for place in random.permutation(count)]
    # Some without rims are like another one.
    alike = random.permutation(count)
    rims = {n: bytes.fromhex(shuffled[alike[n]]) + random.bytes(32 * (TRIMS - 1)) for n in range(0, count, 5)}
    return pictures(*shuffled, trims=rims)


def test_day_by_day_gives_what_all_at_once_gives() -> None:
    images = many(400)
    so_far = cluster_images(images.head(0))
    for end in (150, 151, 390, 400):
        so_far = cluster_images(images.head(end), so_far)
    assert so_far.equals(cluster_images(images))
    assert so_far["image_cluster_id"].n_unique() < 220
    assert so_far["is_cut"].sum() > 20


def test_when_the_picture_that_spoke_is_deleted_the_others_choose_again() -> None:
    images = pictures(ONE, flipped(ONE, range(8)), flipped(ONE, range(4)))
    left = images.tail(2)
    assert cluster_images(left, cluster_images(images)).equals(cluster_images(left))


def test_nothing_gives_nothing() -> None:
    assert cluster_images(pictures()).schema == CONTRACTS["image_clusters"].schema

"""Pictures in the place of their addresses."""

from datetime import UTC, date, datetime

import polars as pl

from assets.extraction.stage import identifier_id
from assets.linking.image_identity import captured_pictures, same_pictures
from quality.contracts import CONTRACTS


def mention(number: int, source: str, address: str, kind: str = "image") -> dict[str, object]:
    """A mention of a picture by its last folder and name."""
    value = "/".join(address.split("/")[-2:]).lower()
    return {
        "mention_id": f"{number:024x}", "item_id": f"{number:024x}", "item_table": "listings", "source": source,
        "site": f"{source}.test", "unit_date": date(2026, 3, 1), "kind": kind, "value": value, "raw": address,
        "identifier_id": identifier_id(kind, value), "obscured": False,
    }  # fmt: skip


def captured(
    source: str, address: str, cluster: str, damped: str | None = None
) -> tuple[dict[str, object], ...]:
    """A row of `images` and one of `image_clusters`."""
    image = {
        "image_id": f"{source}{address}", "source": source, "image_url": address, "sha256": "0" * 64,
        "fetched_at": datetime(2026, 3, 1, tzinfo=UTC), "pdq": "0" * 64,
    }  # fmt: skip
    return image, {
        "image_id": f"{source}{address}",
        "image_cluster_id": cluster,
        "distance": 0,
        "damped_because": damped,
    }


def linked(
    mentions: list[dict[str, object]], pictures: list[tuple[dict[str, object], ...]]
) -> dict[int, str]:
    """Which identifier each mention has after all, by its number."""
    images = pl.DataFrame([one for one, _ in pictures], schema=CONTRACTS["images"].schema)
    clusters = pl.DataFrame([one for _, one in pictures], schema=CONTRACTS["image_clusters"].schema)
    frame = pl.DataFrame(mentions, schema=CONTRACTS["mentions"].schema)
    behind = captured_pictures(frame.filter(pl.col("kind") == "image"), images, clusters)
    found = same_pictures(frame, behind)
    assert found.schema == frame.schema
    return {int(key, 16): value for key, value in found.select("item_id", "value").iter_rows()}


def test_one_picture_at_two_addresses_is_one_identifier() -> None:
    here, there = "http://a.test/p/x.jpg", "http://b.test/q/Y.jpg?w=2"
    mentions = [mention(1, "a", here), mention(2, "b", there), mention(3, "b", "http://b.test/+1", "phone")]
    found = linked(mentions, [captured("a", here, "one"), captured("b", there, "one")])
    assert found[1] == found[2]
    assert found[3] == "b.test/+1"


def test_two_pictures_at_like_addresses_are_two() -> None:
    here, there, other = "http://a.test/1/1.jpg", "http://b.test/1/1.jpg", "http://b.test/1/2.jpg"
    mentions = [mention(1, "a", here), mention(2, "b", there), mention(3, "b", other)]
    pictures = [captured("a", here, "one"), captured("b", there, "two"), captured("b", other, "two")]
    assert linked(mentions, pictures) == {2: "1/2.jpg", 3: "1/2.jpg"}


def test_a_blank_picture_links_nobody() -> None:
    here, there = "http://a.test/p/no-photo.jpg", "http://a.test/p/x.jpg"
    mentions = [mention(1, "a", here), mention(2, "a", there)]
    pictures = [captured("a", here, "one", "low_quality"), captured("a", there, "two")]
    assert linked(mentions, pictures) == {2: "p/x.jpg"}


def test_pictures_that_nobody_captured_stay_known_by_their_addresses() -> None:
    mentions = [mention(1, "a", "http://a.test/p/x.jpg"), mention(2, "c", "http://c.test/p/x.jpg")]
    assert linked(mentions, []) == {1: "p/x.jpg", 2: "p/x.jpg"}
    assert linked(mentions, [captured("a", "http://a.test/other.jpg", "one")]) == {1: "p/x.jpg", 2: "p/x.jpg"}


def test_a_file_beside_an_export_is_known_by_its_path_in_it() -> None:
    mentions = [
        mention(1, "chat", "photos/a.jpg"),
        mention(2, "chat", "photos/b.jpg"),
        mention(3, "chat", "x/c.jpg"),
    ]
    pictures = [
        captured("chat", "file:export one/photos/a.jpg", "one"),
        captured("chat", "file:export one/photos/b.jpg", "two", "low_quality"),
        captured("chat", "file:export one/x/c.jpg", "three", "small"),
        captured("chat", "file:export two/x/c.jpg", "four"),
    ]
    assert linked(mentions, pictures) == {1: "photos/a.jpg", 3: "x/c.jpg"}

"""From captured pictures to rows of `images`: hashed once, what cannot be hashed in quarantine with the reason."""

import gzip
import io
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image

from assets.capture.rows import Origin, capture_frame, capture_row
from assets.capture.source import Source
from assets.extraction.image_stage import hash_changed
from assets.extraction.stage import identifier_id
from assets.house import House
from assets.operation import Operation
from quality.admission import QUARANTINE
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore, PartWrite

DAY = date(2026, 3, 1)


class Silent:
    def info(self, msg: str) -> None: ...

    def warning(self, msg: str) -> None: ...


def picture(seed: int, kind: str = "PNG") -> bytes:
    """A file of coloured blots."""
    blots = np.random.default_rng(seed).integers(0, 256, (8, 10, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(blots).resize((300, 240), Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def house(home: Path, *, fetch: bool = True) -> House:
    source = Source.model_validate(
        {
            "name": "site",
            "kind": "listings",
            "start": ["http://site.test/"],
            "images": {"fetch": fetch},
            "listings": {"item": ".ad", "fields": {"text": "p", "images": "img"}},
        }
    )
    operation = Operation.model_validate({"code": "test", "name": "Test"})
    return House(home, PartStore(home), {"site": source}, operation, "run", b"k" * 16, Silent())


def capture(house: House, *files: tuple[str, bytes, str | None], role: str = "image") -> None:
    rows = [
        capture_row(
            Origin("site", DAY, 1, role, f"http://site.test{path}", "site.test", 1, None, "test"),
            datetime(2026, 3, 1, 12, place, tzinfo=UTC),
            body,
            content_encoding=encoding,
            outcome="ok",
        )
        for place, (path, body, encoding) in enumerate(files)
    ]
    house.store.commit([PartWrite("captures", capture_frame(rows), "site", DAY, replace=False)])


def test_pictures_are_hashed_by_what_they_show_and_others_say_why_not(tmp_path: Path) -> None:
    here = house(tmp_path)
    capture(
        here,
        ("/p/a.png?w=9", picture(1), None),
        ("/p/b.jpg", gzip.compress(picture(1, "JPEG")), "gzip"),
        ("/p/c.jpg", picture(2), None),
        ("/p/page.jpg", b"<html>gone</html>", None),
        ("/p/half.jpg", picture(3)[:900], None),
        ("/p/lie.jpg", b"not gzip", "gzip"),
    )
    capture(here, ("/", picture(4), None), role="index")
    units, admission = hash_changed(here)
    assert units == 1
    assert admission is not None
    assert not admission.blocked
    images = here.store.scan("images", CONTRACTS["images"].schema).collect().sort("image_url")
    assert images.select("image_url", "format", "width", "height").rows() == [
        ("http://site.test/p/a.png?w=9", "png", 300, 240),
        ("http://site.test/p/b.jpg", "jpeg", 300, 240),
        ("http://site.test/p/c.jpg", "png", 300, 240),
    ]
    one, copy, other = (int(pdq, 16) for pdq in images["pdq"])
    assert (one ^ copy).bit_count() <= 20 < 60 < (one ^ other).bit_count()
    assert images["identifier_id"][0] == identifier_id("image", "p/a.png")
    schema = {"image_url": pl.String(), "rejected_by": pl.String()}
    kept_out = here.store.scan(QUARANTINE + "images", schema).collect().sort("image_url")
    assert kept_out["rejected_by"].to_list() == [
        "picture_damaged",
        "picture_damaged",
        "picture_not_a_picture",
    ]


def test_only_changed_units_of_sources_with_pictures_are_read(tmp_path: Path) -> None:
    here = house(tmp_path)
    capture(here, ("/p/a.png", picture(1), None))
    assert hash_changed(here)[0] == 1
    assert hash_changed(here) == (0, None)
    without = house(tmp_path / "other", fetch=False)
    capture(without, ("/p/a.png", picture(1), None))
    assert hash_changed(without) == (0, None)

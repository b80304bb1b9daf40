"""Pictures of the extraction stage: units whose captures changed become rows of `images`, their hashes read.

Only sources that ask for pictures have any. Captures are read one row group at a time: a unit may hold gigabytes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow.parquet as parquet

from assets.capture.body import BodyError, decode_body
from assets.capture.source import Source
from assets.extraction.image_addresses import image_value
from assets.extraction.pdq import pdq_of, trims_of
from assets.extraction.pictures import PictureError, read_picture
from assets.extraction.stage import identifier_id
from assets.house import House, code_digest, digest_of
from assets.parsing.stage import changed_units
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS
from quality.gate import UnitKey
from warehouse.parts import Part, PartStore

TABLE = "images"
_SCHEMA = CONTRACTS[TABLE].schema
_FROM_BODY = {
    name: _SCHEMA[name]
    for name in ("sha256", "pdq", "trims", "quality", "width", "height", "format", "problem")
}
_FROM_CAPTURE = ("capture_id", "source", "unit_date", "site", "request_url", "fetched_at")
_BODY = ("body", "content_encoding")
_MOST_BYTES = 64 * 1024 * 1024
_CODE = ("image_stage.py", "image_addresses.py", "pdq.py", "pictures.py")


def image_inputs(store: PartStore, sources: Mapping[str, Source]) -> dict[UnitKey, str]:
    """Digest of what the pictures of each unit would be read from; only units of sources that ask for pictures."""
    code = code_digest(*(Path(__file__).with_name(name) for name in _CODE))
    parts: dict[UnitKey, list[Part]] = {}
    for part in store.parts("captures"):
        if part.source is None or part.unit_date is None or part.source not in sources:
            continue
        if sources[part.source].images.fetch:
            parts.setdefault((part.source, part.unit_date), []).append(part)
    return {unit: digest_of(group, code) for unit, group in parts.items()}


def hash_changed(house: House) -> tuple[int, Admission | None]:
    """Hash the pictures of every unit whose captures changed; how many units, and None when there were none."""
    inputs = image_inputs(house.store, house.sources)
    todo = changed_units(house.store, TABLE, inputs)
    if not todo:
        return 0, None
    frames = [pl.DataFrame(schema=_SCHEMA)]
    for source, day in sorted(todo):
        parts = house.store.parts("captures", source=source, unit_date=day)
        rows = [images_of(captures) for part in parts for captures in _pictures(house.home / part.path)]
        frames += rows
        house.log.info(f"read {sum(frame.height for frame in rows)} pictures of {source} {day}")
    found = (
        pl.concat(frames).sort("fetched_at", "image_id").unique("image_id", keep="first", maintain_order=True)
    )
    return len(todo), admit(house.store, [Candidate(CONTRACTS[TABLE], found, todo)], run_id=house.run_id)


def images_of(captures: pl.DataFrame) -> pl.DataFrame:
    """Rows of `images` (contract) of captured pictures; what cannot be hashed has a `problem`.

    `captures`: the columns of that name of the contract `captures` that are named in this module.
    """
    known: dict[str, tuple[object, ...]] = {}
    read: list[tuple[object, ...]] = []
    for body, encoding in captures.select(_BODY).iter_rows():
        try:
            file = decode_body(body, encoding, _MOST_BYTES)
        except BodyError:
            read.append((*[None] * (len(_FROM_BODY) - 1), "damaged"))
            continue
        digest = hashlib.sha256(file).hexdigest()
        if digest not in known:
            known[digest] = (digest, *_hashed(file))
        read.append(known[digest])
    rows = pl.concat(
        [captures.select(_FROM_CAPTURE), pl.DataFrame(read, schema=_FROM_BODY, orient="row")],
        how="horizontal",
    )
    rows = rows.rename({"request_url": "image_url"}).with_columns(
        image_value(pl.col("image_url").str.strip_prefix("file:")).alias("value")
    )
    return rows.with_columns(
        pl.Series("identifier_id", [identifier_id("image", value) for value in rows["value"]], pl.String),
        pl.Series(
            "image_id",
            [_image_id(*row) for row in rows.select("source", "image_url", "sha256").iter_rows()],
            pl.String,
        ),
    ).select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())


def _hashed(file: bytes) -> tuple[object, ...]:
    """pdq, trims, quality, width, height, format and problem of a file."""
    try:
        picture = read_picture(file)
    except PictureError as error:
        return (*[None] * (len(_FROM_BODY) - 2), error.problem)
    found = pdq_of(picture.luminance)
    trims = trims_of(picture.luminance)
    return (found.hex, trims, found.quality, picture.width, picture.height, picture.format, None)


def _image_id(source: str, address: str, digest: str | None) -> str:
    return hashlib.sha256(f"{source}|{address}|{digest or ''}".encode()).hexdigest()[:24]


def _pictures(part: Path) -> Iterator[pl.DataFrame]:
    """The captured pictures of one part of captures, some at a time."""
    with parquet.ParquetFile(part) as file:
        for group in range(file.num_row_groups):
            roles = file.read_row_group(group, columns=["role"]).column("role")
            if "image" not in roles.unique().to_pylist():
                continue
            rows = pl.DataFrame(
                file.read_row_group(group, columns=["role", "outcome", *_FROM_CAPTURE, *_BODY])
            )
            yield rows.filter(
                pl.col("role") == "image",
                pl.col("outcome").is_in(["ok", "truncated"]),
                pl.col("body").is_not_null(),
            )

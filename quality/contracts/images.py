"""Contracts of pictures: what was captured, by what they show, and which of them are one picture."""

import polars as pl

from quality.contract import Column, Contract, Sensitivity, between, in_set, matches, not_null, violates
from quality.contracts.capture import DIGEST
from quality.contracts.columns import CAPTURE_ID, FLAG, MOMENT, SITE, SOURCE, TEXT, UNIT_DATE, WHOLE
from quality.contracts.extraction import IDENTIFIER_ID

IMAGE_ID = Column(
    "image_id", TEXT, "First 24 hex digits of SHA-256 over source, address and digest of the file"
)
FORMATS = ("jpeg", "png", "webp", "gif")
PICTURE_PROBLEMS = {
    "not_a_picture": "the bytes are a picture in a format that we read: JPEG, PNG, WebP or GIF",
    "too_large": "the picture has no more pixels than we decode",
    "too_costly": "the picture can be decoded in reasonable time",
    "too_small": "the picture has the least size that a hash needs",
    "damaged": "the picture can be decoded to its end",
}
DAMPED_BECAUSE = ("low_quality", "small")

IMAGES = Contract(
    table="images",
    stage="extraction",
    grain="one picture as it was captured at one address",
    meaning="Captured pictures and their perceptual hashes (PDQ): one picture keeps its hash when it is copied.",
    key=("image_id",),
    per_unit=True,
    # A site may show nothing but drawings in formats that we do not read; its items are not worse for that.
    max_rejected_share=1.0,
    columns=(
        IMAGE_ID,
        SOURCE,
        UNIT_DATE,
        CAPTURE_ID,
        SITE,
        Column("image_url", TEXT, "Address of the picture", Sensitivity.text),
        IDENTIFIER_ID,
        Column("fetched_at", MOMENT, "When it was captured (UTC)"),
        Column("sha256", TEXT, "SHA-256 of the file: equal files, equal digests"),
        Column(
            "pdq", TEXT, "PDQ hash, 64 hex digits: near pictures differ in 31 bits at most", Sensitivity.text
        ),
        Column(
            "trims",
            pl.Binary(),
            "PDQ hashes of the picture with rims cut off, 32 bytes each",
            published=False,
        ),
        Column("quality", WHOLE, "Quality of the hash, 0 (featureless) to 100"),
        Column("width", WHOLE, "Width in pixels"),
        Column("height", WHOLE, "Height in pixels"),
        Column("format", TEXT, "jpeg, png, webp or gif, as its bytes say"),
        Column("problem", TEXT, "Why it has no hash, in quarantine", published=False),
    ),
    rules=(
        *(
            violates(f"picture_{problem}", f"problem = '{problem}'", meaning)
            for problem, meaning in PICTURE_PROBLEMS.items()
        ),
        not_null("capture_id"),
        not_null("fetched_at"),
        matches("sha256", DIGEST),
        matches("pdq", "^[0-9a-f]{64}$"),
        violates("has_hash", "problem IS NULL AND pdq IS NULL", "a picture without a problem has its hash"),
        between("quality", 0, 100),
        in_set("format", FORMATS),
    ),
)

IMAGE_CLUSTERS = Contract(
    table="image_clusters",
    stage="linking",
    grain="one captured picture",
    meaning="Which pictures are one: the same file, or shrunk, recompressed, retouched; and which link nobody.",
    key=("image_id",),
    columns=(
        Column(
            "image_cluster_id", TEXT, "Cluster: first 24 hex digits of SHA-256 over its representative's hash"
        ),
        IMAGE_ID,
        Column("distance", WHOLE, "Bits in which its hash differs from the representative's, at most 31"),
        Column("is_cut", FLAG, "So near only when a rim of one of the two, or of both, is cut off"),
        Column("is_representative", FLAG, "Its hash, the first that was captured, speaks for the cluster"),
        Column("damped_because", TEXT, "Why it links nobody: low_quality (blank, plain) or small (an icon)"),
    ),
    rules=(
        not_null("image_cluster_id"),
        between("distance", 0, 31),
        in_set("damped_because", DAMPED_BECAUSE),
    ),
)

CONTRACTS = (IMAGES, IMAGE_CLUSTERS)

"""From a lead's score to the share of such subjects that were right on planted worlds.

The score stays the exact sum of its contributions; this only says how scores of one type order subjects. The map is an
isotonic regression on simulated worlds (`calibration.yaml`, with the command that made it), tested across seeds in
docs/quality.md. An invented world is not a real site: the share promises nothing about one.
"""

from functools import cache
from pathlib import Path
from typing import TypedDict

import polars as pl
import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FILE = Path(__file__).with_name("calibration.yaml")


class Level(TypedDict):
    """From `score` on, `share` of `subjects` were right."""

    score: float
    share: float
    subjects: int


@cache
def load_levels(file: Path = FILE) -> pl.DataFrame:
    """The map: type, score, planted_share, in order. Raises `ValueError` where a type's shares fall with the score."""
    data: dict[str, list[Level]] = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)
    rows = []
    for kind, levels in data.items():
        ordered = sorted(levels, key=lambda level: level["score"])
        shares = [level["share"] for level in ordered]
        if shares != sorted(shares) or not all(0 <= share <= 1 for share in shares):
            raise ValueError(f"{file.name}: {kind}: shares lie in 0 to 1 and never fall with the score")
        rows += [(kind, float(level["score"]), float(level["share"])) for level in ordered]
    return pl.DataFrame(
        rows,
        schema={"type": pl.String, "score": pl.Float64, "planted_share": pl.Float64},
        orient="row",
    ).sort("score")


def with_planted_share(leads: pl.DataFrame) -> pl.DataFrame:
    """The leads (type, score) with `planted_share`: that of the highest level their score reaches, null without one."""
    return (
        leads.with_row_index("place")
        .sort("score")
        .join_asof(load_levels(), on="score", by="type", check_sortedness=False)
        .sort("place")
        .drop("place")
    )

"""The registry of indicators: named signs, each with its published source, weight and limits."""

from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl
import yaml
from pydantic import BaseModel, ConfigDict, Field

from quality.contracts import CONTRACTS
from quality.contracts.detection import LEAD_TYPES

INDICATORS = CONTRACTS["indicators"].schema
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
REGISTRY = Path(__file__).with_name("indicators.yaml")


class Indicator(BaseModel):
    """One sign. `strong`: enough alone for a lead. `direct`: found in the subject's own items (the default), not in
    who surrounds it. `roles`: the lead types it speaks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    indicator_id: str
    name: str
    level: Literal["item", "actor", "series", "site"]
    code: str | None = None
    citation: str
    weight: float = Field(ge=0, le=10)
    strong: bool = False
    direct: bool = True
    roles: tuple[str, ...] = ()
    note: str

    @property
    def is_weighted(self) -> bool:
        """Whether it counts towards a score."""
        return self.weight > 0


@cache
def load_indicators() -> tuple[Indicator, ...]:
    """The registry, in the file's order.

    Raises `ValueError` (naming the indicator) where the source is unknown, a role is no lead type, or an indicator
    with a weight speaks for nothing.
    """
    data = yaml.load(REGISTRY.read_text(encoding="utf-8"), Loader=_LOADER)
    sources: dict[str, str] = data["sources"]
    loaded = []
    for name, entry in data["indicators"].items():
        source = entry.pop("source")
        if source not in sources:
            raise ValueError(f"{REGISTRY.name}: {name}: source {source!r} is not among `sources`")
        indicator = Indicator(indicator_id=name, citation=sources[source], **entry)
        unknown = set(indicator.roles) - set(LEAD_TYPES)
        if unknown:
            raise ValueError(f"{REGISTRY.name}: {name}: roles {sorted(unknown)} are no lead types")
        if indicator.is_weighted != bool(indicator.roles):
            raise ValueError(f"{REGISTRY.name}: {name}: give roles to a weighted indicator, none to another")
        loaded.append(indicator)
    return tuple(loaded)


def indicators_frame() -> pl.DataFrame:
    """The registry as the table of contract `indicators`, sorted by id."""
    rows = [
        {
            "indicator_id": indicator.indicator_id,
            "name": indicator.name,
            "level": indicator.level,
            "code": indicator.code,
            "citation": indicator.citation,
            "weight": indicator.weight,
            "is_weighted": indicator.is_weighted,
            "points_to": ",".join(indicator.roles),
            "note": indicator.note,
        }
        for indicator in load_indicators()
    ]
    return pl.DataFrame(rows, schema=INDICATORS).sort("indicator_id")


@cache
def indicator_words() -> pl.Enum:
    """The type of a column of indicators: their ids, sorted."""
    return pl.Enum(sorted(indicator.indicator_id for indicator in load_indicators()))


@cache
def weights_for(role: str) -> pl.DataFrame:
    """The weighted indicators of one lead type: indicator_id (`indicator_words`), weight, strong, direct."""
    rows = [
        (indicator.indicator_id, indicator.weight, indicator.strong, indicator.direct)
        for indicator in load_indicators()
        if indicator.is_weighted and role in indicator.roles
    ]
    return pl.DataFrame(
        rows,
        schema={
            "indicator_id": indicator_words(),
            "weight": pl.Float64,
            "strong": pl.Boolean,
            "direct": pl.Boolean,
        },
        orient="row",
    )

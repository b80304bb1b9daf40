"""Who we are in this run: the operation under whose name leads and figures are published."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class OperationInfo:
    """Our own operation, as its YAML file tells it. Countries are ISO 3166 alpha-2, `tlp` is TLP 2.0."""

    code: str
    name: str
    start: date | None = None
    end: date | None = None
    countries: tuple[str, ...] = ()
    crime_areas: tuple[str, ...] = ()
    tlp: str = "AMBER"

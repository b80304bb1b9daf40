"""An operation of our own: name, dates, countries, sources, in one YAML file.

Raises `OperationError`, which names the file, the field and the remedy.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class OperationError(ValueError):
    """An operation file that cannot be used; the message names the file, the field and the remedy."""


class SimulatedWeb(BaseModel):
    """The simulated web that an operation practises on; `stolen_photos` and `recycled_phones` are shares of persons."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 7
    size: str = "demo"
    anchor: date | None = None
    stolen_photos: Annotated[float, Field(ge=0, le=1)] | None = None
    recycled_phones: Annotated[float, Field(ge=0, le=1)] | None = None


class Operation(BaseModel):
    """One operation. An empty `sources` means every enabled source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,62}$")]
    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    start: date | None = None
    end: date | None = None
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    sources: tuple[str, ...] = ()
    crime_areas: tuple[str, ...] = ()
    tlp: Literal["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"] = "AMBER"
    retention_days: Annotated[int, Field(ge=1)] = 365
    simulation: SimulatedWeb | None = None


def load_operation(file: Path) -> Operation:
    """Read one operation file. Raises `OperationError`."""
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OperationError(f"{file}: cannot be read as YAML: {error}") from error
    if not isinstance(data, dict):
        raise OperationError(
            f"{file}: an operation is a YAML mapping (code, name, sources, …); see docs/sources.md"
        )
    try:
        return Operation.model_validate({"code": file.stem, "name": file.stem, **data})
    except ValidationError as error:
        problems = "; ".join(
            f"field `{'.'.join(str(part) for part in item['loc'])}`: {item['msg']}"
            for item in error.errors(include_input=False)
        )
        raise OperationError(f"{file}: {problems}. See docs/sources.md for the fields.") from None

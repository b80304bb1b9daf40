"""Reading the tables beside this module; each file is read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "rules"


@cache
def read_yaml(name: str) -> Any:
    """Content of `rules/<name>`. Raises ValueError naming the file when it is no YAML."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load((_FOLDER / name).read_text("utf-8"), Loader=loader)
    except yaml.YAMLError as error:
        raise ValueError(f"assets/extraction/rules/{name}: not valid YAML: {error}") from error


def rule_path(name: str) -> Path:
    """Where `rules/<name>` lies."""
    return _FOLDER / name


@cache
def read_lines(name: str) -> frozenset[str]:
    """The lines of `rules/<name>` without comments."""
    lines = (_FOLDER / name).read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def languages_with(folder: str) -> tuple[str, ...]:
    """Languages that have a file in `rules/<folder>`, sorted."""
    return tuple(sorted(path.stem for path in (_FOLDER / folder).glob("*.yaml")))

"""The user's guide to sources is true: its examples load, and it names every field of the model."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from assets.capture.source import (
    DocumentFields,
    Documents,
    Expected,
    FieldRule,
    ListingFields,
    Listings,
    Newsroom,
    Notices,
    Politeness,
    Scope,
    Source,
)
from assets.operation import Operation
from assets.parsing.schemas import ADVISORY_RULES
from assets.parsing.selectors import check_selectors

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "sources.md").read_text(encoding="utf-8")
EXAMPLES: list[Any] = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]
WHOLE = [example for example in EXAMPLES if "kind" in example]
LISTING_PARTS = [example for example in EXAMPLES if "fields" in example and "kind" not in example]


@pytest.mark.parametrize("example", WHOLE, ids=lambda example: str(example["kind"]))
def test_every_whole_example_is_a_valid_source(example: dict[str, Any]) -> None:
    source = Source.model_validate({"name": "an_example", **example})
    assert check_selectors(source) == []


def test_every_kind_has_an_example() -> None:
    assert {example["kind"] for example in WHOLE} == {
        "listings",
        "newsroom",
        "telegram_preview",
        "telegram_export",
        "notices",
        "documents",
    }


@pytest.mark.parametrize("part", LISTING_PARTS)
def test_every_part_of_a_listing_example_is_valid(part: dict[str, Any]) -> None:
    section = {"item": "li", **part, "fields": {"text": "p", **part["fields"]}}
    source = Source.model_validate(
        {"name": "an_example", "kind": "listings", "start": ["https://a.example/"], "listings": section}
    )
    assert check_selectors(source) == []


def test_the_operation_example_is_valid() -> None:
    (operation,) = (example for example in EXAMPLES if "crime_areas" in example)
    assert Operation.model_validate(operation).sources == ("casa_trabajo", "anuncios")


@pytest.mark.parametrize(
    "model",
    [
        Source,
        Politeness,
        Scope,
        Expected,
        FieldRule,
        ListingFields,
        Listings,
        Newsroom,
        DocumentFields,
        Notices,
        Documents,
    ],
)
def test_the_guide_names_every_field(model: type[BaseModel]) -> None:
    missing = [name for name in model.model_fields if not re.search(rf"\b{name}\b", GUIDE)]
    assert missing == []


def test_the_guide_names_the_advisory_rules() -> None:
    assert all(rule in GUIDE for rule in ADVISORY_RULES)

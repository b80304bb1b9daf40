"""One invented text per trap and language: what must be read, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from assets.statistics.extract import extract_operations

TRAPS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "traps.yaml").read_text("utf-8"))


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: f"{trap['trap']}-{trap['lang']}")
def test_a_trap_is_read_as_a_reader_would(trap: dict[str, Any]) -> None:
    result = extract_operations(trap["text"], doc_id="x", published=trap.get("published"))
    operations = result["operations"]
    told = [(operation["role"], metric) for operation in operations for metric in operation["metrics"]]
    expected = {tuple(figure[:2]) for figure in trap["figures"]}
    assert result["lang"] == trap["lang"]
    assert {(metric["metric"], metric["value"]) for _, metric in told} == expected
    by_figure = {(metric["metric"], metric["value"]): metric for _, metric in told}
    for metric, value, unit, *country in (figure for figure in trap["figures"] if len(figure) > 2):
        assert by_figure[metric, value]["unit"] == unit
        assert not country or by_figure[metric, value]["country"] == country[0]
    for value, subset in trap.get("subsets", {}).items():
        assert [metric["subset"] for _, metric in told if metric["value"] == value] == [subset]
    for value, role in trap.get("roles", {}).items():
        assert [found for found, metric in told if metric["value"] == value] == [role]
    if "start" in trap:
        assert operations[0]["start"] == trap["start"]
    if "countries" in trap:
        assert sorted(operations[0]["countries"]) == sorted(trap["countries"])
    if "names" in trap:
        assert [operation["name"] for operation in operations] == trap["names"]


def test_a_whole_has_no_subset_and_is_told_once() -> None:
    text = "Police rescued 58 victims, including 12 minors. In all, 58 victims were rescued."
    metrics = extract_operations(text, doc_id="x", lang="en")["operations"][0]["metrics"]
    assert [(metric["value"], metric["subset"]) for metric in metrics] == [(58, None), (12, "minors")]

"""Real releases, where they are at hand: a folder of them, and the same served as a newsroom over HTTP.

The texts stay outside the repository; the tests are skipped without them.
"""

import html
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.commands.run import EXIT_PASSED, run
from pipelines.settings import load_settings
from tests.pipelines.conftest import SmallWeb
from warehouse.connections import connect_snapshot

RELEASES = Path(__file__).parents[3] / "shared" / "press_releases"
TEXTS = sorted((RELEASES / "texts").glob("*.txt")) if RELEASES.is_dir() else []

pytestmark = pytest.mark.skipif(not TEXTS, reason="the shared press releases are not beside the repository")


def figures(home: Path, source: str) -> set[tuple[str, float]]:
    """(metric, value) of all figures that a source's documents state."""
    with connect_snapshot(home) as connection:
        rows = connection.execute(
            "SELECT DISTINCT metric, value FROM operation_metrics WHERE source = ?", [source]
        ).fetchall()
    return {(str(metric), float(value)) for metric, value in rows}


def true_figures() -> set[tuple[str, float]]:
    """(metric, value) of the gold."""
    return {
        (metric["metric"], float(metric["value"]))
        for file in (RELEASES / "gold").glob("*.json")
        for operation in json.loads(file.read_text(encoding="utf-8"))["operations"]
        for metric in operation["metrics"]
        if metric["metric"] != "context" and metric["value"] is not None
    }


def f1(found: set[tuple[str, float]], true: set[tuple[str, float]]) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * len(found & true) / (len(found) + len(true))


def page(text: str) -> str:
    """A release as an article page, the way a newsroom would show it."""
    lines = [line.strip() for line in text.splitlines()]
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines[3:] if line)
    return (
        f"<html><head><meta property='article:published_time' content='{lines[2]}'></head><body>"
        f"<nav><a href='/'>News</a></nav><article>{body}</article><footer>Contact</footer></body></html>"
    )


@pytest.mark.slow
def test_releases_in_a_folder_and_over_http_become_operations_and_figures(
    home: Path, small_web: SmallWeb, describe: Callable[..., None]
):
    links = "".join(f"<li><a class='story' href='/news/{file.stem}'>{file.stem}</a></li>" for file in TEXTS)
    small_web.instead["/newsroom"] = f"<html><body><ul>{links}</ul></body></html>"
    for file in TEXTS:
        small_web.instead[f"/news/{file.stem}"] = page(file.read_text(encoding="utf-8"))
    describe(
        releases={
            "kind": "documents",
            "path": str(RELEASES / "texts"),
            "expected": {"min_items": len(TEXTS)},
        },
        newsroom={
            "kind": "newsroom",
            "start": [f"{small_web.address}/newsroom"],
            "politeness": {"delay_seconds": 0},
            "expected": {"min_items": len(TEXTS)},
            "newsroom": {"article_link": "a.story"},
        },
    )
    # Each source in a run of its own: told by both, a figure would keep one document only.
    for source in ("releases", "newsroom"):
        own = home / source
        settings = load_settings(home=own)
        assert run(settings, "daily", (source,), None) == EXIT_PASSED
        with connect_snapshot(own) as connection:
            row = connection.execute("SELECT count(*) FROM operations WHERE origin = 'published'").fetchone()
        assert row is not None
        assert row[0] >= 20
        assert f1(figures(own, source), true_figures()) > 0.5


def test_the_scorer_gives_more_than_half(tmp_path: Path):
    command = [sys.executable, "-m", "pipelines.cli", "extract", "statistics", *map(str, TEXTS)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    predictions = tmp_path / "predictions.jsonl"
    predictions.write_text(lines, encoding="utf-8")
    score = [sys.executable, str(RELEASES / "score.py"), str(RELEASES / "gold"), str(predictions)]
    assert float(subprocess.run(score, check=True, capture_output=True, text=True).stdout.split()[-1]) > 0.5

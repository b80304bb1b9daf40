"""Dagster's pages in a real browser, started as `make ui` starts them, over a home in which a check has failed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.pipelines.conftest import OFFERS, offers_source, serving
from warehouse.connections import connect_snapshot

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]

ROOT = Path(__file__).parents[2]
START_SECONDS = 180.0
RUN_SECONDS = 420.0
PAGE_MILLISECONDS = 90_000
RELEASE = """Operation Grey Heron ends with 42 arrests

Police of Spain and Portugal arrested 42 suspects in Operation Grey Heron from 2 to 6 March 2026.
"""
STAGES = ("capture", "parsing", "extraction", "linking", "detection", "statistics", "publishing")


def chromium() -> str:
    """The browser's path; skips the test where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path is not None:
            return path
    pytest.skip("no Chromium on this machine: apt-get install chromium")


@dataclass(frozen=True)
class Ui:
    """A running Dagster: its address, its home, and the paths that its sources were asked for."""

    address: str
    home: Path

    def ask(self, query: str, **variables: object) -> Any:
        """One GraphQL query's data."""
        request = urllib.request.Request(
            f"{self.address}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
        assert "errors" not in said, said
        return said["data"]

    def finished_run(self, tag: str, value: str) -> dict[str, Any]:
        """The first run with this tag, once it has ended."""
        query = """query Runs($filter: RunsFilter!) { runsOrError(filter: $filter) {
            ... on Runs { results { runId status tags { key value } } } } }"""
        deadline = time.monotonic() + RUN_SECONDS
        runs: list[dict[str, Any]] = []
        while time.monotonic() < deadline:
            found = self.ask(query, filter={"tags": [{"key": tag, "value": value}]})
            runs = found["runsOrError"]["results"]
            if runs and runs[-1]["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                return runs[-1]
            time.sleep(2)
        pytest.fail(f"no run with {tag}={value} has ended: {[run['status'] for run in runs]}")

    def log_of(self, run_id: str) -> list[str]:
        """What the stages of a run said at level INFO or above."""
        query = """query Log($run: ID!) { logsForRun(runId: $run, limit: 3000) { ... on EventConnection {
            events { __typename ... on MessageEvent { message level } } } } }"""
        events = self.ask(query, run=run_id)["logsForRun"]["events"]
        return [event["message"] for event in events if event["__typename"] == "LogMessageEvent"]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    """A home after one run with a source whose layout changed, and Dagster over it."""
    chromium()
    folder = tmp_path_factory.mktemp("ui")
    home, sources = folder / "home", folder / "sources"
    sources.mkdir()
    with serving() as web, socket.socket() as free:
        web.instead["/changed/"] = "<ul><li class='new'>Another layout</li></ul>"
        described = {**offers_source(web.address), "description": "Offers of help, by town"}
        (sources / "offers.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
        broken = offers_source(f"{web.address}/changed")
        (sources / "changed.yaml").write_text(yaml.safe_dump(broken), encoding="utf-8")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("STORMLANTERN_", "DAGSTER_"))}
        environment = {
            **kept,
            "STORMLANTERN_HOME": str(home),
            "STORMLANTERN_SOURCES": str(sources),
            "STORMLANTERN_ALLOW_LOOPBACK": "true",
            "STORMLANTERN_SCHEDULE_CRON": "* * * * *",
        }
        command = [sys.executable, "-c", "from pipelines.cli import main; main()", "run"]
        first = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert first.returncode == 3, first.stderr
        instance = subprocess.run(
            [sys.executable, "-m", "pipelines.instance"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        log = (folder / "dagster.log").open("wb")
        server = subprocess.Popen(
            [
                *("env", "--default-signal=INT,TERM,HUP", str(Path(sys.executable).with_name("dagster"))),
                *("dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)),
            ],
            cwd=ROOT,
            env={**environment, "DAGSTER_HOME": instance.stdout.strip()},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            running = Ui(f"http://127.0.0.1:{port}", home)
            _wait_until_it_answers(running, server)
            yield running
        finally:
            _end(server)
            log.close()


def _wait_until_it_answers(ui: Ui, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert server.poll() is None, "dagster dev has ended"
        try:
            with urllib.request.urlopen(f"{ui.address}/server_info", timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "dagster dev does not answer"
            time.sleep(0.5)


def _end(server: "subprocess.Popen[bytes]") -> None:
    """End Dagster as Ctrl-C does, then whatever of its own session is left."""
    os.killpg(server.pid, signal.SIGINT)
    try:
        server.wait(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def page(ui: Ui) -> Iterator[Any]:
    """One page of a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
                *("--disable-background-networking", "--disable-component-update"),
            ],
        )
        opened = browser.new_page(viewport={"width": 1600, "height": 1000})
        opened.set_default_timeout(PAGE_MILLISECONDS)
        yield opened
        browser.close()


@pytest.fixture
def see(ui: Ui, page: Any, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """`see("/path", "words", …)`: open a page, wait for all the words, take a picture of it."""

    def look(path: str, *words: str) -> Any:
        page.goto(ui.address + path, wait_until="domcontentloaded")
        expect(*words)
        return page

    def expect(*words: str) -> None:
        for word in words:
            page.get_by_text(word).first.wait_for()
        assert page.locator("[role=dialog]").count() == 0
        pictures = Path(os.environ.get("STORMLANTERN_SCREENSHOTS", tmp_path))
        pictures.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(1_500)
        taken = len(list(pictures.glob(f"{request.node.name}*.png")))
        page.screenshot(path=pictures / f"{request.node.name}-{taken + 1}.png")

    look.expect = expect  # type: ignore[attr-defined]
    return look


def test_the_graph_shows_sources_by_kind_and_the_stages_in_order(see: Callable[..., Any]):
    page = see("/asset-groups", "Global asset lineage", "sources_listings", *STAGES)
    shown = page.locator("body").inner_text()
    assert "error" not in shown.lower()


def test_the_failed_check_of_a_source_says_why(see: Callable[..., Any]):
    page = see(
        "/assets/capture/changed?view=checks&checkDetail=brought_what_was_expected",
        "Failed",
        "The unit brought at least the fewest",
        "layout may have changed",
    )
    assert "0 items from" in page.locator("body").inner_text()


def test_a_source_is_shown_by_day_with_freshness(see: Callable[..., Any]):
    today = datetime.now(UTC).date()
    page = see("/assets/capture/offers?view=partitions", today.isoformat(), "Materialized (1)")
    assert str(today - timedelta(days=1)) in page.locator("body").inner_text()
    see("/assets/capture/offers?view=overview", "Offers of help, by town", "Freshness policy", "Passing")


def test_a_table_shows_its_columns_and_its_rows(see: Callable[..., Any]):
    page = see("/assets/listings?view=overview", "Row count", "posted_at", "Columns")
    shown = page.locator("body").inner_text()
    assert f"Row count\n{OFFERS}" in shown
    page = see("/assets/leads?view=overview", "Hypotheses for a human to review", "lead_id", "Row count")
    assert "First 24 hex digits" in page.locator("body").inner_text()


def test_the_schedule_switched_on_in_the_browser_starts_a_run_that_succeeds(ui: Ui, see: Callable[..., Any]):
    path = "/locations/stormlantern/schedules/every_day"
    page = see(path, "Captures all sources of the operation", "Every minute")
    switch = page.locator("input[type=checkbox]").first
    switch.dispatch_event("click")
    page.get_by_text("1 run requested").first.wait_for(timeout=180_000)
    switch.dispatch_event("click")
    run = ui.finished_run("dagster/schedule_name", "every_day")
    assert run["status"] == "SUCCESS"
    tags = {tag["key"]: tag["value"] for tag in run["tags"]}
    assert tags["dagster/partition"] == datetime.now(UTC).date().isoformat()
    see.expect("1 run requested")  # type: ignore[attr-defined]
    said = ui.log_of(run["runId"])
    assert any(line.startswith("captured 4 pages") for line in said), said
    assert any(line.startswith("published snapshot") for line in said), said
    with connect_snapshot(ui.home) as connection:
        assert connection.execute("SELECT count(*) FROM snapshots").fetchone() == (2,)
    see(f"/runs/{run['runId']}", "Success", "Finished execution of run")


def test_a_file_in_the_inbox_starts_a_run_that_reads_it(ui: Ui, see: Callable[..., Any]):
    path = "/locations/stormlantern/sensors/inbox_arrivals"
    page = see(path, "Starts a run when a document is dropped", "inbox")
    (ui.home / "inbox" / "heron.txt").write_text(RELEASE, encoding="utf-8")
    page.locator("input[type=checkbox]").first.dispatch_event("click")
    run = ui.finished_run("dagster/sensor_name", "inbox_arrivals")
    assert run["status"] == "SUCCESS"
    see(path, "1 run requested")
    with connect_snapshot(ui.home) as connection:
        arrests = "SELECT max(value) FROM operation_metrics WHERE metric = 'arrests'"
        assert connection.execute(arrests).fetchone() == (42,)
        assert connection.execute("SELECT count(*) FROM listings").fetchone() == (OFFERS,)

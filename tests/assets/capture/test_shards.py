"""A crawl on several processes brings what a crawl on one brings, and asks every host from one of them only."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.capture.crawling import crawl
from assets.capture.policy import CapturePolicy
from assets.capture.rows import capture_schema
from assets.capture.shards import ShardError, shard
from assets.capture.source import Source
from assets.capture.unit_run import Unit
from tests.assets.capture.loopback import LoopbackWeb
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)
ROOT = Path(__file__).parents[3]
HOSTS = [f"{name}.test" for name in "abcdefgh"]


def board(name: str, *hosts: str, delay: float = 0.0) -> Unit:
    """A listing site on some hosts, begun on the first that is no wildcard."""
    start = next(host for host in hosts if not host.startswith("*"))
    return Unit(
        Source.model_validate(
            {
                "name": name,
                "kind": "listings",
                "start": [f"http://{start}/0"],
                "scope": {"hosts": list(hosts)},
                "politeness": {"delay_seconds": delay},
                "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
            }
        ),
        DAY,
    )


def site(host: str, pages: int) -> dict[str, object]:
    """A chain of pages, each with links to the two that follow."""
    return {
        f"{host}/{number}": f"<p>{host} {number}</p>"
        + "".join(f"<a href='/{n}'>n</a>" for n in (number + 1, number + 2) if n < pages)
        for number in range(pages)
    }


@pytest.fixture
def web() -> LoopbackWeb:
    pages: dict[str, object] = {}
    for host in HOSTS:
        pages |= site(host, 40)
    return LoopbackWeb(pages)


def names(shards: list[list[Unit]]) -> list[set[str]]:
    return [{unit.source.name for unit in group} for group in shards]


def test_units_that_may_meet_on_a_host_share_a_process() -> None:
    units = [
        board("one", "a.test", "b.test"),
        board("two", "b.test"),
        board("three", "www.c.test"),
        board("four", "c.test"),
        board("five", "d.test", "*.e.test"),
        board("six", "sub.e.test"),
        board("seven", "note.test"),
        board("eight", "f.test"),
    ]
    shards = names(shard(units, 2))
    assert sorted(map(len, shards)) == [4, 4]
    for together in ({"one", "two"}, {"three", "four"}, {"five", "six"}):
        assert any(together <= group for group in shards), together
    assert names(shard(units[:2], 4)) == [{"one", "two"}]


def captures(store: PartStore) -> Counter[tuple[str, str]]:
    """How often each page of each source is in the captures with its body."""
    frame = store.scan("captures", capture_schema()).filter(pl.col("body").is_not_null())
    return Counter(frame.select("source", "request_url").collect().rows())


def test_two_processes_bring_what_one_brings(
    web: LoopbackWeb, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    documents = tmp_path / "in"
    documents.mkdir()
    (documents / "report.txt").write_text("a report")
    folder = Source.model_validate({"name": "folder", "kind": "documents", "path": str(documents)})
    with web:
        units = [*(board(f"board_{host[0]}", host) for host in HOSTS), Unit(folder, DAY)]
        found = {}
        for processes in (1, 2):
            store = PartStore(tmp_path / str(processes))
            heard: list[int] = []
            outcomes = crawl(
                units,
                store,
                web.policy(*HOSTS, processes=processes, part_rows=100),
                lambda progress, heard=heard: heard.append(progress.pages),  # type: ignore[misc]
            )
            assert [outcome.source for outcome in outcomes] == [unit.source.name for unit in units]
            assert {outcome.state for outcome in outcomes} == {"complete"}
            assert heard[-1] >= 8 * 40
            found[processes] = captures(store)
            assert not list((store.home / "landing").iterdir())
    assert found[1] == found[2]
    assert "Error" not in capfd.readouterr().err
    assert set(found[2].values()) == {1}
    assert len(found[2]) == 8 * 40 + 1
    # Each process asked for the robots.txt of its own hosts alone.
    robots = Counter(asked.host.partition(":")[0] for asked in web.asked if asked.path == "/robots.txt")
    assert robots == dict.fromkeys(HOSTS, 2)


def start(home: Path, port: int, run_id: str) -> "subprocess.Popen[str]":
    order = json.dumps({"home": str(home), "port": port, "hosts": HOSTS, "processes": 2, "run_id": run_id})
    return subprocess.Popen(
        [sys.executable, "-m", "tests.assets.capture.crawling_child", order],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def children_of(process: "subprocess.Popen[str]") -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return [int(number) for number in listed.stdout.split()]


def wait_for_pages(web: LoopbackWeb, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(web.paths()) < count:
        assert time.monotonic() < deadline, "the crawl does not go on"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["parent", "child"])
def test_a_killed_process_loses_nothing_and_leaves_no_crawler(
    web: LoopbackWeb, tmp_path: Path, victim: str
) -> None:
    pages = 4 * 40  # a source has two hosts; its second one is not linked to
    with web:
        crawler = start(tmp_path, web.port, "first")
        wait_for_pages(web, pages // 5)
        children = children_of(crawler)
        assert len(children) == 2
        os.kill(crawler.pid if victim == "parent" else children[0], signal.SIGKILL)
        told = crawler.communicate(timeout=60)[0]
        if victim == "child":
            assert "ended with status -9" in told
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < deadline, "a crawler outlived its parent"
            time.sleep(0.02)
        asked_before = len(web.paths())
        again = start(tmp_path, web.port, "second")
        told = again.communicate(timeout=90)[0]
        assert again.returncode == 0, told
    found = captures(PartStore(tmp_path))
    assert len(found) == pages
    assert set(found.values()) == {1}
    # Asked again: at most what one batch of a killed process (20 ms) and its requests under way held.
    assert asked_before < pages
    assert len(web.paths()) - pages <= 40


def test_a_child_that_cannot_write_says_why(web: LoopbackWeb, tmp_path: Path) -> None:
    with web:
        store = PartStore(tmp_path)
        policy = web.policy(*HOSTS, processes=2)
        (tmp_path / "landing").write_text("in the way")
        with pytest.raises((OSError, ShardError), match="landing"):
            crawl([board("board_a", "a.test"), board("board_b", "b.test")], store, policy)


def test_one_process_is_the_default() -> None:
    assert CapturePolicy().processes == 1

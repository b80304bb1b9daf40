"""What the fault tests share: a site on several hosts, runs of `crawling_child`, and the final inspection."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from assets.capture.custody import open_evidence, verify_custody
from assets.capture.rows import capture_schema
from tests.assets.capture.loopback import LoopbackWeb
from warehouse.parts import PART_FOLDERS, PartStore

HOSTS = ("a.test", "b.test", "c.test", "d.test")


def build_site(web: LoopbackWeb, pages_per_host: int, filler: int = 0) -> set[str]:
    """A tree of pages over pairs of hosts, bodies random enough not to shrink; returns every address."""
    every: set[str] = set()
    for first, second in zip(HOSTS[::2], HOSTS[1::2], strict=True):
        count = 2 * pages_per_host
        addresses = [f"{first if n % 2 == 0 else second}/{n}" for n in range(count)]
        for n, address in enumerate(addresses):
            children = [child for child in (2 * n + 1, 2 * n + 2) if child < count]
            links = "".join(f'<a href="http://{addresses[child]}">x</a>' for child in children)
            web.pages[address] = f"<p>{first} {n}</p>{links}<!--{os.urandom(filler // 2).hex()}-->"
        every.update(f"http://{address}" for address in addresses)
    return every


def start(
    web: LoopbackWeb, home: Path, *, before: Callable[[], None] | None = None, **order: Any
) -> "subprocess.Popen[str]":
    """Start a crawl of the site; `order` as `crawling_child` understands it, `before` runs first in the process."""
    root = Path(__file__).parents[3]
    told = {"home": str(home), "port": web.port, "hosts": HOSTS, **order}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.assets.capture.crawling_child", json.dumps(told)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )


def finish(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What a crawl that was not killed said at its end."""
    said, complaints = process.communicate(timeout=120)
    assert said.startswith("ready\n"), complaints
    told: dict[str, Any] = json.loads(said.removeprefix("ready\n"))
    return {**told, "status": process.returncode, "complaints": complaints}


def landed(home: Path) -> set[str]:
    """Every page whose answer is promised to be safe, by the manifest. Looks, changes nothing."""
    try:
        evidence = open_evidence(home)
    except FileNotFoundError:
        return set()
    with closing(evidence) as connection:
        tables = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master")}
        if "frontier" not in tables:
            return set()
        return {row["url"] for row in connection.execute("SELECT url FROM frontier WHERE state = 'done'")}


def asked_by_run(web: LoopbackWeb) -> dict[int, Counter[str]]:
    """Pages (robots.txt among them) that each run asked for, by the number in its user agent."""
    runs: dict[int, Counter[str]] = {}
    for asked in list(web.asked):
        number = int(asked.headers["user-agent"].rpartition("run-")[2])
        runs.setdefault(number, Counter())[f"http://{asked.host}{asked.path}"] += 1
    return runs


def check_home(home: Path, pages: set[str]) -> None:
    """Every page once in round 1, every digest right, nothing waiting, nothing beside the manifest."""
    report = verify_custody(home)
    assert report.intact, [str(difference) for difference in report.differences]
    assert (report.landed, report.unnamed, report.rows, report.bodies) == (0, 0, len(pages), len(pages))
    store = PartStore(home)
    recovery = store.recover()
    assert (recovery.temporary_removed, recovery.unmanifested_removed, recovery.missing) == (0, 0, ())
    rows = store.scan("captures", capture_schema()).collect()
    assert sorted(rows["url"]) == sorted(pages)
    assert rows["capture_id"].n_unique() == len(pages)
    assert set(rows["round"]) == {1}
    assert set(rows["outcome"]) == {"ok"}
    parts = store.parts("captures")
    on_disk = {
        file.relative_to(home).as_posix()
        for folder in PART_FOLDERS
        for file in (home / folder).rglob("*")
        if file.is_file()
    }
    assert on_disk == {part.path for part in parts}
    assert sum(part.rows for part in parts) == len(pages)
    connection = store.manifest.read()
    assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    states = connection.execute("SELECT state, count(*) FROM frontier GROUP BY state").fetchall()
    assert [tuple(row) for row in states] == [("done", len(pages))]
    assert {row[0] for row in connection.execute("SELECT state FROM rounds")} == {"complete"}

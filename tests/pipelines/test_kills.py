"""`kill -9` at random moments of `stormlantern run`, then the same command again until it ends."""

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
import yaml

from warehouse.connections import connect_snapshot
from warehouse.parts import CHAIN_GENESIS, PART_FOLDERS, PartStore, next_chain

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2_400)]

CAMPAIGNS = 2
KILLS_EACH = 5
SEED = 20_261_121
# Two sources are published before the kills begin, so that there is an old snapshot to read.
FIRST = ("demo_telegram_export", "demo_police_newsroom")
OPERATION = {
    "name": "Kill practice",
    "countries": ["ES"],
    "sources": [*FIRST, "demo_adult_directory", "demo_jobs_channel", "demo_wanted_notices"],
    "simulation": {"seed": 7, "size": "500"},
}
# Tables whose rows must not depend on where a run was cut off, and what identifies their rows.
SAME = {
    "listings": "item_id",
    "messages": "item_id",
    "documents": "item_id",
    "notices": "item_id",
    "mentions": "mention_id",
    "facts": "fact_id",
    "identifiers": "identifier_id",
    "actors": "actor_id",
    "leads": "lead_id, type, score",
    "operation_metrics": "metric, value",
    "screening_checks": "screening_check_id",
    "screening_hits": "screening_hit_id, score",
    "screening_counts": "screening_count_id, checks, hits",
    "surges": "site",
}
SECONDS = re.compile(r"^\s*(\d+\.\d)s [ !] (.*)$")


@dataclass
class Attempt:
    """One process of the command: its status, its lines, the seconds from its first to its last word."""

    status: int
    lines: list[tuple[float, str]] = field(default_factory=list)


def command(operation: Path, home: Path, *only: str) -> list[str]:
    """The command as a user gives it."""
    chosen = [word for name in only for word in ("--source", name)]
    words = ["run", "--operation", str(operation), "--home", str(home), *chosen]
    return [sys.executable, "-c", "from pipelines.cli import main; main()", *words]


def environment() -> dict[str, str]:
    """This process's environment without settings of the machine's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("STORMLANTERN_", "DAGSTER_"))}
    return {**kept, "PYTHONPATH": str(Path(__file__).parents[2])}


def attempt(words: list[str], kill_after: float | None = None) -> Attempt:
    """Run the command; kill it so many seconds after it has loaded its libraries and begun to work."""
    process = subprocess.Popen(
        words, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    made = Attempt(0)
    timer: threading.Timer | None = None
    for line in process.stderr:
        said = SECONDS.match(line)
        if said is None:
            continue
        made.lines.append((float(said[1]), said[2]))
        if len(made.lines) == 3 and kill_after is not None:
            timer = threading.Timer(kill_after, process.kill)
            timer.start()
    made.status = process.wait()
    if timer is not None:
        timer.cancel()
    return made


class Reader(threading.Thread):
    """An analyst who opens the newest snapshot all the time and notes whatever goes wrong."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.home = home
        self.reads = 0
        self.versions: set[str] = set()
        self.problems: list[str] = []
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Read until stopped."""
        while not self._stop_asked.wait(0.2):
            try:
                with connect_snapshot(self.home) as connection:
                    tables = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
                    items = connection.execute("SELECT count(*) FROM messages").fetchone()
                    version = connection.execute("SELECT max(version) FROM snapshots").fetchone()
                assert tables is not None
                assert items is not None
                assert version is not None
                if tables[0] < 20 or items[0] == 0:
                    self.problems.append(f"{tables[0]} tables, {items[0]} messages")
                self.versions.add(str(version[0]))
                self.reads += 1
            except (duckdb.Error, OSError, AssertionError) as error:
                self.problems.append(f"{type(error).__name__}: {error}")

    def stop(self) -> None:
        """End the thread."""
        self._stop_asked.set()
        self.join()


def servers_of(home: Path) -> set[int]:
    """Living processes that serve the simulated web of a home."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "simulation.serve" in words and any(str(home) in word for word in words):
            found.add(int(entry.name))
    return found


def gone(servers: set[int], home: Path, seconds: float = 60.0) -> bool:
    """Whether these servers end in time."""
    deadline = time.monotonic() + seconds
    while servers & servers_of(home):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def broken_parts(home: Path) -> list[str]:
    """What is wrong with the committed parts: absent, changed, or out of the chain of custody."""
    store = PartStore(home)
    connection = store.manifest.read()
    wrong = []
    for path, digest in connection.execute("SELECT path, sha256 FROM parts").fetchall():
        file = home / path
        if not file.is_file():
            wrong.append(f"{path} is absent")
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            wrong.append(f"{path} differs from its digest")
    link = CHAIN_GENESIS
    for part in store.parts("captures"):
        link = next_chain(link, part.sha256)
        if link != part.chain:
            wrong.append(f"{part.path} is out of the chain")
    store.manifest.close()
    return wrong


def leftovers(home: Path) -> list[str]:
    """Files that nothing names: parts without a row, temporary files of any kind."""
    store = PartStore(home)
    named = {row[0] for row in store.manifest.read().execute("SELECT path FROM parts")}
    store.manifest.close()
    found = [
        name
        for folder in PART_FOLDERS
        for file in (home / folder).rglob("*")
        if file.is_file() and (name := file.relative_to(home).as_posix()) not in named
    ]
    places = [home, home / "warehouse", home / "restricted", home / "reports", home / "simulation"]
    return found + [
        file.relative_to(home).as_posix()
        for place in places
        for pattern in ("*.tmp", ".*.tmp", "*.part", "*.wal")
        for file in place.glob(pattern)
    ]


def has_ended(home: Path, made: Attempt) -> bool:
    """Whether a killed process had finished its run, so that only its summary was cut off."""
    store = PartStore(home)
    under_way = store.manifest.read().execute("SELECT count(*) FROM under_way").fetchone()[0]
    store.manifest.close()
    return under_way == 0 and made.lines[-1][1].startswith(("published snapshot", "nothing new"))


def captured(home: Path) -> Counter[tuple[str, int, str]]:
    """How often each address of each round of each source was captured."""
    store = PartStore(home)
    schema = {"source": pl.String(), "round": pl.Int32(), "request_url": pl.String()}
    rows = store.scan("captures", schema).collect().rows()
    waiting = store.manifest.read().execute("SELECT count(*) FROM landed").fetchone()[0]
    store.manifest.close()
    assert waiting == 0
    return Counter(rows)


def published(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows, by their keys, of the tables that must not depend on kills."""
    with connect_snapshot(home) as connection:
        found = {}
        for table, keys in SAME.items():
            columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
            wanted = [name for name in keys.split(", ") if name in columns]
            found[table] = sorted(
                connection.execute(f"SELECT {', '.join(wanted)} FROM {table}").fetchall(), key=repr
            )
    return found


@pytest.fixture(scope="module")
def operation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operation's file, outside the repository."""
    file = tmp_path_factory.mktemp("operation") / "kill_practice.yaml"
    file.write_text(yaml.safe_dump(OPERATION), encoding="utf-8")
    return file


def test_ten_kills_lose_nothing_repeat_nothing_and_disturb_no_reader(operation: Path, tmp_path: Path):
    now = datetime.now(UTC)
    if now.date() != (now + timedelta(minutes=20)).date():
        pytest.skip("the day (UTC) is about to end: a run gone on with tomorrow is another unit")
    generator = random.Random(SEED)
    begun, undisturbed = tmp_path / "begun", tmp_path / "undisturbed"
    assert attempt(command(operation, begun, *FIRST)).status in (0, 3)
    shutil.copytree(begun, undisturbed, symlinks=True)
    whole = attempt(command(operation, undisturbed))
    assert whole.status in (0, 3)
    seconds = whole.lines[-1][0] - whole.lines[2][0]
    wanted_captures, wanted_rows = captured(undisturbed), published(undisturbed)
    assert set(wanted_captures.values()) == {1}

    moments: list[str] = []
    for campaign in range(CAMPAIGNS):
        home = tmp_path / f"killed_{campaign}"
        shutil.copytree(begun, home, symlinks=True)
        reader = Reader(home)
        reader.start()
        orphans: set[int] = set()
        for kill in range(KILLS_EACH):
            # The crawl is the beginning of a run; once it is complete, no later run of this home crawls again.
            share = 0.3 if kill < 2 else 0.9
            made = attempt(command(operation, home), generator.uniform(0.0, share * seconds))
            if made.status != -signal.SIGKILL or has_ended(home, made):
                break
            moments.append(f"{campaign}: {made.lines[-1][1]}")
            orphans |= servers_of(home)
            assert broken_parts(home) == [], moments
        else:
            made = attempt(command(operation, home))
        reader.stop()
        assert made.status in (whole.status, -signal.SIGKILL), (moments, made.lines)
        assert reader.problems == []
        assert reader.reads > 0
        assert reader.versions
        assert broken_parts(home) == []
        assert leftovers(home) == []
        assert captured(home) == wanted_captures, moments
        for table, rows in published(home).items():
            assert rows == wanted_rows[table], (table, moments)
        assert gone(orphans | servers_of(home), home)
    assert len(moments) >= CAMPAIGNS * 3, moments

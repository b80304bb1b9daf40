"""A disk that fills up during a crawl: the crawl stops and says so, and goes on once there is room."""

import errno
import itertools
import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assets.capture.crawling import crawl
from assets.capture.custody import verify_custody
from assets.capture.frontier import Frontier
from assets.capture.unit_run import Unit
from tests.assets.capture.campaign import HOSTS, asked_by_run, build_site, check_home, finish, landed, start
from tests.assets.capture.crawling_child import DAY, sources
from tests.assets.capture.loopback import LoopbackWeb
from warehouse.manifest import Manifest
from warehouse.parts import PartStore

DISK_MB = 48
FULL = ("No space left on device", "database or disk is full", "disk I/O error", "File too large")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a small file system (tmpfs)")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def leave(disk: Path, free: int) -> None:
    """Fill the disk with ballast until `free` bytes are left."""
    room = os.statvfs(disk)
    with (disk / "ballast").open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, room.f_bavail * room.f_bsize - free)


@pytest.mark.slow
@pytest.mark.parametrize("free_kb", [0, 60, 250, 700, 1_600, 3_000, 5_000])
def test_a_full_disk_stops_the_crawl_and_room_lets_it_go_on(
    web: LoopbackWeb, disk: Path, free_kb: int
) -> None:
    pages = build_site(web, 100, filler=16_000)
    home = disk / "home"
    leave(disk, free_kb * 1024)
    # The second run finds the disk as full as the first left it.
    for run in range(2):
        told = finish(start(web, home, run=run))
        assert told["status"] == 1, told
        assert any(words in told["error"] for words in FULL), told
        assert "/" not in told["error"].partition(":")[2].replace("I/O", ""), (
            "addresses have no place in the error"
        )
    (disk / "ballast").unlink()
    safe = landed(home)
    assert len(safe) < len(pages)
    if (home / "manifest.db").exists() and safe:
        assert verify_custody(home).intact
    last = finish(start(web, home, run=2))
    assert last["status"] == 0, last
    assert {outcome["state"] for outcome in last["outcomes"]} == {"complete"}
    assert not asked_by_run(web)[2].keys() & safe
    check_home(home, pages)


@pytest.mark.slow
@pytest.mark.parametrize("limit_kb", [100, 400, 1_500])
def test_files_that_may_not_grow_stop_the_crawl(web: LoopbackWeb, tmp_path: Path, limit_kb: int) -> None:
    pages = build_site(web, 60, filler=16_000)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb * 1024, resource.RLIM_INFINITY))

    told = finish(start(web, tmp_path, run=0, before=limit))
    assert told["status"] == 1, told
    assert any(words in told["error"] for words in FULL), told
    safe = landed(tmp_path)
    last = finish(start(web, tmp_path, run=1))
    assert last["status"] == 0, last
    assert not asked_by_run(web)[1].keys() & safe
    check_home(tmp_path, pages)


def fill_at(patch: pytest.MonkeyPatch, where: str, moment: int) -> None:
    """Let the disk be full at the `moment`-th call of a function, or when the manifest has grown by half as much."""
    if where == "sqlite":
        connect = Manifest._connection
        limits: list[int] = []

        def small(self: Manifest) -> sqlite3.Connection:
            connection = connect(self)
            # SQLite's own limit fails in the same way as a full disk.
            if not limits:
                limits.append(connection.execute("PRAGMA page_count").fetchone()[0] + moment // 2)
            connection.execute(f"PRAGMA max_page_count={limits[0]}")
            return connection

        patch.setattr(Manifest, "_connection", small)
        return
    owner: Any = os if where == "fsync" else Path
    original = getattr(owner, where)
    calls = itertools.count(1)

    def call(*values: object) -> object:
        if next(calls) == moment:
            raise OSError(errno.ENOSPC, "No space left on device")
        return original(*values)

    patch.setattr(owner, where, call)


@pytest.mark.parametrize("where", ["sqlite", "fsync", "rename"])
@pytest.mark.parametrize("moment", [1, 2, 4])
def test_a_write_that_fails_at_any_moment_is_said_and_mended(
    web: LoopbackWeb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, moment: int
) -> None:
    pages = build_site(web, 8, filler=2_000)
    policy = web.policy(*HOSTS, part_rows=5, landing_seconds=0.01)
    units = [Unit(source, DAY) for source in sources(list(HOSTS))]
    store = PartStore(tmp_path)
    Frontier(store)
    store.manifest.close()
    with monkeypatch.context() as patch:
        fill_at(patch, where, moment)
        with pytest.raises((OSError, sqlite3.OperationalError), match="|".join(FULL)):
            crawl(units, store, policy)
    assert verify_custody(tmp_path).intact
    store = PartStore(tmp_path)
    safe = landed(tmp_path)
    asked = len(web.asked)
    outcomes = crawl(units, store, policy)
    assert {outcome.state for outcome in outcomes} == {"complete"}
    assert not {f"http://{a.host}{a.path}" for a in web.asked[asked:]} & safe
    store.recover()
    check_home(tmp_path, pages)

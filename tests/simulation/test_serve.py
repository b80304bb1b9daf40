"""The server as a process: what it announces, how it answers, that it ends."""

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulation.serve import EXPORT_SOURCE
from simulation.truth import load_truth

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    folder: Path
    address: str

    def get(self, host: str, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        connection.request("GET", path, headers={"Host": host, **headers})
        return connection.getresponse()


def _start(folder: Path) -> Running:
    names = {
        "--truth": "truth.json",
        "--access-log": "access.log",
        "--export-folder": "export",
        "--ready": "ready.json",
    }
    options = [part for name, file in names.items() for part in (name, str(folder / file))]
    process = subprocess.Popen(
        [sys.executable, "-m", "simulation.serve", "--size", "small", "--anchor", "2026-11-20", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    announced = json.loads(process.stdout.readline())
    assert announced == json.loads((folder / "ready.json").read_text())
    assert announced["folders"][EXPORT_SOURCE] == str((folder / "export").resolve())
    addresses = set(announced["hosts"].values())
    assert len(addresses) == 1
    return Running(process, folder, addresses.pop())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    started = _start(tmp_path_factory.mktemp("web"))
    yield started
    assert started.process.stdin is not None
    started.process.stdin.close()
    started.process.wait(timeout=10)


def test_pages_come_with_validators_and_answer_304(running: Running) -> None:
    first = running.get("www.lunaguide.test", "/madrid/?page=2")
    assert first.status == 200
    tag, modified = first.getheader("ETag"), first.getheader("Last-Modified")
    assert tag
    assert modified
    assert running.get("www.lunaguide.test", "/madrid/?page=2", **{"If-None-Match": tag}).status == 304
    assert (
        running.get("www.lunaguide.test", "/madrid/?page=2", **{"If-Modified-Since": modified}).status == 304
    )
    assert running.get("www.lunaguide.test", "/madrid/?page=2", **{"If-None-Match": '"other"'}).status == 200


def test_compression_is_given_to_who_asks(running: Running) -> None:
    plain = running.get("www.lunaguide.test", "/lisboa/")
    if plain.status == 429:
        plain = running.get("www.lunaguide.test", "/lisboa/")
    assert plain.getheader("Content-Encoding") is None
    packed = running.get("www.lunaguide.test", "/lisboa/", **{"Accept-Encoding": "gzip"})
    assert packed.getheader("Content-Encoding") == "gzip"
    assert len(packed.read()) < len(plain.read()) / 2


def test_a_channel_is_away_once_and_then_answers(running: Running) -> None:
    away = running.get("telegram.test", "/s/citycontacts")
    assert away.status == 503
    assert away.getheader("Retry-After") == "1"
    assert running.get("telegram.test", "/s/citycontacts").status == 200


def test_redirects_chain_and_loop(running: Running) -> None:
    chain = [running.get("www.nordsudjobs.test", f"/r/{step}") for step in (1, 2, 3)]
    assert [answer.status for answer in chain] == [302, 307, 308]
    assert running.get("www.nordsudjobs.test", (chain[2].getheader("Location") or "")).status in (
        200,
        429,
        500,
    )
    assert running.get("www.nordsudjobs.test", "/loop/a").getheader("Location") == "/loop/b"
    assert running.get("www.nordsudjobs.test", "/loop/b").getheader("Location") == "/loop/a"


def test_a_huge_body_streams_on_and_a_damaged_one_stops_short(running: Running) -> None:
    huge = running.get("www.nordsudjobs.test", "/files/catalogue")
    assert huge.getheader("Content-Length") is None
    assert len(huge.read(3_000_000)) == 3_000_000
    huge.close()
    damaged = running.get("www.nordsudjobs.test", "/archive/damaged")
    assert damaged.getheader("Content-Encoding") == "gzip"


def test_a_slow_page_trickles(running: Running) -> None:
    started = time.monotonic()
    assert running.get("casahelp.test", "/region/de?page=2").read()
    assert time.monotonic() - started > 1.0


def test_an_unknown_host_or_page_is_not_found(running: Running) -> None:
    assert running.get("elsewhere.test", "/").status == 404
    assert running.get("casahelp.test", "/nothing").status == 404


def test_requests_are_logged_and_the_truth_is_written(running: Running) -> None:
    running.get("notices.test", "/notices/v1/red?page=2")
    time.sleep(0.6)
    logged = [json.loads(line) for line in (running.folder / "access.log").read_text().splitlines()]
    assert {"host": "notices.test", "path": "/notices/v1/red?page=2", "status": 200}.items() <= logged[
        -1
    ].items()
    assert len(load_truth(running.folder / "truth.json").items) > 1_500


@pytest.mark.parametrize("way", ["stdin", "signal"])
def test_it_ends_when_its_input_closes_or_on_a_signal(tmp_path: Path, way: str) -> None:
    started = _start(tmp_path)
    assert started.process.stdin is not None
    if way == "stdin":
        started.process.stdin.close()
    else:
        started.process.send_signal(signal.SIGTERM)
    assert started.process.wait(timeout=5) == 0

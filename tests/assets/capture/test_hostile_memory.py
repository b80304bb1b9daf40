"""Hosts that try to fill the memory, all at once, against a crawler of its own process: it stays below 300 MB."""

import asyncio
import gzip
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import brotli
import pytest
from backports import zstd

from tests.assets.capture.loopback import Asked, LoopbackWeb, response

LIMIT_MB = 300
ZEROS = b"\0" * 100_000_000

CRAWLER = textwrap.dedent(
    """
    import sys
    from datetime import date
    from pathlib import Path
    from assets.capture.engine import crawl
    from assets.capture.policy import CapturePolicy
    from assets.capture.source import Source
    from assets.capture.unit_run import Unit
    from warehouse.parts import PartStore

    home, port, paths = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    units = [
        Unit(Source.model_validate({
            "name": f"board_{n}", "kind": "listings", "start": [f"http://h{n}.test{path}"],
            "politeness": {"delay_seconds": 0, "max_retries": 0},
            "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
        }), date(2026, 3, 1))
        for n, path in enumerate(paths)
    ]
    hosts = {f"h{n}.test": f"127.0.0.1:{port}" for n in range(len(paths))}
    policy = CapturePolicy(allow_loopback=True, resolve=hosts, total_deadline_seconds=20)
    outcomes = crawl(units, PartStore(home), policy)
    print(len(outcomes), sum(outcome.captured + outcome.errors for outcome in outcomes))
    """
)


async def endless(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"y" * 65_536)
        await writer.drain()


async def endless_header(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + b"z" * 8_000 + b"\r\n")
        await writer.drain()


@pytest.mark.slow
def test_memory_stays_below_300_megabytes(web: LoopbackWeb, tmp_path: Path) -> None:
    compressors = {
        "gzip": lambda data: gzip.compress(data, 1),
        "br": lambda data: brotli.compress(data, quality=1),
        "zstd": zstd.compress,
    }
    bombs = {
        name: response(pack(ZEROS), headers={"Content-Encoding": name}) for name, pack in compressors.items()
    }
    twice = response(gzip.compress(gzip.compress(ZEROS, 1), 1), headers={"Content-Encoding": "gzip, gzip"})
    nested = response(b"<div>" * 1_000_000)
    pages = {**{f"/{name}": page for name, page in bombs.items()}, "/twice": twice, "/nested": nested}
    web.pages.update({**pages, "/endless": endless, "/header": endless_header})
    web.pages["/big"] = response(b"<p>" + b"a" * 15_000_000)
    paths = ["/gzip", "/br", "/zstd", "/twice", "/nested", "/endless", "/header", "/big"] * 3
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWLER, str(tmp_path), str(web.port), *paths],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read().split()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert said == [str(len(paths)), str(len(paths))]
    assert usage.ru_maxrss / 1024 < LIMIT_MB

"""Hosts that try to fill the memory of a crawler, which is a process of its own: each keeps it below 300 MB."""

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
    from assets.capture.crawling import crawl
    from assets.capture.policy import CapturePolicy
    from assets.capture.source import Source
    from assets.capture.unit_run import Unit
    from warehouse.parts import PartStore

    home, port = Path(sys.argv[1]), sys.argv[2]
    source = Source.model_validate({
        "name": "board", "kind": "listings", "start": ["http://a.test/"],
        "politeness": {"delay_seconds": 0, "max_retries": 0},
        "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
    })
    policy = CapturePolicy(
        allow_loopback=True, resolve={"a.test": f"127.0.0.1:{port}"}, total_deadline_seconds=20
    )
    [outcome] = crawl([Unit(source, date(2026, 3, 1))], PartStore(home), policy)
    print(outcome.captured + outcome.errors)
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


HOSTS = {
    "gzip bomb": lambda: response(gzip.compress(ZEROS, 1), headers={"Content-Encoding": "gzip"}),
    "brotli bomb": lambda: response(brotli.compress(ZEROS, quality=1), headers={"Content-Encoding": "br"}),
    "zstd bomb": lambda: response(zstd.compress(ZEROS), headers={"Content-Encoding": "zstd"}),
    "gzip in gzip": lambda: response(
        gzip.compress(gzip.compress(ZEROS, 1), 1), headers={"Content-Encoding": "gzip, gzip"}
    ),
    "nested elements": lambda: response(b"<div>" * 1_000_000),
    "endless body": lambda: endless,
    "endless header": lambda: endless_header,
    "15 MB": lambda: response(b"<p>" + b"a" * 15_000_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("host", HOSTS)
def test_memory_stays_below_300_megabytes(web: LoopbackWeb, tmp_path: Path, host: str) -> None:
    web.pages["/"] = HOSTS[host]()
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWLER, str(tmp_path), str(web.port)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert (process.returncode, said) == (0, "1\n")
    peak = usage.ru_maxrss / 1024
    assert peak < LIMIT_MB

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
    data = {"name": "board", "kind": sys.argv[3], "start": ["http://a.test/"],
            "politeness": {"delay_seconds": 0, "max_retries": 0}}
    if sys.argv[3] == "listings":
        data["listings"] = {"follow": ["a"], "item": "p", "fields": {"text": "p"}}
    elif sys.argv[3] == "newsroom":
        data["newsroom"] = {sys.argv[4]: ["http://a.test/"]}
    source = Source.model_validate(data)
    policy = CapturePolicy(
        allow_loopback=True, resolve={"a.test": f"127.0.0.1:{port}"}, total_deadline_seconds=20
    )
    [outcome] = crawl([Unit(source, date(2026, 3, 1))], PartStore(home), policy)
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in status if line.startswith("VmHWM"))
    print(outcome.captured + outcome.errors, int(peak.split()[1]) // 1024)
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


def zipped(body: bytes) -> bytes:
    return response(gzip.compress(body, 1), headers={"Content-Encoding": "gzip"})


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
    "NUL as text": lambda: zipped(bytes(60_000_000)),
    "JSON of empty lists": lambda: zipped(b"[" + b"[]," * 20_000_000 + b"[]]"),
    "JSON feed of empty lists": lambda: zipped(b'{"items":[' + b"[]," * 20_000_000 + b"[]]}"),
    "feed of empty items": lambda: zipped(b"<rss>" + b"<item/>" * 8_000_000 + b"</rss>"),
    "feed of one deep element": lambda: zipped(b"<rss><item>" + b"<a>" * 20_000_000),
    "sitemap of 50 MB": lambda: zipped(
        b"<urlset>" + b"<url><loc>http://b.test/1</loc></url>" * 1_300_000 + b"</urlset>"
    ),
    "sitemap of one long address": lambda: zipped(b"<urlset><url><loc>" + b"a" * 50_000_000),
}
KINDS = {
    "JSON of empty lists": ["notices"],
    "JSON feed of empty lists": ["newsroom", "feeds"],
    "feed of empty items": ["newsroom", "feeds"],
    "feed of one deep element": ["newsroom", "feeds"],
    "sitemap of 50 MB": ["newsroom", "sitemaps"],
    "sitemap of one long address": ["newsroom", "sitemaps"],
}


@pytest.mark.slow
@pytest.mark.parametrize("host", HOSTS)
def test_memory_stays_below_300_megabytes(web: LoopbackWeb, tmp_path: Path, host: str) -> None:
    kind = KINDS.get(host, ["listings"])
    web.pages["/?resultPerPage=20&page=1" if kind == ["notices"] else "/"] = HOSTS[host]()
    process = subprocess.Popen(
        [sys.executable, "-c", CRAWLER, str(tmp_path), str(web.port), *kind],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        text=True,
    )
    said, _ = process.communicate()
    assert process.returncode == 0
    # Not what `wait4` tells: that includes the size of the process that started it.
    answers, peak = map(int, said.split())
    assert answers == 1
    assert peak < LIMIT_MB

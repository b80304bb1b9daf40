"""The crawl against Scrapy: CPU seconds a page, everything on.

A server process on loopback answers for a number of hosts with pages of 44 KB and 100 links each. Stormlantern
(robots, canonical addresses, deduplication, landing and Parquet parts through the gate, manifest) and Scrapy (robots,
its duplicate filter, items with bodies as JSON lines) crawl the same pages by the same links, alternately, each in a
process of its own. What is counted is user and system time of that process and its children, start included; the
server's is not. Wall time depends on what else the machine does; CPU time much less.

`python -m benchmarks.crawl [--pages 6000] [--hosts 20] [--rounds 2] [--alone]` compares;
`--sizes 1000 10000 100000`, `--frontier 100000` and `--pages 20000 --processes 2` measure ours alone: the cost of a
page by the size of the crawl, the peak of memory by the size of the frontier, and the gain of a second process.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PAGE_BYTES = 44_000
LINKS = 100
FIRST_CHILDREN = 2
NAVIGATION = 20


@dataclass(frozen=True)
class Cost:
    """One crawl: pages on disk, CPU seconds (`start` of them before it, `busiest` in the busiest of its processes if it
    tells), wall seconds, peak memory of one process in MB.
    """

    pages: int
    cpu: float
    start: float
    wall: float
    peak: float
    busiest: float

    @property
    def milliseconds(self) -> float:
        """CPU milliseconds a page."""
        return self.cpu / max(self.pages, 1) * 1000

    @property
    def crawl_milliseconds(self) -> float:
        """The same without the start: what a page costs in a long crawl."""
        return (self.cpu - self.start) / max(self.pages, 1) * 1000

    def line(self, name: str) -> str:
        """The cost in one line."""
        return (
            f"{name:15} {self.pages:6} pages  CPU {self.cpu:6.1f} s ({self.start:.1f} s to start)  "
            f"{self.milliseconds:6.2f} ms a page ({self.crawl_milliseconds:.2f} without start)  "
            f"{self.wall:5.0f} s wall  peak {self.peak:3.0f} MB"
        )


def host_name(number: int) -> str:
    """Every address of 127.0.0.0/8 is this machine, so hosts need no names."""
    return f"127.0.{number // 250}.{number % 250 + 1}"


class Pages:
    """The bodies: pages of one site form a binary tree, with navigation and random pages of the site besides.

    `wide` sites are trees of 100 branches instead, so that the frontier grows by 100 with each page.
    """

    def __init__(self, per_host: int, *, wide: bool = False) -> None:
        self._per_host = per_host
        self._wide = wide
        generator = random.Random(7)
        words = ["".join(generator.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(4_000)]
        self._text = " ".join(generator.choices(words, k=60_000)).encode()

    def body(self, number: int) -> bytes:
        """The page of that number: 100 links, then text up to 44 KB."""
        last = self._per_host - 1
        if self._wide:
            targets = [LINKS * number + 1 + branch for branch in range(LINKS)]
        else:
            targets = [min(2 * number + 1, last), min(2 * number + 2, last), *range(min(NAVIGATION, last))]
            others = LINKS - len(targets)
            targets += [(number * 7_919 + other * 104_729) % (last + 1) for other in range(others)]
        links = b"".join(b'<li><a href="/board/page-%d.html">offer %d</a></li>\n' % (n, n) for n in targets)
        head = b"<!doctype html><html><head><title>page %d</title></head><body><ul>\n%s</ul><p>" % (
            number,
            links,
        )
        start = number * 7_919 % (len(self._text) - PAGE_BYTES)
        return head + self._text[start : start + PAGE_BYTES - len(head) - 18] + b"</p></body></html>"


class _Connection(asyncio.Protocol):
    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            if path == b"/robots.txt":
                self._answer(b"User-agent: *\nDisallow: /private/\n", b"text/plain")
            else:
                number = path.removeprefix(b"/board/page-").removesuffix(b".html")
                self._answer(self._pages.body(int(number)), b"text/html; charset=utf-8")

    def _answer(self, body: bytes, kind: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % (kind, len(body)) + body)


async def _serve(per_host: int, *, wide: bool) -> None:
    pages = Pages(per_host, wide=wide)
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(pages), "0.0.0.0", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _note_start(home: Path) -> None:
    """CPU seconds that this process has spent before its first request, mostly on imports."""
    (home / "start").write_text(str(time.process_time()))


@contextmanager
def _busiest_child() -> Iterator[dict[int, float]]:
    """CPU seconds of each child of this process, as last seen: asked ten times a second within the block."""
    seen: dict[int, float] = {}
    over = threading.Event()
    tick = os.sysconf("SC_CLK_TCK")

    def watch() -> None:
        while not over.wait(0.1):
            for listed in Path("/proc/self/task").glob("*/children"):
                with suppress(OSError):
                    for child in map(int, listed.read_text().split()):
                        # After the name in brackets: state, …, user and system time as the 12th and 13th.
                        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
                        seen[child] = (int(fields[11]) + int(fields[12])) / tick

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _stormlantern(port: int, hosts: int, home: Path, processes: int, max_pages: int) -> None:
    from datetime import UTC, datetime

    from assets.capture.crawling import crawl
    from assets.capture.policy import CapturePolicy
    from assets.capture.source import Source
    from assets.capture.unit_run import Unit
    from quality.admitting_store import AdmittingStore
    from quality.expectations import preload

    preload()
    day = datetime.now(UTC).date()
    units = [
        Unit(
            Source.model_validate(
                {
                    "name": f"site_{number}",
                    "kind": "listings",
                    "start": [f"http://{host_name(number)}:{port}/board/page-0.html"],
                    "politeness": {"delay_seconds": 0},
                    "scope": {"max_depth": 60, "max_pages": max_pages, "max_bytes": 10**12},
                    "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
                }
            ),
            day,
        )
        for number in range(hosts)
    ]
    policy = CapturePolicy(allow_loopback=True, max_index_pages_per_template=10**9, processes=processes)
    store = AdmittingStore(home)
    _note_start(home)
    with _busiest_child() as busiest:
        crawl(units, store, policy)
    (home / "busiest").write_text(str(max(time.process_time(), *busiest.values(), 0.0)))


def _scrapy(port: int, hosts: int, home: Path) -> None:
    import scrapy
    from scrapy.crawler import CrawlerProcess

    class Board(scrapy.Spider):
        name = "board"
        start_urls = [f"http://{host_name(number)}:{port}/board/page-0.html" for number in range(hosts)]  # noqa: RUF012

        def parse(self, response):  # type: ignore[no-untyped-def]
            yield {"url": response.url, "status": response.status, "body": response.text}
            for href in response.css("a::attr(href)").getall():
                yield response.follow(href, self.parse)

    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "CONCURRENT_REQUESTS": 32,
            "DOWNLOAD_DELAY": 0,
            "FEEDS": {str(home / "items.jsonl"): {"format": "jsonlines"}},
        }
    )
    process.crawl(Board)
    _note_start(home)
    process.start()


def _environment() -> dict[str, str]:
    """Both crawlers import compiled modules, from a folder of our own where the installed ones are not compiled."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**environment, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "benchmark-bytecode")}


def _pages_on_disk(crawler: str, home: Path) -> int:
    if crawler == "scrapy":
        with (home / "items.jsonl").open("rb") as lines:
            return sum(1 for _ in lines)
    import sqlite3

    with sqlite3.connect(home / "manifest.db") as connection:
        return int(
            connection.execute("SELECT sum(rows) FROM parts WHERE table_name = 'captures'").fetchone()[0]
        )


def measure(crawler: str, port: int, hosts: int, processes: int = 1, max_pages: int = 10**9) -> Cost:
    """One crawl in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="crawl-") as folder:
        command = [sys.executable, "-m", "benchmarks.crawl", "--as", crawler, "--port", str(port)]
        command += ["--hosts", str(hosts), "--home", folder]
        command += ["--processes", str(processes), "--max-pages", str(max_pages)]
        started = time.monotonic()
        child = subprocess.Popen(command, env=_environment())
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise RuntimeError(f"{crawler} ended with status {child.returncode}")
        wall = time.monotonic() - started
        pages = _pages_on_disk(crawler, Path(folder))
        start = float((Path(folder) / "start").read_text())
        told = Path(folder) / "busiest"
        busiest = float(told.read_text()) if told.exists() else 0.0
        return Cost(pages, usage.ru_utime + usage.ru_stime, start, wall, usage.ru_maxrss / 1024, busiest)


@contextmanager
def server(per_host: int, *, wide: bool = False) -> Iterator[int]:
    """A process that serves the pages on every loopback address; its port."""
    command = [sys.executable, "-m", "benchmarks.crawl", "--as", "server", "--pages", str(per_host)]
    process = subprocess.Popen(command + ["--wide"] * wide, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def sizes(pages: Sequence[int], hosts: int) -> bool:
    """The cost of a page in crawls of growing size."""
    complete = True
    with server(pages[0] // hosts) as port:
        measure("stormlantern", port, 1)  # not counted: the first one compiles modules
    for size in pages:
        with server(size // hosts) as port:
            cost = measure("stormlantern", port, hosts)
        complete &= cost.pages >= size // hosts * hosts
        print(cost.line(f"{size} pages"), flush=True)
    return complete


def frontier(waiting: int, hosts: int) -> bool:
    """The peak of memory of a crawl whose frontier grows to so many waiting pages."""
    pages = waiting // (LINKS - 1) // hosts
    with server(pages, wide=True) as port:
        cost = measure("stormlantern", port, hosts, max_pages=pages)
    print(cost.line(f"{waiting} waiting"), flush=True)
    return cost.pages >= pages * hosts


def sharding(pages: int, hosts: int, processes: int) -> bool:
    """Pages a second on several processes over pages a second on one; the machine needs a core for each, and one more
    for the server.
    """
    with server(pages // hosts) as port:
        measure("stormlantern", port, 1, processes)  # not counted: the first one compiles modules
        one, several = (measure("stormlantern", port, hosts, number) for number in (1, processes))
    print(one.line("1 process"), several.line(f"{processes} processes"), sep="\n")
    print(
        f"pages a second, {processes} processes over one: {one.wall / several.wall:.2f} on this machine's "
        f"{os.cpu_count()} cores, which the server shares\n"
        f"pages per CPU second of the busiest process: {one.busiest / several.busiest:.2f} times as many "
        f"(the gain with a core for each); CPU seconds in all: {several.cpu / one.cpu:.2f} times as many"
    )
    return several.pages == one.pages


def compare(pages: int, hosts: int, rounds: int, *, alone: bool) -> bool:
    """Crawl alternately and print; whether every crawl brought every page."""
    per_host = pages // hosts
    crawlers = ("stormlantern",) if alone else ("stormlantern", "scrapy")
    costs: dict[str, list[Cost]] = {crawler: [] for crawler in crawlers}
    with server(per_host) as port:
        for crawler in crawlers:
            measure(crawler, port, 1)  # not counted: the first one compiles modules
        for _ in range(rounds):
            for crawler in crawlers:
                cost = measure(crawler, port, hosts)
                costs[crawler].append(cost)
                print(cost.line(crawler), flush=True)
    if len(crawlers) == 2:
        whole = [min(cost.milliseconds for cost in costs[crawler]) for crawler in crawlers]
        steady = [min(cost.crawl_milliseconds for cost in costs[crawler]) for crawler in crawlers]
        print(
            f"pages per CPU second, Stormlantern over Scrapy: {whole[1] / whole[0]:.1f} "
            f"({steady[1] / steady[0]:.1f} without start)"
        )
    return all(cost.pages >= per_host * hosts for of_one in costs.values() for cost in of_one)


def main() -> int:
    """Compare, or (`--as`) be one of the processes of the comparison."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=6_000)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+", help="cost of a page in crawls of these sizes")
    parser.add_argument("--frontier", type=int, help="peak of memory with so many pages waiting")
    parser.add_argument("--processes", type=int, default=1, help="compare so many with one")
    parser.add_argument("--max-pages", type=int, default=10**9)
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--as", dest="role", choices=("server", "stormlantern", "scrapy"))
    parser.add_argument("--port", type=int)
    parser.add_argument("--home", type=Path)
    wanted = parser.parse_args()
    if wanted.role == "server":
        asyncio.run(_serve(wanted.pages, wide=wanted.wide))
    elif wanted.role == "stormlantern":
        _stormlantern(wanted.port, wanted.hosts, wanted.home, wanted.processes, wanted.max_pages)
    elif wanted.role == "scrapy":
        _scrapy(wanted.port, wanted.hosts, wanted.home)
    elif wanted.sizes:
        return 0 if sizes(wanted.sizes, wanted.hosts) else 1
    elif wanted.frontier:
        return 0 if frontier(wanted.frontier, wanted.hosts) else 1
    elif wanted.processes > 1:
        return 0 if sharding(wanted.pages, wanted.hosts, wanted.processes) else 1
    else:
        return 0 if compare(wanted.pages, wanted.hosts, wanted.rounds, alone=wanted.alone) else 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Sharding: a crawl on several processes, each with hosts of its own.

A child crawls and lands; the parent makes parts of what has landed, through the gate, and imports folders. So a host
is asked by one process only, and what a kill leaves is what a kill of one process leaves.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import IO, Any

from assets.capture.canonical import bare_host, canonical_url, hostname
from assets.capture.discovery import starts
from assets.capture.frontier import Frontier
from assets.capture.policy import CapturePolicy
from assets.capture.progress import CrawlProgress, merged
from assets.capture.source import FOLDER_KINDS
from assets.capture.unit_run import Unit, UnitOutcome
from warehouse.parts import PartStore

_STOP_SECONDS = 30.0


class ShardError(RuntimeError):
    """A process of a crawl ended without an account of itself; what it landed is kept, and its rounds stay open."""


@dataclass(frozen=True)
class Assignment:
    """What a child is told."""

    home: str
    units: tuple[Unit, ...]
    policy: CapturePolicy
    run_id: str | None


def shard(units: Sequence[Unit], count: int) -> list[list[Unit]]:
    """The units in at most `count` groups of about equal size, no two of which share a host. Folders are left out."""
    web = [unit for unit in units if unit.source.kind not in FOLDER_KINDS]
    leader = list(range(len(web)))

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    hosts = [_hosts_of(unit) for unit in web]
    wildcards = {host[1:] for names in hosts for host in names if host.startswith("*.")}
    holders: dict[str, int] = {}
    for number, names in enumerate(hosts):
        for name in names:
            # Whoever may meet any host below a domain shares all of them.
            above = [domain for domain in wildcards if name.removeprefix("*").endswith(domain)]
            for place in above or [name]:
                leader[find(number)] = find(holders.setdefault(place, number))
    together: dict[int, list[Unit]] = defaultdict(list)
    for number, unit in enumerate(web):
        together[find(number)].append(unit)
    shards: list[list[Unit]] = [[] for _ in range(count)]
    for group in sorted(together.values(), key=len, reverse=True):
        min(shards, key=len).extend(group)
    return [group for group in shards if group]


def _hosts_of(unit: Unit) -> set[str]:
    """The hosts that a unit may ask; `*.` stands for all below a domain."""
    urls = [canonical_url(request.url) for request in starts(unit.source)]
    hosts = {bare_host(hostname(url)) for url in urls if url is not None}
    return hosts | {bare_host(host.lower()) for host in (*unit.source.scope.hosts, *unit.source.images.hosts)}


class _Child:
    def __init__(self, number: int, assignment: Assignment, messages: "queue.Queue[tuple[int, str, Any]]"):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assets.capture.shard_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._number = number
        self._messages = messages
        pickle.dump(assignment, self._stdin)
        self._stdin.flush()
        threading.Thread(target=self._listen, daemon=True, name=f"shard-{number}").start()

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                kind, content = pickle.load(self._process.stdout)
                self._messages.put((self._number, kind, content))
        except (EOFError, pickle.UnpicklingError):
            self._messages.put((self._number, "ended", self._process.wait()))

    def stop(self) -> None:
        """Ask the child to land what was answered and to end; make it end if it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._stdin.close()


def crawl_sharded(
    units: Sequence[Unit],
    store: PartStore,
    policy: CapturePolicy,
    on_progress: Callable[[CrawlProgress], None] | None,
    run_id: str | None,
    crawl_here: Callable[[Sequence[Unit]], list[UnitOutcome]],
) -> list[UnitOutcome]:
    """Crawl units on `policy.processes` processes; one outcome per unit, in order. `crawl_here` imports the folders.

    Raises what a child raised, `ShardError` for one that was killed, and what the store raises. The other children land
    what they have first.
    """
    frontier = Frontier(store, run_id)
    frontier.recover_landing({unit.source.name for unit in units})
    messages: queue.Queue[tuple[int, str, Any]] = queue.Queue()
    children: list[_Child] = []
    outcomes: dict[tuple[str, str], UnitOutcome] = {}
    parts = _PartMaker(frontier, policy, {unit.source.name for unit in units})
    try:
        for number, group in enumerate(shard(units, policy.processes)):
            own = Assignment(str(store.home), tuple(group), replace(policy, processes=1), run_id)
            children.append(_Child(number, own, messages))
        folders = [unit for unit in units if unit.source.kind in FOLDER_KINDS]
        finished = list(crawl_here(folders)) if folders else []
        progress: dict[int, CrawlProgress] = {}
        working = set(range(len(children)))
        while working:
            try:
                number, kind, content = messages.get(timeout=policy.landing_seconds)
            except queue.Empty:
                parts.make_if_due()
                continue
            if kind == "progress":
                progress[number] = content
                if on_progress is not None:
                    on_progress(merged(progress.values()))
            elif kind == "outcomes":
                finished += content
                working.discard(number)
            elif kind == "error":
                raise content
            elif number in working:
                raise ShardError(
                    f"process {number + 1} of {len(children)} of the crawl ended with status {content}; "
                    "run the same command again to go on"
                )
            parts.make_if_due()
        outcomes = {(outcome.source, str(outcome.date)): outcome for outcome in finished}
    finally:
        for child in children:
            child.stop()
        parts.make()
        frontier.close()
    return [outcomes[unit.source.name, str(unit.date)] for unit in units]


class _PartMaker:
    """Makes parts of what the children have landed, as soon as it is much or old."""

    def __init__(self, frontier: Frontier, policy: CapturePolicy, sources: set[str]) -> None:
        self._frontier = frontier
        self._policy = policy
        self._sources = sources
        self._made_at = time.monotonic()
        self._looked_at = 0.0

    def make_if_due(self) -> None:
        """Look once in a while, and make parts when a limit of the policy is reached."""
        now = time.monotonic()
        if now - self._looked_at < self._policy.landing_seconds:
            return
        self._looked_at = now
        rows, size = self._frontier.landed()
        is_old = now - self._made_at >= self._policy.part_seconds
        if is_old or rows >= self._policy.part_rows or size >= self._policy.part_bytes:
            self.make()

    def make(self) -> None:
        """Make parts of everything that has landed."""
        self._frontier.recover_landing(self._sources)
        self._made_at = time.monotonic()

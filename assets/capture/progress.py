"""Progress of a crawl, for people: rates, hosts, what was skipped. Host names and counts only, no addresses."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from assets.capture.hosts import Host
from assets.capture.unit_run import UnitRun

_SHOWN_HOSTS = 6


@dataclass(frozen=True)
class HostProgress:
    """One host: requests answered and waiting, seconds until it may be asked again, and its condition."""

    host: str
    done: int
    pending: int
    wait_seconds: float
    condition: str


@dataclass(frozen=True)
class CrawlProgress:
    """A crawl at one moment. `rate` is in pages a second since the start; `wire_bytes` as received."""

    elapsed: float
    pages: int
    rate: float
    wire_bytes: int
    retries: int
    hosts: tuple[HostProgress, ...] = ()
    skipped: dict[str, int] = field(default_factory=dict)

    def render(self) -> str:
        """One paragraph: totals, the hosts with most work left, hosts in trouble, skipped addresses by reason."""
        pending = sum(host.pending for host in self.hosts)
        text = [
            f"{self.elapsed:.0f} s: {self.pages} pages ({self.rate:.1f}/s, {self.wire_bytes / 1e6:.1f} MB), "
            f"{pending} waiting on {sum(1 for host in self.hosts if host.pending)} of {len(self.hosts)} hosts"
        ]
        busiest = sorted((host for host in self.hosts if host.pending), key=lambda host: -host.pending)
        if busiest:
            shown = ", ".join(f"{host.host} {host.done}+{host.pending}" for host in busiest[:_SHOWN_HOSTS])
            more = len(busiest) - _SHOWN_HOSTS
            text.append(f"done+waiting: {shown}" + (f" and {more} more" if more > 0 else ""))
        slow = [host for host in busiest if host.wait_seconds > 5]
        if slow:
            text.append(
                "asked to wait: " + ", ".join(f"{h.host} {h.wait_seconds:.0f} s" for h in slow[:_SHOWN_HOSTS])
            )
        left = [host for host in self.hosts if host.condition != "active"]
        if left:
            text.append("left alone: " + ", ".join(f"{h.host} ({h.condition})" for h in left[:_SHOWN_HOSTS]))
        if self.skipped:
            text.append(
                "skipped: " + ", ".join(f"{name} {count}" for name, count in sorted(self.skipped.items()))
            )
        if self.retries:
            text.append(f"{self.retries} retries")
        return "; ".join(text) + "."


def progress_of(
    units: Iterable[UnitRun], hosts: Iterable[Host], retries: int, started: float, now: float
) -> CrawlProgress:
    """The state of a crawl that began at `started` (monotonic); `now` is on the clock of the hosts."""
    elapsed = time.monotonic() - started
    pages = wire_bytes = 0
    skipped: Counter[str] = Counter()
    for run in units:
        pages += sum(run.outcomes.values())
        wire_bytes += run.wire_bytes
        skipped.update(run.skipped)
    return CrawlProgress(
        elapsed=elapsed,
        pages=pages,
        rate=pages / elapsed if elapsed else 0.0,
        wire_bytes=wire_bytes,
        retries=retries,
        hosts=tuple(
            HostProgress(
                host.name, host.done, host.pending, max(0.0, host.next_allowed - now), host.condition
            )
            for host in hosts
        ),
        skipped=dict(skipped),
    )


def merged(parts: Iterable[CrawlProgress]) -> CrawlProgress:
    """The progress of crawls that go on side by side, on hosts of their own."""
    parts = list(parts)
    skipped: Counter[str] = Counter()
    for part in parts:
        skipped.update(part.skipped)
    return CrawlProgress(
        elapsed=max(part.elapsed for part in parts),
        pages=sum(part.pages for part in parts),
        rate=sum(part.rate for part in parts),
        wire_bytes=sum(part.wire_bytes for part in parts),
        retries=sum(part.retries for part in parts),
        hosts=tuple(host for part in parts for host in part.hosts),
        skipped=dict(skipped),
    )

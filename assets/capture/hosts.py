"""Hosts: who may be asked what, and when the next request is due."""

import asyncio
import heapq
import itertools
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from assets.capture.answers import REFUSALS, backoff
from assets.capture.fetching import Answer
from assets.capture.policy import CapturePolicy
from assets.capture.unit_run import Job, UnitRun

HostCondition = Literal["active", "refused", "unreachable", "out_of_retries"]

_sequence = itertools.count()


@dataclass
class Host:
    """One host of a crawl: its queue, the moment from which it may be asked again, and how it has answered.

    Times are seconds of the event loop's clock. `delay` is measured from request to request.
    """

    name: str
    retries_left: int
    delay: float = 0.0
    next_allowed: float = 0.0
    condition: HostCondition = "active"
    busy: bool = False
    contacted: bool = False
    last_request: float = 0.0
    timer: asyncio.TimerHandle | None = None
    jobs: deque[Job] = field(default_factory=deque)
    # Asked for when no page is waiting.
    pictures: deque[Job] = field(default_factory=deque)
    delayed: list[tuple[float, int, Job]] = field(default_factory=list)
    units: set[UnitRun] = field(default_factory=set)
    robots_attempts: dict[str, int] = field(default_factory=dict)
    done: int = 0
    refusals: int = 0
    picture_refusals: int = 0
    failures: int = 0

    @property
    def pending(self) -> int:
        """Requests still waiting here."""
        return len(self.jobs) + len(self.delayed) + len(self.pictures)

    def push(self, job: Job, *, first: bool = False) -> None:
        """Queue a request, at the end or (a continuation of one that was begun) at the front; pictures after pages."""
        if job.role == "image" and not first:
            self.pictures.append(job)
        elif first:
            self.jobs.appendleft(job)
        else:
            self.jobs.append(job)

    def push_later(self, job: Job, ready_at: float) -> None:
        """Queue a request that must not be made before `ready_at`."""
        heapq.heappush(self.delayed, (ready_at, next(_sequence), job))

    def ready_at(self) -> float | None:
        """When the next request is due; None when there is none."""
        if self.jobs or self.pictures:
            return self.next_allowed
        if self.delayed:
            return max(self.next_allowed, self.delayed[0][0])
        return None

    def pop(self, now: float) -> Job | None:
        """The next request that is due."""
        if self.delayed and self.delayed[0][0] <= now:
            return heapq.heappop(self.delayed)[2]
        if self.jobs:
            return self.jobs.popleft()
        return self.pictures.popleft() if self.pictures else None

    def drain(self) -> list[Job]:
        """Take everything out of the queue."""
        jobs = [*self.jobs, *(entry[2] for entry in self.delayed), *self.pictures]
        self.jobs.clear()
        self.pictures.clear()
        self.delayed.clear()
        return jobs

    def closed_to(self, job: Job, policy: CapturePolicy) -> str | None:
        """Why a request is not made any more. Pictures are often kept from strangers; that says nothing of pages."""
        refuses = job.role == "image" and self.picture_refusals >= policy.refusals_before_leaving
        return "pictures_refused" if refuses else None

    def asked(self, seen_at: float) -> None:
        """Count the delay from `seen_at`, when the first bytes of the answer came.

        The host has seen the request by then. Counted from when a request left, a busy host that sees it late would
        see the next one early; counted from the end of the body, a large page would slow the crawl.
        """
        self.last_request = seen_at
        self.contacted = True
        self.next_allowed = max(self.next_allowed, seen_at + self.delay)

    def slow_down(self, crawl_delay: float | None, limit: float) -> None:
        """Let a `Crawl-delay`, clamped, lengthen the delay, from the last request on."""
        if crawl_delay is not None and min(crawl_delay, limit) > self.delay:
            self.delay = min(crawl_delay, limit)
            if self.contacted:
                self.next_allowed = max(self.next_allowed, self.last_request + self.delay)

    def judge(self, answer: Answer, policy: CapturePolicy, *, of_picture: bool = False) -> HostCondition:
        """Count refusals and failures in a row; says what becomes of the host. A refused picture counts for nothing.

        From the second failure in a row on, the host pauses, longer each time: a network that is gone for some seconds
        must not use up the patience with a host in as many milliseconds.
        """
        if of_picture and answer.status:
            self.picture_refusals = self.picture_refusals + 1 if answer.status in REFUSALS else 0
            self.failures = 0
        elif answer.status in REFUSALS:
            self.refusals += 1
            if self.refusals >= policy.refusals_before_leaving:
                return "refused"
        elif answer.status:
            self.refusals = self.failures = 0
        elif not answer.address_refused:
            self.failures += 1
            if self.failures >= policy.failures_before_leaving:
                return "unreachable"
            if self.failures > 1:
                pause = backoff(self.failures - 1, policy)
                self.next_allowed = max(self.next_allowed, answer.seen_at + pause)
        return self.condition

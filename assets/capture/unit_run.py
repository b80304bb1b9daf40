"""One unit while it is crawled: which addresses it has seen, what it may still ask, what it has counted."""

import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from assets.capture.answers import has_no_answer
from assets.capture.canonical import bare_host, canonical_url, hostname, netloc, origin
from assets.capture.discovery import Page, Request, Resolved, Role, discover, notices, starts
from assets.capture.frontier import Batch, Known, Round
from assets.capture.hashed_set import HashedSet
from assets.capture.memory import LARGE_BYTES, give_back
from assets.capture.policy import CapturePolicy
from assets.capture.rows import CaptureRow, Origin
from assets.capture.scope import SourceScope, TrapGuard
from assets.capture.source import Source

UnitState = Literal["complete", "failed", "interrupted"]
# sitemaps.org knows an index and its sitemaps; indexes of indexes exist, and some lead on without end.
MOST_SITEMAP_DEPTH = 4
CAPTURED_OUTCOMES = ("ok", "not_modified", "unchanged")


@dataclass(frozen=True)
class Unit:
    """One source on one day (UTC)."""

    source: Source
    date: date


@dataclass(frozen=True)
class UnitOutcome:
    """How the crawl of a unit ended. Counts are of this run; `skipped` counts addresses by reason.

    `complete`: everything within the limits was asked and something was captured. `failed`: nothing could be
    captured. `interrupted`: the round stays open, and the same command goes on with it. `resumed`: an earlier run
    began the round, so that its share is not counted here.
    """

    source: str
    date: date
    state: UnitState
    captured: int = 0
    not_modified: int = 0
    unchanged: int = 0
    errors: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    wire_bytes: int = 0
    seconds: float = 0.0
    detail: str | None = None
    resumed: bool = False


@dataclass(slots=True)
class Job:
    """One address on its way to an answer. `target` is the hop to ask next; `hops` are the redirects so far."""

    unit: "UnitRun"
    url: str
    role: Role
    depth: int
    referrer: str | None
    target: str
    attempts: int = 0
    hops: tuple[dict[str, object], ...] = ()

    @property
    def host(self) -> str:
        """Host and port that will be asked next."""
        return netloc(self.target)

    @property
    def origin(self) -> str:
        """Origin whose robots.txt governs the next hop."""
        return origin(self.target)


class UnitRun:
    """The state of one unit's round. Hashable by identity."""

    def __init__(self, unit: Unit, opened: Round, policy: CapturePolicy) -> None:
        self.unit = unit
        self.source = unit.source
        self.round = opened
        self.policy = policy
        self.first_requests = starts(unit.source)
        self.scope = SourceScope(unit.source, tuple(request.url for request in self.first_requests))
        self.traps = TrapGuard(policy)
        self.seen = HashedSet()
        # By origin of the page: links as written that earlier pages led to.
        self.resolved: dict[str, Resolved] = defaultdict(lambda: defaultdict(HashedSet))
        self.pending = 0
        self.pages = 0
        self.pictures = 0
        self.good_pages = 0
        self.outcomes: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.wire_bytes = 0
        self.page_bytes = 0
        # Since the last part.
        self.landed_rows = 0
        self.landed_bytes = 0
        self.started = time.monotonic()
        self.finished_at: float | None = None
        self.stuck: str | None = None
        self.first_error: str | None = None
        self.may_be_empty = False
        self.totals: dict[str, int] = {}
        self.beyond_reach = 0
        self._reconciled = False

    def resume(self, known: Iterable[Known]) -> list[tuple[Job, float]]:
        """Take over the addresses of an interrupted round; returns the open ones, each with its `not_before`.

        A page that nobody answered for is open again: what interrupted the round may have been the network.
        """
        open_jobs: list[tuple[Job, float]] = []
        for entry in known:
            self.seen.add(entry.url)
            self.traps.refusal(entry.url, entry.role)
            unanswered = entry.state == "failed" and has_no_answer(entry.reason)
            if entry.state == "pending" or unanswered:
                attempts = 0 if unanswered else entry.attempts
                job = Job(self, entry.url, entry.role, entry.depth, entry.referrer, entry.url, attempts)
                open_jobs.append((job, entry.not_before))
                self.pending += 1
            elif entry.role == "image":
                self.pictures += entry.state in ("done", "failed")
            elif entry.state in ("done", "failed"):
                self.pages += 1
                self.good_pages += entry.state == "done"
        return open_jobs

    def admit(self, requests: Iterable[Request], parent: Job | None, batch: Batch) -> list[Job]:
        """The requests that are new and within the limits, as jobs; the frontier's new rows go into `batch`."""
        jobs: list[Job] = []
        depth = parent.depth + 1 if parent is not None else 0
        referrer = parent.url if parent is not None else None
        for request in requests:
            url = canonical_url(request.url) if request.named else request.url
            if url is None or url in self.seen:
                continue
            self.seen.add(url)
            reason = self.scope.refusal(url, named=request.named, role=request.role) or self.traps.refusal(
                url, request.role
            )
            if reason is None and depth > self.source.scope.max_depth and request.role != "image":
                reason = "max_depth"
            if reason is None and request.role == "sitemap" and depth > MOST_SITEMAP_DEPTH:
                reason = "sitemap_depth"
            state = "pending" if reason is None else "skipped"
            batch.added.append((self.round.round_id, url, request.role, depth, referrer, state, reason))
            if reason is None:
                jobs.append(Job(self, url, request.role, depth, referrer, url))
                self.pending += 1
            else:
                self.skipped[reason] += 1
        return jobs

    def redirect_problem(self, job: Job, target: str | None) -> str | None:
        """Why a job whose redirects lead to `target` ends here; None when it goes on."""
        if target is None:
            return "redirect: not a web address"
        if target in {hop["url"] for hop in job.hops}:
            return "redirect: loop"
        if len(job.hops) > self.policy.max_redirects:
            return f"redirect: more than {self.policy.max_redirects} hops"
        refusal = self.scope.refusal(target, named=True, role=job.role)
        return f"redirect: {refusal}" if refusal is not None else None

    def discover(self, page: Page) -> list[Request]:
        """The requests that follow from a page of this source."""
        requests = discover(self.source, page)
        if len(page.body) > LARGE_BYTES:
            give_back()
        return requests

    def claim(self, page: Page) -> int | None:
        """The total that an answer of an API claims, if it claims one."""
        return notices.total_of(self.source, page.body) if page.role == "api" else None

    def reconcile(self) -> list[Request]:
        """What is left to ask when everything that was found has been asked; once per round."""
        if self._reconciled or self.source.kind != "notices":
            return []
        self._reconciled = True
        asked = {url: total for url, total in self.totals.items() if url in self.seen}
        requests, self.beyond_reach = notices.reconcile(self.source, asked)
        return requests

    def asks_again(self, url: str) -> bool:
        """Whether a picture that was captured before is asked for on this day: on one in `again_after_days`."""
        turn = zlib.crc32(url.encode()) + self.unit.date.toordinal()
        return turn % self.source.images.again_after_days == 0

    def over_budget(self, role: Role = "index") -> str | None:
        """The budget that is used up, if one is. Pictures have one of their own, and share that of bytes."""
        if role == "image":
            if self.pictures >= self.source.images.max_pictures:
                return "max_pictures"
        elif self.pages >= self.source.scope.max_pages:
            return "max_pages"
        if (self.wire_bytes if role == "image" else self.page_bytes) >= self.source.scope.max_bytes:
            return "max_bytes"
        return None

    def origin_of(self, job: Job, final_url: str) -> Origin:
        """What a capture row says about a job."""
        return Origin(
            source=self.source.name,
            unit_date=self.unit.date,
            round=self.round.number,
            role=job.role,
            request_url=job.url,
            site=self.source.site or bare_host(hostname(final_url)),
            depth=job.depth,
            referrer_url=job.referrer,
            crawler=self.policy.user_agent,
            source_sha256=self.source.sha256,
        )

    def keep(self, row: CaptureRow) -> None:
        """Count a row."""
        self.wire_bytes += row["wire_bytes"]
        self.outcomes[row["outcome"]] += 1
        if row["role"] == "image":
            self.pictures += 1
            return
        self.page_bytes += row["wire_bytes"]
        self.pages += 1
        if row["outcome"] in CAPTURED_OUTCOMES:
            self.good_pages += 1
        elif self.first_error is None:
            self.first_error = row["error"] or f"status {row['status']}"

    @property
    def end_state(self) -> UnitState:
        """How the unit ends if nothing more happens."""
        if self.good_pages == 0 and not self.may_be_empty:
            return "failed"
        return "interrupted" if self.stuck or self.pending else "complete"

    def outcome(self, state: UnitState | None = None, detail: str | None = None) -> UnitOutcome:
        """The unit's outcome as it stands."""
        return UnitOutcome(
            source=self.source.name,
            date=self.unit.date,
            state=state or self.end_state,
            captured=self.outcomes["ok"],
            not_modified=self.outcomes["not_modified"],
            unchanged=self.outcomes["unchanged"],
            errors=sum(count for name, count in self.outcomes.items() if name not in CAPTURED_OUTCOMES),
            skipped=dict(self.skipped),
            wire_bytes=self.wire_bytes,
            seconds=(self.finished_at or time.monotonic()) - self.started,
            detail=detail or self._detail(),
            resumed=self.round.resumed,
        )

    def _detail(self) -> str | None:
        if self.stuck:
            return self.stuck
        if self.good_pages:
            beyond = f"up to {self.beyond_reach} notices are beyond the reach of any query below the cap"
            return beyond if self.beyond_reach else None
        if self.may_be_empty:
            return self.first_error
        reasons = ", ".join(f"{reason} {count}" for reason, count in self.skipped.most_common(3))
        parts = [part for part in (self.first_error, f"skipped: {reasons}" if reasons else None) if part]
        return "nothing could be captured: " + ("; ".join(parts) or "there was nothing to ask for")

"""The crawl engine: all units of a run side by side, each host gently.

Every host has at most one request under way and one timer for the next; the event loop's heap of timers is the
heap of next-allowed times. An answer is read, its discoveries queued, and everything that follows from it lands in
one transaction; nothing is marked done before.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from assets.capture.answers import (
    HOST_WIDE_RETRY,
    backoff,
    conditional_headers,
    hop_of,
    invites_retry,
    read_answer,
    retry_after,
)
from assets.capture.canonical import canonical_url
from assets.capture.discovery import bytes_to_read
from assets.capture.fetching import ACCEPT_PICTURES, Answer, Fetcher, Headers
from assets.capture.files import file_problem, import_files
from assets.capture.following import requests_from
from assets.capture.frontier import Frontier, Round, Validator, epoch_after
from assets.capture.hosts import Host, HostCondition
from assets.capture.landing import Landing, Load
from assets.capture.policy import CapturePolicy
from assets.capture.progress import CrawlProgress, progress_of
from assets.capture.robots import Verdict
from assets.capture.robots_cache import RobotsCache
from assets.capture.source import FOLDER_KINDS
from assets.capture.unit_run import Job, Unit, UnitOutcome, UnitRun
from assets.capture.writing import LoadWriter
from warehouse.parts import PartStore

logger = logging.getLogger(__name__)
_ROOM_SECONDS = 0.02
ProgressCallback = Callable[[CrawlProgress], None]


class Engine:
    """One crawl. `run` returns when every unit has ended."""

    def __init__(
        self,
        store: PartStore,
        policy: CapturePolicy,
        on_progress: ProgressCallback | None,
        run_id: str | None,
        *,
        makes_parts: bool = True,
    ) -> None:
        """`makes_parts=False`: only land; somebody else makes parts of what has landed."""
        self._policy = policy
        self._on_progress = on_progress
        self._frontier = Frontier(store, run_id)
        self._robots = RobotsCache(policy, store.manifest)
        self._fetcher = Fetcher(policy, self._room)
        self._hosts: dict[str, Host] = {}
        self._units: list[UnitRun] = []
        self._landing = Landing(self._frontier, policy, makes_parts=makes_parts)
        self._makes_parts = makes_parts
        self._writer = LoadWriter(self._write)
        self._active = 0
        self._waiting: list[Host] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._finished = asyncio.Event()
        self._failure: BaseException | None = None
        self._retries = 0
        self._started = time.monotonic()

    async def run(self, units: Sequence[Unit]) -> list[UnitOutcome]:
        """Crawl the units; outcomes in their order. What was answered is kept even when the run is cancelled."""
        self._loop = asyncio.get_running_loop()
        keeper: asyncio.Task[None] | None = None
        try:
            self._begin(units)
            keeper = asyncio.create_task(self._keep_landing())
            await asyncio.gather(
                *(self._import(run) for run in self._units if run.source.kind in FOLDER_KINDS)
            )
            self._check_finished()
            await self._finished.wait()
        finally:
            # From here on nothing new may start: a request sent now would have nobody to land its answer.
            self._finished.set()
            if keeper is not None:
                keeper.cancel()
                await asyncio.gather(keeper, return_exceptions=True)
            for host in self._hosts.values():
                if host.timer is not None:
                    host.timer.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._fetcher.__aexit__()
            await self._writer.close()
            if self._writer.failure is None:
                self._write(self._landing.take(self._units, everything=True))
            self._frontier.close()
            self._report()
        failure = (
            self._failure or self._writer.failure
        )  # the last load may fail after everything else went well
        if failure is not None:
            raise failure
        return [run.outcome() for run in self._units]

    def _begin(self, units: Sequence[Unit]) -> None:
        if self._makes_parts:
            self._frontier.recover_landing({unit.source.name for unit in units})
        rounds = self._frontier.open_rounds([(unit.source.name, unit.date) for unit in units])
        for unit, opened in zip(units, rounds, strict=True):
            self._begin_unit(unit, opened)

    def _begin_unit(self, unit: Unit, opened: Round) -> None:
        run = UnitRun(unit, opened, self._policy)
        self._units.append(run)
        run.totals = self._frontier.claimed_totals(unit.source.name)
        waiting = run.resume(self._frontier.known(opened.round_id)) if opened.resumed else []
        for job, not_before in waiting:
            wait = not_before - time.time()
            self._push(job, later=min(wait, self._policy.retry_after_limit_seconds) if wait > 0 else None)
        for job in run.admit(run.first_requests, None, self._landing.batch):
            self._push(job)
        if run.source.kind not in FOLDER_KINDS and run.pending == 0:
            self._landing.end(run)

    async def _import(self, run: UnitRun) -> None:
        problem = file_problem(run.source)
        if problem is not None:
            run.first_error = problem
            # An inbox is empty on most days; a source that expects nothing is not blamed for it.
            path = run.source.path
            run.may_be_empty = path is not None and path.exists() and run.source.expected.min_items == 0
        else:
            await asyncio.to_thread(import_files, run, self._frontier, self._policy)
        self._landing.end(run)

    def _settle(self, job: Job) -> None:
        run = job.unit
        run.pending -= 1
        if run.pending == 0 and not run.stuck:
            for found in run.admit(run.reconcile(), job, self._landing.batch):
                self._push(found)
        if run.pending == 0:
            self._landing.end(run)

    def _skip(self, job: Job, reason: str) -> None:
        job.unit.skipped[reason] += 1
        self._landing.batch.changed.append(
            ("skipped", reason, job.attempts, 0.0, job.unit.round.round_id, job.url)
        )
        self._settle(job)

    def _strand(self, job: Job, reason: str) -> None:
        """Leave a job pending for the next run of the same round; a picture only till the next day."""
        if job.role == "image":
            self._skip(job, "pictures_out_of_reach")
            return
        job.unit.stuck = reason
        self._settle(job)

    def _host(self, name: str) -> Host:
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name, retries_left=self._policy.host_retry_budget)
        return host

    def _push(self, job: Job, *, first: bool = False, later: float | None = None) -> None:
        host = self._host(job.host)
        if host.condition != "active":
            self._turn_away(host, job)
            return
        if job.unit not in host.units:
            host.units.add(job.unit)
            host.delay = max(host.delay, job.unit.source.politeness.delay_seconds)
        if later is not None:
            host.push_later(job, self._loop.time() + later)
        else:
            host.push(job, first=first)
        self._schedule(host)

    def _turn_away(self, host: Host, job: Job) -> None:
        if host.condition == "refused":
            self._skip(job, "host_refused")
        else:
            self._strand(job, f"{host.name} {host.condition}: the rest waits for the next run")

    def _leave(self, host: Host, condition: HostCondition) -> None:
        host.condition = condition
        for job in host.drain():
            self._turn_away(host, job)

    def _schedule(self, host: Host) -> None:
        if host.busy:
            return
        due = host.ready_at()
        if host.timer is not None:
            if due is not None and host.timer.when() <= due:
                return
            host.timer.cancel()
            host.timer = None
        if due is not None:
            host.timer = self._loop.call_at(due, self._launch, host)

    def _launch(self, host: Host) -> None:
        host.timer = None
        if self._finished.is_set() or host.busy:
            return
        due = host.ready_at()
        if due is None or due > self._loop.time():
            self._schedule(host)
            return
        host.busy = True
        if self._active >= self._policy.concurrency:
            self._waiting.append(host)
            return
        self._active += 1
        task = asyncio.create_task(self._work(host))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, host: Host) -> None:
        try:
            await self._step(host)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._failure = self._failure or error
            self._finished.set()
        finally:
            host.busy = False
            self._active -= 1
            if self._waiting:
                following = self._waiting.pop(0)
                following.busy = False
                self._launch(following)
            if not self._finished.is_set():
                self._schedule(host)
                self._check_finished()

    def _check_finished(self) -> None:
        if all(run.finished_at is not None for run in self._units):
            self._finished.set()

    async def _step(self, host: Host) -> None:
        await self._room()
        while (job := host.pop(self._loop.time())) is not None:
            over = job.unit.over_budget(job.role) or host.closed_to(job, self._policy)
            if over is not None:
                self._skip(job, over)
                continue
            validator = self._frontier.validator(job.unit.source.name, job.target)
            if job.role == "image" and validator is not None and not job.unit.asks_again(job.url):
                self._skip(job, "known_picture")
                continue
            robots = self._robots.get(job.origin)
            if robots is None:
                host.push(job, first=True)
                await self._ask_robots(host, job.origin)
                return
            host.slow_down(robots.rules.crawl_delay, self._policy.crawl_delay_limit_seconds)
            verdict = robots.verdict(job.target)
            if robots.trouble is not None:
                self._strand(
                    job, f"{host.name} unreachable ({robots.trouble}): the rest waits for the next run"
                )
                continue
            if not verdict.allowed:
                self._skip(job, robots.refusal)
                continue
            answer = await self._ask(job, conditional_headers(validator))
            host.asked(answer.seen_at)
            host.done += 1
            job.attempts += 1
            try:
                self._handle(host, job, answer, validator, verdict)
            except (ValueError, TypeError, KeyError, LookupError, RecursionError) as error:
                # A page that our own code cannot digest must not take the other units down.
                logger.exception("a page of %s could not be read", job.unit.source.name)
                self._finish(job, answer, None, verdict, error=f"unreadable: {type(error).__name__}")
            return

    async def _ask(self, job: Job, extra: Headers) -> Answer:
        if job.role != "image":
            return await self._fetcher.get(job.target, extra)
        most = min(job.unit.source.images.max_bytes, self._policy.max_wire_bytes)
        return await self._fetcher.get(job.target, extra, max_bytes=most, accept=ACCEPT_PICTURES)

    async def _room(self) -> None:
        """Wait while the disk is slower than the web: asking on would fill the memory."""
        while self._landing.fresh_bytes > 2 * self._policy.landing_bytes and not self._finished.is_set():
            await asyncio.sleep(_ROOM_SECONDS)

    async def _ask_robots(self, host: Host, origin: str) -> None:
        robots, answer = await self._robots.fetch(self._fetcher, origin)
        host.asked(answer.seen_at)
        host.slow_down(robots.rules.crawl_delay, self._policy.crawl_delay_limit_seconds)
        if robots.state != "unreachable" or robots.address_refused:
            return
        tries = host.robots_attempts[origin] = host.robots_attempts.get(origin, 0) + 1
        if tries < self._policy.robots_attempts:
            wait = retry_after(answer, self._policy.retry_after_limit_seconds)
            wait = backoff(tries, self._policy) if wait is None else wait
            self._robots.forget(origin)
            self._retries += 1
            host.next_allowed = max(host.next_allowed, self._loop.time() + wait)

    def _handle(
        self, host: Host, job: Job, answer: Answer, validator: Validator | None, verdict: Verdict
    ) -> None:
        condition = host.judge(answer, self._policy, of_picture=job.role == "image")
        if condition != "active":
            self._leave(host, condition)
        if condition == "unreachable":
            # Its last page was no worse than those that wait.
            self._turn_away(host, job)
            return
        if host.condition == "active" and self._retry(host, job, answer):
            return
        if answer.redirect_target is not None:
            problem = self._redirect(job, answer)
            if problem is not None:
                self._finish(job, answer, None, verdict, error=problem)
            return
        self._finish(job, answer, validator, verdict)

    def _retry(self, host: Host, job: Job, answer: Answer) -> bool:
        """Queue the same request again if the answer invites to; says whether it did. Pictures wait for another day."""
        host_wide = answer.status in HOST_WIDE_RETRY
        if not invites_retry(answer):
            return False
        wait = retry_after(answer, self._policy.retry_after_limit_seconds)
        delay = backoff(job.attempts, self._policy) if wait is None else wait
        if host_wide or wait is not None:
            host.next_allowed = max(host.next_allowed, self._loop.time() + delay)
        if job.attempts > job.unit.source.politeness.max_retries or job.role == "image":
            return False
        if host.retries_left <= 0:
            self._leave(host, "out_of_retries")
            return False
        host.retries_left -= 1
        self._retries += 1
        # What is stored for a resumed round is the whole request, so the chain of redirects starts anew then.
        change = ("pending", None, job.attempts, epoch_after(delay), job.unit.round.round_id, job.url)
        self._landing.batch.changed.append(change)
        if host_wide:
            host.push(job, first=True)
        else:
            host.push_later(job, self._loop.time() + delay)
        return True

    def _redirect(self, job: Job, answer: Answer) -> str | None:
        """Queue the next hop, or settle the job on a page that is known already; else say why it ends here."""
        run = job.unit
        target = canonical_url(answer.redirect_target or "", answer.url)
        job.hops = (*job.hops, hop_of(answer))
        problem = run.redirect_problem(job, target)
        if problem is not None or target is None:
            return problem
        round_id = run.round.round_id
        if target != job.url and target in run.seen:
            self._landing.batch.changed.append(
                ("done", "redirect_to_known_page", job.attempts, 0.0, round_id, job.url)
            )
            self._settle(job)
            return None
        if target != job.url:
            run.seen.add(target)
        job.target = target
        self._push(job, first=True)
        return None

    def _finish(
        self,
        job: Job,
        answer: Answer,
        validator: Validator | None,
        verdict: Verdict,
        error: str | None = None,
    ) -> None:
        run = job.unit
        reading = read_answer(
            run.origin_of(job, answer.url),
            answer,
            validator=validator,
            verdict=verdict,
            hops=job.hops,
            attempts=job.attempts,
            decoded_limit=self._policy.max_decoded_bytes,
            head_bytes=bytes_to_read(run.source, job.role),
            error=error,
        )
        row, outcome = reading.row, reading.row["outcome"]
        requests = requests_from(job, answer, reading, validator, self._landing.batch)
        for found in run.admit(requests, job, self._landing.batch):
            self._push(found)
        good = outcome in ("ok", "not_modified", "unchanged")
        round_id = run.round.round_id
        self._landing.add(run, row)
        reason = None if good else row["error"] or f"status {row['status']}"
        self._landing.batch.changed.append(
            ("done" if good else "failed", reason, job.attempts, 0.0, round_id, job.url)
        )
        if job.target != job.url:
            known = (round_id, job.target, job.role, job.depth, job.url, "done", "redirect_target")
            self._landing.batch.added.append(known)
        run.keep(row)
        self._settle(job)

    async def _keep_landing(self) -> None:
        reported = time.monotonic()
        # `wait_for` of Python 3.11 swallows a cancellation that comes together with what it waits for.
        while self._writer.failure is None and not self._finished.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._landing.is_due.wait(), self._policy.landing_seconds)
            if load := self._landing.take(self._units):
                await self._writer.put(load)
            if time.monotonic() - reported >= self._policy.progress_seconds:
                reported = time.monotonic()
                self._report()
        self._failure = self._failure or self._writer.failure
        self._finished.set()

    def _write(self, load: Load) -> None:
        self._robots.save()
        self._landing.write(load)

    def _report(self) -> None:
        if self._on_progress is not None:
            now = self._loop.time()
            self._on_progress(
                progress_of(self._units, self._hosts.values(), self._retries, self._started, now)
            )

"""One exchange with a host: a request out, an answer (or the reason there is none) back, under every limit.

Redirects are answers too; whoever asked decides about the next hop, because robots, scope and politeness
apply to each hop anew.
"""

import asyncio
import io
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp

from assets.capture.addresses import AddressRefused
from assets.capture.canonical import netloc
from assets.capture.policy import CapturePolicy
from assets.capture.transport import CaptureTransport, Headers

_ACCEPT_ENCODING = "gzip, deflate, br, zstd"
# RFC 9110, 12.5.1: the formats that can be hashed first; a host that has no other may send what it has.
ACCEPT_PICTURES = "image/jpeg,image/png,image/webp,image/gif;q=0.9,image/*;q=0.5"
_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8"


@dataclass
class Answer:
    """What one request brought. `status` is 0 and `error` set when no answer came.

    `body` holds the wire bytes, content-encoding intact; `complete` is False when they stop short of the end
    (the `error` says why: limit, deadline, broken connection). `seen_at`, in seconds of the monotonic clock
    (the event loop's), is when the host had surely seen the request: its answer began, or nothing more was waited for.
    """

    url: str
    fetched_at: datetime
    seen_at: float
    request_headers: Headers
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    elapsed_ms: float = 0.0
    remote_address: str | None = None
    tls_certificate_sha256: str | None = None
    first_byte_ms: float | None = None
    error: str | None = None
    address_refused: bool = False

    def header(self, name: str) -> str | None:
        """The first header of that name (lower case)."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def content_encoding(self) -> str | None:
        """All content-encodings in the order they were applied (RFC 9110, 8.4: repeated headers are one
        list).
        """
        values = [value for key, value in self.headers if key.lower() == "content-encoding"]
        return ", ".join(values) or None

    @property
    def redirect_target(self) -> str | None:
        """The `Location` of a redirect; None for any other answer."""
        return self.header("location") if self.status in (301, 302, 303, 307, 308) else None


class Fetcher:
    """Sends requests under a policy. Use as an asynchronous context manager."""

    def __init__(self, policy: CapturePolicy, room: Callable[[], Awaitable[None]] | None = None) -> None:
        """`room` is awaited before a large body is read: it returns when there is memory for one."""
        self._policy = policy
        self._room = room
        self._transport = CaptureTransport(policy)
        # Most bodies are small. A large one is read to its end only in one of a few places, so that many at once do not
        # fill the memory; the others wait, and their hosts with them.
        self._large_bodies = asyncio.Semaphore(policy.large_bodies)
        self._huge_body = asyncio.Semaphore(1)

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    def headers(self, extra: Headers | None = None, accept: str = _ACCEPT) -> Headers:
        """The request headers, in the order they are sent."""
        headers = [
            ("User-Agent", self._policy.user_agent),
            ("Accept", accept),
            ("Accept-Language", self._policy.accept_language),
            ("Accept-Encoding", _ACCEPT_ENCODING),
        ]
        if self._policy.contact:
            headers.append(("From", self._policy.contact))
        return headers + (extra or [])

    async def get(
        self,
        url: str,
        extra: Headers | None = None,
        *,
        max_bytes: int | None = None,
        accept: str = _ACCEPT,
    ) -> Answer:
        """GET a canonical address, one hop. Never raises for what a host or a network does."""
        policy = self._policy
        headers = [("Host", netloc(url)), *self.headers(extra, accept)]
        started = time.monotonic()
        answer = Answer(url, datetime.now(UTC), started, headers)
        try:
            async with asyncio.timeout(policy.total_deadline_seconds) as deadline:
                await self._exchange(answer, max_bytes or policy.max_wire_bytes, deadline)
        except TimeoutError:
            waited = time.monotonic() - started
            answer.error = (
                f"timeout: {'no answer' if not answer.status else 'body unfinished'} after {waited:.1f} s"
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            answer.error, answer.address_refused = _explain(error)
        if not answer.status:
            answer.seen_at = time.monotonic()
        answer.fetched_at = datetime.now(UTC)
        answer.elapsed_ms = (time.monotonic() - started) * 1000
        return answer

    async def _exchange(self, answer: Answer, limit: int, deadline: asyncio.Timeout) -> None:
        response = await self._transport.send(answer.url, answer.request_headers)
        try:
            answer.status = response.status
            answer.first_byte_ms = (time.monotonic() - answer.seen_at) * 1000
            answer.seen_at = time.monotonic()
            answer.tls_certificate_sha256 = response.tls_certificate_sha256
            answer.remote_address = response.remote_address
            answer.headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers
            ]
            body = io.BytesIO()
            size = 0
            # The places that this body has to wait for, and the size from which on it needs each of them.
            needed = [
                (self._policy.huge_body_bytes, self._huge_body),
                (self._policy.large_body_bytes, self._large_bodies),
            ]
            held: list[asyncio.Semaphore] = []
            try:
                async for piece in response.content.iter_any():
                    size += len(piece)
                    if size > limit:
                        body.write(piece[: len(piece) - (size - limit)])
                        answer.error = f"limit: body exceeds {limit} bytes on the wire"
                        return
                    body.write(piece)
                    while needed and size > needed[-1][0]:
                        _, places = needed.pop()
                        await self._wait_for_a_place(places, deadline)
                        held.append(places)
                answer.complete = True
            finally:
                # Shares the buffer: joining pieces would hold the body twice.
                answer.body = body.getvalue()
                for places in held:
                    places.release()
        finally:
            # An unread rest must not be drained: closing the connection is what stops a slow or endless
            # sender.
            if answer.complete:
                response.release()
            else:
                response.close()

    async def _wait_for_a_place(self, places: asyncio.Semaphore, deadline: asyncio.Timeout) -> None:
        """Wait to be one of the few large bodies. The wait is ours, so it does not count against the host."""
        asked, due = self._loop_time(), deadline.when()
        deadline.reschedule(None)
        await places.acquire()
        try:
            if self._room is not None:
                await self._room()
        except BaseException:
            places.release()
            raise
        if due is not None:
            deadline.reschedule(due + self._loop_time() - asked)

    @staticmethod
    def _loop_time() -> float:
        return asyncio.get_running_loop().time()


def _explain(error: BaseException) -> tuple[str, bool]:
    """A short text without addresses of people or pages, and whether the guard refused the connection."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return f"address refused: {cause}", True
        following = cause.__cause__ or cause.__context__
        if following is None and isinstance(cause, aiohttp.ClientConnectorError):
            following = cause.os_error
        cause = following if following is not cause else None
    return f"{type(error).__name__}: {str(error)[:200]}", False

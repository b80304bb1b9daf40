"""A web server on loopback for tests: paths to answers, and a log of who asked when."""

import asyncio
import socket
import ssl
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field

from assets.capture.policy import CapturePolicy


@dataclass
class Asked:
    """One request as the server saw it; `at` in seconds of the monotonic clock."""

    at: float
    host: str
    path: str
    headers: dict[str, str]


Handler = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def response(
    body: bytes | str = b"",
    status: int = 200,
    headers: dict[str, str] | None = None,
    *,
    length: int | None = None,
) -> bytes:
    """The bytes of an HTTP answer."""
    raw = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": "text/html; charset=utf-8", **(headers or {})}
    fields.setdefault("Content-Length", str(len(raw) if length is None else length))
    lines = [f"HTTP/1.1 {status} Status", *(f"{name}: {value}" for name, value in fields.items() if value)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (b"" if status == 304 else raw)


@dataclass
class LoopbackWeb:
    """Answers by host and path, over TLS when a context is given.

    A page is bytes (a whole answer), a text (a 200 page) or a function.
    """

    pages: dict[str, object] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    address: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    _talking: set[asyncio.StreamWriter] = field(default_factory=set)

    def __enter__(self) -> "LoopbackWeb":
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()

        async def serve() -> None:
            await self._listen()
            self._stop = asyncio.Event()
            ready.set()
            await self._stop.wait()
            self._server.close()
            talks = asyncio.all_tasks() - {asyncio.current_task()}
            for talk in talks:
                talk.cancel()
            await asyncio.gather(*talks, return_exceptions=True)

        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(serve()), daemon=True)
        self._thread.start()
        ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)
        self._loop.close()

    def vanish(self) -> None:
        """Reset every connection and refuse new ones, as a network that is gone, until `come_back`."""
        self._do(self._vanish())

    def come_back(self) -> None:
        """Listen again, on the same port."""
        self._do(self._listen())

    def policy(self, *hosts: str, **settings: object) -> CapturePolicy:
        """A quick policy that finds the hosts here."""
        values: dict[str, object] = {
            "allow_loopback": True,
            "resolve": dict.fromkeys(hosts or ("a.test",), f"127.0.0.1:{self.port}"),
            "backoff_seconds": 0.05,
            "landing_seconds": 0.05,
            **settings,
        }
        return CapturePolicy(**values)  # type: ignore[arg-type]  # names checked by the dataclass

    def paths(self, host: str | None = None) -> list[str]:
        """Paths asked for, in order, robots.txt left out."""
        return [a.path for a in self.asked if a.path != "/robots.txt" and host in (None, a.host)]

    def _do(self, step: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._talk, self.address, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _vanish(self) -> None:
        self._server.close()
        for writer in self._talking:
            # No farewell: with this option a close is a reset.
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talking.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                headers = {
                    name.lower(): value
                    for name, value in (line.split(": ", 1) for line in lines if ": " in line)
                }
                asked = Asked(time.monotonic(), headers.get("host", ""), first.split(" ")[1], headers)
                self.asked.append(asked)
                page = self.pages.get(asked.host + asked.path, self.pages.get(asked.path))
                if page is None and asked.path == "/robots.txt":
                    page = response("", 404)
                elif page is None:
                    page = response("no such page", 404)
                if callable(page):
                    page = await page(asked, writer)
                if page is None:
                    break
                writer.write(page if isinstance(page, bytes) else response(str(page)))
                await writer.drain()
        except (
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            asyncio.CancelledError,
            ConnectionError,
        ):
            pass
        finally:
            self._talking.discard(writer)
            writer.close()

"""Writing off the event loop: loads go to disk on a thread of their own, one at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from assets.capture.landing import Load


class LoadWriter:
    """Calls `write` for one load after the other; after a failure, kept in `failure`, for none."""

    def __init__(self, write: Callable[[Load], None]) -> None:
        self._write = write
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="landing")
        self._writing: asyncio.Future[None] | None = None
        self.failure: BaseException | None = None

    async def put(self, load: Load) -> None:
        """Write a load. A cancelled wait does not stop the writing; `close` waits for it then."""
        self._writing = asyncio.get_running_loop().run_in_executor(self._thread, self._write, load)
        await self._settle()

    async def close(self) -> None:
        """Wait for what is being written, and end the thread."""
        await self._settle()
        self._thread.shutdown()

    async def _settle(self) -> None:
        if self._writing is None:
            return
        await asyncio.wait([self._writing])
        self.failure = self.failure or self._writing.exception()
        self._writing = None

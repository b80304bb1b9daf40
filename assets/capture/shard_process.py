"""One process of a sharded crawl: told what to crawl on its standard input, it reports on its standard output."""

import asyncio
import ctypes
import os
import pickle
import signal
import sys
import threading
from pathlib import Path
from typing import IO, Any

from assets.capture.engine import Engine
from assets.capture.progress import CrawlProgress
from assets.capture.shards import Assignment
from assets.capture.unit_run import UnitOutcome
from warehouse.parts import PartStore

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """End at once when the parent does: a crawler that nobody waits for would ask what the next run asks again."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        # Not through `sys.stdin`, whose lock this thread would hold when the interpreter ends.
        while os.read(0, 4096):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


async def _crawl(assignment: Assignment, tell: Any) -> list[UnitOutcome]:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)

    def on_progress(progress: CrawlProgress) -> None:
        tell("progress", progress)

    store = PartStore(Path(assignment.home))
    engine = Engine(store, assignment.policy, on_progress, assignment.run_id, makes_parts=False)
    return await engine.run(assignment.units)


def main() -> int:
    """Crawl as told; 0 when every unit ended and was reported."""
    # What libraries print must not get between the messages.
    channel: IO[bytes] = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    assignment: Assignment = pickle.load(sys.stdin.buffer)
    _die_with_parent()

    def tell(kind: str, content: Any) -> None:
        pickle.dump((kind, content), channel)
        channel.flush()

    try:
        outcomes = asyncio.run(_crawl(assignment, tell))
    except asyncio.CancelledError:
        return 0
    except Exception as error:
        tell("error", _sendable(error))
        return 1
    tell("outcomes", outcomes)
    return 0


def _sendable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


if __name__ == "__main__":
    sys.exit(main())

"""The lock of a home: one run at a time."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class HouseBusy(RuntimeError):
    """Another run works in the same home."""


@contextmanager
def run_lock(home: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the home for one run. The kernel frees the lock when the process ends, however it ends."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("w") as handle:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise HouseBusy(
                        f"another run works in {home}; wait for it to end, or set STORMLANTERN_LOCK_WAIT_SECONDS"
                    ) from None
                time.sleep(0.2)
        yield

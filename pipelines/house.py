"""Opening the house for one run: lock, store, sources, key, simulated web. Not what the run does with it."""

import json
import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from assets.capture.frontier import Frontier
from assets.capture.policy import CapturePolicy
from assets.capture.source import Source
from assets.house import House, Speaker
from assets.operation import Operation
from assets.screening.lists import FOLDER as WATCH_LISTS
from pipelines.busy import run_lock
from pipelines.settings import Settings
from warehouse.parts import PartStore

SIMULATION_START_SECONDS = 60.0


def pseudonym_key(settings: Settings) -> bytes:
    """The secret of the pseudonyms: the setting, else a key made once and kept in the restricted folder."""
    if settings.pseudonym_key:
        return settings.pseudonym_key.encode()
    file = settings.home / "restricted" / "pseudonym.key"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(file.read_text(encoding="ascii"))
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_hex(32))
    return bytes.fromhex(file.read_text(encoding="ascii"))


def _anchor(folder: Path, operation: Operation) -> date:
    """The simulated web's own today: the day of its first run, so that later runs see the same web."""
    if operation.simulation is not None and operation.simulation.anchor is not None:
        return operation.simulation.anchor
    file = folder / "anchor"
    if not file.exists():
        file.write_text(datetime.now(UTC).date().isoformat(), encoding="ascii")
    return date.fromisoformat(file.read_text(encoding="ascii").strip())


@contextmanager
def simulated_web(home: Path, operation: Operation, log: Speaker) -> Iterator[Mapping[str, str]]:
    """Serve the operation's simulated web on loopback while the block runs.

    Yields host → address:port; empty for an operation on the real web. The server is a process of its own that
    ends when this one does (it watches its standard input).
    """
    if operation.simulation is None:
        yield {}
        return
    folder = home / "simulation"
    folder.mkdir(parents=True, exist_ok=True)
    # A name of its own: the server of a killed run may still be starting, and would announce hosts that vanish.
    for stale in folder.glob("ready*.json"):
        stale.unlink()
    ready = folder / f"ready-{os.getpid()}.json"
    command = [
        *(sys.executable, "-m", "simulation.serve"),
        *("--seed", str(operation.simulation.seed), "--size", operation.simulation.size),
        *("--anchor", _anchor(folder, operation).isoformat()),
        *("--truth", str(folder / "truth.json"), "--access-log", str(folder / "access.jsonl")),
        *("--export-folder", str(folder / "telegram_export"), "--ready", str(ready)),
        *("--watch-list-folder", str(home / WATCH_LISTS)),
    ]
    for option in ("stolen_photos", "recycled_phones"):
        share = getattr(operation.simulation, option)
        if share is not None:
            command += [f"--{option.replace('_', '-')}", str(share)]
    with (folder / "server.log").open("wb") as errors:
        server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=Path(__file__).parents[1],
        )
    try:
        deadline = time.monotonic() + SIMULATION_START_SECONDS
        while not ready.exists():
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the simulated web did not start; see {folder / 'server.log'}")
            time.sleep(0.05)
        hosts: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))["hosts"]
        log.info(f"the simulated web serves {len(hosts)} hosts on loopback")
        yield hosts
    finally:
        if server.stdin is not None:
            server.stdin.close()
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        ready.unlink(missing_ok=True)


def capture_policy(settings: Settings, operation: Operation | None) -> CapturePolicy:
    """The engine's policy: the settings; loopback is open only for a simulated web or by explicit setting."""
    return CapturePolicy(
        user_agent=settings.user_agent,
        trust_env=settings.trust_proxy_environment,
        allow_loopback=settings.allow_loopback
        or (operation is not None and operation.simulation is not None),
        allow_private_addresses=settings.allow_networks,
        resolve=settings.resolve,
        max_wire_bytes=settings.max_wire_bytes,
        max_decoded_bytes=settings.max_decoded_bytes,
        total_deadline_seconds=settings.total_deadline_seconds,
        processes=settings.crawl_processes,
    )


@contextmanager
def open_house(
    settings: Settings,
    operation: Operation,
    sources: Mapping[str, Source],
    run_id: str,
    log: Speaker | None = None,
) -> Iterator[House]:
    """Lock the home, clear what a killed run left, and yield the house. Raises `HouseBusy`."""
    speaker: Speaker = log or logging.getLogger("stormlantern")

    def open_web() -> AbstractContextManager[Mapping[str, str]]:
        return simulated_web(settings.home, operation, speaker)

    with run_lock(settings.home, settings.lock_wait_seconds):
        store = PartStore(settings.home)
        recovery = store.recover()
        if recovery.temporary_removed or recovery.unmanifested_removed:
            speaker.info(
                f"an earlier run was cut off: removed {recovery.temporary_removed} temporary and "
                f"{recovery.unmanifested_removed} uncommitted files; what was committed stands"
            )
        if recovery.missing:
            raise RuntimeError(
                f"{len(recovery.missing)} committed files are gone from {settings.home}, the first is "
                f"{recovery.missing[0]}; restore them from a backup"
            )
        for folder in ("inbox", WATCH_LISTS):
            (settings.home / folder).mkdir(exist_ok=True)
        yield House(
            home=settings.home,
            store=store,
            sources=sources,
            operation=operation,
            run_id=run_id,
            key=pseudonym_key(settings),
            log=speaker,
            policy=capture_policy(settings, operation),
            keep_snapshots=settings.keep_snapshots,
            timestamp_authority=settings.timestamp_url,
            open_web=open_web,
        )
        # Not reached when the process is killed: the next run then goes on with the rounds of this one.
        Frontier(store, run_id).end_run()

"""A crawl in a process of its own, to be killed, starved of disk or measured; run as `python -m`.

Argument: JSON with `home`, `port`, `hosts` (a source each two hosts share), and optionally `processes`, `run_id`, `run`
(ends up in the user agent), `kill` ([function, n]: this process kills itself when it calls the function for the n-th
time).
Prints `ready` once everything is imported, then one JSON line: the outcomes, or the error that ended the crawl.
"""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from assets.capture.crawling import crawl
from assets.capture.frontier import Frontier
from assets.capture.policy import CapturePolicy
from assets.capture.source import Source
from assets.capture.unit_run import Unit
from warehouse.parts import PartStore

DAY = date(2026, 3, 1)


def sources(hosts: list[str]) -> list[Source]:
    """One source for every two hosts; it begins on the first of them."""
    return [
        Source.model_validate(
            {
                "name": f"board_{first.partition('.')[0]}",
                "kind": "listings",
                "start": [f"http://{first}/0"],
                "scope": {"hosts": [first, second]},
                "politeness": {"delay_seconds": 0.005},
                "listings": {"follow": ["a"], "item": "p", "fields": {"text": "p"}},
            }
        )
        for first, second in zip(hosts[::2], hosts[1::2], strict=True)
    ]


def die_at(call: str, count: int) -> None:
    """Kill this process with SIGKILL when a function is called for the `count`-th time."""
    owners: dict[str, tuple[Any, str]] = {
        "fsync": (os, "fsync"),
        "fdatasync": (os, "fdatasync"),
        "rename": (Path, "rename"),
        "land": (Frontier, "land"),
        "store_parts": (Frontier, "store_parts"),
        "recover_landing": (Frontier, "recover_landing"),
        "recover": (PartStore, "recover"),
        "commit": (PartStore, "commit"),
        "close_rounds": (Frontier, "close_rounds"),
    }
    # `after_…` dies when the function returns, with its effect on the disk already.
    after, name = call.startswith("after_"), call.removeprefix("after_")
    owner, attribute = owners[name]
    original: Callable[..., Any] = getattr(owner, attribute)
    left = count

    def fatal(*values: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*values, **named)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, attribute, fatal)


def main(order: dict[str, Any]) -> None:
    """Crawl as ordered."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    if "kill" in order:
        die_at(*order["kill"])
    print("ready", flush=True)
    address = f"127.0.0.1:{order['port']}"
    policy = CapturePolicy(
        user_agent=f"Crawler/1.0 run-{order.get('run', 0)}",
        allow_loopback=True,
        resolve=dict.fromkeys(order["hosts"], address),
        landing_seconds=0.02,
        part_rows=25,
        processes=order.get("processes", 1),
        backoff_seconds=0.05,
    )
    try:
        store = PartStore(Path(order["home"]))
        store.recover()
        units = [Unit(source, DAY) for source in sources(order["hosts"])]
        outcomes = crawl(units, store, policy, run_id=order.get("run_id"))
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
        sys.exit(1)
    print(json.dumps({"outcomes": [asdict(outcome) for outcome in outcomes]}, default=str), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))

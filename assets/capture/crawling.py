"""To crawl: units in, captures and outcomes out; in this process, or on several."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from assets.capture.engine import Engine, ProgressCallback
from assets.capture.policy import CapturePolicy
from assets.capture.shards import crawl_sharded
from assets.capture.unit_run import Unit, UnitOutcome
from warehouse.parts import PartStore


async def crawl_async(
    units: Sequence[Unit],
    store: PartStore,
    policy: CapturePolicy,
    on_progress: ProgressCallback | None = None,
    run_id: str | None = None,
) -> list[UnitOutcome]:
    """Crawl units side by side into captures of `store`; one outcome per unit, in order.

    An open round of a unit is resumed; otherwise a new round begins, with conditional requests where an earlier
    answer allows. Raises what the store raises (a full disk, for example); hosts and networks raise nothing.
    """
    return await Engine(store, policy, on_progress, run_id).run(units)


def crawl(
    units: Sequence[Unit],
    store: PartStore,
    policy: CapturePolicy,
    on_progress: ProgressCallback | None = None,
    run_id: str | None = None,
) -> list[UnitOutcome]:
    """`crawl_async` in an event loop of its own; with `policy.processes` above 1, on so many processes.

    Raises besides `ShardError` for a process that was killed.
    """
    if policy.processes > 1:
        here = partial(crawl, store=store, policy=replace(policy, processes=1), run_id=run_id)
        return crawl_sharded(units, store, policy, on_progress, run_id, here)
    return asyncio.run(crawl_async(units, store, policy, on_progress, run_id))

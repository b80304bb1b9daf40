"""What linking and detection cost at any size, in a full build and for a day of 1 % new items, beside peers.

Run: python -m benchmarks.scale [ITEMS …] [--texts] [--day] [--home DIR]    (default 100000)

A planted home (`planted_house`) is written as parts; then the real stage functions run in a process each, gates and
commits included: `link_all`, then `detect_all` (surges, leads). Printed for each: CPU seconds of the process (its start
apart), wall seconds, peak resident memory, and the seconds of the functions inside. `--day` adds a day of 1 % new
items and runs both again; that days one by one give the tables that all at once give is for a test
(`tests/assets/detection/test_day_by_day.py`). Peers on the same tables: plain connected components (scipy) for the
actors, MinHash (rensa) for texts, a Poisson regression per series (statsmodels) for surges.
"""

import argparse
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from benchmarks.planted_house import DAYS, FIRST_DAY, PIECE, plant, plant_in_pieces

PEER_SERIES = 200


def _clock() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, time.perf_counter()


def _timed(module: ModuleType, spent: dict[str, list[float]]) -> None:
    """Let the functions that a stage module calls note their CPU seconds."""

    def wrapped(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            before = _clock()[0]
            try:
                return function(*arguments, **named)
            finally:
                spent.setdefault(name, [0.0])[0] += _clock()[0] - before

        return call

    for name, value in list(vars(module).items()):
        made_in = getattr(value, "__module__", "")
        from_elsewhere = made_in != module.__name__ and made_in.split(".")[0] in {"assets", "quality"}
        if callable(value) and not isinstance(value, type) and from_elsewhere:
            setattr(module, name, wrapped(name, value))


def _house(home: Path, day: int) -> Any:
    from assets.house import House
    from assets.operation import Operation
    from warehouse.parts import PartStore

    moment = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=day)
    return House(
        home=home,
        store=PartStore(home),
        sources={},
        operation=Operation(code="planted", name="planted", countries=("ES", "PT")),
        run_id=f"run{day}",
        key=b"k" * 32,
        log=logging.getLogger("scale"),
        now=lambda: moment,
    )


def _run_step(step: str, home: Path, day: int) -> dict[str, Any]:
    """One stage, in this process."""
    spent: dict[str, list[float]] = {}
    result: dict[str, Any] = {"step": step}
    if step in {"link", "detect"}:
        import assets.detection.stage as detection
        import assets.linking.stage as linking
        from quality.expectations import preload

        preload()
        module, function = (
            (linking, linking.link_all) if step == "link" else (detection, detection.detect_all)
        )
        _timed(module, spent)
        house = _house(home, day)
        start = _clock()
        function(house)
    else:
        house = _house(home, day)
        start = _clock()
        result["note"] = _PEERS[step](house)
    end = _clock()
    result |= {
        "start_seconds": start[0],
        "cpu": end[0] - start[0],
        "wall": end[1] - start[1],
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "inside": {name: round(seconds[0], 2) for name, seconds in spent.items() if seconds[0] >= 0.05},
    }
    return result


def _peer_components(house: Any) -> str:
    """scipy: items joined by any shared identifier or account, from the same tables."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    from assets.parsing.current import current_items, current_rows
    from quality.contracts import CONTRACTS

    items = current_items(house.store)
    mentions = current_rows(house.store, CONTRACTS["mentions"], items)
    accounts = items.filter(pl.col("account").is_not_null()).select(
        "item_id", (pl.col("site") + "|" + pl.col("account")).alias("key")
    )
    uses = pl.concat([mentions.select("item_id", pl.col("identifier_id").alias("key")), accounts])
    left = uses["item_id"].rank("dense").to_numpy().astype(np.int64) - 1
    right = uses["key"].rank("dense").to_numpy().astype(np.int64) + left.max()
    size = int(right.max()) + 1
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    largest = np.bincount(label[: items.height]).max()
    return f"largest component holds {largest / items.height:.0%} of the items"


def _peer_minhash(house: Any) -> str:
    """rensa: MinHash of word 3-grams, 128 permutations, 32 bands, on the same texts."""
    from rensa import RMinHash, RMinHashLSH

    from assets.parsing.current import current_items

    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    pairs = 0
    for number, text in enumerate(current_items(house.store)["text"]):
        words = text.split()
        signature = RMinHash(num_perm=128, seed=1)
        signature.update([" ".join(words[place : place + 3]) for place in range(max(len(words) - 2, 1))])
        pairs += len(index.query(signature))
        index.insert(number, signature)
    return f"{pairs:,} candidate pairs"


def _peer_regression(house: Any) -> str:
    """statsmodels: a Poisson regression (trend, weekday) on the daily counts of some series, for all of them."""
    import numpy as np
    import statsmodels.api as statsmodels

    from assets.detection.surges import main_facts
    from assets.parsing.current import current_items, current_rows
    from quality.contracts import CONTRACTS

    items = current_items(house.store)
    facts = main_facts(current_rows(house.store, CONTRACTS["facts"], items))
    series = ["site", "place", "nationality", "category"]
    counts = (
        items.join(facts, on="item_id")
        .drop_nulls(series)
        .group_by(*series, "first_seen")
        .len()
        .with_columns(pl.col("len").sum().over(series).alias("all"))
        .filter(pl.col("all") >= 12)
    )
    groups = counts.partition_by(series, maintain_order=True)
    days = np.arange(DAYS)
    design = np.column_stack(
        [np.ones(DAYS), days / DAYS, *(days % 7 == weekday for weekday in range(6))]
    ).astype(float)
    before = _clock()[0]
    for group in groups[:PEER_SERIES]:
        daily = np.zeros(DAYS)
        place = (group["first_seen"] - FIRST_DAY).dt.total_days().to_numpy()
        kept = place < DAYS
        daily[place[kept]] = group["len"].to_numpy()[kept]
        statsmodels.GLM(daily, design, family=statsmodels.families.Poisson()).fit()
    each = (_clock()[0] - before) / max(min(len(groups), PEER_SERIES), 1)
    return f"{each * 1000:.1f} ms a series, {each * len(groups):.1f} s for all {len(groups):,} series"


_PEERS: dict[str, Callable[[Any], str]] = {
    "peer: scipy components": _peer_components,
    "peer: rensa MinHash": _peer_minhash,
    "peer: statsmodels Poisson regression": _peer_regression,
}


def _in_process(step: str, home: Path, day: int) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.scale",
        "--step",
        step,
        "--home",
        str(home),
        "--at",
        str(day),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    print(
        f"  {step:<38} {result['cpu']:8.1f} s CPU {result['wall']:8.1f} s wall {result['peak_mib']:7,.0f} MiB peak"
        f"  (start {result['start_seconds']:.1f} s) {result.get('note', '')}",
        flush=True,
    )
    for name, seconds in sorted(result["inside"].items(), key=lambda entry: -entry[1]):
        print(f"      {name:<34} {seconds:8.2f}", flush=True)
    return result


def _plant(size: int, home: Path, texts: bool, first: int, last: int) -> None:
    """In a process of its own, so that its memory is not measured."""
    command = [sys.executable, "-m", "benchmarks.scale", str(size), "--step", "plant", "--home", str(home)]
    command += ["--days", str(first), str(last)] + (["--texts"] if texts else [])
    subprocess.run(command, check=True)


def _both_stages(home: Path, day: int) -> float:
    return sum(float(_in_process(step, home, day)["cpu"]) for step in ("link", "detect"))


def _measure(size: int, folder: Path, *, texts: bool, day: bool, peers: bool) -> None:
    home = folder / f"home{size}"
    _plant(size, home, texts, 0, DAYS)
    print(f"\n{size:,} items over {DAYS} days, full build", flush=True)
    full = _both_stages(home, DAYS)
    print(f"  both stages: {full:.1f} s CPU", flush=True)
    if peers:
        for step in _PEERS:
            if texts or "rensa" not in step:
                _in_process(step, home, DAYS)
    if day:
        _plant(size, home, texts, DAYS, DAYS + 1)
        print(f"{size:,} items and a day of 1 % more", flush=True)
        increment = _both_stages(home, DAYS + 1)
        print(f"  both stages: {increment:.1f} s CPU, {increment / full:.1%} of the full build", flush=True)


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--texts", action="store_true")
    parser.add_argument("--day", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--step")
    parser.add_argument("--at", type=int, default=DAYS)
    parser.add_argument("--days", nargs=2, type=int)
    options = parser.parse_args()
    sizes = options.sizes or [100_000]
    if options.step == "plant":
        size = sizes[0] * (DAYS + 1) // DAYS
        if size > 2 * PIECE:
            plant_in_pieces(size, sizes[0], options.home, *options.days, texts=options.texts)
        else:
            plant(size, seed=sizes[0], texts=options.texts).commit(options.home, *options.days)
    elif options.step:
        print(json.dumps(_run_step(options.step, options.home, options.at)))
    else:
        for size in sizes:
            if options.home:
                options.home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="scale-", dir=options.home) as folder:
                _measure(size, Path(folder), texts=options.texts, day=options.day, peers=not options.no_peers)


if __name__ == "__main__":
    main()

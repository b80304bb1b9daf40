"""A publisher killed at any moment leaves a snapshot that answers, and the next one finishes the work."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from warehouse import snapshots
from warehouse.connections import connect_snapshot

pytestmark = pytest.mark.slow

PUBLISHER = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from assets.operation import Operation
    from assets.publishing.warehouse import publish
    from warehouse.parts import PartStore

    home, key = Path(sys.argv[1]), sys.argv[2].encode()
    print("begun", flush=True)
    publish(
        PartStore(home), home, run_id="killed", operation=Operation(code="lantern", name="Lantern"), key=key,
        now=datetime.now(UTC),
    )
    """
)


def test_kill_at_random_moments(house: Any) -> None:
    house.publish()
    root = Path(__file__).parents[3]
    randomness = random.Random(20260304)
    finished = 0
    for attempt in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", PUBLISHER, str(house.home), f"invented key number {attempt}"],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(randomness.uniform(0.05, 1.5))
        process.kill()
        finished += process.wait() != -signal.SIGKILL
        process.stdout.close()
        for restricted in (False, True):
            with connect_snapshot(house.home, restricted) as connection:
                assert connection.execute("SELECT count(*) FROM leads").fetchone() == (4,)
                assert connection.execute("SELECT count(*) FROM lead_chain").fetchone() == (4,)
    assert finished < 8, "no publisher was killed in time"
    last = house.publish(key=b"the key of a calm day")
    assert snapshots.current_version(house.home) == last.version
    assert not list(house.home.rglob("*.tmp*"))
    # Every version that stands is complete: it passed the gate and got both its names.
    versions = {file.stem for file in (house.home / "warehouse").glob("*.duckdb")}
    assert versions == {file.stem for file in (house.home / "restricted").glob("*.duckdb")}

"""All benchmarks: `make bench`, or `python -m benchmarks NAME …` for some.

Each is a module of its own that prints its figures beside a named peer or against planted truth; they run one after the
other, each in its own process, so that none warms up or burdens the next.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.command_line import words_asked

# What each costs on two cores is minutes at most; the demonstration needs a home that a run has filled.
BENCHMARKS = (
    "extraction",
    "extraction_quality",
    "facts_quality",
    "linking",
    "scale",
    "surges",
    "near_duplicates",
    "images",
    "uploaded_pictures",
    "screening",
    "statistics",
    "crawl",
    "demonstration",
)


def _demonstration(home: Path) -> list[str]:
    run = [sys.executable, "-m", "pipelines.cli", "run", "--operation", "demonstration", "--home", str(home)]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
    return [sys.executable, "-m", "benchmarks.demonstration", str(home)]


def main() -> int:
    """Run the named benchmarks, or all; returns 1 if one failed."""
    wanted = words_asked(__doc__) or list(BENCHMARKS)
    unknown = set(wanted) - set(BENCHMARKS)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
        return 1
    failed = 0
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in wanted:
            print(f"== {name}", flush=True)
            command = [sys.executable, "-m", f"benchmarks.{name}"]
            if name == "demonstration":
                command = _demonstration(Path(folder) / "home")
            environment = {key: value for key, value in os.environ.items() if key != "STORMLANTERN_HOME"}
            failed += subprocess.run(command, env=environment).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())

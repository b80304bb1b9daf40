"""`stormlantern report`: the operation report of the newest snapshot."""

from pathlib import Path

from assets.publishing.report import render_report
from warehouse.connections import newest_snapshot


def report(home: Path, output: Path | None) -> Path:
    """Write the report of the newest analysts' snapshot; returns the file. Raises `FileNotFoundError`."""
    snapshot = newest_snapshot(home)
    return render_report(snapshot, output or home / "reports" / f"{snapshot.stem}.html")

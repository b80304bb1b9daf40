"""`stormlantern report`: the operation report of the newest snapshot."""

from collections.abc import Callable
from pathlib import Path

from assets.publishing.findings import Findings, read_findings
from assets.publishing.report import write_html
from assets.publishing.report_files import write_csv, write_json, write_xlsx
from assets.publishing.shareable import shareable
from warehouse.connections import newest_snapshot

# What each format writes with, and how its file's name ends.
_FORMATS: dict[str, tuple[Callable[[Findings, Path], Path], str]] = {
    "html": (write_html, ".html"),
    "csv": (write_csv, ".csv.zip"),
    "xlsx": (write_xlsx, ".xlsx"),
    "json": (write_json, ".json"),
}


def report(home: Path, output: Path | None, form: str, *, minimum_cell: int | None) -> Path:
    """Write the report of the newest analysts' snapshot; returns the file, or the folder of CSV files.

    `minimum_cell` is the smallest count of persons that the shareable variant shows; None writes the full report.
    Raises `FileNotFoundError` without a snapshot.
    """
    snapshot = newest_snapshot(home)
    found = read_findings(snapshot)
    variant = ""
    if minimum_cell is not None:
        found, variant = shareable(found, minimum_cell), "-shareable"
    write, ending = _FORMATS[form]
    return write(found, output or home / "reports" / f"{snapshot.stem}{variant}{ending}")

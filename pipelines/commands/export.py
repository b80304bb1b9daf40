"""`stormlantern export`: evidence for others' tools."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from assets.capture.warc_export import export_warc


def export(home: Path, warc: Path, sources: Sequence[str], day: date | None) -> None:
    """Write a WARC file and say what is in it. Raises `ExportError`, `FileNotFoundError`."""
    summary = export_warc(home, warc, sources, day)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(summary.records.items()))
    sys.stdout.write(
        f"{warc}: {summary.bytes / 1024 / 1024:.1f} MiB; records: {counts}\n"
        "It holds personal data in clear, as it was received: only you can read the file (mode 0600); hand it on "
        "encrypted, and to nobody without a need\n"
    )

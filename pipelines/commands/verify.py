"""`stormlantern verify`: the custody chain checked, told to a person."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from assets.capture.custody import CustodyProgress, CustodyReport, verify_custody
from assets.capture.timestamps import TimestampError, load_roots
from pipelines.settings import SettingsError

EXIT_INTACT, EXIT_BROKEN = 0, 1
PROGRESS_SECONDS = 2.0
MOST_SHOWN = 20
MIB = 1024 * 1024


class _Narrator:
    """Says on standard error how far the check has come."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PROGRESS_SECONDS

    def __call__(self, progress: CustodyProgress) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PROGRESS_SECONDS
        rate = progress.bytes / MIB / max(progress.seconds, 0.001)
        sys.stderr.write(
            f"{progress.seconds:7.1f}s {progress.parts} of {progress.parts_total} parts, "
            f"{progress.bytes / MIB:.0f} of {progress.bytes_total / MIB:.0f} MiB, "
            f"{progress.rows} captures, {rate:.1f} MiB/s\n"
        )


def _account(report: CustodyReport) -> str:
    seconds = max(report.seconds, 0.001)
    lines = [
        f"{report.parts} parts ({report.bytes / MIB:.1f} MiB) and {report.rows} captures, {report.bodies} with a body, "
        f"checked in {report.seconds:.1f} s ({report.bytes / MIB / seconds:.1f} MiB/s)"
    ]
    for head, since in report.anchors.items():
        lines.append(f"head {head} is a link of the chain; {since} links were added since")
    if report.stamped_at is not None:
        moment = report.stamped_at.isoformat(timespec="seconds")
        checked = "" if report.signed else "; signatures not checked: set STORMLANTERN_TIMESTAMP_ROOTS"
        lines.append(f"{report.stamps} time-stamps of heads, the newest of {moment}{checked}")
    if report.landed:
        lines.append(
            f"note: {report.landed} answers of a run under way, or cut off, are not in the chain yet; the next run "
            "puts them there"
        )
    if report.unnamed:
        lines.append(
            f"note: {report.unnamed} files are named by no row of the manifest: a cut-off commit leaves such files, "
            "and so does the removal of rows"
        )
    if report.intact:
        lines.append("intact: nothing differs from what was committed")
    else:
        count = len(report.differences)
        lines.append(f"BROKEN: {count} difference{'s' if count > 1 else ''}; the first:")
        lines += [f"  {difference}" for difference in report.differences[:MOST_SHOWN]]
        if count > MOST_SHOWN:
            lines.append(f"  and {count - MOST_SHOWN} more")
    lines.append(f"head of the chain, {report.links} links: {report.head}")
    lines.append(
        "write it down elsewhere; `stormlantern verify --head HEX` shows later that nothing was cut off"
    )
    return "\n".join(lines) + "\n"


def verify(home: Path, heads: Sequence[str], roots: Path | None) -> int:
    """Check a home and print the account; 0 when intact, 1 when not.

    `roots` is a PEM file of the certificates that time-stamps must lead to. Raises `FileNotFoundError` without a
    manifest, `SettingsError` for a file without certificates.
    """
    try:
        trusted = load_roots(roots) if roots is not None else []
    except TimestampError as error:
        raise SettingsError(f"STORMLANTERN_TIMESTAMP_ROOTS: {error}") from None
    report = verify_custody(home, heads=heads, roots=trusted, on_progress=_Narrator())
    sys.stdout.write(_account(report))
    return EXIT_INTACT if report.intact else EXIT_BROKEN

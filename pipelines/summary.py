"""What a person reads at the end of a run: what was found, what was blocked, where it all is."""

from pathlib import Path

import polars as pl

from assets.publishing.summary import summary
from quality.contracts import CONTRACTS
from warehouse.connections import NoSnapshotError, newest_snapshot
from warehouse.parts import PartStore


def _failed_rules(store: PartStore, run_id: str) -> list[str]:
    failed = (
        store.scan("quality_results", CONTRACTS["quality_results"].schema)
        .filter((pl.col("run_id") == run_id) & ~pl.col("success"))
        .sort("table_name", "rule")
        .collect()
    )
    return [
        f"  {row['table_name']}.{row['rule']} ({row['severity']}): {row['unexpected']} of {row['checked']} rows"
        for row in failed.iter_rows(named=True)
    ]


def run_summary(home: Path, run_id: str, succeeded: bool) -> str:
    """The summary of a run, without personal data: snapshot, failed rules, places."""
    store = PartStore(home)
    lines: list[str] = [""]
    published = True
    try:
        snapshot = newest_snapshot(home)
        lines.append(summary(snapshot).render().rstrip())
    except NoSnapshotError:
        published = False
        lines.append("No snapshot has been published yet.")
    if not succeeded:
        above = "; what stands above is the last good snapshot." if published else "."
        lines += ["", f"The run FAILED{above}"]
    rules = _failed_rules(store, run_id)
    if rules:
        lines += ["", "Rules broken in this run (rows are in quarantine):", *rules]
    lines.append("")
    if published:
        lines += [
            f"Snapshot   {home / 'warehouse.duckdb'}   (stormlantern sql)",
            f"Report     {home / 'reports' / 'report.html'}",
            f"Restricted {home / 'restricted.duckdb'}   (case officers)",
        ]
    lines += [
        f"Dagster    make ui   (run {run_id[:8]})",
        "",
    ]
    return "\n".join(lines)

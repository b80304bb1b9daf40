"""The publishing stage: quarantine counted, both snapshot files built and flipped, the report written."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from assets.house import House, digest_of
from assets.parsing.schemas import ADVISORY_RULES
from assets.publishing.report import render_report
from assets.publishing.warehouse import Snapshot, publish
from quality.admission import QUARANTINE, Admission, Candidate, admit
from quality.contracts import CONTRACTS
from quality.gate import RULE
from warehouse.parts import PartStore

PAGES = QUARANTINE + "pages"
UNIT_COLUMNS: dict[str, pl.DataType] = {"source": pl.String(), "unit_date": pl.Date()}


@dataclass(frozen=True)
class Publication:
    """What was published: the snapshot, the report's file, and the verdicts on the counts."""

    snapshot: Snapshot
    report: Path
    admission: Admission


def count_quarantine(store: PartStore) -> pl.DataFrame:
    """Rows in quarantine by table, unit and rule (contract `quarantine_counts`).

    Pages that could not be read count under the table they would have filled.
    """
    columns = ["table_name", "source", "unit_date", "rule"]
    frames = [
        store.scan(PAGES, {**UNIT_COLUMNS, "table": pl.String(), "rule": pl.String()})
        .filter(~pl.col("rule").is_in(ADVISORY_RULES))
        .rename({"table": "table_name"})
        .select(columns)
    ]
    for table, contract in CONTRACTS.items():
        if contract.per_unit:
            frames.append(
                store.scan(QUARANTINE + table, {**UNIT_COLUMNS, RULE: pl.String()})
                .with_columns(pl.lit(table).alias("table_name"))
                .rename({RULE: "rule"})
                .select(columns)
            )
    return (
        pl.concat(frames).group_by(columns).agg(pl.len().cast(pl.Int64).alias("rows")).sort(columns).collect()
    )


def publish_snapshot(house: House) -> Publication:
    """Count the quarantine, publish, write the report. Raises `PrivacyViolation`; the old snapshot then stays."""
    store = house.store
    quarantine = [part for name in (*CONTRACTS, "pages") for part in store.parts(QUARANTINE + name)]
    counts = Candidate(CONTRACTS["quarantine_counts"], count_quarantine(store), digest_of(quarantine))
    admission = admit(store, [counts], run_id=house.run_id)
    snapshot = publish(
        store,
        house.home,
        run_id=house.run_id,
        operation=house.operation,
        key=house.key,
        now=house.now(),
        keep=house.keep_snapshots,
    )
    house.log.info(
        f"published snapshot {snapshot.version}: {sum(snapshot.rows.values())} rows in {len(snapshot.rows)} tables"
        if snapshot.is_new
        else f"nothing new: snapshot {snapshot.version} stands"
    )
    report = render_report(snapshot.warehouse, house.home / "reports" / f"{snapshot.version}.html")
    _point_to(house.home / "reports" / "report.html", report)
    return Publication(snapshot, report, admission)


def _point_to(link: Path, target: Path) -> None:
    temporary = link.with_name(f".{link.name}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target.name)
    temporary.replace(link)

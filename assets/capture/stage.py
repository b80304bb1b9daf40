"""The capture stage: the selected units crawled by one engine, gated as they land.

Only today can be captured. A past day keeps what it has; folders (documents, exports) can be imported for it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from assets.capture.crawling import crawl
from assets.capture.progress import CrawlProgress
from assets.capture.source import FOLDER_KINDS
from assets.capture.timestamps import TimestampError, stamp_head
from assets.capture.unit_run import Unit, UnitOutcome
from assets.house import House
from quality.admission import record_results
from quality.admitting_store import AdmittingStore
from quality.gate import RuleResult
from warehouse.parts import PartStore

PROGRESS_SECONDS = 3.0

_OUTCOMES = """
CREATE TABLE IF NOT EXISTS unit_outcomes (
    source TEXT NOT NULL, unit_date TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (source, unit_date)
)
"""


@dataclass(frozen=True)
class SourceOutcome:
    """How a source fared: usable if its crawl completed and something answered."""

    state: str
    detail: str
    is_usable: bool
    metadata: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class CaptureReport:
    """Outcome of each source, the gate's verdicts on the captures, and totals for the run's metadata."""

    outcomes: Mapping[str, SourceOutcome]
    verdicts: Sequence[RuleResult]
    metadata: Mapping[str, int | float | str]


REFUSED_ADDRESS = "address_refused"
PRIVATE_ADDRESS = (
    "addresses of this machine and of private networks are refused unless allowed: STORMLANTERN_ALLOW_LOOPBACK=true, "
    "STORMLANTERN_ALLOW_NETWORKS"
)


def _past(house: House, name: str, day: date) -> SourceOutcome:
    rows = sum(part.rows for part in house.store.parts("captures", source=name, unit_date=day))
    if rows:
        return SourceOutcome("past", f"a past day is not captured again: {rows} captures stand", True)
    return SourceOutcome(
        "past",
        "a past day cannot be captured, and nothing was captured then; import documents or exports instead",
        False,
    )


def _outcome(outcome: UnitOutcome) -> SourceOutcome:
    answered = outcome.captured + outcome.not_modified + outcome.unchanged
    skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(outcome.skipped.items()))
    detail = "; ".join(
        part
        for part in (
            f"{outcome.captured} captured, {outcome.not_modified + outcome.unchanged} unchanged, "
            f"{outcome.errors} errors",
            f"skipped: {skipped}" if skipped else "",
            outcome.detail or "",
            PRIVATE_ADDRESS if REFUSED_ADDRESS in outcome.skipped else "",
            "the rest was answered before an earlier run was cut off" if outcome.resumed else "",
        )
        if part
    )
    # Complete means that something was captured in this round, though perhaps by the run that was cut off.
    return SourceOutcome(
        outcome.state,
        detail,
        outcome.state == "complete",
        {
            "dagster/partition_row_count": answered,
            "captured": outcome.captured,
            "unchanged": outcome.not_modified + outcome.unchanged,
            "errors": outcome.errors,
            "skipped": sum(outcome.skipped.values()),
            "skipped because": skipped or "nothing",
            "wire bytes": outcome.wire_bytes,
            "seconds": round(outcome.seconds, 1),
        },
    )


def remember_outcomes(store: PartStore, day: date, outcomes: Mapping[str, SourceOutcome]) -> None:
    """Keep how each unit fared, so that a unit without a single capture is still seen downstream."""
    with store.manifest.transaction() as connection:
        connection.execute(_OUTCOMES)
        connection.executemany(
            "INSERT OR REPLACE INTO unit_outcomes VALUES (?, ?, ?, ?)",
            [(name, day.isoformat(), outcome.state, outcome.detail) for name, outcome in outcomes.items()],
        )


def unit_outcomes(store: PartStore) -> dict[tuple[str, date], tuple[str, str]]:
    """How each unit's last crawl fared: (source, day) → (state, detail)."""
    with store.manifest.transaction() as connection:
        connection.execute(_OUTCOMES)
    rows = store.manifest.read().execute("SELECT source, unit_date, state, detail FROM unit_outcomes")
    return {(row[0], date.fromisoformat(row[1])): (row[2], row[3]) for row in rows.fetchall()}


class _Narrator:
    """Says how the crawl goes, every few seconds."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._next = 0.0

    def __call__(self, progress: CrawlProgress) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._house.log.info(progress.render())


def _stamp(house: House) -> None:
    """Have the head of the chain time-stamped, where an authority is set. That it fails is no failure of the run."""
    if house.timestamp_authority is None:
        return
    try:
        moment = stamp_head(house.store, house.timestamp_authority, trust_env=house.policy.trust_env)
    except TimestampError as error:
        house.log.warning(
            f"the time-stamp authority gave none: {error}; the next run's time-stamp covers this one"
        )
    else:
        if moment is not None:
            house.log.info(
                f"the head of the custody chain was time-stamped at {moment:%Y-%m-%d %H:%M:%S} UTC"
            )


def capture_units(house: House, names: Sequence[str], day: date) -> CaptureReport:
    """Crawl or import the named sources for a day; returns what came of each.

    Raises `ValueError` for a day that has not come yet.
    """
    if day > house.today:
        raise ValueError(f"{day} has not come yet: only {house.today} can be captured")
    fresh = [name for name in names if day == house.today or house.sources[name].kind in FOLDER_KINDS]
    outcomes = {name: _past(house, name, day) for name in names if name not in fresh}
    store = AdmittingStore(house.home)
    started = time.monotonic()
    crawled: list[UnitOutcome] = []
    if fresh:
        with house.open_web() as hosts:
            policy = replace(house.policy, resolve={**house.policy.resolve, **hosts})
            house.log.info(f"capturing {len(fresh)} sources for {day} as {policy.user_agent}")
            units = [Unit(house.sources[name], day) for name in fresh]
            crawled = crawl(units, store, policy, on_progress=_Narrator(house), run_id=house.run_id)
    for outcome in crawled:
        outcomes[outcome.source] = _outcome(outcome)
    seconds = time.monotonic() - started
    pages = sum(outcome.captured + outcome.not_modified + outcome.unchanged for outcome in crawled)
    for name, result in sorted(outcomes.items()):
        (house.log.info if result.is_usable else house.log.warning)(
            f"{name}: {result.state}, {result.detail}"
        )
    if crawled:
        rate = f"{pages / seconds:.0f} a second" if seconds >= 1 else f"in {seconds:.1f} s"
        house.log.info(f"captured {pages} pages and files, {rate}")
    # A past day that was asked for in vain is no unit.
    remember_outcomes(house.store, day, {name: outcomes[name] for name in fresh})
    record_results(house.store, store.verdicts, house.run_id)
    _stamp(house)
    metadata = {"pages and files": pages, "seconds": round(seconds, 1), "sources": len(names)}
    return CaptureReport(outcomes, store.verdicts, metadata)

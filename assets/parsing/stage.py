"""The parsing stage: units whose captures changed become item parts, unless their volume says that they broke.

Grain of the work: one unit (source × day). A unit is parsed again only when its captures, its source file or
this package changed. Nothing is fetched here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from assets.capture.source import Source
from assets.capture.stage import unit_outcomes
from assets.house import House, digest_of, package_digest
from assets.parsing.parse import parse_unit
from assets.parsing.schemas import ADVISORY_RULES, ITEM_SCHEMAS, PROBLEMS_SCHEMA
from quality.admission import QUARANTINE, Admission, Candidate, admit, record_results
from quality.contracts import CONTRACTS
from quality.contracts.columns import ITEM_TABLES
from quality.gate import RULE, UnitKey, gate
from warehouse.parts import Part, PartStore, PartWrite

PAGES = QUARANTINE + "pages"
SAME_BODY = ("not_modified", "unchanged")
ERRORS = ("http_error", "failed", "truncated")
UNMATCHED = "selector_matched_nothing"
MOST_SELECTORS_NAMED = 3


@dataclass(frozen=True)
class ParsingReport:
    """What the stage did: units parsed and skipped, items found, the gates' verdicts."""

    parsed: tuple[UnitKey, ...]
    unchanged: int
    admission: Admission


def unit_inputs(store: PartStore, sources: Mapping[str, Source]) -> dict[UnitKey, str]:
    """Digest of what each unit would be parsed from; units that were tried in vain are among them."""
    # The columns of items are written down in their contracts, not here.
    code = package_digest(__file__) + str(ITEM_SCHEMAS)
    parts: dict[UnitKey, list[Part]] = {}
    for part in store.parts("captures"):
        if part.source is not None and part.source in sources and part.unit_date is not None:
            parts.setdefault((part.source, part.unit_date), []).append(part)
    outcomes = unit_outcomes(store)
    for unit in outcomes:
        if unit[0] in sources:
            parts.setdefault(unit, [])
    return {
        unit: digest_of(group, code, sources[unit[0]].model_dump_json(), *outcomes.get(unit, ()))
        for unit, group in parts.items()
    }


def changed_units(store: PartStore, table: str, inputs: Mapping[UnitKey, str]) -> dict[UnitKey, str]:
    """Those units whose part of `table` was not made from these inputs."""
    done = {(part.source, part.unit_date): part.inputs for part in store.parts(table)}
    return {unit: digest for unit, digest in inputs.items() if done.get(unit) != digest}


def _repeated_items(store: PartStore, source: str, captures: Collection[str]) -> int:
    """Items of earlier units that stand on pages which have not changed since."""
    if not captures:
        return 0
    schema = {"item_id": pl.String(), "capture_id": pl.String()}
    return sum(
        store.scan(table, schema, source=source)
        .filter(pl.col("capture_id").is_in(list(captures)))
        .select(pl.col("item_id").n_unique())
        .collect()
        .item()
        for table in ITEM_TABLES
    )


def _unit_row(
    source: Source, day: date, captures: pl.DataFrame, items: int, problems: pl.DataFrame, crawl: str | None
) -> dict[str, object]:
    outcomes = captures["outcome"]
    broken = problems.filter(~pl.col("rule").is_in(ADVISORY_RULES))
    notes = [f"{rows} × {rule}" for rule, rows in problems["rule"].value_counts(sort=True).iter_rows()]
    unmatched = problems.filter(pl.col("rule") == UNMATCHED)["detail"].unique(maintain_order=True)
    notes += unmatched.drop_nulls().head(MOST_SELECTORS_NAMED).to_list()
    if crawl and not items:
        notes.append(crawl)
    return {
        "source": source.name,
        "unit_date": day,
        "kind": source.kind,
        "state": "passed",
        "captures": captures.height,
        "not_modified": outcomes.is_in(SAME_BODY).sum(),
        "errors": outcomes.is_in(ERRORS).sum(),
        "items": items,
        "problems": broken.height,
        "expected_min": source.expected.min_items,
        "expected_max": source.expected.max_items,
        "detail": "; ".join(notes) or None,
    }


def volume_message(row: Mapping[str, object], rule: str) -> str:
    """Why a unit was blocked, and the remedy."""
    what = f"{row['items']} items from {row['captures']} captures"
    if rule == "items_reach_minimum":
        fewer = f"{what}, fewer than the {row['expected_min']} expected" + (
            f" ({row['detail']})" if row["detail"] else ""
        )
        if not row["captures"]:
            return f"{fewer}; nothing was captured: try the source by `stormlantern doctor --source FILE`"
        return (
            f"{fewer}; the site's layout may have changed: compare the selectors with a page by "
            "`stormlantern doctor --source FILE`"
        )
    return f"{what}, outside what the source file expects ({rule}); correct `expected` if this is right"


def parse_changed(house: House) -> ParsingReport:
    """Parse every unit whose inputs changed, gate the item tables and `units`, commit in one transaction."""
    inputs = unit_inputs(house.store, house.sources)
    todo = changed_units(house.store, "units", inputs)
    frames: dict[str, list[pl.DataFrame]] = {table: [] for table in ITEM_TABLES}
    problems: list[pl.DataFrame] = []
    rows: list[dict[str, object]] = []
    outcomes = unit_outcomes(house.store)
    for (name, day), _ in sorted(todo.items()):
        source = house.sources[name]
        captures = (
            house.store.scan("captures", CONTRACTS["captures"].schema, source=name, unit_date=day)
            # Pictures are no pages: what they show is read elsewhere, and there may be gigabytes of them.
            .filter(pl.col("role") != "image")
            .collect()
        )
        unit = parse_unit(source, captures)
        items = 0
        for table in ITEM_TABLES:
            frames[table].append(getattr(unit, table))
            items += getattr(unit, table).height
        held = set(captures["capture_id"])
        same = set(captures.filter(pl.col("outcome").is_in(SAME_BODY))["same_as_capture_id"].drop_nulls())
        items += _repeated_items(house.store, name, same - held)
        problems.append(unit.problems)
        crawl = outcomes.get((name, day), (None, None))[1]
        rows.append(_unit_row(source, day, captures, items, unit.problems, crawl))
        house.log.info(
            f"parsed {name} {day}: {captures.height} captures, {items} items, {unit.problems.height} problems"
        )

    unit_contract = CONTRACTS["units"]
    units = pl.DataFrame(rows, schema=unit_contract.schema)
    volume = gate(unit_contract, units)
    blocked = {
        (row["source"], row["unit_date"]): volume_message(row, row[RULE])
        for row in volume.rejected.iter_rows(named=True)
    }
    candidates = [
        Candidate(CONTRACTS[table], pl.concat(frames[table]) if frames[table] else _empty(table), todo)
        for table in ITEM_TABLES
    ]
    admission = admit(house.store, candidates, run_id=house.run_id, blocked=blocked)
    record_results(house.store, volume.results, house.run_id)
    _commit_units(
        house,
        _judged(units, admission.blocked),
        todo,
        pl.concat([pl.DataFrame(schema=PROBLEMS_SCHEMA), *problems]),
    )
    for (name, day), reason in admission.blocked.items():
        house.log.warning(f"blocked {name} {day}: {reason}")
    report = Admission((*admission.gates, volume), admission.blocked)
    return ParsingReport(tuple(sorted(todo)), len(inputs) - len(todo), report)


def _empty(table: str) -> pl.DataFrame:
    return pl.DataFrame(schema=CONTRACTS[table].schema)


def _judged(units: pl.DataFrame, blocked: Mapping[UnitKey, str]) -> pl.DataFrame:
    reasons = pl.DataFrame(
        [{"source": source, "unit_date": day, "reason": reason} for (source, day), reason in blocked.items()],
        schema={"source": pl.String, "unit_date": pl.Date, "reason": pl.String},
    )
    return (
        units.join(reasons, on=["source", "unit_date"], how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("reason").is_null())
            .then(pl.col("state"))
            .otherwise(pl.lit("blocked"))
            .alias("state"),
            pl.coalesce("reason", "detail").alias("detail"),
        )
        .drop("reason")
    )


def _commit_units(
    house: House, judged: pl.DataFrame, todo: Mapping[UnitKey, str], problems: pl.DataFrame
) -> None:
    """Commit the units last: their inputs say that the whole step is done.

    Blocked units stay in the table, marked as such; so marked, the frame passes its own gate.
    """
    passed = gate(CONTRACTS["units"], judged)
    writes = []
    for (source, day), digest in todo.items():
        own = (pl.col("source") == source) & (pl.col("unit_date") == day)
        writes.append(PartWrite("units", passed.valid.filter(own), source, day, digest))
        writes.append(PartWrite(PAGES, problems.filter(own), source, day, digest))
    if writes:
        house.store.commit(writes, run_id=house.run_id)

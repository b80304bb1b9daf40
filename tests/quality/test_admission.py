"""Admission: parts, quarantine and verdicts are committed together, and again without repeats."""

import weakref
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from quality import admission, gate
from quality.admission import Candidate, admit
from quality.admitting_store import AdmittingStore
from quality.contract import Contract
from quality.contracts import CONTRACTS
from quality.expectations import Verdict
from quality.gate import RULE, UNIT_BLOCKED, Blocked
from warehouse.part_files import LateColumn
from warehouse.parts import PartStore, PartWrite

DAY = date(2026, 5, 1)
FACTS = CONTRACTS["facts"]
MENTIONS = CONTRACTS["mentions"]


@pytest.fixture
def store(tmp_path: Path) -> PartStore:
    """A store in an empty home."""
    return PartStore(tmp_path)


def facts(source: str, *, good: int, bad: int = 0) -> pl.DataFrame:
    """Invented facts of one unit: good ones, and ages no human has."""
    rows = [
        {
            "fact_id": f"{source}-{number}",
            "item_id": f"{source}-item",
            "item_table": "listings",
            "source": source,
            "unit_date": DAY,
            "site": "site.test",
            "kind": "age",
            "number": 30.0 if number < good else 500.0,
            "confidence": 1.0,
            "rule_id": "invented",
        }
        for number in range(good + bad)
    ]
    return pl.DataFrame(rows, schema=FACTS.schema)


def committed(store: PartStore, table: str = "facts") -> pl.DataFrame:
    """The rows of a table."""
    return store.scan(table, CONTRACTS[table].schema).collect()


def quarantined(store: PartStore, table: str = "facts") -> pl.DataFrame:
    """The rows of a table's quarantine."""
    return store.scan(f"quarantine/{table}", {**CONTRACTS[table].schema, RULE: pl.String()}).collect()


def test_good_rows_are_committed_and_bad_ones_quarantined_with_the_verdicts(store: PartStore):
    admit(store, [Candidate(FACTS, facts("one", good=9, bad=1), {("one", DAY): "in"})], run_id="run")
    assert committed(store).height == 9
    assert quarantined(store)[RULE].to_list() == ["age_is_human"]
    verdicts = committed(store, "quality_results").filter(~pl.col("success"))
    assert verdicts.select("table_name", "rule", "unexpected", "run_id").row(0) == (
        "facts",
        "age_is_human",
        1,
        "run",
    )


def test_a_blocked_unit_keeps_its_last_good_part_and_leaves_the_others(store: PartStore):
    units = {("one", DAY): "first", ("two", DAY): "first"}
    admit(
        store, [Candidate(FACTS, pl.concat([facts("one", good=5), facts("two", good=5)]), units)], run_id="a"
    )
    worse = pl.concat([facts("one", good=1, bad=4), facts("two", good=7)])
    units = {("one", DAY): "second", ("two", DAY): "second"}
    admission = admit(store, [Candidate(FACTS, worse, units)], run_id="b")
    assert set(admission.blocked) == {("one", DAY)}
    assert dict(committed(store)["source"].value_counts().iter_rows()) == {"one": 5, "two": 7}
    assert sorted(quarantined(store)[RULE].to_list()) == ["age_is_human"] * 4 + [UNIT_BLOCKED]


def test_a_unit_blocked_in_one_table_is_blocked_in_all_tables_of_the_step(store: PartStore):
    mention = pl.DataFrame(
        [
            {
                "mention_id": "m",
                "item_id": "one-item",
                "item_table": "listings",
                "source": "one",
                "unit_date": DAY,
                "site": "site.test",
                "identifier_id": "i",
                "kind": "username",
                "value": "invented",
            }
        ],
        schema=MENTIONS.schema,
    )
    units = {("one", DAY): "in"}
    admit(
        store,
        [Candidate(MENTIONS, mention, units), Candidate(FACTS, facts("one", good=0, bad=3), units)],
        run_id="run",
    )
    assert committed(store, "mentions").is_empty()
    assert quarantined(store, "mentions")[RULE].to_list() == [UNIT_BLOCKED]


def test_the_quarantine_of_a_mended_unit_is_emptied(store: PartStore):
    admit(store, [Candidate(FACTS, facts("one", good=9, bad=1), {("one", DAY): "a"})], run_id="a")
    admit(store, [Candidate(FACTS, facts("one", good=10), {("one", DAY): "b"})], run_id="b")
    assert quarantined(store).is_empty()
    assert committed(store).height == 10


def test_a_unit_without_rows_is_marked_as_done(store: PartStore):
    admit(store, [Candidate(FACTS, facts("one", good=0), {("one", DAY): "done"})], run_id="run")
    assert [part.inputs for part in store.parts("facts")] == ["done"]


def test_a_whole_table_that_fails_is_not_replaced_but_its_verdicts_are_kept(store: PartStore):
    table = CONTRACTS["operation_countries"]
    good = pl.DataFrame({"operation_id": ["o"], "country": ["RO"]}, schema=table.schema)
    bad = pl.DataFrame({"operation_id": ["o", "p"], "country": ["Romania", "?"]}, schema=table.schema)
    admit(store, [Candidate(table, good, "a")], run_id="a")
    with pytest.raises(Blocked, match="country_well_formed"):
        admit(store, [Candidate(table, bad, "b")], run_id="b")
    assert committed(store, "operation_countries").equals(good)
    failed = committed(store, "quality_results").filter((pl.col("run_id") == "b") & ~pl.col("success"))
    assert failed["rule"].to_list() == ["country_well_formed"]


def test_a_large_whole_table_is_written_and_let_go_before_the_next_is_made_and_none_stays_where_one_fails(
    store: PartStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(admission, "FEW_ROWS", -1)
    held: list[weakref.ref[pl.DataFrame]] = []

    def candidates(*countries: str) -> Iterator[Candidate]:
        for table, column, values in (
            ("identifiers", "identifier_id", ()),
            ("operation_countries", "country", countries),
            ("text_clusters", "item_id", ("i",)),
        ):
            schema = CONTRACTS[table].schema
            frame = pl.DataFrame({column: values}, schema={column: schema[column]})
            frame = frame.select(
                pl.col(name)
                if name == column
                else pl.lit("o" if kind == pl.String else 0.5).cast(kind).alias(name)
                for name, kind in schema.items()
            )
            held.append(weakref.ref(frame))
            candidate = Candidate(CONTRACTS[table], frame, "in")
            del frame
            yield candidate
            del candidate
            assert all(reference() is None for reference in held)
            assert len(list((store.home / "core" / table).glob(".*.tmp"))) == 1

    with pytest.raises(Blocked):
        admit(store, candidates("?"), run_id="a")
    assert len(held) == 2
    assert not list(store.home.rglob("*.tmp"))
    assert not store.parts("identifiers")
    held.clear()
    admitted = admit(store, candidates("RO"), run_id="b")
    assert committed(store, "operation_countries")["country"].to_list() == ["RO"]
    assert [(gate.accepted, gate.valid.height) for gate in admitted.gates] == [(0, 0), (1, 0), (1, 0)]


def test_small_tables_are_judged_together_and_large_ones_by_themselves(
    store: PartStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []
    together = gate.judge_together

    def judging(files: list[tuple[Contract, Path]]) -> list[list[Verdict]]:
        asked.append([pl.read_parquet(file).height for _, file in files])
        return together(files)

    monkeypatch.setattr(gate, "judge_together", judging)
    table = CONTRACTS["operation_countries"]
    countries = pl.DataFrame({"operation_id": ["o", "p"], "country": ["RO", "ES"]}, schema=table.schema)
    for number, (rows, expected) in enumerate(((7, [[2, 5]]), (6, [[2], [5]]), (3, [[2], [5]]))):
        monkeypatch.setattr(admission, "FEW_ROWS", rows)
        asked.clear()
        candidates = [
            Candidate(table, countries, "in"),
            Candidate(FACTS, facts("one", good=4, bad=1), {("one", DAY): "in"}),
            Candidate(CONTRACTS["indicators"], pl.DataFrame(schema=CONTRACTS["indicators"].schema), "in"),
        ]
        admitted = admit(store, candidates, run_id=str(number))
        # The last one judges the verdicts.
        assert asked[:-1] == expected
        assert [each.accepted for each in admitted.gates] == [2, 4, 0]
        assert admitted.of("facts").rejected.height == 1
        assert committed(store, "operation_countries").equals(countries)


def test_captures_are_judged_as_they_land(tmp_path: Path):
    store = AdmittingStore(tmp_path)
    captures = CONTRACTS["captures"]
    row = {
        "capture_id": "0" * 24,
        "source": "one",
        "unit_date": DAY,
        "role": "index",
        "outcome": "failed",
        "robots_verdict": "allowed",
        "status": 0,
        "site": "site.test",
    }
    rows = [
        {
            **row,
            "capture_id": f"{number:024x}",
            "fetched_at": datetime(2026, 5, 1, tzinfo=UTC),
            "status": 700 if number == 9 else 0,
            "wire_bytes": 1,
        }
        for number in range(10)
    ]
    frame = pl.DataFrame(rows, schema_overrides=captures.schema)
    frame = captures.completed(frame)
    late = LateColumn("body", "wire_bytes", lambda piece: [id_[-1:].encode() for id_ in piece["capture_id"]])
    store.commit([PartWrite("captures", frame, "one", DAY, replace=False, late=late)], run_id="run")
    assert committed(store, "captures").height == 9
    assert quarantined(store, "captures")[RULE].to_list() == ["status_in_range"]
    # What was captured is kept, whatever the verdict.
    assert committed(store, "captures")["body"].to_list() == [b"%d" % number for number in range(9)]
    assert quarantined(store, "captures")["body"].to_list() == [b"9"]
    assert {item.rule for item in store.verdicts if not item.success} == {"status_in_range"}

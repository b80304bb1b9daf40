"""The gate: what passes, what is quarantined, what blocks a unit or a table, and who judges."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from quality.contract import ROW, Column, Contract, between, in_set, matches, not_null, violates
from quality.contracts import CONTRACTS
from quality.expectations import JudgementError, bad_rows, suite, write_candidate
from quality.gate import RULE, UNIT_BLOCKED, Blocked, ContractError, gate

DAY = date(2026, 5, 1)
THINGS = Contract(
    table="things",
    stage="parsing",
    grain="one thing",
    meaning="Things.",
    key=("thing_id",),
    per_unit=True,
    columns=(
        Column("thing_id", pl.String(), "Key"),
        Column("source", pl.String(), "Source"),
        Column("unit_date", pl.Date(), "Day"),
        Column("colour", pl.String(), "Colour"),
        Column("size", pl.Int64(), "Size"),
    ),
    rules=(
        in_set("colour", ("red", "it's blue")),
        between("size", 0, 10),
        matches("thing_id", "^[a-z]{1,3}$"),
        not_null("colour", severity="warning"),
    ),
)


def things(*rows: tuple[str | None, str, str | None, int | None]) -> pl.DataFrame:
    """A frame of things: id, source, colour, size."""
    return pl.DataFrame(
        [(key, source, DAY, colour, size) for key, source, colour, size in rows],
        schema=THINGS.schema,
        orient="row",
    )


CLEAN = [(chr(97 + number), "shop", "red", number) for number in range(10)]


def verdict(result, rule: str):
    """The result of one rule."""
    return next(item for item in result.results if item.rule == rule)


def test_a_clean_frame_passes_whole():
    result = gate(THINGS, things(*CLEAN))
    assert result.passed
    assert result.valid.equals(things(*CLEAN))
    assert result.rejected.is_empty()
    assert not result.blocked


def test_bad_rows_are_rejected_with_the_rule_that_rejected_them():
    result = gate(THINGS, things(*CLEAN, ("x", "shop", "red", 11), ("y", "shop", "green", 1)))
    assert dict(result.rejected.select("thing_id", RULE).iter_rows()) == {
        "x": "size_in_range",
        "y": "colour_known",
    }
    assert result.valid.height == 10
    assert verdict(result, "size_in_range").unexpected == 1
    assert not result.passed


def test_of_two_rows_with_one_key_the_first_stays():
    result = gate(THINGS, things(*CLEAN, ("a", "shop", "it's blue", 3)))
    assert result.valid.filter(pl.col("thing_id") == "a")["colour"].to_list() == ["red"]
    assert result.rejected[RULE].to_list() == ["thing_id_unique"]


def test_a_warning_rejects_nothing():
    result = gate(THINGS, things(*CLEAN, ("k", "shop", None, 1)))
    assert result.valid.height == 11
    assert not verdict(result, "colour_not_null").success
    assert result.passed


def test_a_pattern_with_braces_reaches_the_judge_unharmed():
    result = gate(THINGS, things(*CLEAN, ("abcd", "shop", "red", 1)))
    assert result.rejected["thing_id"].to_list() == ["abcd"]


def test_a_unit_that_is_mostly_bad_is_blocked_and_leaves_the_other_untouched():
    bad = [(f"b{chr(97 + number)}", "ruin", "red", 99) for number in range(3)]
    result = gate(THINGS, things(*CLEAN, *bad, ("bz", "ruin", "red", 1)))
    assert set(result.blocked) == {("ruin", DAY)}
    assert set(result.valid["source"]) == {"shop"}
    assert result.valid.height == 10
    assert sorted(result.rejected[RULE].to_list()) == ["size_in_range"] * 3 + [UNIT_BLOCKED]


@pytest.mark.parametrize("others", [(), CLEAN])
def test_rows_that_name_no_source_are_blocked_as_a_unit_of_their_own(others):
    bad = [(f"b{chr(97 + number)}", None, "red", 99) for number in range(3)]
    result = gate(THINGS, things(*others, *bad, ("bz", None, "red", 1)))
    assert set(result.blocked) == {(None, DAY)}
    assert result.valid.equals(things(*others))
    assert sorted(result.rejected[RULE].to_list()) == ["size_in_range"] * 3 + [UNIT_BLOCKED]


def test_a_table_without_units_that_is_mostly_bad_is_not_committed_at_all():
    whole = Contract("wholes", "linking", "one", "Wholes.", ("thing_id",), THINGS.columns, THINGS.rules)
    with pytest.raises(Blocked, match="size_in_range") as caught:
        gate(whole, things(("a", "shop", "red", 99), ("b", "shop", "red", 1)))
    assert any(not result.success for result in caught.value.results)


def test_a_frame_of_another_shape_is_an_error_that_names_the_columns():
    with pytest.raises(ContractError, match=r"missing columns \['size'\].*foreign columns \['weight'\]"):
        gate(THINGS, things(*CLEAN).rename({"size": "weight"}))
    with pytest.raises(ContractError, match="size is String, not Int64"):
        gate(THINGS, things(*CLEAN).with_columns(pl.col("size").cast(pl.String)))


def test_a_rule_that_cannot_be_judged_is_an_error_not_a_verdict():
    broken = Contract(
        "broken",
        "parsing",
        "one",
        "Broken.",
        ("thing_id",),
        THINGS.columns,
        (violates("odd", "no_such > 1", "odd"),),
    )
    with pytest.raises(JudgementError, match="table broken, rule odd"):
        gate(broken, things(*CLEAN))


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_every_contract_can_be_judged(table: str):
    contract = CONTRACTS[table]
    result = gate(contract, pl.DataFrame(schema=contract.schema))
    assert result.passed
    assert [item.rule for item in result.results] == [rule.name for rule in contract.all_rules]


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_the_judged_columns_suffice_for_every_rule(table: str, tmp_path: Path) -> None:
    contract = CONTRACTS[table]
    row = pl.DataFrame({name: [None] for name in contract.schema}, schema=contract.schema)
    candidate = tmp_path / "candidate.parquet"
    write_candidate(row.select(contract.judged_columns).with_row_index(ROW), candidate)
    broken = [rule for rule in contract.all_rules if bad_rows(rule, candidate)]
    assert {f"{name}_not_null" for name in contract.key} <= {rule.name for rule in broken}
    named = {rule.arguments["column"] for rule in contract.all_rules if "column" in rule.arguments}
    assert named | set(contract.key) <= set(contract.judged_columns)


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_a_contract_names_its_rules_once_and_its_key_among_its_columns(table: str):
    contract = CONTRACTS[table]
    names = [rule.name for rule in contract.all_rules]
    assert len(names) == len(set(names))
    assert set(contract.key) <= set(contract.schema)
    assert all(column.meaning for column in contract.columns)
    if contract.per_unit:
        assert {"source", "unit_date"} <= set(contract.schema)


def test_the_suite_uses_native_expectations_where_they_exist():
    kinds = {expectation.expectation_type for expectation in suite(THINGS).expectations}
    assert "expect_column_values_to_be_in_set" in kinds
    assert "unexpected_rows_expectation" in kinds
    assert ROW not in THINGS.schema

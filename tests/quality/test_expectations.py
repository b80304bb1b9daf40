"""The judge: all rules are asked at once, yet none slips through, and each is counted by its own expectation."""

import math
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from quality import expectations
from quality.contract import ROW, Column, Contract, Rule, between, in_set, matches, not_null, unique, violates
from quality.expectations import JudgementError, bad_rows, judge, judge_together, write_candidate

VALUES = Contract(
    table="values",
    stage="parsing",
    grain="one value",
    meaning="Values at the edges of what rules allow.",
    key=("key",),
    columns=(
        Column("key", pl.String(), "Key"),
        Column("other_key", pl.String(), "Second half of another key"),
        Column("word", pl.String(), "Word"),
        Column("number", pl.Float64(), "Number"),
        Column("whole", pl.Int64(), "Whole number"),
    ),
)
GOOD = {"key": "k", "other_key": "o", "word": "red", "number": 1.0, "whole": 1}

# Rule, a value that breaks it, and values at its edge that do not.
KINDS: list[tuple[Rule, dict[str, object], list[dict[str, object]]]] = [
    (not_null("word"), {"word": None}, [{"word": ""}]),
    (not_null("number"), {"number": None}, [{"number": math.nan}, {"number": 0.0}]),
    (between("number", 0, 1), {"number": 1.0000001}, [{"number": 1.0}, {"number": -0.0}, {"number": None}]),
    (between("number", 0, 1), {"number": -1e-9}, []),
    (between("number", 0, 1), {"number": math.nan}, []),
    (between("number", None, 1), {"number": math.inf}, [{"number": -math.inf}]),
    (between("whole", 1, None), {"whole": 0}, [{"whole": 2**62}, {"whole": None}]),
    (in_set("word", ("red", "it's blue")), {"word": "Red"}, [{"word": "it's blue"}, {"word": None}]),
    (in_set("word", ("red",)), {"word": ""}, []),
    (matches("word", "^[a-z]{3}$"), {"word": "reds"}, [{"word": None}]),
    (unique("word"), {"word": "red"}, []),
    (unique("word", "other_key"), {"word": "red"}, [{"word": "red", "other_key": "p"}, {"word": None}]),
    (violates("odd", "whole % 2 = 0", "whole is odd"), {"whole": 4}, [{"whole": None}]),
]


def file_of(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The rows as the gate hands them to the judge."""
    path = folder / "candidate.parquet"
    write_candidate(
        pl.DataFrame([GOOD | row for row in rows], schema=VALUES.schema).with_row_index(ROW), path
    )
    return path


def under(rules: tuple[Rule, ...]) -> Contract:
    """The contract with other rules; its key is unique in every frame of these tests."""
    return replace(VALUES, rules=rules)


def keyed(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """The rows with keys of their own."""
    return [{"key": f"k{number}"} | row for number, row in enumerate(rows)]


@pytest.mark.parametrize(("rule", "bad", "good"), KINDS, ids=lambda value: getattr(value, "name", ""))
def test_a_broken_rule_of_each_kind_is_found_and_counted(
    tmp_path: Path, rule: Rule, bad: dict[str, object], good: list[dict[str, object]]
) -> None:
    candidate = file_of(tmp_path, keyed([{}, *good, bad, bad]))
    # The first of equal rows is no repetition; here it is the one that stands before the two.
    verdicts = {verdict.rule.name: verdict for verdict in judge(under((rule,)), candidate)}
    assert verdicts[rule.name].unexpected == 2
    assert bad_rows(rule, candidate) == [len(good) + 1, len(good) + 2]
    assert all(verdict.success for name, verdict in verdicts.items() if name != rule.name)


@pytest.mark.parametrize(("rule", "bad", "good"), KINDS, ids=lambda value: getattr(value, "name", ""))
def test_what_keeps_all_rules_is_asked_about_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule: Rule,
    bad: dict[str, object],
    good: list[dict[str, object]],
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("rules were asked one by one")

    monkeypatch.setattr(expectations, "_results", never)
    verdicts = judge(under((rule,)), file_of(tmp_path, keyed([{}, *good])))
    assert [verdict.rule for verdict in verdicts] == list(under((rule,)).all_rules)
    assert all(verdict.success for verdict in verdicts)


def test_every_rule_alone_broken_among_many_is_found(tmp_path: Path) -> None:
    rules = tuple(
        {
            rule.name: rule for rule, _, _ in KINDS if rule.name not in ("word_unique", "number_in_range")
        }.values()
    )
    for rule, bad, _ in KINDS:
        if rule not in rules:
            continue
        words = [{"word": "red", "other_key": "a"}, {"word": "red", "other_key": "b"}]
        # Only the pair of word and other key may repeat in what breaks no other rule.
        bad = bad if rule.name == "word_and_other_key_unique" else {"other_key": "c"} | bad
        found = judge(under(rules), file_of(tmp_path, keyed([{"other_key": "o"}, *words, bad])))
        assert rule.name in {verdict.rule.name for verdict in found if not verdict.success}


def test_a_rule_that_says_less_than_its_expectation_does_is_an_error(tmp_path: Path) -> None:
    lenient = replace(not_null("word"), violation="word = 'nothing'")
    sterner = replace(not_null("word"), violation="word = 'red'")
    broken = violates("odd", "whole % 2 = 0", "whole is odd")
    with pytest.raises(JudgementError, match="no rule that they break"):
        judge(under((sterner,)), file_of(tmp_path, keyed([{}])))
    candidate = file_of(tmp_path, keyed([{}, {"word": None, "whole": 2}]))
    # Beside a broken rule every expectation is judged by itself, and the gate compares the counts.
    counts = {verdict.rule.name: verdict.unexpected for verdict in judge(under((lenient, broken)), candidate)}
    assert counts["word_not_null"] == 1
    assert bad_rows(lenient, candidate) == []


def test_frames_of_other_columns_are_judged_one_after_the_other(tmp_path: Path) -> None:
    narrow = Contract(
        "narrow", "parsing", "one", "Narrow.", ("name",), (Column("name", pl.String(), "Name"),)
    )
    for _ in range(2):
        assert judge(under((between("number", 2, 3),)), file_of(tmp_path, keyed([{}])))[-1].unexpected == 1
        path = tmp_path / "narrow.parquet"
        write_candidate(pl.DataFrame({"name": ["a", None]}).with_row_index(ROW), path)
        assert [verdict.unexpected for verdict in judge(narrow, path)] == [1, 0]


def test_files_of_several_contracts_are_judged_at_once_where_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Contract(
        "narrow", "parsing", "one", "Narrow.", ("name",), (Column("name", pl.String(), "Na{m}e"),)
    )
    files = []
    for number, names in enumerate((["a", "b"], ["a", "b", None, "b"])):
        path = tmp_path / f"narrow{number}.parquet"
        write_candidate(pl.DataFrame({"name": names}).with_row_index(ROW), path)
        files.append((narrow, path))
    wide = under((between("number", 2, 3),)), file_of(tmp_path, keyed([{"number": 2.0}]))
    told = judge_together([wide, files[0], files[1]])
    assert [[verdict.unexpected for verdict in verdicts] for verdicts in told] == [[0, 0, 0], [0, 0], [1, 1]]
    asked: list[Contract] = []
    monkeypatch.setattr(expectations, "judge", lambda contract, _: asked.append(contract))
    told = judge_together([files[0], wide, files[0]])
    assert [[verdict.rule for verdict in verdicts] for verdicts in told] == [
        list(contract.all_rules) for contract in (narrow, wide[0], narrow)
    ]
    assert not asked
    assert all(verdict.success for verdicts in told for verdict in verdicts)

"""What is counted in arrays is what grouping rows by keys gives."""

import numpy as np
import polars as pl
import pytest

from assets.detection import distinct as module
from assets.detection.distinct import distinct, grouped, most_in_one, numbered

KINDS = {
    "words": pl.Series([None, "a", "b", "b", "c"]),
    "listed": pl.Series([None, "a", "b", "b", "c"], dtype=pl.Enum(["c", "x", "b", "a"])),
    "ages": pl.Series([None, 18.0, 23.0, 23.0, 31.0]),
    "parts": pl.Series([None, 18.5, 23.0, 23.0, 31.0]),
    "hashes": pl.Series([None, 2**64 - 1, 2**63, 2**63, 5], dtype=pl.UInt64),
    "nothing": pl.Series([None, None, None, None, None], dtype=pl.String),
}


@pytest.mark.parametrize("most", [0, 2**26])
@pytest.mark.parametrize("kind", KINDS)
def test_different_values_are_counted_as_by_grouping(
    kind: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_COUNTED", most)
    rng = np.random.default_rng(5)
    keys = pl.Series("key", rng.choice([7, 9, 2**33], size=60), dtype=pl.UInt64)
    frame = pl.DataFrame({"key": keys, "value": KINDS[kind].gather(rng.integers(0, 5, size=60))})
    group, first = grouped(frame["key"])
    assert frame["key"].gather(first).to_list() == [7, 9, 2**33]
    assert [int(np.flatnonzero(group == each)[0]) for each in range(3)] == first.tolist()
    if kind != "hashes":
        monkeypatch.setattr(module, "MOST_CELLS", most)
    by_key = frame.group_by("key").agg(
        pl.col("value").drop_nulls().n_unique(),
        pl.col("value").drop_nulls().value_counts().struct.field("count").max(),
    )
    expected = by_key.sort("key")
    assert distinct(group, frame["value"], 3).tolist() == expected["value"].to_list()
    number, many = numbered(frame["value"])
    known = number < many
    assert known.tolist() == frame["value"].is_not_null().to_list()
    most_often = most_in_one(group[known], number[known], 3)
    assert most_often.tolist() == expected["count"].fill_null(0).to_list()

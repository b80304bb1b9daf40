"""The map from scores to shares: monotone, by type, and no part of the score."""

from pathlib import Path

import polars as pl
import pytest

from assets.detection.calibration import load_levels, with_planted_share
from quality.contracts.detection import LEAD_TYPES


def test_the_map_covers_known_types_and_never_falls() -> None:
    levels = load_levels()
    assert set(levels["type"]) <= set(LEAD_TYPES)
    assert {"potential_victim", "potential_exploiter", "potential_recruiter"} <= set(levels["type"])
    for _, of_type in levels.group_by("type"):
        shares = of_type.sort("score")["planted_share"].to_list()
        assert shares == sorted(shares)
        assert all(0 <= share <= 1 for share in shares)


def test_a_lead_has_the_share_of_the_highest_level_it_reaches() -> None:
    levels = load_levels().filter(pl.col("type") == "potential_victim").sort("score")
    score, share = levels.select("score", "planted_share").row(-1)
    leads = pl.DataFrame(
        {
            "lead_id": ["a", "b", "c", "d"],
            "type": ["potential_victim", "site", "potential_victim", "potential_victim"],
            "score": [score + 1, 9.0, -1.0, score],
        }
    )
    found = with_planted_share(leads)
    assert found["lead_id"].to_list() == ["a", "b", "c", "d"]
    assert found["planted_share"].to_list() == [share, None, None, share]


def test_a_map_that_falls_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "falling.yaml"
    file.write_text("phone: [{score: 1, share: 0.9}, {score: 2, share: 0.5}]", encoding="utf-8")
    with pytest.raises(ValueError, match="phone"):
        load_levels(file)

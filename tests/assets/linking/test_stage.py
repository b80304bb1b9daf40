"""The linking stage goes on from what it remembers, says when it cannot, and is not harmed by a kill."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.house import House
from assets.linking import stage
from assets.linking.stage import link_all
from assets.linking.standing_files import FOLDER
from assets.operation import Operation
from benchmarks.planted_house import FIRST_DAY, plant
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

LINKED = ("identifiers", "actors", "actor_members", "actor_edges", "site_links")


def _house(home: Path, day: int) -> House:
    moment = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=day)
    return House(
        home=home,
        store=PartStore(home),
        sources={},
        operation=Operation(code="planted", name="planted"),
        run_id=f"run{day}",
        key=b"k" * 32,
        log=logging.getLogger("linking"),
        now=lambda: moment,
    )


def _tables(home: Path) -> dict[str, pl.DataFrame]:
    store = PartStore(home)
    frames = {name: store.scan(name, CONTRACTS[name].schema).collect() for name in LINKED}
    return {name: frame.sort(frame.columns) for name, frame in frames.items()}


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.slow
def test_a_run_goes_on_from_the_last_one_and_a_killed_one_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "linking")
    planted, home = plant(600, 3, days=101), tmp_path / "home"
    planted.commit(home, 0, 90)
    link_all(_house(home, 90))
    assert "linking everything: nothing was linked before" in caplog.text
    before = _tables(home)

    def killed(*_: object, **__: object) -> None:
        raise Killed

    planted.commit(home, 90, 96)
    # Before the commit, and after it.
    for name, moment in (("admit", "before"), ("keep_only", "after")):
        with monkeypatch.context() as patch:
            patch.setattr(stage, name, killed)
            with pytest.raises(Killed):
                link_all(_house(home, 96))
        if moment == "before":
            assert all(frame.equals(before[table]) for table, frame in _tables(home).items())
        caplog.clear()
    planted.commit(home, 96, 101)
    link_all(_house(home, 101))
    assert "looked at again" in caplog.text
    assert "everything" not in caplog.text
    assert len(list((home / FOLDER).glob("*"))) == 1

    planted.commit(tmp_path / "whole", 0, 101)
    link_all(_house(tmp_path / "whole", 101))
    counts = [
        {name: frame.height for name, frame in _tables(each).items()} for each in (home, tmp_path / "whole")
    ]
    assert counts[0] == counts[1]
    assert _tables(home)["site_links"].equals(_tables(tmp_path / "whole")["site_links"])

    caplog.clear()
    monkeypatch.setattr(stage, "package_digest", lambda _: "another rule " * 5)
    link_all(_house(home, 102))
    assert "linking everything: the rules or the code of linking changed" in caplog.text

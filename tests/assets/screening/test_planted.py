"""The practice web's planted persons and contacts: met among its notices and in its partner's list."""

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from assets.screening.match import find_hits
from assets.screening.subjects import Subjects, read_subjects
from simulation.items import EXPORT
from simulation.sought import Sought, write_watch_list
from simulation.world import World


@pytest.fixture(scope="module")
def world() -> World:
    """A small practice web."""
    return World(7, "8000", date(2026, 11, 20))


def _subjects(rows: list[dict[str, str]]) -> Subjects:
    return read_subjects(pl.DataFrame(rows, infer_schema_length=None))


def _met(queries: Subjects, entries: Subjects) -> set[tuple[str, str]]:
    return {
        (query, entry)
        for query, entry in find_hits(queries, entries).select("query_id", "entry_id").iter_rows()
    }


def _planted(world: World, of_notices: bool) -> list[Sought]:
    return [sought for sought in world.sought if (sought.listed == "notices") == of_notices]


def test_persons_of_the_chat_are_met_among_the_notices(world: World) -> None:
    members = sorted({item.account for item in world.items[EXPORT]})
    notices = [
        {"id": notice.entity_id, "name": notice.name, "forename": notice.forename}
        for notice in world.notices.all
    ]
    found = _met(_subjects([{"id": name, "name": name} for name in members]), _subjects(notices))
    planted = _planted(world, True)
    # Namesakes are met as well: a name does not tell them apart.
    assert {sought.same for sought in planted} == {True, False}
    assert {(sought.value, sought.entry) for sought in planted} <= found
    # The others are chance: few among so many.
    assert len(found) < len(planted) + 0.1 * len(members)


def test_contacts_of_planted_controllers_are_met_in_the_partners_list(world: World, tmp_path: Path) -> None:
    file = write_watch_list(world, tmp_path)
    with file.open(encoding="utf-8", newline="") as handle:
        entries = _subjects(list(csv.DictReader(handle)))
    planted = _planted(world, False)
    assert planted
    queries = _subjects([{"id": sought.value, sought.kind: sought.value} for sought in planted])
    assert _met(queries, entries) == {(sought.value, sought.entry) for sought in planted}

"""Rows are replaced in place of a whole table, and every reader sees one table."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.publishing.clear_tables import relation
from quality.admission import Candidate, admit
from quality.contracts import CONTRACTS
from quality.gate import RULE
from warehouse import row_keys, row_replacement
from warehouse.connections import writing
from warehouse.parts import PartStore, PartWrite, StaleTableError
from warehouse.row_replacement import removals_of

ACTORS = CONTRACTS["actors"]
NUMBERS = {"item_count": 1, "account_count": 1, "site_count": 1, "identifier_count": 1}


@pytest.fixture(autouse=True)
def no_table_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_replacement, "SMALL_TABLE", 0)


def actors(**items: int) -> pl.DataFrame:
    rows = [{"actor_id": name, **NUMBERS, "item_count": count} for name, count in items.items()]
    return pl.DataFrame(rows, schema=ACTORS.schema)


def ids(*names: str) -> pl.DataFrame:
    return pl.DataFrame({"actor_id": list(names)}, schema={"actor_id": pl.String})


def read(store: PartStore) -> dict[str, int]:
    frame = store.scan("actors", ACTORS.schema, columns=["actor_id", "item_count"]).collect()
    assert frame.height == frame["actor_id"].n_unique() == store.rows("actors")
    return dict(frame.iter_rows())


def published(store: PartStore) -> dict[str, int]:
    """As the snapshot reads it."""
    files = [store.home / part.path for part in store.parts("actors")]
    gone = [store.home / part.path for part in store.parts(removals_of("actors"))]
    with writing() as connection:
        rows = relation(connection, ACTORS, files, store.home, gone)
        return dict(connection.execute(f"SELECT actor_id, item_count FROM ({rows})").fetchall())


def replaced(store: PartStore, frame: pl.DataFrame, gone: pl.DataFrame, inputs: str = "") -> None:
    store.commit([PartWrite("actors", frame, inputs=inputs, replace=False, removes=gone)])


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 9), max_size=4),
            st.sets(st.sampled_from("abcdefghij"), max_size=3),
        ),
        max_size=8,
    )
)
def test_a_table_of_replaced_rows_is_the_table_that_a_dictionary_is(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[dict[str, int], set[str]]]
) -> None:
    store = PartStore(tmp_path_factory.mktemp("home"))
    expected = dict.fromkeys("abcdefgh", 1)
    store.commit([PartWrite("actors", actors(**expected))])
    for number, (rows, gone) in enumerate(days):
        replaced(store, actors(**rows), ids(*gone), str(number))
        expected = {name: count for name, count in expected.items() if name not in gone} | rows
        assert store.made_from("actors") == str(number)
    assert read(store) == expected
    assert published(store) == expected
    assert store.recover().missing == ()


def test_rows_are_found_by_all_their_columns_and_a_null_equals_a_null(tmp_path: Path) -> None:
    tables = [
        pl.DataFrame({"a": ["x", "x", "y", None, None], "b": ["1", "2", "1", "1", None], "c": range(5)}),
        pl.DataFrame({"a": ["y", "z"], "b": ["2", "x"], "c": range(2)}),
    ]
    for number, table in enumerate(tables):
        table.write_parquet(tmp_path / f"00000{number}-abcd.parquet")
    parts = {f"00000{number}-abcd.parquet": table.height for number, table in enumerate(tables)}
    keys = pl.DataFrame({"a": ["x", None, "y", "z"], "b": ["2", None, "2", "1"]})
    for wanted in (keys, keys.select("b", "a")):
        assert sorted(row_keys.places_of(tmp_path, parts, wanted, wanted.schema)) == [1, 4, 5]
    swapped = keys.rename({"a": "b", "b": "a"})
    assert list(row_keys.places_of(tmp_path, parts, swapped, swapped.schema)) == [4]
    kept = list((tmp_path / row_keys.FOLDER).iterdir())
    assert len(kept) == 4
    # What is cut off, or of another part, is made again.
    kept[0].write_bytes(kept[0].read_bytes()[:100])
    tables[1].clear().write_ipc(kept[1])
    for wanted in (keys, keys.select("b", "a")):
        assert sorted(row_keys.places_of(tmp_path, parts, wanted, wanted.schema)) == [1, 4, 5]


def test_what_finds_rows_is_kept_beside_each_part_while_it_stands(tmp_path: Path) -> None:
    store = PartStore(tmp_path)

    def kept() -> list[str]:
        return sorted(file.stem[:15] for file in (tmp_path / row_keys.FOLDER).iterdir())

    def parts() -> list[str]:
        return [Path(part.path).stem for part in store.parts("actors")]

    first = actors(**{str(n): 1 for n in range(100)})
    store.commit([PartWrite("actors", first, found_by=("actor_id",))])
    assert len(parts()) == 1
    assert kept() == parts()
    replaced(store, actors(a=1), ids("7"))
    assert len(parts()) == 2
    assert kept() == parts()
    (tmp_path / row_keys.FOLDER / "000099-00000000-0.arrow").touch()
    store.recover()
    assert kept() == parts()
    replaced(store, actors(), ids(*map(str, range(50))))
    assert len(parts()) == 1
    assert kept() == parts()
    assert read(store) == {"a": 1} | {str(n): 1 for n in range(50, 100)}


def test_a_table_in_many_files_or_with_many_rows_gone_is_written_anew(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    store.commit([PartWrite("actors", actors(**{str(n): 1 for n in range(100)}))])
    replaced(store, actors(**{str(n): 2 for n in range(10)}), ids())
    assert [part.rows for part in store.parts("actors")] == [100, 10]
    assert [part.rows for part in store.parts(removals_of("actors"))] == [10]
    replaced(store, actors(), ids(*map(str, range(50))))
    assert [part.rows for part in store.parts("actors")] == [50]
    assert store.parts(removals_of("actors")) == []
    for number in range(row_replacement.MOST_FILES):
        replaced(store, actors(**{f"new{number}": number}), ids())
    assert len(store.parts("actors")) == 1
    assert len(list(tmp_path.rglob("*.parquet"))) == len(store.parts("actors")) + len(
        store.parts(removals_of("actors"))
    )
    assert len(read(store)) == 50 + row_replacement.MOST_FILES
    store.commit([PartWrite("actors", actors(only=1))])
    assert store.parts(removals_of("actors")) == []
    assert read(store) == {"only": 1}


def test_a_table_that_another_process_changed_meanwhile_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = PartStore(tmp_path)
    store.commit([PartWrite("actors", actors(a=1, b=1))])
    write_temporary = PartStore._write_temporary

    def other_process_first(self: PartStore, write: PartWrite) -> object:
        if self is store:
            PartStore(tmp_path).commit([PartWrite("actors", actors(c=1))])
        return write_temporary(self, write)

    monkeypatch.setattr(PartStore, "_write_temporary", other_process_first)
    with pytest.raises(StaleTableError):
        replaced(store, actors(a=2), ids())
    assert read(PartStore(tmp_path)) == {"c": 1}


def test_the_gate_judges_new_rows_and_the_quarantine_follows(tmp_path: Path) -> None:
    store = PartStore(tmp_path)

    def admitted(frame: pl.DataFrame, gone: pl.DataFrame) -> int:
        candidate = Candidate(ACTORS, frame, "inputs", removes=gone)
        return admit(store, [candidate], run_id="run").of("actors").rejected.height

    assert admitted(actors(**{str(n): 1 for n in range(20)}), ids()) == 0
    assert admitted(actors(**{str(n): 2 if n else -1 for n in range(10)}), ids("19")) == 1
    assert read(store) == {str(n): 2 if n < 10 else 1 for n in range(1, 19)}
    quarantine = store.scan("quarantine/actors", {"actor_id": pl.String(), RULE: pl.String()})
    assert quarantine.collect().rows() == [("0", "item_count_in_range")]
    assert admitted(actors(**{"0": 3}), ids()) == 0
    assert read(store)["0"] == 3
    assert store.rows("quarantine/actors") == 0
    with pytest.raises(ValueError, match="key"):
        admit(
            store, [Candidate(ACTORS, actors(), "", removes=pl.DataFrame({"item_count": [1]}))], run_id="run"
        )

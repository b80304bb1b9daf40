"""A part is committed whole or not at all, whenever the process dies."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from warehouse.part_files import LateColumn
from warehouse.parts import CHAIN_GENESIS, PartStore, PartWrite, next_chain

SCHEMA = {"name": pl.String(), "body": pl.Binary()}
DAY = date(2026, 3, 1)


def rows(*names: str) -> pl.DataFrame:
    return pl.DataFrame({"name": list(names), "body": [name.encode() * 50 for name in names]}, schema=SCHEMA)


def files(home: Path) -> list[str]:
    return sorted(file.relative_to(home).as_posix() for file in home.rglob("*.parquet"))


def names(store: PartStore, table: str, **unit: object) -> list[str]:
    frame = store.scan(table, SCHEMA, **unit).collect()  # type: ignore[arg-type]  # keywords of two types
    return sorted(frame["name"].to_list())


def test_a_replaced_part_leaves_one_part_and_one_file(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    store.commit([PartWrite("listings", rows("a"), "site", DAY)])
    store.commit([PartWrite("listings", rows("b", "c"), "site", DAY)])
    assert names(store, "listings") == ["b", "c"]
    assert len(files(tmp_path)) == 1
    assert files(tmp_path)[0].startswith("staged/listings/source=site/date=2026-03-01/")


def test_replacing_with_identical_rows_keeps_them(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    for _ in range(3):
        store.commit([PartWrite("actors", rows("a"))])
    assert names(store, "actors") == ["a"]
    assert len(files(tmp_path)) == 1


def test_units_do_not_replace_each_other(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    store.commit([PartWrite("messages", rows("a"), "one", DAY), PartWrite("messages", rows("b"), "two", DAY)])
    store.commit([PartWrite("messages", rows("c"), "two", date(2026, 3, 2))])
    assert names(store, "messages") == ["a", "b", "c"]
    assert names(store, "messages", source="two") == ["b", "c"]
    assert names(store, "messages", unit_date=DAY) == ["a", "b"]


def test_captures_append_and_chain(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    for name in "abc":
        store.commit([PartWrite("captures", rows(name), "site", DAY, replace=False)])
    parts = store.parts("captures")
    assert [part.sequence for part in parts] == [1, 2, 3]
    link = CHAIN_GENESIS
    assert hashlib.sha256(b"stormlantern").hexdigest() == link
    for part in parts:
        link = next_chain(link, part.sha256)
        assert part.chain == link
        assert hashlib.sha256((tmp_path / part.path).read_bytes()).hexdigest() == part.sha256
        assert (tmp_path / part.path).stat().st_size == part.bytes
    with pytest.raises(ValueError, match="never replaced"):
        store.commit([PartWrite("captures", rows("d"), "site", DAY)])


def test_scan_gives_the_schema_even_when_empty_or_older(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    wider = {**SCHEMA, "views": pl.Int64()}
    assert store.scan("messages", wider).collect().schema == pl.Schema(wider)
    store.commit([PartWrite("messages", rows("a").with_columns(extra=pl.lit(1)), "old", DAY)])
    store.commit([PartWrite("messages", rows("b").with_columns(views=pl.lit(7, pl.Int64)), "new", DAY)])
    frame = store.scan("messages", wider).collect().sort("name")
    assert frame.schema == pl.Schema(wider)
    assert frame["views"].to_list() == [None, 7]
    assert store.scan("messages", wider, columns=["views"]).collect().columns == ["views"]


def test_a_failing_companion_write_commits_nothing(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    store.commit([PartWrite("listings", rows("kept"), "site", DAY)])

    def companion(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE done (url TEXT)")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.commit([PartWrite("listings", rows("lost"), "site", DAY)], also=companion)
    assert names(store, "listings") == ["kept"]
    assert len(files(tmp_path)) == 1
    assert not store.manifest.read().execute("SELECT 1 FROM sqlite_master WHERE name = 'done'").fetchall()


def test_what_was_read_of_the_manifest_is_read_again_after_every_commit_and_none_that_failed(
    tmp_path: Path,
) -> None:
    store, other = PartStore(tmp_path), PartStore(tmp_path)

    def committed() -> list[str]:
        paths = [[part.path for part in each.parts("listings")] for each in (store, other)]
        assert paths[0] == paths[1] == sorted(files(tmp_path))
        return paths[0]

    for count, committing in enumerate((store, other, store, store), 1):
        committing.commit([PartWrite("listings", rows("a"), "site", DAY, replace=False)])
        assert len(committed()) == count
    seen: list[int] = []

    def companion(connection: sqlite3.Connection) -> None:
        seen.append(len(store.parts("listings")))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.commit([PartWrite("listings", rows("b"), "site", DAY, replace=False)], also=companion)
    assert seen == [5]
    assert len(committed()) == 4
    # Whoever asks may do with the answer what he likes; a new connection counts commits from the start.
    store.parts("listings").clear()
    assert len(committed()) == 4
    store.manifest.close()
    other.commit([PartWrite("listings", rows("c"), "site", DAY)])
    assert len(committed()) == 1


def test_recover_removes_leftovers_and_reports_what_is_missing(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    [kept] = store.commit([PartWrite("listings", rows("a"), "site", DAY)])
    [gone] = store.commit([PartWrite("listings", rows("b"), "other", DAY)])
    (tmp_path / gone.path).unlink()
    folder = (tmp_path / kept.path).parent
    (folder / ".dead.tmp").write_bytes(b"half")
    (folder / "000009-deadbeef.parquet").write_bytes(b"half")
    recovery = PartStore(tmp_path).recover()
    assert (recovery.temporary_removed, recovery.unmanifested_removed) == (1, 1)
    assert recovery.missing == (gone.path,)
    assert files(tmp_path) == [kept.path]


WRITER = textwrap.dedent(
    """
    import os, signal, sys
    from datetime import date
    from pathlib import Path
    import polars as pl
    from warehouse import parts
    from warehouse.parts import PartStore, PartWrite

    home, moment = Path(sys.argv[1]), sys.argv[2]
    die = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)
    if moment == "before_rename":
        PartStore._place = die
    elif moment == "after_rename":
        parts.sync_path = die
    elif moment == "after_commit":
        Path.unlink = die
    frame = pl.DataFrame({"name": ["new"], "body": [b"new"]})
    def note(connection):
        connection.execute("INSERT INTO done VALUES ('new')")
        if moment == "before_commit":
            die()
    PartStore(home).commit([PartWrite("listings", frame, "site", date(2026, 3, 1))], also=note)
    """
)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("before_rename", "old"), ("after_rename", "old"), ("before_commit", "old"), ("after_commit", "new")],
)
def test_a_kill_leaves_either_the_old_part_or_the_new_one(tmp_path: Path, moment: str, expected: str) -> None:
    store = PartStore(tmp_path)
    store.commit([PartWrite("listings", rows("old"), "site", DAY)])
    with store.manifest.transaction() as connection:
        connection.execute("CREATE TABLE done (name TEXT)")
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path), moment],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
    )
    assert result.returncode == -signal.SIGKILL, result.stderr.decode()
    leftovers = PartStore(tmp_path).recover()
    assert leftovers.temporary_removed + leftovers.unmanifested_removed == 1
    assert names(store, "listings") == [expected]
    assert len(files(tmp_path)) == 1
    done = store.manifest.read().execute("SELECT count(*) FROM done").fetchone()[0]
    assert done == (1 if expected == "new" else 0)


def test_recover_spares_the_temporary_file_of_a_living_writer(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    _, pending = store._write_temporary(PartWrite("listings", rows("a"), "site", DAY))
    assert PartStore(tmp_path).recover().temporary_removed == 0
    pending.handle.close()
    assert PartStore(tmp_path).recover().temporary_removed == 1


def test_a_late_column_is_read_one_row_group_at_a_time(tmp_path: Path) -> None:
    store = PartStore(tmp_path)
    sizes = [900_000, 0, 1_500_000, 10, 3_000_000, *[1] * 1_200]
    frame = pl.DataFrame({"name": [str(n) for n in range(len(sizes))], "size": sizes}).with_columns(
        pl.lit(None, pl.Binary).alias("body")
    )
    asked: list[int] = []

    def read(group: pl.DataFrame) -> list[bytes | None]:
        asked.append(group.height)
        return [None if size == 0 else b"x" * size for size in group["size"]]

    [part] = store.commit([PartWrite("listings", frame, "site", DAY, late=LateColumn("body", "size", read))])
    written = pl.read_parquet(tmp_path / part.path)
    assert written["name"].to_list() == frame["name"].to_list()
    assert [None if body is None else len(body) for body in written["body"]] == [
        size or None for size in sizes
    ]
    # Two mebibytes or 500 rows, and one row at least.
    assert asked == [2, 2, 1, 500, 500, 200]

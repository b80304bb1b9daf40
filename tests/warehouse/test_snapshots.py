"""Versions flip atomically, old ones stay readable, leftovers go."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from warehouse import connections, snapshots, sql
from warehouse.connections import NoSnapshotError, connect, connect_snapshot, reading, writing

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def make_version(home: Path, moment: datetime, content: int) -> str:
    """A finished, placed version whose files hold one number; the symlinks are not moved."""
    files = snapshots.version_files(home, snapshots.version_name(moment, "ab" * 32))
    for file in (files.temporary_warehouse, files.temporary_restricted):
        with writing(file) as connection:
            connection.execute("CREATE TABLE content AS SELECT ? AS number", [content])
    snapshots.place(files)
    return files.version


def content(home: Path, *, restricted: bool = False) -> int:
    with connect_snapshot(home, restricted) as connection:
        row = connection.execute("SELECT number FROM content").fetchone()
        assert row is not None
        return int(row[0])


def test_versions_sort_by_time_in_utc() -> None:
    east = MOMENT.astimezone(timezone(timedelta(hours=9)))
    assert snapshots.version_name(east, "0123456789") == "20260304T050607000000Z-01234567"
    assert snapshots.version_name(MOMENT, "ff") < snapshots.version_name(
        MOMENT + timedelta(microseconds=1), "00"
    )


def test_no_snapshot_yet_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(NoSnapshotError, match="nothing has been published yet"), connect_snapshot(tmp_path):
        pass
    (tmp_path / "warehouse.duckdb").symlink_to("warehouse/gone.duckdb")
    with pytest.raises(NoSnapshotError), connect_snapshot(tmp_path):
        pass
    assert snapshots.current_version(tmp_path) is None


def test_flip_moves_readers_and_spares_open_ones(tmp_path: Path) -> None:
    with snapshots.publishing_lock(tmp_path):
        first = make_version(tmp_path, MOMENT, 1)
        snapshots.point_to(tmp_path, first)
    with connect_snapshot(tmp_path) as reader:
        with snapshots.publishing_lock(tmp_path):
            second = make_version(tmp_path, MOMENT + timedelta(seconds=1), 2)
            snapshots.point_to(tmp_path, second)
        assert reader.execute("SELECT number FROM content").fetchall() == [(1,)]
        assert content(tmp_path) == content(tmp_path, restricted=True) == 2
    assert snapshots.current_version(tmp_path) == second
    # The links are relative: a home that is moved stays whole.
    moved = tmp_path.with_name("moved")
    tmp_path.rename(moved)
    assert content(moved) == 2
    moved.rename(tmp_path)


def test_an_incomplete_version_is_never_pointed_to(tmp_path: Path) -> None:
    with snapshots.publishing_lock(tmp_path):
        version = make_version(tmp_path, MOMENT, 1)
        snapshots.version_files(tmp_path, version).restricted.unlink()
        with pytest.raises(FileNotFoundError, match="not complete"):
            snapshots.point_to(tmp_path, version)


def test_prune_keeps_the_newest_and_the_linked(tmp_path: Path) -> None:
    with snapshots.publishing_lock(tmp_path):
        versions = [make_version(tmp_path, MOMENT + timedelta(seconds=second), second) for second in range(5)]
        snapshots.point_to(tmp_path, versions[0])
        assert snapshots.prune(tmp_path, keep=2) == versions[1:3]
        assert content(tmp_path) == 0
        snapshots.point_to(tmp_path, versions[4])
        assert snapshots.prune(tmp_path, keep=2) == versions[:1]


def test_the_lock_removes_leftovers(tmp_path: Path) -> None:
    with snapshots.publishing_lock(tmp_path):
        version = make_version(tmp_path, MOMENT, 1)
        snapshots.point_to(tmp_path, version)
    leftovers = [
        tmp_path / "warehouse" / "dead.duckdb.tmp",
        tmp_path / "warehouse" / "dead.duckdb.tmp.wal",
        tmp_path / "restricted" / "dead.duckdb.tmp",
        tmp_path / ".warehouse.duckdb.tmp",
    ]
    for file in leftovers:
        file.write_bytes(b"half")
    with snapshots.publishing_lock(tmp_path):
        assert not any(file.exists() for file in leftovers)
        assert content(tmp_path) == 1


PUBLISHER = textwrap.dedent(
    """
    import os, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from warehouse import snapshots
    from warehouse.connections import writing

    home, moment = Path(sys.argv[1]), sys.argv[2]
    real_replace, real_rename = os.replace, Path.rename
    def die(*arguments):
        os.kill(os.getpid(), signal.SIGKILL)
    def count_down(real, left):
        def step(*arguments):
            if left[0] == 0:
                die()
            left[0] -= 1
            return real(*arguments)
        return step
    name, left = moment.split(":")
    if name == "rename":
        Path.rename = count_down(real_rename, [int(left)])
    elif name == "replace":
        os.replace = count_down(real_replace, [int(left)])
    with snapshots.publishing_lock(home):
        files = snapshots.version_files(home, snapshots.version_name(datetime(2026, 3, 5, tzinfo=UTC), "cd" * 32))
        for file in (files.temporary_warehouse, files.temporary_restricted):
            with writing(file) as connection:
                connection.execute("CREATE TABLE content AS SELECT 2 AS number")
                if name == "write":
                    die()
        snapshots.place(files)
        snapshots.point_to(home, files.version)
    die()
    """
)


@pytest.mark.parametrize(
    ("moment", "analysts", "officers"),
    [
        *(("write:0", 1, 1), ("rename:0", 1, 1), ("rename:1", 1, 1)),
        *(("replace:0", 1, 1), ("replace:1", 1, 2), ("never:0", 2, 2)),
    ],
)
def test_a_kill_leaves_a_readable_snapshot(tmp_path: Path, moment: str, analysts: int, officers: int) -> None:
    with snapshots.publishing_lock(tmp_path):
        snapshots.point_to(tmp_path, make_version(tmp_path, MOMENT, 1))
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", PUBLISHER, str(tmp_path), moment],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
    )
    assert result.returncode == -signal.SIGKILL, result.stderr.decode()
    assert (content(tmp_path), content(tmp_path, restricted=True)) == (analysts, officers)
    with snapshots.publishing_lock(tmp_path):
        assert not list(tmp_path.rglob("*.tmp*"))
        third = make_version(tmp_path, MOMENT + timedelta(days=9), 3)
        snapshots.point_to(tmp_path, third)
    assert content(tmp_path) == content(tmp_path, restricted=True) == 3


def test_connections_close_after_exceptions(tmp_path: Path) -> None:
    file = tmp_path / "some.duckdb"
    with pytest.raises(RuntimeError), writing(file):
        raise RuntimeError
    with pytest.raises(duckdb.Error), reading(file) as connection:
        connection.execute("CREATE TABLE refused (a INTEGER)")
    with writing(
        file
    ) as connection:  # would fail while another connection of this process were open read-only
        connection.execute("CREATE TABLE allowed (a INTEGER)")


def test_connections_fetch_no_extensions_and_speak_utc() -> None:
    connection = connect(memory_limit="512MB")
    try:
        names = ("autoinstall_known_extensions", "autoload_known_extensions", "TimeZone", "memory_limit")
        found = [connection.execute("SELECT current_setting(?)", [name]).fetchall()[0][0] for name in names]
    finally:
        connection.close()
    assert found[:3] == [False, False, "UTC"]
    assert found[3] == "488.2 MiB"


def test_sql_scripts_come_in_order_and_comment_what_they_make() -> None:
    scripts = sql.scripts()
    assert [name for name, _ in scripts] == sorted(name for name, _ in scripts)
    for name, script in scripts:
        assert script.count("CREATE ") == script.count("COMMENT ON "), name
    assert connections.NoSnapshotError.__mro__[1] is FileNotFoundError

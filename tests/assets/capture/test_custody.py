"""Any change of what was committed is found and named; an untouched home is found intact."""

import hashlib
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.capture.custody import CustodyReport, open_evidence, verify_custody
from tests.assets.capture.evidence import DAY, append, build_evidence, first_rows, page
from warehouse.parts import CHAIN_GENESIS, PartStore, PartWrite, next_chain


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three parts of captures, one of another table."""
    build_evidence(tmp_path)
    return tmp_path


def captures_parts(home: Path) -> list[sqlite3.Row]:
    with closing(open_evidence(home)) as connection:
        return connection.execute(
            "SELECT * FROM parts WHERE table_name = 'captures' ORDER BY part_id"
        ).fetchall()


def alter(home: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(home / "manifest.db")) as connection, connection:
        connection.execute(statement, values)


def rewrite(home: Path, part: sqlite3.Row, change: pl.Expr, *, cover_up: bool = True) -> None:
    """Change rows of a part as a forger would: the manifest's digest, and the links from there on, follow."""
    file = home / part["path"]
    pl.read_parquet(file, hive_partitioning=False).with_columns(change).write_parquet(file)
    if not cover_up:
        return
    data = file.read_bytes()
    alter(
        home,
        "UPDATE parts SET sha256 = ?, bytes = ? WHERE part_id = ?",
        hashlib.sha256(data).hexdigest(),
        len(data),
        part["part_id"],
    )
    link = CHAIN_GENESIS
    for each in captures_parts(home):
        link = next_chain(link, each["sha256"])
        alter(home, "UPDATE parts SET chain = ? WHERE part_id = ?", link, each["part_id"])


def kinds(report: CustodyReport) -> list[tuple[int | None, str]]:
    return [(each.row, each.kind) for each in report.differences]


def only_row(number: int, column: str, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == number).then(value).otherwise(pl.col(column)).alias(column)


def test_an_untouched_home_is_intact(home: Path) -> None:
    report = verify_custody(home)
    assert report.intact, report.differences
    assert (report.parts, report.links, report.rows, report.bodies) == (4, 3, 12, 8)
    assert report.head == captures_parts(home)[-1]["chain"]
    assert report.unnamed == report.landed == 0


def test_checking_writes_nothing(home: Path) -> None:
    before = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    verify_custody(home)
    assert {file: file.read_bytes() for file in before} == before


def test_progress_tells_parts_and_bytes(home: Path) -> None:
    seen = []
    report = verify_custody(home, on_progress=seen.append)
    assert [each.parts for each in seen] == [1, 2, 3, 4]
    assert seen[-1].bytes == seen[-1].bytes_total == report.bytes > 0


def test_a_run_that_goes_on_meanwhile_is_no_difference(home: Path) -> None:
    stop = threading.Event()

    def go_on() -> None:
        store = PartStore(home)
        number = 0
        while not stop.is_set():
            number += 1
            append(store, [page(f"http://board.example/live/{number}", b"live", [], at=1_000 + number)])
            store.commit([PartWrite("leads", pl.DataFrame({"number": [number]}))])
        store.manifest.close()

    runner = threading.Thread(target=go_on)
    runner.start()
    try:
        reports = [verify_custody(home) for _ in range(5)]
    finally:
        stop.set()
        runner.join()
    assert [report.differences for report in reports] == [[]] * 5
    assert reports[-1].links > reports[0].links


def test_a_home_without_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no manifest"):
        verify_custody(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("number", range(3))
def test_one_flipped_byte_of_any_part_is_found(home: Path, number: int) -> None:
    part = captures_parts(home)[number]
    data = bytearray((home / part["path"]).read_bytes())
    data[len(data) // 3] ^= 1
    (home / part["path"]).write_bytes(data)
    first = verify_custody(home).differences[0]
    assert (first.place, first.kind, first.expected) == (part["path"], "sha256", part["sha256"])
    assert first.found == hashlib.sha256(data).hexdigest()


def test_a_changed_part_of_another_table_is_found(home: Path) -> None:
    [file] = (home / "core" / "leads").rglob("*.parquet")
    file.write_bytes(file.read_bytes() + b" ")
    assert kinds(verify_custody(home)) == [(None, "size"), (None, "sha256")]


def test_a_missing_part_is_found(home: Path) -> None:
    part = captures_parts(home)[1]
    (home / part["path"]).unlink()
    report = verify_custody(home)
    assert (report.differences[0].place, report.differences[0].kind) == (part["path"], "missing")


@pytest.mark.parametrize("cover_up", [True, False])
def test_a_changed_body_is_named_by_its_row(home: Path, cover_up: bool) -> None:
    part = captures_parts(home)[0]
    rewrite(home, part, only_row(2, "body", pl.lit(b"forged")), cover_up=cover_up)
    report = verify_custody(home)
    expected = [(2, "wire_sha256"), (2, "wire_bytes"), (2, "body_sha256")]
    assert kinds(report)[-3:] == expected
    if cover_up:
        assert kinds(report) == expected
        assert report.differences[0].found == hashlib.sha256(b"forged").hexdigest()
        assert report.differences[0].expected == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("request_url", pl.lit("http://other.example/")),
        ("fetched_at", pl.col("fetched_at") + timedelta(microseconds=1)),
        ("wire_sha256", pl.lit("0" * 64)),
        ("capture_id", pl.lit("0" * 24)),
    ],
)
def test_what_makes_the_id_cannot_be_changed(home: Path, column: str, value: pl.Expr) -> None:
    rewrite(home, captures_parts(home)[0], only_row(3, column, value))
    assert (3, "capture_id") in kinds(verify_custody(home))


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("content_encoding", pl.lit(None, pl.String), "body_sha256"),
        ("body_sha256", pl.lit("1" * 64), "body_sha256"),
        ("decoded_bytes", pl.lit(7), "body_sha256"),
        ("wire_bytes", pl.lit(7), "wire_bytes"),
        ("unit_date", pl.lit(DAY + timedelta(days=3)), "unit_date"),
    ],
)
def test_columns_that_follow_from_others_are_checked(
    home: Path, column: str, value: pl.Expr, kind: str
) -> None:
    rewrite(home, captures_parts(home)[0], only_row(1, column, value))
    assert (1, kind) in kinds(verify_custody(home))


def test_a_part_removed_from_the_middle_breaks_the_chain(home: Path) -> None:
    parts = captures_parts(home)
    alter(home, "DELETE FROM parts WHERE part_id = ?", parts[1]["part_id"])
    report = verify_custody(home)
    assert (report.differences[0].place, report.differences[0].kind) == (parts[2]["path"], "chain")
    assert report.unnamed == 1


def test_two_exchanged_parts_break_the_chain(home: Path) -> None:
    first, second, _ = captures_parts(home)
    for column in ("sha256", "path"):
        alter(home, f"UPDATE parts SET {column} = 'x' WHERE part_id = ?", first["part_id"])
        alter(home, f"UPDATE parts SET {column} = ? WHERE part_id = ?", first[column], second["part_id"])
        alter(home, f"UPDATE parts SET {column} = ? WHERE part_id = ?", second[column], first["part_id"])
    assert "chain" in [kind for _, kind in kinds(verify_custody(home))]


def test_a_cut_off_end_shows_only_against_a_head_written_down(home: Path) -> None:
    head = verify_custody(home).head
    last = captures_parts(home)[-1]
    alter(home, "DELETE FROM parts WHERE part_id = ?", last["part_id"])
    (home / last["path"]).unlink()
    assert verify_custody(home).intact
    report = verify_custody(home, heads=[head.upper()])
    assert (report.differences[0].kind, report.differences[0].expected) == ("head", head)


def test_a_chain_written_anew_shows_against_a_head_written_down(home: Path) -> None:
    head = verify_custody(home).head
    rewrite(home, captures_parts(home)[0], only_row(0, "role", pl.lit("index")))
    assert verify_custody(home).intact
    assert not verify_custody(home, heads=[head]).intact


def test_a_head_written_down_stays_a_link_as_the_chain_grows(home: Path) -> None:
    head = verify_custody(home).head
    store = PartStore(home)
    for number in range(2):
        append(store, [page(f"http://board.example/new/{number}", b"new", [], at=100 + number)])
    report = verify_custody(home, heads=[head, CHAIN_GENESIS])
    assert report.intact
    assert report.anchors == {head: 2, CHAIN_GENESIS: 5}


def test_a_reference_to_no_capture_is_found(home: Path) -> None:
    rewrite(home, captures_parts(home)[2], only_row(0, "same_as_capture_id", pl.lit("f" * 24)))
    assert kinds(verify_custody(home)) == [(0, "same_as_capture_id")]


def test_a_reference_to_another_body_is_found(home: Path) -> None:
    other = first_rows()[2]["capture_id"]
    rewrite(home, captures_parts(home)[2], only_row(0, "same_as_capture_id", pl.lit(other)))
    assert kinds(verify_custody(home)) == [(0, "body_sha256 of same_as_capture_id")]


def test_a_capture_committed_twice_is_found(home: Path) -> None:
    append(PartStore(home), first_rows()[:1])
    report = verify_custody(home)
    assert kinds(report) == [(0, "capture_id")]
    assert report.differences[0].place == captures_parts(home)[-1]["path"]


def test_rows_dropped_from_a_part_are_found(home: Path) -> None:
    part = captures_parts(home)[0]
    alter(home, "UPDATE parts SET rows = rows + 1 WHERE part_id = ?", part["part_id"])
    assert kinds(verify_custody(home)) == [(None, "rows")]


def test_a_file_that_is_no_parquet_stops_nothing(home: Path) -> None:
    parts = captures_parts(home)
    (home / parts[1]["path"]).write_bytes(b"not a table")
    report = verify_custody(home)
    assert [each.kind for each in report.differences] == ["size", "sha256", "unreadable"]
    assert report.rows == 10


def test_differences_show_no_addresses(home: Path) -> None:
    rewrite(home, captures_parts(home)[0], pl.col("request_url") + "x")
    shown = "\n".join(str(each) for each in verify_custody(home).differences)
    assert shown
    assert "http" not in shown

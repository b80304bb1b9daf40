"""Exported WARC files, read back by two libraries that are not ours: byte for byte what was received."""

import contextlib
import hashlib
import io
import stat
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecordType
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from assets.capture.custody import verify_custody
from assets.capture.rows import CaptureRow, as_json
from assets.capture.warc import ExportError, WarcFile, WarcRecord, fields_block, header_block, record_id
from assets.capture.warc_export import capture_records, export_warc
from tests.assets.capture.evidence import DAY, build_evidence, page

RENAMED = {"transfer-encoding": "X-Crawler-Transfer-Encoding"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[CaptureRow], Path, Path]:
    """The rows of a home, the home, and its export."""
    home = tmp_path_factory.mktemp("home")
    rows = build_evidence(home)
    file = home / "all.warc.gz"
    export_warc(home, file)
    return rows, home, file


def by_warcio(file: Path) -> list[dict[str, Any]]:
    """Every record: headers, HTTP head (status line, pairs), payload; digests checked."""
    records = []
    with file.open("rb") as handle:
        for record in ArchiveIterator(handle, check_digests="raise"):
            head = record.http_headers
            records.append(
                {
                    "headers": dict(record.rec_headers.headers),
                    "first_line": f"{head.protocol} {head.statusline}".rstrip() if head else None,
                    "pairs": [tuple(pair) for pair in head.headers] if head else [],
                    "payload": record.raw_stream.read(),
                }
            )
            if record.rec_type in ("response", "resource"):
                assert record.digest_checker.passed
    return records


def by_fastwarc(file: Path) -> list[dict[str, Any]]:
    """As `by_warcio`, with the raw block (everything after the WARC headers) beside it."""
    records = []
    for record in FastIterator(str(file), parse_http=False):
        block = record.reader.read()
        records.append({"headers": dict(record.headers), "block": block})
    for entry, record in zip(records, FastIterator(str(file), parse_http=True), strict=True):
        head = record.http_headers
        entry["pairs"] = [tuple(pair) for pair in head] if head is not None else []
        entry["payload"] = record.reader.read()
    for record in FastIterator(str(file), parse_http=False):
        assert record.verify_block_digest()
    for record in FastIterator(str(file), parse_http=True):
        if record.record_type == WarcRecordType.response:
            assert record.verify_payload_digest()
    return records


def of_type(records: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [record for record in records if record["headers"]["WARC-Type"] == kind]


def received(row: CaptureRow) -> list[tuple[str, str]]:
    pairs = orjson.loads(row["response_headers"])
    return [(RENAMED.get(name.lower(), name), value) for name, value in pairs]


def answered(rows: list[CaptureRow]) -> list[CaptureRow]:
    return [row for row in rows if row["status"] and row["same_as_capture_id"] is None]


def test_both_readers_give_the_wire_bytes_back(exported: tuple[list[CaptureRow], Path, Path]) -> None:
    rows, _, file = exported
    wanted = [row["body"] for row in answered(rows)]
    assert [record["payload"] for record in of_type(by_warcio(file), "response")] == wanted
    assert [record["payload"] for record in of_type(by_fastwarc(file), "response")] == wanted


def test_both_readers_give_the_header_pairs_back_in_order(
    exported: tuple[list[CaptureRow], Path, Path],
) -> None:
    rows, _, file = exported
    wanted = [received(row) for row in answered(rows)]
    assert [record["pairs"] for record in of_type(by_warcio(file), "response")] == wanted
    assert [record["pairs"] for record in of_type(by_fastwarc(file), "response")] == wanted


def test_the_block_is_the_head_as_received_and_the_body(
    exported: tuple[list[CaptureRow], Path, Path],
) -> None:
    _, _, file = exported
    first = of_type(by_fastwarc(file), "response")[0]["block"]
    head = b'HTTP/1.1 200 OK\r\nServer: x\r\nETag: "1"\r\n'
    head += b"set-cookie: a=1\r\nset-cookie: b=2\r\nX-Odd: \xe9  \xff\r\n\r\n"
    assert first == head + "<p>Bogotá — zażółć</p>".encode()


def test_a_chunked_answer_reads_without_chunks(exported: tuple[list[CaptureRow], Path, Path]) -> None:
    rows, _, file = exported
    chunked = rows[1]
    record = of_type(by_warcio(file), "response")[1]
    assert ("X-Crawler-Transfer-Encoding", "chunked") in record["pairs"]
    with file.open("rb") as handle:
        decoded = [r.content_stream().read() for r in ArchiveIterator(handle) if r.rec_type == "response"][1]
    assert hashlib.sha256(decoded).hexdigest() == chunked["body_sha256"]


def test_every_answer_has_its_request(exported: tuple[list[CaptureRow], Path, Path]) -> None:
    rows, _, file = exported
    records = by_warcio(file)
    answers = {
        r["headers"]["WARC-Record-ID"] for r in of_type(records, "response") + of_type(records, "revisit")
    }
    requests = of_type(records, "request")
    assert len(requests) == len([row for row in rows if row["status"]]) == 9
    assert {r["headers"]["WARC-Concurrent-To"] for r in requests} <= answers
    assert [r["first_line"] for r in requests[:2]] == ["GET /plain?b=2&a=1 HTTP/1.1", "GET /packed HTTP/1.1"]
    assert requests[4]["first_line"] == "GET /to HTTP/1.1"
    assert requests[0]["pairs"][0] == ("Host", "board.example")


def test_a_failed_request_leaves_only_the_account(exported: tuple[list[CaptureRow], Path, Path]) -> None:
    _, _, file = exported
    dead = [r for r in by_warcio(file) if r["headers"].get("WARC-Target-URI") == "http://board.example/dead"]
    assert [r["headers"]["WARC-Type"] for r in dead] == ["metadata"]
    assert b"error: timeout: no answer after 30.0 s\r\n" in dead[0]["payload"]


def test_headers_tell_address_time_and_truncation(exported: tuple[list[CaptureRow], Path, Path]) -> None:
    _, _, file = exported
    responses = of_type(by_warcio(file), "response")
    assert responses[0]["headers"]["WARC-IP-Address"] == "127.0.0.1"
    assert responses[4]["headers"]["WARC-IP-Address"] == "2001:db8::7"
    # The exchange began 250 ms before the answer was complete.
    assert responses[0]["headers"]["WARC-Date"] == "2026-03-01T09:29:59.873456Z"
    truncated = [r["headers"].get("WARC-Truncated") for r in responses]
    assert truncated == [None, None, None, None, None, "length", None]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("limit: body exceeds 10 bytes on the wire", "length"),
        ("timeout: body unfinished after 30.0 s", "time"),
        ("ClientPayloadError: not enough data", "disconnect"),
        ("body: truncated stream", None),
    ],
)
def test_truncation_names_its_reason(error: str, reason: str | None) -> None:
    row = page("http://board.example/cut", b"01", [], outcome="truncated", error=error, body_sha256=None)
    first = next(iter(capture_records(row, "part row 0", {}, "<urn:uuid:0>")))
    assert dict(first.headers).get("WARC-Truncated") == reason


def test_revisits_refer_to_the_record_that_holds_the_body(
    exported: tuple[list[CaptureRow], Path, Path],
) -> None:
    _, _, file = exported
    records = by_warcio(file)
    held = {
        r["headers"]["WARC-Record-ID"]: r for r in of_type(records, "response") + of_type(records, "resource")
    }
    revisits = of_type(records, "revisit")
    assert [r["headers"]["WARC-Profile"].rpartition("/")[2] for r in revisits] == [
        "identical-payload-digest",
        "server-not-modified",
        "identical-payload-digest",
    ]
    for revisit in revisits:
        headers = revisit["headers"]
        original = held[headers["WARC-Refers-To"]]["headers"]
        assert headers["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"]
        assert headers["WARC-Refers-To-Date"] == original["WARC-Date"]
        assert headers["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
        assert revisit["payload"] == b""
    assert revisits[1]["first_line"] == "HTTP/1.1 304 Not Modified"


def test_files_are_resources_under_their_percent_encoded_names(
    exported: tuple[list[CaptureRow], Path, Path],
) -> None:
    _, _, file = exported
    [resource] = of_type(by_warcio(file), "resource")
    assert resource["headers"]["WARC-Target-URI"] == "file:ann%C3%A9e/report%20one.pdf"
    assert resource["payload"] == b"%PDF-1.7\r\n\x00\xff"


def test_metadata_holds_digests_robots_redirects_and_place(
    exported: tuple[list[CaptureRow], Path, Path],
) -> None:
    rows, _, file = exported
    metadata = of_type(by_warcio(file), "metadata")
    assert len(metadata) == len(rows)
    moved = metadata[4]["payload"].decode()
    for line in (
        f"capture_id: {rows[4]['capture_id']}",
        f"body_sha256: {rows[4]['body_sha256']}",
        "robots_verdict: allowed",
        f"redirect_chain: {rows[4]['redirect_chain']}",
    ):
        assert f"{line}\r\n" in moved
    assert "part: raw/source=board/date=2026-03-01/" in moved
    assert "row 4\r\n" in moved


def test_the_file_begins_with_the_head_of_the_chain(exported: tuple[list[CaptureRow], Path, Path]) -> None:
    _, home, file = exported
    info = by_warcio(file)[0]
    assert info["headers"]["WARC-Type"] == "warcinfo"
    assert f"custody-chain-head: {verify_custody(home).head}\r\n".encode() in info["payload"]


def test_the_same_evidence_gives_the_same_bytes(
    exported: tuple[list[CaptureRow], Path, Path], tmp_path: Path
) -> None:
    _, home, file = exported
    again = tmp_path / file.name
    export_warc(home, again)
    assert again.read_bytes() == file.read_bytes()
    ids = [r["headers"]["WARC-Record-ID"] for r in by_warcio(file)]
    assert max(Counter(ids).values()) == 1


def test_only_the_owner_can_read_the_file(exported: tuple[list[CaptureRow], Path, Path]) -> None:
    assert stat.S_IMODE(exported[2].stat().st_mode) == 0o600


def test_each_record_is_a_gzip_member_and_plain_files_say_the_same(
    exported: tuple[list[CaptureRow], Path, Path], tmp_path: Path
) -> None:
    _, home, file = exported
    plain = tmp_path / "all.warc"
    export_warc(home, plain)
    assert plain.read_bytes().startswith(b"WARC/1.1\r\n")
    assert [r["payload"] for r in by_warcio(plain)][1:] == [r["payload"] for r in by_warcio(file)][1:]
    offsets = [record.stream_pos for record in FastIterator(str(file))]
    data = file.read_bytes()
    assert all(data[offset : offset + 3] == b"\x1f\x8b\x08" for offset in offsets)


def test_source_and_day_select_and_revisits_still_name_what_lies_outside(
    exported: tuple[list[CaptureRow], Path, Path], tmp_path: Path
) -> None:
    rows, home, _ = exported
    file = tmp_path / "second.warc.gz"
    summary = export_warc(home, file, ["board"], DAY + timedelta(days=1))
    assert summary.records == {"warcinfo": 1, "response": 1, "revisit": 2, "request": 3, "metadata": 3}
    [first, _] = of_type(by_warcio(file), "revisit")
    assert first["headers"]["WARC-Refers-To-Target-URI"] == rows[0]["url"]


def test_nothing_selected_is_an_error_and_leaves_no_file(
    exported: tuple[list[CaptureRow], Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match="no captures of nobody"):
        export_warc(exported[1], tmp_path / "none.warc.gz", ["nobody"])
    assert list(tmp_path.iterdir()) == []


def test_altered_evidence_is_not_exported(tmp_path: Path) -> None:
    home = tmp_path / "home"
    build_evidence(home)
    part = min((home / "raw/source=board").rglob("*.parquet"))
    frame = pl.read_parquet(part, hive_partitioning=False)
    frame.with_columns(pl.lit(b"forged").alias("body")).write_parquet(part)
    with pytest.raises(ExportError, match="row 0: the body is not the one that was committed"):
        export_warc(home, tmp_path / "x.warc.gz")
    assert [file.name for file in tmp_path.iterdir()] == ["home"]


token = st.text(st.sampled_from("!#$%&'*+-.^_`|~0123456789abcXYZ"), min_size=1, max_size=12)
# What a header value may hold (RFC 9110, 5.5), outer blanks taken off as on receipt.
value = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f\x80\x85\xa0"), max_size=30
).map(str.strip)


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(token, value), max_size=6), body=st.binary(max_size=200))
def test_any_answer_comes_back_byte_for_byte(pairs: list[tuple[str, str]], body: bytes) -> None:
    row = page("http://board.example/", body, [], response_headers=as_json(pairs))
    response = next(iter(capture_records(row, "part row 0", {}, record_id("info"))))
    file = io.BytesIO(_written(response))
    record = next(iter(FastIterator(file, parse_http=False)))
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{RENAMED.get(n.lower(), n)}: {v}\r\n" for n, v in pairs) + "\r\n"
    assert record.reader.read() == head.encode("latin-1") + body
    file.seek(0)
    [read] = [
        (r.http_headers.headers, r.raw_stream.read()) for r in ArchiveIterator(file, check_digests="raise")
    ]
    assert read[1] == body
    assert len(read[0]) == len(pairs)


def _written(record: WarcRecord) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        with WarcFile(Path(folder) / "one.warc.gz") as file:
            file.write(record)
        return (Path(folder) / "one.warc.gz").read_bytes()


def test_a_line_break_in_a_value_makes_no_header() -> None:
    block = header_block("HTTP/1.1 200 OK", [("A", "b\r\nInjected: yes"), ("C", "d")])
    assert block == b"HTTP/1.1 200 OK\r\nA: b Injected: yes\r\nC: d\r\n\r\n"
    assert fields_block([("name", "a\nWARC-Type: response")]) == b"name: a WARC-Type: response\r\n"


def test_an_interrupted_export_leaves_the_earlier_file(tmp_path: Path) -> None:
    file = tmp_path / "a.warc.gz"
    file.write_bytes(b"earlier")
    record = WarcRecord("metadata", record_id("x"), datetime(2026, 3, 1, tzinfo=UTC))
    with contextlib.suppress(KeyboardInterrupt), WarcFile(file) as target:
        target.write(record)
        raise KeyboardInterrupt
    assert [each.name for each in tmp_path.iterdir()] == ["a.warc.gz"]
    assert file.read_bytes() == b"earlier"

"""Time-stamps of the chain, against an authority of our own: the `openssl ts` command behind a server on loopback."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assets.capture import stage
from assets.capture.custody import CustodyReport, open_evidence, verify_custody
from assets.capture.timestamps import (
    StampedHead,
    TimestampError,
    load_roots,
    request_timestamp,
    stamp_head,
    stamped_heads,
    timestamp_faults,
)
from assets.house import House
from assets.operation import Operation
from tests.assets.capture.evidence import append, build_evidence, page
from warehouse.parts import PartStore

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(
    OPENSSL is None, reason="the openssl command, our authority, is not installed"
)

CONFIGURATION = """
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = signer.pem
signer_key = signer.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256
"""
HEAD = "a1" * 32


def openssl(folder: Path, *arguments: str) -> None:
    assert OPENSSL is not None
    subprocess.run([OPENSSL, *arguments], cwd=folder, check=True, capture_output=True)


def make_authority(folder: Path, name: str) -> None:
    """A root and, under it, a signer of time-stamps."""
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        folder, "req", "-x509", *curve, "-keyout", "root.key", "-out", "root.pem", "-subj", f"/CN={name} root"
    )
    openssl(folder, "req", *curve, "-keyout", "signer.key", "-out", "signer.csr", "-subj", f"/CN={name}")
    (folder / "usage").write_text(
        "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
    )
    openssl(
        *(
            folder,
            "x509",
            "-req",
            "-in",
            "signer.csr",
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-CAcreateserial",
        ),
        *("-out", "signer.pem", "-extfile", "usage"),
    )
    (folder / "tsa.cnf").write_text(CONFIGURATION)
    (folder / "serial").write_text("01\n")


@dataclass
class Authority:
    """A running authority: its address, the file with its root, and how it misbehaves."""

    address: str
    roots: Path
    mood: str = "well"
    asked: int = 0


@pytest.fixture(scope="module")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    make_authority(folder, "Authority of these tests")
    return folder


@pytest.fixture
def authority(authority_folder: Path) -> Iterator[Authority]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            served.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            if served.mood == "replays" and (authority_folder / "reply").exists():
                pass
            else:
                (authority_folder / "query").write_bytes(query)
                openssl(
                    *(authority_folder, "ts", "-reply", "-config", "tsa.cnf"),
                    *("-queryfile", "query", "-out", "reply"),
                )
            answer = (authority_folder / "reply").read_bytes()
            if served.mood == "babbles":
                answer = b"<html>come back later</html>"
            if served.mood == "floods":
                answer = b"0" * 2_000_000
            self.send_response(503 if served.mood == "rests" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Silent."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up on a flood is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    served = Authority(f"http://127.0.0.1:{server.server_port}/tsr", authority_folder / "root.pem")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> PartStore:
    build_evidence(tmp_path)
    return PartStore(tmp_path)


def check(store: PartStore, authority: Authority) -> CustodyReport:
    return verify_custody(store.home, roots=load_roots(authority.roots))


def stored(store: PartStore) -> list[StampedHead]:
    with closing(open_evidence(store.home)) as connection:
        return stamped_heads(connection)


def test_a_stamped_head_verifies_with_its_signature(store: PartStore, authority: Authority) -> None:
    moment = stamp_head(store, authority.address)
    assert moment is not None
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=1)
    report = check(store, authority)
    assert report.intact, report.differences
    assert (report.stamps, report.stamped_at, report.signed) == (1, moment, True)
    assert stored(store)[0].head == report.head


def test_openssl_checks_the_stored_response_without_us(
    store: PartStore, authority: Authority, tmp_path: Path
) -> None:
    stamp_head(store, authority.address)
    [stamp] = stored(store)
    (tmp_path / "head").write_text(stamp.head)
    (tmp_path / "response").write_bytes(stamp.response)
    openssl(tmp_path, "ts", "-verify", "-data", "head", "-in", "response", "-CAfile", str(authority.roots))


def test_a_head_is_stamped_once_and_a_grown_chain_again(store: PartStore, authority: Authority) -> None:
    assert stamp_head(store, authority.address) is not None
    assert stamp_head(store, authority.address) is None
    assert authority.asked == 1
    append(store, [page("http://board.example/new", b"new", [], at=200)])
    assert stamp_head(store, authority.address) is not None
    report = check(store, authority)
    assert report.intact
    assert report.stamps == 2


def test_nothing_captured_is_nothing_to_stamp(tmp_path: Path, authority: Authority) -> None:
    assert stamp_head(PartStore(tmp_path), authority.address) is None
    assert authority.asked == 0


def test_an_end_cut_off_after_a_time_stamp_is_found(store: PartStore, authority: Authority) -> None:
    stamp_head(store, authority.address)
    last = store.parts("captures")[-1]
    with store.manifest.transaction() as connection:
        connection.execute("DELETE FROM parts WHERE part_id = ?", (last.part_id,))
    (store.home / last.path).unlink()
    [difference] = verify_custody(store.home).differences
    assert (difference.kind, difference.expected) == ("timestamp", last.chain)


def test_a_response_put_under_another_head_is_found(store: PartStore, authority: Authority) -> None:
    _, response = request_timestamp(HEAD, authority.address)
    stamp_head(store, authority.address)
    with store.manifest.transaction() as connection:
        connection.execute("UPDATE timestamps SET response = ?", (response,))
    assert [each.kind for each in verify_custody(store.home).differences] == ["timestamp"]


def test_a_moment_put_back_is_found(store: PartStore, authority: Authority) -> None:
    stamp_head(store, authority.address)
    with store.manifest.transaction() as connection:
        connection.execute("UPDATE timestamps SET stamped_at = '2020-01-01T00:00:00+00:00'")
    [difference] = verify_custody(store.home).differences
    assert (difference.kind, difference.expected) == ("timestamp", "2020-01-01T00:00:00+00:00")


def test_every_byte_of_the_signature_counts(authority: Authority) -> None:
    moment, response = request_timestamp(HEAD, authority.address)
    broken = bytearray(response)
    broken[-3] ^= 1
    roots = load_roots(authority.roots)
    for data, faults in ((response, 0), (bytes(broken), 1)):
        stamp = StampedHead(7, HEAD, authority.address, moment, data)
        assert len(list(timestamp_faults([stamp], {7: HEAD}, roots))) == faults


def test_a_signature_of_another_authority_does_not_hold(
    store: PartStore, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    make_authority(other, "Somebody else")
    stamp_head(store, authority.address)
    report = verify_custody(store.home, roots=load_roots(other / "root.pem"))
    assert [each.found for each in report.differences] == ["none that holds"]


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ("rests", "status 503"),
        ("babbles", "not one of RFC 3161"),
        ("floods", "exceeds"),
        ("replays", "another request"),
    ],
)
def test_a_bad_answer_is_refused(authority: Authority, mood: str, words: str) -> None:
    request_timestamp(HEAD, authority.address)
    authority.mood = mood
    with pytest.raises(TimestampError, match=words):
        request_timestamp(HEAD, authority.address)


def test_errors_and_the_manifest_keep_no_password(store: PartStore, authority: Authority) -> None:
    with pytest.raises(TimestampError) as caught:
        request_timestamp(HEAD, "http://user:secret@127.0.0.1:1/tsr?key=secret")
    assert "secret" not in str(caught.value)
    stamp_head(store, authority.address.replace("http://", "http://user:secret@") + "?key=secret")
    assert stored(store)[0].authority == authority.address


def test_roots_must_be_certificates(tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text("nothing")
    with pytest.raises(TimestampError, match="no certificates"):
        load_roots(tmp_path / "roots.pem")


class Hearer:
    """Keeps what a stage says."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def info(self, msg: str) -> None:
        self.said.append(("info", msg))

    def warning(self, msg: str) -> None:
        self.said.append(("warning", msg))


@pytest.mark.parametrize(("mood", "level"), [("well", "info"), ("rests", "warning")])
def test_the_capture_stage_stamps_and_survives_an_authority_that_does_not(
    store: PartStore, authority: Authority, mood: str, level: str
) -> None:
    authority.mood = mood
    hearer = Hearer()
    operation = Operation.model_validate({"name": "Test", "code": "test"})
    house = House(
        store.home, store, {}, operation, "run", b"key", hearer, timestamp_authority=authority.address
    )
    stage.capture_units(house, [], house.today)
    [(heard, text)] = hearer.said
    assert heard == level
    assert "time-stamp" in text
    assert len(stored(store)) == (mood == "well")

"""`stormlantern verify` and `stormlantern export`, as a user types them."""

import re
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.cli import main
from tests.assets.capture.evidence import build_evidence


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


@pytest.fixture
def stormlantern(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The entry point, in this process: a start of its own takes seconds."""

    def command(*words: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["stormlantern", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    return command


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A home with captures."""
    build_evidence(tmp_path / "home")
    return tmp_path / "home"


def test_verify_tells_the_head_and_takes_it_back(stormlantern: Command, evidence: Path) -> None:
    done = stormlantern("verify", "--home", str(evidence))
    assert done.returncode == 0, done.stderr
    assert "intact" in done.stdout
    [head] = re.findall(r"head of the chain, 3 links: ([0-9a-f]{64})\n", done.stdout)
    again = stormlantern("verify", "--home", str(evidence), "--head", head)
    assert again.returncode == 0
    assert f"head {head} is a link of the chain; 0 links were added since" in again.stdout
    other = stormlantern("verify", "--home", str(evidence), "--head", "0" * 64)
    assert other.returncode == 1
    assert f"manifest: head: expected {'0' * 64}, found {head}" in other.stdout


def test_verify_names_the_first_difference_and_fails(stormlantern: Command, evidence: Path) -> None:
    part = min((evidence / "raw").rglob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-1])
    done = stormlantern("verify", "--home", str(evidence))
    assert done.returncode == 1
    name = part.relative_to(evidence).as_posix()
    assert re.search(
        rf"BROKEN: \d+ differences; the first:\n  {re.escape(name)}: size: expected \d+", done.stdout
    )
    assert "http://" not in done.stdout + done.stderr


def test_verify_without_a_home_says_so_in_one_line(stormlantern: Command, tmp_path: Path) -> None:
    done = stormlantern("verify", "--home", str(tmp_path / "absent"))
    assert done.returncode == 1
    assert re.fullmatch(r"stormlantern: no manifest in .*\n", done.stderr)


def test_roots_that_are_none_are_named_by_their_setting(
    stormlantern: Command, evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "roots.pem").write_text("nothing")
    monkeypatch.setenv("STORMLANTERN_TIMESTAMP_ROOTS", str(tmp_path / "roots.pem"))
    done = stormlantern("verify", "--home", str(evidence))
    assert done.returncode == 1
    assert re.fullmatch(r"stormlantern: STORMLANTERN_TIMESTAMP_ROOTS: .* no certificates .*\n", done.stderr)


def test_export_writes_for_its_owner_alone_and_says_what_it_holds(
    stormlantern: Command, evidence: Path, tmp_path: Path
) -> None:
    file = tmp_path / "board.warc.gz"
    words = (
        "export",
        "--warc",
        str(file),
        "--home",
        str(evidence),
        "--source",
        "board",
        "--day",
        "2026-03-01",
    )
    done = stormlantern(*words)
    assert done.returncode == 0, done.stderr
    assert "records: 7 metadata, 6 request, 6 response, 1 warcinfo" in done.stdout
    assert "personal data in clear" in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_export_of_nothing_is_one_line(stormlantern: Command, evidence: Path, tmp_path: Path) -> None:
    done = stormlantern(
        "export", "--warc", str(tmp_path / "x.warc.gz"), "--home", str(evidence), "--source", "nobody"
    )
    assert done.returncode == 1
    assert done.stderr == f"stormlantern: no captures of nobody in {evidence}\n"

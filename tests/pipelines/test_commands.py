"""The command line: sql, extract, report and doctor, as a user types them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.pipelines.conftest import SmallWeb, offers_source


def stormlantern(*words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "pipelines.cli", *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=120)


def test_identifiers_come_out_as_json_lines_in_order(home: Path):
    given = "\n".join(
        json.dumps({"id": str(number), "text": text, "region": "GB"})
        for number, text in enumerate(["ring 07700 900123", "nothing here", "mail to ana@post.example"])
    )
    done = stormlantern("extract", "identifiers", given=given)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["id"] for record in found] == ["0", "1", "2"]
    assert found[0]["identifiers"][0] == {
        "kind": "phone",
        "value": "+447700900123",
        "raw": "07700 900123",
        "start": 5,
        "end": 17,
        "obscured": False,
    }
    assert found[1]["identifiers"] == []
    assert [item["kind"] for item in found[2]["identifiers"]] == ["email"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('{"id": 1}\n', "record 1"),
        ('{"id":"a","text":"b"}\nnot json\n', "line 2: not JSON"),
        ("[1]\n", "line 1"),
    ],
)
def test_a_bad_record_is_named_by_its_number(home: Path, given: str, message: str):
    done = stormlantern("extract", "identifiers", given=given)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_statistics_of_a_document_and_of_one_that_is_none(home: Path, tmp_path: Path):
    release = tmp_path / "kite.html"
    release.write_text(
        "<html><body><article><h1>Operation Blue Kite</h1><p>On 3 May 2026 police in Italy arrested 12 suspects in "
        "Operation Blue Kite and rescued 4 victims.</p></article></body></html>",
        encoding="utf-8",
    )
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nothing")
    done = stormlantern("extract", "statistics", str(release), str(tmp_path / "broken.pdf"))
    assert done.returncode == 1
    assert "broken.pdf" in done.stderr
    read = json.loads(done.stdout)
    assert read["doc"] == "kite"
    figures = {(m["metric"], m["value"]) for o in read["operations"] for m in o["metrics"]}
    assert {("arrests", 12), ("victims_rescued", 4)} <= figures


def test_extraction_does_not_load_the_orchestrator(home: Path):
    program = (
        "import sys; from pipelines.cli import app; import assets.extraction.single, assets.statistics.extract; "
        "print([name for name in ('dagster', 'great_expectations', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_without_a_snapshot_the_remedy_is_named(home: Path):
    for words in (("sql", "SELECT 1"), ("report",)):
        done = stormlantern(*words)
        assert done.returncode == 1
        assert "stormlantern run" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_wrong_source_or_setting_is_one_line(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "bad.yaml").write_text("kind: newspaper\n", encoding="utf-8")
    monkeypatch.setenv("STORMLANTERN_SOURCES", str(tmp_path / "bad.yaml"))
    done = stormlantern("run")
    assert done.returncode == 1
    assert "bad.yaml: field `kind`" in done.stderr
    assert "Traceback" not in done.stderr
    monkeypatch.setenv("STORMLANTERN_KEEP_SNAPSHOTS", "x")
    done = stormlantern("run")
    assert "STORMLANTERN_KEEP_SNAPSHOTS" in done.stderr


def test_doctor_shows_what_a_source_gives_without_showing_it(home: Path, small_web: SmallWeb, tmp_path: Path):
    file = tmp_path / "offers.yaml"
    file.write_text(yaml.safe_dump(offers_source(small_web.address)), encoding="utf-8")
    done = stormlantern("doctor", "--source", str(file))
    assert done.returncode == 0, done.stderr
    assert "10 listings in 1 captures" in done.stdout
    assert "posted_at: in 10 of 10" in done.stdout
    assert "06 39" not in done.stdout
    assert "99 99 99" in done.stdout
    source = offers_source(small_web.address)
    source["listings"]["item"] = "tr.gone"  # type: ignore[index]
    file.write_text(yaml.safe_dump(source), encoding="utf-8")
    done = stormlantern("doctor", "--source", str(file))
    assert done.returncode == 1
    assert "selector_matched_nothing" in done.stdout


def test_two_runs_do_not_work_in_one_home(
    home: Path, small_web: SmallWeb, describe: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    from pipelines.busy import HouseBusy, run_lock

    with run_lock(home, 0):
        started = time.monotonic()
        with pytest.raises(HouseBusy, match="another run works in"), run_lock(home, 0.3):
            pass
        assert time.monotonic() - started >= 0.3
        monkeypatch.setenv("STORMLANTERN_LOCK_WAIT_SECONDS", "0")
        describe(offers=offers_source(small_web.address))
        done = stormlantern("run")
    assert done.returncode == 1
    assert "another run works in" in done.stderr
    assert "Traceback" not in done.stderr

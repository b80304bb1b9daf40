"""Settings, sources and operations: what is read, and how a mistake is named."""

import os
from pathlib import Path

import pytest

from assets.capture.source import SourceError, load_source
from assets.operation import OperationError, load_operation
from pipelines.settings import SettingsError, load_settings

LISTINGS = """
kind: listings
start: [http://offers.test/]
listings: {item: .offer, fields: {text: .words}}
"""


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch):
    """Settings of the machine that runs the tests do not count."""
    for name in [name for name in os.environ if name.startswith("STORMLANTERN_")]:
        monkeypatch.delenv(name)


def test_the_environment_overrides_and_is_validated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("STORMLANTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STORMLANTERN_KEEP_SNAPSHOTS", "9")
    assert load_settings().home == tmp_path / "home"
    assert load_settings().keep_snapshots == 9
    monkeypatch.setenv("STORMLANTERN_KEEP_SNAPSHOTS", "none")
    with pytest.raises(SettingsError, match="STORMLANTERN_KEEP_SNAPSHOTS"):
        load_settings()


def test_a_source_outside_the_repository_is_found_and_becomes_the_daily_operation(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "offers.yaml").write_text(LISTINGS)
    assert load_settings().load_operation().code == "demonstration"
    monkeypatch.setenv("STORMLANTERN_SOURCES", str(tmp_path / "offers.yaml"))
    settings = load_settings(home=tmp_path)
    operation = settings.load_operation()
    assert operation.code == "daily"
    assert list(settings.sources_of(operation)) == ["offers"]


def test_an_unknown_source_names_the_known_ones(tmp_path: Path):
    settings = load_settings(home=tmp_path)
    with pytest.raises(SourceError, match=r"no source named nowhere; known: .*inbox"):
        settings.sources_of(settings.load_operation("daily"), ("nowhere",))


def test_two_sources_of_one_name_are_an_error_that_names_both_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "offers.yaml").write_text(LISTINGS)
    monkeypatch.setenv("STORMLANTERN_SOURCES", f"{tmp_path / 'a'}{os.pathsep}{tmp_path / 'b'}")
    with pytest.raises(SourceError, match=r"b/offers.yaml: the name 'offers' is taken by .*a/offers.yaml"):
        _ = load_settings(home=tmp_path).all_sources


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: listings\nstart: [http://a.test/]\n", "needs a `listings:` section"),
        ("kind: newspaper\n", "field `kind`"),
        ("kind: documents\n", "needs `path`"),
        ("kind: telegram_preview\n", "needs `start`"),
        (LISTINGS.replace("item: .offer, ", ""), "give `item_link`"),
        (LISTINGS + "scope: {deny: ['(']}\n", "not a regular expression"),
        (LISTINGS + "colour: red\n", "field `colour`"),
        (LISTINGS.replace("http://offers.test/", "offers.test"), "needs http:// or https://"),
        ("- a\n- b\n", "a source is a YAML mapping"),
        ("kind: [", "cannot be read as YAML"),
    ],
)
def test_a_wrong_source_names_file_field_and_remedy(tmp_path: Path, text: str, message: str):
    file = tmp_path / "offers.yaml"
    file.write_text(text)
    with pytest.raises(SourceError, match=r"offers\.yaml") as caught:
        load_source(file, tmp_path)
    assert message in str(caught.value)


def test_a_path_may_stand_under_the_home_or_beside_the_file(tmp_path: Path):
    file = tmp_path / "papers.yaml"
    file.write_text("kind: documents\npath: $STORMLANTERN_HOME/inbox\n")
    assert load_source(file, tmp_path / "home").path == tmp_path / "home" / "inbox"
    file.write_text("kind: documents\npath: papers\n")
    assert load_source(file, tmp_path / "home").path == tmp_path / "papers"


def test_a_wrong_operation_names_file_and_field(tmp_path: Path):
    file = tmp_path / "winter.yaml"
    file.write_text("name: Winter\ncountries: [Spain]\n")
    with pytest.raises(OperationError, match=r"winter.yaml: field `countries.0`"):
        load_operation(file)
    with pytest.raises(OperationError, match="no operation 'summer'"):
        load_settings(home=tmp_path).load_operation("summer")


def test_one_text_is_a_list_of_one_and_a_misspelt_field_names_the_nearest(tmp_path: Path):
    file = tmp_path / "offers.yaml"
    file.write_text(LISTINGS.replace("[http://offers.test/]", "http://offers.test/"))
    assert load_source(file, tmp_path).start == ("http://offers.test/",)
    file.write_text(LISTINGS + "politenes: {delay_seconds: 2}\n")
    with pytest.raises(SourceError, match=r"`politenes`.*is `politeness` meant"):
        load_source(file, tmp_path)

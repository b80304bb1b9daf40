"""The stage on a real part store: what is looked up, once, and what a second run does."""

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assets.extraction.stage import identifier_id
from assets.house import House
from assets.operation import Operation
from assets.screening.lists import FOLDER
from assets.screening.stage import screen_all
from quality import gate
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore, PartWrite

DAY = date(2026, 3, 1)
PHONE, OTHER_PHONE = "+447700900123", "+447700900456"
LIST = "id,name,phone,username\nX-1,,07700,\nX-2,,+44 7700 900123,\nX-3,Stranger Somebody,,\n"


class Practice:
    """A house on a temporary home; each run is a day later than the one before."""

    def __init__(self, home: Path) -> None:
        self.home = home
        (home / FOLDER).mkdir(parents=True)
        self.store = PartStore(home)
        self.said: list[str] = []
        self.now = datetime(2026, 3, 1, 8, tzinfo=UTC)
        self.runs = 0

    def write(self, table: str, rows: list[dict[str, object]], day: date | None = None) -> None:
        schema = CONTRACTS[table].schema
        shape = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)
        source = "practice" if day else None
        self.store.commit([PartWrite(table, shape, source, day)])

    def chat(self, *names: str) -> None:
        """Messages of these accounts; the first shows the phone number."""
        common: dict[str, object] = {"source": "practice", "unit_date": DAY, "site": "chat.test"}
        items = [{"item_id": f"{number:024x}", "account": name} for number, name in enumerate(names)]
        self.write("messages", [common | {"channel": "rooms", "text": "words"} | item for item in items], DAY)
        of_first = common | {"item_id": f"{0:024x}", "item_table": "messages"}
        mention = {"mention_id": "m", "identifier_id": identifier_id("phone", PHONE), "kind": "phone"}
        self.write("mentions", [of_first | mention | {"value": PHONE}], DAY)
        self.write(
            "facts", [of_first | {"fact_id": "f", "kind": "place", "value": "Paris, FR", "unit": "FR"}], DAY
        )
        self.identifiers(("phone", PHONE))

    def identifiers(self, *values: tuple[str, str]) -> None:
        self.write(
            "identifiers",
            [
                {"identifier_id": identifier_id(*value), "kind": value[0], "value": value[1]}
                for value in values
            ],
        )

    def notices(self, *names: tuple[str, str]) -> None:
        self.write(
            "notices",
            [
                {
                    "item_id": f"{100 + number:024x}",
                    "source": "practice",
                    "unit_date": DAY,
                    "notice_kind": "wanted",
                }
                | {"name": family, "forename": given, "content_sha256": f"{given}{family}"}
                for number, (given, family) in enumerate(names)
            ],
            DAY,
        )

    def drop(self, words: str, name: str = "partner.csv") -> None:
        (self.home / FOLDER / name).write_text(words, encoding="utf-8")

    def run(self) -> bool:
        """Run the stage as tomorrow's run would; whether there was anything to do."""
        self.runs += 1
        now = self.now + timedelta(days=self.runs - 1)
        log = logging.Logger("practice")
        log.addHandler(_Notes(self.said))
        operation = Operation(code="practice", name="Practice")
        house = House(
            self.home, self.store, {}, operation, f"run-{self.runs}", b"k" * 32, log, now=lambda: now
        )
        return screen_all(house) is not None

    def rows(self, table: str) -> pl.DataFrame:
        return self.store.scan(table, CONTRACTS[table].schema).collect()


class _Notes(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self.said = said

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture(autouse=True)
def quick_gates(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gates judge in one test; in the others they let everything pass, for a judgement takes a second."""
    if request.function is not test_only_what_a_list_can_answer_is_looked_up:
        monkeypatch.setattr(gate, "judge_together", lambda files: [[] for _ in files])


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    """A chat of three, notices of two, and a partner's list."""
    made = Practice(tmp_path / "home")
    made.chat("Ana Lopez", "Juan Nadie", "lucia_77")
    made.notices(("ANA", "LÓPEZ"), ("PETER", "ELSEWHERE"))
    made.drop(LIST)
    return made


def test_only_what_a_list_can_answer_is_looked_up(practice: Practice) -> None:
    assert practice.run()
    checks = practice.rows("screening_checks")
    # Notices know no telephones; the nickname with digits is no name.
    asked = sorted(checks.select("list_name", "query_kind").iter_rows())
    assert (
        asked
        == [("file:partner", "person")] * 2
        + [("file:partner", "phone")]
        + [("notices:practice", "person")] * 2
    )
    hits = practice.rows("screening_hits").sort("list_name")
    assert hits.select("query_kind", "entry_item_id", "entry_reference", "strength").rows() == [
        ("phone", None, "X-2", "likely"),
        ("person", f"{100:024x}", None, "possible"),
    ]
    assert hits["countries"].to_list() == ["FR", "FR"]
    assert set(hits["screening_check_id"]) <= set(checks["screening_check_id"])
    lists = practice.rows("screening_lists").sort("list_name")
    assert lists.select("entry_count", "unread_values", "query_count").rows() == [(3, 1, 3), (2, 0, 2)]
    # Counts by country add nothing to those wherever.
    counts = practice.rows("screening_counts")
    wherever = counts.filter(pl.col("country").is_null())
    assert (wherever["checks"].sum(), wherever["hits"].sum()) == (5, 2)
    assert counts.filter(country="FR")["hits"].sum() == 2
    told = " ".join([*practice.said, *hits["explanation"], *hits["contributions"]])
    assert not any(word in told for word in ("Ana", "Lopez", PHONE, "X-2"))


def test_a_second_run_does_nothing_and_new_queries_alone_are_looked_up(practice: Practice) -> None:
    practice.run()
    before = {
        table: practice.rows(table) for table in ("screening_checks", "screening_hits", "screening_lists")
    }
    assert not practice.run()
    practice.identifiers(("phone", PHONE), ("phone", OTHER_PHONE))
    assert practice.run()
    checks = practice.rows("screening_checks")
    assert checks["screening_check_id"].is_unique().all()
    new = checks.join(before["screening_checks"], on="screening_check_id", how="anti")
    assert new.select("query_id", "checked_on").rows() == [
        (identifier_id("phone", OTHER_PHONE), DAY + timedelta(days=2))
    ]
    assert practice.rows("screening_hits").equals(before["screening_hits"])
    assert practice.rows("screening_lists").equals(before["screening_lists"])


def test_a_changed_list_is_searched_anew_and_counted_once(practice: Practice) -> None:
    practice.run()
    practice.drop(LIST.replace("X-3,Stranger Somebody", "X-3,Nadie Juan"))
    assert practice.run()
    assert practice.rows("screening_checks").height == 5
    hits = practice.rows("screening_hits").sort("first_hit_on", "list_name")
    assert hits["entry_reference"].to_list() == ["X-2", None, "X-3"]
    assert hits["first_hit_on"].to_list() == [DAY, DAY, DAY + timedelta(days=1)]
    versions = practice.rows("screening_lists").filter(list_name="file:partner")
    assert versions["first_checked_on"].to_list() == [DAY, DAY + timedelta(days=1)]
    # Back to the first version: what was found there only is gone, the list has three rows.
    practice.drop(LIST)
    practice.run()
    assert practice.rows("screening_hits").height == 2
    assert practice.rows("screening_lists")["screening_list_id"].n_unique() == 4


def test_a_broken_file_blocks_itself_alone_and_one_that_is_gone_takes_its_hits(practice: Practice) -> None:
    practice.run()
    practice.drop("colour\nred\n")
    practice.notices(("ANA", "LÓPEZ"), ("JUAN", "NADIE"))
    assert practice.run()
    assert "partner.csv" in practice.said[-2]
    assert sorted(practice.rows("screening_hits")["list_name"]) == ["file:partner", *["notices:practice"] * 2]
    (practice.home / FOLDER / "partner.csv").unlink()
    practice.run()
    assert set(practice.rows("screening_hits")["list_name"]) == {"notices:practice"}
    assert practice.rows("screening_checks").height == 5


def test_without_lists_nothing_is_looked_up(tmp_path: Path) -> None:
    empty = Practice(tmp_path / "home")
    empty.chat("Ana Lopez")
    assert empty.run()
    assert [empty.rows(f"screening_{name}").height for name in ("lists", "checks", "hits", "counts")] == [
        0
    ] * 4


def test_a_commit_that_fails_leaves_nothing_and_the_next_run_goes_on(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(PartStore, "commit", lambda *_, **__: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError, match="full"):
            practice.run()
    assert practice.rows("screening_checks").is_empty()
    assert practice.run()
    assert practice.rows("screening_checks").height == 5

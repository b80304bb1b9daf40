"""The gate fails a publish that would show protected data, whatever let it slip."""

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from assets.publishing import analyst_tables, privacy, pseudonyms
from assets.publishing.privacy import PrivacyViolation
from quality.contract import Sensitivity
from quality.contracts import CONTRACTS
from warehouse.connections import NoSnapshotError, connect_snapshot

SPELLINGS = [
    "call +447700900123 now",
    "call 07700 900 123 now",
    "call (0)7700-900123",
    "tel:7700.900.123",
    "00447700900123",
    "write to Lucia@Mail.example",
    "seen as @lucia_invented there",
    "numbers of others too: 06 39 98 12 34",
]
INNOCENT = [
    "call +447700900777",
    "12 items on 3 sites",
    "on 2026-03-01 and 2026-03-02",
    "see phone:p_4477009001231234",
    "lucia_invented_too and lucia",
]


def explain(house: Any, words: str) -> None:
    rows = [row | {"explanation": words} for row in house.tables["lead_indicators"]]
    house.write("lead_indicators", rows)


def test_each_protected_value_in_an_open_column_stops_the_publish(house: Any) -> None:
    indicator = house.tables["lead_indicators"][0]
    house.write("lead_indicators", [indicator | {"explanation": words} for words in SPELLINGS])
    with pytest.raises(PrivacyViolation) as caught:
        house.publish()
    findings = caught.value.findings
    assert {(finding.table, finding.column) for finding in findings} == {("lead_indicators", "explanation")}
    assert {finding.family: finding.count for finding in findings} == {"digits": 6, "email": 1, "username": 1}
    for secret in ("7700", "900", "lucia", "Mail", "39 98"):
        assert secret not in str(caught.value)
    with pytest.raises(NoSnapshotError), connect_snapshot(house.home):
        pass


def test_innocent_words_do_not(house: Any) -> None:
    explain(house, "; ".join(INNOCENT))
    assert house.publish().is_new


def test_a_violation_leaves_the_last_snapshot(house: Any) -> None:
    first = house.publish()
    explain(house, SPELLINGS[0])
    with pytest.raises(PrivacyViolation):
        house.publish()
    with connect_snapshot(house.home) as connection:
        assert connection.execute("SELECT version FROM snapshots").fetchall() == [(first.version,)]
    assert [file.name for file in (house.home / "warehouse").glob("*.duckdb")] == [first.warehouse.name]


def test_a_contract_that_opens_a_text_column_is_caught(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate reads the file: a column wrongly declared open is searched like any other."""
    listings = CONTRACTS["listings"]
    columns = tuple(
        replace(column, sensitivity=Sensitivity.open) if column.name == "text" else column
        for column in listings.columns
    )
    monkeypatch.setitem(CONTRACTS, "listings", replace(listings, columns=columns))
    with pytest.raises(PrivacyViolation) as caught:
        house.publish()
    assert [(finding.table, finding.column) for finding in caught.value.findings] == [("listings", "text")]


def test_a_column_that_must_be_absent_is_caught(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build = analyst_tables.build_analyst_tables

    def build_with_raw(connection: duckdb.DuckDBPyConnection) -> None:
        build(connection)
        connection.execute("ALTER TABLE shown.main.mentions ADD COLUMN raw VARCHAR")

    monkeypatch.setattr("assets.publishing.warehouse.build_analyst_tables", build_with_raw)
    with pytest.raises(PrivacyViolation, match=r"mentions\.raw"):
        house.publish()


def test_an_address_that_spells_a_number_is_hidden(house: Any) -> None:
    url = "https://ads.test/call-0639981234"
    house.write("documents", [row | {"url": url} for row in house.tables["documents"]])
    rows = [row | {"url": url} if row["external_id"] == "4713" else row for row in house.tables["listings"]]
    house.write("listings", rows)
    house.publish()
    with connect_snapshot(house.home) as connection:
        assert connection.execute("SELECT count(*) FROM items WHERE url LIKE '%0639981234%'").fetchone() == (
            0,
        )


def test_what_an_earlier_version_of_a_victims_page_showed_stays_protected(house: Any) -> None:
    """The suspect's number once stood on the page of a potential victim: it is no longer cleared."""
    mentions = [dict(row) for row in house.tables["mentions"]]
    [suspects] = [row for row in mentions if row["value"] == "+447700900777"]
    victim = house.tables["mentions"][0]
    house.write(
        "mentions",
        [
            *mentions,
            suspects
            | {"mention_id": "0" * 24, "item_id": victim["item_id"], "unit_date": victim["unit_date"]},
        ],
    )
    house.publish()
    with connect_snapshot(house.home) as connection:
        shown = connection.execute("SELECT value FROM identifiers WHERE kind = 'phone'").fetchall()
    assert all(value.startswith("phone:p_") for (value,) in shown)


def test_a_cleared_link_that_spells_a_protected_number_is_not_cleared(house: Any) -> None:
    mentions = [
        row | {"value": "https://wa.test/447700900123"} if row["kind"] == "url" else row
        for row in house.tables["mentions"]
    ]
    house.write("mentions", mentions)
    identifiers = [
        row | {"value": "https://wa.test/447700900123"} if row["kind"] == "url" else row
        for row in house.tables["identifiers"]
    ]
    house.write("identifiers", identifiers)
    house.publish()
    with connect_snapshot(house.home) as connection:
        [(shown,)] = connection.execute("SELECT value FROM identifiers WHERE kind = 'url'").fetchall()
    assert shown.startswith("url:p_")


def test_short_keys_are_refused(house: Any) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        house.publish(key=b"short")


def test_page_words_are_columns_of_listings() -> None:
    names = {column.name for column in CONTRACTS["listings"].columns}
    assert names >= pseudonyms.PAGE_WORDS
    assert privacy.Finding("t", "c", "digits", 1).count == 1

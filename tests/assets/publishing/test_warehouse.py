"""What a published snapshot holds, and when there is a new one."""

import hashlib
import hmac
import os
import stat
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from assets.publishing import warehouse
from assets.publishing.analyst_tables import analyst_columns
from assets.publishing.pseudonyms import KEYED_IDS, LOCATORS, keyed_id
from assets.publishing.warehouse import Snapshot
from quality.contracts import CONTRACTS
from tests.assets.publishing.house_rows import KEY
from warehouse import snapshots
from warehouse.connections import connect_snapshot, reading

# Ids that tell nothing about a person: numbers and names given by us, by a method or by a publisher of notices.
OPEN_IDS = {
    *("indicator_id", "operation_id", "operation_metric_id", "operation_conflict_id", "quality_result_id"),
    *("surge_id", "rule_id", "run_id", "screening_list_id", "screening_count_id"),
}


def rows(house: Any, query: str, *, restricted: bool = False) -> list[tuple[Any, ...]]:
    with connect_snapshot(house.home, restricted) as connection:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return found


def clear(house: Any, kind: str, shown: str) -> str:
    [(value,)] = rows(
        house, f"SELECT clear FROM pseudonyms WHERE kind = '{kind}' AND shown = '{shown}'", restricted=True
    )
    return str(value)


def test_both_files_have_every_table_with_comments(published: tuple[Any, Snapshot]) -> None:
    house, snapshot = published
    for restricted in (False, True):
        tables = dict(
            rows(house, "SELECT table_name, comment FROM duckdb_tables() ORDER BY 1", restricted=restricted)
        )
        assert set(tables) == set(CONTRACTS) | ({"pseudonyms"} if restricted else set())
        assert all(comment for comment in tables.values())
        uncommented = (
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE comment IS NULL AND table_name IN (SELECT table_name FROM duckdb_tables())"
        )
        assert rows(house, uncommented, restricted=restricted) == []
        assert (
            rows(
                house,
                "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL",
                restricted=restricted,
            )
            == []
        )
    assert snapshot.rows["listings"] == 3


def test_columns_are_those_of_the_contracts(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    query = (
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() GROUP BY table_name"
    )
    in_clear, shown = dict(rows(house, query, restricted=True)), dict(rows(house, query))
    for contract in CONTRACTS.values():
        assert in_clear[contract.table] == [column.name for column in contract.columns if column.published]
        assert shown[contract.table] == [column.name for column in analyst_columns(contract)]
    assert "body" not in in_clear["captures"]
    assert "text" in in_clear["listings"]
    assert "text" not in shown["listings"]


def test_an_item_appears_once_as_last_seen(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    query = "SELECT text, unit_date, first_seen, last_seen FROM listings WHERE external_id = '{}'"
    assert [
        (text, str(unit), str(first), str(last))
        for text, unit, first, last in rows(house, query.format(4712), restricted=True)
    ] == [("new words", "2026-03-02", "2026-03-01", "2026-03-02")]
    # Its page answered "not modified" on the third day: seen, though no unit brought it again.
    [(_, unit, first, last)] = rows(house, query.format(4711), restricted=True)
    assert [str(unit), str(first), str(last)] == ["2026-03-01", "2026-03-01", "2026-03-03"]


def test_mentions_of_an_outdated_version_are_gone(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    phones = rows(house, "SELECT value FROM mentions WHERE kind = 'phone' ORDER BY 1", restricted=True)
    assert [value for (value,) in phones] == ["+33639981234", "+447700900123", "+447700900777"]


def test_captures_know_their_part_and_row(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    for capture_id, path, row in rows(
        house, "SELECT capture_id, part_path, part_row FROM captures", restricted=True
    ):
        assert pl.read_parquet(house.home / path, hive_partitioning=False)["capture_id"][row] == capture_id


def test_one_join_path_leads_from_a_lead_to_the_bytes(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    chain = rows(house, "SELECT type, wire_sha256, part_path, part_row FROM lead_chain ORDER BY type")
    assert [row[0] for row in chain] == ["phone", "potential_recruiter", "potential_victim", "site"]
    for _, digest, path, row in chain:
        assert (
            pl.read_parquet(house.home / path, hive_partitioning=False, columns=["wire_sha256"])[
                "wire_sha256"
            ][row]
            == digest
        )


def test_pseudonyms_are_hmac_and_lead_back_in_the_restricted_file(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    [(shown, identifier)] = rows(
        house,
        "SELECT m.value, m.identifier_id FROM leads JOIN lead_evidence USING (lead_id) "
        "JOIN mentions AS m USING (item_id) WHERE type = 'potential_victim' AND m.kind = 'phone'",
    )
    key = b"an invented key of 32 bytes....."
    expected = hmac.new(key, b"phone|+447700900123", hashlib.sha256).hexdigest()[:16]
    assert shown == f"phone:p_{expected}"
    assert clear(house, "phone", shown) == "+447700900123"
    assert (
        clear(house, "identifier_id", identifier) == hashlib.sha256(b"phone|+447700900123").hexdigest()[:24]
    )


def test_a_suspects_number_is_shown_and_nobody_elses(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    values = {value for (value,) in rows(house, "SELECT value FROM identifiers")}
    assert {value for value in values if ":p_" not in value} == {"+447700900777", "https://jobs.test/apply"}
    assert {value for (value,) in rows(house, "SELECT value FROM mentions")} <= values


def test_images_of_a_suspects_advertisement_are_not_shown(house: Any) -> None:
    [job] = [row for row in house.tables["mentions"] if row["value"] == "+447700900777"]
    image = {
        "kind": "image",
        "value": "https://img.test/1.jpg",
        "identifier_id": "1" * 24,
        "mention_id": "2" * 24,
    }
    house.write("mentions", [*house.tables["mentions"], job | image])
    house.publish()
    [(shown,)] = rows(house, "SELECT value FROM mentions WHERE kind = 'image'")
    assert shown.startswith("image:p_")


def test_names_and_locators_and_addresses_of_potential_victims_are_hidden(
    published: tuple[Any, Snapshot],
) -> None:
    house, _ = published
    listings = rows(house, "SELECT url, external_id, account, place_text FROM listings ORDER BY url")
    urls = [url for url, *_ in listings]
    assert urls[:2] == ["https://ads.test/ad/4712", "https://ads.test/ad/4713"]
    assert urls[2].startswith("https://ads.test/p_")
    assert clear(house, "address", urls[2]) == "https://ads.test/ad/4711"
    assert [external for _, external, *_ in listings] == ["4712", "4713", None]
    assert all(account is None or account.startswith("account:p_") for _, _, account, _ in listings)
    assert [place for *_, place in listings] == ["London", "[withheld]", "London"]
    # Every capture of that page is hidden alike, the later ones too.
    assert len(rows(house, "SELECT 1 FROM captures WHERE url LIKE 'https://ads.test/p\\_%' ESCAPE '\\'")) == 2
    notice = rows(house, "SELECT name, forename, birth_date FROM notices")[0]
    assert [value.split(":")[0] for value in notice] == ["name", "forename", "birth_date"]


def test_no_id_can_be_recomputed_from_what_it_hides(published: tuple[Any, Snapshot]) -> None:
    """Phone numbers can be enumerated: a plain digest of one would be as good as the number."""
    house, _ = published
    for contract in CONTRACTS.values():
        for column in analyst_columns(contract):
            if column.name.endswith("_id"):
                assert column.name in KEYED_IDS | LOCATORS | OPEN_IDS, (
                    f"{contract.table}.{column.name}: keyed or open?"
                )
    for table, column in (("identifiers", "identifier_id"), ("leads", "lead_id"), ("listings", "item_id")):
        query = f"SELECT {column} FROM {table}"
        assert not set(rows(house, query)) & set(rows(house, query, restricted=True))
    assert rows(
        house,
        "SELECT count(*) FROM actor_members WHERE member_kind = 'item' AND member_id IN (SELECT item_id FROM items)",
    ) == [(2,)]
    assert rows(house, "SELECT count(*) FROM leads JOIN actors ON actor_id = subject_id") == [(1,)]


def test_labels_name_no_one(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    labels = dict(rows(house, "SELECT type, subject_label FROM leads"))
    assert labels["potential_victim"].startswith("item ")
    assert labels["potential_recruiter"].startswith("actor ")
    assert labels["phone"].startswith("phone:p_")
    assert labels["site"] == "ads.test"


def test_views_answer(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    assert rows(house, "SELECT reasons FROM lead_overview LIMIT 1") == [("free travel (+8.5)",)]
    [(explanation,)] = rows(house, "SELECT explanation FROM actor_explanation")
    assert "shared phone +447700900777, on 2 items of the smaller side (50 % of it)" in explanation
    assert rows(house, "SELECT published_value FROM operation_comparison WHERE metric = 'arrests'") == [
        (12.0,)
    ]
    own = "SELECT own_operation, own_value FROM operation_comparison WHERE metric = 'facilitators_identified'"
    assert rows(house, own) == [("Operation Lantern", 1.0)]
    assert rows(house, "SELECT source FROM unit_health WHERE is_blocked") == [("changed",)]
    actor = rows(house, "SELECT actor_id FROM actors")[0][0]
    assert len(rows(house, f"FROM actor_explained('{actor}')")) == 1
    items = [
        item for (item,) in rows(house, "SELECT member_id FROM actor_members WHERE member_kind = 'item'")
    ]
    for one, other in (items, items[::-1]):
        [(step, reason, chain, _)] = rows(house, f"FROM together('{one}', '{other}')")
        assert (step, reason, chain) == (1, "shared_phone", explanation)
    assert rows(house, f"FROM together('{items[0]}', 'of another')") == []
    lead = rows(house, "SELECT lead_id FROM leads LIMIT 1")[0][0]
    assert len(rows(house, f"FROM lead_explained('{lead}')")) == 1


def test_reviews_show_analysts_the_decision_and_neither_its_maker_nor_the_note(
    published: tuple[Any, Snapshot],
) -> None:
    house, _ = published
    lead = rows(house, "SELECT lead_id FROM leads WHERE type = 'potential_victim'")[0][0]
    [(_, decision, by, *_)] = rows(house, f"FROM lead_reviewed('{lead}')")
    assert decision == "in_progress"
    assert by.startswith("reviewed_by:p_")
    assert clear(house, "reviewed_by", by) == "Officer Invented"
    columns = {name for (name, *_) in rows(house, "DESCRIBE lead_reviews")}
    assert columns.isdisjoint({"note", "evidence_item_ids"})
    [(note,)] = rows(house, "SELECT note FROM lead_reviews", restricted=True)
    assert note.startswith("Lucia answered")
    assert clear(house, "lead_id", lead).startswith(
        rows(house, "SELECT lead_id FROM lead_reviews", restricted=True)[0][0]
    )


def test_the_past_of_an_actor_is_told_and_its_former_ids_lead_back(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    [(actor, other, reason)] = rows(
        house, "SELECT actor_id, other_actor_id, reason FROM actor_changes JOIN actors USING (actor_id)"
    )
    assert rows(house, f"FROM actor_history('{actor}')")[0][-1] == (
        f"merged: 1 item came from actor {other[:8]}, by shared phone +447700900777"
    )
    assert reason == "shared_phone"
    assert len(clear(house, "actor_id", other)) == 24


def test_a_key_by_hand_is_the_key_of_the_database(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    [(shown,)] = rows(house, "SELECT lead_id FROM leads WHERE type = 'site'")
    assert keyed_id(KEY, clear(house, "lead_id", shown)) == shown


def test_the_restricted_file_is_for_its_owner_only(published: tuple[Any, Snapshot]) -> None:
    _, snapshot = published
    assert stat.S_IMODE(snapshot.restricted.stat().st_mode) == 0o600
    assert stat.S_IMODE(snapshot.restricted.parent.stat().st_mode) == 0o700


def test_unchanged_inputs_make_no_new_version(house: Any) -> None:
    first = house.publish()
    again = house.publish(now=first_moment(house) + timedelta(hours=1))
    assert first.is_new
    assert not again.is_new
    assert again.version == first.version
    assert len(list((house.home / "warehouse").glob("*.duckdb"))) == 1


def first_moment(house: Any) -> Any:
    return rows(house, "SELECT published_at FROM snapshots")[0][0]


def test_new_rows_or_another_key_make_a_new_version(house: Any) -> None:
    first = house.publish()
    moment = first_moment(house)
    house.write("leads", house.tables["leads"][:3])
    second = house.publish(now=moment + timedelta(hours=1))
    third = house.publish(now=moment + timedelta(hours=2), key=b"another invented key")
    assert len({first.version, second.version, third.version}) == 3
    listed = rows(house, "SELECT version, leads FROM snapshots ORDER BY version")
    assert listed == [(first.version, 4), (second.version, 3), (third.version, 3)]


def test_a_reader_of_the_old_version_keeps_it(house: Any) -> None:
    house.publish()
    moment = first_moment(house)
    with connect_snapshot(house.home) as connection:
        house.write("leads", house.tables["leads"][:1])
        house.publish(now=moment + timedelta(hours=1))
        assert connection.execute("SELECT count(*) FROM leads").fetchone() == (4,)
        with connect_snapshot(house.home) as newer:
            assert newer.execute("SELECT count(*) FROM leads").fetchone() == (1,)


def test_only_the_last_versions_are_kept(house: Any) -> None:
    house.publish()
    moment = first_moment(house)
    for hour in range(1, 3):
        house.publish(now=moment + timedelta(hours=hour), key=b"invented key no. %d " % hour, keep=2)
    assert len(list((house.home / "warehouse").glob("*.duckdb"))) == 2
    assert len(list((house.home / "restricted").glob("*.duckdb"))) == 2
    assert len(rows(house, "FROM snapshots")) == 3


def test_a_publish_that_died_before_the_flip_is_finished_not_repeated(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, "point_to", die)
        with pytest.raises(KeyboardInterrupt):
            house.publish()
    assert snapshots.current_version(house.home) is None
    [version] = [file.stem for file in (house.home / "warehouse").glob("*.duckdb")]
    finished = house.publish()
    assert (finished.version, finished.is_new) == (version, False)
    assert snapshots.current_version(house.home) == version


def test_parts_replaced_while_reading_are_read_again(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = warehouse.committed_parts
    calls = []

    def list_then_replace(store: Any) -> Any:
        parts = listed(store)
        calls.append(len(parts))
        if len(calls) == 1:
            house.write("leads", house.tables["leads"][:2])
        return parts

    monkeypatch.setattr(warehouse, "committed_parts", list_then_replace)
    assert house.publish().rows["leads"] == 2
    assert len(calls) == 2


def test_a_house_without_parts_publishes_empty_tables(empty_house: Callable[[], Any]) -> None:
    house = empty_house()
    snapshot = house.publish()
    assert snapshot.rows["captures"] == 0
    assert rows(house, "SELECT count(*) FROM lead_overview") == [(0,)]
    assert os.path.islink(house.home / "warehouse.duckdb")


def test_our_own_figures_are_told_twice_and_agree(published: tuple[Any, Snapshot]) -> None:
    """The view counts from the published tables what the statistics stage counted from the parts."""
    house, _ = published
    stored = rows(
        house,
        "SELECT metric, country, value::BIGINT FROM operation_metrics SEMI JOIN "
        "(FROM operations WHERE origin = 'own') USING (operation_id) WHERE subset IS NULL",
    )
    assert len(stored) > 8
    assert set(rows(house, "SELECT metric, country, value FROM own_figures WHERE day IS NULL")) == set(stored)
    by_day = rows(
        house,
        "SELECT metric, sum(value)::BIGINT FROM own_figures WHERE country IS NULL AND day IS NOT NULL GROUP BY metric",
    )
    totals = {metric: value for metric, country, value in stored if country is None}
    # Countries that only the operation's file names have no day.
    assert dict(by_day) | {"countries": totals["countries"]} == {name: n for name, n in totals.items() if n}


def test_hits_of_potential_victims_are_counted_and_seen_by_case_officers_alone(
    published: tuple[Any, Snapshot],
) -> None:
    house, snapshot = published
    hits = "SELECT list_name, query_kind, count(*)::INT FROM screening_hits GROUP BY ALL ORDER BY ALL"
    assert rows(house, hits) == [("file:partner", "phone", 1), ("notices:notices", "person", 1)]
    with reading(snapshot.restricted) as connection:
        assert connection.execute("SELECT count(*) FROM screening_hits").fetchone() == (5,)
    figures = (
        "SELECT country, value FROM own_figures WHERE metric = 'database_hits' AND day IS NULL ORDER BY ALL"
    )
    assert rows(house, figures) == [("GB", 3), ("RO", 3), (None, 5)]
    beside = rows(house, "SELECT own_value FROM beside('invented') WHERE metric = 'database_checks'")
    assert beside == [(6.0,)]
    # The file's own number of an entry is a pseudonym, as names are.
    [[reference]] = rows(house, "SELECT entry_reference FROM screening_hits WHERE query_kind = 'phone'")
    assert reference.startswith("entry_reference:p_")


def test_one_query_sets_ours_beside_a_published_operation(published: tuple[Any, Snapshot]) -> None:
    house, _ = published
    beside = rows(house, "SELECT metric, own_value, published_value, published_quote FROM beside('invented')")
    assert ("arrests", None, 12.0, "Twelve arrested") in beside
    assert ("potential_victims", 1.0, None, None) in beside
    assert rows(house, "FROM beside('of another name')") == []

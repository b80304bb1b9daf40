"""`stormlantern link`: one table in, actors, near-duplicates and tied sites out."""

import csv
import json
import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.commands.link import link
from tests.pipelines.test_commands import stormlantern

TEXT = "Old pianos tuned with patience in the upper village, violins mended too. Ring 07700 900{} before noon please."


def _rows(folder: Path, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def test_items_with_texts_become_actors_and_clusters(tmp_path: Path):
    table = tmp_path / "items.jsonl"
    items = [
        {"id": 1, "site": "a.example", "text": TEXT.format(123), "region": "GB"},
        {"id": 2, "site": "b.example", "text": TEXT.format(123).upper(), "region": "GB"},
        {"id": 3, "site": "b.example", "text": TEXT.format(456) + " ✨", "region": "GB"},
        {"id": 4, "site": "b.example", "text": "Nothing at all", "region": "GB"},
    ]
    table.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    done = stormlantern("link", str(table), "--output", str(tmp_path / "out"), "--format", "json")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    actor_of = {
        row["member_id"]: row["actor_id"]
        for row in _rows(out, "actor_members")
        if row["member_kind"] == "item"
    }
    assert actor_of["1"] == actor_of["2"] != actor_of["3"]
    assert "4" not in actor_of
    assert {row["item_id"] for row in _rows(out, "text_clusters")} == {"1", "2", "3"}
    assert {row["reason"] for row in _rows(out, "actor_edges")} == {"shared_phone", "shared_text"}
    [template] = _rows(out, "text_templates")
    assert "{phone}" in str(template["template"])


def test_mentions_and_identifier_columns_are_linked_alike(tmp_path: Path):
    mentions, columns = tmp_path / "mentions.csv", tmp_path / "columns.parquet"
    mentions.write_text(
        "item_id,kind,value\na,phone,+447700900123\nb,phone,+447700900123\nc,phone,+447700900456\n"
    )
    phones = [["+447700900123"], ["+447700900123"], ["+447700900456"]]
    pl.DataFrame({"item_id": ["a", "b", "c"], "phone": phones}).write_parquet(columns)
    members = []
    for table in (mentions, columns):
        out = tmp_path / table.stem
        link(table, out, "parquet")
        members.append(pl.read_parquet(out / "actor_members.parquet"))
    assert members[0].equals(members[1])
    assert members[0].filter(pl.col("member_kind") == "item")["actor_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("table.csv", "name,text\na,b\n", "no column `item_id`"),
        ("table.csv", "item_id,colour\na,red\n", "nothing to link by"),
        ("table.csv", "item_id,kind,value\na,shoe,44\n", "unknown words in `kind`"),
        ("table.csv", "item_id,text,first_seen\na,b,soon\n", "column `first_seen`"),
        ("table.jsonl", "not json\n", "not a readable jsonl table"),
        ("table.xlsx", "", "give a table as"),
        (None, "", "no such file"),
        ("table.csv", "", "the file is empty"),
        ("table.csv", "id,text\n1,caf\u00e9\n", "line 2 is not UTF-8"),
        ("table.csv", "id,text\n1,a\n2,b,c\n", "line 3 has 3 cells, the header 2"),
        ("table.jsonl", '{"id": "1", "text": "a"}\n{oops\n', "line 2 is no JSON object"),
        ("table.jsonl", '[{"id": "1"}]', "one JSON list"),
        ("table.parquet", "PAR1", "no Parquet file"),
    ],
)
def test_a_table_that_cannot_be_linked_is_told_why(
    tmp_path: Path, name: str | None, content: str, message: str
):
    table = tmp_path / (name or "none.csv")
    if name is not None:
        table.write_bytes(content.encode("latin-1"))
    with pytest.raises(SystemExit, match=message):
        link(table, tmp_path / "out", "parquet")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("accounts", "controllers"), [("none", 0), ("one a site", 0), ("one an item", 3)])
def test_an_actor_of_a_table_without_accounts_is_no_controller_for_his_items(
    tmp_path: Path, accounts: str, controllers: int
):
    table = pl.DataFrame(
        {
            "item_id": f"{person}{site}{item}",
            "site": f"{site}.example",
            "phone": f"+44770090012{person}",
            "account": {
                "none": None,
                "one a site": f"{person}{site}",
                "one an item": f"{person}{site}{item}",
            }[accounts],
        }
        for person in range(3)
        for site in "ab"
        for item in range(3)
    )
    if accounts == "none":
        table = table.drop("account")
    table.write_parquet(tmp_path / "items.parquet")
    link(tmp_path / "items.parquet", tmp_path / "out", "parquet")
    [pair] = pl.read_parquet(tmp_path / "out" / "site_links.parquet").to_dicts()
    assert pair["shared_actors"] == 3
    assert pair["shared_controllers"] == controllers


def test_each_id_has_a_cluster_and_each_join_is_told_by_one_documented_query(tmp_path: Path):
    table = tmp_path / "table.csv"
    table.write_text(
        "id,phone,text,email\n"
        "1,+44 7700 900123,,\n"
        "2,,Call +447700900123,Luna@Mail.example\n"
        "3,,,luna@mail.example\n"
        "4,,Nothing at all,\n"
    )
    said = link(table, tmp_path / "linked", "parquet")
    assert "rows: 4, items: 4" in said
    assert "items without identifier and account, each a cluster of its own: 1" in said
    assert "clusters of two items and more: 1, with 3 items" in said
    clusters = pl.read_parquet(tmp_path / "linked" / "clusters.parquet")
    assert clusters["id"].to_list() == ["1", "2", "3", "4"]
    one, two, three, alone = clusters["cluster"]
    assert one == two == three != alone
    [query] = re.findall(r"```sql\n(.*?)```", Path("docs/link.md").read_text(encoding="utf-8"), re.DOTALL)
    edges = duckdb.sql(query.replace("'linked/", f"'{tmp_path}/linked/")).pl()
    told = {(frozenset(row[:2]), *row[2:5]) for row in edges.iter_rows()}
    assert told == {
        (frozenset("12"), "shared_phone", "phone", "+447700900123"),
        (frozenset("23"), "shared_email", "email", "luna@mail.example"),
    }


def test_texts_may_be_left_unread_and_what_is_read_how_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    table = tmp_path / "table.csv"
    table.write_text("id,phone,text,colour\n1,07700 900123,,red\n2,,Call 07700 900123,\n")
    for read_texts in (True, False):
        link(table, tmp_path / str(read_texts), "csv", region="GB", read_texts=read_texts)
        rows = list(csv.DictReader((tmp_path / str(read_texts) / "clusters.csv").open(encoding="utf-8")))
        assert [row["id"] for row in rows] == ["1", "2"]
        assert (rows[0]["cluster"] == rows[1]["cluster"]) == read_texts
        told = capsys.readouterr().err
        assert "not read: `colour`" in told
        assert ("compared only" in told) != read_texts
        assert "900123" not in told


def test_many_who_share_one_line_are_told_apart_and_the_line_is_damped(tmp_path: Path):
    rows = [
        {
            "id": f"{n}",
            "site": "a.example",
            "account": f"poster{n}",
            "phone": [f"+4477009001{n:02}", "+442079460999"],
        }
        for n in range(30)
    ]
    table = tmp_path / "table.jsonl"
    table.write_text("\n".join(map(json.dumps, rows)))
    assert "identifiers: 31, of which damped: 1" in link(table, tmp_path / "out", "json")
    [line] = [row for row in _rows(tmp_path / "out", "identifiers") if row["is_super_connector"]]
    assert (line["value"], line["damped_because"]) == ("+442079460999", "support_line")
    assert len({row["cluster"] for row in _rows(tmp_path / "out", "clusters")}) == 30


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    table = tmp_path / "table.csv"
    table.write_text("id,phone\n1,+447700900123\n")
    with pytest.raises(SystemExit, match="this is a file"):
        link(table, table, "parquet")
    with pytest.raises(SystemExit, match="cannot be written"):
        link(table, table / "inside", "parquet")


def test_a_number_without_country_is_read_where_its_text_names_one_country_else_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    table = tmp_path / "table.csv"
    table.write_text(
        "id,text\n1,Call +44 7700 900123\n2,London. Call 07700 900123\n3,Call 07700 900456\n4,Call 07700 900456\n"
    )
    link(table, tmp_path / "out", "json")
    one, two, three, four = (row["cluster"] for row in _rows(tmp_path / "out", "clusters"))
    assert one == two
    assert len({two, three, four}) == 3
    assert "2 texts without region with digits that were not read" in capsys.readouterr().err

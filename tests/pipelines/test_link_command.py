"""`stormlantern link`: one table in, actors, near-duplicates and tied sites out."""

import json
from pathlib import Path

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
    ],
)
def test_a_table_that_cannot_be_linked_is_told_why(
    tmp_path: Path, name: str | None, content: str, message: str
):
    table = tmp_path / (name or "none.csv")
    if name is not None:
        table.write_text(content)
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

"""Templates show what near-duplicate texts share and the slots in which they differ."""

from datetime import date

import polars as pl

from assets.linking.near_duplicates import MEMBERS, find_near_duplicates
from assets.linking.text_spans import SPANS
from assets.linking.text_templates import SLOTS, TEMPLATES, build_text_templates, find_templates
from quality.contracts import CONTRACTS

FILLED = [
    ("Orla", "Ostwick", "600 000 001", 40),
    ("Bastien", "Valdora", "600 000 002", 55),
    ("Minka", "Santa Brisa", "600 000 003", 40),
    ("Yrsa", "Nordkap", "600 000 004", 70),
]
WORDS = "My name is {} and I tune old pianos with patience in {} for {} euros. Ring {} before noon, never on Sundays."


def _items(reordered: bool = False) -> pl.DataFrame:
    texts = [WORDS.format(name, town, price, phone) for name, town, phone, price in FILLED]
    if reordered:
        first, second = texts[1].rstrip(".").split(". ")
        texts[1] = f"{second}! ✨ {first}."
    return pl.DataFrame({"item_id": ["a", "b", "c", "d"], "text": texts})


def test_slots_are_what_differs_by_kind_and_number_of_values() -> None:
    items = _items()
    spans = pl.DataFrame(
        [
            (item, text.index(phone), text.index(phone) + len(phone), "phone")
            for (item, text), (_, _, phone, _) in zip(items.iter_rows(), FILLED, strict=True)
        ],
        schema=["item_id", "span_start", "span_end", "kind"],
        orient="row",
    )
    found = find_templates(find_near_duplicates(items, spans).members, items, spans)
    assert found.templates["item_count"].to_list() == [4]
    assert found.templates["template"].to_list() == [
        "My name is {name} and I tune old pianos with patience in {name} for {number} euros Ring {phone} before noon "
        "never on Sundays"
    ]
    assert found.slots.select("slot", "kind", "value_count").rows() == [
        (1, "name", 4),
        (2, "name", 4),
        (3, "number", 3),
        (4, "phone", 4),
    ]


def test_a_reordered_text_shows_the_same_template() -> None:
    plain, mixed = (
        find_templates(find_near_duplicates(items).members, items).templates["template"].to_list()[0]
        for items in (_items(), _items(reordered=True))
    )
    assert sorted(plain.split()) == sorted(mixed.split())


def test_small_clusters_and_none_have_no_template() -> None:
    items = _items().head(2)
    for members in (find_near_duplicates(items).members, pl.DataFrame(schema=MEMBERS)):
        found = find_templates(members, items)
        assert dict(found.templates.schema) == TEMPLATES
        assert dict(found.slots.schema) == SLOTS
        assert found.templates.is_empty()


def test_the_table_tells_templates_of_several_accounts_and_how_many_share_them() -> None:
    items = _items().with_columns(
        pl.Series("site", ["s", "s", "t", "t"]),
        pl.Series("account", ["u1", "u2", "u1", None]),
        pl.lit(date(2026, 1, 1)).alias("first_seen"),
        pl.lit(date(2026, 1, 2)).alias("last_seen"),
    )
    nothing = pl.DataFrame(schema=SPANS)
    members = find_near_duplicates(items).members
    actors = pl.DataFrame(
        {"actor_id": ["x", "x", "y"], "member_kind": ["item"] * 3, "member_id": ["a", "b", "c"]}
    )
    table = build_text_templates(members, items, nothing, actors)
    assert dict(table.schema) == CONTRACTS["text_templates"].schema
    (row,) = table.iter_rows(named=True)
    assert (row["item_count"], row["holder_count"], row["actor_count"], row["site_count"]) == (4, 4, 2, 2)
    assert row["is_shared"]
    assert row["slots"] == ["name: 4", "name: 4", "number: 3", "number: 4"]
    assert table.equals(build_text_templates(members.reverse(), items.reverse(), nothing, actors.reverse()))
    one_account = items.with_columns(pl.lit("s").alias("site"), pl.lit("u1").alias("account"))
    assert build_text_templates(members, one_account, nothing, actors).is_empty()


def test_words_of_scripts_without_blanks_are_told() -> None:
    """Invented advertisements of a piano tuner; name, town and number vary."""
    words = "你好，我是{}，在{}修钢琴。每天上午十点以后可以打电话，周日休息，请提前一天预约，价钱公道，谢谢！电话 {}"
    filled = [
        ("小云", "南港", "600000001"),
        ("丽丽", "新城", "600000002"),
        ("阿福", "东湖", "600000003"),
        ("大明", "北桥", "600000004"),
    ]
    items = pl.DataFrame({"item_id": list("abcd"), "text": [words.format(*each) for each in filled]})
    found = find_templates(find_near_duplicates(items).members, items)
    assert found.templates["template"].to_list() == [
        "你好，我是{words}在{words}修钢琴。每天上午十点以后可以打电话，周日休息，请提前一天预约，价钱公道，谢谢！电话{number}"
    ]
    assert found.slots["value_count"].to_list() == [4, 4, 4]

"""Near-duplicates: one text in many disguises is found; strangers who share stock phrases stay apart."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assets.linking.near_duplicates import MEMBERS, PAIRS, find_near_duplicates
from assets.linking.text_shingles import shingle
from benchmarks.families_of_texts import families
from benchmarks.near_duplicates import scores

TEXT = (
    "Quiet carpenter repairs old ladders and window frames in the upper village. Brings his own tools, measures "
    "twice and never leaves dust behind. Ask for a price in the yard across the bridge."
)
OTHER = (
    "We sell honest bread and warm rolls every morning behind the town hall. Children get a biscuit, dogs are "
    "welcome, and on Sundays the baker plays the violin for whoever stays."
)
DISGUISED = {
    "reordered": ". ".join(reversed(TEXT.rstrip(".").split(". "))) + ".",
    "leet": TEXT.replace("e", "3").replace("i", "1").replace("o", "0").replace("s", "$"),
    "look_alike": TEXT.replace("a", "а").replace("e", "е").replace("o", "ο").replace("p", "р"),
    "accents": "".join(letter + "\u0301" if letter in "aeioudnr" else letter for letter in TEXT),
    "capitals": TEXT.upper(),
    "wide_and_invisible": "".join(
        chr(ord(letter) + 0xFEE0) + "\u200b" if letter.isalpha() else letter for letter in TEXT
    ),
    "decorated": " ✨🔥 ".join(word + word[-1] * 3 if word.isalpha() else word for word in TEXT.split()),
    "spaced": " ".join(TEXT.replace(" ", "")),
    "typos": TEXT.replace("carpenter", "carpetner").replace("ladders", "laders").replace("behind", "bihind"),
}


def _items(*texts: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"item_id": [f"i{number}" for number in range(len(texts))], "text": list(texts)},
        schema={"item_id": pl.String, "text": pl.String},
    )


def _together(items: pl.DataFrame, spans: pl.DataFrame | None = None) -> set[frozenset[str]]:
    members = find_near_duplicates(items, spans).members
    return {frozenset(ids) for ids in members.group_by("text_cluster_id").agg("item_id")["item_id"].to_list()}


@pytest.mark.parametrize("disguise", DISGUISED)
def test_one_text_in_a_disguise_is_found(disguise: str) -> None:
    assert _together(_items(TEXT, OTHER, DISGUISED[disguise])) == {frozenset({"i0", "i2"})}


def test_numbers_may_differ_however_they_are_written() -> None:
    spellings = [
        f"{TEXT} Call {number}." for number in ("600 000 001", "6OO-OOO-OO2", "٦٠٠٠٠٠٠٠٣", "6️⃣0️⃣0️⃣ 000 004")
    ]
    assert _together(_items(*spellings)) == {frozenset({"i0", "i1", "i2", "i3"})}
    assert find_near_duplicates(_items(*spellings)).pairs["similarity"].min() > 0.98


def test_spans_are_left_out_of_the_comparison() -> None:
    texts = [f"{name} of {town}. {TEXT}" for name, town in (("Orla", "Ostwick"), ("Bastien", "Valdora"))]
    spans = pl.DataFrame(
        {
            "item_id": ["i0", "i1"],
            "span_start": [0, 0],
            "span_end": [len("Orla of Ostwick"), len("Bastien of Valdora")],
        }
    )
    assert find_near_duplicates(_items(*texts)).pairs["similarity"].max() < 1.0
    assert find_near_duplicates(_items(*texts), spans).pairs["similarity"].to_list() == [1.0]


def test_what_a_whole_site_says_does_not_join_strangers() -> None:
    furniture = (
        " Listed by a member of this site. Report adverts that break the rules. Share this with friends."
    )
    singles = families(4000, seed=9)
    lone = singles.items.join(singles.truth, on="item_id").unique("family", keep="first", maintain_order=True)
    dressed = lone.head(400).with_columns(pl.col("text") + furniture)
    assert dressed.height == 400
    assert find_near_duplicates(dressed.select("item_id", "text")).members.height <= 4


def test_families_are_found_and_kept_apart() -> None:
    world = families(3000, seed=5)
    found = find_near_duplicates(world.items).members.select(
        "item_id", pl.col("text_cluster_id").alias("cluster")
    )
    of_disguise = {row[0]: row[1:] for row in scores(found, world.truth)}
    precision, recall, *_ = of_disguise["any"]
    assert precision >= 0.98
    assert recall >= 0.95
    for disguise, (_, part_recall, *_) in of_disguise.items():
        assert part_recall >= (0.7 if disguise == "all" else 0.97), disguise


def test_order_and_repetition_of_rows_change_nothing() -> None:
    world = families(500, seed=6).items
    once = find_near_duplicates(world)
    again = find_near_duplicates(pl.concat([world, world]).sample(fraction=1, shuffle=True, seed=3))
    assert once.pairs.equals(again.pairs)
    assert once.members.equals(again.members)
    assert set(
        once.pairs.select(pl.concat_list("left_item_id", "right_item_id").explode()).to_series()
    ) <= set(once.members["item_id"])


def test_little_or_no_text_is_in_no_cluster() -> None:
    for items in (_items(), _items(None, None), _items("", " "), _items("Call me", "Call me"), _items(TEXT)):
        found = find_near_duplicates(items)
        assert dict(found.pairs.schema) == PAIRS
        assert dict(found.members.schema) == MEMBERS
        assert found.members.is_empty()


def test_scripts_without_spaces_are_compared_too() -> None:
    text = "河边的老木匠修理梯子和窗框从不留下灰尘请到桥对面的院子里询问价格我们每天都开门也教孩子们"
    other = "市政厅后面的面包店每天早上卖新鲜面包星期天面包师为留下来的客人拉小提琴狗也可以进来玩"
    assert _together(_items(text, other, text[20:] + "!" + text[:20])) == {frozenset({"i0", "i2"})}


# The last letters are those of the text before, where texts of none end a batch.
@example(["mend the harness", "***", ""])
@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_can_be_shingled(texts: list[str]) -> None:
    shingles = shingle(texts)
    assert len(shingles.sizes) == len(texts)
    assert (shingles.sizes >= 0).all()
    together = [
        set(shingles.hashes[a:b].tolist()) for a, b in zip(shingles.starts, shingles.starts[1:], strict=False)
    ]
    for text, of_text in zip(texts, together, strict=True):
        assert set(shingle([text]).hashes.tolist()) == of_text

"""Numbers that were given to somebody else: the two holders are kept apart, whoever comes back is not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
import pytest

from assets.linking.actors import link_actors
from assets.linking.holders import CLAIMS, PAUSE, claims_of

START = date(2026, 3, 1)
NUMBER = ("phone", "+15550100001")


class Shown(NamedTuple):
    """An item that shows the number, and what else."""

    day: int
    account: str | None
    nationality: int | None = None
    age: int | None = None
    shows: tuple[tuple[str, str], ...] = ()


# Two weeks of the one; and of the other, after a pause.
BEFORE = [Shown(0, "ana_1", 1, 24), Shown(7, "ana_1", 1, 24), Shown(14, "ana_1", 1, 25)]
AFTER = [Shown(14 + PAUSE, "eva_2", 2, 31), Shown(20 + PAUSE, "eva_2", 2, 31)]


def holders(*told: list[Shown]) -> int:
    """How many actors show the number in these items of one site."""
    rows = [row for some in told for row in some]
    ids = [f"i{number}" for number in range(len(rows))]
    # All were seen on the day of the one visit.
    items = pl.DataFrame(
        {
            "item_id": ids,
            "site": "s.example",
            "account": pl.Series([row.account for row in rows], dtype=pl.String),
            "first_seen": START + timedelta(days=300),
            "last_seen": START + timedelta(days=300),
            "posted_at": pl.Series(
                [datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=row.day) for row in rows],
                dtype=pl.Datetime("us", "UTC"),
            ),
        }
    )
    shown = [
        (item, kind, value)
        for item, row in zip(ids, rows, strict=True)
        for kind, value in (NUMBER, *row.shows)
    ]
    mentions = pl.DataFrame(shown, schema=["item_id", "kind", "value"], orient="row").select(
        "item_id", pl.format("{}:{}", "kind", "value").alias("identifier_id"), "kind", "value"
    )
    claims = pl.DataFrame(
        {"item_id": ids, "nationality": [row.nationality for row in rows], "age": [row.age for row in rows]},
        schema={"item_id": pl.String, **CLAIMS},
    )
    members = link_actors(items, mentions, claims=claims).actor_members
    return members.filter(pl.col("member_kind") == "item")["actor_id"].n_unique()


def others(rows: list[Shown], **said: Any) -> list[Shown]:
    """The rows with something else said in all of them."""
    return [row._replace(**said) for row in rows]


def test_two_persons_who_had_a_number_one_after_the_other_are_two() -> None:
    assert holders(BEFORE, AFTER) == 2
    assert holders(AFTER) == holders(BEFORE) == 1, "each keeps the number"
    assert holders(BEFORE, others(AFTER, nationality=1)) == 2, "an age of their own is enough"
    assert holders(BEFORE, others(AFTER, age=None)) == 2, "so is a nationality"
    photos = [(("image", f"photos.example/{number}.jpg"),) for number in range(2)]
    assert (
        holders(*(others(rows, shows=photo) for rows, photo in zip((BEFORE, AFTER), photos, strict=True)))
        == 2
    )


def test_items_without_account_are_told_apart_too() -> None:
    before, after = (others(rows, account=None) for rows in (BEFORE, AFTER))
    assert holders(before, after) == 2
    assert holders(before, others(after, nationality=1, age=25)) == 1, "the same person after a pause"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (BEFORE, [Shown(13 + PAUSE, "eva_2", 2, 31), *AFTER], "a number rests longer"),
        (BEFORE, others(AFTER, nationality=1, age=27), "both may be one"),
        (BEFORE, others(AFTER, nationality=None, age=None), "nothing is known of the other"),
        (BEFORE, others(AFTER, account="ana_1"), "one account"),
        (
            [*BEFORE, Shown(3, "lea_3", 4, 40)],
            AFTER,
            "who advertises several persons gets another",
        ),
        (
            others(BEFORE, shows=(("email", "a@mail.example"),)),
            others(AFTER, shows=(("email", "a@mail.example"),)),
            "another contact in common",
        ),
        (
            others(BEFORE, shows=(("image", "photos.example/1.jpg"),)),
            others(AFTER, shows=(("image", "photos.example/1.jpg"),)),
            "a photo in common",
        ),
    ],
)
def test_whoever_comes_back_is_one(before: list[Shown], after: list[Shown], why: str) -> None:
    assert holders(before, after) == 1, why


def test_an_item_that_comes_late_and_falls_into_the_pause_joins_both() -> None:
    assert holders(BEFORE, AFTER, [Shown(14 + PAUSE // 2, None)]) == 1


def test_a_poster_without_account_is_one_after_several_pauses() -> None:
    rows = [Shown(2 * PAUSE * number, None, 1, 24) for number in range(5)]
    assert holders(rows) == 1


def test_claims_are_those_of_items_that_claim_one_thing() -> None:
    facts = pl.DataFrame(
        [
            ("a", "nationality", "CO", None),
            ("a", "nationality", "CO", None),
            ("a", "age", "24", 24.0),
            ("b", "nationality", "CO", None),
            ("b", "age", "24", 24.0),
            ("b", "age", "31", 31.0),
            ("c", "nationality", "CO", None),
            ("c", "nationality", "RO", None),
            ("d", "age", "300", 300.0),
            ("d", "place", "Madrid, ES", None),
        ],
        schema=["item_id", "kind", "value", "number"],
        orient="row",
    )
    claims = claims_of(facts).sort("item_id")
    assert claims["item_id"].to_list() == ["a", "b"]
    assert claims["age"].to_list() == [24, None]
    assert claims["nationality"][0] == claims["nationality"][1]
    assert claims_of(facts.clear()).schema == {"item_id": pl.String, **CLAIMS}

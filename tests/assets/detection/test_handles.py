"""Who uses a handle, and who only speaks of it."""

import polars as pl

from assets.detection.handles import suspicious_handles
from assets.detection.notes import CIRCLES

# A woman with two accounts on two sites, and members of a forum who each wrote her number once.
OWN = [("a", "first.example|eva", "first.example"), ("b", "second.example|eva", "second.example")]
FORUM = [(f"post {number}", f"forum.example|m{number}", "forum.example") for number in range(4)]


def _evidence(owning: set[str]) -> list[str]:
    """The items behind the lead on a number that the actors of these items own."""
    rows = [*OWN, *FORUM]
    actor = {item: "actor of " + ("eva" if item in {"a", "b"} else item) for item, _, _ in rows}
    context = pl.DataFrame(
        {
            "item_id": [row[0] for row in rows],
            "account_key": pl.Series([row[1] for row in rows]).hash(),
            "site": [row[2] for row in rows],
            "place": [f"Place {number}, ES" for number in range(len(rows))],
            "nationality": pl.Series([None] * len(rows), dtype=pl.String),
            "category": ["adult", "adult", *["other"] * len(FORUM)],
            "is_offer": [False] * len(rows),
            "actor_id": [actor[row[0]] for row in rows],
        }
    )
    mentions = context.select(
        "item_id", pl.lit("number").alias("identifier_id"), pl.lit(True).alias("obscured")
    )
    identifiers = pl.DataFrame(
        {"identifier_id": ["number"], "kind": ["phone"], "value": ["+34600000001"], "item_count": [len(rows)]}
    )
    owners = pl.DataFrame({"identifier_id": "number", "actor_id": sorted({actor[item] for item in owning})})
    circles = pl.DataFrame(schema=CIRCLES).rename({"identifier": "handle"})
    circles = circles.with_columns(pl.col("handle").cast(pl.String))
    nobody = pl.Series("actor_id", [], dtype=pl.String)
    found = suspicious_handles(context, mentions, identifiers, owners, nobody, circles)
    return [item for role in found for item in role.evidence["item_id"].sort()]


def test_accounts_that_only_speak_of_a_number_do_not_make_it_a_lead() -> None:
    assert _evidence({"a", "b"}) == []


def test_accounts_of_owners_do() -> None:
    assert _evidence({"a", "b", "post 0", "post 1"}) == ["a", "b", "post 0", "post 1"]

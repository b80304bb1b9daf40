"""Accounts by the name that a site shows, and names that are nobody's."""

from datetime import date

import polars as pl
import pytest

from assets.linking.accounts import account, account_name, is_anybodys, is_given_name
from assets.linking.actors import link_actors
from assets.linking.text_stage import with_holders

NOBODYS = (
    "",
    "  ",
    "-",
    "...",
    "???",
    "Anonymous",
    " anonymous ",
    "[deleted]",
    "Deleted Account",
    "(Guest)",
    "Usuario",
)
NOBODYS += ("Invité", "PRIVAT", "Gelöschter Benutzer", "Удалённый аккаунт", "匿名", "Ανώνυμος", "مجهول")


@pytest.mark.parametrize("name", [*NOBODYS, None])
def test_what_sites_show_for_all_without_a_name_is_no_account(name: str | None) -> None:
    shown = pl.DataFrame({"account": [name]}, schema={"account": pl.String})
    assert shown.select(account(), account_name()).row(0) == (None, None)


@pytest.mark.parametrize(
    "name",
    ["Ana", "Guest 4411", "usuario_20843", "Private Dancer", "mr_nobody", "Gastón", "🌹", "1", "Admin"],
)
def test_names_are_told_as_they_are_and_compared_in_lower_case(name: str) -> None:
    shown = pl.DataFrame({"account": [f" {name}\n"]})
    assert shown.select(account(), account_name()).row(0) == (name, name.lower())


def test_items_without_a_name_are_not_one_poster_s() -> None:
    count = 6
    items = pl.DataFrame(
        {
            "item_id": [f"i{number}" for number in range(count)],
            "site": "s.example",
            "account": ["Anonymous"] * count,
            "first_seen": date(2026, 5, 1),
            "last_seen": date(2026, 5, 1),
            "posted_at": pl.Series([None] * count, dtype=pl.Datetime("us", "UTC")),
        }
    )
    numbers = [f"+155501000{number // 2:02}" for number in range(count)]
    mentions = pl.DataFrame(
        {"item_id": items["item_id"][:4], "identifier_id": numbers[:4], "kind": "phone", "value": numbers[:4]}
    )
    tables = link_actors(items, mentions)
    assert tables.actors.select("item_count", "account_count").rows() == [(2, 0), (2, 0)]
    assert tables.actor_members["account"].null_count() == tables.actor_members.height
    assert with_holders(items)["holder"].null_count() == count


def test_a_given_name_is_anybodys() -> None:
    names = pl.DataFrame({"name": ["sofía", "sofia", "sofia77", "sofia_9", "sofia_912", "casa sofia", None]})
    assert names.select(is_given_name(pl.col("name")))["name"].to_list() == [
        *[True] * 2,
        *[False] * 4,
        None,
    ]
    assert names.select(is_anybodys("name"))["name"].to_list() == [*[True] * 4, False, False, None]


def called_alike(account: str, claims: list[tuple[str | None, int | None]]) -> list[int]:
    """Sizes of the actors of an account with two items for each of these claims, one number for each; and an item that
    shows and claims nothing."""
    count = 2 * len(claims) + 1
    ids = [f"i{number}" for number in range(count)]
    items = pl.DataFrame(
        {
            "item_id": ids,
            "site": "s.example",
            "account": account,
            "first_seen": date(2026, 5, 1),
            "last_seen": date(2026, 5, 1),
            "posted_at": pl.Series([None] * count, dtype=pl.Datetime("us", "UTC")),
        }
    )
    numbers = [f"+155501000{number // 2:02}" for number in range(count - 1)]
    mentions = pl.DataFrame(
        {"item_id": ids[:-1], "identifier_id": numbers, "kind": "phone", "value": numbers}
    )
    said = [claims[number // 2] for number in range(count - 1)]
    facts = pl.DataFrame(
        {"item_id": ids[:-1], "nationality": [one for one, _ in said], "age": [two for _, two in said]},
        schema={"item_id": pl.String, "nationality": pl.String, "age": pl.UInt8},
    ).with_columns(pl.col("nationality").hash() % 2**32)
    tables = link_actors(items, mentions, claims=facts)
    return sorted(tables.actors["item_count"].to_list())


@pytest.mark.parametrize("account", ["Laura", "Laura 77"])
def test_two_of_one_given_name_are_one_if_they_claim_the_same(account: str) -> None:
    same, other = ("CO", 24), ("RO", 31)
    assert called_alike(account, [same, same]) == [5]
    assert called_alike(account, [same, other]) == [1, 2, 2]
    assert called_alike(account, [same, other, same]) == [1, 2, 4]
    # What is not claimed agrees with nobody's claims.
    assert called_alike(account, [same, ("CO", None)]) == [1, 2, 2]
    assert called_alike(account, [(None, None)] * 2) == [1, 2, 2]
    # Whoever has one number is one, whatever the claims.
    assert called_alike(account, [same]) == [3]


def test_names_that_strangers_do_not_have_hold_together_who_claims_otherwise() -> None:
    assert called_alike("laura_m_7741", [("CO", 24), ("RO", 31)]) == [5]

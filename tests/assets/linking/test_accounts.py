"""Accounts by the name that a site shows, and names that are nobody's."""

from datetime import date

import polars as pl
import pytest

from assets.linking.accounts import account, account_name
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

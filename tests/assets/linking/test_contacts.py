"""Which spellings are one contact."""

import polars as pl
import pytest

from assets.linking.contacts import weigh_contacts, with_contacts


def _contacts(*identifiers: tuple[str, str]) -> int:
    """How many contacts these are, each a kind and a value."""
    return with_contacts(pl.DataFrame(identifiers, schema=["kind", "value"], orient="row"))[
        "contact"
    ].n_unique()


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("username", "Ana Garcia", "Bob Garcia"),
        ("phone", "+34 600 000 993", "+44 7700 900 993"),
        ("messenger", "telegram: ana luz", "telegram: eva luz"),
        ("username", "ana\u00a0garcia", "garcia"),
        ("username", "ana garcia", "garcia"),
    ],
)
def test_values_of_several_words_are_not_known_by_their_last_word(kind: str, one: str, other: str) -> None:
    assert _contacts((kind, one), (kind, other)) == 2


def test_one_way_to_reach_somebody_is_one_contact_however_it_is_written() -> None:
    assert _contacts(("username", "Ana Garcia"), ("username", " ana garcia ")) == 1
    assert _contacts(("phone", "+447700900123"), ("messenger", "whatsapp:+447700900123")) == 1
    assert _contacts(("username", "velvet_fox81"), ("messenger", "telegram:Velvet_Fox81")) == 1
    assert _contacts(("messenger", "instagram:velvet_fox81"), ("messenger", "telegram:velvet_fox81")) == 1
    assert _contacts(("messenger", "https://t.me/velvet_fox81?start=1"), ("username", "velvet_fox81")) == 1


@pytest.mark.parametrize("name", ["vip_madrid", "laura", "laura_22", "velvet_fox", "fox.1985", "xx91"])
def test_a_name_that_many_think_of_is_an_account_on_one_platform_alone(name: str) -> None:
    assert _contacts(("messenger", f"telegram:{name}"), ("messenger", f"telegram:{name.upper()}")) == 1
    assert _contacts(("messenger", f"telegram:{name}"), ("messenger", f"instagram:{name}")) == 2
    assert _contacts(("messenger", f"telegram:{name}"), ("username", name)) == 2
    assert _contacts(("username", name), ("username", name.upper())) == 1


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("fedomo_luba93", True),
        ("kufevi.401", True),
        ("laura4471", True),
        ("laura_22", False),
        ("laura442", False),
        ("fedomo1985", False),
        ("info", False),
    ],
)
def test_a_name_that_nobody_else_thinks_of_is_one_as_a_mailbox_and_on_a_platform(
    name: str, is_one: bool
) -> None:
    named = pl.DataFrame(
        {
            "kind": ["email", "email", "messenger", "username"],
            "value": [f"{name}@one.example", f"{name.upper()}@two.example", f"telegram:{name}", name],
        }
    )
    contacts = with_contacts(named)["contact"]
    assert contacts.n_unique() == (1 if is_one else 4)


def test_a_mailbox_of_a_site_is_one_though_somebody_is_called_so() -> None:
    named = pl.DataFrame(
        {
            "identifier_id": ["a", "b"],
            "kind": ["email", "username"],
            "value": ["anuncios_401@site.example", "anuncios_401"],
            "distinct": [1.0, 1.0],
        }
    )
    weighed = weigh_contacts(with_contacts(named), pl.Series(["site.example"]))
    assert weighed.select("kind", "is_mailbox").rows() == [("username", True)]


def test_one_on_several_platforms_is_known_by_the_name_and_on_one_by_the_account() -> None:
    def named(*shown: tuple[str, str]) -> list[str]:
        frame = pl.DataFrame(shown, schema=["kind", "value"], orient="row").with_row_index("identifier_id")
        frame = frame.with_columns(pl.lit(1.0).alias("distinct"))
        weighed = weigh_contacts(with_contacts(frame), pl.Series([], dtype=pl.String))
        return sorted(weighed.join(frame, on="identifier_id")["value"])

    name, telegram, instagram = (
        ("username", "fedomo_luba93"),
        ("messenger", "telegram:fedomo_luba93"),
        ("messenger", "instagram:fedomo_luba93"),
    )
    assert named(name, telegram) == ["telegram:fedomo_luba93"]
    assert named(name, telegram, instagram) == ["fedomo_luba93"]
    assert named(name, telegram, ("email", "fedomo_luba93@mail.example")) == ["fedomo_luba93"]
    number = [("phone", "+447700900123"), ("messenger", "whatsapp:+447700900123")]
    assert named(*number, ("messenger", "telegram:+447700900123")) == ["+447700900123"]

"""Actors on planted truth, and what must hold of their tables."""

from datetime import UTC, date, datetime, timedelta
from types import ModuleType

import numpy as np
import polars as pl
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from assets.linking.actors import ActorTables, link_actors
from assets.linking.contacts import terms_of
from quality.contracts import CONTRACTS

DAY = date(2026, 5, 1)


def _items(*rows: tuple[str, str, str | None]) -> pl.DataFrame:
    """Items of (item_id, site, account), seen one day apart in the order given."""
    return pl.DataFrame(
        {
            "item_id": [row[0] for row in rows],
            "site": [row[1] for row in rows],
            "account": pl.Series([row[2] for row in rows], dtype=pl.String),
            "first_seen": [DAY + timedelta(days=number) for number in range(len(rows))],
            "last_seen": [DAY + timedelta(days=60)] * len(rows),
            "posted_at": pl.Series(
                [datetime(2026, 5, 1, tzinfo=UTC)] * len(rows), dtype=pl.Datetime("us", "UTC")
            ),
        },
        schema_overrides={"item_id": pl.String, "site": pl.String},
    )


def _mentions(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Mentions of (item_id, kind, value)."""
    return pl.DataFrame(
        [(item, f"{kind}:{value}", kind, value) for item, kind, value in rows],
        schema={"item_id": pl.String, "identifier_id": pl.String, "kind": pl.String, "value": pl.String},
        orient="row",
    )


def _clusters(tables: ActorTables) -> dict[str, str]:
    members = tables.actor_members.filter(pl.col("member_kind") == "item")
    return dict(zip(members["member_id"], members["actor_id"], strict=True))


@pytest.mark.parametrize(
    ("stolen", "recycled", "precision", "recall"),
    [(0.02, 0.001, 0.97, 0.88), (0.05, 0.005, 0.95, 0.85), (0.10, 0.01, 0.92, 0.82)],
)
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_planted_actors_are_found_at_three_levels_of_noise(
    planted: ModuleType, seed: int, stolen: float, recycled: float, precision: float, recall: float
) -> None:
    world = planted.planted_world(12_000, seed, stolen_photos=stolen, recycled_phones=recycled)
    members = link_actors(world.items, world.mentions).actor_members.filter(pl.col("member_kind") == "item")
    predicted = members.select(pl.col("member_id").alias("item_id"), pl.col("actor_id").alias("cluster"))
    found = planted.agreement(predicted, world.truth)
    assert found.precision >= precision
    assert found.recall >= recall


def test_the_tables_keep_their_contracts_and_every_item_has_one_actor(planted: ModuleType) -> None:
    world = planted.planted_world(3_000, 5)
    tables = link_actors(world.items, world.mentions)
    for name in ("actors", "actor_members", "actor_edges"):
        frame = getattr(tables, name)
        assert dict(frame.schema) == CONTRACTS[name].schema
        assert not frame.select(*CONTRACTS[name].key).is_duplicated().any()
    members = tables.actor_members.filter(pl.col("member_kind") == "item")
    assert members["member_id"].is_unique().all()
    assert set(members["member_id"]) == set(world.items["item_id"])
    assert tables.actors["item_count"].sum() == members.height
    assert set(members["actor_id"]) == set(tables.actors["actor_id"])


def test_the_edges_of_an_actor_join_all_its_items_and_no_others(planted: ModuleType) -> None:
    world = planted.planted_world(3_000, 6)
    tables = link_actors(world.items, world.mentions)
    members = tables.actor_members.filter(pl.col("member_kind") == "item").sort("member_id")
    place = {item: number for number, item in enumerate(members["member_id"])}
    left = [place[item] for item in tables.actor_edges["left_item_id"]]
    right = [place[item] for item in tables.actor_edges["right_item_id"]]
    graph = coo_matrix((np.ones(len(left)), (left, right)), shape=(len(place), len(place)))
    count, label = connected_components(graph, directed=False)
    assert count == tables.actors.height
    both = (
        members.with_columns(pl.Series("component", label))
        .group_by("actor_id")
        .agg(pl.col("component").n_unique())
    )
    assert both["component"].max() == 1


def test_each_edge_that_names_an_identifier_is_shared_by_its_items(planted: ModuleType) -> None:
    world = planted.planted_world(3_000, 7)
    edges = link_actors(world.items, world.mentions).actor_edges.filter(pl.col("identifier_id").is_not_null())
    uses = world.mentions.select("item_id", "identifier_id")
    for side in ("left_item_id", "right_item_id"):
        assert edges.join(
            uses, left_on=[side, "identifier_id"], right_on=["item_id", "identifier_id"], how="anti"
        ).is_empty()


def test_the_order_of_rows_changes_nothing(planted: ModuleType) -> None:
    world = planted.planted_world(3_000, 8)
    once = link_actors(world.items, world.mentions)
    again = link_actors(
        world.items.sample(fraction=1, shuffle=True, seed=1),
        world.mentions.sample(fraction=1, shuffle=True, seed=2),
    )
    for name in ("actors", "actor_members", "actor_edges"):
        assert getattr(once, name).equals(getattr(again, name))


def test_empty_inputs_give_empty_tables() -> None:
    none = link_actors(_items(), _mentions())
    assert none.actors.is_empty()
    assert dict(none.actor_edges.schema) == CONTRACTS["actor_edges"].schema
    without_mentions = link_actors(_items(("a", "s", "u1"), ("b", "s", "u1"), ("c", "s", None)), _mentions())
    clusters = _clusters(without_mentions)
    assert clusters["a"] == clusters["b"]
    assert "c" not in clusters


def test_an_actor_keeps_its_id_when_items_join_later() -> None:
    first = _items(("a", "s", "handle_1"), ("b", "s", "handle_1"))
    later = _items(("a", "s", "handle_1"), ("b", "s", "handle_1"), ("c", "t", "other"))
    few = link_actors(first, _mentions(("a", "phone", "+15555550100"), ("b", "phone", "+15555550100")))
    more = link_actors(
        later,
        _mentions(
            ("a", "phone", "+15555550100"), ("b", "phone", "+15555550100"), ("c", "phone", "+15555550100")
        ),
    )
    assert set(_clusters(few).values()) == set(_clusters(more).values())
    assert len(_clusters(more)) == 3


def test_a_first_name_shared_by_strangers_does_not_glue_them() -> None:
    rows = [(f"i{number}", "s", "Maria") for number in range(12)]
    phones = [(f"i{number}", "phone", f"+1555555{number // 2:04d}") for number in range(12)]
    clusters = _clusters(link_actors(_items(*rows), _mentions(*phones)))
    assert len(set(clusters.values())) == 6
    assert clusters["i0"] == clusters["i1"]


def test_a_stolen_photo_alone_joins_nobody() -> None:
    rows = [(f"i{number}", "s", f"user{number // 3}") for number in range(6)]
    mentions = [(f"i{number}", "phone", f"+1555555{number // 3:04d}") for number in range(6)]
    mentions += [(f"i{number}", "image", "img.example/1.jpg") for number in range(6)]
    mentions += [(f"i{number}", "image", "img.example/2.jpg") for number in range(6)]
    assert len(set(_clusters(link_actors(_items(*rows), _mentions(*mentions))).values())) == 2


def test_a_recycled_number_on_one_of_many_items_joins_nobody() -> None:
    rows = [(f"i{number}", "s", f"user{number // 6}") for number in range(12)]
    mentions = [(f"i{number}", "phone", f"+1555555{number // 6:04d}") for number in range(12)]
    mentions[6] = ("i6", "phone", "+15555550000")
    assert len(set(_clusters(link_actors(_items(*rows), _mentions(*mentions))).values())) == 2


def two_accounts(
    *, of_other: int, days_later: int = 0, silent: int = 0, more: list[tuple[str, str, str]] | None = None
) -> int:
    """How many actors are an account with twelve items of which some show the other's number and not its own, and that
    other, who has as many, later by so many days; of the first so many items show nothing."""
    rows = [(f"i{number:02}", "s", f"user{number // 12}") for number in range(24)]
    other = [*range(of_other), *range(12, 24)]
    mentions = [
        (f"i{number:02}", "phone", f"+1555555{number in other:04d}")
        for number in range(24)
        if number >= silent
    ]
    posted = [datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=days_later * (at >= 12)) for at in range(24)]
    items = _items(*rows).with_columns(pl.Series("posted_at", posted))
    return len(set(_clusters(link_actors(items, _mentions(*mentions, *(more or [])))).values()))


def test_a_number_that_two_show_at_the_same_time_joins_them_though_the_one_shows_it_seldom() -> None:
    photo = [(f"i{number:02}", "image", "img.example/1.jpg") for number in (3, 20)]
    assert two_accounts(of_other=2) == two_accounts(of_other=2, days_later=14) == 1
    assert two_accounts(of_other=2, days_later=15) == 2, "it may have been given to the other"
    assert two_accounts(of_other=1) == 2, "a slip, a quotation or misread"
    assert two_accounts(of_other=1, more=photo) == 1
    assert two_accounts(of_other=9, silent=7) == 2, "who mostly shows nothing talks of others"


def test_one_number_behind_fifty_throw_away_accounts_is_one_actor() -> None:
    rows = [(f"i{number:02}", f"s{number % 3}", f"user{number}") for number in range(50)]
    mentions = [(f"i{number:02}", "phone", "+15555550100") for number in range(50)]
    assert len(set(_clusters(link_actors(_items(*rows), _mentions(*mentions))).values())) == 1


def test_a_support_line_beside_everybody_s_own_number_joins_nobody() -> None:
    rows = [(f"i{number:02}", "s", None if number % 2 else f"user{number}") for number in range(40)]
    mentions = [(f"i{number:02}", "phone", f"+1555555{number:04d}") for number in range(40)]
    mentions += [(f"i{number:02}", "phone", "+18885550100") for number in range(40)]
    assert len(set(_clusters(link_actors(_items(*rows), _mentions(*mentions))).values())) == 40


def test_a_number_and_its_messenger_link_are_one_piece_of_evidence() -> None:
    rows = [(f"i{number}", "s", f"user{number // 6}") for number in range(12)]
    mentions = [(f"i{number}", "phone", f"+1555555{number // 6:04d}") for number in range(12)]
    mentions[6] = ("i6", "phone", "+15555550000")
    mentions += [("i0", "messenger", "wa.me/15555550000"), ("i6", "messenger", "wa.me/15555550000")]
    assert len(set(_clusters(link_actors(_items(*rows), _mentions(*mentions))).values())) == 2
    across = link_actors(
        _items(("a", "s", "u1"), ("b", "t", "u2")),
        _mentions(("a", "phone", "+15555550000"), ("b", "messenger", "wa.me/15555550000")),
    )
    assert len(set(_clusters(across).values())) == 1


def _texts(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"item_id": pl.String, "text_cluster_id": pl.String}, orient="row")


def test_a_shared_text_joins_nobody_alone_and_counts_beside_a_contact_until_a_third_shows_it() -> None:
    rows = [(f"i{number}", "s", f"u{number // 4}") for number in range(12)]
    own = [(f"i{number}", "phone", f"+1555555{1000 + number // 4:04d}") for number in range(12)]
    shared = [*own, *((f"i{number}", "phone", "+15555559999") for number in (0, 1, 2, 4, 5, 6))]
    without = link_actors(_items(*rows), _mentions(*shared))
    for holders, told in (
        (8, [("shared_phone", 3, 1.0), ("shared_text", 4, 0.5)]),
        (12, [("shared_phone", 3, 1.0), ("shared_text", 4, 0.0)]),
    ):
        template = _texts(*((f"i{number}", "template") for number in range(holders)))
        found = link_actors(_items(*rows), _mentions(*shared), template)
        assert len(set(_clusters(found).values())) == 2
        assert found.actor_members.equals(without.actor_members)
        edges = found.actor_edges.filter(pl.col("round") > 0).sort("reason")
        assert edges.select("reason", "support", "weight").rows() == told
    alone = link_actors(_items(*rows), _mentions(*own), _texts(*((f"i{n}", "template") for n in range(8))))
    assert len(set(_clusters(alone).values())) == 3


def test_a_number_named_in_one_of_many_messages_joins_nobody_whatever_texts_are_common() -> None:
    rows = [(f"i{number:02}", "chat", f"member_{number // 10}") for number in range(20)]
    texts = _texts(*((f"i{number:02}", f"words{number % 2}") for number in (0, 1, 2, 3, 4, 10, 11, 12, 13)))
    for named, actors in ((("i00", "i10"), 2), (("i00", "i02", "i10", "i12"), 1)):
        helped = _mentions(
            *((item, "phone", "+15555550142") for item in named), ("i00", "url", "pay.example/")
        )
        found = link_actors(_items(*rows), helped, texts)
        assert len(set(_clusters(found).values())) == actors


def test_a_template_of_everybody_is_no_evidence() -> None:
    rows = [(f"i{number}", "s", f"u{number}") for number in range(30)]
    own = [(f"i{number}", "phone", f"+1555555{1000 + number // 2:04d}") for number in range(30)]
    template = _texts(*((f"i{number}", "template") for number in range(30)))
    edges = link_actors(_items(*rows), _mentions(*own), template).actor_edges
    assert set(edges["reason"]) == {"shared_phone"}


def test_a_text_places_no_item_in_an_actor() -> None:
    items = _items(("a", "s", None), ("b", "s", None))
    assert link_actors(items, _mentions(), _texts(("a", "t"), ("b", "t"))).actors.is_empty()


def _known_and_unreachable(others: int = 0) -> tuple[pl.DataFrame, list[tuple[str, str, str]]]:
    """A poster with a number, an advertisement without any contact (`lone`), others with numbers of their own."""
    rows = [("known", "s", "u0"), ("lone", "t", None), *((f"o{n}", "s", f"v{n}") for n in range(others))]
    numbers = [("known", "phone", "+15555550100")]
    return _items(*rows), numbers + [(f"o{n}", "phone", f"+1555555{200 + n:04d}") for n in range(others)]


def _actors_of(*weak: list[tuple[str, str]], others: int = 0, numbered: bool = False) -> dict[str, str]:
    """Actors when `known` and `lone`, and the others, share an image, a text and terms, each as (item, value)."""
    items, mentions = _known_and_unreachable(others)
    image, text, terms = (*weak, [], [], [])[:3]
    if numbered:
        mentions.append(("lone", "phone", "+15555550999"))
    mentions += [(item, "image", value) for item, value in image]
    return _clusters(
        link_actors(
            items,
            _mentions(*mentions),
            _texts(*text),
            pl.DataFrame(terms, schema={"item_id": pl.String, "terms": pl.String}, orient="row"),
        )
    )


BOTH = [("known", "x"), ("lone", "x")]


def test_what_shows_no_contact_joins_by_two_weak_things_and_by_no_single_one() -> None:
    for alone in ((BOTH, []), ([("lone", "y")], BOTH), ([("lone", "y")], [], BOTH)):
        found = _actors_of(*alone)
        assert found["lone"] != found["known"]
    for together in ((BOTH, BOTH), ([("lone", "y")], BOTH, BOTH), (BOTH, [], BOTH)):
        found = _actors_of(*together)
        assert found["lone"] == found["known"]


def test_a_whole_advertisement_copied_with_another_number_joins_nobody() -> None:
    found = _actors_of(BOTH, BOTH, BOTH, numbered=True)
    assert found["lone"] != found["known"]
    copied = [*BOTH, ("o0", "x")]
    found = _actors_of(copied, copied, copied, others=1)
    assert len(set(found.values())) == 3


def test_an_edge_tells_what_it_counted_and_whether_the_actor_hangs_on_it() -> None:
    rows = [(f"i{number}", "s", f"u{number // 4}") for number in range(8)]
    own = [(f"i{number}", "phone", f"+1555555{1000 + number // 4:04d}") for number in range(8)]
    shared = [(f"i{number}", "phone", "+15555559999") for number in (0, 1, 4, 5)]
    joins = link_actors(_items(*rows), _mentions(*own, *shared)).actor_edges.filter(pl.col("round") > 0)
    assert joins.select("reason", "weight", "strength", "is_bridge").rows() == [
        ("shared_phone", 1.0, 1.0, True)
    ]
    texts = _texts(*((f"i{number}", "t1") for number in (0, 4))).with_columns(distinctness=0.6)
    beside = link_actors(_items(*rows), _mentions(*own, *shared), texts).actor_edges.filter(
        pl.col("round") > 0
    )
    assert beside.sort("reason").select("reason", "is_bridge", pl.col("strength") > 1).rows() == [
        ("shared_phone", True, True),
        ("shared_text", False, True),
    ], "a text beside would not join them"
    second = [(f"i{number}", "email", "x@y.example") for number in (2, 6)]
    joins = link_actors(_items(*rows), _mentions(*own, *shared, *second)).actor_edges.filter(
        pl.col("round") > 0
    )
    assert not joins["is_bridge"].any()
    assert joins["strength"].unique().to_list() == [2.0]


def test_place_and_price_are_terms_only_together() -> None:
    facts = pl.DataFrame(
        [
            ("a", "place", "Valdora", None, "XX"),
            ("a", "price", "80", 80.0, "EUR/hour"),
            ("b", "price", "80", 80.0, "EUR/hour"),
            ("b", "place", "valdora", None, "XX"),
            ("c", "place", "Valdora", None, "XX"),
        ],
        schema=["item_id", "kind", "value", "number", "unit"],
        orient="row",
    )
    terms = terms_of(facts)
    assert terms["item_id"].to_list() == ["a", "b"]
    assert terms["terms"].n_unique() == 1


def test_first_names_of_a_site_where_others_have_handles_do_not_glue_strangers() -> None:
    """A site that lets posters choose: each of twelve first names is two women's, each handle is one person's."""
    rows = [(f"a{number:02}", "s", f"user_{number // 2}") for number in range(60)]
    rows += [(f"b{number:02}", "s", chr(97 + number % 12) * 4) for number in range(24)]
    phones = [
        (item, "phone", f"+1555555{int(item[1:]) // 2:04d}") for item, _, name in rows if "_" in str(name)
    ]
    phones += [
        (item, "phone", f"+1555556{int(item[1:]):04d}") for item, _, name in rows if "_" not in str(name)
    ]
    clusters = _clusters(link_actors(_items(*rows), _mentions(*phones)))
    assert len(set(clusters.values())) == 30 + 24
    assert clusters["a00"] == clusters["a01"]


def test_a_second_line_of_accounts_that_share_photos_is_one_controller_s() -> None:
    """Twelve accounts, each with a number of its own, show one messenger name; strangers' photos differ."""
    rows = [(f"i{number:02}", "s", f"user_{number // 2}") for number in range(24)]
    mentions = [(f"i{number:02}", "phone", f"+1555555{number // 2:04d}") for number in range(24)]
    mentions += [(f"i{number:02}", "messenger", "telegram:one_name") for number in range(24)]
    strangers = [(f"i{number:02}", "image", f"img.example/{number // 2}.jpg") for number in range(24)]
    circle = [(f"i{number:02}", "image", f"img.example/{number // 4}.jpg") for number in range(24)]
    apart = _clusters(link_actors(_items(*rows), _mentions(*mentions, *strangers)))
    together = _clusters(link_actors(_items(*rows), _mentions(*mentions, *circle)))
    assert len(set(apart.values())) == 12
    assert len(set(together.values())) == 1


def test_a_controller_among_a_platform_s_clients_does_not_make_its_line_his_own() -> None:
    """Most who show the portal's line are one controller's accounts; eight others have nothing else in common."""
    rows = [(f"i{number:02}", "s", f"user_{number // 2}") for number in range(40)]
    mentions = [(f"i{number:02}", "phone", f"+1555555{number // 2:04d}") for number in range(40)]
    mentions += [(f"i{number:02}", "phone", "+15555559999") for number in range(40)]
    photos = [(f"i{number:02}", "image", f"img.example/{number // 4}.jpg") for number in range(24)]
    clusters = _clusters(link_actors(_items(*rows), _mentions(*mentions, *photos)))
    for stranger in range(24, 40, 2):
        together = {item for item, actor in clusters.items() if actor == clusters[f"i{stranger:02}"]}
        assert together == {f"i{stranger:02}", f"i{stranger + 1:02}"}


def test_the_site_s_own_mailbox_joins_nobody() -> None:
    rows = [
        ("a", "board.example", "user_1"),
        ("b", "board.example", "user_2"),
        ("c", "else.example", "user_3"),
    ]
    found = _clusters(
        link_actors(
            _items(*rows),
            _mentions(*((item, "email", "help@board.example") for item, *_ in rows)),
        )
    )
    assert len(set(found.values())) == 3
    private = _mentions(*((item, "email", "someone@mail.example") for item, *_ in rows))
    assert len(set(_clusters(link_actors(_items(*rows), private)).values())) == 1


@pytest.mark.parametrize(
    ("kind", "value", "people"),
    [
        ("email", "no-reply@listings.example", 6),
        ("email", "donotreply@listings.example", 6),
        ("email", "abuse@listings.example", 6),
        ("email", "maria.reply@listings.example", 1),
        ("phone", "+34666666666", 6),
        ("phone", "+34612345678", 6),
        ("messenger", "whatsapp:+34600000000", 6),
        ("phone", "+34600000026", 1),
    ],
)
def test_who_shows_what_is_nobody_s_is_joined_with_nobody(kind: str, value: str, people: int) -> None:
    rows = [(f"i{number}", "board.example", f"user_{number}") for number in range(6)]
    found = _clusters(link_actors(_items(*rows), _mentions(*((item, kind, value) for item, *_ in rows))))
    assert len(set(found.values())) == people


def test_a_helpline_on_two_sites_joins_nobody() -> None:
    """Nine strangers, each with a number of his own, quote it; three who do may be one controller's accounts."""
    for strangers, people in ((9, 9), (3, 1)):
        rows = [(f"i{number}", f"site{number % 2}.example", f"user_{number}") for number in range(strangers)]
        mentions = [(item, "phone", "+34600999111") for item, *_ in rows]
        mentions += [(item, "phone", f"+1555555{int(item[1:]):04d}") for item, *_ in rows]
        found = _clusters(link_actors(_items(*rows), _mentions(*mentions)))
        assert len(set(found.values())) == people


@pytest.mark.parametrize(("name", "actors"), [("vip_madrid", 2), ("laura_22", 2), ("fedomo_luba93", 1)])
def test_one_name_on_two_platforms_joins_those_of_a_name_that_no_two_would_think_of(
    name: str, actors: int
) -> None:
    items = _items(("i1", "a", "ana"), ("i2", "b", "eva"), ("i3", "c", None), ("i4", "d", None))
    shown = []
    for item, platform in (("i1", "telegram"), ("i2", "instagram"), ("i3", "telegram"), ("i4", "instagram")):
        shown += [(item, "messenger", f"{platform}:{name}"), (item, "username", name)]
    linked = link_actors(
        items, _mentions(*shown, ("i1", "phone", "+447700900101"), ("i2", "phone", "+447700900102"))
    )
    assert linked.actors.height == actors
    reasons = set(linked.actor_edges["reason"])
    assert reasons == ({"shared_username"} if actors == 1 else {"shared_messenger"})

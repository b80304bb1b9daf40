"""Contacts that posters of a forum only speak of, against those that are their own."""

import polars as pl

from assets.linking.quoting import may_be_talk, spoken_of
from assets.linking.standing import KIND


def spoken(posts: list[tuple[str, str | None, bool, tuple[str, ...]]]) -> list[tuple[int, str]]:
    """Which item speaks of which contact. `posts`: site, name, is_talk, contacts ("kind value")."""
    items = pl.DataFrame(
        [post[:3] for post in posts],
        {"site": pl.String, "name": pl.String, "is_talk": pl.Boolean},
        orient="row",
    ).with_columns(pl.when(pl.col("name").is_not_null()).then(pl.col("name").hash()).alias("name"))
    rows = [(item, each) for item, post in enumerate(posts) for each in post[3]]
    mentions = pl.DataFrame(rows, {"item": pl.UInt32, "value": pl.String}, orient="row").with_columns(
        pl.col("value").hash().alias("key"),
        pl.col("value").str.split(" ").list.first().cast(KIND).alias("kind"),
        pl.lit(True).alias("stands"),
    )
    found = spoken_of(items, mentions)
    return [] if found is None else [rows[place] for place in found.nonzero()[0]]


def talk(site: str, count: int) -> list[tuple[str, str | None, bool, tuple[str, ...]]]:
    return [(site, f"talker{number}", True, ()) for number in range(count)]


NUMBER, OTHER, HANDLE = "phone +34600000001", "phone +34600000002", "messenger telegram:invented_one"


def test_what_stands_once_among_much_talk_is_spoken_of() -> None:
    posts = [
        ("forum", "reviewer", True, (NUMBER,)),
        ("forum", "reviewer", True, (OTHER, "image picture")),
        *talk("forum", 30),
    ]
    assert spoken(posts) == [(0, NUMBER), (1, OTHER)]


def test_what_a_poster_shows_again_and_mostly_is_his_own() -> None:
    posts = [
        ("forum", "advertiser", True, (NUMBER, HANDLE)),
        ("forum", "advertiser", True, (NUMBER, HANDLE)),
        ("forum", "advertiser", True, (NUMBER,)),
        ("forum", "advertiser", True, (OTHER,)),
        ("forum", "advertiser", True, ()),
        *talk("forum", 30),
    ]
    assert spoken(posts) == [(0, HANDLE), (1, HANDLE), (3, OTHER)]


def test_advertisements_and_sites_where_most_show_a_contact_are_no_talk() -> None:
    advertised = [("forum", "seller", False, (NUMBER,)), *talk("forum", 30)]
    assert spoken(advertised) == []
    offers = [("chat", f"seller{number}", True, (NUMBER,)) for number in range(30)]
    assert spoken([*offers, *talk("chat", 90)]) == []
    assert len(spoken([*offers, *talk("chat", 91)])) == 30


def test_a_site_where_posters_name_a_contact_now_and_then_is_one_of_talk() -> None:
    def site(of_each: int, shown: int, posters: int) -> list[tuple[str, str | None, bool, tuple[str, ...]]]:
        names = [f"poster{number}" for number in range(posters)]
        return [
            ("site", name, True, (f"phone {name}",) if number < shown else ())
            for name in names
            for number in range(of_each)
        ]

    assert len(spoken(site(3, 1, 7))) == 7
    # Who advertises shows a contact each time, whatever others who talk there do.
    assert spoken([*site(3, 3, 7), *talk("site", 28)]) == []
    # Four posters are too few to tell.
    assert spoken([*site(6, 2, 4)]) == []
    assert spoken(site(2, 1, 10)) == []


def test_few_items_tell_nothing_of_a_site_and_nobody_speaks_without_a_name() -> None:
    assert spoken([("forum", "reviewer", True, (NUMBER,)), *talk("forum", 18)]) == []
    assert spoken([("forum", "reviewer", True, (NUMBER,)), *talk("forum", 19)]) == [(0, NUMBER)]
    assert spoken([("forum", None, True, (NUMBER,)), *talk("forum", 30)]) == []


def test_only_a_listing_that_no_category_says_to_be_an_advertisement_may_be_talk() -> None:
    listings = pl.DataFrame({"category": ["adult", "other", None, "job_offer", "domestic"]})
    told = listings.select(may_be_talk(listings.columns))["is_talk"].to_list()
    assert told == [False, True, True, False, False]
    assert pl.DataFrame({"text": ["said"]}).select(may_be_talk(["text"]))["is_talk"].to_list() == [False]

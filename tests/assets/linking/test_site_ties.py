"""Site ties: planted ones found, large sites and single cross-posters not."""

import numpy as np
import polars as pl
import pytest

from assets.linking.site_ties import tie_sites
from quality.contracts import CONTRACTS

MEMBERS = {"actor_id": pl.String, "member_kind": pl.String, "member_id": pl.String, "site": pl.String}


def _frames(uses: list[tuple[str, str]], kind: str = "phone") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items and mentions of (site, identifier), all of one kind."""
    ids = [f"i{number}" for number in range(len(uses))]
    return (
        pl.DataFrame(
            {"item_id": ids, "site": [site for site, _ in uses]},
            schema={"item_id": pl.String, "site": pl.String},
        ),
        pl.DataFrame(
            {
                "item_id": ids,
                "identifier_id": [identifier for _, identifier in uses],
                "kind": [kind] * len(ids),
            },
            schema={"item_id": pl.String, "identifier_id": pl.String, "kind": pl.String},
        ),
    )


def _world(sites: int, ties: int, seed: int) -> tuple[list[tuple[str, str]], set[tuple[str, str]]]:
    """Sites of very unlike sizes; cross-posting by chance in proportion to size; planted pairs share 12 more."""
    rng = np.random.default_rng(seed)
    sizes = np.maximum((rng.pareto(1.2, sites) * 80).astype(int), 30)
    names = [f"site{number:03}" for number in range(sites)]
    uses = [(names[site], f"own{site}-{number}") for site in range(sites) for number in range(sizes[site])]
    weight = sizes / sizes.sum()
    for number in range(sites * 20):
        for site in rng.choice(sites, size=2, replace=False, p=weight):
            uses.append((names[site], f"cross{number}"))
    pairs: set[tuple[str, str]] = set()
    small = np.argsort(sizes)[: sites // 2]
    while len(pairs) < ties:
        left, right = sorted(int(site) for site in rng.choice(small, size=2, replace=False))
        if (names[left], names[right]) not in pairs:
            pairs.add((names[left], names[right]))
            uses += [
                (names[site], f"tie{left}-{right}-{number}") for number in range(12) for site in (left, right)
            ]
    return uses, pairs


def test_planted_ties_are_found_and_no_others() -> None:
    for seed in range(3):
        uses, planted = _world(80, 10, seed)
        links = tie_sites(*_frames(uses), pl.DataFrame(schema=MEMBERS))
        assert dict(links.schema) == CONTRACTS["site_links"].schema
        found = set(links.filter(pl.col("is_tie")).select("site_a", "site_b").iter_rows())
        assert planted <= found
        assert len(found - planted) <= 1
        assert (links["site_a"] < links["site_b"]).all()


def test_the_numbers_of_one_actor_are_one_observation() -> None:
    own = [(site, f"{site}-{number}") for site in "abcdefgh" for number in range(200)]
    shared = [(site, f"x{number}") for number in range(12) for site in ("a", "b")]
    apart = pl.DataFrame(schema=MEMBERS)
    frames = _frames(own + shared)
    items, _ = frames
    one = items.tail(24).select(
        pl.lit("actor").alias("actor_id"),
        pl.lit("item").alias("member_kind"),
        pl.col("item_id").alias("member_id"),
        "site",
    )
    assert tie_sites(*frames, apart)["is_tie"].to_list() == [True]
    assert tie_sites(*frames, one)["is_tie"].to_list() == [False]


def test_several_ties_among_few_sites_do_not_hide_each_other() -> None:
    own = [(site, f"{site}-{number}") for site in "abcdef" for number in range(400)]
    ties = {("a", "b"), ("a", "c"), ("d", "e")}
    shared = [(site, f"{pair}-{number}") for pair in ties for number in range(15) for site in pair]
    links = tie_sites(*_frames(own + shared), pl.DataFrame(schema=MEMBERS))
    assert set(links.filter("is_tie").select("site_a", "site_b").iter_rows()) == ties


def test_cross_posting_alike_everywhere_ties_nobody() -> None:
    own = [(site, f"{site}-{number}") for site in "abcdef" for number in range(400)]
    pairs = [(left, right) for left in "abcdef" for right in "abcdef" if left < right]
    for seed in range(10):
        rng = np.random.default_rng(seed)
        shared = [
            (site, f"{pair}-{number}") for pair in pairs for number in range(rng.poisson(12)) for site in pair
        ]
        assert not tie_sites(*_frames(own + shared), pl.DataFrame(schema=MEMBERS))["is_tie"].any()


def test_a_small_part_of_a_large_sites_posters_ties_nobody() -> None:
    for size in (1, 4):
        own = [("large", f"large-{number}") for number in range(1200 * size)]
        own += [(site, f"{site}-{number}") for site in "abcde" for number in range(60 * size)]
        both = [(site, f"x{number}") for number in range(5 * size) for site in ("large", "a")]
        assert not tie_sites(*_frames(own + both), pl.DataFrame(schema=MEMBERS))["is_tie"].any()


def _with_controllers(controllers: int, accounts: int, numbers: int) -> dict[str, pl.DataFrame]:
    """Sites of many posters, and agencies on four; some actors with numbers and accounts on either of two others."""
    shown = [
        (site, f"own-{site}-{number}", f"+39312{site}{number}", "")
        for site in "123456"
        for number in range(200)
    ]
    shown += [
        (site, f"agency{site}-{account}", f"+39312{site}000", f"agency{site}")
        for site in "3456"
        for account in range(4)
    ]
    shown += [
        (site, f"{site}-{actor}-{account}", f"+40712{actor}{number}", f"controller{actor}")
        for actor in range(controllers)
        for site in "12"
        for account in range(accounts)
        for number in range(numbers)
    ]
    items = pl.DataFrame(shown, schema=["site", "account", "value", "actor_id"], orient="row").with_row_index(
        "item_id"
    )
    of_items = items.filter(pl.col("actor_id") != "").select(
        "actor_id",
        pl.lit("item").alias("member_kind"),
        pl.col("item_id").cast(pl.String).alias("member_id"),
        "site",
        "account",
    )
    none = pl.lit(None, pl.String)
    of_numbers = items.filter(pl.col("actor_id") != "").select(
        "actor_id",
        pl.lit("identifier").alias("member_kind"),
        pl.col("value").alias("member_id"),
        none.alias("site"),
        none.alias("account"),
    )
    return {
        "items": items.select(pl.col("item_id").cast(pl.String), "site", "account"),
        "mentions": items.select(
            pl.col("item_id").cast(pl.String),
            pl.col("value").alias("identifier_id"),
            pl.lit("phone").alias("kind"),
            "value",
        ),
        "actor_members": pl.concat([of_items, of_numbers.unique()]),
    }


def test_three_who_work_with_several_tie_sites_and_two_do_not() -> None:
    for given, expected in {
        (3, 2, 2): (3, True),
        (2, 6, 2): (2, False),
        # One account on either site and one number or two is an ordinary poster. With three numbers it is none, and
        # the numbers show that it is on both.
        (3, 1, 2): (0, False),
        (3, 1, 3): (3, True),
    }.items():
        links = tie_sites(**_with_controllers(*given))
        assert links.select("shared_controllers", "is_tie").rows() == [expected]


def _photos(stolen: list[tuple[str, str]], sites: str = "abcdefgh") -> tuple[pl.DataFrame, pl.DataFrame]:
    own = [(site, f"{site}-{number}") for site in sites for number in range(200)]
    return _frames(own + stolen, "image")


def test_few_photos_that_strangers_show_on_two_sites_tie_nobody() -> None:
    stolen = [(site, f"x{number}") for number in range(14) for site in "ab"]
    links = tie_sites(*_photos(stolen), pl.DataFrame(schema=MEMBERS))
    assert links.select("shared_identifiers", "shared_images", "is_tie").rows() == [(0, 14, False)]


def test_photos_of_many_strangers_on_another_site_tie_it_by_images_alone() -> None:
    copied = [(site, f"x{number}") for number in range(40) for site in "ab"]
    scattered = [
        (site, f"{pair}{number}") for pair in ("ac", "bd", "ef", "gh") for number in range(4) for site in pair
    ]
    links = tie_sites(*_photos(copied + scattered), pl.DataFrame(schema=MEMBERS))
    ties = links.filter("is_tie").select("site_a", "site_b", "tied_by", "shared_identifiers").rows()
    assert ties == [("a", "b", "images", 0)]
    # Of two or three sites with pictures nobody can say how many are copied by chance.
    few = tie_sites(*_photos(copied, "abc"), pl.DataFrame(schema=MEMBERS))
    assert not few["is_tie"].any()


def test_the_photos_that_one_poster_took_or_shows_on_both_sites_are_no_copies() -> None:
    copied = [(site, f"x{number}") for number in range(40) for site in "ab"]
    items, mentions = _photos(copied)
    rows = items.with_columns(mentions["identifier_id"]).filter(pl.col("identifier_id").str.starts_with("x"))

    def tied_by(actor: pl.Expr) -> list[str]:
        members = rows.select(
            actor.alias("actor_id"),
            pl.lit("item").alias("member_kind"),
            pl.col("item_id").alias("member_id"),
            "site",
        )
        return tie_sites(items, mentions, members)["tied_by"].drop_nulls().to_list()

    own = pl.format("{}-{}", "site", "identifier_id")
    assert tied_by(own) == ["images"]
    # One thief takes forty pictures; forty people who are on both sites show their own on either.
    assert tied_by(pl.when(pl.col("site") == "b").then(pl.lit("thief")).otherwise(own)) == []
    assert tied_by(pl.col("identifier_id")) == ["identifiers"]


def test_photos_stolen_alike_everywhere_tie_nobody() -> None:
    pairs = [(left, right) for left in "abcdef" for right in "abcdef" if left < right]
    for seed in range(10):
        rng = np.random.default_rng(seed)
        stolen = [
            (site, f"{pair}-{number}") for pair in pairs for number in range(rng.poisson(14)) for site in pair
        ]
        assert not tie_sites(*_photos(stolen, "abcdef"), pl.DataFrame(schema=MEMBERS))["is_tie"].any()


def test_identifiers_of_everybody_tie_nobody() -> None:
    everywhere = [(f"s{site}", f"x{number}") for site in range(8) for number in range(20)]
    assert tie_sites(*_frames(everywhere), pl.DataFrame(schema=MEMBERS)).is_empty()


def test_nothing_in_nothing_out() -> None:
    links = tie_sites(*_frames([]), pl.DataFrame(schema=MEMBERS))
    assert dict(links.schema) == CONTRACTS["site_links"].schema
    assert links.is_empty()


COUNTRIES = ("+39312{:07}", "+346390{:05}", "+33639{:06}", "+491713{:06}")


def _innocents(seed: int, sites: int = 16) -> dict[str, pl.DataFrame]:
    """Sites of four countries without any tie: posters use several sites of their country, under one name; agencies
    have many accounts all over it.

    Templates go round in each country, a measuring service's id is a platform's, some link to the best known site.
    """
    rng = np.random.default_rng(seed)
    country = rng.integers(len(COUNTRIES), size=sites)
    sizes = np.maximum((rng.pareto(1.3, sites) * 60).astype(int), 30)
    items: list[tuple[str, str, str]] = []
    mentions: list[tuple[str, str, str, str]] = []
    members: list[tuple[str, str, str, str]] = []
    texts: list[tuple[str, str]] = []

    def post(site: int, poster: int, name: str) -> None:
        item, host = f"i{len(items)}", f"site{site}.example"
        items.append((item, host, name))
        number = COUNTRIES[country[site]].format(poster)
        mentions.append((item, f"p{number}", "phone", number))
        mentions.append((item, f"g{site}", "analytics", f"ga:{site}"))
        if site % 2:
            mentions.append((item, "platform", "analytics", "ga:platform"))
        if rng.random() < 0.05:
            mentions.append((item, "best", "url", "https://www.site0.example/about"))
        if rng.random() < 0.4:
            texts.append((item, f"t{country[site]}-{rng.integers(40)}"))
        members.append((f"a{poster}", "item", item, host))

    poster = 0
    for site in range(sites):
        at_home = np.where(country == country[site], sizes, 0)
        for _ in range(sizes[site]):
            poster += 1
            name = "maria" if rng.random() < 0.2 else f"user_{poster}"
            post(site, poster, name)
            if rng.random() < 0.05:
                post(int(rng.choice(sites, p=at_home / at_home.sum())), poster, name)
            if rng.random() < 0.02:
                for account in range(int(rng.integers(3, 12))):
                    post(
                        int(rng.choice(sites, p=at_home / at_home.sum())),
                        poster,
                        f"agency_{poster}_{account}",
                    )
    return {
        "items": pl.DataFrame(items, schema=["item_id", "site", "account"], orient="row"),
        "mentions": pl.DataFrame(
            mentions, schema=["item_id", "identifier_id", "kind", "value"], orient="row"
        ),
        "actor_members": pl.DataFrame(members, schema=MEMBERS, orient="row"),
        "texts": pl.DataFrame(texts, schema=["item_id", "text_cluster_id"], orient="row"),
    }


def test_innocent_sites_of_one_country_are_not_tied() -> None:
    for seed in range(12):
        links = tie_sites(**_innocents(seed, (6, 10, 16, 24)[seed % 4]))
        assert not links["is_tie"].any()
        assert links["tied_by"].null_count() == links.height
        assert links["shared_actors"].sum() > 0


def test_controllers_on_two_sites_of_two_countries_tie_them() -> None:
    world = _innocents(2, 10)
    sites = world["items"]["site"].unique().sort().to_list()
    pair = (sites[0], sites[1])
    items, mentions, members = [], [], []
    for controller in range(12):
        for account in range(6):
            item, site = f"c{controller}-{account}", pair[account % 2]
            items.append((item, site, f"handle_{controller}_{account}"))
            mentions.append((item, f"c{controller}", "phone", f"+40712{controller:06}"))
            members.append((f"controller{controller}", "item", item, site))
    added = {"items": items, "mentions": mentions, "actor_members": members}
    found = tie_sites(
        **{
            name: pl.concat([frame, pl.DataFrame(added[name], schema=frame.schema, orient="row")])
            if name in added
            else frame
            for name, frame in world.items()
        }
    ).filter("is_tie")
    assert found.select("site_a", "site_b", "shared_controllers").rows() == [(*pair, 12)]
    assert "controllers" in found["tied_by"].item()


def test_a_measuring_id_links_and_equal_names_tie_sites_and_are_named() -> None:
    world = _innocents(3)
    few = world["items"].group_by("site").agg(pl.len(), pl.col("item_id")).sort("len", "site")
    left, right = few["site"][0], few["site"][1]
    of_left, of_right = few["item_id"][0].to_list(), few["item_id"][1].to_list()
    ids = [
        (item, f"own{number}", "analytics", f"ga:own{number}")
        for item in of_left + of_right
        for number in range(3)
    ]
    links = [(item, "l", "url", f"https://{right}/start") for item in of_left]
    for added, kind, column in ((ids, "analytics", "shared_analytics"), (links, "links", "direct_links")):
        extra = pl.DataFrame(added, schema=["item_id", "identifier_id", "kind", "value"], orient="row")
        found = tie_sites(**{**world, "mentions": pl.concat([world["mentions"], extra])})
        pair = pl.col("site_a") == min(left, right), pl.col("site_b") == max(left, right)
        assert found.filter("is_tie").select("tied_by").rows() == [(kind,)]
        assert found.filter(*pair, "is_tie")[column].item() >= 3
    named = world["items"].with_columns(
        pl.when(pl.col("site").is_in([left, right]))
        .then(pl.lit("shop_") + pl.int_range(pl.len()).over("site").cast(pl.String))
        .otherwise("account")
        .alias("account")
    )
    found = tie_sites(**{**world, "items": named})
    assert found.filter("is_tie").select("site_a", "site_b", "tied_by").rows() == [
        (min(left, right), max(left, right), "accounts")
    ]


def _with_ids(
    world: dict[str, pl.DataFrame], ids: dict[str, list[str]], items_of_a_site: int | None = None
) -> pl.DataFrame:
    """The ties of the world where all items of sites, or so many, show these measuring ids, and no others."""
    told = pl.DataFrame(
        [(site, value) for value, sites in ids.items() for site in sites],
        schema=["site", "value"],
        orient="row",
    )
    items = world["items"]
    showing = items if items_of_a_site is None else items.group_by("site").head(items_of_a_site)
    shown = showing.join(told, on="site").select(
        "item_id", pl.col("value").alias("identifier_id"), pl.lit("analytics").alias("kind"), "value"
    )
    others = world["mentions"].filter(pl.col("kind") != "analytics")
    return tie_sites(**{**world, "mentions": pl.concat([others, shown])}).filter("is_tie")


@pytest.mark.parametrize("count", [6, 10, 24])
def test_one_measuring_id_on_two_sites_ties_them(count: int) -> None:
    world = _innocents(3, count)
    sites = world["items"]["site"].unique().sort().to_list()
    own = {f"google-analytics:UA-{number}": [site] for number, site in enumerate(sites[2:])}
    common = {"google-analytics:UA-90000": sites[:2]}
    found = _with_ids(world, own | common)
    assert found.select("site_a", "site_b", "tied_by").rows() == [(*sites[:2], "analytics")]
    assert found["log10_q"].item() <= -2
    # Each has a stream of its own beside the account.
    streams = {f"google-analytics:G-{number}": [site] for number, site in enumerate(sites)}
    assert _with_ids(world, own | common | streams).height == 1


def test_an_id_that_may_be_a_platform_s_ties_no_sites() -> None:
    world = _innocents(3, 12)
    sites = world["items"]["site"].unique().sort().to_list()
    own = {f"ga:{number}": [site] for number, site in enumerate(sites)}
    others = dict(list(own.items())[2:])
    assert _with_ids(world, {**others, "ga:quoted": sites[:2]}, 3).is_empty()
    # A page of many items shows its id once.
    assert _with_ids(world, {**others, "ga:quoted": sites[:2]}, 4).height == 1
    assert _with_ids(world, {"ga:nobody_else_has_any": sites[:2]}).height == 1
    # Beside an id of their own; on more sites than one runs; on most of those that are measured.
    assert _with_ids(world, own | {"ga:platform": sites[:2]}).is_empty()
    three = {**dict(list(own.items())[3:]), "ga:platform": sites[:3]}
    assert _with_ids(world, three).height == 3
    four = {**dict(list(own.items())[4:]), "ga:platform": sites[:4]}
    assert _with_ids(world, four).is_empty()
    five = _innocents(3, 5)
    sites = five["items"]["site"].unique().sort().to_list()
    assert _with_ids(five, {"ga:platform": sites[:2]}).is_empty()
    chats = {name: f"t.me/{name}" for name in sites[2:]}
    chatty = {
        **(world := _innocents(3, 7)),
        "items": world["items"].with_columns(pl.col("site").replace(chats)),
        "actor_members": world["actor_members"].with_columns(pl.col("site").replace(chats)),
    }
    assert _with_ids(chatty, {"ga:platform": sites[:2]}).is_empty(), "of four sites, the others being chats"


def test_the_order_of_rows_does_not_matter() -> None:
    world = _innocents(5)
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=4) for name, frame in world.items()}
    assert tie_sites(**world).equals(tie_sites(**shuffled))

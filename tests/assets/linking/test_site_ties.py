"""Site ties: planted ones found, large sites and single cross-posters not."""

import numpy as np
import polars as pl

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
    shared = [(site, f"x{number}") for number in range(6) for site in ("a", "b")]
    apart = pl.DataFrame(schema=MEMBERS)
    frames = _frames(own + shared)
    items, _ = frames
    one = items.tail(12).select(
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


def test_photos_that_strangers_show_on_two_sites_tie_nobody() -> None:
    own = [(site, f"{site}-{number}") for site in "abcdefgh" for number in range(200)]
    stolen = [(site, f"x{number}") for number in range(20) for site in "ab"]
    assert tie_sites(*_frames(own + stolen), pl.DataFrame(schema=MEMBERS))["is_tie"].any()
    assert tie_sites(*_frames(own + stolen, "image"), pl.DataFrame(schema=MEMBERS)).is_empty()


def test_identifiers_of_everybody_tie_nobody() -> None:
    everywhere = [(f"s{site}", f"x{number}") for site in range(8) for number in range(20)]
    assert tie_sites(*_frames(everywhere), pl.DataFrame(schema=MEMBERS)).is_empty()


def test_nothing_in_nothing_out() -> None:
    links = tie_sites(*_frames([]), pl.DataFrame(schema=MEMBERS))
    assert dict(links.schema) == CONTRACTS["site_links"].schema
    assert links.is_empty()

"""Ties of an adult site and one of work: few controllers are enough, and chance is not."""

import numpy as np
import polars as pl

from assets.linking.site_ties import tie_sites
from assets.linking.site_trades import ADULT, WORK, trade, trades_of_sites


def _of_two_trades(chance: np.random.Generator, common: int) -> dict[str, pl.DataFrame]:
    """Four adult sites, three of domestic work and a board of all, of two countries, with posters of several accounts.

    They look for a second site of their country and trade, one in ten for one of another trade. `common` of them have
    two accounts on site 0 and two on site 4, adult and domestic.
    """
    country, adult = np.array([0, 0, 1, 1, 0, 1, 0, 1]), np.array([1, 1, 1, 1, 0, 0, 0, 2])
    shown: list[tuple[str, str, str]] = []

    def post(controller: int, site: int, accounts: int) -> None:
        shown.extend(
            (f"site{site}.example", f"user_{controller}_{site}_{account}", f"c{controller}")
            for account in range(accounts)
        )

    for controller in range(80):
        first = int(chance.integers(8))
        likely = np.where(country == country[first], 1.0, 0.1) * np.where(
            (adult == adult[first]) | (adult == 2), 1.0, 0.1
        )
        likely[first] = 0
        post(controller, first, 3)
        if chance.random() < 0.08:
            post(controller, int(chance.choice(8, p=likely / likely.sum())), 2)
    for controller in range(80, 80 + common):
        post(controller, 0, 2)
        post(controller, 4, 2)
    items = pl.DataFrame(shown, schema=["site", "account", "actor_id"], orient="row").with_row_index(
        "item_id"
    )
    items = items.with_columns(pl.col("item_id").cast(pl.String), pl.col("site").alias("number"))
    place = pl.col("number").str.extract(r"(\d)").cast(pl.Int64)
    items = items.with_columns(
        place.replace_strict(dict(enumerate(adult.tolist()))).alias("trade"),
        place.replace_strict(dict(enumerate(country.tolist()))).alias("country"),
    )
    value = pl.when(pl.col("country") == 0).then(pl.lit("+39312")).otherwise(pl.lit("+346390"))
    mentions = items.select(
        "item_id",
        (value + pl.col("actor_id").str.slice(1).str.zfill(5)).alias("value"),
        pl.lit("phone").alias("kind"),
    )
    categories = {0: "domestic", 1: "adult", 2: "other"}
    return {
        "items": items.select(
            "item_id", "site", "account", pl.col("trade").replace_strict(categories).alias("category")
        ),
        "mentions": mentions.with_columns(pl.col("value").alias("identifier_id")),
        "actor_members": items.select(
            "actor_id",
            pl.lit("item").alias("member_kind"),
            pl.col("item_id").alias("member_id"),
            "site",
            "account",
        ),
    }


def test_few_controllers_on_an_adult_and_a_domestic_site_tie_them_and_chance_does_not() -> None:
    found, unknown = 0, 0
    for seed in range(10):
        world = _of_two_trades(np.random.default_rng(seed), 5)
        ties = tie_sites(**world).filter("is_tie")
        assert set(ties.select("site_a", "site_b").rows()) <= {("site0.example", "site4.example")}
        assert set(ties["tied_by"]) <= {"controllers", "identifiers, controllers"}
        found += ties.height
        # Where no category tells of what trade the sites are, so few are not beyond chance.
        unknown += tie_sites(**{**world, "items": world["items"].drop("category")})["is_tie"].sum()
        assert not tie_sites(**_of_two_trades(np.random.default_rng(seed), 0))["is_tie"].any()
    assert found >= 6
    assert unknown < found / 2


def test_a_sites_trade_is_that_of_most_of_its_items() -> None:
    counted = pl.DataFrame(
        {
            "site": ["a", "b", "c", "d", "e"],
            "items": [10, 10, 10, 10, 0],
            "adult": [8, 7, 0, 0, 0],
            "work": [2, 3, 9, 0, 0],
        }
    )
    assert trades_of_sites(counted).rows() == [("a", ADULT), ("c", WORK)]
    listings = pl.DataFrame({"category": ["adult", "domestic", "job_offer", "other", None]})
    assert listings.select(trade(listings.columns))["trade"].to_list() == [ADULT, WORK, WORK, 0, 0]
    assert listings.select(trade(["text"]).alias("trade")).item(0, "trade") == 0

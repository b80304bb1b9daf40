"""Items of many sites with floods by one controller's accounts, by crowds and by one account: who is behind them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from assets.detection.surges import detect_surges

START = date(2026, 1, 1)
DAYS = 365
FLOOD_DAYS = 14
NATIONS = ("AA", "BB", "CC", "DD", "EE")
CITIES = ("North", "South", "East", "West")
# Of a flood's items: not joined to its controller, as where a burner phone is all there is.
UNLINKED = 0.1


def planted_floods(
    seed: int, sites: int = 30
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """`items`, `facts`, `actor_members` as `detect_surges` reads them, and the truth of each flood.

    Truth: site, place, nationality, start, items, actors (distinct), largest (share), kind: `controller` (one actor, as
    many accounts as items up to fifty), `crowd` (every item somebody else) or `account` (one account). Each site has
    one of the first, one or two of the second, and every third one of the last.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, str, str, str, str, str]] = []
    floods = []
    for number in range(sites):
        site = f"site{number}.example"
        shape = (1 + rng.uniform(0, 1.5) * np.arange(DAYS) / DAYS) * (
            1 + 0.25 * np.sin(2 * np.pi * np.arange(DAYS) / 7 + rng.uniform(0, 6))
        )
        total = int(rng.integers(4_000, 12_000))
        days = rng.choice(DAYS, total, p=shape / shape.sum())
        nations = rng.choice(NATIONS, total, p=[0.45, 0.3, 0.15, 0.08, 0.02])
        cities = rng.choice(CITIES, total, p=[0.4, 0.3, 0.2, 0.1])
        persons = rng.integers(total // 3, size=total)
        rows += [
            (int(day), site, str(nation), str(city), f"{site}-{person}", f"{site}-{person}")
            for day, nation, city, person in zip(days, nations, cities, persons, strict=True)
        ]
        kinds = [
            "controller",
            *(["crowd"] * int(rng.integers(1, 3))),
            *(["account"] if number % 3 == 0 else []),
        ]
        cells = rng.permutation(len(NATIONS) * len(CITIES))
        for turn, kind in enumerate(kinds):
            nation, city = NATIONS[cells[turn] % len(NATIONS)], CITIES[cells[turn] // len(NATIONS)]
            usual = sum(1 for row in rows if row[1:4] == (site, nation, city)) / DAYS
            start = int(rng.integers(120, 330))
            size = int(max(20, 3 * usual * FLOOD_DAYS)) + int(rng.integers(30))
            names = []
            for item in range(size):
                account = {
                    "controller": f"{site}-flood{turn}-{item % 50}",
                    "crowd": f"{site}-new{turn}-{item}",
                    "account": f"{site}-single{turn}",
                }[kind]
                actor = account if kind == "crowd" else f"{site}-actor{turn}"
                if kind == "controller" and rng.random() < UNLINKED:
                    actor = account
                day = start + int(rng.integers(FLOOD_DAYS))
                rows.append((day, site, nation, city, account, actor))
                names.append(actor)
            _, counts = np.unique(names, return_counts=True)
            floods.append((site, city, nation, start, size, len(counts), int(counts.max()), kind))
    ids = [f"{number:024x}" for number in range(len(rows))]
    midnight = datetime(START.year, START.month, START.day, tzinfo=UTC)
    items = pl.DataFrame(
        {
            "item_id": ids,
            "site": [row[1] for row in rows],
            "category": ["adult"] * len(rows),
            "account": [row[4] for row in rows],
            "posted_at": [midnight + timedelta(days=row[0]) for row in rows],
            "first_seen": [START + timedelta(days=row[0]) for row in rows],
            "last_seen": [START + timedelta(days=DAYS - 1)] * len(rows),
        },
        schema_overrides={"posted_at": pl.Datetime("us", "UTC")},
    )
    facts = pl.concat(
        [
            pl.DataFrame({"item_id": ids, "value": [row[column] for row in rows]}).with_columns(
                pl.lit(kind).alias("kind"), pl.lit(unit, pl.String).alias("unit")
            )
            for kind, column, unit in (("nationality", 2, None), ("place", 3, "XX"))
        ]
    ).with_columns(pl.lit(0.9).alias("confidence"), pl.lit(0, pl.Int64).alias("span_start"))
    members = pl.DataFrame({"member_id": ids, "member_kind": "item", "actor_id": [row[5] for row in rows]})
    truth = pl.DataFrame(
        floods,
        schema=["site", "city", "nationality", "start", "items", "actors", "largest_items", "kind"],
        orient="row",
    )
    return items, facts, members, truth


def flood_lines(seeds: tuple[int, ...] = (1, 2, 3)) -> Iterator[str]:
    """What `detect_surges` says of planted floods: found, who is behind them, and the order."""
    for seed in seeds:
        items, facts, members, truth = planted_floods(seed)
        surges = detect_surges(items, facts, members).drop("kind").with_row_index("rank", offset=1)
        matched = (
            surges.join(truth, on=["site", "nationality"])
            .with_columns((pl.lit(START) + pl.duration(days=pl.col("start"))).cast(pl.Date).alias("began"))
            .filter(
                (pl.col("place").is_null() | pl.col("place").str.starts_with(pl.col("city")))
                & (pl.col("start_date") < pl.col("began") + pl.duration(days=FLOOD_DAYS))
                & (pl.col("end_date") >= pl.col("began"))
            )
            .sort("rank")
            .unique(["site", "city", "nationality", "start"], keep="first", maintain_order=True)
        )
        yield f"\nFloods, seed {seed}: {items.height} items, {surges.height} surges raised"
        for kind in ("controller", "crowd", "account"):
            planted = truth.filter(pl.col("kind") == kind)
            found = matched.filter(pl.col("kind") == kind)
            delay = (found["alarm_date"] - found["began"]).dt.total_days() + 1
            # Ordinary posters of these days belong to the rise, too; the truth counts the planted alone.
            usual = pl.col("observed") - pl.col("items")
            share = found.select(
                (pl.col("largest_actor_share") - pl.col("largest_items") / pl.col("observed"))
                .abs()
                .alias("share"),
                (pl.col("actor_count") - pl.col("actors") - usual.clip(0)).abs().alias("actors"),
            )
            yield (
                f"{kind}: {found.height} of {planted.height} found, median day {delay.median()}; "
                f"off by (median) {share['share'].median():.3f} in the largest's share, "
                f"{share['actors'].median():.0f} in distinct actors"
            )
        wanted = truth.filter(pl.col("kind") == "controller").height
        top = matched.filter((pl.col("rank") <= 20) & (pl.col("kind") == "controller")).height
        yield f"precision at 20 of one-controller surges: {top / 20:.2f} (of {wanted} planted)"

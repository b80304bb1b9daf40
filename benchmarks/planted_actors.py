"""A planted world for linking: items, mentions and who really posted them. Everything is invented.

Not tuned to any generator of pages: it starts at the tables that linking reads.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from benchmarks.clustering_scores import Agreement, pairwise

FIRST_NAMES = ("maria", "anna", "admin", "lucy", "sofia", "private", "julia", "info", "elena", "natalie")


@dataclass(frozen=True)
class World:
    """`items` and `mentions` as linking reads them; `truth`: item_id, person (Int64)."""

    items: pl.DataFrame
    mentions: pl.DataFrame
    truth: pl.DataFrame


def planted_world(
    size: int, seed: int, *, stolen_photos: float = 0.02, recycled_phones: float = 0.001, sites: int = 12
) -> World:
    """About `size` items of private posters and of controllers with many accounts on several sites.

    `stolen_photos` of the items show somebody else's photo, `recycled_phones` somebody else's number. One item in
    eight quotes a generic address, one in thirty a support line of its site, one private account in ten is a
    common first name, two sites in twelve show no accounts at all.
    """
    rng = np.random.default_rng(seed)
    rows: list[tuple[int, int, str | None, int, int, int]] = []
    person, phone_total, photo_total = 0, 0, 0
    while len(rows) < size:
        if rng.random() < 0.04:
            accounts = int(
                rng.choice([2, 3, 4, 6, 9, 15, 25, 50], p=[0.2, 0.2, 0.2, 0.15, 0.1, 0.08, 0.05, 0.02])
            )
            phones = phone_total + np.arange(max(1, accounts // int(rng.integers(2, 6))))
            photos = photo_total + np.arange(accounts * 2)
            home = rng.choice(sites, size=min(sites, int(rng.integers(1, 5))), replace=False)
            for account in range(accounts):
                site = int(rng.choice(home))
                usual = rng.choice(phones, size=min(len(phones), 2), replace=False)
                for _ in range(int(rng.geometric(0.35))):
                    name = f"user{person}x{account}"
                    first, second = rng.choice(usual), rng.choice(phones)
                    second = second if rng.random() < 0.15 else first
                    rows.append((person, site, name, int(first), int(rng.choice(photos)), int(second)))
            phone_total += len(phones)
            photo_total += len(photos)
        else:
            site = int(rng.integers(sites))
            common = rng.random() < 0.1
            name = str(rng.choice(FIRST_NAMES)) if common else f"user{person}"
            for _ in range(int(rng.geometric(0.45))):
                photo = photo_total + int(rng.integers(2))
                rows.append((person, site, name, phone_total, photo, phone_total))
            phone_total += 1
            photo_total += 2
        person += 1
    count = len(rows)
    persons = np.array([row[0] for row in rows])
    site = np.array([row[1] for row in rows])
    phone = np.array([row[3] for row in rows])
    photo = np.array([row[4] for row in rows])
    second = np.array([row[5] for row in rows])
    two = second != phone
    recycled = rng.random(count) < recycled_phones
    phone[recycled] = rng.choice(phone, size=int(recycled.sum()))
    stolen = rng.random(count) < stolen_photos
    photo[stolen] = rng.choice(photo, size=int(stolen.sum()))
    ids = np.array([f"{number:024x}" for number in rng.permutation(count)])
    names = [None if row[1] % 6 == 5 else row[2] for row in rows]
    days = rng.integers(0, 180, size=count)
    start = date(2026, 1, 1)
    items = pl.DataFrame(
        {
            "item_id": ids,
            "item_table": ["listings"] * count,
            "source": [f"source{number}" for number in site],
            "unit_date": [start + timedelta(days=180)] * count,
            "capture_id": ids,
            "site": [f"site{number}.example" for number in site],
            "url": [None] * count,
            "account": names,
            "category": ["adult"] * count,
            "posted_at": [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=int(day)) for day in days],
            "first_seen": [start + timedelta(days=int(day)) for day in days],
            "last_seen": [start + timedelta(days=180)] * count,
            "text": ["invented"] * count,
            "title": [None] * count,
            "language": [None] * count,
        },
        schema_overrides={
            "posted_at": pl.Datetime("us", "UTC"),
            "url": pl.String,
            "title": pl.String,
            "language": pl.String,
            "account": pl.String,
        },
    )
    shown = rng.random(count) < 0.93
    generic = rng.random(count) < 0.125
    support = rng.random(count) < 1 / 30
    generic_value = rng.integers(60, size=count)
    parts = [
        _mentions(ids[shown], "phone", [f"+1555{number:07d}" for number in phone[shown]]),
        _mentions(ids[shown & two], "phone", [f"+1555{number:07d}" for number in second[shown & two]]),
        _mentions(ids, "image", [f"img.example/{number}.jpg" for number in photo]),
        _mentions(ids[generic], "url", [f"https://w{n}.example/" for n in generic_value[generic]]),
        _mentions(ids[support], "phone", [f"+1888555{number:04d}" for number in site[support]]),
    ]
    mentions = (
        pl.concat(parts)
        .unique(maintain_order=True)
        .join(items.select("item_id", "site", "source", "unit_date"), on="item_id")
    )
    return World(items, mentions, pl.DataFrame({"item_id": ids, "person": persons}))


def _mentions(item_ids: np.ndarray, kind: str, values: list[str]) -> pl.DataFrame:
    frame = pl.DataFrame({"item_id": item_ids, "value": values}, schema_overrides={"value": pl.String})
    return frame.with_columns(
        pl.lit(kind).alias("kind"),
        (pl.lit(kind + ":") + pl.col("value")).alias("identifier_id"),
        pl.lit(False).alias("obscured"),
    )


def agreement(predicted: pl.DataFrame, truth: pl.DataFrame) -> Agreement:
    """Pairwise agreement of clusters with the truth.

    `predicted`: item_id, cluster; `truth`: item_id, person. Items without cluster are clusters of their own.
    """
    both = truth.join(predicted, on="item_id", how="left")
    return pairwise(both.select("cluster", label="person"))

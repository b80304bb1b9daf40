"""Simulated worlds as homes: crawled for real, or their items put straight into the tables that parsing would fill."""

import logging
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import yaml

from assets.detection.stage import detect_all
from assets.extraction.stage import facts_of, mentions_of
from assets.house import House
from assets.linking.digests import key_column
from assets.linking.stage import link_all
from assets.operation import Operation
from quality.contracts import CONTRACTS
from quality.expectations import preload
from simulation.innocents import Noise
from simulation.items import ADULT, CHANNELS, DOMESTIC, HOME_REGION, JOBS, LISTING_SITES, SITES
from simulation.places import CITY, NATIONALITY
from simulation.truth import write_truth
from simulation.wording import write
from simulation.world import World
from warehouse.parts import PartStore, PartWrite

ANCHOR = date(2026, 11, 20)
DEMONSTRATION = Path(__file__).parents[1] / "pipelines" / "operations" / "demonstration.yaml"
_CATEGORY = {ADULT: "adult", DOMESTIC: "domestic", JOBS: "job_offer"}


def crawl(home: Path, seed: int, size: str, noise: Noise) -> None:
    """Run the demonstration's operation on a world of its own: served, captured, parsed, linked, published."""
    operation = yaml.safe_load(DEMONSTRATION.read_text(encoding="utf-8"))
    operation["simulation"] = {"seed": seed, "size": size, "anchor": ANCHOR, **asdict(noise)}
    home.mkdir(parents=True, exist_ok=True)
    file = home / "quality.yaml"
    file.write_text(yaml.safe_dump(operation), encoding="utf-8")
    command = [sys.executable, "-m", "pipelines.cli", "run", "--operation", str(file), "--home", str(home)]
    environment = {key: value for key, value in os.environ.items() if key != "STORMLANTERN_HOME"}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def put_straight(home: Path, seed: int, size: str, noise: Noise) -> None:
    """Commit the world's items as parsing would, read identifiers and facts from them, link and detect.

    Skips serving, capture and parsing alone: texts and fields are those that the pages show.
    """
    preload()
    world = World(seed, size, ANCHOR, noise)
    write_truth(world, home / "simulation" / "truth.json")
    house = House(
        home=home,
        store=PartStore(home),
        sources={},
        operation=Operation(code="demonstration", name="Demonstration", countries=("FR", "ES", "GB", "DE")),
        run_id="straight",
        key=b"k" * 32,
        log=logging.getLogger("quality"),
        now=lambda: datetime(ANCHOR.year, ANCHOR.month, ANCHOR.day, tzinfo=UTC),
    )
    for site in SITES:
        table = "listings" if site in LISTING_SITES else "messages"
        frame = _listings(world, site) if table == "listings" else _messages(world, site)
        tables = {table: frame, "mentions": mentions_of(frame, table), "facts": facts_of(frame, table)}
        house.store.commit(
            [
                PartWrite(name, rows, f"demo_{site.split('.')[0]}", ANCHOR, inputs="simulated")
                for name, rows in tables.items()
            ]
        )
    link_all(house)
    detect_all(house)


def _completed(frame: pl.DataFrame, table: str, site: str, key: str) -> pl.DataFrame:
    """The frame in its contract's columns, with ids from the site and `key`."""
    frame = frame.with_columns(
        pl.lit(site).alias("site"),
        pl.lit(f"demo_{site.split('.')[0]}").alias("source"),
        pl.lit(HOME_REGION[site]).alias("region"),
        pl.lit(ANCHOR).alias("unit_date"),
    )
    frame = frame.with_columns(key_column(frame, "site", key).alias("item_id")).with_columns(
        pl.col("item_id").alias("capture_id")
    )
    return CONTRACTS[table].completed(frame)


def _listings(world: World, site: str) -> pl.DataFrame:
    rows = []
    for item in world.items[site]:
        words = write(item, world.seed)
        person = site == ADULT
        rows.append(
            {
                "external_id": item.external_id,
                "category": _CATEGORY[site],
                "account": item.account,
                "posted_at": item.posted,
                "title": words.title,
                "text": words.text,
                "phone_text": words.phone,
                "place_text": CITY[item.city].name,
                "nationality_text": NATIONALITY[item.nationality].word(item.language) if person else None,
                "age_text": str(item.age) if person else None,
                "price_text": words.price if person else None,
                "image_urls": list(item.images),
                "url": item.key,
            }
        )
    frame = pl.DataFrame(
        rows, schema_overrides={"posted_at": pl.Datetime("us", "UTC")}, infer_schema_length=None
    )
    return _completed(frame, "listings", site, "external_id")


def _messages(world: World, site: str) -> pl.DataFrame:
    rows = []
    for item in world.items[site]:
        words = write(item, world.seed)
        rows.append(
            {
                "channel": site.split(".")[0],
                "message_id": item.number,
                "message_type": "text",
                "account": item.account,
                "posted_at": item.posted,
                "text": f"{words.title}\n{words.text}" if words.title else words.text,
                "image_urls": list(item.images) if site in CHANNELS else [],
                "links": [],
            }
        )
    frame = pl.DataFrame(
        rows,
        schema_overrides={"posted_at": pl.Datetime("us", "UTC"), "links": pl.List(pl.String)},
        infer_schema_length=None,
    )
    return _completed(frame, "messages", site, "message_id")

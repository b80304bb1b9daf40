"""A planted home of any size: listings, messages, mentions and facts as committed parts. Everything is invented.

Made of arrays, no Python per item, so that ten million items take minutes. What it imitates is sizes: a few posters
with very many items and identifiers of everybody (Zipf), three identifiers an item, posters who stay for weeks.
"""

import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from assets.linking.digests import key_column
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore, PartWrite

FIRST_DAY = date(2026, 1, 1)
# One day is a hundredth of these, which makes the day after them 1 % of new items.
DAYS = 100
SOURCES = 20
SITES_OF_A_SOURCE = 2
# The last two sources are channels.
CHANNELS = 2
FIRST_NAMES = ("maria", "anna", "admin", "lucy", "sofia", "private", "julia", "info", "elena", "natalie")
CATEGORIES = ("adult", "job_offer", "domestic", "other")
COUNTRIES = ("RO", "BR", "CO", "UA", "NG", "VN", "MD", "BG", "TH", "ES", "FR", "PT", "DE", "IT", "HU")
SIGNS = (
    "short_stay_wording",
    "new_in_town",
    "youth_wording",
    "third_party_wording",
    "accommodation_tied",
    "abroad_offer",
    "transport_paid",
    "debt_owed",
)
ACCOUNTS = ([2, 3, 4, 6, 9, 15, 25, 50, 200], [0.2, 0.2, 0.2, 0.15, 0.1, 0.08, 0.05, 0.015, 0.005])
STOLEN_PHOTOS, RECYCLED_PHONES, SEEN_AGAIN = 0.02, 0.001, 0.1
GENERIC_ADDRESSES = 5_000
# What the numbers of the sites' support lines begin with.
LINE = "+1888555"
_WORDS_OF_A_TEXT = 40
# Items that are planted at once, where a house is planted in pieces.
PIECE = 1_000_000


@dataclass(frozen=True)
class PlantedHouse:
    """The rows of all days; `table(name, first, last)` gives those of some days, with their contract's columns."""

    tables: dict[str, pl.DataFrame]

    def commit(self, home: Path, first: int, last: int) -> int:
        """Commit the units of the days `first` to `last` (exclusive), a part per source and day; rows committed."""
        store = PartStore(home)
        begin, end = FIRST_DAY + timedelta(days=first), FIRST_DAY + timedelta(days=last)
        count = 0
        for table, frame in self.tables.items():
            rows = frame.filter((pl.col("unit_date") >= begin) & (pl.col("unit_date") < end))
            units = rows.partition_by("source", "unit_date", as_dict=True)
            store.commit(
                [
                    _unit(table, part, str(source), day if isinstance(day, date) else None)
                    for (source, day), part in units.items()
                ]
            )
            count += rows.height
        return count


def _unit(table: str, rows: pl.DataFrame, source: str, day: date | None) -> PartWrite:
    return PartWrite(table, CONTRACTS[table].completed(rows), source, day, inputs="planted")


def plant_in_pieces(size: int, seed: int, home: Path, first: int, last: int, *, texts: bool = False) -> int:
    """Commit the days `first` to `last` of a house of any size in the memory of `PIECE` items; rows committed.

    Each piece has posters of its own; addresses that many quote, and the lines of the sites, are the same in all.
    """
    pieces = -(-size // PIECE)
    store = PartStore(home)
    begin, end = FIRST_DAY + timedelta(days=first), FIRST_DAY + timedelta(days=last)
    with tempfile.TemporaryDirectory(dir=home) as folder:
        for number in range(pieces):
            house = plant(size // pieces, seed + number, texts=texts, first_number=number * 4 * PIECE)
            if number == 0:
                categories = house.tables["listings"].select("site", "category").unique()
            for table, frame in _fitting(house, categories).items():
                rows = frame.filter((pl.col("unit_date") >= begin) & (pl.col("unit_date") < end))
                for (source,), part in rows.partition_by("source", as_dict=True).items():
                    place = Path(folder) / table / str(source)
                    place.mkdir(parents=True, exist_ok=True)
                    part.write_parquet(place / f"{number:04d}.parquet", compression="lz4")
            del house
        count = 0
        for place in sorted(Path(folder).glob("*/*")):
            table, source = place.parent.name, place.name
            rows = pl.read_parquet(place / "*.parquet")
            count += rows.height
            units = rows.partition_by("unit_date", as_dict=True)
            store.commit(
                [_unit(table, part, source, day) for (day,), part in units.items() if isinstance(day, date)]
            )
    return count


def _fitting(house: PlantedHouse, categories: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables of a piece, its sites with the categories of the first piece's, and what all quote with one id."""
    listings, mentions = house.tables["listings"], house.tables["mentions"]
    quoted = (
        mentions.filter((pl.col("kind") == "url") | pl.col("value").str.starts_with(LINE))
        .select("kind", "value")
        .unique()
    )
    quoted = quoted.with_columns(key_column(quoted, "kind", "value").alias("one_id"))
    one_id = pl.coalesce("one_id", "identifier_id").alias("identifier_id")
    return {
        **house.tables,
        "listings": listings.drop("category").join(categories, on="site").select(listings.columns),
        "mentions": mentions.join(quoted, on=["kind", "value"], how="left")
        .with_columns(one_id)
        .select(mentions.columns),
    }


def _ids(rng: np.random.Generator, count: int) -> pl.Series:
    """So many keys of 24 hex digits."""
    digits = np.frombuffer(rng.bytes(12 * count).hex().encode("ascii"), dtype="S24")
    return pl.Series(digits).cast(pl.String)


def _zipf(rng: np.random.Generator, count: int, values: int) -> np.ndarray:
    """Ranks below `values`, the first the most frequent (frequency 1 / rank)."""
    ranks: np.ndarray = np.minimum(
        np.exp(rng.random(count) * np.log(values + 1)).astype(np.int64) - 1, values - 1
    )
    return np.maximum(ranks, 0)


def plant(
    size: int, seed: int, *, days: int = DAYS + 1, texts: bool = False, first_number: int = 0
) -> PlantedHouse:
    """About `size` items over `days` days (and a tenth of them seen on a second day).

    Four persons in a hundred are controllers with 2 to 200 accounts on up to four sites, who share phones and photos;
    the others have one account and two items on average. Each item has a phone, an image and a third identifier:
    its poster's own messenger, username or e-mail, an address that many quote, or the support line of its site. `texts`
    gives each account a text of its own with slips; without, all texts are too short to be compared. Accounts, phones
    and photos are numbered from `first_number`.
    """
    rng = np.random.default_rng(seed)
    persons = max(int(size / 2.9), 1)
    is_controller = rng.random(persons) < 0.04
    accounts = np.where(is_controller, rng.choice(ACCOUNTS[0], size=persons, p=ACCOUNTS[1]), 1)
    person = np.repeat(np.arange(persons), accounts)
    account_count = len(person)
    per_account = np.where(
        is_controller[person], rng.geometric(0.35, account_count), rng.geometric(0.45, account_count)
    )
    account = np.repeat(np.arange(account_count), per_account)[:size]
    count = len(account)
    poster = person[account]
    controls = is_controller[poster]

    sites = SOURCES * SITES_OF_A_SOURCE
    home = rng.integers(sites, size=(persons, 4))
    home_count = np.where(is_controller, rng.integers(1, 5, size=persons), 1)
    site_of_account = home[person, rng.integers(home_count[person])]
    site = site_of_account[account]
    begins = rng.integers(-30, days, size=persons)
    stays = np.where(is_controller, rng.integers(20, 90, size=persons), rng.integers(1, 30, size=persons))
    day = begins[poster] + (rng.random(count) * stays[poster]).astype(np.int64)
    day = np.where((day < 0) | (day >= days), rng.integers(days, size=count), day)

    phones = np.maximum(accounts // rng.integers(2, 6, size=persons), 1)
    first_phone = np.concatenate([[0], np.cumsum(phones)])
    phone_of_account = first_phone[person] + rng.integers(phones[person])
    phone = np.where(
        controls & (rng.random(count) < 0.1),
        first_phone[poster] + rng.integers(phones[poster]),
        phone_of_account[account],
    )
    recycled = rng.random(count) < RECYCLED_PHONES
    phone[recycled] = rng.choice(phone, size=int(recycled.sum()))
    first_photo = np.concatenate([[0], np.cumsum(accounts * 2)])
    photo = first_photo[poster] + rng.integers(accounts[poster] * 2)
    stolen = rng.random(count) < STOLEN_PHOTOS
    photo[stolen] = rng.choice(photo, size=int(stolen.sum()))

    category_of_site = rng.choice(4, size=sites, p=[0.5, 0.25, 0.15, 0.1])
    is_message = site >= sites - CHANNELS * SITES_OF_A_SOURCE
    common = rng.random(account_count) < 0.08
    names = pl.Series(np.where(common, rng.integers(len(FIRST_NAMES), size=account_count), -1))
    name = (
        pl.DataFrame({"account": account + first_number, "name": names.gather(account)})
        .select(
            pl.when(pl.col("name") >= 0)
            .then(
                pl.col("name").replace_strict(
                    dict(enumerate(FIRST_NAMES)), default=None, return_dtype=pl.String
                )
            )
            .otherwise(pl.format("user{}", "account"))
        )
        .to_series()
    )
    item_id = _ids(rng, count)
    source = site // SITES_OF_A_SOURCE
    items = pl.DataFrame(
        {
            "item_id": item_id,
            "capture_id": item_id,
            "source": source,
            "site": site,
            "day": day,
            "is_message": is_message,
            # Two sites in twelve show no accounts.
            "account": pl.select(pl.when(pl.Series(site % 6 == 5)).then(None).otherwise(name)).to_series(),
            "category": category_of_site[site],
            "second": rng.integers(86_400, size=count),
            "text": _texts(rng, account) if texts else pl.repeat("invented", count, eager=True),
        }
    ).select(
        "item_id",
        "capture_id",
        pl.format("source{}", "source").alias("source"),
        pl.format("site{}.example", "site").alias("site"),
        (pl.lit(FIRST_DAY) + pl.duration(days="day")).cast(pl.Date).alias("unit_date"),
        "is_message",
        "account",
        pl.col("category")
        .replace_strict(dict(enumerate(CATEGORIES)), return_dtype=pl.String)
        .alias("category"),
        (pl.lit(datetime(2026, 1, 1, tzinfo=UTC)) + pl.duration(days="day", seconds="second")).alias(
            "posted_at"
        ),
        "text",
    )
    mentions = _mentions(
        rng, items, poster, account + first_number, phone + first_number, photo + first_number, site
    )
    facts = _facts(rng, items, poster, controls)
    again = pl.Series(rng.random(count) < SEEN_AGAIN)
    later = pl.Series(day + rng.integers(1, 8, size=count))
    seen_again = (
        items.filter(again & (later < days))
        .with_columns(
            (pl.lit(FIRST_DAY) + pl.duration(days=later.filter(again & (later < days))))
            .cast(pl.Date)
            .alias("unit_date")
        )
        .select("item_id", "unit_date")
    )
    about = {
        "mentions": _with_second_sight(mentions, seen_again),
        "facts": _with_second_sight(facts, seen_again),
    }
    all_items = _with_second_sight(items, seen_again)
    return PlantedHouse(
        {
            "listings": all_items.filter(~pl.col("is_message")).drop("is_message"),
            "messages": all_items.filter("is_message")
            .drop("is_message", "category")
            .with_columns(channel="site"),
            **about,
        }
    )


def _with_second_sight(frame: pl.DataFrame, seen_again: pl.DataFrame) -> pl.DataFrame:
    """The rows, and those of items seen again once more under their later day."""
    return pl.concat([frame, frame.drop("unit_date").join(seen_again, on="item_id").select(frame.columns)])


def _mentions(
    rng: np.random.Generator,
    items: pl.DataFrame,
    poster: np.ndarray,
    account: np.ndarray,
    phone: np.ndarray,
    photo: np.ndarray,
    site: np.ndarray,
) -> pl.DataFrame:
    """Three per item."""
    count = items.height
    third = rng.random(count)
    generic = _zipf(rng, count, GENERIC_ADDRESSES)
    own = third < 0.6
    kind = pl.select(
        pl.when(pl.Series(third < 0.25))
        .then(pl.lit("messenger"))
        .when(pl.Series(third < 0.45))
        .then(pl.lit("username"))
        .when(pl.Series(own))
        .then(pl.lit("email"))
        .when(pl.Series(third < 0.95))
        .then(pl.lit("url"))
        .otherwise(pl.lit("phone"))
    ).to_series()
    value = (
        pl.DataFrame({"kind": kind, "account": account, "generic": generic, "site": site})
        .select(
            pl.when(pl.col("kind") == "messenger")
            .then(pl.format("t.me/handle{}", "account"))
            .when(pl.col("kind") == "username")
            .then(pl.format("name{}", "account"))
            .when(pl.col("kind") == "email")
            .then(pl.format("a{}@mail.example", "account"))
            .when(pl.col("kind") == "url")
            .then(pl.format("https://w{}.example/", "generic"))
            .otherwise(pl.format(LINE + "{}", pl.col("site").cast(pl.String).str.zfill(4)))
        )
        .to_series()
    )
    numbers = pl.DataFrame({"phone": phone, "photo": photo})
    parts = [
        (
            pl.repeat("phone", count, eager=True),
            numbers.select("+1555" + pl.col("phone").cast(pl.String).str.zfill(8)),
        ),
        (
            pl.repeat("image", count, eager=True),
            numbers.select(pl.format("https://i.example/{}.jpg", "photo")),
        ),
        (kind, value.to_frame()),
    ]
    rows = pl.concat(
        [
            items.select("item_id", "source", "unit_date", "site", "is_message").with_columns(
                part_kind.alias("kind"),
                part_value.to_series().alias("value"),
                pl.Series("obscured", rng.random(count) < 0.05) & (part_kind == "phone"),
            )
            for part_kind, part_value in parts
        ]
    )
    keys = rows.select("kind", "value").unique(maintain_order=True)
    keys = keys.with_columns(_ids(rng, keys.height).alias("identifier_id"))
    return rows.join(keys, on=["kind", "value"], maintain_order="left").select(
        _ids(rng, rows.height).alias("mention_id"),
        "item_id",
        pl.when("is_message").then(pl.lit("messages")).otherwise(pl.lit("listings")).alias("item_table"),
        "source",
        "unit_date",
        "site",
        "identifier_id",
        "kind",
        "value",
        pl.col("value").alias("raw"),
        pl.lit("contact").alias("field"),
        pl.lit(0).alias("span_start"),
        pl.col("value").str.len_chars().cast(pl.Int64).alias("span_end"),
        "obscured",
        pl.lit("planted").alias("method"),
    )


def _facts(
    rng: np.random.Generator, items: pl.DataFrame, poster: np.ndarray, controls: np.ndarray
) -> pl.DataFrame:
    """Places, claimed nationalities, ages and signs."""
    count = items.height
    persons = int(poster.max()) + 1
    place = np.where(controls, rng.integers(60, size=count), _zipf(rng, persons, 60)[poster])
    nationality = np.where(
        controls, rng.integers(len(COUNTRIES), size=count), _zipf(rng, persons, len(COUNTRIES))[poster]
    )
    age = np.where(controls, rng.integers(18, 35, size=count), rng.integers(18, 50, size=persons)[poster])
    age = np.where(rng.random(count) < 0.003, 16, age)
    sign = rng.integers(len(SIGNS), size=count)
    told = pl.DataFrame({"place": place, "nationality": nationality, "age": age, "sign": sign}).select(
        pl.format("Town{}", "place").alias("place"),
        (pl.col("place") % len(COUNTRIES))
        .replace_strict(dict(enumerate(COUNTRIES)), return_dtype=pl.String)
        .alias("unit"),
        pl.col("nationality").replace_strict(dict(enumerate(COUNTRIES)), return_dtype=pl.String),
        pl.col("age").cast(pl.Float64),
        pl.col("sign").replace_strict(dict(enumerate(SIGNS)), return_dtype=pl.String),
    )
    about = items.select("item_id", "source", "unit_date", "site", "is_message").hstack(told)
    nothing, no_number = pl.lit(None, pl.String), pl.lit(None, pl.Float64)
    frames = []
    for kind, share, value, number, unit in (
        ("place", 0.9, pl.col("place"), no_number, pl.col("unit")),
        ("nationality", 0.6, pl.col("nationality"), no_number, nothing),
        ("age", 0.6, pl.col("age").cast(pl.Int64).cast(pl.String), pl.col("age"), nothing),
        ("sign", 0.15, pl.col("sign"), no_number, nothing),
    ):
        frames.append(
            about.filter(pl.Series(rng.random(count) < share)).select(
                "item_id",
                pl.when("is_message")
                .then(pl.lit("messages"))
                .otherwise(pl.lit("listings"))
                .alias("item_table"),
                "source",
                "unit_date",
                "site",
                pl.lit(kind).alias("kind"),
                value.alias("value"),
                number.alias("number"),
                unit.alias("unit"),
                value.alias("raw"),
                pl.lit("text").alias("field"),
                pl.lit(0).alias("span_start"),
                pl.lit(1).alias("span_end"),
                pl.lit(0.9).alias("confidence"),
                pl.lit("planted").alias("rule_id"),
            )
        )
    facts = pl.concat(frames)
    return facts.with_columns(_ids(rng, facts.height).alias("fact_id"))


def _texts(rng: np.random.Generator, account: np.ndarray) -> pl.Series:
    """Forty words of Zipf's frequencies: those of the account, one in ten another at each item."""
    accounts = int(account.max()) + 1
    syllables = [
        "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "cha", "dri", "fe", "gol", "hin", "pla",
    ]  # fmt: skip
    lexicon = np.array(
        ["".join(rng.choice(syllables, size=int(rng.integers(1, 5)))) for _ in range(20_000)], dtype=object
    )
    own = _zipf(rng, accounts * _WORDS_OF_A_TEXT, len(lexicon)).reshape(accounts, _WORDS_OF_A_TEXT)
    texts: list[str] = []
    for first in range(0, len(account), 100_000):
        words = own[account[first : first + 100_000]]
        slips = rng.random(words.shape) < 0.1
        words = np.where(slips, _zipf(rng, words.size, len(lexicon)).reshape(words.shape), words)
        texts += [" ".join(row) for row in lexicon[words]]
    return pl.Series(texts)

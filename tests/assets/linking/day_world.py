"""A world of invented items that come, go and change, and tables as days commit them, for tests of days."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import polars as pl

from assets.linking.accounts import account_name
from assets.linking.digests import key_column, key_of
from assets.linking.holders import CLAIMS
from assets.linking.image_identity import CAPTURED
from assets.linking.merging import (
    CHANGED_IDENTIFIERS,
    CHANGED_ITEMS,
    CHANGED_MENTIONS,
    CHANGED_TERMS,
    ChangedItems,
)
from assets.linking.quoting import REACHED
from assets.linking.reading import numbered_mentions, numbered_terms, of_rows
from assets.linking.telling import Difference
from assets.parsing.packed import packed, unpacked
from benchmarks.planted_house import plant
from quality.contracts import CONTRACTS

NO_TEXTS = pl.DataFrame(
    schema={"item_id": pl.String, "text_cluster_id": pl.String, "distinctness": pl.Float64}
)
DAY = date(2026, 5, 1)
# The sites are small: so many items tell whether one is of talk.
FEW = 4
TABLES = ("actors", "actor_members", "actor_edges", "identifiers")

GIVEN_NAMES = ("Maria", "Anna", "Sofía", "Elena", "Laura", "Julia", "Carla", "Lucia")


class World:
    """Items that stand and what they show, all invented; every step changes some of them."""

    def __init__(self, size: int, seed: int) -> None:
        self.chance, self.spoken = np.random.default_rng(seed), 0
        planted = plant(size, seed)
        rows = pl.concat(
            [
                planted.tables[name].select("item_id", "unit_date", "site", "account", "posted_at")
                for name in ("listings", "messages")
            ]
        )
        days = rows.group_by("item_id").agg(
            pl.col("unit_date").min().alias("first_seen"), pl.col("unit_date").max().alias("last_seen")
        )
        self.all = packed(
            rows.sort("unit_date").unique("item_id", keep="last").drop("unit_date").join(days, on="item_id"),
            "item_id",
        ).sort("item_id")
        mentions = planted.tables["mentions"].unique("mention_id")
        self.mentions = packed(
            mentions.join(days.rename({"last_seen": "unit_date"}), on=["item_id", "unit_date"]).select(
                "item_id", "identifier_id", "kind", "value", "site", "obscured"
            ),
            "item_id",
            "identifier_id",
        )
        self._let_sites_share()
        self._let_some_be_named()
        self._let_posters_claim()
        self._let_some_talk()
        self._let_sites_have_trades()
        self.items = self.all.clear()
        self.terms = self.all.select("item_id").with_columns(
            pl.Series("terms", [f"town{n}|{n % 7}" for n in self.chance.integers(60, size=self.all.height)])
        )
        self.worded = pl.DataFrame(schema={"item_id": pl.String, "text_cluster_id": pl.String})
        self.distinct = {f"{cluster:024x}": 0.5 for cluster in range(40)}

    def _let_sites_share(self) -> None:
        """Names of several sites, given ones among them, measuring ids of one and of more, links from site to site."""
        count, chance = self.all.height, self.chance
        names = [
            f"seller_{number}" if number % 3 else f"{GIVEN_NAMES[number // 3 % 8]} {number // 24 or ''}"
            for number in range(max(count // 12, 1))
        ]
        often = pl.Series("often", [names[number] for number in chance.integers(len(names), size=count)])
        self.all = self.all.with_columns(
            pl.when(pl.Series(chance.random(count) < 0.5)).then(often).otherwise("account").alias("account")
        )
        # Some of those without a name are all called the same.
        self.all = self.all.with_columns(
            pl.when(pl.col("account").is_null() | pl.Series(chance.random(count) < 0.1))
            .then(
                pl.Series(
                    [(" Anonymous ", "guest", "-", None)[each] for each in chance.integers(4, size=count)]
                )
            )
            .otherwise("account")
            .alias("account")
        )
        number = pl.col("site").str.extract(r"(\d+)").cast(pl.Int64)
        target = pl.Series("target", chance.integers(8, size=count))
        shows = pl.Series("shows", chance.integers(4, size=count))
        added = self.all.with_columns(target, shows).with_columns(
            pl.when(pl.col("shows") == 0)
            .then(pl.format("https://www.site{}.example/{}", "target", "shows"))
            .when(pl.col("shows") == 1)
            .then(pl.format("ga:{}", number // 3))
            .when(pl.col("shows") == 2)
            .then(pl.format("ga:own{}", number))
            .alias("value"),
            pl.when(pl.col("shows") == 0).then(pl.lit("url")).otherwise(pl.lit("analytics")).alias("kind"),
            pl.lit(False).alias("obscured"),
        )
        added = added.drop_nulls("value").with_columns(
            key_column(added.drop_nulls("value"), "kind", "value").alias("identifier_id")
        )
        added = packed(added, "identifier_id").select(self.mentions.columns)
        # What stands in two places is mentioned twice.
        self.mentions = pl.concat(
            [self.mentions, added, added.filter(pl.col("kind") == "analytics").head(60)]
        )

    def _let_some_be_named(self) -> None:
        """Some have an account on a platform, or a mailbox: of names that many think of, and others."""
        count, chance = self.all.height, self.chance
        platforms = pl.Series(chance.choice(["telegram", "instagram"], count))
        names = pl.Series(chance.choice(["vip_madrid", "laura_22", "fedomo_luba93", "kufevi.401"], count))
        named = self.all.select(
            "item_id",
            "site",
            platforms.alias("platform"),
            names.alias("name"),
            pl.lit(False).alias("obscured"),
        ).filter(pl.Series(chance.random(count) < 0.3))
        shown = [
            named.with_columns(pl.lit(kind).alias("kind"), value.alias("value")).filter(
                pl.Series(chance.random(named.height) < share)
            )
            for kind, value, share in (
                ("messenger", pl.format("{}:{}", "platform", "name"), 0.7),
                ("username", pl.col("name"), 0.8),
                ("email", pl.format("{}@mail.example", "name"), 0.2),
            )
        ]
        added = pl.concat(shown)
        added = added.with_columns(key_column(added, "kind", "value").alias("identifier_id"))
        self.mentions = pl.concat(
            [self.mentions, packed(added, "identifier_id").select(self.mentions.columns)]
        )

    def _let_posters_claim(self) -> None:
        """Nationalities and ages, some of them none."""
        count, chance = self.all.height, self.chance
        for name, claimed in (
            ("nationality", chance.integers(3, size=count)),
            ("age", chance.integers(18, 30, count)),
        ):
            said = pl.Series(name, claimed, dtype=CLAIMS[name])
            self.all = self.all.with_columns(said.set(pl.Series(chance.random(count) < 0.3), None))

    def _let_some_talk(self) -> None:
        """On some sites most items show no contact."""
        count, chance = self.all.height, self.chance
        often = pl.col("site").str.extract(r"(\d+)").cast(pl.Int64) % 3 == 0
        self.all = self.all.with_columns(
            (often | pl.Series(chance.random(count) < 0.2)).alias("is_talk"),
            pl.Series("u", chance.random(count)),
        )
        silent = self.all.filter(often & (pl.col("u") < 0.7))["item_id"]
        self.all = self.all.drop("u")
        self.mentions = self.mentions.filter(
            ~(pl.col("item_id").is_in(silent.implode()) & pl.col("kind").is_in(REACHED))
        )

    def _let_sites_have_trades(self) -> None:
        """Most sites have one; a tenth of all items are of another, or of none."""
        count, chance = self.all.height, self.chance
        usual = pl.col("site").str.extract(r"(\d+)").cast(pl.Int64) % 3
        other = pl.Series(chance.integers(3, size=count))
        trade = pl.when(pl.Series(chance.random(count) < 0.1)).then(other).otherwise(usual)
        self.all = self.all.with_columns(trade.cast(pl.UInt8).alias("trade"))

    def step(self, come: int, go: int, change: int, *, in_order: bool = False) -> pl.DataFrame:
        """Some items come, whatever their day; some go; some have another account, day or mentions now. Their ids.

        In order: those that come are the newest, and those that change stay where they are.
        """
        ids = self.items["item_id"]
        new = self.all.join(self.items, on="item_id", how="anti").sample(
            fraction=1, seed=int(self.chance.integers(99))
        )
        coming = new.head(come)
        if in_order:
            newest = self.items["first_seen"].max()
            coming = coming.with_columns(pl.lit(newest).dt.offset_by("1d").alias("first_seen"))
        going = ids.sample(min(go, len(ids)), seed=1)
        others = self.items.filter(~pl.col("item_id").is_in(going.implode()))
        changing = others.sample(min(change, others.height), seed=2)
        # A site may be told another way than before.
        moving = pl.Series(self.chance.random(changing.height) < 0.3)
        sites = pl.Series(
            "site", self.chance.permutation(changing["site"].to_numpy()).tolist(), dtype=pl.String
        )
        changing = changing.with_columns(pl.when(moving).then(sites).otherwise("site").alias("site"))
        again = changing.with_columns(
            pl.Series(
                "account", self.chance.permutation(changing["account"].to_numpy()).tolist(), dtype=pl.String
            ),
            pl.col("nationality").shuffle(seed=int(self.chance.integers(99))),
            pl.col("trade").reverse(),
            pl.col("first_seen") - timedelta(days=0 if in_order else int(self.chance.integers(3))),
            pl.col("last_seen") + timedelta(days=int(self.chance.integers(3))),
        )
        moved = again["item_id"].sample(again.height // 2, seed=3)
        theirs = pl.col("item_id").is_in(moved.implode())
        lost = (
            self.mentions.filter(theirs)
            .with_columns(pl.int_range(pl.len()).alias("n"))
            .filter(pl.col("n") % 2 == 0)
        )
        self.mentions = pl.concat([self.mentions.filter(~theirs), lost.drop("n")])
        self.items = pl.concat(
            [others.join(again, on="item_id", how="anti"), again, coming.select(others.columns)]
        )
        return pl.concat([coming["item_id"], going, again["item_id"]]).unique().to_frame()

    def changed(self, ids: pl.DataFrame) -> ChangedItems:
        """What the stage would read of these."""
        items = self.items.join(ids, on="item_id", how="semi").with_columns(pl.lit(True).alias("is_compared"))
        rows = items.select("item_id").with_row_index("row")
        mentions = numbered_mentions(
            self.shown()
            .join(ids, on="item_id", how="semi")
            .with_columns(pl.col("identifier_id").bin.encode("hex"))
        )
        return ChangedItems(
            ids,
            items.select(*CHANGED_ITEMS),
            of_rows(mentions, rows).select(
                pl.col(name).cast(kind) for name, kind in CHANGED_MENTIONS.items()
            ),
            mentions.select(*CHANGED_IDENTIFIERS).unique("key"),
            of_rows(numbered_terms(self.terms), rows).select(*CHANGED_TERMS),
        )

    def shown(self) -> pl.DataFrame:
        """The mentions of the items that stand."""
        on_sites = self.items.select("item_id", "site")
        return self.mentions.drop("site").join(on_sites, on="item_id").select(self.mentions.columns)

    def shown_as_own(self) -> pl.DataFrame:
        """`shown` without what is only spoken of."""
        whose = account_name().alias("name")
        talk = self.items.select("item_id", "site", whose, "is_talk").filter(
            pl.col("is_talk") & pl.col("name").is_not_null()
        )
        poster = {row[0]: row[1:3] for row in talk.iter_rows()}
        uses = {
            (item, key)
            for item, key, kind in self.shown().select("item_id", "identifier_id", "kind").iter_rows()
            if item in poster and kind in REACHED
        }
        on_site = Counter(site for site, _ in poster.values())
        showing = Counter(poster[item][0] for item in {item for item, _ in uses})
        of_any = Counter(poster[item] for item in {item for item, _ in uses})
        of_key = Counter((poster[item], key) for item, key in uses)
        of_talk = {site for site in on_site if on_site[site] >= FEW and showing[site] < 0.25 * on_site[site]}
        spoken = [
            (item, key)
            for item, key in uses
            if poster[item][0] in of_talk
            and not (of_key[poster[item], key] >= 2 and 2 * of_key[poster[item], key] > of_any[poster[item]])
        ]
        self.spoken += len(spoken)
        schema = {"item_id": pl.Binary, "identifier_id": pl.Binary}
        return self.shown().join(
            pl.DataFrame(spoken, schema, orient="row"), on=["item_id", "identifier_id"], how="anti"
        )

    def texts(self) -> pl.DataFrame:
        """Near-duplicate texts; at each step some items have another one than before, and some weigh otherwise."""
        ids = unpacked(self.items.select("item_id")).sort("item_id")
        stays = self.worded.join(ids, on="item_id", how="semi")
        stays = stays.filter(pl.Series(self.chance.random(stays.height) < 0.8))
        free = ids.join(stays, on="item_id", how="anti").sample(
            fraction=0.3, seed=int(self.chance.integers(99))
        )
        clusters = self.chance.integers(40, size=free.height)
        fresh = free.with_columns(
            pl.Series("text_cluster_id", [f"{each:024x}" for each in clusters], pl.String)
        )
        self.worded = pl.concat([stays, fresh])
        for cluster in range(40):
            if self.chance.random() < 0.3:
                self.distinct[f"{cluster:024x}"] = self.chance.random()
        return self.worded.with_columns(
            pl.col("text_cluster_id")
            .replace_strict(self.distinct, return_dtype=pl.Float64)
            .alias("distinctness")
        )

    def captured(self) -> pl.DataFrame:
        """Captured pictures behind some addresses, other ones at each step."""
        pictures = self.shown().filter(pl.col("kind") == "image").unique(["item_id", "identifier_id"])
        some = pictures.sort("item_id", "identifier_id").sample(
            fraction=0.5, seed=int(self.chance.integers(99))
        )
        number = some["identifier_id"].bin.slice(0, 1).bin.reinterpret(dtype=pl.UInt8)
        return some.with_columns(
            (pl.lit("cluster") + (number % 40).cast(pl.String)).alias("image_cluster_id"),
            pl.when(number % 9 == 0).then(pl.lit("blank")).alias("damped_because"),
        ).select(*CAPTURED)


class Told(World):
    """Items as they are told one by one; their numbers begin with the days on which they were seen."""

    def __init__(self) -> None:
        self.items = pl.DataFrame(
            schema={name: CHANGED_ITEMS[name] for name in CHANGED_ITEMS if name != "is_compared"}
        )
        self.mentions = pl.DataFrame(
            schema={
                "item_id": pl.Binary,
                "identifier_id": pl.Binary,
                "kind": pl.String,
                "value": pl.String,
                "site": pl.String,
                "obscured": pl.Boolean,
            }
        )
        self.terms = pl.DataFrame(schema={"item_id": pl.Binary, "terms": pl.String})

    def tell(self, item: str, site: str, day: int, **shown: str) -> pl.DataFrame:
        """Put an item in, or in the place of what was told of it: its id."""
        told = pl.DataFrame({"item_id": [key_of(item)], "site": [site], "obscured": [False]})
        values = [(kind.rstrip("_12"), value) for kind, value in shown.items()]
        mentions = told.join(pl.DataFrame(values, schema=["kind", "value"], orient="row"), how="cross")
        mentions = mentions.with_columns(key_column(mentions, "kind", "value").alias("identifier_id"))
        ids = packed(told.select("item_id"), "item_id")
        item_row = ids.with_columns(
            pl.lit(site).alias("site"),
            pl.lit(None, pl.String).alias("account"),
            pl.lit(DAY + timedelta(days=day)).alias("first_seen"),
            pl.lit(DAY + timedelta(days=day)).alias("last_seen"),
            pl.lit(None, pl.Datetime("us", "UTC")).alias("posted_at"),
            *(pl.lit(None, kind).alias(name) for name, kind in CLAIMS.items()),
            pl.lit(False).alias("is_talk"),
            pl.lit(0, pl.UInt8).alias("trade"),
        )
        mention_rows = packed(mentions, "item_id", "identifier_id").select(self.mentions.columns)
        self.items = pl.concat(
            [self.items.join(ids, on="item_id", how="anti"), item_row.select(self.items.columns)]
        )
        self.mentions = pl.concat([self.mentions.join(ids, on="item_id", how="anti"), mention_rows])
        return ids


class Tables:
    """The tables as they are committed: rows go by columns of their key, rows come."""

    def __init__(self) -> None:
        self.frames = {name: pl.DataFrame(schema=CONTRACTS[name].schema) for name in TABLES}

    def take(self, differences: dict[str, Difference]) -> None:
        """Replace rows, as `PartStore` does."""
        for name, difference in differences.items():
            rows, gone = unpacked(difference.rows()), unpacked(difference.gone)
            rows = rows.select(self.frames[name].columns)
            keys = pl.concat([gone, rows.select(gone.columns)])
            left = self.frames[name].join(keys, on=gone.columns, how="anti")
            self.frames[name] = pl.concat([left, rows])

    def named(self, name: str) -> pl.DataFrame:
        """A table, its actors called by their oldest items, sorted."""
        return called_by_oldest(self.frames[name], self.frames["actor_members"])


def called_by_oldest(frame: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`frame`, its actors called by their oldest items in `members` (`actor_members`), sorted."""
    items = members.filter(pl.col("member_kind") == "item")
    names = items.group_by("actor_id").agg(pl.col("member_id").min().alias("name"))
    if "actor_id" in frame.columns:
        frame = (
            frame.join(names, on="actor_id", how="left")
            .with_columns(pl.col("name").alias("actor_id"))
            .drop("name")
        )
    # Sums of weights come out by another order of their terms.
    frame = frame.with_columns(
        pl.col(name).round(9) for name, kind in frame.schema.items() if kind == pl.Float64
    )
    return frame.sort(frame.columns)

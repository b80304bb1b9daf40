"""A day after a day gives what all at once gives: rows that come, go and change, in any order, against a plain run."""

from collections import Counter
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.linking import quoting
from assets.linking.accounts import account, account_name
from assets.linking.actors import link_actors
from assets.linking.contacts import TEXT, identifiers_of, weigh_contacts, with_contacts
from assets.linking.day import Day, link_day
from assets.linking.digests import key_column, key_of
from assets.linking.holders import CLAIMS
from assets.linking.identifiers import build_identifiers
from assets.linking.image_identity import CAPTURED, picture_names, same_pictures
from assets.linking.merged_texts import changed_texts, with_texts
from assets.linking.merging import (
    CHANGED_IDENTIFIERS,
    CHANGED_ITEMS,
    CHANGED_MENTIONS,
    CHANGED_TERMS,
    ChangedItems,
    merge,
)
from assets.linking.moved import Moved
from assets.linking.quoting import REACHED
from assets.linking.reading import numbered_mentions, numbered_terms, of_rows
from assets.linking.site_counts import remembered_shares
from assets.linking.site_following import follow_sites, told_by_values
from assets.linking.site_shares import SharedBySites, shared_by_sites
from assets.linking.site_ties import ties_among
from assets.linking.standing import Behind, Standing, identifier_number, nothing_standing, put_together
from assets.linking.standing_files import Growing, load, save
from assets.linking.telling import Difference
from assets.linking.text_stage import TextClusters
from assets.linking.text_templates import most_used, template_uses
from assets.linking.text_uses import follow_texts, used_texts
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
        self._let_posters_claim()
        self._let_some_talk()
        self.items = self.all.clear()
        self.terms = self.all.select("item_id").with_columns(
            pl.Series("terms", [f"town{n}|{n % 7}" for n in self.chance.integers(60, size=self.all.height)])
        )
        self.worded = pl.DataFrame(schema={"item_id": pl.String, "text_cluster_id": pl.String})
        self.distinct = {f"{cluster:024x}": 0.5 for cluster in range(40)}

    def _let_sites_share(self) -> None:
        """Names of several sites, measuring ids of one and of more, links from site to site."""
        count, chance = self.all.height, self.chance
        often = pl.Series(
            "often", [f"seller_{number}" for number in chance.integers(count // 12, size=count)]
        )
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
        return _named(self.frames[name], self.frames["actor_members"])


def _named(frame: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
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


def _found(before: pl.DataFrame, texts: pl.DataFrame) -> TextClusters:
    """What `text_stage` would tell of texts that were others before: the clusters that changed, whole."""
    rows = list(texts.columns)
    differs = pl.concat(
        [one.join(other, on=rows, how="anti") for one, other in ((before, texts), (texts, before))]
    ).select("text_cluster_id")
    return TextClusters(
        texts.join(differs, on="text_cluster_id", how="semi"),
        before.join(differs, on="text_cluster_id", how="semi")["item_id"],
    )


def _next_day(
    world: World,
    standing: Standing,
    ids: pl.DataFrame,
    found: TextClusters,
    captured: pl.DataFrame,
    behind: Behind = put_together,
) -> Day:
    changed = world.changed(ids)
    told = told_by_values(changed.identifiers)
    texts = changed_texts(found)
    merged = with_texts(standing, merge(standing, changed, picture_names(captured), behind), texts, behind)
    day = link_day(standing, merged, day=DAY, run_id="run", behind=behind)
    moved = Moved(standing, merged, day.standing)
    after = replace(
        follow_sites(standing, moved, day.standing, day.is_dirty, told),
        texts=follow_texts(standing, moved, day.standing, texts, behind),
    )
    return replace(day, standing=after)


def _lines(lines: pl.Series, mentions: pl.DataFrame, sites: pl.Series) -> pl.Series:
    """The identifiers that are lines, in the words of all mentions, and mailboxes, whoever only speaks of them."""
    distinct = mentions.unique("identifier_id").with_columns(pl.lit(1.0).alias("distinct"))
    mailboxes = weigh_contacts(with_contacts(distinct), sites).filter("is_mailbox")["identifier_id"]
    return identifiers_of(pl.concat([lines, mailboxes]).unique().to_frame("identifier_id"), mentions)


def _plain_shares(standing: Standing, world: World, texts: pl.DataFrame) -> SharedBySites:
    """What the sites of all items have in common, by the plain function."""
    number = pl.int_range(pl.len(), dtype=pl.UInt64) + 2**32
    items = standing.items.with_columns(number.alias("number"), account())
    members = [
        items.filter("is_placed").select(
            pl.col("label").cast(pl.UInt64).alias("actor_id"),
            pl.lit("item").alias("member_kind"),
            pl.col("number").alias("member_id"),
            "site",
            "account",
        ),
        standing.held.filter("belongs").select(
            pl.col("label").cast(pl.UInt64).alias("actor_id"),
            pl.lit("identifier").alias("member_kind"),
            pl.col("key").alias("member_id"),
        ),
    ]
    mentions = standing.mentions.filter("stands").select(
        (pl.col("item").cast(pl.UInt64) + 2**32).alias("item_id"),
        pl.col("shown").alias("identifier_id"),
        "kind",
    )
    return shared_by_sites(
        items.select(pl.col("number").alias("item_id"), "site", "account"),
        mentions.drop_nulls("identifier_id"),
        pl.concat(members, how="diagonal"),
        packed(texts, "item_id")
        .join(items.select("item_id", "number"), on="item_id")
        .select(pl.col("number").alias("item_id"), "text_cluster_id"),
        world.mentions.select(identifier_number().alias("identifier_id"), "kind", "value").unique(),
    )


def _assert_same_shares(standing: Standing, world: World, texts: pl.DataFrame) -> None:
    plain, remembered = _plain_shares(standing, world, texts), remembered_shares(standing)
    for field in fields(plain):
        one, other = (getattr(shares, field.name) for shares in (plain, remembered))
        assert_frame_equal(one, other.select(one.columns), check_row_order=False, check_dtypes=False)
    assert ties_among(remembered).equals(ties_among(plain))


@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 8))]
)
def test_days_in_any_order_with_late_changed_and_removed_items_give_a_plain_run(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quoting, "TALK_ITEMS", FEW)
    world, tables, standing = World(420, seed), Tables(), nothing_standing()
    is_worded, with_pictures = seed % 2 == 0, seed % 3 == 0
    texts = NO_TEXTS
    for number, (come, go, change) in enumerate(
        ((200, 0, 0), (30, 0, 12), (0, 0, 40), (0, 40, 0), (90, 5, 9), (0, 500, 0))
    ):
        ids = world.step(come, go, change, in_order=number == 1)
        before, texts = texts, world.texts() if is_worded else NO_TEXTS
        # Now and then all texts are compared again.
        found = TextClusters(texts, None) if number == 3 else _found(before, texts)
        captured = world.captured() if with_pictures else pl.DataFrame(schema=CAPTURED)
        growing = Growing(standing, tmp_path, f"{number - 1:024}") if number else None
        behind = put_together if growing is None else growing.behind
        day = _next_day(world, standing, ids, found, captured, behind)
        tables.take(day.differences)
        save(day.standing, tmp_path, f"{number:024}", growing)
        loaded = load(tmp_path, f"{number:024}")
        assert loaded is not None
        standing = loaded

        mentions = world.shown()
        shown = same_pictures(world.shown_as_own(), captured)
        terms = world.terms.join(world.items, on="item_id", how="semi")
        claims = world.items.select("item_id", *CLAIMS)
        plain = link_actors(world.items, shown, packed(texts, "item_id"), terms, claims)
        expected = {name: unpacked(getattr(plain, name)) for name in TABLES[:3]}
        lines = _lines(plain.lines, mentions, world.items["site"].unique())
        expected["identifiers"] = unpacked(build_identifiers(mentions, world.items, plain.held, lines))
        for name in TABLES:
            assert tables.named(name).equals(_named(expected[name], expected["actor_members"])), (
                number,
                name,
            )
        _assert_same_shares(standing, world, texts)
        counted = standing.contacts.filter(pl.col("kind") == TEXT)["contact"]
        assert set(standing.items["text"].drop_nulls()) <= set(counted)
        assert counted.is_unique().all()
        items = unpacked(world.items)
        users = most_used(unpacked(used_texts(standing)).drop("contact"))
        assert users.equals(template_uses(texts, items, expected["actor_members"]).select(users.columns))
        assert day.items <= world.items.height
    assert world.spoken


def test_what_others_change_about_an_actor_changes_what_sites_share_by_him() -> None:
    world, standing = Told(), nothing_standing()
    page, photo = "https://pages.example/", "https://photos.example/"
    ids = [
        # Two who show one page on two sites: the older one shows a second page there, too.
        world.tell("a0", "u.example", 1, phone="+15550100001"),
        world.tell("a1", "s.example", 5, phone="+15550100001", url_1=page + "1", url_2=page + "2"),
        world.tell("a2", "t.example", 5, phone="+15550100001", url_1=page + "1", url_2=page + "2"),
        world.tell("b0", "v.example", 2, phone="+15550100002"),
        world.tell("b1", "s.example", 6, phone="+15550100002", url=page + "1"),
        world.tell("b2", "t.example", 6, phone="+15550100002", url=page + "1"),
        *(world.tell(f"b{n}", f"w{n}.example", 6, phone="+15550100002") for n in range(3, 8)),
        # Two strangers who show one page, each on a site.
        world.tell("c", "s.example", 7, phone="+15550100003", url=page + "3"),
        world.tell("d", "t.example", 7, phone="+15550100004", url=page + "3"),
        # One whose number is on many sites, and on two of them a page that nobody else has.
        *(world.tell(f"l{n}", f"l{n}.example", 7, phone="+15550100005") for n in range(2, 8)),
        *(world.tell(f"l{n}", f"l{n}.example", 7, phone="+15550100005", url=photo) for n in range(2)),
    ]
    cluster = key_of("text", "a1")
    texts = pl.DataFrame(
        {
            "item_id": [key_of(item) for item in ("a1", "c", "d")],
            "text_cluster_id": [cluster] * 3,
            "distinctness": [0.5] * 3,
        }
    )
    none = pl.DataFrame(schema=CAPTURED)

    def follow(ids: pl.DataFrame, found: TextClusters) -> tuple[list[int], list[int]]:
        nonlocal standing
        standing = _next_day(world, standing, ids, found, none).standing
        _assert_same_shares(standing, world, texts)
        shares = remembered_shares(standing).pairs
        pairs = [
            shares.filter(pl.col("site_a") == one, pl.col("site_b") == other)["observations"].item()
            for one, other in (("s.example", "t.example"), ("l0.example", "l1.example"))
        ]
        return pairs, standing.texts["actor_count"].to_list()

    nothing = _found(texts, texts)
    assert follow(pl.concat(ids), _found(NO_TEXTS, texts)) == ([1, 1], [3])
    # The older one's first item is found to be younger than the other's.
    assert follow(world.tell("a0", "u.example", 3, phone="+15550100001"), nothing) == ([2, 1], [3])
    # The strangers turn out to be one.
    joined = world.tell("e", "u.example", 8, phone_1="+15550100003", phone_2="+15550100004")
    assert follow(joined, nothing) == ([3, 1], [2])


def test_a_day_without_changes_tells_nothing_again() -> None:
    world = World(300, 1)
    nothing = _found(NO_TEXTS, NO_TEXTS)
    first = _next_day(world, nothing_standing(), world.step(300, 0, 0), nothing, world.captured().clear())
    seen_again = first.standing.items.select("item_id").head(20)
    day = _next_day(world, first.standing, seen_again, nothing, world.captured().clear())
    assert all(change.rows().is_empty() and change.gone.is_empty() for change in day.differences.values())
    assert day.changes.is_empty()

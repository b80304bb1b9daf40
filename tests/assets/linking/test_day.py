"""A day after a day gives what all at once gives: rows that come, go and change, in any order, against a plain run."""

from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from assets.linking import quoting
from assets.linking.accounts import account
from assets.linking.actors import link_actors
from assets.linking.contacts import TEXT, identifiers_of, weigh_contacts, with_contacts
from assets.linking.day import Day, link_day
from assets.linking.digests import key_of
from assets.linking.holders import CLAIMS
from assets.linking.identifiers import build_identifiers
from assets.linking.image_identity import CAPTURED, picture_names, same_pictures
from assets.linking.merged_texts import changed_texts, with_texts
from assets.linking.merging import merge
from assets.linking.moved import Moved
from assets.linking.site_counts import remembered_shares
from assets.linking.site_following import follow_sites, told_by_values
from assets.linking.site_shares import SharedBySites, shared_by_sites
from assets.linking.site_ties import ties_among
from assets.linking.standing import Behind, Standing, identifier_number, nothing_standing, put_together
from assets.linking.standing_files import Growing, load, save
from assets.linking.text_stage import TextClusters
from assets.linking.text_templates import most_used, template_uses
from assets.linking.text_uses import follow_texts, used_texts
from assets.parsing.packed import packed, unpacked
from tests.assets.linking.day_world import DAY, FEW, NO_TEXTS, TABLES, Tables, Told, World, called_by_oldest

CATEGORIES = {0: "other", 1: "adult", 2: "job_offer"}


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
        items.select(
            pl.col("number").alias("item_id"),
            "site",
            "account",
            pl.col("trade").replace_strict(CATEGORIES, return_dtype=pl.String).alias("category"),
        ),
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


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
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
            assert tables.named(name).equals(called_by_oldest(expected[name], expected["actor_members"])), (
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

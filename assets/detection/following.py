"""Bringing the notes up to date: what is new of items and actors, and whom it concerns.

What is said of a subject depends on its own items (`leads.role_leads`), but for three things that are counted over all:
how many items show an identifier (the rarest of an item's is its contact), whether most of a site's items offer work,
and the surges. They are counted anew, and where they come out different, whom they concern is looked at again, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from assets.detection.context import (
    CONTACT_KINDS,
    item_signs,
    item_traits,
    own_contact,
    rarest_contacts,
    site_offers,
)
from assets.detection.leads import actors_of_items, owners_of_identifiers
from assets.detection.notes import ITEMS, MENTIONS, OWNERS, PASSED, SIGNS, Notes, noted
from assets.detection.transit import transit_countries
from assets.parsing.changes import Batch, batches, look_for_changes, read_about, read_items
from assets.parsing.packed import packed
from quality.admission import QUARANTINE
from quality.contracts import CONTRACTS
from warehouse.changed_rows import changed_rows, newest_part
from warehouse.parts import PartStore

ITEM_COLUMNS = ("source", "capture_id", "site", "account", "category", "posted_at", "text")
MENTION_COLUMNS = ("item_id", "identifier_id", "kind", "site", "obscured")
FACT_COLUMNS = (
    "item_id",
    "kind",
    "value",
    "number",
    "unit",
    "field",
    "confidence",
    "span_start",
    "span_end",
)
MEMBER_COLUMNS = ("actor_id", "member_kind", "member_id")
OWNER = pl.coalesce("actor_id", "item_id")


@dataclass(frozen=True)
class Followed:
    """The notes brought up to date, but for `is_offer` of items that are looked at again, which is null.

    `changed`: item_id of items whose rows, actor, contact or site's offers changed, or that are gone. `concerned`:
    actors and items of no actor (Binary) that these belong to, or did. `reowned`: identifiers (Binary) whose owners
    changed. `why`: how many items changed for which reason.
    """

    notes: Notes
    changed: pl.DataFrame
    concerned: pl.Series
    reowned: pl.Series
    why: dict[str, int]


def follow(notes: Notes, store: PartStore) -> Followed:
    """Read what is new since the notes were taken; without notes, all of it, batch by batch."""
    changes = look_for_changes(store, notes.seen)
    units = changes.items.select("item_id")
    read = _read(store, changes.items.filter(pl.col("source").is_not_null()))
    assigned, owners, reowned, members_part = _members(store, notes, units)

    former = notes.items.join(units, on="item_id", how="semi").select("item_id", former="actor_id")
    fresh = (
        read.items.join(former, on="item_id", how="left")
        .join(assigned.with_columns(pl.lit(True).alias("is_assigned")), on="item_id", how="left")
        .with_columns(
            pl.when("is_assigned").then("assigned").otherwise("former").alias("actor_id"),
            pl.lit(None, pl.UInt64).alias("contact"),
            pl.lit(None, pl.Boolean).alias("is_offer"),
        )
        .select(*ITEMS)
    )
    moved = (
        notes.items.join(assigned, on="item_id")
        .filter(pl.col("actor_id").ne_missing(pl.col("assigned")))
        .join(units, on="item_id", how="anti")
        .with_columns(pl.col("assigned").alias("actor_id"))
        .select(*ITEMS)
    )
    mentions = pl.concat([_without(notes.mentions, units), read.mentions])
    kept = _without(notes.items, units)
    contacts = _contacts(notes.mentions, mentions, read.mentions, units)
    before = _without(kept, moved.select("item_id")) if moved.height else kept
    reached = _reached_otherwise(pl.concat([fresh, moved]), before, contacts)
    items = pl.concat([_without(before, reached.select("item_id")), reached])
    turned = _turned(notes.items, items)

    changed = pl.concat([units, reached.select("item_id"), turned]).unique()
    concerned = pl.concat(
        [
            frame.join(changed, on="item_id", how="semi").select(OWNER.alias("owner"))
            for frame in (notes.items, items)
        ]
    )["owner"].unique()
    followed = replace(
        notes.with_seen(changes.seen),
        items=items,
        signs=pl.concat([_without(notes.signs, units), read.signs]),
        mentions=mentions,
        passed=pl.concat([_without(notes.passed, units), read.passed]),
        owners=owners,
        members_part=members_part,
    )
    why = {
        "in units that are new or changed": units.height,
        "of another actor": moved.height,
        "reached otherwise": reached.height - fresh.height - moved.height,
        "on sites that turned": turned.height,
    }
    return Followed(followed, changed, concerned, reowned, why)


def _without(frame: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    return frame.join(items, on="item_id", how="anti") if frame.height and items.height else frame


@dataclass(frozen=True)
class _Read:
    items: pl.DataFrame
    signs: pl.DataFrame
    mentions: pl.DataFrame
    passed: pl.DataFrame


def _read(store: PartStore, items: pl.DataFrame) -> _Read:
    """What the current versions of these items say: `ITEMS` up to states_price, and the other notes."""
    said = {name: kind for name, kind in ITEMS.items() if name not in ("actor_id", "contact", "is_offer")}
    read = [_Read(*(pl.DataFrame(schema=schema) for schema in (said, SIGNS, MENTIONS, PASSED)))]
    for batch, frame in _items_of_batches(store, items):
        facts = read_about(store, batch, "facts", FACT_COLUMNS)
        mentions = packed(read_about(store, batch, "mentions", MENTION_COLUMNS), "identifier_id")
        mentions = _once_each(mentions)
        signs = item_signs(frame, mentions, facts)
        read.append(
            _Read(
                noted(item_traits(frame, facts, signs), said),
                noted(signs, SIGNS),
                noted(mentions, MENTIONS),
                noted(transit_countries(facts, frame), PASSED),
            )
        )
    return _Read(
        *(
            pl.concat([getattr(each, name) for each in read], rechunk=True)
            for name in ("items", "signs", "mentions", "passed")
        )
    )


def _once_each(mentions: pl.DataFrame) -> pl.DataFrame:
    """Each identifier of an item once, obscured where it is so anywhere."""
    pair = ["item_id", "identifier_id"]
    several = mentions.select(pl.struct(pair).is_duplicated()).to_series()
    grouped = mentions.filter(several).group_by(*pair, "kind", "site").agg(pl.col("obscured").any())
    return pl.concat([mentions.filter(~several), grouped.select(mentions.columns)])


def _items_of_batches(store: PartStore, items: pl.DataFrame) -> Iterator[tuple[Batch, pl.DataFrame]]:
    for batch in batches(store, items):
        frames = read_items(store, batch, ITEM_COLUMNS)
        if "messages" in frames:
            frames["messages"] = frames["messages"].with_columns(pl.lit("message").alias("category"))
        rows = pl.concat([frame.select("item_id", *ITEM_COLUMNS) for frame in frames.values()])
        yield (
            batch,
            rows.join(batch.items.select("item_id", "item_table", "first_seen", "last_seen"), on="item_id"),
        )


def _members(
    store: PartStore, notes: Notes, units: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series, int | None]:
    """Items with the actor that they have now, all whose actor may have changed (item_id, assigned); the owners of
    identifiers, and the identifiers whose owners changed; the newest part of the members."""
    newest = newest_part(store, "actor_members")
    schema = CONTRACTS["actor_members"].schema
    changed = None
    # Members of an actor that its gate rejected count for nothing: then all of them are read.
    if notes.members_part is not None and not store.rows(QUARANTINE + "actors"):
        changed = changed_rows(
            store, "actor_members", schema, since=notes.members_part, columns=MEMBER_COLUMNS
        )
    if changed is None:
        rows = store.scan("actor_members", schema, columns=MEMBER_COLUMNS)
        actors = store.scan("actors", CONTRACTS["actors"].schema, columns=["actor_id"])
        added = packed(rows.join(actors, on="actor_id", how="semi"), "actor_id", "member_id").collect()
        owners = owners_of_identifiers(added).select(*OWNERS)
        now = actors_of_items(added).rename({"actor_id": "assigned"})
        every = pl.concat([notes.items.select("item_id"), units]).unique()
        assigned = every.join(now, on="item_id", how="left")
        keys = list(OWNERS)
        differ = [
            owners.join(notes.owners, on=keys, how="anti"),
            notes.owners.join(owners, on=keys, how="anti"),
        ]
        return assigned, owners, pl.concat(differ)["identifier_id"].unique(), newest
    added, removed = (packed(rows, "actor_id", "member_id") for rows in (changed.added, changed.removed))
    now = actors_of_items(added).rename({"actor_id": "assigned"})
    touched = pl.concat([now.select("item_id"), actors_of_items(removed).select("item_id")]).unique()
    gone, come = (owners_of_identifiers(rows).select(*OWNERS) for rows in (removed, added))
    owners = pl.concat([notes.owners.join(gone, on=list(OWNERS), how="anti"), come])
    reowned = pl.concat(
        [gone.join(come, on=list(OWNERS), how="anti"), come.join(gone, on=list(OWNERS), how="anti")]
    )
    return touched.join(now, on="item_id", how="left"), owners, reowned["identifier_id"].unique(), newest


def _contacts(
    former: pl.DataFrame, mentions: pl.DataFrame, read: pl.DataFrame, units: pl.DataFrame
) -> pl.DataFrame:
    """The rarest contact (or null) of all items for which it may be another now: item_id, contact.

    `former`, `mentions`: all mentions before and now; `read`: those of the items of `units`, which were read again.
    """

    def by_contact(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("kind").is_in(CONTACT_KINDS)).select("item_id", "identifier_id", "kind")

    of_contacts = by_contact(mentions)
    if former.is_empty():
        return units.join(rarest_contacts(of_contacts), on="item_id", how="left")
    uses = [
        by_contact(frame).group_by("identifier_id").agg((pl.len().cast(pl.Int64) * sign).alias("n"))
        for frame, sign in ((former.join(units, on="item_id", how="semi"), -1), (read, 1))
    ]
    recounted = pl.concat(uses).group_by("identifier_id").agg(pl.col("n").sum()).filter(pl.col("n") != 0)
    items = pl.concat(
        [of_contacts.join(recounted, on="identifier_id", how="semi").select("item_id"), units]
    ).unique()
    theirs = of_contacts.join(items, on="item_id", how="semi")
    counts = (
        of_contacts.join(theirs.select("identifier_id").unique(), on="identifier_id", how="semi")
        .group_by("identifier_id")
        .agg(pl.len().alias("uses"))
    )
    return items.join(rarest_contacts(theirs.join(counts, on="identifier_id")), on="item_id", how="left")


def _reached_otherwise(fresh: pl.DataFrame, kept: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """The rows of `fresh`, and of `kept` those with another contact than before, with the contact that they have."""
    counted = contacts.rename({"contact": "rarest"}).with_columns(pl.lit(True).alias("is_counted"))
    now = pl.when("is_counted").then(own_contact("rarest")).otherwise("contact").alias("contact")
    others = (
        kept.join(counted, on="item_id")
        .with_columns(pl.col("contact").alias("former"))
        .with_columns(now)
        .filter(pl.col("contact").ne_missing(pl.col("former")))
    )
    rows = fresh.join(counted, on="item_id", how="left").with_columns(now)
    return pl.concat([rows.select(*ITEMS), others.select(*ITEMS)])


def _turned(former: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Items that are not clear by themselves, on sites most of whose items became offers of work or ceased to be:
    item_id."""
    if former.is_empty():
        return items.select("item_id").clear()
    before, now = (
        frame.filter("site_offers").select("site") for frame in (site_offers(former), site_offers(items))
    )
    turned = pl.concat([before.join(now, on="site", how="anti"), now.join(before, on="site", how="anti")])
    return items.join(turned, on="site", how="semi").filter(pl.col("clear_offer").is_null()).select("item_id")

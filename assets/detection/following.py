"""Bringing the notes up to date: what is new of items and actors, and whom it concerns.

What is said of a subject depends on its own items (`leads.role_leads`), but for three things that are counted over all:
how many items show an identifier (the rarest of an item's is its contact), whether most of a site's items offer work,
and the surges. They are counted on or anew, and where they come out different, whom they concern is looked at again,
too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from assets.detection.context import MOST, item_traits
from assets.detection.item_signs import item_signs
from assets.detection.membership import MemberRows, members_now, read_members
from assets.detection.notes import (
    ITEMS,
    MENTIONS,
    ROUTES,
    SIGNS,
    SITES,
    WORD_COLUMNS,
    Notes,
    Stored,
)
from assets.detection.numbering import (
    NUMBER,
    WORD,
    extended,
    in_numbers,
    index_of,
    marks,
    numbers,
    picked,
    rows_about,
    rows_where,
)
from assets.detection.reached import contacts_now, recounted_identifiers, with_new_identifiers
from assets.detection.routes import route_countries
from assets.detection.series import numbered_series
from assets.parsing.changes import Batch, Seen, batches, look_for_changes, read_about, read_items
from assets.parsing.packed import packed
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
    "rule_id",
    "span_start",
    "span_end",
    "origin",
    "destination",
)
# Rows of items that are read together in a first look: bounds the memory.
BATCH_ROWS = 200_000
# Mentions whose identifiers are numbered together.
SHARE_ROWS = 1_000_000
# What of an item counts for its site.
SITE_TRAITS = ("site", "category", "clear_offer")
_SAID = tuple(
    name for name in ITEMS if name not in ("series", "stands", "actor", "contact", "is_offer", "is_newcomer")
)


@dataclass(frozen=True)
class Followed:
    """The notes brought up to date, but for `is_offer` of items that are looked at again: it is as it was, or null; and
    for `is_newcomer`, as it was.

    Masks by number, their last place for a null: `changed` items, whose rows, actor, contact or site's offers changed,
    those that stand no more since among them; `gone`: places of the rows that stand no more; `actors` to whom these
    belong or did; `identifiers` whose owners changed,
    or that items showed before they changed. `values`: key, subject_label of identifiers that were read just
    now, if not all are. `why`: how many items changed for which reason.
    """

    notes: Notes
    changed: np.ndarray
    gone: np.ndarray
    actors: np.ndarray
    identifiers: np.ndarray
    values: pl.DataFrame
    why: dict[str, int]


def follow(notes: Notes, store: PartStore) -> Followed:
    """Read what is new since the notes were taken; without notes, all of it, batch by batch."""
    changes = look_for_changes(store, notes.seen)
    known = notes.items.height
    read = _read(store, changes.items.filter(pl.col("source").is_not_null()), notes)
    again = notes.standing(changes.items["item_id"])
    stands = np.append(notes.items["stands"].to_numpy(), np.ones(read.items.height, dtype=bool))
    stands[again["place"].to_numpy()] = False
    was = numbers(read.items["item_id"], again)
    series, series_of = numbered_series(notes.series, read.items)
    fresh = read.items.with_columns(
        series_of,
        pl.lit(True).alias("stands"),
        pl.lit(None, pl.UInt64).alias("contact"),
        pl.lit(False).alias("is_newcomer"),
        *(notes.items[name].gather(was).alias(name) for name in ("actor", "is_offer")),
    )
    items = pl.concat([notes.items, fresh.select(*ITEMS)]).with_columns(pl.Series("stands", stands))
    # Where the row of an item is now, by where it was: behind all where it is gone.
    now = np.arange(known + 1, dtype=np.uint32)
    now[again["place"].to_numpy()] = items.height
    now[was.drop_nulls().to_numpy()] = known + np.flatnonzero(was.is_not_null().to_numpy())

    unknown = notes.members.filter(pl.col("is_item") & pl.col("stands") & pl.col("member").is_null())
    members = read_members(store, notes, anew=unknown.height > 0 and read.items.height > 0)
    owning = members.added.filter(~pl.col("is_item"))["member_id"]
    identifier_ids, identifier_places = extended(
        notes.identifiers["identifier_id"],
        [read.mentions["identifier_id"], owning],
        notes.orders("identifiers"),
    )
    actor_ids, actor_places = extended(
        notes.actors["actor_id"], [members.added["actor_id"]], notes.orders("actors")
    )
    nobody = len(actor_ids)
    before = index_of(items["actor"], nobody)
    with_items = replace(notes, items=items)
    theirs = with_items.standing(members.added.filter("is_item")["member_id"])
    added = members.added.with_columns(
        pl.when("is_item")
        .then(numbers(members.added["member_id"], theirs))
        .otherwise(numbers(members.added["member_id"], identifier_places))
        .alias("member"),
        numbers(members.added["actor_id"], actor_places).alias("actor"),
    )
    old = np.sort(again["place"].to_numpy())
    former_members = _with_moved_items(notes.members, now, old, items.height)
    left = former_members[members.gone]
    after = np.full(items.height + 1, nobody, dtype=np.uint32)
    if not members.anew:
        after[:-1] = before
        after[index_of(left.filter("is_item")["member"], items.height)] = nobody
    come = added.filter(pl.col("is_item") & pl.col("stands") & pl.col("member").is_not_null())
    after[come["member"].to_numpy()] = come["actor"].to_numpy()
    after = after[:-1]
    moved = np.flatnonzero((after[:known] != before[:known]) & stands[:known])
    after[~stands] = nobody

    mentions = _numbered(read.mentions, identifier_places)
    followed = replace(
        notes.with_seen(changes.seen),
        words=read.words.to_frame("word"),
        series=series,
        items=items,
        identifiers=with_new_identifiers(notes, identifier_ids, mentions),
        actors=actor_ids.to_frame("actor_id"),
        signs=pl.concat([notes.signs, read.signs]),
        routes=pl.concat([notes.routes, read.routes]),
        mentions=pl.concat([notes.mentions, mentions.select(*MENTIONS)]),
        members=members_now(replace(notes, members=former_members), members, added),
        member_parts=members.parts,
        removals_part=members.removals_part,
        stored=_still_stored(notes, changes.seen, members),
    )
    gone = picked(notes.mentions, ("item", "identifier"), rows_about(notes.mentions["item"], old))
    followed, recounted = recounted_identifiers(followed, gone, mentions)
    contact, reached = contacts_now(followed, recounted, known)
    actor = pl.Series("actor", after).to_frame()
    items = items.with_columns(
        contact,
        actor.select(pl.when(pl.col("actor") != nobody).then("actor")).to_series().alias("actor"),
    )
    sites = _counted_sites(followed, fresh, picked(notes.items, SITE_TRAITS, old))
    turned = _turned(notes.sites, sites, items, first=known == 0)

    changed = marks(items.height, np.arange(known, items.height))
    changed[moved] = changed[reached] = changed[turned] = changed[old] = True
    actors = marks(nobody, after[changed[:-1]])
    actors[before[changed[:-1]]] = True
    actors[nobody] = False
    reowned = _reowned(notes, followed, left, added, members.anew)
    return Followed(
        replace(followed, items=items, sites=sites),
        changed,
        old,
        actors,
        marks(len(identifier_ids), np.concatenate([reowned, gone["identifier"].to_numpy()])),
        read.values,
        {
            "in units that are new or changed": changes.items.height,
            "of another actor": len(moved),
            "reached otherwise": len(np.setdiff1d(reached, moved)),
            "on sites that turned": len(turned),
        },
    )


def _still_stored(notes: Notes, seen: Seen, members: MemberRows) -> dict[str, Stored]:
    """What lies in files still begins the frames: all but sightings of units that are gone or were made again, and
    members that were read anew."""
    rows = notes.sightings.height
    same = seen.sightings["unit"][:rows].equals(notes.sightings["unit"])
    kept = set(notes.units["unit"]) <= set(seen.units["unit"])
    left = {"sightings": not (same and kept), "members": members.anew}
    return {name: each for name, each in notes.stored.items() if not left.get(name, False)}


@dataclass(frozen=True)
class _Read:
    """What items say now: frames as in the notes, in order of items, but with keys in place of numbers of identifiers;
    `words`: the list of words that they are told in."""

    items: pl.DataFrame
    signs: pl.DataFrame
    mentions: pl.DataFrame
    routes: pl.DataFrame
    words: pl.Series
    values: pl.DataFrame


def _read(store: PartStore, items: pl.DataFrame, notes: Notes) -> _Read:
    """What the current versions of these items say."""
    words, first = notes.words["word"], notes.items.is_empty()
    values = [pl.DataFrame(schema={"identifier_id": pl.Binary(), "value": pl.String()})]
    schemas = {
        "items": {name: ITEMS[name] for name in _SAID},
        "signs": SIGNS,
        "mentions": {
            "item": NUMBER,
            "identifier_id": pl.Binary(),
            "kind": WORD,
            "site": WORD,
            "obscured": pl.Boolean(),
        },
        "routes": ROUTES,
    }
    read = {name: [pl.DataFrame(schema=schema)] for name, schema in schemas.items()}
    number = notes.items.height
    for batch, frame in _items_of_batches(store, items):
        facts = read_about(store, batch, "facts", FACT_COLUMNS)
        columns = MENTION_COLUMNS if first else (*MENTION_COLUMNS, "value")
        mentions = packed(read_about(store, batch, "mentions", columns), "identifier_id")
        if not first:
            values.append(mentions.select(*values[0].columns))
        mentions = _once_each(mentions.select(MENTION_COLUMNS))
        signs = item_signs(frame, mentions, facts)
        told = {
            "items": item_traits(frame, facts, signs),
            "signs": signs,
            "mentions": mentions,
            "routes": route_countries(facts),
        }
        placed = told["items"].select("item_id").with_row_index("item", number)
        number += placed.height
        for name, rows in told.items():
            if name != "items":
                rows = rows.join(placed, on="item_id").sort("item", maintain_order=True)
            coded, words = in_numbers(rows.select(schemas[name].keys()), WORD_COLUMNS, words)
            read[name].append(coded.select(pl.col(key).cast(kind) for key, kind in schemas[name].items()))
    return _Read(
        **{name: pl.concat(read.pop(name), rechunk=True) for name in schemas},
        words=words,
        values=pl.concat(values).select(key="identifier_id", subject_label="value"),
    )


def _once_each(mentions: pl.DataFrame) -> pl.DataFrame:
    """Each identifier of an item once, obscured where it is so anywhere."""
    pair = ["item_id", "identifier_id"]
    # Pairs of one number may be others by chance; what is grouped is told by its keys.
    number = pl.col("item_id").hash(seed=1) ^ pl.col("identifier_id").hash(seed=2)
    several = mentions.select(number.is_duplicated()).to_series()
    grouped = mentions.filter(several).group_by(*pair, "kind", "site").agg(pl.col("obscured").any())
    return pl.concat([mentions.filter(~several), grouped.select(mentions.columns)])


def _items_of_batches(store: PartStore, items: pl.DataFrame) -> Iterator[tuple[Batch, pl.DataFrame]]:
    for batch in batches(store, items, rows=BATCH_ROWS):
        frames = read_items(store, batch, ITEM_COLUMNS)
        if "messages" in frames:
            frames["messages"] = frames["messages"].with_columns(pl.lit("message").alias("category"))
        rows = pl.concat([frame.select("item_id", *ITEM_COLUMNS) for frame in frames.values()])
        yield (
            batch,
            rows.join(batch.items.select("item_id", "item_table", "first_seen", "last_seen"), on="item_id"),
        )


def _with_moved_items(members: pl.DataFrame, now: np.ndarray, moved: np.ndarray, gone: int) -> pl.DataFrame:
    """The members with the numbers that items have now. `now` by the number that each had, `gone` of those that are;
    `moved`: numbers of those that have another one."""
    known = len(now) - 1
    if not len(moved):
        return members
    is_moved = marks(known, moved)
    rows = rows_where(
        members,
        ("is_item", "member"),
        lambda is_item, member: is_item & is_moved.take(member, mode="clip"),
        none=known,
    )
    numbers_now = pl.Series(now[picked(members, ("member",), rows)["member"].to_numpy()])
    column = members["member"].scatter(rows, numbers_now.replace(gone, None))
    return members.with_columns(column)


def _numbered(mentions: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """The mentions with `identifier`, its number, in place of its key."""
    some = [
        numbers(mentions["identifier_id"][begin : begin + SHARE_ROWS], placed)
        for begin in range(0, max(mentions.height, 1), SHARE_ROWS)
    ]
    return mentions.drop("identifier_id").with_columns(pl.concat(some).alias("identifier"))


def _counted_sites(notes: Notes, come: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """How many items of which kinds the sites have now (`SITES`)."""
    adult = pl.col("category").is_in(notes.words_in(["adult"]).implode())
    return (
        pl.concat(
            [
                notes.sites,
                *(
                    rows.group_by("site").agg(
                        (pl.len().cast(pl.Int64) * sign).alias("items"),
                        (adult.sum().cast(pl.Int64) * sign).alias("adult"),
                        (pl.col("clear_offer").count().cast(pl.Int64) * sign).alias("clear"),
                        (pl.col("clear_offer").sum().cast(pl.Int64) * sign).alias("offers"),
                    )
                    for sign, rows in ((1, come), (-1, gone))
                ),
            ]
        )
        .group_by("site")
        .agg(pl.col("items", "adult", "clear", "offers").sum())
        .filter(pl.col("items") > 0)
        .select(*SITES)
    )


def offering_sites(sites: pl.DataFrame) -> pl.DataFrame:
    """As `context.site_offers`, of counted sites (`SITES`)."""
    clear = sites.filter(pl.col("clear") > 0)
    return clear.select("site", (pl.col("offers") / pl.col("clear") > MOST).alias("site_offers"))


def _turned(former: pl.DataFrame, sites: pl.DataFrame, items: pl.DataFrame, *, first: bool) -> np.ndarray:
    """Items (numbers) that are not clear by themselves, on sites most of whose items became offers of work or ceased
    to be."""
    if first:
        return np.zeros(0, dtype=np.int64)
    before, now = (offering_sites(frame).filter("site_offers").select("site") for frame in (former, sites))
    turned = pl.concat([before.join(now, on="site", how="anti"), now.join(before, on="site", how="anti")])
    if turned.is_empty():
        return np.zeros(0, dtype=np.int64)
    there = (
        pl.col("site").is_in(turned["site"].implode()) & pl.col("clear_offer").is_null() & pl.col("stands")
    )
    return np.flatnonzero(items.select(there).to_series().to_numpy())


def _reowned(former: Notes, notes: Notes, left: pl.DataFrame, added: pl.DataFrame, anew: bool) -> np.ndarray:
    """The identifiers (numbers) whose owners changed; none at first, when all are looked at."""
    if former.items.is_empty():
        return np.zeros(0, dtype=np.int64)
    before, now = (
        frame.filter(~pl.col("is_item") & pl.col("stands")).select("member", "actor")
        for frame in ((former.members, notes.members) if anew else (left, added))
    )
    keys = ["member", "actor"]
    differ = pl.concat([before.join(now, on=keys, how="anti"), now.join(before, on=keys, how="anti")])
    return differ["member"].to_numpy()

"""Actors: the items and identifiers that one person or group most likely controls, and why."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from assets.linking.accounts import account, account_name
from assets.linking.best_partner import join_groups
from assets.linking.contacts import (
    NO_IDENTIFIERS,
    NOT_A_HANDLE,
    TERMS,
    TEXT,
    identifiers_of,
    number_contacts,
    number_items,
)
from assets.linking.digests import key_column
from assets.linking.holders import posters_of
from assets.linking.round_memory import RoundMemory
from assets.linking.rounds_again import Before, Shows, join_again
from assets.linking.starts import start_groups
from assets.parsing.packed import packed
from quality.contracts import CONTRACTS

ACTORS = CONTRACTS["actors"].schema
ACTOR_MEMBERS = CONTRACTS["actor_members"].schema
ACTOR_EDGES = CONTRACTS["actor_edges"].schema
HELD = {"actor_id": pl.String(), "identifier_id": pl.String(), "items": pl.Int64()}

# An identifier belongs to an actor that holds this share of its items, or when this few actors use it.
BELONGS_SHARE = 0.10
BELONGS_ACTORS = 12


@dataclass(frozen=True)
class ActorTables:
    """Actors, their members and edges, each with the schema of its contract, and who shows what.

    `held`: actor_id, identifier_id, items (Int64: an actor's items that show it). `lines`: identifier_id (String) of
    support lines and agencies. Both are for `super_connectors`; actor ids in `held` are those of the grouping.
    """

    actors: pl.DataFrame
    actor_members: pl.DataFrame
    actor_edges: pl.DataFrame
    held: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=HELD))
    lines: pl.Series = field(default_factory=lambda: pl.Series("identifier_id", [], dtype=pl.String))


def link_actors(
    items: pl.DataFrame,
    mentions: pl.DataFrame,
    texts: pl.DataFrame | None = None,
    terms: pl.DataFrame | None = None,
    claims: pl.DataFrame | None = None,
) -> ActorTables:
    """Group items into actors by account and shared identifiers, with the evidence of every join.

    `items`: item_id, site, account, first_seen, last_seen (Date), posted_at (Datetime UTC). `mentions`: item_id,
    identifier_id, kind, value. `texts`: item_id, text_cluster_id and optionally distinctness (`near_duplicates`).
    `terms`: item_id, terms (String: place and price, equal where both are). Texts and terms are weak evidence: they
    join nobody alone (`best_partner`). `claims`: item_id, nationality, age (`holders.claims_of`). Where item_id and
    identifier_id are packed, the keys of the result are, too (`assets.parsing.packed`). Each item with an account or
    an identifier belongs to exactly one actor; the others to none. The actor's id is the key of its oldest item, so it
    stays while that item stays. The order of input rows does not matter.
    """
    if items.is_empty():
        return _nobody(items.schema["item_id"], mentions.schema["identifier_id"])
    grouping = group_items(items, mentions, texts, terms, claims)
    placed = placed_items(grouping)
    held = held_by(mentions, placed)
    holdings = holdings_of(held)
    members = members_of(placed, holdings)
    edges = edges_of(grouping.edges, placed, grouping.contacts).select(*ACTOR_EDGES)
    lines = identifiers_of(grouping.contacts.filter("is_line"), mentions)
    return ActorTables(actors_of(placed, holdings), members, edges, held, lines)


@dataclass(frozen=True)
class Grouping:
    """Items in groups, by numbers.

    `numbered` from `number_items`, `contacts` and `uses` from `number_contacts`. `labels`: the group of each item, its
    smallest item number. `edges` (`best_partner.EDGES`): those of round 0 made the starting groups. `memory`: what the
    rounds did. `kept`: as of `best_partner.Joining`; what it says is not among `edges`.
    """

    numbered: pl.DataFrame
    contacts: pl.DataFrame
    uses: pl.DataFrame
    labels: np.ndarray
    edges: pl.DataFrame
    memory: RoundMemory
    kept: np.ndarray | None


def group_items(
    items: pl.DataFrame,
    mentions: pl.DataFrame,
    texts: pl.DataFrame | None = None,
    terms: pl.DataFrame | None = None,
    claims: pl.DataFrame | None = None,
) -> Grouping:
    """Group the items; arguments as of `link_actors`."""
    numbered = number_items(items)
    if claims is not None:
        numbered = numbered.join(claims, on="item_id", how="left", maintain_order="left")
    contacts, uses = number_contacts(shown_things(mentions, texts, terms), numbered)
    return join_items(numbered, contacts, uses)


def join_items(numbered: pl.DataFrame, contacts: pl.DataFrame, uses: pl.DataFrame) -> Grouping:
    """Starting groups, then rounds of joining."""
    labels, start_edges = start_groups(numbered, contacts, uses)
    return join_started(numbered, contacts, uses, labels, start_edges)


def join_started(
    numbered: pl.DataFrame,
    contacts: pl.DataFrame,
    uses: pl.DataFrame,
    labels: np.ndarray,
    start_edges: pl.DataFrame,
    before: tuple[Before, Shows] | None = None,
) -> Grouping:
    """Rounds of joining from starting groups (`start_groups`).

    `before`: the run before, where only what differs is gone through, and the uses by slots, all of them.
    """
    named = numbered if "name" in numbered.columns else numbered.with_columns(account_name())
    posters = posters_of(named)
    joining = None if before is None else join_again(before[0], labels, before[1], posters)
    if joining is None:
        shows = (contacts, uses) if before is None else before[1].whole()
        joining = join_groups(labels, *shows, posters)
    edges = pl.concat([_start_evidence(start_edges), joining.edges])
    return Grouping(numbered, contacts, uses, joining.labels, edges, joining.memory, joining.kept)


def placed_items(grouping: Grouping) -> pl.DataFrame:
    """The items that belong to somebody, by number: those of `numbered` with group and actor_id.

    These are items with an account or a handle. An actor's id is the key of its oldest such item.
    """
    numbered = grouping.numbered
    reachable = np.zeros(numbered.height, dtype=bool)
    handles = grouping.contacts.filter(~pl.col("kind").is_in(NOT_A_HANDLE))
    reachable[grouping.uses.join(handles, on="contact", how="semi")["item"].to_numpy()] = True
    placed = (
        numbered.with_columns(
            pl.Series("group", grouping.labels),
            pl.Series("reachable", reachable),
            account(),
        )
        .filter(pl.col("reachable") | pl.col("account").is_not_null())
        .drop("reachable")
        .sort("item")
    )
    return name_groups(placed)


def name_groups(placed: pl.DataFrame) -> pl.DataFrame:
    """The placed items (sorted by item) with actor_id: the key of the oldest item of their group."""
    group = placed["group"].to_numpy()
    ids = ids_of_oldest(placed["item_id"], np.arange(placed.height), group)
    return placed.with_columns(
        ids["group"].gather(np.searchsorted(ids["label"].to_numpy(), group)).alias("actor_id")
    )


def ids_of_oldest(item_ids: pl.Series, numbers: np.ndarray, labels: np.ndarray) -> pl.DataFrame:
    """The id that the oldest item of each group gives an actor: label (UInt32, sorted), group (as the ids of items).

    `numbers`: places of the items in `item_ids`, ascending, the oldest first; `labels`: their groups.
    """
    groups, first = np.unique(labels, return_index=True)
    oldest = pl.DataFrame({"what": "actor", "item_id": item_ids.gather(numbers[first])})
    ids = oldest.select(key_column(oldest, "what", "item_id").alias("group"))
    if item_ids.dtype == pl.Binary:
        ids = packed(ids, "group")
    return ids.select(pl.Series("label", groups, pl.UInt32), "group")


def _nobody(item_id: pl.DataType, identifier_id: pl.DataType) -> ActorTables:
    """No actors, their keys of the same types as those of items and identifiers."""
    keys = {"actor_id": item_id, "member_id": item_id, "identifier_id": identifier_id}
    keys |= {"left_item_id": item_id, "right_item_id": item_id}
    actors, members, edges, held = (
        pl.DataFrame(schema={name: keys.get(name, kind) for name, kind in schema.items()})
        for schema in (ACTORS, ACTOR_MEMBERS, ACTOR_EDGES, HELD)
    )
    return ActorTables(actors, members, edges, held, pl.Series("identifier_id", [], dtype=identifier_id))


def shown_things(
    mentions: pl.DataFrame, texts: pl.DataFrame | None, terms: pl.DataFrame | None
) -> pl.DataFrame:
    """What items show that others may show too: item_id, identifier_id, kind, value, distinct (Float64)."""
    whole = pl.lit(1.0).alias("distinct")
    shown = [mentions.select("item_id", "identifier_id", "kind", "value", whole)]
    for frame, kind, key in ((texts, TEXT, "text_cluster_id"), (terms, TERMS, "terms")):
        if frame is None or frame.is_empty():
            continue
        distinct = pl.col("distinctness").alias("distinct") if "distinctness" in frame.columns else whole
        shown.append(
            frame.select(
                "item_id",
                (pl.lit(f"{kind}:") + pl.col(key))
                .cast(mentions.schema["identifier_id"])
                .alias("identifier_id"),
                pl.lit(kind).alias("kind"),
                pl.col(key).alias("value"),
                distinct,
            )
        )
    return pl.concat(shown)


def held_by(mentions: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Which actors show which identifiers: actor_id, identifier_id, items (Int64)."""
    return (
        mentions.select("item_id", "identifier_id")
        .unique()
        .join(placed.select("item_id", "actor_id"), on="item_id")
        .group_by("actor_id", "identifier_id")
        .agg(pl.len().cast(pl.Int64).alias("items"))
    )


def holdings_of(held: pl.DataFrame) -> pl.DataFrame:
    """Identifiers that belong to actors: actor_id, identifier_id."""
    return held.filter(is_theirs("identifier_id")).select("actor_id", "identifier_id")


def is_theirs(identifier: str) -> pl.Expr:
    """Whether what a row says is shown belongs to whoever shows it. The frame has all rows of an `identifier` (the
    name of that column), each with its `items`."""
    everybody = pl.col("items").sum().over(identifier)
    return (pl.len().over(identifier) <= BELONGS_ACTORS) | (pl.col("items") >= BELONGS_SHARE * everybody)


def actors_of(placed: pl.DataFrame, holdings: pl.DataFrame) -> pl.DataFrame:
    accounts = (
        placed.filter(pl.col("account").is_not_null())
        .select("actor_id", "site", pl.col("account").str.to_lowercase())
        .unique()
        .group_by("actor_id")
        .agg(pl.len().cast(pl.Int64).alias("account_count"))
    )
    identifiers = holdings.group_by("actor_id").agg(pl.len().cast(pl.Int64).alias("identifier_count"))
    return (
        placed.group_by("actor_id")
        .agg(
            pl.len().cast(pl.Int64).alias("item_count"),
            pl.col("site").n_unique().cast(pl.Int64).alias("site_count"),
            pl.col("site").unique().sort().str.join(",").alias("sites"),
            pl.col("first_seen").min(),
            pl.col("last_seen").max(),
        )
        .join(accounts, on="actor_id", how="left")
        .join(identifiers, on="actor_id", how="left")
        .with_columns(pl.col("account_count", "identifier_count").fill_null(0))
        .select(*ACTORS)
        .sort("actor_id")
    )


def members_of(placed: pl.DataFrame, holdings: pl.DataFrame) -> pl.DataFrame:
    items = placed.select(
        "actor_id",
        pl.lit("item").alias("member_kind"),
        pl.col("item_id").alias("member_id"),
        "site",
        "account",
    )
    identifiers = holdings.select(
        "actor_id",
        pl.lit("identifier").alias("member_kind"),
        pl.col("identifier_id").alias("member_id"),
        pl.lit(None, dtype=pl.String).alias("site"),
        pl.lit(None, dtype=pl.String).alias("account"),
    )
    return pl.concat([items, identifiers]).sort("actor_id", "member_kind", "member_id")


def _start_evidence(start_edges: pl.DataFrame) -> pl.DataFrame:
    """Edges of the starting groups in the shape of the rounds': round 0, one item on each side."""
    return start_edges.with_columns(
        pl.lit(1, dtype=pl.Int64).alias("support"),
        pl.lit(1.0).alias("share"),
        pl.lit(1.0).alias("weight"),
        pl.lit(1.0).alias("strength"),
        pl.lit(False).alias("is_bridge"),
        pl.lit(0, dtype=pl.Int64).alias("round"),
    )


def edges_of(edges: pl.DataFrame, placed: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """The edges (`best_partner.EDGES`) between placed items as their contract has them, with numbers, too."""
    names = placed.select("item", "item_id", "actor_id")
    joined = (
        edges.join(names, left_on="left_item", right_on="item")
        .rename({"item_id": "left_item_id"})
        .join(names.select("item", "item_id"), left_on="right_item", right_on="item")
        .rename({"item_id": "right_item_id"})
    )
    return (
        _with_reasons(joined, contacts)
        .unique("actor_edge_id", keep="first")
        .sort("actor_id", "round", "actor_edge_id")
    )


def named_edges(edges: pl.DataFrame, item_ids: pl.Series, contacts: pl.DataFrame) -> pl.DataFrame:
    """The edges (left_item, right_item, contact, …; in this order) with actor_edge_id, reason and identifier_id.

    `item_ids`: of all items, by number. `contacts`: contact, identifier_id, kind.
    """
    sides = ("left_item", "right_item")
    return _with_reasons(
        edges.with_columns(item_ids.gather(edges[side]).alias(f"{side}_id") for side in sides), contacts
    )


def _with_reasons(edges: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    # A day names few of all contacts.
    named = contacts.select("contact", "identifier_id", "kind").filter(
        pl.col("contact").is_in(edges["contact"].unique().implode())
    )
    told = edges.join(
        named,
        on="contact",
        how="left",
        maintain_order="left",
    ).with_columns(
        (pl.lit("shared_") + pl.col("kind")).fill_null("same_account").alias("reason"),
        # The cluster of a text is found by either item.
        pl.when(~pl.col("kind").is_in(NO_IDENTIFIERS)).then("identifier_id").alias("identifier_id"),
    )
    keys = key_column(told, "left_item_id", "right_item_id", "reason", "identifier_id").alias("actor_edge_id")
    if told.schema["left_item_id"] == pl.Binary:
        keys = keys.str.decode("hex")
    return told.with_columns(keys)

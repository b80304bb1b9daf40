"""Leads about persons and sites, from the notes: items and actors have numbers, as keys are joined and grouped slowly.

An item's number is its place in time among those looked at, so that what is oldest comes first, as by keys.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl

from assets.detection.context import item_context, oldest_first
from assets.detection.leads import role_leads, suspects_of
from assets.detection.notes import Notes
from assets.detection.numbering import (
    NUMBER,
    WORD,
    found,
    marked,
    marks,
    numbers,
    picked,
    pieces,
    places,
    rows_about,
    rows_where,
)
from assets.detection.roles import RoleLeads
from assets.detection.suspicious_sites import ADULT_SHARE, suspicious_sites, tied_to_adult_sites
from assets.linking.site_evidence import MAX_SITES_OF_AN_IDENTIFIER
from quality.contracts import CONTRACTS
from warehouse.parts import PartStore

# Numbers of actors begin here where items have numbers, too.
FIRST_ACTOR = 2**32
# Identifiers times sites are marked in an array of at most so many places, else sorted.
MOST_CELLS = 2**26
# What of items is asked for.
ROLE_ITEMS = (
    *("item_id", "actor", "contact", "account_key", "site", "category", "first_seen", "day"),
    *("nationality", "place", "age", "template", "clear_offer", "states_price"),
)
SITE_ITEMS = (
    *("item_id", "account_key", "contact", "site", "category"),
    *("first_seen", "day", "nationality", "place"),
)


def of_items(notes: Notes, frame: pl.DataFrame, items: np.ndarray) -> pl.DataFrame:
    """The rows about these items (rising numbers)."""
    if len(items) == notes.items.height:
        return frame
    return picked(frame, frame.columns, rows_about(frame["item"], items))


def actor_numbers(notes: Notes, actor_ids: pl.Series) -> pl.Series:
    """The actors by number, from `FIRST_ACTOR` on, so that none is an item's."""
    placed = found(notes.actors["actor_id"], notes.orders("actors"), actor_ids)
    return numbers(actor_ids, placed).cast(pl.UInt64) + FIRST_ACTOR


def role_leads_of(
    notes: Notes, items: np.ndarray, of_sites: pl.DataFrame, surges: pl.DataFrame
) -> tuple[list[RoleLeads], pl.Series, pl.DataFrame]:
    """Leads about persons, from these items (rising numbers), with their rows in the notes; the suspects (actors by
    number); what each item offers: number, is_offer.

    `surges` with the numbers of actors (`actor_numbers`). Items and actors have numbers here, an item its place in
    time, as keys are joined and grouped slowly.
    """
    rows = picked(notes.items, ROLE_ITEMS, items).with_columns(pl.Series("number", items, NUMBER))
    actor = pl.col("actor").cast(pl.UInt64) + FIRST_ACTOR
    rows = rows.with_columns(actor.alias("actor_id")).drop("actor")
    context = item_context(notes.in_words(rows, listed=True), of_sites)
    place = np.zeros(notes.items.height, dtype=np.uint32)
    place[context["number"].to_numpy()] = np.arange(context.height)
    signs = of_items(notes, notes.signs, items)
    roles = role_leads(
        context.with_columns(pl.Series("item_id", np.arange(context.height, dtype=np.uint64))),
        notes.in_words(signs.select("indicator_id")).with_columns(_placed(signs, place).cast(pl.UInt64)),
        surges,
    )
    suspects = (suspects_of(roles) - FIRST_ACTOR).cast(NUMBER)
    row, keys = context["number"], {"item": notes.items["item_id"], "actor": notes.actors["actor_id"]}
    of_subjects = {"item": row.gather, "actor": lambda numbers: (numbers - FIRST_ACTOR).cast(NUMBER)}
    named = [in_rows(role, row, keys[role.subject_kind], of_subjects[role.subject_kind]) for role in roles]
    return named, suspects, context.select("number", "is_offer")


def in_rows(
    role: RoleLeads,
    rows: pl.Series,
    keys: pl.Series | None = None,
    subjects: Callable[[pl.Series], pl.Series] | None = None,
) -> RoleLeads:
    """The leads with the rows of items in the notes in place of their numbers here. `subjects` gives the numbers of
    subjects in the notes, where they have others here; `keys` are theirs."""

    def named(frame: pl.DataFrame, item: str | None = None) -> pl.DataFrame:
        told = [] if subjects is None else [subjects(frame["subject_id"]).alias("subject_id")]
        if item is not None:
            told.append(rows.gather(frame[item]).alias(item))
        return frame.with_columns(told)

    return replace(
        role,
        findings=named(role.findings, "evidence_item_id"),
        evidence=named(role.evidence, "item_id"),
        subjects=named(role.subjects),
        keys=keys,
    )


def site_leads_of(store: PartStore, notes: Notes, surges: pl.DataFrame, risen: np.ndarray) -> list[RoleLeads]:
    """Leads of all sites, with the rows of items in the notes. Only items, mentions and signs that may tell something
    of one are put into words."""
    words = notes.words.height
    site_links = store.scan("site_links", CONTRACTS["site_links"].schema).collect()
    are_adult = pl.col("adult") / pl.col("items") >= ADULT_SHARE
    sites = notes.sites.select("site", are_adult.alias("is_adult"))
    tied = tied_to_adult_sites(notes.in_words(sites), site_links)
    stands = notes.items["stands"].to_numpy()
    there = [
        marked(marks(words, notes.words_in(tied[side].unique().to_list()))) for side in ("site", "other")
    ]
    on = np.zeros((2, notes.identifiers.height), dtype=bool)
    # Whether the items stand is asked of the few that are left.
    for _, (site, identifier) in pieces(notes.mentions, ("site", "identifier"), words):
        for side in (0, 1):
            on[side, identifier[there[side](site)]] = True
    on_both = on[0] & on[1]
    rows = rows_where(notes.mentions, ("identifier",), marked(on_both))
    shown = picked(notes.mentions, ("item", "site", "identifier"), rows)
    shown = shown.filter(pl.Series(stands[shown["item"].to_numpy()]))
    shown = shown.filter(pl.Series(_sites_of_each(shown) <= MAX_SITES_OF_AN_IDENTIFIER))
    shown, beside = _tying(shown, notes, tied)
    minors = marks(words, notes.words_in(["claimed_age_under_18"]))
    claims = rows_where(notes.signs, ("indicator_id", "item"), lambda sign, item: minors[sign] & stands[item])
    signs = picked(notes.signs, notes.signs.columns, claims)
    mask = marks(notes.items.height, risen)
    mask[shown["item"].to_numpy()] = mask[signs["item"].to_numpy()] = True
    mask[:-1] &= stands
    items = np.flatnonzero(mask)
    held = picked(notes.items, SITE_ITEMS, items).with_columns(pl.Series("number", items, NUMBER))
    # Items by their place in time, identifiers by number: keys are joined slowly.
    context = oldest_first(notes.in_words(held)).with_row_index("place_in_time")
    place = np.zeros(notes.items.height, dtype=np.uint32)
    place[context["number"].to_numpy()] = context["place_in_time"].to_numpy()
    leads = suspicious_sites(
        context.drop("item_id")
        .rename({"place_in_time": "item_id"})
        .with_columns(pl.lit(None, NUMBER).alias("actor_id")),
        notes.in_words(signs.select("indicator_id")).with_columns(_placed(signs, place)),
        notes.in_words(
            pl.concat(
                [shown.select("site", "identifier", _placed(shown, place)), beside], how="diagonal"
            ).rename({"identifier": "identifier_id"})
        ),
        tied,
        surges,
    )
    return [in_rows(leads, context["number"])]


def _tying(shown: pl.DataFrame, notes: Notes, tied: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of the mentions those on the first of two tied sites of what is shown on both, which are evidence; and what of it
    stands on the other one: site, identifier."""
    listed = notes.words["word"]
    ties = tied.select(
        numbers(tied[name], places(listed, tied[name])).cast(WORD).alias(name) for name in ("site", "other")
    )
    there = shown.select("identifier", "site").unique()
    both = there.join(ties, on="site").join(
        there.rename({"site": "other"}), on=["identifier", "other"], how="semi"
    )
    pair = ["identifier", "site"]
    others = both.select("identifier", pl.col("other").alias("site")).unique()
    return (
        shown.join(both, on=pair, how="semi", maintain_order="left"),
        others.join(both, on=pair, how="anti"),
    )


def _placed(rows: pl.DataFrame, place: np.ndarray) -> pl.Series:
    return pl.Series("item_id", place[rows["item"].to_numpy()])


def _sites_of_each(mentions: pl.DataFrame) -> np.ndarray:
    """For each mention, on how many sites its identifier is among these mentions."""
    site, identifier = mentions["site"].to_numpy(), mentions["identifier"].to_numpy()
    if not len(site):
        return np.zeros(0, dtype=np.int64)
    rank = np.cumsum(np.bincount(identifier) > 0) - 1
    of_site = np.cumsum(np.bincount(site) > 0) - 1
    many, width = int(rank[-1]) + 1, int(of_site[-1]) + 1
    cells = rank[identifier] * width + of_site[site]
    if many * width <= MOST_CELLS:
        there = np.zeros(many * width, dtype=bool)
        there[cells] = True
        sites = there.reshape(many, width).sum(axis=1)
    else:
        sites = np.bincount(np.unique(cells) // width, minlength=many)
    of_each: np.ndarray = sites[rank[identifier]]
    return of_each

"""The linking stage: all current items and mentions become identifiers, actors with their edges, tied sites."""

import polars as pl

from assets.house import House, digest_of, package_digest
from assets.linking.actors import link_actors
from assets.linking.contacts import terms_of
from assets.linking.continuity import keep_actor_ids
from assets.linking.identifiers import build_identifiers
from assets.linking.image_identity import same_pictures
from assets.linking.image_stage import pictures_behind
from assets.linking.near_duplicates import find_near_duplicates
from assets.linking.site_ties import tie_sites
from assets.linking.text_spans import VARYING_FACTS, text_spans
from assets.linking.text_templates import build_text_templates
from assets.parsing.current import current_items, current_rows
from assets.parsing.packed import packed, unpacked
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS
from quality.contracts.linking import CHANGE_KINDS

TABLES = (
    "identifiers",
    "actors",
    "actor_members",
    "actor_edges",
    "actor_changes",
    "text_clusters",
    "text_templates",
    "site_links",
)
INPUT_TABLES = ("listings", "messages", "mentions", "facts", "images", "image_clusters")
# What linking reads; the other columns of a million items take gigabytes.
ITEM_COLUMNS = ("item_id", "unit_date", "site", "account", "posted_at", "first_seen", "last_seen", "text")
MENTION_COLUMNS = (
    "item_id",
    "identifier_id",
    "kind",
    "value",
    "site",
    "obscured",
    "field",
    "span_start",
    "span_end",
)
FACT_COLUMNS = ("item_id", "kind", "value", "number", "unit", "field", "span_start", "span_end")


def is_made_from(house: House, table: str, inputs: str) -> bool:
    """Whether a table without units was last made, or brought up to date, from these inputs."""
    return house.store.made_from(table) == inputs


def _changed(changes: pl.DataFrame) -> str:
    counts = dict(changes["kind"].value_counts().iter_rows())
    return "".join(f"{counts[kind]} {kind}, " for kind in CHANGE_KINDS if kind in counts)


def text_clusters(items: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Near-duplicate texts of the items (contract `text_clusters`); what the spans cover may differ.

    `items`: item_id, site, account, text. `spans` from `text_spans`.
    """
    named = pl.col("account").str.strip_chars().str.to_lowercase().replace("", None)
    return find_near_duplicates(
        items.select("item_id", "text", (pl.col("site") + "|" + named).alias("holder")), spans
    ).members


def _whole(house: House, table: str) -> pl.DataFrame:
    return house.store.scan(table, CONTRACTS[table].schema).collect()


def link_all(house: House) -> Admission | None:
    """Link everything again when an input changed; None when nothing has."""
    parts = [part for table in INPUT_TABLES for part in house.store.parts(table)]
    inputs = digest_of(parts, package_digest(__file__))
    if is_made_from(house, TABLES[-1], inputs):
        return None
    items = current_items(house.store, ITEM_COLUMNS)
    mentions = current_rows(house.store, CONTRACTS["mentions"], items, MENTION_COLUMNS)
    varying = pl.col("kind").is_in(VARYING_FACTS)
    facts = current_rows(house.store, CONTRACTS["facts"], items, FACT_COLUMNS, varying)
    spans = text_spans(mentions, facts)
    texts = text_clusters(items, spans)
    worded = items.join(texts, on="item_id", how="semi")
    pictures = packed(pictures_behind(house.store, items), "item_id", "identifier_id")
    items = packed(items.drop("text"), "item_id")
    mentions = packed(mentions.drop("field", "span_start", "span_end"), "item_id", "identifier_id")
    # As evidence, pictures are known by what they show, not by their addresses.
    shown = same_pictures(mentions, pictures)
    actors, changes = keep_actor_ids(
        link_actors(items, shown, packed(texts, "item_id"), packed(terms_of(facts), "item_id")),
        packed(_whole(house, "actor_members"), "actor_id", "member_id"),
        packed(_whole(house, "actor_edges"), "actor_id", "left_item_id", "right_item_id", "identifier_id"),
        day=house.today,
        run_id=house.run_id,
    )
    identifiers = build_identifiers(mentions, items, actors.held, actors.lines)
    packed_texts = packed(texts, "item_id")
    site_links = tie_sites(items, shown, actors.actor_members, packed_texts)
    speakers = actors.actor_members.join(packed_texts, left_on="member_id", right_on="item_id", how="semi")
    frames = {
        "identifiers": identifiers,
        "actors": actors.actors,
        "actor_members": actors.actor_members,
        "actor_edges": actors.actor_edges,
        "text_clusters": texts,
        "text_templates": build_text_templates(texts, worded, spans, unpacked(speakers)),
        "site_links": site_links,
    }
    house.log.info(
        f"linked {items.height} items by {mentions.height} mentions of {identifiers.height} identifiers: "
        f"{actors.actors.height} actors, {actors.actor_edges.height} edges, "
        f"{_changed(changes)}"
        f"{site_links['is_tie'].sum()} tied pairs of sites"
    )
    candidates = [Candidate(CONTRACTS[table], unpacked(frame), inputs) for table, frame in frames.items()]
    # The history of the actors only grows.
    candidates.append(Candidate(CONTRACTS["actor_changes"], unpacked(changes), inputs, append=True))
    return admit(house.store, candidates, run_id=house.run_id)

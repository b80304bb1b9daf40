"""The linking stage: all current items and mentions become identifiers, actors with their edges, tied sites."""

from assets.house import House, digest_of, package_digest
from assets.linking.actors import link_actors
from assets.linking.identifiers import build_identifiers
from assets.linking.site_ties import tie_sites
from assets.parsing.current import current_items, current_rows
from quality.admission import Admission, Candidate, admit
from quality.contracts import CONTRACTS

TABLES = ("identifiers", "actors", "actor_members", "actor_edges", "site_links")
INPUT_TABLES = ("listings", "messages", "mentions")


def is_made_from(house: House, table: str, inputs: str) -> bool:
    """Whether the committed part of a table without units was made from these inputs."""
    return [part.inputs for part in house.store.parts(table)] == [inputs]


def link_all(house: House) -> Admission | None:
    """Link everything again when an input changed; None when nothing has."""
    parts = [part for table in INPUT_TABLES for part in house.store.parts(table)]
    inputs = digest_of(parts, package_digest(__file__))
    if is_made_from(house, TABLES[-1], inputs):
        return None
    items = current_items(house.store)
    mentions = current_rows(house.store, CONTRACTS["mentions"], items)
    identifiers = build_identifiers(mentions, items)
    actors = link_actors(items, mentions)
    site_links = tie_sites(items, mentions, actors.actor_members)
    frames = {
        "identifiers": identifiers,
        "actors": actors.actors,
        "actor_members": actors.actor_members,
        "actor_edges": actors.actor_edges,
        "site_links": site_links,
    }
    house.log.info(
        f"linked {items.height} items by {mentions.height} mentions of {identifiers.height} identifiers: "
        f"{actors.actors.height} actors, {actors.actor_edges.height} edges, "
        f"{site_links['is_tie'].sum()} tied pairs of sites"
    )
    candidates = [Candidate(CONTRACTS[table], frame, inputs) for table, frame in frames.items()]
    return admit(house.store, candidates, run_id=house.run_id)

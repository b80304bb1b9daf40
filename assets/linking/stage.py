"""The linking stage: current items and mentions become identifiers, actors with their edges, tied sites.

A run looks at what changed since the last one (`assets.parsing.changes`) and goes on from what that remembered
(`standing`); the tables are those of a run that knows nothing, but for the actors' ids, which stay (`continuity`).
"""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from assets.house import House, digest_of, package_digest
from assets.linking.day import Day, link_day
from assets.linking.freed_memory import keep_freed_memory
from assets.linking.image_identity import CAPTURED, picture_names
from assets.linking.image_stage import pictures_behind
from assets.linking.merged_texts import changed_texts, with_texts
from assets.linking.merging import Merged, merge
from assets.linking.moved import Moved
from assets.linking.reading import ABOUT, read_changes
from assets.linking.site_counts import remembered_shares
from assets.linking.site_following import follow_sites, told_by_values
from assets.linking.site_ties import ties_among
from assets.linking.standing import Standing, nothing_standing, put_together
from assets.linking.standing_files import Growing, keep_only, load, save
from assets.linking.telling import Difference
from assets.linking.template_stage import keep_text_templates
from assets.linking.text_stage import TextClusters, forget_others, keep_text_clusters
from assets.linking.text_uses import follow_texts
from assets.parsing.changes import Changes, look_for_changes
from assets.parsing.current import current_items
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
# Columns by which a day finds the rows that it replaces.
FOUND_BY = {"text_clusters": ("item_id",), "text_templates": ("text_cluster_id",)}
INPUT_TABLES = ("listings", "messages", "mentions", "facts", "images", "image_clusters")


def is_made_from(house: House, table: str, inputs: str) -> bool:
    """Whether a table without units was last made, or brought up to date, from these inputs."""
    return house.store.made_from(table) == inputs


def _changed(changes: pl.DataFrame) -> str:
    counts = dict(changes["kind"].value_counts().iter_rows())
    return "".join(f"{counts[kind]} {kind}, " for kind in CHANGE_KINDS if kind in counts)


def _whole(house: House, table: str, *keys: str) -> pl.DataFrame:
    return packed(house.store.scan(table, CONTRACTS[table].schema).collect(), *keys)


def link_all(house: House) -> Admission | None:
    """Link what changed since the last run; None when nothing has.

    All is linked again where nothing is remembered of the last run, or rules or code were others then.
    """
    parts = [part for table in INPUT_TABLES for part in house.store.parts(table)]
    code = package_digest(__file__)[:16]
    # The code stands before the inputs: only what the same code made can be gone on from.
    inputs = f"{code}|{digest_of(parts)}"
    before = house.store.made_from(TABLES[-1])
    if before == inputs:
        return None
    standing, why = _standing(house, before, code)
    if why is None:
        keep_freed_memory()
    changes = look_for_changes(house.store, standing.seen, ABOUT)
    changed = read_changes(house.store, changes)
    changed_items = changed.ids.height
    told = told_by_values(changed.identifiers)
    growing = Growing(standing, house.home, before) if before is not None and why is None else None
    pictures = picture_names(packed(_captured(house), "item_id", "identifier_id"))
    behind = put_together if growing is None else growing.behind
    merged = merge(standing, changed, pictures, behind)
    del changed
    found = _texts(house, merged, changes, before if why is None else None, inputs)
    texts = changed_texts(found)
    merged = with_texts(standing, merged, texts, behind)
    # The changed items take as much as the items themselves.
    seen = changes.seen
    del changes
    day = link_day(
        standing,
        merged,
        day=house.today,
        run_id=house.run_id,
        former=None if why is None else _former(house),
        behind=behind,
    )
    moved = Moved(standing, merged, day.standing)
    after = replace(
        follow_sites(standing, moved, day.standing, day.is_dirty, told),
        texts=follow_texts(standing, moved, day.standing, texts, behind),
        parts=seen.parts,
        units=seen.units,
        sightings=seen.sightings,
    )
    del merged, moved
    site_links = ties_among(remembered_shares(after))
    templates = keep_text_templates(house, standing, after, texts, found.wordings)
    _tell(house, after, changed_items, day, site_links, why)
    save(after, house.home, inputs, growing)
    differences, history = day.differences, day.changes
    stale = None if found.stale is None else found.stale.to_frame("item_id")
    replaced = {
        "text_clusters": (found.rows, stale),
        "text_templates": (templates.rows, templates.stale),
        "site_links": (site_links, None),
    }
    # The tables are spelled from what they need of the state; the rest of it makes room for them.
    del day, after, standing, growing, behind, seen, found, texts, templates, site_links
    admission = admit(
        house.store,
        _candidates(differences, history, replaced, inputs, why),
        run_id=house.run_id,
    )
    keep_only(house.home, inputs)
    forget_others(house, inputs)
    return admission


def _standing(house: House, before: str | None, code: str) -> tuple[Standing, str | None]:
    """The state to go on from, and why it is that of a first run (None where it is not)."""
    if before is None:
        return nothing_standing(), "nothing was linked before"
    if not before.startswith(code):
        return nothing_standing(), "the rules or the code of linking changed"
    standing = load(house.home, before)
    if standing is None:
        return nothing_standing(), "what the last run remembered is not there"
    return standing, None


def _captured(house: House) -> pl.DataFrame:
    """The captured pictures of current items (`image_stage.pictures_behind`); none where no pictures were captured."""
    if not house.store.rows("images"):
        return pl.DataFrame(schema=CAPTURED)
    return pictures_behind(house.store, current_items(house.store, ("item_id", "unit_date")))


def _former(house: House) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The committed members and edges of actors, keys packed."""
    sides = ("left_item_id", "right_item_id")
    return (
        _whole(house, "actor_members", "actor_id", "member_id"),
        _whole(house, "actor_edges", "actor_id", "actor_edge_id", "identifier_id", *sides),
    )


def _texts(house: House, merged: Merged, changes: Changes, before: str | None, inputs: str) -> TextClusters:
    """What changes among the near-duplicate texts; nothing is read where no item has a text to be compared."""
    if not merged.items["is_compared"].any():
        return TextClusters(pl.DataFrame(schema=CONTRACTS["text_clusters"].schema), None)
    return keep_text_clusters(house, changes, before=before, inputs=inputs)


def _candidates(
    differences: dict[str, Difference],
    history: pl.DataFrame,
    replaced: dict[str, tuple[pl.DataFrame, pl.DataFrame | None]],
    inputs: str,
    why: str | None,
) -> Iterator[Candidate]:
    """What asks to be committed, in the order of `TABLES`: rows that differ, or whole tables in a first run.

    `replaced`: rows of some tables, and the keys of those that they take the place of (None: of all; the next day finds
    them by `FOUND_BY`). Each is spelled at its turn, and what it is made of is let go.
    """
    for table in TABLES:
        contract = CONTRACTS[table]
        if table == "actor_changes":
            # The history of the actors only grows.
            yield Candidate(contract, unpacked(history), inputs, append=True)
        elif table in replaced:
            rows, stale = replaced.pop(table)
            rows = rows.select(*contract.schema)
            yield Candidate(contract, rows, inputs, removes=stale, found_by=FOUND_BY.get(table, ()))
        else:
            difference = differences.pop(table)
            rows = unpacked(difference.rows().sort(contract.key).select(*contract.schema))
            candidate = Candidate(
                contract,
                rows,
                inputs,
                removes=unpacked(difference.gone) if why is None else None,
                found_by=tuple(difference.gone.columns),
            )
            del difference, rows
            yield candidate
            del candidate


def _tell(
    house: House, after: Standing, changed_items: int, day: Day, site_links: pl.DataFrame, why: str | None
) -> None:
    if why is None:
        house.log.info(
            f"{changed_items} items are new, changed or gone: {day.items} items of {day.actors} actors "
            "looked at again"
        )
    else:
        house.log.info(f"linking everything: {why}")
    house.log.info(
        f"linked {after.items.height} items by {after.mentions['stands'].sum()} mentions of {after.identifiers.height} "
        f"identifiers: {after.actors['stands'].sum()} actors, {after.edges['stands'].sum()} edges, "
        f"{_changed(day.changes)}"
        f"{site_links['is_tie'].sum()} tied pairs of sites"
    )

"""Narrow circles of handles (`circles`) from the notes: all of them each day, as a day changes what is usual on a site.

Most handles are told apart by how many items and actors show them, before anything else of these is looked up.
"""

import numpy as np
import polars as pl

from assets.detection.circles import CIRCLE_KINDS, ITEM_COLUMNS, LEAST_POSTERS, most_items, narrow_circles
from assets.detection.notes import CIRCLES, Notes
from assets.detection.numbering import index_of, marked, marks, picked, rows_where


def circles_of(notes: Notes) -> pl.DataFrame:
    """The handles with a narrow circle (`CIRCLES`), sorted."""
    handle, item, actor = _beside(notes)
    identifiers, words = notes.identifiers.height, notes.words.height
    # Of so many actors are so many items at least, which are counted faster.
    many = np.bincount(handle, minlength=identifiers) >= LEAST_POSTERS
    pairs = pl.DataFrame({"handle": handle, "actor": actor}).filter(pl.Series(many[handle])).unique()
    many = np.bincount(pairs["handle"].to_numpy(), minlength=identifiers) >= LEAST_POSTERS
    chosen = many[handle]
    handle, item, actor = handle[chosen], item[chosen], actor[chosen]
    # Column by column: polars puts those of a frame together anew where they lie in other chunks than each other.
    told = {name: notes.items[name].gather(item) for name in ITEM_COLUMNS}
    beside = pl.DataFrame({"handle": handle, "actor": actor, **told})

    def of_sites(sites: pl.Series) -> pl.DataFrame:
        there = marks(words, sites)
        on_them = rows_where(
            notes.items, ("site", "stands"), lambda site, stands: there[site] & stands, words
        )
        return picked(notes.items, ITEM_COLUMNS, on_them)

    return narrow_circles(beside, of_sites).select(
        pl.col("handle").alias("identifier").cast(CIRCLES["identifier"]), "posters", "told"
    )


def _beside(notes: Notes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Handles (by number) that stand in items (by row) of actors (by number) beside a rarer contact."""
    nobody = notes.actors.height
    uses = notes.identifiers["uses"].to_numpy()
    most = most_items(int(notes.sites["items"].to_numpy().max(initial=0)))
    asked = notes.of_kinds(CIRCLE_KINDS) & (uses >= LEAST_POSTERS) & (uses <= most)
    rows = picked(
        notes.mentions, ("item", "identifier"), rows_where(notes.mentions, ("identifier",), marked(asked))
    )
    handle, item = (rows[name].to_numpy().astype(np.int64) for name in ("identifier", "item"))
    actor = index_of(notes.items["actor"], nobody)[item].astype(np.int64)
    chosen = notes.items["stands"].to_numpy()[item] & (actor < nobody)
    handles = np.flatnonzero(marks(notes.identifiers.height, handle))
    own = np.zeros(notes.identifiers.height + 1, dtype=np.uint64)
    own[handles] = notes.identifiers["identifier_id"].gather(handles).hash().to_numpy()
    chosen &= notes.items["contact"].gather(item).fill_null(0).to_numpy() != own[handle]
    return handle[chosen], item[chosen], actor[chosen]

"""Contacts that are only spoken of: what people who talk to each other quote of other people's advertisements.

Who advertises shows how to be reached. Who talks in a forum mostly shows nothing, and names other people's numbers now
and then: in a review, a warning, an advertisement that is copied, an answer with somebody's help line. Such a number
joined him, whose it is and all others who name it.
"""

import numpy as np
import polars as pl

from assets.linking.contacts import KIND_WEIGHT, STRONG_WEIGHT
from quality.contracts.columns import IDENTIFIER_KINDS

Array = np.ndarray
# Kinds by which somebody is reached.
REACHED = tuple(kind for kind, weight in KIND_WEIGHT.items() if weight >= STRONG_WEIGHT)
# A site is one of talk where less than this share of what may be talk shows a contact, of so many items at least. On
# the sites of advertisements of four planted worlds nobody here had seen 0.93 and more do, in two forums 0.10 and 0.26.
TALK_SHARE = 0.25
TALK_ITEMS = 20
# Also where less than this share does, if so many posters of several items show a contact in some, and in less than
# this share of theirs: whoever advertises shows how to be reached each time, whoever quotes does it now and then (all
# of their items, and a third of them, in the fourth of these worlds).
MIXED_SHARE = 0.5
MIXED_POSTERS = 5
# There a contact is a poster's own that stands in so many of his items, and in more than half of those that show any.
OWN_ITEMS = 2
OWN_SHARE = 0.5


def may_be_talk(columns: list[str]) -> pl.Expr:
    """Whether items of a table with these columns may be talk (`is_talk`): what no category calls an advertisement.

    Messages of chats are not: people who offer once among much chatter stand there beside those who pass offers on, and
    what members say of others is told by how they disagree (`starts.py`).
    """
    talk = pl.col("category").fill_null("other") == "other" if "category" in columns else pl.lit(False)
    return talk.alias("is_talk")


def spoken_of(items: pl.DataFrame, mentions: pl.DataFrame) -> Array | None:
    """Which mentions (bool, by row) name a contact that is not their poster's own; None where none does.

    `items`: site, name (null: none), is_talk; by number. `mentions`: item, key, kind (`standing.KIND`), stands. Whoever
    has no name is known by nothing but the contacts, and keeps them.
    """
    is_talk = items["is_talk"].fill_null(False) & items["name"].is_not_null()
    if not is_talk.any():
        return None
    item = mentions["item"].to_numpy()
    talks = np.append(is_talk.to_numpy(), False)
    places = np.flatnonzero(talks.take(item) & mentions["stands"].to_numpy())
    reached = np.isin(IDENTIFIER_KINDS, REACHED)
    places = places[reached[mentions["kind"].to_physical().to_numpy()[places]]]
    shows = np.zeros(items.height, dtype=bool)
    shows[item[places]] = True
    poster = ["site", "name"]
    of_talk = _sites_of_talk(items.select(*poster, pl.Series("shows", shows)).filter(is_talk))
    if of_talk.is_empty():
        return None
    named = items.select(poster)[item[places]].with_columns(
        pl.Series("place", places), mentions["item"].gather(places), mentions["key"].gather(places)
    )
    named = named.filter(pl.col("site").is_in(of_talk.implode()))
    of_key = pl.col("item").n_unique().over(*poster, "key")
    of_any = pl.col("item").n_unique().over(poster)
    is_own = (of_key >= OWN_ITEMS) & (of_key > OWN_SHARE * of_any)
    spoken = np.zeros(mentions.height, dtype=bool)
    spoken[named.filter(~is_own)["place"].to_numpy()] = True
    return spoken if spoken.any() else None


def _sites_of_talk(talk: pl.DataFrame) -> pl.Series:
    """The sites where people talk to each other. `talk`: site, name, shows (a contact) of items that may be talk."""
    posters = talk.group_by("site", "name").agg(pl.len().alias("items"), pl.col("shows").sum())
    now_and_then = (pl.col("items") > 1) & (pl.col("shows") > 0)
    shares = posters.group_by("site").agg(
        pl.col("items").sum(),
        (pl.col("shows").sum() / pl.col("items").sum()).alias("share"),
        now_and_then.sum().alias("posters"),
        (pl.col("shows").filter(now_and_then).sum() / pl.col("items").filter(now_and_then).sum()).alias(
            "theirs"
        ),
    )
    is_mixed = (
        (pl.col("share") < MIXED_SHARE)
        & (pl.col("posters") >= MIXED_POSTERS)
        & (pl.col("theirs") < MIXED_SHARE)
    )
    is_talk = (pl.col("items") >= TALK_ITEMS) & ((pl.col("share") < TALK_SHARE) | is_mixed)
    return shares.filter(is_talk)["site"]

"""Contacts by their slots, places that they keep from day to day: what items show lies in arrays then, not in joins."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.contacts import LINE_WEIGHT, STRONG_WEIGHT
from assets.linking.merging import Merged
from assets.linking.round_memory import KINDS
from assets.linking.standing import Standing

Array = np.ndarray
# With more slots than this for each contact that is shown, they are numbered anew.
MOST_SLOTS = 2


@dataclass(frozen=True)
class Slotted:
    """Contacts and who shows them, up to date.

    `slots`: contact, kind, is_mailbox by slot; contacts that nobody shows any more keep theirs. `weight` (Float32): by
    slot, without the weights of lines. `was_line`, `was_private`, `then` (the weight with those of lines): by slot, as
    the last run left them (false, and NaN for new ones). `looked_at` (bool): by slot, whose users or spellings may
    have changed. `item`, `slot`: what each item shows, sorted by item. `is_new`: the slots are not those of before.
    """

    slots: pl.DataFrame
    weight: Array
    was_line: Array
    was_private: Array
    then: Array
    looked_at: Array
    item: Array
    slot: Array
    is_new: bool

    def lined(self, is_line: Array) -> Array:
        """The weights by slot, where these (bool) are lines."""
        return np.where(is_line, np.float32(LINE_WEIGHT), self.weight)


def slotted(standing: Standing, merged: Merged) -> Slotted:
    """The slots and uses of the last run with what changed."""
    former = pl.concat([standing.slots, standing.slot_marks], how="horizontal")
    if former.height > MOST_SLOTS * merged.contacts.height:
        former = former.clear()
    described = [pl.col("contact"), pl.col("kind").cast(KINDS), "weight", "is_mailbox"]
    if former.is_empty():
        slots = merged.contacts.select(described)
        changed = np.ones(slots.height, dtype=bool)
        then, was_line = np.full(slots.height, np.nan, dtype=np.float32), ~changed
        was_private, weight = ~changed, slots["weight"].to_numpy()
    else:
        touched = merged.touched_contacts.unique().to_frame("contact")
        places = former.select("contact").with_row_index("slot").join(touched, on="contact")
        now = merged.contacts.filter(pl.col("contact").is_in(touched["contact"].implode())).select(described)
        known = now.join(places, on="contact")
        new = now.join(places, on="contact", how="anti")
        source = np.arange(former.height)
        source[known["slot"].to_numpy()] = former.height + np.arange(known.height)
        # Only strong contacts become lines.
        weight_then = pl.when("is_line").then(STRONG_WEIGHT).otherwise("weight").cast(pl.Float32)
        before = former.select("contact", "kind", weight_then.alias("weight"), "is_mailbox")
        slots = pl.concat([before, known.select(before.columns)])[source]
        slots = pl.concat([slots, new])
        changed = np.zeros(slots.height, dtype=bool)
        changed[places["slot"].to_numpy()] = True
        changed[former.height :] = True
        weight = slots["weight"].to_numpy()
        then = np.append(former["weight"].to_numpy(), np.full(new.height, np.nan, dtype=np.float32))
        nothing = np.zeros(new.height, dtype=bool)
        was_line = np.append(former["is_line"].to_numpy(), nothing)
        was_private = np.append(former["is_private"].to_numpy(), nothing)
    stood = standing.shown_slots if former.height else standing.shown_slots.clear()
    item, slot = _shown(stood, merged, slots.select("contact").with_row_index("slot"))
    is_new = former.is_empty()
    return Slotted(slots.drop("weight"), weight, was_line, was_private, then, changed, item, slot, is_new)


def _shown(stood: pl.DataFrame, merged: Merged, places: pl.DataFrame) -> tuple[Array, Array]:
    """What each item shows: items and slots, sorted by item."""
    again = np.zeros(merged.items.height, dtype=bool)
    again[merged.changed] = True
    again[merged.worded] = True
    uses = merged.uses
    fresh = uses if stood.is_empty() else uses.filter(pl.Series(again[uses["item"].to_numpy()]))
    placed = fresh.join(places, on="contact").select("item", "slot").sort("item", "slot")
    fresh_item, fresh_slot = placed["item"].to_numpy(), placed["slot"].to_numpy()
    if stood.is_empty():
        return fresh_item, fresh_slot
    item = merged.renumbered[stood["item"].to_numpy()]
    stays = (item >= 0) & ~again[item]
    item = item[stays].astype(np.uint32)
    slot = stood["slot"].to_numpy()[stays]
    place = np.searchsorted(item, fresh_item)
    return np.insert(item, place, fresh_item), np.insert(slot, place, fresh_slot)


def is_strong(weight: Array) -> Array:
    """Whether contacts of these weights are."""
    strong: Array = weight >= STRONG_WEIGHT
    return strong

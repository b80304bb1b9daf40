"""Contacts by their slots, places that they keep from day to day: what items show lies in arrays then, not in joins."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from assets.linking.contacts import LINE_WEIGHT, STRONG_WEIGHT
from assets.linking.merging import Merged
from assets.linking.round_memory import KINDS
from assets.linking.standing import SHOWN_SLOTS, Behind, Standing, overwritten, put_together

Array = np.ndarray
# With more slots than this for each contact that is shown, they are numbered anew.
MOST_SLOTS = 2


@dataclass(frozen=True)
class Slotted:
    """Contacts and who shows them, up to date.

    `slots`: contact, kind, is_mailbox by slot; contacts that nobody shows any more keep theirs. `weight` (Float32): by
    slot, without the weights of lines. `was_line`, `was_beside` (`lines.Lines`), `was_private`, `then` (the weight with
    those of lines): by slot, as the last run left them (false, and NaN for new ones). `looked_at` (bool): by slot,
    whose users or spellings may have changed. `item`, `slot`: what each item shows, sorted by item. `gained` (Int64):
    by slot, how many more items show it than before; all where `is_new`: the slots are not those of before. `frame`:
    `item` and `slot`, where they lie in one.
    """

    slots: pl.DataFrame
    weight: Array
    was_line: Array
    was_beside: Array
    was_private: Array
    then: Array
    looked_at: Array
    item: Array
    slot: Array
    gained: Array
    is_new: bool
    frame: pl.DataFrame | None = None

    @cached_property
    def shows(self) -> Array:
        """How many items show each slot (Int64)."""
        return np.bincount(self.slot, minlength=self.slots.height)

    def shown_slots(self) -> pl.DataFrame:
        """What each item shows (`standing.SHOWN_SLOTS`)."""
        return pl.DataFrame({"item": self.item, "slot": self.slot}) if self.frame is None else self.frame

    def lined(self, is_line: Array) -> Array:
        """The weights by slot, where these (bool) are lines."""
        return np.where(is_line, np.float32(LINE_WEIGHT), self.weight)


def slotted(standing: Standing, merged: Merged, behind: Behind = put_together) -> Slotted:
    """The slots and uses of the last run with what changed. `behind` puts new rows behind those that stand."""
    former, marks, contacts = standing.slots, standing.slot_marks, merged.contacts
    described = [pl.col("contact"), pl.col("kind").cast(KINDS), "weight", "is_mailbox"]
    if former.is_empty() or former.height > MOST_SLOTS * contacts.height:
        slots = contacts.select(described)
        changed = np.ones(slots.height, dtype=bool)
        then, not_yet = np.full(slots.height, np.nan, dtype=np.float32), ~changed
        again = _shown(_by_slots(standing, slots["contact"]), merged, slots["contact"], put_together)
        item, slot = (again[0][name].to_numpy() for name in SHOWN_SLOTS)
        shows = np.bincount(slot, minlength=slots.height)
        weight = slots["weight"].to_numpy()
        of_none = (not_yet, not_yet, not_yet, then, changed)
        return Slotted(slots.drop("weight"), weight, *of_none, item, slot, shows, True, again[0])

    touched = merged.touched_contacts.unique()
    places = _places_of(touched, former["contact"])
    now = contacts[_among(contacts["contact"], touched)].select(described)
    known = now.join(places, on="contact")
    new = now.join(places, on="contact", how="anti")
    at = known["slot"].to_numpy()
    changed = np.zeros(former.height + new.height, dtype=bool)
    changed[places["slot"].to_numpy()] = True
    changed[former.height :] = True
    then = former["weight"].to_numpy()
    # Only strong contacts become lines.
    weight = np.where(marks["is_line"].to_numpy(), np.float32(STRONG_WEIGHT), then)
    slots = behind("slots", former.select("contact", "kind"), new.select("contact", "kind"))
    slots = overwritten(slots, at, known.select("kind")).with_columns(
        pl.Series("is_mailbox", _put(marks["is_mailbox"], at, known["is_mailbox"], new["is_mailbox"]))
    )
    nothing = np.zeros(new.height, dtype=bool)
    was_line, was_beside, was_private = (
        np.append(marks[name].to_numpy(), nothing) for name in ("is_line", "is_beside", "is_private")
    )
    frame, gained = _shown(standing.shown_slots, merged, slots["contact"], behind)
    return Slotted(
        slots,
        _put(weight, at, known["weight"], new["weight"]),
        was_line,
        was_beside,
        was_private,
        np.append(then, np.full(new.height, np.nan, dtype=np.float32)),
        changed,
        frame["item"].to_numpy(),
        frame["slot"].to_numpy(),
        gained,
        False,
        frame,
    )


def _by_slots(standing: Standing, contacts: pl.Series) -> pl.DataFrame:
    """What was shown (`SHOWN_SLOTS`), by slots that these contacts have by their order; 0 for those that are gone."""
    places = contacts.to_frame("contact").with_row_index("place")
    now = standing.slots.select("contact").join(places, on="contact", how="left", maintain_order="left")
    slot = now["place"].fill_null(0).gather(standing.shown_slots["slot"])
    return standing.shown_slots.with_columns(slot.alias("slot")).sort("item", "slot")


def _put(values: Array | pl.Series, at: Array, known: Array | pl.Series, new: Array | pl.Series) -> Array:
    """The values with others at some places, and new ones behind them."""
    whole = np.concatenate([np.asarray(values), np.asarray(new)])
    whole[at] = np.asarray(known)
    return whole


def _places_of(wanted: pl.Series, contacts: pl.Series) -> pl.DataFrame:
    """contact, slot (UInt32) of those among `contacts`, which are by slot, that are wanted."""
    slot = _among(contacts, wanted)
    return pl.DataFrame({"contact": contacts.gather(slot), "slot": slot.astype(np.uint32)})


def _among(contacts: pl.Series, wanted: pl.Series) -> Array:
    """The places of the wanted among the contacts, each of which is there once."""
    # Contacts are hashes: most of the others differ in their first bits.
    numbers, bits = contacts.to_numpy(), np.uint64(64 - 20)
    may_be = np.zeros(2**20, dtype=bool)
    may_be[wanted.to_numpy() >> bits] = True
    place = np.flatnonzero(may_be.take((numbers >> bits).view(np.int64)))
    found: Array = place[contacts.gather(place).is_in(wanted.implode()).to_numpy()]
    return found


def _shown(
    stood: pl.DataFrame, merged: Merged, contacts: pl.Series, behind: Behind
) -> tuple[pl.DataFrame, Array]:
    """What each item shows (`SHOWN_SLOTS`), sorted by item; and how many more items show each slot than before.
    `contacts`: by slot.
    """
    # One place more: -1 is the number of items that are gone.
    again = np.zeros(merged.items.height + 1, dtype=bool)
    again[merged.changed] = True
    again[merged.worded] = True
    places = _places_of(merged.uses["contact"].unique(), contacts)
    placed = merged.uses.join(places, on="contact").select("item", "slot").sort("item", "slot")
    fresh_item, fresh_slot = placed["item"].to_numpy(), placed["slot"].to_numpy()
    gained = np.bincount(fresh_slot, minlength=len(contacts))
    if stood.is_empty():
        return placed.select(*SHOWN_SLOTS), gained
    item, slot = stood["item"].to_numpy(), stood["slot"].to_numpy()
    count = len(merged.renumbered)
    if merged.keeps_numbers:
        stays = ~again.take(item)
        left, first = np.flatnonzero(~stays), np.searchsorted(fresh_item, count)
        if np.array_equal(item[left], fresh_item[:first]) and np.array_equal(slot[left], fresh_slot[:first]):
            # Whoever was there shows what he showed.
            np.subtract.at(gained, slot[left], 1)
            return behind("shown_slots", stood, placed.select(*SHOWN_SLOTS)[first:]), gained
    else:
        numbers = merged.renumbered.take(item)
        stays = (numbers >= 0) & ~again[numbers]
        item = numbers.astype(np.uint32)
    np.subtract.at(gained, slot[~stays], 1)
    item, slot = item[stays], slot[stays]
    place = np.searchsorted(item, fresh_item)
    items, slots = np.insert(item, place, fresh_item), np.insert(slot, place, fresh_slot)
    return pl.DataFrame({"item": items, "slot": slots}), gained


def is_strong(weight: Array) -> Array:
    """Whether contacts of these weights are."""
    strong: Array = weight >= STRONG_WEIGHT
    return strong

"""What groups show, in arrays: rows (slot, group, items, first) that follow the joins of the rounds.

Contacts on few groups keep the rows of the starting groups, whose groups are renamed; those on many, of which most is
asked in every round, are counted up as groups join.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.contacts import STRONG_WEIGHT
from assets.linking.pairing import BY_RARITY, HOLDER_SHARE, MAX_STAR, WIDESPREAD
from assets.linking.round_memory import NARROW, STAR, UNUSABLE

Array = np.ndarray


@dataclass
class Rows:
    """Rows sorted by slot: slot, group, items (how many of the group's show it), first (the smallest of them)."""

    slot: Array
    group: Array
    items: Array
    first: Array

    def where(self, chosen: Array) -> "Rows":
        """Those of a mask, or by place."""
        return Rows(self.slot[chosen], self.group[chosen], self.items[chosen], self.first[chosen])

    def merged_with(self, others: "Rows") -> "Rows":
        """Both, in order."""
        if not len(others.slot):
            return self
        place = np.searchsorted(self.slot, others.slot)
        return Rows(
            np.insert(self.slot, place, others.slot),
            np.insert(self.group, place, others.group),
            np.insert(self.items, place, others.items),
            np.insert(self.first, place, others.first),
        )

    def counted(self) -> "Rows":
        """One row per slot and group, sorted by both."""
        if not len(self.slot):
            return self
        key = (self.slot.astype(np.int64) << 32) | self.group.astype(np.int64)
        order = np.argsort(key, kind="stable")
        begin = begins(key[order])
        chosen = order[begin]
        return Rows(
            self.slot[chosen],
            self.group[chosen],
            np.add.reduceat(self.items[order], begin),
            np.minimum.reduceat(self.first[order], begin),
        )


def begins(ordered: Array) -> Array:
    """Where each value of an ordered array begins."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))


class Shown:
    """What groups show in the current round; groups are labels, of which there are `count`, and one that is nobody's.

    `use` and `holder`: what contacts that started on many groups are good for now (`round_memory`), by slot; those of
    `recounted` may have changed since the last round. `own`, `reach`, `sizes`: by label. `left`: labels (bool) to whom
    a contact of `touched` is left alone. `deciding`: slots (bool) that can join two who share no other: strong ones,
    those that count by rarity, and those that somebody without a strong contact shows, or perhaps did.
    """

    def __init__(self, rows: Rows, slots: pl.DataFrame, labels: Array, touched: Array) -> None:
        """`rows`: of the starting groups. `slots`: as in the memory. `labels`: starting group of each item. `touched`:
        slots (bool) that others may have shown in the run before.
        """
        self.touched = touched
        self.slots, self.count = slots, len(labels)
        self.weight = slots["weight"].to_numpy()
        self.strong = self.weight >= STRONG_WEIGHT
        self.by_rarity = slots["kind"].is_in(BY_RARITY).to_numpy()
        spread = np.bincount(rows.slot, minlength=slots.height)
        # One code per slot, so that all rows are gone through once.
        code = np.minimum(spread, 2) + (spread > WIDESPREAD) + 4 * self.strong + 8 * ((spread == 1) & touched)
        code = code.astype(np.uint8)[rows.slot]
        self.own = np.zeros(self.count + 1, dtype=bool)
        self.reach = np.zeros(self.count + 1, dtype=bool)
        self.left = np.zeros(self.count + 1, dtype=bool)
        self.own[rows.group[(code & 7) == 5]] = True
        self.reach[rows.group[(code & 4) > 0]] = True
        self.left[rows.group[code >= 8]] = True
        self.sizes = np.bincount(labels, minlength=self.count + 1)
        code &= 3
        self.narrow, self.wide = rows.where(code == 2), rows.where(code == 3)
        # Whether two join hangs on these alone; others only add to what they share.
        self.deciding = self.strong | self.by_rarity | touched
        for part in (self.narrow, self.wide):
            self.deciding[part.slot[~self.reach[part.group]]] = True
        self.use = np.zeros(slots.height, dtype=np.uint8)
        self.holder = np.zeros(slots.height, dtype=np.int64)
        self.wide_spread = np.zeros(slots.height, dtype=np.int64)
        self.recounted = self._count_wide()
        self.all_wide = self.recounted
        # Labels that have just come to be; and the slots of the contacts on few groups that these show.
        self.joined = np.zeros(self.count + 1, dtype=bool)
        self._of_joined = np.zeros(slots.height, dtype=bool)

    def _count_wide(self) -> Array:
        rows = self.wide
        begin = begins(rows.slot)
        if not len(begin):
            return rows.slot
        slot: Array = rows.slot[begin]
        spread = np.diff(np.append(begin, len(rows.slot)))
        most = np.maximum.reduceat(
            (rows.items.astype(np.int64) << 32) | (2**32 - 1 - rows.group.astype(np.int64)), begin
        )
        total = np.add.reduceat(rows.items.astype(np.int64), begin)
        is_star = ~self.by_rarity[slot] & (
            ((most >> 32) >= HOLDER_SHARE * total) | (self.strong[slot] & (spread <= MAX_STAR))
        )
        self.wide_spread[slot] = spread
        self.use[slot] = np.where(spread <= WIDESPREAD, NARROW, np.where(is_star, STAR, UNUSABLE))
        self.holder[slot] = 2**32 - 1 - (most & (2**32 - 1))
        return slot

    def shown_with(self, groups: Array, slots: Array, among: Array | None = None) -> Rows:
        """All rows of the usable contacts that one of these groups (bool, by label) shows, and of these slots (bool);
        `among`: only of such slots (bool).

        Contacts that are on one group alone are left out.
        """
        usable = self.wide.where(self.use[self.wide.slot] != UNUSABLE)
        wanted = slots.copy()
        for rows in (self.narrow, usable):
            wanted[rows.slot[groups[rows.group]]] = True
        if among is not None:
            wanted &= among
        found = self.narrow.where(wanted[self.narrow.slot]).counted()
        found = found.merged_with(usable.where(wanted[usable.slot]))
        begin = begins(found.slot)
        spread = np.diff(np.append(begin, len(found.slot)))
        return found.where(np.repeat(spread > 1, spread))

    def beside_in_others(self, groups: Array, asked: Array) -> Array:
        """Those of the labels `asked` (bool) that share a narrow contact with one of these groups (bool) that does not
        decide.
        """
        now_narrow = self.wide.where(self.use[self.wide.slot] == NARROW)
        slots = np.zeros(len(self.use), dtype=bool)
        for rows in (self.narrow, now_narrow):
            slots[rows.slot[groups[rows.group]]] = True
        slots &= ~self.deciding
        return np.concatenate(
            [rows.group[slots[rows.slot] & asked[rows.group]] for rows in (self.narrow, now_narrow)]
        )

    def unusable_of(self, groups: Array) -> Rows:
        """The rows of these groups (bool, by label) in contacts that join nobody."""
        mine = groups[self.wide.group] & (self.use[self.wide.slot] == UNUSABLE)
        return self.wide.where(mine)

    def frame(self, rows: Rows, spread: Array | None = None) -> pl.DataFrame:
        """Rows as `best_partner` has them; `spread`: of each row, where the rows are not all of their contacts."""
        begin = begins(rows.slot)
        length = np.diff(np.append(begin, len(rows.slot)))
        items = rows.items.astype(np.int64)
        most = np.maximum.reduceat(items, begin) if len(begin) else items
        total = np.add.reduceat(items, begin) if len(begin) else items
        of_slots = self.slots[rows.slot]
        return pl.DataFrame(
            {
                "group": rows.group.astype(np.int64),
                "contact": of_slots["contact"],
                "items": items,
                "first": rows.first.astype(np.uint32),
                "kind": of_slots["kind"],
                "weight": of_slots["weight"],
                "spread": np.repeat(length, length) if spread is None else spread,
                "most": np.repeat(most, length),
                "all_items": np.repeat(total, length),
            }
        )

    def active(self) -> Array:
        """Which labels (bool) share a usable contact with one that has just come to be (`best_partner`)."""
        active = np.zeros(self.count + 1, dtype=bool)
        active[self.narrow.group[self._of_joined[self.narrow.slot]]] = True
        usable = self.wide.where(self.use[self.wide.slot] != UNUSABLE)
        met = np.zeros(len(self.use), dtype=bool)
        met[usable.slot[self.joined[usable.group]]] = True
        active[usable.group[met[usable.slot]]] = True
        return active

    def join(self, gone: Array, into: Array) -> None:
        """Labels `gone` become `into`, each of the latter being the label of all that joined."""
        renamed = np.arange(self.count + 1, dtype=np.int32)
        renamed[gone] = into
        np.add.at(self.sizes, into, self.sizes[gone])
        self.own[into[self.own[gone]]] = True
        self.reach[into[self.reach[gone]]] = True
        self.left[into[self.left[gone]]] = True
        self.joined = np.zeros(self.count + 1, dtype=bool)
        self.joined[into] = True
        self.narrow.group = renamed[self.narrow.group]
        self.wide.group = renamed[self.wide.group]
        self._leave_alone()
        self._join_wide()

    def _leave_alone(self) -> None:
        """A contact that one group has left to itself is its own, and nobody else's concern."""
        rows = self.narrow
        of_joined = np.zeros(len(self.use), dtype=bool)
        of_joined[rows.slot[self.joined[rows.group]]] = True
        concerned = np.flatnonzero(of_joined[rows.slot])
        slot, group = rows.slot[concerned], rows.group[concerned]
        begin = begins(slot)
        if len(begin):
            alone = np.minimum.reduceat(group, begin) == np.maximum.reduceat(group, begin)
            left, theirs = slot[begin][alone], group[begin][alone]
            self.own[theirs[self.strong[left]]] = True
            self.left[theirs[self.touched[left]]] = True
            of_joined[left] = False
            is_left = np.zeros(len(self.use), dtype=bool)
            is_left[left] = True
            self.narrow = rows.where(~is_left[rows.slot])
        self._of_joined = of_joined

    def _join_wide(self) -> None:
        mine = self.joined[self.wide.group]
        slots = np.zeros(len(self.use), dtype=bool)
        slots[self.wide.slot[mine]] = True
        before = self.wide.where(mine)
        after = before.counted()
        if len(after.slot) < len(before.slot):
            self.wide = self.wide.where(~mine).merged_with(after)
        counted = self._count_wide()
        self.recounted = counted[slots[counted]]
        alone = self.recounted[self.wide_spread[self.recounted] == 1]
        if len(alone):
            is_alone = np.zeros(len(self.use), dtype=bool)
            is_alone[alone] = True
            rows = self.wide.where(is_alone[self.wide.slot])
            self.own[rows.group[self.strong[rows.slot]]] = True
            self.left[rows.group[self.touched[rows.slot]]] = True
            self.wide = self.wide.where(~is_alone[self.wide.slot])

"""What groups show, in arrays: rows (slot, group, items, first) that follow the joins of the rounds.

Where groups join, the rows of each contact that they show are counted up. Contacts on many groups are counted once;
then only what joins changes the counts.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl

from assets.linking.contacts import STRONG_WEIGHT
from assets.linking.holders import Holders
from assets.linking.pairing import BY_RARITY, HOLDER_SHARE, MAX_STAR, WIDESPREAD
from assets.linking.round_memory import KINDS, NARROW, STAR, UNUSABLE
from assets.linking.stretches import stretches

Array = np.ndarray


class Columns:
    """Base of dataclasses of columns of one length, each an array."""

    def where(self, chosen: Array) -> Self:
        """The rows of a mask, or by place."""
        places = np.flatnonzero(chosen) if chosen.dtype == bool else chosen
        return type(self)(*(column.take(places) for column in vars(self).values()))

    def followed_by(self, others: Self) -> Self:
        """Both, one after the other."""
        both = zip(vars(self).values(), vars(others).values(), strict=True)
        return type(self)(*(np.concatenate(columns) for columns in both))


@dataclass
class Rows(Columns):
    """Rows sorted by slot: slot, group, items (how many of the group's show it), first (the smallest of them)."""

    slot: Array
    group: Array
    items: Array
    first: Array

    def with_others(self, others: "Rows") -> "Rows":
        """These and others, which are sorted, too."""
        place = np.searchsorted(self.slot, others.slot) + np.arange(len(others.slot))
        is_own = np.ones(len(self.slot) + len(place), dtype=bool)
        is_own[place] = False
        columns = []
        for own, other in zip(vars(self).values(), vars(others).values(), strict=True):
            column = np.empty(len(is_own), dtype=own.dtype)
            column[is_own] = own
            column[place] = other
            columns.append(column)
        return Rows(*columns)

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
    return np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))


def lengths(ordered: Array) -> tuple[Array, Array]:
    """Where each value of an ordered array begins, and how often it is there."""
    begin = begins(ordered)
    return begin, np.diff(np.append(begin, len(ordered)))


def crossed(begin: Array, length: Array) -> tuple[Array, Array]:
    """The places in stretches that begin here and are so long: which stretch, and the place."""
    total = int(length.sum())
    offset = np.repeat(begin - (np.cumsum(length) - length), length)
    return np.repeat(np.arange(len(length)), length), np.arange(total) + offset


class Shown:
    """What groups show in the current round; groups are labels, of which there are `count`, and one that is nobody's.

    Contacts that several groups show have slots of their own here: `slot_of` are those that they have elsewhere, in the
    same order; contacts that one group has to itself join nobody.
    `narrow`, `wide`: rows of contacts that started on few and on many groups, one per slot and group; `usable`: those
    of `wide` whose contacts may join somebody now. `use` and `holder`: what contacts of `wide` are good for now
    (`round_memory`), by slot; those of `recounted` may have changed since the last round. `own`, `reach`, `sizes`: by
    label. `left`: labels (bool) to whom a contact of `touched` is left alone. `deciding`: slots (bool) that can join
    two who share no other: strong ones, those that count by rarity, and those that somebody without a strong contact
    shows, or perhaps did. `joined`: labels (bool) that have just come to be.
    """

    def __init__(
        self,
        rows: Rows,
        slots: pl.DataFrame,
        labels: Array,
        touched: Array,
        marks: tuple[Array, Array, Array],
        holders: Holders,
    ) -> None:
        """`rows`: of the starting groups, of contacts on several of them; their slots and groups are written over.
        `slots`: as in the memory. `labels`: starting group of each item. `touched`: slots (bool) that others may have
        shown in the run before. `marks`: own, reach, left. `holders`: of all items, as they start.
        """
        self.holders = holders
        self.count = len(labels)
        self.own, self.reach, self.left = marks
        self.sizes = np.bincount(labels, minlength=self.count + 1)
        begin, spread = lengths(rows.slot)
        self.slot_of = rows.slot[begin]
        rows.slot = np.repeat(np.arange(len(begin), dtype=np.int32), spread)
        is_wide = np.repeat(spread > WIDESPREAD, spread)
        self.narrow, self.wide = (rows.where(np.flatnonzero(which)) for which in (~is_wide, is_wide))

        self.contact, self.weight = (slots[name].to_numpy()[self.slot_of] for name in ("contact", "weight"))
        self.kind = slots["kind"].to_physical().to_numpy()[self.slot_of]
        self.touched = touched[self.slot_of]
        self.strong = self.weight >= STRONG_WEIGHT
        self.by_rarity = is_of_kind(BY_RARITY)[self.kind]
        # Whether two join hangs on these alone; others only add to what they share.
        self.deciding = self.strong | self.by_rarity | self.touched
        self.deciding[rows.slot[~self.reach.take(rows.group)]] = True
        self.use = np.zeros(len(self.slot_of), dtype=np.uint8)
        self.holder = np.zeros(len(self.slot_of), dtype=np.int64)
        # Of the contacts of `wide`: on how many groups, how many items of all, and of the group that shows it most,
        # the latter with its label.
        self.wide_spread, self._items, self._most = (np.zeros(len(self.slot_of), np.int64) for _ in range(3))
        self.all_wide = self._count_first()
        self.recounted = self.all_wide
        self._judge(self.all_wide)
        self.usable = self._usable()
        self.joined = np.zeros(self.count + 1, dtype=bool)
        # The slots of the contacts of `narrow` that those who have just come to be show.
        self._of_joined = np.zeros(len(self.slot_of), dtype=bool)
        self._renamed = np.arange(self.count + 1, dtype=np.int32)

    def rarer(self, weight: Array, holders: Array) -> Array:
        """`contacts.rarer` of arrays, of contacts on so many groups."""
        rare: Array = np.where(holders <= 2, weight, weight / self._logarithms[np.maximum(holders, 2)])
        return rare

    @cached_property
    def _logarithms(self) -> Array:
        most = max(int(self.wide_spread.max(initial=0)), WIDESPREAD)
        numbers = pl.select(pl.int_range(1, most + 1).cast(pl.Float64).log(2)).to_series()
        return np.append(np.nan, numbers.to_numpy())

    def _count_first(self) -> Array:
        rows = self.wide
        begin, spread = lengths(rows.slot)
        if not len(begin):
            return rows.slot
        slot: Array = rows.slot[begin]
        self.wide_spread[slot] = spread
        self._items[slot] = np.add.reduceat(rows.items.astype(np.int64), begin)
        self._most[slot] = np.maximum.reduceat(_by_items(rows.items, rows.group), begin)
        return slot

    def _judge(self, slot: Array) -> None:
        """What these contacts of `wide` are good for."""
        spread, most = self.wide_spread[slot], self._most[slot]
        is_star = ~self.by_rarity[slot] & (
            ((most >> 32) >= HOLDER_SHARE * self._items[slot]) | (self.strong[slot] & (spread <= MAX_STAR))
        )
        self.use[slot] = np.where(spread <= WIDESPREAD, NARROW, np.where(is_star, STAR, UNUSABLE))
        self.holder[slot] = 2**32 - 1 - (most & (2**32 - 1))

    def _usable(self) -> Rows:
        return self.wide.where(np.flatnonzero((self.use != UNUSABLE).take(self.wide.slot)))

    def shown_with(self, groups: Array, slots: Array | None = None, among: Array | None = None) -> Rows:
        """All rows of the usable contacts that one of these groups (bool, by label) shows, and of these slots (bool);
        `among`: only of such slots (bool). The rows of a contact stand together.
        """
        wanted = np.zeros(len(self.use), dtype=bool) if slots is None else slots.copy()
        for rows in (self.narrow, self.usable):
            wanted[rows.slot[groups.take(rows.group)]] = True
        if among is not None:
            wanted &= among
        return self._of_slots(wanted)

    def _of_slots(self, wanted: Array) -> Rows:
        parts = [rows.where(np.flatnonzero(wanted.take(rows.slot))) for rows in (self.narrow, self.usable)]
        return parts[0].followed_by(parts[1])

    def groups_of(self, slot: Array) -> Array:
        """The groups that show these contacts."""
        wanted = np.zeros(len(self.use), dtype=bool)
        wanted[slot] = True
        parts = (self.narrow, self.wide) if len(slot) else ()
        return np.concatenate(
            [np.zeros(0, np.int64), *(rows.group[wanted.take(rows.slot)] for rows in parts)]
        )

    def beside_in_others(self, groups: Array, asked: Array) -> Array:
        """Those of the labels `asked` (bool) that share a narrow contact with one of these groups (bool) that does not
        decide.
        """
        narrow_now = self.usable.where(self.use[self.usable.slot] == NARROW)
        slots = np.zeros(len(self.use), dtype=bool)
        theirs = []
        for rows in (self.narrow, narrow_now):
            place = np.flatnonzero(asked.take(rows.group))
            theirs.append(rows.where(place))
            slots[rows.slot[place]] = True
        slots &= ~self.deciding
        met = np.zeros(len(self.use), dtype=bool)
        for rows in (self.narrow, narrow_now):
            place = np.flatnonzero(slots.take(rows.slot))
            met[rows.slot[place[groups[rows.group[place]]]]] = True
        return np.concatenate([rows.group[met.take(rows.slot)] for rows in theirs])

    def told_of(self, groups: Array) -> Rows:
        """The rows of these groups (bool, by label) in contacts that are told of as evidence: all but those that count
        by their rarity and are on many.
        """
        narrow = self.narrow.where(np.flatnonzero(groups.take(self.narrow.group)))
        wide = self.wide.where(np.flatnonzero(groups.take(self.wide.group)))
        is_told = ~self.by_rarity[wide.slot] | (self.use[wide.slot] == NARROW)
        return narrow.followed_by(wide.where(is_told))

    def spread_of(self, slot: Array) -> tuple[Array, Array]:
        """On how many groups these contacts are, and of contacts on few, how many of these have a strong one."""
        asked, place = np.unique(slot, return_inverse=True)
        spread, reachable = self.wide_spread[asked], np.zeros(len(asked), dtype=np.int64)
        for rows in (self.narrow, self.usable):
            begin, length = stretches(rows.slot, asked)
            length[self.use[asked] != NARROW] = 0
            of, at = crossed(begin, length)
            reachable += np.bincount(of[self.reach[rows.group[at]]], minlength=len(asked))
            spread[length > 0] = length[length > 0]
        return spread[place], reachable[place]

    def active(self) -> Array:
        """Which labels (bool) share a usable contact with one that has just come to be (`best_partner`)."""
        active = np.zeros(self.count + 1, dtype=bool)
        active[self.narrow.group[self._of_joined[self.narrow.slot]]] = True
        met = np.zeros(len(self.use), dtype=bool)
        met[self.usable.slot[self.joined[self.usable.group]]] = True
        active[self.usable.group[met[self.usable.slot]]] = True
        return active

    def join(self, gone: Array, into: Array) -> None:
        """Labels `gone` become `into`, each of the latter being the label of all that joined."""
        self._renamed[gone] = into
        self.holders.join(gone, into)
        np.add.at(self.sizes, into, self.sizes[gone])
        for marks in (self.own, self.reach, self.left):
            marks[into[marks[gone]]] = True
        self.joined = np.zeros(self.count + 1, dtype=bool)
        self.joined[into] = True
        concerned = self.joined.copy()
        concerned[gone] = True
        self._join_narrow(concerned)
        self._join_wide(concerned)
        self._renamed[gone] = gone

    def _counted_up(self, rows: Rows, concerned: Array) -> tuple[Array, Array]:
        """Let the rows of those who joined (bool, by label) follow; those of one slot and group are counted into the
        first of them. Which these are, and which (bool) of all rows stay.
        """
        mine = np.flatnonzero(concerned.take(rows.group))
        group = self._renamed[rows.group[mine]]
        rows.group[mine] = group
        key = (rows.slot[mine].astype(np.int64) << 32) | group
        order = np.argsort(key, kind="stable")
        mine = mine[order]
        begin = begins(key[order])
        stays = np.ones(len(rows.slot), dtype=bool)
        if len(begin) == len(mine):
            return mine, stays
        counted = mine[begin]
        stays[mine] = False
        stays[counted] = True
        rows.items[counted] = np.add.reduceat(rows.items[mine], begin)
        rows.first[counted] = np.minimum.reduceat(rows.first[mine], begin)
        return counted, stays

    def _leave_alone(self, rows: Rows, slot: Array) -> None:
        """A contact that one group has left to itself is its own, and nobody else's concern. `rows`: of `slot`."""
        self.own[rows.group[self.strong[slot]]] = True
        self.left[rows.group[self.touched[slot]]] = True

    def _join_narrow(self, concerned: Array) -> None:
        rows = self.narrow
        counted, stays = self._counted_up(rows, concerned)
        self._of_joined = np.zeros(len(self.use), dtype=bool)
        self._of_joined[rows.slot[counted]] = True
        place = np.flatnonzero(stays)
        if len(place) == len(stays):
            return
        begin, spread = lengths(rows.slot[place])
        alone = place[begin[spread == 1]]
        slot = rows.slot[alone]
        self._leave_alone(rows.where(alone), slot)
        self._of_joined[slot] = False
        stays[alone] = False
        self.narrow = rows.where(np.flatnonzero(stays))

    def _join_wide(self, concerned: Array) -> None:
        rows = self.wide
        counted, stays = self._counted_up(rows, concerned)
        slot = rows.slot[counted]
        np.subtract.at(self.wide_spread, rows.slot[~stays], 1)
        np.maximum.at(self._most, slot, _by_items(rows.items[counted], rows.group[counted]))
        self.recounted = slot[begins(slot)]
        self._judge(self.recounted)
        is_alone = np.zeros(len(self.use), dtype=bool)
        is_alone[self.recounted[self.wide_spread[self.recounted] == 1]] = True
        alone = counted[is_alone[slot]]
        self._leave_alone(rows.where(alone), rows.slot[alone])
        stays[alone] = False
        if not stays.all():
            self.wide = rows.where(np.flatnonzero(stays))
        self.usable = self._usable()


def is_of_kind(kinds: tuple[str, ...]) -> Array:
    """Whether a kind (by its number in `round_memory.KINDS`) is one of these."""
    return np.isin(KINDS.categories.to_numpy(), kinds)


def _by_items(items: Array, group: Array) -> Array:
    """Numbers in the order of how many items a group has, the older group being the larger of two equal ones."""
    numbers: Array = (items.astype(np.int64) << 32) | (2**32 - 1 - group.astype(np.int64))
    return numbers

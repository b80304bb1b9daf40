"""The rounds of joining, gone through again only where they differ from those of the run before.

What a group does in a round depends on itself, on whom it shares usable contacts with, and on what these contacts are
good for. So it does what it did, unless it or one of those is another group than then (`_concerned`). Groups that are
the same have the same number in both runs. The result is that of `best_partner.join_groups`.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.best_partner import EDGES, MAX_ROUNDS, Joining
from assets.linking.contacts import STRONG_WEIGHT
from assets.linking.holders import Holders
from assets.linking.joined_labels import merged_labels
from assets.linking.pairs_in_arrays import Joins, best_partners, evidence_of, no_pairs, pairs_of
from assets.linking.remembered_pairs import RememberedPairs
from assets.linking.round_memory import (
    NARROW,
    NEVER,
    ROUND_JOINS,
    ROUND_MARKS,
    STAR,
    WIDE_CONTACTS,
    RoundMemory,
    typed,
)
from assets.linking.shown_rows import Array, Columns, Rows, Shown, lengths
from assets.linking.standing import Behind, put_together
from assets.linking.starting_rows import taken_again

# Where more of the items than this start in groups that differ, all rounds are gone through.
MOST = 0.2
# So many groups that may join in a round are all looked at again: to find out who of them has to be costs as much.
FEW = 6000


@dataclass(frozen=True)
class Before:
    """The run before, by the numbers of this one; -1 where something is gone.

    `memory`: as that run left it, by its own numbers. `numbers`: the new number of each of its items (Int64). `starts`:
    the former starting group of each item of now. `changed`: numbers of the items that are not as they were. `left`:
    former starting groups of items that are gone or changed. `edges` (left_item, round, as in `best_partner.EDGES`):
    those of its rounds between items that are still there. `behind` puts new rows behind those of the memory.
    """

    memory: RoundMemory
    numbers: Array
    starts: Array
    changed: Array
    left: Array
    edges: pl.DataFrame
    behind: Behind = put_together


@dataclass(frozen=True)
class Shows:
    """What items show: `slots` (`SLOTS`), with those of the memory at their places; which of these (bool, by slot) have
    another kind or weight than in the memory; and `item`, `slot` of each use, each pair once, sorted by item.
    """

    slots: pl.DataFrame
    reweighed: Array
    item: Array
    slot: Array

    def whole(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Contacts and uses as `best_partner.join_groups` wants them."""
        contact = self.slots["contact"].gather(self.slot)
        return self.slots, pl.DataFrame({"item": self.item, "contact": contact})


def join_again(before: Before, labels: Array, shows: Shows, posters: pl.DataFrame) -> Joining | None:
    """Join starting groups; `labels`, `posters` and the result as of `best_partner.join_groups`.

    None where so much differs that it is cheaper to go through all rounds.
    """
    memory, count, slots = before.memory, len(labels), shows.slots
    if memory.shown_rows.is_empty():
        return None
    # Half as wide as indices usually are: all rows are renamed in every round.
    numbers = np.where(before.numbers < 0, count, before.numbers).astype(np.int32)
    starts = np.where(before.starts < 0, count, before.starts)
    keeps_numbers = np.array_equal(before.numbers, np.arange(len(before.numbers)))
    differs = np.zeros(count + 1, dtype=bool)
    differs[count] = True
    moved = starts != labels
    moved[before.changed] = True
    for side in (labels[moved], starts[moved], before.left, _showing(memory, shows.reweighed, numbers)):
        differs[side] = True
    again = differs[labels]
    if again.sum() > MOST * count:
        return None
    theirs = np.flatnonzero(again.take(shows.item))
    item = shows.item[theirs].astype(np.uint32)
    group = labels[item].astype(np.uint32)
    fresh = Rows(shows.slot[theirs], group, np.ones(len(item), dtype=np.uint32), item).counted()
    own_before = np.full(count + 1, NEVER, dtype=np.uint8)
    own_before[numbers] = memory.round_marks["own_since"].to_numpy()
    reach = np.zeros(count + 1, dtype=bool)
    reach[numbers] = memory.round_marks["has_strong"].to_numpy()
    taken = taken_again(
        memory.shown_rows,
        None if keeps_numbers else numbers,
        own_before == 1,
        reach,
        differs,
        fresh,
        slots["weight"].to_numpy(),
        before.behind,
    )
    has_strong = taken.reach[:-1].copy()
    own_before[count] = NEVER
    marks = (taken.own, taken.reach, taken.left)
    strong = slots["weight"].to_numpy() >= STRONG_WEIGHT
    holders = Holders(posters, labels, shows.item, shows.slot, strong)
    shown = Shown(taken.shared, slots, labels, taken.touched, marks, holders)
    run = _Rounds(before, numbers, starts, shown, differs, own_before)
    return run.joined(labels, Kept(slots, taken.frame, has_strong))


def _showing(memory: RoundMemory, slots: Array, numbers: Array) -> Array:
    """The starting groups, by numbers of now, that showed one of these slots (bool)."""
    rows = memory.shown_rows
    if not slots[: memory.slots.height].any():
        return np.zeros(0, dtype=np.int64)
    place = np.flatnonzero(slots.take(rows["slot"].to_numpy()))
    place = place[rows["stands"].to_numpy()[place]]
    found: Array = numbers[rows["group"].to_numpy()[place]]
    return found


@dataclass(frozen=True)
class Kept:
    """What is remembered of starting groups: `slots`, `rows` (`shown_rows`) and `has_strong` of `RoundMemory`."""

    slots: pl.DataFrame
    rows: pl.DataFrame
    has_strong: Array


@dataclass
class _Joined(Columns):
    """Who joined whom in a round; `is_cut` as in `round_memory.RoundMemory`."""

    smaller: Array
    larger: Array
    is_cut: Array

    def keys(self) -> Array:
        """A number of each pair."""
        keys: Array = (self.smaller.astype(np.int64) << 32) | self.larger
        return keys


class _Rounds:
    """One run through the rounds."""

    def __init__(
        self, before: Before, numbers: Array, starts: Array, shown: Shown, differs: Array, own_before: Array
    ) -> None:
        self.shown, self.differs, self.count = shown, differs, shown.count
        self.own_before = own_before
        memory = before.memory
        self.behind = before.behind
        self.own_since = np.full(self.count, NEVER, dtype=np.uint8)
        self.pairs = RememberedPairs(memory.round_pairs, numbers, self.count)
        joins = memory.round_joins
        self.former_joins = _Joined(
            numbers[joins["smaller"].to_numpy()],
            numbers[joins["larger"].to_numpy()],
            joins["is_cut"].to_numpy(),
        )
        self.joins_of = _places_of_rounds(joins["round"].to_numpy())
        self.former_wide = {
            name: column.to_numpy() for name, column in memory.wide_contacts.to_dict().items()
        }
        self.former_wide["holder"] = numbers[self.former_wide["holder"]]
        self.wide_of = _places_of_rounds(self.former_wide["round"])
        # What contacts on many groups, now or then, were good for, and their places among those of `shown`.
        self.wide_slots = np.union1d(shown.slot_of[shown.all_wide], self.former_wide["slot"])
        self.use_before = np.zeros(len(self.wide_slots), dtype=np.uint8)
        self.holder_before = np.zeros(len(self.wide_slots), dtype=np.int64)
        self.wide_at = np.searchsorted(shown.slot_of, self.wide_slots)
        self.is_shared = np.append(shown.slot_of.astype(np.int64), -1)[self.wide_at] == self.wide_slots
        self.wide_at = self.wide_at[self.is_shared]
        self.edges_of = _places_of_rounds(before.edges["round"].to_numpy())
        # The group of each former edge's left item, as of the round that is looked at; of edges of that or later ones.
        self.left = starts[before.edges["left_item"].to_numpy()].astype(np.int32)
        self.kept_edges = np.zeros(before.edges.height, dtype=bool)
        self.joins: list[tuple[int, _Joined]] = []
        self.told: list[pl.DataFrame] = []
        self.wide: list[tuple[int, Array, Array, Array]] = []
        self.labels = np.arange(self.count + 1, dtype=np.int64)

    def joined(self, labels: Array, kept: Kept) -> Joining:
        """Go through the rounds."""
        renames: list[tuple[Array, Array]] = []
        for number in range(1, MAX_ROUNDS + 1):
            self._note(number)
            former = self.former_joins.where(self.joins_of[number])
            joins = self._round(number, former)
            if not len(joins.smaller):
                break
            self.joins.append((number, joins))
            gone, into = merged_labels(joins.smaller, joins.larger, self.labels)
            self._follow_former(number, former, joins)
            self.differs[into[self.differs[gone]]] = True
            self.shown.join(gone, into)
            renames.append((gone, into))
        final = np.arange(self.count + 1, dtype=np.int64)
        for gone, into in reversed(renames):
            final[gone] = final[into]
        told = pl.concat([pl.DataFrame(schema=EDGES), *self.told])
        return Joining(final[labels], told, self._memory(kept), self.kept_edges)

    def _memory(self, kept: Kept) -> RoundMemory:
        joins = [
            pl.DataFrame(vars(each)).with_columns(pl.lit(number).alias("round"))
            for number, each in self.joins
        ]
        wide = [
            pl.DataFrame({"slot": slot, "use": use, "holder": holder}).with_columns(
                pl.lit(number).alias("round")
            )
            for number, slot, use, holder in self.wide
        ]
        return RoundMemory(
            kept.slots,
            kept.rows,
            self.pairs.frame,
            pl.concat([pl.DataFrame(schema=ROUND_JOINS), *(typed(each, ROUND_JOINS) for each in joins)]),
            pl.DataFrame({"own_since": self.own_since, "has_strong": kept.has_strong}, schema=ROUND_MARKS),
            pl.concat([pl.DataFrame(schema=WIDE_CONTACTS), *(typed(each, WIDE_CONTACTS) for each in wide)]),
        )

    def _note(self, number: int) -> None:
        """Take down who has a contact of its own now, and what contacts on many groups are good for."""
        shown = self.shown
        self.own_since[shown.own[:-1] & (self.own_since == NEVER)] = number
        slot = shown.recounted
        self.wide.append((number, shown.slot_of[slot], shown.use[slot], shown.holder[slot]))
        then = self.wide_of[number]
        place = np.searchsorted(self.wide_slots, self.former_wide["slot"][then])
        self.use_before[place] = self.former_wide["use"][then]
        self.holder_before[place] = self.former_wide["holder"][then]

    def _round(self, number: int, former: _Joined) -> _Joined:
        """The joins of a round; what is not as it was is told of."""
        active = None if number == 1 else self.shown.active()
        if active is None or active.sum() > FEW:
            again, beside = self._concerned(number, former)
            either = again | beside
            active = either if active is None else either & active
        else:
            # All who may join are looked at again, and all others join nobody.
            again = either = np.ones(self.count + 1, dtype=bool)
        kept = former.where(~either[former.smaller])
        joins = self._joins_of(number, again, active)
        # Who is the same, and joins whom it joined, is told of as before, where all that they share is told.
        same = ~former.is_cut & either[former.smaller] & ~again[former.smaller] & ~again[former.larger]
        same = former.where(np.flatnonzero(same))
        same = same.where(np.isin(same.keys(), _keys_of(joins)))
        kept = kept.followed_by(same)
        is_same = np.zeros(self.count + 1, dtype=bool)
        is_same[same.smaller] = True
        joins = joins.where(~is_same[joins.smaller])
        self._keep(number, kept)
        if not len(joins.smaller):
            return kept
        found, cut = evidence_of(joins, self.shown, number)
        self.told.append(found)
        return kept.followed_by(_Joined(joins.smaller, joins.larger, cut))

    def _concerned(self, number: int, former: _Joined) -> tuple[Array, Array]:
        """Groups (bool, by label) whose pairs all have to be looked at again, and others that may pair with one of
        these, or of whose joins something else may be told.
        """
        shown = self.shown
        again = self.differs | (shown.own != (self.own_before <= number))
        use, holder = np.zeros_like(self.use_before), np.zeros_like(self.holder_before)
        use[self.is_shared], holder[self.is_shared] = shown.use[self.wide_at], shown.holder[self.wide_at]
        use_before, holder_before = self.use_before, self.holder_before
        is_other = (use != use_before) | ((use == STAR) & (holder != holder_before))
        again[holder[is_other & (use == STAR)]] = True
        again[holder_before[is_other & (use_before == STAR)]] = True
        turned = is_other & ((use == NARROW) | (use_before == NARROW))
        again[shown.groups_of(self.wide_at[turned[self.is_shared]])] = True

        rows = shown.shown_with(again, shown.touched, shown.deciding)
        weak = self._counting_otherwise(rows, again)
        if len(weak):
            again[weak] = True
            rows = shown.shown_with(again, shown.touched, shown.deciding)
        # A contact on many groups leads to its holder alone.
        by_holder = (shown.use.take(rows.slot) == STAR) & ~again[shown.holder.take(rows.slot)]
        beside = shown.left.copy()
        beside[rows.group[~by_holder | (rows.group == shown.holder.take(rows.slot))]] = True
        beside[shown.groups_of(self.wide_at[is_other[self.is_shared]])] = True
        # Of what is told of a join, the rarest: how rare it is may have changed.
        cut = np.zeros(self.count + 1, dtype=bool)
        cut[former.smaller[former.is_cut]] = True
        beside[shown.beside_in_others(again, cut)] = True
        return again, beside & ~again

    def _counting_otherwise(self, rows: Rows, again: Array) -> Array:
        """Groups for whose pairs a weak contact may count otherwise, because others that differ show it or showed it.

        What counts depends on how many show it who can be told apart: with enough of them who are the same, nothing.
        """
        shown = self.shown
        weak = np.flatnonzero(~shown.strong.take(rows.slot) & ~again.take(rows.group))
        slot, group = rows.slot[weak], rows.group[weak]
        if not len(slot):
            return group
        reach = shown.reach[group]
        begin, length = lengths(slot)
        told_apart = np.repeat(np.add.reduceat(reach.astype(np.int64), begin), length)
        by_rarity = shown.by_rarity[slot]
        concerned: Array = group[np.where(by_rarity, told_apart <= 2, (told_apart <= 1) & ~reach)]
        return concerned

    def _joins_of(self, number: int, again: Array, active: Array) -> Joins:
        """Whom the active groups join (`best_partner.best_partners`)."""
        if number == 1:
            pairs = self.pairs.again(pairs_of(self.shown, again), again, active, self.behind)
        elif active.any():
            pairs = pairs_of(self.shown, active)
        else:
            pairs = no_pairs()
        return best_partners(pairs, active)

    def _keep(self, number: int, kept: _Joined) -> None:
        """Keep the edges of these joins."""
        self.is_kept = np.zeros(self.count + 1, dtype=bool)
        self.is_kept[kept.smaller] = True
        edges = self.edges_of[number]
        self.kept_edges[edges] = self.is_kept[self.left[edges]]

    def _follow_former(self, number: int, former: _Joined, joins: _Joined) -> None:
        """Let the former groups join; what joins otherwise than then differs from now on."""
        both = [each.where(~self.is_kept[each.smaller]) for each in (former, joins)]
        nobody = self.count
        for each, other in zip(both, reversed(both), strict=True):
            is_other = ~np.isin(each.keys(), other.keys())
            is_other |= (each.smaller == nobody) | (each.larger == nobody)
            self.differs[each.smaller[is_other]] = True
            self.differs[each.larger[is_other]] = True
        there = former.where((former.smaller != nobody) & (former.larger != nobody))
        gone, into = merged_labels(there.smaller, there.larger, self.labels)
        self.differs[into[self.differs[gone]]] = True
        # Where one of them is numbered otherwise now, it may be another of them that named the group then.
        self.differs[gone[self.differs[into]]] = True
        self.labels[gone] = into
        for later in range(number + 1, MAX_ROUNDS + 1):
            edges = self.edges_of[later]
            self.left[edges] = self.labels[self.left[edges]]
        self.labels[gone] = gone


def _places_of_rounds(rounds: Array) -> list[Array]:
    """The places at which each round stands, by its number."""
    order = np.argsort(rounds.astype(np.uint8), kind="stable")
    bounds = np.searchsorted(rounds[order], np.arange(MAX_ROUNDS + 2))
    return [order[begin:end] for begin, end in itertools.pairwise(bounds)]


def _keys_of(joins: Joins) -> Array:
    keys: Array = (joins.smaller.astype(np.int64) << 32) | joins.larger
    return keys

"""The rounds of joining, gone through again only where they differ from those of the run before.

What a group does in a round depends on itself, on whom it shares usable contacts with, and on what these contacts are
good for. So it does what it did, unless it or one of those is another group than then (`_concerned`). Groups that are
the same have the same number in both runs. The result is that of `best_partner.join_groups`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.best_partner import (
    EDGES,
    MAX_ROUNDS,
    Joining,
    best_partners,
    evidence_of,
)
from assets.linking.joined_labels import merged_labels
from assets.linking.pairing import acceptable, candidates, held_of, worth_pairing
from assets.linking.round_memory import (
    NARROW,
    NEVER,
    ROUND_JOINS,
    ROUND_MARKS,
    ROUND_PAIRS,
    SHOWN_ROWS,
    STAR,
    WIDE_CONTACTS,
    RoundMemory,
    typed,
)
from assets.linking.shown_rows import Array, Rows, Shown

# Where more of the items than this start in groups that differ, all rounds are gone through.
MOST = 0.2


@dataclass(frozen=True)
class Before:
    """The run before, by the numbers of this one; -1 where something is gone.

    `memory`: as that run left it, by its own numbers. `numbers`: the new number of each of its items (Int64). `starts`:
    the former starting group of each item of now. `changed`: numbers of the items that are not as they were. `left`:
    former starting groups of items that are gone or changed. `edges` (`best_partner.EDGES`): those of its rounds
    between items that are still there.
    """

    memory: RoundMemory
    numbers: Array
    starts: Array
    changed: Array
    left: Array
    edges: pl.DataFrame


@dataclass(frozen=True)
class Shows:
    """What items show: `slots` (`SLOTS`), with those of the memory at their places; which of these (bool, by slot) have
    another kind or weight than in the memory; and `item`, `slot` of each use, each pair once.
    """

    slots: pl.DataFrame
    reweighed: Array
    item: Array
    slot: Array


def join_again(before: Before, labels: Array, shows: Shows) -> Joining | None:
    """Join starting groups; `labels` and the result as of `best_partner.join_groups`.

    None where so much differs that it is cheaper to go through all rounds.
    """
    memory, count, slots = before.memory, len(labels), shows.slots
    if memory.shown_rows.is_empty():
        return None
    # Half as wide as indices usually are: all rows are renamed in every round.
    numbers = np.where(before.numbers < 0, count, before.numbers).astype(np.int32)
    starts = np.where(before.starts < 0, count, before.starts)
    old = memory.shown_rows
    rows = Rows(
        old["slot"].to_numpy(),
        numbers[old["group"].to_numpy()],
        old["items"].to_numpy(),
        numbers[old["first"].to_numpy()],
    )
    differs = np.zeros(count + 1, dtype=bool)
    differs[count] = True
    moved = starts != labels
    moved[before.changed] = True
    for side in (labels[moved], starts[moved], before.left, rows.group[shows.reweighed[rows.slot]]):
        differs[side] = True
    again = differs[labels]
    if again.sum() > MOST * count:
        return None
    is_kept = ~differs[rows.group]
    touched = np.zeros(slots.height, dtype=bool)
    touched[rows.slot[~is_kept]] = True
    theirs = np.flatnonzero(again[shows.item])
    item = shows.item[theirs].astype(np.int32)
    group = labels[item].astype(np.int32)
    fresh = Rows(shows.slot[theirs], group, np.ones(len(item), dtype=np.uint32), item)
    rows = rows.where(is_kept).merged_with(fresh.counted())
    run = _Rounds(before, numbers, starts, Shown(rows, slots, labels, touched), differs)
    run.memory_of(rows)
    return run.joined(labels)


class _Rounds:
    """One run through the rounds."""

    def __init__(self, before: Before, numbers: Array, starts: Array, shown: Shown, differs: Array) -> None:
        self.shown, self.differs, self.count = shown, differs, shown.count
        memory = before.memory
        self.own_before = np.full(self.count + 1, NEVER, dtype=np.uint8)
        self.own_before[numbers] = memory.round_marks["own_since"].to_numpy()
        self.own_before[self.count] = NEVER
        self.own_since = np.full(self.count, NEVER, dtype=np.uint8)
        self.pairs = _by(numbers, memory.round_pairs)
        self.former_joins = _by(numbers, memory.round_joins)
        self.former_wide = memory.wide_contacts.with_columns(
            pl.Series("holder", numbers[memory.wide_contacts["holder"].to_numpy()])
        )
        self.wide_slots = np.union1d(shown.all_wide, memory.wide_contacts["slot"].to_numpy())
        self.use_before = np.zeros(len(shown.use), dtype=np.uint8)
        self.holder_before = np.zeros(len(shown.use), dtype=np.int64)
        self.edges = before.edges
        # The group of each former edge's left item, as of the round that is looked at.
        self.left = starts[before.edges["left_item"].to_numpy()]
        self.kept_edges = np.zeros(before.edges.height, dtype=bool)
        self.joins: list[pl.DataFrame] = []
        self.told: list[pl.DataFrame] = []
        self.wide: list[pl.DataFrame] = []

    def memory_of(self, rows: Rows) -> None:
        """Take down what starting groups show."""
        self.rows = typed(pl.DataFrame(vars(rows)), SHOWN_ROWS)

    def joined(self, labels: Array) -> Joining:
        """Go through the rounds."""
        renames: list[tuple[Array, Array]] = []
        for number in range(1, MAX_ROUNDS + 1):
            self._note(number)
            former = self.former_joins.filter(pl.col("round") == number)
            joins = self._round(number, former)
            if joins.is_empty():
                break
            self.joins.append(joins)
            gone, into = merged_labels(
                joins["smaller"].to_numpy(), joins["larger"].to_numpy(), self.count + 1
            )
            self._follow_former(former, joins)
            self.differs[into[self.differs[gone]]] = True
            self.shown.join(gone, into)
            renames.append((gone, into))
        final = np.arange(self.count + 1, dtype=np.int64)
        for gone, into in reversed(renames):
            final[gone] = final[into]
        told = [self.edges.filter(pl.Series(self.kept_edges)), *self.told]
        return Joining(final[labels], pl.concat(told), self._memory())

    def _memory(self) -> RoundMemory:
        return RoundMemory(
            self.shown.slots,
            self.rows,
            typed(self.pairs, ROUND_PAIRS),
            pl.concat([pl.DataFrame(schema=ROUND_JOINS), *(typed(each, ROUND_JOINS) for each in self.joins)]),
            pl.DataFrame({"own_since": self.own_since}, schema=ROUND_MARKS),
            pl.concat([pl.DataFrame(schema=WIDE_CONTACTS), *self.wide]),
        )

    def _note(self, number: int) -> None:
        """Take down who has a contact of its own now, and what contacts on many groups are good for."""
        shown = self.shown
        self.own_since[shown.own[:-1] & (self.own_since == NEVER)] = number
        slot = shown.recounted
        wide = pl.DataFrame({"slot": slot, "use": shown.use[slot], "holder": shown.holder[slot]})
        self.wide.append(typed(wide.with_columns(pl.lit(number).alias("round")), WIDE_CONTACTS))
        then = self.former_wide.filter(pl.col("round") == number)
        self.use_before[then["slot"].to_numpy()] = then["use"].to_numpy()
        self.holder_before[then["slot"].to_numpy()] = then["holder"].to_numpy()

    def _round(self, number: int, former: pl.DataFrame) -> pl.DataFrame:
        """The joins of a round (`ROUND_JOINS`); what is not as it was is told of."""
        again, beside = self._concerned(number, former)
        either = again | beside
        kept = former.filter(pl.Series(~either[former["smaller"].to_numpy()]))
        active = either if number == 1 else either & self.shown.active()
        joins = self._joins_of(number, again, active)
        if joins.height and former.height:
            # Who is the same, and joins whom it joined, is told of as before, where all that they share is told.
            same = former.join(joins.select("smaller", "larger"), on=["smaller", "larger"]).filter(
                ~pl.col("is_cut")
            )
            is_other = again[same["smaller"].to_numpy()] | again[same["larger"].to_numpy()]
            same = same.filter(pl.Series(~is_other))
            kept = pl.concat([kept, same])
            joins = joins.join(same, on="smaller", how="anti")
        self._keep(number, kept)
        if joins.is_empty():
            return kept
        found, cut = evidence_of(joins, self._evidence_rows(joins), number)
        self.told.append(found.select(*EDGES))
        told = joins.join(cut, on="smaller").with_columns(pl.lit(number).alias("round"))
        return pl.concat([kept, told.select(pl.col(name).cast(kind) for name, kind in kept.schema.items())])

    def _concerned(self, number: int, former: pl.DataFrame) -> tuple[Array, Array]:
        """Groups (bool, by label) whose pairs all have to be looked at again, and others that may pair with one of
        these, or of whose joins something else may be told.
        """
        shown = self.shown
        again = self.differs | (shown.own != (self.own_before <= number))
        wide = self.wide_slots
        use, use_before = shown.use[wide], self.use_before[wide]
        holder, holder_before = shown.holder[wide], self.holder_before[wide]
        is_other = (use != use_before) | ((use == STAR) & (holder != holder_before))
        other = np.zeros(len(shown.use), dtype=bool)
        other[wide[is_other]] = True
        again[holder[is_other & (use == STAR)]] = True
        again[holder_before[is_other & (use_before == STAR)]] = True
        turned = np.zeros(len(shown.use), dtype=bool)
        turned[wide[is_other & ((use == NARROW) | (use_before == NARROW))]] = True
        again[shown.narrow.group[turned[shown.narrow.slot]]] = True
        again[shown.wide.group[turned[shown.wide.slot]]] = True

        rows = shown.shown_with(again, shown.touched, shown.deciding)
        weak = self._counting_otherwise(rows, again)
        if len(weak):
            again[weak] = True
            rows = shown.shown_with(again, shown.touched, shown.deciding)
        # A contact on many groups leads to its holder alone.
        by_holder = (shown.use[rows.slot] == STAR) & ~again[shown.holder[rows.slot]]
        beside = shown.left.copy()
        beside[rows.group[~by_holder | (rows.group == shown.holder[rows.slot])]] = True
        beside[shown.narrow.group[other[shown.narrow.slot]]] = True
        beside[shown.wide.group[other[shown.wide.slot]]] = True
        # Of what is told of a join, the rarest: how rare it is may have changed.
        cut = np.zeros(self.count + 1, dtype=bool)
        cut[former.filter("is_cut")["smaller"].to_numpy()] = True
        beside[shown.beside_in_others(again, cut)] = True
        return again, beside & ~again

    def _counting_otherwise(self, rows: Rows, again: Array) -> Array:
        """Groups for whose pairs a weak contact may count otherwise, because others that differ show it or showed it.

        What counts depends on how many show it who can be told apart: with enough of them who are the same, nothing.
        """
        shown = self.shown
        weak = np.flatnonzero(~shown.strong[rows.slot] & ~again[rows.group])
        slot, group = rows.slot[weak], rows.group[weak]
        if not len(slot):
            return group
        reach = shown.reach[group]
        told_apart = np.bincount(slot[reach], minlength=int(slot.max()) + 1)
        by_rarity = shown.by_rarity[slot]
        concerned: Array = group[np.where(by_rarity, told_apart[slot] <= 2, (told_apart[slot] <= 1) & ~reach)]
        return concerned

    def _joins_of(self, number: int, again: Array, active: Array) -> pl.DataFrame:
        """Whom the active groups join (`best_partner.best_partners`)."""
        if number == 1:
            pairs = self._pairs_of(again)
            is_kept = ~(again[self.pairs["smaller"].to_numpy()] | again[self.pairs["larger"].to_numpy()])
            kept = self.pairs.filter(pl.Series(is_kept))
            self.pairs = pl.concat([kept, pairs])
            is_near = active[kept["smaller"].to_numpy()] | active[kept["larger"].to_numpy()]
            pairs = pl.concat([kept.filter(pl.Series(is_near)), pairs])
        elif active.any():
            pairs = self._pairs_of(active)
        else:
            pairs = self.pairs.clear()
        joins = best_partners(pairs)
        return joins.filter(pl.Series(active[joins["smaller"].to_numpy()]))

    def _pairs_of(self, concerned: Array) -> pl.DataFrame:
        """The pairs with one of these groups (bool, by label) that suffice."""
        shown = self.shown
        rows = shown.shown_with(concerned, np.zeros(len(shown.use), dtype=bool))
        held = held_of(shown.frame(rows), shown.sizes, shown.own, shown.reach)
        pairs = acceptable(candidates(worth_pairing(held), concerned))
        return pairs.select(pl.col(name).cast(kind) for name, kind in self.pairs.schema.items())

    def _evidence_rows(self, joins: pl.DataFrame) -> pl.DataFrame:
        """All that those who join share, of these."""
        shown = self.shown
        theirs = np.zeros(self.count + 1, dtype=bool)
        theirs[joins["smaller"].to_numpy()] = True
        theirs[joins["larger"].to_numpy()] = True
        usable = shown.frame(shown.shown_with(theirs, np.zeros(len(shown.use), dtype=bool)))
        unusable = shown.unusable_of(theirs)
        rows = pl.concat([usable, shown.frame(unusable, shown.wide_spread[unusable.slot])])
        held = held_of(rows, shown.sizes, shown.own, shown.reach)
        return held.filter(pl.Series(theirs[held["group"].to_numpy()]))

    def _keep(self, number: int, kept: pl.DataFrame) -> None:
        """Keep the edges of these joins."""
        self.is_kept = np.zeros(self.count + 1, dtype=bool)
        self.is_kept[kept["smaller"].to_numpy()] = True
        self.kept_edges |= (self.edges["round"].to_numpy() == number) & self.is_kept[self.left]

    def _follow_former(self, former: pl.DataFrame, joins: pl.DataFrame) -> None:
        """Let the former groups join; what joins otherwise than then differs from now on."""
        pairs = []
        for frame in (former, joins):
            smaller, larger = frame["smaller"].to_numpy(), frame["larger"].to_numpy()
            other = ~self.is_kept[smaller]
            pairs.append((smaller[other], larger[other]))
        keys = [smaller * np.int64(self.count + 1) + larger for smaller, larger in pairs]
        nobody = self.count
        for (smaller, larger), key, others in zip(pairs, keys, reversed(keys), strict=True):
            is_other = ~np.isin(key, others) | (smaller == nobody) | (larger == nobody)
            self.differs[smaller[is_other]] = True
            self.differs[larger[is_other]] = True
        smaller, larger = former["smaller"].to_numpy(), former["larger"].to_numpy()
        is_there = (smaller != nobody) & (larger != nobody)
        gone, into = merged_labels(smaller[is_there], larger[is_there], self.count + 1)
        self.differs[into[self.differs[gone]]] = True
        # Where one of them is numbered otherwise now, it may be another of them that named the group then.
        self.differs[gone[self.differs[into]]] = True
        renamed = np.arange(self.count + 1, dtype=np.int64)
        renamed[gone] = into
        self.left = renamed[self.left]


def _by(numbers: Array, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its groups by new numbers (Int64)."""
    return frame.with_columns(
        pl.Series(side, numbers[frame[side].to_numpy()]) for side in ("smaller", "larger")
    )

"""Pairs of groups that share enough to be joined, found in arrays: what `pairing` and `best_partner` find in tables.

For few groups at a time, where a table's join costs more than what is joined.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.best_partner import EDGES, EVIDENCE_PER_JOIN
from assets.linking.contacts import NO_IDENTIFIERS, STRONG_WEIGHT, TEXT
from assets.linking.holders import GIVEN_AGAIN
from assets.linking.pairing import (
    COPIED_CAP,
    LONELY_SHARE,
    SEVERAL_SHARE,
    SEVERAL_WEIGHT,
    SINGLE_SHARE,
    SINGLE_SUPPORT,
    WEAK_KINDS,
    WEAK_SHARE,
    WEAK_WEIGHT,
    WIDESPREAD,
)
from assets.linking.round_memory import NARROW, ROUND_PAIRS, STAR, typed
from assets.linking.shown_rows import Array, Columns, Rows, Shown, begins, crossed, is_of_kind, lengths
from assets.linking.stretches import among
from assets.linking.used_together import OWN_ITEMS, OWN_SHARE

# Floats are told as far as this (`pairing.acceptable`).
DIGITS = 9


@dataclass
class Pairs(Columns):
    """Pairs of groups; columns as of `round_memory.ROUND_PAIRS`, the labels Int32 or wider."""

    smaller: Array
    larger: Array
    weight: Array
    support: Array
    share: Array
    things: Array
    size_small: Array

    def frame(self) -> pl.DataFrame:
        """As they are remembered."""
        return typed(pl.DataFrame(vars(self)), ROUND_PAIRS)


@dataclass
class Joins(Columns):
    """Who joins whom: columns as of `best_partner.best_partners`."""

    smaller: Array
    larger: Array
    support: Array
    share: Array
    strength: Array
    is_bridge: Array


def no_pairs() -> Pairs:
    """None at all."""
    return Pairs(*(np.zeros(0, kind.to_python()) for kind in ROUND_PAIRS.values()))


def pairs_of(shown: Shown, concerned: Array) -> Pairs:
    """The pairs with one of these groups (bool, by label) that suffice now (`pairing.acceptable`)."""
    rows = shown.shown_with(concerned)
    begin, length = lengths(rows.slot)
    if not len(begin):
        return no_pairs()
    spread = np.repeat(length, length)
    reachable = np.repeat(np.add.reduceat(shown.reach[rows.group].astype(np.int64), begin), length)
    is_strong = shown.strong[rows.slot]
    strong = np.flatnonzero(is_strong)
    left, right = (strong[side] for side in _candidates(rows.where(strong), shown, concerned))
    # Weak things count for those who share strong contacts, and with whoever has none.
    meet = np.zeros(shown.count + 1, dtype=bool)
    meet[rows.group[left]] = True
    meet[rows.group[right]] = True
    asked = np.zeros(len(shown.use), dtype=bool)
    asked[rows.slot[~shown.reach[rows.group]]] = True
    worth = meet[rows.group] | asked[rows.slot] | (shown.use[rows.slot] == STAR)
    weak = np.flatnonzero(worth & ~is_strong)
    others = [weak[side] for side in _candidates(rows.where(weak), shown, concerned)]
    left, right = (np.concatenate(both) for both in zip((left, right), others, strict=True))
    return _acceptable(rows, shown, left, right, spread, reachable)


def _candidates(rows: Rows, shown: Shown, concerned: Array) -> tuple[Array, Array]:
    """Places of two rows of one contact, one of a group that is concerned: each pair once (`pairing.candidates`)."""
    begin, spread = lengths(rows.slot)
    begin, spread = np.repeat(begin, spread), np.repeat(spread, spread)
    is_ours = concerned[rows.group]
    is_star = shown.use[rows.slot] == STAR
    is_holder = is_star & (rows.group == shown.holder[rows.slot])
    holder = np.zeros(len(rows.slot), dtype=np.int64)
    holder[begin[is_holder]] = np.flatnonzero(is_holder)
    to_holder = np.flatnonzero(is_star & is_ours & ~is_holder)
    among = np.flatnonzero(is_ours & (~is_star | is_holder))
    place, right = crossed(begin[among], spread[among])
    left = among[place]
    once = (left < right) | (~is_ours[right] & (left != right))
    # Whoever goes to a holder that is concerned is counted by itself.
    once &= ~is_star[left] | ~is_ours[right]
    left = np.concatenate([left[once], to_holder])
    return left, np.concatenate([right[once], holder[begin[to_holder]]])


def _acceptable(
    rows: Rows, shown: Shown, left: Array, right: Array, spread: Array, reachable: Array
) -> Pairs:
    """`pairing.acceptable` of the pairs of rows `left`, `right`; `spread`, `reachable`: of each row's contact."""
    sizes = shown.sizes
    one, other = rows.group[left], rows.group[right]
    is_larger = (sizes[one] > sizes[other]) | ((sizes[one] == sizes[other]) & (one < other))
    small, large = np.where(is_larger, right, left), np.where(is_larger, left, right)
    smaller, larger = rows.group[small].astype(np.int64), rows.group[large].astype(np.int64)
    strong = shown.strong[rows.slot[small]]
    meet = shown.reach[smaller] & shown.reach[larger]
    # Two who both have strong contacts are joined by these only.
    key = (smaller << 32) | larger
    by_strong = np.sort(key[strong])
    worth = strong | ~meet | among(key, by_strong)
    small, large, key, strong, meet = (each[worth] for each in (small, large, key, strong, meet))
    order = np.argsort(key, kind="stable")
    small, large, key, strong, meet = (each[order] for each in (small, large, key, strong, meet))
    begin, things = lengths(key)
    if not len(begin):
        return no_pairs()

    slot = rows.slot[small]
    n_small, n_large = rows.items[small].astype(np.int64), rows.items[large].astype(np.int64)
    both = np.minimum(n_small, n_large)
    weight = shown.weight[slot].astype(np.float64)
    rare = shown.rarer(weight, spread[small])
    by_rarity, alone = shown.by_rarity[slot], reachable[small]
    counted = np.where(by_rarity, np.where(alone <= 2, rare, 0.0), weight)
    kind = shown.kind[slot]
    is_image, is_text = (is_of_kind((name,))[kind] for name in ("image", TEXT))
    total = np.add.reduceat(np.where(is_image | is_text, 0.0, counted), begin)
    for of_kind in (is_image, is_text):
        total += np.minimum(np.add.reduceat(np.where(of_kind, counted, 0.0), begin), COPIED_CAP)
    total = np.round(total, DIGITS)
    support = np.add.reduceat(both, begin)
    best = np.maximum.reduceat(np.where(strong, both, 0), begin)
    named = np.add.reduceat(np.where(is_of_kind(NO_IDENTIFIERS)[kind], 0, both), begin)
    has_strong = np.logical_or.reduceat(strong, begin)

    smaller, larger = key[begin] >> 32, key[begin] & (2**32 - 1)
    size = sizes[smaller]
    single = best / size
    several = (total >= SEVERAL_WEIGHT) & (named / size >= SEVERAL_SHARE)
    lonely = (single >= LONELY_SHARE) & ((size == 1) | ~shown.own[smaller])
    suffices = several | ((best >= SINGLE_SUPPORT) & (single >= SINGLE_SHARE)) | lonely
    suffices &= has_strong
    weak = np.flatnonzero(~np.repeat(has_strong, things) & ~meet & (alone <= 1))
    joined = _weak(shown, key[weak], slot[weak], rare[weak], n_small[weak], n_large[weak])
    suffices |= ~has_strong & among(key[begin], joined)
    # Too little is enough where both show it at the same time (`pairing._asked`).
    pair = np.repeat(np.arange(len(begin)), things)
    has_several = (np.add.reduceat(strong.astype(np.int64), begin) > 1)[pair]
    is_own = (n_small >= OWN_SHARE * size[pair]) | (n_large >= OWN_SHARE * sizes[larger][pair])
    often = (both >= OWN_ITEMS) | ~is_of_kind(GIVEN_AGAIN)[kind]
    may = has_several | (is_own & (often | (total[pair] > STRONG_WEIGHT)))
    asked = np.flatnonzero(strong & may & ~suffices[pair] & (shown.use[slot] == NARROW))
    if len(asked):
        of = pair[asked]
        at_once = shown.holders.show_at_once(shown.slot_of[slot[asked]], smaller[of], larger[of])
        suffices[of[at_once]] = True
    found = Pairs(smaller, larger, total, support, np.minimum(support / size, 1.0), things, size)
    # What is but one number's may be two persons', of whom the one had it before the other.
    of_number = np.flatnonzero(
        suffices & (things == 1) & strong[begin] & is_of_kind(GIVEN_AGAIN)[kind[begin]]
    )
    of_number = of_number[shown.use[slot[begin[of_number]]] == NARROW]
    numbers = shown.slot_of[slot[begin[of_number]]]
    suffices[of_number] = ~shown.holders.are_two(numbers, smaller[of_number], larger[of_number])
    return found.where(suffices)


def _weak(shown: Shown, key: Array, slot: Array, rare: Array, n_small: Array, n_large: Array) -> Array:
    """Keys (sorted) of the pairs that the weak things in these rows (sorted by key) join (`pairing.WEAK_KINDS`)."""
    kind = shown.kind[slot].astype(np.int64)
    order = np.lexsort((kind, key))
    key, kind, rare = key[order], kind[order], rare[order]
    begin, _ = lengths(key)
    if not len(begin):
        return key
    smaller, larger = key >> 32, key & (2**32 - 1)
    parts = [n_small[order] / shown.sizes[smaller], n_large[order] / shown.sizes[larger]]
    of_kind = np.flatnonzero(np.append(True, (key[1:] != key[:-1]) | (kind[1:] != kind[:-1])))
    rarest = np.maximum.reduceat(rare, of_kind)
    first, kinds = lengths(key[of_kind])
    total = np.round(np.add.reduceat(rarest, first), DIGITS)
    joins = (kinds >= WEAK_KINDS) & (total >= WEAK_WEIGHT)
    for labels, part in zip((smaller, larger), parts, strict=True):
        joins &= shown.reach[labels[begin]] | (np.maximum.reduceat(part, begin) >= WEAK_SHARE)
    found: Array = key[begin][joins]
    return found


def best_partners(pairs: Pairs, asked: Array) -> Joins:
    """`best_partner.best_partners` of these groups (bool, by label), all of whose pairs are among `pairs`."""
    may = np.zeros(len(asked), dtype=bool)
    may[pairs.smaller] = True
    may &= asked
    as_smaller, as_larger = np.flatnonzero(may[pairs.smaller]), np.flatnonzero(may[pairs.larger])
    place = np.concatenate([as_smaller, as_larger])
    group = np.concatenate([pairs.smaller[as_smaller], pairs.larger[as_larger]])
    partner = np.concatenate([pairs.larger[as_smaller], pairs.smaller[as_larger]])
    order = np.lexsort((partner, -pairs.support[place], -pairs.share[place], -pairs.weight[place], group))
    best = order[begins(group[order])]
    chosen = pairs.where(place[best[best < len(as_smaller)]])
    is_bridge = (chosen.weight < SEVERAL_WEIGHT) & (chosen.size_small > 1)
    is_bridge |= chosen.weight < STRONG_WEIGHT
    return Joins(chosen.smaller, chosen.larger, chosen.support, chosen.share, chosen.weight, is_bridge)


def evidence_of(joins: Joins, shown: Shown, number: int) -> tuple[pl.DataFrame, Array]:
    """`best_partner.evidence_of`: the edges of these joins, and of which (bool) not all is told, or by its rarity."""
    is_smaller, theirs = (np.zeros(shown.count + 1, dtype=bool) for _ in range(2))
    is_smaller[joins.smaller] = True
    theirs[joins.smaller] = True
    theirs[joins.larger] = True
    join_of = np.empty(shown.count + 1, dtype=np.int64)
    join_of[joins.smaller] = np.arange(len(joins.smaller))
    rows = shown.told_of(theirs)
    key = (rows.slot.astype(np.int64) << 32) | rows.group
    order = np.argsort(key, kind="stable")
    rows, key = rows.where(order), key[order]
    small = np.flatnonzero(is_smaller[rows.group])
    join = join_of[rows.group[small]]
    wanted = (rows.slot[small].astype(np.int64) << 32) | joins.larger[join]
    large = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    both = key[large] == wanted
    small, large, join = small[both], large[both], join[both]

    slot = rows.slot[small]
    spread, reachable = shown.spread_of(slot)
    by_rarity = shown.by_rarity[slot]
    weight = shown.weight[slot].astype(np.float64)
    rare = np.where(reachable <= 2, shown.rarer(weight, spread), 0.0)
    weight = np.where(by_rarity, rare, weight)
    contact = shown.contact[slot]
    order = np.lexsort((contact, np.minimum(spread, WIDESPREAD + 1), -weight, joins.smaller[join]))
    begin, length = lengths(joins.smaller[join[order]])
    cut = np.zeros(len(joins.smaller), dtype=bool)
    cut[join[order[begin]]] = length > EVIDENCE_PER_JOIN
    cut[join[by_rarity]] = True
    told = order[np.arange(len(order)) - np.repeat(begin, length) < EVIDENCE_PER_JOIN]
    of = join[told]
    columns = {
        "left_item": rows.first[small[told]],
        "right_item": rows.first[large[told]],
        "contact": contact[told],
        "support": np.minimum(rows.items[small[told]], rows.items[large[told]]),
        "share": joins.share[of],
        "weight": weight[told],
        "strength": joins.strength[of],
        "is_bridge": joins.is_bridge[of]
        & ((weight[told] >= STRONG_WEIGHT) | (joins.strength[of] < STRONG_WEIGHT)),
        "round": np.full(len(told), number),
    }
    return typed(pl.DataFrame(columns), EDGES), cut

"""Which contacts are lines of platforms and agencies, found in arrays: what `contacts.mark_lines` finds in tables."""

import numpy as np
import polars as pl

from assets.linking.contacts import (
    LINE_CIRCLE_LEAST,
    LINE_CIRCLE_SHARE,
    LINE_COMPANIONED,
    LINE_COMPANIONS,
    LINE_COMPANIONS_ANYWHERE,
    LINE_COMPANIONS_PER_ITEM,
    LINE_MANY_COMPANIONS,
    LINE_RARE,
    LINE_SITE_SHARE,
    NOT_A_HANDLE,
)
from assets.linking.shown_rows import begins
from assets.linking.slotted import Array, Slotted, is_strong


def lines_of(shown: Slotted, items: pl.DataFrame) -> Array:
    """Which slots (bool) are lines, mailboxes of sites among them. `items`: site, name; by number."""
    count = shown.slots.height
    strong = is_strong(shown.weight)
    of_strong = strong[shown.slot]
    item, slot = shown.item[of_strong], shown.slot[of_strong]
    shows = np.bincount(slot, minlength=count)
    is_line = shown.slots["is_mailbox"].to_numpy().copy()
    if not len(item):
        return is_line

    # Items that show several: their rarest contact is the poster's own, the others stand beside it.
    begin = begins(item)
    length = np.diff(np.append(begin, len(item)))
    users = shows[slot]
    rarest = np.minimum.reduceat(users, begin)
    beside = users > np.repeat(rarest, length)
    companioned = np.bincount(slot[beside], minlength=count)
    at_most = np.bincount(slot[beside], weights=np.repeat(length - 1, length)[beside], minlength=count)
    many = (companioned >= LINE_COMPANIONED * shows) & (at_most >= LINE_COMPANIONS) & (shows > 0)
    many &= (at_most >= LINE_COMPANIONS_PER_ITEM * shows) | (at_most >= LINE_MANY_COMPANIONS)
    chosen = np.flatnonzero(beside & many[slot])
    # Each of these with all that its item shows.
    whose = np.repeat(np.arange(len(begin)), length)[chosen]
    line, companion = _crossed(slot[chosen], begin[whose], length[whose], slot)
    rarer = shows[companion] < shows[line]
    pairs = _distinct(line[rarer], companion[rarer])[0]
    companions = np.bincount(pairs, minlength=count)
    found = (
        (companions >= LINE_COMPANIONS)
        & (companioned >= LINE_COMPANIONED * shows)
        & ((companions >= LINE_COMPANIONS_PER_ITEM * shows) | (companions >= LINE_MANY_COMPANIONS))
    )
    theirs = found[slot]
    on_one_site = _most_on_one_site(slot[theirs], item[theirs], items, count)
    found &= (on_one_site >= LINE_SITE_SHARE * shows) | (companions > LINE_COMPANIONS_ANYWHERE)
    if found.any():
        found &= ~_of_one_circle(found, shown, items)
    is_line |= found
    return is_line


def _crossed(left: Array, begin: Array, length: Array, values: Array) -> tuple[Array, Array]:
    """Each of `left` with the `length` values that begin at `begin`."""
    total = int(length.sum())
    offset = np.repeat(begin - np.append(0, np.cumsum(length)[:-1]), length)
    return np.repeat(left, length), values[np.arange(total) + offset]


def _distinct(left: Array, right: Array) -> tuple[Array, Array]:
    """Each pair of two arrays of numbers below 2**32 once, in order."""
    key = np.sort((left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64))
    key = key[begins(key)]
    return (key >> np.uint64(32)).astype(np.int64), (key & np.uint64(2**32 - 1)).astype(np.int64)


def _most_on_one_site(slot: Array, item: Array, items: pl.DataFrame, count: int) -> Array:
    """Of each slot the most items on one site."""
    site = items["site"][item].rank("dense").to_numpy().astype(np.int64)
    key = np.sort((slot.astype(np.int64) << 32) | site)
    begin = begins(key)
    most = np.zeros(count, dtype=np.int64)
    np.maximum.at(most, key[begin] >> 32, np.diff(np.append(begin, len(key))))
    return most


def _of_one_circle(lines: Array, shown: Slotted, items: pl.DataFrame) -> Array:
    """Which of these lines (bool, by slot) have holders with other things in common that few have
    (`contacts.mark_lines` says why).
    """
    count = len(lines)
    telling = ~shown.slots["kind"].is_in(["url", *NOT_A_HANDLE]).to_numpy()
    units = _units(items)
    of_line = np.flatnonzero(lines[shown.slot])
    holders = np.unique(units[shown.item[of_line]])
    # What these show besides, once each, sorted by holder.
    theirs = np.flatnonzero(pl.Series(units).is_in(pl.Series(holders).implode()).to_numpy())
    number = np.full(items.height, -1)
    number[theirs] = np.searchsorted(holders, units[theirs])
    line, holder = _distinct(shown.slot[of_line], number[shown.item[of_line]])
    things = np.flatnonzero((number >= 0)[shown.item] & (telling & ~lines)[shown.slot])
    whose, thing = _distinct(number[shown.item[things]], shown.slot[things])
    begin = np.searchsorted(whose, holder)
    length = np.searchsorted(whose, holder, side="right") - begin
    of_pair, shared = _crossed(np.arange(len(line)), begin, length, thing)
    order = np.argsort((line[of_pair] << 32) | shared, kind="stable")
    begin = begins(((line[of_pair] << 32) | shared)[order])
    length = np.diff(np.append(begin, len(order)))
    several = np.zeros(len(order), dtype=bool)
    several[order] = np.repeat(length > 1, length)
    of_pair, shared = of_pair[several], shared[several]
    few = _on_few(np.unique(shared), shown, units, count)
    shares = np.zeros(len(line), dtype=bool)
    shares[of_pair[few[shared]]] = True
    sharing, held = np.bincount(line[shares], minlength=count), np.bincount(line, minlength=count)
    circles: Array = (sharing >= LINE_CIRCLE_LEAST) & (sharing >= LINE_CIRCLE_SHARE * held)
    return circles


def _units(items: pl.DataFrame) -> Array:
    """Whose each item is (UInt64): an account's of a site, or nobody's but its own."""
    site = items["site"].hash().to_numpy() * np.uint64(0x9E3779B97F4A7C15)
    name = items["name"].fill_null(0).to_numpy() * np.uint64(0xC2B2AE3D27D4EB4F)
    alone = pl.Series(np.arange(items.height, dtype=np.uint64)).hash(seed=1).to_numpy()
    units: Array = np.where(items["name"].is_null().to_numpy(), alone, site ^ name)
    return units


def _on_few(slots: Array, shown: Slotted, units: Array, count: int) -> Array:
    """Which of these slots few units show (bool, by slot)."""
    few = np.zeros(count, dtype=bool)
    few[slots] = True
    uses = np.bincount(shown.slot, minlength=count)
    asked = few & (uses > LINE_RARE)
    chosen = np.flatnonzero(asked[shown.slot])
    held = (
        pl.DataFrame({"slot": shown.slot[chosen], "unit": units[shown.item[chosen]]})
        .unique()
        .group_by("slot")
        .len()
        .filter(pl.col("len") > LINE_RARE)
    )
    few[held["slot"].to_numpy()] = False
    return few

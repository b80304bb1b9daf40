"""Which contacts are lines of platforms and agencies, found in arrays: what `contacts.mark_lines` finds in tables.

Which contacts stand beside others is looked at again only where that changed; whose holders have other things in
common, of all that stand so.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.contacts import (
    LINE_CIRCLE_LEAST,
    LINE_CIRCLE_OTHERS,
    LINE_CIRCLE_SHARE,
    LINE_COMPANIONED,
    LINE_COMPANIONS,
    LINE_COMPANIONS_ANYWHERE,
    LINE_COMPANIONS_PER_ITEM,
    LINE_MANY_COMPANIONS,
    LINE_RARE,
    LINE_SITE_SHARE,
    NOT_A_HANDLE,
    posters_of,
)
from assets.linking.round_memory import KINDS
from assets.linking.shown_rows import begins, crossed, lengths
from assets.linking.slotted import Array, Slotted, is_strong
from assets.linking.stretches import stretches


@dataclass(frozen=True)
class Lines:
    """By slot (bool): `is_line`: lines, mailboxes of sites among them; `is_beside`: contacts that stand beside others
    as lines do, whether or not their holders have other things in common.
    """

    is_line: Array
    is_beside: Array


def lines_of(shown: Slotted, items: pl.DataFrame) -> Lines:
    """The lines among the contacts. `items`: site, name; by number."""
    strong = is_strong(shown.weight)
    is_beside = shown.was_beside & strong
    asked = strong if shown.is_new else _beside_changed(shown, strong)
    is_beside[asked] = _stands_beside(asked, strong, shown, items)[asked]
    is_line = shown.slots["is_mailbox"].to_numpy().copy()
    if is_beside.any():
        is_line |= is_beside & ~_of_one_circle(is_beside, shown, items)
    return Lines(is_line, is_beside)


def _beside_changed(shown: Slotted, strong: Array) -> Array:
    """The strong contacts (bool, by slot) beside which others may stand than before, or others may be the rarer ones:
    those whose users changed, and whatever these show that is rarer or less rare than one of the former now.
    """
    with np.errstate(invalid="ignore"):
        changed = shown.looked_at & (strong | shown.was_line | is_strong(shown.then))
    item, slot = _shown_with(changed, strong, shown)
    begin, length = lengths(item)
    run = np.repeat(np.arange(len(begin)), length)
    theirs = np.flatnonzero(changed[slot])
    one, other = crossed(begin[run[theirs]], length[run[theirs]])
    one, other = slot[theirs[one]], slot[other]
    before = shown.shows - shown.gained
    turned = (shown.shows[one] < shown.shows[other]) != (before[one] < before[other])
    asked: Array = changed & strong
    asked[other[turned]] = True
    return asked


def _shown_with(slots: Array, strong: Array, shown: Slotted) -> tuple[Array, Array]:
    """Items that show one of these slots (bool), and the strong slots (bool) that they show; sorted by item."""
    shows = np.zeros(int(shown.item[-1]) + 1 if len(shown.item) else 0, dtype=bool)
    shows[shown.item[slots.take(shown.slot)]] = True
    place = np.flatnonzero(shows.take(shown.item))
    place = place[strong[shown.slot[place]]]
    return shown.item[place], shown.slot[place]


def _stands_beside(asked: Array, strong: Array, shown: Slotted, items: pl.DataFrame) -> Array:
    """Which of the slots `asked` (bool) stand beside others as lines do."""
    count, shows = len(asked), shown.shows
    found = np.zeros(count, dtype=bool)
    item, slot = _shown_with(asked, strong, shown)
    if not len(item):
        return found

    # Items that show several: their rarest contact is the poster's own, the others stand beside it.
    begin, length = lengths(item)
    users = shows[slot]
    rarest = np.minimum.reduceat(users, begin)
    beside = np.flatnonzero(users > np.repeat(rarest, length))
    beside = beside[asked[slot[beside]]]
    whose = np.repeat(np.arange(len(begin)), length)[beside]
    companioned = np.bincount(slot[beside], minlength=count)
    at_most = np.bincount(slot[beside], weights=length[whose] - 1, minlength=count)
    lines = np.flatnonzero(at_most >= LINE_COMPANIONS)
    lines = lines[_are_many(at_most[lines], companioned[lines], shows[lines])]
    is_asked = np.zeros(count, dtype=bool)
    is_asked[lines] = True
    chosen = is_asked[slot[beside]]
    # Each of these with all that its item shows.
    whose, line = whose[chosen], slot[beside[chosen]]
    of_line, at = crossed(begin[whose], length[whose])
    line, companion = line[of_line], slot[at]
    rarer = shows[companion] < shows[line]
    ordered = _distinct(line[rarer], companion[rarer])[0]
    first, companions = lengths(ordered)
    line = ordered[first]
    is_line = _are_many(companions, companioned[line], shows[line])
    line, companions = line[is_line], companions[is_line]
    found[line] = True
    theirs = found[slot]
    on_one_site = _most_on_one_site(slot[theirs], item[theirs], items, count)[line]
    found[line] = (on_one_site >= LINE_SITE_SHARE * shows[line]) | (companions >= LINE_COMPANIONS_ANYWHERE)
    return found


def _are_many(companions: Array, companioned: Array, shows: Array) -> Array:
    """Whether these companions, who stand beside so many of the items that show a contact, make it a line."""
    many: Array = (companions >= LINE_COMPANIONS) & (companioned >= LINE_COMPANIONED * shows)
    many &= (companions >= LINE_COMPANIONS_PER_ITEM * shows) | (companions >= LINE_MANY_COMPANIONS)
    return many


def _distinct(left: Array, right: Array) -> tuple[Array, Array]:
    """Each pair of two arrays of numbers below 2**32 once, in order."""
    key = np.sort((left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64))
    key = key[begins(key)]
    return (key >> np.uint64(32)).astype(np.int64), (key & np.uint64(2**32 - 1)).astype(np.int64)


def _most_on_one_site(slot: Array, item: Array, items: pl.DataFrame, count: int) -> Array:
    """Of each slot the most items on one site."""
    site = items["site"][item].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    key = np.sort((slot.astype(np.int64) << 32) | site)
    begin, length = lengths(key)
    most = np.zeros(count, dtype=np.int64)
    np.maximum.at(most, key[begin] >> 32, length)
    return most


def _of_one_circle(lines: Array, shown: Slotted, items: pl.DataFrame) -> Array:
    """Which of these lines (bool, by slot) have few holders, or holders with other things in common that few have
    (`contacts.mark_lines` says why).
    """
    count = len(lines)
    tells_nothing = np.isin(KINDS.categories.to_numpy(), ["url", *NOT_A_HANDLE])
    # Of each slot, so that all uses are gone through once: a line, or what may be had in common.
    tells = np.where(lines, 1, np.where(tells_nothing[shown.slots["kind"].to_physical().to_numpy()], 0, 2))
    tells = tells.astype(np.uint8).take(shown.slot)
    of_line = np.flatnonzero(tells == 1)
    units, is_somebodys = _units(lines, shown.item[of_line], shown, items)
    of_line = of_line[is_somebodys[shown.item[of_line]]]
    if not len(of_line):
        return np.zeros(count, dtype=bool)
    holders = np.sort(units[shown.item[of_line]])
    holders = holders[begins(holders)]
    number = _places_among(units, holders)
    line, holder = _distinct(shown.slot[of_line], number[shown.item[of_line]])
    # What these show besides, where another of them shows it, too, and few do.
    things = np.flatnonzero((tells == 2) & (number >= 0).take(shown.item))
    whose, thing = number[shown.item[things]], shown.slot[things]
    one_of = np.zeros(count, dtype=np.int32)
    one_of[thing] = whose
    shared = np.zeros(count, dtype=bool)
    shared[thing[one_of[thing] != whose]] = True
    few = _on_few(shared, shown, units)[thing]
    whose, thing = _distinct(whose[few], thing[few])
    of_pair, at = crossed(*stretches(whose, holder))
    key = (line[of_pair] << 32) | thing[at]
    order = np.argsort(key, kind="stable")
    _, length = lengths(key[order])
    shares = np.zeros(len(line), dtype=bool)
    shares[of_pair[order[np.repeat(length > 1, length)]]] = True
    sharing, held = np.bincount(line[shares], minlength=count), np.bincount(line, minlength=count)
    circles: Array = (sharing >= LINE_CIRCLE_LEAST) & (sharing >= LINE_CIRCLE_SHARE * held)
    circles &= held - sharing < LINE_CIRCLE_OTHERS
    circles |= (held > 0) & (held < LINE_COMPANIONS)
    return circles


def _units(lines: Array, holding: Array, shown: Slotted, items: pl.DataFrame) -> tuple[Array, Array]:
    """Whose each item is (UInt64): an account's of a site, or nobody's but its own. Of items without account that hold
    a line (`holding`) whoever shows the contacts beside it is one (`contacts.posters_of`). And which items are
    somebody's (bool): of these all but those that show nothing but lines.
    """
    site = items["site"].hash().to_numpy() * np.uint64(0x9E3779B97F4A7C15)
    name = items["name"].fill_null(0).to_numpy() * np.uint64(0xC2B2AE3D27D4EB4F)
    units: Array = site ^ name
    is_nameless = items["name"].is_null().to_numpy()
    nameless = np.flatnonzero(is_nameless)
    units[nameless] = pl.Series(nameless).cast(pl.UInt64).hash(seed=1).to_numpy()
    asked = np.zeros(len(units), dtype=bool)
    asked[holding] = True
    asked &= is_nameless
    is_somebodys = ~asked
    is_own = is_strong(shown.weight) & ~lines & ~shown.slots["is_mailbox"].to_numpy()
    place = np.flatnonzero(asked.take(shown.item))
    place = place[is_own[shown.slot[place]]]
    item, slot = (np.unique(numbers[place], return_inverse=True) for numbers in (shown.item, shown.slot))
    poster = posters_of(item[1], slot[1])
    units[shown.item[place]] = pl.Series(poster).cast(pl.UInt64).hash(seed=2).to_numpy()
    is_somebodys[shown.item[place]] = True
    return units, is_somebodys


def _places_among(units: Array, ordered: Array) -> Array:
    """The place (Int32) of each unit among those, which are in order and at least one; -1 where it is not there."""
    # Most are found, or found not to be there, by some of their bits.
    bits = 22
    by_bits = np.full(2**bits, -1, dtype=np.int32)
    by_bits[ordered >> np.uint64(64 - bits)] = np.arange(len(ordered), dtype=np.int32)
    place: Array = by_bits[units >> np.uint64(64 - bits)]
    unclear = np.flatnonzero(place >= 0)
    unclear = unclear[ordered[place[unclear]] != units[unclear]]
    near = np.minimum(np.searchsorted(ordered, units[unclear]), len(ordered) - 1)
    place[unclear] = np.where(ordered[near] == units[unclear], near, -1)
    return place


def _on_few(asked: Array, shown: Slotted, units: Array) -> Array:
    """Which of the slots `asked` (bool) few units show (bool, by slot)."""
    doubtful = asked & (shown.shows > LINE_RARE)
    chosen = np.flatnonzero(doubtful.take(shown.slot))
    held = (
        pl.DataFrame({"slot": shown.slot[chosen], "unit": units[shown.item[chosen]]})
        .unique()
        .group_by("slot")
        .len()
        .filter(pl.col("len") > LINE_RARE)
    )
    few = asked.copy()
    few[held["slot"].to_numpy()] = False
    return few

"""What starting groups show, kept from day to day: only the rows of groups that differ are taken down again.

Rows keep their places. Most contacts are one group's alone and join nobody: whether a contact is on several groups
stands beside each row, and whether a group has a strong contact, of its own or at all, beside the group, so that of
contacts on one group only those are looked at that a changed group shows or showed.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from assets.linking.contacts import STRONG_WEIGHT
from assets.linking.round_memory import SHOWN_ROWS
from assets.linking.shown_rows import Array, Rows
from assets.linking.standing import Behind, put_behind


@dataclass(frozen=True)
class Taken:
    """What starting groups show: all of it (`frame`: SHOWN_ROWS, is_shared, stands), and the rows of contacts on
    several groups (`shared`, sorted by slot).

    `touched`: slots (bool) that groups showed that differ. By label (bool; one more, which is nobody's): `own`: it has
    a strong contact that no other group has; `reach`: it has a strong one; `left`: it is left alone with a contact of
    `touched`.
    """

    frame: pl.DataFrame
    shared: Rows
    touched: Array
    own: Array
    reach: Array
    left: Array


def taken_again(
    stood: pl.DataFrame,
    numbers: Array | None,
    own: Array,
    reach: Array,
    differs: Array,
    fresh: Rows,
    weight: Array,
    behind: Behind,
) -> Taken:
    """What stood (`SHOWN_ROWS`, is_shared, stands) with `fresh` rows (one per slot and group) for those of the groups
    that `differs` (bool, by label) names.

    `numbers`: the new number of each former item, None where all have those that they had. `own`, `reach`: marks of
    then by labels of now. `weight`: by slot. `behind` puts new rows behind those that stand.
    """
    count = len(differs) - 1
    if numbers is not None:
        # Rows that stand no more may have the number of nobody.
        numbers = np.append(numbers, count).astype(np.uint32)
        again = [pl.Series(name, numbers[stood[name].to_numpy()]) for name in ("group", "first")]
        stood = stood.with_columns(again)
    slot, group = stood["slot"].to_numpy(), stood["group"].to_numpy()
    stays = stood["stands"].to_numpy()
    is_gone = differs.take(group)
    is_gone &= stays
    stays = stays & ~is_gone

    touched = np.zeros(len(weight), dtype=bool)
    touched[slot[np.flatnonzero(is_gone)]] = True
    asked = touched.copy()
    asked[fresh.slot] = True
    place = np.flatnonzero(asked.take(slot))
    place = place[stays[place]]
    several = _on_several(np.concatenate([slot[place], fresh.slot.astype(slot.dtype)]), len(weight))
    is_shared = stood["is_shared"].to_numpy().copy()
    then, now = is_shared[place], several[: len(place)]
    is_shared[place] = now
    fresh_shared = several[len(place) :]

    is_strong = weight >= STRONG_WEIGHT
    own, reach, left = own & ~differs, reach & ~differs, np.zeros(count + 1, dtype=bool)
    turned = place[(then != now) & is_strong[slot[place]]]
    if len(turned):
        asked_groups = np.zeros(count + 1, dtype=bool)
        asked_groups[group[turned]] = True
        own &= ~asked_groups
        theirs = np.flatnonzero(asked_groups.take(group))
        theirs = theirs[stays[theirs] & ~is_shared[theirs]]
        own[group[theirs[is_strong[slot[theirs]]]]] = True
    strong = is_strong[fresh.slot]
    reach[fresh.group[strong]] = True
    own[fresh.group[strong & ~fresh_shared]] = True
    alone = place[~now]
    left[group[alone[touched[slot[alone]]]]] = True
    left[fresh.group[touched[fresh.slot] & ~fresh_shared]] = True

    chosen = np.flatnonzero(is_shared & stays)
    kept = _in_order(Rows(*(stood[name].to_numpy()[chosen] for name in SHOWN_ROWS)))
    shared = kept.with_others(fresh.where(fresh_shared))
    rows = pl.DataFrame(vars(fresh)).with_columns(pl.Series("is_shared", fresh_shared))
    rows = rows.with_columns(pl.col(name).cast(kind) for name, kind in SHOWN_ROWS.items())
    stood = stood.with_columns(pl.Series("is_shared", is_shared))
    frame = put_behind(stood, is_gone, rows, behind, "shown_rows")
    if frame.height < stood.height + rows.height:
        # It was made anew.
        frame = frame.sort("slot")
    return Taken(frame, shared, touched, own, reach, left)


def _on_several(slots: Array, count: int) -> Array:
    """Which of these slots, all below `count`, are there several times."""
    one_of = np.empty(count, dtype=np.int32)
    places = np.arange(len(slots), dtype=np.int32)
    one_of[slots] = places
    several = np.zeros(count, dtype=bool)
    several[slots[one_of[slots] != places]] = True
    found: Array = several[slots]
    return found


def _in_order(rows: Rows) -> Rows:
    """Rows sorted by slot but for the last ones, which came behind, sorted."""
    breaks = np.flatnonzero(rows.slot[1:] < rows.slot[:-1])
    if not len(breaks):
        return rows
    first = int(breaks[0]) + 1
    behind = first + np.argsort(rows.slot[first:], kind="stable")
    return rows.where(np.arange(first)).with_others(rows.where(behind))

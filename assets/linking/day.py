"""What a day changes in the tables of actors: only groups that differ from those that stand are told again."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from assets.linking.actors import join_started
from assets.linking.best_partner import EDGES
from assets.linking.changed_starts import start_again
from assets.linking.holding import damped, held_again
from assets.linking.lines import lines_of
from assets.linking.merging import Merged
from assets.linking.round_memory import SLOTS, RoundMemory, no_memory, typed
from assets.linking.rounds_again import Before, Shows
from assets.linking.slotted import slotted
from assets.linking.standing import (
    CONTACTS,
    IDENTIFIERS,
    TOLD_IDENTIFIERS,
    Behind,
    Standing,
    put_together,
)
from assets.linking.telling import Difference, tell
from assets.linking.told_edges import SIDES, Edges, by_numbers


@dataclass(frozen=True)
class Day:
    """The state after the day without what was seen, the differences of the tables, the changes of actors.

    `actors` and `items`: how many actors were told again, and how many items were looked at for it. `is_dirty`: which
    labels (bool) were looked at again.
    """

    standing: Standing
    differences: dict[str, Difference]
    changes: pl.DataFrame
    actors: int
    items: int
    is_dirty: np.ndarray


def link_day(
    standing: Standing,
    merged: Merged,
    *,
    day: date,
    run_id: str,
    former: tuple[pl.DataFrame, pl.DataFrame] | None = None,
    behind: Behind = put_together,
) -> Day:
    """Group the merged items, and tell what differs from `standing`.

    `former`: members and edges of the last run (as committed, keys packed), where `standing` is empty and does not
    have them. `behind` puts new rows behind those that stand.
    """
    shown = slotted(standing, merged, behind)
    lines = lines_of(shown, merged.items)
    is_line = lines.is_line
    is_among = pl.col("contact").is_in(shown.slots["contact"].filter(pl.Series(is_line)).implode())
    contacts = merged.contacts.with_columns(is_among.alias("is_line")).select(*CONTACTS)
    then = standing.edges
    if not merged.keeps_numbers:
        then = by_numbers(then, merged.numbers_of(np.arange(len(merged.renumbered))))
    starts = start_again(standing, merged, shown, is_line, behind)
    weight = shown.lined(is_line)
    slots = shown.slots.with_columns(pl.Series("weight", weight)).select(*SLOTS)
    shows = Shows(slots, weight != shown.then, shown.item, shown.slot)
    stood = _Stood(then, merged.items)
    before = _before(standing, merged, stood, no_memory() if shown.is_new else standing, behind)
    grouping = join_started(
        merged.items, contacts, merged.uses, starts.labels, starts.edges, before=(before, shows)
    )

    respelled = _respelled(standing, merged)
    came = grouping.edges.filter(_between_placed(grouping.edges, merged.items))
    kept = stood.kept(starts.again, grouping.kept)
    labels, rounds = grouping.labels, grouping.memory
    moved, is_dirty = _moved(standing, merged, labels)
    if not standing.items.is_empty():
        left = typed(then[np.flatnonzero(stood.is_here & ~kept)], EDGES)
        is_dirty |= _held_together_otherwise(labels, came, left)
        for edges in (came, then[np.flatnonzero(kept)]) if len(respelled) else ():
            named = edges.filter(pl.col("contact").is_in(respelled.implode()))
            is_dirty[labels[named["left_item"].to_numpy()]] = True
    contacts_now = grouping.contacts
    del grouping
    held, keys, resettled = held_again(standing, merged, labels, moved, behind)
    is_dirty[resettled] = True
    now = Edges(stood.now(kept, came, is_dirty, labels), then, contacts_now, respelled)
    del came
    told = tell(
        standing,
        merged,
        labels,
        now,
        held,
        is_dirty,
        day=day,
        run_id=run_id,
        former=former,
        behind=behind,
    )

    line_then, line_now = (state.filter("is_line")["contact"] for state in (standing.contacts, contacts))
    flipped = np.setxor1d(line_then.to_numpy(), line_now.to_numpy())
    of_flipped = merged.identifiers.select("key").filter(_among(merged.identifiers["contact"], flipped))[
        "key"
    ]
    concerned = pl.concat([keys, merged.touched, of_flipped]).unique()
    identifiers, again, places = damped(merged.identifiers, held, contacts, concerned)
    told.differences["identifiers"] = _of_identifiers(
        standing.identifiers, identifiers, again, concerned, places
    )
    after = replace(
        standing,
        items=told.items.with_columns(pl.Series("start", starts.labels.astype(np.uint32))),
        mentions=merged.mentions,
        identifiers=identifiers,
        contacts=contacts,
        accounts=starts.accounts,
        edges=told.edges,
        held=held,
        actors=told.actors,
        **vars(rounds),
        slot_marks=shown.slots.select(
            "is_mailbox",
            pl.Series("is_line", is_line),
            pl.Series("is_beside", lines.is_beside),
            pl.Series("is_private", starts.is_private),
        ),
        shown_slots=shown.shown_slots(),
    )
    items = int(is_dirty[labels].sum())
    return Day(after, told.differences, told.changes, told.actor_count, items, is_dirty)


def _of_identifiers(
    stood: pl.DataFrame, now: pl.DataFrame, again: pl.DataFrame, concerned: pl.Series, places: np.ndarray
) -> Difference:
    """How the identifiers concerned, counted `again`, differ from those that stood (`IDENTIFIERS`). `places`: theirs
    among all that are there `now`.
    """
    told = [pl.col(name).cast(kind) for name, kind in TOLD_IDENTIFIERS.items()]
    if stood.is_empty():
        return Difference(lambda: again.select(told), stood.select("identifier_id"))
    if now["key"].head(stood.height).equals(stood["key"]):
        # Identifiers keep their places as long as none of them goes.
        before = stood[places[places < stood.height]]
    else:
        before = stood.filter(pl.col("key").is_in(concerned.implode()))
    rows = again.join(before, on=list(IDENTIFIERS), how="anti", nulls_equal=True).select(told)
    return Difference(lambda: rows, before.join(again, on="key", how="anti").select("identifier_id"))


def _respelled(standing: Standing, merged: Merged) -> pl.Series:
    """Contacts that are known by another identifier than before."""
    before, now = (
        contacts.select("contact", "identifier_id") for contacts in (standing.contacts, merged.contacts)
    )
    stood = now.head(before.height)
    if stood["contact"].equals(before["contact"]):
        # Contacts keep their rows as long as none of them goes.
        return stood["contact"].filter(stood["identifier_id"].ne_missing(before["identifier_id"]))
    touched = pl.col("contact").is_in(merged.touched_contacts.implode())
    return (
        before.filter(touched)
        .join(now.filter(touched), on="contact", suffix="_now")
        .filter(pl.col("identifier_id").ne_missing(pl.col("identifier_id_now")))["contact"]
    )


class _Stood:
    """The edges of the run before by new numbers: which (bool) stand between items that `is_here` say are there."""

    def __init__(self, then: pl.DataFrame, items: pl.DataFrame) -> None:
        self.then, self.count = then, items.height
        self.is_placed = items["is_placed"].to_numpy()
        self.rounds = then["round"].to_numpy()
        self.left, self.right = (then[side].to_numpy() for side in SIDES)
        is_here = then["stands"].to_numpy()
        if max(self.left.max(initial=0), self.right.max(initial=0)) >= self.count:
            is_here = is_here & (self.left < self.count) & (self.right < self.count)
        self.is_here = is_here
        self.of_rounds = np.flatnonzero(is_here & (self.rounds > 0))

    def edges_of_rounds(self) -> pl.DataFrame:
        """left_item, round of those of rounds."""
        return self.then.select("left_item", "round")[self.of_rounds]

    def kept(self, again: np.ndarray, of_rounds: np.ndarray | None) -> np.ndarray:
        """Which (bool) stand as they were: of starting groups, of items that were not looked at `again` (bool); of the
        rounds, those that are known to.
        """
        kept = np.zeros(len(self.is_here), dtype=bool)
        starting = np.flatnonzero(self.is_here & (self.rounds == 0))
        kept[starting] = ~again[self.right[starting]]
        if of_rounds is not None:
            kept[self.of_rounds] = of_rounds
        stay = np.flatnonzero(kept)
        kept[stay] = self.is_placed[self.left[stay]] & self.is_placed[self.right[stay]]
        return kept

    def now(
        self, kept: np.ndarray, came: pl.DataFrame, is_dirty: np.ndarray, labels: np.ndarray
    ) -> pl.DataFrame:
        """All edges (`EDGES`) that hold dirty groups together: those that `came`, and of those that are `kept`."""
        stay = np.flatnonzero(kept)
        stay = stay[is_dirty[labels[self.left[stay]]]]
        of_starts = self.rounds[stay] == 0
        starting = pl.col("round") == 0
        return pl.concat(
            [
                typed(self.then[stay[of_starts]], EDGES),
                came.filter(starting),
                typed(self.then[stay[~of_starts]], EDGES),
                came.filter(~starting),
            ]
        )


def _before(standing: Standing, merged: Merged, stood: _Stood, memory: RoundMemory, behind: Behind) -> Before:
    """The run before, as `rounds_again` asks for it."""
    numbers = merged.renumbered
    starts = standing.items["start"].to_numpy().astype(np.int64)
    known = merged.items["start"].is_not_null().to_numpy()
    former = np.full(merged.items.height, -1, dtype=np.int64)
    former[known] = numbers[merged.items["start"].to_numpy()[known].astype(np.int64)]
    return Before(
        memory,
        numbers,
        former,
        np.concatenate([merged.changed, merged.worded]),
        np.concatenate([numbers[starts[merged.former]], former[merged.worded]]),
        stood.edges_of_rounds(),
        behind,
    )


def _moved(standing: Standing, merged: Merged, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The items (bool) that are new, changed or have another label, and the labels (bool), now and before, of these and
    of items that are gone."""
    renumbered = merged.renumbered
    former = merged.items["label"].fill_null(0).to_numpy().astype(np.int64)
    known = merged.items["label"].is_not_null().to_numpy()
    before = np.full(len(labels), -1, dtype=np.int64)
    before[known] = renumbered[former[known]]
    moved = before != labels
    moved[merged.changed] = True
    is_dirty = np.zeros(len(labels), dtype=bool)
    is_dirty[labels[moved]] = True
    is_dirty[before[moved & (before >= 0)]] = True
    gone = np.flatnonzero(renumbered < 0)
    left = renumbered[standing.items["label"].to_numpy()[gone].astype(np.int64)]
    is_dirty[left[left >= 0]] = True
    return moved, is_dirty


def _held_together_otherwise(labels: np.ndarray, came: pl.DataFrame, left: pl.DataFrame) -> np.ndarray:
    """The labels (bool) that other edges hold together than then: those between placed items that `came` and those that
    `left`, by the same numbers. An edge may be among both."""
    is_other = np.zeros(len(labels), dtype=bool)
    # Edges are compared by a hash of all that is said of them.
    said = pl.sum_horizontal(pl.col(name).hash(seed) for seed, name in enumerate(EDGES)).alias("said")
    said_now, said_then = (edges.select(said)["said"] for edges in (came, left))
    for edges, one, other in ((came, said_now, said_then), (left, said_then, said_now)):
        differs = edges["left_item"].filter(~one.is_in(other.implode())).to_numpy()
        is_other[labels[differs]] = True
    return is_other


def _among(numbers: pl.Series, wanted: np.ndarray) -> pl.Series:
    """Which numbers are among those wanted."""
    return numbers.is_in(pl.Series(wanted, dtype=numbers.dtype).implode())


def _between_placed(edges: pl.DataFrame, items: pl.DataFrame) -> pl.Series:
    """Which edges are between placed items."""
    is_placed = items["is_placed"].to_numpy()
    return pl.Series(is_placed[edges["left_item"].to_numpy()] & is_placed[edges["right_item"].to_numpy()])

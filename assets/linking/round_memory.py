"""What each round of joining did, by numbers, so that the next day goes through rounds only where they differ.

A contact has a place of its own here, its slot, so that what groups show lies in arrays and not in joins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from assets.linking.contacts import STRONG_WEIGHT, TERMS, TEXT
from quality.contracts.columns import IDENTIFIER_KINDS

# No round, in `ROUND_MARKS`.
NEVER = 255
# What a contact that was ever on many groups is good for (`WIDE_CONTACTS`): for any two, for its holder, for nothing.
NARROW, STAR, UNUSABLE = 0, 1, 2

KINDS = pl.Enum([*IDENTIFIER_KINDS, *(kind for kind in (TEXT, TERMS) if kind not in IDENTIFIER_KINDS)])
SLOTS: dict[str, pl.DataType] = {"contact": pl.UInt64(), "kind": KINDS, "weight": pl.Float32()}
SHOWN_ROWS: dict[str, pl.DataType] = {
    "slot": pl.UInt32(),
    "group": pl.UInt32(),
    "items": pl.UInt32(),
    "first": pl.UInt32(),
}
ROUND_PAIRS: dict[str, pl.DataType] = {
    "smaller": pl.UInt32(),
    "larger": pl.UInt32(),
    "weight": pl.Float64(),
    "support": pl.Int64(),
    "share": pl.Float64(),
    "things": pl.Int64(),
    "size_small": pl.Int64(),
}
ROUND_JOINS: dict[str, pl.DataType] = {
    "round": pl.UInt8(),
    "smaller": pl.UInt32(),
    "larger": pl.UInt32(),
    "is_cut": pl.Boolean(),
}
ROUND_MARKS: dict[str, pl.DataType] = {"own_since": pl.UInt8(), "has_strong": pl.Boolean()}
WIDE_CONTACTS: dict[str, pl.DataType] = {
    "round": pl.UInt8(),
    "slot": pl.UInt32(),
    "use": pl.UInt8(),
    "holder": pl.UInt32(),
}


@dataclass(frozen=True)
class RoundMemory:
    """What the rounds did; each frame with the columns of the constant of its name.

    `slots`: the contacts with the weights of lines; the row of one is its slot; some may be no item's any more.
    `shown_rows`: what starting groups show: how many items, and the smallest of them; `is_shared`: several groups show
    it. Sorted by slot, but for rows that came behind. `round_pairs`: the pairs of starting groups that suffice
    (`best_partner`). Rows of both keep their places, some standing no more (`stands`). `round_joins`: who joined whom;
    `is_cut`: not all that they share is told, or it is told by its rarity. `round_marks`: a row per item; of items that
    number a group the first round in which it has a strong contact that no other has (`NEVER`), and whether it has a
    strong one as it starts. `wide_contacts`: contacts on more groups
    than say anything, whenever that changes: what they are good for since this round, and the group that holds them.
    """

    slots: pl.DataFrame
    shown_rows: pl.DataFrame
    round_pairs: pl.DataFrame
    round_joins: pl.DataFrame
    round_marks: pl.DataFrame
    wide_contacts: pl.DataFrame


MEMORY_SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "slots": SLOTS,
    "shown_rows": {**SHOWN_ROWS, "is_shared": pl.Boolean(), "stands": pl.Boolean()},
    "round_pairs": {**ROUND_PAIRS, "stands": pl.Boolean()},
    "round_joins": ROUND_JOINS,
    "round_marks": ROUND_MARKS,
    "wide_contacts": WIDE_CONTACTS,
}


def no_memory() -> RoundMemory:
    """Nothing is remembered."""
    return RoundMemory(
        **{field.name: pl.DataFrame(schema=MEMORY_SCHEMAS[field.name]) for field in fields(RoundMemory)}
    )


class Recorder:
    """Takes down what the rounds do, as they do it."""

    def __init__(self, count: int, slots: pl.DataFrame) -> None:
        """`count`: of items."""
        self.own_since = np.full(count, NEVER, dtype=np.uint8)
        self.slots = typed(slots, SLOTS)
        self._rows = [pl.DataFrame(schema=SHOWN_ROWS)]
        self.pairs = pl.DataFrame(schema=ROUND_PAIRS)
        self._joins: list[pl.DataFrame] = []
        self._wide: list[pl.DataFrame] = []

    def rows(self, rows: pl.DataFrame) -> None:
        """What some starting groups show: slot, group, items, first."""
        self._rows.append(typed(rows, SHOWN_ROWS))

    def own(self, number: int, has_own: np.ndarray) -> None:
        """In this round these groups (bool, by label) have a strong contact of their own."""
        self.own_since[has_own & (self.own_since == NEVER)] = number

    def first_pairs(self, pairs: pl.DataFrame) -> None:
        """The pairs that suffice in the first round."""
        self.pairs = typed(pairs, ROUND_PAIRS)

    def joins(self, number: int, joins: pl.DataFrame) -> None:
        """Who joins whom: smaller, larger, is_cut."""
        self._joins.append(typed(joins.with_columns(pl.lit(number, pl.UInt8).alias("round")), ROUND_JOINS))

    def wide(self, number: int, wide: pl.DataFrame) -> None:
        """What becomes of contacts on many groups: contact, use, holder."""
        self._wide.append(wide.with_columns(pl.lit(number, pl.UInt8).alias("round")))

    def memory(self) -> RoundMemory:
        """All of it."""
        rows = pl.concat(self._rows).sort("slot", "group")
        has_strong = np.zeros(len(self.own_since), dtype=bool)
        is_strong = (self.slots["weight"] >= STRONG_WEIGHT).gather(rows["slot"])
        has_strong[rows["group"].filter(is_strong).to_numpy()] = True
        return RoundMemory(
            self.slots,
            rows.with_columns((pl.len().over("slot") > 1).alias("is_shared"), pl.lit(True).alias("stands")),
            self.pairs.with_columns(pl.lit(True).alias("stands")),
            pl.concat([pl.DataFrame(schema=ROUND_JOINS), *self._joins]),
            pl.DataFrame({"own_since": self.own_since, "has_strong": has_strong}, schema=ROUND_MARKS),
            typed(pl.concat(self._wide).join(self.slots.with_row_index("slot"), on="contact"), WIDE_CONTACTS),
        )


def typed(frame: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """These columns, of these types."""
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())

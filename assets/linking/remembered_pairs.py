"""The pairs of starting groups that suffice, kept from day to day: their rows keep their places."""

import numpy as np
import polars as pl

from assets.linking.pairs_in_arrays import Pairs
from assets.linking.round_memory import ROUND_PAIRS
from assets.linking.shown_rows import Array
from assets.linking.standing import Behind, put_behind


class RememberedPairs:
    """The pairs of the run before, by the numbers of this one; `frame`: as they are to be remembered."""

    def __init__(self, frame: pl.DataFrame, numbers: Array, count: int) -> None:
        """`frame`: `ROUND_PAIRS`, stands. `numbers`: the new number of each former item, `count` where it is gone."""
        self.sides = [frame[side].to_numpy() for side in ("smaller", "larger")]
        if not np.array_equal(numbers, np.arange(len(numbers))):
            # Rows that stand no more may have the number of nobody.
            known_as = np.append(numbers, count).astype(np.uint32)
            self.sides = [known_as[side] for side in self.sides]
            frame = frame.with_columns(
                pl.Series(name, side) for name, side in zip(("smaller", "larger"), self.sides, strict=True)
            )
        self.frame = frame

    def again(self, fresh: Pairs, again: Array, asked: Array, behind: Behind) -> Pairs:
        """All pairs with one of the groups `asked` (bool, by label), `fresh` ones in the place of those with a group
        that was looked at `again` (bool; these are asked, too)."""
        smaller, larger = self.sides
        stands = self.frame["stands"].to_numpy()
        gone = stands & (again.take(smaller) | again.take(larger))
        chosen = np.flatnonzero(stands & ~gone & (asked.take(smaller) | asked.take(larger)))
        columns = {name: self.frame[name].to_numpy()[chosen] for name in ROUND_PAIRS}
        columns |= {side: columns[side].astype(np.int64) for side in ("smaller", "larger")}
        self.frame = put_behind(self.frame, gone, fresh.frame(), behind, "round_pairs")
        return Pairs(**columns).followed_by(fresh)

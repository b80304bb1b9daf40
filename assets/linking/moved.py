"""Which items a run has to look at again for what is counted over items and their actors."""

import numpy as np

from assets.linking.merging import Merged
from assets.linking.standing import Standing


class Moved:
    """Numbers (Int64, sorted) of items that changed, as they were (`before`) and are (`now`); of those whose actor is
    another one (`other`); and `renumbered` as in `merging.Merged`.

    An actor counts as another one, too, if its number, that of its oldest item, stands otherwise among the numbers.
    """

    def __init__(self, standing: Standing, merged: Merged, after: Standing) -> None:
        self.renumbered = renumbered = merged.renumbered
        labels = after.items["label"].to_numpy()
        was = np.full(after.items.height, -1, dtype=np.int64)
        stays = np.flatnonzero(renumbered >= 0)
        was[renumbered[stays]] = stays
        self.now = np.union1d(merged.changed, merged.worded)
        earlier = was[self.now]
        self.before = np.union1d(merged.former, earlier[earlier >= 0])
        is_other = np.ones(after.items.height, dtype=bool)
        known = was >= 0
        former = standing.items["label"].to_numpy()[was[known]]
        is_other[known] = renumbered[former] != labels[known]
        stood = merged.former[renumbered[merged.former] >= 0]
        then, now = (
            items.select("first_seen", "posted_at")[numbers]
            for items, numbers in ((standing.items, stood), (after.items, renumbered[stood]))
        )
        same = [then[name].eq_missing(now[name]).to_numpy() for name in then.columns]
        has_moved = np.zeros(after.items.height, dtype=bool)
        has_moved[renumbered[stood]] = ~(same[0] & same[1])
        self.other = np.flatnonzero(is_other | has_moved[labels])

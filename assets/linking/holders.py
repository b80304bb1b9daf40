"""Numbers that had another holder before: where one number alone joins two persons, one after the other.

A number that nobody pays for is given to somebody else after a while. What tells that from a poster who paused, and
comes back under another name, is what both say of themselves.
"""

from collections.abc import Callable

import numpy as np
import polars as pl

from assets.linking.stretches import stretches
from assets.linking.text_shingles import ranges
from assets.linking.used_together import at_the_same_time, talks

# Days between the last item of the one and the first of the other: so long a number rests at least before it is given
# to somebody else in the United States (FCC 18-177 of 2018: 45 days; 47 CFR 52.15(f)(1)(ii): at most 90 days after a
# household, 365 after a firm).
PAUSE = 45
# Kinds of contacts that are given to others.
GIVEN_AGAIN = ("phone",)
# Ages that differ by more than this, and the years that passed, are two persons': people give round and younger ones.
SAME_AGE = 2
DAYS_OF_A_YEAR = 365

# What an item says of its poster, where it says one thing: a hash of the nationality, the age in years.
CLAIMS: dict[str, pl.DataType] = {"nationality": pl.UInt32(), "age": pl.UInt8()}


def claims_of(facts: pl.DataFrame) -> pl.DataFrame:
    """What items claim of one person: item_id and `CLAIMS`, null where they claim nothing or several things.

    `facts`: item_id, kind, value, number, as in their contract.
    """
    value = (
        pl.when(pl.col("kind") == "nationality")
        .then(pl.col("value").hash() % 2**32)
        .when((pl.col("kind") == "age") & pl.col("number").is_between(1, 120))
        .then(pl.col("number").cast(pl.UInt64, strict=False))
    )
    claimed = facts.select("item_id", "kind", value.alias("value")).drop_nulls("value").unique()
    one = claimed.filter(pl.len().over("item_id", "kind") == 1)
    return one.group_by("item_id").agg(
        pl.col("value").filter(pl.col("kind") == name).first().cast(kind).alias(name)
        for name, kind in CLAIMS.items()
    )


def day_of() -> pl.Expr:
    """The day (Int32, since 1970) on which an item (first_seen, posted_at) was posted, or first seen where that is not
    known."""
    return pl.coalesce(pl.col("posted_at").dt.date(), "first_seen").to_physical().cast(pl.Int32).alias("day")


def posters_of(items: pl.DataFrame) -> pl.DataFrame:
    """What items say of their posters: day (`day_of`), site, name (null: none), `CLAIMS`; in the order of the items.

    `items`: site, name, first_seen, posted_at, and `CLAIMS` where they are known.
    """
    return items.select(day_of(), "site", "name", *claimed(items))


def claimed(items: pl.DataFrame) -> list[pl.Expr]:
    """`CLAIMS` of items, null where their frame has none."""
    return [
        pl.col(name).cast(kind) if name in items.columns else pl.lit(None, kind).alias(name)
        for name, kind in CLAIMS.items()
    ]


def are_two(
    pairs: pl.DataFrame, shown: pl.DataFrame, members: Callable[[np.ndarray], pl.DataFrame]
) -> np.ndarray:
    """Which pairs (bool) of groups are two persons who had a number one after the other.

    `pairs`: one, other (groups), contact: the only thing that both show. `shown`: group, contact, day of each item that
    shows one of these. `members` gives group, site, name (null: none), nationality, age of all items of some groups.

    The uses of the number by either lie `PAUSE` days apart at least; either claims one
    nationality and one age at most, as one person does; these differ; and no account of the one is called as one of the
    other.
    """
    spans = shown.group_by("group", "contact").agg(
        pl.col("day").min().alias("from"), pl.col("day").max().alias("to")
    )
    both = _sides(pairs.with_row_index("row"), spans, ["contact"])
    pause = pl.max_horizontal(pl.col("from_other") - pl.col("to"), pl.col("from") - pl.col("to_other"))
    both = both.with_columns(pause.alias("pause")).filter(pl.col("pause") >= PAUSE)
    are_two = np.zeros(pairs.height, dtype=bool)
    if both.height:
        are_two[both["row"].to_numpy()] = _claim_to_be_two(both, members)
    return are_two


def _claim_to_be_two(pairs: pl.DataFrame, members: Callable[[np.ndarray], pl.DataFrame]) -> np.ndarray:
    """Which pairs (bool; one, other, pause: days between their uses of the number) claim to be two persons; `members`
    as of `are_two`."""
    nobody = np.zeros(pairs.height, dtype=bool)
    both = pairs.select("one", "other", "pause").with_row_index("row")
    theirs = members(pl.concat([both["one"], both["other"]]).unique().to_numpy())
    persons = (
        theirs.group_by("group")
        .agg(
            pl.col("nationality").drop_nulls().n_unique().alias("nationalities"),
            pl.col("nationality").drop_nulls().first(),
            pl.col("age").min().cast(pl.Int32).alias("youngest"),
            pl.col("age").max().cast(pl.Int32).alias("oldest"),
        )
        .filter(
            (pl.col("nationalities") <= 1)
            & (pl.col("oldest") - pl.col("youngest") <= SAME_AGE).fill_null(True)
        )
    )
    both = _sides(both.select("row", "one", "other", "pause"), persons, [])
    older = pl.max_horizontal(
        pl.col("youngest_other") - pl.col("oldest"), pl.col("youngest") - pl.col("oldest_other")
    )
    differ = (pl.col("nationality") != pl.col("nationality_other")).fill_null(False) | (
        older > SAME_AGE + pl.col("pause") / DAYS_OF_A_YEAR
    ).fill_null(False)
    both = both.filter(differ)
    named = theirs.drop_nulls("name").select("group", "name").unique()
    same = (
        both.select("row", "one", "other")
        .join(named, left_on="one", right_on="group")
        .join(named, left_on=["other", "name"], right_on=["group", "name"])["row"]
    )
    nobody[both.filter(~pl.col("row").is_in(same.implode()))["row"].to_numpy()] = True
    return nobody


class Holders:
    """Who shows which contacts, by slots, as groups join."""

    def __init__(
        self,
        posters: pl.DataFrame,
        labels: np.ndarray,
        item: np.ndarray,
        slot: np.ndarray,
        strong: np.ndarray,
    ) -> None:
        """`posters` (`posters_of`) and `labels` (starting group) of all items; `item`, `slot`: what each shows, sorted
        by item. `strong` (bool, by slot): strong contacts.
        """
        self.posters, self.labels, self.item, self.slot, self.strong = posters, labels, item, slot, strong
        # The present label of each starting group, and the labels that are none any more.
        self._now = np.arange(len(labels) + 1)
        self._gone = np.zeros(0, dtype=np.int64)
        # Pairs that were asked about (sorted), the contact that they share, and what was said of them: as long as
        # neither joins it stays true.
        self._pairs, self._shared = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self._are_two = np.zeros(0, dtype=bool)

    def join(self, gone: np.ndarray, into: np.ndarray) -> None:
        """Labels `gone` become `into`."""
        self._now[gone] = into
        self._now[self._gone] = self._now[self._now[self._gone]]
        self._gone = np.concatenate([self._gone, gone])
        is_other = np.zeros(len(self._now), dtype=bool)
        is_other[gone] = True
        is_other[into] = True
        stays = ~(is_other[self._pairs >> 32] | is_other[self._pairs & (2**32 - 1)])
        self._pairs, self._shared, self._are_two = (
            each[stays] for each in (self._pairs, self._shared, self._are_two)
        )

    def are_two(self, slot: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """`are_two` of pairs of groups that share one contact of these slots each."""
        pairs = (one.astype(np.int64) << 32) | other.astype(np.int64)
        place = np.searchsorted(self._pairs, pairs)
        is_known = np.append(self._pairs, -1)[place] == pairs
        is_known &= np.append(self._shared, -1)[place] == slot
        found = np.append(self._are_two, False)[place]
        asked = np.flatnonzero(~is_known)
        if len(asked):
            found[asked] = self._asked(slot[asked], one[asked], other[asked])
            order = np.argsort(pairs)
            self._pairs, self._shared, self._are_two = (
                pairs[order],
                slot[order].astype(np.int64),
                found[order],
            )
        return found

    def show_at_once(self, slot: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Which pairs (bool) of groups, of whom nobody talks, show a contact of these slots each at the same time
        (`used_together`)."""
        items = self._items_of(np.concatenate([one, other]))
        places = ranges(*stretches(self.item, items))
        reached = np.zeros(len(self.labels), dtype=bool)
        reached[self.item[places[self.strong[self.slot[places]]]]] = True
        groups, group = np.unique(self._groups_of(items), return_inverse=True)
        is_talk = talks(np.bincount(group), np.bincount(group[reached[items]], minlength=len(groups)))
        is_asked = np.zeros(len(self.strong), dtype=bool)
        is_asked[slot] = True
        places = places[is_asked[self.slot[places]]]
        shown = self.item[places]
        key = (self._groups_of(shown).astype(np.int64) << 32) | self.slot[places]
        order = np.argsort(key, kind="stable")
        day = self.posters["day"].gather(shown[order]).to_numpy().astype(np.int64)
        of_pair, uses = [], []
        found = np.ones(len(slot), dtype=bool)
        for side in (one, other):
            begin, length = stretches(key[order], (side.astype(np.int64) << 32) | slot)
            of_pair.append(np.repeat(np.arange(len(slot)), length))
            uses.append(ranges(begin, length))
            found &= ~is_talk[np.searchsorted(groups, side)]
        is_other = np.repeat([False, True], [len(side) for side in uses])
        pair, use = np.concatenate(of_pair), np.concatenate(uses)
        found &= at_the_same_time(pair, is_other, day[use], len(slot))
        return found

    def _asked(self, slot: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        items = self._items_of(np.concatenate([one, other]))
        places = ranges(*stretches(self.item, items))
        is_asked = np.zeros(int(slot.max()) + 1, dtype=bool)
        is_asked[slot] = True
        places = places[self.slot[places] < len(is_asked)]
        places = places[is_asked[self.slot[places]]]
        items = self.item[places]
        group, contact = self._groups_of(items), self.slot[places].astype(np.int64)
        day = self.posters["day"].gather(items).to_numpy()
        # Few of the pairs show a pause: tables are made of these alone.
        found = np.zeros(len(slot), dtype=bool)
        sides = [side.astype(np.int64) for side in (one, other, slot)]
        pause = _longest_pause(group, contact, day, *sides)
        asked = np.flatnonzero(pause >= PAUSE)
        if not len(asked):
            return found
        pairs = {"one": sides[0][asked], "other": sides[1][asked], "pause": pause[asked]}
        found[asked] = _claim_to_be_two(pl.DataFrame(pairs), self._members)
        return found

    def _members(self, groups: np.ndarray) -> pl.DataFrame:
        items = self._items_of(groups)
        return self.posters[items].with_columns(pl.Series("group", self._groups_of(items)))

    def _items_of(self, groups: np.ndarray) -> np.ndarray:
        """The items of these groups, in order."""
        are_asked = np.zeros(len(self._now), dtype=bool)
        are_asked[groups] = True
        are_asked[self._gone] = are_asked[self._now[self._gone]]
        return np.flatnonzero(are_asked.take(self.labels))

    def _groups_of(self, items: np.ndarray) -> np.ndarray:
        """The groups (Int64) of these items now."""
        groups: np.ndarray = self._now[self.labels[items]]
        return groups


def _longest_pause(
    group: np.ndarray,
    contact: np.ndarray,
    day: np.ndarray,
    one: np.ndarray,
    other: np.ndarray,
    of_pair: np.ndarray,
) -> np.ndarray:
    """Days between the last use of a contact by one group and the first by the other, below 0 where both used it at one
    time; by pairs `one`, `other`, `of_pair` (its contact). `group`, `contact`, `day`: of all uses by these.
    """
    key = (group << 32) | contact
    order = np.argsort(key, kind="stable")
    key, day = key[order], day[order].astype(np.int64)
    begin = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    first, last = np.minimum.reduceat(day, begin), np.maximum.reduceat(day, begin)
    left, right = (np.searchsorted(key[begin], (side << 32) | of_pair) for side in (one, other))
    pause: np.ndarray = np.maximum(first[right] - last[left], first[left] - last[right])
    return pause


def _sides(pairs: pl.DataFrame, told: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The pairs with what is told of both groups (group, …), that of the second with `_other` behind its name."""
    return pairs.join(told, left_on=["one", *keys], right_on=["group", *keys]).join(
        told, left_on=["other", *keys], right_on=["group", *keys], suffix="_other"
    )

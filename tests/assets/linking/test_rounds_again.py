"""Rounds gone through again where they differ give what all rounds give: invented worlds, changed day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
import pytest

from assets.linking import pairing, rounds_again, shown_rows
from assets.linking.best_partner import Joining, join_groups
from assets.linking.holders import CLAIMS
from assets.linking.round_memory import STAR, RoundMemory
from assets.linking.rounds_again import Before, Shows, join_again

KINDS = (
    ("phone", 1.0),
    ("email", 1.0),
    ("username", 1.0),
    ("image", 0.5),
    ("image", 0.5),
    ("url", 0.5),
    ("analytics", 0.5),
    ("text", 0.4),
    ("text", 0.45),
    ("terms", 0.25),
)

NOTHING_SAID: dict[str, pl.DataType] = {"site": pl.String(), "name": pl.String(), **CLAIMS}


@dataclass
class Item:
    """An item: its place in time, whose account, which contacts."""

    at: float
    account: tuple[int, int] | None
    contacts: set[int]
    nationality: int | None = None
    age: int | None = None


@dataclass
class Numbered:
    """A world by numbers: of items by id, their starting groups, uses and contacts."""

    numbers: dict[int, int]
    labels: np.ndarray
    uses: pl.DataFrame
    contacts: pl.DataFrame
    posters: pl.DataFrame


@dataclass
class World:
    """Posters with contacts of their own, stolen ones, pools of shared ones, and some that everybody shows."""

    chance: np.random.Generator
    items: dict[int, Item] = field(default_factory=dict)
    lines: set[int] = field(default_factory=set)
    days: float = 0.0
    came: int = 0

    def __post_init__(self) -> None:
        chance = self.chance
        self.count = int(chance.integers(10, 400))
        self.kinds = chance.integers(0, len(KINDS), self.count)
        popularity = chance.random(self.count) ** chance.uniform(0.2, 6)
        self.popularity = popularity / popularity.sum()
        persons = int(chance.integers(3, 90))
        self.own = [
            chance.choice(self.count, size=int(chance.integers(1, 6)), p=self.popularity)
            for _ in range(persons)
        ]
        self.pools = [chance.choice(self.count, size=3) for _ in range(3)]
        self.everybodys = chance.integers(0, self.count, 3)
        self.noise = chance.uniform(0, 0.4)

    def _some(self) -> Item:
        chance = self.chance
        person = int(chance.integers(len(self.own)))
        if chance.random() < 0.5:
            person = person**2 // len(self.own)
        contacts = {int(each) for each in self.own[person] if chance.random() < 0.6}
        if chance.random() < self.noise:
            contacts.add(int(chance.choice(self.count, p=self.popularity)))
        if chance.random() < self.noise:
            contacts.add(int(chance.choice(self.everybodys)))
        if chance.random() < 0.05:
            contacts |= {int(each) for each in self.pools[chance.integers(3)]}
        at = self.days + chance.random() if chance.random() < 0.7 else chance.random() * self.days
        has_account = chance.random() < 0.8
        account = (person, int(chance.integers(1 + person % 4))) if has_account else None
        nationality = person % 5 if chance.random() < 0.7 else None
        return Item(at, account, contacts, nationality, 20 + person % 23 if chance.random() < 0.5 else None)

    def step(self, come: int, go: int, change: int, lines: int) -> set[int]:
        """Items come (also late ones), go and change, contacts become lines or cease to be; ids of these items."""
        chance = self.chance
        self.days += 1
        going = {int(each) for each in chance.permutation(list(self.items))[:go]}
        for each in going:
            del self.items[each]
        changing = {int(each) for each in chance.permutation(list(self.items))[:change]}
        for each in changing:
            what, other = chance.random(), self._some()
            if what < 0.3:
                self.items[each].at = chance.random() * self.days
            elif what < 0.6:
                self.items[each].account = other.account
            elif what < 0.7:
                self.items[each].nationality = other.nationality
            else:
                self.items[each].contacts = other.contacts
        coming = set(range(self.came, self.came + come))
        self.items |= {each: self._some() for each in coming}
        self.came += come
        for _ in range(lines):
            self.lines ^= {int(chance.integers(self.count))}
        return going | changing | coming

    def numbered(self) -> Numbered:
        """The world as linking has it."""
        weights = [0.5 if each in self.lines else KINDS[kind][1] for each, kind in enumerate(self.kinds)]
        return numbered(self.items, [KINDS[kind][0] for kind in self.kinds], weights)


def numbered(items: dict[int, Item], kinds: Sequence[str], weights: Sequence[float]) -> Numbered:
    """Items by id as linking has them; `kinds`, `weights` of all contacts."""
    order = sorted(items, key=lambda each: (items[each].at, each))
    numbers = {each: number for number, each in enumerate(order)}
    first: dict[tuple[int, int], int] = {}
    labels = np.arange(len(order), dtype=np.int64)
    shown: list[tuple[int, int]] = []
    for each, number in numbers.items():
        account = items[each].account
        if account is not None:
            labels[number] = first.setdefault(account, number)
        shown += [(number, contact) for contact in sorted(items[each].contacts)]
    uses = pl.DataFrame(shown, schema={"item": pl.UInt32, "contact": pl.UInt64}, orient="row")
    contacts = pl.DataFrame(
        {
            "contact": np.arange(len(kinds), dtype=np.uint64),
            "kind": kinds,
            "weight": np.array(weights, dtype=np.float32),
        }
    )
    sorted_items = [items[each] for each in order]
    # A day of these worlds is a month of the rules'.
    posters = pl.DataFrame(
        {
            "day": [int(30 * each.at) for each in sorted_items],
            "site": ["site"] * len(order),
            "name": [None if each.account is None else str(each.account) for each in sorted_items],
            "nationality": [each.nationality for each in sorted_items],
            "age": [each.age for each in sorted_items],
        },
        schema={"day": pl.Int32, "site": pl.String, "name": pl.String, **CLAIMS},
    )
    return Numbered(numbers, labels, uses, contacts.join(uses, on="contact", how="semi"), posters)


def before_of(then: Numbered, joining: Joining, now: Numbered, changed: set[int]) -> Before:
    """The run before, by the numbers of now."""
    numbers = np.full(len(then.numbers), -1, dtype=np.int64)
    starts = np.full(len(now.numbers), -1, dtype=np.int64)
    for each, former in then.numbers.items():
        numbers[former] = now.numbers.get(each, -1)
    for each, former in then.numbers.items():
        if each in now.numbers:
            starts[now.numbers[each]] = numbers[then.labels[former]]
    left = [numbers[then.labels[then.numbers[each]]] for each in changed if each in then.numbers]
    sides = {side: numbers[joining.edges[side].to_numpy()] for side in ("left_item", "right_item")}
    are_there = (sides["left_item"] >= 0) & (sides["right_item"] >= 0)
    edges = joining.edges.filter(pl.Series(are_there)).with_columns(
        pl.Series(side, there[are_there].astype(np.uint32)) for side, there in sides.items()
    )
    again = np.array([now.numbers[each] for each in changed if each in now.numbers], dtype=np.int64)
    return Before(joining.memory, numbers, starts, again, np.array(left, dtype=np.int64), edges)


def joined_again(before: Before, now: Numbered) -> Joining:
    """What joining again gives, with the edges that were kept."""
    result = join_again(before, now.labels, shows_of(before.memory, now), now.posters)
    assert result is not None
    assert result.kept is not None
    return replace(result, edges=pl.concat([before.edges.filter(pl.Series(result.kept)), result.edges]))


def shows_of(memory: RoundMemory, now: Numbered) -> Shows:
    """What items show, by the slots of the memory and new ones."""
    then = memory.slots.with_columns(pl.col("kind").cast(pl.String))
    kept = then.join(now.contacts, on="contact", how="left", maintain_order="left", suffix="_now")
    new = now.contacts.join(then, on="contact", how="anti")
    slots = pl.concat(
        [
            kept.select(
                "contact", pl.coalesce("kind_now", "kind"), pl.coalesce("weight_now", "weight")
            ).rename({"kind_now": "kind", "weight_now": "weight"}),
            new.select("contact", "kind", "weight"),
        ]
    )
    weight = np.append(then["weight"].to_numpy(), new["weight"].to_numpy())
    uses = now.uses.join(slots.select("contact").with_row_index("slot"), on="contact").sort("item", "slot")
    return Shows(
        slots.with_columns(pl.col("kind").cast(memory.slots["kind"].dtype)),
        slots["weight"].to_numpy() != weight,
        uses["item"].to_numpy(),
        uses["slot"].to_numpy(),
    )


def spelled(frame: pl.DataFrame, memory: RoundMemory | None = None) -> pl.DataFrame:
    """A frame in a fixed order, floats as far as they are told, slots by their contacts."""
    if memory is not None:
        frame = frame.with_columns(memory.slots["contact"].gather(frame["slot"]).alias("slot"))
    frame = frame.with_columns(pl.col(pl.Float64).round(9))
    return frame.sort(frame.columns)


def those_that_stand(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that stand, where others may be among them."""
    return frame.filter("stands").drop("stands") if "stands" in frame.columns else frame


def wide_by_round(memory: RoundMemory) -> list[dict[int, tuple[int, int]]]:
    """What contacts on many groups are good for in each round, and for a star its holder."""
    rounds, now = [], {}
    last = min(max(memory.round_joins["round"].to_list(), default=0) + 1, 10)
    for number in range(1, last + 1):
        frame = memory.wide_contacts.filter(pl.col("round") == number)
        for contact, use, holder in spelled(frame.drop("round"), memory).iter_rows():
            now[contact] = (use, holder if use == STAR else 0)
        rounds.append({contact: what for contact, what in now.items() if what[0]})
    return rounds


def assert_same(result: Joining, plain: Joining, where: tuple[int, int]) -> None:
    """What is joined, told and remembered is the same."""
    assert np.array_equal(result.labels, plain.labels), where
    assert spelled(result.edges).equals(spelled(plain.edges)), where
    for name in ("round_joins", "round_pairs", "round_marks"):
        own, expected = getattr(result.memory, name), getattr(plain.memory, name)
        if name != "round_marks":
            own, expected = (spelled(those_that_stand(each)) for each in (own, expected))
        assert own.equals(expected), (*where, name)
    own, expected = (
        spelled(those_that_stand(memory.shown_rows), memory) for memory in (result.memory, plain.memory)
    )
    assert own.equals(expected), where
    assert wide_by_round(result.memory) == wide_by_round(plain.memory), where


def compare(seed: int, days: int = 5) -> int:
    """Several days; returns how many edges were kept as they were."""
    chance = np.random.default_rng(seed)
    world, kept = World(chance), 0
    then: tuple[Numbered, Joining] | None = None
    for day in range(days):
        few = [int(chance.integers(most)) if chance.random() < 0.7 else 0 for most in (20, 4, 6, 3)]
        changed = world.step(*(few if day else [int(chance.integers(5, 260)), 0, 0, 3]))
        now = world.numbered()
        plain = join_groups(now.labels, now.contacts, now.uses, now.posters)
        result: Joining | None = plain
        if then is not None and then[1].memory.shown_rows.height:
            before = before_of(*then, now, changed)
            result = joined_again(before, now)
            assert_same(result, plain, (seed, day))
            kept += result.edges.join(before.edges, on=result.edges.columns, how="semi").height
        assert result is not None
        then = now, result
    return kept


def a_day_later(
    kinds: str,
    items: dict[int, tuple[int, set[int]]],
    later: Mapping[int, tuple[int, set[int]] | None],
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Joining, Joining]:
    """Join items (account, contacts) by id; then some are others, come, or go (None): what was joined before, and now.

    `kinds`: of each contact: p(hone) or u(rl).
    """
    monkeypatch.setattr(rounds_again, "MOST", 2.0)
    monkeypatch.setattr(rounds_again, "FEW", -1)
    named = [{"p": "phone", "u": "url"}[kind] for kind in kinds]
    weights = [{"p": 1.0, "u": 0.5}[kind] for kind in kinds]
    told = {**items, **later}
    then, now = (
        numbered(
            {each: Item(each, (what[0], 0), what[1]) for each, what in world.items() if what is not None},
            named,
            weights,
        )
        for world in (items, told)
    )
    joined = join_groups(then.labels, then.contacts, then.uses, then.posters)
    before = before_of(then, joined, now, set(later))
    result = joined_again(before, now)
    assert_same(result, join_groups(now.labels, now.contacts, now.uses, now.posters), (0, 0))
    return joined, result


@pytest.mark.parametrize(
    ("seeds", "few"),
    [
        ((0, 1004, 1005), -1),
        ((1004,), rounds_again.FEW),
        pytest.param(range(1000, 1080), -1, marks=pytest.mark.slow),
        pytest.param(range(1080, 1100), rounds_again.FEW, marks=pytest.mark.slow),
    ],
)
def test_rounds_again_give_what_all_rounds_give(
    seeds: Sequence[int], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds_again, "MOST", 2.0)
    # Late rounds look at whoever may join, or at whom something that differs concerns.
    monkeypatch.setattr(rounds_again, "FEW", few)
    assert sum(compare(seed) for seed in seeds) > 5 * len(seeds)


def test_where_most_differs_all_rounds_are_gone_through() -> None:
    world = World(np.random.default_rng(3))
    world.step(60, 0, 0, 0)
    then = world.numbered()
    joining = join_groups(then.labels, then.contacts, then.uses, then.posters)
    changed = world.step(200, 0, 0, 0)
    now = world.numbered()
    before = before_of(then, joining, now, changed)
    assert join_again(before, now.labels, shows_of(before.memory, now), now.posters) is None


def test_whoever_holds_a_contact_of_many_leads_to_himself_alone() -> None:
    # Item 0 and 13 others, each with a number of their own, show an address that the first one's items hold; two of
    # the others share a number, too. That they both show the address says nothing about these two.
    others = range(20, 33)
    shown = [(item, 0) for item in [*range(20), *others]]
    shown += [(item, 1 + item) for item in [0, *others]] + [(20, 100), (21, 100)]
    labels = np.array([0] * 20 + list(others), dtype=np.int64)
    uses = pl.DataFrame(shown, schema={"item": pl.UInt32, "contact": pl.UInt64}, orient="row")
    contacts = uses.select("contact").unique().sort("contact")
    is_address = pl.col("contact") == 0
    contacts = contacts.with_columns(
        pl.when(is_address).then(pl.lit("url")).otherwise(pl.lit("phone")).alias("kind"),
        pl.when(is_address).then(0.5).otherwise(1.0).cast(pl.Float32).alias("weight"),
    )
    nobody = pl.DataFrame(
        {"day": [0] * len(labels)},
        schema={"day": pl.Int32},
    ).with_columns(pl.lit(None, kind).alias(name) for name, kind in NOTHING_SAID.items())
    pairs = join_groups(labels, contacts, uses, nobody).memory.round_pairs
    assert pairs.select("smaller", "larger", "things", "weight").rows() == [(21, 20, 1, 1.0)]


def test_what_is_told_of_a_join_is_what_is_rarest_now(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two share a number and four addresses, of which two are told. A stranger shows one of these, too, later.
    both = {0, 2, 3, 4, 5}
    joined, result = a_day_later(
        "ppuuuu", {0: (0, both), 1: (0, {0}), 2: (1, both)}, {3: (2, {1, 2})}, monkeypatch
    )
    told = [sorted(each.edges.filter(pl.col("weight") < 1)["contact"]) for each in (joined, result)]
    assert told == [[2, 3], [3, 4]]


@pytest.mark.parametrize("come", [False, True])
def test_who_holds_a_contact_of_many_is_asked_again_where_only_others_changed(
    come: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One shows an address on two items of 25, which is no tenth of them, or of 19. Another shows the address and his
    # number, and is neither new nor changed; whoever comes or goes is a stranger to both.
    few = {0: (0, {0, 1}), 1: (0, {0}), 2: (1, {0, 1}), **{each: (each, {0, each}) for each in range(3, 19)}}
    more = {each: (each, {0, each}) for each in range(19, 25)}
    kinds = "u" + 24 * "p"
    if come:
        joined, result = a_day_later(kinds, few, more, monkeypatch)
    else:
        joined, result = a_day_later(kinds, few | more, dict.fromkeys(more), monkeypatch)
    counts = [those_that_stand(each.memory.round_pairs)["things"].to_list() for each in (joined, result)]
    assert counts == ([[2], [1]] if come else [[1], [2]])


def test_whoever_is_left_alone_with_a_contact_joins_nobody_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # One item with two numbers, one of them another's, who shows it no more later.
    joined, result = a_day_later(
        "ppp", {0: (0, {0}), 1: (0, {0, 1}), 2: (1, {1, 2})}, {1: (0, {0})}, monkeypatch
    )
    assert joined.labels.tolist() == [0, 0, 0]
    assert result.labels.tolist() == [0, 0, 2]


@pytest.mark.parametrize("shares_it", [False, True])
def test_a_group_of_several_that_is_left_alone_joins_nobody_by_it(
    shares_it: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two accounts are joined in the first round, and in the second join a larger one by a number that the younger one,
    # or both, show. Later that one shows another number.
    one, other = ({0, 1}, {0}) if shares_it else ({1, 2}, {0, 2})
    items = {
        0: (0, one),
        1: (0, one),
        2: (1, other),
        3: (1, other),
        **{each: (2, {0}) for each in range(4, 9)},
    }
    later = {each: (2, {3}) for each in range(4, 9)}
    joined, result = a_day_later("pppp", items, later, monkeypatch)
    assert joined.memory.round_joins["round"].to_list() == [1, 2]
    assert joined.labels.tolist() == [0] * 9
    assert result.labels.tolist() == [0] * 4 + [4] * 5


def test_whoever_joined_the_holder_of_a_contact_joins_nobody_when_everybody_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (pairing, shown_rows):
        monkeypatch.setattr(module, "MAX_STAR", 20)
    items = {each: (each, {0, 1 + each}) for each in range(20)}
    joined, result = a_day_later(22 * "p", items, {20: (20, {0, 21})}, monkeypatch)
    assert joined.labels.tolist() == [0] * 20
    assert result.labels.tolist() == list(range(21))


def test_a_group_that_an_item_left_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of two items under an account the younger one goes: what the other one shows is a single item's now.
    items = {0: (0, {0}), 1: (0, {1}), 2: (1, {0, 2})}
    joined, result = a_day_later("ppp", items, {1: None}, monkeypatch)
    assert joined.labels.tolist() == [0, 0, 0]
    assert result.labels.tolist() == [0, 0]

"""What sites have in common, followed from day to day: counts are changed by what came, went, changed or moved.

The same as `site_shares.shared_by_sites` gathers from everything, by the numbers of `standing`. Of what stands on few
sites it is remembered on which (`things_on_sites`) and who shows it on two of them; of actors, on which sites they are.
Looked at again are changed items, items that belong to another actor now, whoever shows a thing of theirs on several
sites, and actors that were told again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from assets.linking.accounts import account
from assets.linking.moved import Moved
from assets.linking.phone_regions import calling_code
from assets.linking.site_evidence import (
    MAX_SITES_OF_AN_IDENTIFIER,
    PRESENT,
    SEVERAL,
    hosts_of,
    names_on_sites,
    observations_of,
)
from assets.linking.site_trades import ADULT, WORK
from assets.linking.standing import ACTOR_SITES, CROSSINGS, HOLDERS, SITES, Standing
from assets.linking.things_on_sites import (
    NAME,
    ON_BOTH,
    RARE,
    SHARED,
    TEXT,
    THINGS,
    Runs,
    Things,
    add_things,
    is_strong,
    kind_number,
    on_both_sites,
    rare_things,
    replaced_rows,
    rows_among,
    rows_of,
    summed,
    things_of_pairs,
)

# Rows, and things on several sites, that are taken up at once.
_ROWS_AT_A_TIME = 1_000_000
_THINGS_AT_A_TIME = 250_000


@dataclass(frozen=True)
class Told:
    """What the values of identifiers tell, by their numbers: `countries` (key, country: UInt16) of phone numbers, and
    `ADDRESSES`."""

    countries: pl.DataFrame
    addresses: pl.DataFrame


def told_by_values(identifiers: pl.DataFrame) -> Told:
    """What values tell of identifiers (key, kind, value; each once)."""
    phones = identifiers.filter(pl.col("kind") == "phone").select("key", pl.col("value").alias("number"))
    hosts = hosts_of(identifiers.select(pl.col("key").alias("identifier_id"), "kind", "value"))
    return Told(
        phones.select("key", calling_code().cast(pl.UInt16).alias("country")).drop_nulls(),
        hosts.select(pl.col("identifier_id").alias("key"), pl.col("target").hash().alias("host")).sort("key"),
    )


def follow_sites(
    standing: Standing, moved: Moved, after: Standing, is_dirty: np.ndarray, told: Told
) -> Standing:
    """`after` with what its sites show (`SITES`, `THINGS`, `RARE`, `ON_BOTH`, `HOLDERS`, `CROSSINGS`, `ACTOR_SITES`,
    `ADDRESSES`).

    `standing` is the state before, `moved` what changed, `is_dirty` says which labels
    (bool) were looked at again. `told`: what the identifiers that changed items show tell.
    """
    came, went = after.items["site"][moved.now].unique(), standing.site_numbers["site"]
    sites = pl.concat([went, came.filter(~came.is_in(went.implode())).sort()])
    concerned = np.union1d(moved.now, moved.other)
    shown = _identifiers(after, concerned)
    sides = (
        _Side(standing, moved.before, -1, _identifiers(standing, moved.before), sites),
        _Side(after, moved.now, 1, _of_items(shown, after, moved.now), sites),
    )
    names = (standing.items["name"][moved.before], after.items["name"][concerned])
    keys = [sides[0].shown["key"], shown["key"], *names]
    del shown
    after = replace(
        _with_things(standing, after, sides, _countries(standing, after, sides[1], told)),
        site_numbers=_sites(standing, sides),
        addresses=replaced_rows(
            standing.addresses, rows_of(standing.addresses, told.addresses["key"].to_numpy()), told.addresses
        ),
    )
    if standing.things.is_empty():
        again = after.things["key"].to_numpy()[Runs(after.things).several()]
    else:
        again = pl.concat(keys).drop_nulls().unique().sort().to_numpy()
    del sides, keys
    holders, crossings = _shown_on_several(standing, moved.renumbered, after, again)
    after = replace(after, holders=holders, crossings=crossings)
    return replace(after, actor_sites=_actor_sites(standing, moved.renumbered, after, is_dirty))


class _Side:
    """Changed items as they were (`sign` -1) or are (1): their `numbers`, the number of the site of each item (only
    theirs are told), and what they have `shown` (item, key, what), names and texts apart (`others`)."""

    def __init__(
        self, state: Standing, numbers: np.ndarray, sign: int, shown: pl.DataFrame, sites: pl.Series
    ) -> None:
        self.numbers, self.sign, self.shown, self.sites = numbers, sign, shown, sites
        self.of_items = np.zeros(state.items.height, dtype=np.uint32)
        self.of_items[numbers] = _site_numbers(state, numbers, sites)
        self.others = pl.concat([_names(state, numbers), _texts(state, numbers)])
        self.is_alone = ~state.items["is_placed"].to_numpy()[numbers]
        self.trades = state.items["trade"].to_numpy()[numbers]


def _of_items(shown: pl.DataFrame, state: Standing, numbers: np.ndarray) -> pl.DataFrame:
    """The rows (item, …) of these items."""
    if len(numbers) == state.items.height:
        return shown
    chosen = np.zeros(state.items.height, dtype=bool)
    chosen[numbers] = True
    return shown.filter(pl.Series(chosen.take(shown["item"].to_numpy())))


def _identifiers(state: Standing, numbers: np.ndarray) -> pl.DataFrame:
    """The identifiers that these items show: item, key, what."""
    shown = _of_items(state.mentions.select("item", "shown", "kind", "stands"), state, numbers)
    what = pl.col("kind").to_physical().alias("what")
    return shown.filter("stands").select("item", pl.col("shown").alias("key"), what).drop_nulls("key")


def _site_numbers(state: Standing, numbers: np.ndarray, sites: pl.Series) -> np.ndarray:
    """The numbers (UInt32) of the sites of these items."""
    of_sites = (
        pl.DataFrame({"site": sites}).with_row_index("number").with_columns(pl.col("number").cast(pl.UInt32))
    )
    shown = state.items.select("site")[numbers].join(of_sites, on="site", how="left", maintain_order="left")
    return shown["number"].to_numpy()


def _sites(standing: Standing, sides: tuple[_Side, _Side]) -> pl.DataFrame:
    """`SITES`: items, those of nobody, of either trade, and with a measuring id are counted anew where they changed."""
    sites = sides[0].sites
    names = [name for name in SITES if name != "site"]
    counts = standing.site_numbers.select(names).to_numpy().astype(np.int64)
    counts = np.concatenate([counts, np.zeros((len(sites) - len(counts), len(names)), dtype=np.int64)])
    for side in sides:
        measured = side.shown.filter(pl.col("what") == kind_number("analytics"))["item"].unique()
        counted = {
            "alone": side.numbers[side.is_alone],
            "measured": measured.to_numpy(),
            "items": side.numbers,
            "adult": side.numbers[side.trades == ADULT],
            "work": side.numbers[side.trades == WORK],
        }
        for column, name in enumerate(names):
            counts[:, column] += side.sign * np.bincount(side.of_items[counted[name]], minlength=len(sites))
    return pl.DataFrame(
        {"site": sites} | {name: counts[:, place] for place, name in enumerate(names)}
    ).select(pl.col(name).cast(kind) for name, kind in SITES.items())


def _countries(standing: Standing, after: Standing, now: _Side, told: Told) -> pl.DataFrame:
    """The countries of numbers that are told; and of those that were only spoken of so far (`quoting`)."""
    if not standing.mentions["shown"].null_count():
        return told.countries
    keys = now.shown["key"].unique().implode()
    untold = after.identifiers.filter(
        pl.col("key").is_in(keys), ~pl.col("key").is_in(told.countries["key"].implode())
    )
    return pl.concat([told.countries, told_by_values(untold.select("key", "kind", "value")).countries])


def _with_things(
    standing: Standing, after: Standing, sides: tuple[_Side, _Side], countries: pl.DataFrame
) -> Standing:
    """`after` with `THINGS`, `RARE` and `ON_BOTH`: what changed items showed taken out, what they show put in."""
    parts = max(sum(side.shown.height for side in sides) // _ROWS_AT_A_TIME, 1)
    bounds = [2**64 * part // parts for part in range(parts)]
    merged = []
    rare, both = [(1, standing.rare_things)], [(1, standing.things_of_pairs)]
    for low, high in zip(bounds, [*bounds[1:], 2**64], strict=True):
        here = pl.col("key").is_between(low, high - 1) if parts > 1 else pl.lit(True)
        counted = (
            pl.concat(
                _changes(side, rows.filter(here)) for side in sides for rows in (side.shown, side.others)
            )
            .group_by("key", "site", "what")
            .agg(pl.col("items").sum())
            .filter(pl.col("items") != 0)
            .join(countries, on="key", how="left")
            .with_columns(pl.col("country").fill_null(0))
        )
        stood = standing.things_on_sites
        things, *touched = add_things(
            stood.between(low, high - 1) if parts > 1 else stood, counted.select(*THINGS)
        )
        merged.append(things)
        for sign, rows in zip((-1, 1), touched, strict=True):
            rare.append((sign, rare_things(rows)))
            both.append((sign, things_of_pairs(rows)))
    return replace(
        after,
        things=pl.concat([each.whole for each in merged], rechunk=len(merged) > 1),
        changed_things=pl.concat([each.changed for each in merged]),
        rare_things=summed(rare, RARE, "things"),
        things_of_pairs=summed(both, ON_BOTH, *SHARED),
    )


def _changes(side: _Side, shown: pl.DataFrame) -> pl.DataFrame:
    """How what is shown (item, key, what) changes the counts: key, site, what, items; measuring ids once an item."""
    measuring = pl.col("what") == kind_number("analytics")
    once = pl.concat([shown.filter(~measuring), shown.filter(measuring).unique()])
    return once.select(
        "key",
        pl.Series("site", side.of_items[once["item"].to_numpy()]),
        "what",
        pl.lit(side.sign, pl.Int64).alias("items"),
    )


def _names(state: Standing, numbers: np.ndarray) -> pl.DataFrame:
    """The account names of these items that say whose they are: item, key, what."""
    named = state.items.select("site", "account")[numbers]
    telling = names_on_sites(named.with_columns(pl.Series("item_id", numbers.astype(np.uint32))))
    return telling.select(
        pl.col("item_id").alias("item"), pl.col("key").hash(), pl.lit(NAME, pl.UInt8).alias("what")
    )


def _texts(state: Standing, numbers: np.ndarray) -> pl.DataFrame:
    """The near-duplicate texts of these items: item, key, what."""
    texts = state.items.select(pl.col("text").alias("key"))[numbers]
    return texts.select(
        pl.Series("item", numbers.astype(np.uint32)), "key", pl.lit(TEXT, pl.UInt8).alias("what")
    ).drop_nulls("key")


def _shown_on_several(
    standing: Standing, renumbered: np.ndarray, after: Standing, keys: np.ndarray
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`HOLDERS` and `CROSSINGS`, looked at again for things with these keys (sorted)."""
    holders, crossings = [pl.DataFrame(schema=HOLDERS)], [pl.DataFrame(schema=CROSSINGS)]
    for shown in _on_several(after.things_on_sites, keys):
        users = _users(after, shown["key"].unique().to_numpy())
        both = on_both_sites(shown).with_columns(is_strong().alias("is_strong"))
        observed = observations_of(both, users).drop_nulls("holder")
        holders.append(observed.select(*HOLDERS))
        strong = shown.filter(is_strong() & (pl.col("what") != NAME)).select("key", "site")
        again = users.join(strong, on=["key", "site"], how="semi").filter(
            pl.len().over("key", "actor_id") > 1
        )
        crossings.append(again.select("key", pl.col("actor_id").alias("label"), "site"))
    kept = []
    for name, label, rows in (("holders", "holder", holders), ("crossings", "label", crossings)):
        stood: pl.DataFrame = getattr(standing, name)
        gone = rows_of(stood, keys)
        # The actors of the others are the same; what is gone had one of the keys.
        numbers = renumbered[stood[label].to_numpy()].clip(0).astype(np.uint32)
        kept.append(
            replaced_rows(stood.with_columns(pl.Series(label, numbers)), gone, pl.concat(rows).sort("key"))
        )
    return kept[0], kept[1]


def _on_several(things: Things, keys: np.ndarray) -> Iterator[pl.DataFrame]:
    """The rows (`THINGS`) of those of the keys (sorted) that are on two to five sites; texts are nobody's."""
    for first in range(0, len(keys), _THINGS_AT_A_TIME):
        shown = things.of(keys[first : first + _THINGS_AT_A_TIME])
        sizes = Runs(shown).sizes
        several = (sizes > 1) & (sizes <= MAX_SITES_OF_AN_IDENTIFIER)
        yield shown.filter(pl.Series(np.repeat(several, sizes)) & (pl.col("what") != TEXT))


def _users(after: Standing, keys: np.ndarray) -> pl.DataFrame:
    """Which actors show these things where: key, site, actor_id (the actor's number)."""
    items = after.items
    shown = pl.concat(
        [
            rows_among(after.mentions.select("item", pl.col("shown").alias("key"), "stands"), "key", keys)
            .filter("stands")
            .drop("stands"),
            rows_among(
                items.select(
                    pl.int_range(pl.len(), dtype=pl.UInt32).alias("item"), pl.col("name").alias("key")
                ),
                "key",
                keys,
            ),
        ]
    )
    numbers = shown["item"].to_numpy()
    return (
        shown.select(
            "key",
            pl.Series("site", _site_numbers(after, numbers, after.site_numbers["site"])),
            pl.Series("actor_id", items["label"].to_numpy()[numbers]),
        )
        .filter(items["is_placed"].gather(numbers))
        .unique()
    )


def _actor_sites(
    standing: Standing, renumbered: np.ndarray, after: Standing, is_dirty: np.ndarray
) -> pl.DataFrame:
    """`ACTOR_SITES`, told again for the dirty labels."""
    former = renumbered[standing.actor_sites["label"].to_numpy()]
    stays = former >= 0
    stays[stays] = ~is_dirty[former[stays]]
    kept = standing.actor_sites.filter(pl.Series(stays)).with_columns(
        pl.Series("label", former[stays].astype(np.uint32))
    )
    labels = after.items["label"].to_numpy()
    again = is_dirty[labels] & after.items["is_placed"].to_numpy()
    parts = max(int(again.sum()) // _ROWS_AT_A_TIME, 1)
    told = [kept.select(*ACTOR_SITES)]
    for part in range(parts):
        low, high = (len(labels) * end // parts for end in (part, part + 1))
        numbers = (
            np.flatnonzero(again & (labels >= low) & (labels < high)) if parts > 1 else np.flatnonzero(again)
        )
        told.append(_on_sites(after, numbers, labels))
    return pl.concat(told)


def _on_sites(after: Standing, numbers: np.ndarray, labels: np.ndarray) -> pl.DataFrame:
    """`ACTOR_SITES` of the actors with these items, all of them."""
    held = (
        after.items.select("account")[numbers]
        .select(account())
        .select(
            pl.Series("label", labels[numbers]),
            pl.Series("site", _site_numbers(after, numbers, after.site_numbers["site"])),
            # An item without account counts as one.
            pl.when(pl.col("account").is_not_null())
            .then(pl.col("account").hash())
            .otherwise(pl.Series(numbers.astype(np.uint64)))
            .alias("holder"),
        )
        .unique()
    )
    on_sites = held.group_by("label", "site").agg(pl.len().alias("accounts"))
    counted = on_sites.group_by("label").agg(pl.col("accounts").sum())
    # One account is on one site; of two, numbers decide.
    doubtful = np.zeros(len(labels), dtype=bool)
    doubtful[counted.filter(pl.col("accounts").is_between(PRESENT, SEVERAL - 1))["label"].to_numpy()] = True
    shown = after.held.filter(pl.Series(doubtful.take(after.held["label"].to_numpy())) & pl.col("belongs"))
    phones = shown.filter(pl.Series(after.things_on_sites.are_of_kind(shown["key"].to_numpy(), "phone")))
    numbers_of = phones.group_by("label").agg(pl.len().alias("numbers"))
    several = pl.concat(
        [
            counted.filter(pl.col("accounts") >= SEVERAL)["label"],
            numbers_of.filter(pl.col("numbers") >= SEVERAL)["label"],
        ]
    )
    return on_sites.select(
        "label",
        "site",
        (pl.col("accounts") >= PRESENT).alias("is_present"),
        pl.col("label").is_in(several.implode()).alias("is_several"),
    )
